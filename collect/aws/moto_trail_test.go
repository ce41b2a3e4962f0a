package aws

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"exhibit/collect"
	"exhibit/evidence"
	"exhibit/internal/awstest"
	"exhibit/internal/trailtest"
)

// A multi-region trail of the organization has a chain in every region, and one
// for a member nobody enters; a region without a digest is one not covered.
func TestDigestsOfAnOrganization(t *testing.T) {
	moto := awstest.Start(t)
	b := newBucketeer(t, moto)
	org := organizations.NewFromConfig(sdk.Config{Region: awstest.Home, BaseEndpoint: &moto, Credentials: b.store.Options().Credentials})
	made, err := org.CreateOrganization(context.Background(), &organizations.CreateOrganizationInput{FeatureSet: "ALL"})
	if err != nil {
		t.Fatal(err)
	}
	b.bucket("org-logs")
	if _, err := b.trails.CreateTrail(context.Background(), &cloudtrail.CreateTrailInput{Name: sdk.String("everybody"), S3BucketName: sdk.String("org-logs"),
		IsMultiRegionTrail: sdk.Bool(true), IsOrganizationTrail: sdk.Bool(true), EnableLogFileValidation: sdk.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	const elsewhere, leftOut = "210987654321", "310987654321"
	for _, at := range []struct{ account, region string }{{awstest.Account, awstest.Home}, {elsewhere, awstest.Home}, {elsewhere, awstest.Away}, {leftOut, awstest.Home}} {
		written := &trailtest.Trail{Bucket: "org-logs", Organization: *made.Organization.Id, Account: at.account, Region: at.region, Name: "everybody", Home: awstest.Home, Key: digestKey}
		trailtest.Shapes()[0].Write(written)
		b.fill(written.Objects)
	}
	server := httptest.NewServer(&trailtest.Front{Moto: moto, Keys: []*trailtest.Key{digestKey}})
	defer server.Close()
	_, snap := validated(t, server.URL, func(c *Config) {
		c.FromOrganization, c.Regions = true, []string{awstest.Home, awstest.Away}
		c.OutOfScope = []Exclusion{{Account: leftOut, Reason: "not part of the system"}}
	})
	got := map[string]int{}
	for _, region := range []string{awstest.Home, awstest.Away} {
		for id, it := range itemsOf(t, snap, region, "cloudtrail/digest") {
			_, rest, _ := strings.Cut(id, "@")
			got[rest] = countIn(it, "digests", "valid")
			if (countIn(it, "digests", "gaps") == 1) != (got[rest] == 0) {
				t.Errorf("%s: %v", id, it.Answers["digests"])
			}
		}
	}
	want := map[string]int{awstest.Account + "/" + awstest.Home: 25, awstest.Account + "/" + awstest.Away: 0, elsewhere + "/" + awstest.Home: 25, elsewhere + "/" + awstest.Away: 25}
	if !maps.Equal(got, want) {
		t.Errorf("valid digests are %v, want %v", got, want)
	}
}

// The calls that read objects are summed up, with a hash anybody can make again.
func TestDigestCalls(t *testing.T) {
	moto := awstest.Start(t)
	b := newBucketeer(t, moto)
	written := b.trail("summed")
	trailtest.Shapes()[0].Write(written)
	b.fill(written.Objects)
	front := &trailtest.Front{Moto: moto, Keys: []*trailtest.Key{digestKey}}
	server := httptest.NewServer(front)
	defer server.Close()
	_, snap := validated(t, server.URL, nil)
	lines := map[string]evidence.Call{}
	calls := 0
	for _, c := range callsOf(t, snap) {
		calls += max(c.Calls, 1)
		if c.Operation == "GetObject" {
			lines[c.Params["Prefix"].(string)] = c
		}
	}
	if calls != front.Calls() {
		t.Errorf("%d calls are accounted for, %d were made", calls, front.Calls())
	}
	for kind, n := range map[string]int{"CloudTrail-Digest": 27, "CloudTrail": 25} { // two digests lie behind the day
		folder := "cloud/AWSLogs/" + awstest.Account + "/" + kind + "/" + awstest.Home + "/"
		var text []string
		for _, o := range written.Objects {
			if strings.HasPrefix(o.Key, folder) {
				text = append(text, fmt.Sprintf("%x  %s\n", sha256.Sum256(o.Body), o.Key))
			}
		}
		slices.SortFunc(text, func(a, b string) int { return strings.Compare(a[66:], b[66:]) })
		first := slices.IndexFunc(text, func(s string) bool { return strings.Contains(s, "20260310T0012") }) // before: not asked
		if kind == "CloudTrail" {
			first = slices.IndexFunc(text, func(s string) bool { return strings.Contains(s, "20260309T2312") })
		}
		sum := sha256.Sum256([]byte(strings.Join(text[first:first+n], "")))
		if c := lines[folder]; c.Calls != n || c.Count != n || c.Status != 200 || c.BodySum != hex.EncodeToString(sum[:]) || c.Account != awstest.Account {
			t.Errorf("%s: %+v, want %d calls and %x", folder, c, n, sum)
		}
	}
}

// An object whose answer breaks off is asked for again, and is not evaluated when
// it breaks off each time: it was not cut short in the bucket.
func TestDigestBreaksOff(t *testing.T) {
	moto := awstest.Start(t)
	b := newBucketeer(t, moto)
	written := b.trail("broken")
	trailtest.Shapes()[0].Write(written)
	b.fill(written.Objects)
	tries := 0
	front := &trailtest.Front{Moto: moto, Keys: []*trailtest.Key{digestKey}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "20260310T051207Z.json.gz") {
			tries++
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte{0x1f, 0x8b})        // the test is that the rest is missing
			_ = http.NewResponseController(w).Flush() // as above
			panic(http.ErrAbortHandler)
		}
		front.ServeHTTP(w, r)
	}))
	defer server.Close()
	items, _ := validated(t, server.URL, nil)
	if it := items["broken"]; countIn(it, "digests", "not_evaluated") != 1 || countIn(it, "digests", "invalid") != 0 || tries != serverFailures {
		t.Errorf("%d tries: %v", tries, it.Answers["digests"])
	}
}

