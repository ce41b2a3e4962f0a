package control

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
)

// opensAllPorts looks for one permission that lets the whole internet reach every
// TCP or every UDP port: all protocols, or a range from 0 or 1 to 65535. Whose
// addresses stand in a prefix list nobody asked about is not known.
func opensAllPorts(permissions any) (any, error) {
	var lists []string
	list, ok := permissions.([]any)
	if !ok {
		return nil, fmt.Errorf("reading IpPermissions: not a list")
	}
	for i, e := range list {
		p, ok := e.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("reading IpPermissions: entry %d is not an object", i+1)
		}
		every, err := everyPort(p)
		if err != nil {
			return nil, fmt.Errorf("reading IpPermissions: entry %d: %w", i+1, err)
		}
		if !every {
			continue
		}
		open, err := fromAnywhere(p)
		if err != nil {
			return nil, fmt.Errorf("reading IpPermissions: entry %d: %w", i+1, err)
		}
		if open {
			return true, nil
		}
		lists = append(lists, prefixLists(p)...)
	}
	if len(lists) > 0 {
		return unanswered{strings.Join(lists, ", ") + " (never asked)"}, nil
	}
	return false, nil
}

func everyPort(p map[string]any) (bool, error) {
	from, to, of, err := portsOf(p, "tcp", "6", "udp", "17")
	return of && (from == -1 || from <= 1 && to >= 65535), err
}

func prefixLists(p map[string]any) (out []string) {
	list, _ := p["PrefixListIds"].([]any)
	for _, l := range list {
		out = append(out, "the prefix list "+written(fieldsOf(l)).text("PrefixListId"))
	}
	return out
}

// notPublic are the ranges no host of the internet has.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("224.0.0.0/3"), netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("ff00::/8"),
}

// wideRanges lists the public ranges permissions name that hold more addresses
// than a prefix of so many bits; of IPv6, more than a /32, what a provider gets.
// The whole internet, 0.0.0.0/0 and ::/0, is left out: it is other checks' matter.
func wideRanges(permissions any, bits int64) (any, error) {
	wide := []any{}
	var lists []string
	list, ok := permissions.([]any)
	if !ok {
		return nil, fmt.Errorf("reading IpPermissions: not a list")
	}
	for i, e := range list {
		p, ok := e.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("reading IpPermissions: entry %d is not an object", i+1)
		}
		for _, in := range []struct {
			list, field string
			bits        int
		}{{"IpRanges", "CidrIp", int(bits)}, {"Ipv6Ranges", "CidrIpv6", 32}} {
			ranges, _ := p[in.list].([]any)
			for _, r := range ranges {
				prefix, err := netip.ParsePrefix(written(fieldsOf(r)).text(in.field))
				if err != nil {
					return nil, fmt.Errorf("reading IpPermissions: entry %d: %s: %w", i+1, in.field, err)
				}
				inside := slices.ContainsFunc(notPublic, func(n netip.Prefix) bool { return n.Contains(prefix.Addr()) && n.Bits() <= prefix.Bits() })
				if prefix.Bits() > 0 && prefix.Bits() < in.bits && !inside {
					wide = append(wide, prefix.String())
				}
			}
		}
		lists = append(lists, prefixLists(p)...)
	}
	if len(wide) == 0 && len(lists) > 0 {
		return unanswered{strings.Join(lists, ", ") + " (never asked)"}, nil
	}
	return wide, nil
}

