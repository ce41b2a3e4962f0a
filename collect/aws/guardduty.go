package aws

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/guardduty"
	"github.com/aws/aws-sdk-go-v2/service/guardduty/types"
)

func detectors(p *guardduty.ListDetectorsOutput) []string { return p.DetectorIds }

// guardDutyDetectors collects the region's detector. No detector, no item: an
// empty cell is GuardDuty not enabled there.
var guardDutyDetectors = Service{
	Name:    "guardduty/detector",
	Actions: []string{"guardduty:ListDetectors", "guardduty:GetDetector"},
	Collect: func(c *call) {
		svc := guardduty.NewFromConfig(c.cfg)
		list(c, svc.ListDetectors, &guardduty.ListDetectorsInput{}, detectors, func(it *item, id string) {
			it.ID = id
			ask(it, svc.GetDetector, &guardduty.GetDetectorInput{DetectorId: &id})
		})
	},
}

// guardDutyFindings collects all findings GuardDuty still keeps (90 days) about
// the account's own resources, archived ones too. An administrator's members have
// cells of their own.
var guardDutyFindings = Service{
	Name:    "guardduty/finding",
	Actions: []string{"guardduty:ListDetectors", "guardduty:ListFindings", "guardduty:GetFindings"},
	Keeps: Retention{
		Days: 90, What: "GuardDuty findings",
		Says: "GuardDuty keeps a finding for 90 days.",
		Doc:  "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html",
	},
	Collect: func(c *call) {
		svc := guardduty.NewFromConfig(c.cfg)
		ids := func(p *guardduty.ListFindingsOutput) []string { return p.FindingIds }
		findings := func(p *guardduty.GetFindingsOutput) []types.Finding { return p.Findings }
		own := &types.FindingCriteria{Criterion: map[string]types.Condition{"accountId": {Equals: []string{c.account}}}}
		there := all(c, svc.ListDetectors, &guardduty.ListDetectorsInput{}, detectors)
		if len(there) == 0 && c.answer.Refusal() == nil {
			c.notInUse("GuardDuty has no detector in this region")
		}
		for _, detector := range there {
			asked := all(c, svc.ListFindings, &guardduty.ListFindingsInput{DetectorId: &detector, FindingCriteria: own}, ids)
			for batch := range slices.Chunk(asked, 50) {
				in := &guardduty.GetFindingsInput{DetectorId: &detector, FindingIds: batch}
				got := list(c, svc.GetFindings, in, findings, func(it *item, f types.Finding) { it.id(f.Arn) })
				c.whole("GetFindings", len(batch), got)
			}
		}
	},
}
