package pdf

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// normalise writes a document anew where gofpdf 1.16.2 writes what strict readers
// refuse: links as dictionaries inside the page, where references to objects of
// their own are asked for, and bookmarks with others below them that say they have
// none. Objects keep their numbers; links get new ones after them.
func normalise(doc []byte) ([]byte, error) {
	all, trailer, err := objects(doc)
	if err != nil {
		return nil, fmt.Errorf("reading the document back: %w", err)
	}
	below := map[string]int{} // bookmarks by the number of the one above
	for _, o := range all {
		if m := parent.FindSubmatch(bookmark(o.body)); m != nil {
			below[string(m[1])]++
		}
	}
	var out bytes.Buffer
	out.Grow(len(doc) + len(doc)/8)
	out.Write(doc[:all[0].at])
	first := len(all) + 1 // the number of the first link
	offsets := make([]int, first)
	var links [][]byte
	for _, o := range all {
		i, body := o.number, o.body
		offsets[i] = out.Len()
		if b := bookmark(body); b != nil {
			out.Write(b)
			if n := below[strconv.Itoa(i)]; n > 0 { // closed: this many show when it is opened
				fmt.Fprintf(&out, "/Count -%d", n)
			}
			out.WriteString(">>\nendobj\n")
			continue
		}
		at := bytes.Index(body, []byte("\n/Annots [<<"))
		if at < 0 || !bytes.HasPrefix(body, fmt.Appendf(nil, "%d 0 obj\n<</Type /Page\n", i)) {
			out.Write(body)
			continue
		}
		at += len("\n/Annots [")
		out.Write(body[:at])
		for bytes.HasPrefix(body[at:], []byte("<<")) {
			end := bytes.Index(body[at:], []byte("]>>"))
			if end < 0 {
				return nil, fmt.Errorf("a link of page object %d has no end", i)
			}
			end += at + len("]>>")
			fmt.Fprintf(&out, "%d 0 R ", first+len(links))
			links = append(links, body[at:end])
			at = end
		}
		out.Write(body[at:])
	}
	for i, l := range links {
		offsets = append(offsets, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", first+i, l)
	}
	at := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(offsets))
	for _, o := range offsets[1:] {
		fmt.Fprintf(&out, "%010d 00000 n \n", o)
	}
	out.Write(size.ReplaceAll(trailer, fmt.Appendf(nil, "/Size %d\n", len(offsets))))
	fmt.Fprintf(&out, "startxref\n%d\n%%%%EOF\n", at)
	return out.Bytes(), nil
}

var (
	parent = regexp.MustCompile(`\n/Parent (\d+) 0 R\n`)
	size   = regexp.MustCompile(`/Size \d+\n`)
	xref   = regexp.MustCompile(`(?s)xref\n0 (\d+)\n((?:\d{10} \d{5} [nf] ?\r?\n)+)(trailer\n.*?)startxref\n(\d+)\n%%EOF\s*$`)
)

// bookmark is an object's text up to the number of those below it, nil when the
// object is no bookmark.
func bookmark(body []byte) []byte {
	if b, ok := bytes.CutSuffix(body, []byte("/Count 0>>\nendobj\n")); ok && bytes.Contains(b[:min(len(b), 40)], []byte("<</Title ")) {
		return b
	}
	return nil
}

// An object of a document, from its number to its end.
type object struct {
	number, at int
	body       []byte
}

// objects are the objects of a document in the order they stand in, which is not
// that of their numbers, and its trailer. The document is gofpdf's own, so that
// nothing lies between them and none was given up.
func objects(doc []byte) ([]object, []byte, error) {
	end := bytes.LastIndex(doc, []byte("\nxref\n")) + 1
	if end == 0 {
		return nil, nil, fmt.Errorf("no table of objects")
	}
	m := xref.FindSubmatch(doc[end:])
	if m == nil {
		return nil, nil, fmt.Errorf("a table of objects of another form")
	}
	rows := bytes.Split(bytes.TrimSpace(m[2]), []byte("\n"))
	if n, err := strconv.Atoi(string(m[1])); err != nil || n != len(rows) || n < 2 {
		return nil, nil, fmt.Errorf("%d of %s objects listed", len(rows), m[1])
	}
	starts := make([]int, len(rows))
	order := make([]int, 0, len(rows))
	for i := 1; i < len(rows); i++ {
		at, err := strconv.Atoi(string(rows[i][:10]))
		if err != nil || at <= 0 || at >= end {
			return nil, nil, fmt.Errorf("object %d begins at %s", i, rows[i])
		}
		starts[i] = at
		order = append(order, i)
	}
	slices.SortFunc(order, func(a, b int) int { return starts[a] - starts[b] })
	all := make([]object, len(order))
	for i, n := range order {
		to := end
		if i+1 < len(order) {
			to = starts[order[i+1]]
		}
		all[i] = object{n, starts[n], doc[starts[n]:to]}
	}
	return all, m[3], nil
}
