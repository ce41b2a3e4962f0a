package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
)

func analyzers(p *accessanalyzer.ListAnalyzersOutput) []types.AnalyzerSummary { return p.Analyzers }

// accessAnalyzers collects the region's analyzers: of external, internal and unused access.
var accessAnalyzers = Service{
	Name:    "access-analyzer/analyzer",
	Actions: []string{"access-analyzer:ListAnalyzers"},
	Collect: func(c *call) {
		svc := accessanalyzer.NewFromConfig(c.cfg)
		list(c, svc.ListAnalyzers, &accessanalyzer.ListAnalyzersInput{}, analyzers, func(it *item, a types.AnalyzerSummary) { it.id(a.Arn) })
	},
}

// accessFindings collects what every analyzer found: active, archived and resolved.
var accessFindings = Service{
	Name:    "access-analyzer/finding",
	Actions: []string{"access-analyzer:ListAnalyzers", "access-analyzer:ListFindings"},
	Keeps: Retention{
		Days: 90, What: "resolved Access Analyzer findings",
		Says: "Access Analyzer deletes a resolved finding 90 days after its last update. Active and archived ones stay.",
		Doc:  "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-findings-remediate.html",
	},
	Collect: func(c *call) {
		svc := accessanalyzer.NewFromConfig(c.cfg)
		findings := func(p *accessanalyzer.ListFindingsV2Output) []types.FindingSummaryV2 { return p.Findings }
		there := list(c, svc.ListAnalyzers, &accessanalyzer.ListAnalyzersInput{}, analyzers, func(_ *item, a types.AnalyzerSummary) {
			list(c, svc.ListFindingsV2, &accessanalyzer.ListFindingsV2Input{AnalyzerArn: a.Arn}, findings, func(it *item, f types.FindingSummaryV2) { it.name(a.Arn, f.Id) })
		})
		if there == 0 {
			c.notInUse("there is no analyzer in this region")
		}
	},
}
