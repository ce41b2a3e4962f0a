package html

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"exhibit/render/table"
)

// writeLife draws what the runs of a period saw, a line for each identity: full
// where a run saw access, hollow where it did not. Between two runs that saw
// access the line is drawn through; between one that did and one that did not it
// is dashed, because nobody saw when it ended. The table beside it says the same.
func writeLife(b *bytes.Buffer, l table.Life) {
	if len(l.Lines) == 0 {
		return
	}
	const width, left, right, top, row = 720, 14, 14, 34, 38
	last := l.End.AddDate(0, 0, 1) // the last day is included
	for _, line := range l.Lines {
		for _, m := range line.Marks {
			if m.At.After(last) {
				last = m.At
			}
		}
	}
	first := l.Start
	for _, d := range l.Days {
		if d.On.Before(first) && first.Sub(d.On) < 31*24*time.Hour {
			first = d.On
		}
	}
	span := float64(last.Sub(first))
	x := func(t time.Time) float64 {
		if span <= 0 {
			return left
		}
		return left + min(1, max(0, float64(t.Sub(first))/span))*(width-left-right)
	}
	height := top + len(l.Lines)*row + 12
	fmt.Fprintf(b, `<figure class="life"><svg role="img" aria-labelledby="%s-t %s-d" viewBox="0 0 %d %d" width="%d" height="%d"><title id="%s-t">`, l.ID, l.ID, width, height, width, height, l.ID)
	esc(b, l.Title)
	fmt.Fprintf(b, `</title><desc id="%s-d">`, l.ID)
	esc(b, lifeWords(l))
	b.WriteString(`</desc>`)
	fmt.Fprintf(b, `<path class="ax" d="M%d %d H%d"/>`, left, top-8, width-right)
	for _, m := range months(first, last) {
		fmt.Fprintf(b, `<path class="ax" d="M%.1f %d v-5"/>`, x(m), top-8)
		if m.Month()%3 == 1 && x(m) < width-70 {
			fmt.Fprintf(b, `<text class="mo" x="%.1f" y="%d">%s</text>`, x(m)+3, top-12, m.Format("Jan 2006"))
		}
	}
	for _, d := range l.Days {
		if d.On.Before(first) || d.On.After(last) {
			continue
		}
		at := x(d.On)
		anchor, shift := "start", 4.0
		if at > width*2/3 {
			anchor, shift = "end", -4.0
		}
		fmt.Fprintf(b, `<path class="day" d="M%.1f %d V%d"/><text class="dayt" x="%.1f" y="%d" text-anchor="%s">`, at, top-8, height-4, at+shift, height-3, anchor)
		esc(b, d.Word+" "+d.On.Format("2006-01-02"))
		b.WriteString(`</text>`)
	}
	for i, line := range l.Lines {
		y := top + i*row + 24
		fmt.Fprintf(b, `<text class="who" x="%d" y="%d">`, left, y-12)
		esc(b, line.Name)
		b.WriteString(`</text>`)
		for n, m := range line.Marks {
			if n+1 < len(line.Marks) {
				next := line.Marks[n+1]
				class := ""
				switch {
				case m.State == "open" && next.State == "open":
					class = "thru"
				case m.State == "open" || next.State == "open":
					class = "dash"
				}
				if class != "" {
					fmt.Fprintf(b, `<path class="%s" d="M%.1f %d H%.1f"/>`, class, x(m.At), y, x(next.At))
				}
			}
		}
		for _, m := range line.Marks {
			b.WriteString(`<g>`)
			b.WriteString(`<title>`)
			esc(b, m.At.UTC().Format("2006-01-02")+": "+m.Says)
			b.WriteString(`</title>`)
			switch m.State {
			case "open":
				fmt.Fprintf(b, `<circle class="on" cx="%.1f" cy="%d" r="6"/>`, x(m.At), y)
			case "none":
				fmt.Fprintf(b, `<circle class="off" cx="%.1f" cy="%d" r="5"/>`, x(m.At), y)
			default:
				fmt.Fprintf(b, `<rect class="off" x="%.1f" y="%d" width="10" height="10"/><text class="q" x="%.1f" y="%d">?</text>`, x(m.At)-5, y-5, x(m.At)-2.6, y+4)
			}
			b.WriteString(`</g>`)
		}
	}
	b.WriteString(`</svg><figcaption>Full: the run saw access; hollow: it saw none`)
	if slices.ContainsFunc(l.Lines, func(line table.LifeLine) bool {
		return slices.ContainsFunc(line.Marks, func(m table.LifeMark) bool { return m.State == "unknown" })
	}) {
		b.WriteString(`; question mark: it could not tell`)
	}
	b.WriteString(`. Dashed: it began or ended in between, and no run saw when.</figcaption></figure>`)
}

// lifeWords is the picture in words.
func lifeWords(l table.Life) string {
	var out []string
	for _, d := range l.Days {
		out = append(out, d.Word+" "+d.On.Format("2006-01-02"))
	}
	for _, line := range l.Lines {
		var seen []string
		for _, m := range line.Marks {
			seen = append(seen, m.At.UTC().Format("2006-01-02")+" "+m.Says)
		}
		out = append(out, line.Name+": "+strings.Join(seen, ", "))
	}
	return strings.Join(out, "; ")
}

// months are the first days of the months within a span.
func months(from, to time.Time) (out []time.Time) {
	for m := time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, time.UTC); !m.After(to); m = m.AddDate(0, 1, 0) {
		if !m.Before(from) {
			out = append(out, m)
		}
	}
	return out
}
