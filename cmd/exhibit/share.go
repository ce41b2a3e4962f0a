package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"

	"exhibit/evidence/withheld"
)

// Sharing says who gets packages.
type Sharing struct {
	Recipients []SharingRecipient `yaml:"recipients"`
	People     string             `yaml:"people"`     // how they appear in packages: names, or pseudonyms
	PeopleKey  string             `yaml:"people_key"` // the file of the key of their pseudonyms; EXHIBIT_PEOPLE_KEY goes before it
	// Packages are those made for somebody, of which something is withheld.
	Packages []SharedPackage `yaml:"packages"`
}

// SharingRecipient is somebody a package may be encrypted to, by a name.
type SharingRecipient struct {
	Name string `yaml:"name"` // what exhibit pack --to calls them
	Key  string `yaml:"key"`  // age1…, or the line of a .pub file: ssh-ed25519 … or ssh-rsa …
}

func (v *validator) sharing(s Sharing) {
	if s.People != peopleByName && s.People != peopleByPseudonym {
		v.bad("sharing.people", "%q is not known; allowed: %s, %s", s.People, peopleByName, peopleByPseudonym)
	}
	seen := map[string]bool{}
	for i, r := range s.Recipients {
		p := fmt.Sprintf("sharing.recipients.%d", i)
		if !repoName.MatchString(r.Name) {
			v.bad(p+".name", "%q must be letters, digits, dot, dash or underscore", r.Name)
		}
		if seen[r.Name] {
			v.bad(p+".name", "%q is there twice", r.Name)
		}
		seen[r.Name] = true
		if _, err := withheld.ParseRecipient(r.Key); err != nil {
			v.bad(p+".key", "%v", err)
		}
	}
}

// recipients finds those named, all of them or none.
func (c Config) recipients(names []string) (to []withheld.Recipient, err error) {
	for _, name := range names {
		found := false
		var known []string
		for _, r := range c.Sharing.Recipients {
			known = append(known, r.Name)
			if r.Name != name {
				continue
			}
			key, err := withheld.ParseRecipient(r.Key)
			if err != nil {
				return nil, err // exhibit.yaml was checked
			}
			to, found = append(to, key), true
		}
		if !found {
			return nil, withHint(usageError("--to %q is nobody that sharing.recipients in exhibit.yaml names", name), "it names %s", orNobody(strings.Join(known, ", ")))
		}
	}
	return to, nil
}

func orNobody(s string) string {
	if s == "" {
		return "nobody"
	}
	return s
}

// encryptFile writes path.age, for the recipients alone, and takes path away: what
// was to be encrypted does not lie about.
func encryptFile(path string, to []withheld.Recipient) (err error) {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(path+".age", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	w, err := withheld.Encrypt(out, to)
	if err == nil {
		_, err = io.Copy(w, in)
		err = errors.Join(err, w.Close())
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return errors.Join(err, os.Remove(path+".age"))
	}
	return os.Remove(path)
}

// bundle writes the evidence repository's history up to a commit as one file, which
// git clone reads: the runs, the seals and all that pages are rendered from.
func bundle(ctx context.Context, dir, commit, path string) error {
	// A bundle names a reference. One of our own, gone afterwards, names exactly the commit.
	const ref = "refs/heads/exhibit-evidence"
	run := func(args ...string) error {
		cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir}, args...)...)
		out, err := cmd.CombinedOutput()
		if errors.Is(err, exec.ErrNotFound) {
			return withHint(errors.New("writing a bundle takes git, which is not installed"), "install git, or leave --bundle out")
		}
		if err != nil {
			return fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(string(out)))
		}
		return nil
	}
	if err := run("update-ref", ref, commit, ""); err != nil {
		return fmt.Errorf("writing the bundle: %w", err)
	}
	err := run("bundle", "create", "--quiet", path, ref)
	if err := errors.Join(err, run("update-ref", "-d", ref)); err != nil {
		return fmt.Errorf("writing the bundle: %w", err)
	}
	return nil
}

// share makes what goes out beside the package's folder: the bundle, and both
// encrypted where they are for somebody.
func (j *job) share(ctx context.Context) error {
	files := []*string{&j.result.Zip}
	if j.bundles {
		path := j.folder + ".bundle"
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := bundle(ctx, j.cfg.dir, j.result.Commit, path); err != nil {
			return err
		}
		j.result.Bundle = path
		files = append(files, &j.result.Bundle)
	}
	if len(j.to) == 0 {
		return nil
	}
	for _, f := range files {
		if err := encryptFile(*f, j.to); err != nil {
			return fmt.Errorf("encrypting %s: %w", *f, err)
		}
		*f += ".age"
	}
	return nil
}
