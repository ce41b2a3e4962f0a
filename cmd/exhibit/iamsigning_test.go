package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclparse"
)

// The collector's role alone may sign, whatever other policies say.
func TestKeyPolicy(t *testing.T) {
	const role = "arn:aws:iam::111122223333:role/exhibit-collector"
	for _, a := range keyAdmin() {
		if a == "kms:Sign" || a == "kms:CreateGrant" || strings.Contains(a, "*") {
			t.Errorf("an administrator may %s", a)
		}
	}
	if !slices.IsSorted(keyAdmin()) || !slices.Contains(keyAdmin(), "kms:PutKeyPolicy") {
		t.Error("nobody may mend the policy, or the list is not sorted")
	}
	p := policyPrinter{trusted: role, partition: "aws"}
	var b strings.Builder
	if err := p.printSigning(&b, "json"); err != nil {
		t.Fatal(err)
	}
	var policy struct {
		Statement []struct {
			Sid, Effect string
			Action      any
			Condition   map[string]map[string]string
		}
	}
	if err := json.Unmarshal([]byte(b.String()), &policy); err != nil {
		t.Fatal(err)
	}
	sign := 0
	for _, s := range policy.Statement {
		if s.Action != "kms:Sign" {
			continue
		}
		sign++
		if s.Effect == "Deny" && s.Condition["ArnNotEquals"]["aws:PrincipalArn"] != role || s.Effect == "Allow" && s.Condition["StringEquals"]["kms:MessageType"] != "RAW" {
			t.Errorf("%+v", s)
		}
	}
	if sign != 2 {
		t.Errorf("%d statements on kms:Sign", sign)
	}
	b.Reset()
	if err := p.printSigning(&b, "terraform"); err != nil {
		t.Fatal(err)
	}
	if _, problems := hclparse.NewParser().ParseHCL([]byte(b.String()), "key.tf"); problems.HasErrors() {
		t.Errorf("%v\n%s", problems, b.String())
	}
	lint := filepath.Join(filepath.Dir(os.Getenv("EXHIBIT_MOTO")), "cfn-lint")
	if _, err := os.Stat(lint); err != nil {
		t.Skip("no cfn-lint here")
	}
	b.Reset()
	if err := p.printSigning(&b, "cloudformation"); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key.json")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(lint, "--non-zero-exit-code", "error", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
