package render

import (
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/render/table"
)

// A listing is a file of the layout made from what AWS answered.
type listing struct {
	path    string // under artifacts/
	title   string
	sources []string // as collectors name them
	only    []string // operations to keep of each item; nil is all
	keep    func(control.Located) bool
	note    string
}

// cut keeps the operations the file is about, and the gaps of those.
func (l listing) cut(it evidence.Item) evidence.Item {
	if l.only == nil {
		return it
	}
	out := evidence.Item{ID: it.ID, Answers: map[string]any{}}
	for _, op := range l.only {
		if v, ok := it.Answers[op]; ok {
			out.Answers[op] = v
		}
		if g, ok := it.Gap(op); ok {
			out.Gaps = append(out.Gaps, g)
		}
	}
	return out
}

// about says that an item holds an answer, or a refusal, the file is about.
func (l listing) about(it evidence.Item) bool {
	if l.only == nil {
		return true
	}
	c := l.cut(it)
	return len(c.Answers)+len(c.Gaps) > 0
}

// mentions keeps items whose answers contain a word.
func mentions(word string) func(control.Located) bool {
	return func(it control.Located) bool { return strings.Contains(jsonText(it.Answers), word) }
}

// listings is the layout: names as auditors' own checklists have them, in
// folders by criterion.
func (b *binder) listings() []listing {
	date, year := b.date(), b.date()[:4]
	all := []listing{
		{path: "CC6-access-control/iam-credential-report-" + date + ".csv", title: "IAM credential report", sources: []string{"iam/credential"}},
		{path: "CC6-access-control/password-policy.json", title: "IAM password policy", sources: []string{"iam/password-policy"}},
		{path: "CC6-access-control/account-summary.json", title: "IAM account summary: root's MFA and keys, quotas", sources: []string{"iam/account-summary"}},
		{path: "CC6-access-control/mfa-enforcement-policy.json", title: "Policies that ask for MFA", sources: []string{"organizations/policy", "iam/policy"}, keep: mentions("MultiFactorAuth"),
			note: "Service control policies and customer managed IAM policies whose text names MultiFactorAuth."},
		{path: "CC6-access-control/mfa-status.csv", title: "MFA devices of each user", sources: []string{"iam/mfa-device", "iam/virtual-mfa-device"}},
		{path: "CC6-access-control/access-keys.csv", title: "Access keys and when each was last used", sources: []string{"iam/access-key"}},
		{path: "CC6-access-control/iam-users-roles-policies.json", title: "Users, groups, roles and policies with their documents", sources: []string{"iam/user", "iam/group", "iam/role", "iam/policy"}},
		{path: "CC6-access-control/access-analyzer-findings.csv", title: "Access Analyzer findings", sources: []string{"access-analyzer/finding"}},
		{path: "CC6-access-control/identity-center-assignments-export.csv", title: "Identity Center assignments", sources: []string{"sso/assignment"}},
		{path: "CC6-access-control/identity-center-users.csv", title: "Identity Center users", sources: []string{"identitystore/user"}},
		{path: "CC6-encryption/kms-key-list.json", title: "KMS keys and their aliases", sources: []string{"kms/key", "kms/alias"}, only: []string{"ListKeys", "DescribeKey", "ListAliases"}},
		{path: "CC6-encryption/kms-rotation-status.json", title: "KMS key rotation", sources: []string{"kms/key"}, only: []string{"GetKeyRotationStatus", "ListKeyRotations"}},
		{path: "CC6-encryption/kms-policy.json", title: "KMS key policies and grants", sources: []string{"kms/key-policy"}},
		{path: "CC6-encryption/s3-encryption-config.json", title: "S3 default encryption by bucket", sources: []string{"s3/bucket"}, only: []string{"GetBucketEncryption"}},
		{path: "CC6-encryption/s3-public-access-block.json", title: "S3 public access block, account and bucket", sources: []string{"s3/account-public-access-block", "s3/bucket"}, only: []string{"GetPublicAccessBlock"}},
		{path: "CC6-encryption/ebs-encryption-default.json", title: "EBS encryption by default", sources: []string{"ec2/ebs-default"}},
		{path: "CC6-encryption/rds-encryption-status.json", title: "RDS instances and clusters", sources: []string{"rds/instance", "rds/cluster"}},
		{path: "CC6-network/vpc-config.json", title: "VPCs, subnets, routes and gateways", sources: []string{"ec2/vpc", "ec2/subnet", "ec2/route-table", "ec2/internet-gateway", "ec2/nat-gateway", "ec2/network-acl"}},
		{path: "CC6-network/security-group-rules.json", title: "Security groups and their rules", sources: []string{"ec2/security-group", "ec2/security-group-rule"}},
		{path: "CC6-network/waf-web-acl.json", title: "WAF web ACLs", sources: []string{"wafv2/web-acl"}},
		{path: "CC6-network/alb-tls-policy.json", title: "Load balancers, listeners and TLS policies", sources: []string{"elbv2/load-balancer", "elbv2/listener", "elbv2/ssl-policy"}},
		{path: "CC7-monitoring/cloudtrail-trail-config.json", title: "CloudTrail trails", sources: []string{"cloudtrail/trail"}},
		{path: "CC7-monitoring/cloudtrail-log-validation-status.json", title: "CloudTrail: what each trail says of its last delivery and digest, and which digests were validated", sources: []string{"cloudtrail/trail", "cloudtrail/digest"}, only: []string{"GetTrailStatus", "digests"},
			note: "GetTrailStatus is AWS's own word on the last delivery. digests is what the validation of the digest files found, and of which days (covered): of other days it says nothing."},
		{path: "CC7-monitoring/guardduty-detector-config.json", title: "GuardDuty detectors", sources: []string{"guardduty/detector"}},
		{path: "CC7-monitoring/guardduty-findings-resolved-" + year + ".csv", title: "All GuardDuty findings that were listed, archived or still open", sources: []string{"guardduty/finding"},
			note: "The name of this file is the one request lists use; it is no verdict. Service.Archived says which findings are archived: false is still open."},
		{path: "CC7-monitoring/config-rule-compliance-" + date + ".csv", title: "AWS Config rules and their compliance", sources: []string{"config/rule"}},
		{path: "CC7-monitoring/cloudwatch-alarms-config.json", title: "CloudWatch alarms", sources: []string{"cloudwatch/alarm"}},
		{path: "CC9-vendor-management/aws-artifact-reports.json", title: "Reports AWS offers in Artifact", sources: []string{"artifact/report"}},
		{path: "populations/aws-accounts.csv", title: "AWS accounts of the organization", sources: []string{"organizations/account"}},
	}
	var changes []string
	for _, s := range b.Sources() {
		if strings.HasPrefix(s, "git/change") {
			changes = append(changes, s)
		}
	}
	if len(changes) > 0 {
		all = append(all, listing{path: "CC8-change-management/changes-" + year + ".csv", title: "Changes to production branches", sources: changes})
	}
	return all
}

