package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
)

// classicLoadBalancers collects the load balancers of the first generation, which
// have a name and no ARN.
var classicLoadBalancers = Service{
	Name:    "elb/load-balancer",
	Actions: []string{"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancerAttributes"},
	Collect: func(c *call) {
		svc := elasticloadbalancing.NewFromConfig(c.cfg)
		balancers := func(p *elasticloadbalancing.DescribeLoadBalancersOutput) []types.LoadBalancerDescription {
			return p.LoadBalancerDescriptions
		}
		list(c, svc.DescribeLoadBalancers, &elasticloadbalancing.DescribeLoadBalancersInput{}, balancers, func(it *item, b types.LoadBalancerDescription) {
			it.id(b.LoadBalancerName)
			ask(it, svc.DescribeLoadBalancerAttributes, &elasticloadbalancing.DescribeLoadBalancerAttributesInput{LoadBalancerName: b.LoadBalancerName})
		})
	},
}
