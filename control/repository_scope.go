package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"exhibit/evidence"
)

// A RepositoryLife is one repository of an organisation at a code host, as all runs of
// the period were told of it.
type RepositoryLife struct {
	Located        // as it was seen last
	Name    string // owner/name
	// Is is what the configuration said of it when it was seen last: in scope, excluded,
	// neither; "" where no run's evidence says so.
	Is, As, By, Reason string
	Marks              []string // archived, a fork, empty …
	Created            time.Time
	// Before are the names earlier runs saw it under: "shop/old at run 0001-…".
	Before []string
	// Gone says since when it is not listed any more; "" while it is.
	Gone string
	// Missing says that the configuration names it and the code host lists none of that name.
	Missing bool
	// Unseen is what the audit log says of one that no run listed; "" for others.
	Unseen string

	id, number string
	at         string // the run that saw it last
}

// A reader of listings, oldest first.
type repositoryRuns struct {
	lives []*RepositoryLife
	byID  map[string]*RepositoryLife // by place and node id
}

// repositoriesOf follows the repositories of every organisation through the runs of the
// period, by what the code host calls them itself, which no rename changes.
func repositoriesOf(in joining) []*RepositoryLife {
	r := &repositoryRuns{byID: map[string]*RepositoryLife{}}
	runs := append(slices.Clone(in.Past), in)
	for _, run := range runs {
		here := map[string]bool{}
		for _, it := range run.Of.Items {
			if one := r.see(it, run.Run); one != nil {
				here[one.key()] = true
			}
		}
		for _, one := range r.lives {
			whole := run.Of.of(one.Region).refused() == ""
			switch {
			case here[one.key()]:
				one.Gone = ""
			case one.Gone == "" && whole && run.Of.asked(one.Region):
				one.Gone = "not listed since run " + run.Run
			}
		}
	}
	// what a listing misses is a fact of that run alone
	r.lives = slices.DeleteFunc(r.lives, func(one *RepositoryLife) bool { return one.Missing && one.at != in.Run })
	told := map[string]bool{}
	for _, l := range in.everyRun("events") {
		for _, it := range l.Items {
			if k := it.Region + " " + it.ID; !told[k] {
				told[k] = true
				r.created(it)
			}
		}
	}
	slices.SortStableFunc(r.lives, func(a, b *RepositoryLife) int {
		return cmp.Or(strings.Compare(a.Region, b.Region), strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)))
	})
	return r.lives
}

// asked reports whether a place of the listing was asked at all.
func (l listing) asked(region string) bool {
	return slices.ContainsFunc(l.Cells, func(c evidence.Cell) bool { return c.Region == region })
}

func (one *RepositoryLife) key() string { return one.Region + " " + one.id }

// see takes down one row of a run's listing.
func (r *repositoryRuns) see(it Located, run string) *RepositoryLife {
	told := written(fieldsOf(it.Answers["repository"]))
	scope := written(fieldsOf(it.Answers["scope"]))
	id := told.text("id")
	if len(told) == 0 {
		id = "named " + strings.ToLower(it.ID)
	}
	one := r.byID[it.Region+" "+id]
	if one == nil {
		one = &RepositoryLife{id: id}
		r.byID[it.Region+" "+id] = one
		r.lives = append(r.lives, one)
	} else if one.Name != it.ID {
		one.Before = append(one.Before, one.Name+" until run "+one.at)
	}
	one.Located, one.Name, one.Missing, one.at = it, it.ID, len(told) == 0, run
	one.Is, one.As, one.By, one.Reason = scope.text("is"), scope.text("as"), scope.text("by"), scope.text("reason")
	one.Created, one.number = told.time("createdAt"), itoa(told.number("databaseId", 0))
	one.Marks = nil
	for _, m := range [][2]string{{"isArchived", "archived"}, {"isFork", "a fork"}, {"isEmpty", "empty"}, {"isMirror", "a mirror"}, {"isTemplate", "a template"}, {"isDisabled", "disabled"}} {
		if told.bool(m[0]) {
			one.Marks = append(one.Marks, m[1])
		}
	}
	if v := told.text("visibility"); v == "PUBLIC" {
		one.Marks = append(one.Marks, "public")
	}
	if told.text("markedForDeletionOn") != "" {
		one.Marks = append(one.Marks, "to be deleted")
	}
	return one
}

