package awstest

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwschemas "github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	configtypes "github.com/aws/aws-sdk-go-v2/service/configservice/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/guardduty"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/securityhub"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	waftypes "github.com/aws/aws-sdk-go-v2/service/wafv2/types"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
)

// Home and Away are the regions of the planted account. Home has what there is;
// Away has a key, and no GuardDuty.
const (
	Home = "us-east-1"
	Away = "eu-west-1"
)

// Planted names what Plant made, bad and good, for tests to look for.
type Planted struct {
	NoMFA, Leaver, Robot, MFA      string // users: console without MFA; should be gone; access key; console with MFA
	WidePolicy                     string // ARN of an attached policy that allows everything
	InlineUser                     string // has an inline policy that allows everything
	LeaverKey                      string // id of the leaver's active access key
	OpenBucket, SafeBucket         string // no encryption, no block, readable by all; and one well kept
	OpenGroups, ClosedGroups       []string
	StillKey, TurningKey, AwayKey  string // ARNs of keys: without rotation; with; without, in Away
	Trail                          string // ARN of the trail, of one region, without validation
	OpenDatabase, ClosedDatabase   string // ARNs: not encrypted; encrypted
	Detector                       string // in Home
	ConfigRule, WebACL, PlainAlarm string
	LoadBalancer                   string // ARN, open to the internet, without a web ACL, listening without TLS
}

// Plant puts into an empty account what the ten most common SOC 2 findings on AWS
// look like to those who ask AWS, each beside a good neighbour:
//
//  1. users with a console password and no MFA
//  2. an access key; moto dates it today, so that its age shows only to a check that
//     counts to a later day
//  3. the user and the active key of somebody who left
//  6. a trail of one region, its files not validated
//  7. a policy that allows everything, attached; and one inline on a user
//  9. a bucket without encryption or block, readable by all; no block for the account
//
// and besides: security groups open to the world (a range, all protocols, IPv6),
// keys that do not rotate, a region without GuardDuty, an open database, a weak
// password policy. The others cannot be planted here: 4 needs GuardDuty findings,
// which moto does not give, and 5, 8 and 10 are records people write.
func Plant(t testing.TB, endpoint string) Planted {
	t.Helper()
	g := gardener{t: t, ctx: context.Background(), endpoint: endpoint}
	var p Planted
	g.people(&p)
	g.data(&p)
	g.network(&p)
	g.watch(&p)
	return p
}

type gardener struct {
	t        testing.TB
	ctx      context.Context
	endpoint string
}

func (g gardener) config(region string) aws.Config {
	return aws.Config{Region: region, BaseEndpoint: &g.endpoint, Credentials: credentials.NewStaticCredentialsProvider(Access, Secret, "")}
}

// done ends the test when something could not be planted.
func done[Out any](g gardener, out Out, err error) Out {
	g.t.Helper()
	if err != nil {
		g.t.Fatalf("planting: %v", err)
	}
	return out
}

const everything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

func (g gardener) people(p *Planted) {
	svc := iam.NewFromConfig(g.config(Home))
	do := func(out any, err error) { g.t.Helper(); done(g, out, err) }
	p.NoMFA, p.Leaver, p.Robot, p.MFA, p.InlineUser = "mia", "leo", "robot", "nora", "ivan"
	for _, u := range []string{p.NoMFA, p.Leaver, p.Robot, p.MFA, p.InlineUser} {
		do(svc.CreateUser(g.ctx, &iam.CreateUserInput{UserName: &u}))
	}
	for _, u := range []string{p.NoMFA, p.Leaver, p.MFA} {
		do(svc.CreateLoginProfile(g.ctx, &iam.CreateLoginProfileInput{UserName: &u, Password: aws.String("Correct-horse-9")}))
	}
	for _, u := range []string{p.Leaver, p.MFA} {
		d, err := svc.CreateVirtualMFADevice(g.ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &u})
		do(svc.EnableMFADevice(g.ctx, &iam.EnableMFADeviceInput{UserName: &u, SerialNumber: done(g, d, err).VirtualMFADevice.SerialNumber, AuthenticationCode1: aws.String("123456"), AuthenticationCode2: aws.String("654321")}))
	}
	for _, u := range []string{p.Leaver, p.Robot} {
		out, err := svc.CreateAccessKey(g.ctx, &iam.CreateAccessKeyInput{UserName: &u})
		key := done(g, out, err)
		if u == p.Leaver {
			p.LeaverKey = *key.AccessKey.AccessKeyId
		}
	}
	out, err := svc.CreatePolicy(g.ctx, &iam.CreatePolicyInput{PolicyName: aws.String("everything"), PolicyDocument: aws.String(everything)})
	p.WidePolicy = *done(g, out, err).Policy.Arn
	do(svc.AttachUserPolicy(g.ctx, &iam.AttachUserPolicyInput{UserName: &p.NoMFA, PolicyArn: &p.WidePolicy}))
	do(svc.PutUserPolicy(g.ctx, &iam.PutUserPolicyInput{UserName: &p.InlineUser, PolicyName: aws.String("all"), PolicyDocument: aws.String(everything)}))
	do(svc.CreateGroup(g.ctx, &iam.CreateGroupInput{GroupName: aws.String("readers")}))
	do(svc.AddUserToGroup(g.ctx, &iam.AddUserToGroupInput{GroupName: aws.String("readers"), UserName: &p.MFA}))
	do(svc.CreateRole(g.ctx, &iam.CreateRoleInput{RoleName: aws.String("web"), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)}))
	do(svc.UpdateAccountPasswordPolicy(g.ctx, &iam.UpdateAccountPasswordPolicyInput{MinimumPasswordLength: aws.Int32(8), RequireNumbers: true}))
}

