package collect

import (
	"bytes"
	"fmt"
	"regexp"
	"sort"
	"strings"

	"exhibit/evidence"
)

// A secret is a pattern that must never be written.
type secret struct {
	name string
	re   *regexp.Regexp
}

// secrets are shapes that are credentials whatever field they stand in. An
// access key id alone is an identifier and stays: auditors need it.
var secrets = []secret{
	{"a private key", regexp.MustCompile(`-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----`)},
	{"an AWS secret access key beside its id", regexp.MustCompile(`(?s)\b(?:AKIA|ASIA)[A-Z2-7]{16}\b.{0,80}?(?:^|[^A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?:$|[^A-Za-z0-9/+=])`)},
	{"a GitHub token", regexp.MustCompile(`\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})`)},
	{"a GitLab token", regexp.MustCompile(`\bglpat-[A-Za-z0-9_-]{20,}`)},
	{"a Slack token", regexp.MustCompile(`\bxox[abeoprs]-[A-Za-z0-9-]{10,}`)},
	{"a Slack webhook", regexp.MustCompile(`https://hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{20,}`)},
	{"a Google API key", regexp.MustCompile(`\bAIza[A-Za-z0-9_-]{35}\b`)},
	{"a Stripe key", regexp.MustCompile(`\b[rs]k_live_[A-Za-z0-9]{20,}`)},
	{"an npm token", regexp.MustCompile(`\bnpm_[A-Za-z0-9]{36}\b`)},
	{"a SendGrid key", regexp.MustCompile(`\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b`)},
	{"a presigned AWS request", regexp.MustCompile(`[?&]X-Amz-Signature=[0-9a-f]{64}`)},
}

// secretFields may not hold any value, in any answer.
var secretFields = map[string]bool{
	"SecretAccessKey": true, "SessionToken": true, "SecretString": true, "SecretBinary": true, "PrivateKey": true,
	"KeyMaterial": true, "Base32StringSeed": true, "QRCodePNG": true,
}

// marks are what every secret holds somewhere, and the names of secretFields: a
// file without any of them need not be read field by field. Canonical JSON
// escapes no letter or digit, so a mark stands in the file as it is written here.
var marks = [][]byte{
	[]byte("PRIVATE KEY"), []byte("AKIA"), []byte("ASIA"), []byte("ghp_"), []byte("gho_"), []byte("ghu_"), []byte("ghs_"), []byte("ghr_"),
	[]byte("github_pat_"), []byte("glpat-"), []byte("xox"), []byte("hooks.slack.com"), []byte("AIza"), []byte("k_live_"), []byte("npm_"),
	[]byte("SG."), []byte("X-Amz-Signature="), []byte("SecretAccessKey"), []byte("SessionToken"), []byte("SecretString"), []byte("SecretBinary"),
	[]byte("PrivateKey"), []byte("KeyMaterial"), []byte("Base32StringSeed"), []byte("QRCodePNG"),
}

func marked(b []byte) bool {
	for _, m := range marks {
		if bytes.Contains(b, m) {
			return true
		}
	}
	return false
}

// Secrets is the last gate before anything is written: it refuses the run when a
// file holds a credential, naming file, item and field but never the value.
func Secrets(files map[string][]byte) error {
	paths := make([]string, 0, len(files))
	for p := range files {
		paths = append(paths, p)
	}
	sort.Strings(paths)
	for _, p := range paths {
		if !marked(files[p]) {
			continue
		}
		for line := range bytes.Lines(files[p]) {
			if !marked(line) {
				continue
			}
			if err := secretLine(p, line); err != nil {
				return err
			}
		}
	}
	return nil
}

func secretLine(path string, line []byte) error {
	items, err := evidence.ReadItems(line)
	if err != nil {
		if what := secretText(string(line)); what != "" { // not an item: one text
			return fmt.Errorf("%s holds %s: nothing was written", path, what)
		}
		return nil
	}
	for _, it := range items {
		if field, what := secretIn("", it.Answers); what != "" {
			return fmt.Errorf("%s: item %q: %s holds %s: nothing was written; remove it at its source, or exclude the source %s in exhibit.yaml", path, it.ID, field, what, path)
		}
		for _, g := range it.Gaps {
			if what := secretText(g.Message); what != "" {
				return fmt.Errorf("%s: item %q: the message of gap %s holds %s: nothing was written", path, it.ID, g.Question, what)
			}
		}
	}
	return nil
}

func secretIn(path string, v any) (field, what string) {
	switch v := v.(type) {
	case string:
		return path, secretText(v)
	case []any:
		for i, e := range v {
			if f, w := secretIn(fmt.Sprintf("%s[%d]", path, i), e); w != "" {
				return f, w
			}
		}
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			p := k
			if path != "" {
				p = path + "." + k
			}
			if s, ok := v[k].(string); ok && s != "" && secretFields[k] && !strings.HasPrefix(s, "redacted") {
				return p, "what that field always holds, a credential"
			}
			if w := secretText(k); w != "" {
				return path, w
			}
			if f, w := secretIn(p, v[k]); w != "" {
				return f, w
			}
		}
	}
	return "", ""
}

// SecretIn says what credential a text holds, in words ("a private key"); "" for none known.
func SecretIn(text string) string { return secretText(text) }

func secretText(s string) string {
	for _, x := range secrets {
		if x.re.MatchString(s) {
			return x.name
		}
	}
	return ""
}
