package org

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// answer is what the organisation says, in the question's own format; "" for an
// operation nobody wrote an answer for.
func (o *Cloud) answer(q Question, x *exchange) string {
	switch q.Service {
	case "sts":
		return o.sts(q, x)
	case "organizations":
		return o.organizations(q, x)
	case "account":
		return o.account(q, x)
	case "iam":
		return o.iam(q, x)
	case "kms":
		return o.kms(q, x)
	case "ec2":
		return o.ec2(q, x)
	case "rds":
		return o.rds(q, x)
	case "guardduty":
		return o.detectors(q, x)
	case "s3":
		return o.s3(q, x)
	}
	return ""
}

// rows is how many a listing has.
func (o *Cloud) rows(q Question, usual int) int {
	if n, ok := o.Sized[q.Account+" "+q.Region+" "+q.Action]; ok {
		return n
	}
	return usual
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own maps and strings
	}
	return string(b)
}

// result wraps an answer of the query protocol.
func result(q Question, inner string) string {
	return fmt.Sprintf("<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></%[1]sResponse>", q.Action, inner)
}

func (o *Cloud) sts(q Question, x *exchange) string {
	switch q.Action {
	case "GetCallerIdentity":
		return result(q, fmt.Sprintf("<Arn>arn:aws:sts::%[1]s:assumed-role/Auditor/exhibit</Arn><UserId>AROA:exhibit</UserId><Account>%[1]s</Account>", q.Account))
	case "AssumeRole":
		to := strings.Split(x.in["RoleArn"], ":")[4]
		return result(q, fmt.Sprintf("<Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2126-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><Arn>a</Arn><AssumedRoleId>i</AssumedRoleId></AssumedRoleUser>", Key(to)))
	}
	return ""
}

func (o *Cloud) organizations(q Question, x *exchange) string {
	switch q.Action {
	case "DescribeOrganization":
		return text(map[string]any{"Organization": map[string]any{"Id": "o-example0001", "Arn": "arn:aws:organizations::000000000001:organization/o-example0001", "MasterAccountId": Account(1), "FeatureSet": "ALL"}})
	case "ListAccounts":
		first, last, next := x.page(o.Accounts, 20, "NextToken")
		var rows []any
		for i := first; i < last; i++ {
			rows = append(rows, map[string]any{"Id": Account(i + 1), "Arn": "arn:aws:organizations::000000000001:account/o-example0001/" + Account(i+1), "Name": fmt.Sprintf("account-%d", i+1), "Status": "ACTIVE", "State": "ACTIVE"})
		}
		return text(paged(map[string]any{"Accounts": rows}, "NextToken", next))
	}
	return ""
}

func paged(m map[string]any, name, next string) map[string]any {
	if next != "" {
		m[name] = next
	}
	return m
}

func (o *Cloud) account(q Question, _ *exchange) string {
	if q.Action != "ListRegions" {
		return ""
	}
	rows := []any{map[string]string{"RegionName": "af-south-1", "RegionOptStatus": "DISABLED"}}
	names := o.Regions
	if len(names) == 0 {
		names = Regions
	}
	for _, r := range names {
		rows = append(rows, map[string]string{"RegionName": r, "RegionOptStatus": "ENABLED_BY_DEFAULT"})
	}
	return text(map[string]any{"Regions": rows})
}

