package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"exhibit/control"
	"exhibit/evidence/store"
	"exhibit/render/table"
	"exhibit/seal"
)

var diffCommand = command{
	name: "diff", args: "A..B | A B",
	short: "what changed from one run, or package, to another",
	long: `Says what changed from A to B: verdicts of controls, checks and findings, items that
joined or left, listings added, gone or answered otherwise, versions of policies,
people, vendors and accepted exceptions. Each side is a run of this evidence repository
(its name, or its number: 3), a commit, or a package: its folder or zip. A package must
be whole as it was sealed; --signers names the allowed_signers file to check who signed.

"A.." compares with the newest commit, and without an argument the newest run is
compared with the one before it that asked everything, as the site's page does.
Verdicts are those of each run alone, not of the period.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		signers := fs.String("signers", "", "the allowed_signers `FILE` of packages")
		return func(_ context.Context, c *call) error {
			d := differ{call: c}
			if *signers != "" {
				b, err := os.ReadFile(absolute(c.Dir, *signers))
				if err != nil {
					return usageError("reading %q: %w", *signers, plain(err))
				}
				d.signers = b
			}
			defer d.close()
			before, after, err := d.sides(c.args)
			if err != nil {
				return err
			}
			return d.print(before, after)
		}
	},
}

// A differ reads the two sides.
type differ struct {
	*call
	signers []byte
	job     *job
	repo    *store.Repository
	books   map[string]*table.Book // by commit: two runs of one period are read once
}

func (d *differ) close() {
	if d.repo != nil {
		_ = d.repo.Close() // only read
	}
}

// sides are the two standings that the arguments name.
func (d *differ) sides(args []string) (before, after table.Standing, err error) {
	switch len(args) {
	case 0:
		b, err := d.book("HEAD")
		if err != nil {
			return before, after, err
		}
		last := b.LastPackage()
		if last < 0 {
			return before, after, withHint(errors.New("the period has no earlier run that asked everything"), "name two sides: exhibit diff A..B")
		}
		return b.StandingAt(last, true), b.StandingAt(b.NewestLook(), true), nil
	case 1:
		a, b, ok := d.split(args[0])
		if !ok {
			return before, after, withHint(usageError("diff takes two sides, not %q", args[0]), "write A..B: two runs, commits or packages")
		}
		args = []string{a, b}
	case 2:
	default:
		return before, after, usageError("diff takes two sides, not %d", len(args))
	}
	if !d.isPackage(args[0]) && !d.isPackage(args[1]) {
		return d.runs(args[0], args[1])
	}
	if before, err = d.side(args[0]); err == nil {
		after, err = d.side(args[1])
	}
	return before, after, err
}

// split parts "A..B". A path may hold two dots itself: the parting that leaves
// packages on both sides is meant, otherwise the first.
func (d *differ) split(s string) (a, b string, ok bool) {
	for i := 0; i+2 <= len(s); i++ {
		if s[i:i+2] == ".." && i > 0 && d.isPackage(s[:i]) && d.isPackage(s[i+2:]) {
			return s[:i], s[i+2:], true
		}
	}
	a, b, ok = strings.Cut(s, "..")
	if a == "" {
		return "", "", false
	}
	if b == "" {
		b = "HEAD"
	}
	return a, b, ok
}

func (d *differ) isPackage(name string) bool {
	path := absolute(d.Dir, name)
	info, err := os.Stat(path)
	return err == nil && (!info.IsDir() || exists(os.DirFS(path), seal.SealName))
}

// open opens the evidence repository.
func (d *differ) open() (err error) {
	if d.repo != nil {
		return nil
	}
	if d.job, err = rendering(d.call, "HEAD"); err != nil {
		return err
	}
	d.books = map[string]*table.Book{}
	d.repo, err = store.Open(d.job.cfg.dir)
	return err
}

// book judges the evidence at a commit.
func (d *differ) book(rev string) (*table.Book, error) {
	if err := d.open(); err != nil {
		return nil, err
	}
	tree, err := d.repo.At(rev)
	if err != nil {
		return nil, err
	}
	if b := d.books[tree.Commit()]; b != nil {
		return b, nil
	}
	report, _, err := d.job.assess(d.repo, rev)
	if err != nil {
		return nil, err
	}
	b := table.NewBook(report)
	if b.NewestLook() < 0 {
		return nil, withHint(fmt.Errorf("no run of the period at %s", rev), "set period in exhibit.yaml so that a run lies in it")
	}
	d.books[tree.Commit()] = b
	return b, nil
}

// rev reads a run's number as its name.
func (d *differ) rev(name string) (string, error) {
	n, err := strconv.Atoi(name)
	if err != nil || len(name) > 4 {
		return name, nil
	}
	runs, err := d.repo.RunCommits("HEAD")
	if err != nil {
		return "", err
	}
	for _, r := range runs {
		if strings.HasPrefix(r.Name, fmt.Sprintf("%04d-", n)) {
			return r.Name, nil
		}
	}
	return "", withHint(usageError("there is no run %d", n), "list the folder runs/")
}

// runs compares two runs or commits of this repository. Where the later one's
// report has the earlier as a run of its period, that one report tells both.
func (d *differ) runs(a, b string) (before, after table.Standing, err error) {
	if err := d.open(); err != nil {
		return before, after, err
	}
	if a, err = d.rev(a); err != nil {
		return before, after, err
	}
	if b, err = d.rev(b); err != nil {
		return before, after, err
	}
	to, err := d.book(b)
	if err != nil {
		return before, after, err
	}
	if look := to.LookOf(a); look >= 0 {
		return to.StandingAt(look, true), to.StandingAt(to.NewestLook(), true), nil
	}
	from, err := d.book(a)
	if err != nil {
		return before, after, err
	}
	return from.StandingAt(from.NewestLook(), false), to.StandingAt(to.NewestLook(), false), nil
}

func (d *differ) side(name string) (table.Standing, error) {
	if d.isPackage(name) {
		return d.packed(name)
	}
	if err := d.open(); err != nil {
		return table.Standing{}, err
	}
	rev, err := d.rev(name)
	if err != nil {
		return table.Standing{}, err
	}
	b, err := d.book(rev)
	if err != nil {
		return table.Standing{}, err
	}
	return b.StandingAt(b.NewestLook(), false), nil
}

// packed is the standing a package tells, once its seal holds.
func (d *differ) packed(name string) (table.Standing, error) {
	path := absolute(d.Dir, name)
	result, err := verifyPath(path, seal.Options{AllowedSigners: d.signers})
	if err != nil {
		return table.Standing{}, err
	}
	if !result.OK() {
		return table.Standing{}, withHint(fmt.Errorf("%s is not as it was sealed: what it says is not compared", name), "exhibit verify %s says what is wrong", name)
	}
	pack := os.DirFS(path)
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		f, err := os.Open(path)
		if err != nil {
			return table.Standing{}, err
		}
		defer f.Close()
		z, err := seal.OpenZip(f, info.Size())
		if err != nil {
			return table.Standing{}, fmt.Errorf("opening %s: %w", name, err)
		}
		pack = seal.Inside(z)
	}
	s, err := packedStanding(pack)
	if err != nil {
		return s, fmt.Errorf("reading %s: %w", filepath.Base(name), err)
	}
	return s, nil
}

// packedStanding reads a package's standing from its data for machines.
func packedStanding(pack fs.FS) (table.Standing, error) {
	var s table.Standing
	text, err := sealOf(pack)
	if err != nil {
		return s, err
	}
	s.Organisation, s.Period, s.Run, s.Commit, s.At = text.Organisation, text.Period, text.Run, text.Commit, text.Claimed
	told := []string{}
	err = eachLine(pack, "data/standing.jsonl", func(l standingLine) {
		if l.Kind == "standing" {
			told = l.Told
			return
		}
		s.Put(table.Stand{Kind: l.Kind, ID: l.ID, Title: l.Title, State: string(control.StatusOf(l.State)), Says: l.Says})
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	for _, kind := range table.StandKinds() {
		if !slices.Contains(told, kind) {
			s.Missing = append(s.Missing, kind)
		}
	}
	if err != nil { // an older package: findings and coverage alone
		s.Missing = slices.DeleteFunc(s.Missing, func(k string) bool { return k == table.StandFinding || k == table.StandListing })
	}
	err = eachLine(pack, "data/findings.jsonl", func(l findingLine) {
		s.Put(table.Stand{Kind: table.StandFinding, ID: l.ID, Title: l.Check + ": " + l.Item, Where: strings.TrimSpace(l.Account + " " + l.Region), State: string(control.StatusOf(l.Status)),
			Says: valueWords(l.Value), Item: l.Item, Of: l.Check})
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // a report without a finding has no such file
		return s, err
	}
	err = eachLine(pack, "data/coverage.jsonl", func(l coverageLine) {
		if table.CoverWord(l.Cell.State) != table.CoverNA {
			s.Put(table.ListingStand(table.KeyOf(l.Cell), l.Cell))
		}
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	return s, nil
}

func valueWords(v any) string {
	if v == nil {
		return ""
	}
	return table.ValueLines(v)
}

// shownTurns is how many of each kind the text shows; --json has all.
const shownTurns = 20

func (d *differ) print(a, b table.Standing) error {
	turns := table.Differ(a, b)
	type side struct {
		Run    string `json:"run"`
		Commit string `json:"commit"`
		At     string `json:"at"`
		Period string `json:"period"`
	}
	sideOf := func(s table.Standing) side { return side{s.Run, s.Commit, s.At.UTC().Format(time.RFC3339), s.Period} }
	var missing []string
	for _, k := range table.StandKinds() {
		if slices.Contains(a.Missing, k) || slices.Contains(b.Missing, k) {
			missing = append(missing, k)
		}
	}
	if turns == nil {
		turns = []table.Turn{}
	}
	return d.ui.result(map[string]any{"before": sideOf(a), "after": sideOf(b), "turns": turns, "not_told": missing}, func(w io.Writer) {
		fmt.Fprintf(w, "From run %s (%s)\nto   run %s (%s)\n", a.Run, short(a.Commit), b.Run, short(b.Commit))
		if a.Organisation != b.Organisation {
			fmt.Fprintf(w, "These are two organisations: %s and %s\n", seal.Visible(a.Organisation), seal.Visible(b.Organisation))
		}
		if len(missing) > 0 {
			fmt.Fprintf(w, "Not told by a package of an older exhibit: %s\n", strings.Join(missing, ", "))
		}
		for _, kind := range table.StandKinds() {
			printTurns(w, kind, turns)
		}
		if len(turns) == 0 {
			fmt.Fprintln(w, "Nothing that is compared changed.")
		}
	})
}

func short(commit string) string { return commit[:min(10, len(commit))] }

func printTurns(w io.Writer, kind string, turns []table.Turn) {
	var of []table.Turn
	count := map[string]int{}
	for _, t := range turns {
		if t.Kind == kind {
			of = append(of, t)
			count[t.How]++
		}
	}
	if len(of) == 0 {
		return
	}
	var parts []string
	for _, how := range []string{table.Worse, table.Better, table.Turned, table.Joined, table.Left} {
		if count[how] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[how], how))
		}
	}
	fmt.Fprintf(w, "\n%s: %s\n", kindHeading(kind), strings.Join(parts, ", "))
	for i, t := range of {
		if i == shownTurns {
			fmt.Fprintf(w, "  … and %d more; --json lists all\n", len(of)-i)
			break
		}
		what := t.ID
		if kind == table.StandFinding {
			what = strings.TrimSpace(t.ID + "  " + t.Title + "  " + t.Where)
		} else if t.Title != "" && kind != table.StandListing {
			what += "  " + t.Title
		}
		fmt.Fprintf(w, "  %-7s  %s\n           %s\n", t.How, seal.Visible(strings.ReplaceAll(what, "\n", " ")), turnLine(t))
	}
}

// turnLine is before and after in a line.
func turnLine(t table.Turn) string {
	one := func(state, says string) string {
		if state == "" {
			return "not there"
		}
		if says != "" {
			state += " (" + strings.ReplaceAll(says, "\n", "; ") + ")"
		}
		return state
	}
	return seal.Visible(one(t.Before, t.Was) + " -> " + one(t.After, t.Is))
}

func kindHeading(kind string) string {
	switch kind {
	case table.StandPolicy:
		return "Policies"
	case table.StandPerson:
		return "People"
	case table.StandException:
		return "Accepted exceptions"
	}
	return strings.ToUpper(kind[:1]) + kind[1:] + "s"
}
