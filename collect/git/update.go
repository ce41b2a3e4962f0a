package git

import (
	"errors"
	"fmt"
	"slices"

	"exhibit/evidence/store/objects"
)

// What a branch got by having the branch it is for merged into it.
const (
	onlyBase  = "only the base" // proven file by file
	moreThan  = "other changes" // proven: a file is in it as neither side had it
	notProven = "not known"     // both sides touched a file, or a side is not here
	mostSteps = 2000            // commits looked at to find where a branch began
	mostPaths = maxFiles        // files compared of one update
	mostLinks = 20              // updates looked at, one below the other
)

// A sideways is what is needed to tell about branches that were merged.
type sideways struct {
	r  *repository
	at map[objects.ID]int // place on the line, newest first
}

// updates tells what the newest commits of a merged branch brought, as far as they are
// merges of the base into it: whoever approved the state before such a merge approved
// what was merged, where the merge brought nothing but the base. Newest first; it ends
// with the first commit that is no such merge, and with the first that is not proven.
//
// That it brought only the base is proven by the files: with the newest commit of the
// base the branch held before as the common ground, each file is as the one side has it
// that changed it. Git may have merged a file that both sides changed line by line:
// that is not looked into, and not known.
func (s *sideways) updates(head objects.ID) ([]any, error) {
	var out []any
	for range mostLinks {
		c, err := s.r.ReadCommit(head)
		if errors.Is(err, objects.ErrMissing) {
			return out, nil
		}
		if err != nil || len(c.Parents) != 2 {
			return out, err
		}
		place, onLine := s.at[c.Parents[1]]
		if !onLine {
			return out, nil // another branch was merged: a change like any other
		}
		brings, why, paths, err := s.brings(c, place)
		if err != nil {
			return out, err
		}
		u := map[string]any{"commit": head.String(), "from": c.Parents[0].String(), "base": c.Parents[1].String(), "brings": brings}
		if why != "" {
			u["why"] = why
		}
		if len(paths) > 0 {
			u["paths"] = plain(paths[:min(len(paths), 10)])
		}
		out = append(out, u)
		if brings != onlyBase {
			return out, nil
		}
		head = c.Parents[0]
	}
	return out, nil
}

// brings compares a merge with both of its sides.
func (s *sideways) brings(c objects.Header, place int) (brings, why string, paths []string, err error) {
	ground, why, err := s.ground(c.Parents[0], place)
	if err != nil || why != "" {
		return notProven, why, nil, err
	}
	sides := [2]map[string]objects.Entry{}
	for i, p := range c.Parents {
		side, err := s.r.ReadCommit(p)
		if err == nil {
			sides[i], err = s.differs(ground, side.Tree)
		}
		if why, err := unproven(err); why != "" || err != nil {
			return notProven, why, nil, err
		}
	}
	merged, err := s.differs(ground, c.Tree)
	if why, err := unproven(err); why != "" || err != nil {
		return notProven, why, nil, err
	}
	known := map[objects.ID]bool{} // contents either side brought
	both, odd := []string{}, []string{}
	expected := map[string]objects.Entry{}
	for i, side := range sides {
		for p, e := range side {
			known[e.ID] = true
			if other, too := sides[1-i][p]; too && other != e {
				both = append(both, p)
				continue
			}
			expected[p] = e
		}
	}
	slices.Sort(both)
	both = slices.Compact(both)
	invented, moved := false, false
	for p, e := range merged {
		if want, ok := expected[p]; ok && want == e {
			continue
		}
		if _, open := slices.BinarySearch(both, p); open {
			continue
		}
		odd = append(odd, p)
		moved = moved || known[e.ID] // a folder the one side renamed may hold what the other put there
		invented = invented || !known[e.ID] && !e.ID.IsZero()
	}
	for p := range expected {
		if _, there := merged[p]; !there { // as on the common ground again
			odd = append(odd, p)
		}
	}
	slices.Sort(odd)
	switch {
	case len(odd) == 0 && len(both) == 0:
		return onlyBase, "", nil, nil
	case len(both) == 0 && (invented || !moved):
		return moreThan, "these files are not as the side has them that changed them", odd, nil
	case len(odd) > 0:
		return notProven, "files are not where either side has them; they may have been renamed", odd, nil
	}
	return notProven, "both sides changed these files, and how their lines were joined is not looked into", both, nil
}

// unproven makes a reason of what keeps two trees from being compared.
func unproven(err error) (why string, _ error) {
	var many *refusal
	switch {
	case errors.Is(err, objects.ErrMissing):
		return "an object is missing: " + err.Error(), nil
	case errors.As(err, &many):
		return many.message, nil
	}
	return "", err
}

// differs are the files of a tree that are not as in another one; the zero entry is a
// file that is gone.
func (s *sideways) differs(from, to objects.ID) (map[string]objects.Entry, error) {
	out := map[string]objects.Entry{}
	err := s.r.Diff(from, to, func(d objects.Change) error {
		if len(out) >= mostPaths {
			return &refusal{message: fmt.Sprintf("more than %d files differ", mostPaths)}
		}
		e := d.New
		e.Name = "" // the path says it
		out[d.Path] = e
		return nil
	})
	return out, err
}

// ground is the tree of the newest commit of the line that a branch held before the
// commit at a place of the line was merged into it.
func (s *sideways) ground(tip objects.ID, place int) (tree objects.ID, why string, err error) {
	seen := map[objects.ID]bool{tip: true}
	queue := []objects.ID{tip}
	newest, id := -1, objects.ID{}
	for n := 0; len(queue) > 0; n++ {
		if n > mostSteps {
			return tree, fmt.Sprintf("the branch has more than %d commits of its own", mostSteps), nil
		}
		at := queue[0]
		queue = queue[1:]
		if p, onLine := s.at[at]; onLine {
			if p < place {
				return tree, "the branch held newer commits of the base before", nil
			}
			if newest < 0 || p < newest {
				newest, id = p, at
			}
			continue
		}
		c, err := s.r.ReadCommit(at)
		if errors.Is(err, objects.ErrMissing) || err == nil && s.r.shallow[at] {
			return tree, "the history of the branch is not all here", nil
		}
		if err != nil {
			return tree, "", err
		}
		for _, p := range c.Parents {
			if !seen[p] {
				seen[p] = true
				queue = append(queue, p)
			}
		}
	}
	if newest < 0 {
		return tree, "the branch has no commit in common with the base", nil
	}
	c, err := s.r.ReadCommit(id)
	return c.Tree, "", err
}
