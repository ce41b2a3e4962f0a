// Package pdf prints papers. It is the only importer of gofpdf.
//
// The built-in fonts of PDF silently lose every letter outside one code page,
// so the Go fonts are embedded: they hold Latin, Greek and Cyrillic. A
// character they do not hold is written out, as <U+4E16>, never dropped. The
// output is not tagged and so no accessible PDF: the HTML of the same paper is
// the accessible form.
package pdf

import (
	"fmt"
	"strings"

	"exhibit/render/table"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
)

// face is one of the three faces a document is set in.
type face int

const (
	regular face = iota
	bold
	mono
)

func (f face) family() (family, style string) {
	switch f {
	case bold:
		return "go", "B"
	case mono:
		return "gomono", ""
	}
	return "go", ""
}

func (f face) ttf() []byte {
	switch f {
	case bold:
		return gobold.TTF
	case mono:
		return gomono.TTF
	}
	return goregular.TTF
}

// A Writer prints papers of one package. It may be used by several goroutines.
type Writer struct {
	stamp table.Stamp
	has   [1 << 16]bool      // glyphs that all faces have
	wide  [3][1 << 16]uint16 // advance in thousandths of the size, by face
}

// New measures the faces.
func New(stamp table.Stamp) (*Writer, error) {
	w := &Writer{stamp: stamp}
	for r := range w.has {
		w.has[r] = r >= ' '
	}
	for _, f := range []face{regular, bold, mono} {
		font, err := sfnt.Parse(f.ttf())
		if err != nil {
			return nil, fmt.Errorf("reading an embedded font: %w", err)
		}
		var b sfnt.Buffer
		for r := ' '; r < 1<<16; r++ {
			g, err := font.GlyphIndex(&b, r)
			if err != nil || g == 0 {
				w.has[r] = false
				continue
			}
			// 1000 units to the em, the scale PDF uses for widths.
			a, err := font.GlyphAdvance(&b, g, 1000<<6, 0)
			if err != nil {
				w.has[r] = false
				continue
			}
			w.wide[f][r] = uint16((a + 32) >> 6)
		}
	}
	return w, nil
}

// show is text as it can be set: visible, and with what the faces lack written out.
func (w *Writer) show(s string) string {
	s = table.Visible(s)
	ok := true
	for _, r := range s {
		if r != '\n' && (r >= 1<<16 || !w.has[r]) {
			ok = false
			break
		}
	}
	if ok {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if r == '\n' || r < 1<<16 && w.has[r] {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "<U+%04X>", r)
		}
	}
	return b.String()
}

// breaks says that a line may end behind a character of an id.
func breaks(c byte) bool { return c == '-' || c == '/' || c == ':' }

// breakAt is where a line that is full of one long id ends: behind a sign that parts it,
// if one stands in its second half, else at its end.
func breakAt(line string) int {
	for i := len(line) - 1; i > len(line)/2; i-- {
		if breaks(line[i]) {
			return i + 1
		}
	}
	return len(line)
}

// width is how wide a text is set in a face at a size in points, in millimetres.
func (w *Writer) width(f face, size float64, s string) float64 {
	n := 0
	for _, r := range s {
		if r < 1<<16 {
			n += int(w.wide[f][r])
		}
	}
	return float64(n) * size / 1000 * mm
}

// mm is how many millimetres a point has.
const mm = 25.4 / 72

// wrap breaks text into lines no wider than max: at spaces, and inside a word
// that is wider than a line, because an ARN has no spaces.
func (w *Writer) wrap(f face, size, max float64, s string) []string {
	var out []string
	room := int(max / mm / size * 1000)
	for para := range strings.SplitSeq(s, "\n") {
		line, used := "", 0
		for _, word := range strings.SplitAfter(para, " ") {
			n := 0
			for _, r := range strings.TrimRight(word, " ") {
				n += int(w.wide[f][r&0xffff])
			}
			if used > 0 && used+n > room {
				out = append(out, strings.TrimRight(line, " "))
				line, used = "", 0
			}
			if n <= room {
				line += word
				used += n + (len(word)-len(strings.TrimRight(word, " ")))*int(w.wide[f][' '])
				continue
			}
			for _, r := range word {
				a := int(w.wide[f][r&0xffff])
				if used > 0 && used+a > room {
					at := breakAt(line)
					out = append(out, line[:at])
					line, used = line[at:], 0
					for _, r := range line {
						used += int(w.wide[f][r&0xffff])
					}
				}
				line += string(r)
				used += a
			}
		}
		out = append(out, strings.TrimRight(line, " "))
	}
	return out
}
