package record

import (
	"regexp"
	"strings"
)

var (
	heading = regexp.MustCompile(`^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$`)
	fence   = regexp.MustCompile("^ {0,3}(```|~~~)")
	comment = regexp.MustCompile(`(?s)<!--.*?-->`)
)

// sections makes sure that each heading the schema wants stands in the body,
// with text below it. HTML comments are no text: templates use them for advice.
func (d *draft) sections(body []byte, bodyLine int) {
	if len(d.schema.Sections) == 0 {
		return
	}
	// A comment keeps its line breaks, so that lines stay those of the file.
	text := comment.ReplaceAllStringFunc(string(body), func(c string) string {
		return strings.Repeat("\n", strings.Count(c, "\n"))
	})
	type part struct {
		line, level int
		filled      bool
	}
	parts := map[string]*part{}
	var open []*part // the headings we are below
	code := ""
	for i, line := range strings.Split(text, "\n") {
		if m := fence.FindStringSubmatch(line); m != nil && (code == "" || code == m[1]) {
			if code == "" {
				code = m[1]
			} else {
				code = ""
			}
			continue
		}
		if m := heading.FindStringSubmatch(line); m != nil && code == "" {
			p := &part{line: bodyLine + i, level: len(m[1])}
			for len(open) > 0 && open[len(open)-1].level >= p.level {
				open = open[:len(open)-1]
			}
			open = append(open, p)
			if name := strings.ToLower(m[2]); parts[name] == nil {
				parts[name] = p
			}
			continue
		}
		if strings.TrimSpace(line) != "" {
			for _, p := range open {
				p.filled = true
			}
		}
	}
	for _, want := range d.schema.Sections {
		switch p := parts[strings.ToLower(want)]; {
		case p == nil:
			d.faults = append(d.faults, fault{bodyLine, 0, "the section \"## " + want + "\" is missing below the fields"})
		case !p.filled:
			d.faults = append(d.faults, fault{p.line, 0, "the section \"" + want + "\" is empty"})
		}
	}
}
