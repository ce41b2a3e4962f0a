package table

import (
	"cmp"
	"slices"
	"strings"

	"exhibit/control"
)

// FirewallTable lists what may come in, the internet first.
func (b *Book) FirewallTable() *Table {
	t := b.inventory("firewall", "Rules that let traffic in", []string{"ec2/security-group-rule", "ec2/security-group"},
		Column{"from", "From", Text, 26}, Column{"open", "Open to the internet", Text, 12}, Column{"ports", "Protocol and ports", Text, 18}, Column{"group", "Security group", Code, 26},
		Column{"description", "Written at the rule", Text, 26}, Column{"justification", "Why, by the newest network review", Text, 36}, Column{"owner", "Owner", Text, 18},
		Column{"rule", "Rule", Code, 24}, Column{"account", "Account", Code, 15}, Column{"region", "Region", Code, 14})
	names := map[string]string{}
	for _, g := range b.Items["ec2/security-group"] {
		names[textAt(g, "DescribeSecurityGroups.GroupId")] = textAt(g, "DescribeSecurityGroups.GroupName")
	}
	type row struct {
		rank  int
		cells []Cell
	}
	var rows []row
	const r = "DescribeSecurityGroupRules."
	for _, it := range b.Items["ec2/security-group-rule"] {
		if textAt(it, r+"IsEgress") != "no" {
			continue
		}
		from, open := source(it)
		group := textAt(it, r+"GroupId")
		label := group
		if names[group] != "" {
			label = names[group] + " (" + group + ")"
		}
		rank, word := 2, "no"
		why, owner := "", ""
		switch {
		case open:
			rank, word = 1, "yes"
			if why, owner = b.justified(names[group], group); why == "" {
				rank, why = 0, "no review says why"
			}
		case strings.HasPrefix(from, "prefix list"):
			rank, word = 1, "not answered: what is on the list was not asked"
		}
		rows = append(rows, row{rank, []Cell{Str(from), Str(word), Str(ports(it)), Mono(label), Str(textAt(it, r+"Description")), Str(why), Str(owner), b.itemCellOf(it), Mono(it.Account), Mono(it.Region)}})
	}
	slices.SortStableFunc(rows, func(x, y row) int { return cmp.Compare(x.rank, y.rank) })
	for _, r := range rows {
		t.Add("", r.cells...)
	}
	return t
}

// source says where a rule lets traffic in from, and whether that is everywhere.
func source(it control.Located) (from string, open bool) {
	const r = "DescribeSecurityGroupRules."
	switch v4, v6 := textAt(it, r+"CidrIpv4"), textAt(it, r+"CidrIpv6"); {
	case v4 != "":
		return v4, strings.HasSuffix(v4, "/0")
	case v6 != "":
		return v6, strings.HasSuffix(v6, "/0")
	}
	if g := textAt(it, r+"ReferencedGroupInfo.GroupId"); g != "" {
		return "security group " + g, false
	}
	if p := textAt(it, r+"PrefixListId"); p != "" {
		return "prefix list " + p, false
	}
	return "not said", false
}

func ports(it control.Located) string {
	const r = "DescribeSecurityGroupRules."
	protocol, from, to := textAt(it, r+"IpProtocol"), textAt(it, r+"FromPort"), textAt(it, r+"ToPort")
	switch {
	case protocol == "-1":
		return "everything"
	case from == "-1" || from == "" && to == "":
		return protocol
	case from == to:
		return protocol + " " + from
	}
	return protocol + " " + from + " to " + to
}

// justified looks a group up in the network reviews, the newest first: by its
// name or id as a word of the row.
func (b *Book) justified(name, id string) (why, owner string) {
	reviews := slices.Clone(b.Records["network-review"])
	slices.SortStableFunc(reviews, func(x, y control.Located) int {
		return strings.Compare(textAt(y, "record.date"), textAt(x, "record.date"))
	})
	for _, rev := range reviews {
		for i := range listAt(rev, "record.open_rules") {
			row := func(k string) string {
				s, _ := dig(listAt(rev, "record.open_rules")[i], k).(string)
				return s
			}
			if hasWord(row("group"), name) || hasWord(row("group"), id) {
				return row("justification") + " (review of " + textAt(rev, "record.date") + ")", row("owner")
			}
		}
	}
	return "", ""
}

// hasWord reports whether a text holds a name that no letter, digit or dash continues.
func hasWord(text, name string) bool {
	part := func(r byte) bool {
		return r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	for at := 0; name != ""; {
		i := strings.Index(text[at:], name)
		if i < 0 {
			return false
		}
		i += at
		end := i + len(name)
		if (i == 0 || !part(text[i-1])) && (end == len(text) || !part(text[end])) {
			return true
		}
		at = i + 1
	}
	return false
}
