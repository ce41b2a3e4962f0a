// Package tampertest changes a package as chance, a converter of text or somebody
// who wants to deceive would, and says which tools cannot see the change. With the
// same seed it makes the same changes in the same order.
package tampertest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"exhibit/seal"
)

// Principal is who the package's allowed signers name.
const Principal = "seal@example.com"

// Package is a small package in a folder, with two runs and files of every kind.
type Package struct {
	Dir     string // the folder of the package
	Signers []byte // the allowed_signers of its key

	whole   map[string][]byte // by path
	paths   []string          // sorted
	touched map[string]bool   // what Restore has to put back
}

func key(letter byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{letter}, ed25519.SeedSize))
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// NewShared writes a package of which something is withheld, as New does the full one.
func NewShared(dir string) (*Package, error) {
	p, err := New(dir)
	if err != nil {
		return nil, err
	}
	full := p.whole
	if p.whole, err = share(full); err != nil {
		return nil, err
	}
	for _, name := range p.paths {
		p.touched[name] = true
	}
	p.paths = slices.Sorted(maps.Keys(p.whole))
	for _, name := range p.paths {
		p.touched[name] = true
	}
	return p, p.Restore()
}

// share makes of a full package one that withholds a file and alters another.
func share(full map[string][]byte) (map[string][]byte, error) {
	s, err := seal.ParseSeal(full[seal.SealName])
	if err != nil {
		return nil, err
	}
	s.For, s.Full = "A customer", digest(full[seal.SealName])
	p := maps.Clone(full)
	for _, name := range []string{seal.SumsName, seal.SealName, seal.SignatureName, "artifacts/CC6-access-control/users.csv"} {
		delete(p, name)
	}
	p["data/findings.jsonl"] = []byte("{\"check\":\"mfa\",\"verdict\":\"fail\"}\n{\"check\":\"mfa\",\"item\":\"withheld\"}\n")
	p[seal.VerifyTextName] = seal.VerifyText(s, Principal, digest(nil))
	list, err := seal.ParseManifest(full[seal.SumsName])
	if err != nil {
		return nil, err
	}
	mine, err := seal.NewManifest(maps.All(p))
	if err != nil {
		return nil, err
	}
	lists, _, err := seal.Share(list, mine)
	if err != nil {
		return nil, err
	}
	maps.Copy(p, lists)
	for _, name := range []string{seal.SumsName, seal.SealName, seal.SignatureName} {
		p[seal.FullFolder+"/"+name] = full[name]
	}
	sealed, err := seal.SealFiles(maps.All(p), s, seal.FileKey(key('a')))
	if err != nil {
		return nil, err
	}
	maps.Copy(p, sealed)
	return p, nil
}

// New writes the package into a folder that is not there yet.
func New(dir string) (*Package, error) {
	p := &Package{Dir: dir, touched: map[string]bool{}}
	signer := seal.Signer{Principal: Principal, Namespaces: []string{seal.NamespaceSeal}, Key: seal.Ed25519(key('a').Public().(ed25519.PublicKey))}
	p.Signers = []byte(signer.String() + "\n")
	var err error
	if p.whole, err = build(key('a'), "exhibit test"); err != nil {
		return nil, err
	}
	p.paths = slices.Sorted(maps.Keys(p.whole))
	for _, name := range p.paths {
		p.touched[name] = true
	}
	return p, p.Restore()
}

