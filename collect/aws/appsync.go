package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
)

// appSyncAPIs collects the GraphQL APIs and the cache of each. Their API keys are
// not asked for: an id is the key itself.
var appSyncAPIs = Service{
	Name:    "appsync/api",
	Actions: []string{"appsync:ListGraphqlApis", "appsync:GetApiCache"},
	Absent:  []string{"GetApiCache:NotFoundException"}, // it has no cache
	Collect: func(c *call) {
		svc := appsync.NewFromConfig(c.cfg)
		apis := func(p *appsync.ListGraphqlApisOutput) []types.GraphqlApi { return p.GraphqlApis }
		list(c, svc.ListGraphqlApis, &appsync.ListGraphqlApisInput{MaxResults: 25}, apis, func(it *item, a types.GraphqlApi) {
			it.id(a.Arn)
			ask(it, svc.GetApiCache, &appsync.GetApiCacheInput{ApiId: a.ApiId})
		})
	},
}