// securityHub is a report to print: where Security Hub is on, and what it found.
func (b *binder) securityHub() {
	sources := []string{"securityhub/hub", "securityhub/finding"}
	var cells []evidence.Cell
	for _, s := range sources {
		cells = append(cells, b.CellsOf(s)...)
	}
	hubs, found := b.Items["securityhub/hub"], b.Items["securityhub/finding"]
	a := artifact{path: "artifacts/CC7-monitoring/security-hub-summary-report.pdf", title: "Security Hub summary", from: joinWords(sources), page: b.SourcePage(sources[0])}
	a.checks = slices.Concat(b.ChecksOf(sources[0]), b.ChecksOf(sources[1]))
	a.state, a.why = b.standing(cells, len(hubs)+len(found))
	if len(hubs)+len(found) == 0 {
		b.hold(a, nil)
		return
	}
	b.hold(a, func() ([]byte, error) {
		p := &table.Paper{Kicker: "Monitoring", Title: "Security Hub summary", Wide: true, ID: "security-hub-summary",
			Lead: table.Line("Where Security Hub is on, which standards it applies, and the findings it held at the time of the run.")}
		bySeverity := &table.Table{ID: "severity", Title: "Findings by account and severity", Empty: "Security Hub gave no finding.", Columns: []table.Column{
			{Key: "account", Name: "Account", Kind: table.Code, Width: 16}, {Key: "region", Name: "Region", Kind: table.Code, Width: 14}, {Key: "severity", Name: "Severity", Width: 14}, {Key: "findings", Name: "Findings", Kind: table.Number}}}
		count := map[[3]string]int{}
		var keys [][3]string
		for _, it := range found {
			k := [3]string{it.Account, it.Region, leaf(it.Item, "Severity.Label")}
			if count[k] == 0 {
				keys = append(keys, k)
			}
			count[k]++
		}
		slices.SortFunc(keys, func(x, y [3]string) int { return slices.Compare(x[:], y[:]) })
		for _, k := range keys {
			bySeverity.Add("", table.Mono(k[0]), table.Mono(k[1]), table.Str(k[2]), table.Int(count[k]))
		}
		var asked []evidence.Cell
		for _, c := range b.CellsOf("securityhub/hub") {
			if table.CoverWord(c.State) != table.CoverNA {
				asked = append(asked, c)
			}
		}
		where := b.CellsTable("hubs", "Where it was asked", asked)
		where.Note = "Accounts and regions where it does not apply are left out; coverage lists them."
		drop(where, "sha256")
		drop(where, "source")
		list := limit(b.ItemsTable("findings", "Findings", found, table.FlatColumns(plainItems(found), 5), true), 500)
		p.Blocks = []table.Block{table.Grid{Table: where}, table.Grid{Table: bySeverity}, table.Grid{Table: list},
			table.Box{ID: "ipe", Title: "Information produced by the entity", Provenance: b.ipeOf(sources, len(hubs)+len(found))}}
		return b.print(p)
	})
}

// leaf is the first leaf whose path ends so; "" when there is none.
func leaf(it evidence.Item, suffix string) string {
	for _, f := range table.Flatten(it.Answers) {
		if strings.HasSuffix(f.Path, suffix) {
			return f.Cell.String()
		}
	}
	return ""
}
