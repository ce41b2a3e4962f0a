package org

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"exhibit/collect"
	"exhibit/collect/aws"
	"exhibit/evidence"
)

// small is an organisation of two accounts and two regions.
func small() *Cloud {
	return &Cloud{Accounts: 2, Regions: []string{"eu-west-1", "us-east-1"}, Users: 3, Buckets: 2, Keys: 2, Rows: 2}
}

func configOf(endpoint string, only ...string) aws.Config {
	return aws.Config{
		Static: &aws.Static{AccessKeyID: Key(Account(1)), SecretAccessKey: "s", SessionToken: "t"}, FromOrganization: true, Role: "Auditor",
		Endpoint: endpoint, Only: only, MaxAttempts: 3, Now: func() time.Time { return time.Now().UTC() },
	}
}

// ask collects all of a cloud's sources, or some.
func ask(t *testing.T, c *Cloud, only ...string) *evidence.Snapshot {
	t.Helper()
	if len(only) == 0 {
		only = Sources
	}
	endpoint, stop := c.Start()
	t.Cleanup(stop)
	cfg := configOf(endpoint, only...)
	if !c.Limits { // nothing to pace for
		cfg.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	}
	p, err := aws.Plan(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	snap, err := collect.Run(context.Background(), func() time.Time { return time.Now().UTC() }, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	stop()
	return snap
}

// A ledger is what a run says of each cell: its state, rows, gaps and the sum of
// its file.
type ledger map[string]string

func ledgerOf(t *testing.T, s *evidence.Snapshot) ledger {
	t.Helper()
	l := ledger{}
	for _, c := range s.Cells {
		k := name(c)
		if _, twice := l[k]; twice {
			t.Errorf("%s is in the ledger twice", k)
		}
		l[k] = fmt.Sprintf("%s %d rows %d gaps %s", c.State, c.Items, c.Gaps, c.Sum)
		content, ok := s.Files[c.Path]
		file := held(t, content)
		if ok != (c.Sum != "") || ok && strings.Count(string(file), "\n") != c.Items {
			t.Errorf("%s: %d rows, and its file has %d", k, c.Items, strings.Count(string(file), "\n"))
		}
		if !c.State.Answered() && (ok || c.Items > 0) {
			t.Errorf("%s is %s and has a file", k, c.State)
		}
	}
	if s.Run.Cells != len(l) {
		t.Errorf("the run counts %d cells and has %d", s.Run.Cells, len(l))
	}
	return l
}

func name(c evidence.Cell) string { return c.Account + " " + c.Region + " " + c.Source }

// except drops the cells that are expected to differ, for comparing the rest.
func (l ledger) except(cells ...string) ledger {
	out := maps.Clone(l)
	for _, c := range cells {
		delete(out, c)
	}
	return out
}

func same(t *testing.T, got, want ledger) {
	t.Helper()
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s\n\tsays %s\n\twant %s", k, got[k], v)
		}
	}
	for k := range got {
		if _, planned := want[k]; !planned {
			t.Errorf("%s was not planned before", k)
		}
	}
}

// cellOf is the cell with a name.
func cellOf(t *testing.T, s *evidence.Snapshot, key string) evidence.Cell {
	t.Helper()
	i := slices.IndexFunc(s.Cells, func(c evidence.Cell) bool { return name(c) == key })
	if i < 0 {
		t.Fatalf("there is no cell %s", key)
	}
	return s.Cells[i]
}

// listings are the sources with the question that lists them.
var listings = []struct{ source, service, action, region string }{
	{"kms/key", "kms", "ListKeys", "eu-west-1"},
	{"ec2/vpc", "ec2", "DescribeVpcs", "eu-west-1"},
	{"ec2/security-group-rule", "ec2", "DescribeSecurityGroupRules", "us-east-1"},
	{"rds/instance", "rds", "DescribeDBInstances", "us-east-1"},
	{"guardduty/detector", "guardduty", "ListDetectors", "eu-west-1"},
	{"iam/mfa-device", "iam", "ListUsers", "global"},
	{"s3/bucket", "s3", "ListBuckets", "global"},
}

