package control

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"exhibit/evidence"
)

// Kept is what one run sealed of what people wrote.
type Kept struct {
	Run    string
	Commit string
	At     time.Time            // when the run ended
	Items  map[string][]Located // by source, "record/incident"; other sources are not looked at
}

// Came says which commit brought a file, by git's own word: its dates prove
// nothing, but what they say against a record they may be believed.
type Came struct {
	Commit string
	At     time.Time
	Author string // name
}

// A Sealing says when a record was first fixed by a seal, and what became of it
// since. The date in a record is its author's word; the run whose tree first has
// the record is not.
type Sealing struct {
	Kind, ID string
	Path     string
	Dated    time.Time // the day its own field gives; zero for a register that is kept current
	Run      string    // that sealed it first; "" when none has yet
	Commit   string    // of that run
	At       time.Time // when that run ended
	// Days lie between the day it is dated and the day it was first sealed; negative
	// when it was sealed before the day it is dated. 0 where either is not known.
	Days  int
	State SealState
	Says  string // State in a sentence
	// Committed is when git says the file came, and Author by whom: a claim, used
	// only where no seal contradicts it. Zero where a file holds many records.
	Committed time.Time
	Author    string
	Changes   []RecordChange
	// Gone says that earlier runs sealed it and the newest state has it no more; Run is
	// then the run that sealed it last.
	Gone bool
}

// SealState is how a record's own date stands to the seals.
type SealState string

// The states of a record's date.
const (
	SealedInTime  SealState = "in time"
	SealedLate    SealState = "late"            // a run that should have had it did not, or git itself says so
	SealedFar     SealState = "not evaluated"   // the seals lie too far apart to tell
	SealedFirst   SealState = "before all runs" // dated before the first run there is
	SealedAhead   SealState = "dated ahead"     // sealed before the day it is dated
	SealedUndated SealState = "kept current"    // no date to compare
	NotSealed     SealState = "not sealed yet"  // written after the newest run
	SealedGone    SealState = "no longer there" // sealed once, and taken away
)

// A RecordChange is what differs between two sealed states of a record.
type RecordChange struct {
	FromRun, FromCommit string
	Run, Commit         string // "" and the newest commit when no run has sealed the change yet
	At                  time.Time
	Fields              []FieldChange
}

// A FieldChange is one field of a record before and after, as canonical JSON; ""
// where it was not there. Field is "text" for the Markdown and "attachments".
type FieldChange struct{ Field, From, To string }

// lateAfter is how many days after its date a record may first be sealed, where
// exhibit.yaml does not say.
const lateAfter = 31

// sealings finds, for every record there is and every one that was taken away,
// when it was first sealed. kept is oldest first.
func sealings(lib *Library, w *world, kept []Kept) map[string][]Sealing {
	kinds := map[string]bool{}
	for source := range w.given {
		kinds[source] = true
	}
	for _, k := range kept {
		for source := range k.Items {
			kinds[source] = true
		}
	}
	out := map[string][]Sealing{}
	for source := range kinds {
		kind, is := strings.CutPrefix(source, "record/")
		if !is {
			continue
		}
		dated := w.kind(lib, kind).DatedBy
		byID := map[string][]state{} // at each run that has it
		for i := range kept {
			for _, it := range kept[i].Items[source] {
				byID[it.ID] = append(byID[it.ID], state{&kept[i], i, it})
			}
		}
		here := map[string]bool{}
		for _, it := range w.items(source) {
			here[it.ID] = true
			s := Sealing{Kind: kind, ID: it.ID, Path: it.Pointer.Path, Dated: recordOf(it).day(dated)}
			if came, ok := w.came[s.Path]; ok && strings.HasSuffix(s.Path, ".md") {
				s.Committed, s.Author = came.At, came.Author
			}
			s.judge(byID[it.ID], kept, w)
			s.follow(byID[it.ID], it, w.Commit)
			out[kind] = append(out[kind], s)
		}
		for _, id := range sortedKeys(byID) {
			if !here[id] {
				out[kind] = append(out[kind], gone(kind, dated, byID[id][len(byID[id])-1]))
			}
		}
	}
	return out
}

// gone is a record that was sealed last so, and is there no more.
func gone(kind, dated string, last state) Sealing {
	s := Sealing{Kind: kind, ID: last.it.ID, Path: last.it.Pointer.Path, Dated: recordOf(last.it).day(dated), Gone: true,
		Run: last.kept.Run, Commit: last.kept.Commit, At: last.kept.At, State: SealedGone}
	s.Says = fmt.Sprintf("run %s sealed it last; it is not there any more, or goes by another id", s.Run)
	return s
}

// state is a record as one run sealed it.
type state struct {
	kept  *Kept
	place int // among all runs
	it    Located
}

