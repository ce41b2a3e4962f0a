package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"exhibit/evidence"
)

// leaversHaveNoAccess: one finding for everyone in the people register whose
// last day has come. Of is record/person; with reads credentials
// (iam/credential), directory (identitystore/user), assignments (sso/assignment)
// and offboarding (record/offboarding).
//
// A person is matched by the identities the register gives (iam_users,
// identity_center) and by the work address. Where there are identities of a kind
// and the register says nothing of that kind, the leaver is not evaluated: the
// directory's addresses are withheld from evidence, so that nobody can be told by
// them. "iam_users: []" and "identity_center: none" say that there never was one.
//
// Nothing left open is no offboarding: who left in the period needs the record of
// what was closed, too.
//
// Access was seen when the run asked, so the days since the last one are counted
// to the run, not to the end of the period.
func leaversHaveNoAccess(in joining) []Finding {
	var out []Finding
	for _, it := range in.Of.Items {
		p := recordOf(it)
		last, said := lastDay(p, in.With["offboarding"].Items)
		if last.IsZero() || last.After(in.AsOf) {
			continue
		}
		f := about(it)
		f.Item = p.text("id")
		access, unknown := accessOf(p, in)
		since, _ := days(last, in.At)
		recorded := has(in.With["offboarding"].Items, func(r written) bool { return r.text("person") == p.text("id") })
		value := map[string]any{
			"last_day": last.Format(time.DateOnly), "counted_to": in.At.UTC().Format(time.DateOnly) + ", the day of the run", "days_since": since, "access": access,
			"offboarding_record": thereIs(recorded),
		}
		if said != "" {
			value["register"] = said
		}
		f.Value = value
		switch {
		case len(access) > 0 && since <= in.Params.number("days", 1):
			f.Verdict, f.Reason = NotApplicable, "the time allowed for removing access has not passed"
		case len(access) > 0:
			f.Verdict = Fail
		case len(unknown) > 0:
			f.Verdict, f.Reason = NotEvaluated, strings.Join(unknown, "; ")
		case !recorded && in.Period.within(last) && in.With["offboarding"].refused() != "":
			f.Verdict, f.Reason = NotEvaluated, in.With["offboarding"].refused()
		case !recorded && in.Period.within(last) && since > in.Params.number("days", 1):
			f.Verdict, f.Reason = NeedsRecord, "no record answers this: offboarding"
		default:
			f.Verdict = Pass
		}
		out = append(out, f)
	}
	return out
}

// lastDay is the last day the register gives, or an offboarding record of this
// employment where that says an earlier one; said is how the two differ.
func lastDay(p written, offboarding []Located) (last time.Time, said string) {
	last = p.day("last_day")
	for _, it := range offboarding {
		r := recordOf(it)
		day := r.day("last_day")
		if r.text("person") != p.text("id") || day.IsZero() || day.Before(p.day("start")) || !last.IsZero() && !day.Before(last) {
			continue
		}
		said = "it names no last day; the offboarding record says " + day.Format(time.DateOnly)
		if s := p.text("last_day"); s != "" {
			said = "it says " + s + "; the offboarding record says " + day.Format(time.DateOnly)
		}
		last = day
	}
	return last, said
}

// accessOf lists in words what a person can still get in with, and what could not
// be looked at.
func accessOf(p written, in joining) (access []any, unknown []string) {
	access = []any{}
	iam, unknownIAM := iamAccess(p, in.With["credentials"])
	directory, unknownDirectory := directoryAccess(p, in.With["directory"], in.With["assignments"])
	unknown = append(unknownIAM, unknownDirectory...)
	if len(unknown) == 0 && !p.given("iam_users") && !p.given("identity_center") {
		unknown = append(unknown, noIdentity("no identity given: ", "iam_users nor identity_center", "neither"))
	}
	return append(append(access, iam...), directory...), unknown
}

func noIdentity(begin, keys, not string) string {
	return begin + "the people register names " + not + " " + keys + " for this person; iam_users: [] and identity_center: none say that there never was one"
}

func (p written) given(key string) bool { _, ok := p[key]; return ok }

