package render_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"exhibit/render"
)

// A component is a part of an iCalendar file between BEGIN and END.
type component struct {
	name  string
	props []property
	parts []component
}

type property struct{ name, value string }

func (c component) get(t *testing.T, name string) string {
	t.Helper()
	var found []string
	for _, p := range c.props {
		if p.name == name {
			found = append(found, p.value)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%s has %d properties %s", c.name, len(found), name)
	}
	return found[0]
}

var contentLine = regexp.MustCompile(`^([A-Z0-9-]+)((?:;[A-Z-]+=[A-Z-]+)*):(.*)$`)

// readIcal reads a file by the grammar of RFC 5545, section 3.1, and nothing
// beside it: it shares no code with the writer.
func readIcal(data []byte) (component, error) {
	var lines []string
	rest := string(data)
	for rest != "" {
		line, after, ok := strings.Cut(rest, "\r\n")
		switch {
		case !ok:
			return component{}, fmt.Errorf("the last line %q does not end with CRLF", line)
		case strings.ContainsAny(line, "\r\n"):
			return component{}, fmt.Errorf("a bare CR or LF in %q", line)
		case len(line) > 75:
			return component{}, fmt.Errorf("a line of %d octets: %q", len(line), line)
		case !utf8.ValidString(line):
			return component{}, fmt.Errorf("a character was cut in %q", line)
		}
		if folded, ok := strings.CutPrefix(line, " "); ok && len(lines) > 0 {
			lines[len(lines)-1] += folded
		} else {
			lines = append(lines, line)
		}
		rest = after
	}
	var open []component
	for _, l := range lines {
		m := contentLine.FindStringSubmatch(l)
		if m == nil {
			return component{}, fmt.Errorf("%q is no content line", l)
		}
		for _, r := range m[3] {
			if r < 0x20 && r != '\t' || r == 0x7f {
				return component{}, fmt.Errorf("a control character in %q", l)
			}
		}
		switch m[1] {
		case "BEGIN":
			open = append(open, component{name: m[3]})
		case "END":
			n := len(open) - 1
			if n < 0 || open[n].name != m[3] {
				return component{}, fmt.Errorf("END:%s closes nothing", m[3])
			}
			if n == 0 {
				return open[0], nil
			}
			open[n-1].parts = append(open[n-1].parts, open[n])
			open = open[:n]
		default:
			if len(open) == 0 {
				return component{}, fmt.Errorf("%q stands outside", l)
			}
			open[len(open)-1].props = append(open[len(open)-1].props, property{m[1] + m[2], m[3]})
		}
	}
	return component{}, fmt.Errorf("not closed: %d components", len(open))
}

// words reads a value of type TEXT.
func words(t *testing.T, s string) string {
	t.Helper()
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && strings.IndexByte(`\;,nN`, s[i+1]) >= 0:
			i++
			b.WriteByte(map[byte]byte{'n': '\n', 'N': '\n'}[s[i]])
			if s[i] != 'n' && s[i] != 'N' {
				t := b.String()
				b.Reset()
				b.WriteString(t[:len(t)-1])
				b.WriteByte(s[i])
			}
		case c == '\\' || c == ';' || c == ',':
			t.Fatalf("%q is not escaped", s)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// The calendar is a calendar for a strict reader too, the same each time, and
// nothing in it depends on a clock.
func TestIcal(t *testing.T) {
	in := fixture(t, 12)
	data := render.Ical(in.Report)
	if string(data) != string(render.Ical(in.Report)) {
		t.Error("two files of one report differ")
	}
	cal, err := readIcal(data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	if cal.name != "VCALENDAR" || cal.get(t, "VERSION") != "2.0" || cal.get(t, "PRODID") == "" {
		t.Errorf("%+v", cal.props)
	}
	if len(cal.parts) != len(in.Report.Calendar) {
		t.Fatalf("%d events of %d duties", len(cal.parts), len(in.Report.Calendar))
	}
	var uids []string
	for i, e := range cal.parts {
		d := in.Report.Calendar[i]
		uid := e.get(t, "UID")
		if slices.Contains(uids, uid) {
			t.Errorf("two events are %s", uid)
		}
		uids = append(uids, uid)
		stamp, err := time.Parse("20060102T150405Z", e.get(t, "DTSTAMP"))
		if err != nil || !stamp.Equal(in.Report.Run.Ended.UTC().Truncate(time.Second)) {
			t.Errorf("stamped %v, and the run ended %v", stamp, in.Report.Run.Ended)
		}
		end, err := time.Parse("20060102", e.get(t, "DTEND;VALUE=DATE"))
		if err != nil || !end.Equal(d.On.AddDate(0, 0, 1)) {
			t.Errorf("%s ends before %v, want the day after %v", d.ID, end, d.On)
		}
		start, err := time.Parse("20060102", e.get(t, "DTSTART;VALUE=DATE"))
		if err != nil || !start.Before(end) {
			t.Errorf("%s starts %v", d.ID, start)
		}
		if s := words(t, e.get(t, "SUMMARY")); !strings.HasPrefix(s, "SAMPLE: ") || strings.HasPrefix(d.What, "Za") && !strings.Contains(s, d.What) {
			t.Errorf("the summary is %q", s)
		}
		words(t, e.get(t, "DESCRIPTION"))
	}
	// The same duty, done meanwhile and with another day, is the same event.
	in.Report.Calendar[2].On, in.Report.Calendar[2].State = in.Report.Calendar[2].On.AddDate(1, 0, 0), "upcoming"
	later, err := readIcal(render.Ical(in.Report))
	if err != nil || later.parts[2].get(t, "UID") != uids[2] {
		t.Errorf("the UID moved with the day: %v", err)
	}
}
