package control

import (
	"net/netip"
	"reflect"
	"slices"
	"strings"
)

// allowsAnyone reports whether a statement of a resource's policy allows
// something to everyone: to the principal "*", or to all but those it names,
// without a condition that binds callers to an account, an organization, a
// network or a resource by a value that is fixed.
//
// The keys and what counts as fixed follow "The meaning of public" in the guide
// to S3, which AWS applies to the policies of other services too. A condition
// this function does not know binds nobody.
func allowsAnyone(s map[string]any) bool {
	_, but := s["NotPrincipal"]
	if s["Effect"] != "Allow" || !but && !everyone(s["Principal"]) {
		return false
	}
	for operator, keys := range fieldsOf(s["Condition"]) {
		for key, values := range fieldsOf(keys) {
			if binds(operator, key, values) {
				return false
			}
		}
	}
	return true
}

// bindingKeys say where a call comes from, in small letters.
var bindingKeys = []string{
	"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount", "aws:sourcearn", "aws:sourceip",
	"aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce", "aws:userid", "kms:calleraccount",
}

// binds reports whether one condition leaves out the public. IfExists does not: it
// lets a call pass that lacks the key; nor does ForAllValues, for the same reason.
func binds(operator, key string, values any) bool {
	operator = strings.ToLower(strings.TrimPrefix(operator, "ForAnyValue:"))
	equals := slices.Contains([]string{"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"}, operator)
	list, err := stringList(values)
	if !equals || err != nil || len(list) == 0 || !slices.Contains(bindingKeys, strings.ToLower(key)) {
		return false
	}
	return !slices.ContainsFunc(list, func(v any) bool { return !fixed(v.(string)) })
}

// fixed reports whether a value names something of somebody: it has no wildcard,
// or none in the account of an ARN, or none before the first part of an
// organization's path or of a role's session; or it is a range of addresses that
// is not nearly all of them.
func fixed(value string) bool {
	if r, err := netip.ParsePrefix(value); err == nil {
		return r.Bits() >= 8
	}
	wild := strings.IndexAny(value, "*?$")
	if wild < 0 {
		return true
	}
	if parts := strings.Split(value, ":"); parts[0] == "arn" {
		return len(parts) > 5 && parts[4] != "" && !strings.ContainsAny(parts[4], "*?$")
	}
	return wild > 0 && strings.ContainsAny(value[:wild], "/:") // o-a1b2c3/*, AROAEXAMPLE:*
}

// distinct keeps of a list the first of every value.
func distinct(list []any) []any {
	out := []any{}
	for _, v := range list {
		if !slices.ContainsFunc(out, func(have any) bool { return reflect.DeepEqual(have, v) }) {
			out = append(out, v)
		}
	}
	return out
}
