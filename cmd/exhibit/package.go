package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"exhibit/control"
	"exhibit/render"
	"exhibit/render/table"
	"exhibit/seal"
	"exhibit/site"
)

// A pack is the package being written: a folder that becomes the auditor's.
type pack struct {
	dir, fresh string // its place, and where it grows until it is whole
	grows      string // the temporary folder fresh lies in
	manifest   seal.Manifest
	made       map[string]bool // folders
}

// packageName is the name of a report's package.
func packageName(r *control.Report) string { return table.PackageName(r) }

// packageSeal is what the seal of a report's package says, before it is signed.
// The claimed time is the end of the newest run, so that the same commit gives
// the same package whenever it is made.
func packageSeal(r *control.Report) seal.Seal {
	newest := r.Runs[len(r.Runs)-1]
	return seal.Seal{
		Kind: seal.KindPackage, Sample: r.Sample, Organisation: r.Engagement.Organisation, Period: r.Engagement.Period.String(),
		Run: newest.Run.Name, Commit: r.Commit, Chain: newest.SealSum, Claimed: newest.Run.Ended, Tool: r.Tool, SumsPath: seal.SumsName,
		Reviewers: newest.Reviewers,
	}
}

// contents are the rendered files and the page of stock-tool commands; they end
// with ctx's error where it ends.
func contents(ctx context.Context, r *control.Report, files iter.Seq2[render.File, error], principal string) iter.Seq2[render.File, error] {
	return func(yield func(render.File, error) bool) {
		for f, err := range files {
			if err == nil {
				err = ctx.Err()
			}
			if !yield(f, err) {
				return
			}
		}
		yield(render.File{Path: seal.VerifyTextName, Data: verifyTextOf(r, principal)}, nil)
	}
}

// verifyTextOf is the VERIFY.txt of a report's package.
func verifyTextOf(r *control.Report, principal string) []byte {
	return seal.VerifyText(packageSeal(r), principal, site.VerifyPageSum())
}

// newPack makes an empty folder beside dir, another for every call: two exhibits
// at once do not write into each other's. An older package at dir is replaced
// when the new one is whole; anything else there is refused.
func newPack(dir string) (*pack, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, seal.SealName)); err != nil && len(entries) > 0 {
		return nil, withHint(fmt.Errorf("%s holds files and is not a package", dir), "move it away, or set out in exhibit.yaml to another folder")
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, err
	}
	grows, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".new-")
	if err != nil {
		return nil, err
	}
	// Made below the temporary folder, the package has the permissions of any other folder.
	p := &pack{dir: dir, grows: grows, fresh: filepath.Join(grows, filepath.Base(dir)), made: map[string]bool{}}
	return p, os.Mkdir(p.fresh, 0o755)
}

// drop removes what is left of the growing folder.
func (p *pack) drop() { _ = os.RemoveAll(p.grows) } // what is left there, git ignores

func (p *pack) add(f render.File) error {
	p.manifest = append(p.manifest, seal.Entry{Path: f.Path, Sum: sha256.Sum256(f.Data)})
	return p.write(f.Path, f.Data)
}

func (p *pack) write(name string, content []byte) error {
	if err := seal.CheckPath(name); err != nil {
		return err
	}
	path := filepath.Join(p.fresh, filepath.FromSlash(name))
	if d := filepath.Dir(path); !p.made[d] {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return err
		}
		p.made[d] = true
	}
	return os.WriteFile(path, content, 0o644)
}

// seal signs the list of what was added.
func (p *pack) seal(s seal.Seal, key seal.Key) error {
	slices.SortFunc(p.manifest, func(a, b seal.Entry) int { return cmp.Compare(a.Path, b.Path) })
	sealed, err := seal.SealManifest(p.manifest, s, key)
	if err != nil {
		return err
	}
	for _, name := range sortedKeys(sealed) {
		if err := p.write(name, sealed[name]); err != nil {
			return err
		}
	}
	return nil
}

// stamp adds a timestamp token to the seal; get is nil when none is asked for.
func (p *pack) stamp(get func(signature []byte) []byte) error {
	if get == nil {
		return nil
	}
	sig, err := os.ReadFile(filepath.Join(p.fresh, seal.SignatureName))
	if err != nil {
		return err
	}
	token := get(sig)
	if len(token) == 0 {
		return nil
	}
	return p.write(seal.TokenName, token)
}

// place puts the package, and its zip where one was made, in their places.
func (p *pack) place() error {
	if err := os.RemoveAll(p.dir); err != nil {
		return err
	}
	if err := os.Rename(p.fresh, p.dir); err != nil {
		return err
	}
	err := os.Rename(p.fresh+".zip", p.dir+".zip")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// zipFolder writes a package's folder as one zip, the same bytes every time.
func zipFolder(dir, path string) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	var paths []string
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			paths = append(paths, name)
		}
		return err
	})
	if err == nil {
		err = seal.ZipFiles(f, paths, func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, filepath.FromSlash(name))) })
	}
	return errors.Join(err, f.Close())
}

// differences compares rendered files with a package's, leaving out the seal's.
func differences(rendered iter.Seq2[render.File, error], pack fs.FS) (out []string, files int, err error) {
	made := map[string]bool{}
	for f, err := range rendered {
		if err != nil {
			return nil, 0, err
		}
		made[f.Path] = true
		got, err := fs.ReadFile(pack, f.Path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			out = append(out, f.Path+": is rendered from the commit and is not in the package")
		case err != nil:
			return nil, 0, err
		case !bytes.Equal(got, f.Data):
			out = append(out, f.Path+": differs from what the commit renders to")
		}
	}
	err = fs.WalkDir(pack, ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !made[p] && !isSeals(p) {
			out = append(out, p+": is in the package and is not rendered from the commit")
		}
		return err
	})
	slices.Sort(out)
	return out, len(made), err
}

func isSeals(name string) bool {
	return seal.IsSealFile(name)
}