// created takes up what the audit log says: of a repository that no run listed, that
// there was one; of one that is gone, what became of it.
func (r *repositoryRuns) created(it Located) {
	e := written(fieldsOf(it.Answers["event"]))
	action, name := e.text("action"), e.text("repo")
	if !strings.HasPrefix(action, "repo.") || name == "" {
		return
	}
	words := eventWords(e)
	for _, one := range r.lives {
		if one.Region != it.Region || one.Missing || !(one.number != "0" && one.number == itoa(e.number("repo_id", 0)) || strings.EqualFold(one.Name, name)) {
			continue
		}
		switch {
		case one.Unseen != "":
			one.Unseen += "; " + words
		case one.Gone != "" && action != "repo.create":
			one.Gone += "; " + words
		}
		return
	}
	if action != "repo.create" {
		return // of one that was there before the period and went before the first run nothing else is known
	}
	scope := written(fieldsOf(it.Answers["scope"]))
	r.lives = append(r.lives, &RepositoryLife{Located: it, Name: name, Is: scope.text("is"), As: scope.text("as"), By: scope.text("by"), Reason: scope.text("reason"),
		Created: eventTime(e), Unseen: words, number: itoa(e.number("repo_id", 0))})
}

// eventWords is an event of an audit log in words.
func eventWords(e written) string {
	what := map[string]string{"repo.create": "made", "repo.destroy": "deleted", "repo.rename": "renamed", "repo.transfer": "transferred", "repo.restore": "restored"}[e.text("action")]
	s := cmp.Or(what, e.text("action"))
	if at := eventTime(e); !at.IsZero() {
		s += " on " + at.Format("2006-01-02 15:04")
	}
	if who := e.text("actor"); who != "" {
		s += " by " + who
	}
	return s
}

// eventTime is when an event of an audit log was: GitHub counts milliseconds.
func eventTime(e written) time.Time {
	for _, k := range []string{"created_at", "@timestamp"} {
		if ms := e.number(k, 0); ms > 0 {
			return time.UnixMilli(ms).UTC().Truncate(time.Second)
		}
		if at := e.time(k); !at.IsZero() {
			return at
		}
	}
	return time.Time{}
}

// repositoriesScoped: one finding for each repository of an organisation, on whether it
// is in scope, or excluded with a reason. Of is forge/repository over the period; with
// reads events (forge/audit-event), which may tell of one that no run saw.
func repositoriesScoped(in joining) []Finding {
	var out []Finding
	for _, one := range repositoriesOf(in) {
		f := about(one.Located)
		f.Item = one.Name
		value := map[string]any{"repository": one.Name, "scope": cmp.Or(one.Is, "not stated")}
		for k, v := range map[string]string{"as": one.As, "excluded_by": one.By, "reason": one.Reason, "gone": one.Gone, "seen_by_the_audit_log_alone": one.Unseen} {
			if v != "" {
				value[k] = v
			}
		}
		if len(one.Marks) > 0 {
			value["is"] = anys(one.Marks)
		}
		if len(one.Before) > 0 {
			value["called_before"] = anys(one.Before)
		}
		f.Verdict = Pass
		switch {
		case one.Missing:
			f.Verdict, value["listed"] = Fail, "the configuration names it, and the code host lists none of that name"
		case one.Is == "neither":
			f.Verdict, value["scope"] = Fail, "neither in scope nor excluded"
		case one.Is == "in scope" && one.Unseen != "":
			f.Verdict, value["listed"] = Fail, "it is in scope, and no run listed it while it was there"
		case one.Is == "excluded" && strings.TrimSpace(one.Reason) == "":
			f.Verdict, value["reason"] = Fail, "none"
		case one.Is == "":
			f.Verdict, f.Reason = NotEvaluated, notAnswered(fmt.Sprintf("what the configuration says of %s", one.Name))
		}
		f.Value = value
		out = append(out, f)
	}
	return out
}
