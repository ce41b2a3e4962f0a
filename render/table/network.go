package table

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"exhibit/control"
)

// A Network is one VPC as it is drawn: a column for each availability zone, a row
// for each tier, and its ways out above. The table of the same subnets stands
// beside it: the picture adds nothing.
type Network struct {
	ID, Title string // ID is unique on the page
	Says      string // the same in one sentence
	Doors     []string
	Zones     []string
	Tiers     []Tier
}

// A Tier is the subnets that share a way out, by zone.
type Tier struct {
	Name    string // "public", "private", "isolated", "routes not answered"
	Subnets [][]Subnet
}

// A Subnet is one box.
type Subnet struct{ Name, CIDR, Holds string }

func (Network) block() {}

// networkSources are what a network is drawn from.
func networkSources() []string {
	return []string{"ec2/vpc", "ec2/subnet", "ec2/route-table", "ec2/internet-gateway", "ec2/nat-gateway", "ec2/vpc-endpoint", "ec2/vpc-peering-connection", "ec2/network-interface"}
}

// The tiers, in the order they are drawn.
const (
	tierPublic   = "public"
	tierPrivate  = "private"
	tierIsolated = "isolated"
	tierUnknown  = "routes not answered"
)

// Networks are the VPCs that hold a subnet anybody made use of, sorted by
// account, region and id; others says how many default ones without any use were
// left out.
func (b *Book) Networks() (drawn []Network, tables []*Table, others int) {
	for _, vpc := range b.Items["ec2/vpc"] {
		id := textAt(vpc, "DescribeVpcs.VpcId")
		subnets := b.within("ec2/subnet", vpc, "DescribeSubnets.VpcId", id)
		held := b.occupants(vpc)
		if textAt(vpc, "DescribeVpcs.IsDefault") == "yes" && !slices.ContainsFunc(subnets, func(s control.Located) bool { return held[textAt(s, "DescribeSubnets.SubnetId")] != "" }) {
			others++
			continue
		}
		n, t := b.network(vpc, id, subnets, held)
		drawn, tables = append(drawn, n), append(tables, t)
	}
	return drawn, tables, others
}

// within are the items of a source in a VPC's account and region whose leaf is the VPC's id.
func (b *Book) within(source string, vpc control.Located, path, id string) []control.Located {
	var out []control.Located
	for _, it := range b.ItemsOf(Key{vpc.Account, vpc.Region, source}) {
		if textAt(it, path) == id {
			out = append(out, it)
		}
	}
	return out
}

