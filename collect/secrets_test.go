package collect

import (
	"strings"
	"testing"
)

// TestSuspect keeps the quick look from letting pass a field that may hold nothing,
// and from stopping at an ordinary item.
func TestSuspect(t *testing.T) {
	for f := range secretFields {
		if !suspect([]byte(`{"GetX":{"` + f + `":"v"},"id":"x"}`)) {
			t.Errorf("the field %s is not seen", f)
		}
	}
	if suspect([]byte(`{"ListKeys":{"KeyId":"0"},"id":"arn:aws:kms:eu-west-1:111122223333:key/0"}`)) {
		t.Error("an ordinary item is suspect: the quick look saves nothing")
	}
}

// TestSecretsNamed names the file, the item and the field, never the value.
func TestSecretsNamed(t *testing.T) {
	token := "ghp_" + strings.Repeat("a1B2", 9)
	for _, tt := range []struct{ line, want string }{
		{`{"GetX":{"Env":[{"v":"` + token + `"}]},"id":"i"}`, `item "i": GetX.Env[0].v holds a GitHub token`},
		{`{"GetX":{"SecretString":"x"},"id":"i"}`, `item "i": GetX.SecretString holds what that field always holds`},
		{`{"GetX":{"` + token + `":"x"},"id":"i"}`, `item "i": GetX holds a GitHub token`},
		{`{"GetX":null,"gaps":[{"code":"C","message":"` + token + `","question":"Q"}],"id":"i"}`, `the message of gap Q holds a GitHub token`},
		{`{"GetX":{"SecretString":"redacted:hmac-sha256:0"},"id":"i"}`, ""},
	} {
		err := Secrets("evidence/x.jsonl", []byte(tt.line+"\n"))
		switch {
		case tt.want == "" && err != nil, tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), token)):
			t.Errorf("%s: %v", tt.line, err)
		}
	}
}
