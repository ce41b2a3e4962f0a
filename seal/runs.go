package seal

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// VerifyRuns checks an evidence repository: the seal and signature of every
// run and what each says of the one before, what lies in the folder of every
// run, and against the newest run every file it sealed and every file under
// evidence/ that it did not.
func VerifyRuns(fsys fs.FS, opt Options) (*Result, error) {
	v, err := newVerifier(opt)
	if err != nil {
		return nil, err
	}
	if v.tree, err = walk(fsys, "runs"); err != nil {
		return nil, fmt.Errorf("opening the evidence repository: %w", err)
	}
	links := v.openRuns()
	chainProblems := len(v.r.Problems)
	var newest sealed
	if len(links) == 0 {
		v.r.problem(Missing, "runs", "there is no run here")
	} else {
		newest = links[len(links)-1].sealed
	}
	v.r.Seal, v.own = newest.seal, newest.key

	if err := v.runContent(fsys, links, newest); err != nil {
		return nil, err
	}
	v.signer(newest)
	// The chain level is about the links: not about the problems of content
	// found in between.
	start := len(v.r.Problems)
	v.runSigners(links)
	says := v.checkSince(links, newest)
	if chainProblems > 0 {
		start = -1
	}
	v.chainLevel(links, start, says)
	v.runReviews(links)
	v.r.level(LevelOrigin, NotChecked, "that AWS and git gave these answers cannot be read from the files; runs/*/calls*.jsonl names every call, to compare with CloudTrail")
	v.time(newest, links)
	return v.r.finish(), nil
}

// runContent compares the folder of every run with its own list, and the whole
// tree with the newest one.
func (v *verifier) runContent(fsys fs.FS, links []link, newest sealed) error {
	start := len(v.r.Problems)
	v.strayInRuns(links)
	matching := 0
	for i, l := range links {
		prefix := l.dir() + "/"
		inside := func(p string) bool { return strings.HasPrefix(p, prefix) }
		var own Manifest
		for _, e := range l.manifest {
			if inside(e.Path) || i == len(links)-1 && strings.HasPrefix(e.Path, "runs/") {
				own = append(own, e)
			}
		}
		matching += v.tree.compare(v.r, own, func(p string) bool {
			return inside(p) && !IsSealFile(p[len(prefix):])
		})
	}
	var rest Manifest
	roots := []string{"evidence"}
	for _, e := range newest.manifest {
		top, _, _ := strings.Cut(e.Path, "/")
		if top == "runs" {
			continue
		}
		rest = append(rest, e)
		if !slices.Contains(roots, top) {
			roots = append(roots, top)
		}
	}
	if !newest.listed {
		v.r.level(LevelContent, Failed, "cannot be checked without a readable seal and list of files of the newest run")
		return nil
	}
	t, err := walk(fsys, roots...)
	if err != nil {
		return fmt.Errorf("opening the evidence repository: %w", err)
	}
	matching += t.compare(v.r, rest, func(p string) bool { return p == "evidence" || strings.HasPrefix(p, "evidence/") })
	if len(v.r.Problems) > start {
		v.r.level(LevelContent, Failed, "%d files are as sealed; what differs from the newest run, or from the run it lies in, is named below", matching)
		return nil
	}
	v.r.level(LevelContent, Held, "%d files, each as sealed by the newest run or, under runs/, by its own; nothing else under evidence/ and runs/", matching)
	return nil
}

// strayInRuns reports what lies under runs/ and in no run.
func (v *verifier) strayInRuns(links []link) {
	stray := func(p string) bool {
		return !slices.ContainsFunc(links, func(l link) bool { return strings.HasPrefix(p, l.dir()+"/") })
	}
	for _, p := range v.tree.files {
		if stray(p) {
			v.r.problem(Added, p, "not in the folder of a run%s", clutter(p))
		}
	}
	for p, why := range v.tree.refused {
		if stray(p) {
			v.r.problem(Refused, p, "%s", why)
		}
	}
	for p, why := range v.tree.failed {
		if stray(p) {
			v.r.problem(Unreadable, p, "%s", why)
		}
	}
}
