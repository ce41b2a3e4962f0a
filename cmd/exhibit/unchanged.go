package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"exhibit/evidence/store"
	"exhibit/seal"
)

// A package is a function of the commit, of the executable, of exhibit.yaml, of what
// the repository adds to the library, and of the key that seals. Whoever renders the
// same again gets the same bytes after the same work, so that what a package was made
// from is kept in .exhibit/made, with the sums of the seal's files. Rendering again
// then verifies the folder, every byte of it, with the code the auditor runs; where
// it is that very package it stays, and where anything differs it is rendered.
//
// What is kept is signed with the key that seals: who could forge it could as well
// seal pages of their own. Nothing is kept where that key is asked for each
// signature, nor where encrypted files are opened. Deleting .exhibit/made is harmless.

// A madeFrom is what is kept of a package.
type madeFrom struct {
	From    string            `json:"from"`    // sum of what it was made from; see origin
	Package string            `json:"package"` // the folder's name below out
	Sums    map[string]string `json:"sums"`    // sha256 in hex of the seal's files, and of the zip where one was made
	Outcome outcome           `json:"outcome"` // what was said of it, without paths
}

// A keptMade is the file.
type keptMade struct {
	Made      json.RawMessage `json:"made"`      // a madeFrom
	Signature string          `json:"signature"` // SSHSIG over it
}

// namespaceMade is of signatures that no allowed_signers file trusts for anything.
const namespaceMade = "exhibit-made"

// zipName stands for the package's zip among sums.
const zipName = "zip"

