package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

func buses(p *eventbridge.ListEventBusesOutput) []types.EventBus { return p.EventBuses }

// eventBuses collects EventBridge's buses and who else may put events on them.
var eventBuses = Service{
	Name:    "events/bus",
	Actions: []string{"events:ListEventBuses"},
	Collect: func(c *call) {
		svc := eventbridge.NewFromConfig(c.cfg)
		list(c, svc.ListEventBuses, &eventbridge.ListEventBusesInput{}, buses, func(it *item, b types.EventBus) { it.id(b.Arn) })
	},
}

// eventRules collects the rules of every bus and where they send what they match.
var eventRules = Service{
	Name:    "events/rule",
	Actions: []string{"events:ListEventBuses", "events:ListRules", "events:ListTargetsByRule"},
	Collect: func(c *call) {
		svc := eventbridge.NewFromConfig(c.cfg)
		rules := func(p *eventbridge.ListRulesOutput) []types.Rule { return p.Rules }
		list(c, svc.ListEventBuses, &eventbridge.ListEventBusesInput{}, buses, func(_ *item, b types.EventBus) {
			list(c, svc.ListRules, &eventbridge.ListRulesInput{EventBusName: b.Name}, rules, func(it *item, r types.Rule) {
				it.id(r.Arn)
				askAll(it, svc.ListTargetsByRule, &eventbridge.ListTargetsByRuleInput{Rule: r.Name, EventBusName: b.Name})
			})
		})
	},
}
