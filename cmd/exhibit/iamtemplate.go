package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// stack is a CloudFormation template of the role and its policies.
func (p *policyPrinter) stack() map[string]any {
	resources, arns := map[string]any{}, []any{}
	for _, part := range p.parts {
		resources[part.Name] = map[string]any{"Type": "AWS::IAM::ManagedPolicy", "Properties": map[string]any{
			"Description": "What exhibit asks, and nothing else", "PolicyDocument": part.Document,
		}}
		arns = append(arns, map[string]any{"Ref": part.Name})
	}
	t := map[string]any{"AWSTemplateFormatVersion": "2010-09-09", "Description": "A role that reads the evidence exhibit collects", "Resources": resources}
	trust := p.trust("")
	if p.trusted == "" {
		t["Parameters"] = map[string]any{"Trusted": map[string]any{"Type": "String", "Description": "The account id or IAM ARN that may assume the role", "AllowedPattern": trustedOne.String()}}
		trust["Statement"].([]any)[0].(map[string]any)["Principal"] = map[string]any{"AWS": map[string]any{"Ref": "Trusted"}}
	}
	resources["Role"] = map[string]any{"Type": "AWS::IAM::Role", "Properties": map[string]any{
		"RoleName": p.role, "MaxSessionDuration": 14400, "AssumeRolePolicyDocument": trust, "ManagedPolicyArns": arns,
	}}
	t["Outputs"] = map[string]any{"Role": map[string]any{"Value": map[string]any{"Fn::GetAtt": []any{"Role", "Arn"}}}}
	return t
}

// stackSet is a template for the management account: the role in every account of
// the organizational units, accounts that join later included, and in the
// management account itself, which a StackSet leaves out.
func (p *policyPrinter) stackSet() map[string]any {
	t := p.stack()
	member := p.stack()
	member["Description"] = "A role that reads the evidence exhibit collects, in a member account"
	set := map[string]any{
		"StackSetName": "exhibit-" + strings.ToLower(strings.Map(func(r rune) rune {
			if strings.ContainsRune("+=,.@_", r) { // allowed in a role's name, not in a set's
				return '-'
			}
			return r
		}, p.role)),
		"PermissionModel": "SERVICE_MANAGED", "AutoDeployment": map[string]any{"Enabled": true, "RetainStacksOnAccountRemoval": false},
		"Capabilities": []any{"CAPABILITY_NAMED_IAM"},
		"StackInstancesGroup": []any{map[string]any{
			"DeploymentTargets": map[string]any{"OrganizationalUnitIds": split(p.units)}, "Regions": []any{map[string]any{"Ref": "AWS::Region"}},
		}},
		"OperationPreferences": map[string]any{"FailureTolerancePercentage": 20, "MaxConcurrentPercentage": 50},
	}
	if p.trusted == "" {
		set["Parameters"] = []any{map[string]any{"ParameterKey": "Trusted", "ParameterValue": map[string]any{"Ref": "Trusted"}}}
	}
	body, err := json.Marshal(member)
	if err != nil { // maps of texts
		panic(err)
	}
	set["TemplateBody"] = string(body)
	t["Description"] = "A role that reads the evidence exhibit collects, in every account of the organization"
	t["Resources"].(map[string]any)["Everywhere"] = map[string]any{"Type": "AWS::CloudFormation::StackSet", "Properties": set}
	return t
}

// terraform is the role and its policies in Terraform's language.
func (p *policyPrinter) terraform() string {
	var b strings.Builder
	b.WriteString("# A role that reads the evidence exhibit collects.\n\n")
	trusted := "var.trusted"
	if p.trusted == "" {
		b.WriteString("variable \"trusted\" {\n  type        = string\n  description = \"The account id or IAM ARN that may assume the role\"\n}\n\n")
	} else {
		trusted = hcl(p.trusted)
	}
	b.WriteString("data \"aws_iam_policy_document\" \"trust\" {\n  statement {\n    actions = [\"sts:AssumeRole\"]\n    principals {\n      type        = \"AWS\"\n      identifiers = [" + trusted + "]\n    }\n")
	if p.externalID != "" {
		b.WriteString("    condition {\n      test     = \"StringEquals\"\n      variable = \"sts:ExternalId\"\n      values   = [" + hcl(p.externalID) + "]\n    }\n")
	}
	fmt.Fprintf(&b, "  }\n}\n\nresource \"aws_iam_role\" \"exhibit\" {\n  name                 = %s\n  max_session_duration = 14400\n  assume_role_policy   = data.aws_iam_policy_document.trust.json\n}\n", hcl(p.role))
	for _, part := range p.parts {
		name := strings.ToLower(part.Name)
		fmt.Fprintf(&b, "\ndata \"aws_iam_policy_document\" %q {\n", name)
		for _, s := range part.Document.Statement {
			fmt.Fprintf(&b, "  statement {\n    sid = %s\n    actions = [\n", hcl(s.Sid))
			for _, a := range s.Action {
				fmt.Fprintf(&b, "      %s,\n", hcl(a))
			}
			b.WriteString("    ]\n    resources = [\n")
			list, ok := s.Resource.([]string)
			if !ok {
				list = []string{"*"}
			}
			for _, r := range list {
				fmt.Fprintf(&b, "      %s,\n", hcl(r))
			}
			b.WriteString("    ]\n  }\n")
		}
		fmt.Fprintf(&b, "}\n\nresource \"aws_iam_policy\" %q {\n  name        = %s\n  description = \"What exhibit asks, and nothing else\"\n  policy      = data.aws_iam_policy_document.%s.json\n}\n", name, hcl(part.Name), name)
		fmt.Fprintf(&b, "\nresource \"aws_iam_role_policy_attachment\" %q {\n  role       = aws_iam_role.exhibit.name\n  policy_arn = aws_iam_policy.%s.arn\n}\n", name, name)
	}
	b.WriteString("\noutput \"role\" {\n  value = aws_iam_role.exhibit.arn\n}\n")
	return b.String()
}

// hcl is a text in Terraform's language, with nothing of it read as a template.
func hcl(s string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(strconv.Quote(s))
}
