package git

import (
	"context"
	"errors"
	"fmt"
	"time"

	"exhibit/evidence"
	"exhibit/evidence/store/objects"
	"exhibit/internal/secret"
)

// maxFiles is how many files of one change are listed; more are a gap.
const maxFiles = 10000

// A step is one commit of the first-parent line.
type step struct {
	id     objects.ID
	parent objects.ID // the first; zero for the first commit
	when   int64      // committer's, Unix seconds
}

// changes lists the first-parent commits that belong to the period.
func (s *source) changes(ctx context.Context, q *question) error {
	at := s.now()
	r, err := q.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	ref, tip, err := r.production(s.repo.Branch)
	if err != nil {
		return err
	}
	params := map[string]any{"first_parent": true, "branch": s.repo.Branch, "ref": ref, "tip": tip.String(),
		"from": s.cfg.Period.Start.UTC().Format(time.RFC3339), "until": s.cfg.Period.End.UTC().Format(time.RFC3339)}
	if up, ok := r.refs["refs/remotes/origin/"+s.repo.Branch]; ok && up != tip {
		params["tip_of_remote"] = up.String() // this copy is not what its remote had when it was last fetched
	}
	defer func() { q.call("log", at, q.rows, params) }()
	line, err := r.firstParents(ctx, tip)
	q.rows = len(line)
	if err != nil {
		return err
	}
	q.rows = 0
	from, until := s.inPeriod(line)
	side := &sideways{r: r, at: make(map[objects.ID]int, len(line))}
	for i := range line {
		side.at[line[i].id] = i
	}
	var before parent // oldest first: each commit is the next one's first parent
	for i := until - 1; i >= from; i-- {
		if err := ctx.Err(); err != nil {
			return err
		}
		it, c, err := r.change(line[i], before, s.repo.Branch)
		if err != nil {
			return err
		}
		before = parent{line[i].id, c.Tree}
		change := it.Answers["change"].(map[string]any)
		if len(c.Parents) == 2 {
			list, err := side.updates(c.Parents[1])
			if err != nil {
				return err
			}
			if len(list) > 0 {
				change["updates"] = list
			}
		}
		change["number"] = number(len(line) - i)
		change["in_period"] = line[i].when > 0 && s.cfg.Period.holds(time.Unix(line[i].when, 0))
		if list, ok := change["withheld"].([]any); ok {
			for range list {
				q.Redacted("git/change: a credential in a message")
			}
		}
		q.Item(it)
		q.rows++
	}
	params["commits_on_the_line"] = number(len(line))
	return nil
}

// firstParents walks from a tip to the first commit. A walk that ends anywhere
// else is an error, with what was walked.
func (r *repository) firstParents(ctx context.Context, tip objects.ID) ([]step, error) {
	var line []step
	for id := tip; !id.IsZero(); {
		if len(line)%256 == 0 && ctx.Err() != nil {
			return line, ctx.Err()
		}
		c, err := r.ReadStep(id)
		if errors.Is(err, objects.ErrMissing) {
			return line, &refusal{"log", "Truncated", fmt.Sprintf("the history ends after %d commits: %v", len(line), err)}
		}
		if err != nil {
			return line, err
		}
		line = append(line, step{id, c.Parent, c.When})
		if r.shallow[id] && !c.Parent.IsZero() {
			return line, &refusal{"log", "Truncated",
				fmt.Sprintf("a shallow clone: the history ends after %d commits; fetch the rest with: git fetch --unshallow", len(line))}
		}
		id = c.Parent
	}
	return line, nil
}

// inPeriod is the stretch of the line, newest first, that belongs to the period:
// from the newest commit dated in it to the oldest, with whatever lies between,
// and every commit that came after a tip an earlier run saw. So a commit with an
// invented date does not fall out of the list.
func (s *source) inPeriod(line []step) (from, until int) {
	from, until = len(line), 0
	for i, st := range line {
		if st.when > 0 && s.cfg.Period.holds(time.Unix(st.when, 0)) {
			from, until = min(from, i), max(until, i+1)
		}
	}
	for _, seen := range []string{s.repo.Since, s.repo.Previous["refs/heads/"+s.repo.Branch], s.repo.Previous["refs/remotes/origin/"+s.repo.Branch]} {
		for i, st := range line {
			if seen != "" && st.id.String() == seen && i > 0 {
				from, until = 0, max(until, i)
			}
		}
	}
	if from > until {
		return 0, 0
	}
	return from, until
}

