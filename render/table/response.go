package table

import (
	"slices"
	"strings"
	"time"

	"exhibit/control"
)

// ResponsesTable lists grave findings with what became of them; what nobody
// answered comes first.
func (b *Book) ResponsesTable(id, title string, list []control.Answered) *Table {
	t := &Table{ID: id, Title: title, Empty: "No run of the period saw such a finding where it could look.", Columns: []Column{
		{"state", "State", Text, 14}, {"source", "Found by", Text, 13}, {"severity", "Severity", Text, 10}, {"what", "What", Text, 34}, {"finding", "Finding", Code, 34},
		{"account", "Account", Code, 15}, {"region", "Region", Code, 14}, {"detected", "Detected", Time, 20}, {"acknowledged", "Taken up", Time, 20}, {"resolved", "Resolved", Time, 20},
		{"resolve_by", "To be resolved by", Time, 20}, {"why", "Against the time allowed", Text, 36}, {"answers", "Answered by", Code, 26}, {"owner", "Who", Text, 18},
		{"at_source", "At the last run that saw it", Text, 18}, {"last_seen", "Last seen by", Code, 24},
	}}
	for _, a := range list {
		answers, owners := b.repliesTo(a)
		t.Add("rsp-"+Hash(a.Source, a.Account, a.Region, a.Item), Str(string(a.State)), Str(a.SourceName()), Str(rated(a)), Str(a.What), b.grave(a), Mono(a.Account), Mono(a.Region),
			At(a.Detected), At(a.Acknowledged), At(a.Resolved), At(a.ResolveBy), Str(a.Says), answers, Str(owners), Str(a.AtSource), Mono(a.LastSeen).To(b.RunHref(a.LastSeen)))
	}
	return t
}

// ResponsesOnPage is the same for a page: what belongs together in one column.
func (b *Book) ResponsesOnPage(id, title string, list []control.Answered) *Table {
	t := &Table{ID: id, Title: title, Empty: "No run of the period saw such a finding where it could look.", Columns: []Column{
		{"state", "State", Text, 12}, {"why", "Against the time allowed", Text, 30}, {"what", "What was found", Text, 30}, {"finding", "Finding", Code, 26},
		{"where", "Account, region", Code, 15}, {"times", "Detected, taken up, resolved", Text, 28}, {"answers", "Answered by", Code, 26}, {"owner", "Who", Text, 16},
	}}
	for _, a := range list {
		answers, owners := b.repliesTo(a)
		var times []string
		for _, x := range []struct {
			word string
			at   time.Time
		}{{"detected", a.Detected}, {"taken up", a.Acknowledged}, {"resolved", a.Resolved}} {
			if !x.at.IsZero() {
				times = append(times, x.word+" "+strings.TrimSuffix(x.at.UTC().Format("2006-01-02 15:04"), " 00:00")) // a day without an hour
			}
		}
		if a.Resolved.IsZero() && !a.ResolveBy.IsZero() {
			times = append(times, "due "+a.ResolveBy.UTC().Format("2006-01-02 15:04"))
		}
		t.Add("rsp-"+Hash(a.Source, a.Account, a.Region, a.Item), Str(string(a.State)), Str(a.Says), Str(a.SourceName()+", "+rated(a)+"\n"+a.What), b.grave(a),
			Mono(strings.TrimSpace(a.Account+"\n"+a.Region)), Str(strings.Join(times, "\n")), answers, Str(owners))
	}
	return t
}

// rated is a severity, with the source's own word where that is another.
func rated(a control.Answered) string {
	severity := string(a.Severity)
	if a.Rated != "" && !strings.EqualFold(a.Rated, severity) {
		severity = strings.TrimSpace(severity + " (" + a.Rated + ")")
	}
	return severity
}

// grave is a finding's id, leading to it where the newest run has it.
func (b *Book) grave(a control.Answered) Cell {
	if a.LastSeen != b.Run.Name {
		return Mono(a.ID)
	}
	return Mono(a.ID).To(b.ItemHref(Key{a.Account, a.Region, a.Source}, a.Item))
}

// repliesTo are the records that answer a finding, and who answers for them.
func (b *Book) repliesTo(a control.Answered) (records Cell, owners string) {
	var names, who []string
	href := ""
	for _, x := range a.Replies {
		names = append(names, x.Kind+" "+x.ID)
		if x.Owner != "" && !slices.Contains(who, x.Owner) {
			who = append(who, x.Owner)
		}
		if href == "" {
			href = b.RecordHref(x.Kind, x.ID)
		}
	}
	return Mono(strings.Join(names, "\n")).To(href), strings.Join(who, ", ")
}

// StrangersTable lists answers to findings that no run saw.
func (b *Book) StrangersTable(list []control.Reply) *Table {
	t := &Table{ID: "strangers", Title: "Answers to findings no run saw", Empty: "Every answer names a finding that a run of the period saw.", Columns: []Column{
		{"record", "Record", Code, 26}, {"kind", "Kind", Text, 24}, {"names", "Names", Code, 44}, {"owner", "Who", Text, 18}, {"file", "Written in", Code, 36},
	}}
	for _, a := range list {
		t.Add("", Mono(a.ID).To(b.RecordHref(a.Kind, a.ID)), Str(strings.ReplaceAll(a.Kind, "-", " ")), Mono(strings.Join(a.Names, "\n")), Str(a.Owner), Mono(a.Pointer.Path))
	}
	return t
}

// UnseenTable lists where a source of findings did not answer.
func (b *Book) UnseenTable(list []control.Unlooked) *Table {
	t := &Table{ID: "unseen", Title: "Not evaluated: where findings may be that nobody saw", Empty: "All four sources answered at every run of the period, wherever they are in use.", Columns: []Column{
		{"source", "Source", Text, 16}, {"account", "Account", Code, 15}, {"region", "Region", Code, 14}, {"runs", "Runs", Number, 8}, {"run", "The last of them", Code, 24}, {"why", "Why", Text, 60},
	}}
	for _, u := range list {
		t.Add("", Str(u.SourceName()), Mono(u.Account), Mono(u.Region), Int(u.Runs), Mono(u.Run).To(b.RunHref(u.Run)), Str(u.Why))
	}
	return t
}