func (g gardener) data(p *Planted) {
	do := func(out any, err error) { g.t.Helper(); done(g, out, err) }
	svc := s3.NewFromConfig(g.config(Home), func(o *s3.Options) { o.UsePathStyle = true })
	p.OpenBucket, p.SafeBucket = "open-bucket", "safe-bucket"
	do(svc.CreateBucket(g.ctx, &s3.CreateBucketInput{Bucket: &p.OpenBucket, ACL: s3types.BucketCannedACLPublicRead}))
	away := s3.NewFromConfig(g.config(Away), func(o *s3.Options) { o.UsePathStyle = true })
	do(away.CreateBucket(g.ctx, &s3.CreateBucketInput{Bucket: &p.SafeBucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(Away)}}))
	do(away.PutBucketEncryption(g.ctx, &s3.PutBucketEncryptionInput{Bucket: &p.SafeBucket, ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{
		Rules: []s3types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryptionAes256}}}}}))
	yes := aws.Bool(true)
	do(away.PutPublicAccessBlock(g.ctx, &s3.PutPublicAccessBlockInput{Bucket: &p.SafeBucket, PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{
		BlockPublicAcls: yes, IgnorePublicAcls: yes, BlockPublicPolicy: yes, RestrictPublicBuckets: yes}}))
	do(away.PutBucketVersioning(g.ctx, &s3.PutBucketVersioningInput{Bucket: &p.SafeBucket, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled}}))

	key := func(region string, turns bool) string {
		svc := kms.NewFromConfig(g.config(region))
		out, err := svc.CreateKey(g.ctx, &kms.CreateKeyInput{Description: aws.String("planted")})
		k := done(g, out, err).KeyMetadata
		if turns {
			do(svc.EnableKeyRotation(g.ctx, &kms.EnableKeyRotationInput{KeyId: k.KeyId}))
		}
		return *k.Arn
	}
	p.StillKey, p.TurningKey, p.AwayKey = key(Home, false), key(Home, true), key(Away, false)

	db := func(name string, encrypted bool) string {
		out, err := rds.NewFromConfig(g.config(Home)).CreateDBInstance(g.ctx, &rds.CreateDBInstanceInput{DBInstanceIdentifier: &name, DBInstanceClass: aws.String("db.t3.micro"),
			Engine: aws.String("postgres"), AllocatedStorage: aws.Int32(20), MasterUsername: aws.String("root"), MasterUserPassword: aws.String("planted-password"),
			StorageEncrypted: &encrypted, PubliclyAccessible: aws.Bool(!encrypted)})
		return *done(g, out, err).DBInstance.DBInstanceArn
	}
	p.OpenDatabase, p.ClosedDatabase = db("open", false), db("closed", true)
}

