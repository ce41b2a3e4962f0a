package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/config"
)

// A gitDir knows where git keeps what. For a linked work tree HEAD and the
// index are its own and the rest is shared; otherwise own and common are one.
type gitDir struct {
	own, common string
	fileMode    bool // core.fileMode: the executable bit in the work tree means something
	reflog      bool
}

// findGit finds the git folder of a work tree and refuses what is not supported.
func findGit(dir string) (g gitDir, err error) {
	dot := filepath.Join(dir, ".git")
	fi, err := os.Stat(dot)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return g, notARepository(dir)
	case err != nil:
		return g, err
	case fi.IsDir():
		g.own = dot
	default:
		b, err := os.ReadFile(dot)
		if err != nil {
			return g, err
		}
		to, ok := strings.CutPrefix(strings.TrimSpace(string(b)), "gitdir: ")
		if !ok {
			return g, fmt.Errorf("%s is neither a git folder nor names one", dot)
		}
		g.own = absolute(dir, to)
	}
	g.common = g.own
	if b, err := os.ReadFile(filepath.Join(g.own, "commondir")); err == nil {
		g.common = absolute(g.own, strings.TrimSpace(string(b)))
	}
	if _, err := os.Stat(filepath.Join(g.own, "HEAD")); errors.Is(err, fs.ErrNotExist) {
		return g, notARepository(dir)
	}
	return g, g.readConfig(dir)
}

func absolute(base, p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(base, p)
}

func notARepository(dir string) error {
	if isBare(dir) {
		return &Hint{fmt.Errorf("%s is a bare git repository, without the files people work on", dir), "clone it and name the clone"}
	}
	for up := filepath.Dir(dir); up != dir; dir, up = up, filepath.Dir(up) {
		if _, err := os.Stat(filepath.Join(up, ".git")); err == nil {
			return &Hint{fmt.Errorf("%s is inside a git repository and not its root", dir), "name the root, " + up}
		}
	}
	return &Hint{fmt.Errorf("%s is not a git repository", dir), "make one with: exhibit init"}
}

func isBare(dir string) bool {
	for _, name := range []string{"HEAD", "objects", "refs"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

func (g *gitDir) readConfig(dir string) error {
	cfg := config.New()
	for _, name := range []string{filepath.Join(g.common, "config"), filepath.Join(g.own, "config.worktree")} {
		b, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) && filepath.Base(name) != "config" {
			continue
		}
		if err == nil {
			err = config.NewDecoder(bytes.NewReader(b)).Decode(cfg)
		}
		if err != nil {
			return fmt.Errorf("reading the git configuration: %w", err)
		}
	}
	core, ext := cfg.Section("core"), cfg.Section("extensions")
	is := func(value, fallback string) bool {
		switch strings.ToLower(value) {
		case "":
			value = fallback
		case "true", "yes", "on", "1":
			value = "true"
		}
		return value == "true"
	}
	if is(core.Option("bare"), "false") {
		return &Hint{fmt.Errorf("%s is a bare git repository, without the files people work on", dir), "clone it and name the clone"}
	}
	if f := ext.Option("objectFormat"); f != "" && !strings.EqualFold(f, "sha1") {
		return &Hint{fmt.Errorf("%s is a %s git repository, which exhibit cannot read", dir, f), "make it with: git init --object-format=sha1"}
	}
	if f := ext.Option("refStorage"); f != "" && !strings.EqualFold(f, "files") {
		return &Hint{fmt.Errorf("%s keeps its refs as %s, which exhibit cannot read", dir, f), "run: git refs migrate --ref-format=files"}
	}
	if is(core.Option("sparseCheckout"), "false") {
		return &Hint{fmt.Errorf("%s is checked out in part only", dir), "run: git sparse-checkout disable"}
	}
	g.fileMode = is(core.Option("fileMode"), "true")
	g.reflog = !strings.EqualFold(core.Option("logAllRefUpdates"), "false")
	return nil
}