func (b *Book) network(vpc control.Located, id string, subnets []control.Located, held map[string]string) (Network, *Table) {
	name := tagName(vpc, "DescribeVpcs")
	title := strings.TrimSpace(name + " " + id)
	n := Network{ID: "net-" + Hash(vpc.Account, vpc.Region, id), Title: title + ", " + vpc.Region + ", " + b.AccountName(vpc.Account)}
	n.Doors = b.doors(vpc, id)
	t := b.inventory("network-"+Hash(vpc.Account, vpc.Region, id), "Subnets of "+title, networkSources(),
		Column{"tier", "Way out", Text, 26}, Column{"zone", "Zone", Code, 14}, Column{"subnet", "Subnet", Code, 24}, Column{"name", "Name", Text, 18}, Column{"cidr", "Addresses", Code, 18},
		Column{"public_ip", "Gives public addresses", Text, 12}, Column{"holds", "Network interfaces in it", Text, 30})
	type placed struct {
		tier, way string
		it        control.Located
	}
	var all []placed
	routes := b.within("ec2/route-table", vpc, "DescribeRouteTables.VpcId", id)
	known := b.answered("ec2/route-table", vpc.Account, vpc.Region)
	for _, s := range subnets {
		tier, way := wayOut(routes, textAt(s, "DescribeSubnets.SubnetId"), known)
		all = append(all, placed{tier, way, s})
		if z := textAt(s, "DescribeSubnets.AvailabilityZone"); !slices.Contains(n.Zones, z) {
			n.Zones = append(n.Zones, z)
		}
	}
	slices.Sort(n.Zones)
	order := []string{tierPublic, tierPrivate, tierIsolated, tierUnknown}
	slices.SortStableFunc(all, func(x, y placed) int {
		return cmp.Or(cmp.Compare(slices.Index(order, x.tier), slices.Index(order, y.tier)),
			cmp.Compare(textAt(x.it, "DescribeSubnets.AvailabilityZone"), textAt(y.it, "DescribeSubnets.AvailabilityZone")), cmp.Compare(textAt(x.it, "DescribeSubnets.CidrBlock"), textAt(y.it, "DescribeSubnets.CidrBlock")))
	})
	count := map[string]int{}
	for _, p := range all {
		if len(n.Tiers) == 0 || n.Tiers[len(n.Tiers)-1].Name != p.tier {
			n.Tiers = append(n.Tiers, Tier{p.tier, make([][]Subnet, len(n.Zones))})
		}
		count[p.tier]++
		tier := &n.Tiers[len(n.Tiers)-1]
		z := slices.Index(n.Zones, textAt(p.it, "DescribeSubnets.AvailabilityZone"))
		sid, cidr := textAt(p.it, "DescribeSubnets.SubnetId"), textAt(p.it, "DescribeSubnets.CidrBlock")
		label := tagName(p.it, "DescribeSubnets")
		tier.Subnets[z] = append(tier.Subnets[z], Subnet{cmp.Or(label, sid), cidr, held[sid]})
		t.Add("", Str(p.way), Mono(n.Zones[z]), Mono(sid).To(b.ItemHref(Key{p.it.Account, p.it.Region, p.it.Source}, p.it.ID)), Str(label), Mono(cidr), said(p.it, "DescribeSubnets.MapPublicIpOnLaunch"), Str(held[sid]))
	}
	var words []string
	for _, tier := range n.Tiers {
		words = append(words, Plural(count[tier.Name], tier.Name+" subnet", tier.Name+" subnets"))
	}
	n.Says = fmt.Sprintf("%s %s has %s in %s. Ways out: %s.", title, textAt(vpc, "DescribeVpcs.CidrBlock"), cmp.Or(strings.Join(words, ", "), "no subnet"), Plural(len(n.Zones), "zone", "zones"), cmp.Or(strings.Join(n.Doors, "; "), "none"))
	return n, t
}

// tagName is the tag Name of an item.
func tagName(it control.Located, op string) string {
	for _, tag := range listAt(it, op+".Tags") {
		if k, _ := dig(tag, "Key").(string); k == "Name" {
			v, _ := dig(tag, "Value").(string)
			return v
		}
	}
	return ""
}

// wayOut says where a subnet's default route leads, by the table associated with
// it or else the VPC's main one.
func wayOut(routes []control.Located, subnet string, known bool) (tier, words string) {
	if !known {
		return tierUnknown, "not answered: the route tables were not listed"
	}
	var main, own *control.Located
	for i := range routes {
		for _, a := range listAt(routes[i], "DescribeRouteTables.Associations") {
			if s, _ := dig(a, "SubnetId").(string); s == subnet {
				own = &routes[i]
			}
			if m, _ := dig(a, "Main").(bool); m {
				main = &routes[i]
			}
		}
	}
	table := cmp.Or(own, main)
	if table == nil {
		return tierUnknown, "not answered: no route table names it"
	}
	tier, words = tierIsolated, "none: no default route"
	for _, r := range listAt(*table, "DescribeRouteTables.Routes") {
		to, _ := dig(r, "DestinationCidrBlock").(string)
		to6, _ := dig(r, "DestinationIpv6CidrBlock").(string)
		if to != "0.0.0.0/0" && to6 != "::/0" {
			continue
		}
		if state, _ := dig(r, "State").(string); state == "blackhole" {
			continue
		}
		for _, key := range []string{"GatewayId", "NatGatewayId", "TransitGatewayId", "VpcPeeringConnectionId", "NetworkInterfaceId", "EgressOnlyInternetGatewayId"} {
			gate, _ := dig(r, key).(string)
			if gate == "" {
				continue
			}
			if strings.HasPrefix(gate, "igw-") {
				return tierPublic, "internet gateway " + gate
			}
			tier, words = tierPrivate, "by "+gate
		}
	}
	return tier, words
}

