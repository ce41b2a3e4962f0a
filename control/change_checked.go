package control

import (
	"slices"
	"strings"
	"time"
)

// changesChecked: one finding for each change, on whether every check that was
// required of what was merged had ended well. It reads what changesReviewed reads,
// and rules (forge/branch-rule) at every run of the period.
//
// The code host lists the checks that ran. One that the branch's rules ask for and
// that never ran is on no list of a pull request: an administrator merged around it.
func changesChecked(in joining) []Finding {
	asked := demandsOf(in)
	return judgeChanges(in, func(c change, f *Finding, value map[string]any) {
		switch {
		case c.pull == nil && c.unknown != "":
			f.Verdict, f.Reason = NotEvaluated, c.unknown
			return
		case c.pull == nil:
			f.Verdict, f.Reason = NotApplicable, "it came by no pull request, which is another check's matter"
			return
		}
		good, bad, ran, unknown := c.pull.checks()
		if unknown == "" || len(bad) > 0 {
			missing, doubt := asked.missing(c.Region, c.pull.time("mergedAt"), ran)
			bad = append(bad, missing...)
			unknown = first(unknown, doubt)
		}
		value["required"], value["not_green"] = anys(good), anys(bad)
		switch {
		case len(bad) > 0:
			f.Verdict = Fail
		case unknown != "":
			f.Verdict, f.Reason = NotEvaluated, unknown
		case len(good) == 0:
			f.Verdict, f.Reason = NotApplicable, "no check was required of it"
		default:
			f.Verdict = Pass
		}
	})
}

// A demand is which checks a branch's rules asked for when a run looked.
type demand struct {
	at      time.Time
	run     string
	checks  []string
	unknown string // why it is not known; "" when it is
}

// demands are those of every run that asked, by repository, oldest first.
type demands map[string][]demand

func demandsOf(in joining) demands {
	out := demands{}
	for _, run := range append(slices.Clone(in.Past), in) {
		l := run.With["rules"]
		for _, cell := range run.Of.Cells {
			d := demand{at: run.At, run: run.Run, unknown: l.of(cell.Region).refused()}
			for _, it := range l.Items {
				if it.Region == cell.Region {
					d.read(it)
				}
			}
			out[cell.Region] = append(out[cell.Region], d)
		}
	}
	return out
}

// read adds what one branch's rules ask for, of both kinds a code host has.
func (d *demand) read(it Located) {
	for _, part := range []string{"branchProtectionRule", "rules"} {
		v, known := field(it, part)
		if !known {
			d.unknown = first(d.unknown, notAnswered(part+" of "+it.ID))
		}
		r := written(fieldsOf(v))
		if r.bool("requiresStatusChecks") {
			d.checks = append(d.checks, r.texts("requiredStatusCheckContexts")...)
		}
		list, _ := r["nodes"].([]any)
		for _, n := range list {
			rule := written(fieldsOf(n))
			if rule.text("type") != "REQUIRED_STATUS_CHECKS" {
				continue
			}
			wanted, said := fieldsOf(rule["parameters"])["requiredStatusChecks"].([]any)
			if !said {
				d.unknown = first(d.unknown, notAnswered("the checks a rule of "+it.ID+" asks for"))
			}
			for _, c := range wanted {
				d.checks = append(d.checks, written(fieldsOf(c)).text("context"))
			}
		}
	}
}

// missing are the checks the rules asked for, at the run before a merge and at the
// one after it, that did not run, or ended badly and count as required no more. doubt
// says what is not known of that: where the two runs differ about such a check, the
// rules may have come or gone before it was merged.
func (all demands) missing(repository string, merged time.Time, ran map[string][]string) (missing []string, doubt string) {
	var before, after *demand
	for i := range all[repository] {
		d := &all[repository][i]
		if !d.at.After(merged) {
			before = d
		} else if after == nil {
			after = d
		}
	}
	if before == nil && after == nil || merged.IsZero() {
		return nil, notAnswered("which checks the branch's rules asked for")
	}
	sides := []*demand{before, after}
	for _, d := range sides {
		if d == nil {
			continue
		}
		doubt = first(doubt, d.unknown)
		for _, check := range d.checks {
			ends := slices.Compact(slices.Sorted(slices.Values(ran[check])))
			how := "it never ran"
			switch {
			case len(ends) == 1 && ends[0] == "":
				continue
			case len(ends) > 1 && ends[0] == "":
				doubt = first(doubt, notAnswered("how "+check+" ended before the merge: well, and also "+strings.Join(ends[1:], ", ")))
				continue
			case len(ends) > 0:
				how = "it ended otherwise than well: " + strings.Join(ends, ", ")
			}
			both := before != nil && after != nil && slices.Contains(before.checks, check) && slices.Contains(after.checks, check)
			switch said := check + ": required by the branch's rules, and " + how; {
			case both && !slices.Contains(missing, said):
				missing = append(missing, said)
			case !both:
				doubt = first(doubt, notAnswered("whether "+check+" was required when it was merged ("+how+"): the rules asked for it at "+d.run+", and not, or nobody looked, on the other side of the merge"))
			}
		}
	}
	return missing, doubt
}
