package trail

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"exhibit/internal/trailtest"
)

// memory serves a trail's objects.
func memory(t testing.TB, written *trailtest.Trail, keys []*trailtest.Key, refuse func(*http.Request) (int, string)) Store {
	find := map[Place]*trailtest.Object{}
	for _, o := range written.Objects {
		find[Place{o.Bucket, o.Key}] = o
	}
	refused := func(r *http.Request) error {
		if refuse == nil {
			return nil
		}
		if status, code := refuse(r); status != 0 {
			return &Refusal{Code: code, Message: "Refused by the test"}
		}
		return nil
	}
	return Store{
		List: func(_ context.Context, bucket, prefix, after string, yield func(string) bool) error {
			if err := refused(&http.Request{Method: "GET", URL: &url.URL{Path: "/" + bucket, RawQuery: "list-type=2"}}); err != nil {
				return err
			}
			var names []string
			for p := range find {
				if p.Bucket == bucket && strings.HasPrefix(p.Key, prefix) && p.Key > after {
					names = append(names, p.Key)
				}
			}
			slices.Sort(names)
			for _, k := range names {
				if !yield(k) {
					break
				}
			}
			return nil
		},
		Get: func(_ context.Context, at Place, read func(map[string]string, io.Reader) error) error {
			if err := refused(&http.Request{Method: "GET", URL: &url.URL{Path: "/" + at.Bucket + "/" + at.Key}}); err != nil {
				return err
			}
			o := find[at]
			if o == nil {
				return &Refusal{Code: "NoSuchKey", Gone: true}
			}
			return read(o.Metadata, bytes.NewReader(o.Body))
		},
		Key: func(_ context.Context, fingerprint string, _ time.Time) (*rsa.PublicKey, error) {
			for _, k := range keys {
				if k.Fingerprint == fingerprint {
					return x509.ParsePKCS1PublicKey(k.Public)
				}
			}
			return nil, nil
		},
	}
}

// writeShape writes one and returns the keys CloudTrail gives.
func writeShape(s trailtest.Shape) (*trailtest.Trail, []*trailtest.Key) {
	t := &trailtest.Trail{Bucket: "logs", Prefix: "cloud", Organization: "o-abcdefghij", Account: "111122223333", Region: "eu-west-1", Name: "main.trail_1", Home: "us-east-1", Key: testKey}
	given := []*trailtest.Key{testKey}
	s.Write(t)
	if t.Key != testKey {
		given = append(given, t.Key)
	}
	return t, given
}

var testKey = trailtest.NewKey()

func found(r Report) trailtest.Want {
	w := trailtest.Want{
		Valid: r.Valid, Invalid: r.Invalid, Missing: r.Missing, NotEvaluated: r.NotEvaluated, Gaps: r.Gaps, Unlinked: r.Unlinked, Restarts: r.Restarts,
		Backfill: r.Backfill.Valid, BadBackfill: r.Backfill.Invalid + r.Backfill.Missing + r.Backfill.NotEvaluated,
		Logs: r.Logs.Valid, BadLogs: r.Logs.Invalid, MissingLogs: r.Logs.Missing, NoLogs: r.Logs.NotEvaluated, Untold: r.Logs.Untold, Begins: r.Begins != nil,
	}
	covered := time.Duration(0)
	for _, c := range r.Covered {
		covered += c.To.Sub(c.From)
	}
	w.Hours = int(covered / time.Hour)
	if r.Unlisted != nil {
		return trailtest.Want{Unlisted: r.Unlisted.Code}
	}
	return w
}

func TestShapes(t *testing.T) {
	for _, s := range trailtest.Shapes() {
		t.Run(s.Name, func(t *testing.T) {
			written, keys := writeShape(s)
			store := memory(t, written, keys, s.Refuse)
			c := Chain{Bucket: "logs", Folder: Folder("cloud", "o-abcdefghij", "111122223333", "eu-west-1"), Trail: "main.trail_1", Home: "us-east-1"}
			var last string
			for _, workers := range []int{1, 16} {
				r := Validate(context.Background(), store, c, Bounds{From: trailtest.From, To: trailtest.To, LogsFrom: trailtest.From, Workers: workers})
				got, want := found(r), s.Want
				words := want.Found
				want.Found = ""
				if got != want {
					t.Errorf("got  %+v\nwant %+v\n%+v\n%+v", got, want, r.Uncovered, append(r.Problems, r.Logs.Problems...))
				}
				all := fmt.Sprint(r.Problems, r.Logs.Problems)
				if !strings.Contains(all, words) {
					t.Errorf("no problem says %q: %s", words, all)
				}
				if words == "" && s.Want.Unlisted == "" && r.ProblemsTotal+r.Logs.ProblemsTotal > 0 {
					t.Errorf("there are problems: %s", all)
				}
				adds(t, r)
				now, err := json.Marshal([]any{r, r.Logs})
				if err != nil {
					t.Fatal(err)
				}
				if cmp.Or(last, string(now)) != string(now) {
					t.Errorf("%d workers say otherwise:\n%s\n%s", workers, now, last)
				}
				last = string(now)
			}
		})
	}
}

