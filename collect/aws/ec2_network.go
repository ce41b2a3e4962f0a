package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// The network as it is laid out: one plain listing each.

var ec2VPCs = Service{
	Name:    "ec2/vpc",
	Actions: []string{"ec2:DescribeVpcs"},
	Collect: func(c *call) {
		rows := func(p *ec2.DescribeVpcsOutput) []types.Vpc { return p.Vpcs }
		list(c, ec2.NewFromConfig(c.cfg).DescribeVpcs, &ec2.DescribeVpcsInput{MaxResults: sdk.Int32(1000)}, rows, func(it *item, v types.Vpc) { it.id(v.VpcId) })
	},
}

var ec2Subnets = Service{
	Name:    "ec2/subnet",
	Actions: []string{"ec2:DescribeSubnets"},
	Collect: func(c *call) {
		rows := func(p *ec2.DescribeSubnetsOutput) []types.Subnet { return p.Subnets }
		list(c, ec2.NewFromConfig(c.cfg).DescribeSubnets, &ec2.DescribeSubnetsInput{MaxResults: sdk.Int32(1000)}, rows, func(it *item, s types.Subnet) { it.id(s.SubnetId) })
	},
}

var ec2RouteTables = Service{
	Name:    "ec2/route-table",
	Actions: []string{"ec2:DescribeRouteTables"},
	Collect: func(c *call) {
		rows := func(p *ec2.DescribeRouteTablesOutput) []types.RouteTable { return p.RouteTables }
		list(c, ec2.NewFromConfig(c.cfg).DescribeRouteTables, &ec2.DescribeRouteTablesInput{MaxResults: sdk.Int32(100)}, rows, func(it *item, r types.RouteTable) { it.id(r.RouteTableId) })
	},
}

var ec2InternetGateways = Service{
	Name:    "ec2/internet-gateway",
	Actions: []string{"ec2:DescribeInternetGateways"},
	Collect: func(c *call) {
		rows := func(p *ec2.DescribeInternetGatewaysOutput) []types.InternetGateway { return p.InternetGateways }
		list(c, ec2.NewFromConfig(c.cfg).DescribeInternetGateways, &ec2.DescribeInternetGatewaysInput{MaxResults: sdk.Int32(1000)}, rows, func(it *item, g types.InternetGateway) { it.id(g.InternetGatewayId) })
	},
}

var ec2NATGateways = Service{
	Name:    "ec2/nat-gateway",
	Actions: []string{"ec2:DescribeNatGateways"},
	Collect: func(c *call) {
		rows := func(p *ec2.DescribeNatGatewaysOutput) []types.NatGateway { return p.NatGateways }
		list(c, ec2.NewFromConfig(c.cfg).DescribeNatGateways, &ec2.DescribeNatGatewaysInput{MaxResults: sdk.Int32(1000)}, rows, func(it *item, g types.NatGateway) { it.id(g.NatGatewayId) })
	},
}

var ec2NetworkACLs = Service{
	Name:    "ec2/network-acl",
	Actions: []string{"ec2:DescribeNetworkAcls"},
	Collect: func(c *call) {
		rows := func(p *ec2.DescribeNetworkAclsOutput) []types.NetworkAcl { return p.NetworkAcls }
		list(c, ec2.NewFromConfig(c.cfg).DescribeNetworkAcls, &ec2.DescribeNetworkAclsInput{MaxResults: sdk.Int32(1000)}, rows, func(it *item, a types.NetworkAcl) { it.id(a.NetworkAclId) })
	},
}
