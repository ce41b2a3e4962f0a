package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"exhibit/collect"
	"exhibit/collect/envoy"
	"exhibit/control"
	"exhibit/evidence/store"
	"exhibit/internal/sample"
	"exhibit/internal/tsatest"
	"exhibit/seal"
)

// initSample makes the sample organisation's repository with its history up to
// the last quarter's run, which exhibit evidence makes. The runs of the past go
// through the same flow as any other.
func initSample(ctx context.Context, c *call, dir string) error {
	steps, err := sample.Steps()
	if err != nil {
		return err
	}
	last := 0
	var config []byte // the first one agreed: without it the folder is not an evidence repository
	for i, s := range steps {
		if s.Tape != "" {
			last = i
		}
		if config == nil {
			config = s.Write[configName]
		}
	}
	var repo *store.Repository
	defer func() {
		if repo != nil {
			_ = repo.Close() // only read from by now
		}
	}()
	half := filepath.Join(dir, halfMade)
	for _, s := range steps[:last] {
		author := store.Author{Name: s.AuthorName, Email: s.AuthorEmail}
		switch {
		case repo == nil:
			first := maps.Clone(s.Write)
			if err := sampleStart(first, config); err != nil {
				return fmt.Errorf("making the sample: %w", err)
			}
			if repo, err = store.Init(dir, first, author, s.At); err == nil {
				err = sampleKey(dir)
			}
			if err == nil {
				err = os.WriteFile(half, nil, 0o600)
			}
		case s.Review != nil:
			err = sampleReview(ctx, c, dir, s)
		case s.Draw.Population != "":
			if s.Write, err = sampleDraw(c, dir, s.Draw); err == nil {
				_, err = repo.CommitFiles(withRemoved(s), author, s.At, s.Message)
			}
		case s.Tape == "":
			_, err = repo.CommitFiles(withRemoved(s), author, s.At, s.Message)
		default:
			err = sampleRun(ctx, c, dir, s.Tape)
		}
		if err != nil {
			return fmt.Errorf("making the sample: %w", err)
		}
	}
	return os.Remove(half)
}

// halfMade stands in the sample's folder until its history is whole.
const halfMade = ".exhibit/half-made"

// sampleStart adds to the first commit what exhibit init gives every repository.
func sampleStart(files map[string][]byte, config []byte) error {
	key, _, err := seal.ParsePrivateKey(sample.Key())
	if err != nil {
		return err
	}
	cfg, err := parseConfig(configName, config)
	if err != nil {
		return err
	}
	ignored, err := scaffold.ReadFile("scaffold/gitignore")
	if err != nil {
		return err
	}
	authority, err := sampleAuthority()
	if err != nil {
		return err
	}
	files[configName], files[".gitignore"] = config, ignored
	files[tsaRoots] = append([]byte("SAMPLE: the root of an authority whose keys anybody can make. What it stamps proves nothing.\n"), authority.PEM()...)
	files[allowedSigners] = signerLine(cfg.Signing.Principal, seal.Ed25519(key.Public().(ed25519.PublicKey)))
	return nil
}

// withRemoved marks removed files with nil.
func withRemoved(s sample.Step) map[string][]byte {
	files := map[string][]byte{}
	for p, b := range s.Write {
		files[p] = b
	}
	for _, p := range s.Remove {
		files[p] = nil
	}
	return files
}

// sampleKey puts the sample's key where its exhibit.yaml says. Everybody has it.
func sampleKey(dir string) error {
	cfg, err := loadConfig(dir)
	if err != nil {
		return err
	}
	path := cfg.path(dir, cfg.Signing.Key)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, sample.Key(), 0o600)
}

// sampleRun makes one run of the past, which the tape answers.
func sampleRun(ctx context.Context, c *call, dir, tape string) error {
	quiet := *c
	quiet.Dir = dir
	quiet.ui = &ui{out: nothing{}, err: nothing{}}
	t := taking{}
	if sample.HostAlone(tape) {
		t.only = forgotten()
	}
	j, err := collecting(ctx, &quiet, t)
	if err != nil {
		return err
	}
	defer j.close()
	if sample.Capture(tape) && !sample.HostAlone(tape) {
		j.only = expiring()
	}
	err = run(ctx, j)
	var x *exit
	if errors.As(err, &x) && x.err == nil && (x.code == exitGaps || x.code == exitExceptions) {
		err = nil // the sample has gaps on purpose
	}
	if err == nil {
		c.say("run %s of the past: %s, %s", j.result.Run, count(j.result.Cells, "cell"), count(len(j.result.Gaps), "cell with a gap", "cells with gaps"))
	}
	return err
}

