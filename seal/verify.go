package seal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"
)

// Options are what the one who verifies brings along: nothing in a package
// can say whom to trust.
type Options struct {
	AllowedSigners []byte // an allowed_signers file; empty: whose key it is stays Unknown
	Revoked        []byte // public keys that count no more, one a line; empty: none
	TimeRoots      []byte // certificates of timestamp authorities in PEM; empty: tokens are not checked
	Since          []byte // a SEAL.txt kept from an earlier run or package; empty: none
	// Cadence is the longest time there may be between two runs; 0 to leave them
	// unjudged. A longer one is shown, and is no problem: nothing was changed.
	Cadence time.Duration
}

// Verify checks a package: a folder, or a zip opened with OpenZip. What is
// wrong with the package is in the Result; an error means that the options
// could not be read or the folder not be opened.
func Verify(fsys fs.FS, opt Options) (*Result, error) {
	v, err := newVerifier(opt)
	if err != nil {
		return nil, err
	}
	if v.tree, err = walk(fsys, "."); err != nil {
		return nil, fmt.Errorf("opening the package: %w", err)
	}
	p := v.open(".", KindPackage)
	v.r.Seal, v.own = p.seal, p.key

	start := len(v.r.Problems)
	matching := v.tree.compare(v.r, p.manifest, func(path string) bool { return !IsSealFile(path) })
	switch {
	case p.manifest == nil:
		v.r.level(LevelContent, Failed, "cannot be checked without a readable seal and list of files")
	case !p.listed || len(v.r.Problems) > start:
		v.r.level(LevelContent, Failed, "%d of %d listed files are as listed; what differs is named below", matching, len(p.manifest))
	default:
		v.r.level(LevelContent, Held, "%d files, each as listed in the seal, and no other", matching)
	}
	v.shared(p)
	v.signer(p)
	links := v.packageChain(p)
	v.packageReviews(p, links)
	v.r.level(LevelOrigin, NotChecked, "that these pages follow from the evidence is shown by rendering them again: exhibit render --check")
	v.time(p, links)
	return v.r.finish(), nil
}

type verifier struct {
	r       *Result
	tree    *tree
	given   bool // allowed signers were given
	signers []Signer
	revoked []PublicKey
	pinned  bool // roots of timestamp authorities were given
	roots   Roots
	cadence time.Duration
	since   *Seal
	sinceID string    // hex SHA-256 of the kept SEAL.txt
	own     PublicKey // the key of the package, or of the newest run; zero when its signature does not fit
	late    []string  // what the claimed times say against each other
}