func (g gardener) network(p *Planted) {
	do := func(out any, err error) { g.t.Helper(); done(g, out, err) }
	svc := ec2.NewFromConfig(g.config(Home))
	out, err := svc.DescribeVpcs(g.ctx, &ec2.DescribeVpcsInput{})
	vpc := done(g, out, err).Vpcs[0].VpcId
	group := func(name string, rule ec2types.IpPermission) string {
		out, err := svc.CreateSecurityGroup(g.ctx, &ec2.CreateSecurityGroupInput{GroupName: &name, Description: aws.String("planted"), VpcId: vpc})
		id := done(g, out, err).GroupId
		do(svc.AuthorizeSecurityGroupIngress(g.ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: id, IpPermissions: []ec2types.IpPermission{rule}}))
		return *id
	}
	rule := func(proto string, from, to int32, v4, v6 string) ec2types.IpPermission {
		r := ec2types.IpPermission{IpProtocol: &proto}
		if proto != "-1" {
			r.FromPort, r.ToPort = &from, &to
		}
		if v4 != "" {
			r.IpRanges = []ec2types.IpRange{{CidrIp: &v4}}
		}
		if v6 != "" {
			r.Ipv6Ranges = []ec2types.Ipv6Range{{CidrIpv6: &v6}}
		}
		return r
	}
	p.OpenGroups = []string{
		group("ssh-open", rule("tcp", 22, 22, "0.0.0.0/0", "")), group("range-open", rule("tcp", 0, 65535, "0.0.0.0/0", "")),
		group("all-open", rule("-1", 0, 0, "0.0.0.0/0", "")), group("six-open", rule("tcp", 20, 30, "", "::/0")),
	}
	p.ClosedGroups = []string{group("web", rule("tcp", 443, 443, "0.0.0.0/0", "")), group("ssh-private", rule("tcp", 22, 22, "10.0.0.0/8", ""))}

	nets, err := svc.DescribeSubnets(g.ctx, &ec2.DescribeSubnetsInput{})
	subnets := done(g, nets, err).Subnets
	balance := elb.NewFromConfig(g.config(Home))
	lb, err := balance.CreateLoadBalancer(g.ctx, &elb.CreateLoadBalancerInput{Name: aws.String("front"), Subnets: []string{*subnets[0].SubnetId, *subnets[1].SubnetId}, Scheme: elbtypes.LoadBalancerSchemeEnumInternetFacing})
	p.LoadBalancer = *done(g, lb, err).LoadBalancers[0].LoadBalancerArn
	do(balance.CreateListener(g.ctx, &elb.CreateListenerInput{LoadBalancerArn: &p.LoadBalancer, Port: aws.Int32(80), Protocol: elbtypes.ProtocolEnumHttp,
		DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumFixedResponse, FixedResponseConfig: &elbtypes.FixedResponseActionConfig{StatusCode: aws.String("404"), ContentType: aws.String("text/plain")}}}}))
	seen := &waftypes.VisibilityConfig{CloudWatchMetricsEnabled: true, MetricName: aws.String("m"), SampledRequestsEnabled: true}
	acl, err := wafv2.NewFromConfig(g.config(Home)).CreateWebACL(g.ctx, &wafv2.CreateWebACLInput{Name: aws.String("front"), Scope: waftypes.ScopeRegional, DefaultAction: &waftypes.DefaultAction{Allow: &waftypes.AllowAction{}}, VisibilityConfig: seen})
	p.WebACL = *done(g, acl, err).Summary.ARN
}

func (g gardener) watch(p *Planted) {
	do := func(out any, err error) { g.t.Helper(); done(g, out, err) }
	trails := cloudtrail.NewFromConfig(g.config(Home))
	t, err := trails.CreateTrail(g.ctx, &cloudtrail.CreateTrailInput{Name: aws.String("home-only"), S3BucketName: &p.OpenBucket, IsMultiRegionTrail: aws.Bool(false)})
	p.Trail = *done(g, t, err).TrailARN
	do(trails.StartLogging(g.ctx, &cloudtrail.StartLoggingInput{Name: aws.String("home-only")}))
	d, err := guardduty.NewFromConfig(g.config(Home)).CreateDetector(g.ctx, &guardduty.CreateDetectorInput{Enable: aws.Bool(true)})
	p.Detector = *done(g, d, err).DetectorId
	do(securityhub.NewFromConfig(g.config(Home)).EnableSecurityHub(g.ctx, &securityhub.EnableSecurityHubInput{}))
	rules := configservice.NewFromConfig(g.config(Home))
	do(rules.PutConfigurationRecorder(g.ctx, &configservice.PutConfigurationRecorderInput{ConfigurationRecorder: &configtypes.ConfigurationRecorder{
		Name: aws.String("default"), RoleARN: aws.String("arn:aws:iam::" + Account + ":role/web"), RecordingGroup: &configtypes.RecordingGroup{AllSupported: true}}}))
	p.ConfigRule = "mfa-enabled"
	do(rules.PutConfigRule(g.ctx, &configservice.PutConfigRuleInput{ConfigRule: &configtypes.ConfigRule{ConfigRuleName: &p.ConfigRule,
		Source: &configtypes.Source{Owner: configtypes.OwnerAws, SourceIdentifier: aws.String("MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS")}}}))
	p.PlainAlarm = "cpu"
	// moto does not know the client's own protocol.
	alarms := cloudwatch.NewFromConfig(g.config(Home), func(o *cloudwatch.Options) { o.Protocol = awsjson.New10(cwschemas.GraniteServiceVersion20100801) })
	do(alarms.PutMetricAlarm(g.ctx, &cloudwatch.PutMetricAlarmInput{AlarmName: &p.PlainAlarm, ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold, EvaluationPeriods: aws.Int32(1),
		MetricName: aws.String("CPUUtilization"), Namespace: aws.String("AWS/EC2"), Period: aws.Int32(300), Statistic: cwtypes.StatisticAverage, Threshold: aws.Float64(0)}))
}
