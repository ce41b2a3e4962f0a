package review

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// Less orders entitlements as a reviewer reads them: by person, those of nobody
// last, then by account and way in.
func Less(a, b Entitlement) bool { return Compare(a, b) < 0 }

// Compare is the order of a population.
func Compare(a, b Entitlement) int {
	nobody := func(e Entitlement) int {
		if e.Person == "" {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(nobody(a), nobody(b)), cmp.Compare(a.Person, b.Person), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Name, b.Name), cmp.Compare(a.Opens, b.Opens), cmp.Compare(a.Row, b.Row))
}

// Entitlement is a row of the population; the zero Entitlement where there is none.
func (r *Review) Entitlement(row string) Entitlement {
	for _, e := range r.Population {
		if e.Row == row {
			return e
		}
	}
	return Entitlement{}
}

// Latest are the decisions that count, by row.
func (r *Review) Latest() map[string]Decision {
	out := map[string]Decision{}
	for _, d := range r.Decisions {
		out[d.Row] = d
	}
	return out
}

// Given says who decides each row now.
func (r *Review) Given() map[string]string {
	out := map[string]string{}
	for _, v := range r.Reviewers {
		for _, row := range v.Rows {
			out[row] = v.Person
		}
	}
	for _, a := range r.Assigned {
		out[a.Row] = a.To
	}
	return out
}

// RowsOf are the entitlements a reviewer decides now, in the population's order.
func (r *Review) RowsOf(person string) []Entitlement {
	given := r.Given()
	var out []Entitlement
	for _, e := range r.Population {
		if given[e.Row] == person {
			out = append(out, e)
		}
	}
	return out
}

// A Standing is how far a review is.
type Standing struct {
	Rows, Keep, Revoke, Modify int
	NotMine                    int // given back: nobody has decided
	Undecided                  int
}

// Decided reports whether every row has a decision that stands.
func (s Standing) Decided() bool { return s.NotMine+s.Undecided == 0 }

// StandingOf counts the rows a person decides; all rows for "".
func (r *Review) StandingOf(person string) Standing {
	var s Standing
	latest, given := r.Latest(), r.Given()
	for _, e := range r.Population {
		if person != "" && given[e.Row] != person {
			continue
		}
		s.Rows++
		d := latest[e.Row]
		switch {
		case d.Decision == NotMine && d.Reviewer == given[e.Row]:
			s.NotMine++
		case d.Decision == "" || d.Decision == NotMine: // given back by one, and now another's
			s.Undecided++
		case d.Decision == Keep:
			s.Keep++
		case d.Decision == Revoke:
			s.Revoke++
		case d.Decision == Modify:
			s.Modify++
		}
	}
	return s
}

// Deciders are the people who decide rows now, in the order of their ids.
func (r *Review) Deciders() []string {
	var out []string
	for _, p := range r.Given() {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

// PrivilegedReviewer reports whether a person decided rows of the review and holds a
// privileged entitlement in it.
func (r *Review) PrivilegedReviewer(person string) bool {
	if !slices.Contains(r.Deciders(), person) {
		return false
	}
	return slices.ContainsFunc(r.Population, func(e Entitlement) bool { return e.Person == person && e.Flagged(Privileged) })
}

// Losers are the people rows were taken from, who keep others.
func (r *Review) Losers(moved []Assigned) []string {
	var out []string
	for _, a := range moved {
		if !slices.Contains(out, a.From) {
			out = append(out, a.From)
		}
	}
	slices.Sort(out)
	return out
}

// MarkNew flags what the review before did not have.
func MarkNew(population []Entitlement, prev *Review) {
	had := map[string]bool{}
	for _, e := range prev.Population {
		had[e.Row] = true
	}
	for i := range population {
		e := &population[i]
		if had[e.Row] {
			continue
		}
		at := slices.IndexFunc(e.Flags, func(f Flag) bool { return f.Flag == Shared || f.Flag == Orphan })
		if at < 0 {
			at = len(e.Flags)
		}
		e.Flags = slices.Insert(e.Flags, at, Flag{New, "new since " + prev.ID})
	}
}

// FileName is a person's id as a file's name: other letters than the plain ones
// become a digest, so that two ids never share a name.
func FileName(id string) string {
	for _, r := range id {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '.' || r == '_') {
			sum := sha256.Sum256([]byte(id))
			return "person-" + hex.EncodeToString(sum[:6])
		}
	}
	return id
}
