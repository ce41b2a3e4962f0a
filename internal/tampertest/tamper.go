package tampertest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"exhibit/seal"
)

// Tool is what a change is shown to.
type Tool string

// The tools that docs/verifying.md names.
const (
	Exhibit Tool = "exhibit verify and exhibit-verify"
	Stock   Tool = "the commands of VERIFY.txt"
	Page    Tool = "verify.html"
)

// Change is one thing done to a package.
type Change struct {
	What   string
	Unseen []Tool // those that cannot see it; docs/verifying.md says why
}

// SeenBy says that the tool must refuse the package.
func (c Change) SeenBy(t Tool) bool { return !slices.Contains(c.Unseen, t) }

// kind is one way to tamper. do answers what it did, "" when nothing was changed.
type kind struct {
	name   string
	unseen []Tool
	do     func(p *Package, r *rand.Rand) (string, error)
}

// Kinds are the names of all ways to tamper, and which tools cannot see each.
func Kinds() map[string][]Tool {
	all := map[string][]Tool{}
	for _, k := range kinds() {
		all[k.name] = k.unseen
	}
	return all
}

// Tamper changes the package once. Restore puts it back.
func (p *Package) Tamper(r *rand.Rand) (Change, error) {
	all := kinds()
	for {
		k := all[r.IntN(len(all))]
		what, err := k.do(p, r)
		if err != nil {
			return Change{}, fmt.Errorf("%s: %w", k.name, err)
		}
		if what != "" {
			return Change{k.name + ": " + what, k.unseen}, nil
		}
		if err := p.Restore(); err != nil {
			return Change{}, err
		}
	}
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// text is a kind of change to the bytes of one file, drawn from the given ones or from all.
func text(name string, unseen []Tool, of func(p *Package) []string, change func(r *rand.Rand, b []byte) []byte) kind {
	return kind{name, unseen, func(p *Package, r *rand.Rand) (string, error) {
		file := pick(r, of(p)...)
		b := change(r, bytes.Clone(p.whole[file]))
		if bytes.Equal(b, p.whole[file]) {
			return "", nil
		}
		return file, p.write(file, b)
	}}
}

func every(p *Package) []string { return p.paths }

func named(names ...string) func(*Package) []string {
	return func(*Package) []string { return names }
}

func plain(p *Package) []string {
	return slices.DeleteFunc(slices.Clone(p.paths), func(s string) bool {
		return slices.Contains([]string{seal.SumsName, seal.SealName, seal.SignatureName}, s)
	})
}

func lines(b []byte) [][]byte {
	l := bytes.SplitAfter(b, []byte("\n"))
	return l[:len(l)-1]
}

func kinds() []kind {
	join := func(l [][]byte) []byte { return bytes.Join(l, nil) }
	sums, sealed, signature := named(seal.SumsName), named(seal.SealName), named(seal.SignatureName)
	all := []kind{
		// Files.
		text("flip", nil, every, func(r *rand.Rand, b []byte) []byte {
			if len(b) > 0 {
				b[r.IntN(len(b))] ^= 1 << r.IntN(8)
			}
			return b
		}),
		text("truncate", nil, every, func(r *rand.Rand, b []byte) []byte { return b[:r.IntN(len(b)+1)] }),
		text("append", nil, every, func(r *rand.Rand, b []byte) []byte { return append(b, pick(r, "\n", " ", "\x00", "x", "\r\n")...) }),
		text("insert", nil, every, func(r *rand.Rand, b []byte) []byte {
			return slices.Insert(b, r.IntN(len(b)+1), []byte(pick(r, "\n", " ", "\x00", "\ufeff", "\u202e", "\u00a0"))...)
		}),
		text("line ends", nil, every, func(r *rand.Rand, b []byte) []byte {
			if bytes.Contains(b, []byte("\r\n")) {
				return bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
			}
			return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
		}),
		{"delete", nil, func(p *Package, r *rand.Rand) (string, error) { f := pick(r, p.paths...); return f, p.remove(f) }},
		{"add", nil, func(p *Package, r *rand.Rand) (string, error) {
			f := path.Join(pick(r, "", "artifacts", "runs", "new", "artifacts/SEAL.txt"), pick(r, "late.pdf", ".hidden", "SEAL.txt.bak", "x", "SHA256SUMS.txt"))
			return f, p.write(f, p.whole[pick(r, p.paths...)])
		}},
		{"swap", nil, func(p *Package, r *rand.Rand) (string, error) {
			a, b := pick(r, p.paths...), pick(r, p.paths...)
			if bytes.Equal(p.whole[a], p.whole[b]) {
				return "", nil
			}
			if err := p.write(a, p.whole[b]); err != nil {
				return "", err
			}
			return a + " and " + b, p.write(b, p.whole[a])
		}},
		{"rename", nil, func(p *Package, r *rand.Rand) (string, error) {
			f := pick(r, p.paths...)
			if err := p.remove(f); err != nil {
				return "", err
			}
			return f, p.write(f+pick(r, ".1", "~", ".bak", "=", ".txt"), p.whole[f])
		}},
		{"case", nil, func(p *Package, r *rand.Rand) (string, error) {
			f := pick(r, p.paths...)
			to := pick(r, strings.ToUpper(f), path.Join(path.Dir(f), strings.ToUpper(path.Base(f))))
			if to == f {
				return "", nil
			}
			if pick(r, true, false) { // instead of the file, or beside it
				if err := p.remove(f); err != nil {
					return "", err
				}
			}
			return f + " as " + to, p.write(to, p.whole[f])
		}},
		{"unicode twin", nil, func(p *Package, r *rand.Rand) (string, error) {
			f := pick(r, "іndex.html", "index\u200b.html", "index.html\u00a0", "ｉndex.html", "README\u2024txt", "inde\u0301x.html", "index\xff.html")
			return fmt.Sprintf("%q", f), p.write(f, p.whole["index.html"])
		}},
		// The list.
		text("list: lines change places", nil, sums, func(r *rand.Rand, b []byte) []byte {
			l := lines(b)
			i, j := r.IntN(len(l)), r.IntN(len(l))
			l[i], l[j] = l[j], l[i]
			return join(l)
		}),
		text("list: sorted by hash", nil, sums, func(r *rand.Rand, b []byte) []byte { l := lines(b); slices.SortFunc(l, bytes.Compare); return join(l) }),
		text("list: a line twice", nil, sums, func(r *rand.Rand, b []byte) []byte {
			l := lines(b)
			i := r.IntN(len(l))
			return join(slices.Insert(l, i, l[i]))
		}),
		text("list: spaces", nil, sums, func(r *rand.Rand, b []byte) []byte {
			return bytes.Replace(b, []byte(pick(r, "\n", "  ")), []byte(pick(r, " \n", "\t", " *")), 1+r.IntN(3))
		}),
		text("list: upper case hash", nil, sums, func(r *rand.Rand, b []byte) []byte { copy(b, bytes.ToUpper(b[:64])); return b }),
		{"list: a line and its file less", nil, func(p *Package, r *rand.Rand) (string, error) {
			f := pick(r, plain(p)...)
			if err := p.remove(f); err != nil {
				return "", err
			}
			return f, p.edit(seal.SumsName, func(b []byte) []byte {
				return join(slices.DeleteFunc(lines(b), func(l []byte) bool { return bytes.HasSuffix(l, []byte("  "+f+"\n")) }))
			})
		}},
		{"list: a file changed with its line", nil, func(p *Package, r *rand.Rand) (string, error) {
			f := pick(r, plain(p)...)
			changed := append(bytes.Clone(p.whole[f]), "changed"...)
			if err := p.write(f, changed); err != nil {
				return "", err
			}
			return f, p.edit(seal.SumsName, func(b []byte) []byte {
				return bytes.Replace(b, []byte(digest(p.whole[f])+"  "+f+"\n"), []byte(digest(changed)+"  "+f+"\n"), 1)
			})
		}},
		// The seal and its signature.
		text("seal: a header changed", nil, sealed, func(r *rand.Rand, b []byte) []byte {
			l := lines(b)
			i := r.IntN(len(l))
			l[i] = append(bytes.TrimSuffix(l[i], []byte("\n")), pick(r, "0\n", " \n", "x\n", "\r\n")...)
			return join(l)
		}),
		text("seal: a header less, more or moved", nil, sealed, func(r *rand.Rand, b []byte) []byte {
			l := lines(b)
			i := r.IntN(len(l))
			return join(pick(r, slices.Delete(slices.Clone(l), i, i+1), slices.Insert(slices.Clone(l), i, l[i]), slices.Insert(slices.Clone(l), i, []byte("# note: x\n"))))
		}),
		text("seal: made to name another list", nil, sealed, func(r *rand.Rand, b []byte) []byte {
			l := lines(b)
			copy(l[len(l)-1], digest([]byte{byte(r.IntN(256))}))
			return join(l)
		}),
		{"signature: of another namespace", nil, func(p *Package, r *rand.Rand) (string, error) {
			n := pick(r, seal.NamespaceReview, "git", "file", "", "exhibit-seal-v2")
			return n + ".", p.write(seal.SignatureName, seal.Sign(key('a'), n, p.whole[seal.SealName]))
		}},
		{"signature: by another key", nil, func(p *Package, r *rand.Rand) (string, error) {
			k := byte('b' + r.IntN(20))
			return string(k), p.write(seal.SignatureName, seal.Sign(key(k), seal.NamespaceSeal, p.whole[seal.SealName]))
		}},
		{"signature: over another text", nil, func(p *Package, r *rand.Rand) (string, error) {
			f := pick(r, plain(p)...)
			return f, p.write(seal.SignatureName, seal.Sign(key('a'), seal.NamespaceSeal, p.whole[f]))
		}},
		{"seal of a run in its place", nil, func(p *Package, r *rand.Rand) (string, error) {
			var runs []string
			for _, f := range p.paths {
				if strings.HasPrefix(f, "runs/") && path.Base(f) == seal.SealName {
					runs = append(runs, f)
				}
			}
			f := pick(r, runs...)
			if err := p.write(seal.SealName, p.whole[f]); err != nil {
				return "", err
			}
			return f, p.write(seal.SignatureName, p.whole[f+".sig"])
		}},
		{"all made again with another key", nil, func(p *Package, r *rand.Rand) (string, error) {
			k := byte('b' + r.IntN(20))
			forged, err := build(key(k), "exhibit forged")
			if err != nil {
				return "", err
			}
			return string(k), p.all(forged)
		}},
		text("signature: wrapped otherwise", []Tool{Stock}, signature, func(r *rand.Rand, b []byte) []byte { // ssh-keygen reads any base64: it is the same signature
			l := lines(b)
			i := 1 + r.IntN(len(l)-3)
			l[i] = append(bytes.TrimSuffix(l[i], []byte("\n")), l[i+1]...)
			return join(slices.Delete(l, i+1, i+2))
		}),
		// The folder.
		{"empty folder", []Tool{Page}, func(p *Package, r *rand.Rand) (string, error) {
			f := path.Join(pick(r, "", "artifacts", "runs", "data"), pick(r, "new", "0003-20260701T060000Z", ".git"))
			p.touched[f] = true
			return f, os.Mkdir(p.at(f), 0o755)
		}},
		{"symbolic link in place of a file", []Tool{Page}, func(p *Package, r *rand.Rand) (string, error) {
			f := pick(r, p.paths...)
			kept := filepath.Join(filepath.Dir(p.Dir), "elsewhere")
			if err := os.WriteFile(kept, p.whole[f], 0o644); err != nil {
				return "", err
			}
			if err := p.remove(f); err != nil {
				return "", err
			}
			return f, os.Symlink(kept, p.at(f))
		}},
		{"symbolic link added", []Tool{Page}, func(p *Package, r *rand.Rand) (string, error) {
			f := pick(r, "link", "artifacts/link.csv", ".link")
			p.touched[f] = true
			return f, os.Symlink(pick(r, "index.html", "/etc/passwd", "..", "nowhere"), p.at(f))
		}},
		// What is not part of what is sealed: nobody can see it, and nothing is lost.
		{"hard link to the same bytes", []Tool{Exhibit, Stock, Page}, func(p *Package, r *rand.Rand) (string, error) {
			f := pick(r, p.paths...)
			kept := filepath.Join(filepath.Dir(p.Dir), "kept")
			_ = os.Remove(kept) // there may be none yet
			if err := os.WriteFile(kept, p.whole[f], 0o644); err != nil {
				return "", err
			}
			if err := p.remove(f); err != nil {
				return "", err
			}
			return f, os.Link(kept, p.at(f))
		}},
		{"permissions", []Tool{Exhibit, Stock, Page}, func(p *Package, r *rand.Rand) (string, error) {
			f := pick(r, p.paths...)
			p.touched[f] = true
			return f, os.Chmod(p.at(f), pick[os.FileMode](r, 0o755, 0o600, 0o444))
		}},
	}
	return all
}