func iamAccess(p written, rows listing) (access []any, unknown []string) {
	if why := rows.refused(); why != "" {
		unknown = append(unknown, why)
	}
	for _, c := range rows.Cells { // a whole account left out of scope, which the register names all the same
		if c.State == evidence.OutOfScope && slices.ContainsFunc(p.texts("iam_users"), func(u string) bool { return strings.HasPrefix(u, c.Account+"/") }) {
			unknown = append(unknown, notAnswered(cellCause(c)))
		}
	}
	known, others := p.given("iam_users"), false
	for _, row := range rows.Items {
		v, answered := field(row, "GetCredentialReport")
		r := written(fieldsOf(v))
		switch {
		case !answered:
			unknown = append(unknown, notAnswered("GetCredentialReport of "+row.ID))
			continue
		case !p.isIAMUser(row.Account, r.text("user")):
			others = others || r.text("user") != rootUser
			continue
		}
		known = true
		var with []string
		for _, c := range [][2]string{{"password_enabled", "a password"}, {"access_key_1_active", "access key 1"}, {"access_key_2_active", "access key 2"}, {"cert_1_active", "signing certificate 1"}, {"cert_2_active", "signing certificate 2"}} {
			switch v := r.text(c[0]); strings.ToLower(v) {
			case "true":
				with = append(with, c[1])
			case "false", "n/a", "not_supported":
			default:
				unknown = append(unknown, notAnswered(fmt.Sprintf("%s of IAM user %s in %s", c[0], r.text("user"), row.Account)))
			}
		}
		if len(with) > 0 {
			access = append(access, fmt.Sprintf("IAM user %s in %s: %s", r.text("user"), row.Account, strings.Join(with, ", ")))
		}
	}
	if !known && others {
		unknown = append(unknown, noIdentity("which IAM user was this person's is not known: ", "iam_users", "no"))
	}
	return access, unknown
}

func directoryAccess(p written, users, assignments listing) (access []any, unknown []string) {
	switch why := users.refused(); {
	case why != "":
		unknown = append(unknown, why)
	case len(users.Items) == 0 && !p.never("identity_center"):
		// Identity Center lies in one region: where none was found, it may lie in one left out.
		for _, c := range users.Cells {
			if c.State == evidence.OutOfScope {
				unknown = append(unknown, notAnswered(cellCause(c)))
				break
			}
		}
	}
	known, others := p.given("identity_center"), false
	for _, u := range users.Items {
		v, answered := field(u, "ListUsers")
		r := written(fieldsOf(v))
		switch {
		case !answered:
			unknown = append(unknown, notAnswered("ListUsers of "+u.ID))
			continue
		case !p.isDirectoryUser(r):
			others = others || !r.addressed()
			continue
		}
		known = true
		if r.text("UserStatus") != "DISABLED" {
			way := any(fmt.Sprintf("Identity Center user %s%s", cmp.Or(r.text("UserName"), u.ID), assigned(r.text("UserId"), assignments)))
			if !slices.Contains(access, way) { // a member account lists the organization's directory too
				access = append(access, way)
			}
		}
	}
	if !known && others {
		unknown = append(unknown, noIdentity("which Identity Center user was this person is not known, since addresses are withheld: ", "identity_center", "no"))
	}
	return access, unknown
}

// never reports whether the register says that there never was an identity.
func (p written) never(key string) bool { return strings.EqualFold(p.text(key), "none") }

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
	if n := u.text("UserName"); n != "" && (strings.EqualFold(n, name) && !p.never("identity_center") || strings.EqualFold(n, email)) {
		return true
	}
	return slices.ContainsFunc(u.addresses(), func(a string) bool { return strings.EqualFold(a, email) })
}

func (u written) addresses() (out []string) {
	list, _ := u["Emails"].([]any)
	for _, e := range list {
		if a := written(fieldsOf(e)).text("Value"); a != "" {
			out = append(out, a)
		}
	}
	return out
}

// addressed reports whether a directory user can be told by its address: it has
// one, and none is withheld.
func (u written) addressed() bool {
	list := u.addresses()
	return len(list) > 0 && !slices.ContainsFunc(list, func(a string) bool { return !strings.Contains(a, "@") })
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

// peopleDoubts names people whose offboarding is recorded and whose last day the
// register does not give: the list of leavers, drawn from it, lacks them.
func (w *world) peopleDoubts() []string {
	var out []string
	for _, it := range w.Items["record/person"] {
		p := recordOf(it)
		if _, said := lastDay(p, w.Items["record/offboarding"]); said != "" {
			out = append(out, fmt.Sprintf("%s:%d: the last day of %q: %s; the list of leavers is drawn from the register", it.Pointer.Path, it.Pointer.Line, p.text("id"), said))
		}
	}
	return out
}
