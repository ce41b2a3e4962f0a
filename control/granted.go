package control

import (
	"fmt"
	"slices"
	"strings"
)

// permits reports whether a statement allows an action, on whatever it is about.
func permits(s map[string]any, action string) bool {
	return s["Effect"] == "Allow" && namesAction(s, action)
}

// accounts lists the AWS accounts a statement's principals belong to, as 12 digits
// where they say; * is everybody. Services and federated identities are of no account.
func accounts(s map[string]any) ([]any, error) {
	if _, but := s["NotPrincipal"]; but || s["Principal"] == "*" {
		return []any{"*"}, nil
	}
	principal := fieldsOf(s["Principal"])
	if !slices.ContainsFunc([]string{"AWS", "Service", "Federated", "CanonicalUser"}, func(kind string) bool { return principal[kind] != nil }) {
		return nil, fmt.Errorf("reading a principal: %v is none", s["Principal"])
	}
	names, err := stringList(principal["AWS"])
	if err != nil {
		return nil, fmt.Errorf("reading a principal: %w", err)
	}
	out := []any{}
	for _, n := range names {
		name := n.(string)
		if parts := strings.Split(name, ":"); len(parts) > 5 && parts[0] == "arn" {
			name = parts[4]
		}
		out = append(out, name)
	}
	return out, nil
}

// granted lists the statements that allow something in what
// iam:GetAccountAuthorizationDetails says of a policy (of its default version) or
// of a user, group or role (of the policies written into it), in the form of
// statements(), each with the policy's name as Policy. IAM leaves the list out of
// one into which no policy is written.
func granted(details any) (any, error) {
	documents, cause, err := policyDocuments(fieldsOf(details))
	if err != nil || cause != "" {
		return unanswered{cause}, err
	}
	out := []any{}
	for _, d := range documents {
		for _, s := range d.statements {
			if s["Effect"] == "Allow" {
				s["Policy"] = d.policy
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// A policyDocument is one policy with its statements.
type policyDocument struct {
	policy     string
	statements []map[string]any
}

// policyDocuments reads the policy documents granted is about. cause names what IAM
// did not say.
func policyDocuments(details map[string]any) (out []policyDocument, cause string, err error) {
	arn, _ := details["Arn"].(string)
	if arn == "" {
		return nil, "the ARN", nil
	}
	read := func(policy string, holder map[string]any, key string) {
		doc, ok := holder[key]
		if !ok || doc == nil {
			cause = "the document of " + policy
			return
		}
		list, failed := statements(doc)
		if failed != nil {
			err = failed
		}
		d := policyDocument{policy: policy}
		for _, s := range list {
			d.statements = append(d.statements, s.(map[string]any))
		}
		out = append(out, d)
	}
	if strings.Contains(arn, ":policy/") {
		versions, _ := details["PolicyVersionList"].([]any)
		i := slices.IndexFunc(versions, func(v any) bool { return fieldsOf(v)["IsDefaultVersion"] == true })
		if i < 0 {
			return nil, "the policy's default version", nil
		}
		read(arn[strings.LastIndexByte(arn, '/')+1:], fieldsOf(versions[i]), "Document")
		return out, cause, err
	}
	for _, key := range []string{"UserPolicyList", "GroupPolicyList", "RolePolicyList"} {
		list, there := details[key]
		inline, ok := list.([]any)
		if there && !ok {
			return nil, key, nil
		}
		for _, p := range inline {
			name, _ := fieldsOf(p)["PolicyName"].(string)
			read(name, fieldsOf(p), "PolicyDocument")
		}
	}
	return out, cause, err
}
