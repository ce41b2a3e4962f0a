package control

import (
	"fmt"
	"regexp"
)

// infrastructureReviewed: one finding for each change that touches a path of
// params.paths, on whether params.reviewers people approved it. It reads what
// changesReviewed reads.
func infrastructureReviewed(in joining) []Finding {
	paths, err := regexp.Compile(in.Params.text("paths"))
	return judgeChanges(in, func(c change, f *Finding, value map[string]any) {
		if err != nil {
			f.Verdict, f.Reason = NotEvaluated, fmt.Sprintf("the check's paths cannot be read: %v", err)
			return
		}
		v, known := field(c.Located, "files")
		list, _ := v.([]any)
		if !known {
			f.Verdict, f.Reason = NotEvaluated, notAnswered("files of "+c.ID)
			return
		}
		touched := []any{}
		for _, e := range list {
			if p := written(fieldsOf(e)).text("path"); paths.MatchString(p) {
				touched = append(touched, p)
			}
		}
		if len(touched) == 0 {
			f.Verdict, f.Reason = NotApplicable, "it touches no infrastructure"
			return
		}
		if more := len(touched) - 10; more > 0 {
			touched = append(touched[:10:10], fmt.Sprintf("and %d more", more))
		}
		value["infrastructure"] = touched
		c.reviewed(f, value, in.Params.number("reviewers", 2))
	})
}

// changesNameTicket: one finding for each change, on whether it names a ticket of
// the form params.ticket, or closes an issue. It reads what changesReviewed reads.
func changesNameTicket(in joining) []Finding {
	form, err := regexp.Compile(in.Params.text("ticket"))
	return judgeChanges(in, func(c change, f *Finding, value map[string]any) {
		if err != nil {
			f.Verdict, f.Reason = NotEvaluated, fmt.Sprintf("the check's form of a ticket cannot be read: %v", err)
			return
		}
		ticket := c.ticket(form)
		for _, r := range c.notes {
			if ticket == "" {
				ticket = r.text("ticket")
			}
		}
		value["ticket"] = ticket
		switch {
		case ticket != "":
			f.Verdict = Pass
		case c.unknown != "":
			f.Verdict, f.Reason = NotEvaluated, c.unknown
			delete(value, "ticket")
		default:
			f.Verdict, value["ticket"] = Fail, "none"
		}
	})
}
