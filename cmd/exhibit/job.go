package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"exhibit/collect"
	"exhibit/collect/envoy"
	"exhibit/collect/git"
	"exhibit/control"
	"exhibit/evidence"
	"exhibit/evidence/store"
	"exhibit/evidence/withheld"
	"exhibit/internal/sample"
	"exhibit/internal/tsatest"
	"exhibit/render"
	"exhibit/seal"
	"exhibit/seal/anchor"
)

// A job is one run of the flow in run.go: what it was asked to do, and what it
// has learnt so far.
type job struct {
	*call
	cfg Config
	lib *control.Library
	// libSum is of what the library took from the repository; see libraryRead.
	libSum string
	key    seal.Key
	// anchors are the timestamp authorities; nil when none is asked.
	anchors *anchor.Authorities
	clock   func() time.Time
	sleep   func(context.Context, time.Duration) error // nil for a real timer
	salt    []byte

	collects, renders, zips bool
	bundles                 bool                 // the evidence too, as a git bundle
	keeps                   *keeping             // what the package for somebody keeps back; nil for the full package
	to                      []withheld.Recipient // whom the zip is encrypted to; empty for nobody
	checks                  bool                 // compare with a package instead of writing one
	anew                    bool                 // render also what was rendered before
	at                      string               // the commit to render
	taking
	envoy    *envoy.Envoy   // exhibit-aws; nil until it is sent
	witness  envoy.Witness  // what the run calls itself to AWS
	asksAWS  bool           // there is something for it to ask
	awsCells int            // how many cells that is
	stopped  bool           // it was stopped before it had asked all
	tasks    []collect.Task // of git and the code host, asked here
	static   *envoy.Static
	server   *sample.Server // answers for the sample; nil otherwise
	replayed time.Time      // the sample's time
	// sampleStamps gives the sample's timestamps; nil for others, and where it gives none
	sampleStamps *tsatest.Authority
	binary       <-chan string // this executable's sha256, being computed
	binaryOf     <-chan string // exhibit-aws's

	snap   *evidence.Snapshot
	commit string
	report *control.Report
	folder string // of the package
	result *outcome
}

func newJob(c *call, cfg Config) *job {
	return &job{
		call: c, cfg: cfg, clock: c.Now, at: "HEAD", salt: []byte(cfg.AWS.Salt),
		result: &outcome{Repository: cfg.dir, Sample: cfg.Sample},
	}
}

// judges reads the controls and checks, for the jobs that render: before
// anything is asked, so that a mistake in a company's own check costs no run.
func (j *job) judges() (err error) {
	j.renders = true
	j.lib, j.libSum, err = libraryRead(j.call)
	return err
}

func (j *job) awsConfig() envoy.Config {
	a := j.cfg.AWS
	c := envoy.Config{
		Profile: a.Profile, FromOrganization: a.Discover == "organizations", Role: a.Role, ExternalID: a.ExternalID,
		Regions: a.Regions, Endpoint: a.Endpoint, Only: awsSources(j.only), Static: j.static, Salt: j.salt, Witness: j.witness,
	}
	if j.Standing {
		at := j.clock()
		c.StandsAt = &at
	}
	period := j.cfg.engagement().Period
	c.Period = envoy.Period{Start: period.Start, End: period.End.AddDate(0, 0, 1)}
	c.Trails = envoy.Validation{DigestDays: a.Trails.DigestDays, Logs: a.Trails.Logs, LogDays: a.Trails.LogDays}
	for _, acc := range a.Accounts {
		c.Accounts = append(c.Accounts, envoy.Account{ID: acc.ID, Name: acc.Name, Role: acc.Role, Profile: acc.Profile, ExternalID: acc.ExternalID})
	}
	for _, o := range a.OutOfScope {
		c.OutOfScope = append(c.OutOfScope, envoy.Exclusion{Account: o.Account, Region: o.Region, Source: o.Source, Reason: o.Reason})
	}
	return c
}

// awsSources are those of only that AWS answers. When only git's are wanted AWS
// is not asked at all.
func awsSources(only []string) []string {
	var out []string
	for _, s := range only {
		if !envoy.Beside(s) {
			out = append(out, s)
		}
	}
	return out
}

func (t *taking) wantsAWS() bool { return len(t.only) == 0 || len(awsSources(t.only)) > 0 }

func (j *job) wantsGit() bool {
	return len(j.only) == 0 || len(awsSources(j.only)) < len(j.only)
}

func (j *job) progress(done, total int, c evidence.Cell) {
	j.ui.progress("exhibit: %d of %d  %s %s %s: %s", done, total, c.Account, c.Region, c.Source, c.State)
}

// sampleEndpoint stands for the loopback address the sample's answers came from.
const sampleEndpoint = "recorded answers of the sample"

