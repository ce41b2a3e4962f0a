package control

import "slices"

// An eventClass is a kind of event in CloudTrail that somebody should hear of.
type eventClass struct {
	// events are what must be noticed, one after another: a pattern notices the class
	// when it matches every one of them for certain.
	events []namedEvent
	// source is the service whose events a trail must not leave out; "" where no one
	// service makes them.
	source string
	// several says that an alarm may wait for more than one of them.
	several bool
}

type namedEvent struct {
	name  string // as people call it
	known event
}

// calls are the changes of one service by the names of its API.
func calls(source string, names ...string) eventClass {
	c := eventClass{source: source}
	for _, n := range names {
		c.events = append(c.events, namedEvent{n, event{"eventSource": source, "eventName": n, "eventType": "AwsApiCall", "readOnly": false}})
	}
	return c
}

// eventClasses are the kinds of events by name. Source: the section on monitoring
// of the CIS AWS Foundations Benchmark, and Security Hub's controls CloudWatch.1 to
// CloudWatch.14. Its calls of ClassicLink are left out: AWS has retired them.
func eventClasses() map[string]eventClass {
	const signIn = "signin.amazonaws.com"
	denied := func(code string) namedEvent {
		// The benchmark leaves out the bucket probes and the log deliveries that are refused all day.
		return namedEvent{"calls refused with " + code, event{"errorCode": code, "eventType": "AwsApiCall",
			"eventName": otherThan{"HeadBucket"}, "sourceIPAddress": otherThan{"delivery.logs.amazonaws.com"}}}
	}
	root := func(name, kind string) namedEvent {
		return namedEvent{name, event{"userIdentity.type": "Root", "userIdentity.invokedBy": missing{}, "eventType": kind}}
	}
	return map[string]eventClass{
		"root-use": {events: []namedEvent{root("calls by root", "AwsApiCall"), root("sign-ins by root", "AwsConsoleSignIn")}},
		"unauthorized-calls": {several: true, events: []namedEvent{
			denied("AccessDenied"), denied("AccessDeniedException"), denied("Client.UnauthorizedOperation")}},
		"signin-without-mfa": {source: signIn, events: []namedEvent{{"ConsoleLogin without MFA", event{
			"eventSource": signIn, "eventName": "ConsoleLogin", "eventType": "AwsConsoleSignIn", "additionalEventData.MFAUsed": "No",
			"userIdentity.type": "IAMUser", "responseElements.ConsoleLogin": "Success", "errorMessage": missing{}}}}},
		"signin-failures": {source: signIn, several: true, events: []namedEvent{{"ConsoleLogin that failed", event{
			"eventSource": signIn, "eventName": "ConsoleLogin", "eventType": "AwsConsoleSignIn",
			"errorMessage": "Failed authentication", "responseElements.ConsoleLogin": "Failure"}}}},
		"iam-policy-changes": calls("iam.amazonaws.com", "CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion",
			"PutGroupPolicy", "PutRolePolicy", "PutUserPolicy", "DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy",
			"AttachGroupPolicy", "AttachRolePolicy", "AttachUserPolicy", "DetachGroupPolicy", "DetachRolePolicy", "DetachUserPolicy"),
		"cloudtrail-changes":    calls("cloudtrail.amazonaws.com", "CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"),
		"key-disable-or-delete": calls("kms.amazonaws.com", "DisableKey", "ScheduleKeyDeletion"),
		"bucket-policy-changes": calls("s3.amazonaws.com", "PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication",
			"DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication"),
		"config-changes": calls("config.amazonaws.com", "StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder"),
		"security-group-changes": calls("ec2.amazonaws.com", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress",
			"RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress", "CreateSecurityGroup", "DeleteSecurityGroup"),
		"nacl-changes": calls("ec2.amazonaws.com", "CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry",
			"ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation"),
		"gateway-changes": calls("ec2.amazonaws.com", "CreateCustomerGateway", "DeleteCustomerGateway", "CreateInternetGateway",
			"DeleteInternetGateway", "AttachInternetGateway", "DetachInternetGateway"),
		"route-table-changes": calls("ec2.amazonaws.com", "CreateRoute", "ReplaceRoute", "DeleteRoute", "CreateRouteTable", "DeleteRouteTable",
			"ReplaceRouteTableAssociation", "DisassociateRouteTable"),
		"vpc-changes": calls("ec2.amazonaws.com", "CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "CreateVpcPeeringConnection",
			"AcceptVpcPeeringConnection", "DeleteVpcPeeringConnection", "RejectVpcPeeringConnection"),
		"organization-changes": calls("organizations.amazonaws.com", "AcceptHandshake", "AttachPolicy", "CreateAccount", "CreateOrganizationalUnit",
			"CreatePolicy", "DeclineHandshake", "DeleteOrganization", "DeleteOrganizationalUnit", "DeletePolicy", "DetachPolicy", "DisablePolicyType",
			"EnablePolicyType", "InviteAccountToOrganization", "LeaveOrganization", "MoveAccount", "RemoveAccountFromOrganization",
			"UpdateOrganizationalUnit", "UpdatePolicy"),
	}
}

// quietEvents happen all day. An alarm they set off is never quiet, and tells
// nobody anything when the event it is for comes.
func quietEvents() []namedEvent {
	var out []namedEvent
	for _, c := range [][2]string{
		{"ec2.amazonaws.com", "DescribeInstances"}, {"iam.amazonaws.com", "ListRoles"}, {"s3.amazonaws.com", "GetBucketAcl"},
		{"kms.amazonaws.com", "Decrypt"}, {"cloudtrail.amazonaws.com", "DescribeTrails"}, {"config.amazonaws.com", "DescribeConfigRules"},
		{"organizations.amazonaws.com", "ListAccounts"},
	} {
		out = append(out, namedEvent{c[1], event{
			"eventSource": c[0], "eventName": c[1], "eventType": "AwsApiCall", "readOnly": true, "userIdentity.type": "AssumedRole",
			"userIdentity.invokedBy": missing{}, "errorCode": missing{}, "errorMessage": missing{}, "additionalEventData.MFAUsed": missing{},
			"sourceIPAddress": otherThan{"delivery.logs.amazonaws.com"}}})
	}
	return append(out, namedEvent{"ConsoleLogin with MFA", event{
		"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "eventType": "AwsConsoleSignIn", "readOnly": false,
		"userIdentity.type": "IAMUser", "userIdentity.invokedBy": missing{}, "errorCode": missing{}, "errorMessage": missing{},
		"additionalEventData.MFAUsed": "Yes", "responseElements.ConsoleLogin": "Success", "sourceIPAddress": otherThan{"delivery.logs.amazonaws.com"}}})
}

// notices reports whether a pattern matches an event for certain and lets the
// quiet ones be; why says what is in the way.
func notices(p pattern, e namedEvent, quiet []namedEvent) (ok bool, why string) {
	switch p.matches(e.known) {
	case no:
		return false, "misses " + e.name
	case maybe:
		return false, "misses some " + e.name
	}
	if i := slices.IndexFunc(quiet, func(q namedEvent) bool { return p.matches(q.known) == yes }); i >= 0 {
		return false, "also matches " + quiet[i].name + ", which happens all day"
	}
	return true, ""
}