// wanted is the state a fault of a listing must end its cell in.
func wanted(k FaultKind, service string) evidence.State {
	switch k {
	case SameToken:
		return evidence.Truncated
	case DeniedIdentity:
		return evidence.DeniedIdentity
	case DeniedSCP:
		return evidence.DeniedSCP
	case DeniedResource:
		return evidence.DeniedResource
	case ExpiredToken:
		return evidence.CredentialExpired
	case AlwaysThrottle:
		return evidence.Throttled
	case NotEnabled:
		if service != "ec2" && service != "s3" {
			return evidence.CredentialExpired // as a deleted key would: AWS tells them apart by nothing
		}
	}
	return evidence.Failed
}

// TestLedger is the run without a fault: every cell planned is there once.
func TestLedger(t *testing.T) {
	c := small()
	s := ask(t, c)
	l := ledgerOf(t, s)
	regional, global, once := 8, 7, 1 // organizations/account is asked once
	if want := 2*(global+3*regional) + once; len(l) != want {
		t.Errorf("%d cells, want %d", len(l), want)
	}
	for k, v := range l {
		switch {
		case strings.Contains(k, "af-south-1"):
			if !strings.HasPrefix(v, "region_not_enabled 0 rows 0 gaps") {
				t.Errorf("%s: %s", k, v)
			}
		case strings.HasSuffix(k, "iam/access-key"):
			if !strings.HasPrefix(v, "empty 0 rows 0 gaps") {
				t.Errorf("%s: %s", k, v)
			}
		case !strings.HasPrefix(v, "collected"):
			t.Errorf("%s: %s: %s", k, v, cellOf(t, s, k).Reason)
		}
	}
	if !s.Run.Complete || s.Run.Gaps != 0 {
		t.Errorf("complete %v, %d gaps", s.Run.Complete, s.Run.Gaps)
	}
	same(t, ledgerOf(t, ask(t, small())), l)
}

// TestFaults puts every kind of fault into the listing of every source, each in
// an account of its own: the cell it hits ends as it must, no other cell changes,
// and what was faulted is never collected or empty.
func TestFaults(t *testing.T) {
	wide := func() *Cloud {
		c := small()
		c.Accounts = 1 + len(listings)
		return c
	}
	calm := ledgerOf(t, ask(t, wide()))
	for _, kind := range FaultKinds {
		if kind == UnknownValue {
			continue // a value of a row: TestUnknownValue
		}
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			c := wide()
			for i, x := range listings {
				at := x.region
				if at == "global" {
					at = "us-east-1"
				}
				c.Faults = append(c.Faults, Fault{Kind: kind, Question: Question{Account(i + 2), at, x.service, x.action}})
			}
			s := ask(t, c)
			if s.Run.Complete {
				t.Error("the run calls itself complete")
			}
			var touched []string
			for i, x := range listings {
				hit := Account(i+2) + " " + x.region + " " + x.source
				cell := cellOf(t, s, hit)
				if want := wanted(kind, x.service); cell.State != want || cell.Gap == nil || cell.Gaps == 0 {
					t.Errorf("%s ended %s, %d gaps, %v: %s; want %s", hit, cell.State, cell.Gaps, cell.Gap, cell.Reason, want)
				} else if cell.Gap.Question != x.action {
					t.Errorf("the gap of %s is about %s", hit, cell.Gap.Question)
				}
				touched = append(touched, hit)
				if x.action == "ListUsers" { // another source asks it too
					touched = append(touched, Account(i+2)+" global iam/access-key")
				}
				for k, v := range calm { // expired credentials end the account, whatever it was asked
					c := cellOf(t, s, k)
					if kind == ExpiredToken && c.Account == Account(i+2) && !slices.Contains(touched, k) {
						if got := ledgerOf(t, s)[k]; got != v && !slices.Contains([]evidence.State{evidence.CredentialExpired, evidence.Truncated}, c.State) {
							t.Errorf("%s: %s", k, got)
						}
						touched = append(touched, k)
					}
				}
			}
			same(t, ledgerOf(t, s).except(touched...), calm.except(touched...))
		})
	}
}

