package control

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// leaversHaveNoAccess: one finding for everyone in the people register whose
// last day has come. Of is record/person; with reads credentials
// (iam/credential), directory (identitystore/user), assignments (sso/assignment)
// and offboarding (record/offboarding).
//
// A person is matched by the identities the register gives (iam_users,
// identity_center) and by the work address. A leaver for whom the register says
// nothing about identities is not evaluated: an empty list says "never had any".
func leaversHaveNoAccess(in joining) []Finding {
	var out []Finding
	for _, it := range in.Of.Items {
		p := recordOf(it)
		last := p.day("last_day")
		if last.IsZero() || last.After(in.AsOf) {
			continue
		}
		f := about(it)
		f.Item = p.text("id")
		access, unknown := accessOf(p, in)
		value := map[string]any{
			"last_day": last.Format(time.DateOnly), "counted_to": in.CountedTo,
			"access": access, "offboarding_record": thereIs(has(in.With["offboarding"].Items, func(r written) bool { return r.text("person") == p.text("id") })),
		}
		since, _ := days(last, in.AsOf)
		value["days_since"] = since
		f.Value = value
		_, iam := p["iam_users"]
		_, ic := p["identity_center"]
		switch {
		case len(access) > 0 && since <= in.Params.number("days", 1):
			f.Verdict, f.Reason = NotApplicable, "the time allowed for removing access has not passed"
		case len(access) > 0:
			f.Verdict = Fail
		case unknown != "":
			f.Verdict, f.Reason = NotEvaluated, unknown
		case !iam && !ic:
			f.Verdict, f.Reason = NotEvaluated, "no identity given: the people register names neither iam_users nor identity_center for this person; an empty list says that there never was one"
		default:
			f.Verdict = Pass
		}
		out = append(out, f)
	}
	return out
}

// accessOf lists in words what a person can still get in with, and what could not
// be looked at.
func accessOf(p written, in joining) (access []any, unknown string) {
	access = []any{}
	var refused []string
	for _, v := range []string{"credentials", "directory"} {
		if why := in.With[v].refused(); why != "" {
			refused = append(refused, why)
		}
	}
	for _, row := range in.With["credentials"].Items {
		v, known := field(row, "GetCredentialReport")
		r := written(fieldsOf(v))
		if !known {
			refused = append(refused, notAnswered("GetCredentialReport of "+row.ID))
			continue
		}
		if !p.isIAMUser(row.Account, r.text("user")) {
			continue
		}
		var with []string
		for _, c := range [][2]string{{"password_enabled", "a password"}, {"access_key_1_active", "access key 1"}, {"access_key_2_active", "access key 2"}, {"cert_1_active", "signing certificate 1"}, {"cert_2_active", "signing certificate 2"}} {
			switch v := r.text(c[0]); v {
			case "true":
				with = append(with, c[1])
			case "false", "N/A", "not_supported":
			default:
				refused = append(refused, notAnswered(fmt.Sprintf("%s of IAM user %s in %s", c[0], r.text("user"), row.Account)))
			}
		}
		if len(with) > 0 {
			access = append(access, fmt.Sprintf("IAM user %s in %s: %s", r.text("user"), row.Account, strings.Join(with, ", ")))
		}
	}
	for _, u := range in.With["directory"].Items {
		v, known := field(u, "ListUsers")
		r := written(fieldsOf(v))
		if !known {
			refused = append(refused, notAnswered("ListUsers of "+u.ID))
			continue
		}
		if p.isDirectoryUser(r) && r.text("UserStatus") != "DISABLED" {
			way := any(fmt.Sprintf("Identity Center user %s%s", r.text("UserName"), assigned(r.text("UserId"), in.With["assignments"])))
			if !slices.Contains(access, way) { // a member account lists the organization's directory too
				access = append(access, way)
			}
		}
	}
	return access, strings.Join(refused, "; ")
}

func (p written) isIAMUser(account, user string) bool {
	if user == "" {
		return false
	}
	for _, u := range p.texts("iam_users") {
		if strings.EqualFold(u, user) || strings.EqualFold(u, account+"/"+user) {
			return true
		}
	}
	return strings.EqualFold(user, p.text("email"))
}

