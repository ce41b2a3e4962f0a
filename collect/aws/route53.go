package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// route53Zones collects the hosted zones, public and private. Their records are
// not listed.
var route53Zones = Service{
	Name:    "route53/hosted-zone",
	Scope:   Global,
	Actions: []string{"route53:ListHostedZones"},
	Collect: func(c *call) {
		svc := route53.NewFromConfig(c.cfg)
		zones := func(p *route53.ListHostedZonesOutput) []types.HostedZone { return p.HostedZones }
		list(c, svc.ListHostedZones, &route53.ListHostedZonesInput{}, zones, func(it *item, z types.HostedZone) { it.id(z.Id) })
	},
}

// route53QueryLogs collects which zones log the queries they answer, and where.
var route53QueryLogs = Service{
	Name:    "route53/query-logging-config",
	Scope:   Global,
	Actions: []string{"route53:ListQueryLoggingConfigs"},
	Collect: func(c *call) {
		svc := route53.NewFromConfig(c.cfg)
		configs := func(p *route53.ListQueryLoggingConfigsOutput) []types.QueryLoggingConfig {
			return p.QueryLoggingConfigs
		}
		list(c, svc.ListQueryLoggingConfigs, &route53.ListQueryLoggingConfigsInput{}, configs, func(it *item, q types.QueryLoggingConfig) { it.id(q.Id) })
	},
}

// route53HealthChecks collects what Route 53 watches from outside.
var route53HealthChecks = Service{
	Name:    "route53/health-check",
	Scope:   Global,
	Actions: []string{"route53:ListHealthChecks"},
	Collect: func(c *call) {
		svc := route53.NewFromConfig(c.cfg)
		checks := func(p *route53.ListHealthChecksOutput) []types.HealthCheck { return p.HealthChecks }
		list(c, svc.ListHealthChecks, &route53.ListHealthChecksInput{}, checks, func(it *item, h types.HealthCheck) { it.id(h.Id) })
	},
}
