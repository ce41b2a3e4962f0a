package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxFile is the largest file read, in bytes: what a person writes is far
// smaller, and a parser's cost must stay bounded.
const maxFile = 1 << 20

// A fault is a problem before its path and kind are known.
type fault struct {
	line, column int
	message      string
}

func faultAt(n *yaml.Node, format string, args ...any) fault {
	return fault{n.Line, n.Column, fmt.Sprintf(format, args...)}
}

// clean returns b without a byte order mark and with LF line ends, so that
// lines are counted as an editor counts them.
func clean(b []byte) ([]byte, *fault) {
	if len(b) > maxFile {
		return nil, &fault{message: fmt.Sprintf("is larger than %d bytes; keep long material as an attachment", maxFile)}
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(b) {
		line, column := 1, 1
		for rest := b; len(rest) > 0; {
			r, size := utf8.DecodeRune(rest)
			if r == utf8.RuneError && size == 1 {
				break
			}
			if column++; r == '\n' {
				line, column = line+1, 1
			}
			rest = rest[size:]
		}
		return nil, &fault{line, column, "is not UTF-8 text; save the file as UTF-8"}
	}
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(b, []byte("\r"), []byte("\n")), nil
}

// splitFrontMatter cuts a cleaned Markdown file into its YAML, which keeps the
// line numbers of the file, and its body. bodyLine is the file's line on which
// the body begins, or that of the hyphens when there is none.
func splitFrontMatter(b []byte) (front, body []byte, bodyLine int, _ *fault) {
	first, rest, _ := bytes.Cut(b, []byte("\n"))
	if string(bytes.TrimRight(first, " \t")) != "---" {
		return nil, nil, 0, &fault{1, 1, "must begin with a line of three hyphens (---), then the fields, then three hyphens again"}
	}
	front = []byte("\n") // stands for the line of hyphens
	for line := 2; len(rest) > 0; line++ {
		var l []byte
		l, rest, _ = bytes.Cut(rest, []byte("\n"))
		if string(bytes.TrimRight(l, " \t")) == "---" {
			body = bytes.Trim(rest, "\n")
			if bodyLine = line; len(body) > 0 {
				bodyLine += 1 + len(rest) - len(bytes.TrimLeft(rest, "\n"))
			}
			return front, body, bodyLine, nil
		}
		front = append(append(front, l...), '\n')
	}
	return nil, nil, 0, &fault{1, 1, "the fields are not ended: write a line of three hyphens (---) below the last one"}
}

// parse reads one YAML document strictly: no aliases, anchors, tags or second
// document. A nil node is an empty document.
func parse(b []byte) (*yaml.Node, *fault) {
	d := yaml.NewDecoder(bytes.NewReader(b))
	var doc yaml.Node
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, syntax(b, err)
	}
	var second yaml.Node
	if err := d.Decode(&second); err == nil {
		return nil, &fault{second.Line, 1, "a second YAML document begins here; one file holds one"}
	} else if !errors.Is(err, io.EOF) {
		return nil, syntax(b, err)
	}
	if len(doc.Content) != 1 {
		return nil, nil
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" && root.Anchor == "" {
		return nil, nil
	}
	return root, plain(root)
}

// plain refuses what makes YAML say more than is written.
func plain(n *yaml.Node) *fault {
	switch {
	case n.Kind == yaml.AliasNode:
		f := faultAt(n, "aliases (*%s) are not read; write the value out", n.Value)
		return &f
	case n.Anchor != "":
		f := faultAt(n, "anchors (&%s) are not read; write the value where it is used", n.Anchor)
		return &f
	case n.Style&yaml.TaggedStyle != 0:
		f := faultAt(n, "tags (%s) are not read; write the value alone", n.Tag)
		return &f
	}
	for _, c := range n.Content {
		if f := plain(c); f != nil {
			return f
		}
	}
	return nil
}

var yamlError = regexp.MustCompile(`^yaml: (?:line \d+: )?(.*)$`)

// syntax words an error of the YAML library and finds its line: the library
// names the line on which the surrounding block begins, at times one above it.
func syntax(b []byte, err error) *fault {
	lines := bytes.SplitAfter(b, []byte("\n"))
	bad := badLine(lines)
	m := yamlError.FindStringSubmatch(strings.SplitN(err.Error(), "\n", 2)[0])
	if m == nil {
		return &fault{line: bad, message: "is not YAML: " + shorten(err.Error())}
	}
	for n, l := range lines {
		if indent := l[:len(l)-len(bytes.TrimLeft(l, " \t"))]; bytes.ContainsRune(indent, '\t') && len(bytes.TrimSpace(l)) > 0 {
			return &fault{n + 1, bytes.IndexByte(indent, '\t') + 1, "a tab stands in the indentation; YAML indents with spaces"}
		}
	}
	message := "is not YAML: " + m[1]
	for _, mend := range [][2]string{
		{"mapping values are not allowed", "put a text that holds a colon in quotes"},
		{"cannot start any token", "put a text that begins with a sign such as @ or % in quotes"},
		{"expected '-' indicator", "the entries of a list begin in the same column"},
		{"expected key", "the fields of a record begin in the same column, and quotes enclose the whole text"},
		{"unexpected end of stream", "a quote is not closed"},
		{"expected ',' or", "a bracket is not closed, or a comma is missing"},
	} {
		if strings.Contains(m[1], mend[0]) {
			return &fault{line: bad, message: message + "; " + mend[1]}
		}
	}
	return &fault{line: bad, message: message}
}

// badLine is the first line at which the text cannot be read however it goes
// on, found by reading ever shorter beginnings. A value that spans a few lines
// cannot be read while it is incomplete either, so some lines more are tried.
func badLine(lines [][]byte) int {
	fails := func(n int) bool {
		for _, more := range []int{0, 1, 2, 5, 10} {
			if n+more > len(lines) {
				break
			}
			var doc yaml.Node
			d := yaml.NewDecoder(bytes.NewReader(bytes.Join(lines[:n+more], nil)))
			err := d.Decode(&doc)
			for err == nil {
				err = d.Decode(&doc)
			}
			if errors.Is(err, io.EOF) {
				return false
			}
		}
		return true
	}
	return 1 + sort.Search(len(lines)-1, func(n int) bool { return fails(n + 1) })
}
