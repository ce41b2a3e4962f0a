package collect

import (
	"bytes"
	"fmt"
	"sort"
	"strings"

	"exhibit/evidence"
	"exhibit/internal/secret"
)

// secretFields may not hold any value, in any answer.
var secretFields = map[string]bool{
	"SecretAccessKey": true, "SessionToken": true, "SecretString": true, "SecretBinary": true, "PrivateKey": true,
	"KeyMaterial": true, "Base32StringSeed": true, "QRCodePNG": true,
}

// suspect is the quick look: whether a file, or a line of one, need be read field
// by field. Canonical JSON escapes no letter or digit, so a credential and the name
// of a field stand there as they are.
func suspect(b []byte) bool {
	for f := range secretFields {
		if bytes.Contains(b, []byte(f)) {
			return true
		}
	}
	return secret.In(b) != nil
}

// Secrets is the gate before anything is written: it refuses a file that holds a
// credential, naming file, item and field but never the value.
func Secrets(path string, file []byte) error {
	if !suspect(file) {
		return nil
	}
	for line := range bytes.Lines(file) {
		if !suspect(line) {
			continue
		}
		if err := secretLine(path, line); err != nil {
			return err
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
	if f := secret.In([]byte(s)); f != nil {
		return f.What
	}
	return ""
}
