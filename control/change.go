package control

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A change is one commit of a production branch with the pull request it came by,
// as the forge tells it.
type change struct {
	Located
	commit, how written // what the commit says, and how it is read
	pull        *pull   // nil when no pull request of the forge ends in it
	unknown     string  // why it is not known whether one does; "" when it is
	notes       []note  // what people wrote about it
	// unread says, by kind, why not everything people wrote could be read.
	unread map[string]string
}

// A pull is a pull request as an answer of the forge, read leniently.
type pull struct {
	written
	id string
}

// A note is what a person wrote about a change: an approval, or an emergency.
type note struct {
	written
	kind string
}

// changing is what the joins over changes look at.
type changing struct {
	in    joining
	whole map[string]string            // by repository: why the forge's list is not whole; "" when it is
	by    map[string]map[string]*pull  // repository, then commit: the pull request it came by
	lost  map[string][]string          // by repository: pull requests of which only the number is known
	line  map[string]map[int64]Located // repository, then place on the line
}

// changesOf pairs every change of the period with its pull request.
func changesOf(in joining) []change {
	c := &changing{in: in, whole: map[string]string{}, by: map[string]map[string]*pull{}, lost: map[string][]string{}, line: map[string]map[int64]Located{}}
	for _, it := range in.Of.Items {
		n := lineNumber(it)
		if c.line[it.Region] == nil {
			c.line[it.Region] = map[int64]Located{}
		}
		c.line[it.Region][n] = it
	}
	c.pair()
	unread := map[string]string{"approvals": in.With["approvals"].refused(), "emergencies": in.With["emergencies"].refused()}
	var out []change
	for _, it := range in.Of.Items {
		one := change{Located: it, commit: fieldsOf(it.Answers["commit"]), how: fieldsOf(it.Answers["change"])}
		if _, gap := it.Gap("commit"); gap || len(one.commit) == 0 || len(one.how) == 0 {
			one.unknown = notAnswered("commit and change of " + it.ID)
		} else if one.pull = c.by[it.Region][one.sha()]; one.pull == nil {
			one.unknown = c.doubt(one)
		}
		one.notes, one.unread = c.about(one), unread
		out = append(out, one)
	}
	return out
}

func lineNumber(it Located) int64 { return written(fieldsOf(it.Answers["change"])).number("number", 0) }

func (c change) sha() string { return cmp.Or(c.commit.text("sha"), c.ID) }

// pair finds the commits each pull request ended in. A merge and a squash end in
// one. A rebase ends in as many as it had, one after another, the last of which
// the forge names: they are told by their titles.
func (c *changing) pair() {
	at := map[string]map[string]int64{} // repository, then commit: its place on the line
	for repo, line := range c.line {
		at[repo] = map[string]int64{}
		for n, it := range line {
			at[repo][cmp.Or(written(fieldsOf(it.Answers["commit"])).text("sha"), it.ID)] = n
		}
	}
	for _, it := range c.in.With["pulls"].Items {
		repo := it.Region
		if c.by[repo] == nil {
			c.by[repo] = map[string]*pull{}
		}
		p := &pull{fieldsOf(it.Answers["pullRequest"]), it.ID}
		if len(p.written) == 0 {
			c.lost[repo] = append(c.lost[repo], it.ID)
			continue
		}
		merge := written(fieldsOf(p.written["mergeCommit"]))
		end := merge.text("oid")
		if end == "" {
			c.lost[repo] = append(c.lost[repo], it.ID)
			continue
		}
		c.by[repo][end] = p
		last, seen := at[repo][end]
		titles := p.titles()
		if !seen || len(titles) < 2 || written(fieldsOf(merge["parents"])).number("totalCount", 0) != 1 {
			continue
		}
		var line []string
		for i := range titles {
			one := c.line[repo][last-int64(len(titles)-1-i)]
			if written(fieldsOf(one.Answers["commit"])).text("subject") != titles[i] {
				line = nil
				break
			}
			line = append(line, cmp.Or(written(fieldsOf(one.Answers["commit"])).text("sha"), one.ID))
		}
		for _, sha := range line {
			if c.by[repo][sha] == nil {
				c.by[repo][sha] = p
			}
		}
	}
	for _, cell := range c.in.Of.Cells {
		repo := cell.Region
		c.whole[repo] = c.in.With["pulls"].of(repo).refused()
	}
}

