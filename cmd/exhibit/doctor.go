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
	"slices"
	"strings"
	"time"

	"exhibit/collect/envoy"
	"exhibit/control"
	"exhibit/evidence"
	"exhibit/evidence/store"
	"exhibit/seal"
)

var doctorCommand = command{
	name: "doctor", args: "",
	short: "say what is missing before a run",
	long: `Looks at the configuration, the repository, the signing key, the credentials of
every account, the machine's clock, what the last run was refused, and what AWS
has deleted or is about to delete. Changes nothing.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		offline := fs.Bool("offline", false, "do not ask AWS")
		return func(ctx context.Context, c *call) error {
			if len(c.args) > 0 {
				return usageError("doctor takes no argument %q", c.args[0])
			}
			d := &doctor{call: c, offline: *offline}
			if err := d.look(ctx); err != nil {
				return err
			}
			err := c.result(d.signs, d.print)
			if err == nil && slices.ContainsFunc(d.signs, func(s sign) bool { return s.State == "bad" }) {
				return &exit{code: exitError}
			}
			return err
		}
	},
}

// A sign is one thing the doctor looked at.
type sign struct {
	What  string `json:"what"`
	State string `json:"state"` // ok, note, bad
	Says  string `json:"says"`
	Mend  string `json:"mend,omitempty"`
}

type doctor struct {
	*call
	offline bool
	signs   []sign
}

func (d *doctor) ok(what, format string, args ...any) {
	d.signs = append(d.signs, sign{what, "ok", fmt.Sprintf(format, args...), ""})
}

func (d *doctor) note(what, says, mend string) {
	d.signs = append(d.signs, sign{what, "note", says, mend})
}

func (d *doctor) bad(what string, err error, mend string) {
	var h *hint
	var sh *store.Hint
	if mend == "" && errors.As(err, &h) {
		mend = h.text
	}
	if mend == "" && errors.As(err, &sh) {
		err, mend = sh.Err, sh.Mend
	}
	d.signs = append(d.signs, sign{what, "bad", err.Error(), mend})
}

func (d *doctor) look(ctx context.Context) error {
	cfg, err := loadConfig(d.Dir)
	if err != nil {
		d.bad("configuration", err, "")
		return nil
	}
	d.ok("configuration", "%s, %s, %s", cfg.Organisation, cfg.engagement().Period, count(len(cfg.AWS.Accounts), "named account"))
	j := newJob(d.call, cfg)
	if err := j.judges(); err != nil {
		d.bad("checks", err, "")
		return nil
	}
	d.ok("checks", "%s and %s load", count(len(j.lib.Controls), "control"), count(len(j.lib.Checks), "check"))
	d.key(ctx, j)
	repo := d.repository(ctx, cfg)
	if repo != nil {
		defer repo.Close()
	}
	if cfg.Sample {
		d.note("credentials", "this is the sample: its answers are recorded", "")
	} else if d.offline {
		d.note("credentials", "not asked: --offline", "")
	} else if err := d.accounts(ctx, j); err != nil {
		return err
	}
	if repo != nil {
		d.lastRun(cfg.engagement().Period, repo)
	}
	return nil
}

// key looks at the key that seals, and whether its public half is trusted.
func (d *doctor) key(ctx context.Context, j *job) {
	if err := j.signs(ctx); err != nil {
		if j.cfg.Sample && errors.Is(err, fs.ErrNotExist) {
			err = withHint(err, "make the sample again: exhibit init --sample FOLDER")
		}
		d.bad("signing key", err, "")
		return
	}
	pub := j.key.Public
	if s := j.cfg.Signing; s.Agent != "" || s.KMS != "" {
		// no file to look at
	} else if info, err := os.Stat(j.cfg.path(j.Home, j.cfg.Signing.Key)); err == nil && info.Mode().Perm()&0o077 != 0 {
		d.note("signing key", "others on this machine can read it", "chmod 600 "+j.cfg.Signing.Key)
	}
	b, err := os.ReadFile(filepath.Join(j.cfg.dir, allowedSigners))
	if err != nil {
		d.bad("signing key", fmt.Errorf("reading %s: %w", allowedSigners, err), "write: "+j.cfg.Signing.Principal+" "+seal.AuthorizedKey(pub, ""))
		return
	}
	signers, err := seal.ParseAllowedSigners(b)
	if err != nil {
		d.bad("signing key", fmt.Errorf("%s: %w", allowedSigners, err), "")
		return
	}
	for _, s := range signers {
		if s.Key == pub && s.Principal == j.cfg.Signing.Principal {
			d.ok("signing key", "%s, listed for %s", seal.Fingerprint(pub), s.Principal)
			return
		}
	}
	d.bad("signing key", fmt.Errorf("%s is not listed for %q in %s", seal.Fingerprint(pub), j.cfg.Signing.Principal, allowedSigners),
		"add the line: "+j.cfg.Signing.Principal+" "+seal.AuthorizedKey(pub, ""))
}

func (d *doctor) repository(ctx context.Context, cfg Config) *store.Repository {
	repo, err := store.Open(cfg.dir)
	if err != nil {
		d.bad("repository", err, "")
		return nil
	}
	if err := repo.Clean(ctx); err != nil {
		d.bad("repository", err, "")
		return repo
	}
	d.ok("repository", "%s is clean", cfg.dir)
	return repo
}

// accounts enters every account, and holds this machine's clock against AWS's.
func (d *doctor) accounts(ctx context.Context, j *job) error {
	defer j.close()
	err := j.send()
	var in envoy.Entered
	if err == nil {
		in, err = j.envoy.Enter(ctx, j.awsConfig())
	}
	if err != nil {
		d.bad("credentials", otherRelease(err), "")
		return ctx.Err()
	}
	for _, who := range in.Callers {
		if who.Reachable {
			d.ok("account "+who.Account, "entered as %s", who.ARN)
		} else {
			d.bad("account "+who.Account, errors.New(who.Reason), "check the role's trust policy and the credentials: aws sts get-caller-identity")
		}
	}
	if len(in.Callers) == 0 {
		d.bad("credentials", errors.New("no account could be entered"), "aws sts get-caller-identity must work with the same profile")
	}
	for _, e := range in.Endpoints {
		d.note("endpoint", "the answers come from "+hostOf(e)+", not from AWS: a run would be no evidence of AWS", "unset AWS_ENDPOINT_URL, or take aws.endpoint out of exhibit.yaml")
	}
	for _, ca := range in.CAs {
		d.note("endpoint", "certificates are judged by an authority of this machine's own ("+ca+"): whoever holds its key can answer as AWS", "")
	}
	if at, err := time.Parse(time.RFC3339, in.Date); err == nil {
		skew := in.Ended.Sub(at).Round(time.Second)
		if skew.Abs() > time.Minute {
			d.bad("clock", fmt.Errorf("this machine's clock differs from AWS's by %s", skew), "set it by NTP: times in the evidence are its claims")
		} else {
			d.ok("clock", "within a minute of AWS's")
		}
	}
	return d.permissions(ctx, j)
}

// permissions has IAM simulate what each account's identity may do of all that a
// run asks. What is missing is a note: a run shows it as named gaps.
func (d *doctor) permissions(ctx context.Context, j *job) error {
	lacks, err := j.envoy.Lacking(ctx, j.awsConfig())
	if err != nil {
		return err
	}
	for _, l := range lacks {
		what := "permissions " + l.Account
		switch {
		case l.ARN == "": // said of the account already
		case l.Reason != "":
			d.note(what, "not answered: "+l.Reason, "exhibit iam-policy prints what a run needs")
		case len(l.Actions) > 0:
			d.note(what, fmt.Sprintf("%s is missing %s: %s", l.ARN, count(len(l.Actions), "action"), strings.Join(l.Actions, "; ")), "exhibit iam-policy prints a policy with exactly these; what stays refused becomes a named gap")
		default:
			d.ok(what, "everything a run asks, as far as IAM's simulation sees")
		}
	}
	return nil
}

// lastRun says what the newest run was refused, and what was lost since.
func (d *doctor) lastRun(p control.Period, repo *store.Repository) {
	tree, err := repo.At("")
	if err != nil {
		d.bad("runs", err, "")
		return
	}
	runs, err := tree.Runs()
	if err != nil {
		d.bad("runs", err, "")
		return
	}
	if len(runs) == 0 {
		d.note("runs", "there is none yet: which permissions are missing shows in the first run's gaps", "SecurityAudit, the AWS managed policy, answers nearly everything")
		d.retention(p, nil)
		return
	}
	d.retention(p, runs)
	newest := runs[len(runs)-1]
	d.ok("runs", "%s, the newest %s", count(len(runs), "run"), newest.Name)
	cells, err := tree.Cells()
	if err != nil {
		d.bad("runs", err, "")
		return
	}
	actions := map[string][]string{}
	for _, s := range envoy.Sources() {
		actions[s.Name] = s.Actions
	}
	denied := map[string]int{}
	for _, c := range cells {
		if slices.Contains([]evidence.State{evidence.DeniedIdentity, evidence.DeniedSCP, evidence.DeniedResource}, c.State) {
			denied[c.Source]++
		}
	}
	for _, s := range sortedKeys(denied) {
		d.note("permissions", fmt.Sprintf("%s was refused in %s", s, count(denied[s], "cell")), "it needs "+strings.Join(actions[s], ", "))
	}
	if len(denied) == 0 {
		d.ok("permissions", "the newest run was refused no listing")
	}
}

// lines shows every line of a text, indented as the doctor's signs are.
func lines(s string) string {
	var out []string
	for l := range strings.SplitSeq(strings.TrimRight(s, "\n"), "\n") {
		out = append(out, seal.Visible(strings.ReplaceAll(l, "\t", "  ")))
	}
	return strings.Join(out, "\n"+strings.Repeat(" ", 28))
}

func (d *doctor) print(w io.Writer) {
	for _, s := range d.signs {
		mark := map[string]string{"ok": "ok  ", "note": "note", "bad": "BAD "}[s.State]
		fmt.Fprintf(w, "%s  %-20s %s\n", mark, s.What, lines(s.Says))
		if s.Mend != "" {
			fmt.Fprintf(w, "%28s%s\n", "", seal.Visible(s.Mend))
		}
	}
}
