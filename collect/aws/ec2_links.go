package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// What ties a network to others, and what is recorded and reachable of it.

// ec2FlowLogs collects the flow logs of VPCs, subnets and network interfaces.
var ec2FlowLogs = Service{
	Name:    "ec2/flow-log",
	Actions: []string{"ec2:DescribeFlowLogs"},
	Collect: func(c *call) {
		rows := func(p *ec2.DescribeFlowLogsOutput) []types.FlowLog { return p.FlowLogs }
		list(c, ec2.NewFromConfig(c.cfg).DescribeFlowLogs, &ec2.DescribeFlowLogsInput{MaxResults: sdk.Int32(1000)}, rows, func(it *item, f types.FlowLog) { it.id(f.FlowLogId) })
	},
}

// ec2NetworkInterfaces collects every network interface: whatever runs in a VPC,
// whichever service put it there, has one.
var ec2NetworkInterfaces = Service{
	Name:    "ec2/network-interface",
	Actions: []string{"ec2:DescribeNetworkInterfaces"},
	Collect: func(c *call) {
		rows := func(p *ec2.DescribeNetworkInterfacesOutput) []types.NetworkInterface { return p.NetworkInterfaces }
		list(c, ec2.NewFromConfig(c.cfg).DescribeNetworkInterfaces, &ec2.DescribeNetworkInterfacesInput{MaxResults: sdk.Int32(1000)}, rows, func(it *item, n types.NetworkInterface) { it.id(n.NetworkInterfaceId) })
	},
}

// ec2Addresses collects the Elastic IP addresses. One of a VPC has an allocation;
// an address of EC2-Classic, which is no more, had none.
var ec2Addresses = Service{
	Name:    "ec2/address",
	Actions: []string{"ec2:DescribeAddresses"},
	Collect: func(c *call) {
		rows := func(p *ec2.DescribeAddressesOutput) []types.Address { return p.Addresses }
		list(c, ec2.NewFromConfig(c.cfg).DescribeAddresses, &ec2.DescribeAddressesInput{}, rows, func(it *item, a types.Address) { it.id(a.AllocationId) })
	},
}

// ec2VPCEndpoints collects the private ways to AWS's services, with their policies.
var ec2VPCEndpoints = Service{
	Name:    "ec2/vpc-endpoint",
	Actions: []string{"ec2:DescribeVpcEndpoints"},
	Collect: func(c *call) {
		rows := func(p *ec2.DescribeVpcEndpointsOutput) []types.VpcEndpoint { return p.VpcEndpoints }
		list(c, ec2.NewFromConfig(c.cfg).DescribeVpcEndpoints, &ec2.DescribeVpcEndpointsInput{MaxResults: sdk.Int32(1000)}, rows, func(it *item, e types.VpcEndpoint) { it.id(e.VpcEndpointId) })
	},
}

// ec2PeeringConnections collects the VPCs that are joined to another, of whatever account.
var ec2PeeringConnections = Service{
	Name:    "ec2/vpc-peering-connection",
	Actions: []string{"ec2:DescribeVpcPeeringConnections"},
	Collect: func(c *call) {
		rows := func(p *ec2.DescribeVpcPeeringConnectionsOutput) []types.VpcPeeringConnection {
			return p.VpcPeeringConnections
		}
		list(c, ec2.NewFromConfig(c.cfg).DescribeVpcPeeringConnections, &ec2.DescribeVpcPeeringConnectionsInput{MaxResults: sdk.Int32(1000)}, rows, func(it *item, p types.VpcPeeringConnection) { it.id(p.VpcPeeringConnectionId) })
	},
}

// ec2TransitGateways collects the transit gateways the account owns and those
// other accounts share with it (see OwnerId).
var ec2TransitGateways = Service{
	Name:    "ec2/transit-gateway",
	Actions: []string{"ec2:DescribeTransitGateways"},
	Collect: func(c *call) {
		rows := func(p *ec2.DescribeTransitGatewaysOutput) []types.TransitGateway { return p.TransitGateways }
		list(c, ec2.NewFromConfig(c.cfg).DescribeTransitGateways, &ec2.DescribeTransitGatewaysInput{MaxResults: sdk.Int32(1000)}, rows, func(it *item, g types.TransitGateway) { it.id(g.TransitGatewayArn) })
	},
}

// ec2ClientVPNEndpoints collects the VPNs that people dial into.
var ec2ClientVPNEndpoints = Service{
	Name:    "ec2/client-vpn-endpoint",
	Actions: []string{"ec2:DescribeClientVpnEndpoints"},
	Collect: func(c *call) {
		rows := func(p *ec2.DescribeClientVpnEndpointsOutput) []types.ClientVpnEndpoint { return p.ClientVpnEndpoints }
		list(c, ec2.NewFromConfig(c.cfg).DescribeClientVpnEndpoints, &ec2.DescribeClientVpnEndpointsInput{MaxResults: sdk.Int32(1000)}, rows, func(it *item, e types.ClientVpnEndpoint) { it.id(e.ClientVpnEndpointId) })
	},
}
