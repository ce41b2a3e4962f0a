package seal

import (
	"crypto/sha256"
	"fmt"
	"iter"
	"path"
	"time"
)

// The names of a seal's own files, in the folder of its manifest. They are the
// only files of a package that its manifest does not list.
const (
	SumsName      = "SHA256SUMS"
	SealName      = "SEAL.txt"
	SignatureName = "SEAL.txt.sig"
	TokenName     = "SEAL.txt.sig.tsr" // an RFC 3161 token over the signature; not made yet
)

func isSealFile(name string) bool {
	return name == SumsName || name == SealName || name == SignatureName || name == TokenName
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
		if path.Dir(e.Path) == dir && isSealFile(path.Base(e.Path)) {
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
