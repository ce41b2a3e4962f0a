package control

import (
	"slices"
	"strings"

	"exhibit/evidence"
)

// requests say of each request what answers it and what is missing, by name.
func (c *compiling) requests(r *Report) []RequestResult {
	var out []RequestResult
	for _, q := range c.lib.Requests {
		res := RequestResult{Request: q}
		add := func(a RequestPart) { res.Answers = append(res.Answers, a) }
		for _, id := range q.Populations {
			add(c.populationAnswer(r, id))
		}
		for _, name := range q.Checks {
			add(c.checkAnswer(name))
			n := c.results[name].Counts
			res.Exceptions += n.Failed - n.Compensated
		}
		for _, kind := range q.Records {
			add(c.recordAnswer(r, kind))
		}
		for _, id := range q.Policies {
			add(policyAnswer(r, id))
		}
		for _, source := range q.Sources {
			add(c.listingAnswer(source))
		}
		for _, what := range q.Brings {
			add(RequestPart{Kind: "by hand", Name: what, State: AnswerMissing, Says: "no evidence here holds it: somebody must bring it"})
		}
		res.sum()
		if !c.serves(r, q) {
			res.State, res.Missing = AnswerNotApplicable, nil
		}
		out = append(out, res)
	}
	return out
}

// serves reports whether a request is about a criterion of the engagement, or none.
func (c *compiling) serves(r *Report, q Request) bool {
	for _, k := range c.lib.Criteria {
		if slices.Contains(q.Criteria, k.ID) && inScope(k, r.Engagement) {
			return true
		}
	}
	return len(q.Criteria) == 0
}

// sum is the state of the whole: answered when each part is, missing when none is.
func (r *RequestResult) sum() {
	some, all := false, true
	for _, a := range r.Answers {
		switch a.State {
		case AnswerWhole:
			some = true
		case AnswerInPart:
			some, all = true, false
		default:
			all = false
		}
		if a.State != AnswerWhole {
			r.Missing = append(r.Missing, a.Kind+" "+a.Name+": "+a.Says)
		}
	}
	switch {
	case all:
		r.State = AnswerWhole
	case some:
		r.State = AnswerInPart
	default:
		r.State = AnswerMissing
	}
}

func (c *compiling) populationAnswer(r *Report, id string) RequestPart {
	a := RequestPart{Kind: "population", Name: id, State: AnswerWhole}
	at := slices.IndexFunc(r.Populations, func(p Population) bool { return p.ID == id })
	p := r.Populations[at]
	asked := slices.ContainsFunc(p.Cells, func(x evidence.Cell) bool { return x.State.Answered() && !left(x) })
	switch {
	case p.Definition.Waits != "" || !asked:
		a.State, a.Says = AnswerMissing, p.lacks()
	case !p.Whole:
		a.State, a.Says = AnswerInPart, plural(len(p.Items), "item")+"; "+p.lacks()
	case len(p.Items) == 0:
		a.Says = "no occurrence in the period"
		if kind, ok := strings.CutPrefix(p.Source, "record/"); ok {
			if part := recordPart(c.lib, c.w, kind, r.Sealings[kind]); part.Status != ManualHas {
				a.State, a.Says = AnswerInPart, "the list is empty: "+part.Reason
			} else {
				a.Says = part.Reason
			}
		}
	default:
		a.Says = plural(len(p.Items), "item")
		if n := len(p.Second.Differences); n > 0 {
			a.Says += ", " + plural(n, "difference") + " from the second list"
		}
	}
	return a
}

// lacks is why a list is not whole, without what it holds.
func (p Population) lacks() string {
	if at := strings.Index(p.Says, "NOT "); at >= 0 {
		return p.Says[at:]
	}
	return p.Says
}

func (c *compiling) checkAnswer(name string) RequestPart {
	a := RequestPart{Kind: "check", Name: name, State: AnswerWhole}
	n := c.results[name].Counts
	a.Says = n.Words()
	switch {
	case n.Population == 0:
		a.Says = "no occurrence in the period"
	case n.NotEvaluated+n.NeedsRecord == n.Population:
		a.State = AnswerMissing
	case n.NotEvaluated+n.NeedsRecord > 0:
		a.State = AnswerInPart
	}
	return a
}

func (c *compiling) recordAnswer(r *Report, kind string) RequestPart {
	part := recordPart(c.lib, c.w, kind, r.Sealings[kind])
	a := RequestPart{Kind: "record", Name: kind, State: AnswerMissing, Says: part.Reason}
	switch {
	case part.Status == ManualHas || part.Status == NA:
		a.State = AnswerWhole
	case part.Have > 0:
		a.State = AnswerInPart
	}
	return a
}

func policyAnswer(r *Report, id string) RequestPart {
	a := RequestPart{Kind: "policy", Name: id, State: AnswerMissing, Says: "the repository holds no policy with this id"}
	for _, d := range r.Documents {
		if d.ID != id {
			continue
		}
		on := r.Engagement.Period.End
		if r.AsOf.Before(on) {
			on = r.AsOf
		}
		if v := d.InForce(on); v != nil {
			a.State, a.Says = AnswerWhole, "version "+v.Version+", in force since "+day(v.Effective)
			if v.ApprovedBy == "" {
				a.State, a.Says = AnswerInPart, a.Says+"; nobody approved it"
			}
		} else {
			a.State, a.Says = AnswerInPart, "no version was in force on "+day(on)
		}
	}
	return a
}

func (c *compiling) listingAnswer(source string) RequestPart {
	a := RequestPart{Kind: "listing", Name: source, State: AnswerMissing, Says: "no run asked for it"}
	var missing []string
	answered := 0
	for _, x := range c.w.cellsOf(source) {
		switch {
		case left(x):
		case x.State.Answered():
			answered++
		default:
			missing = append(missing, place{x.Account, x.Region}.String()+" ("+string(x.State)+")")
		}
	}
	switch {
	case answered > 0 && len(missing) == 0:
		a.State, a.Says = AnswerWhole, plural(len(c.w.itemsOf(source)), "item")+" in "+plural(answered, "place")
	case answered > 0:
		a.State, a.Says = AnswerInPart, "not answered in "+strings.Join(missing, ", ")
	case len(missing) > 0:
		a.Says = "not answered in " + strings.Join(missing, ", ")
	}
	return a
}
