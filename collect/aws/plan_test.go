package aws

import (
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"exhibit/collect"
	"exhibit/collect/envoy"
	"exhibit/evidence"
)

// cloud is a stand-in that speaks the wire format of a few questions. The access
// key id says which account one is in: AKIA<account>.
type cloud struct {
	mu       sync.Mutex
	status   map[string]string // account -> ACTIVE …; nil for no organization
	deny     map[string]bool   // accounts whose role nobody may assume
	expire   int               // after so many questions to KMS the credentials have ended; 0 never
	kms      int
	identity map[string]int // account -> times asked who one is
	regions  []any
	hosts    map[string]bool
}

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hosts == nil {
		c.hosts = map[string]bool{}
	}
	c.hosts[r.Host] = true
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	_, cred, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=AKIA")
	account := cred[:min(12, len(cred))]
	op := form.Get("Action")
	if t := r.Header.Get("X-Amz-Target"); t != "" {
		op = t[strings.LastIndexByte(t, '.')+1:]
	}
	if r.URL.Path == "/listRegions" {
		op = "ListRegions"
	}
	switch op {
	case "GetCallerIdentity":
		if c.identity == nil {
			c.identity = map[string]int{}
		}
		c.identity[account]++
		fmt.Fprintf(w, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:sts::%s:assumed-role/Auditor/exhibit</Arn><UserId>AROA:%d</UserId><Account>%s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`, account, c.identity[account], account)
	case "AssumeRole":
		to := strings.Split(form.Get("RoleArn"), ":")[4]
		if c.deny[to] {
			w.WriteHeader(403)
			fmt.Fprintf(w, `<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::111122223333:user/a is not authorized to perform: sts:AssumeRole on resource: %s</Message></Error><RequestId>r</RequestId></ErrorResponse>`, form.Get("RoleArn"))
			return
		}
		fmt.Fprintf(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>AKIA%s</AccessKeyId><SecretAccessKey>temporary-secret</SecretAccessKey><SessionToken>temporary-token</SessionToken><Expiration>2126-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><Arn>a</Arn><AssumedRoleId>i</AssumedRoleId></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>`, to)
	case "DescribeOrganization":
		answers(w, 200, map[string]any{"Organization": map[string]any{"MasterAccountId": "111122223333", "Arn": "arn:o", "Id": "o-1"}})
	case "ListAccounts":
		if c.status == nil {
			answers(w, 400, map[string]any{"__type": "AccessDeniedException", "message": "You don't have permissions to access this resource."})
			return
		}
		var rows []any
		for id, s := range c.status {
			rows = append(rows, map[string]any{"Id": id, "Name": "n" + id, "Status": s})
		}
		answers(w, 200, map[string]any{"Accounts": rows})
	case "ListRegions":
		answers(w, 200, map[string]any{"Regions": c.regions})
	case "ListKeys":
		c.kms++
		if c.expire > 0 && c.kms > c.expire {
			answers(w, 400, map[string]any{"__type": "ExpiredTokenException", "message": "The security token included in the request is expired"})
			return
		}
		answers(w, 200, map[string]any{"Keys": []any{}, "Truncated": false})
	case "ListAliases":
		answers(w, 200, map[string]any{"Aliases": []any{}, "Truncated": false})
	default:
		w.WriteHeader(404)
	}
}

func region(name, status string) any {
	return map[string]any{"RegionName": name, "RegionOptStatus": status}
}

func threeRegions() []any {
	return []any{region("eu-west-1", "ENABLED_BY_DEFAULT"), region("us-east-1", "ENABLED"), region("af-south-1", "DISABLED")}
}

func start(t *testing.T, c *cloud) string {
	srv := httptest.NewServer(c)
	t.Cleanup(srv.Close)
	return srv.URL
}

func mine() *Static { return &Static{AccessKeyID: "AKIA111122223333", SecretAccessKey: "secret"} }

// callsOf are a run's calls.
func callsOf(t *testing.T, s *evidence.Snapshot) []evidence.Call {
	t.Helper()
	calls, err := evidence.ReadLines[evidence.Call](held(t, s.Calls))
	if err != nil {
		t.Fatal(err)
	}
	return calls
}

