package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"exhibit/control"
	"exhibit/evidence/record"
	"exhibit/evidence/review"
	"exhibit/evidence/store"
	"exhibit/policies"
	"exhibit/render/table"
)

var reviewCommand = command{
	name: "review", args: "open | status | import FILE.xlsx | assign | verify | close",
	short: "access reviews: freeze who can get in, have people decide, prove what was revoked",
	long: `open     freezes every way in that evidence shows at a commit, gives each row to one
         person and writes a workbook for each: --quarter 2026-Q3 --by PERSON. Who
         decides what stands in exhibit.yaml under review, or in --reviewers FILE
status   how far each review is, and for whom it waits
import   takes a workbook back: whole, or not at all. What is wrong is listed as
         file:sheet:row:column, and marked in FILE-problems.xlsx
assign   gives rows to somebody else, and writes that person's workbook anew:
         assign 2026-Q3 --from PERSON --to PERSON [--row E-…,E-…] --by PERSON --why TEXT;
         without --row those that were answered with "Not mine"
verify   what later runs prove of each Revoke and Modify: gone, changed, still there,
         back again, or not known. Exit code 3 where something is still there
close    signs a review in which everything is decided: close 2026-Q3 --by PERSON

Everything lies under reviews/ of the evidence repository; each step is one commit.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		var f reviewFlags
		fs.StringVar(&f.quarter, "quarter", "", "open: the `QUARTER` reviewed, as 2026-Q3, or 2026-Q3-admins for a further review of it")
		fs.StringVar(&f.at, "at", "HEAD", "open: the `COMMIT` whose evidence is frozen")
		fs.StringVar(&f.reviewers, "reviewers", "", "open: a YAML `FILE` with default, second, accounts and dormant_days, instead of exhibit.yaml's")
		fs.StringVar(&f.by, "by", "", "open, assign, close: the `PERSON` of the people register who does it")
		fs.StringVar(&f.second, "second", "", "close: the `PERSON` who signs besides, where the first decided and is privileged")
		fs.StringVar(&f.gaps, "gaps", "", "close: what was done about listings that were not answered, in `WORDS`")
		fs.StringVar(&f.from, "from", "", "assign: the `PERSON` whose rows are given away")
		fs.StringVar(&f.to, "to", "", "assign: the `PERSON` who gets them")
		fs.StringVar(&f.rows, "row", "", "assign: the `ROWS`, joined by commas")
		fs.StringVar(&f.why, "why", "", "assign: the reason, in `WORDS`")
		return func(ctx context.Context, c *call) error {
			verbs := []string{"open", "import", "status", "assign", "verify", "close"}
			if len(c.args) == 0 {
				return withHint(usageError("review: say what to do"), "one of: %s", strings.Join(verbs, ", "))
			}
			verb := c.args[0]
			c.args = c.args[1:]
			switch {
			case !slices.Contains(verbs, verb):
				err := usageError("review %s is not a command", verb)
				return withNear(err, verb, verbs, "one of: %s", strings.Join(verbs, ", "))
			case verb == "import" && len(c.args) != 1:
				return usageError("review import takes one FILE.xlsx")
			case verb == "open" && len(c.args) > 0:
				return withHint(usageError("review open takes no argument %q", c.args[0]), "the quarter is a flag: --quarter 2026-Q3")
			case len(c.args) > 1:
				return usageError("review %s takes one review, such as 2026-Q3", verb)
			case (verb == "assign" || verb == "close") && len(c.args) == 0:
				return usageError("review %s: name the review, such as 2026-Q3", verb)
			}
			w, err := openReviews(c)
			if err != nil {
				return err
			}
			defer w.close()
			switch verb {
			case "open":
				return w.openReview(f)
			case "import":
				return w.importReview(c.args[0])
			case "assign":
				return w.assignReview(f, c.args[0])
			case "close":
				return w.closeReview(f, c.args[0])
			case "verify":
				return w.verifyReviews(first(c.args))
			}
			return w.statusReviews(first(c.args))
		}
	},
}

type reviewFlags struct {
	quarter, at, reviewers, by, second, gaps, from, to, rows, why string
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// reviewing is one command on the reviews of a repository.
type reviewing struct {
	*call
	cfg  Config
	repo *store.Repository
	tree *store.Tree // the newest commit
}

func openReviews(c *call) (*reviewing, error) {
	cfg, err := loadConfig(c.Dir)
	if err != nil {
		return nil, err
	}
	repo, err := store.Open(cfg.dir)
	if err != nil {
		return nil, err
	}
	tree, err := repo.At("HEAD")
	if err != nil {
		return nil, errors.Join(err, repo.Close())
	}
	return &reviewing{call: c, cfg: cfg, repo: repo, tree: tree}, nil
}

func (w *reviewing) close() { _ = w.repo.Close() } // what was to be kept is a commit by now

// evidenceAt is what the newest run at a commit left, once it is known to be what
// that run sealed.
func (w *reviewing) evidenceAt(rev string) (control.Evidence, *store.Tree, error) {
	tree, err := w.repo.At(rev)
	if err != nil {
		return control.Evidence{}, nil, err
	}
	runs, err := tree.Runs()
	if err != nil {
		return control.Evidence{}, nil, err
	}
	if len(runs) == 0 {
		return control.Evidence{}, nil, withHint(fmt.Errorf("there is no run at %s yet", tree.Commit()[:10]), "collect first: exhibit collect")
	}
	if _, err := asSealed(tree); err != nil {
		return control.Evidence{}, nil, err
	}
	schemas, err := record.Schemas(policies.FS)
	if err != nil {
		return control.Evidence{}, nil, err
	}
	past, err := w.past(schemas)
	if err != nil {
		return control.Evidence{}, nil, err
	}
	e, _, err := past.read(tree, runs)
	if why := e.Unread["person"]; err == nil && why != "" {
		return e, tree, withHint(fmt.Errorf("the people register cannot be read whole: %s", why), "mend it and commit, or give the identity that opens it: whose access is whose is told by it")
	}
	return e, tree, err
}

// now is the time a step is done, to the second.
func (w *reviewing) now() time.Time { return w.Now().UTC().Truncate(time.Second) }

// people are those of the register as it is committed now.
func (w *reviewing) people() (map[string]review.Person, error) {
	schemas, err := record.Schemas(policies.FS)
	if err != nil {
		return nil, err
	}
	past, err := w.past(schemas)
	if err != nil {
		return nil, err
	}
	items, faults, err := past.written(w.tree)
	if err != nil {
		return nil, err
	}
	for _, f := range faults {
		if f.Kind == "person" {
			return nil, withHint(fmt.Errorf("the people register cannot be read whole: %s", f), "mend it and commit, or give the identity that opens it: who may decide is told by it")
		}
	}
	return control.People(control.Evidence{Items: items}), nil
}

// past reads what people wrote, with what is encrypted opened as everywhere, and
// what counts as destroyed left alone.
func (w *reviewing) past(schemas []record.Schema) (*past, error) {
	p := newPast(schemas)
	var err error
	if p.keys, err = ageKeys(w.world, w.cfg); err == nil {
		p.bury(w.tree)
	}
	return p, err
}

// person is somebody who works here, by the id typed after a flag.
func (w *reviewing) person(people map[string]review.Person, flag, id string) (review.Person, error) {
	p, ok := people[id]
	switch {
	case id == "":
		return p, withHint(usageError("--%s is missing", flag), "name the person by the id in registers/people.yaml")
	case !ok:
		var ids []string
		for known := range people {
			ids = append(ids, known)
		}
		slices.Sort(ids)
		err := usageError("--%s: registers/people.yaml has nobody with the id %q", flag, id)
		return p, withNear(err, id, ids, "the ids stand in registers/people.yaml")
	case !p.Left.IsZero() && !p.Left.After(w.Now()):
		return p, usageError("--%s: %s left on %s", flag, p.Name, p.Left.Format("2006-01-02"))
	}
	return p, nil
}

// review reads one review as it is committed.
func (w *reviewing) review(id string) (*review.Review, error) {
	if err := review.CheckID(id); err != nil {
		return nil, usageError("%w", err)
	}
	r, err := review.Read(w.tree.FS(), id)
	if err != nil {
		if all, _ := review.ReadAll(w.tree.FS()); !slices.ContainsFunc(all, func(o *review.Review) bool { return o.ID == id }) && len(all) > 0 {
			var ids []string
			for _, o := range all {
				ids = append(ids, o.ID)
			}
			return nil, withHint(err, "there are: %s", strings.Join(ids, ", "))
		}
		return nil, withHint(err, "exhibit review status lists the reviews; git log -- %s shows who changed one", review.Folder)
	}
	return r, nil
}

// before is the newest closed review of an earlier opening than r; nil for none.
func (w *reviewing) before(r *review.Review) (*review.Review, error) {
	if r.Previous == "" {
		return nil, nil
	}
	return w.review(r.Previous)
}

// stamp stands on the workbooks of a review.
func (w *reviewing) stamp(r *review.Review) table.Stamp {
	e := w.cfg.engagement()
	return table.Stamp{Sample: w.cfg.Sample, Organisation: e.Organisation, System: e.System, Period: e.Period.String(), Run: r.Run, Commit: r.Commit, Tool: "exhibit " + version, AsOf: r.Seen}
}

// keep commits files as exhibit.
func (w *reviewing) keep(files map[string][]byte, message string) (string, error) {
	return w.repo.CommitFiles(files, store.Author{Name: "exhibit", Email: w.cfg.Signing.Principal + "@exhibit.invalid"}, w.Now(), message)
}

// statusReviews says how far reviews are.
func (w *reviewing) statusReviews(id string) error {
	all, problems := review.ReadAll(w.tree.FS())
	if id != "" {
		r, err := w.review(id)
		if err != nil {
			return err
		}
		all, problems = []*review.Review{r}, nil
	}
	type row struct {
		Reviewer  string `json:"reviewer"`
		Rows      int    `json:"rows"`
		Keep      int    `json:"keep"`
		Revoke    int    `json:"revoke"`
		Modify    int    `json:"modify"`
		NotMine   int    `json:"not_mine"`
		Undecided int    `json:"undecided"`
		Received  int    `json:"workbooks_received"`
	}
	type state struct {
		ID           string           `json:"id"`
		Opened       string           `json:"opened"`
		Rows         int              `json:"rows"`
		Closed       string           `json:"closed,omitempty"`
		SignOff      string           `json:"signed_off_by,omitempty"`
		NotEvaluated []review.Missing `json:"not_evaluated"`
		Reviewers    []row            `json:"reviewers"`
	}
	var out []state
	for _, r := range all {
		s := state{ID: r.ID, Opened: r.Opened.UTC().Format("2006-01-02"), Rows: r.Rows, NotEvaluated: r.NotEvaluated}
		if r.Closed != nil {
			s.Closed, s.SignOff = r.Closed.Closed.UTC().Format("2006-01-02"), r.Closed.SignOff
		}
		for _, p := range r.Deciders() {
			n := r.StandingOf(p)
			k := row{p, n.Rows, n.Keep, n.Revoke, n.Modify, n.NotMine, n.Undecided, 0}
			for _, v := range r.Receipts {
				if v.Reviewer == p {
					k.Received++
				}
			}
			s.Reviewers = append(s.Reviewers, k)
		}
		out = append(out, s)
	}
	err := w.result(map[string]any{"reviews": out, "problems": problems}, func(o io.Writer) {
		if len(out) == 0 {
			fmt.Fprintln(o, "no review was opened yet: exhibit review open --quarter 2026-Q3 --by PERSON")
		}
		for _, s := range out {
			closed := "open"
			if s.Closed != "" {
				closed = "closed on " + s.Closed + ", signed off by " + s.SignOff
			}
			fmt.Fprintf(o, "%s: opened on %s, %s, %s\n", s.ID, s.Opened, count(s.Rows, "row"), closed)
			for _, m := range s.NotEvaluated {
				fmt.Fprintf(o, "  not evaluated: %s\n", missingLine(m))
			}
			for _, k := range s.Reviewers {
				fmt.Fprintf(o, "  %-24s %3d rows: %d keep, %d revoke, %d modify, %d not mine, %d undecided; %s received\n", k.Reviewer, k.Rows, k.Keep, k.Revoke, k.Modify, k.NotMine, k.Undecided, count(k.Received, "workbook"))
			}
		}
	})
	if err == nil && len(problems) > 0 {
		return withHint(errors.New(strings.Join(problems, "\n")), "exhibit wrote these files: git log -- %s shows who changed them", review.Folder)
	}
	return err
}

func missingLine(m review.Missing) string {
	s := strings.Join(strings.Fields(m.Source+" "+m.Account+" "+m.Region), " ") + ": " + strings.ReplaceAll(m.State, "_", " ")
	if m.Reason != "" {
		s += ". " + m.Reason
	}
	return s
}
