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

	"exhibit/seal"
)

var verifyCommand = command{
	name: "verify", args: "[PATH] [--signers FILE] [--since OLD-SEAL.txt]",
	short: "check a package, a zip of one, or an evidence repository",
	long: `Checks that every sealed file is there as it was sealed and that no other file is,
whose key signed, and that the runs follow each other without a break. It says
what it could not check.

PATH is a package's folder, a zip of one, or an evidence repository; without it,
this repository. --signers names the allowed_signers file the signer gave you by
another way than the package. In an evidence repository trust/allowed_signers is
the default. --since takes a SEAL.txt you kept from earlier: a chain that was
rebuilt or shortened since is found.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		signers := fs.String("signers", "", "the allowed_signers `FILE`")
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
			}{{*signers, &opt.AllowedSigners}, {*since, &opt.Since}} {
				if f.flag == "" {
					continue
				}
				b, err := os.ReadFile(absolute(c.Dir, f.flag))
				if err != nil {
					return usageError("reading %q: %w", f.flag, plain(err))
				}
				*f.into = b
			}
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
	if len(opt.AllowedSigners) == 0 {
		b, err := fs.ReadFile(dir, allowedSigners)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		opt.AllowedSigners = b
	}
	return seal.VerifyRuns(dir, opt)
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
