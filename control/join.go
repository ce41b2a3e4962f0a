package control

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"exhibit/evidence"
)

// A join is a check that an expression could not hold: it looks at whole
// populations of all accounts at once and returns one finding for each member of
// its own population. It is pure, and never reads "not listed" as "not there":
// what it could not see it must ask listing.refused about.
type join func(joining) []Finding

// joining is what a join looks at.
type joining struct {
	Of     listing
	With   map[string]listing // by the check's variables
	Params written
	Period Period
	AsOf   time.Time
	At     time.Time // when the evidence was collected; AsOf when not known
	// CountedTo says what AsOf is: "2026-06-30, the day of the run".
	CountedTo string
	Run       string
	// responses are the grave findings the runs so far saw, with what answers them.
	responses func() Responses
	// Past is what the earlier runs of the period saw, oldest first; only for a
	// check over the period.
	Past []joining
	// told are, by variable, what all runs of the period that asked were told of a source
	// whose answers the provider deletes: captures too, which Past leaves out, for they
	// leave the rest as the run before was told. Only for a check over the period.
	told map[string][]listing
}

// everyRun is what the runs of the period were told of a variable's source, oldest first;
// of the population's own for "".
func (in joining) everyRun(variable string) (out []listing) {
	if told, have := in.told[variable]; have {
		return told
	}
	for _, run := range append(in.Past[:len(in.Past):len(in.Past)], in) {
		if variable == "" {
			out = append(out, run.Of)
		} else {
			out = append(out, run.With[variable])
		}
	}
	return out
}

// A listing is all items of a source, with the cells that were not listed whole.
type listing struct {
	Source  string
	Items   []Located
	Cells   []evidence.Cell
	Missing []evidence.Cell // not answered, or not asked where the rest of the place was
}

// refused says what of the listing is not known; "" when it is whole.
func (l listing) refused() string {
	if len(l.Cells) == 0 && !alwaysRead(l.Source) {
		return notAnswered(l.Source + " (never asked)")
	}
	var why []string
	for _, c := range l.Missing {
		why = append(why, cellCause(c))
	}
	if len(why) == 0 {
		return ""
	}
	return notAnswered(why...)
}

// refusedIn is refused for one account alone.
func (l listing) refusedIn(account string) string {
	return l.part(func(c evidence.Cell) bool { return c.Account == account }).refused()
}

// of is the part of a listing that one repository has.
func (l listing) of(repository string) listing {
	return l.part(func(c evidence.Cell) bool { return c.Region == repository })
}

// in are the items of one repository.
func (l listing) in(repository string) (out []Located) {
	for _, it := range l.Items {
		if it.Region == repository {
			out = append(out, it)
		}
	}
	return out
}

// part is a listing's cells alone, as far as keep says.
func (l listing) part(keep func(evidence.Cell) bool) listing {
	out := listing{Source: l.Source}
	for _, c := range l.Cells {
		if keep(c) {
			out.Cells = append(out.Cells, c)
		}
	}
	for _, c := range l.Missing {
		if keep(c) {
			out.Missing = append(out.Missing, c)
		}
	}
	return out
}

// refusedAt says what of the listing is not known at one place; "" when it is
// whole there. A place left out of scope is not known.
func (l listing) refusedAt(at place) string {
	why := l.Source + " in " + at.String() + " (never asked)"
	for _, c := range l.Cells {
		if (place{c.Account, c.Region}) == at {
			why = ""
			if !c.State.Answered() || c.State == evidence.OutOfScope {
				return cellCause(c)
			}
		}
	}
	return why
}

func (w *world) listing(source string) listing {
	l := listing{Source: source, Items: w.items(source), Cells: w.planned(source)}
	for _, c := range l.Cells {
		if !w.says(c) {
			l.Missing = append(l.Missing, c)
		}
	}
	return l
}

// joined runs the join. Cells of its population that were not listed are findings
// of their own.
func (j *judging) joined() {
	in := j.seenBy(j.w)
	if j.check.Over == "period" {
		for _, b := range j.w.before {
			if b.looksAt(j.check) { // a capture leaves who can get in as the run before was told
				in.Past = append(in.Past, j.seenBy(b))
			}
		}
		in.told = j.told()
	}
	if j.nothingToJudge(j.check.Of, in.Of.Cells) {
		return
	}
	if j.check.Over == "period" && slices.ContainsFunc(j.w.keeps, func(k Retention) bool { return k.Source == j.check.Of }) {
		j.unseen(j.check.Of)
	}
	for _, c := range in.Of.Cells {
		if left(c) {
			j.res.Excluded = append(j.res.Excluded, c)
		}
	}
	for _, c := range in.Of.Missing {
		if !left(c) {
			j.unlisted(c)
		}
	}
	j.res.Findings = append(j.res.Findings, j.join(in)...)
}

