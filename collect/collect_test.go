package collect

import (
	"bytes"
	"context"
	"fmt"
	"math/rand"
	"strings"
	"sync"
	"testing"
	"time"

	"exhibit/evidence"
)

func fixed() time.Time { return time.Date(2026, 1, 5, 6, 0, 0, 0, time.UTC) }

func cell(account, region, source string) evidence.Cell {
	return evidence.Cell{Account: account, Region: region, Source: source}
}

func thing(id string, answers map[string]any, gaps ...evidence.Gap) evidence.Item {
	return evidence.Item{ID: id, Answers: answers, Gaps: gaps}
}

func ok() map[string]any { return map[string]any{"List": "x"} }

func gap(code, msg string) evidence.Gap {
	return evidence.Gap{Question: "List", Code: code, Message: msg}
}

// TestStates ends a cell in each state an answer can lead to.
func TestStates(t *testing.T) {
	tests := []struct {
		name   string
		ask    func(a *Answer)
		state  evidence.State
		reason string // a part of it
		items  int
		gaps   int
	}{
		{"items", func(a *Answer) { a.Item(thing("a", ok())) }, evidence.Collected, "", 1, 0},
		{"nothing there", func(a *Answer) {}, evidence.Empty, "", 0, 0},
		{"a gap in an item", func(a *Answer) {
			a.Item(thing("a", ok(), gap("AccessDenied", "")))
			a.Item(thing("b", ok()))
		}, evidence.Partial, "1 question about 2 items", 2, 1},
		{"an aside", func(a *Answer) { a.Item(thing("a", ok())); a.Aside(gap("HTTP 404", "")) }, evidence.Partial, "1 question", 1, 1},
		{"refused at once", func(a *Answer) { a.Refuse(gap("AccessDeniedException", "no"), 0) }, evidence.DeniedIdentity, "List: AccessDeniedException: no", 0, 1},
		{"refused by an SCP", func(a *Answer) {
			a.Refuse(gap("AccessDenied", "with an explicit deny in a service control policy"), 0)
		}, evidence.DeniedSCP, "", 0, 1},
		{"refused by the resource", func(a *Answer) {
			a.Refuse(gap("AccessDenied", "because no resource-based policy allows the action"), 0)
		}, evidence.DeniedResource, "", 0, 1},
		{"throttled", func(a *Answer) { a.Refuse(gap("ThrottlingException", "Rate exceeded"), 0) }, evidence.Throttled, "", 0, 1},
		{"no endpoint", func(a *Answer) { a.Refuse(gap(NoEndpointCode, "no such host"), 0) }, evidence.ServiceNotInRegion, "", 0, 0},
		// Which regions are enabled is planned from the account's own list; an answer that contradicts it excludes nothing.
		{"no opt-in", func(a *Answer) { a.Refuse(gap("OptInRequired", ""), 0) }, evidence.Failed, "List: OptInRequired", 0, 1},
		{"expired", func(a *Answer) { a.Refuse(gap("RequestExpired", ""), 0) }, evidence.CredentialExpired, "", 0, 1},
		{"server error", func(a *Answer) { a.Refuse(gap("HTTP 500", ""), 0) }, evidence.Failed, "", 0, 1},
		{"cut after rows", func(a *Answer) {
			a.Item(thing("a", ok()))
			a.Refuse(gap("AccessDenied", ""), 7)
		}, evidence.Truncated, "after 7 rows", 0, 1},
		{"a token twice", func(a *Answer) { a.Refuse(gap(TruncatedCode, "twice"), 0) }, evidence.Truncated, "twice", 0, 1},
		{"cut counts over not in use", func(a *Answer) {
			a.End(evidence.NotInUse, "not subscribed")
			a.Refuse(gap("HTTP 500", ""), 0)
		}, evidence.Failed, "", 0, 1},
		{"not in use", func(a *Answer) { a.End(evidence.NotInUse, "not subscribed") }, evidence.NotInUse, "not subscribed", 0, 0},
		{"a single nobody answered about", func(a *Answer) {
			a.Item(thing("a", map[string]any{}, gap("AccessDenied", "no")))
		}, evidence.DeniedIdentity, "", 0, 1},
		{"a row twice", func(a *Answer) { a.Item(thing("a", ok())); a.Item(thing("a", ok())) }, evidence.Collected, "", 1, 0},
		{"a row twice, differing", func(a *Answer) {
			a.Item(thing("a", ok()))
			a.Item(thing("a", map[string]any{"List": "y"}))
		}, evidence.Failed, `"a" twice`, 0, 1},
		{"an operation named id", func(a *Answer) { a.Item(thing("a", map[string]any{"id": 1})) }, evidence.Failed, "cannot be the name", 0, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Plan{Tasks: []Task{{Cell: cell("1", "r", "kms/key"), Ask: func(_ context.Context, a *Answer) { tt.ask(a) }}}}
			s, err := Run(context.Background(), fixed, p, nil)
			if err != nil {
				t.Fatal(err)
			}
			c := s.Cells[0]
			if c.State != tt.state || c.Items != tt.items || c.Gaps != tt.gaps || !strings.Contains(c.Reason, tt.reason) {
				t.Errorf("got %s, %d items, %d gaps, %q; want %s, %d, %d, %q", c.State, c.Items, c.Gaps, c.Reason, tt.state, tt.items, tt.gaps, tt.reason)
			}
			if (len(s.Files) == 1) != (tt.items > 0) || (c.Path != "") != (tt.items > 0) || (c.Sum != "") != (tt.items > 0) {
				t.Errorf("%d items, and path %q, sum %q, %d files", tt.items, c.Path, c.Sum, len(s.Files))
			}
			if !c.State.Answered() && c.Gap == nil {
				t.Error("an unanswered cell names no question")
			}
			if want := tt.state.Answered() && tt.gaps == 0; s.Run.Complete != want {
				t.Errorf("complete is %v", s.Run.Complete)
			}
		})
	}
}

