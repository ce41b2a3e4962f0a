package control

import (
	"fmt"
	"testing"

	"exhibit/evidence"
)

// BenchmarkEvaluate judges 10,000 items with every check of the library, those
// of IAM on 2,000 items each.
func BenchmarkEvaluate(b *testing.B) {
	lib := realLibrary(b)
	ev := Evidence{Run: "1", Commit: "c", At: onDay("2026-05-01")}
	put := func(source, answers string) {
		ev.cell("111122223333", "eu-west-1", source, evidence.Collected)
		for i := range 2000 {
			ev.found(b, "111122223333", "eu-west-1", source, fmt.Sprintf("id-%05d", i), answers)
		}
	}
	put("iam/credential", `{"GetCredentialReport":{"user":"u","password_enabled":"true","mfa_active":"true","access_key_1_active":"false","access_key_2_active":"false"}}`)
	put("iam/policy", `{"GetAccountAuthorizationDetails":{"PolicyName":"p","AttachmentCount":1,"PolicyVersionList":[{"IsDefaultVersion":true,"Document":{"Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"*"},{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}]}}]}}`)
	put("kms/key", `{"DescribeKey":{"KeyMetadata":{"KeyManager":"CUSTOMER","KeyState":"Enabled","KeySpec":"SYMMETRIC_DEFAULT","Origin":"AWS_KMS"}},"GetKeyRotationStatus":{"KeyRotationEnabled":true,"RotationPeriodInDays":365}}`)
	put("s3/bucket", `{"GetBucketEncryption":{"ServerSideEncryptionConfiguration":{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}},"GetPublicAccessBlock":null,"GetBucketPolicyStatus":null}`)
	put("ec2/security-group", `{"DescribeSecurityGroups":{"GroupName":"g","IpPermissions":[{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]}}`)
	b.ResetTimer()
	for range b.N {
		if _, err := Evaluate(lib, smallEngagement(), ev, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for range b.N {
		realLibrary(b)
	}
}
