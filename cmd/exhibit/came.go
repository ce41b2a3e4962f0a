package main

import (
	"fmt"
	"slices"

	"exhibit/control"
	"exhibit/evidence/store"
)

// came finds the commit that brought each file of a record. A file that went away
// in the commit in which another came with the same bytes was renamed.
func came(repo *store.Repository, commit string) (map[string]control.Came, error) {
	out, blob := map[string]control.Came{}, map[string]string{} // by path, as of the commit before
	for _, dir := range []string{"records", "exceptions"} {
		history, err := repo.History(commit, dir)
		if err != nil {
			return nil, fmt.Errorf("reading the history of %s/: %w", dir, err)
		}
		slices.Reverse(history) // oldest first
		for len(history) > 0 {
			n := slices.IndexFunc(history, func(r store.Revision) bool { return r.Commit != history[0].Commit })
			if n < 0 {
				n = len(history)
			}
			gone := map[string]control.Came{} // by blob
			for _, r := range history[:n] {
				if r.Gone {
					gone[blob[r.Path]] = out[r.Path]
					delete(out, r.Path)
				}
			}
			for _, r := range history[:n] {
				if r.Gone {
					continue
				}
				if _, there := out[r.Path]; !there {
					c, renamed := gone[r.Blob]
					if !renamed {
						c = control.Came{Commit: r.Commit, At: r.Time, Author: r.Author}
					}
					out[r.Path] = c
				}
				blob[r.Path] = r.Blob
			}
			history = history[n:]
		}
	}
	return out, nil
}
