package collect

import (
	"strings"
	"testing"
)

// The quick look over a file must never let pass what the patterns would find:
// each pattern has an example here, and each example a mark.
func TestEverySecretIsMarked(t *testing.T) {
	long := strings.Repeat("a1B2c3D4", 12)
	examples := map[string]string{
		"a private key":                          "-----BEGIN OPENSSH PRIVATE KEY-----",
		"an AWS secret access key beside its id": "ASIAIOSFODNN7EXAMPLE " + long[:40] + " ",
		"a GitHub token":                         "github_pat_" + long[:64],
		"a GitLab token":                         "glpat-" + long[:20],
		"a Slack token":                          "xoxb-" + long[:20],
		"a Slack webhook":                        "https://hooks.slack.com/services/T0A/B0B/" + long[:24],
		"a Google API key":                       "AIza" + long[:35],
		"a Stripe key":                           "sk_live_" + long[:24],
		"an npm token":                           "npm_" + long[:36],
		"a SendGrid key":                         "SG." + long[:22] + "." + long[:43],
		"a presigned AWS request":                "https://x/?X-Amz-Signature=" + strings.Repeat("0a", 32),
	}
	for _, s := range secrets {
		e, ok := examples[s.name]
		if !ok || !s.re.MatchString(e) {
			t.Errorf("%s: no example that the pattern finds", s.name)
		}
		if !marked([]byte(e)) {
			t.Errorf("%s: the example has no mark", s.name)
		}
	}
	for _, kind := range []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_"} {
		if e := kind + long[:40]; !secrets[2].re.MatchString(e) || !marked([]byte(e)) {
			t.Errorf("%s is not found or not marked", kind)
		}
	}
	for f := range secretFields {
		if !marked([]byte(f)) {
			t.Errorf("the field %s has no mark", f)
		}
	}
	if marked([]byte(`{"ListKeys":{"KeyId":"0"},"id":"arn:aws:kms:eu-west-1:111122223333:key/0"}`)) {
		t.Error("an ordinary item is marked: the quick look saves nothing")
	}
}
