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
	"time"

	"exhibit/collect"
	"exhibit/collect/aws"
	"exhibit/collect/envoy"
	"exhibit/collect/forge"
	"exhibit/evidence"
	"exhibit/evidence/record"
	"exhibit/policies"
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
	clock := collect.NewClock(s.At())
	start, end := Period()
	var only []string
	for _, s := range envoy.Expiring() {
		if Capture(name) {
			only = append(only, s.Name)
		}
	}
	var plan collect.Plan
	if !HostAlone(name) {
		plan, err = aws.Plan(context.Background(), aws.Config{
			Static:           &aws.Static{AccessKeyID: AccessKeyID, SecretAccessKey: SecretAccessKey},
			FromOrganization: true, Role: Role, Only: only, Regions: []string{"us-east-1", "eu-west-1", "eu-central-1"},
			Endpoint: s.URL(), Now: clock.Now, Sleep: clock.Sleep,
			Period: aws.Period{Start: start, End: end}, Trails: aws.Validation{DigestDays: TrailDays, LogDays: TrailDays},
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	host := forge.Tasks(forge.Config{
		Repositories:  []forge.Repository{{Name: Repository, Kind: forge.GitHub, Path: ForgePath, URL: s.URL(), Branch: "main", AuditLog: true}},
		Organisations: []forge.Organisation{{Name: "thistlebarrow", Kind: forge.GitHub, Path: "thistlebarrow", URL: s.URL(), AuditLog: true}},
		Period:        forge.Period{Start: start, End: end}, Now: clock.Now, Sleep: clock.Sleep,
		Token: func(forge.Kind, string) (string, string) { return ForgeToken, "" },
	})
	plan.Tasks = append(plan.Tasks, slices.DeleteFunc(host, func(t collect.Task) bool {
		return !slices.Contains(ForgeSources(), t.Cell.Source) ||
			Capture(name) && !slices.ContainsFunc(forge.Expire(), func(e forge.Expiring) bool { return e.Source == t.Cell.Source })
	})...)
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

// The tapes are recorded by what the sample's exhibit.yaml says.
func TestPeriodIsTheConfiguration(t *testing.T) {
	start, end := Period()
	want := []string{
		fmt.Sprintf("period: {start: %s, end: %s}", start.Format(time.DateOnly), end.AddDate(0, 0, -1).Format(time.DateOnly)),
		fmt.Sprintf("trail_validation: {digest_days: %d, logs: recent, log_days: %d}", TrailDays, TrailDays),
	}
	for name, tree := range trees(t) {
		for _, w := range want {
			if !strings.Contains(string(tree["exhibit.yaml"].Data), w) {
				t.Errorf("%s: exhibit.yaml does not say %q", name, w)
			}
		}
	}
}

// refused are the cells that a tape does not answer, in every quarter and in one.
func refused(tape string) map[string]evidence.State {
	out := map[string]evidence.State{
		"444455556666 eu-central-1 securityhub/hub":     evidence.DeniedSCP,
		"444455556666 eu-central-1 securityhub/finding": evidence.DeniedSCP,
	}
	if HostAlone(tape) {
		return nil
	}
	if Capture(tape) {
		delete(out, "444455556666 eu-central-1 securityhub/hub") // is state, and not asked
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
		if !maps.EqualFunc(first.Files, again.Files, func(a, b evidence.Content) bool { return bytes.Equal(held(t, a), held(t, b)) }) {
			t.Errorf("%s: two replays wrote different files", name)
		}
		if len(first.Files) < 100 && !Capture(name) {
			t.Errorf("%s: only %d files", name, len(first.Files))
		}
		if dir := os.Getenv("SAMPLE_DUMP"); dir != "" { // for whoever wants to look at it
			for p, b := range first.Files {
				p = filepath.Join(dir, name, p)
				if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(p, held(t, b), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// item reports whether a run has an item of path whose id contains id and whose
// line contains every part of has, joined by " && ".
func item(t *testing.T, snap *evidence.Snapshot, path, id, has string) bool {
	t.Helper()
	items, err := evidence.ReadItems(held(t, snap.Files["evidence/aws/"+path+".jsonl"]))
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range items {
		line, err := it.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		missing := slices.ContainsFunc(strings.Split(has, " && "), func(part string) bool { return !strings.Contains(string(line), part) })
		if strings.Contains(it.ID, id) && !missing {
			return true
		}
	}
	return false
}

// What README.md lists as planted must be in the answers, in the quarters it names.
func TestPlantedFindingsAreInTheAnswers(t *testing.T) {
	for _, name := range Quarters() {
		snap := replay(t, name)
		for _, p := range planted {
			if got, want := item(t, snap, p.path, p.id, p.has), slices.Contains(strings.Fields(p.in), name); got != want {
				t.Errorf("%s: %s: in the answers: %v, want %v", name, p.what, got, want)
			}
		}
	}
}

// An exception or a ticket that names an item no run ever had would cover nothing.
func TestExceptionsNameItemsThatExist(t *testing.T) {
	schemas, err := record.Schemas(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{SharedAccount: true, ProductionAccount: true}
	for _, name := range Quarters() {
		for _, b := range replay(t, name).Files {
			items, err := evidence.ReadItems(held(t, b))
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range items {
				known[it.ID] = true
			}
		}
	}
	tapes := Tapes()
	found, _ := record.Read(trees(t)[tapes[len(tapes)-1]], schemas)
	n := 0
	for _, f := range append(found["exception"], found["ticket"]...) {
		r, _ := f.Item.Answers["record"].(map[string]any)
		items, _ := r["items"].([]any)
		for _, i := range items {
			if n++; !known[i.(string)] {
				t.Errorf("%s names %v, which no run has", f.Path, i)
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d items are named", n)
	}
}

// held reads a file of a snapshot.
func held(t testing.TB, c evidence.Content) []byte {
	t.Helper()
	b, err := c.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
