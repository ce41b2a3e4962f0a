package control

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Revision is a policy document as one commit left it.
type Revision struct {
	ID       string // of the document; survives renames
	Title    string
	Owner    string
	Review   string    // cadence, such as "annual"; "" when not said
	Reviewed time.Time // a recorded review that changed nothing; zero when there was none
	Removed  bool      // the commit removed the file; only Commit, CommittedAt, Author and Path are set besides ID
	DocumentVersion
}

// Histories makes the version history of every document out of its revisions,
// oldest first. Documents are sorted by id, versions newest first.
//
// A commit that changes the text makes a version; its number is empty where the
// front matter did not raise it. A commit that changes only the front matter of
// the same version, such as an approval, completes that version. A commit that
// changes nothing but the path follows a rename.
func Histories(revisions []Revision) []Document {
	byID := map[string]*Document{}
	var ids []string
	for _, r := range revisions {
		d := byID[r.ID]
		if d == nil {
			d = &Document{ID: r.ID}
			byID[r.ID] = d
			ids = append(ids, r.ID)
		}
		d.follow(r)
	}
	slices.Sort(ids)
	var out []Document
	for _, id := range ids {
		d := byID[id]
		slices.Reverse(d.Versions)
		d.Reviews = d.reviews(time.Time{})
		d.Reviewed = d.lastReview(time.Time{})
		d.judge()
		out = append(out, *d)
	}
	return out
}

// follow takes one revision; Versions are oldest first while it does.
func (d *Document) follow(r Revision) {
	last := len(d.Versions) - 1
	if r.Removed {
		d.Problems = append(d.Problems, fmt.Sprintf("the file %s was removed at %s", r.Path, short(r.Commit)))
		return
	}
	d.Title, d.Owner, d.Review = r.Title, r.Owner, r.Review
	d.Reviews = append(d.Reviews, r.Reviewed, r.ApprovedOn)
	if last < 0 {
		d.Versions = append(d.Versions, r.DocumentVersion)
		return
	}
	v, sameText := &d.Versions[last], bytes.Equal(d.Versions[last].Body, r.Body)
	number := d.newestNumber()
	switch {
	case sameText && r.Version == number:
		v.Path = r.Path
		if v.Version == number {
			v.Effective, v.ApprovedBy, v.ApprovedOn, v.Change = r.Effective, r.ApprovedBy, r.ApprovedOn, r.Change
		}
	case sameText:
		d.Versions = append(d.Versions, r.DocumentVersion)
		d.Problems = append(d.Problems, fmt.Sprintf("version %s changed no text: it is that of version %s", r.Version, number))
	case r.Version == number:
		unnumbered := r.DocumentVersion
		unnumbered.Version, unnumbered.Effective, unnumbered.ApprovedBy, unnumbered.ApprovedOn, unnumbered.Change = "", time.Time{}, "", time.Time{}, "" // those are of the version before
		d.Versions = append(d.Versions, unnumbered)
		d.Problems = append(d.Problems, fmt.Sprintf("the text changed at %s without a new version: it is still called %s", short(r.Commit), number))
	default:
		d.Versions = append(d.Versions, r.DocumentVersion)
	}
}

// reviews are the days of all recorded reviews and approvals that a time knows
// of, newest first; the zero time knows of all.
func (d Document) reviews(by time.Time) []time.Time {
	out := append(slices.Clone(d.Reviews), d.Reviewed)
	for _, v := range d.Versions {
		out = append(out, v.ApprovedOn)
	}
	out = slices.DeleteFunc(out, func(t time.Time) bool { return t.IsZero() || !by.IsZero() && t.After(by) })
	slices.SortFunc(out, func(a, b time.Time) int { return b.Compare(a) })
	return slices.CompactFunc(out, time.Time.Equal)
}

// lastReview is the newest of reviews; zero when there is none.
func (d Document) lastReview(by time.Time) time.Time {
	if r := d.reviews(by); len(r) > 0 {
		return r[0]
	}
	return time.Time{}
}

func (d *Document) newestNumber() string {
	for _, v := range slices.Backward(d.Versions) {
		if v.Version != "" {
			return v.Version
		}
	}
	return ""
}

// judge says what is odd about the dates and the approvals.
func (d *Document) judge() {
	say := func(format string, args ...any) { d.Problems = append(d.Problems, fmt.Sprintf(format, args...)) }
	for i := 0; i+1 < len(d.Reviews); i++ { // newest first
		if n := int(d.Reviews[i].Sub(d.Reviews[i+1]).Hours() / 24); n > 365 {
			say("nobody reviewed or approved it for %d days, from %s to %s", n, day(d.Reviews[i+1]), day(d.Reviews[i]))
		}
	}
	var later *DocumentVersion
	for i := range d.Versions {
		v := &d.Versions[i]
		if v.Version == "" {
			continue
		}
		if len(bytes.TrimSpace(v.Body)) == 0 {
			say("version %s has no text", v.Version)
		}
		switch {
		case v.ApprovedBy == "" || v.ApprovedOn.IsZero():
			say("version %s names no approval", v.Version)
		case !v.Effective.IsZero() && v.Effective.Before(v.ApprovedOn):
			say("version %s took effect on %s, before it was approved on %s", v.Version, day(v.Effective), day(v.ApprovedOn))
		}
		if v.ApprovedBy != "" && v.Author != "" && strings.Contains(strings.ToLower(v.ApprovedBy), strings.ToLower(v.Author)) {
			say("version %s was approved by the person who committed it, %s", v.Version, v.Author)
		}
		if !v.Effective.IsZero() && v.CommittedAt.Sub(v.Effective) > 24*time.Hour {
			say("version %s was committed on %s, after it took effect on %s", v.Version, day(v.CommittedAt), day(v.Effective))
		}
		if later != nil && !later.Effective.IsZero() && later.Effective.Before(v.Effective) {
			say("version %s took effect before version %s, which it follows", later.Version, v.Version)
		}
		later = v
	}
	slices.SortStableFunc(d.Problems, func(a, b string) int { return cmp.Compare(a, b) })
}

func short(commit string) string { return commit[:min(len(commit), 10)] }

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
