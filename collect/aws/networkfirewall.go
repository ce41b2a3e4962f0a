package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/networkfirewall"
	"github.com/aws/aws-sdk-go-v2/service/networkfirewall/types"
)

// networkFirewalls collects the firewalls in front of VPCs and where they log.
var networkFirewalls = Service{
	Name:    "network-firewall/firewall",
	Actions: []string{"network-firewall:ListFirewalls", "network-firewall:DescribeFirewall", "network-firewall:DescribeLoggingConfiguration"},
	Collect: func(c *call) {
		svc := networkfirewall.NewFromConfig(c.cfg)
		firewalls := func(p *networkfirewall.ListFirewallsOutput) []types.FirewallMetadata { return p.Firewalls }
		list(c, svc.ListFirewalls, &networkfirewall.ListFirewallsInput{MaxResults: sdk.Int32(100)}, firewalls, func(it *item, f types.FirewallMetadata) {
			it.id(f.FirewallArn)
			ask(it, svc.DescribeFirewall, &networkfirewall.DescribeFirewallInput{FirewallArn: f.FirewallArn})
			ask(it, svc.DescribeLoggingConfiguration, &networkfirewall.DescribeLoggingConfigurationInput{FirewallArn: f.FirewallArn})
		})
	},
}
