package control

import (
	"fmt"
	"strings"
	"testing"
)

// names joins conditions on the event's name.
func names(list ...string) string {
	var out []string
	for _, n := range list {
		out = append(out, "($.eventName = "+n+")")
	}
	return strings.Join(out, " || ")
}

// Patterns as the CIS benchmark, Security Hub and people write them, and what
// makes one not notice, or too much.
func TestNotices(t *testing.T) {
	policies := names("DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy", "PutUserPolicy", "CreatePolicy", "DeletePolicy",
		"CreatePolicyVersion", "DeletePolicyVersion", "AttachRolePolicy", "DetachRolePolicy", "AttachUserPolicy", "DetachUserPolicy", "AttachGroupPolicy", "DetachGroupPolicy")
	for _, tt := range []struct{ class, pattern, want string }{
		// root
		{"root-use", `{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`, ""},
		{"root-use", `{$.userIdentity.type="Root"&&$.userIdentity.invokedBy NOT EXISTS&&$.eventType!="AwsServiceEvent"}`, ""},
		{"root-use", `{ ($.eventType != AwsServiceEvent) && (($.userIdentity.invokedBy NOT EXISTS) && ($.userIdentity.type = Root)) }`, ""},
		{"root-use", `{ $.userIdentity.type = "Root" }`, ""},
		{"root-use", `{ $.userIdentity.type = %^Ro+t$% }`, ""},
		{"root-use", `{ $.userIdentity.type = "R*" }`, ""},
		{"root-use", `Root`, ""},
		{"root-use", `{ $.userIdentity.type = "root" }`, "misses calls by root"},
		{"root-use", `{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy EXISTS }`, "misses calls by root"},
		{"root-use", `{ $.userIdentity.type = "Root" && $.eventType = "AwsApiCall" }`, "misses sign-ins by root"},
		{"root-use", `{ $.userIdentity.type = "Root" && $.sourceIPAddress != "198.51.100.7" }`, "misses some calls by root"},
		{"root-use", `{ $.userIdentity.type = "Root" && $.awsRegion = "us-east-1" }`, "misses some calls by root"},
		{"root-use", `{ $.userIdentity.type = "Root" && $.recipientAccountId = 111122223333 }`, "misses some calls by root"},
		{"root-use", `{ $.userIdentity.type != "Root" }`, "misses calls by root"},
		{"root-use", `{ $.userIdentity.type = * }`, "also matches DescribeInstances, which happens all day"},
		{"root-use", ``, "also matches DescribeInstances, which happens all day"},
		{"root-use", `{ $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`, "also matches DescribeInstances, which happens all day"},
		{"root-use", `{ $.userIdentity['type'] = "Root" }`, "misses some calls by root"},
		{"root-use", `{ $.userIdentity.type IS NULL }`, "misses some calls by root"},
		// refused calls
		{"unauthorized-calls", `{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }`, ""},
		{"unauthorized-calls", `{ ($.errorCode = "AccessDenied*") || ($.errorCode = "*UnauthorizedOperation") }`, ""},
		{"unauthorized-calls", `{ ($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*") && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }`, ""},
		{"unauthorized-calls", `{ (($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*")) && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }`, ""},
		{"unauthorized-calls", `{ ($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*") || ($.sourceIPAddress!="delivery.logs.amazonaws.com") || ($.eventName!="HeadBucket") }`, "also matches DescribeInstances, which happens all day"},
		{"unauthorized-calls", `{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied") }`, "misses calls refused with AccessDeniedException"},
		{"unauthorized-calls", `{ $.errorCode = "AccessDenied*" }`, "misses calls refused with Client.UnauthorizedOperation"},
		{"unauthorized-calls", `{ (($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*")) && $.eventName = "RunInstances" }`, "misses some calls refused with AccessDenied"},
		{"unauthorized-calls", `{ $.errorCode EXISTS }`, ""},
		// sign-in
		{"signin-without-mfa", `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }`, ""},
		{"signin-without-mfa", `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }`, ""},
		{"signin-without-mfa", `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed = "Yes") }`, "misses ConsoleLogin without MFA"},
		{"signin-without-mfa", `{ $.eventName = "ConsoleLogin" }`, "also matches ConsoleLogin with MFA, which happens all day"},
		{"signin-without-mfa", `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.userName != "svc") }`, "misses some ConsoleLogin without MFA"},
		{"signin-failures", `{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}`, ""},
		{"signin-failures", `{ ($.errorMessage = "Failed authentication") && ($.eventName = ConsoleLogin) }`, ""},
		{"signin-failures", `ConsoleLogin "Failed authentication"`, ""},
		{"signin-failures", `ConsoleLogin "Failed authentication" -svc`, "misses some ConsoleLogin that failed"},
		{"signin-failures", `{ $.eventName = ConsoleLogin }`, "also matches ConsoleLogin with MFA, which happens all day"},
		// names of calls
		{"iam-policy-changes", `{` + policies + `}`, ""},
		{"iam-policy-changes", `{ ($.eventSource = iam.amazonaws.com) && (` + policies + `) }`, ""},
		{"iam-policy-changes", `{ (` + policies + `) && ($.eventSource = "iam.amazonaws.com") }`, ""},
		{"iam-policy-changes", `{ $.eventSource = iam.amazonaws.com && ` + policies + ` }`, ""}, // either way it is read, every event is matched
		{"iam-policy-changes", `{` + strings.Replace(policies, "($.eventName = DetachGroupPolicy)", "($.eventName = DetachGroup)", 1) + `}`, "misses DetachGroupPolicy"},
		{"iam-policy-changes", `{ ($.eventSource = sts.amazonaws.com) && (` + policies + `) }`, "misses CreatePolicy"},
		{"iam-policy-changes", `{ (` + policies + `) && ($.userIdentity.arn != "*terraform*") }`, "misses some CreatePolicy"},
		{"iam-policy-changes", `{ $.eventName = "*Policy*" }`, ""},
		{"iam-policy-changes", `{ $.eventSource = iam.amazonaws.com }`, "also matches ListRoles, which happens all day"},
		{"iam-policy-changes", `{ $.eventSource = iam.amazonaws.com && $.readOnly IS FALSE }`, ""},
		{"iam-policy-changes", `{ $.eventSource = iam.amazonaws.com && $.readOnly IS TRUE }`, "misses CreatePolicy"},
		{"cloudtrail-changes", `{` + names("CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging") + `}`, ""},
		{"cloudtrail-changes", `?CreateTrail ?UpdateTrail ?DeleteTrail ?StartLogging ?StopLogging`, ""},
		{"cloudtrail-changes", `{` + names("UpdateTrail", "DeleteTrail", "StopLogging") + `}`, "misses CreateTrail"},
		{"key-disable-or-delete", `{($.eventSource=kms.amazonaws.com) && (($.eventName=DisableKey)||($.eventName=ScheduleKeyDeletion))}`, ""},
		{"key-disable-or-delete", `{($.eventSource=kms.amazonaws.com) && ($.eventName=DisableKey)||($.eventName=ScheduleKeyDeletion)}`, ""},
		{"key-disable-or-delete", `{($.eventSource=kms.amazonaws.com) && (($.eventName=DisableKey)||($.eventName=ScheduleKeyDeletion)) && ($.requestParameters.keyId = "k")}`, "misses some DisableKey"},
		{"key-disable-or-delete", `{($.eventName=DisableKey)||($.eventName=ScheduleKeyDeletion) && ($.eventSource=ec2.amazonaws.com)}`, "misses some DisableKey"}, // which binds closer?
		{"key-disable-or-delete", `?DisableKey ScheduleKeyDeletion`, "words with and without ? in one pattern"},
		{"security-group-changes", `{ $.eventName = "*SecurityGroup*" && $.eventName != "Describe*" }`, ""},
		{"security-group-changes", `{ $.eventName = "*SecurityGroup" }`, "misses AuthorizeSecurityGroupIngress"},
		{"organization-changes", `{ ($.eventSource = organizations.amazonaws.com) && $.readOnly IS FALSE }`, ""},
		// what cannot be read
		{"root-use", `[ip, user, root]`, "a pattern of columns, which CloudTrail's events do not have"},
		{"root-use", `{ $.userIdentity.type = "Root"`, "does not end with }"},
		{"root-use", `{ ($.userIdentity.type = "Root" }`, "a parenthesis is not closed"},
		{"root-use", `{ userIdentity.type = "Root" }`, `"userIdentity.type" stands where a field should`},
		{"root-use", `{ $.userIdentity.type == "Root" }`, `"=" stands where a value should`},
		{"root-use", `{ $.userIdentity.type IS ROOT }`, "IS ROOT is no comparison"},
		{"root-use", `{ $.userIdentity.type = %(% }`, "error parsing regexp: missing closing ): `(`"},
		{"root-use", `{ $.userIdentity.type = "Root }`, "cannot be read from \"\\\"Root }\" on"},
		{"root-use", `{}`, `"}" stands where a field should`},
		{"root-use", `{ $.a NOT "Root" }`, "NOT without EXISTS"},
		{"root-use", `{ $.a }`, `"}" is no comparison`},
	} {
		if got := unnoticed(tt.class, tt.pattern); got != tt.want {
			t.Errorf("%s: %s: got %q, want %q", tt.class, tt.pattern, got, tt.want)
		}
	}
}

