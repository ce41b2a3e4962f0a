package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
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
// the body begins.
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
			return front, bytes.Trim(rest, "\n"), line + 1 + leadingLines(rest), nil
		}
		front = append(append(front, l...), '\n')
	}
	return nil, nil, 0, &fault{1, 1, "the fields are not ended: write a line of three hyphens (---) below the last one"}
}

// leadingLines counts the empty lines b begins with.
func leadingLines(b []byte) int { return len(b) - len(bytes.TrimLeft(b, "\n")) }

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

var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntax words an error of the YAML library. Its lines are those of the place
// where it gave up, at times one above or below the mistake.
func syntax(b []byte, err error) *fault {
	m := yamlError.FindStringSubmatch(strings.SplitN(err.Error(), "\n", 2)[0])
	if m == nil {
		return &fault{message: "is not YAML: " + err.Error()}
	}
	line, _ := strconv.Atoi(m[1]) // absent: 0, the whole file
	for n, l := range strings.Split(string(b), "\n") {
		if indent := l[:len(l)-len(strings.TrimLeft(l, " \t"))]; strings.Contains(indent, "\t") && strings.TrimSpace(l) != "" {
			return &fault{n + 1, strings.Index(indent, "\t") + 1, "a tab stands in the indentation; YAML indents with spaces"}
		}
	}
	message := "is not YAML: " + m[2]
	if strings.Contains(m[2], "mapping values are not allowed") {
		message += "; put a text that holds a colon in quotes"
	}
	return &fault{line: line, message: message}
}
