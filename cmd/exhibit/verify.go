package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"exhibit/evidence/store"
	"exhibit/seal"
)

var verifyCommand = command{
	name: "verify", args: "[PATH] [--signers FILE] [--tsa-roots FILE] [--since OLD-SEAL.txt]",
	short: "check a package, a zip of one, or an evidence repository",
	long: `Checks that every sealed file is there as it was sealed and that no other file is,
whose key signed, and that the runs follow each other without a break. It says
what it could not check.

PATH is a package's folder, a zip of one, or an evidence repository; without it,
this repository. --signers names the allowed_signers file the signer gave you by
another way than the package, --revoked the public keys that count no more, one a line.
--tsa-roots names the root certificates of the timestamp authorities you trust;
without it no timestamp is believed. In an evidence repository trust/allowed_signers,
trust/revoked_keys and trust/tsa-roots.pem are the default, and its history is looked
through for runs that were changed or removed. --since takes a SEAL.txt you kept
from earlier: a chain that was rebuilt or shortened since is found. --cadence shows
every longer pause between two runs as a gap.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		signers := fs.String("signers", "", "the allowed_signers `FILE`")
		revoked := fs.String("revoked", "", "the public keys that count no more (`FILE`)")
		roots := fs.String("tsa-roots", "", "the roots of timestamp authorities, in PEM (`FILE`)")
		cadence := fs.Int("cadence", 0, "show pauses between runs longer than these `DAYS`")
		since := fs.String("since", "", "an older SEAL.txt you kept (`FILE`)")
		return func(_ context.Context, c *call) error {
			path := repositoryAbove(c.Dir)
			if len(c.args) > 1 {
				return usageError("verify takes one PATH, not %d", len(c.args))
			} else if len(c.args) == 1 {
				path = c.args[0]
			}
			var opt seal.Options
			for _, f := range []struct {
				flag string
				into *[]byte
			}{{*signers, &opt.AllowedSigners}, {*since, &opt.Since}, {*revoked, &opt.Revoked}, {*roots, &opt.TimeRoots}} {
				if f.flag == "" {
					continue
				}
				b, err := os.ReadFile(absolute(c.Dir, f.flag))
				if err != nil {
					return usageError("reading %q: %w", f.flag, plain(err))
				}
				*f.into = b
			}
			if *cadence < 0 {
				return usageError("--cadence %d is less than a day", *cadence)
			}
			opt.Cadence = time.Duration(*cadence) * 24 * time.Hour
			result, err := verifyPath(absolute(c.Dir, path), opt)
			if err != nil {
				return err
			}
			var werr error
			if c.json {
				werr = result.WriteJSON(c.Stdout)
			} else {
				werr = result.WriteText(c.Stdout)
			}
			if werr != nil {
				return werr
			}
			if !result.OK() {
				return &exit{code: exitError}
			}
			return nil
		}
	},
}

// repositoryAbove is the evidence repository that dir lies in, or dir.
func repositoryAbove(dir string) string {
	for d := dir; ; d = filepath.Dir(d) {
		if exists(os.DirFS(d), configName) {
			return d
		}
		if exists(os.DirFS(d), seal.SealName) || d == filepath.Dir(d) {
			return dir
		}
	}
}

// verifyPath verifies whatever lies at path.
func verifyPath(path string, opt seal.Options) (*seal.Result, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, withHint(usageError("verifying %q: %w", path, plain(err)), "name a package's folder, a zip of one, or an evidence repository")
	}
	if !info.IsDir() {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		z, err := seal.OpenZip(f, info.Size())
		if err != nil {
			return nil, fmt.Errorf("opening %s: %w", filepath.Base(path), err)
		}
		return seal.Verify(seal.Inside(z), opt)
	}
	dir := os.DirFS(path)
	if exists(dir, seal.SealName) || !exists(dir, configName) {
		return seal.Verify(dir, opt)
	}
	if err := trusted(dir, &opt); err != nil {
		return nil, err
	}
	r, err := seal.VerifyRuns(dir, opt)
	if err != nil || !exists(dir, ".git") {
		return r, err
	}
	return r, history(path, r)
}

// trusted fills in what the repository itself says of whom to trust.
func trusted(dir fs.FS, opt *seal.Options) error {
	for name, into := range map[string]*[]byte{allowedSigners: &opt.AllowedSigners, revokedKeys: &opt.Revoked, tsaRoots: &opt.TimeRoots} {
		if len(*into) > 0 {
			continue
		}
		b, err := fs.ReadFile(dir, name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		*into = b
	}
	return nil
}

// history looks through git's history for runs that were changed or removed: the
// files of today do not show what was put back.
func history(path string, r *seal.Result) error {
	repo, err := store.Open(path)
	if err != nil {
		return err
	}
	defer repo.Close()
	found, err := repo.NotAppended("")
	if err != nil {
		r.Level(seal.LevelHistory, seal.NotChecked, "that runs/ was only ever added to could not be read from git: "+err.Error())
		return nil
	}
	if len(found) == 0 {
		r.Level(seal.LevelHistory, seal.Held, "in every commit here, runs/ was only added to")
		return nil
	}
	for _, f := range found {
		r.Problem(seal.Broken, "runs", "changed in git's history: "+f)
	}
	r.Level(seal.LevelHistory, seal.Failed, "runs/ was not only added to; the commits are named below")
	return nil
}

// plain is the reason of a file's error, without the system call and the path.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func exists(fsys fs.FS, name string) bool {
	_, err := fs.Stat(fsys, name)
	return err == nil
}

// verifyText is a result as one block of text.
func verifyText(r *seal.Result) func(io.Writer) {
	return func(w io.Writer) { _ = r.WriteText(w) } // a terminal that is gone cannot be told
}
