package control

import (
	"fmt"
	"slices"
	"strings"

	"exhibit/evidence/review"
)

// memberSource lists who may do what at the code host.
const memberSource = "forge/member"

// members are who may do what in a repository at the code host: a row for each
// person and repository, with the permission and where it comes from. Whoever may
// change the rules of the branch is privileged.
func (f *freezing) members() {
	l := f.w.listing(memberSource)
	if len(l.Cells) == 0 {
		f.left["repositories whose members at the code host a run asked for"] = 0
		return
	}
	for _, c := range l.Missing {
		f.missing(review.Missing{Source: memberSource, Account: c.Account, Region: c.Region, State: string(c.State), Reason: c.Reason})
	}
	for _, it := range l.Items {
		v, known := field(it, "collaborator")
		m := written(fieldsOf(v))
		if !known {
			f.unanswered(it, "collaborator")
			continue
		}
		cut := strings.LastIndexByte(it.ID, '/')
		e := begin(it, review.CodeHost)
		e.Principal, e.Name, e.Access = it.ID[cut+1:], or(written(fieldsOf(m["node"])).text("login"), it.ID[cut+1:]), it.ID[:max(cut, 0)]
		e.Opens = "repository " + e.Access
		sources, _ := m["permissionSources"].([]any)
		for _, s := range sources {
			s := written(fieldsOf(s))
			of := written(fieldsOf(s["source"]))
			e.Grants = append(e.Grants, bracketed(or(s.text("roleName"), s.text("permission")), strings.TrimSpace(strings.ToLower(of.text("__typename"))+" "+or(of.text("slug"), or(of.text("login"), of.text("nameWithOwner"))))))
		}
		if len(e.Grants) == 0 {
			e.Grants = []string{m.text("permission")}
		}
		slices.Sort(e.Grants)
		e.Grants = slices.Compact(e.Grants)
		var flags []review.Flag
		if p := m.text("permission"); p == "ADMIN" || p == "MAINTAIN" {
			flags = append(flags, review.Flag{Flag: review.Privileged, Says: "privileged: " + strings.ToLower(p) + " of " + e.Access})
		}
		f.add(e, append(flags, f.ofMember(&e)...)...)
	}
}

// ofMember is whose a user of the code host is, by the identity table alone: no
// other register names one.
func (f *freezing) ofMember(e *review.Entitlement) []review.Flag {
	for _, it := range f.w.items("record/identity") {
		r := recordOf(it)
		if r.text("system") != "code-host" || !strings.EqualFold(r.text("principal"), e.Name) {
			continue
		}
		if r.text("kind") == "personal" {
			return f.whose(e, nil, claim{person: r.text("person")}, true)
		}
		return f.whose(e, nil, claim{entry: r}, true)
	}
	return f.whose(e, nil, claim{}, false)
}

// placeOf is the cell an entitlement was read from, by its file's path:
// evidence/aws/444455556666/global/iam-user.jsonl, evidence/git/shop/members.jsonl.
func placeOf(path string) (place, error) {
	parts := strings.Split(path, "/")
	switch {
	case len(parts) == 5 && parts[1] == "aws":
		return place{parts[2], parts[3]}, nil
	case len(parts) == 4 && parts[1] == "git":
		return place{"", parts[2]}, nil
	}
	return place{}, fmt.Errorf("%q is no file of a listing", path)
}
