package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

func httpAPIs(p *apigatewayv2.GetApisOutput) []types.Api { return p.Items }

// httpStages collects the stages of HTTP and WebSocket APIs, each with what the
// listing says of its API.
var httpStages = Service{
	Name:    "apigatewayv2/stage",
	Actions: []string{"apigateway:GET"},
	On:      map[string][]string{"apigateway:GET": {"arn:aws:apigateway:*::/apis", "arn:aws:apigateway:*::/apis/*/stages"}},
	Collect: func(c *call) {
		svc := apigatewayv2.NewFromConfig(c.cfg)
		stages := func(p *apigatewayv2.GetStagesOutput) []types.Stage { return p.Items }
		list(c, svc.GetApis, &apigatewayv2.GetApisInput{MaxResults: sdk.String("100")}, httpAPIs, func(api *item, a types.Api) {
			list(c, svc.GetStages, &apigatewayv2.GetStagesInput{ApiId: a.ApiId, MaxResults: sdk.String("100")}, stages, func(it *item, s types.Stage) {
				it.name(a.ApiId, s.StageName)
				it.of(api)
			})
		})
	},
}

// httpRoutes collects the routes of HTTP and WebSocket APIs: what may be called,
// and who must say who they are.
var httpRoutes = Service{
	Name:    "apigatewayv2/route",
	Actions: []string{"apigateway:GET"},
	On:      map[string][]string{"apigateway:GET": {"arn:aws:apigateway:*::/apis", "arn:aws:apigateway:*::/apis/*/routes"}},
	Collect: func(c *call) {
		svc := apigatewayv2.NewFromConfig(c.cfg)
		routes := func(p *apigatewayv2.GetRoutesOutput) []types.Route { return p.Items }
		list(c, svc.GetApis, &apigatewayv2.GetApisInput{MaxResults: sdk.String("100")}, httpAPIs, func(api *item, a types.Api) {
			list(c, svc.GetRoutes, &apigatewayv2.GetRoutesInput{ApiId: a.ApiId, MaxResults: sdk.String("100")}, routes, func(it *item, r types.Route) {
				it.name(a.ApiId, r.RouteId)
				it.of(api)
			})
		})
	},
}