// build makes the files of a package sealed with a key.
func build(k ed25519.PrivateKey, tool string) (map[string][]byte, error) {
	pack := map[string][]byte{
		"index.html": []byte("<!DOCTYPE html>\n<title>Evidence</title>\n<h1>Evidence</h1>\n"), "assets/exhibit.css": []byte("h1{color:red}\n"),
		"artifacts/CC6-access-control/users.csv": []byte("name,mfa\nalice,yes\nbob,no\n"), "artifacts/CC6-access-control/users.xlsx": bytes.Repeat([]byte("PK\x03\x04\x00\xff"), 300),
		"artifacts/CC8-change-management/changes.csv": []byte("id,approved\n1,yes\n"), "data/findings.jsonl": []byte("{\"check\":\"mfa\",\"verdict\":\"fail\"}\n{\"check\":\"mfa\",\"item\":\"Zażółć\"}\n"),
		"data/empty.jsonl": nil, "evidence/111122223333/eu-west-1/kms-key.html": []byte("<p>key\n"), "controls/CC6.1.html": bytes.Repeat([]byte("<p>control\n"), 400), "README.txt": []byte("Open index.html\r\n"),
	}
	previous, newest := "", ""
	for i := 1; i <= 2; i++ {
		at := time.Date(2026, time.Month(3*i-2), 1, 6, 0, 0, 0, time.UTC)
		newest = seal.RunName(i, at)
		dir := "runs/" + newest
		evidence := map[string][]byte{"evidence/iam-user.jsonl": fmt.Appendf(nil, "{\"id\":\"user-%d\"}\n", i), dir + "/RUN.json": []byte("{}\n")}
		s := seal.Seal{Kind: seal.KindRun, Organisation: "Example Ltd", Run: newest, Previous: previous, Claimed: at, Tool: tool, SumsPath: dir + "/SHA256SUMS"}
		if i > 1 {
			s.Commit = strings.Repeat("b", 40)
		}
		sealed, err := seal.SealFiles(maps.All(evidence), s, seal.FileKey(k))
		if err != nil {
			return nil, err
		}
		maps.Copy(pack, sealed)
		previous = digest(sealed[dir+"/SEAL.txt"])
	}
	s := seal.Seal{Kind: seal.KindPackage, Organisation: "Example Ltd", Period: "2026-01-01..2026-12-31", Run: newest, Commit: strings.Repeat("c", 40),
		Chain: previous, Claimed: time.Date(2026, 5, 1, 6, 0, 0, 0, time.UTC), Tool: tool, SumsPath: seal.SumsName}
	pack[seal.VerifyTextName] = seal.VerifyText(s, Principal, digest(nil))
	sealed, err := seal.SealFiles(maps.All(pack), s, seal.FileKey(k))
	if err != nil {
		return nil, err
	}
	maps.Copy(pack, sealed)
	return pack, nil
}

// Files is a copy of the whole package, by path.
func (p *Package) Files() map[string][]byte { return maps.Clone(p.whole) }

func (p *Package) at(name string) string { return filepath.Join(p.Dir, filepath.FromSlash(name)) }

// Restore puts back what was changed.
func (p *Package) Restore() error {
	var gone []string
	for name := range p.touched {
		if err := os.RemoveAll(p.at(name)); err != nil {
			return err
		}
		if _, ok := p.whole[name]; !ok {
			gone = append(gone, filepath.Dir(p.at(name)))
		}
	}
	for name := range p.touched {
		for _, path := range p.paths { // a folder that was taken away takes its files along
			if path != name && !strings.HasPrefix(path, name+"/") {
				continue
			}
			if err := os.MkdirAll(filepath.Dir(p.at(path)), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(p.at(path), p.whole[path], 0o644); err != nil {
				return err
			}
		}
	}
	for _, dir := range gone { // folders made for an added file
		for ; len(dir) > len(p.Dir); dir = filepath.Dir(dir) {
			if os.Remove(dir) != nil {
				break // there is something in it
			}
		}
	}
	clear(p.touched)
	return nil
}

// write replaces or adds a file.
func (p *Package) write(name string, content []byte) error {
	p.touched[name] = true
	if err := os.MkdirAll(filepath.Dir(p.at(name)), 0o755); err != nil {
		return err
	}
	return os.WriteFile(p.at(name), content, 0o644)
}

// edit replaces a file by what the change makes of it.
func (p *Package) edit(name string, change func([]byte) []byte) error {
	return p.write(name, change(bytes.Clone(p.whole[name])))
}

func (p *Package) remove(name string) error {
	p.touched[name] = true
	return os.RemoveAll(p.at(name))
}

// all replaces the whole folder.
func (p *Package) all(files map[string][]byte) error {
	for _, name := range p.paths {
		if err := p.remove(name); err != nil {
			return err
		}
	}
	for name, content := range files {
		if err := p.write(name, content); err != nil {
			return err
		}
	}
	return nil
}
