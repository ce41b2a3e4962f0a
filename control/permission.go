package control

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// opensPort reports whether IpPermissions, as ec2:DescribeSecurityGroups gives
// them, let an address range of the whole internet reach a TCP port: exactly, by
// a range of ports that covers it, or by protocol -1, over IPv4 or IPv6.
//
// "The whole internet" is 0.0.0.0/0 and ::/0 however they are written, and half of
// either: two halves are the whole, and so is 2000::/3, from which all addresses
// of IPv6 are given out. lists are the prefix lists that let in what EC2 does not
// say here.
func opensPort(permissions any, port int64) (open bool, lists []string, err error) {
	list, ok := permissions.([]any)
	if !ok && permissions != nil {
		return false, nil, fmt.Errorf("reading IpPermissions: not a list")
	}
	for i, e := range list {
		p, ok := e.(map[string]any)
		if !ok {
			return false, nil, fmt.Errorf("reading IpPermissions: entry %d is not an object", i+1)
		}
		covers, err := coversPort(p, port)
		if err != nil {
			return false, nil, fmt.Errorf("reading IpPermissions: entry %d: %w", i+1, err)
		}
		if !covers {
			continue
		}
		open, err := fromAnywhere(p)
		if err != nil {
			return false, nil, fmt.Errorf("reading IpPermissions: entry %d: %w", i+1, err)
		}
		if open {
			return true, nil, nil
		}
		lists = append(lists, prefixLists(p)...)
	}
	return false, lists, nil
}

// opensPortOrUnknown is opensPort for expressions.
func opensPortOrUnknown(permissions any, port int64) (any, error) {
	open, lists, err := opensPort(permissions, port)
	if err == nil && len(lists) > 0 {
		return unanswered{strings.Join(lists, ", ") + " (never asked)"}, nil
	}
	return open, err
}

func coversPort(p map[string]any, port int64) (bool, error) {
	from, to, of, err := portsOf(p, "tcp", "6")
	return of && (from == -1 || from <= port && port <= to), err
}

// portsOf are the ports a permission is about, -1 for all; of is false where it is
// about none of the protocols. Protocol -1 is every port of every protocol, and a
// protocol may be written as its number. EC2 leaves FromPort and ToPort out for -1
// alone; -1 in both means all.
func portsOf(p map[string]any, protocols ...string) (from, to int64, of bool, err error) {
	switch protocol, _ := p["IpProtocol"].(string); {
	case protocol == "-1":
		return -1, -1, true, nil
	case protocol == "":
		return 0, 0, false, fmt.Errorf("it has no IpProtocol")
	case !slices.Contains(protocols, protocol):
		return 0, 0, false, nil
	}
	if from, err = whole(p["FromPort"]); err != nil {
		return 0, 0, false, fmt.Errorf("FromPort: %w", err)
	}
	if to, err = whole(p["ToPort"]); err != nil {
		return 0, 0, false, fmt.Errorf("ToPort: %w", err)
	}
	return from, to, true, nil
}

func fromAnywhere(p map[string]any) (bool, error) {
	for _, in := range [][2]string{{"IpRanges", "CidrIp"}, {"Ipv6Ranges", "CidrIpv6"}} {
		ranges, _ := p[in[0]].([]any)
		for _, r := range ranges {
			m, _ := r.(map[string]any)
			text, _ := m[in[1]].(string)
			prefix, err := netip.ParsePrefix(text)
			if err != nil {
				return false, fmt.Errorf("%s: %w", in[1], err)
			}
			if anywhere(prefix) {
				return true, nil
			}
		}
	}
	return false, nil
}

// anywhere reports whether a range is the whole internet, or half of it.
func anywhere(prefix netip.Prefix) bool {
	return prefix.Bits() <= 1 || prefix.Addr().Is6() && prefix.Bits() <= 4 && netip.MustParsePrefix("2000::/3").Overlaps(prefix)
}

func whole(v any) (int64, error) {
	switch v := v.(type) {
	case json.Number:
		return v.Int64()
	case int64:
		return v, nil
	}
	return 0, fmt.Errorf("%v is not a whole number", v)
}

// days counts the days from one date to another, in UTC, whatever the hour:
// what anybody gets who subtracts the dates that are shown. Negative when to is
// earlier. Both are times (RFC 3339) or dates (2026-06-30).
func days(from, to any) (int64, error) {
	a, err := instant(from)
	if err != nil {
		return 0, err
	}
	b, err := instant(to)
	if err != nil {
		return 0, err
	}
	day := func(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
	return int64(day(b).Sub(day(a)) / (24 * time.Hour)), nil
}

func instant(v any) (time.Time, error) {
	switch v := v.(type) {
	case time.Time:
		return v, nil
	case string:
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return t.UTC(), nil
		}
		if t, err := time.Parse(time.DateOnly, v); err == nil {
			return t, nil
		}
		return time.Time{}, fmt.Errorf("%q is neither a date (2026-06-30) nor a time (2026-06-30T12:00:00Z)", v)
	}
	return time.Time{}, fmt.Errorf("%v is not a time", v)
}

// number reads a JSON number; ok is false when v is none.
func number(v any) (f float64, ok bool) {
	switch v := v.(type) {
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	case float64:
		return v, true
	case int64:
		return float64(v), true
	}
	return 0, false
}
