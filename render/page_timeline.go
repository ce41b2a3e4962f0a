package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/render/table"
)

// timelinePages are the ledger of the period: what the runs saw, what changed, and
// when it was not observed; and a page for each question auditors ask of it.
func (b *binder) timelinePages() {
	b.page("timeline.html", b.timelinePage)
	b.page("timeline/by-day.html", b.byDayPage)
	b.page("timeline/checks.html", b.checksTimelinePage)
	changes, came, went := b.changes()
	rows := func(from, to int) *table.Table {
		t := b.StateChangesTable("changes", "Changes, newest first", changes[from:to])
		t.Narrow()
		return t
	}
	b.paged("timeline/changes.html", len(changes), table.PageRows, b.haveFiles("artifacts/timeline.xlsx", "data/timeline.jsonl"), rows, func(part int, g table.Grid) *table.Paper {
		return &table.Paper{Kicker: "Timeline", Title: "What changed", Wide: true, Crumbs: timelineCrumbs(),
			Lead:   table.Line("Every item that a run saw in another state than the run before, with the value that decided on both sides. When in between it changed the runs do not tell; where CloudTrail does, it is named."),
			Blocks: []table.Block{table.P(fmt.Sprintf("%d times an item came and %d times one went without being off at either run; data/timeline.jsonl has them.", came, went)), g}}
	})
	for _, q := range questions() {
		b.page(q.page(), func() *table.Paper { return b.questionPage(q) })
	}
}

func timelineCrumbs() []table.Link {
	return crumbs(table.Link{Text: "Timeline", Href: "timeline.html"})
}

// changes are those of all items, newest first. Items that came or went and were
// all right are counted.
func (b *binder) changes() (list []control.Change, came, went int) {
	for _, c := range b.Ledger.Changes() {
		switch {
		case !c.Moved():
			list = append(list, c)
		case c.Before.Status == control.NotThere:
			came++
		default:
			went++
		}
	}
	slices.SortStableFunc(list, func(x, y control.Change) int { return y.After.First - x.After.First })
	return list, came, went
}

// A periodQuestion is one an auditor asks of the whole period.
type periodQuestion struct {
	id    string
	title string
	says  string
	on    func(control.Check) bool // the checks that answer it
}

func (q periodQuestion) page() string { return "timeline/" + q.id + ".html" }

// questions are those that are asked of almost every system.
func questions() []periodQuestion {
	named := func(parts ...string) func(control.Check) bool {
		return func(c control.Check) bool {
			return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(c.Name, p) })
		}
	}
	return []periodQuestion{
		{"was-mfa-ever-off", "Was multi-factor authentication ever off?", "Users, root and the policies that demand a second factor.", named("iam-users-have-mfa", "iam-console-users-have-mfa", "iam-root-mfa", "iam-root-hardware-mfa", "mfa-enforced")},
		{"when-did-guardduty-stop", "Did threat detection ever stop, and when?", "GuardDuty in every region, with its protections and where its alerts go.", func(c control.Check) bool {
			return c.Of == "guardduty/detector" || strings.HasPrefix(c.Name, "guardduty-") && !strings.Contains(c.Name, "findings")
		}},
		{"was-the-audit-log-ever-off", "Was the audit log ever off?", "CloudTrail: whether it recorded, in all regions, validated and kept.", func(c control.Check) bool {
			return c.Of == "cloudtrail/trail" && strings.HasPrefix(c.Name, "cloudtrail-")
		}},
		{"was-anything-ever-public", "Was anything ever open to the public?", "Buckets, databases, snapshots and ports that anybody could reach.", named("not-public", "no-public", "public-access-blocked", "sg-no-open", "nacl-no-open")},
	}
}