func (o *Cloud) iam(q Question, x *exchange) string {
	user := x.in["UserName"]
	switch q.Action {
	case "GetAccountPasswordPolicy":
		return result(q, "<PasswordPolicy><MinimumPasswordLength>14</MinimumPasswordLength><RequireSymbols>true</RequireSymbols><RequireNumbers>true</RequireNumbers><RequireUppercaseCharacters>true</RequireUppercaseCharacters><RequireLowercaseCharacters>true</RequireLowercaseCharacters><AllowUsersToChangePassword>true</AllowUsersToChangePassword><ExpirePasswords>false</ExpirePasswords></PasswordPolicy>")
	case "GetAccountSummary":
		return result(q, "<SummaryMap><entry><key>AccountMFAEnabled</key><value>1</value></entry><entry><key>AccountAccessKeysPresent</key><value>0</value></entry></SummaryMap>")
	case "ListUsers":
		first, last, next := x.page(o.rows(q, o.Users), x.size("MaxItems", 100), "Marker")
		var b strings.Builder
		b.WriteString("<Users>")
		for i := first; i < last; i++ {
			fmt.Fprintf(&b, "<member><Path>/</Path><UserName>user-%[2]d</UserName><UserId>AIDA%[2]d</UserId><Arn>arn:aws:iam::%[1]s:user/user-%[2]d</Arn><CreateDate>2024-02-01T09:00:00Z</CreateDate></member>", q.Account, i)
		}
		b.WriteString("</Users>" + marker(next))
		return result(q, b.String())
	case "ListMFADevices":
		return result(q, fmt.Sprintf("<MFADevices><member><UserName>%[2]s</UserName><SerialNumber>arn:aws:iam::%[1]s:mfa/%[2]s</SerialNumber><EnableDate>2024-02-01T09:00:00Z</EnableDate></member></MFADevices><IsTruncated>false</IsTruncated>", q.Account, user))
	case "GetLoginProfile":
		if strings.HasSuffix(user, "0") {
			x.status = 404
			return x.errorText(refusal{404, "NoSuchEntity", "Login Profile for User " + user + " cannot be found."})
		}
		return result(q, fmt.Sprintf("<LoginProfile><UserName>%s</UserName><CreateDate>2024-02-01T09:00:00Z</CreateDate><PasswordResetRequired>false</PasswordResetRequired></LoginProfile>", user))
	case "ListAccessKeys":
		return result(q, "<AccessKeyMetadata/><IsTruncated>false</IsTruncated>")
	}
	return ""
}

func marker(next string) string {
	if next == "" {
		return "<IsTruncated>false</IsTruncated>"
	}
	return "<IsTruncated>true</IsTruncated><Marker>" + next + "</Marker>"
}

func (o *Cloud) kms(q Question, x *exchange) string {
	id := x.in["KeyId"]
	switch q.Action {
	case "ListKeys":
		first, last, next := x.page(o.rows(q, o.Keys), x.size("Limit", 1000), "Marker")
		var rows []any
		for i := first; i < last; i++ {
			id := fmt.Sprintf("key-%d", i)
			rows = append(rows, map[string]any{"KeyId": id, "KeyArn": keyARN(q, id)})
		}
		m := paged(map[string]any{"Keys": rows, "Truncated": next != ""}, "NextMarker", next)
		return text(m)
	case "DescribeKey":
		return text(map[string]any{"KeyMetadata": map[string]any{"AWSAccountId": q.Account, "KeyId": id, "Arn": keyARN(q, id), "KeyManager": "CUSTOMER", "KeyState": cmp.Or(x.state, "Enabled"),
			"KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS", "KeyUsage": "ENCRYPT_DECRYPT", "Enabled": true, "MultiRegion": false, "CreationDate": 1.7e9}})
	case "GetKeyRotationStatus":
		return text(map[string]any{"KeyId": id, "KeyRotationEnabled": true, "RotationPeriodInDays": 365})
	case "ListKeyRotations":
		return text(map[string]any{"Rotations": []any{}, "Truncated": false})
	}
	return ""
}

func keyARN(q Question, id string) string {
	return "arn:aws:kms:" + q.Region + ":" + q.Account + ":key/" + id
}

// ec2Sets are the listings of EC2: the set's name, a row's id and what else a row holds.
var ec2Sets = map[string]struct{ set, id, prefix, rest string }{
	"DescribeSecurityGroups":     {"securityGroupInfo", "groupId", "sg", "<groupName>web</groupName><ipPermissions/><ipPermissionsEgress/>"},
	"DescribeSecurityGroupRules": {"securityGroupRuleSet", "securityGroupRuleId", "sgr", "<groupId>sg-1</groupId><isEgress>false</isEgress><ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort><cidrIpv4>10.0.0.0/8</cidrIpv4>"},
	"DescribeVpcs":               {"vpcSet", "vpcId", "vpc", "<cidrBlock>10.0.0.0/16</cidrBlock><isDefault>false</isDefault>"},
	"DescribeSubnets":            {"subnetSet", "subnetId", "subnet", "<vpcId>vpc-0</vpcId><mapPublicIpOnLaunch>false</mapPublicIpOnLaunch>"},
	"DescribeNetworkAcls":        {"networkAclSet", "networkAclId", "acl", "<vpcId>vpc-0</vpcId><default>true</default>"},
}