// unnoticed is why a pattern does not notice a class; "" when it does.
func unnoticed(class, text string) string {
	p, err := readPattern(text)
	if err != nil {
		return err.Error()
	}
	for _, e := range eventClasses()[class].events {
		if ok, why := notices(p, e, quietEvents()); !ok {
			return why
		}
	}
	return ""
}

// Every class is noticed by the plain list of its names, and by no quiet event.
func TestEventClasses(t *testing.T) {
	if n := len(eventClasses()); n != 15 {
		t.Errorf("%d classes", n)
	}
	for name, c := range eventClasses() {
		if len(c.events) == 0 {
			t.Errorf("%s has no event", name)
		}
		if c.source == "" || strings.HasPrefix(name, "signin") {
			continue
		}
		var all []string
		for _, e := range c.events {
			all = append(all, e.name)
		}
		if why := unnoticed(name, "{"+names(all...)+"}"); why != "" {
			t.Errorf("%s: %s", name, why)
		}
		for i := range all {
			without := append(append([]string{}, all[:i]...), all[i+1:]...)
			if why := unnoticed(name, "{"+names(without...)+"}"); why != "misses "+all[i] {
				t.Errorf("%s without %s: %s", name, all[i], why)
			}
		}
	}
}

// Whatever is written in a pattern, reading it does not panic, and what matches
// for certain still does when more is known of the event.
func FuzzReadPattern(f *testing.F) {
	f.Add(`{ $.userIdentity.type = "Root" && $.a NOT EXISTS || ($.b != "x*") }`)
	f.Add(`?a -b "c d"`)
	f.Add(`{ $.eventName = %a|b% }`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := readPattern(text)
		if err != nil {
			return
		}
		little := event{"eventName": "ConsoleLogin"}
		for _, v := range []any{"Root", "other", missing{}, otherThan{"x"}, true} {
			more := event{"eventName": "ConsoleLogin", "userIdentity.type": v}
			if was, is := p.matches(little), p.matches(more); was != maybe && is != was {
				t.Errorf("%s: %v became %v with %s", text, was, is, fmt.Sprint(v))
			}
		}
	})
}
