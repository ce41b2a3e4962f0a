package aws

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"exhibit/collect"
	"exhibit/evidence"
)

// redactions are the fields withheld before anything is written: personal data a
// check never needs, and addresses that open a document to whoever holds them.
// A rule is service:Operation.path, the path as the operation's answer holds it;
// for a listing, as its element does. name[] is every element of a list, name{}
// every value of a map, whose keys stay. An ARN stays too: it is a name.
var redactions = []string{
	"identitystore:ListUsers.Emails[].Value",
	"identitystore:ListUsers.PhoneNumbers[].Value",
	"identitystore:ListUsers.Addresses[].StreetAddress",
	"identitystore:ListUsers.Addresses[].Formatted",
	"identitystore:ListUsers.Birthdate",
	"iam:ListVirtualMFADevices.Base32StringSeed", // AWS does not send these two; a stand-in does
	"iam:ListVirtualMFADevices.QRCodePNG",
	"ec2:DescribeLaunchTemplateVersions.LaunchTemplateData.UserData",
	"autoscaling:DescribeLaunchConfigurations.UserData",
	"ec2:DescribeVpnConnections.CustomerGatewayConfiguration", // holds the tunnels' keys
	"ec2:DescribeVpnConnections.Options.TunnelOptions[].PreSharedKey",
}

// redact withholds what the rules name in an answer and counts it by rule. What
// stands instead is a salted digest, so that two equal values can still be seen
// to be equal by whoever holds the salt; without a salt it is the bare word.
func redact(service, operation string, answer any, salt []byte, count func(rule string)) any {
	for _, rule := range redactions {
		at, path, _ := strings.Cut(rule, ".")
		if at == service+":"+operation {
			answer = withhold(answer, strings.Split(path, "."), salt, func() { count(rule) })
		}
	}
	return answer
}

func withhold(v any, path []string, salt []byte, count func()) any {
	if v == nil {
		return nil
	}
	if len(path) == 0 {
		text, ok := v.(string)
		if ok && text == "" { // nothing to withhold, and worth knowing
			return v
		}
		what := collect.SecretIn(text)
		if what == "" && strings.HasPrefix(text, "arn:") {
			return v
		}
		count()
		if what != "" {
			return digest(v, salt) + holds + what
		}
		return digest(v, salt)
	}
	name, list := strings.CutSuffix(path[0], "[]")
	name, values := strings.CutSuffix(name, "{}")
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	x, ok := m[name]
	if !ok {
		return v
	}
	if rows, ok := x.([]any); ok && list {
		for i := range rows {
			rows[i] = withhold(rows[i], path[1:], salt, count)
		}
		return v
	}
	if rows, ok := x.(map[string]any); ok && values {
		for k := range rows {
			rows[k] = withhold(rows[k], path[1:], salt, count)
		}
		return v
	}
	m[name] = withhold(x, path[1:], salt, count)
	return v
}

// holds joins the digest of a withheld text to what a scanner knows the text by,
// so that a check can still say that a credential stands where none should.
const holds = ": holds "

// digest is "redacted:hmac-sha256:" and the first 16 hexadecimal digits, or
// "redacted" without a salt: a plain hash of an address is no secret.
func digest(v any, salt []byte) string {
	if len(salt) == 0 {
		return "redacted"
	}
	var text []byte
	switch v := v.(type) {
	case string:
		text = []byte(v)
	case json.Number:
		text = []byte(v)
	default:
		b, err := evidence.Canonical(v)
		if err != nil {
			return "redacted"
		}
		text = b
	}
	h := hmac.New(sha256.New, salt)
	h.Write(text)
	return "redacted:hmac-sha256:" + hex.EncodeToString(h.Sum(nil))[:16]
}
