package control

import (
	"cmp"
	"slices"

	"exhibit/evidence/review"
)

// directory is what Identity Center assigns: a row for each person, account,
// permission set and way, by name or by a group.
func (f *freezing) directory() {
	users := map[string]Located{}
	for _, it := range f.w.items("identitystore/user") {
		v, _ := field(it, "ListUsers")
		if id := written(fieldsOf(v)).text("UserId"); id != "" {
			if _, there := users[id]; !there { // a member account lists the organization's directory too
				users[id] = it
			}
		}
	}
	groups := map[string]Located{}
	for _, it := range f.w.items("identitystore/group") {
		v, _ := field(it, "ListGroups")
		if id := written(fieldsOf(v)).text("GroupId"); id != "" {
			groups[id] = it
		}
	}
	seen := map[string]bool{}
	for _, it := range f.w.items("sso/assignment") {
		v, known := field(it, "ListAccountAssignments")
		a := written(fieldsOf(v))
		if !known {
			f.unanswered(it, "ListAccountAssignments")
			continue
		}
		e := begin(it, review.Assignment)
		e.Account, e.Access = a.text("AccountId"), a.text("PermissionSetArn")
		var privileged []review.Flag
		e.Opens, e.Grants, privileged, e.Unknown = f.grants.set(e.Access, e.Account)
		members := []string{a.text("PrincipalId")}
		if a.text("PrincipalType") == "GROUP" {
			g, listed := groups[a.text("PrincipalId")]
			e.ViaID, e.Via = a.text("PrincipalId"), "group "+a.text("PrincipalId")
			if listed {
				v, _ := field(g, "ListGroups")
				e.Via = "group " + cmp.Or(written(fieldsOf(v)).text("DisplayName"), e.ViaID)
			}
			var answered bool
			if members, answered = membersOf(e.ViaID, f.w.listing("identitystore/group")); !answered || !listed {
				g.Source, g.Account, g.Region, g.ID = "identitystore/group", it.Account, it.Region, cmp.Or(g.ID, e.ViaID)
				f.unanswered(g, "ListGroupMemberships")
			}
			if len(members) == 0 && answered {
				f.left["assignments to groups without members"]++
			}
		}
		for _, id := range members {
			f.assigned(e, users[id], id, slices.Clone(privileged), seen)
		}
	}
}

func (f *freezing) assigned(e review.Entitlement, user Located, id string, flags []review.Flag, seen map[string]bool) {
	v, known := field(user, "ListUsers")
	u := written(fieldsOf(v))
	if u.text("UserStatus") == "DISABLED" {
		f.left["assignments of users of the directory who are disabled"]++
		return
	}
	e.Principal, e.Name = id, cmp.Or(u.text("UserName"), id)
	if !known {
		e.Unknown = append(slices.Clone(e.Unknown), "who the user "+id+" is")
	}
	var more []review.Flag
	if known {
		got, ours := f.staff.claims.ofDirectoryUser(u)
		more = f.whose(&e, []string{"directory " + u.text("UserName")}, got, ours)
	}
	if row := e.RowName(); seen[row] {
		return
	} else {
		seen[row] = true
	}
	f.add(e, append(flags, more...)...)
}
