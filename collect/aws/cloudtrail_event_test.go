package aws

import (
	"slices"
	"testing"
)

// IAM's events are asked for where CloudTrail records them, once; all others everywhere.
func TestSampledIn(t *testing.T) {
	home, away := sampledIn("us-east-1"), sampledIn("eu-west-1")
	if !slices.Contains(home, "DeleteLoginProfile") || slices.Contains(away, "DeleteLoginProfile") || !slices.Contains(sampledIn("cn-north-1"), "DeleteLoginProfile") {
		t.Errorf("DeleteLoginProfile is asked for in the wrong regions")
	}
	for _, name := range []string{"UpdateStack", "DeleteAccountAssignment", "DeleteUser", "StopLogging"} {
		if !slices.Contains(home, name) || !slices.Contains(away, name) {
			t.Errorf("%s is not asked for everywhere", name)
		}
	}
	slices.Sort(home)
	if n := len(home); len(slices.Compact(home)) != n {
		t.Errorf("a name is asked for twice: %v", home)
	}
}

func TestPrograms(t *testing.T) {
	for agent, want := range map[string]string{
		"aws-cli/2.17.0 md/awscrt#0.20 os/linux#6.1 (a (nested/1.0) comment) lang/python#3.11":          "aws-cli md os lang",
		"APN/1.0 HashiCorp/1.0 Terraform/1.9.2 (+https://www.terraform.io) terraform-provider-aws/5.60": "APN HashiCorp Terraform terraform-provider-aws",
		"AWS Internal": "AWS Internal",
		"[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12]": "S3Console aws-internal aws-sdk-java",
		"console.amazonaws.com":                             "console.amazonaws.com",
		"":                                                  "",
		"\x00\xff":                                          "",
		"203.0.113.9":                                       "",
	} {
		if got := programs(agent); got != want {
			t.Errorf("%q: %q, want %q", agent, got, want)
		}
	}
}

func FuzzKeepOfEvent(f *testing.F) {
	f.Add(`{"errorCode":"AccessDenied","userIdentity":{"sessionContext":[]},"requestParameters":{"userName":{"a":1}},"userAgent":7}`)
	f.Add(`{"sourceIPAddress":"a","userAgent":"((("}`)
	f.Add(`null`)
	f.Fuzz(func(t *testing.T, text string) {
		it := &item{c: &call{salt: []byte("salt")}}
		it.Answers = map[string]any{"LookupEvents": map[string]any{"CloudTrailEvent": "redacted"}}
		it.keepOfEvent(&text)
		switch kept := it.Answers["LookupEvents"].(map[string]any)["CloudTrailEvent"].(type) {
		case string:
		case map[string]any:
			if kept["withheld"] != "redacted" {
				t.Errorf("%q: the digest is gone", text)
			}
		default:
			t.Errorf("%q became %T", text, kept)
		}
	})
}
