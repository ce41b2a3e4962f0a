package control

import (
	"fmt"
	"testing"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

func TestOpensAllPorts(t *testing.T) {
	for permission, want := range map[string]string{
		`{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}`:                                    "true",
		`{"IpProtocol":"-1","IpRanges":[{"CidrIp":"10.0.0.0/8"}]}`:                                   "false",
		`{"IpProtocol":"tcp","FromPort":0,"ToPort":65535,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}`:       "true",
		`{"IpProtocol":"udp","FromPort":1,"ToPort":65535,"Ipv6Ranges":[{"CidrIpv6":"::/0"}]}`:        "true",
		`{"IpProtocol":"17","FromPort":-1,"ToPort":-1,"IpRanges":[{"CidrIp":"128.0.0.0/1"}]}`:        "true",
		`{"IpProtocol":"tcp","FromPort":2,"ToPort":65535,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}`:       "false",
		`{"IpProtocol":"tcp","FromPort":0,"ToPort":65534,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}`:       "false",
		`{"IpProtocol":"icmp","FromPort":-1,"ToPort":-1,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}`:        "false",
		`{"IpProtocol":"-1","PrefixListIds":[{"PrefixListId":"pl-1"}]}`:                              "{the prefix list pl-1 (never asked)}",
		`{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"PrefixListIds":[{"PrefixListId":"pl-1"}]}`: "false",
		`{"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}`:                                                      "error",
		`{"IpProtocol":"tcp","ToPort":65535,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}`:                    "error",
		`{"IpProtocol":"tcp","FromPort":0,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}`:                      "error",
		`{"IpProtocol":"-1","IpRanges":[{"CidrIp":"everywhere"}]}`:                                   "error",
		`1`: "error",
	} {
		if got := said(opensAllPorts([]any{data(t, permission)})); got != want {
			t.Errorf("%s: got %s, want %s", permission, got, want)
		}
	}
}

func TestWideRanges(t *testing.T) {
	for permission, want := range map[string]string{
		`{"IpRanges":[{"CidrIp":"52.0.0.0/8"},{"CidrIp":"198.51.100.0/24"}]}`:                                                      "[52.0.0.0/8]",
		`{"IpRanges":[{"CidrIp":"0.0.0.0/1"}]}`:                                                                                    "[0.0.0.0/1]",
		`{"IpRanges":[{"CidrIp":"0.0.0.0/0"}],"Ipv6Ranges":[{"CidrIpv6":"::/0"}]}`:                                                 "[]",
		`{"IpRanges":[{"CidrIp":"10.0.0.0/8"},{"CidrIp":"172.16.0.0/12"},{"CidrIp":"192.168.0.0/16"},{"CidrIp":"100.64.0.0/10"}]}`: "[]",
		`{"IpRanges":[{"CidrIp":"10.0.0.0/7"}]}`:                                                                                   "[10.0.0.0/7]",
		`{"IpRanges":[{"CidrIp":"198.51.100.0/23"}]}`:                                                                              "[198.51.100.0/23]",
		`{"Ipv6Ranges":[{"CidrIpv6":"2001:db8::/32"},{"CidrIpv6":"fd00::/8"}]}`:                                                    "[]",
		`{"Ipv6Ranges":[{"CidrIpv6":"2600::/16"}]}`:                                                                                "[2600::/16]",
		`{"IpRanges":[{"CidrIp":"52.0.0.0/8"}],"PrefixListIds":[{"PrefixListId":"pl-1"}]}`:                                         "[52.0.0.0/8]",
		`{"IpRanges":[],"PrefixListIds":[{"PrefixListId":"pl-1"}]}`:                                                                "{the prefix list pl-1 (never asked)}",
		`{"IpRanges":[{"CidrIp":"52"}]}`:                                                                                           "error",
		`{"IpRanges":[{}]}`:                                                                                                        "error",
		`1`:                                                                                                                        "error",
	} {
		if got := said(wideRanges([]any{data(t, permission)}, 24)); got != want {
			t.Errorf("%s: got %s, want %s", permission, got, want)
		}
	}
}

// The rules of a network ACL are applied by number, and the first that fits decides.
func TestACLOpensPort(t *testing.T) {
	const all = `{"Egress":false,"RuleNumber":100,"RuleAction":"allow","Protocol":"-1","CidrBlock":"0.0.0.0/0"}`
	const last = `{"Egress":false,"RuleNumber":32767,"RuleAction":"deny","Protocol":"-1","CidrBlock":"0.0.0.0/0"}`
	deny := func(number int, cidr string) string {
		return fmt.Sprintf(`{"Egress":false,"RuleNumber":%d,"RuleAction":"deny","Protocol":"6","CidrBlock":%q,"PortRange":{"From":20,"To":22}}`, number, cidr)
	}
	for entries, want := range map[string]string{
		`[` + all + `,` + last + `]`:                   "true",
		`[` + last + `]`:                               "false",
		`[` + last + `,` + all + `]`:                   "true", // their order in the answer says nothing
		`[` + all + `,` + deny(90, "0.0.0.0/0") + `]`:  "false",
		`[` + all + `,` + deny(110, "0.0.0.0/0") + `]`: "true",
		`[` + all + `,` + deny(90, "10.0.0.0/8") + `]`: "true",
		`[{"Egress":true,"RuleNumber":100,"RuleAction":"allow","Protocol":"-1","CidrBlock":"0.0.0.0/0"}]`:                                     "false",
		`[{"Egress":false,"RuleNumber":100,"RuleAction":"allow","Protocol":"-1","Ipv6CidrBlock":"::/0"},` + deny(90, "0.0.0.0/0") + `]`:       "true",
		`[{"Egress":false,"RuleNumber":100,"RuleAction":"allow","Protocol":"6","CidrBlock":"0.0.0.0/0","PortRange":{"From":22,"To":22}}]`:     "true",
		`[{"Egress":false,"RuleNumber":100,"RuleAction":"allow","Protocol":"6","CidrBlock":"0.0.0.0/0","PortRange":{"From":443,"To":65535}}]`: "false",
		`[{"Egress":false,"RuleNumber":100,"RuleAction":"allow","Protocol":"17","CidrBlock":"0.0.0.0/0","PortRange":{"From":0,"To":65535}}]`:  "false",
		`[{"Egress":false,"RuleNumber":100,"RuleAction":"allow","Protocol":"6","CidrBlock":"10.0.0.0/8","PortRange":{"From":22,"To":22}}]`:    "false",
		`[{"Egress":false,"RuleNumber":100,"RuleAction":"allow","Protocol":"6","CidrBlock":"0.0.0.0/0"}]`:                                     "error",
		`[{"Egress":false,"RuleNumber":100,"RuleAction":"allow","Protocol":"6","CidrBlock":"0.0.0.0/0","PortRange":{"From":22}}]`:             "error",
		`[{"Egress":false,"RuleAction":"allow","Protocol":"-1","CidrBlock":"0.0.0.0/0"}]`:                                                     "error",
		`[{"Egress":false,"RuleNumber":100,"Protocol":"-1","CidrBlock":"0.0.0.0/0"}]`:                                                         "error",
		`[{"Egress":false,"RuleNumber":100,"RuleAction":"allow","CidrBlock":"0.0.0.0/0"}]`:                                                    "error",
		`[{"Egress":false,"RuleNumber":100,"RuleAction":"allow","Protocol":"-1"}]`:                                                            "error",
		`[{"RuleNumber":100,"RuleAction":"allow","Protocol":"-1","CidrBlock":"0.0.0.0/0"}]`:                                                   "error",
		`null`: "error",
	} {
		open, err := aclOpensPort(data(t, entries), 22)
		if got := said(open, err); got != want {
			t.Errorf("%s: got %s, want %s", entries, got, want)
		}
	}
}

func TestLeadsToInternet(t *testing.T) {
	for routes, want := range map[string]string{
		`[]`: "false",
		`[{"GatewayId":"local"},{"GatewayId":"igw-1"}]`:                     "true",
		`[{"GatewayId":"local"},{"NatGatewayId":"nat-1"}]`:                  "false",
		`[{"TransitGatewayId":"tgw-1"},{"VpcPeeringConnectionId":"pcx-1"}]`: "false",
		`[{"EgressOnlyInternetGatewayId":"eigw-1"},{"GatewayId":"vgw-1"}]`:  "false",
		`[{"GatewayId":"local"},{"DestinationCidrBlock":"0.0.0.0/0"}]`:      "{where 1 of the routes lead (not in the answer)}",
		`[{"DestinationCidrBlock":"0.0.0.0/0"},{"GatewayId":"igw-1"}]`:      "true",
		`null`: "error",
	} {
		if got := said(leadsToInternet(data(t, routes))); got != want {
			t.Errorf("%s: got %s, want %s", routes, got, want)
		}
	}
}

func TestDateIn(t *testing.T) {
	for text, want := range map[string]string{
		"User initiated (2025-11-20 10:15:30 GMT)": "2025-11-20",
		"on 2025-02-30, rather 2025-03-01":         "2025-03-01",
		"":                                         "error",
		"Server.SpotInstanceTermination":           "error",
		"12025-11-20":                              "error",
	} {
		day, err := dateIn(text)
		if got := said(day, err); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func said(v any, err error) string {
	if err != nil {
		return "error"
	}
	return fmt.Sprint(v)
}

func TestPartition(t *testing.T) {
	for region, want := range map[string]string{"eu-west-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "eusc-de-east-1": "aws-eusc"} {
		if got := partition(region); got != want {
			t.Errorf("%s: got %s, want %s", region, got, want)
		}
	}
}

// A population is looked through once for each path, whoever asks.
func TestWhereIndexesOnce(t *testing.T) {
	items := make([]any, 20_000)
	for i := range items {
		items[i] = &questions{id: fmt.Sprint(i), answers: map[string]any{"Q": map[string]any{"Volume": fmt.Sprint(i % 100)}}}
	}
	p := prepared(items, "", nil).(ref.Val)
	for i := range 10_000 {
		got := where(p, types.String("Q.Volume"), types.String(fmt.Sprint(i%100))).(interface{ Size() ref.Val }).Size()
		if got != types.Int(200) {
			t.Fatalf("volume %d has %v", i%100, got)
		}
	}
	if n := len(p.(*population).indices); n != 1 {
		t.Errorf("%d indices", n)
	}
}

// An item that was not listed may be any.
func TestWhereUnlisted(t *testing.T) {
	l, err := newLanguage([]string{"volumes"})
	if err != nil {
		t.Fatal(err)
	}
	volume := &questions{id: "v", answers: map[string]any{"Q": map[string]any{"Of": "i", "Encrypted": true}}}
	vars := map[string]any{"volumes": prepared([]any{unanswered{"ec2/volume in 1/eu (truncated)"}, volume}, "", nil)}
	for expr, want := range map[string]string{
		`where(volumes, "Q.Of", "i").exists(v, v.Q.Encrypted)`: "true",
		`where(volumes, "Q.Of", "j").exists(v, v.Q.Encrypted)`: "unknown",
		`where(volumes, "Q.Of", "i").all(v, v.Q.Encrypted)`:    "unknown",
		`where(volumes, "Q.Of", "i").all(v, !v.Q.Encrypted)`:   "false",
		`size(where(volumes, "Q.Of", "j")) == 0`:               "unknown",
	} {
		p, err := l.predicate(expr)
		if err != nil {
			t.Fatal(err)
		}
		r := p.eval(vars)
		got := fmt.Sprint(r.Value)
		if r.Unknown != nil {
			got = "unknown"
		}
		if got != want {
			t.Errorf("%s = %s %s, want %s", expr, got, r.Problem, want)
		}
	}
}
