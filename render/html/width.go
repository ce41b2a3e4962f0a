package html

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"exhibit/render/table"
)

// A need of a column is what it takes, in characters: least, at which nothing is broken
// that should stay whole (a number, an account, a day, a word), and want, at which
// little is broken at all.
type need struct{ least, want float64 }

// looked is how many rows, evenly taken, say how wide a table's columns are.
const looked = 80

// needs measures the columns of a table by what stands in them.
func needs(t *table.Table) []need {
	out := make([]need, len(t.Columns))
	step := 1 + len(t.Rows)/looked
	for i, c := range t.Columns {
		word, head := widest(c.Name)
		n := need{least: word + 1.5, want: max(word+1.5, min(head+1.5, 10))} // and the arrow beside it
		var sum, most float64
		rows := 0
		for r := 0; r < len(t.Rows); r += step {
			cell := &t.Rows[r].Cells[i]
			if !cell.Set {
				continue
			}
			var least, want float64
			switch cell.Kind {
			case table.Number:
				want = float64(len(cell.String()))
				least = want
			case table.Date:
				least, want = 10.5, 10.5
			case table.Time:
				least, want = 11.5, 21
			case table.Status:
				word, line := widest(cell.Text)
				least, want = word+2.5, line+2.5
			case table.Picture:
				least, want = 24, 30
			default:
				word, want = widest(cell.Text)
				most := 16.0 // of what has no end in sight, such as an ARN
				if cell.Kind == table.Code {
					word = longestPart(cell.Text)
				}
				least = min(word, most)
			}
			rows++
			sum += want
			most = max(most, want)
			n.least = max(n.least, least)
		}
		if rows > 0 {
			cap := 120.0 // prose takes what others leave
			if c.Kind == table.Code {
				cap = 48
			}
			n.want = max(n.want, min(cap, 0.5*most+0.5*sum/float64(rows)))
		}
		n.want = max(n.want, n.least)
		out[i] = n
	}
	return out
}

// widest is the length of a text's longest word, and of its longest line.
func widest(s string) (word, line float64) {
	w, l, ascii := 0, 0, true
	mw, ml := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\n':
			w, l = 0, 0
			continue
		case c == ' ':
			w = -1
		case c >= utf8.RuneSelf:
			ascii = false
		}
		w++
		l++
		mw, ml = max(mw, w), max(ml, l)
	}
	if !ascii { // bytes are more than letters: near enough
		mw, ml = mw*3/4, ml*3/4
	}
	return float64(mw), float64(ml)
}

// longestPart is the length of the longest part of an id that a line does not end in:
// whole where it is short.
func longestPart(s string) float64 {
	most := 0
	for line := range strings.SplitSeq(s, "\n") {
		if len(line) <= 14 {
			most = max(most, len(line))
			continue
		}
		at := 0
		for i := range len(line) {
			at++
			most = max(most, at)
			if strings.IndexByte("-/ ", line[i]) >= 0 {
				at = 0
			}
		}
	}
	return float64(most)
}

// writeColumns shares a table's width among its columns: what they need at least, and
// of the rest to each as much as it wants of it. A browser left to itself gives most to
// the longest text and breaks days and accounts beside it.
func writeColumns(b *bytes.Buffer, n []need, dense bool) {
	room, pad := 140.0, 2.6 // of a window of 1400 pixels, in characters
	if dense {
		room, pad = 158, 2.0
	}
	var least, want float64
	for i := range n {
		n[i].least += pad
		n[i].want += pad
		least += n[i].least
		want += n[i].want
	}
	k := 1.0
	if want > room {
		k = max(0, (room-least)/(want-least))
	}
	var sum float64
	for i := range n {
		n[i].want = n[i].least + (n[i].want-n[i].least)*k
		sum += n[i].want
	}
	b.WriteString("<colgroup>")
	for i := range n {
		fmt.Fprintf(b, `<col class="c%d">`, min(max(int(100*n[i].want/sum+0.5), 1), 60))
	}
	b.WriteString("</colgroup>")
}