// identify says whose run it is and what ran it.
func (j *job) identify(snap *evidence.Snapshot) error {
	snap.Run.Organisation, snap.Run.Sample, snap.Run.Tool, snap.Run.Only = j.cfg.Organisation, j.cfg.Sample, "exhibit "+version, j.only
	snap.Run.Expiring = slices.Equal(j.only, expiring())
	if j.asksAWS || len(j.parts) > 0 {
		snap.Run.AppID, snap.Run.Session = j.witness.App, j.witness.Session
	}
	if j.cfg.Sample {
		return j.settle(snap)
	}
	if len(j.parts) > 0 {
		snap.Run.BinarySum, snap.Run.AWSBinarySum, snap.Run.Host = j.made.BinarySum, j.made.AWSBinarySum, j.made.Host
		return nil
	}
	snap.Run.BinarySum, snap.Run.AWSBinarySum = <-j.binary, <-j.binaryOf
	if host, err := os.Hostname(); err == nil {
		snap.Run.Host = host
	}
	return nil
}

// settle takes out of a sample's run what differs between machines: the port its
// answers came from, and the moments its calls took.
func (j *job) settle(snap *evidence.Snapshot) error {
	at, together := j.replayed, 0
	snap.Run.ClockSkew = &together // how far waiting had moved the replay's clock from the answers' dates
	snap.Run.Endpoints, snap.Run.Started, snap.Run.Ended = []string{sampleEndpoint}, at, at
	b, err := snap.Calls.Bytes()
	if err != nil {
		return err
	}
	calls, err := evidence.ReadLines[evidence.Call](b)
	if err != nil {
		return err
	}
	for i := range calls {
		c := &calls[i]
		c.Endpoint, c.Started, c.Ended = sampleEndpoint, at, at
		if path, ok := c.Params["path"].(string); ok {
			c.Params["path"] = strings.TrimPrefix(path, j.cfg.dir+string(filepath.Separator))
		}
		if url, ok := c.Params["url"].(string); ok && j.server != nil && url == j.server.URL() {
			c.Params["url"] = sampleEndpoint
		}
	}
	if b, err = evidence.WriteLines(calls); err != nil {
		return err
	}
	snap.Calls = evidence.InMemory(b)
	for i := range snap.Cells {
		if c := &snap.Cells[i]; !c.Started.IsZero() {
			c.Started, c.Ended = at, at
		}
	}
	return nil
}

func (j *job) commitOptions(ctx context.Context) store.CommitOptions {
	return store.CommitOptions{Key: j.key, Author: j.author(), Stamp: j.stamp(ctx, "this run"), Reviewers: j.cfg.Signing.Reviewers}
}

func (j *job) author() store.Author {
	return store.Author{Name: "exhibit", Email: j.cfg.Signing.Principal + "@exhibit.invalid"}
}

// kept takes down what was collected and says so.
func (j *job) kept(snap *evidence.Snapshot, commit string) {
	j.snap, j.commit, j.at = snap, commit, commit
	r := j.result
	r.Run, r.Commit, r.Calls = snap.Run.Name, commit, snap.Run.Calls
	items := 0
	for _, c := range snap.Cells {
		items += c.Items
		r.Cells++
		if unanswered(c) {
			r.Gaps = append(r.Gaps, gapLine(c))
		}
	}
	j.say("collected %s in %s: %s, %s", count(items, "item"), count(len(snap.Cells), "cell"), count(snap.Run.Calls, "call"), count(len(r.Gaps), "cell with a gap", "cells with gaps"))
	if s := snap.Run.ClockSkew; s != nil && !j.cfg.Sample && (*s > 60 || *s < -60) {
		j.warn("this machine's clock differs from AWS's by %d seconds; RUN.json says so to the auditor", *s)
	}
	for _, e := range snap.Run.Endpoints {
		if !j.cfg.Sample {
			j.warn("the answers came from %s, not from AWS: this is no evidence of AWS", hostOf(e))
		}
	}
	for _, ca := range snap.Run.CAs {
		j.warn("certificates were judged by an authority of this machine's own (%s): whoever holds its key can answer as AWS", ca)
	}
	j.say("kept as run %s in commit %s", snap.Run.Name, commit[:10])
	j.drop()
}

func hostOf(endpoint string) string {
	if u, err := url.Parse(endpoint); err == nil && u.Host != "" {
		return u.Host
	}
	return endpoint
}

// write renders into a folder, seals it, verifies it with the code the auditor
// runs and the key that just sealed, and zips it.
func (j *job) write(ctx context.Context, r *control.Report, files iter.Seq2[render.File, error]) error {
	j.folder = filepath.Join(j.cfg.dir, j.cfg.Out, packageName(r))
	p, err := newPack(j.folder)
	if err != nil {
		return err
	}
	defer p.drop()
	for f, err := range files {
		if err == nil {
			err = p.add(f)
		}
		if err != nil {
			return err
		}
		j.ui.progress("exhibit: rendered %d files: %s", len(p.manifest), f.Path)
	}
	if j.keeps == nil {
		return j.finish(ctx, p, packageSeal(r))
	}
	zips := j.zips
	j.zips = false // the full package stays here
	err = j.finish(ctx, p, packageSeal(r))
	j.zips = zips
	return err
}