// told gathers what every run, a capture too, was told of the sources whose answers the
// provider deletes: the population's own under "".
func (j *judging) told() map[string][]listing {
	var out map[string][]listing
	for _, v := range append([]string{""}, j.with...) {
		source := j.check.With[v]
		if v == "" {
			source = j.check.Of
		}
		if !slices.ContainsFunc(j.w.keeps, func(k Retention) bool { return k.Source == source && k.Days > 0 }) {
			continue
		}
		if out == nil {
			out = map[string][]listing{}
		}
		out[v] = []listing{}
		for _, b := range append(j.w.before[:len(j.w.before):len(j.w.before)], j.w) {
			if cells := b.planned(source); b == j.w || slices.ContainsFunc(cells, b.askedHere) {
				out[v] = append(out[v], b.listing(source))
			}
		}
	}
	return out
}

// seenBy is what one run saw.
func (j *judging) seenBy(w *world) joining {
	asOf, countedTo, at := w.dayOf(j.check)
	in := joining{
		Of: w.listing(j.check.Of), With: map[string]listing{}, Params: j.params(),
		Period: w.period, AsOf: asOf, At: at, CountedTo: countedTo, Run: w.Run, responses: w.responses,
	}
	if months := w.own.months(j.check); months > 0 {
		in.Params = maps.Clone(in.Params)
		in.Params["months"] = json.Number(strconv.Itoa(months))
	}
	if j.check.Join == "production-changed-by-pipeline" && len(w.own.Pipeline.Identities) > 0 {
		in.Params = maps.Clone(in.Params)
		maps.Copy(in.Params, w.own.Pipeline.params())
	}
	for _, v := range j.with {
		in.With[v] = w.listing(j.check.With[v])
	}
	return in
}

// about is a finding on an item.
func about(it Located) Finding {
	return Finding{Account: it.Account, Region: it.Region, Source: it.Source, Item: it.ID, Evidence: it.Pointer}
}

// field reads a text deep inside an item; "" when it is not there. A question
// that is a gap gives known == false.
func field(it Located, question string, keys ...string) (value any, known bool) {
	if _, gap := it.Gap(question); gap {
		return nil, false
	}
	v, ok := it.Answers[question]
	if !ok {
		return nil, false
	}
	for _, k := range keys {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v, true
}

// joins are the joins there are, by name.
func joins() map[string]join {
	return map[string]join{
		"access-reviewed-quarterly": accessReviewedQuarterly,
		"alarm-on-events":           alarmOnEvents,
		"changes-by-pull-request":   changesByPullRequest,
		"changes-checked":           changesChecked,
		"changes-name-ticket":       changesNameTicket,
		"changes-not-bypassed":      changesNotBypassed,
		"changes-reviewed":          changesReviewed,
		"bot-changes-reviewed":      botChangesReviewed,
		"code-owners-approved":      codeOwnersApproved,
		"emergencies-in-time":       emergenciesInTime,
		"deployed-commits-known":    deployedCommitsKnown,
		"repositories-scoped":       repositoriesScoped,
		"rule-changes-answered":     ruleChangesAnswered,

		"production-changed-by-pipeline": productionChangedByPipeline,

		"infrastructure-reviewed":  infrastructureReviewed,
		"policies-acknowledged":    policiesAcknowledged,
		"policy-versions-approved": policyVersionsApproved,
		"findings-answered":        findingsAnswered,
		"leavers-have-no-access":   leaversHaveNoAccess,
		"mfa-enforced-by-policy":   mfaEnforcedByPolicy,
		"administrators-few":       administratorsFew,
		"record-in-every-span":     recordInEverySpan,

		"leavers-lost-access-in-time":    leaversLostAccessInTime,
		"leavers-did-not-use-access":     leaversDidNotUseAccess,
		"joiners-access-in-order":        joinersAccessInOrder,
		"movers-access-changed":          moversAccessChanged,
		"identities-have-an-owner":       identitiesHaveAnOwner,
		"people-have-one-identity":       peopleHaveOneIdentity,
		"people-register-agrees-with-hr": peopleAgreeWithHR,

		"external-principals-are-known-vendors": externalPrincipalsAreVendors,
		"vendor-reports-cover-the-period":       vendorReportsCoverPeriod,
	}
}