// origin is the sum of all that a package of the commit is made from; "" where that
// cannot be told, or nothing may be kept.
func (j *job) origin(commit string) string {
	key := j.openKey()
	if key.Public.IsZero() || j.Getenv("EXHIBIT_AGE_IDENTITY") != "" || j.cfg.People.AgeIdentity != "" {
		return ""
	}
	exe := <-hash(runningExecutable(), filepath.Join(j.cfg.dir, ".exhibit"), key)
	if exe == "" {
		return ""
	}
	h := sha256.New()
	for _, of := range []string{"exhibit " + version, exe, commit, j.cfg.sum, j.libSum, seal.Fingerprint(key.Public), fmt.Sprint(j.cfg.Sample)} {
		fmt.Fprintf(h, "%q\n", of)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (j *job) madePath(from string) string {
	return filepath.Join(j.cfg.dir, ".exhibit", "made", from+".json")
}

// unchanged reports whether the package that would be rendered lies there already,
// and takes down what was said of it.
func (j *job) unchanged(repo *store.Repository) (bool, error) {
	if j.collects || j.checks || j.anew {
		return false, nil
	}
	tree, err := repo.At(j.at)
	if err != nil {
		return false, nil // evaluating says so
	}
	made, folder, stands := j.stands(j.origin(tree.Commit()))
	if !stands {
		return false, nil
	}
	o := made.Outcome
	o.Repository, o.Verified, o.Unchanged = j.cfg.dir, true, true
	o.Package, o.Index = folder, filepath.Join(folder, "index.html")
	j.folder, j.result = folder, &o
	for _, p := range o.Problems {
		j.warn("%s", p)
	}
	j.say("nothing that the package is made from has changed: all of it was verified, and it stays as it is")
	if !j.zips {
		return true, nil
	}
	o.Zip = folder + ".zip"
	if sum, err := sumOfFile(o.Zip); err == nil && sum == made.Sums[zipName] {
		return true, nil
	}
	return true, zipBeside(folder)
}

// stands looks for the package that was made from the very same. Whatever is wrong
// with it, or with what was kept of it: it is rendered anew.
func (j *job) stands(from string) (made madeFrom, folder string, ok bool) {
	if made, ok = j.recallMade(from); !ok {
		return made, "", false
	}
	folder = filepath.Join(j.cfg.dir, j.cfg.Out, made.Package)
	if !sameSums(sumsOf(folder), made.Sums) {
		return made, folder, false
	}
	check, err := verifyPath(folder, seal.Options{AllowedSigners: j.ownSigners()})
	return made, folder, err == nil && (check.OK() || check.Waits())
}

// asBefore ends a job whose package stays.
func (j *job) asBefore(ctx context.Context) error {
	if j.zips {
		if err := j.share(ctx); err != nil {
			return j.unwritten(err)
		}
	}
	return j.verdict()
}

// zipBeside zips a package that lies in its place.
func zipBeside(folder string) error {
	p, err := newPack(folder)
	if err != nil {
		return err
	}
	defer p.drop()
	if err := zipFolder(folder, p.fresh+".zip"); err != nil {
		return err
	}
	return os.Rename(p.fresh+".zip", folder+".zip")
}

// recallMade is what is kept of the package made from the very same.
func (j *job) recallMade(from string) (made madeFrom, ok bool) {
	if from == "" {
		return made, false
	}
	b, err := os.ReadFile(j.madePath(from))
	if err != nil {
		return made, false
	}
	var kept keptMade
	if json.Unmarshal(b, &kept) != nil {
		return made, false
	}
	by, err := seal.VerifySignature([]byte(kept.Signature), kept.Made, namespaceMade)
	if err != nil || by != j.key.Public || json.Unmarshal(kept.Made, &made) != nil {
		return made, false
	}
	return made, made.From == from && made.Package != "" && filepath.Base(made.Package) == made.Package
}

// madeOf is what to keep of a package that is whole and not yet in its place.
func (j *job) madeOf(p *pack, commit string) madeFrom {
	m := madeFrom{From: j.origin(commit), Package: filepath.Base(p.dir), Sums: sumsOf(p.fresh), Outcome: *j.result}
	if j.zips {
		sum, err := sumOfFile(p.fresh + ".zip")
		if err != nil {
			return madeFrom{}
		}
		m.Sums[zipName] = sum
	}
	o := &m.Outcome // of a run's collecting nothing is said again
	o.Repository, o.Package, o.Index, o.Zip, o.Bundle, o.Verified, o.Cells, o.Calls = "", "", "", "", "", false, 0, 0
	return m
}

// rememberMade keeps what a package was made from, in the place of what was kept of
// the folder before. Where that fails it is rendered the next time.
func (j *job) rememberMade(m madeFrom) {
	folder := filepath.Dir(j.madePath(m.From))
	j.forgetMade(folder, m.Package)
	if m.From == "" || len(m.Sums) == 0 {
		return
	}
	text, err := json.Marshal(m)
	if err != nil {
		return
	}
	sig, err := j.key.Sign(namespaceMade, text)
	if err != nil {
		return
	}
	b, err := json.Marshal(keptMade{Made: text, Signature: string(sig)})
	if err != nil || os.MkdirAll(folder, 0o700) != nil {
		return
	}
	t, err := os.CreateTemp(folder, ".made-")
	if err != nil {
		return
	}
	_, err = t.Write(append(b, '\n'))
	if t.Close() != nil || err != nil || os.Rename(t.Name(), j.madePath(m.From)) != nil {
		_ = os.Remove(t.Name()) // what could not be written is of no use
	}
}

// forgetMade drops what was kept of a folder that now holds another package.
func (j *job) forgetMade(folder, name string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		b, err := os.ReadFile(path)
		var kept keptMade
		var made madeFrom
		if err == nil && json.Unmarshal(b, &kept) == nil && json.Unmarshal(kept.Made, &made) == nil && made.Package != name {
			continue
		}
		_ = os.Remove(path) // it would not be taken for anything
	}
}

// sumsOf are the sums of the seal's files in a package; nil where one cannot be read.
func sumsOf(folder string) map[string]string {
	out := map[string]string{}
	for _, name := range []string{seal.SumsName, seal.SealName, seal.SignatureName, seal.TokenName} {
		switch sum, err := sumOfFile(filepath.Join(folder, name)); {
		case err == nil:
			out[name] = sum
		case name != seal.TokenName || !errors.Is(err, fs.ErrNotExist):
			return nil
		}
	}
	return out
}

// sameSums reports whether the seal's files are those that were kept.
func sameSums(are, were map[string]string) bool {
	for _, name := range []string{seal.SumsName, seal.SealName, seal.SignatureName, seal.TokenName} {
		if are[name] != were[name] {
			return false
		}
	}
	return are != nil
}

func sumOfFile(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", sha256.Sum256(b)), nil
}
