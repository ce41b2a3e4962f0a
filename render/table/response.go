package table

import (
	"slices"
	"strings"

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
		answers, href := Mono(""), ""
		var names, owners []string
		for _, x := range a.Replies {
			names = append(names, x.Kind+" "+x.ID)
			if x.Owner != "" && !slices.Contains(owners, x.Owner) {
				owners = append(owners, x.Owner)
			}
			if href == "" {
				href = b.RecordPage(x.Kind) + "#" + RecordAnchor(x.ID)
			}
		}
		if len(names) > 0 {
			answers = Mono(strings.Join(names, "\n")).To(href)
		}
		severity := string(a.Severity)
		if a.Rated != "" && !strings.EqualFold(a.Rated, severity) {
			severity = strings.TrimSpace(severity + " (" + a.Rated + ")")
		}
		finding := Mono(a.ID)
		if a.LastSeen == b.Run.Name {
			finding = finding.To(b.ItemHref(Key{a.Account, a.Region, a.Source}, a.Item))
		}
		t.Add("rsp-"+Hash(a.Source, a.Account, a.Region, a.Item), Str(string(a.State)), Str(a.SourceName()), Str(severity), Str(a.What), finding, Mono(a.Account), Mono(a.Region),
			At(a.Detected), At(a.Acknowledged), At(a.Resolved), At(a.ResolveBy), Str(a.Says), answers, Str(strings.Join(owners, ", ")), Str(a.AtSource), Mono(a.LastSeen).To(b.RunHref(a.LastSeen)))
	}
	return t
}

// StrangersTable lists answers to findings that no run saw.
func (b *Book) StrangersTable(list []control.Reply) *Table {
	t := &Table{ID: "strangers", Title: "Answers to findings no run saw", Empty: "Every answer names a finding that a run of the period saw.", Columns: []Column{
		{"record", "Record", Code, 26}, {"kind", "Kind", Text, 24}, {"names", "Names", Code, 44}, {"owner", "Who", Text, 18}, {"file", "Written in", Code, 36},
	}}
	for _, a := range list {
		t.Add("", Mono(a.ID).To(b.RecordPage(a.Kind)+"#"+RecordAnchor(a.ID)), Str(strings.ReplaceAll(a.Kind, "-", " ")), Mono(strings.Join(a.Names, "\n")), Str(a.Owner), Mono(a.Pointer.Path))
	}
	return t
}

// UnseenTable lists where a source of findings did not answer.
func (b *Book) UnseenTable(list []control.Unlooked) *Table {
	t := &Table{ID: "unseen", Title: "Not evaluated: where findings may be that nobody saw", Empty: "All four sources answered at every run of the period, wherever they are in use.", Columns: []Column{
		{"source", "Source", Text, 16}, {"account", "Account", Code, 15}, {"region", "Region", Code, 14}, {"run", "Run", Code, 24}, {"why", "Why", Text, 60},
	}}
	for _, u := range list {
		t.Add("", Str(u.SourceName()), Mono(u.Account), Mono(u.Region), Mono(u.Run).To(b.RunHref(u.Run)), Str(u.Why))
	}
	return t
}