// states sums up a run: account region source state.
func states(s *evidence.Snapshot) []string {
	var out []string
	for _, c := range s.Cells {
		out = append(out, c.Account+" "+c.Region+" "+c.Source+" "+string(c.State))
	}
	return out
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// TestOrganization plans every account of an organization: one is entered by its
// role, one cannot be, one is suspended. No cell is lost.
func TestOrganization(t *testing.T) {
	c := &cloud{regions: threeRegions(), deny: map[string]bool{"333333333333": true},
		status: map[string]string{"111122223333": "ACTIVE", "222222222222": "ACTIVE", "333333333333": "ACTIVE", "444444444444": "SUSPENDED"}}
	snap := collectFrom(t, start(t, c), Config{Static: mine(), FromOrganization: true, Role: "Auditor", ExternalID: "shared", Regions: []string{"eu-west-1"}, Only: []string{"kms/key", "account/region"}})
	same(t, states(snap), []string{
		"111122223333 af-south-1 kms/key region_not_enabled",
		"111122223333 eu-west-1 kms/key empty",
		"111122223333 global account/region collected",
		"111122223333 global organizations/account collected",
		"111122223333 us-east-1 kms/key out_of_scope",
		"222222222222 af-south-1 kms/key region_not_enabled",
		"222222222222 eu-west-1 kms/key empty",
		"222222222222 global account/region collected",
		"222222222222 us-east-1 kms/key out_of_scope",
		"333333333333 eu-west-1 kms/key account_unreachable",
		"333333333333 global account/region account_unreachable",
		"333333333333 global organizations/account account_unreachable",
		"444444444444 eu-west-1 kms/key account_suspended",
		"444444444444 global account/region account_suspended",
		"444444444444 global organizations/account account_suspended",
	})
	for _, caller := range snap.Run.Callers {
		switch caller.Account {
		case "333333333333":
			if caller.Reachable || !strings.Contains(caller.Reason, "sts:AssumeRole") {
				t.Errorf("%+v", caller)
			}
		default:
			if !caller.Reachable || caller.ARN == "" || caller.ARN != caller.ARNAfter {
				t.Errorf("%+v", caller)
			}
		}
	}
	assumed := 0
	for _, call := range callsOf(t, snap) {
		b, err := evidence.Canonical(call)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), "temporary") || strings.Contains(string(b), "shared") {
			t.Errorf("a call keeps what is secret: %s", b)
		}
		if call.Operation == "AssumeRole" {
			assumed++
			if call.BodySum != "" {
				t.Error("the hash of a body that holds credentials is kept")
			}
		}
	}
	if assumed != 2 {
		t.Errorf("%d calls of AssumeRole are on record, want 2", assumed)
	}
	if snap.Run.Complete || !slices.Equal(snap.Run.Only, []string{"kms/key", "account/region"}) {
		t.Errorf("complete %v, only %v", snap.Run.Complete, snap.Run.Only)
	}
}

// TestOrganizationRefused asks the own account and shows that the list was refused.
func TestOrganizationRefused(t *testing.T) {
	c := &cloud{regions: threeRegions()}
	snap := collectFrom(t, start(t, c), Config{Static: mine(), FromOrganization: true, Regions: []string{"eu-west-1"}, Only: []string{"kms/*"}})
	same(t, states(snap), []string{
		"111122223333 af-south-1 kms/alias region_not_enabled",
		"111122223333 af-south-1 kms/key region_not_enabled",
		"111122223333 af-south-1 kms/key-policy region_not_enabled",
		"111122223333 eu-west-1 kms/alias empty",
		"111122223333 eu-west-1 kms/key empty",
		"111122223333 eu-west-1 kms/key-policy empty",
		"111122223333 global organizations/account denied_identity",
		"111122223333 us-east-1 kms/alias out_of_scope",
		"111122223333 us-east-1 kms/key out_of_scope",
		"111122223333 us-east-1 kms/key-policy out_of_scope",
		"unknown eu-west-1 kms/alias account_unreachable",
		"unknown eu-west-1 kms/key account_unreachable",
		"unknown eu-west-1 kms/key-policy account_unreachable",
		"unknown global organizations/account account_unreachable",
	})
}