// timelinePage is the index of the ledger: the questions, then every control, the
// worst first.
func (b *binder) timelinePage() *table.Paper {
	l := b.Ledger
	p := &table.Paper{Kicker: "The whole period", Title: "Timeline", Wide: true, Crumbs: crumbs(),
		Lead: table.Line("What each run of the period saw, and when it was not observed. A run is a moment: two runs that saw the same say nothing of the time between them. To ask of one day: ", table.K("exhibit state CHECK --on 2026-05-12"), ".")}
	changes, _, _ := b.changes()
	off, long, within := 0, 0, 0
	lines := b.controlLines()
	for _, n := range lines {
		if l.Ever(n).Ever {
			off++
		}
		if v := n.Longest(); v != nil && v.Long {
			long++
		}
	}
	for _, k := range l.Looks {
		if !k.After {
			within++
		}
	}
	p.Blocks = append(p.Blocks, table.Tally{Items: []table.Count{
		{N: off, Word: "controls seen off at a run", Status: control.ExceptionIn},
		{N: long, Word: "controls not observed for longer than their cadence allows", Status: control.NotEvaluatedIn},
		{N: len(l.Unseen), Word: "listings not answered at a run", Status: control.NotEvaluatedIn, Href: "timeline.html#listings"},
		{N: len(changes), Word: "changes of items", Href: "timeline/changes.html"},
		{N: within, Word: "runs in the period"},
	}})
	p.Blocks = append(p.Blocks, b.restNotice()...)
	list := table.List{}
	for _, q := range questions() {
		list.Items = append(list.Items, table.Line(table.A(q.title, q.page()), " ", b.shortAnswer(q)))
	}
	list.Items = append(list.Items, table.Line(table.A("What was not observed?", unevaluatedPage), " ", unseenWords(l), " It stands with everything else that was not evaluated."),
		table.Line(table.A("What was the state on a day?", "timeline/by-day.html"), " Every control at every run."),
		table.Line(table.A("What changed?", "timeline/changes.html"), " ", table.Plural(len(changes), "change of an item.", "changes of items.")),
		table.Line(table.A("Every check over the period", "timeline/checks.html"), " First and last seen, changes, longest time not observed."))
	t := b.ContinuityTable("controls", "Controls, the worst first", "control", lines, true)
	for _, key := range []string{"status", "first_seen", "last_seen", "from", "to", "never"} {
		drop(t, key)
	}
	t.Note = "A shape is what a run saw, hatching a time not observed that is longer than the cadence allows. Each control's page has the same in words."
	p.Blocks = append(p.Blocks, table.H2("questions", "Questions"), list, table.H2("controls-over", "Controls"), table.Grid{Table: t, Downloads: b.haveFiles("artifacts/timeline.xlsx", "data/timeline.jsonl")})
	if idle := b.untested(); len(idle) > 0 {
		p.Blocks = append(p.Blocks, table.P(table.Plural(len(idle), "further control has", "further controls have"), " nothing that a run could look at, only management's statement: ", strings.Join(idle, ", "), "."))
	}
	p.Blocks = append(p.Blocks, table.H2("listings", "Listings not answered at a run"), table.Grid{Table: limit(b.NotToldTable("unseen", "By the longest time not observed"), table.PageRows)})
	p.Blocks = append(p.Blocks, table.H2("runs", "Runs"), table.Grid{Table: b.LooksTable("looks", "Runs of the period")},
		table.H2("cadence", "How long is too long"), table.P("A control says how often it operates. Held against it is the longest time between two runs that observed it."), table.Grid{Table: table.CadencesTable()})
	p.Cite = b.Cite("", "timeline", "")
	return p
}

// controlLines are the lines of the controls in scope that a run could look at: seen
// off most often first, then those longest not observed against what is allowed.
func (b *binder) controlLines() []*control.Line {
	var out []*control.Line
	for i := range b.Ledger.Controls {
		n := &b.Ledger.Controls[i]
		if c := b.Control(n.ID); c != nil && c.InScope && len(c.Control.Checks) > 0 {
			out = append(out, n)
		}
	}
	over := func(n *control.Line) int {
		if v := n.Longest(); v != nil && v.Long {
			return v.Days - n.Allowed
		}
		return 0
	}
	slices.SortStableFunc(out, func(x, y *control.Line) int {
		return cmp.Or(len(b.Ledger.Ever(y).At)-len(b.Ledger.Ever(x).At), over(y)-over(x))
	})
	return out
}

// untested are the controls in scope of which no check and no record tells.
func (b *binder) untested() []string {
	var out []string
	for i := range b.Controls {
		if c := &b.Controls[i]; c.InScope && len(c.Control.Checks)+len(c.Control.Records) == 0 {
			out = append(out, c.Control.ID)
		}
	}
	return out
}

// restNotice says where the report ends before the period does.
func (b *binder) restNotice() []table.Block {
	r := b.Ledger.Rest
	if r.Days < 1 {
		return nil
	}
	title := table.Plural(r.Days, "day of the period is", "days of the period are") + " not in this report"
	if len(b.Ledger.Looks) == 0 {
		return []table.Block{table.Notice{Kind: "alarm", Title: "No run lies in the period", Spans: table.Line("Nothing here was observed in the period.")}}
	}
	return []table.Block{table.Notice{Kind: "gap", Title: title, Spans: table.Line("Its newest run is of ", r.From, ". What was so from then to the end of the period no run has seen.")}}
}

func unseenWords(l *control.Ledger) string {
	never := 0
	for i := range l.Unseen {
		if l.Unseen[i].Never() {
			never++
		}
	}
	if len(l.Unseen) == 0 {
		return "Every listing was answered at every run that asked for it."
	}
	return fmt.Sprintf("%s not answered at one run or more, %d of them at none.", table.Plural(len(l.Unseen), "listing was", "listings were"), never)
}

