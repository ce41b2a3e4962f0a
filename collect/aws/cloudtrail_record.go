package aws

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"exhibit/collect"
)

// keptOfEvent are the fields of an event's own text that stay in evidence: whether
// what it tells of was refused, by what kind of identity it was asked for and on
// whose behalf, and what it was about. A name is a path; one that ends in "()" is
// kept as what the function of that name in keepOfEvent makes of it. Everything
// else, addresses and the other parameters among it, is withheld.
var keptOfEvent = []string{
	"eventVersion", "eventSource", "eventType", "errorCode", "sessionCredentialFromConsole", "sharedEventID",
	"userIdentity.type", "userIdentity.arn", "userIdentity.accountId", "userIdentity.invokedBy",
	"userIdentity.sessionContext.sessionIssuer.type", "userIdentity.sessionContext.sessionIssuer.arn",
	"userIdentity.sessionContext.attributes.mfaAuthenticated", "userIdentity.onBehalfOf.userId",
	"responseElements.ConsoleLogin", "additionalEventData.MFAUsed",
	"requestParameters.userName", "requestParameters.groupName", "requestParameters.roleName", "requestParameters.policyArn", "requestParameters.policyName",
	"requestParameters.accessKeyId", "requestParameters.status",
	"requestParameters.principalId", "requestParameters.principalType", "requestParameters.permissionSetArn", "requestParameters.targetId",
	"requestParameters.userId", "requestParameters.groupId", "requestParameters.member.memberId", "requestParameters.memberId", "requestParameters.membershipId",
	"responseElements.accountAssignmentDeletionStatus.status",
	"requestParameters.stackName", "requestParameters.changeSetName", "responseElements.stackId",
	"requestParameters.functionName", "requestParameters.service", "requestParameters.cluster", "requestParameters.dBInstanceIdentifier",
	"requestParameters.bucketName", "requestParameters.keyId", "requestParameters.name",
}

// keepOfEvent lays what is kept of an event where its withheld text stood, so that
// the answer says whether the call was refused. What cannot be read stays withheld
// whole, and then nothing is known of how it ended.
//
//   - withheld is the digest of the whole text;
//   - userAgent are the names of the programs, without versions and comments;
//   - sourceIPAddress is kept where it is a service of AWS, and else withheld.
func (it *item) keepOfEvent(text *string) {
	row, _ := it.Answers["LookupEvents"].(map[string]any)
	var told map[string]any
	if text == nil || row == nil || json.Unmarshal([]byte(*text), &told) != nil || told == nil {
		return
	}
	kept := map[string]any{"withheld": row["CloudTrailEvent"]}
	for _, path := range keptOfEvent {
		copyField(kept, told, strings.Split(path, "."))
	}
	if agent, ok := told["userAgent"].(string); ok {
		kept["userAgent"] = programs(agent)
	}
	if address, ok := told["sourceIPAddress"].(string); ok {
		if strings.HasSuffix(address, ".amazonaws.com") || address == "AWS Internal" {
			kept["sourceIPAddress"] = address
		} else {
			kept["sourceIPAddress"] = digest(address, it.c.salt)
		}
	}
	row["CloudTrailEvent"] = kept
}

// copyField copies one text or truth, and nothing that holds more or looks like a credential.
func copyField(to, from map[string]any, path []string) {
	v, ok := from[path[0]]
	if !ok {
		return
	}
	if len(path) > 1 {
		inner, ok := v.(map[string]any)
		if !ok {
			return
		}
		below, _ := to[path[0]].(map[string]any)
		if below == nil {
			below = map[string]any{}
		}
		if copyField(below, inner, path[1:]); len(below) > 0 {
			to[path[0]] = below
		}
		return
	}
	switch v := v.(type) {
	case string:
		if collect.SecretIn(v) == "" {
			to[path[0]] = v
		}
	case bool:
		to[path[0]] = v
	}
}

// product is a program in a user agent: "aws-cli/2.17.0" is aws-cli.
var product = regexp.MustCompile(`^\[?([A-Za-z][A-Za-z0-9_.-]{1,40})(/|$)`)

// programs names what asked, as it called itself: "APN HashiCorp Terraform aws-sdk-go-v2".
func programs(agent string) string {
	depth := 0
	agent = strings.Map(func(r rune) rune { // comments may be nested
		switch {
		case r == '(':
			depth++
			return -1
		case r == ')':
			depth = max(depth-1, 0)
			return -1
		case depth > 0:
			return -1
		}
		return r
	}, agent)
	var out []string
	for _, word := range strings.FieldsFunc(agent, func(r rune) bool { return r == ' ' || r == ',' || r == ';' }) {
		if m := product.FindStringSubmatch(word); m != nil && !slices.Contains(out, m[1]) && collect.SecretIn(m[1]) == "" && len(out) < 8 {
			out = append(out, m[1])
		}
	}
	return strings.Join(out, " ")
}