// A parent is a commit read before, and its tree.
type parent struct{ id, tree objects.ID }

// change is one commit as an item.
func (r *repository) change(st step, before parent, branch string) (it evidence.Item, c objects.Header, err error) {
	raw, err := r.ReadKind(st.id, objects.Commit)
	if err != nil {
		return it, c, err
	}
	if objects.Sum(objects.Commit, raw) != st.id {
		return it, c, fmt.Errorf("commit %s: %w: its content has another id", st.id, objects.ErrCorrupt)
	}
	c, err = objects.ParseCommit(raw)
	if err != nil {
		return it, c, err
	}
	text := decoder(c.Encoding)
	// What somebody pasted into a message lies in that repository for ever; it is not
	// copied into the evidence, and must not stop a run that nobody could mend.
	words, withheld := secret.Withhold(text(c.Message))
	m := parseMessage(words)
	parents := make([]any, len(c.Parents))
	for i, p := range c.Parents {
		parents[i] = p.String()
	}
	commit := map[string]any{
		"sha": st.id.String(), "tree": c.Tree.String(), "parents": parents, "subject": m.subject,
		"author": person(c.Author, text), "committer": person(c.Committer, text),
	}
	change := map[string]any{"branch": branch, "merge": len(parents) > 1, "author": text(c.Author.Email), "subject": m.subject}
	if !c.Committer.When.IsZero() {
		change["committed"] = c.Committer.When.UTC().Format(time.RFC3339)
	}
	if c.Encoding != "" {
		commit["encoding"] = text([]byte(c.Encoding))
	}
	if m.body != "" {
		commit["body"] = m.body
	}
	if len(m.trailers) > 0 {
		commit["trailers"] = m.trailers
	}
	if sig := describeSignature(c.GPGSig); sig != nil {
		commit["signature"] = sig
	} else {
		commit["signature"] = map[string]any{"kind": "none"}
	}
	if len(withheld) > 0 {
		change["withheld"] = plain(withheld)
	}
	if pr := m.pullRequest(len(parents) > 1); pr != nil {
		change["pull_request"] = pr
	}
	if rev := m.reverts(); rev != nil {
		change["reverts"] = rev
	}
	if picked := m.picked(); picked != "" {
		change["picked_from"] = picked
	}
	it = evidence.Item{ID: st.id.String(), Answers: map[string]any{"commit": commit, "change": change}}
	if before, err = r.files(&it, change, st, before, c.Tree); err != nil {
		return it, c, err
	}
	return it, c, r.owners(&it, before.tree)
}

// files lists what differs from the first parent, which it returns.
func (r *repository) files(it *evidence.Item, change map[string]any, st step, before parent, tree objects.ID) (parent, error) {
	if before.id != st.parent {
		before = parent{id: st.parent}
		if !st.parent.IsZero() {
			p, err := r.ReadCommit(st.parent)
			if err != nil {
				return before, err
			}
			before.tree = p.Tree
		}
	}
	list := []any{}
	n := 0
	err := r.Diff(before.tree, tree, func(d objects.Change) error {
		if n++; n <= maxFiles {
			list = append(list, map[string]any{"path": escape([]byte(d.Path)), "status": d.Status()})
		}
		return nil
	})
	switch {
	case errors.Is(err, objects.ErrMissing):
		it.Gaps = append(it.Gaps, evidence.Gap{Question: "files", Code: "MissingObject", Message: err.Error()})
		return before, nil
	case err != nil:
		return before, err
	case n > maxFiles:
		it.Gaps = append(it.Gaps, evidence.Gap{Question: "files", Code: "TooMany", Message: fmt.Sprintf("%d files changed; more than %d are not listed", n, maxFiles)})
	default:
		it.Answers["files"] = list
	}
	change["files_changed"] = number(n)
	return before, nil
}

// plain is a list of texts as the evidence holds it.
func plain(texts []string) []any {
	out := make([]any, len(texts))
	for i, s := range texts {
		out[i] = s
	}
	return out
}
