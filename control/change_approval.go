package control

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// An opinion is what one person had said of a pull request when it was merged.
type opinion struct {
	login  string
	at     time.Time
	commit string // the state it was about
}

// approvals are the people whose last word before the merge was an approval that
// counts, and why others do not.
//
// One counts that a person gave (no bot) who may write to the repository, who did
// not write, or help to write, or push what was merged, on the very state that was
// merged. What the forge has dismissed, and what a later word of the same person
// took back, counts for nothing.
func (p *pull) approvals() (count []opinion, but []string, unknown string) {
	merged, head := p.time("mergedAt"), p.text("headRefOid")
	if merged.IsZero() || head == "" {
		return nil, nil, notAnswered("when " + p.id + " was merged, and what")
	}
	for _, k := range []string{"reviews", "commits", "timelineItems"} {
		if !p.given(k) {
			return nil, nil, notAnswered(k + " of " + p.id)
		}
	}
	last := map[string]written{}
	var order []string
	for _, r := range p.nodes("reviews") {
		who := loginOf(r["author"])
		if who == "" || r.text("state") == "COMMENTED" || r.text("state") == "PENDING" || r.time("submittedAt").IsZero() {
			continue // an account that was deleted approves nothing
		}
		if r.time("submittedAt").After(merged) {
			if r.text("state") == "APPROVED" {
				but = append(but, who+" approved only after it was merged")
			}
			continue
		}
		if old, seen := last[who]; !seen || !r.time("submittedAt").Before(old.time("submittedAt")) {
			if !seen {
				order = append(order, who)
			}
			last[who] = r
		}
	}
	wrote, strangers := p.writers()
	slices.Sort(order)
	for _, who := range order {
		r := last[who]
		author := written(fieldsOf(r["author"]))
		switch on := written(fieldsOf(r["commit"])).text("oid"); {
		case r.text("state") != "APPROVED":
			but = append(but, who+": "+strings.ToLower(strings.ReplaceAll(r.text("state"), "_", " ")))
		case author.text("__typename") != "User":
			but = append(but, who+" approved, and is no person")
		case slices.Contains(wrote, who):
			but = append(but, who+" approved, and wrote or pushed it")
		case !r.bool("authorCanPushToRepository"):
			but = append(but, who+" approved, and may not write to the repository")
		case on != head:
			but = append(but, fmt.Sprintf("%s approved %.10s, and %.10s was merged", who, on, head))
		default:
			count = append(count, opinion{who, r.time("submittedAt"), on})
		}
	}
	// Who a commit's author is at the forge is not known where the address belongs to
	// no account: as many approvers as there are such authors may be the same people.
	if len(count) > 0 && len(count) <= len(strangers) {
		return count, but, notAnswered("who these authors are at the forge, that may have approved their own work: " + strings.Join(strangers, ", "))
	}
	return count, but, ""
}

// writers are the accounts that proposed, wrote, committed or pushed a pull
// request, and the authors of commits whose account is not known.
func (p *pull) writers() (logins, strangers []string) {
	add := func(login string) {
		if login != "" && !slices.Contains(logins, login) {
			logins = append(logins, login)
		}
	}
	add(loginOf(p.written["author"]))
	for _, n := range p.nodes("commits") {
		c := written(fieldsOf(n["commit"]))
		people, _ := fieldsOf(c["authors"])["nodes"].([]any)
		for _, a := range append(slices.Clone(people), c["committer"]) {
			who := written(fieldsOf(a))
			switch login := loginOf(who["user"]); {
			case login != "":
				add(login)
			case who.text("email") != "" && !forgeItself(who.text("email")) && !slices.Contains(strangers, who.text("email")):
				strangers = append(strangers, who.text("email"))
			}
		}
	}
	for _, e := range p.nodes("timelineItems") {
		if e.text("__typename") == "HeadRefForcePushedEvent" {
			add(loginOf(e["actor"]))
		}
	}
	slices.Sort(strangers)
	return logins, strangers
}

// forgeItself is the committer of what is edited or merged on the forge's own pages.
func forgeItself(email string) bool { return email == "noreply@github.com" }

// loginOf is an account's name, in small letters: forges tell no capitals apart.
func loginOf(v any) string { return strings.ToLower(written(fieldsOf(v)).text("login")) }

// byBot reports whether no person proposed the pull request.
func (p *pull) byBot() bool {
	return written(fieldsOf(p.written["author"])).text("__typename") == "Bot"
}

// value is what is shown of every change, whatever is judged.
func (c change) value() map[string]any {
	v := map[string]any{"change": c.commit.text("subject"), "committed": c.how.text("committed")}
	if c.pull == nil {
		v["pull_request"] = "none"
		if c.unknown != "" {
			v["pull_request"] = "not known"
		}
		return v
	}
	v["pull_request"], v["merged"], v["merged_by"] = c.pull.id, c.pull.text("mergedAt"), loginOf(c.pull.written["mergedBy"])
	v["author"] = loginOf(c.pull.written["author"])
	if c.pull.byBot() {
		v["author"] = loginOf(c.pull.written["author"]) + ", a bot"
	}
	if v["author"] == "" {
		v["author"] = "an account that was deleted"
	}
	return v
}

