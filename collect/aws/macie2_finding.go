package aws

import (
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/macie2"
	"github.com/aws/aws-sdk-go-v2/service/macie2/types"
)

// macieFindings collects all findings Macie still keeps (90 days) about the account's
// own buckets, archived ones too: a bucket that was opened, or personal data in an
// object. Which object it is, and who opened the bucket from where, is withheld.
var macieFindings = Service{
	Name:     "macie2/finding",
	Actions:  []string{"macie2:ListFindings", "macie2:GetFindings"},
	NotInUse: []string{"AccessDeniedException: Macie is not enabled"},
	Keeps: Retention{
		Days: 90, What: "Macie findings",
		Says: "Macie keeps a finding for 90 days.",
		Doc:  "https://docs.aws.amazon.com/macie/latest/user/findings.html",
	},
	Collect: func(c *call) {
		svc := macie2.NewFromConfig(c.cfg)
		ids := func(p *macie2.ListFindingsOutput) []string { return p.FindingIds }
		findings := func(p *macie2.GetFindingsOutput) []types.Finding { return p.Findings }
		own := &types.FindingCriteria{Criterion: map[string]types.CriterionAdditionalProperties{"accountId": {Eq: []string{c.account}}}}
		asked := all(c, svc.ListFindings, &macie2.ListFindingsInput{FindingCriteria: own, MaxResults: sdk.Int32(50)}, ids)
		for batch := range slices.Chunk(asked, 50) {
			got := list(c, svc.GetFindings, &macie2.GetFindingsInput{FindingIds: batch}, findings, func(it *item, f types.Finding) { it.id(f.Id) })
			c.whole("GetFindings", len(batch), got)
		}
	},
}