func (o *Cloud) ec2(q Question, x *exchange) string {
	s, ok := ec2Sets[q.Action]
	if !ok {
		return ""
	}
	first, last, next := x.page(o.rows(q, o.Rows), x.size("MaxResults", 1000), "NextToken")
	var b strings.Builder
	fmt.Fprintf(&b, `<%sResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><%s>`, q.Action, s.set)
	for i := first; i < last; i++ {
		fmt.Fprintf(&b, "<item><%[1]s>%[2]s-%[3]d</%[1]s>%[4]s</item>", s.id, s.prefix, i, s.rest)
	}
	fmt.Fprintf(&b, "</%s>", s.set)
	if next != "" {
		fmt.Fprintf(&b, "<nextToken>%s</nextToken>", next)
	}
	fmt.Fprintf(&b, "</%sResponse>", q.Action)
	return b.String()
}

func (o *Cloud) rds(q Question, x *exchange) string {
	if q.Action != "DescribeDBInstances" {
		return ""
	}
	first, last, next := x.page(o.rows(q, o.Rows), x.size("MaxRecords", 100), "Marker")
	var b strings.Builder
	b.WriteString("<DBInstances>")
	for i := first; i < last; i++ {
		fmt.Fprintf(&b, "<DBInstance><DBInstanceIdentifier>db-%[3]d</DBInstanceIdentifier><DBInstanceArn>arn:aws:rds:%[2]s:%[1]s:db:db-%[3]d</DBInstanceArn><Engine>postgres</Engine><StorageEncrypted>true</StorageEncrypted></DBInstance>", q.Account, q.Region, i)
	}
	b.WriteString("</DBInstances>")
	if next != "" {
		b.WriteString("<Marker>" + next + "</Marker>")
	}
	return result(q, b.String())
}

func (o *Cloud) detectors(q Question, x *exchange) string {
	switch q.Action {
	case "ListDetectors":
		_, _, next := x.page(1, 50, "nextToken")
		return text(paged(map[string]any{"detectorIds": []string{"d" + q.Account}}, "nextToken", next))
	case "GetDetector":
		return text(map[string]any{"status": "ENABLED", "findingPublishingFrequency": "SIX_HOURS", "serviceRole": "arn:aws:iam::" + q.Account + ":role/aws-service-role/guardduty"})
	}
	return ""
}

func (o *Cloud) s3(q Question, x *exchange) string {
	const head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	const block = "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>"
	absent := func(code, message string) string {
		x.status = 404
		return x.errorText(refusal{404, code, message})
	}
	switch q.Action {
	case "GetAccountPublicAccessBlock", "GetPublicAccessBlock":
		return head + "<PublicAccessBlockConfiguration>" + block + "</PublicAccessBlockConfiguration>"
	case "ListBuckets":
		first, last, next := x.page(o.rows(q, o.Buckets), x.size("max-buckets", 1000), "continuation-token")
		var b strings.Builder
		b.WriteString(head + "<ListAllMyBucketsResult><Buckets>")
		for i := first; i < last; i++ {
			fmt.Fprintf(&b, "<Bucket><Name>bucket-%s-%s</Name><CreationDate>2024-02-01T09:00:00.000Z</CreationDate><BucketRegion>eu-west-1</BucketRegion></Bucket>", q.Account, strconv.Itoa(i))
		}
		b.WriteString("</Buckets><Owner><ID>abc</ID></Owner>")
		if next != "" {
			b.WriteString("<ContinuationToken>" + next + "</ContinuationToken>")
		}
		return b.String() + "</ListAllMyBucketsResult>"
	case "GetBucketLocation":
		return head + "<LocationConstraint>eu-west-1</LocationConstraint>"
	case "GetBucketEncryption":
		return head + "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"
	case "GetBucketPolicyStatus", "GetBucketPolicy":
		return absent("NoSuchBucketPolicy", "The bucket policy does not exist")
	case "GetBucketOwnershipControls":
		return head + "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>"
	case "GetBucketAcl":
		return head + "<AccessControlPolicy><Owner><ID>abc</ID></Owner><AccessControlList/></AccessControlPolicy>"
	case "GetBucketVersioning":
		return head + "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
	case "GetBucketLifecycleConfiguration":
		return absent("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
	case "GetBucketNotificationConfiguration":
		return head + "<NotificationConfiguration/>"
	case "GetBucketTagging":
		return absent("NoSuchTagSet", "The TagSet does not exist")
	case "GetObjectLockConfiguration":
		return absent("ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket")
	case "GetBucketReplication":
		return absent("ReplicationConfigurationNotFoundError", "The replication configuration was not found")
	case "GetBucketLogging":
		return head + "<BucketLoggingStatus/>"
	}
	return ""
}
