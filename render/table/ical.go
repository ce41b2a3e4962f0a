package table

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"exhibit/control"
)

// Ical is the calendar as RFC 5545 has it: one all-day event a duty, with the
// same UID in every report, so that a calendar that has it already moves it
// instead of showing it twice. Nothing in it comes from a clock: the time of each
// event's making is the run's.
func (b *Book) Ical() []byte {
	var w icalWriter
	name := b.Engagement.Organisation + ", SOC 2"
	if b.Stamp.Sample {
		name = "SAMPLE: " + name
	}
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", "-//Exhibit//"+icalText(b.Tool)+"//EN")
	w.line("CALSCALE", "GREGORIAN")
	w.line("METHOD", "PUBLISH")
	w.line("X-WR-CALNAME", icalText(name))
	for _, d := range b.Calendar {
		b.event(&w, d)
	}
	w.line("END", "VCALENDAR")
	return []byte(w.String())
}

func (b *Book) event(w *icalWriter, d control.Duty) {
	title := d.What
	if d.State != control.DutyUpcoming && d.State != control.DutyDay {
		title += " (" + string(d.State) + ")"
	}
	if b.Stamp.Sample {
		title = "SAMPLE: " + title
	}
	says := []string{}
	if d.Who != "" {
		says = append(says, "Who: "+d.Who)
	}
	if !d.Done.IsZero() {
		done := "Done on " + d.Done.UTC().Format(time.DateOnly)
		if d.By != "" {
			done += ": " + d.By
		}
		says = append(says, done)
	}
	if d.Why != "" {
		says = append(says, "Why: "+d.Why)
	}
	from := d.On
	if d.Kind == "capture" && !d.From.IsZero() {
		from = d.From // a week
	}
	w.line("BEGIN", "VEVENT")
	w.line("UID", Hash(b.Engagement.Organisation, d.ID)+"@exhibit.invalid")
	w.line("DTSTAMP", b.Run.Ended.UTC().Format("20060102T150405Z"))
	w.line("DTSTART;VALUE=DATE", from.UTC().Format("20060102"))
	w.line("DTEND;VALUE=DATE", d.On.UTC().AddDate(0, 0, 1).Format("20060102"))
	w.line("SUMMARY", icalText(title))
	if len(says) > 0 {
		w.line("DESCRIPTION", icalText(strings.Join(says, "\n")))
	}
	w.line("CATEGORIES", icalText(strings.ReplaceAll(d.Kind, "-", " ")))
	w.line("STATUS", "CONFIRMED")
	w.line("TRANSP", "TRANSPARENT")
	if d.State == control.DutyUpcoming && d.Kind != "capture" {
		w.line("BEGIN", "VALARM")
		w.line("ACTION", "DISPLAY")
		w.line("DESCRIPTION", icalText(title))
		w.line("TRIGGER", "-P7D")
		w.line("END", "VALARM")
	}
	w.line("END", "VEVENT")
}

// icalText is a value of type TEXT: what the grammar uses is escaped, line ends
// are written as \n, and control characters, which it does not know, as Visible
// writes them.
func icalText(s string) string {
	var lines []string
	for l := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		lines = append(lines, strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`).Replace(Visible(l)))
	}
	return strings.Join(lines, `\n`)
}

// icalWriter folds lines: none is longer than 75 octets, and no character is cut.
type icalWriter struct{ strings.Builder }

func (w *icalWriter) line(name, value string) {
	s, room := name+":"+value, 75
	for len(s) > room {
		at := room
		for !utf8.RuneStart(s[at]) {
			at--
		}
		fmt.Fprintf(w, "%s\r\n ", s[:at])
		s, room = s[at:], 74 // the space counts
	}
	fmt.Fprintf(w, "%s\r\n", s)
}
