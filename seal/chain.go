package seal

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// link is one run of a chain.
type link struct {
	sealed
	name   string
	number int
}

func (l link) dir() string { return path.Join("runs", l.name) }

// runNames are the folders of runs in the tree, in the order of their numbers.
func (t *tree) runNames() []string {
	seen := map[string]bool{}
	for _, p := range t.files {
		if rest, ok := strings.CutPrefix(p, "runs/"); ok {
			name, _, _ := strings.Cut(rest, "/")
			if _, _, err := ParseRunName(name); err == nil {
				seen[name] = true
			}
		}
	}
	var names []string
	for name := range seen {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		x, _, _ := ParseRunName(a)
		y, _, _ := ParseRunName(b)
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(a, b))
	})
	return names
}

// openRuns reads every run and checks what each says of the one before.
func (v *verifier) openRuns() []link {
	var links []link
	for i, name := range v.tree.runNames() {
		number, _, _ := ParseRunName(name)
		l := link{name: name, number: number}
		l.sealed = v.open(l.dir(), KindRun)
		links = append(links, l)
		before := 0
		if i > 0 {
			before = links[i-1].number
		}
		switch {
		case number == before:
			v.r.problem(Broken, l.dir(), "forked: there is another run %04d, %s", number, links[i-1].name)
		case number != before+1:
			v.r.problem(Broken, l.dir(), "dropped: no run %04d before it", number-1)
		}
		if l.seal.Kind == "" {
			continue // why is among the problems
		}
		if i == 0 {
			v.follows(l, link{})
		} else {
			v.follows(l, links[i-1])
		}
	}
	return links
}

// follows checks one run against the one before it, which is zero for the first.
func (v *verifier) follows(l, before link) {
	file := path.Join(l.dir(), SealName)
	switch {
	case l.seal.Previous == before.id:
	case before.id == "":
		v.r.problem(Broken, file, "it names a run before it, %s, which is not there", l.seal.Previous)
	case l.seal.Previous == "":
		v.r.problem(Broken, file, "it says it is the first run, and %s is before it", before.name)
	default:
		v.r.problem(Broken, file, "it follows the seal %s, and that of %s is %s", l.seal.Previous, before.name, before.id)
	}
	if l.seal.PreviousToken != "" && l.seal.PreviousToken != before.token {
		v.r.problem(Broken, file, "the timestamp token of the run before it was there when this was sealed, and is gone or changed")
	}
	if before.stamp != nil && l.seal.PreviousToken == before.token && l.seal.Claimed.Add(clockTolerance).Before(before.stamp.Time) {
		v.r.problem(Broken, file, "its clock was set back: it claims %s, and names a timestamp of %s", l.seal.Claimed.Format(clockLayout), before.stamp.Time.Format(clockLayout))
	}
	if before.seal.Kind != "" && l.seal.Claimed.Before(before.seal.Claimed) {
		v.late = append(v.late, fmt.Sprintf("run %s claims an earlier time than %s before it", l.name, before.name))
	}
}

// runSigners checks that every run was signed by an allowed signer or with the
// key of the package (or of the newest run), which has its own level.
func (v *verifier) runSigners(links []link) {
	for _, l := range links {
		if l.key.IsZero() || l.seal.Kind == "" {
			continue
		}
		file := path.Join(l.dir(), SignatureName)
		_, err := v.judge(l.sealed)
		switch {
		case err == nil:
		case err != errNoList && err != errUnlisted:
			v.r.problem(Unsigned, file, "%v", err)
		case l.key == v.own, err == errNoList && v.own.IsZero():
		case err == errNoList:
			v.r.problem(Unlisted, file, "signed by another key than the newest seal, %s: give the allowed signers to say whether it may", Fingerprint(l.key))
		default:
			v.r.problem(Unlisted, file, "%v: %s", err, Fingerprint(l.key))
		}
	}
}

// checkSince looks for the seal that was kept from earlier.
func (v *verifier) checkSince(links []link, self sealed) (says string) {
	if v.since == nil {
		return "no older seal was given, and a chain rebuilt from its start with the same key would look like this one: keep this SEAL.txt and give it next time with --since"
	}
	want := v.sinceID
	if v.since.Kind == KindPackage {
		// What this package says of earlier packages proves nothing against
		// the one who holds the key: only the run that was kept counts.
		want = v.since.Chain
	}
	for _, l := range links {
		if l.id == want {
			return fmt.Sprintf("the seal you kept is among them, or was made from %s, which is", l.name)
		}
	}
	problem := fmt.Sprintf("rebuilt or shortened chain: the seal you kept (of %s, run %s) is not in it", v.since.Organisation, v.since.Run)
	if self.seal.Kind != "" && v.since.Organisation != self.seal.Organisation {
		problem += fmt.Sprintf("; this one is of another organisation, %s", self.seal.Organisation)
	}
	v.r.problem(Broken, "runs", "%s", problem)
	return problem
}

// packageChain checks the copies of the runs' seals that a package carries.
func (v *verifier) packageChain(p sealed) []link {
	start := len(v.r.Problems)
	links := v.openRuns()
	v.runSigners(links)
	says := v.checkSince(links, p)
	if p.seal.Kind != "" {
		v.newest(p, links)
	}
	v.chainLevel(links, start, says)
	return links
}

// newest checks what the package says about the newest run it carries.
func (v *verifier) newest(p sealed, links []link) {
	if len(links) == 0 {
		v.r.problem(Missing, "runs", "the package names run %s, and carries no run", p.seal.Run)
		return
	}
	last := links[len(links)-1]
	if last.name != p.seal.Run {
		v.r.problem(Broken, last.dir(), "the package was made from run %s, and the newest it carries is %s", p.seal.Run, last.name)
	} else if last.id != "" && last.id != p.seal.Chain {
		v.r.problem(Broken, path.Join(last.dir(), SealName), "not the run the package was made from: its seal is %s, and the package names %s", last.id, p.seal.Chain)
	}
	if last.seal.Kind != "" && last.seal.Organisation != p.seal.Organisation {
		v.r.problem(Broken, path.Join(last.dir(), SealName), "a run of %s in a package of %s", last.seal.Organisation, p.seal.Organisation)
	}
	for _, l := range links {
		if l.seal.Sample && !p.seal.Sample {
			v.r.problem(Broken, path.Join(l.dir(), SealName), "a run over SAMPLE data in a package that does not say SAMPLE")
		}
	}
	if last.seal.Kind != "" && p.seal.Claimed.Before(last.seal.Claimed) {
		v.late = append(v.late, "the package claims an earlier time than its newest run")
	}
}

func (v *verifier) chainLevel(links []link, start int, says string) {
	switch {
	case len(v.r.Problems) > start:
		v.r.level(LevelChain, Failed, "the chain of runs is not whole; what is wrong with it is named below")
	case len(links) == 0:
		v.r.level(LevelChain, NotChecked, "there is no run")
	default:
		state, who := Held, "each signed by a key on your list"
		if v.r.State(LevelSigner) != Held {
			state, who = Unknown, "and whose key signed them is not known"
		}
		runs := fmt.Sprintf("%d runs, %s to %s, each names the one before", len(links), links[0].name, links[len(links)-1].name)
		if len(links) == 1 {
			runs = fmt.Sprintf("1 run, %s, the first", links[0].name)
		}
		v.r.level(LevelChain, state, "%s, %s; %s%s", runs, who, says, v.pauses(links))
	}
}