// answering are the checks of a question that any run could test, what was seen off
// most often first; idle had nothing to test at any run.
func (b *binder) answering(q periodQuestion) (lines []*control.Line, idle []string) {
	for i := range b.Checks {
		c := &b.Checks[i].Check
		n := b.Ledger.Check(c.Name)
		if n == nil || !q.on(*c) {
			continue
		}
		if !slices.ContainsFunc(n.Sights, func(s control.Sight) bool { return s.Counts.Population > s.Counts.NotApplicable }) {
			idle = append(idle, c.Name)
			continue
		}
		lines = append(lines, n)
	}
	slices.SortStableFunc(lines, func(x, y *control.Line) int {
		return len(b.Ledger.Ever(y).At) - len(b.Ledger.Ever(x).At)
	})
	return lines, idle
}

// shortAnswer is the answer in one sentence, for the index.
func (b *binder) shortAnswer(q periodQuestion) string {
	lines, _ := b.answering(q)
	off, known := 0, 0
	for _, n := range lines {
		e := b.Ledger.Ever(n)
		if e.Ever {
			off++
		}
		if e.Known {
			known++
		}
	}
	more := ""
	if n := unseenOff(b.Ledger.ToldOff(idsOf(lines))); n > 0 {
		more = fmt.Sprintf(" AWS Config tells of %s off between runs.", table.Plural(n, "time", "times"))
	}
	switch {
	case known == 0:
		return "Not observed: no run of the period saw it." + more
	case off == 0:
		return fmt.Sprintf("No run saw it off, by %s.", table.Plural(known, "check", "checks")) + more
	}
	return fmt.Sprintf("Yes: off at a run by %d of %s.", off, table.Plural(known, "check", "checks")) + more
}

// questionPage answers one question: in a sentence for each check, then item by item.
func (b *binder) questionPage(q periodQuestion) *table.Paper {
	l := b.Ledger
	lines, idle := b.answering(q)
	p := &table.Paper{Kicker: "Asked of the whole period", Title: q.title, Wide: true, ID: q.id, Crumbs: timelineCrumbs(),
		Lead: table.Line(q.says, " ", b.shortAnswer(q)), Cite: b.Cite("", q.id, "")}
	p.Blocks = append(p.Blocks, b.restNotice()...)
	if len(lines) == 0 {
		p.Blocks = append(p.Blocks, table.Notice{Kind: "gap", Title: "Nothing answers this", Spans: table.Line("No check of it had anything to test at any run of the period.")})
	}
	told := l.ToldOff(idsOf(lines))
	if unseen := unseenOff(told); unseen > 0 {
		p.Blocks = append(p.Blocks, table.Notice{Kind: "alarm", Title: "Off while no run looked", Spans: table.Line(
			table.A("AWS Config tells of "+table.Plural(unseen, "time", "times")+" in which something was off and into which no run fell", "#told-off"), ".")})
	}
	var times []control.OffTime
	answers := table.List{}
	for _, n := range lines {
		answers.Items = append(answers.Items, table.Line(table.A(b.Check(n.ID).Check.Title, b.CheckPage(n.ID)), ". ", l.Ever(n).Says))
		times = append(times, l.OffTimes(b.Check(n.ID))...)
	}
	slices.SortStableFunc(times, func(x, y control.OffTime) int { return x.First.Look.At.Compare(y.First.Look.At) })
	t := b.ContinuityTable("over", "Its checks over the period", "check", lines, true)
	for _, key := range []string{"first_seen", "last_seen", "items", "from", "to", "never", "cadence"} {
		drop(t, key)
	}
	off := limit(b.OffTable("off", "Item by item, oldest first", times), 300)
	off.Narrow()
	for _, key := range []string{"told", "exception"} {
		dropEmpty(off, key)
	}
	p.Blocks = append(p.Blocks, table.H2("answer", "Answer"), answers)
	if q.id == "was-the-audit-log-ever-off" {
		p.Blocks = append(p.Blocks, b.auditLogProof()...)
	}
	p.Blocks = append(p.Blocks, table.H2("drawn", "Over the period"), table.Grid{Table: t},
		table.H2("items", "What was seen off"),
		table.P("An item was off at some moment between the run that last saw it otherwise and the run that first saw it off; which, the runs do not tell."), table.Grid{Table: off})
	if len(told) > 0 {
		p.Blocks = append(p.Blocks, table.H2("told-off-h", "Told to have been off, and not observed"),
			table.P("What AWS Config wrote down when a setting changed, judged with the same check. Its recorder wrote it, no run did: it is as good as the recorder, which lags behind by minutes. Of times in which the recorder itself was off it tells nothing."),
			table.Grid{Table: limit(b.ToldTable("told-off", "Told to have been off", told), 300)})
	}
	if len(l.Bridges) > 0 {
		p.Blocks = append(p.Blocks, table.P("What CloudTrail and AWS Config tell was asked for by a later run and is no observation. CloudTrail's event history holds 90 days and only events of some names are asked for: that it has none says nothing. AWS Config is asked about 92 days and some kinds of resources."))
	}
	if len(idle) > 0 {
		p.Blocks = append(p.Blocks, table.P("With nothing to test at any run: ", strings.Join(idle, ", "), "."))
	}
	return p
}

