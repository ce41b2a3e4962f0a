package seal

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// A package made for one recipient may withhold files, and fields of others. It holds
// what the package that withholds nothing was sealed with, and says what it keeps back:
//
//	full/SHA256SUMS SEAL.txt SEAL.txt.sig   the list, seal and signature of the full package
//	full/WITHHELD                           the files of it that are not here
//	full/ALTERED                            the files of it that are here with something taken out
//
// WITHHELD and ALTERED are in the format of SHA256SUMS and give each file the hash it
// has in the full package; one that would be empty is not there. The package has a seal
// of its own, over all that is in it and full/, which names the full package's seal and
// for whom it was made. What neither list names is byte for byte as in the full package,
// and nothing is there that the full package lacks but full/ itself.
const (
	FullFolder   = "full"
	WithheldName = "full/WITHHELD"
	AlteredName  = "full/ALTERED"
)

// Kept is what a package keeps back.
type Kept struct {
	For      string `json:"for"`
	Withheld int    `json:"files_withheld"`
	Altered  int    `json:"files_altered"`
}

// String is what a package keeps back, in words.
func (k Kept) String() string {
	files := func(n int, one, many string) string {
		if n == 1 {
			return "1 file is " + one
		}
		return fmt.Sprintf("%d files are %s", n, many)
	}
	return files(k.Withheld, "withheld", "withheld") + " and " + files(k.Altered, "altered", "altered") + ", each named, with its hash sealed"
}

// Share makes a package's list of what it keeps back: its own list, the full package's,
// and which of its files are withheld. What else differs is altered. It returns the
// two lists by path; an empty one is left out. A file that the full package does not
// have is refused.
func Share(full, shared Manifest) (lists map[string][]byte, kept Kept, err error) {
	have := make(map[string][32]byte, len(shared))
	for _, e := range shared {
		have[e.Path] = e.Sum
	}
	var withheld, altered Manifest
	for _, e := range full {
		switch sum, ok := have[e.Path]; {
		case !ok:
			withheld = append(withheld, e)
		case sum != e.Sum:
			altered = append(altered, e)
		}
		delete(have, e.Path)
	}
	for p := range have {
		if !strings.HasPrefix(p, FullFolder+"/") {
			return nil, kept, fmt.Errorf("listing what is withheld: the full package has no %q", p)
		}
	}
	lists = map[string][]byte{}
	for name, m := range map[string]Manifest{WithheldName: withheld, AlteredName: altered} {
		if len(m) > 0 {
			lists[name] = m.Bytes()
		}
	}
	return lists, Kept{Withheld: len(withheld), Altered: len(altered)}, nil
}

// shared is the level of what a package keeps back.
func (v *verifier) shared(p sealed) {
	if p.seal.Kind == "" {
		return
	}
	inFull := func(name string) bool { return strings.HasPrefix(name, FullFolder+"/") }
	if p.seal.Full == "" {
		for _, f := range v.tree.files {
			if inFull(f) {
				v.r.problem(Unnamed, f, "the seal does not say that something is withheld, and here lies the list of another package")
				return
			}
		}
		return
	}
	start := len(v.r.Problems)
	withheld, altered := v.keptBack(p)
	if len(v.r.Problems) > start {
		v.r.level(LevelShared, Failed, "what is kept back is not what the package says; what differs is named below")
		return
	}
	v.r.Kept = &Kept{p.seal.For, len(withheld), len(altered)}
	v.r.level(LevelShared, Held, "%s: full/WITHHELD and full/ALTERED name them; everything else is byte for byte as in the full package, whose seal, %s, is signed by the same key", v.r.Kept, p.seal.Full)
}