// sampleDraw draws as the auditor did, from the newest run so far.
func sampleDraw(c *call, dir string, d sample.Draw) (map[string][]byte, error) {
	quiet := *c
	quiet.Dir, quiet.ui = dir, &ui{out: nothing{}, err: nothing{}}
	_, report, err := reported(&quiet)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(report.Populations, func(p control.Population) bool { return p.ID == d.Population })
	if at < 0 {
		return nil, noPopulation(d.Population, report.Populations)
	}
	p := report.Populations[at]
	lines, err := p.Lines(report.Sample)
	if err != nil {
		return nil, err
	}
	draw := control.NewDraw(p, lines, report.Commit, report.Run.Name, d.Seed, d.Size, d.Stratify, fmt.Sprintf("%d, as asked for", d.Size))
	files, err := control.DrawFiles(draw, lines)
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for name, b := range files {
		out[path.Join("samples", draw.ID, name)] = b
	}
	return out, nil
}

// sampleUnstamped is the run that the sample's authority gave no timestamp, as happens
// when one is not reached.
const sampleUnstamped = "2026-08-10"

// sampleAuthority is the timestamp authority of the sample. Its keys are known to
// everybody and its time is that of the tapes: it shows how a timestamp looks, and its
// name says what it is worth.
func sampleAuthority() (*tsatest.Authority, error) {
	return tsatest.New("SAMPLE timestamps, no real time:", 's', time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), tsatest.Options{})
}

// sampleStamp is a timestamp of the sample, two minutes after the run or package.
func (j *job) sampleStamp(signature []byte) []byte {
	req, err := seal.TimestampRequest(signature, big.NewInt(1))
	if err == nil {
		var token []byte
		if token, err = j.sampleStamps.Answer(req, j.replayed.Add(2*time.Minute)); err == nil {
			return token
		}
	}
	j.warn("the sample's timestamp could not be made: %v", err)
	return nil
}

type nothing struct{}

func (nothing) Write(p []byte) (int, error) { return len(p), nil }

// replay makes the job ask the sample's recorded answers: the next quarter's, or
// the last one's again, a day later each time. The clock is the tape's: the
// sample says of itself that its times are invented.
func (j *job) replay() error {
	repo, err := store.Open(j.cfg.dir)
	if err != nil {
		return err
	}
	runs, err := repo.RunCommits("HEAD")
	if err := errors.Join(err, repo.Close()); err != nil {
		return err
	}
	tapes := sample.Tapes()
	n := min(len(runs), len(tapes)-1)
	server, err := sample.Serve(tapes[n])
	if err != nil {
		return err
	}
	at := server.At().AddDate(0, 0, len(runs)-n)
	if k := len(runs) - 1; k >= 0 && runs[k].Time.After(at) {
		return withHint(errors.Join(fmt.Errorf("the sample in %s was made by another release of exhibit: its run %s comes after the next one recorded here, of %s", j.cfg.dir, runs[k].Name, at.Format(time.DateOnly)), server.Close()),
			"remove that folder, and start again")
	}
	clock := collect.NewClock(at)
	j.clock, j.sleep, j.Standing, j.replayed = clock.Now, clock.Sleep, true, at
	j.cfg.AWS.Endpoint = server.URL()
	j.static = &envoy.Static{AccessKeyID: sample.AccessKeyID, SecretAccessKey: sample.SecretAccessKey}
	j.server = server
	if tapes[n] != sampleUnstamped {
		if j.sampleStamps, err = sampleAuthority(); err != nil {
			return err
		}
	}
	application := filepath.Join(j.cfg.dir, ".exhibit", "rounds")
	if err := os.RemoveAll(application); err != nil {
		return err
	}
	return sample.BuildApplication(application, at)
}

// close ends what the job holds open.
func (j *job) close() {
	if j.envoy != nil {
		_ = j.envoy.Close() // how it ended was told where it mattered
	}
	if j.server == nil {
		return
	}
	for _, m := range j.server.Misses() {
		j.warn("the sample has no recorded answer for %s", m)
	}
	_ = j.server.Close() // nobody asks it any more
}
