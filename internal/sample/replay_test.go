package sample

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"exhibit/collect"
	"exhibit/collect/aws"
	"exhibit/evidence"
)

// replay collects a tape through the real collectors, as a run of the sample does.
func replay(t *testing.T, name string) *evidence.Snapshot {
	t.Helper()
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	s, err := Serve(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	clock := NewClock(s.At())
	plan, err := aws.Plan(context.Background(), aws.Config{
		Static:           &aws.Static{AccessKeyID: AccessKeyID, SecretAccessKey: SecretAccessKey},
		FromOrganization: true, Role: Role, Regions: []string{"us-east-1", "eu-west-1", "eu-central-1"},
		Endpoint: s.URL(), Now: clock.Now, Sleep: clock.Sleep,
	})
	if err != nil {
		t.Fatal(err)
	}
	snap, err := collect.Run(context.Background(), clock.Now, plan, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range s.Misses() {
		t.Errorf("%s has no answer to %s", name, m)
	}
	for _, u := range s.Unplayed() {
		t.Errorf("%s: nobody asks %s any more", name, u)
	}
	return snap
}

// refused are the cells that a tape does not answer, in every quarter and in one.
func refused(tape string) map[string]evidence.State {
	out := map[string]evidence.State{
		"444455556666 eu-central-1 securityhub/hub":     evidence.DeniedSCP,
		"444455556666 eu-central-1 securityhub/finding": evidence.DeniedSCP,
	}
	if tape == "2026-q1" {
		out["444455556666 eu-west-1 securityhub/finding"] = evidence.Truncated
	}
	return out
}

func TestTapesReplayThroughTheRealCollectors(t *testing.T) {
	for _, name := range Tapes() {
		first, again := replay(t, name), replay(t, name)
		got := map[string]evidence.State{}
		for _, c := range first.Cells {
			if c.State == evidence.Partial || !c.State.Answered() {
				got[c.Account+" "+c.Region+" "+c.Source] = c.State
			}
		}
		if want := refused(name); !maps.Equal(got, want) {
			t.Errorf("%s: cells not answered whole:\n%v\nwant\n%v", name, got, want)
		}
		if !maps.EqualFunc(first.Files, again.Files, bytes.Equal) {
			t.Errorf("%s: two replays wrote different files", name)
		}
		if len(first.Files) < 100 {
			t.Errorf("%s: only %d files", name, len(first.Files))
		}
		if dir := os.Getenv("SAMPLE_DUMP"); dir != "" { // for whoever wants to look at it
			for p, b := range first.Files {
				p = filepath.Join(dir, name, p)
				if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(p, b, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// item is the evidence of one resource, "" when the run has none.
func item(t *testing.T, snap *evidence.Snapshot, path, id string) string {
	t.Helper()
	b, ok := snap.Files["evidence/aws/"+path+".jsonl"]
	if !ok {
		return ""
	}
	items, err := evidence.ReadItems(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range items {
		if strings.Contains(it.ID, id) {
			line, err := it.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			return string(line)
		}
	}
	return ""
}

// What README.md lists as planted must be in the answers, in the quarters it names.
func TestPlantedFindingsAreInTheAnswers(t *testing.T) {
	snaps := map[string]*evidence.Snapshot{}
	for _, name := range Tapes() {
		snaps[name] = replay(t, name)
	}
	const production, shared = "444455556666/", "111122223333/"
	for _, p := range planted {
		for _, name := range Tapes() {
			it := item(t, snaps[name], p.path, p.id)
			there := it != "" && (p.has == "" || strings.Contains(it, p.has))
			if want := slices.Contains(strings.Fields(p.in), name); there != want {
				t.Errorf("%s: %s %s has %s: %v, want %v\n%s", name, p.path, p.id, p.has, there, want, fmt.Sprintf("%.400s", it))
			}
		}
	}
}
