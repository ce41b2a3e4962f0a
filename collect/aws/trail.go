package aws

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"exhibit/collect/aws/trail"
	"exhibit/collect/envoy"
	"exhibit/evidence"
)

// trail.go is what cloudtrail/digest asks beside the files themselves: over which
// time, of which accounts, and what becomes of the report.

// settled is how long after an hour its digest may come: a day is whole when it
// has passed.
const settled = 3 * time.Hour

// bounds are the days that are validated: those of the period that are over, in
// whole days, so that a second run on the same day asks the same.
func (c *call) bounds() (b trail.Bounds, gap *evidence.Gap) {
	v, period := c.scope.Trails, c.scope.Period
	day := func(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
	b.To, b.From = day(c.now().Add(-settled)), day(period.Start)
	if period.Start.IsZero() {
		b.From = b.To.AddDate(0, 0, -90)
	}
	if !period.End.IsZero() && b.To.After(period.End) {
		b.To = day(period.End)
	}
	if v.DigestDays > 0 && b.From.Before(b.To.AddDate(0, 0, -v.DigestDays)) {
		b.From = b.To.AddDate(0, 0, -v.DigestDays)
	}
	if !b.From.Before(b.To) {
		return b, &evidence.Gap{Question: "digests", Code: "TooEarly", Message: "no whole day of the audit period is over: it begins on " + b.From.Format(time.DateOnly)}
	}
	switch v.Logs {
	case "all":
		b.LogsFrom = b.From
	case "none":
		b.LogsFrom = b.To.Add(24 * time.Hour)
	default:
		b.LogsFrom = b.To.AddDate(0, 0, -cmp.Or(v.LogDays, 7))
		if b.LogsFrom.Before(b.From) {
			b.LogsFrom = b.From
		}
	}
	b.Workers = 1
	if c.width > 1 {
		b.Workers = objectsInFlight
	}
	return b, nil
}

// chain validates what a trail signed about an account in the cell's region.
func (it *item) chain(t types.Trail, account, organization string, gap *evidence.Gap) {
	c := it.c
	it.ID = sdk.ToString(t.TrailARN) + "@" + account + "/" + c.region
	it.nameless = sdk.ToString(t.TrailARN) == ""
	b, early := c.bounds()
	if gap == nil {
		gap = early
	}
	if gap != nil {
		it.unasked(*gap)
		return
	}
	o := newObjects(c, sdk.ToString(t.HomeRegion), b)
	chain := trail.Chain{
		Bucket: sdk.ToString(t.S3BucketName), Folder: trail.Folder(sdk.ToString(t.S3KeyPrefix), organization, account, c.region),
		Trail: sdk.ToString(t.Name), Home: sdk.ToString(t.HomeRegion),
	}
	r := trail.Validate(c.ctx, trail.Store{List: o.list, Get: o.get, Key: o.key}, chain, b)
	o.record()
	if r.Unlisted != nil {
		it.unasked(evidence.Gap{Code: r.Unlisted.Code, Message: "ListObjectsV2 of s3://" + chain.Bucket + "/" + chain.Folder + ": " + r.Unlisted.Message + o.whose(chain.Bucket)})
		return
	}
	it.Answers["digests"], it.Answers["logs"] = plainJSON(r), c.logs(r.Logs)
	for _, code := range slices.Sorted(maps.Keys(r.Refused)) {
		var what []string
		for _, kind := range slices.Sorted(maps.Keys(r.Refused[code])) {
			n := r.Refused[code][kind]
			what = append(what, fmt.Sprintf("%d %s%s", n, kind, map[bool]string{true: "s"}[n != 1]))
		}
		g := evidence.Gap{Question: "GetObject", Code: code, Message: strings.Join(what, ", ") + " not evaluated: see problems" + o.whose(chain.Bucket)}
		if key, ok := strings.CutPrefix(code, trail.PublicKey); ok {
			g.Question, g.Code, g.Message = "ListPublicKeys", key, strings.Join(what, ", ")+" not evaluated for want of the public key"
		}
		it.gap(g)
	}
}

// unasked leaves both questions open.
func (it *item) unasked(g evidence.Gap) {
	for _, question := range []string{"digests", "logs"} {
		g.Question = question
		it.gap(g)
	}
}

// logs is what became of the log files, and which were to be hashed.
func (c *call) logs(l trail.Logs) any {
	m, _ := plainJSON(l).(map[string]any)
	m["which"] = cmp.Or(c.scope.Trails.Logs, "recent")
	if m["which"] == "none" {
		delete(m, "from")
		delete(m, "to")
	}
	return m
}

// plainJSON is a value as its JSON reads.
func plainJSON(v any) (out any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic("a report that is no JSON: " + err.Error())
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		panic("a report that is no JSON: " + err.Error())
	}
	return out
}

// organization is the id that stands in the keys of an organization's trail.
func (c *call) organization() (string, *evidence.Gap) {
	p := invoke(c, organizations.NewFromConfig(c.in(homeRegion(partitionOf(c.region)))).DescribeOrganization, &organizations.DescribeOrganizationInput{}, 1)
	c.record(p.call, 1, p.out != nil)
	if p.out == nil || p.out.Organization == nil {
		g := evidence.Gap{Question: "digests", Code: "Unreadable", Message: "DescribeOrganization: the answer names no organization"}
		if p.gap != nil {
			g.Code, g.Message = p.gap.Code, "DescribeOrganization: "+p.gap.Message
		}
		return "", &g
	}
	return sdk.ToString(p.out.Organization.Id), nil
}

var memberFolder = regexp.MustCompile(`/([0-9]{12})/$`)

// elsewhere are the accounts of an organization's trail whose digests lie in its
// bucket and which the run does not enter, nor leaves out.
func (c *call) elsewhere(t types.Trail, organization string) []string {
	folder, _, _ := strings.Cut(trail.Folder(sdk.ToString(t.S3KeyPrefix), organization, "", ""), organization+"/")
	folder += organization + "/"
	o := newObjects(c, sdk.ToString(t.HomeRegion), trail.Bounds{})
	r := o.reader(sdk.ToString(t.S3BucketName))
	var out []string
	turn(r.c, r.svc.ListObjectsV2, &s3.ListObjectsV2Input{Bucket: t.S3BucketName, Prefix: &folder, Delimiter: sdk.String("/")}, func(p page[s3.ListObjectsV2Output]) bool {
		if p.out == nil {
			r.c.record(p.call, 0, false)
			if p.gap != nil { // the trail's own chain says so too
				c.answer.Aside(*p.gap)
			}
			return false
		}
		r.c.record(p.call, len(p.out.CommonPrefixes), true)
		for _, f := range p.out.CommonPrefixes {
			if m := memberFolder.FindStringSubmatch(sdk.ToString(f.Prefix)); m != nil && !c.asked[m[1]] && !c.excluded(m[1]) {
				out = append(out, m[1])
			}
		}
		return true
	}, nil)
	o.record()
	return out
}

// excluded reports whether exhibit.yaml leaves an account out here.
func (c *call) excluded(account string) bool {
	return slices.ContainsFunc(c.scope.OutOfScope, func(x Exclusion) bool {
		return x.Account == account && (x.Region == "" || x.Region == c.region) && envoy.Matches(x.Source, c.service.Name)
	})
}
