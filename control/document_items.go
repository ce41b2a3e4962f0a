package control

import (
	"time"

	"exhibit/evidence"
)

// documentSource is the source a check names to judge policies. Each item answers
// the question "document".
const documentSource = "git/document"

// documentItems makes policies readable for checks. All times are dates or RFC
// 3339; what is not known is left out, so that a check must ask with has().
func documentItems(docs []Document, commit string) []Located {
	var out []Located
	for _, d := range docs {
		m := map[string]any{"id": d.ID, "title": d.Title}
		put := func(k, v string) {
			if v != "" {
				m[k] = v
			}
		}
		put("owner", d.Owner)
		put("review", d.Review)
		if !d.Reviewed.IsZero() {
			m["reviewed"] = d.Reviewed.UTC().Format(time.DateOnly)
		}
		reviews := []any{}
		for _, t := range d.reviews(time.Time{}) {
			reviews = append(reviews, t.UTC().Format(time.DateOnly))
		}
		m["reviews"] = reviews
		at := Pointer{Commit: commit}
		var versions []any
		for i, v := range d.Versions {
			if i == 0 {
				at.Path = v.Path
			}
			one := map[string]any{"committed_at": v.CommittedAt.UTC().Format(time.RFC3339)}
			for k, s := range map[string]string{"version": v.Version, "approved_by": v.ApprovedBy, "change": v.Change, "author": v.Author} {
				if s != "" {
					one[k] = s
				}
			}
			for k, t := range map[string]time.Time{"effective": v.Effective, "approved_on": v.ApprovedOn} {
				if !t.IsZero() {
					one[k] = t.UTC().Format(time.DateOnly)
				}
			}
			versions = append(versions, one)
		}
		m["versions"] = versions
		out = append(out, Located{Item: evidence.Item{ID: d.ID, Answers: map[string]any{"document": m}}, Region: "global", Source: documentSource, Pointer: at})
	}
	return out
}

// documentsAt cuts documents to what existed at a time.
func documentsAt(docs []Document, at time.Time) []Document {
	var out []Document
	for _, d := range docs {
		cut := d
		cut.Versions = nil
		for _, v := range d.Versions {
			if !v.CommittedAt.After(at) {
				cut.Versions = append(cut.Versions, v)
			}
		}
		if len(cut.Versions) == 0 {
			continue
		}
		cut.Reviews, cut.Reviewed = cut.reviews(at), cut.lastReview(at)
		out = append(out, cut)
	}
	return out
}