// A bucket in another account is read as its owner when the run enters that one.
func TestBucketOfAnotherAccount(t *testing.T) {
	asked := map[string][]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		owner := r.Header.Get("X-Amz-Expected-Bucket-Owner")
		asked[r.URL.Path] = append(asked[r.URL.Path], owner)
		w.Header().Set("Content-Type", "application/xml")
		if owner != "222222222222" {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`)
			return
		}
		fmt.Fprint(w, `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-north-1</LocationConstraint>`)
	}))
	defer server.Close()
	s := newSession(Config{Static: &Static{AccessKeyID: awstest.Access, SecretAccessKey: awstest.Secret}, Endpoint: server.URL, Now: time.Now, Sleep: noSleep, MaxAttempts: 1})
	cfg, err := s.load(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	s.asked = map[string]bool{"111111111111": true, "222222222222": true, "333333333333": true}
	for _, id := range slices.Sorted(maps.Keys(s.asked)) {
		s.entered = append(s.entered, entered{id, cfg})
	}
	for _, account := range []string{"333333333333", "111111111111"} {
		c := s.call(context.Background(), cfg, account, &cloudTrailDigests, &collect.Answer{})
		if o := c.owner(c, "theirs"); o == nil || o.account != "222222222222" || o.cfg.Region != "eu-north-1" {
			t.Errorf("%s: the owner is %+v", account, o)
		}
	}
	if got := asked["/theirs"]; !slices.Equal(got, []string{"111111111111", "222222222222"}) {
		t.Errorf("asked as %v", got)
	}
	if n := len(s.owners.calls()); n != 2 {
		t.Errorf("%d calls are taken down", n)
	}
}

func TestDigestBounds(t *testing.T) {
	at := func(s string) time.Time {
		t.Helper()
		x, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	day := func(s string) time.Time { return at(s + "T00:00:00Z") }
	year := Period{Start: day("2026-01-01"), End: day("2027-01-01")}
	for _, tt := range []struct {
		name           string
		now            string
		period         Period
		trails         Validation
		from, to, logs string // "" for a gap
	}{
		{"in the period", "2026-07-01T06:00:00Z", year, Validation{}, "2026-01-01", "2026-07-01", "2026-06-24"},
		{"before the night's digests are there", "2026-07-01T02:59:59Z", year, Validation{}, "2026-01-01", "2026-06-30", "2026-06-23"},
		{"after the period", "2027-02-01T06:00:00Z", year, Validation{LogDays: 1}, "2026-01-01", "2027-01-01", "2026-12-31"},
		{"the last days", "2026-07-01T06:00:00Z", year, Validation{DigestDays: 3}, "2026-06-28", "2026-07-01", "2026-06-28"},
		{"all log files", "2026-07-01T06:00:00Z", year, Validation{Logs: "all"}, "2026-01-01", "2026-07-01", "2026-01-01"},
		{"no log files", "2026-07-01T06:00:00Z", year, Validation{Logs: "none"}, "2026-01-01", "2026-07-01", "2026-07-02"},
		{"no period", "2026-07-01T06:00:00Z", Period{}, Validation{}, "2026-04-02", "2026-07-01", "2026-06-24"},
		{"on its first day", "2026-01-01T23:00:00Z", year, Validation{}, "", "", ""},
		{"before it", "2025-07-01T06:00:00Z", year, Validation{}, "", "", ""},
	} {
		c := &call{scope: &Config{Period: tt.period, Trails: tt.trails}, now: func() time.Time { return at(tt.now) }, width: perService}
		b, gap := c.bounds()
		if tt.from == "" {
			if gap == nil {
				t.Errorf("%s: %+v", tt.name, b)
			}
			continue
		}
		if gap != nil || !b.From.Equal(day(tt.from)) || !b.To.Equal(day(tt.to)) || !b.LogsFrom.Equal(day(tt.logs)) || b.Workers != objectsInFlight {
			t.Errorf("%s: %+v %v", tt.name, b, gap)
		}
	}
}

// A listing of S3 is turned by the token it gives, not by the one it was asked with.
func TestNextContinuationToken(t *testing.T) {
	out := &s3.ListObjectsV2Output{ContinuationToken: sdk.String("asked"), NextContinuationToken: sdk.String("next"), IsTruncated: sdk.Bool(true)}
	in := &s3.ListObjectsV2Input{}
	if tok, more := nextToken(out); !more || tok.value != "next" || !setToken(in, tok) || *in.ContinuationToken != "next" {
		t.Errorf("%+v %v", tok, in.ContinuationToken)
	}
	if tok, more := nextToken(&s3.ListObjectsV2Output{ContinuationToken: sdk.String("asked"), IsTruncated: sdk.Bool(true)}); !more || tok.value != "" {
		t.Errorf("without a next one: %+v", tok)
	}
}
