package xlsx

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// zipTime is the earliest a zip can say; every entry has it.
func zipTime() time.Time { return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) }

// normalise writes a workbook anew so that the same tables give the same bytes
// and strict readers accept them. excelize 2.11.0 writes the children of <font>
// in an order the schema forbids, and core properties without the prefix some
// readers look for.
func normalise(book []byte) ([]byte, error) {
	in, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		return nil, fmt.Errorf("reading the workbook back: %w", err)
	}
	files := slices.Clone(in.File)
	slices.SortFunc(files, func(a, b *zip.File) int {
		return cmp.Or(cmp.Compare(rank(a.Name), rank(b.Name)), cmp.Compare(a.Name, b.Name))
	})
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range files {
		if f.Name != "xl/styles.xml" && f.Name != "docProps/core.xml" {
			if err := copyEntry(w, f); err != nil {
				return nil, fmt.Errorf("copying %s of the workbook: %w", f.Name, err)
			}
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("reading %s of the workbook: %w", f.Name, err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return nil, fmt.Errorf("reading %s of the workbook: %w", f.Name, err)
		}
		switch f.Name {
		case "xl/styles.xml":
			if data, err = orderFonts(data); err != nil {
				return nil, fmt.Errorf("reading %s of the workbook: %w", f.Name, err)
			}
		case "docProps/core.xml":
			data = prefixCore(data)
		}
		to, err := w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: zipTime()})
		if err != nil {
			return nil, err
		}
		if _, err := to.Write(data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// copyEntry takes an entry over as it is packed: packing is most of the work of a
// workbook. Its header says nothing but what it holds.
func copyEntry(w *zip.Writer, f *zip.File) error {
	const day = 1 | 1<<5 // zipTime, as MS-DOS counts
	to, err := w.CreateRaw(&zip.FileHeader{Name: f.Name, Method: f.Method, ModifiedDate: day,
		CRC32: f.CRC32, CompressedSize64: f.CompressedSize64, UncompressedSize64: f.UncompressedSize64})
	if err != nil {
		return err
	}
	from, err := f.OpenRaw()
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return err
}

// rank puts the list of types first, where readers expect it.
func rank(name string) int {
	switch name {
	case "[Content_Types].xml":
		return 0
	case "_rels/.rels":
		return 1
	}
	return 2
}

// fontOrder is the sequence of CT_Font's children in SpreadsheetML.
func fontOrder(name string) int {
	return slices.Index([]string{"b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz", "color", "name", "family", "charset", "scheme"}, name)
}

// orderFonts sorts the children of every <font> by fontOrder and leaves every
// other byte as it is.
func orderFonts(styles []byte) ([]byte, error) {
	type span struct {
		order      int
		start, end int64
	}
	var out bytes.Buffer
	var kept int64 // up to here the input was copied
	var kids []span
	var inside int64 = -1 // where the content of the current <font> begins
	depth := 0
	d := xml.NewDecoder(bytes.NewReader(styles))
	for {
		before := d.InputOffset()
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			switch {
			case inside < 0 && tok.Name.Local == "font":
				inside, depth, kids = d.InputOffset(), 0, nil
			case inside >= 0:
				if depth == 0 {
					kids = append(kids, span{order: fontOrder(tok.Name.Local), start: before})
				}
				depth++
			}
		case xml.EndElement:
			switch {
			case inside >= 0 && depth > 0:
				if depth--; depth == 0 {
					kids[len(kids)-1].end = d.InputOffset()
				}
			case inside >= 0:
				slices.SortStableFunc(kids, func(a, b span) int { return cmp.Compare(a.order, b.order) })
				out.Write(styles[kept:inside])
				for _, k := range kids {
					out.Write(styles[k.start:k.end])
				}
				kept, inside = before, -1
			}
		}
	}
	out.Write(styles[kept:])
	return out.Bytes(), nil
}

// prefixCore gives the core properties the cp: prefix that OPC's own examples
// use and some readers insist on.
func prefixCore(core []byte) []byte {
	s := string(core)
	s = strings.Replace(s, `<coreProperties xmlns="`, `<cp:coreProperties xmlns:cp="`, 1)
	s = strings.Replace(s, `</coreProperties>`, `</cp:coreProperties>`, 1)
	for _, name := range []string{"lastModifiedBy", "revision", "version", "category", "contentStatus", "keywords"} {
		s = strings.ReplaceAll(s, "<"+name+">", "<cp:"+name+">")
		s = strings.ReplaceAll(s, "</"+name+">", "</cp:"+name+">")
	}
	return []byte(s)
}
