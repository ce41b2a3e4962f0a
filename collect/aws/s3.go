package aws

import (
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
)

// s3AccountBlock collects the account's own block of public access.
var s3AccountBlock = Service{
	Name:    "s3/account-public-access-block",
	Scope:   Global,
	Actions: []string{"s3:GetAccountPublicAccessBlock"},
	Absent:  []string{"GetPublicAccessBlock:NoSuchPublicAccessBlockConfiguration"},
	Collect: func(c *call) {
		svc := s3control.NewFromConfig(c.cfg)
		c.single(c.account, func(it *item) {
			ask(it, svc.GetPublicAccessBlock, &s3control.GetPublicAccessBlockInput{AccountId: &c.account})
		})
	},
}

// s3Buckets collects every bucket of the account and what protects it. Each is
// asked in its own region: S3 redirects, and the SDK does not follow. There may be
// thousands: what cannot apply to a bucket is not asked of it (the policy of one
// whose policy has no status, grants where ACLs are disabled, Object Lock and
// replication without versioning).
var s3Buckets = Service{
	Name:  "s3/bucket",
	Scope: Global,
	Actions: []string{"s3:ListAllMyBuckets", "s3:GetBucketLocation", "s3:GetEncryptionConfiguration", "s3:GetBucketPublicAccessBlock",
		"s3:GetBucketPolicyStatus", "s3:GetBucketPolicy", "s3:GetBucketAcl", "s3:GetBucketOwnershipControls", "s3:GetBucketVersioning", "s3:GetBucketLogging",
		"s3:GetLifecycleConfiguration", "s3:GetBucketNotification", "s3:GetBucketTagging", "s3:GetBucketObjectLockConfiguration", "s3:GetReplicationConfiguration"},
	Absent: []string{"GetBucketEncryption:ServerSideEncryptionConfigurationNotFoundError", "GetPublicAccessBlock:NoSuchPublicAccessBlockConfiguration",
		"GetBucketPolicy:NoSuchBucketPolicy", "GetBucketPolicyStatus:NoSuchBucketPolicy", "GetBucketOwnershipControls:OwnershipControlsNotFoundError",
		"GetBucketLifecycleConfiguration:NoSuchLifecycleConfiguration", "GetBucketTagging:NoSuchTagSet",
		"GetObjectLockConfiguration:ObjectLockConfigurationNotFoundError", "GetBucketReplication:ReplicationConfigurationNotFoundError"},
	Collect: func(c *call) {
		at := s3.NewFromConfig(c.cfg, c.s3)
		buckets := func(p *s3.ListBucketsOutput) []types.Bucket { return p.Buckets }
		list(c, at.ListBuckets, &s3.ListBucketsInput{MaxBuckets: sdk.Int32(1000)}, buckets, func(it *item, b types.Bucket) {
			it.ID = "arn:" + partitionOf(c.cfg.Region) + ":s3:::" + sdk.ToString(b.Name)
			region := sdk.ToString(b.BucketRegion)
			if region == "" {
				region = bucketRegion(ask(it, at.GetBucketLocation, &s3.GetBucketLocationInput{Bucket: b.Name}))
			}
			aboutBucket(it, s3.NewFromConfig(c.in(region), c.s3), b.Name)
		})
	},
}

func aboutBucket(it *item, svc *s3.Client, name *string) {
	ask(it, svc.GetBucketEncryption, &s3.GetBucketEncryptionInput{Bucket: name})
	ask(it, svc.GetPublicAccessBlock, &s3.GetPublicAccessBlockInput{Bucket: name})
	ask(it, svc.GetBucketPolicyStatus, &s3.GetBucketPolicyStatusInput{Bucket: name})
	if !it.none("GetBucketPolicyStatus") {
		ask(it, svc.GetBucketPolicy, &s3.GetBucketPolicyInput{Bucket: name})
	}
	if owner := ask(it, svc.GetBucketOwnershipControls, &s3.GetBucketOwnershipControlsInput{Bucket: name}); !aclsDisabled(owner) {
		ask(it, svc.GetBucketAcl, &s3.GetBucketAclInput{Bucket: name})
	}
	ask(it, svc.GetBucketLogging, &s3.GetBucketLoggingInput{Bucket: name})
	ask(it, svc.GetBucketLifecycleConfiguration, &s3.GetBucketLifecycleConfigurationInput{Bucket: name})
	ask(it, svc.GetBucketNotificationConfiguration, &s3.GetBucketNotificationConfigurationInput{Bucket: name})
	ask(it, svc.GetBucketTagging, &s3.GetBucketTaggingInput{Bucket: name})
	if versions := ask(it, svc.GetBucketVersioning, &s3.GetBucketVersioningInput{Bucket: name}); versions == nil || versions.Status == types.BucketVersioningStatusEnabled {
		ask(it, svc.GetObjectLockConfiguration, &s3.GetObjectLockConfigurationInput{Bucket: name})
		ask(it, svc.GetBucketReplication, &s3.GetBucketReplicationInput{Bucket: name})
	}
}

// aclsDisabled says that a bucket's ACL grants nothing.
func aclsDisabled(o *s3.GetBucketOwnershipControlsOutput) bool {
	return o != nil && o.OwnershipControls != nil && slices.ContainsFunc(o.OwnershipControls.Rules, func(r types.OwnershipControlsRule) bool {
		return r.ObjectOwnership == types.ObjectOwnershipBucketOwnerEnforced
	})
}

// bucketRegion reads GetBucketLocation, whose answer for the oldest region is
// nothing and for the second oldest "EU"; "" when it was refused.
func bucketRegion(l *s3.GetBucketLocationOutput) string {
	switch {
	case l == nil:
		return ""
	case l.LocationConstraint == "":
		return "us-east-1"
	case l.LocationConstraint == types.BucketLocationConstraintEu:
		return "eu-west-1"
	}
	return string(l.LocationConstraint)
}

// s3 sets what S3's client needs: no line to the log about checksums, and behind
// a stand-in the bucket in the path, for its host has one name.
func (c *call) s3(o *s3.Options) {
	o.DisableLogOutputChecksumValidationSkipped = true
	o.UsePathStyle = c.endpoint != ""
}
