package aws

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"exhibit/collect"
	"exhibit/evidence"
	"exhibit/internal/awstest"
	"exhibit/internal/trailtest"
)

// A bucketeer makes trails in moto and fills their buckets.
type bucketeer struct {
	t      *testing.T
	moto   string
	trails *cloudtrail.Client
	store  *s3.Client
}

func newBucketeer(t *testing.T, moto string) *bucketeer {
	cfg := sdk.Config{Region: awstest.Home, BaseEndpoint: &moto, Credentials: credentials.NewStaticCredentialsProvider(awstest.Access, awstest.Secret, "")}
	return &bucketeer{t, moto, cloudtrail.NewFromConfig(cfg), s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })}
}

func (b *bucketeer) bucket(name string) {
	b.t.Helper()
	if _, err := b.store.CreateBucket(context.Background(), &s3.CreateBucketInput{Bucket: &name}); err != nil {
		b.t.Fatal(err)
	}
}

// fill writes the objects of a trail, eight at a time.
func (b *bucketeer) fill(objects []*trailtest.Object) {
	b.t.Helper()
	var wg sync.WaitGroup
	free := make(chan struct{}, 8)
	for _, o := range objects {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			in := &s3.PutObjectInput{Bucket: &o.Bucket, Key: &o.Key, Body: bytes.NewReader(o.Body), Metadata: o.Metadata,
				ContentType: sdk.String("application/json"), ContentEncoding: sdk.String("gzip")} // as CloudTrail does
			if _, err := b.store.PutObject(context.Background(), in); err != nil {
				b.t.Error(err)
			}
		})
	}
	wg.Wait()
}

// trail makes a trail of one region. Its bucket is its name.
func (b *bucketeer) trail(name string) *trailtest.Trail {
	b.t.Helper()
	b.bucket(name)
	b.bucket(name + "-old")
	if _, err := b.trails.CreateTrail(context.Background(), &cloudtrail.CreateTrailInput{Name: &name, S3BucketName: &name, S3KeyPrefix: sdk.String("cloud"), EnableLogFileValidation: sdk.Bool(true)}); err != nil {
		b.t.Fatal(err)
	}
	return &trailtest.Trail{Bucket: name, Prefix: "cloud", Account: awstest.Account, Region: awstest.Home, Name: name, Home: awstest.Home, Key: digestKey}
}

var digestKey = trailtest.NewKey()