// titles are the first lines of a pull request's own commits, oldest first.
func (p *pull) titles() (out []string) {
	for _, n := range p.nodes("commits") {
		out = append(out, written(fieldsOf(n["commit"])).text("messageHeadline"))
	}
	return out
}

// nodes are the entries of a list of the pull request.
func (p *pull) nodes(name string) (out []written) {
	list, _ := fieldsOf(p.written[name])["nodes"].([]any)
	for _, n := range list {
		out = append(out, fieldsOf(n))
	}
	return out
}

// doubt says why it is not known that a change came by no pull request.
func (c *changing) doubt(one change) string {
	if why := c.whole[one.Region]; why != "" {
		return why
	}
	if len(c.lost[one.Region]) > 0 {
		return notAnswered("where these pull requests ended: " + strings.Join(c.lost[one.Region], ", "))
	}
	if in, said := one.how["in_period"].(bool); said && !in {
		return notAnswered("pull requests merged before the period, when the commit says it was made")
	}
	return ""
}

// about finds what people wrote of a change: by repository and number, or by its
// commit.
func (c *changing) about(one change) (out []note) {
	var names []string
	if n := written(fieldsOf(one.how["pull_request"])).number("number", 0); n > 0 {
		names = append(names, one.Region+"#"+itoa(n))
	}
	if one.pull != nil {
		names = append(names, one.pull.id, one.Region+"#"+itoa(one.pull.number("number", 0)))
	}
	for _, kind := range []string{"approvals", "emergencies"} {
		for _, it := range c.in.With[kind].Items {
			r := recordOf(it)
			said := append(r.texts("commits"), r.text("id"))
			if slices.ContainsFunc(said, func(s string) bool {
				return slices.Contains(names, s) || namesCommit(s, one.sha())
			}) {
				out = append(out, note{r, kind})
			}
		}
	}
	return out
}

// namesCommit reports whether a text ends in a commit's hash, or in seven of its
// digits or more: "shop 1a2b3c4d".
func namesCommit(s, sha string) bool {
	end := s[len(strings.TrimRight(s, "0123456789abcdef")):]
	return len(end) >= 7 && strings.HasPrefix(sha, end)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// explained is the record that answers for a change no forge approved: an approval
// by somebody else before it went to production, or an emergency, by a record or the
// pull request's label, that somebody else looked at in time afterwards. unknown says why one may, or may not.
func (c change) explained() (what, unknown string) {
	for _, r := range c.notes {
		if r.kind != "approvals" {
			continue
		}
		by, at := r.text("approver"), r.time("approved")
		switch {
		case by == "" || strings.EqualFold(by, r.text("requester")) || at.IsZero():
		case c.arrived().IsZero():
			unknown = notAnswered("when " + c.ID + " came, and whether its approval " + r.text("id") + " was there before")
		case !at.After(c.arrived()):
			return "approved by " + by + " on " + at.Format(time.DateOnly) + ", by the record " + r.text("id"), ""
		}
	}
	switch what, _, open := c.lookedAt(); {
	case what != "":
		return what, ""
	case open != "":
		unknown = open
	}
	for _, kind := range []string{"approvals", "emergencies"} {
		if why := c.unread[kind]; why != "" {
			unknown = why
		}
	}
	return "", unknown
}

// arrived is when the change came onto the branch: when its pull request was
// merged, else when its commit says.
func (c change) arrived() time.Time {
	if c.pull != nil {
		return c.pull.time("mergedAt")
	}
	return c.how.time("committed")
}

// time is a moment to the second; zero when there is none.
func (r written) time(key string) time.Time {
	t, err := instant(r[key])
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// ticket is the first ticket a change names: an issue the forge closes with it,
// or a text of the form the check gives, in the title, the branch's name or the
// commit.
func (c change) ticket(form *regexp.Regexp) string {
	if c.pull != nil {
		for _, issue := range c.pull.nodes("closingIssuesReferences") {
			if url := issue.text("url"); url != "" {
				return url
			}
		}
		for _, s := range []string{c.pull.text("title"), c.pull.text("headRefName")} {
			if t := form.FindString(s); t != "" {
				return t
			}
		}
	}
	return cmp.Or(form.FindString(c.commit.text("subject")), form.FindString(c.commit.text("body")))
}