// adds holds that what is covered and what is not are the whole time, once.
func adds(t *testing.T, r Report) {
	t.Helper()
	if r.Unlisted != nil {
		return
	}
	all := append(slices.Clone(r.Covered), r.Uncovered...)
	slices.SortFunc(all, func(a, b Interval) int { return a.From.Compare(b.From) })
	at := r.From
	for _, i := range all {
		if !i.From.Equal(at) || !i.From.Before(i.To) {
			t.Errorf("%v: the time is not accounted for once: %v", i, all)
		}
		at = i.To
	}
	if !at.Equal(r.To) {
		t.Errorf("the time ends at %v: %v", at, all)
	}
	if n := r.Logs.Valid + r.Logs.Invalid + r.Logs.Missing + r.Logs.NotEvaluated + r.Logs.NotHashed; n != r.Logs.Named {
		t.Errorf("%d log files are accounted for, %d named", n, r.Logs.Named)
	}
}

// Log files outside of what is to be hashed are said not to be, and are not read.
func TestBounds(t *testing.T) {
	written, keys := writeShape(trailtest.Shapes()[0])
	store := memory(t, written, keys, nil)
	c := Chain{Bucket: "logs", Folder: Folder("cloud", "o-abcdefghij", "111122223333", "eu-west-1"), Trail: "main.trail_1", Home: "us-east-1"}
	r := Validate(context.Background(), store, c, Bounds{From: trailtest.From, To: trailtest.To, LogsFrom: trailtest.To})
	if r.Logs.NotHashed != 24 || r.Logs.Valid != 1 || r.Logs.Named != 25 {
		t.Errorf("%+v", r.Logs)
	}
	if r = Validate(context.Background(), store, c, Bounds{From: trailtest.From, To: trailtest.To, LogsFrom: trailtest.To.Add(late)}); r.Logs.NotHashed != 25 || r.Logs.Valid != 0 {
		t.Errorf("none: %+v", r.Logs)
	}
}

// The answers of a run that was cancelled claim nothing.
func TestCancelled(t *testing.T) {
	written, keys := writeShape(trailtest.Shapes()[0])
	store := memory(t, written, keys, nil)
	store.Get = func(ctx context.Context, _ Place, _ func(map[string]string, io.Reader) error) error { return ctx.Err() }
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c := Chain{Bucket: "logs", Folder: Folder("cloud", "o-abcdefghij", "111122223333", "eu-west-1"), Trail: "main.trail_1", Home: "us-east-1"}
	r := Validate(ctx, store, c, Bounds{From: trailtest.From, To: trailtest.To, LogsFrom: trailtest.From})
	if r.NotEvaluated != 25 || r.Valid+r.Invalid+r.Missing+r.Gaps != 0 || r.Refused["Cancelled"]["digest"] != 25 {
		t.Errorf("%+v", r)
	}
}

func FuzzParse(f *testing.F) {
	written, _ := writeShape(trailtest.Shapes()[0])
	for _, o := range written.Objects[:4] {
		f.Add(trailtest.Unzip(o.Body))
	}
	f.Add([]byte(`{"digestStartTime":"2026-01-01T00:00:00Z"}`))
	f.Add([]byte(`{} {}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := parse(raw)
		if err != nil {
			return
		}
		if d.end.Before(d.start) || d.Bucket == "" || d.Object == "" || d.Fingerprint == "" {
			t.Errorf("%q is taken for a digest", raw)
		}
		_ = d.previous()
		if d.verify(Sum{}, "00", &rsa.PublicKey{N: nil}) == nil {
			t.Error("verified by nobody's key")
		}
	})
}

func FuzzUnzip(f *testing.F) {
	f.Add(trailtest.Zip([]byte("x")))
	f.Fuzz(func(t *testing.T, b []byte) {
		var out bytes.Buffer
		if unzip(bytes.NewReader(b), &out, 1<<16) == nil && out.Len() > 1<<16 {
			t.Error("more than the limit")
		}
	})
}

func FuzzName(f *testing.F) {
	written, _ := writeShape(trailtest.Shapes()[0])
	for _, o := range written.Objects[:4] {
		f.Add(o.Key)
	}
	f.Add("AWSLogs/o-abcdefghij/111122223333/CloudTrail-Digest/eu-west-1/2026/01/01/111122223333_CloudTrail-Digest_eu-west-1_a_b_us-east-1_20260101T011207Z_backfill.json.gz")
	f.Fuzz(func(t *testing.T, key string) {
		n, ok := ParseName(key)
		if ok && isLog(key) {
			t.Errorf("%q is a digest and a log file", key)
		}
		if !ok {
			return
		}
		if !strings.HasPrefix(key, n.Folder) || !strings.Contains(n.Folder, "AWSLogs/") || len(n.Account) != 12 || n.End.IsZero() || n.Trail == "" {
			t.Errorf("%q reads %+v", key, n)
		}
		if !strings.HasSuffix(strings.TrimSuffix(strings.TrimSuffix(key, ".json.gz"), "_backfill"), "_"+n.Trail+"_"+n.Home+"_"+n.End.Format(stamp)) {
			t.Errorf("%q: the name's parts are not its own: %+v", key, n)
		}
	})
}
