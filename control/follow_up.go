package control

import (
	"cmp"
	"slices"
	"time"
)

// A FollowUp is an action that a record names, with a day it is due.
type FollowUp struct {
	Kind, Record string
	Action       string
	Owner        string // a person's id; "" when nobody is named
	Due          time.Time
	Closed       time.Time // zero while open
	State        FollowUpState
}

// FollowUpState says how an action stands on the day of the report.
type FollowUpState string

// The states of a follow-up, in the order a reader wants them.
const (
	FollowUpOverdue    FollowUpState = "open, overdue"
	FollowUpOpen       FollowUpState = "open"
	FollowUpClosedLate FollowUpState = "closed late"
	FollowUpClosed     FollowUpState = "closed in time"
)

// followUps reads the actions of all records: rows of any kind that have an
// action and a day it is due.
func followUps(w *world) []FollowUp {
	var out []FollowUp
	today := w.asOf.UTC().Truncate(24 * time.Hour)
	for kind, items := range records(w.given) {
		for _, it := range items {
			r := recordOf(it)
			for _, field := range sortedKeys(r) {
				list, _ := r[field].([]any)
				for _, e := range list {
					a := written(fieldsOf(e))
					f := FollowUp{Kind: kind, Record: it.ID, Action: a.text("action"), Owner: a.text("owner"), Due: a.day("due"), Closed: a.day("closed")}
					if f.Action == "" || f.Due.IsZero() {
						continue
					}
					if w.future(f.Closed) {
						f.Closed = time.Time{} // a day to come closes nothing
					}
					switch {
					case f.Closed.IsZero() && f.Due.Before(today):
						f.State = FollowUpOverdue
					case f.Closed.IsZero():
						f.State = FollowUpOpen
					case f.Closed.After(f.Due):
						f.State = FollowUpClosedLate
					default:
						f.State = FollowUpClosed
					}
					out = append(out, f)
				}
			}
		}
	}
	order := []FollowUpState{FollowUpOverdue, FollowUpOpen, FollowUpClosedLate, FollowUpClosed}
	slices.SortFunc(out, func(a, b FollowUp) int {
		return cmp.Or(slices.Index(order, a.State)-slices.Index(order, b.State), a.Due.Compare(b.Due),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Record, b.Record), cmp.Compare(a.Action, b.Action))
	})
	return out
}
