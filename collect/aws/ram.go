package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/ram/types"
)

// resourceShares collects what Resource Access Manager shares: of the account's own
// shares with whom and which resources, and those other accounts opened to it.
// Deleted shares are listed for two hours more and say so.
var resourceShares = Service{
	Name:    "ram/resource-share",
	Actions: []string{"ram:GetResourceShares", "ram:ListPrincipals", "ram:ListResources"},
	Collect: func(c *call) {
		svc := ram.NewFromConfig(c.cfg)
		shares := func(p *ram.GetResourceSharesOutput) []types.ResourceShare { return p.ResourceShares }
		of := func(owner types.ResourceOwner) {
			list(c, svc.GetResourceShares, &ram.GetResourceSharesInput{ResourceOwner: owner, MaxResults: sdk.Int32(500)}, shares, func(it *item, s types.ResourceShare) {
				it.id(s.ResourceShareArn)
				one := []string{it.ID}
				if owner == types.ResourceOwnerSelf { // of another's share only its owner may see with whom
					askAll(it, svc.ListPrincipals, &ram.ListPrincipalsInput{ResourceOwner: owner, ResourceShareArns: one, MaxResults: sdk.Int32(500)})
				}
				askAll(it, svc.ListResources, &ram.ListResourcesInput{ResourceOwner: owner, ResourceShareArns: one, MaxResults: sdk.Int32(500)})
			})
		}
		of(types.ResourceOwnerSelf)
		of(types.ResourceOwnerOtherAccounts)
	},
}
