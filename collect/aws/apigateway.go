package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// apiGatewayStages collects the stages of REST APIs, each with what the listing
// says of its API.
var apiGatewayStages = Service{
	Name:    "apigateway/stage",
	Actions: []string{"apigateway:GET"},
	On:      map[string][]string{"apigateway:GET": {"arn:aws:apigateway:*::/restapis", "arn:aws:apigateway:*::/restapis/*/stages"}},
	Collect: func(c *call) {
		svc := apigateway.NewFromConfig(c.cfg)
		apis := func(p *apigateway.GetRestApisOutput) []types.RestApi { return p.Items }
		stages := func(p *apigateway.GetStagesOutput) []types.Stage { return p.Item }
		list(c, svc.GetRestApis, &apigateway.GetRestApisInput{Limit: sdk.Int32(500)}, apis, func(api *item, a types.RestApi) {
			list(c, svc.GetStages, &apigateway.GetStagesInput{RestApiId: a.Id}, stages, func(it *item, s types.Stage) {
				it.name(a.Id, s.StageName)
				it.of(api)
			})
		})
	},
}

// apiGatewayDomains collects the domain names APIs are called by, and the TLS each
// asks for.
var apiGatewayDomains = Service{
	Name:    "apigateway/domain-name",
	Actions: []string{"apigateway:GET"},
	On:      map[string][]string{"apigateway:GET": {"arn:aws:apigateway:*::/domainnames"}},
	Collect: func(c *call) {
		svc := apigateway.NewFromConfig(c.cfg)
		domains := func(p *apigateway.GetDomainNamesOutput) []types.DomainName { return p.Items }
		list(c, svc.GetDomainNames, &apigateway.GetDomainNamesInput{Limit: sdk.Int32(500)}, domains, func(it *item, d types.DomainName) {
			if d.DomainNameArn != nil { // a private one: two may have one name
				it.id(d.DomainNameArn)
				return
			}
			it.id(d.DomainName)
		})
	},
}