func (p written) isDirectoryUser(u written) bool {
	email, name := p.text("email"), p.text("identity_center")
	if n := u.text("UserName"); n != "" && (strings.EqualFold(n, name) || strings.EqualFold(n, email)) {
		return true
	}
	list, _ := u["Emails"].([]any)
	for _, e := range list {
		if a := written(fieldsOf(e)).text("Value"); a != "" && strings.EqualFold(a, email) {
			return true
		}
	}
	return false
}

// assigned says in how many accounts a directory user has a permission set of its own.
func assigned(user string, assignments listing) string {
	accounts := map[string]bool{}
	for _, a := range assignments.Items {
		v, _ := field(a, "ListAccountAssignments")
		if r := written(fieldsOf(v)); user != "" && r.text("PrincipalId") == user {
			accounts[r.text("AccountId")] = true
		}
	}
	if len(accounts) == 0 {
		return ""
	}
	return " with access to " + strings.Join(sortedKeys(accounts), ", ")
}

func thereIs(b bool) string {
	if b {
		return "there is one"
	}
	return "there is none"
}

// accessReviewedQuarterly: one finding for each calendar quarter that ended in the
// period and by the day of the report. Of is record/access-review.
func accessReviewedQuarterly(in joining) []Finding {
	var out []Finding
	for _, q := range quarters(in.Period, in.AsOf) {
		f := Finding{Region: "global", Item: q.name, Verdict: NeedsRecord}
		value := map[string]any{
			"quarter_ended": q.end.Format(time.DateOnly),
			"due_by":        q.end.AddDate(0, 0, int(in.Params.number("days", 31))).Format(time.DateOnly),
		}
		for _, it := range in.Of.Items {
			r := recordOf(it)
			if r.text("quarter") != q.name {
				continue
			}
			wrong := q.wrong(r, in)
			if f.Verdict == Pass || f.Verdict == Fail && len(wrong) > 0 {
				continue // another review of the quarter is as good or better
			}
			f.Evidence, f.Verdict, f.Reason = it.Pointer, Pass, ""
			value["date"], value["reviewer"], value["sign_off"] = r.text("date"), r.text("reviewer"), r.text("sign_off")
			value["users_reviewed"], value["changes"] = r["users_reviewed"], r["changes"]
			delete(value, "wrong")
			if len(wrong) > 0 {
				f.Verdict = Fail
				value["wrong"] = strings.Join(wrong, "; ")
			}
		}
		if f.Verdict == NeedsRecord {
			f.Reason = "no record answers this: access-review for " + q.name
			value["record"] = "there is none"
		}
		f.Value = value
		out = append(out, f)
	}
	return out
}

type quarter struct {
	name       string
	start, end time.Time // first and last day
}

// quarters lists the calendar quarters whose last day lies in the period and is over at a time.
func quarters(p Period, at time.Time) []quarter {
	var out []quarter
	for _, s := range spans(p, at, 3) {
		out = append(out, quarter{fmt.Sprintf("%d-Q%d", s.start.Year(), (s.start.Month()-1)/3+1), s.start, s.end})
	}
	return out
}

// wrong says what a review lacks.
func (q quarter) wrong(r written, in joining) []string {
	var out []string
	for _, k := range []string{"reviewer", "date", "sign_off"} {
		if r.text(k) == "" {
			out = append(out, "it names no "+k)
		}
	}
	if _, ok := r["changes"]; !ok {
		out = append(out, "it does not say what was changed")
	}
	if s := r.texts("systems"); len(s) == 0 {
		out = append(out, "it names no systems")
	}
	grace := in.Params.number("days", 31)
	switch date := r.day("date"); {
	case date.IsZero():
	case date.Before(q.start):
		out = append(out, "it is dated before the quarter began")
	case date.After(q.end.AddDate(0, 0, int(grace))):
		out = append(out, fmt.Sprintf("it is dated more than %d days after the quarter ended", grace))
	}
	return out
}
