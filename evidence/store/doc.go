// Package store is the only writer of the evidence repository: an ordinary git
// repository, with a work tree, that the organisation owns.
//
// Glossary:
//
//   - A run is kept as one commit, or not at all.
//   - Exhibit's own paths are evidence/ and runs/. Everything else (exhibit.yaml,
//     policies/, records/ …) is written by people and carried through a run
//     unchanged, as it stands in the last commit.
//   - A tree is what one commit holds. It is read from git's objects, never from
//     the work tree, so what is read is what was committed.
//   - The chain is the runs in order; each seal names the one before and the
//     commit it was made on.
//
// Rules: objects are written first and the branch moves last, with the branch's
// old value compared under git's own lock; then the work tree and the index are
// brought along. A journal in the git folder, written before the branch moves,
// lets the next Open finish what a killed process began. runs/ is append-only:
// a run whose folder, seal or commit is not where the next one expects it stops
// the next one. No git executable is needed, and what is written is what git
// itself would have written: it is checked with git fsck --strict.
//
// What is not supported is refused with the mend: bare repositories, SHA-256
// repositories, reftable, split and sparse indexes, symbolic links, submodules
// and attributes that make the work tree differ from what git keeps.
package store

// Hint is an error that says what to do about it. Its text is complete without
// the hint; a program that prints hints apart finds it with errors.As.
type Hint struct {
	Err  error
	Mend string // "run: exhibit init"
}

// Error says what is wrong and what to do.
func (h *Hint) Error() string { return h.Err.Error() + ": " + h.Mend }

// Unwrap gives the error without the mend.
func (h *Hint) Unwrap() error { return h.Err }
