package store

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"exhibit/evidence/store/objects"
	"exhibit/seal"
)

// A link is one run as its folder and its seal show it.
type link struct {
	name     string
	number   int
	tree     objects.ID // of its folder
	seal     seal.Seal
	sealSum  string // hex SHA-256 of its SEAL.txt
	tokenSum string // hex SHA-256 of its timestamp token, "" when there is none
}

const mendChain = "get the missing history back from a clone, or see git reflog; a chain is never mended by writing a new one"

// chain reads the runs of a tree, oldest first, and checks that none is missing,
// none is there twice and each seal names the one before. It does not check
// signatures or contents: seal.VerifyRuns does.
func (r *Repository) chain(tree objects.ID) ([]link, error) {
	e, err := r.objs.Lookup(tree, "runs")
	if err != nil || e.Mode == 0 {
		return nil, err
	}
	if !e.IsDir() {
		return nil, &Hint{errors.New("runs is not a folder"), mendChain}
	}
	entries, err := r.objs.ReadTree(e.ID)
	if err != nil {
		return nil, err
	}
	links := make([]link, 0, len(entries))
	for _, e := range entries {
		number, _, err := seal.ParseRunName(e.Name)
		if err != nil || !e.IsDir() {
			return nil, &Hint{fmt.Errorf("runs/%s is not the folder of a run", e.Name), "remove it: runs/ is written by exhibit alone"}
		}
		links = append(links, link{name: e.Name, number: number, tree: e.ID})
	}
	slices.SortFunc(links, func(a, b link) int { return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.name, b.name)) })
	for i := range links {
		l := &links[i]
		if err := r.readSeal(l); err != nil {
			return nil, err
		}
		switch {
		case i > 0 && l.number == links[i-1].number:
			return nil, &Hint{fmt.Errorf("the chain of runs forks: %s and %s have one number", links[i-1].name, l.name), mendChain}
		case l.number != i+1:
			return nil, &Hint{fmt.Errorf("the chain of runs has a gap: %s is there and run %04d is not", l.name, i+1), mendChain}
		case i == 0 && l.seal.Previous != "":
			return nil, &Hint{fmt.Errorf("the chain of runs was cut: %s follows a seal that is not there", l.name), mendChain}
		case i > 0 && l.seal.Previous != links[i-1].sealSum:
			return nil, &Hint{fmt.Errorf("the chain of runs was rewritten: %s does not follow the seal of %s", l.name, links[i-1].name), mendChain}
		}
	}
	return links, nil
}

func (r *Repository) readSeal(l *link) error {
	entries, err := r.objs.ReadTree(l.tree)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name != seal.SealName && e.Name != seal.TokenName {
			continue
		}
		b, err := r.objs.ReadKind(e.ID, objects.Blob)
		if err != nil {
			return err
		}
		sum := fmt.Sprintf("%x", sha256.Sum256(b))
		if e.Name == seal.TokenName {
			l.tokenSum = sum
			continue
		}
		l.sealSum = sum
		if l.seal, err = seal.ParseSeal(b); err != nil {
			return &Hint{fmt.Errorf("reading runs/%s/%s: %w", l.name, e.Name, err), mendChain}
		}
		if l.seal.Run != l.name || l.seal.Kind != seal.KindRun {
			return &Hint{fmt.Errorf("runs/%s/%s is the seal of %s %s", l.name, e.Name, l.seal.Kind, l.seal.Run), mendChain}
		}
	}
	if l.sealSum == "" {
		return &Hint{fmt.Errorf("runs/%s has no %s", l.name, seal.SealName), mendChain}
	}
	return nil
}

// added finds the commit that brought a run's folder into the history of a
// commit. Where branches were merged it is the commit on the side branch. Every
// commit on the way is given to pass.
func (r *Repository) added(at objects.ID, l link, pass func(objects.ID, objects.Header) error) (objects.ID, objects.Header, error) {
	for {
		c, err := r.objs.ReadCommit(at)
		if err != nil {
			return at, c, r.shallow(err)
		}
		if err := pass(at, c); err != nil {
			return at, c, err
		}
		next := objects.ID{}
		for _, p := range c.Parents {
			pc, err := r.objs.ReadCommit(p)
			if err != nil {
				return at, c, r.shallow(err)
			}
			e, err := r.objs.Lookup(pc.Tree, "runs/"+l.name)
			if err != nil {
				return at, c, err
			}
			if e.Mode != 0 {
				next = p
				break
			}
		}
		if next.IsZero() {
			return at, c, nil
		}
		at = next
	}
}