// validated collects cloudtrail/digest through a front and returns its items by trail.
func validated(t *testing.T, front string, change func(*Config)) (map[string]evidence.Item, *evidence.Snapshot) {
	t.Helper()
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	cfg := Config{
		Static: &Static{AccessKeyID: awstest.Access, SecretAccessKey: awstest.Secret}, Endpoint: front, Regions: []string{awstest.Home},
		Only: []string{"cloudtrail/digest"}, MaxAttempts: 1, Now: time.Now,
		Period: Period{Start: trailtest.From, End: trailtest.To}, Trails: Validation{Logs: "all"},
	}
	if change != nil {
		change(&cfg)
	}
	p, err := Plan(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	snap, err := collect.Run(context.Background(), time.Now, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]evidence.Item{}
	for id, it := range itemsOf(t, snap, awstest.Home, "cloudtrail/digest") {
		_, rest, _ := strings.Cut(id, ":trail/")
		name, _, _ := strings.Cut(rest, "@")
		out[name] = it
	}
	return out, snap
}

// countIn reads a count of an item.
func countIn(it evidence.Item, path ...string) int {
	var v any = it.Answers
	for _, k := range path {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	n, _ := strconv.Atoi(fmt.Sprint(v))
	return n
}

func seen(it evidence.Item) trailtest.Want {
	d := func(k string) int { return countIn(it, "digests", k) }
	l := func(k string) int { return countIn(it, "logs", k) }
	digests, _ := it.Answers["digests"].(map[string]any)
	w := trailtest.Want{
		Valid: d("valid"), Invalid: d("invalid"), Missing: d("missing"), NotEvaluated: d("not_evaluated"), Gaps: d("gaps"), Unlinked: d("unlinked"), Restarts: d("restarts"),
		Backfill: countIn(it, "digests", "backfill", "valid"), BadBackfill: countIn(it, "digests", "backfill", "invalid") + countIn(it, "digests", "backfill", "missing"),
		Logs: l("valid"), BadLogs: l("invalid"), MissingLogs: l("missing"), NoLogs: l("not_evaluated"), Untold: l("digests_not_valid"), Begins: digests["begins"] != nil,
	}
	if g, ok := it.Gap("digests"); ok {
		return trailtest.Want{Unlisted: g.Code}
	}
	covered := time.Duration(0)
	for _, c := range digests["covered"].([]any) {
		at := func(k string) time.Time {
			t, _ := time.Parse(time.RFC3339, c.(map[string]any)[k].(string))
			return t
		}
		covered += at("to").Sub(at("from"))
	}
	w.Hours = int(covered / time.Hour)
	return w
}

// TestDigestShapes collects every shape of a chain over HTTP, and has the real aws
// command count the same buckets.
func TestDigestShapes(t *testing.T) {
	moto := awstest.Start(t)
	b := newBucketeer(t, moto)
	all := os.Getenv("EXHIBIT_REQUIRE_MOTO") == "1" // a minute and a half; a few of them otherwise
	for i, s := range trailtest.Shapes() {
		if !all && i%5 != 0 {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			b := *b
			b.t = t
			name := fmt.Sprintf("shape-%d", i)
			written := b.trail(name)
			s.Write(written)
			b.fill(written.Objects)
			front := &trailtest.Front{Moto: moto, Keys: []*trailtest.Key{digestKey}, Refuse: s.Refuse}
			if written.Key != digestKey {
				front.Keys = append(front.Keys, written.Key)
			}
			server := httptest.NewServer(front)
			defer server.Close()
			items, snap := validated(t, server.URL, nil)
			want := s.Want
			want.Found = ""
			if got := seen(items[name]); got != want {
				t.Errorf("got  %+v\nwant %+v\n%v", got, want, items[name].Answers)
			}
			open := want.NotEvaluated+want.NoLogs > 0 || want.Unlisted != ""
			if (len(items[name].Gaps) > 0) != open {
				t.Errorf("the gaps are %v", items[name].Gaps)
			}
			if n := len(callsOf(t, snap)); n > 120 {
				t.Errorf("%d lines of calls", n)
			}
			compareCLI(t, server.URL, items[name], s)
			if _, err := b.trails.DeleteTrail(context.Background(), &cloudtrail.DeleteTrailInput{Name: &name}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

var ratio = regexp.MustCompile(`(\d+)/(\d+) (backfill digest|digest|log) files valid`)

// compareCLI runs the aws command on the same bucket and window.
func compareCLI(t *testing.T, endpoint string, it evidence.Item, s trailtest.Shape) {
	t.Helper()
	row, _ := it.Answers["DescribeTrails"].(map[string]any)
	// The command adds an hour to the end: this takes in the digest that reaches over it.
	out, refusal, _ := awstest.Command(t, endpoint, awstest.Home, "cloudtrail", "validate-logs", "--trail-arn", row["TrailARN"].(string),
		"--start-time", trailtest.From.Format(time.RFC3339), "--end-time", trailtest.To.Add(-30*time.Minute).Format(time.RFC3339), "--verbose")
	var digests, logs [2]int
	for _, m := range ratio.FindAllStringSubmatch(out+refusal, -1) {
		good, _ := strconv.Atoi(m[1])
		all, _ := strconv.Atoi(m[2])
		switch m[3] {
		case "log":
			logs = [2]int{good, all - good}
		default:
			digests[0] += good
			digests[1] += all - good
		}
	}
	want := [4]int{s.Want.Valid + s.Want.Backfill, s.Want.Invalid + s.Want.Missing + s.Want.BadBackfill, s.Want.Logs, s.Want.BadLogs + s.Want.MissingLogs}
	if s.CLI != nil {
		want = *s.CLI
	}
	if got := [4]int{digests[0], digests[1], logs[0], logs[1]}; got != want && !s.Silent {
		t.Errorf("aws counts %v, want %v\n%s%s", got, want, tail(out), tail(refusal))
	}
}

func tail(s string) string { return s[max(0, len(s)-1500):] }
