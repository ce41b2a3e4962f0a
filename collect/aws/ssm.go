package aws

import (
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// ssmParameters collects the names and types of parameters. Their values are
// never asked for.
var ssmParameters = Service{
	Name:    "ssm/parameter",
	Actions: []string{"ssm:DescribeParameters"},
	Collect: func(c *call) {
		svc := ssm.NewFromConfig(c.cfg)
		parameters := func(p *ssm.DescribeParametersOutput) []types.ParameterMetadata { return p.Parameters }
		list(c, svc.DescribeParameters, &ssm.DescribeParametersInput{MaxResults: sdk.Int32(50)}, parameters, func(it *item, p types.ParameterMetadata) { it.id(p.Name) })
	},
}

func managed(p *ssm.DescribeInstanceInformationOutput) []types.InstanceInformation {
	return p.InstanceInformationList
}

// ssmInstances collects the hosts Systems Manager manages, in EC2 or elsewhere.
var ssmInstances = Service{
	Name:    "ssm/managed-instance",
	Actions: []string{"ssm:DescribeInstanceInformation"},
	Collect: func(c *call) {
		svc := ssm.NewFromConfig(c.cfg)
		list(c, svc.DescribeInstanceInformation, &ssm.DescribeInstanceInformationInput{MaxResults: sdk.Int32(50)}, managed, func(it *item, i types.InstanceInformation) { it.id(i.InstanceId) })
	},
}

// ssmPatches collects the state of patches of every managed host that was ever
// scanned, fifty hosts a call. A host without an item was never scanned.
var ssmPatches = Service{
	Name:    "ssm/patch-state",
	Actions: []string{"ssm:DescribeInstanceInformation", "ssm:DescribeInstancePatchStates"},
	Collect: func(c *call) {
		svc := ssm.NewFromConfig(c.cfg)
		states := func(p *ssm.DescribeInstancePatchStatesOutput) []types.InstancePatchState {
			return p.InstancePatchStates
		}
		hosts := all(c, svc.DescribeInstanceInformation, &ssm.DescribeInstanceInformationInput{MaxResults: sdk.Int32(50)}, managed)
		for some := range slices.Chunk(hosts, 50) {
			var ids []string
			for _, h := range some {
				ids = append(ids, sdk.ToString(h.InstanceId))
			}
			in := &ssm.DescribeInstancePatchStatesInput{InstanceIds: ids, MaxResults: sdk.Int32(100)}
			list(c, svc.DescribeInstancePatchStates, in, states, func(it *item, s types.InstancePatchState) { it.id(s.InstanceId) })
		}
	},
}

// ssmCompliance collects what Systems Manager says of each host in sum: of its
// patches, its associations and whatever else is reported to it.
var ssmCompliance = Service{
	Name:    "ssm/compliance",
	Actions: []string{"ssm:ListResourceComplianceSummaries"},
	Collect: func(c *call) {
		svc := ssm.NewFromConfig(c.cfg)
		summaries := func(p *ssm.ListResourceComplianceSummariesOutput) []types.ResourceComplianceSummaryItem {
			return p.ResourceComplianceSummaryItems
		}
		list(c, svc.ListResourceComplianceSummaries, &ssm.ListResourceComplianceSummariesInput{MaxResults: sdk.Int32(50)}, summaries, func(it *item, s types.ResourceComplianceSummaryItem) {
			it.name(s.ComplianceType, s.ResourceType, s.ResourceId)
		})
	},
}

// ssmDocuments collects the account's own documents and with whom they are shared.
var ssmDocuments = Service{
	Name:    "ssm/document",
	Actions: []string{"ssm:ListDocuments", "ssm:DescribeDocumentPermission"},
	Collect: func(c *call) {
		svc := ssm.NewFromConfig(c.cfg)
		documents := func(p *ssm.ListDocumentsOutput) []types.DocumentIdentifier { return p.DocumentIdentifiers }
		own := []types.DocumentKeyValuesFilter{{Key: sdk.String("Owner"), Values: []string{"Self"}}}
		list(c, svc.ListDocuments, &ssm.ListDocumentsInput{Filters: own, MaxResults: sdk.Int32(50)}, documents, func(it *item, d types.DocumentIdentifier) {
			it.id(d.Name)
			askAll(it, svc.DescribeDocumentPermission, &ssm.DescribeDocumentPermissionInput{Name: d.Name, PermissionType: types.DocumentPermissionTypeShare})
		})
	},
}
