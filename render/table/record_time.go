package table

import (
	"slices"
	"strings"
	"time"

	"exhibit/control"
)

// RecordKinds are the kinds of record that have a page: those a control names and
// those of which there is one, or was.
func (b *Book) RecordKinds() []string {
	var out []string
	add := func(kind string) {
		if kind != "" && !slices.Contains(out, kind) {
			out = append(out, kind)
		}
	}
	for _, kind := range sortedKeys(b.Records) {
		add(kind)
	}
	for kind := range b.Sealings {
		add(kind)
	}
	for i := range b.Controls {
		for _, r := range b.Controls[i].Records {
			add(r.Kind)
		}
	}
	slices.Sort(out)
	return out
}

// Kind returns a kind of record, or nil.
func (b *Book) Kind(name string) *control.RecordKind { return b.kind[name] }

// Sealing returns when a record was first sealed, or nil.
func (b *Book) Sealing(kind, id string) *control.Sealing { return b.sealing[[2]string{kind, id}] }

// Cadence is how often a record of a kind is wanted, in words.
func (b *Book) Cadence(kind string) string {
	k := b.kind[kind]
	switch {
	case k == nil:
		return ""
	case k.Default != "":
		return k.Cadence + " (the organisation's own choice; the default is " + k.Default + ")"
	}
	return k.Cadence
}

// SpansOf are the quarters, months or years in which a record of a kind is
// wanted; nil for kinds that come when something happens.
func (b *Book) SpansOf(kind string) []control.RecordSpan {
	for i := range b.Controls {
		for _, r := range b.Controls[i].Records {
			if r.Kind == kind {
				return r.Spans
			}
		}
	}
	return nil
}

// dayOnly says that all records of a kind are dated by a day without an hour.
func (b *Book) dayOnly(kind string, items []control.Located) bool {
	k := b.kind[kind]
	if k == nil || k.DatedBy == "" || len(b.Sealings[kind]) == 0 {
		return false
	}
	return !slices.ContainsFunc(items, func(it control.Located) bool {
		fields, _ := it.Answers["record"].(map[string]any)
		s, is := fields[k.DatedBy].(string)
		return fields[k.DatedBy] != nil && (!is || len(s) != len(time.DateOnly))
	})
}

// sealedColumns adds to a table of records, after the first column, when each was
// dated and first sealed, and returns the cells of one. A report without runs has
// neither.
func (b *Book) sealedColumns(kind string, t *Table) func(id string) []Cell {
	if len(b.Sealings[kind]) == 0 {
		return func(string) []Cell { return nil }
	}
	columns := []Column{{"first_sealed", "First sealed", Date, 12}, {"written_down", "Written down", Text, 20}}
	k := b.kind[kind]
	dated := k != nil && k.DatedBy != ""
	if dated {
		columns = []Column{{"dated", "Dated", Date, 12}, {"first_sealed", "First sealed", Date, 12}, {"days_between", "Days between", Number, 9}, {"written_down", "Written down", Text, 18}}
	}
	t.Columns = slices.Insert(t.Columns, 1, columns...)
	return func(id string) []Cell {
		s := b.Sealing(kind, id)
		if s == nil {
			return make([]Cell, len(columns))
		}
		words := string(s.State)
		if s.State == control.SealedFar && !s.Committed.IsZero() {
			words += "; git says " + s.Committed.UTC().Format(time.DateOnly)
		}
		if n := len(s.Changes); n > 0 {
			words += "; changed " + Plural(n, "time", "times") + " since"
		}
		if !dated {
			return []Cell{Day(s.At), Str(words)}
		}
		days := Cell{}
		if s.Run != "" && !s.Dated.IsZero() {
			days = Int(s.Days)
		}
		return []Cell{Day(s.Dated), Day(s.At), days, Str(words)}
	}
}

// KindsTable lists the kinds of record with what is missing, late or changed;
// those that lack something come first.
func (b *Book) KindsTable() *Table {
	t := &Table{ID: "kinds", Title: "Records by kind", Empty: "The repository holds no record.", Columns: []Column{
		{"kind", "Kind", Text, 26}, {"cadence", "How often", Text, 22}, {"records", "Records", Number, 9}, {"missing", "Missing", Text, 24}, {"late", "Written down late", Number, 10},
		{"changed", "Changed after sealing", Number, 10}, {"gone", "No longer there", Number, 10}, {"checks", "Checks that read it", Text, 40},
	}}
	type row struct {
		urgent int
		cells  []Cell
	}
	var rows []row
	for _, kind := range b.RecordKinds() {
		missing, late, changed, gone := b.MissingSpans(kind), 0, 0, 0
		for _, s := range b.Sealings[kind] {
			switch {
			case s.Gone:
				gone++
			case s.State == control.SealedLate:
				late++
			}
			if len(s.Changes) > 0 {
				changed++
			}
		}
		r := row{2, []Cell{Str(Capital(strings.ReplaceAll(kind, "-", " "))).To(b.RecordPage(kind)), Str(b.Cadence(kind)), Int(len(b.Records[kind])), Str(strings.Join(missing, "\n")), Int(late),
			Int(changed), Int(gone), Str(strings.Join(b.ChecksOf("record/"+kind), ", "))}}
		if len(missing) > 0 {
			r.urgent = 0
		} else if k := b.kind[kind]; late > 0 || gone > 0 && (k == nil || k.DatedBy != "") {
			r.urgent = 1
		}
		rows = append(rows, r)
	}
	slices.SortStableFunc(rows, func(x, y row) int { return x.urgent - y.urgent })
	for _, r := range rows {
		t.Add("", r.cells...)
	}
	return t
}

