package aws

import (
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func balancers(p *elb.DescribeLoadBalancersOutput) []types.LoadBalancer { return p.LoadBalancers }

// elbLoadBalancers collects the application, network and gateway load balancers,
// and how each is set: logs, header handling, deletion protection.
var elbLoadBalancers = Service{
	Name:    "elbv2/load-balancer",
	Actions: []string{"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancerAttributes"},
	Collect: func(c *call) {
		svc := elb.NewFromConfig(c.cfg)
		list(c, svc.DescribeLoadBalancers, &elb.DescribeLoadBalancersInput{}, balancers, func(it *item, b types.LoadBalancer) {
			it.id(b.LoadBalancerArn)
			ask(it, svc.DescribeLoadBalancerAttributes, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: b.LoadBalancerArn})
		})
	},
}

// elbListeners collects every listener with its TLS policy, all its certificates
// and, of an application load balancer's, the rules. Other kinds of load balancer
// have no rules to ask for.
var elbListeners = Service{
	Name: "elbv2/listener",
	Actions: []string{"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeListeners",
		"elasticloadbalancing:DescribeListenerCertificates", "elasticloadbalancing:DescribeRules"},
	Collect: func(c *call) {
		svc := elb.NewFromConfig(c.cfg)
		listeners := func(p *elb.DescribeListenersOutput) []types.Listener { return p.Listeners }
		list(c, svc.DescribeLoadBalancers, &elb.DescribeLoadBalancersInput{}, balancers, func(_ *item, b types.LoadBalancer) {
			list(c, svc.DescribeListeners, &elb.DescribeListenersInput{LoadBalancerArn: b.LoadBalancerArn}, listeners, func(it *item, l types.Listener) {
				it.id(l.ListenerArn)
				if l.Protocol == types.ProtocolEnumHttps || l.Protocol == types.ProtocolEnumTls {
					askAll(it, svc.DescribeListenerCertificates, &elb.DescribeListenerCertificatesInput{ListenerArn: l.ListenerArn})
				}
				if b.Type == types.LoadBalancerTypeEnumApplication {
					askAll(it, svc.DescribeRules, &elb.DescribeRulesInput{ListenerArn: l.ListenerArn})
				}
			})
		})
	},
}

// elbSSLPolicies collects what AWS's named TLS policies permit: protocols and ciphers.
var elbSSLPolicies = Service{
	Name:    "elbv2/ssl-policy",
	Actions: []string{"elasticloadbalancing:DescribeSSLPolicies"},
	Collect: func(c *call) {
		svc := elb.NewFromConfig(c.cfg)
		policies := func(p *elb.DescribeSSLPoliciesOutput) []types.SslPolicy { return p.SslPolicies }
		list(c, svc.DescribeSSLPolicies, &elb.DescribeSSLPoliciesInput{}, policies, func(it *item, s types.SslPolicy) { it.id(s.Name) })
	},
}

// elbTargetGroups collects the target groups and the state of each target.
var elbTargetGroups = Service{
	Name:    "elbv2/target-group",
	Actions: []string{"elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth"},
	Collect: func(c *call) {
		svc := elb.NewFromConfig(c.cfg)
		groups := func(p *elb.DescribeTargetGroupsOutput) []types.TargetGroup { return p.TargetGroups }
		list(c, svc.DescribeTargetGroups, &elb.DescribeTargetGroupsInput{}, groups, func(it *item, g types.TargetGroup) {
			it.id(g.TargetGroupArn)
			ask(it, svc.DescribeTargetHealth, &elb.DescribeTargetHealthInput{TargetGroupArn: g.TargetGroupArn})
		})
	},
}