// TestNamedAccounts enters by role, and refuses credentials of another account.
func TestNamedAccounts(t *testing.T) {
	c := &cloud{regions: threeRegions()}
	snap := collectFrom(t, start(t, c), Config{Static: mine(), Only: []string{"kms/key"}, Regions: []string{"eu-west-1", "eu-wset-1"},
		Accounts:   []Account{{ID: "222222222222", Role: "arn:aws:iam::*:role/Auditor"}, {ID: "555555555555"}},
		OutOfScope: []Exclusion{{Region: "us-east-1", Reason: "nothing runs there"}}})
	same(t, states(snap), []string{
		"222222222222 af-south-1 kms/key region_not_enabled",
		"222222222222 eu-west-1 kms/key empty",
		"222222222222 eu-wset-1 kms/key error",
		"222222222222 us-east-1 kms/key out_of_scope",
		"555555555555 eu-west-1 kms/key account_unreachable",
		"555555555555 eu-wset-1 kms/key account_unreachable",
	})
	for _, cell := range snap.Cells {
		if cell.Region == "us-east-1" && cell.Reason != "nothing runs there" {
			t.Errorf("the reason is %q", cell.Reason)
		}
		if cell.Account == "555555555555" && !strings.Contains(cell.Reason, "111122223333") {
			t.Errorf("the reason does not name the account one is in: %q", cell.Reason)
		}
	}
}