// doors are the ways in and out of a VPC, in words.
func (b *Book) doors(vpc control.Located, id string) []string {
	var out []string
	for _, g := range b.ItemsOf(Key{vpc.Account, vpc.Region, "ec2/internet-gateway"}) {
		for _, a := range listAt(g, "DescribeInternetGateways.Attachments") {
			if v, _ := dig(a, "VpcId").(string); v == id {
				out = append(out, "internet gateway "+textAt(g, "DescribeInternetGateways.InternetGatewayId"))
			}
		}
	}
	if n := len(b.within("ec2/nat-gateway", vpc, "DescribeNatGateways.VpcId", id)); n > 0 {
		out = append(out, Plural(n, "NAT gateway", "NAT gateways"))
	}
	var services []string
	for _, e := range b.within("ec2/vpc-endpoint", vpc, "DescribeVpcEndpoints.VpcId", id) {
		name := textAt(e, "DescribeVpcEndpoints.ServiceName")
		services = append(services, name[strings.LastIndexByte(name, '.')+1:])
	}
	if len(services) > 0 {
		slices.Sort(services)
		services = slices.Compact(services)
		word := "endpoint of "
		if len(services) > 1 {
			word = "endpoints of "
		}
		out = append(out, word+strings.Join(services, ", "))
	}
	for _, p := range b.ItemsOf(Key{vpc.Account, vpc.Region, "ec2/vpc-peering-connection"}) {
		if textAt(p, "DescribeVpcPeeringConnections.RequesterVpcInfo.VpcId") == id || textAt(p, "DescribeVpcPeeringConnections.AccepterVpcInfo.VpcId") == id {
			out = append(out, "peering "+textAt(p, "DescribeVpcPeeringConnections.VpcPeeringConnectionId"))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// occupants counts the network interfaces of each subnet by what they belong to.
func (b *Book) occupants(vpc control.Located) map[string]string {
	counts := map[string]map[string]int{}
	for _, it := range b.ItemsOf(Key{vpc.Account, vpc.Region, "ec2/network-interface"}) {
		s := textAt(it, "DescribeNetworkInterfaces.SubnetId")
		if counts[s] == nil {
			counts[s] = map[string]int{}
		}
		counts[s][interfaceOf(it)]++
	}
	out := map[string]string{}
	for s, kinds := range counts {
		var parts []string
		for _, k := range sortedKeys(kinds) {
			parts = append(parts, Plural(kinds[k], k, k+"s"))
		}
		out[s] = strings.Join(parts, ", ")
	}
	return out
}

// interfaceOf says in a word whom a network interface serves, from how AWS describes it.
func interfaceOf(it control.Located) string {
	const op = "DescribeNetworkInterfaces."
	says, kind := textAt(it, op+"Description"), textAt(it, op+"InterfaceType")
	switch {
	case strings.HasPrefix(says, "ELB "):
		return "load balancer"
	case strings.HasPrefix(says, "RDSNetworkInterface"):
		return "database"
	case kind == "nat_gateway", strings.HasPrefix(says, "Interface for NAT Gateway"):
		return "NAT"
	case kind == "vpc_endpoint":
		return "endpoint"
	case kind == "lambda":
		return "function"
	case strings.Contains(says, "arn:aws:ecs:"), strings.HasPrefix(says, "arn:") && strings.Contains(says, ":ecs:"):
		return "task"
	case strings.HasPrefix(says, "ElastiCache"):
		return "cache"
	case textAt(it, op+"Attachment.InstanceId") != "":
		return "instance"
	}
	return "other"
}
