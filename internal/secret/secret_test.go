package secret

import (
	"strings"
	"testing"
)

const long = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6a7B8c9D0e1F2g3H4i5J6k7L8m9N0"

// examples hold one credential each, made up.
var examples = map[string]string{
	"a private key":                          "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----",
	"an AWS secret access key beside its id": "AKIAIOSFODNN7EXAMPLE " + long[:40],
	"a GitHub token":                         "ghp_" + long[:36],
	"a GitLab token":                         "glpat-" + long[:20],
	"a Slack token":                          "xoxb-" + long[:20],
	"a Slack webhook":                        "https://hooks.slack.com/services/T0A/B0B/" + long[:24],
	"a Google API key":                       "AIza" + long[:35],
	"a Stripe key":                           "sk_live_" + long[:24],
	"an npm token":                           "npm_" + long[:36],
	"a SendGrid key":                         "SG." + long[:22] + "." + long[:43],
	"a presigned AWS request":                "https://x/?a=b&X-Amz-Signature=" + strings.Repeat("0a", 32),
	"a password in an address":               "postgres://app:hunter22@db.internal:5432/app",
	"a JSON web token":                       "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
	"a DigitalOcean token":                   "dop_v1_" + strings.Repeat("0a1b", 16),
	"a PyPI token":                           "pypi-" + long[:80] + long[:40],
	"a Hugging Face token":                   "hf_" + "abcdefghijABCDEFGHIJabcdefghijABCD",
}

// TestIn finds each credential alone, in a sentence, and as the value of JSON, and
// takes it away whole without a word of what surrounds it.
func TestIn(t *testing.T) {
	for what, example := range examples {
		for _, around := range [][2]string{{"", ""}, {"the value is ", " as of today"}, {`{"a":"`, `","b":"c"}`}} {
			text := around[0] + example + around[1]
			f := In([]byte(text))
			if f == nil {
				t.Errorf("%s: not found in %q", what, text)
				continue
			}
			if f.What != what {
				t.Errorf("%q is %s, want %s", text, f.What, what)
			}
			got, _ := Withhold(text)
			if !strings.HasPrefix(got, around[0]) || !strings.HasSuffix(got, around[1]) || In([]byte(got)) != nil {
				t.Errorf("%s: withheld: %q", what, got)
			}
		}
	}
}

// Whatever evidence is full of must not be taken for a credential: the run would stop.
func TestNotASecret(t *testing.T) {
	for _, text := range []string{
		"",
		"AKIAIOSFODNN7EXAMPLE",
		"arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
		`{"DescribeKey":{"KeyMetadata":{"KeyId":"1234abcd-12ab-34cd-56ef-1234567890ab"}},"token":"yes"}`,
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7xWn5j0F6i6o0b9bq8m1l2n3o4p5q6r7s8t9u0v1w2 someone",
		"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
		"https://github.com/a/b/pull/12",
		"https://example.com:8443/path",
		"postgres://${USER}:${PASSWORD}@db/app",
		"postgres://app:<password>@db/app",
		"https://bot:xxxxx@example.com/a",
		"git@github.com:a/b.git",
		"https://token@github.com/a/b",
		"password: secret",
		"Sid: Enable IAM User Permissions, Version 2012-10-17",
	} {
		if f := In([]byte(text)); f != nil {
			t.Errorf("%q is taken for %s at %d", text, f.What, f.Start)
		}
	}
}

// FuzzWithhold never loops, never panics, and leaves nothing behind that In finds.
func FuzzWithhold(f *testing.F) {
	for _, e := range examples {
		f.Add("a " + e + " b")
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, whats := Withhold(text)
		if len(whats) == 0 && got != text {
			t.Errorf("%q became %q, and nothing was found", text, got)
		}
		if f := In([]byte(got)); f != nil {
			t.Errorf("%q became %q, which holds %s", text, got, f.What)
		}
	})
}
