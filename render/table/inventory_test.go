package table

import (
	"strings"
	"testing"
	"time"

	"exhibit/control"
	"exhibit/evidence"
)

// shelf is a report with items given as JSON lines by source, all of one account and region.
func shelf(t *testing.T, lines map[string][]string) *Book {
	t.Helper()
	r := &control.Report{AsOf: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC), Items: map[string][]control.Located{}, Records: map[string][]control.Located{}}
	for _, source := range sortedKeys(lines) {
		r.Cells = append(r.Cells, evidence.Cell{Account: "111122223333", Region: "eu-west-1", Source: source, State: evidence.Collected})
		for _, l := range lines[source] {
			items, err := evidence.ReadItems([]byte(l + "\n"))
			if err != nil {
				t.Fatalf("%s: %v", l, err)
			}
			for _, it := range items {
				at := control.Located{Item: it, Account: "111122223333", Region: "eu-west-1", Source: source}
				if kind, ok := strings.CutPrefix(source, "record/"); ok {
					r.Records[kind] = append(r.Records[kind], at)
				}
				r.Items[source] = append(r.Items[source], at)
			}
		}
	}
	return NewBook(r)
}

// rowsOf is each row's cells under the keys, joined.
func rowsOf(t *testing.T, tab *Table, keys ...string) []string {
	t.Helper()
	var out []string
	for _, r := range tab.Rows {
		var parts []string
		for _, k := range keys {
			found := false
			for i, c := range tab.Columns {
				if c.Key == k {
					parts, found = append(parts, r.Cells[i].String()), true
				}
			}
			if !found {
				t.Fatalf("no column %s", k)
			}
		}
		out = append(out, strings.Join(parts, " | "))
	}
	return out
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestEncryptionTable(t *testing.T) {
	b := shelf(t, map[string][]string{
		"kms/key":   {`{"DescribeKey":{"KeyMetadata":{"Description":"Databases","KeyManager":"CUSTOMER"}},"GetKeyRotationStatus":{"KeyRotationEnabled":true},"ListKeys":{"KeyId":"k1"},"id":"arn:aws:kms:eu-west-1:111122223333:key/k1"}`},
		"kms/alias": {`{"ListAliases":{"AliasName":"alias/db","TargetKeyId":"k1"},"id":"arn:aws:kms:eu-west-1:111122223333:alias/db"}`},
		"ec2/volume": {
			`{"DescribeVolumes":{"Encrypted":true,"KmsKeyId":"arn:aws:kms:eu-west-1:111122223333:key/k1"},"id":"vol-1"}`,
			`{"DescribeVolumes":{"Encrypted":false},"id":"vol-2"}`,
			`{"DescribeVolumes":{"Encrypted":true,"KmsKeyId":"arn:aws:kms:eu-west-1:999999999999:key/x"},"id":"vol-3"}`,
			`{"gaps":[{"code":"AccessDenied","message":"m","question":"DescribeVolumes"}],"id":"vol-4"}`,
		},
		"sns/topic": {`{"GetTopicAttributes":{"Attributes":{"KmsMasterKeyId":"alias/db"}},"id":"t1"}`, `{"GetTopicAttributes":{"Attributes":{}},"id":"t2"}`},
	})
	got := b.EncryptionTable()
	same(t, rowsOf(t, got, "encrypted", "item", "key", "manager", "purpose", "rotates"),
		"no | vol-2 |  |  |  | ",
		"not answered: AccessDenied | vol-4 |  |  |  | ",
		"not by a KMS key | t2 | not by a KMS key |  |  | ",
		"yes | vol-1 | arn:aws:kms:eu-west-1:111122223333:key/k1 | the organisation's | alias/db; Databases | yes",
		"yes | vol-3 | arn:aws:kms:eu-west-1:999999999999:key/x | not answered: that key was not listed |  | ",
		"yes | t1 | arn:aws:kms:eu-west-1:111122223333:key/k1 | the organisation's | alias/db; Databases | yes")
	if !strings.Contains(got.Note, "s3/bucket") || strings.Contains(got.Note, "sns/topic") {
		t.Errorf("the note says %q", got.Note)
	}
}

func TestCertificatesTable(t *testing.T) {
	b := shelf(t, map[string][]string{
		"acm/certificate": {
			`{"DescribeCertificate":{"Certificate":{"DomainName":"b.example","InUseBy":["arn:lb"],"KeyAlgorithm":"RSA-2048","NotAfter":"2026-12-01T00:00:00Z","RenewalEligibility":"ELIGIBLE","Status":"ISSUED","SubjectAlternativeNames":["b.example","c.example"]}},"id":"c1"}`,
			`{"gaps":[{"code":"Throttling","message":"m","question":"DescribeCertificate"}],"id":"c2"}`,
		},
		"iam/server-certificate": {`{"ListServerCertificates":{"Expiration":"2026-06-29T00:00:00Z","ServerCertificateName":"old"},"id":"s1"}`},
	})
	same(t, rowsOf(t, b.CertificatesTable(), "expires", "left", "domain", "also", "renews", "item"),
		" |  | (not answered: Throttling) |  |  | c2",
		"2026-06-29 | -2 | old |  | no | s1",
		"2026-12-01 | 152 | b.example | b.example, c.example | yes | c1")
}

func TestFirewallTable(t *testing.T) {
	b := shelf(t, map[string][]string{
		"ec2/security-group": {`{"DescribeSecurityGroups":{"GroupId":"sg-1","GroupName":"web"},"id":"sg-1"}`, `{"DescribeSecurityGroups":{"GroupId":"sg-2","GroupName":"web-old"},"id":"sg-2"}`},
		"ec2/security-group-rule": {
			`{"DescribeSecurityGroupRules":{"CidrIpv4":"0.0.0.0/0","FromPort":443,"GroupId":"sg-1","IpProtocol":"tcp","IsEgress":false,"ToPort":443},"id":"r1"}`,
			`{"DescribeSecurityGroupRules":{"CidrIpv6":"::/0","GroupId":"sg-2","IpProtocol":"-1","IsEgress":false},"id":"r2"}`,
			`{"DescribeSecurityGroupRules":{"FromPort":1,"GroupId":"sg-1","IpProtocol":"tcp","IsEgress":false,"ReferencedGroupInfo":{"GroupId":"sg-2"},"ToPort":9},"id":"r3"}`,
			`{"DescribeSecurityGroupRules":{"CidrIpv4":"0.0.0.0/0","GroupId":"sg-1","IpProtocol":"-1","IsEgress":true},"id":"r4"}`,
			`{"DescribeSecurityGroupRules":{"FromPort":22,"GroupId":"sg-1","IpProtocol":"tcp","IsEgress":false,"PrefixListId":"pl-1","ToPort":22},"id":"r5"}`,
		},
		"record/network-review": {
			`{"id":"old","record":{"date":"2026-01-01","open_rules":[{"group":"web","justification":"old words","owner":"ana"}]}}`,
			`{"id":"new","record":{"date":"2026-06-01","open_rules":[{"group":"web in eu-west-1","justification":"customers","owner":"ben"}]}}`,
		},
	})
	same(t, rowsOf(t, b.FirewallTable(), "from", "open", "ports", "group", "justification", "owner"),
		"::/0 | yes | everything | web-old (sg-2) | no review says why | ",
		"0.0.0.0/0 | yes | tcp 443 | web (sg-1) | customers (review of 2026-06-01) | ben",
		"prefix list pl-1 | not answered: what is on the list was not asked | tcp 22 | web (sg-1) |  | ",
		"security group sg-2 | no | tcp 1 to 9 | web (sg-1) |  | ")
}

func TestLogsTable(t *testing.T) {
	b := shelf(t, map[string][]string{
		"cloudtrail/trail": {
			`{"DescribeTrails":{"CloudWatchLogsLogGroupArn":"arn:aws:logs:eu-west-1:111122223333:log-group:trail:*","Name":"org","S3BucketName":"logs","TrailARN":"arn:t"},"GetTrailStatus":{"IsLogging":true},"id":"arn:t"}`,
			`{"DescribeTrails":{"Name":"org","TrailARN":"arn:t"},"id":"arn:t@us-east-1"}`,
		},
		"logs/log-group": {`{"DescribeLogGroups":{"logGroupName":"trail","retentionInDays":365},"id":"g1"}`, `{"DescribeLogGroups":{"logGroupName":"app"},"id":"g2"}`},
		"s3/bucket": {
			`{"GetBucketLifecycleConfiguration":{"Rules":[{"Expiration":{"Days":400},"Status":"Enabled"},{"Expiration":{"Days":30},"Status":"Disabled"}]},"GetBucketLogging":null,"ListBuckets":{"Name":"logs"},"id":"b1"}`,
			`{"GetBucketLogging":{"LoggingEnabled":{"TargetBucket":"elsewhere"}},"ListBuckets":{"Name":"data"},"id":"b2"}`,
		},
		"ec2/flow-log": {`{"DescribeFlowLogs":{"FlowLogStatus":"ACTIVE","LogDestination":"arn:aws:s3:::logs/flow/","ResourceId":"vpc-1"},"id":"fl-1"}`},
		"elbv2/load-balancer": {
			`{"DescribeLoadBalancerAttributes":{"Attributes":[{"Key":"access_logs.s3.enabled","Value":"false"},{"Key":"access_logs.s3.bucket","Value":""}]},"DescribeLoadBalancers":{"Type":"application"},"id":"lb1"}`,
		},
	})
	same(t, rowsOf(t, b.LogsTable(), "what", "item", "on", "to", "kept"),
		"load balancer access log | lb1 | no |  | ",
		"bucket access log | b1 | no |  | ",
		"trail org | arn:t | yes | s3://logs | 400 days",
		"trail org | arn:t | yes | trail | 365 days",
		"flow log of vpc-1 | fl-1 | yes | s3://logs/flow/ | 400 days",
		"bucket access log | b2 | yes | s3://elsewhere | not answered: the bucket was not listed",
		"log group | g1 | yes | trail | 365 days",
		"log group | g2 | yes | app | for ever")
}

func TestBackupsTable(t *testing.T) {
	b := shelf(t, map[string][]string{
		"rds/instance":              {`{"DescribeDBInstances":{"BackupRetentionPeriod":7,"LatestRestorableTime":"2026-07-01T11:55:00Z"},"id":"arn:aws:rds:eu-west-1:111122223333:db:shop"}`},
		"ec2/volume":                {`{"DescribeVolumes":{},"id":"vol-1"}`, `{"DescribeVolumes":{},"id":"vol-2"}`},
		"ec2/snapshot":              {`{"DescribeSnapshots":{"StartTime":"2026-06-30T12:00:00Z","State":"completed","VolumeId":"vol-1"},"id":"snap-1"}`, `{"DescribeSnapshots":{"StartTime":"2026-07-01T11:59:00Z","State":"error","VolumeId":"vol-1"},"id":"snap-2"}`},
		"backup/protected-resource": {`{"ListProtectedResources":{"LastBackupTime":"2026-07-01T11:50:00Z"},"id":"arn:aws:rds:eu-west-1:111122223333:db:shop"}`},
		"record/business-impact-analysis": {
			`{"id":"a","record":{"date":"2026-06-04","processes":[{"process":"Booking","rpo_minutes":15},{"process":"Reports","rpo_minutes":1440}]}}`},
	})
	got := b.BackupsTable()
	same(t, rowsOf(t, got, "item", "newest", "age", "rpo", "how", "own", "plan"),
		"vol-2 |  |  | no copy is known |  |  | no",
		"vol-1 | 2026-06-30T12:00:00Z | 1440 | older than 15 minutes | snapshot |  | no",
		"arn:aws:rds:eu-west-1:111122223333:db:shop | 2026-07-01T11:55:00Z | 5 | within 15 minutes | point in time | kept 7 days | yes")
	if !strings.Contains(got.Note, "Booking 15, Reports 1440") {
		t.Errorf("the note says %q", got.Note)
	}
}

func TestNetworks(t *testing.T) {
	b := shelf(t, map[string][]string{
		"ec2/vpc": {`{"DescribeVpcs":{"CidrBlock":"10.0.0.0/16","IsDefault":false,"Tags":[{"Key":"Name","Value":"shop"}],"VpcId":"vpc-1"},"id":"vpc-1"}`,
			`{"DescribeVpcs":{"CidrBlock":"172.31.0.0/16","IsDefault":true,"VpcId":"vpc-2"},"id":"vpc-2"}`},
		"ec2/subnet": {
			`{"DescribeSubnets":{"AvailabilityZone":"eu-west-1b","CidrBlock":"10.0.10.0/24","MapPublicIpOnLaunch":false,"SubnetId":"sn-2","VpcId":"vpc-1"},"id":"sn-2"}`,
			`{"DescribeSubnets":{"AvailabilityZone":"eu-west-1a","CidrBlock":"10.0.0.0/24","MapPublicIpOnLaunch":true,"SubnetId":"sn-1","VpcId":"vpc-1"},"id":"sn-1"}`,
			`{"DescribeSubnets":{"AvailabilityZone":"eu-west-1a","CidrBlock":"10.0.20.0/24","MapPublicIpOnLaunch":false,"SubnetId":"sn-3","VpcId":"vpc-1"},"id":"sn-3"}`,
			`{"DescribeSubnets":{"AvailabilityZone":"eu-west-1a","CidrBlock":"172.31.0.0/20","SubnetId":"sn-9","VpcId":"vpc-2"},"id":"sn-9"}`,
		},
		"ec2/route-table": {
			`{"DescribeRouteTables":{"Associations":[{"SubnetId":"sn-1"}],"Routes":[{"DestinationCidrBlock":"0.0.0.0/0","GatewayId":"igw-1","State":"active"}],"VpcId":"vpc-1"},"id":"rt-1"}`,
			`{"DescribeRouteTables":{"Associations":[{"SubnetId":"sn-2"}],"Routes":[{"DestinationCidrBlock":"0.0.0.0/0","NatGatewayId":"nat-1","State":"active"}],"VpcId":"vpc-1"},"id":"rt-2"}`,
			`{"DescribeRouteTables":{"Associations":[{"Main":true}],"Routes":[{"DestinationCidrBlock":"10.0.0.0/16","GatewayId":"local"},{"DestinationCidrBlock":"0.0.0.0/0","NatGatewayId":"nat-0","State":"blackhole"}],"VpcId":"vpc-1"},"id":"rt-3"}`,
		},
		"ec2/internet-gateway": {`{"DescribeInternetGateways":{"Attachments":[{"VpcId":"vpc-1"}],"InternetGatewayId":"igw-1"},"id":"igw-1"}`},
		"ec2/network-interface": {`{"DescribeNetworkInterfaces":{"Description":"ELB app/web/1","SubnetId":"sn-1"},"id":"eni-1"}`,
			`{"DescribeNetworkInterfaces":{"Description":"RDSNetworkInterface","SubnetId":"sn-2"},"id":"eni-2"}`},
	})
	drawn, tables, others := b.Networks()
	if len(drawn) != 1 || others != 1 {
		t.Fatalf("%d drawn, %d others", len(drawn), others)
	}
	if want := "shop vpc-1 10.0.0.0/16 has 1 public subnet, 1 private subnet, 1 isolated subnet in 2 zones. Ways out: internet gateway igw-1."; drawn[0].Says != want {
		t.Errorf("says %q", drawn[0].Says)
	}
	same(t, rowsOf(t, tables[0], "tier", "zone", "subnet", "public_ip", "holds"),
		"internet gateway igw-1 | eu-west-1a | sn-1 | yes | 1 load balancer",
		"by nat-1 | eu-west-1b | sn-2 | no | 1 database",
		"none: no default route | eu-west-1a | sn-3 | no | ")
	if got := drawn[0].Tiers[0].Subnets[0]; len(got) != 1 || got[0].Holds != "1 load balancer" {
		t.Errorf("drawn %+v", drawn[0].Tiers[0])
	}
	// Where the routes were not listed nothing is called private.
	none := shelf(t, map[string][]string{"ec2/vpc": {`{"DescribeVpcs":{"IsDefault":false,"VpcId":"vpc-1"},"id":"vpc-1"}`}, "ec2/subnet": {`{"DescribeSubnets":{"AvailabilityZone":"a","SubnetId":"sn-1","VpcId":"vpc-1"},"id":"sn-1"}`}})
	if drawn, _, _ := none.Networks(); drawn[0].Tiers[0].Name != tierUnknown {
		t.Errorf("drawn as %q", drawn[0].Tiers[0].Name)
	}
}

// TestGravest counts only what fails and no exception covers.
func TestGravest(t *testing.T) {
	r := &control.Report{
		Controls: []control.ControlResult{{Control: control.Control{ID: "AC-01", Checks: []string{"a", "b", "c", "gone"}}}, {Control: control.Control{ID: "AC-02", Checks: []string{"c"}}}},
		Checks: []control.CheckResult{
			{Check: control.Check{Name: "a", Severity: "low"}, Counts: control.Counts{Failed: 3, Compensated: 1}},
			{Check: control.Check{Name: "b", Severity: "high"}, Counts: control.Counts{Failed: 1}},
			{Check: control.Check{Name: "c", Severity: "critical"}, Counts: control.Counts{Failed: 2, Compensated: 2}},
		},
	}
	b := NewBook(r)
	for id, want := range map[string]control.Severity{"AC-01": "high", "AC-02": ""} {
		if got := b.Gravest(b.Control(id)); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	if BySeverity("critical", "low") >= 0 || BySeverity("", "info") <= 0 {
		t.Error("the order of severities")
	}
}