func idsOf(lines []*control.Line) []string {
	var out []string
	for _, n := range lines {
		out = append(out, n.ID)
	}
	return out
}

// unseenOff counts those into which no run fell.
func unseenOff(told []control.ToldTime) (n int) {
	for _, t := range told {
		if t.Looks == 0 {
			n++
		}
	}
	return n
}

// dropEmpty removes a column that has no value.
func dropEmpty(t *table.Table, key string) {
	i := slices.IndexFunc(t.Columns, func(c table.Column) bool { return c.Key == key })
	if i >= 0 && !slices.ContainsFunc(t.Rows, func(r table.Row) bool { return r.Cells[i].Set }) {
		drop(t, key)
	}
}

// columnsByDay is the most runs side by side on the page by day.
const columnsByDay = 7

func (b *binder) byDayPage() *table.Paper {
	l := b.Ledger
	p := &table.Paper{Kicker: "Asked of the whole period", Title: "What was the state on a day?", Wide: true, ID: "by-day", Crumbs: timelineCrumbs(),
		Lead: table.Line("Find the two runs around the day: they say what was so before it and after it. What was so on the day itself is known only if a run looked on it. With git: ",
			table.K("exhibit state CONTROL --on 2026-05-12"), "."), Cite: b.Cite("", "by-day", "")}
	p.Blocks = append(p.Blocks, b.restNotice()...)
	var lines []*control.Line
	for i := range l.Controls {
		if c := b.Control(l.Controls[i].ID); c != nil && c.InScope && len(l.Controls[i].Sights) > 0 {
			lines = append(lines, &l.Controls[i])
		}
	}
	for from := 0; from < len(l.Looks); from += columnsByDay {
		to := min(from+columnsByDay, len(l.Looks))
		t := &table.Table{ID: fmt.Sprintf("runs-%d", from+1), Title: fmt.Sprintf("Controls at the runs of %s to %s", dayOf(l.Looks[from]), dayOf(l.Looks[to-1])),
			Columns: []table.Column{{Key: "control", Name: "Control", Kind: table.Code, Width: 10}, {Key: "title", Name: "Title", Width: 34}}}
		for i := from; i < to; i++ {
			t.Columns = append(t.Columns, table.Column{Key: fmt.Sprintf("run_%d", i+1), Name: dayOf(l.Looks[i]), Kind: table.Status, Width: 16})
		}
		for _, n := range lines {
			c := b.Control(n.ID)
			row := []table.Cell{table.Mono(n.ID).To(b.ControlPage(n.ID)), table.Str(c.Control.Title)}
			for i := from; i < to; i++ {
				cell := table.Str("not asked")
				if s := slices.IndexFunc(n.Sights, func(s control.Sight) bool { return s.Look == i }); s >= 0 {
					cell = table.Word(n.Sights[s].Status)
				}
				row = append(row, cell)
			}
			t.Add("", row...)
		}
		p.Blocks = append(p.Blocks, table.Grid{Table: t})
	}
	if len(l.Looks) == 0 {
		p.Blocks = append(p.Blocks, table.P("No run lies in the period."))
	}
	return p
}

func dayOf(k control.Look) string { return k.At.UTC().Format("2006-01-02") }

func (b *binder) checksTimelinePage() *table.Paper {
	var lines []*control.Line
	for i := range b.Ledger.Checks {
		lines = append(lines, &b.Ledger.Checks[i])
	}
	slices.SortStableFunc(lines, func(x, y *control.Line) int {
		return cmp.Or(len(b.Ledger.Ever(y).At)-len(b.Ledger.Ever(x).At), y.Turns()-x.Turns())
	})
	t := b.ContinuityTable("checks", "Checks, seen off most often first", "check", lines, false)
	drop(t, "never")
	drop(t, "long")
	return &table.Paper{Kicker: "Timeline", Title: "Every check over the period", Wide: true, Crumbs: timelineCrumbs(),
		Lead:   table.Line("First and last seen, how often its status and its items changed, and the longest time not observed, against what its controls allow."),
		Blocks: []table.Block{table.Grid{Table: limit(t, 1000), Downloads: b.haveFiles("artifacts/timeline.xlsx", "artifacts/timeline.csv", "data/timeline.jsonl")}}}
}