func newVerifier(opt Options) (*verifier, error) {
	v := &verifier{r: &Result{}, given: len(opt.AllowedSigners) > 0}
	var err error
	if v.signers, err = ParseAllowedSigners(opt.AllowedSigners); err != nil {
		return nil, fmt.Errorf("reading the allowed signers: %w", err)
	}
	if v.given && len(v.signers) == 0 {
		return nil, fmt.Errorf("reading the allowed signers: nobody is listed")
	}
	if v.revoked, err = ParseRevoked(opt.Revoked); err != nil {
		return nil, fmt.Errorf("reading the revoked keys: %w", err)
	}
	if v.pinned, v.cadence = len(opt.TimeRoots) > 0, opt.Cadence; v.pinned {
		if v.roots, err = ParseRoots(opt.TimeRoots); err != nil {
			return nil, fmt.Errorf("reading the roots of timestamp authorities: %w", err)
		}
	}
	if len(opt.Since) > 0 {
		s, err := ParseSeal(opt.Since)
		if err != nil {
			return nil, fmt.Errorf("reading the older seal: %w", err)
		}
		v.since, v.sinceID = &s, digest(opt.Since)
	}
	return v, nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// sealed is what was read of one seal. Fields are zero when they could not be
// read; why is among the problems.
type sealed struct {
	seal     Seal
	id       string // hex SHA-256 of the SEAL.txt
	text     []byte // the SEAL.txt
	key      PublicKey
	manifest Manifest
	listed   bool   // the manifest is the one that was sealed
	token    string // hex SHA-256 of the timestamp token, "" if there is none
	stamp    *Stamp // what the token proves; nil when there is none, or it was not checked or not good
}

const (
	maxSeal = 64 << 10
	maxSums = 256 << 20
)

// open reads the seal in a folder, its signature and its list of files.
func (v *verifier) open(dir, kind string) sealed {
	var s sealed
	text, ok := v.read(path.Join(dir, SealName), maxSeal)
	if !ok {
		return s
	}
	s.id, s.text = digest(text), text
	sig, ok := v.read(path.Join(dir, SignatureName), maxSeal)
	if ok {
		key, err := VerifySignature(sig, text, NamespaceSeal)
		if err != nil {
			v.r.problem(Unsigned, path.Join(dir, SignatureName), "%v", err)
		}
		s.key = key
	}
	if v.tree.regular[path.Join(dir, TokenName)] {
		if token, ok := v.read(path.Join(dir, TokenName), maxSeal); ok {
			s.token = digest(token)
			s.stamp = v.stamped(path.Join(dir, TokenName), token, sig)
		}
	}
	seal, err := ParseSeal(text)
	if err != nil {
		v.r.problem(Malformed, path.Join(dir, SealName), "%v", err)
		return s
	}
	if seal.Kind != kind || path.Dir(seal.SumsPath) != dir {
		v.r.problem(Malformed, path.Join(dir, SealName), "this is the seal of a %s over %s", seal.Kind, seal.SumsPath)
		return s
	}
	s.seal = seal
	v.list(&s)
	return s
}

func (v *verifier) list(s *sealed) {
	p := s.seal.SumsPath
	sums, ok := v.read(p, maxSums)
	if !ok {
		return
	}
	same := sha256.Sum256(sums) == s.seal.Sums
	if !same {
		v.r.problem(Changed, p, "not the list of files that was sealed")
	}
	m, err := ParseManifest(sums)
	if err != nil {
		v.r.problem(Malformed, p, "%v", err)
		return
	}
	s.manifest = m
	if same && (len(m) != s.seal.Files || m.Root() != s.seal.Root) {
		v.r.problem(Malformed, path.Join(path.Dir(p), SealName), "its count of files or its root does not fit its list of files")
		return
	}
	s.listed = same
}

// read reads one of the seal's own files, or says why not.
func (v *verifier) read(p string, limit int64) ([]byte, bool) {
	if kind, why := v.tree.hidden(p); kind != "" {
		v.r.problem(kind, p, "%s", why)
		return nil, false
	}
	if !v.tree.regular[p] {
		v.r.problem(Missing, p, "not there")
		return nil, false
	}
	b, err := v.tree.read(p, limit)
	if err != nil {
		v.r.problem(Unreadable, p, "%v", err)
		return nil, false
	}
	return b, true
}

// stamped checks a token over a signature, where the roots to do so were given.
func (v *verifier) stamped(file string, token, sig []byte) *Stamp {
	if !v.pinned {
		return nil
	}
	s, err := VerifyToken(token, sig, v.roots, nil)
	if err != nil {
		v.r.problem(Untimed, file, "%v", err)
		return nil
	}
	return &s
}

var (
	errNoList   = errors.New("no list of allowed signers was given, so whose key that is, is not known")
	errUnlisted = errors.New("signed by a key you have not listed")
)

// judge says who made a seal, by the given list only. Whether the list allows the
// key at that time is judged at the time a token proves; where none does, at the
// time that the seal claims, which is said, and which counts for nothing once the
// key is revoked: whoever has it can claim any time.
func (v *verifier) judge(s sealed) (who string, err error) {
	revoked := slices.Contains(v.revoked, s.key)
	if !v.given && revoked {
		return "", fmt.Errorf("signed by a key that is revoked")
	}
	if !v.given {
		return "", errNoList
	}
	err = errUnlisted
	for _, l := range v.signers {
		if l.Key != s.key {
			continue
		}
		says, refusal := v.allowed(l, s, revoked)
		if refusal != nil {
			err = fmt.Errorf("the key on line %d of the allowed signers is %w", l.Line, refusal)
			continue
		}
		return fmt.Sprintf("%s (line %d of the allowed signers%s)", l.Principal, l.Line, says), nil
	}
	return "", err
}

func (v *verifier) allowed(l Signer, s sealed, revoked bool) (says string, err error) {
	if s.stamp != nil {
		err := l.Allows(NamespaceSeal, s.stamp.Time)
		switch {
		case revoked && l.ValidBefore.IsZero():
			return "", fmt.Errorf("revoked, and no valid-before says since when")
		case err == nil && revoked:
			return ", which was revoked later: a timestamp proves that this was signed before", nil
		case err == nil && (!l.ValidAfter.IsZero() || !l.ValidBefore.IsZero()):
			return ", which allows it at the time a timestamp proves", nil
		case err == nil:
			return "", nil
		case revoked:
			return "", fmt.Errorf("revoked, and the timestamp does not prove that this was signed before: %w", err)
		}
	}
	if revoked {
		return "", fmt.Errorf("revoked, and no timestamp proves that this was signed before")
	}
	if err := l.Allows(NamespaceSeal, s.seal.Claimed); err != nil {
		return "", err
	}
	if !l.ValidAfter.IsZero() || !l.ValidBefore.IsZero() {
		return ", which allows it at the time it claims; nothing proves that time", nil
	}
	return "", nil
}

// signer is the level of the package's, or the newest run's, own signature.
func (v *verifier) signer(s sealed) {
	if s.key.IsZero() {
		v.r.level(LevelSigner, Failed, "no signature that fits the seal")
		return
	}
	if s.seal.Kind == "" {
		v.r.level(LevelSigner, Failed, "what key %s signed is not a seal", Fingerprint(s.key))
		return
	}
	who, err := v.judge(s)
	file := path.Join(path.Dir(s.seal.SumsPath), SignatureName)
	key := Fingerprint(s.key)
	if s.key.OnSecurityKey() {
		key += ", on a security key that somebody touched"
	}
	switch {
	case err == nil:
		v.r.level(LevelSigner, Held, "%s, key %s", who, key)
	case err == errNoList:
		v.r.level(LevelSigner, Unknown, "key %s; %v", key, err)
	case err == errUnlisted:
		v.r.problem(Unlisted, file, "%v: %s", err, key)
		v.r.level(LevelSigner, Unknown, "%v: %s", err, key)
	default:
		v.r.problem(Unsigned, file, "%v", err)
		v.r.level(LevelSigner, Failed, "%v", err)
	}
}