// judgeChanges gives every change of the period a finding. Those that went to
// production after it do not apply.
func judgeChanges(in joining, judge func(c change, f *Finding, value map[string]any)) []Finding {
	var out []Finding
	end := in.Period.End.AddDate(0, 0, 1)
	for _, c := range changesOf(in) {
		f := about(c.Located)
		if at := c.arrived(); !at.IsZero() && !at.Before(end) {
			f.Verdict, f.Reason = NotApplicable, "it came after the period"
			out = append(out, f)
			continue
		}
		value := c.value()
		judge(c, &f, value)
		f.Value = value
		out = append(out, f)
	}
	return out
}

// changesReviewed: one finding for each change. Of is git/change; with reads pulls
// (forge/pull-request), approvals (record/change-approval) and emergencies
// (record/change-emergency).
func changesReviewed(in joining) []Finding {
	return judgeChanges(in, func(c change, f *Finding, value map[string]any) { c.reviewed(f, value, 1) })
}

// reviewed judges whether enough people other than its authors approved a change.
func (c change) reviewed(f *Finding, value map[string]any, enough int64) {
	if c.pull != nil {
		count, but, unknown := c.pull.approvals()
		by := []any{}
		for _, o := range count {
			by = append(by, o.login+" on "+o.at.Format(time.RFC3339))
		}
		value["approved_by"] = by
		if len(but) > 0 {
			value["not_counted"] = anys(but)
		}
		switch {
		case unknown != "":
			f.Verdict, f.Reason = NotEvaluated, unknown
		case int64(len(count)) >= enough:
			f.Verdict = Pass
		default:
			f.Verdict = Fail
		}
	} else if c.unknown != "" {
		f.Verdict, f.Reason = NotEvaluated, c.unknown
	} else {
		f.Verdict = Fail
	}
	if f.Verdict != Pass {
		c.answered(f, value)
	}
}

// answered lets a record answer for a change.
func (c change) answered(f *Finding, value map[string]any) {
	switch why, unknown := c.explained(); {
	case why != "":
		value["explained"] = why
		f.Verdict, f.Reason = Pass, ""
	case unknown != "":
		f.Verdict, f.Reason = NotEvaluated, unknown
	}
}

// changesByPullRequest: one finding for each change, on whether it came by a pull
// request or somebody answers for it. It reads what changesReviewed reads.
func changesByPullRequest(in joining) []Finding {
	return judgeChanges(in, func(c change, f *Finding, value map[string]any) {
		switch {
		case c.pull != nil:
			f.Verdict = Pass
			return
		case c.unknown != "":
			f.Verdict, f.Reason = NotEvaluated, c.unknown
		default:
			f.Verdict = Fail
		}
		c.answered(f, value)
	})
}

// changesChecked: one finding for each change, on whether every check that was
// required of what was merged had ended well. It reads what changesReviewed reads.
func changesChecked(in joining) []Finding {
	return judgeChanges(in, func(c change, f *Finding, value map[string]any) {
		switch {
		case c.pull == nil && c.unknown != "":
			f.Verdict, f.Reason = NotEvaluated, c.unknown
			return
		case c.pull == nil:
			f.Verdict, f.Reason = NotApplicable, "it came by no pull request, which is another check's matter"
			return
		}
		good, bad, unknown := c.pull.checks()
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

// checks are those required of the merged head, by how they ended before the merge.
func (p *pull) checks() (good, bad []string, unknown string) {
	heads := p.nodes("mergedHead")
	if len(heads) == 0 {
		return nil, nil, notAnswered("the checks of " + p.id)
	}
	head := fieldsOf(heads[0]["commit"])
	if written(head).text("oid") != p.text("headRefOid") {
		return nil, nil, notAnswered("the checks of the commit that was merged: the forge tells of another one")
	}
	list, _ := fieldsOf(fieldsOf(head["statusCheckRollup"])["contexts"])["nodes"].([]any)
	for _, n := range list {
		c := written(fieldsOf(n))
		name, end := c.text("name"), c.text("conclusion")
		when := c.time("completedAt")
		if c.text("__typename") == "StatusContext" {
			name, end, when = c.text("context"), c.text("state"), c.time("createdAt")
		}
		required, said := c["isRequired"].(bool)
		switch merged := p.time("mergedAt"); {
		case !said:
			unknown = notAnswered("whether " + name + " was required")
		case !required:
		case end == "":
			bad = append(bad, name+": not ended")
		case !slices.Contains([]string{"SUCCESS", "NEUTRAL", "SKIPPED"}, end):
			bad = append(bad, name+": "+strings.ToLower(end))
		case when.IsZero() || merged.IsZero():
			unknown = notAnswered("when " + name + " ended, and whether that was before the merge")
		case when.After(merged):
			bad = append(bad, name+": ended only after the merge")
		default:
			good = append(good, name+": "+strings.ToLower(end))
		}
	}
	slices.Sort(good)
	slices.Sort(bad)
	return good, bad, unknown
}
