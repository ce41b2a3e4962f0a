package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/evidence/store"
	"exhibit/seal"
)

var stateCommand = command{
	name: "state", args: "CHECK|CONTROL|CRITERION [--on DATE] [--item ID]",
	short: "what was so on a day, and was it ever off in the period",
	long: `Prints what each run of the audit period saw of a check, a control or a criterion:
every change with its runs and commits, the times nobody looked, and whether it was
ever off. Runs are moments: what was so between two of them is not known from them.

--on 2026-05-12 asks about one day: what the runs before and after it saw, with the git
command that shows the evidence. --item asks about one item of a check; its ARN, the
end of it, or account/region/id.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		on := fs.String("on", "", "the `DATE` asked about, such as 2026-05-12")
		item := fs.String("item", "", "the `ID` of one item of a check")
		at := fs.String("at", "HEAD", "the `COMMIT` whose report is asked")
		return func(_ context.Context, c *call) error {
			if len(c.args) != 1 {
				return withHint(usageError("state takes one name: of a check, a control or a criterion"), "exhibit checks list names the checks")
			}
			q := question{name: c.args[0], item: *item}
			if *on != "" {
				day, err := time.Parse(time.DateOnly, *on)
				if err != nil {
					return withHint(usageError("--on %q is not a date", *on), "write it as 2026-05-12")
				}
				q.day = day
			}
			j, err := rendering(c, *at)
			if err != nil {
				return err
			}
			repo, err := store.Open(j.cfg.dir)
			if err != nil {
				return err
			}
			defer repo.Close()
			report, _, err := j.assess(repo, *at)
			if err != nil {
				return err
			}
			return q.answer(c, report)
		}
	},
}

// A question is what exhibit state was asked.
type question struct {
	name, item string
	day        time.Time // zero: the whole period
}

// answer finds the line that is meant and prints what the ledger says of it.
func (q question) answer(c *call, r *control.Report) error {
	l := r.Ledger
	n := l.Check(q.name)
	var res *control.CheckResult
	kind := "check"
	if n != nil {
		res = &r.Checks[slices.IndexFunc(r.Checks, func(c control.CheckResult) bool { return c.Check.Name == n.ID })]
	} else if n, kind = l.Control(q.name), "control"; n == nil {
		n, kind = l.Criterion(q.name), "criterion"
	}
	if n == nil {
		return q.unknown(r)
	}
	if q.item == "" {
		return q.print(c, []said{q.ofLine(l, kind, n, res)})
	}
	if res == nil {
		return usageError("--item asks about an item of a check, and %s is a %s", n.ID, kind)
	}
	items := l.ItemsOf(res, q.item)
	if len(items) == 0 {
		return withHint(usageError("no run of the period saw an item %q of %s", q.item, n.ID), "exhibit checks explain %s --findings lists them", n.ID)
	}
	var out []said
	for _, it := range items {
		out = append(out, q.ofItem(l, n, it))
	}
	return q.print(c, out)
}

func (q question) unknown(r *control.Report) error {
	var names []string
	for _, lines := range [][]control.Line{r.Ledger.Checks, r.Ledger.Controls, r.Ledger.Criteria} {
		for _, n := range lines {
			names = append(names, n.ID)
		}
	}
	err := usageError("there is no check, control or criterion %q", q.name)
	return withNear(err, q.name, names, "exhibit checks list names the checks")
}

// said is what is known of one line or item.
type said struct {
	Kind    string         `json:"kind"` // check, control, criterion or item
	Subject string         `json:"subject"`
	Check   string         `json:"check,omitempty"` // of an item
	Account string         `json:"account,omitempty"`
	Region  string         `json:"region,omitempty"`
	Period  string         `json:"period"`
	On      string         `json:"on,omitempty"`
	State   string         `json:"state,omitempty"` // on that day
	EverOff bool           `json:"ever_off"`
	Ever    string         `json:"ever"`
	Seen    []sawAt        `json:"seen"` // all looks; those beside the day where one was asked about
	Unseen  []notSeen      `json:"not_observed,omitempty"`
	Changes []changeOfItem `json:"changes,omitempty"`
}

type sawAt struct {
	Run    string         `json:"run"`
	Commit string         `json:"commit"`
	At     time.Time      `json:"at"`
	Status control.Status `json:"status"`
	Words  string         `json:"words"`
	Value  any            `json:"value,omitempty"`
	Reason string         `json:"reason,omitempty"`
	Look   string         `json:"look,omitempty"` // a command that shows the evidence
}

type notSeen struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Days int       `json:"days"`
	Why  string    `json:"why"`
}

type changeOfItem struct {
	Item   string         `json:"item"`
	Before control.Status `json:"before"`
	Run    string         `json:"run"` // that saw Before last
	After  control.Status `json:"after"`
	Until  string         `json:"until"` // the run that saw After first
}

func (q question) ofLine(l *control.Ledger, kind string, n *control.Line, res *control.CheckResult) said {
	off := l.Ever(n)
	s := said{Kind: kind, Subject: n.ID, Period: l.Period.String(), EverOff: off.Ever, Ever: strings.TrimSpace(off.Says + " " + off.Unseen), Unseen: unseenOf(n.Intervals)}
	source := ""
	if res != nil {
		source = res.Check.Of
	}
	points := l.Points(n)
	if !q.day.IsZero() {
		a := l.On(n, q.day)
		s.On, s.State, points = a.Day.Format(time.DateOnly), a.Says, a.Points()
		s.Unseen = nil
	}
	for _, p := range points {
		s.Seen = append(s.Seen, sawAt{Run: p.Look.Run, Commit: p.Look.Commit, At: p.Look.At, Status: p.Status, Words: p.Words(), Look: showSource(p.Look.Commit, source)})
	}
	if q.day.IsZero() {
		for _, ch := range l.ChangesOf(n) {
			if ch.Moved() {
				continue // they came or went, and were all right
			}
			s.Changes = append(s.Changes, changeOfItem{place(ch.Item.Account, ch.Item.Region, ch.Item.Item), ch.Before.Status, l.Looks[ch.Before.Last].Run, ch.After.Status, l.Looks[ch.After.First].Run})
		}
	}
	return s
}

func (q question) ofItem(l *control.Ledger, n *control.Line, it control.ItemLine) said {
	off := l.ItemEver(n, it)
	s := said{Kind: "item", Subject: it.Item, Check: n.ID, Account: it.Account, Region: it.Region, Period: l.Period.String(), EverOff: off.Ever, Ever: strings.TrimSpace(off.Says + " " + off.Unseen)}
	points := l.ItemPoints(n, it)
	if !q.day.IsZero() {
		a := l.ItemOn(n, it, q.day)
		s.On, s.State, points = a.Day.Format(time.DateOnly), a.Says, a.Points()
	}
	for _, p := range points {
		s.Seen = append(s.Seen, sawAt{Run: p.Look.Run, Commit: p.Look.Commit, At: p.Look.At, Status: p.Status, Words: p.Words(), Value: p.Value, Reason: p.Reason, Look: showItem(p, it.Item)})
	}
	return s
}

// place is an item with where it is.
func place(account, region, item string) string {
	out := item
	if strings.Contains(item, account) && account != "" {
		return out // its own name says so
	}
	for _, p := range []string{region, account} {
		if p != "" {
			out = p + "/" + out
		}
	}
	return out
}

func unseenOf(list []control.Interval) []notSeen {
	var out []notSeen
	for _, v := range list {
		if !v.Long {
			continue
		}
		why := string(v.Kind)
		if len(v.Silent) > 0 {
			why += fmt.Sprintf("; %s asked and got no answer", count(len(v.Silent), "run"))
		}
		for _, b := range v.Bridges {
			why += fmt.Sprintf("; bridged by %s: %s", b.Via, b.Says)
		}
		out = append(out, notSeen{v.From, v.To, v.Days, why})
	}
	return out
}

// showItem is the command that prints the line of evidence at a look.
func showItem(p control.Point, item string) string {
	e := p.Evidence
	switch {
	case e.Path == "":
		return ""
	case e.Line > 0:
		return fmt.Sprintf("git show %s:%s | sed -n %dp", e.Commit[:min(12, len(e.Commit))], e.Path, e.Line)
	}
	return fmt.Sprintf("git show %s:%s | grep -F '%s'", e.Commit[:min(12, len(e.Commit))], e.Path, strings.ReplaceAll(item, "'", ""))
}

// showSource is the command that prints a whole population at a look.
func showSource(commit, source string) string {
	if source == "" || strings.HasPrefix(source, "record/") || strings.HasPrefix(source, "git/") {
		return ""
	}
	return fmt.Sprintf("git grep -h . %s -- 'evidence/*/%s.jsonl'", commit[:min(12, len(commit))], strings.ReplaceAll(source, "/", "-"))
}

func (q question) print(c *call, all []said) error {
	return c.result(map[string]any{"answers": all}, func(w io.Writer) {
		for i, s := range all {
			if i > 0 {
				fmt.Fprintln(w)
			}
			s.write(w)
		}
	})
}

func (s said) write(w io.Writer) {
	name := s.Kind + " " + s.Subject
	if s.Kind == "item" {
		name = place(s.Account, s.Region, s.Subject) + ", by " + s.Check
	}
	fmt.Fprintf(w, "%s, period %s\n", seal.Visible(name), s.Period)
	if s.State != "" {
		fmt.Fprintf(w, "\nOn %s\n  %s\n", s.On, seal.Visible(s.State))
	}
	fmt.Fprintf(w, "\nEver off\n  %s\n", seal.Visible(s.Ever))
	if len(s.Seen) > 0 {
		fmt.Fprintf(w, "\nSeen\n")
	}
	for _, p := range s.Seen {
		fmt.Fprintf(w, "  %s  %s  commit %s  %s\n", p.At.UTC().Format(time.RFC3339), p.Run, p.Commit[:min(12, len(p.Commit))], seal.Visible(p.Words))
		if p.Value != nil {
			if b, err := evidence.Canonical(p.Value); err == nil {
				fmt.Fprintf(w, "      value: %s\n", seal.Visible(string(b)))
			}
		}
		if p.Reason != "" {
			fmt.Fprintf(w, "      %s\n", seal.Visible(p.Reason))
		}
		if p.Look != "" {
			fmt.Fprintf(w, "      %s\n", p.Look)
		}
	}
	if len(s.Changes) > 0 {
		fmt.Fprintf(w, "\nItems that changed\n")
	}
	for i, ch := range s.Changes {
		if i == shownLines {
			fmt.Fprintf(w, "  … and %d more; --json lists all\n", len(s.Changes)-i)
			break
		}
		fmt.Fprintf(w, "  %s: %s at %s, %s at %s\n", seal.Visible(ch.Item), ch.Before, ch.Run, ch.After, ch.Until)
	}
	if len(s.Unseen) > 0 {
		fmt.Fprintf(w, "\nNot observed, longer than its cadence allows\n")
	}
	for _, v := range s.Unseen {
		fmt.Fprintf(w, "  %s to %s  %s, %s\n", v.From.Format(time.DateOnly), v.To.Format(time.DateOnly), count(v.Days, "day"), seal.Visible(v.Why))
	}
}