// keptBack holds the lists of what is kept back against the full package's.
func (v *verifier) keptBack(p sealed) (withheld, altered Manifest) {
	full, ok := v.openFull(p)
	if !ok {
		return nil, nil
	}
	withheld, altered = v.keptList(WithheldName), v.keptList(AlteredName)
	own := make(map[string][32]byte, len(p.manifest))
	for _, e := range p.manifest {
		own[e.Path] = e.Sum
	}
	was := make(map[string][32]byte, len(full.manifest))
	for _, e := range full.manifest {
		was[e.Path] = e.Sum
	}
	named := map[string]string{}
	for list, m := range map[string]Manifest{WithheldName: withheld, AlteredName: altered} {
		for _, e := range m {
			if sum, ok := was[e.Path]; !ok || sum != e.Sum {
				v.r.problem(Unnamed, list, "it names %s with a hash that the full package does not list", e.Path)
			}
			if other := named[e.Path]; other != "" {
				v.r.problem(Unnamed, e.Path, "both withheld and altered")
			}
			named[e.Path] = list
		}
	}
	for _, e := range full.manifest {
		sum, here := own[e.Path]
		switch list := named[e.Path]; {
		case list == "" && !here:
			v.r.problem(Unnamed, e.Path, "the full package has it, and it is neither here nor named as withheld")
		case list == "" && sum != e.Sum:
			v.r.problem(Unnamed, e.Path, "other than in the full package, and not named as altered")
		case list == WithheldName && here:
			v.r.problem(Unnamed, e.Path, "named as withheld, and it is here")
		case list == AlteredName && !here:
			v.r.problem(Unnamed, e.Path, "named as altered, and it is not here")
		case list == AlteredName && sum == e.Sum:
			v.r.problem(Unnamed, e.Path, "named as altered, and it is as in the full package")
		}
	}
	for _, e := range p.manifest {
		if _, ok := was[e.Path]; !ok && path.Dir(e.Path) != FullFolder {
			v.r.problem(Unnamed, e.Path, "the full package does not have it")
		}
	}
	return withheld, altered
}

// openFull reads the seal and the list of the full package.
func (v *verifier) openFull(p sealed) (sealed, bool) {
	at := func(name string) string { return path.Join(FullFolder, name) }
	var s sealed
	text, ok := v.read(at(SealName), maxSeal)
	if !ok {
		return s, false
	}
	if s.id, s.text = digest(text), text; s.id != p.seal.Full {
		v.r.problem(Unnamed, at(SealName), "not the seal of the full package that this one names, %s", p.seal.Full)
		return s, false
	}
	seal, err := ParseSeal(text)
	if err != nil {
		v.r.problem(Malformed, at(SealName), "%v", err)
		return s, false
	}
	s.seal = seal
	if o := p.seal; seal.Kind != KindPackage || seal.Full != "" || seal.Organisation != o.Organisation || seal.Period != o.Period || seal.Run != o.Run || seal.Commit != o.Commit || seal.Chain != o.Chain || seal.Sample != o.Sample {
		v.r.problem(Unnamed, at(SealName), "the seal of something else: not of the full package of the same organisation, period, run and commit")
		return s, false
	}
	sig, ok := v.read(at(SignatureName), maxSeal)
	if !ok {
		return s, false
	}
	if s.key, err = VerifySignature(sig, text, NamespaceSeal); err != nil {
		v.r.problem(Unsigned, at(SignatureName), "%v", err)
		return s, false
	}
	if s.key != p.key {
		v.r.problem(Unsigned, at(SignatureName), "the full package was sealed with another key, %s", Fingerprint(s.key))
		return s, false
	}
	sums, ok := v.read(at(SumsName), maxSums)
	if !ok {
		return s, false
	}
	if sha256.Sum256(sums) != seal.Sums {
		v.r.problem(Changed, at(SumsName), "not the list of files of the full package")
		return s, false
	}
	if s.manifest, err = ParseManifest(sums); err != nil {
		v.r.problem(Malformed, at(SumsName), "%v", err)
		return s, false
	}
	if len(s.manifest) != seal.Files || s.manifest.Root() != seal.Root {
		v.r.problem(Malformed, at(SealName), "its count of files or its root does not fit its list of files")
		return s, false
	}
	return s, true
}

func (v *verifier) keptList(name string) Manifest {
	if !v.tree.regular[name] {
		return nil
	}
	b, ok := v.read(name, maxSums)
	if !ok {
		return nil
	}
	m, err := ParseManifest(b)
	if err != nil {
		v.r.problem(Malformed, name, "%v", err)
	}
	return m
}

// WithheldFrom says of a file that a package keeps back which hash it has in the full
// package; ok is false where the package is no such one or does not name the file.
func WithheldFrom(pack fs.FS, name string) (sum [32]byte, ok bool) {
	b, err := fs.ReadFile(pack, WithheldName)
	if err != nil {
		return sum, false
	}
	for line := range bytes.Lines(b) {
		if e, err := parseLine(bytes.TrimSuffix(line, []byte("\n"))); err == nil && e.Path == name {
			return e.Sum, true
		}
	}
	return sum, false
}