// TestExpiredCredentials keeps what was told before the credentials ended.
func TestExpiredCredentials(t *testing.T) {
	c := &cloud{regions: []any{region("eu-west-1", "ENABLED"), region("eu-west-2", "ENABLED"), region("eu-west-3", "ENABLED")}, expire: 1}
	url := start(t, c)
	p, err := Plan(context.Background(), Config{Static: mine(), Only: []string{"kms/key"}, Endpoint: url, Now: fixedNow, Sleep: noSleep})
	if err != nil {
		t.Fatal(err)
	}
	p.InFlight = 1
	snap, err := collect.Run(context.Background(), fixedNow, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	same(t, states(snap), []string{
		"111122223333 eu-west-1 kms/key empty",
		"111122223333 eu-west-2 kms/key credential_expired",
		"111122223333 eu-west-3 kms/key credential_expired",
	})
	if c.kms != 2 {
		t.Errorf("KMS was asked %d times after the end", c.kms-1)
	}
}

// TestNoCredentials plans a run that says there are none.
func TestNoCredentials(t *testing.T) {
	for _, v := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"} {
		unset(t, v)
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	run := func(cfg Config) *evidence.Snapshot {
		cfg.Endpoint, cfg.Now, cfg.Sleep, cfg.Only = start(t, &cloud{}), fixedNow, noSleep, []string{"kms/key", "iam/user"}
		p, err := Plan(context.Background(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		snap, err := collect.Run(context.Background(), fixedNow, p, nil)
		if err != nil {
			t.Fatal(err)
		}
		return snap
	}
	snap := run(Config{Regions: []string{"eu-west-1"}})
	same(t, states(snap), []string{"unknown eu-west-1 kms/key account_unreachable", "unknown global iam/user account_unreachable"})
	if c := snap.Cells[0]; !strings.Contains(c.Reason, "no credentials were found") || snap.Run.Callers[0].Reachable {
		t.Errorf("%q, %+v", c.Reason, snap.Run.Callers)
	}
	snap = run(Config{Accounts: []Account{{ID: "222222222222"}}})
	if len(snap.Cells) != 1+len(defaultRegions) || snap.Cells[0].State != evidence.AccountUnreachable {
		t.Errorf("%d cells, the first %s", len(snap.Cells), snap.Cells[0].State)
	}
}

// unset takes a variable out of the environment until the test ends: the SDK tells
// an empty one from none.
func unset(t *testing.T, name string) {
	t.Setenv(name, "")
	if err := os.Unsetenv(name); err != nil {
		t.Fatal(err)
	}
}

// TestProfiles lets the SDK's own chain find the credentials: a profile that
// assumes a role from another, one for each account, and the environment's bundle
// of certificates beside it.
func TestProfiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, v := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION"} {
		unset(t, v)
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	t.Setenv("AWS_RETRY_MODE", "adaptive")
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	defer srv.Close()
	t.Setenv("AWS_CA_BUNDLE", write("bundle.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}))))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", write("credentials", "[base]\naws_access_key_id = AKIA111122223333\naws_secret_access_key = s\n"))
	t.Setenv("AWS_CONFIG_FILE", write("config", "[profile base]\n[profile audit]\nrole_arn = arn:aws:iam::222222222222:role/Auditor\nsource_profile = base\n"))
	url := start(t, &cloud{regions: []any{region("eu-west-1", "ENABLED")}})
	p, err := Plan(context.Background(), Config{Profile: "base", Endpoint: url, Now: fixedNow, Sleep: noSleep, Only: []string{"kms/key"},
		Accounts: []Account{{ID: "111122223333"}, {ID: "222222222222", Profile: "audit"}, {ID: "333333333333", Profile: "nobody"}}})
	if err != nil {
		t.Fatal(err)
	}
	snap, err := collect.Run(context.Background(), fixedNow, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range states(snap) {
		if !strings.HasPrefix(s, "333333333333") || strings.Contains(s, "eu-west-1") {
			got = append(got, s)
		}
	}
	same(t, got, []string{"111122223333 eu-west-1 kms/key empty", "222222222222 eu-west-1 kms/key empty", "333333333333 eu-west-1 kms/key account_unreachable"})
	if r := snap.Run.Callers[2].Reason; !strings.Contains(r, "nobody") {
		t.Errorf("the unknown profile is not named: %q", r)
	}
}

// TestInstances leaves another account's instance of Identity Center to it only
// where it is asked in the same run.
func TestInstances(t *testing.T) {
	out := &ssoadmin.ListInstancesOutput{Instances: []types.InstanceMetadata{{OwnerAccountId: sdk.String("999999999999")}, {OwnerAccountId: sdk.String(account111)}, {}}}
	c := &call{account: account111, asked: map[string]bool{account111: true}}
	if n := len(c.instances(out)); n != 3 {
		t.Errorf("%d instances, and nobody else asks about the first", n)
	}
	c.asked["999999999999"] = true
	if n := len(c.instances(out)); n != 2 || len(out.Instances) != 3 {
		t.Errorf("%d instances are left", n)
	}
}

// TestConfig refuses what could never work and says what would.
func TestConfig(t *testing.T) {
	tests := []struct {
		cfg  Config
		want string
	}{
		{Config{Accounts: []Account{{ID: "1"}}}, `account "1": an account id has 12 digits`},
		{Config{Regions: []string{"Frankfurt"}}, `region "Frankfurt": a region looks like eu-west-1`},
		{Config{Only: []string{"kms/kye"}}, `unknown source "kms/kye"`},
		{Config{OutOfScope: []Exclusion{{Source: "kms/key"}}}, "a reason is required"},
		{Config{OutOfScope: []Exclusion{{Source: "kms/kye", Reason: "r"}}}, `unknown source "kms/kye"`},
		{Config{Static: &Static{}}, "fixed credentials are only for a stand-in"},
		{Config{}, "no clock"},
	}
	for _, tt := range tests {
		_, err := Plan(context.Background(), tt.cfg)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: got %v, want %q", tt.cfg, err, tt.want)
		}
	}
	for _, ok := range []string{"kms", "kms/*", "kms/key", "*"} {
		if !envoy.Matches(ok, "kms/key") || envoy.Matches("kms/*", "kmsx/key") || envoy.Matches("kms", "kmsx/key") {
			t.Errorf("%q does not name kms/key, or too much", ok)
		}
	}
}
