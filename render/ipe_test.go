package render

import (
	"strings"
	"testing"

	"exhibit/evidence"
)

func TestKebab(t *testing.T) {
	for in, want := range map[string]string{
		"ListKeys": "list-keys", "ListMFADevices": "list-mfa-devices", "GetEbsEncryptionByDefault": "get-ebs-encryption-by-default", "DescribeDBInstances": "describe-db-instances",
		"ListWebACLs": "list-web-acls", "GetWebACL": "get-web-acl", "ListResourcesForWebACL": "list-resources-for-web-acl", "ListFindingsV2": "list-findings-v2", "DescribeVpcs": "describe-vpcs",
		"includeShadowTrails": "include-shadow-trails", "DescribeSSLPolicies": "describe-ssl-policies", "GetEbsDefaultKmsKeyId": "get-ebs-default-kms-key-id",
	} {
		if got := kebab(in); got != want {
			t.Errorf("kebab(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestRecount(t *testing.T) {
	calls := []evidence.Call{
		{Service: "CloudTrail", Operation: "DescribeTrails", Region: "eu-west-1", Page: 1, Params: map[string]any{"IncludeShadowTrails": true, "MaxResults": 5}},
		{Service: "CloudTrail", Operation: "DescribeTrails", Region: "eu-west-1", Page: 2},
		{Service: "CloudTrail", Operation: "GetTrailStatus", Region: "eu-west-1", Page: 1},
	}
	if got := strings.Join(recount(calls), "\n"); got != "aws cloudtrail describe-trails --include-shadow-trails --region eu-west-1" {
		t.Errorf("got %s", got)
	}
	calls = []evidence.Call{{Service: "S3", Operation: "ListBuckets", Region: "global", Page: 1, Params: map[string]any{"Prefix": "a'b; rm -rf $(x)", "Off": false}}}
	if got := strings.Join(recount(calls), "\n"); got != `aws s3api list-buckets --no-off --prefix 'a'\''b; rm -rf $(x)'` {
		t.Errorf("got %s", got)
	}
}

// What git and GitHub list is counted with their own commands.
func TestRecountChanges(t *testing.T) {
	for want, c := range map[string]evidence.Call{
		"git -C shop rev-list --first-parent --count e462":   {Service: "git", Operation: "log", Region: "shop", Page: 1, Params: map[string]any{"path": "../shop", "tip": "e462"}},
		"git -C shop for-each-ref refs/heads refs/tags":      {Service: "git", Operation: "for-each-ref", Region: "shop", Page: 1, Params: map[string]any{"url": "https://forge.example/shop"}},
		"gh api --paginate repos/example/shop/collaborators": {Service: "github", Operation: "collaborators", Region: "shop", Page: 1, Params: map[string]any{"owner": "example", "name": "shop"}},
		"gh pr list --repo example/shop --base main --state merged --limit 10000 --search merged:2026-01-01..2026-03-31 --json number,mergedAt": {Service: "github", Operation: "pullRequests", Region: "shop", Page: 1,
			Params: map[string]any{"owner": "example", "name": "shop", "base": "main", "from": "2026-01-01", "until": "2026-03-31"}},
	} {
		if got := strings.Join(recount([]evidence.Call{c}), "\n"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// What is counted is the listing, not the call that came first.
func TestListingCalls(t *testing.T) {
	calls := []evidence.Call{
		{Service: "iam", Operation: "GenerateCredentialReport", Page: 1, Count: 1, Status: 200, Region: "global"},
		{Service: "iam", Operation: "GetCredentialReport", Page: 1, Count: 9, Status: 200, Region: "global", Listing: true},
	}
	rows := listed(calls)
	if len(rows) != 1 || rows[0].String() != "9 in GetCredentialReport" {
		t.Errorf("listed: %v", rows)
	}
	if got := recount(calls); len(got) != 1 || !strings.Contains(got[0], "get-credential-report") {
		t.Errorf("recount: %q", got)
	}
	for i := range calls { // a run from before the calls were marked
		calls[i].Listing = false
	}
	if got := recount(calls); len(got) != 1 || !strings.Contains(got[0], "generate-credential-report") {
		t.Errorf("recount without marks: %q", got)
	}
}

func TestRedactionsOfABox(t *testing.T) {
	run := evidence.Run{Redactions: map[string]int{"ec2:DescribeX.UserData": 2, "ecs:DescribeY[].value": 1, "git/change: a credential in a message": 1}}
	for _, c := range []struct {
		ops  []string
		want int
	}{{nil, 3}, {[]string{"ec2:DescribeX"}, 2}, {[]string{}, 1}, {[]string{"ec2:DescribeXs"}, 1}} {
		if got := redactions(run, c.ops); len(got) != c.want {
			t.Errorf("%q: %v", c.ops, got)
		}
	}
}