// noneRemoved returns a function for added that refuses a commit which holds
// runs the chain does not: a later commit removed them.
func (r *Repository) noneRemoved(chain []link) func(objects.ID, objects.Header) error {
	known := make(map[string]bool, len(chain))
	for _, l := range chain {
		known[l.name] = true
	}
	var last objects.ID
	return func(at objects.ID, c objects.Header) error {
		e, err := r.objs.Lookup(c.Tree, "runs")
		if err != nil || !e.IsDir() || e.ID == last {
			return err
		}
		last = e.ID
		entries, err := r.objs.ReadTree(e.ID)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if !known[e.Name] {
				return &Hint{fmt.Errorf("the chain of runs was shortened: runs/%s was removed after the commit %s", e.Name, at),
					fmt.Sprintf("put it back with: git checkout %s -- evidence runs && git commit", at)}
			}
		}
		return nil
	}
}

func (r *Repository) shallow(err error) error {
	if errors.Is(err, objects.ErrMissing) {
		return &Hint{fmt.Errorf("the history is not all here: %w", err), "run: git fetch --unshallow"}
	}
	return err
}

// checkMadeOn checks that the commit a run was kept in follows the commit its
// seal says it was made on.
func checkMadeOn(l link, at objects.ID, c objects.Header) error {
	if l.seal.Commit == "" && len(c.Parents) == 0 {
		return nil
	}
	if len(c.Parents) > 0 && c.Parents[0].String() == l.seal.Commit {
		return nil
	}
	return &Hint{fmt.Errorf("history was rewritten: the seal of %s was made on the commit %s, and %s, which keeps it, does not follow that one",
		l.name, cmp.Or(l.seal.Commit, "none"), at), mendChain + "; rebasing, amending and squashing runs does this"}
}

// checkByHand checks that nothing but exhibit changed evidence/ and runs/ since
// the newest run. A timestamp token may be added to a run later.
func (r *Repository) checkByHand(tree objects.ID, last *link, kept objects.Header, at objects.ID) error {
	var changed []string
	then, mend := objects.ID{}, "remove them and commit: evidence/ and runs/ are written by exhibit alone"
	if last != nil {
		then, mend = kept.Tree, fmt.Sprintf("put them back with: git checkout %s -- evidence runs && git commit; they are written by exhibit alone", at)
	}
	for _, top := range []string{"evidence", "runs"} {
		a, err := r.objs.Lookup(then, top)
		if err != nil {
			return err
		}
		b, err := r.objs.Lookup(tree, top)
		if err != nil {
			return err
		}
		if b.Mode != 0 && !b.IsDir() {
			return &Hint{fmt.Errorf("%s is not a folder", top), "remove it and commit"}
		}
		err = r.objs.Diff(a.ID, b.ID, func(c objects.Change) error {
			if top == "runs" && c.Status() == "A" && addedLater(c.Path) {
				return nil
			}
			changed = append(changed, statusWord(c)+" "+top+"/"+c.Path)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if len(changed) > 0 {
		return &Hint{fmt.Errorf("evidence was changed by hand since the last run:%s", listed(changed)), mend}
	}
	return nil
}

func statusWord(c objects.Change) string {
	return map[string]string{"A": "added", "D": "deleted", "M": "modified", "T": "modified"}[c.Status()]
}

// listed is up to ten lines of a list.
func listed(lines []string) string {
	var b strings.Builder
	for i, l := range lines {
		if i == 10 {
			fmt.Fprintf(&b, "\n\tand %d more", len(lines)-i)
			break
		}
		b.WriteString("\n\t" + l)
	}
	b.WriteString("\n")
	return strings.TrimSuffix(b.String(), "\n")
}
