package html

import (
	"bytes"
	"fmt"
	"strings"

	"exhibit/render/table"
)

// The measures of a drawn network, in user units: a box for each subnet, columns
// for zones, rows for tiers.
const (
	boxWide, boxHigh, gap   = 210, 58, 12
	leftWide, headHigh, pad = 96, 30, 14
)

// writeNetwork draws a VPC. Its words are those of the sentence and the table
// that stand beside it.
func writeNetwork(b *bytes.Buffer, n table.Network) {
	wide := leftWide + max(1, len(n.Zones))*(boxWide+gap) + pad
	lines := wrap(n.Doors, (wide-2*pad)/7)
	doors := 0
	if len(lines) > 0 {
		doors = 8 + 18*len(lines)
	}
	high := pad + doors + headHigh
	rows := make([]int, len(n.Tiers))
	for i, tier := range n.Tiers {
		for _, boxes := range tier.Subnets {
			rows[i] = max(rows[i], len(boxes))
		}
		high += rows[i]*(boxHigh+gap) + gap
	}
	fmt.Fprintf(b, `<figure class="net"><div class="tw" role="region" tabindex="0" aria-label="`)
	esc(b, "Drawing of "+n.Title)
	fmt.Fprintf(b, `"><svg role="img" aria-labelledby="%s-t %s-d" viewBox="0 0 %d %d" width="%d" height="%d"><title id="%s-t">`, n.ID, n.ID, wide, high, wide, high, n.ID)
	esc(b, n.Title)
	fmt.Fprintf(b, `</title><desc id="%s-d">`, n.ID)
	esc(b, n.Says)
	fmt.Fprintf(b, `</desc><rect class="vpc" x="1" y="1" width="%d" height="%d" rx="6"/>`, wide-2, high-2)
	y := pad
	for i, l := range lines {
		word(b, "door", pad, y+12+18*i, l)
	}
	y += doors
	for i, z := range n.Zones {
		word(b, "zone", leftWide+i*(boxWide+gap), y+16, z)
	}
	y += headHigh
	for i, tier := range n.Tiers {
		fmt.Fprintf(b, `<path class="rule" d="M%d %d h%d"/>`, pad, y-6, wide-2*pad)
		word(b, "tier", pad, y+20, tier.Name)
		for k, boxes := range tier.Subnets {
			for j, s := range boxes {
				x, top := leftWide+k*(boxWide+gap), y+j*(boxHigh+gap)
				fmt.Fprintf(b, `<rect class="box %s" x="%d" y="%d" width="%d" height="%d" rx="4"/>`, map[string]string{"public": "pub", "private": "prv"}[tier.Name], x, top, boxWide, boxHigh)
				word(b, "name", x+10, top+18, cut(s.Name, 27))
				word(b, "cidr", x+10, top+34, s.CIDR)
				word(b, "holds", x+10, top+50, cut(s.Holds, 32))
			}
		}
		y += rows[i]*(boxHigh+gap) + gap
	}
	b.WriteString(`</svg></div><figcaption>`)
	esc(b, n.Says)
	b.WriteString(`</figcaption></figure>`)
}

func word(b *bytes.Buffer, class string, x, y int, s string) {
	if s == "" {
		return
	}
	fmt.Fprintf(b, `<text class="%s" x="%d" y="%d">`, class, x, y)
	esc(b, s)
	b.WriteString(`</text>`)
}

// cut keeps a text within a box; the table has it whole.
func cut(s string, n int) string {
	r := []rune(table.Visible(s))
	if len(r) <= n {
		return string(r)
	}
	return string(r[:n-1]) + "…"
}

// wrap sets words that stand apart on lines of at most n letters; a longer one is
// broken at its spaces.
func wrap(words []string, n int) []string {
	var out []string
	line := ""
	put := func(s, between string) {
		switch {
		case line == "":
			line = s
		case len([]rune(line+between+s)) <= n:
			line += between + s
		default:
			out, line = append(out, line), s
		}
	}
	for _, w := range words {
		between := " · "
		if w = table.Visible(w); len([]rune(w)) <= n {
			put(w, between)
			continue
		}
		for part := range strings.FieldsSeq(w) {
			put(cut(part, n), between)
			between = " "
		}
	}
	if line != "" {
		out = append(out, line)
	}
	return out
}