// finish seals what was added to a package, verifies it, and puts it in its place.
func (j *job) finish(ctx context.Context, p *pack, s seal.Seal) error {
	if err := p.seal(s, j.key); err != nil {
		return err
	}
	if err := p.stamp(j.stamp(ctx, "this package")); err != nil {
		return err
	}
	j.say("rendered and sealed %s", count(len(p.manifest), "file"))
	check, err := verifyPath(p.fresh, seal.Options{AllowedSigners: j.ownSigners()})
	if err != nil {
		return err
	}
	if check.Waits() { // nobody can have signed it a second time yet
		j.say("the seal asks for %s: exhibit countersign %s", count(j.cfg.Signing.Reviewers, "reviewer's signature", "reviewers' signatures"), typed(j.folder))
	}
	if j.result.Verified = check.OK() || check.Waits(); !j.result.Verified {
		var b bytes.Buffer
		if err := check.WriteText(&b); err != nil {
			return err
		}
		return fmt.Errorf("the package that was just written does not verify:\n%s", b.String())
	}
	if j.zips {
		if err := zipFolder(p.fresh, p.fresh+".zip"); err != nil {
			return err
		}
		j.result.Zip = j.folder + ".zip"
	}
	made := j.madeOf(p, s.Commit)
	if err := p.place(); err != nil {
		return err
	}
	j.result.Package, j.result.Index = j.folder, filepath.Join(j.folder, "index.html")
	if s.Full == "" { // what is made for somebody is made anew each time
		j.rememberMade(made)
	}
	if !j.zips {
		return nil
	}
	return j.share(ctx)
}

// ownSigners are whose signatures the job itself expects on a package: of the key that
// seals, and of those the repository lists, for reviewers.
func (j *job) ownSigners() []byte {
	signers := signerLine(j.cfg.Signing.Principal, j.key.Public)
	if listed, err := os.ReadFile(filepath.Join(j.cfg.dir, allowedSigners)); err == nil {
		signers = append(signers, listed...)
	}
	return signers
}

// unwritten says, where a package could not be written, that nothing collected is lost.
func (j *job) unwritten(err error) error {
	err = fmt.Errorf("writing the package: %w", err)
	var h *hint
	if j.collects && !errors.As(err, &h) && !errors.Is(err, context.Canceled) {
		err = withHint(err, "the run is kept; when this is mended, exhibit render makes the site without asking again")
	}
	return err
}

// gitTasks are the cells of the configured repositories. The tips the newest run
// saw go along: one that no longer descends from them is rewritten history.
func (j *job) gitTasks(repo *store.Repository) ([]collect.Task, error) {
	if !j.wantsGit() || len(j.cfg.Repositories)+len(j.cfg.CodeHosts) == 0 {
		return nil, nil
	}
	period := j.cfg.engagement().Period
	cfg := git.Config{
		Period: git.Period{Start: period.Start, End: period.End.AddDate(0, 0, 1)},
		Cache:  filepath.Join(j.cfg.dir, ".exhibit", "repositories"), Now: j.clock,
	}
	runs, err := repo.RunCommits("HEAD")
	if err != nil {
		return nil, err
	}
	before := "" // the last run before the period: what arrived since then is the population
	for _, r := range runs {
		if r.Time.Before(period.Start) {
			before = r.Commit
		}
	}
	for _, r := range j.cfg.Repositories {
		g := git.Repository{Name: r.Name, URL: r.URL, Branch: r.Branch}
		if r.Path != "" {
			g.Path = j.cfg.path(j.Home, r.Path)
		}
		if g.Previous, err = tips(repo, "HEAD", r.Name); err != nil {
			return nil, err
		}
		if before != "" {
			old, err := tips(repo, before, r.Name)
			if err != nil {
				return nil, err
			}
			g.Since = old["refs/heads/"+r.Branch]
		}
		cfg.Repositories = append(cfg.Repositories, g)
	}
	tasks := slices.DeleteFunc(git.Tasks(cfg), func(t collect.Task) bool { return !j.wants(t.Cell.Source) })
	return append(tasks, j.forgeTasks()...), nil
}

// tips are those a run saw of a repository, nil when it saw none.
func tips(repo *store.Repository, commit, name string) (map[string]string, error) {
	tree, err := repo.At(commit)
	if err != nil {
		return nil, err
	}
	refs, err := fs.ReadFile(tree.FS(), "evidence/git/"+name+"/refs.jsonl")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	t, err := git.PreviousTips(refs)
	if err != nil {
		return nil, fmt.Errorf("reading the tips an earlier run saw of %s: %w", name, err)
	}
	return t, nil
}

func gapLine(c evidence.Cell) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s: %s. %s", c.Account, c.Region, c.Source, strings.ReplaceAll(string(c.State), "_", " "), c.Reason))
}

func count(n int, one string, many ...string) string {
	if n == 1 {
		return "1 " + one
	}
	if len(many) > 0 {
		return fmt.Sprintf("%d %s", n, many[0])
	}
	return fmt.Sprintf("%d %ss", n, one)
}
