package seal

import (
	"crypto/sha256"
	"fmt"
	"iter"
	"path"
	"time"
)

// The names of a seal's own files, in the folder of its manifest. They, and the
// signatures of reviewers (ReviewName), are the only files of a package that its
// manifest does not list.
const (
	SumsName      = "SHA256SUMS"
	SealName      = "SEAL.txt"
	SignatureName = "SEAL.txt.sig"
	TokenName     = "SEAL.txt.sig.tsr" // an RFC 3161 token over the signature
)

// MaxReviews is how many reviewers may sign a seal.
const MaxReviews = 9

// ReviewName is the name of the nth second signature, from 1 to MaxReviews:
// SEAL.txt.review1.sig. It is a signature over the same SEAL.txt as the first, in the
// namespace exhibit-review-v1, and lies beside it, so that no byte of the first changes.
func ReviewName(n int) string { return fmt.Sprintf("%s.review%d.sig", SealName, n) }

// IsReviewName says that a name is one that ReviewName gives.
func IsReviewName(name string) bool {
	for n := 1; n <= MaxReviews; n++ {
		if name == ReviewName(n) {
			return true
		}
	}
	return false
}

// IsSealFile says that a name is that of one of a seal's own files.
func IsSealFile(name string) bool {
	return name == SumsName || name == SealName || name == SignatureName || name == TokenName || IsReviewName(name)
}

// SealFiles lists the files, fills Files, Root and Sums of the seal and signs
// it. It returns the three files that seal the others, by path: s.SumsPath and
// beside it SEAL.txt and SEAL.txt.sig.
func SealFiles(files iter.Seq2[string, []byte], s Seal, key Key) (map[string][]byte, error) {
	m, err := NewManifest(files)
	if err != nil {
		return nil, fmt.Errorf("listing the files to seal: %w", err)
	}
	return SealManifest(m, s, key)
}

// SealManifest is SealFiles for a list whose hashes are known already.
func SealManifest(m Manifest, s Seal, key Key) (map[string][]byte, error) {
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("listing the files to seal: %w", err)
	}
	dir := path.Dir(s.SumsPath)
	for _, e := range m {
		if path.Dir(e.Path) == dir && IsSealFile(path.Base(e.Path)) {
			return nil, fmt.Errorf("listing the files to seal: %q is one of the seal's own files", e.Path)
		}
	}
	sums := m.Bytes()
	s.Files, s.Root, s.Sums = len(m), m.Root(), sha256.Sum256(sums)
	s.Claimed = s.Claimed.UTC().Truncate(time.Second)
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	text := s.Bytes()
	if _, err := ParseSeal(text); err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	sig, err := key.Signed(NamespaceSeal, text)
	if err != nil {
		return nil, fmt.Errorf("signing the seal: %w", err)
	}
	return map[string][]byte{
		s.SumsPath:                    sums,
		path.Join(dir, SealName):      text,
		path.Join(dir, SignatureName): sig,
	}, nil
}
