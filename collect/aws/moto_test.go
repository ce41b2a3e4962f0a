package aws

import (
	"context"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"exhibit/collect"
	"exhibit/evidence"
	"exhibit/internal/awstest"
)

// planted collects the planted account of a stand-in.
func planted(t *testing.T, endpoint string, only ...string) *evidence.Snapshot {
	t.Helper()
	p, err := Plan(context.Background(), Config{
		Static: &Static{AccessKeyID: awstest.Access, SecretAccessKey: awstest.Secret}, Endpoint: endpoint, Regions: []string{awstest.Home, awstest.Away},
		// A second attempt: on a busy machine the stand-in now and then fails at one question of a thousand, which it then answers.
		Only: only, MaxAttempts: 2, Salt: []byte("salt"), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	snap, err := collect.Run(context.Background(), time.Now, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// itemsOf reads the items of one cell.
func itemsOf(t *testing.T, s *evidence.Snapshot, region, source string) map[string]evidence.Item {
	t.Helper()
	out := map[string]evidence.Item{}
	for _, c := range s.Cells {
		if c.Region != region || c.Source != source || c.Path == "" {
			continue
		}
		items, err := evidence.ReadItems(held(t, s.Files[c.Path]))
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			out[it.ID] = it
		}
	}
	return out
}

// TestMoto collects a planted account over real HTTP and lays it beside what the
// aws command prints for the same calls.
func TestMoto(t *testing.T) {
	endpoint := awstest.Start(t)
	p := awstest.Plant(t, endpoint)
	snap := planted(t, endpoint)
	t.Run("finds what was planted", func(t *testing.T) { testPlanted(t, snap, p) })
	t.Run("gaps", func(t *testing.T) { testGaps(t, snap) })
	t.Run("same bytes", func(t *testing.T) { testSameBytes(t, snap, planted(t, endpoint)) })
	t.Run("equals the aws command", func(t *testing.T) { testCLI(t, endpoint, snap, p) })
}

func testPlanted(t *testing.T, s *evidence.Snapshot, p awstest.Planted) {
	at := func(region, source, id string, path ...string) any {
		t.Helper()
		it, ok := itemsOf(t, s, region, source)[id]
		if !ok {
			t.Errorf("%s %s has no item %q", region, source, id)
			return nil
		}
		var v any = it.Answers
		for _, k := range path {
			m, _ := v.(map[string]any)
			var has bool
			if v, has = m[k]; !has {
				t.Errorf("%s %s %s: no %v", region, source, id, path)
				return nil
			}
		}
		return v
	}
	user := func(n string) string { return "arn:aws:iam::" + awstest.Account + ":user/" + n }
	for _, tt := range []struct {
		name           string
		region, source string
		id             string
		path           []string
		want           any
	}{
		{"console without MFA", "global", "iam/credential", user(p.NoMFA), []string{"GetCredentialReport", "mfa_active"}, "false"},
		{"its password", "global", "iam/credential", user(p.NoMFA), []string{"GetCredentialReport", "password_enabled"}, "true"},
		{"console with MFA", "global", "iam/credential", user(p.MFA), []string{"GetCredentialReport", "mfa_active"}, "true"},
		{"no console", "global", "iam/mfa-device", user(p.Robot), []string{"GetLoginProfile"}, nil},
		{"the leaver's key", "global", "iam/access-key", p.LeaverKey, []string{"ListAccessKeys", "Status"}, "Active"},
		{"short passwords", "global", "iam/password-policy", awstest.Account, []string{"GetAccountPasswordPolicy", "PasswordPolicy", "MinimumPasswordLength"}, json.Number("8")},
		{"wide policy", "global", "iam/policy", p.WidePolicy, []string{"GetAccountAuthorizationDetails", "AttachmentCount"}, json.Number("1")},
		{"single region", awstest.Home, "cloudtrail/trail", p.Trail, []string{"DescribeTrails", "IsMultiRegionTrail"}, false},
		{"logging", awstest.Home, "cloudtrail/trail", p.Trail, []string{"GetTrailStatus", "IsLogging"}, true},
		{"no encryption", "global", "s3/bucket", "arn:aws:s3:::" + p.OpenBucket, []string{"GetBucketEncryption"}, nil},
		{"no block", "global", "s3/bucket", "arn:aws:s3:::" + p.OpenBucket, []string{"GetPublicAccessBlock"}, nil},
		{"a block", "global", "s3/bucket", "arn:aws:s3:::" + p.SafeBucket, []string{"GetPublicAccessBlock", "PublicAccessBlockConfiguration", "BlockPublicAcls"}, true},
		{"no account block", "global", "s3/account-public-access-block", awstest.Account, []string{"GetPublicAccessBlock"}, nil},
		{"no rotation", awstest.Home, "kms/key", p.StillKey, []string{"GetKeyRotationStatus", "KeyRotationEnabled"}, false},
		{"rotation", awstest.Home, "kms/key", p.TurningKey, []string{"GetKeyRotationStatus", "KeyRotationEnabled"}, true},
		{"a key elsewhere", awstest.Away, "kms/key", p.AwayKey, []string{"DescribeKey", "KeyMetadata", "KeyManager"}, "CUSTOMER"},
		{"open database", awstest.Home, "rds/instance", p.OpenDatabase, []string{"DescribeDBInstances", "StorageEncrypted"}, false},
		{"closed database", awstest.Home, "rds/instance", p.ClosedDatabase, []string{"DescribeDBInstances", "StorageEncrypted"}, true},
		{"detector", awstest.Home, "guardduty/detector", p.Detector, []string{"GetDetector", "Status"}, "ENABLED"},
		{"load balancer", awstest.Home, "elbv2/load-balancer", p.LoadBalancer, []string{"DescribeLoadBalancers", "Scheme"}, "internet-facing"},
	} {
		if got := at(tt.region, tt.source, tt.id, tt.path...); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %#v, want %#v", tt.name, got, tt.want)
		}
	}
	for _, g := range append(slices.Clone(p.OpenGroups), p.ClosedGroups...) {
		at(awstest.Home, "ec2/security-group", g, "DescribeSecurityGroups", "IpPermissions")
	}
	inline, _ := at("global", "iam/user", user(p.InlineUser), "GetAccountAuthorizationDetails", "UserPolicyList").([]any)
	if len(inline) != 1 || !strings.Contains(fmt.Sprint(inline[0]), "Action:*") {
		t.Errorf("the inline policy reads %v", inline)
	}
	for _, c := range s.Cells {
		if c.Region == awstest.Away && c.Source == "guardduty/detector" && c.State != evidence.Empty {
			t.Errorf("no GuardDuty in %s ends %s", awstest.Away, c.State)
		}
		if c.Region == awstest.Away && c.Source == "securityhub/hub" && c.State != evidence.NotInUse {
			t.Errorf("no Security Hub in %s ends %s: %s", awstest.Away, c.State, c.Reason)
		}
	}
	if !slices.Equal(s.Run.Endpoints, []string{callsOf(t, s)[0].Endpoint}) {
		t.Errorf("the run names the endpoints %v", s.Run.Endpoints)
	}
}

// testGaps holds that every question moto does not know is a gap, and none an answer.
func testGaps(t *testing.T, s *evidence.Snapshot) {
	gaps, refused := map[string]evidence.Gap{}, map[string]bool{}
	for _, c := range s.Cells {
		if !c.State.Answered() { // nothing of it was answered: one gap says so for all its questions
			refused[c.Source] = true
		}
		if c.Gap != nil {
			gaps[c.Source+" "+c.Gap.Question] = *c.Gap
			if c.State == evidence.Collected || c.State == evidence.Empty {
				t.Errorf("%s %s has a gap and ends %s", c.Region, c.Source, c.State)
			}
		}
		for _, it := range itemsOf(t, s, c.Region, c.Source) {
			for _, g := range it.Gaps {
				gaps[c.Source+" "+g.Question] = g
				if _, answered := it.Answers[g.Question]; answered {
					t.Errorf("%s: %s is both answered and a gap", it.ID, g.Question)
				}
			}
		}
	}
	unknown := map[string]bool{}
	for _, call := range callsOf(t, s) {
		if strings.HasPrefix(call.Code, "HTTP ") || call.Code == "Unreadable" {
			unknown[call.Source+" "+call.Operation] = true
		}
	}
	for q := range unknown {
		if source, _, _ := strings.Cut(q, " "); gaps[q] == (evidence.Gap{}) && !refused[source] {
			t.Errorf("%s was not answered and is no gap", q)
		}
	}
	want := []string{
		"access-analyzer/analyzer ListAnalyzers",
		"access-analyzer/finding ListAnalyzers",
		"account/contact GetContactInformation",
		"account/region ListRegions",
		"artifact/report ListReports",
		"backup/copy-job ListCopyJobs",
		"backup/job ListBackupJobs",
		"backup/protected-resource ListProtectedResources",
		"backup/restore-job ListRestoreJobs",
		"backup/restore-testing-plan ListRestoreTestingPlans",
		"cloudtrail/event LookupEvents",
		"cloudwatch/alarm-history DescribeAlarmHistory",
		"config/conformance-pack DescribeConformancePacks",
		"config/resource-count GetDiscoveredResourceCounts",
		"config/rule DescribeComplianceByConfigRule",
		"config/rule GetComplianceDetailsByConfigRule",
		"ec2/account-setting GetImageBlockPublicAccessState",
		"ec2/client-vpn-endpoint DescribeClientVpnEndpoints",
		"ec2/ebs-default GetEbsDefaultKmsKeyId",
		"elasticache/serverless-cache DescribeServerlessCaches",
		"guardduty/finding ListFindings",
		"guardduty/organization DescribeOrganizationConfiguration",
		"guardduty/organization ListMembers",
		"health/event DescribeEvents",
		"iam/organization-feature ListOrganizationsFeatures",
		"iam/service-last-accessed GenerateServiceLastAccessedDetails",
		"inspector2/coverage ListCoverage",
		"logs/query-definition DescribeQueryDefinitions",
		"macie2/finding ListFindings",
		"macie2/session GetAutomatedDiscoveryConfiguration",
		"ram/resource-share GetResourceShares",
		"securityhub/hub GetEnabledStandards",
		"securityhub/hub ListFindingAggregators",
		"ssm/compliance ListResourceComplianceSummaries",
		"ssm/managed-instance DescribeInstanceInformation",
		"ssm/patch-state DescribeInstanceInformation",
		"wafv2/web-acl ListResourcesForWebACL",
	}
	slices.Sort(want)
	for q, g := range gaps {
		if !slices.Contains(want, q) {
			t.Errorf("%s is a gap: %+v", q, g)
		}
	}
	if got := slices.Sorted(maps.Keys(gaps)); !slices.Equal(got, want) {
		t.Errorf("gaps are\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// testSameBytes collects the unchanged account again: the evidence is the same.
func testSameBytes(t *testing.T, a, b *evidence.Snapshot) {
	if a.Run.PlanSum != b.Run.PlanSum {
		t.Error("the plan differs")
	}
	for path := range a.Files {
		if strings.HasSuffix(path, "/athena-work-group.jsonl") { // moto dates the primary workgroup anew with each question
			continue
		}
		if one, two := held(t, a.Files[path]), held(t, b.Files[path]); still(one) != still(two) {
			t.Errorf("%s differs:\n%.1500s\n%.1500s", path, one, two)
		}
	}
	if len(a.Files) != len(b.Files) {
		t.Errorf("%d files and %d", len(a.Files), len(b.Files))
	}
}

// moving are the fields AWS itself moves on from minute to minute.
var moving = regexp.MustCompile(`"(LatestRestorableTime|LatestDeliveryTime|LatestDeliveryAttemptTime)":"[^"]*"`)

func still(file []byte) string { return moving.ReplaceAllString(string(file), `"$1":"…"`) }

// testCLI compares answers with what the aws command prints, after bringing times
// and numbers to one form.
func testCLI(t *testing.T, endpoint string, s *evidence.Snapshot, p awstest.Planted) {
	cli := func(region string, args ...string) any {
		t.Helper()
		out, refusal := awstest.CLI(t, endpoint, region, append(args, "--output", "json")...)
		if refusal != "" {
			t.Fatalf("aws %s: %s", strings.Join(args, " "), refusal)
		}
		var v any
		if err := json.Unmarshal([]byte(out), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	compare := func(what string, got, want any) {
		t.Helper()
		if g, w := form(got), form(want); !reflect.DeepEqual(g, w) {
			gj, _ := json.Marshal(g)
			wj, _ := json.Marshal(w)
			t.Errorf("%s: we say\n%s\naws says\n%s", what, gj, wj)
		}
	}
	// listing compares a whole listing: every row, and no more rows than rows.
	listing := func(region, source, operation, list, id string, args ...string) {
		t.Helper()
		cliRegion := region
		if region == "global" {
			cliRegion = awstest.Home
		}
		rows, _ := cli(cliRegion, args...).(map[string]any)[list].([]any)
		items := itemsOf(t, s, region, source)
		if len(rows) == 0 || len(rows) != len(items) {
			t.Errorf("%s: %d items, aws lists %d", source, len(items), len(rows))
		}
		for _, r := range rows {
			key, _ := r.(map[string]any)[id].(string)
			compare(source+" "+key, items[key].Answers[operation], r)
		}
	}
	one := func(region, source, id, operation string, args ...string) {
		t.Helper()
		cliRegion := region
		if region == "global" {
			cliRegion = awstest.Home
		}
		compare(source+" "+operation, itemsOf(t, s, region, source)[id].Answers[operation], cli(cliRegion, args...))
	}
	absent := func(source, id, operation, code, region string, args ...string) {
		t.Helper()
		_, refusal := awstest.CLI(t, endpoint, region, args...)
		v, ok := itemsOf(t, s, "global", source)[id].Answers[operation]
		if !strings.Contains(refusal, code) || v != nil || !ok {
			t.Errorf("%s: we say %v (%v), aws says %s", source, v, ok, refusal)
		}
	}

	content, _ := cli(awstest.Home, "iam", "get-credential-report").(map[string]any)["Content"].(string)
	report, err := base64.StdEncoding.DecodeString(content)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(report))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	users := itemsOf(t, s, "global", "iam/credential")
	if len(rows)-1 != len(users) {
		t.Errorf("the report has %d rows, we have %d", len(rows)-1, len(users))
	}
	for _, row := range rows[1:] {
		said, _ := users[row[1]].Answers["GetCredentialReport"].(map[string]any)
		for i, name := range rows[0] {
			if said[name] != row[i] {
				t.Errorf("%s %s: we say %v, aws says %q", row[0], name, said[name], row[i])
			}
		}
	}
	one("global", "iam/password-policy", awstest.Account, "GetAccountPasswordPolicy", "iam", "get-account-password-policy")
	one("global", "iam/account-summary", awstest.Account, "GetAccountSummary", "iam", "get-account-summary")
	listing("global", "iam/user", "GetAccountAuthorizationDetails", "UserDetailList", "Arn", "iam", "get-account-authorization-details", "--filter", "User")
	listing(awstest.Home, "cloudtrail/trail", "DescribeTrails", "trailList", "TrailARN", "cloudtrail", "describe-trails", "--include-shadow-trails")
	one(awstest.Home, "cloudtrail/trail", p.Trail, "GetTrailStatus", "cloudtrail", "get-trail-status", "--name", p.Trail)
	one(awstest.Home, "cloudtrail/trail", p.Trail, "GetEventSelectors", "cloudtrail", "get-event-selectors", "--trail-name", p.Trail)
	compare("guardduty", slices.Sorted(maps.Keys(itemsOf(t, s, awstest.Home, "guardduty/detector"))), cli(awstest.Home, "guardduty", "list-detectors").(map[string]any)["DetectorIds"])
	one(awstest.Home, "guardduty/detector", p.Detector, "GetDetector", "guardduty", "get-detector", "--detector-id", p.Detector)
	listing(awstest.Home, "ec2/security-group", "DescribeSecurityGroups", "SecurityGroups", "GroupId", "ec2", "describe-security-groups")
	listing(awstest.Home, "ec2/vpc", "DescribeVpcs", "Vpcs", "VpcId", "ec2", "describe-vpcs")
	listing(awstest.Home, "kms/key", "ListKeys", "Keys", "KeyArn", "kms", "list-keys")
	listing(awstest.Home, "kms/alias", "ListAliases", "Aliases", "AliasArn", "kms", "list-aliases")
	for _, key := range []string{p.StillKey, p.TurningKey} {
		one(awstest.Home, "kms/key-policy", key, "ListGrants", "kms", "list-grants", "--key-id", key)
		one(awstest.Home, "kms/key", key, "DescribeKey", "kms", "describe-key", "--key-id", key)
		one(awstest.Home, "kms/key", key, "GetKeyRotationStatus", "kms", "get-key-rotation-status", "--key-id", key)
	}
	absent("s3/account-public-access-block", awstest.Account, "GetPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration", awstest.Home, "s3control", "get-public-access-block", "--account-id", awstest.Account)
	absent("s3/bucket", "arn:aws:s3:::"+p.OpenBucket, "GetBucketEncryption", "ServerSideEncryptionConfigurationNotFoundError", awstest.Home, "s3api", "get-bucket-encryption", "--bucket", p.OpenBucket)
	absent("s3/bucket", "arn:aws:s3:::"+p.OpenBucket, "GetBucketLifecycleConfiguration", "NoSuchLifecycleConfiguration", awstest.Home, "s3api", "get-bucket-lifecycle-configuration", "--bucket", p.OpenBucket)
	absent("s3/bucket", "arn:aws:s3:::"+p.OpenBucket, "GetBucketTagging", "NoSuchTagSet", awstest.Home, "s3api", "get-bucket-tagging", "--bucket", p.OpenBucket)
	one("global", "s3/bucket", "arn:aws:s3:::"+p.SafeBucket, "GetBucketEncryption", "s3api", "get-bucket-encryption", "--bucket", p.SafeBucket)
	one("global", "s3/bucket", "arn:aws:s3:::"+p.SafeBucket, "GetPublicAccessBlock", "s3api", "get-public-access-block", "--bucket", p.SafeBucket)
	listing(awstest.Home, "rds/instance", "DescribeDBInstances", "DBInstances", "DBInstanceArn", "rds", "describe-db-instances")
	listing(awstest.Home, "elbv2/listener", "DescribeListeners", "Listeners", "ListenerArn", "elbv2", "describe-listeners", "--load-balancer-arn", p.LoadBalancer)
	listing(awstest.Home, "cloudwatch/alarm", "DescribeAlarms", "MetricAlarms", "AlarmArn", "cloudwatch", "describe-alarms")
	listing(awstest.Home, "config/rule", "DescribeConfigRules", "ConfigRules", "ConfigRuleArn", "configservice", "describe-config-rules")
}

// form brings a value to one form: times to milliseconds of UTC, numbers to
// float64, and no nulls.
func form(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			if f := form(x); f != nil && !moving.MatchString(fmt.Sprintf(`"%s":"%v"`, k, x)) {
				out[k] = f
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = form(x)
		}
		return out
	case []string:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = x
		}
		return out
	case json.Number:
		f, err := v.Float64()
		if err != nil {
			return string(v)
		}
		return f
	case string:
		if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return at.UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano)
		}
	}
	return v
}