// TestPassing lets faults pass that a second try mends: nothing of them is in
// the ledger, and the calls say how often was asked.
func TestPassing(t *testing.T) {
	calm := ledgerOf(t, ask(t, small()))
	for _, kind := range []FaultKind{ServerError, Unavailable, Reset, CutBody} {
		c := small()
		c.Faults = []Fault{{Kind: kind, First: 1, Times: 1, Question: Question{Region: "eu-west-1", Service: "kms"}}, {Kind: kind, Times: 2, Question: Question{Service: "ec2", Action: "DescribeVpcs"}}}
		s := ask(t, c)
		same(t, ledgerOf(t, s), calm)
		tries := 0
		calls, err := evidence.ReadLines[evidence.Call](held(t, s.Calls))
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range calls {
			tries = max(tries, call.Attempts)
		}
		if tries != 3 {
			t.Errorf("%s: the calls name %d tries at most, want 3", kind, tries)
		}
	}
}

// TestRows puts faults into questions about single rows: the listing is whole,
// and each row carries its gap.
func TestRows(t *testing.T) {
	calm := ledgerOf(t, ask(t, small()))
	for _, x := range []struct {
		source, region, service, action string
		rows                            int
	}{
		{"kms/key", "eu-west-1", "kms", "GetKeyRotationStatus", 2},
		{"kms/key", "eu-west-1", "kms", "ListKeyRotations", 2},
		{"s3/bucket", "global", "s3", "GetBucketLogging", 2},
		{"iam/mfa-device", "global", "iam", "GetLoginProfile", 3},
		{"guardduty/detector", "us-east-1", "guardduty", "GetDetector", 1},
	} {
		for _, kind := range []FaultKind{DeniedIdentity, DeniedSCP, CutText, Empty200, ErrorIn200, NoService} {
			c := small()
			c.Faults = []Fault{{Kind: kind, Question: Question{Account: Account(1), Service: x.service, Action: x.action}}}
			if x.region != "global" {
				c.Faults[0].Region = x.region
			}
			s := ask(t, c, Sources...)
			hit := Account(1) + " " + x.region + " " + x.source
			cell := cellOf(t, s, hit)
			if cell.State != evidence.Partial || cell.Items != x.rows || cell.Gaps != x.rows {
				t.Errorf("%s of %s: %s with %d rows and %d gaps: %s", kind, x.action, cell.State, cell.Items, cell.Gaps, cell.Reason)
			}
			items, err := evidence.ReadItems(held(t, s.Files[cell.Path]))
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range items {
				if _, gap := it.Gap(x.action); !gap {
					t.Errorf("%s of %s: %s has no gap", kind, x.action, it.ID)
				}
				if _, said := it.Answers[x.action]; said {
					t.Errorf("%s of %s: %s has an answer", kind, x.action, it.ID)
				}
			}
			l := ledgerOf(t, s)
			same(t, l.except(hit), calm.except(hit))
		}
	}
}

// TestUnknownValue keeps a value that no SDK knows as AWS sent it.
func TestUnknownValue(t *testing.T) {
	c := small()
	c.Faults = []Fault{{Kind: UnknownValue, Question: Question{Service: "kms", Action: "DescribeKey"}}}
	s := ask(t, c, "kms/key")
	cell := cellOf(t, s, Account(2)+" eu-west-1 kms/key")
	if cell.State != evidence.Collected || strings.Count(string(held(t, s.Files[cell.Path])), `"KeyState":"Hibernating"`) != 2 {
		t.Errorf("%s\n%s", cell.State, held(t, s.Files[cell.Path]))
	}
}

// TestExpired ends an account's credentials in the middle: what was told before
// is kept, what was not is named, and the other account goes on.
func TestExpired(t *testing.T) {
	calm := ledgerOf(t, ask(t, small()))
	c := small()
	ended := false
	c.Hear = func(q Question, n int) {
		if !ended && q.Account == Account(2) && q.Service == "kms" && q.Region == "us-east-1" {
			ended = true
			c.Faults = append(c.Faults, Fault{Kind: ExpiredToken, Question: Question{Account: Account(2)}}) // Hear holds the lock
		}
	}
	s := ask(t, c)
	kept := 0
	for k, v := range ledgerOf(t, s) {
		cell := cellOf(t, s, k)
		switch {
		case cell.Account == Account(1), cell.State.Answered() && cell.State != evidence.Partial:
			if v != calm[k] {
				t.Errorf("%s: %s, want %s", k, v, calm[k])
			}
			if cell.Account == Account(2) {
				kept++
			}
		case cell.State != evidence.CredentialExpired && cell.State != evidence.Truncated && cell.State != evidence.Partial:
			t.Errorf("%s: %s", k, v)
		}
	}
	if kept == 0 {
		t.Error("nothing of the account was kept")
	}
}