// judge compares the day a record is dated with the seals.
func (s *Sealing) judge(states []state, kept []Kept, w *world) {
	late := w.own.Late(s.Kind)
	if len(states) == 0 {
		s.State, s.Says = NotSealed, "no run has sealed it yet"
		return // what git says stands alone
	}
	first := states[0]
	s.Run, s.Commit, s.At = first.kept.Run, first.kept.Commit, first.kept.At
	on := day(s.At)
	if s.Dated.IsZero() {
		s.State, s.Says = SealedUndated, "sealed first on "+on
		return
	}
	s.Days = daysBetween(s.Dated, s.At)
	since := -1 // days after its date on which it was certainly not there yet
	var without Kept
	for _, k := range kept[:first.place] {
		if n := daysBetween(s.Dated, k.At); n >= 0 {
			since, without = n, k
		}
	}
	began := "" // what there was before the repository came into it afterwards
	git := -1   // days after its date, by git's own word
	switch {
	case s.Committed.After(without.At) && !s.Committed.After(s.At):
		git = daysBetween(s.Dated, s.Committed)
		if born := daysBetween(s.Dated, w.born); born > 0 && daysBetween(w.born, s.Committed) <= late {
			git = -1
			began = fmt.Sprintf("; it came with the first records of this repository, on %s", day(w.born))
		}
	default:
		s.Committed, s.Author = time.Time{}, "" // moved, or not told: a seal says otherwise
	}
	lacked := ""
	if since >= 0 {
		lacked = fmt.Sprintf("; run %s of %s, %s after its date, did not have it", without.Run, day(without.At), plural(since, "day"))
	}
	claims := ""
	if git >= 0 {
		claims = fmt.Sprintf("; git says it came on %s, %s after its date, which no seal confirms", day(s.Committed), plural(git, "day"))
	}
	switch sealed := fmt.Sprintf("sealed first on %s, %s after its date", on, plural(s.Days, "day")); {
	case s.Days < 0:
		s.State, s.Says = SealedAhead, fmt.Sprintf("sealed on %s, %s before the day it is dated", on, plural(-s.Days, "day"))
	case s.Days <= late:
		s.State, s.Says = SealedInTime, sealed
	case since > late:
		s.State, s.Says = SealedLate, "written down late: "+sealed+lacked
	case git > late:
		s.State, s.Says = SealedLate, fmt.Sprintf("written down late: git itself says it came on %s, %s after its date; %s%s", day(s.Committed), plural(git, "day"), sealed, lacked)
	case since < 0 && first.place == 0:
		s.State, s.Says = SealedFirst, "dated before the first run there is; "+sealed+claims+began
	default:
		s.State, s.Says = SealedFar, sealed+lacked+claims
		if claims == "" {
			s.Says += "; when it was written in between, nothing tells"
		}
	}
}

// follow lists what was changed after the first sealing. now is the record as it
// stands at commit.
func (s *Sealing) follow(states []state, now Located, commit string) {
	for i := range states {
		if i == 0 {
			continue
		}
		if c := changed(states[i-1].it, states[i].it); len(c) > 0 {
			from, to := states[i-1].kept, states[i].kept
			s.Changes = append(s.Changes, RecordChange{FromRun: from.Run, FromCommit: from.Commit, Run: to.Run, Commit: to.Commit, At: to.At, Fields: c})
		}
	}
	if n := len(states); n > 0 {
		if c := changed(states[n-1].it, now); len(c) > 0 {
			from := states[n-1].kept
			s.Changes = append(s.Changes, RecordChange{FromRun: from.Run, FromCommit: from.Commit, Commit: commit, Fields: c})
		}
	}
}

// changed lists the fields in which two states of a record differ.
func changed(was, is Located) []FieldChange {
	if reflect.DeepEqual(was.Answers, is.Answers) {
		return nil
	}
	var out []FieldChange
	compare := func(field string, a, b any) {
		if from, to := canonical(a), canonical(b); from != to {
			out = append(out, FieldChange{field, from, to})
		}
	}
	a, b := recordOf(was), recordOf(is)
	fields := sortedKeys(a)
	for _, f := range sortedKeys(b) {
		if _, both := a[f]; !both {
			fields = append(fields, f)
		}
	}
	slices.Sort(fields)
	for _, f := range fields {
		compare(f, a[f], b[f])
	}
	for _, f := range []string{"text", "attachments"} {
		compare(f, was.Answers[f], is.Answers[f])
	}
	return out
}

// canonical is a value as a reader compares it: a text as it is, all else as
// JSON; "" for nothing.
func canonical(v any) string {
	if v == nil {
		return ""
	}
	if s, ok := v.(string); ok {
		return s
	}
	b, err := evidence.Canonical(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSpace(string(b))
}

// daysBetween counts the days of the calendar, in UTC, from one day to another.
func daysBetween(from, to time.Time) int {
	from, to = from.UTC().Truncate(24*time.Hour), to.UTC().Truncate(24*time.Hour)
	return int(to.Sub(from).Hours() / 24)
}