// TestPlannedStates keeps what planning knows already, and asks nobody.
func TestPlannedStates(t *testing.T) {
	c := cell("1", "r", "kms/key")
	c.State, c.Reason = evidence.OutOfScope, "the test account"
	p := Plan{Tasks: []Task{{Cell: c, Ask: func(context.Context, *Answer) { t.Error("asked") }}, {Cell: cell("1", "s", "kms/key")}}}
	s, err := Run(context.Background(), fixed, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.Cells[0].State != evidence.OutOfScope || s.Cells[0].Reason != "the test account" || !s.Cells[0].Started.IsZero() {
		t.Errorf("%+v", s.Cells[0])
	}
	if s.Cells[1].State != evidence.Failed {
		t.Errorf("a cell nobody can ask ended %s", s.Cells[1].State)
	}
}

// TestShuffled collects one plan twenty times in different orders: every byte is the same.
func TestShuffled(t *testing.T) {
	var want []byte
	for n := range 20 {
		rng := rand.New(rand.NewSource(int64(n)))
		var p Plan
		for acc := range 3 {
			for reg := range 4 {
				for src := range 5 {
					c := cell(fmt.Sprintf("%012d", acc), fmt.Sprintf("eu-west-%d", reg), fmt.Sprintf("svc/thing%d", src))
					p.Tasks = append(p.Tasks, Task{Cell: c, Ask: func(_ context.Context, a *Answer) {
						ids := rng2(c).Perm(9)
						var wg sync.WaitGroup
						for _, i := range ids {
							wg.Go(func() {
								a.Call(evidence.Call{Account: c.Account, Region: c.Region, Source: c.Source, Operation: "Get", Params: map[string]any{"id": fmt.Sprint(i)}, Page: 1, Ended: fixed(), Date: "2026-01-05T05:59:50Z"})
								it := thing(fmt.Sprint(i), ok())
								if src == 4 {
									it.Gaps = []evidence.Gap{gap("B", ""), gap("A", "")}
								}
								a.Item(it)
								a.Redacted("rule")
								if src == 3 && i > 5 {
									a.Refuse(gap("AccessDenied", fmt.Sprint(i)), 0)
								}
							})
						}
						wg.Wait()
					}})
				}
			}
		}
		rng.Shuffle(len(p.Tasks), func(i, j int) { p.Tasks[i], p.Tasks[j] = p.Tasks[j], p.Tasks[i] })
		p.InFlight = 1 + n
		seen := 0
		s, err := Run(context.Background(), fixed, p, func(done, total int, c evidence.Cell) {
			seen++
			if done != seen || total != len(p.Tasks) {
				t.Errorf("progress %d of %d, the %dth", done, total, seen)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		got := everything(t, s)
		if n == 0 {
			want = got
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("run %d differs from the first", n)
		}
	}
	if !bytes.Contains(want, []byte(`"message":"6"`)) || !bytes.Contains(want, []byte(`"clock_skew_seconds":10`)) {
		t.Errorf("the run does not hold what it should:\n%.2000s", want)
	}
}

func rng2(c evidence.Cell) *rand.Rand {
	return rand.New(rand.NewSource(int64(len(c.Region) + len(c.Source))))
}

func everything(t *testing.T, s *evidence.Snapshot) []byte {
	t.Helper()
	var b bytes.Buffer
	cells, err := evidence.WriteLines(s.Cells)
	if err != nil {
		t.Fatal(err)
	}
	calls, err := s.Calls.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	run, err := evidence.Canonical(s.Run)
	if err != nil {
		t.Fatal(err)
	}
	b.Write(cells)
	b.Write(calls)
	b.Write(run)
	for _, c := range s.Cells {
		file, err := s.Files[c.Path].Bytes()
		if err != nil {
			t.Fatal(err)
		}
		b.Write(file)
	}
	return b.Bytes()
}

// TestExpired keeps what one account said before its credentials ended, ends its
// remaining cells, and goes on with the other account.
func TestExpired(t *testing.T) {
	var p Plan
	for i, acc := range []string{"1", "1", "1", "2", "2"} {
		p.Tasks = append(p.Tasks, Task{Cell: cell(acc, fmt.Sprint("r", i), "kms/key"), Ask: func(_ context.Context, a *Answer) {
			if i == 1 {
				a.Expired("ExpiredToken: the security token is expired")
				a.Refuse(gap("ExpiredToken", "the security token is expired"), 0)
				return
			}
			a.Item(thing("a", ok()))
		}})
	}
	p.InFlight = 1
	s, err := Run(context.Background(), fixed, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []evidence.State{evidence.Collected, evidence.CredentialExpired, evidence.CredentialExpired, evidence.Collected, evidence.Collected}
	for i, c := range s.Cells {
		if c.State != want[i] {
			t.Errorf("cell %d ended %s, want %s", i, c.State, want[i])
		}
	}
	if len(s.Files) != 3 || !strings.Contains(s.Cells[2].Reason, "expired") {
		t.Errorf("%d files; the cell that was not asked says %q", len(s.Files), s.Cells[2].Reason)
	}
}

// TestCancelled returns the snapshot of a run that was cancelled half way.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var p Plan
	for i := range 4 {
		p.Tasks = append(p.Tasks, Task{Cell: cell("1", fmt.Sprint("r", i), "kms/key"), Ask: func(ctx context.Context, a *Answer) {
			a.Item(thing("a", ok()))
			switch i {
			case 1:
				cancel()
				a.Refuse(gap(CancelledCode, ""), 3)
			case 2:
				t.Error("asked after the end")
			}
		}})
	}
	p.InFlight = 1
	s, err := Run(ctx, fixed, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []evidence.State{evidence.Collected, evidence.Cancelled, evidence.Cancelled, evidence.Cancelled}
	for i, c := range s.Cells {
		if c.State != want[i] {
			t.Errorf("cell %d ended %s, want %s", i, c.State, want[i])
		}
	}
	if len(s.Files) != 1 || s.Run.Complete {
		t.Errorf("%d files, complete %v", len(s.Files), s.Run.Complete)
	}
}

// TestPlanSum depends on what is planned and on nothing else.
func TestPlanSum(t *testing.T) {
	a, b := Task{Cell: cell("1", "r", "kms/key")}, Task{Cell: cell("1", "s", "kms/key")}
	one, err := Plan{Tasks: []Task{a, b}}.Sum()
	if err != nil {
		t.Fatal(err)
	}
	two, err := Plan{Tasks: []Task{b, a}}.Sum()
	if err != nil || one != two {
		t.Errorf("the order of tasks changes the sum: %v", err)
	}
	b.Cell.State = evidence.OutOfScope
	if three, _ := (Plan{Tasks: []Task{a, b}}).Sum(); three == one {
		t.Error("a cell taken out of scope leaves the sum")
	}
	if _, err := (Plan{Tasks: []Task{a, a}}).Sum(); err == nil {
		t.Error("a cell planned twice passes")
	}
}

// TestForeign names endpoints that are not the provider's own.
func TestForeign(t *testing.T) {
	p := Plan{
		Native: func(e string) bool { return e == "https://kms.amazonaws.com" },
		Calls:  []evidence.Call{{Endpoint: "http://127.0.0.1:9"}, {Endpoint: "https://kms.amazonaws.com"}, {}, {Endpoint: "http://127.0.0.1:9"}},
	}
	s, err := Run(context.Background(), fixed, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(s.Run.Endpoints) != "[http://127.0.0.1:9]" {
		t.Errorf("got %v", s.Run.Endpoints)
	}
}

// TestSecrets refuses a run that holds a credential, naming file, item and field,
// never the value; and lets identifiers pass.
func TestSecrets(t *testing.T) {
	token := "ghp_" + strings.Repeat("a1B2", 9)
	tests := []struct {
		name string
		v    any
		want string // "" passes
	}{
		{"an access key id", "AKIAIOSFODNN7EXAMPLE", ""},
		{"a 40 digit hash", strings.Repeat("0a1b", 10), ""},
		{"an ARN", "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", ""},
		{"a masked password", map[string]any{"MasterUserPassword": "****"}, ""},
		{"a certificate", "-----BEGIN CERTIFICATE-----", ""},
		{"a private key", "x\n-----BEGIN RSA PRIVATE KEY-----\nMII", "a private key"},
		{"a plain private key", "-----BEGIN PRIVATE KEY-----", "a private key"},
		{"an AWS pair", "AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "secret access key"},
		{"deep", []any{map[string]any{"Tags": []any{map[string]any{"Value": token}}}}, "DescribeKey[0].Tags[0].Value"},
		{"a field that is one", map[string]any{"SecretAccessKey": "x"}, "DescribeKey.SecretAccessKey"},
		{"as a key", map[string]any{token: true}, "GitHub"},
		{"slack", "xoxb-123456789012-abcdefGHIJ", "Slack"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Plan{Tasks: []Task{{Cell: cell("1", "r", "kms/key"), Ask: func(_ context.Context, a *Answer) {
				a.Item(thing("key/1", map[string]any{"DescribeKey": tt.v}))
			}}}}
			s, err := Run(context.Background(), fixed, p, nil)
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || s != nil {
				t.Fatal("a secret passed")
			}
			for _, w := range []string{tt.want, "kms-key.jsonl", `"key/1"`, "nothing was written"} {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q does not say %q", err, w)
				}
			}
			if strings.Contains(err.Error(), token) {
				t.Error("the error shows the secret")
			}
		})
	}
}

// FuzzSecrets holds that the scan ends, and does not depend on how a text is cut into fields.
func FuzzSecrets(f *testing.F) {
	f.Add("xoxb-123456789012-abcdefGHIJ")
	f.Add("-----BEGIN PRIVATE KEY-----")
	f.Fuzz(func(t *testing.T, s string) {
		plain := secretText(s)
		_, what := secretIn("", map[string]any{"a": []any{s}})
		if plain != what {
			t.Errorf("as text %q, as a field %q", plain, what)
		}
	})
}
