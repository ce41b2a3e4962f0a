package control

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// An outsider is a principal of another account, or an identity provider, that a
// policy lets in.
type outsider struct {
	name    string // as the policy names it
	account string // 12 digits; "" for an identity provider or one that names no account
	by      string // what lets it in: "AssumeRolePolicyDocument", "GetBucketPolicy"
}

var accountForm = regexp.MustCompile(`^[0-9]{12}$`)

// conditionsOnAccount narrow a statement for everybody down to accounts.
func conditionsOnAccount() []string {
	return []string{"aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "kms:calleraccount"}
}

// outsiders are whom the policies within an answer let in, but for services of
// AWS, own accounts and everybody ("*"), which the checks on public access are
// about. unclear says that a principal could not be read.
func outsiders(by string, answer any, own map[string]bool) (out []outsider, unclear string) {
	switch v := answer.(type) {
	case []any:
		for _, e := range v {
			more, why := outsiders(by, e, own)
			out, unclear = append(out, more...), first(unclear, why)
		}
	case map[string]any:
		_, effect := v["Effect"]
		if _, principal := v["Principal"]; effect && principal {
			return statementOutsiders(by, v, own)
		}
		for _, k := range sortedKeys(v) {
			if k == "InstanceProfileList" { // the same role again
				continue
			}
			where := by
			if k == "AssumeRolePolicyDocument" {
				where = k
			}
			more, why := outsiders(where, v[k], own)
			out, unclear = append(out, more...), first(unclear, why)
		}
	case string:
		if strings.HasPrefix(v, "{") && strings.Contains(v, `"Principal"`) { // a policy as text, as some services send it
			doc, err := policyText(v)
			if err != nil {
				return nil, by + " holds a policy that cannot be read"
			}
			return outsiders(by, doc, own)
		}
	case unanswered:
		unclear = notAnswered(v.Cause)
	}
	return out, unclear
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func statementOutsiders(by string, s map[string]any, own map[string]bool) (out []outsider, unclear string) {
	if s["Effect"] == "Deny" {
		return nil, ""
	}
	if _, not := s["Effect"].(unanswered); not {
		return nil, by + ": whether a statement allows is not known"
	}
	if s["Principal"] == "*" || everybody(s["Principal"]) {
		for _, operator := range fieldsOf(s["Condition"]) {
			for key, v := range fieldsOf(operator) {
				if list, err := stringList(v); err == nil && slices.Contains(conditionsOnAccount(), strings.ToLower(key)) {
					for _, a := range list {
						out = add(out, outsider{a.(string), a.(string), by}, own)
					}
				}
			}
		}
		slices.SortFunc(out, func(a, b outsider) int { return strings.Compare(a.name, b.name) })
		return out, ""
	}
	principal, ok := s["Principal"].(map[string]any)
	if !ok {
		return nil, by + ": a principal cannot be read"
	}
	for _, kind := range sortedKeys(principal) {
		names, err := stringList(principal[kind])
		if err != nil {
			return nil, by + ": a principal cannot be read"
		}
		for _, n := range names {
			name := n.(string)
			switch {
			case kind == "Service" || name == "*":
			case kind == "Federated":
				if host := providerOf(name); host != "" {
					out = append(out, outsider{name: host, by: by})
				}
			case kind == "CanonicalUser":
				unclear = first(unclear, fmt.Sprintf("%s: whose the canonical user %s… is AWS does not say", by, name[:min(8, len(name))]))
			default:
				account := name
				if parts := strings.Split(name, ":"); len(parts) > 5 && parts[0] == "arn" {
					account = parts[4]
				}
				switch {
				case accountForm.MatchString(account):
					out = add(out, outsider{name, account, by}, own)
				case strings.HasPrefix(name, "AIDA"), strings.HasPrefix(name, "AROA"):
					unclear = first(unclear, fmt.Sprintf("%s: %s is the id of a user or role that was deleted; which account it was of AWS does not say", by, name))
				default:
					out = append(out, outsider{name: name, by: by})
				}
			}
		}
	}
	return out, unclear
}

func add(out []outsider, o outsider, own map[string]bool) []outsider {
	if !own[o.account] {
		out = append(out, o)
	}
	return out
}

// everybody reports a principal such as {"AWS": "*"} or {"AWS": ["*"]}.
func everybody(principal any) bool {
	names, err := stringList(fieldsOf(principal)["AWS"])
	return err == nil && slices.Contains(names, any("*"))
}

// providerOf is how a vendor's entry names an identity provider: the host of an
// OpenID Connect provider, the name of a SAML provider; "" for AWS's own.
func providerOf(name string) string {
	if _, rest, ok := strings.Cut(name, ":oidc-provider/"); ok {
		name = rest
	}
	if _, rest, ok := strings.Cut(name, ":saml-provider/"); ok {
		if strings.HasPrefix(rest, "AWSSSO_") { // Identity Center's own
			return ""
		}
		return rest
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(name), "https://"), "/")
	if host == "amazonaws.com" || strings.HasSuffix(host, ".amazonaws.com") {
		return ""
	}
	return host
}
