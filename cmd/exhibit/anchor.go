package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"exhibit/evidence/store"
	"exhibit/seal"
	"exhibit/seal/anchor"
)

const (
	tsaRoots    = "trust/tsa-roots.pem"
	revokedKeys = "trust/revoked_keys"
)

// Timestamping says who proves when a seal was made: authorities of RFC 3161,
// asked in their order. Their roots are pinned in trust/tsa-roots.pem.
type Timestamping struct {
	Authorities []string `yaml:"authorities"` // URLs; empty: times are claims
}

func (v *validator) timestamping(t Timestamping) {
	for i, a := range t.Authorities {
		if u, err := url.Parse(a); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			v.bad(fmt.Sprintf("timestamping.authorities.%d", i), "%q is not the URL of a timestamp authority, such as http://timestamp.example.com", a)
		}
	}
}

var anchorCommand = command{
	name: "anchor", args: "[PACKAGE]",
	short: "have a timestamp authority prove when runs, or a package, existed",
	long: `Gets a timestamp (RFC 3161) over the signature of every run that has none, from
the authorities that timestamping in exhibit.yaml names, and keeps them as one
commit. A run gets its own when it is made; this is for runs that were made offline,
or while no authority answered. What such a timestamp proves is that the run existed
then, and the verifier says how much later that is than the run claims.

PACKAGE is the folder of a package: its seal gets one, and its zip is made anew
where there is one.

An authority is told a hash, and nothing else. Only an answer that verifies against
the roots in trust/tsa-roots.pem is kept.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		return func(ctx context.Context, c *call) error {
			if len(c.args) > 1 {
				return usageError("anchor takes one PACKAGE, not %d", len(c.args))
			}
			cfg, err := loadConfig(c.Dir)
			if err != nil {
				return err
			}
			j := newJob(c, cfg)
			if len(cfg.Timestamping.Authorities) == 0 {
				return withHint(errors.New("no timestamp authority is named in exhibit.yaml"), "write timestamping: {authorities: [URL]}, and pin the authority's root in %s", tsaRoots)
			}
			if err := j.stamps(); err != nil {
				return err
			}
			if len(c.args) == 1 {
				return j.anchorPackage(ctx, absolute(c.Dir, c.args[0]))
			}
			return j.anchorRuns(ctx)
		}
	},
}

// stamps makes the job ask timestamp authorities, where exhibit.yaml names any.
func (j *job) stamps() error {
	urls := j.cfg.Timestamping.Authorities
	if len(urls) == 0 {
		return nil
	}
	b, err := os.ReadFile(filepath.Join(j.cfg.dir, tsaRoots))
	var roots seal.Roots
	if err == nil {
		roots, err = seal.ParseRoots(b)
	}
	if err != nil {
		return withHint(fmt.Errorf("reading the pinned roots of timestamp authorities, %s: %w", tsaRoots, err),
			"put the root certificate of each authority there, in PEM, and compare its fingerprint with what the authority publishes: openssl x509 -noout -fingerprint -sha256 -in FILE")
	}
	j.anchors = &anchor.Authorities{URLs: urls, Roots: roots, Rand: rand.Reader}
	return nil
}

// stamp gets a token for a run or package that is being made. Where there is none
// to be had, it is made without.
func (j *job) stamp(ctx context.Context, of string) func(signature []byte) []byte {
	if j.sampleStamps != nil {
		return j.sampleStamp
	}
	if j.anchors == nil {
		return nil
	}
	return func(signature []byte) []byte {
		token, s, err := j.anchors.Ask(ctx, signature)
		if err != nil {
			j.warn("no timestamp for %s, so that its time is a claim until there is one: %v", of, err)
			j.say("exhibit anchor gets it later, and the words will say how much later")
			return nil
		}
		if off := s.Time.Sub(j.Now()); off.Abs() > time.Minute {
			j.warn("this machine's clock differs from that of %s by %s", s.Authority, off.Round(time.Second))
		}
		return token
	}
}

// anchored is one thing that got a timestamp.
type anchored struct {
	Of        string    `json:"of"` // the name of a run, or "package"
	Claimed   time.Time `json:"claimed"`
	Proved    time.Time `json:"proved"`
	Authority string    `json:"authority"`
}

func (j *job) anchorRuns(ctx context.Context) error {
	repo, err := store.Open(j.cfg.dir)
	if err != nil {
		return err
	}
	defer repo.Close()
	tree, err := repo.At("")
	if err != nil {
		return err
	}
	runs, err := tree.Runs()
	if err != nil {
		return err
	}
	tokens, list := map[string][]byte{}, []anchored{}
	for _, r := range runs {
		if len(r.Token) > 0 {
			continue
		}
		if _, err := seal.VerifySignature(r.Signature, r.SealText, seal.NamespaceSeal); err != nil {
			return fmt.Errorf("run %s is not signed well, and a timestamp would not mend it: %w", r.Name, err)
		}
		token, s, err := j.anchors.Ask(ctx, r.Signature)
		if err != nil {
			return fmt.Errorf("getting a timestamp for run %s: %w", r.Name, err)
		}
		tokens[r.Name] = token
		list = append(list, anchored{r.Name, r.Seal.Claimed, s.Time, s.Authority})
	}
	commit := ""
	if len(tokens) > 0 {
		if commit, err = repo.Anchor(tokens, j.author(), j.clock()); err != nil {
			return err
		}
	}
	return j.tellAnchored(commit, list, "every run has a timestamp")
}

func (j *job) anchorPackage(ctx context.Context, dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, seal.SealName))
	if err != nil {
		return withHint(usageError("reading the package %q: %w", dir, plain(err)), "name a package's folder, such as one under %s/", j.cfg.Out)
	}
	s, err := seal.ParseSeal(text)
	if err == nil && s.Kind != seal.KindPackage {
		err = fmt.Errorf("it is the seal of a %s", s.Kind)
	}
	if err != nil {
		return fmt.Errorf("reading the seal of %s: %w", dir, err)
	}
	sig, err := os.ReadFile(filepath.Join(dir, seal.SignatureName))
	if err == nil {
		_, err = seal.VerifySignature(sig, text, seal.NamespaceSeal)
	}
	if err != nil {
		return fmt.Errorf("%s is not signed well, and a timestamp would not mend it: %w", dir, err)
	}
	file := filepath.Join(dir, seal.TokenName)
	if _, err := os.Stat(file); err == nil {
		return j.tellAnchored("", nil, "the package has a timestamp")
	}
	token, st, err := j.anchors.Ask(ctx, sig)
	if err != nil {
		return fmt.Errorf("getting a timestamp for %s: %w", dir, err)
	}
	if err := os.WriteFile(file, token, 0o644); err != nil {
		return err
	}
	if _, err := os.Stat(dir + ".zip"); err == nil {
		if err := zipFolder(dir, dir+".zip"); err != nil {
			return err
		}
	}
	return j.tellAnchored("", []anchored{{"package", s.Claimed, st.Time, st.Authority}}, "")
}

func (j *job) tellAnchored(commit string, list []anchored, none string) error {
	return j.ui.result(map[string]any{"commit": commit, "anchored": list}, func(w io.Writer) {
		if len(list) == 0 {
			fmt.Fprintln(w, none)
		}
		for _, a := range list {
			fmt.Fprintf(w, "%s: sealed by its own clock at %s, proved to exist at %s by %s\n", a.Of, a.Claimed.Format(time.RFC3339), a.Proved.Format(time.RFC3339), seal.Visible(a.Authority))
		}
		if commit != "" {
			fmt.Fprintf(w, "kept in commit %s\n", commit[:10])
		}
	})
}