// MissingSpans are the spans of a kind that are over and have no record, in words.
func (b *Book) MissingSpans(kind string) []string {
	var out []string
	for _, s := range b.SpansOf(kind) {
		if s.State == control.SpanMissing || s.State == control.SpanDue {
			out = append(out, s.Name+": "+string(s.State))
		}
	}
	return out
}

// SpansTable shows what each span of a kind has.
func (b *Book) SpansTable(kind string, spans []control.RecordSpan) *Table {
	t := &Table{ID: "spans-" + idOf(kind), Title: Capital(strings.ReplaceAll(kind, "-", " ")) + ", span by span", Columns: []Column{
		{"span", "Span", Text, 22}, {"state", "State", Text, 18}, {"record", "Record", Code, 26}, {"dated", "Dated", Date, 12}, {"first_sealed", "First sealed", Date, 12},
		{"days_between", "Days between", Number, 9}, {"due", "May be dated until", Date, 14},
	}}
	for _, s := range spans {
		row := []Cell{Str(s.Name), Str(string(s.State)), {}, {}, {}, {}, Day(s.Due)}
		if s.Record != "" {
			row[2] = Mono(s.Record).To(b.RecordHref(kind, s.Record))
		}
		if w := b.Sealing(kind, s.Record); w != nil && s.Record != "" {
			row[3], row[4] = Day(w.Dated), Day(w.At)
			if w.Run != "" {
				row[5] = Int(w.Days)
			}
		}
		t.Add("", row...)
	}
	return t
}

// ChangesTable shows what was changed in records after a run had sealed them.
func (b *Book) ChangesTable(id, title string, list []control.Sealing) *Table {
	t := &Table{ID: id, Title: title, Empty: "No record was changed after a run had sealed it.", Columns: []Column{
		{"record", "Record", Code, 24}, {"field", "Field", Text, 16}, {"from", "As sealed before", Text, 36}, {"to", "As it is now", Text, 36},
		{"from_commit", "Sealed before at", Code, 24}, {"commit", "Sealed now at", Code, 24},
	}}
	at := func(run, commit string) Cell {
		if run == "" {
			return Mono("no run yet\n" + Short(commit))
		}
		return Mono(run + "\n" + Short(commit)).To(b.RunHref(run))
	}
	for _, s := range list {
		for _, c := range s.Changes {
			for _, f := range c.Fields {
				from, to := f.From, f.To
				if from == "" {
					from = "not there"
				}
				if to == "" {
					to = "taken out"
				}
				t.Add("", Mono(s.ID).To(b.RecordHref(s.Kind, s.ID)), Str(strings.ReplaceAll(f.Field, "_", " ")), Str(cut(from)), Str(cut(to)), at(c.FromRun, c.FromCommit), at(c.Run, c.Commit))
			}
		}
	}
	return t
}

// cut keeps a long text short enough to compare; the commits beside it hold it whole.
func cut(s string) string {
	if r := []rune(s); len(r) > 240 {
		return string(r[:240]) + " …"
	}
	return s
}

// LateTable lists records of all kinds that were written down late, the latest first.
func (b *Book) LateTable(list []control.Sealing) *Table {
	t := &Table{ID: "late", Title: "Written down late", Empty: "None.", Columns: []Column{
		{"kind", "Kind", Text, 24}, {"record", "Record", Code, 26}, {"dated", "Dated", Date, 12}, {"first_sealed", "First sealed", Date, 12}, {"days_between", "Days between", Number, 9}, {"why", "Why", Text, 50},
	}}
	for _, s := range list {
		t.Add("", Str(Capital(strings.ReplaceAll(s.Kind, "-", " "))), Mono(s.ID).To(b.RecordHref(s.Kind, s.ID)), Day(s.Dated), Day(s.At), Int(s.Days), Str(s.Says))
	}
	return t
}

// GoneTable lists records that a run sealed and that are there no more.
func (b *Book) GoneTable(id string, list []control.Sealing) *Table {
	t := &Table{ID: id, Title: "Sealed once, and no longer there", Empty: "No record that a run sealed was taken away.", Columns: []Column{
		{"record", "Record", Code, 26}, {"dated", "Dated", Date, 12}, {"run", "Last sealed by", Code, 26}, {"path", "Lay in", Code, 36}, {"commit", "At commit", Code, 14},
	}}
	for _, s := range list {
		if s.Gone {
			t.Add("", Mono(s.ID), Day(s.Dated), Mono(s.Run).To(b.RunHref(s.Run)), Mono(s.Path), Mono(Short(s.Commit)))
		}
	}
	return t
}

// FollowUpsTable lists what people set themselves to do in records.
func (b *Book) FollowUpsTable(id, title string, list []control.FollowUp) *Table {
	t := &Table{ID: id, Title: title, Empty: "No record names an action with a day it is due.", Columns: []Column{
		{"state", "State", Text, 16}, {"action", "Action", Text, 44}, {"owner", "Owner", Text, 20}, {"due", "Due", Date, 12}, {"closed", "Closed", Date, 12},
		{"kind", "Set in", Text, 24}, {"record", "Record", Code, 24},
	}}
	for _, f := range list {
		t.Add("", Str(string(f.State)), Str(f.Action), Str(f.Owner), Day(f.Due), Day(f.Closed), Str(strings.ReplaceAll(f.Kind, "-", " ")),
			Mono(f.Record).To(b.RecordHref(f.Kind, f.Record)))
	}
	return t
}
