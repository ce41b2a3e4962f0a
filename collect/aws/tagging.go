package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
)

// taggedResources collects every resource that has or had a tag, with its tags. A
// resource that never had one is not listed: it is an inventory of the tagged.
var taggedResources = Service{
	Name:    "resourcegroupstaggingapi/resource",
	Actions: []string{"tag:GetResources"},
	Collect: func(c *call) {
		svc := resourcegroupstaggingapi.NewFromConfig(c.cfg)
		resources := func(p *resourcegroupstaggingapi.GetResourcesOutput) []types.ResourceTagMapping {
			return p.ResourceTagMappingList
		}
		list(c, svc.GetResources, &resourcegroupstaggingapi.GetResourcesInput{ResourcesPerPage: sdk.Int32(100)}, resources, func(it *item, r types.ResourceTagMapping) { it.id(r.ResourceARN) })
	},
}
