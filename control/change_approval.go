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
	since  string // why it stands for a later one; "" where it was about what was merged
}

func (o opinion) words() string {
	s := o.login + " on " + o.at.Format(time.RFC3339)
	if o.since != "" {
		s += fmt.Sprintf(" (approved %.10s; %s)", o.commit, o.since)
	}
	return s
}

// opinions are what people had said of a pull request when it was merged.
type opinions struct {
	count     []opinion
	but       []string // approvals that do not count, and why
	open      []string // approvals of which it is not known whether they count, and why
	strangers []string // authors whose account is not known: as many approvers may be they
	unknown   string   // why nothing is known
	// late are approvals that came after the merge, by who could have approved before.
	late []opinion
}

// enough says whether as many people as are wanted approved, and for an unknown why.
func (o opinions) enough(wanted int) (v Verdict, why string) {
	switch {
	case o.unknown != "":
		return NotEvaluated, o.unknown
	case len(o.count)-len(o.strangers) >= wanted:
		return Pass, ""
	case len(o.count) >= wanted:
		return NotEvaluated, notAnswered("who these authors are at the forge, that may have approved their own work: " + strings.Join(o.strangers, ", "))
	case len(o.count)+len(o.open) >= wanted:
		return NotEvaluated, notAnswered(strings.Join(o.open, "; "))
	}
	return Fail, ""
}

// approvals are the people whose last word before the merge was an approval that
// counts, and why others do not.
//
// One counts that a person gave (no bot) who may write to the repository, who did
// not write, or help to write, or push what was merged, on the very state that was
// merged, or on one to which nothing was added since but what the base had (see
// stands). What the forge has dismissed, and what a later word of the same person
// took back, counts for nothing.
func (c change) approvals() (out opinions) {
	p := c.pull
	merged, head := p.time("mergedAt"), p.text("headRefOid")
	if merged.IsZero() || head == "" {
		out.unknown = notAnswered("when " + p.id + " was merged, and what")
		return out
	}
	for _, k := range []string{"reviews", "commits", "timelineItems"} {
		if !p.given(k) {
			out.unknown = notAnswered(k + " of " + p.id)
			return out
		}
	}
	last, after := map[string]written{}, map[string]written{}
	var order []string
	for _, r := range p.nodes("reviews") {
		who := loginOf(r["author"])
		if who == "" || r.text("state") == "COMMENTED" || r.text("state") == "PENDING" || r.time("submittedAt").IsZero() {
			continue // an account that was deleted approves nothing
		}
		words := last
		if r.time("submittedAt").After(merged) {
			words = after
		}
		if last[who] == nil && after[who] == nil {
			order = append(order, who)
		}
		if old := words[who]; old == nil || !r.time("submittedAt").Before(old.time("submittedAt")) {
			words[who] = r
		}
	}
	wrote, strangers := p.writers()
	out.strangers = strangers
	slices.Sort(order)
	same, doubtful := c.stands()
	for _, who := range order {
		unfit := func(r written) string {
			switch {
			case written(fieldsOf(r["author"])).text("__typename") != "User":
				return "and is no person"
			case slices.Contains(wrote, who):
				return "and wrote or pushed it"
			case !r.bool("authorCanPushToRepository"):
				return "and may not write to the repository"
			}
			return ""
		}
		if r := after[who]; r != nil && r.text("state") == "APPROVED" {
			out.but = append(out.but, who+" approved only after it was merged")
			if unfit(r) == "" {
				out.late = append(out.late, opinion{who, r.time("submittedAt"), written(fieldsOf(r["commit"])).text("oid"), ""})
			}
		}
		r := last[who]
		if r == nil {
			continue
		}
		on := written(fieldsOf(r["commit"])).text("oid")
		why, not := doubtful[on], unfit(r)
		switch {
		case r.text("state") != "APPROVED":
			out.but = append(out.but, who+": "+strings.ToLower(strings.ReplaceAll(r.text("state"), "_", " ")))
		case not != "":
			out.but = append(out.but, who+" approved, "+not)
		case on == head:
			out.count = append(out.count, opinion{who, r.time("submittedAt"), on, ""})
		case same[on] != "":
			out.count = append(out.count, opinion{who, r.time("submittedAt"), on, same[on]})
		case why != "":
			out.open = append(out.open, fmt.Sprintf("%s approved %.10s, and then %s", who, on, why))
		default:
			out.but = append(out.but, fmt.Sprintf("%s approved %.10s, and %.10s was merged", who, on, head))
		}
	}
	return out
}

