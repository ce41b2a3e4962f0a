package html

import (
	"bytes"
	"fmt"

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
	doors := 0
	if len(n.Doors) > 0 {
		doors = 26
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
	if doors > 0 {
		word(b, "door", pad, y+12, cut(join(n.Doors), (wide-2*pad)/7))
		y += doors
	}
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

func join(words []string) string {
	var s string
	for i, w := range words {
		if i > 0 {
			s += " · "
		}
		s += w
	}
	return s
}
