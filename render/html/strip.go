package html

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"exhibit/control"
	"exhibit/render/table"
)

// writeStrip draws the period as a time axis. Widths are in percent, so that the
// shapes and the names of months keep their size on a phone. The words beside it
// say the same: the picture adds nothing to them.
func writeStrip(b *bytes.Buffer, s table.Strip) {
	at := func(t time.Time) string { return fmt.Sprintf("%.2f%%", 100*s.X(t)) }
	wide := func(v table.Stretch) string { return fmt.Sprintf("%.2f%%", 100*(s.X(v.To)-s.X(v.From))) }
	height, mid := 58, 18
	if s.Small {
		height, mid = 26, 13
	}
	if !s.Small {
		b.WriteString(`<figure class="strip">`)
	}
	fmt.Fprintf(b, `<svg class="axis" role="img" aria-labelledby="%s-t %s-d" width="100%%" height="%d"><title id="%s-t">`, s.ID, s.ID, height, s.ID)
	esc(b, s.Title)
	fmt.Fprintf(b, `</title><desc id="%s-d">`, s.ID)
	esc(b, s.Says)
	b.WriteString(`</desc>`)
	if len(s.Unseen) > 0 {
		fmt.Fprintf(b, `<pattern id="%s-h" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hl" d="M0 0v7"/></pattern>`, s.ID)
	}
	fmt.Fprintf(b, `<line class="ax" x1="0" x2="100%%" y1="%d" y2="%d"/>`, mid, mid)
	for _, v := range s.Unseen {
		fmt.Fprintf(b, `<rect class="un" x="%s" y="%d" width="%s" height="16" fill="url(#%s-h)"/>`, at(v.From), mid-8, wide(v), s.ID)
	}
	if !s.Rest.To.IsZero() && s.Rest.To.After(s.Rest.From) {
		fmt.Fprintf(b, `<rect class="rest" x="%s" y="%d" width="%s" height="16"/>`, at(s.Rest.From), mid-8, wide(s.Rest))
	}
	for _, v := range s.Bridged {
		fmt.Fprintf(b, `<line class="br" x1="%s" x2="%s" y1="%d" y2="%d"/>`, at(v.From), at(v.To), mid+5, mid+5)
	}
	for _, t := range s.Told {
		fmt.Fprintf(b, `<svg class="told" x="%s" y="%d"><circle r="3"/></svg>`, at(t), mid+5)
	}
	for _, m := range s.Shown() {
		fmt.Fprintf(b, `<svg class="sh %s" x="%s" y="%d"><title>%s `, table.Shape(m.Status), at(m.At), mid, m.At.UTC().Format("2006-01-02"))
		esc(b, string(m.Status))
		b.WriteString(`</title>` + shape(table.Shape(m.Status)) + `</svg>`)
	}
	if s.Small {
		b.WriteString(`</svg>`)
		return
	}
	for _, t := range s.Runs {
		x := at(t)
		fmt.Fprintf(b, `<line class="tick" x1="%s" x2="%s" y1="30" y2="36"/>`, x, x)
	}
	b.WriteString(`<line class="ax" x1="0" x2="100%" y1="36" y2="36"/>`)
	for _, t := range s.Months() {
		x := at(t)
		name := t.Format("Jan")
		if t.Month() == time.January {
			name = t.Format("2006")
		}
		fmt.Fprintf(b, `<line class="ax" x1="%s" x2="%s" y1="36" y2="41"/>`, x, x)
		if s.X(t) < 0.96 {
			fmt.Fprintf(b, `<text x="%s" y="53">%s</text>`, x, name)
		}
	}
	first, last := s.Period.Start.Format("2006-01-02"), s.Period.End.Format("2006-01-02")
	fmt.Fprintf(b, `</svg><figcaption><time datetime="%s">%s</time> to <time datetime="%s">%s</time>. A tick is a run, a shape what it saw: %s`, first, first, last, last, legend(s))
	var more []string
	if len(s.Unseen) > 0 {
		more = append(more, "hatched: not observed for longer than the cadence allows")
	}
	if len(s.Bridged)+len(s.Told) > 0 {
		more = append(more, "dots: told by a source with a memory of its own, not observed")
	}
	if !s.Rest.To.IsZero() && s.Rest.To.After(s.Rest.From) {
		more = append(more, "dashed: after the newest run of this report")
	}
	if len(more) > 0 {
		b.WriteString("; " + strings.Join(more, "; "))
	}
	b.WriteString(`. Between two runs nothing is known.</figcaption></figure>`)
}

// legend names the statuses that are drawn, each with its shape.
func legend(s table.Strip) string {
	var b bytes.Buffer
	seen := map[control.Status]bool{}
	for _, m := range s.Marks {
		if !seen[m.Status] {
			if len(seen) > 0 {
				b.WriteString(", ")
			}
			seen[m.Status] = true
			writeStatus(&b, string(m.Status))
		}
	}
	if len(seen) == 0 {
		b.WriteString("none observed it")
	}
	return b.String()
}

// shape is a status around the point 0, 0.
func shape(name string) string {
	switch name {
	case "met":
		return `<circle r="8"/>`
	case "exc":
		return `<path d="M0 -9 l9 17 h-18z"/>`
	case "comp":
		return `<path d="M0 -9 l9 9 l-9 9 l-9 -9z"/>`
	case "has":
		return `<rect x="-8" y="-8" width="16" height="16"/>`
	case "none":
		return `<circle class="o" r="7"/>`
	case "na":
		return `<path class="o" d="M-8 0 h16"/>`
	case "stmt":
		return `<path class="o" d="M-4 -8 v16 M4 -8 v16"/>`
	}
	return `<rect class="o" x="-7" y="-7" width="14" height="14"/>` // not evaluated, and needs a record
}