// stands are the earlier states of a pull request of which an approval stands for what
// was merged, with why: those to which only the base was added since, as git proves
// from the files. doubtful are those where that is not known.
//
// Of what was squashed or rebased git does not hold the branch. There the forge's own
// list of its commits tells only which are merges.
func (c change) stands() (same, doubtful map[string]string) {
	same, doubtful = map[string]string{}, map[string]string{}
	updates, told := c.how["updates"].([]any)
	end, whole := "", true
	for _, e := range updates {
		u := written(fieldsOf(e))
		if c.pull == nil || end == "" && u.text("commit") != c.pull.text("headRefOid") {
			return same, doubtful
		}
		switch end = u.text("from"); u.text("brings") {
		case "only the base":
			same[end] = fmt.Sprintf("then the base was merged in at %.10s, and nothing else", u.text("commit"))
		case "not known":
			doubtful[end] = fmt.Sprintf("a merge of the base, %.10s, of which it is not known whether it changed anything else: %s", u.text("commit"), u.text("why"))
			whole = false
		default:
			whole = false
		}
	}
	if told || c.how.bool("merge") || c.pull == nil || !whole {
		return same, doubtful
	}
	commits := c.pull.nodes("commits")
	for i := len(commits) - 1; i > 0; i-- {
		one := fieldsOf(commits[i]["commit"])
		if written(fieldsOf(one["parents"])).number("totalCount", 0) < 2 {
			break
		}
		before := written(fieldsOf(commits[i-1]["commit"])).text("oid")
		doubtful[before] = fmt.Sprintf("a merge, %.10s, of which git does not tell what it changed, as its branch was not kept", written(one).text("oid"))
	}
	return same, doubtful
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
			case p.ownBot(who.text("email")):
			case who.text("email") != "" && !forgeItself(who.text("email")) && !slices.Contains(strangers, who.text("email")):
				strangers = append(strangers, who.text("email"))
			}
		}
	}
	for _, e := range p.nodes("timelineItems") {
		if t := e.text("__typename"); t == "HeadRefForcePushedEvent" || t == "HeadRefPushedEvent" { // the latter Gitea's alone
			add(loginOf(e["actor"]))
		}
	}
	slices.Sort(strangers)
	return logins, strangers
}

// ownBot reports whether an address is the one GitHub gives the bot that proposed the
// pull request: "49699333+dependabot[bot]@users.noreply.github.com". A bot is no user,
// so the forge names no account for it.
func (p *pull) ownBot(email string) bool {
	name, ok := strings.CutSuffix(strings.ToLower(email), "[bot]@users.noreply.github.com")
	_, name, numbered := strings.Cut(name, "+")
	return ok && numbered && p.byBot() && name == strings.TrimSuffix(loginOf(p.written["author"]), "[bot]")
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
			v["pull_request"] = "not evaluated"
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
	switch {
	case c.pull != nil:
		o := c.approvals()
		f.Verdict, f.Reason = o.enough(int(enough))
		o.show(value)
	case c.unknown != "":
		f.Verdict, f.Reason = NotEvaluated, c.unknown
	default:
		f.Verdict = Fail
	}
	if f.Verdict != Pass {
		c.answered(f, value)
	}
}

// show puts into the value who approved, and whose approval does not count.
func (o opinions) show(value map[string]any) {
	by := []any{}
	for _, one := range o.count {
		by = append(by, one.words())
	}
	value["approved_by"] = by
	if but := append(slices.Clone(o.but), o.open...); len(but) > 0 {
		value["not_counted"] = anys(but)
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

// checks are those required of the merged head, by how they ended before the merge.
// ran are all that ran, each with how it ended where that was not well: whether one was
// required the forge says by the rules of the day it is asked.
func (p *pull) checks() (good, bad []string, ran map[string][]string, unknown string) {
	heads := p.nodes("mergedHead")
	if len(heads) == 0 {
		return nil, nil, nil, notAnswered("the checks of " + p.id)
	}
	head := fieldsOf(heads[0]["commit"])
	if written(head).text("oid") != p.text("headRefOid") {
		return nil, nil, nil, notAnswered("the checks of the commit that was merged: the forge tells of another one")
	}
	list, _ := fieldsOf(fieldsOf(head["statusCheckRollup"])["contexts"])["nodes"].([]any)
	ran = map[string][]string{}
	for _, n := range list {
		c := written(fieldsOf(n))
		name, end := c.text("name"), c.text("conclusion")
		when := c.time("completedAt")
		if c.text("__typename") == "StatusContext" {
			name, end, when = c.text("context"), c.text("state"), c.time("createdAt")
		}
		how, merged := "", p.time("mergedAt")
		switch {
		case end == "":
			how = "not ended"
		case !slices.Contains([]string{"SUCCESS", "NEUTRAL", "SKIPPED"}, end):
			how = strings.ToLower(end)
		case !when.IsZero() && when.After(merged):
			how = "ended only after the merge"
		}
		required, said := c["isRequired"].(bool)
		switch {
		case !said:
			unknown = notAnswered("whether " + name + " was required")
		case !required:
			if ran[name] = append(ran[name], how); how == "" && when.IsZero() {
				ran[name] = append(ran[name], "at a time that is not told")
			}
			continue
		case how != "":
			bad = append(bad, name+": "+how)
		case when.IsZero() || merged.IsZero():
			unknown = notAnswered("when " + name + " ended, and whether that was before the merge")
		default:
			good = append(good, name+": "+strings.ToLower(end))
		}
		ran[name] = append(ran[name], "") // judged
	}
	slices.Sort(good)
	slices.Sort(bad)
	return good, bad, ran, unknown
}
