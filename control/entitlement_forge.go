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
		m, known := memberOf(it)
		if !known {
			f.unanswered(it, "collaborator")
			continue
		}
		e := begin(it, review.CodeHost)
		e.Principal, e.Name, e.Access = m.id, m.login, m.repository
		e.Opens, e.Grants = "repository "+e.Access, m.grants()
		var flags []review.Flag
		if p := m.permission; p == "ADMIN" || p == "MAINTAIN" {
			flags = append(flags, review.Flag{Flag: review.Privileged, Says: "privileged: " + strings.ToLower(p) + " of " + e.Access})
		}
		f.add(e, append(flags, f.ofMember(&e)...)...)
	}
}

// ofMember is whose a user of the code host is.
func (f *freezing) ofMember(e *review.Entitlement) []review.Flag {
	got, known := f.staff.claims.host[strings.ToLower(e.Name)]
	return f.whose(e, []string{"host " + e.Name}, got, known)
}

// A member is somebody who may enter a repository at the code host.
type member struct {
	repository, id, login string
	permission            string // of all sources together: READ, TRIAGE, WRITE, MAINTAIN, ADMIN
	sources               []any
}

// memberOf reads an item of memberSource; known is false where the code host did
// not say what the user may do.
func memberOf(it Located) (m member, known bool) {
	v, known := field(it, "collaborator")
	r := written(fieldsOf(v))
	cut := strings.LastIndexByte(it.ID, '/')
	m = member{repository: it.ID[:max(cut, 0)], id: it.ID[cut+1:], permission: r.text("permission")}
	m.login = or(written(fieldsOf(r["node"])).text("login"), m.id)
	m.sources, _ = r["permissionSources"].([]any)
	return m, known
}

// grants are where the permission comes from: "write (team platform)".
func (m member) grants() []string {
	var out []string
	for _, s := range m.sources {
		s := written(fieldsOf(s))
		of := written(fieldsOf(s["source"]))
		out = append(out, bracketed(or(s.text("roleName"), s.text("permission")), strings.TrimSpace(strings.ToLower(of.text("__typename"))+" "+or(of.text("slug"), or(of.text("login"), of.text("nameWithOwner"))))))
	}
	if len(out) == 0 {
		out = []string{m.permission}
	}
	slices.Sort(out)
	return slices.Compact(out)
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