// TestLargeListing keeps a listing of 300,000 rows, and cuts none of it.
func TestLargeListing(t *testing.T) {
	c := small()
	c.Accounts, c.Regions = 1, []string{"eu-west-1"}
	c.Sized = map[string]int{Account(1) + " eu-west-1 DescribeSecurityGroupRules": 300_000}
	s := ask(t, c, "ec2/security-group-rule")
	cell := cellOf(t, s, Account(1)+" eu-west-1 ec2/security-group-rule")
	if cell.State != evidence.Collected || cell.Items != 300_000 || cell.Calls != 300 {
		t.Errorf("%s with %d rows in %d calls: %s", cell.State, cell.Items, cell.Calls, cell.Reason)
	}
	ledgerOf(t, s)
	// The same, refused on a late page, is truncated and keeps no part.
	c.Faults = []Fault{{Kind: DeniedSCP, First: 250, Question: Question{Action: "DescribeSecurityGroupRules"}}}
	cell = cellOf(t, ask(t, c, "ec2/security-group-rule"), Account(1)+" eu-west-1 ec2/security-group-rule")
	if cell.State != evidence.Truncated || cell.Path != "" || !strings.Contains(cell.Reason, "(after 249000 rows)") {
		t.Errorf("%s, %q: %s", cell.State, cell.Path, cell.Reason)
	}
}

// TestSeeds throws faults at cells by seed, some that pass and some that stay,
// and holds the whole ledger against what they must cause.
func TestSeeds(t *testing.T) {
	calm := ledgerOf(t, ask(t, small()))
	kinds := slices.DeleteFunc(slices.Clone(FaultKinds), func(k FaultKind) bool { return k == UnknownValue || k == ExpiredToken })
	for seed := range 8 {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			draw := func(what string, n int) int {
				h := fnv.New32a()
				fmt.Fprint(h, seed, what)
				return int(h.Sum32()>>8) % n
			}
			c := small()
			want := maps.Clone(calm)
			states := map[string]evidence.State{}
			for i, x := range listings {
				for n := range 2 {
					id := fmt.Sprint(i, n)
					if draw("hit"+id, 2) == 0 || x.action == "ListUsers" && seed%2 == 0 {
						continue
					}
					at := x.region
					if at == "global" {
						at = "us-east-1"
					}
					f := Fault{Kind: kinds[draw("kind"+id, len(kinds))], Question: Question{Account(n + 1), at, x.service, x.action}}
					key := Account(n+1) + " " + x.region + " " + x.source
					if f.Kind == ServerError && draw("burst"+id, 2) == 0 {
						f.Times = 2 // it passes
					} else {
						states[key] = wanted(f.Kind, x.service)
						delete(want, key)
						if x.action == "ListUsers" {
							states[Account(n+1)+" global iam/access-key"] = wanted(f.Kind, x.service)
							delete(want, Account(n+1)+" global iam/access-key")
						}
					}
					c.Faults = append(c.Faults, f)
				}
			}
			s := ask(t, c)
			l := ledgerOf(t, s)
			for k, state := range states {
				if got := cellOf(t, s, k).State; got != state {
					t.Errorf("%s: %s, want %s: %s", k, got, state, cellOf(t, s, k).Reason)
				}
				l = l.except(k)
			}
			same(t, l, want)
		})
	}
}

// TestThrottle asks faster than the organisation permits: everything is
// collected all the same, and what was refused on the way is no gap.
func TestThrottle(t *testing.T) {
	calm := ledgerOf(t, ask(t, small()))
	c := small()
	c.Limits = true
	same(t, ledgerOf(t, ask(t, c)), calm)
	total, throttled, most := c.Load()
	t.Logf("%d questions, %d throttled, %d at a time", total, throttled, most)
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
