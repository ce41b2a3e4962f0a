package seal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"
)

// Options are what the one who verifies brings along: nothing in a package
// can say whom to trust.
type Options struct {
	AllowedSigners []byte // an allowed_signers file; empty: whose key it is stays Unknown
	Since          []byte // a SEAL.txt kept from an earlier run or package; empty: none
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
	matching := v.tree.compare(v.r, p.manifest, func(path string) bool { return !isSealFile(path) })
	switch {
	case p.manifest == nil:
		v.r.level(LevelContent, Failed, "cannot be checked without a readable seal and list of files")
	case !p.listed || len(v.r.Problems) > start:
		v.r.level(LevelContent, Failed, "%d of %d listed files are as listed; what differs is named below", matching, len(p.manifest))
	default:
		v.r.level(LevelContent, Held, "%d files, each as listed in the seal, and no other", matching)
	}
	v.signer(p)
	v.packageChain(p)
	v.r.level(LevelOrigin, NotChecked, "that these pages follow from the evidence is shown by rendering them again: exhibit render --check")
	v.time(p)
	return v.r.finish(), nil
}

type verifier struct {
	r       *Result
	tree    *tree
	given   bool // allowed signers were given
	signers []Signer
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
	key      PublicKey
	manifest Manifest
	listed   bool   // the manifest is the one that was sealed
	token    string // hex SHA-256 of the timestamp token, "" if there is none
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
	s.id = digest(text)
	if sig, ok := v.read(path.Join(dir, SignatureName), maxSeal); ok {
		key, err := VerifySignature(sig, text, NamespaceSeal)
		if err != nil {
			v.r.problem(Unsigned, path.Join(dir, SignatureName), "%v", err)
		}
		s.key = key
	}
	if v.tree.regular[path.Join(dir, TokenName)] {
		if token, ok := v.read(path.Join(dir, TokenName), maxSeal); ok {
			s.token = digest(token)
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

var (
	errNoList   = errors.New("no list of allowed signers was given, so whose key that is, is not known")
	errUnlisted = errors.New("signed by a key you have not listed")
)

// judge says who a key belongs to, by the given list only.
func (v *verifier) judge(key PublicKey, at time.Time) (who string, err error) {
	if !v.given {
		return "", errNoList
	}
	err = errUnlisted
	for _, s := range v.signers {
		if s.Key != key {
			continue
		}
		if refusal := s.Allows(NamespaceSeal, at); refusal != nil {
			err = fmt.Errorf("the key on line %d of the allowed signers is %w", s.Line, refusal)
			continue
		}
		return fmt.Sprintf("%s (line %d of the allowed signers)", s.Principal, s.Line), nil
	}
	return "", err
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
	who, err := v.judge(s.key, s.seal.Claimed)
	file := path.Join(path.Dir(s.seal.SumsPath), SignatureName)
	switch {
	case err == nil:
		v.r.level(LevelSigner, Held, "%s, key %s", who, Fingerprint(s.key))
	case err == errNoList:
		v.r.level(LevelSigner, Unknown, "key %s; %v", Fingerprint(s.key), err)
	case err == errUnlisted:
		v.r.problem(Unlisted, file, "%v: %s", err, Fingerprint(s.key))
		v.r.level(LevelSigner, Unknown, "%v: %s", err, Fingerprint(s.key))
	default:
		v.r.problem(Unsigned, file, "%v", err)
		v.r.level(LevelSigner, Failed, "%v", err)
	}
}

// time is the level of when. Until there are timestamp tokens it is a claim.
func (v *verifier) time(s sealed) {
	if s.seal.Kind == "" {
		v.r.level(LevelTime, Unknown, "no seal to read it from")
		return
	}
	says := "claimed only: the clock of the machine that sealed said " + s.seal.Claimed.Format(clockLayout)
	if s.token != "" {
		says += "; there is a timestamp token, which this version cannot check"
	}
	for _, l := range v.late {
		says += "; " + l
	}
	v.r.level(LevelTime, Unknown, "%s", says)
}
