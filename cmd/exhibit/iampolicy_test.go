package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"exhibit/collect/envoy"
)

// many are grants that no single managed policy holds.
func many() []envoy.Grant {
	var actions []string
	for i := range 700 {
		actions = append(actions, fmt.Sprintf("service%03d:DescribeSomething", i))
	}
	return []envoy.Grant{{Actions: actions, Resources: []string{"*"}}, {Actions: []string{"apigateway:GET"}, Resources: []string{"arn:aws:apigateway:*::/restapis", "arn:aws:apigateway:*::/restapis/*/stages"}}}
}

// TestPolicyParts keeps every action, once, in policies that IAM takes.
func TestPolicyParts(t *testing.T) {
	for name, grants := range map[string][]envoy.Grant{"all of ours": envoy.Grants(nil), "many": many()} {
		var want, got []string
		for _, g := range grants {
			for _, a := range g.Actions {
				want = append(want, a+" on "+strings.Join(g.Resources, ","))
			}
		}
		for _, part := range policyParts(grants, "aws") {
			b, err := json.Marshal(part.Document)
			if err != nil || len(b) > policyLimit {
				t.Errorf("%s: %s has %d characters, %v", name, part.Name, len(b), err)
			}
			for _, s := range part.Document.Statement {
				on := "*"
				if list, ok := s.Resource.([]string); ok {
					on = strings.Join(list, ",")
				}
				for _, a := range s.Action {
					got = append(got, a+" on "+on)
				}
			}
		}
		if !slices.Equal(want, got) {
			t.Errorf("%s: %d actions, want %d, or another order", name, len(got), len(want))
		}
	}
}

// TestTerraform parses what is printed with Terraform's own parser and finds
// exactly the actions of the policies in it.
func TestTerraform(t *testing.T) {
	p := policyPrinter{role: "Exhibit${x}", trusted: "", externalID: "a%{b}", partition: "aws", parts: policyParts(many(), "aws")}
	text := p.terraform()
	f, problems := hclparse.NewParser().ParseHCL([]byte(text), "exhibit.tf")
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	var got []string
	for _, b := range f.Body.(*hclsyntax.Body).Blocks {
		if b.Type != "data" || b.Labels[1] == "trust" {
			continue
		}
		for _, s := range b.Body.Blocks {
			v, problems := s.Body.Attributes["actions"].Expr.Value(nil)
			if problems.HasErrors() {
				t.Fatal(problems)
			}
			for _, a := range v.AsValueSlice() {
				got = append(got, a.AsString())
			}
		}
	}
	var want []string
	for _, g := range many() {
		want = append(want, g.Actions...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d actions, want %d", len(got), len(want))
	}
	if !strings.Contains(text, `"Exhibit$${x}"`) || !strings.Contains(text, `"a%%{b}"`) {
		t.Error("a text is read as a template")
	}
}

// TestCloudFormation has cfn-lint, which comes with the stand-in's packages, read
// the templates, the one inside the StackSet too.
func TestCloudFormation(t *testing.T) {
	lint := filepath.Join(filepath.Dir(os.Getenv("EXHIBIT_MOTO")), "cfn-lint")
	if os.Getenv("EXHIBIT_MOTO") == "" {
		if os.Getenv("EXHIBIT_REQUIRE_MOTO") != "" {
			t.Fatal("EXHIBIT_MOTO is not set")
		}
		t.Skip("EXHIBIT_MOTO is not set")
	}
	for _, trusted := range []string{"", "arn:aws:iam::111122223333:role/Collector"} {
		p := policyPrinter{role: "ExhibitReader", trusted: trusted, externalID: "abc", units: "ou-abcd-11111111", partition: "aws", parts: policyParts(envoy.Grants(nil), "aws")}
		set := p.stackSet()
		member := set["Resources"].(map[string]any)["Everywhere"].(map[string]any)["Properties"].(map[string]any)["TemplateBody"].(string)
		if len(member) > 51_200 { // the most CloudFormation takes in a template's body
			t.Errorf("the member's template has %d bytes", len(member))
		}
		var whole bytes.Buffer
		if err := printJSON(&whole, set); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{"set": whole.String(), "member": member} {
			file := filepath.Join(t.TempDir(), name+".json")
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(lint, "--non-zero-exit-code", "error", "--regions", "us-east-1", "--", file).CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", name, err, out)
			}
		}
	}
}
