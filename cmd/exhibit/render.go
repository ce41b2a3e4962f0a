package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"exhibit/control"
	"exhibit/render"
	"exhibit/seal"
)

var renderCommand = command{
	name: "render", args: "[--at COMMIT] [--no-cache] [--check [PACKAGE]]",
	short: "render a commit into a sealed site",
	long: `Judges the evidence at a commit and renders the site, its PDF and XLSX artifacts,
sealed and verified. Uses no network and no clock: the same commit gives the same
bytes.

--at names the commit, a tag, or a run such as 0003-20260701T060000Z; without it,
the newest. --check renders again and compares every byte with PACKAGE (a folder
or a zip), by default the package of that commit under out/; it needs no key.

Where the package was made from the very same before (commit, executable,
configuration, own checks and key), it is verified and left as it is; --no-cache
renders it all the same.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		at := fs.String("at", "HEAD", "the `COMMIT` to render")
		anew := noCache(fs)
		check := fs.Bool("check", false, "compare with a package that exists instead of writing one")
		return func(ctx context.Context, c *call) error {
			if len(c.args) > 1 || len(c.args) == 1 && !*check {
				return usageError("render takes an argument only with --check: the PACKAGE to compare with")
			}
			j, err := rendering(c, *at)
			if err != nil {
				return err
			}
			j.checks, j.anew = *check, *anew
			if len(c.args) == 1 {
				j.folder = absolute(c.Dir, c.args[0])
			}
			if !j.checks {
				if err := j.signs(ctx); err != nil {
					return err
				}
			}
			return run(ctx, j)
		}
	},
}

var packCommand = command{
	name: "pack", args: "[--at COMMIT] [--no-cache] [--bundle] [--for NAME] [--to NAME,NAME]",
	short: "render a commit and zip the package",
	long: `Renders like exhibit render and writes the package as one zip beside its folder.
The zip has the same bytes every time: share either.

--to encrypts the zip with age to people that sharing.recipients in exhibit.yaml
names; they open it with: age -d -i KEY FILE. --for makes the package that
sharing.packages in exhibit.yaml gives that name: files and fields are withheld from
it, which it says, with their hashes, and the verdicts are those of the full package,
which is made beside it and stays here. --bundle writes the history of the
evidence repository up to that commit beside it, for an auditor who renders the
pages again: git clone FILE.bundle.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		at := fs.String("at", "HEAD", "the `COMMIT` to pack")
		to := fs.String("to", "", "encrypt the zip, and the bundle, to these `NAMES` of sharing.recipients")
		anew := noCache(fs)
		whom := fs.String("for", "", "make the package of this `NAME` of sharing.packages, with what it withholds")
		bundled := fs.Bool("bundle", false, "write the evidence repository too, as a git bundle")
		return func(ctx context.Context, c *call) error {
			if len(c.args) > 0 {
				return usageError("pack takes no argument %q", c.args[0])
			}
			j, err := rendering(c, *at)
			if err != nil {
				return err
			}
			if err := j.signs(ctx); err != nil {
				return err
			}
			if j.to, err = j.cfg.recipients(split(*to)); err != nil {
				return err
			}
			if *whom != "" {
				if *bundled {
					return withHint(usageError("--bundle and --for do not go together"), "the bundle holds all that the package withholds")
				}
				p, err := j.cfg.sharedPackage(*whom)
				if err != nil {
					return err
				}
				j.keeps = newKeeping(p, j.salt)
			}
			j.zips, j.bundles, j.anew = true, *bundled, *anew || j.keeps != nil
			return run(ctx, j)
		}
	},
}

func noCache(fs *flag.FlagSet) *bool {
	return fs.Bool("no-cache", false, "render also where the package was made from the very same before")
}

func rendering(c *call, at string) (*job, error) {
	cfg, err := loadConfig(c.Dir)
	if err != nil {
		return nil, err
	}
	j := newJob(c, cfg)
	j.at = at
	return j, j.judges()
}

func sealOf(pack fs.FS) (seal.Seal, error) {
	b, err := fs.ReadFile(pack, seal.SealName)
	if err != nil {
		return seal.Seal{}, err
	}
	return seal.ParseSeal(b)
}

// compare is render --check: the origin level of verification.
func (j *job) compare(report *control.Report, files iter.Seq2[render.File, error]) error {
	path := j.folder
	if path == "" {
		path = filepath.Join(j.cfg.dir, j.cfg.Out, packageName(report))
	}
	info, err := os.Stat(path)
	if err != nil {
		return withHint(usageError("comparing with %q: %w", path, plain(err)), "name the package to compare with, or make one with: exhibit render")
	}
	pack := os.DirFS(path)
	if !info.IsDir() {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		z, err := seal.OpenZip(f, info.Size())
		if err != nil {
			return fmt.Errorf("opening %s: %w", path, err)
		}
		pack = seal.Inside(z)
	}
	if s, err := sealOf(pack); err == nil && s.Full != "" {
		return withHint(fmt.Errorf("%s was made for %s, and something is withheld from it: it is no whole rendering of a commit", filepath.Base(path), seal.Visible(s.For)),
			"check the full package instead; exhibit verify shows that this one differs from it in what it names alone")
	}
	diff, n, err := differences(files, pack)
	if err != nil {
		return err
	}
	err = j.ui.result(map[string]any{"package": path, "commit": report.Commit, "files": n, "same": len(diff) == 0, "differences": diff}, func(w io.Writer) {
		if len(diff) == 0 {
			fmt.Fprintf(w, "%s is what commit %s renders to: %d files, every byte\n", filepath.Base(path), report.Commit[:10], n)
		}
		for i, d := range diff {
			if i == shownLines {
				fmt.Fprintf(w, "… and %d more; --json lists all\n", len(diff)-i)
				break
			}
			fmt.Fprintln(w, seal.Visible(d))
		}
	})
	if err == nil && len(diff) > 0 {
		err = &exit{code: exitError, err: fmt.Errorf("%s is not what commit %s renders to with %s: %s", filepath.Base(path), report.Commit[:10], report.Tool, count(len(diff), "difference"))}
		if s, serr := sealOf(pack); serr == nil && s.Commit != report.Commit {
			err = withHint(err, "its seal names another commit; compare with that: exhibit render --check --at %s", s.Commit)
		}
	}
	return err
}