// aclOpensPort goes through the rules for incoming traffic by their numbers, as
// the network does: the whole internet reaches the port when a rule allows it
// before one denies the port to everybody.
func aclOpensPort(entries any, port int64) (bool, error) {
	type rule struct {
		number int64
		allow  bool
		from   netip.Prefix
	}
	rules, ok := entries.([]any)
	if !ok {
		return false, fmt.Errorf("reading Entries: not a list")
	}
	var of []rule
	for i, e := range rules {
		p, _ := e.(map[string]any)
		out, ok := p["Egress"].(bool)
		if !ok {
			return false, fmt.Errorf("reading Entries: entry %d does not say which way it goes", i+1)
		}
		if out {
			continue
		}
		r, covers, err := aclRule(p, port)
		if err != nil {
			return false, fmt.Errorf("reading Entries: entry %d: %w", i+1, err)
		}
		if !covers {
			continue
		}
		cidr := written(p).text("CidrBlock")
		if cidr == "" {
			cidr = written(p).text("Ipv6CidrBlock")
		}
		from, err := netip.ParsePrefix(cidr)
		if err != nil {
			return false, fmt.Errorf("reading Entries: entry %d: %w", i+1, err)
		}
		of = append(of, rule{r, p["RuleAction"] == "allow", from})
	}
	slices.SortStableFunc(of, func(a, b rule) int { return int(a.number - b.number) })
	denied := map[bool]bool{} // by whether it is IPv6
	for _, r := range of {
		six := r.from.Addr().Is6()
		switch {
		case r.allow && anywhere(r.from) && !denied[six]:
			return true, nil
		case !r.allow && r.from.Bits() == 0:
			denied[six] = true
		}
	}
	return false, nil
}

// aclRule reads a rule's number and whether it covers a TCP port. Protocol -1 is
// all, and has no ports.
func aclRule(p map[string]any, port int64) (number int64, covers bool, err error) {
	if number, err = whole(p["RuleNumber"]); err != nil {
		return 0, false, fmt.Errorf("RuleNumber: %w", err)
	}
	if a := p["RuleAction"]; a != "allow" && a != "deny" {
		return 0, false, fmt.Errorf("RuleAction is %v", a)
	}
	switch protocol, _ := p["Protocol"].(string); protocol {
	case "-1":
		return number, true, nil
	case "6", "tcp":
	case "":
		return 0, false, fmt.Errorf("it has no Protocol")
	default:
		return number, false, nil
	}
	ports := fieldsOf(p["PortRange"])
	from, err := whole(ports["From"])
	if err != nil {
		return 0, false, fmt.Errorf("PortRange: %w", err)
	}
	to, err := whole(ports["To"])
	if err != nil {
		return 0, false, fmt.Errorf("PortRange: %w", err)
	}
	return number, from <= port && port <= to, nil
}

// targets are the fields in which a route says where it leads; it has one of them.
var targets = []string{"CarrierGatewayId", "CoreNetworkArn", "EgressOnlyInternetGatewayId", "GatewayId", "InstanceId", "LocalGatewayId",
	"NatGatewayId", "NetworkInterfaceId", "OdbNetworkArn", "TransitGatewayId", "VpcPeeringConnectionId"}

// leadsToInternet looks for a route to an internet gateway. A route that does not
// say where it leads may be one.
func leadsToInternet(routes any) (any, error) {
	list, ok := routes.([]any)
	if !ok {
		return nil, fmt.Errorf("reading Routes: not a list")
	}
	nowhere := 0
	for _, e := range list {
		r := written(fieldsOf(e))
		if strings.HasPrefix(r.text("GatewayId"), "igw-") {
			return true, nil
		}
		if !slices.ContainsFunc(targets, func(t string) bool { return r.text(t) != "" }) {
			nowhere++
		}
	}
	if nowhere > 0 {
		return unanswered{fmt.Sprintf("where %d of the routes lead (not in the answer)", nowhere)}, nil
	}
	return false, nil
}

var aDate = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}\b`)

// dateIn finds the first day a text names.
func dateIn(v any) (string, error) {
	text, _ := v.(string)
	for _, day := range aDate.FindAllString(text, -1) {
		if _, err := time.Parse(time.DateOnly, day); err == nil {
			return day, nil
		}
	}
	return "", fmt.Errorf("%q names no day", text)
}
