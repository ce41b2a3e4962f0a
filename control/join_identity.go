package control

import (
	"strings"
	"time"
)

// identitiesHaveAnOwner: one finding for each IAM user but root, and for each user
// of the directory. Of is iam/credential; with reads directory, people, identities
// and hr. A person's is one the people register or the identity table names; any
// other has an owner in the identity table who still works here.
func identitiesHaveAnOwner(in joining) []Finding {
	var out []Finding
	staff := in.staff()
	gone, unclear := map[string]time.Time{}, map[string]bool{}
	unsaid := false // somebody's user in the directory is not named
	for _, it := range in.With["people"].Items {
		p := staff.person(it)
		if last, _ := lastDay(p, nil, staff.hr(p)); !last.IsZero() && last.Before(in.AsOf) {
			gone[p.text("id")] = last
		}
		unclear[p.text("id")] = p.refused("last_day")
		unsaid = unsaid || !p.given("identity_center") && !p.given("directory_users")
	}
	registers := ""
	for _, v := range []string{"people", "identities"} {
		if why := in.With[v].refused(); why != "" {
			registers = why
		}
	}
	judge := func(f *Finding, got claim, known bool, looks string) {
		value := map[string]any{"identity": looks}
		f.Value = value
		switch {
		case known && got.entry == nil:
			f.Verdict = Pass
			value["person"] = got.person
			if last, left := gone[got.person]; left {
				value["person"] = got.person + ", who left on " + last.Format(time.DateOnly)
			}
		case known:
			owner := got.entry.text("owner")
			value["kind"], value["owner"], value["purpose"], value["since"] = got.entry.text("kind"), owner, got.entry.text("purpose"), got.entry.text("since")
			f.Verdict = Pass
			if last, left := gone[owner]; left {
				f.Verdict, value["owner"] = Fail, owner+", who left on "+last.Format(time.DateOnly)
			}
			if end := got.entry.day("ended"); !end.IsZero() && end.Before(in.At) {
				f.Verdict, value["ended"] = Fail, got.entry.text("ended")+", and it is still there"
			}
			if f.Verdict == Pass && (unclear[owner] || got.entry.refused("ended", "owner")) {
				f.Verdict, f.Reason = NotEvaluated, notAnswered("last_day or ended of the registers")
			}
		case registers != "":
			f.Verdict, f.Reason = NotEvaluated, registers
		default:
			f.Verdict, value["owner"] = Fail, "nobody is named for it in the people register or the identity table"
		}
	}
	for _, row := range in.Of.Items {
		v, answered := field(row, "GetCredentialReport")
		r := written(fieldsOf(v))
		if r.text("user") == rootUser {
			continue
		}
		f := about(row)
		if !answered {
			f.Verdict, f.Reason = NotEvaluated, notAnswered("GetCredentialReport")
			out = append(out, f)
			continue
		}
		got, known := staff.claims.ofIAMUser(row.Account, r.text("user"))
		looks := "IAM user " + r.text("user")
		if keys := strings.EqualFold(r.text("access_key_1_active"), "true") || strings.EqualFold(r.text("access_key_2_active"), "true"); keys && strings.EqualFold(r.text("password_enabled"), "false") {
			looks += " with keys and no password, as a program has"
		}
		judge(&f, got, known, looks)
		out = append(out, f)
	}
	for _, c := range in.With["directory"].Missing {
		if !left(c) {
			out = append(out, Finding{Account: c.Account, Region: c.Region, Source: c.Source, Item: place{c.Account, c.Region}.String(), Verdict: NotEvaluated, Reason: cellReason(c), Evidence: Pointer{Path: c.Path}})
		}
	}
	seen := map[string]bool{}
	for _, u := range in.With["directory"].Items {
		v, answered := field(u, "ListUsers")
		r := written(fieldsOf(v))
		if seen[u.ID] { // a member account lists the organization's directory too
			continue
		}
		seen[u.ID] = true
		f := about(u)
		if !answered {
			f.Verdict, f.Reason = NotEvaluated, notAnswered("ListUsers")
			out = append(out, f)
			continue
		}
		got, known := staff.claims.ofDirectoryUser(r)
		judge(&f, got, known, "Identity Center user "+r.text("UserName"))
		if !known && registers == "" && unsaid && !r.addressed() {
			f.Verdict, f.Value = NotEvaluated, nil
			f.Reason = "whose this user is cannot be told: addresses are withheld, and not everybody in the people register has an identity_center"
		}
		out = append(out, f)
	}
	return out
}

// peopleHaveOneIdentity: one finding for everyone in the people register who works
// here. Of is record/person; with reads credentials, directory, assignments,
// identities and hr. Two ways into the same account are one too many: an IAM user
// beside another, or beside Identity Center.
func peopleHaveOneIdentity(in joining) []Finding {
	var out []Finding
	staff := in.staff()
	d := newDoors(in, staff.claims)
	for _, it := range in.Of.Items {
		p := staff.person(it)
		if last, _ := lastDay(p, nil, staff.hr(p)); !last.IsZero() && last.Before(in.AsOf) {
			continue // leavers have a check of their own
		}
		f := about(it)
		f.Item = p.text("id")
		ways, unknown := d.ways(p)
		into := map[string][]any{} // ways in, by account
		for _, w := range (sighting{ways: ways}).open() {
			if w.account != "" {
				into[w.account] = append(into[w.account], w.String())
			}
			if w.system == "Identity Center user" {
				for _, account := range w.with {
					into[account] = append(into[account], "Identity Center user "+w.name)
				}
			}
		}
		twice, value := map[string]any{}, map[string]any{}
		for account, list := range into {
			value[account] = list
			if len(list) > 1 {
				twice[account] = list
			}
		}
		f.Value = map[string]any{"ways_in_by_account": value}
		switch {
		case len(twice) > 0:
			f.Verdict, f.Value = Fail, map[string]any{"more_than_one": twice}
		case len(unknown) > 0:
			f.Verdict, f.Reason = NotEvaluated, strings.Join(unknown, "; ")
		case len(ways) > 0 && d.refusedGroups != "":
			f.Verdict, f.Reason = NotEvaluated, d.refusedGroups
		case len(ways) == 0:
			f.Verdict, f.Reason = NotApplicable, "the run saw no identity of this person"
		default:
			f.Verdict = Pass
		}
		out = append(out, f)
	}
	return out
}
