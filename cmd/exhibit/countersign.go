package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"exhibit/evidence/store"
	"exhibit/seal"
)

var countersignCommand = command{
	name: "countersign", args: "[RUN | PACKAGE] (--key FILE | --agent FINGERPRINT)",
	short: "sign a run's or a package's seal a second time, as its reviewer",
	long: `A second person signs a seal: somebody else than the one who made it, such as the
head of security after a review. The signature is over the same SEAL.txt, lies beside
it as SEAL.txt.review1.sig, and changes no byte of the first. In the evidence
repository it is kept as a commit.

Without RUN or PACKAGE it is the newest run; PACKAGE is a package's folder, whose zip
is made anew where there is one. What is not as it was sealed is not signed.

--key names the reviewer's OpenSSH private key, of a security key too; --agent a key
that ssh-agent holds. Its line in trust/allowed_signers has
namespaces="exhibit-review-v1" and another name than the key that seals.
signing.reviewers in exhibit.yaml says how many such signatures every seal asks for;
a verifier refuses one that has fewer.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		file := fs.String("key", "", "the reviewer's private key (`FILE`)")
		agent := fs.String("agent", "", "instead: a key that ssh-agent holds, by its `FINGERPRINT`")
		return func(ctx context.Context, c *call) error {
			if len(c.args) > 1 {
				return usageError("countersign takes one RUN or PACKAGE, not %d", len(c.args))
			}
			if (*file == "") == (*agent == "") {
				return withHint(usageError("countersign: one of --key and --agent says who signs"), "--key ~/.ssh/id_ed25519, or --agent SHA256:… as ssh-add -l prints it")
			}
			if *agent != "" && !fingerprint.MatchString(*agent) {
				return usageError("--agent %q is not a key's fingerprint; ssh-add -l prints it: SHA256:…", *agent)
			}
			cfg, err := loadConfig(c.Dir)
			if err != nil {
				return err
			}
			j := newJob(c, cfg)
			if *agent != "" {
				j.key, err = agentKey(c.Getenv("SSH_AUTH_SOCK"), *agent)
			} else {
				j.key, err = keyFile(ctx, c.world, absolute(c.Dir, *file))
			}
			if err != nil {
				return err
			}
			what := ""
			if len(c.args) == 1 {
				what = c.args[0]
			}
			if _, _, err := seal.ParseRunName(what); what == "" || err == nil {
				return j.countersignRun(what)
			}
			return j.countersignPackage(absolute(c.Dir, what))
		}
	},
}

// reviewer is the name that trust/allowed_signers gives the job's key for reviews.
func (j *job) reviewer() (string, error) {
	b, err := os.ReadFile(filepath.Join(j.cfg.dir, allowedSigners))
	if err != nil {
		return "", fmt.Errorf("reading the allowed signers: %w", err)
	}
	list, err := seal.ParseAllowedSigners(b)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", allowedSigners, err)
	}
	for _, s := range list {
		if s.Key == j.key.Public && s.Allows(seal.NamespaceReview, j.Now()) == nil {
			return s.Principal, nil
		}
	}
	line := seal.Signer{Principal: "NAME", Namespaces: []string{seal.NamespaceReview}, Key: j.key.Public}.String()
	return "", withHint(fmt.Errorf("%s does not list the key %s for reviews, so that its signature would count for nothing", allowedSigners, seal.Fingerprint(j.key.Public)),
		"list and commit it, with the reviewer's name: %s", line)
}

// mayCountersign refuses to sign what is not as it was sealed, and the one who sealed.
func (j *job) mayCountersign(r *seal.Result, signature, text []byte) error {
	first, err := seal.VerifySignature(signature, text, seal.NamespaceSeal)
	if err == nil && first == j.key.Public {
		return withHint(errors.New("this key sealed it, and a second signature is by somebody else"), "use the reviewer's own key")
	}
	if err == nil && !r.OK() && !r.Waits() {
		var wrong []string
		for i, p := range r.Problems {
			if i < shownLines {
				wrong = append(wrong, p.Path+": "+p.Says)
			}
		}
		err = fmt.Errorf("it does not verify, and is not signed:\n%s", strings.Join(wrong, "\n"))
	}
	return err
}

func (j *job) countersignRun(name string) error {
	who, err := j.reviewer()
	if err != nil {
		return err
	}
	repo, err := store.Open(j.cfg.dir)
	if err != nil {
		return err
	}
	defer repo.Close()
	tree, err := repo.At("HEAD")
	if err != nil {
		return err
	}
	runs, err := tree.Runs()
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		return withHint(errors.New("there is no run to sign"), "collect first: exhibit collect")
	}
	run := runs[len(runs)-1]
	var names []string
	for _, r := range runs {
		if names = append(names, r.Name); r.Name == name {
			run = r
		}
	}
	if name != "" && run.Name != name {
		return withNear(usageError("there is no run %q", name), name, names, "runs/ holds the runs")
	}
	sealed, err := asSealed(tree)
	if err != nil {
		return err
	}
	for _, v := range sealed.Reviews {
		if v.Of == run.Name && v.By == who {
			return fmt.Errorf("%s has signed run %s a second time already", seal.Visible(who), run.Name)
		}
	}
	if err := j.mayCountersign(&seal.Result{}, run.Signature, run.SealText); err != nil {
		return fmt.Errorf("signing run %s: %w", run.Name, err)
	}
	sig, err := seal.Countersign(run.SealText, j.key)
	if err != nil {
		return err
	}
	for n := 1; n <= seal.MaxReviews; n++ {
		file := seal.ReviewName(n)
		if exists(tree.FS(), path.Join("runs", run.Name, file)) {
			continue
		}
		commit, err := repo.Countersign(run.Name, file, sig, j.author(), j.clock())
		if err != nil {
			return err
		}
		return j.tellCountersigned("run "+run.Name, who, file, commit)
	}
	return fmt.Errorf("run %s has %d second signatures, and there is no place for more", run.Name, seal.MaxReviews)
}

func (j *job) countersignPackage(dir string) error {
	who, err := j.reviewer()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(dir, seal.SealName))
	if err != nil {
		return withHint(usageError("reading the package %q: %w", dir, plain(err)), "name a run, such as 0004-20261001T060000Z, or a package's folder, such as one under %s/", j.cfg.Out)
	}
	sig, err := os.ReadFile(filepath.Join(dir, seal.SignatureName))
	if err != nil {
		return err
	}
	var opt seal.Options
	if err := trusted(os.DirFS(j.cfg.dir), &opt); err != nil {
		return err
	}
	r, err := seal.Verify(os.DirFS(dir), opt)
	if err != nil {
		return err
	}
	for _, v := range r.Reviews {
		if v.Of == "package" && v.By == who {
			return fmt.Errorf("%s has signed it a second time already", seal.Visible(who))
		}
	}
	if err := j.mayCountersign(r, sig, text); err != nil {
		return fmt.Errorf("signing %s: %w", filepath.Base(dir), err)
	}
	second, err := seal.Countersign(text, j.key)
	if err != nil {
		return err
	}
	for n := 1; n <= seal.MaxReviews; n++ {
		file := filepath.Join(dir, seal.ReviewName(n))
		if _, err := os.Lstat(file); err == nil {
			continue
		}
		if err := os.WriteFile(file, second, 0o644); err != nil {
			return err
		}
		if _, err := os.Stat(dir + ".zip"); err == nil {
			if err := zipFolder(dir, dir+".zip"); err != nil {
				return err
			}
		}
		return j.tellCountersigned(filepath.Base(dir), who, seal.ReviewName(n), "")
	}
	return fmt.Errorf("%s has %d second signatures, and there is no place for more", filepath.Base(dir), seal.MaxReviews)
}

func (j *job) tellCountersigned(of, who, file, commit string) error {
	return j.ui.result(map[string]any{"of": of, "by": who, "file": file, "commit": commit}, func(w io.Writer) {
		fmt.Fprintf(w, "%s: signed a second time by %s, %s\n", seal.Visible(of), seal.Visible(who), file)
		if commit != "" {
			fmt.Fprintf(w, "kept in commit %s\n", commit[:10])
		}
	})
}
