package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"exhibit/evidence"
)

// A way is one identity by which a person may get in, as one run saw it.
type way struct {
	system  string   // "IAM user", "Identity Center user" or "code host user"
	account string   // "" but for an IAM user
	name    string   //
	id      string   // in the directory of Identity Center; "" elsewhere
	with    []string // what opens it, or the accounts it leads to
	open    bool
	created time.Time // zero when AWS does not say
	used    []use     // last uses AWS tells of
	told    []string  // passwords and keys of which AWS tells whether they were used: those that are there
	pointer Pointer
}

// A use is when AWS saw a password or key last.
type use struct {
	what string
	at   time.Time
}

func (w way) key() string { return w.system + " " + w.account + " " + strings.ToLower(w.name) }

// identity is the identity in words: "IAM user jan in 111122223333".
func (w way) identity() string {
	if w.account == "" {
		return w.system + " " + w.name
	}
	return w.system + " " + w.name + " in " + w.account
}

// String says what the identity can be entered with.
func (w way) String() string {
	switch {
	case len(w.with) == 0:
		return w.identity()
	case w.account != "":
		return w.identity() + ": " + strings.Join(w.with, ", ")
	}
	return w.identity() + " with access to " + strings.Join(w.with, ", ")
}

// doors are the ways in that one run listed, by the names people are known by.
// They are made once for a run: a firm has as many users as people.
type doors struct {
	rows, users       listing
	byUser, byName    map[string][]Located
	assigned          map[string][]string  // accounts by the user's id in the directory, by name or by a group
	refusedGroups     string               // why assignments, or who is in which group, is not known whole; "" when it is
	refused           []string             // of the credential report
	refusedUsers      []string             // of the directory
	strayRow          bool                 // an IAM user nobody is named for
	strayUser         bool                 // a directory user nobody is named for, whose address is withheld
	outOfScopeReports map[string]string    // cause by account
	byLogin           map[string][]Located // members of repositories at the code host, by login in small letters
	refusedMembers    []string             // of the code host, where it was asked
	askedHost         bool                 // a code host was asked
	strayMember       bool                 // a user of the code host nobody is named for
}

// newDoors reads the variables credentials, directory, assignments, groups and
// members. What the code host says is looked at where a run asked for it: a
// repository without one has no users to look for.
func newDoors(in joining, c claims) *doors {
	d := &doors{rows: in.With["credentials"], users: in.With["directory"], byUser: map[string][]Located{}, byName: map[string][]Located{},
		assigned: map[string][]string{}, outOfScopeReports: map[string]string{}}
	if why := d.rows.refused(); why != "" {
		d.refused = append(d.refused, why)
	}
	for _, cell := range d.rows.Cells {
		if cell.State == evidence.OutOfScope {
			d.outOfScopeReports[cell.Account] = notAnswered(cellCause(cell))
		}
	}
	for _, row := range d.rows.Items {
		v, answered := field(row, "GetCredentialReport")
		user := written(fieldsOf(v)).text("user")
		if !answered {
			d.refused = append(d.refused, notAnswered("GetCredentialReport of "+row.ID))
			continue
		}
		d.byUser[strings.ToLower(user)] = append(d.byUser[strings.ToLower(user)], row)
		if _, known := c.ofIAMUser(row.Account, user); !known && user != rootUser {
			d.strayRow = true
		}
	}
	if why := d.users.refused(); why != "" {
		d.refusedUsers = append(d.refusedUsers, why)
	}
	for _, u := range d.users.Items {
		v, answered := field(u, "ListUsers")
		if !answered {
			d.refusedUsers = append(d.refusedUsers, notAnswered("ListUsers of "+u.ID))
			continue
		}
		r := written(fieldsOf(v))
		for _, name := range append(r.addresses(), r.text("UserName")) {
			if name = strings.ToLower(name); !slices.ContainsFunc(d.byName[name], func(l Located) bool { return l.ID == u.ID && l.Account == u.Account }) {
				d.byName[name] = append(d.byName[name], u)
			}
		}
		if _, known := c.ofDirectoryUser(r); !known && !r.addressed() {
			d.strayUser = true
		}
	}
	members := map[string][]string{} // of the directory's groups
	for _, g := range in.With["groups"].Items {
		v, _ := field(g, "ListGroupMemberships")
		list, _ := written(fieldsOf(v))["GroupMemberships"].([]any)
		for _, m := range list {
			r := written(fieldsOf(m))
			if user := written(fieldsOf(r["MemberId"])).text("UserId"); user != "" {
				members[r.text("GroupId")] = append(members[r.text("GroupId")], user)
			}
		}
		if _, gap := g.Gap("ListGroupMemberships"); gap {
			d.refusedGroups = notAnswered("ListGroupMemberships of " + g.ID)
		}
	}
	if why := in.With["groups"].refused(); why != "" {
		d.refusedGroups = why
	}
	if why := in.With["assignments"].refused(); why != "" {
		d.refusedGroups = why
	}
	for _, a := range in.With["assignments"].Items {
		v, _ := field(a, "ListAccountAssignments")
		r := written(fieldsOf(v))
		for _, id := range append(members[r.text("PrincipalId")], r.text("PrincipalId")) {
			if account := r.text("AccountId"); id != "" && !slices.Contains(d.assigned[id], account) {
				d.assigned[id] = append(d.assigned[id], account)
			}
		}
	}
	d.host(in.With["members"], c)
	return d
}

// host reads who may enter the repositories at the code host.
func (d *doors) host(members listing, c claims) {
	d.byLogin = map[string][]Located{}
	if len(members.Cells)+len(members.Items) == 0 {
		return
	}
	d.askedHost = true
	for _, cell := range members.Missing {
		if !left(cell) {
			d.refusedMembers = append(d.refusedMembers, notAnswered(cellCause(cell)))
		}
	}
	for _, it := range members.Items {
		m, known := memberOf(it)
		if !known {
			d.refusedMembers = append(d.refusedMembers, notAnswered("collaborator of "+it.ID))
			continue
		}
		login := strings.ToLower(m.login)
		d.byLogin[login] = append(d.byLogin[login], it)
		if _, ours := c.host[login]; !ours {
			d.strayMember = true
		}
	}
}

// ways are all identities of a person, open or not, and what of them is not known.
func (d *doors) ways(p written) (ways []way, unknown []string) {
	ways, unknown = d.iam(p)
	more, why := d.directory(p)
	ways, unknown = append(ways, more...), append(unknown, why...)
	more, why = d.codeHost(p)
	ways, unknown = append(ways, more...), append(unknown, why...)
	if len(unknown) == 0 && !p.given("iam_users") && !p.given("identity_center") && !p.given("directory_users") && (d.strayRow || d.strayUser || len(d.byUser) == 0 && len(d.byName) == 0) {
		unknown = append(unknown, noIdentity("no identity given: ", "iam_users nor identity_center", "neither"))
	}
	return ways, unknown
}

// codeHost are the repositories a person may enter. What a public one shows to
// everybody is no access.
func (d *doors) codeHost(p written) (ways []way, unknown []string) {
	unknown = slices.Clone(d.refusedMembers)
	for _, login := range p.texts("code_host") {
		w := way{system: "code host user", name: login}
		for _, it := range d.byLogin[strings.ToLower(login)] {
			m, _ := memberOf(it)
			w.with, w.pointer, w.open = append(w.with, bracketed(m.repository, strings.ToLower(m.permission))), it.Pointer, true
		}
		if slices.Sort(w.with); w.open {
			ways = append(ways, w)
		}
	}
	if !p.given("code_host") && d.strayMember {
		unknown = append(unknown, "which user of the code host was this person's is not known: neither the people register (code_host) nor the identity table names one; code_host: [] says that there never was one")
	}
	return ways, unknown
}

func (d *doors) iam(p written) (ways []way, unknown []string) {
	unknown = slices.Clone(d.refused)
	names := append(p.texts("iam_users"), p.text("email"))
	for _, u := range names { // a whole account left out of scope, which the register names all the same
		if account, _, ok := strings.Cut(u, "/"); ok && d.outOfScopeReports[account] != "" {
			unknown = append(unknown, d.outOfScopeReports[account])
		}
	}
	known, seen := p.given("iam_users"), map[string]bool{}
	for _, u := range names {
		account, user, _ := strings.Cut(u, "/")
		if user == "" {
			account, user = "", u
		}
		if user == "" {
			continue
		}
		for _, row := range d.byUser[strings.ToLower(user)] {
			if account != "" && account != row.Account || seen[row.Account+"/"+row.ID] {
				continue
			}
			known, seen[row.Account+"/"+row.ID] = true, true
			w, why := iamWay(row)
			ways, unknown = append(ways, w), append(unknown, why...)
		}
	}
	if !known && d.strayRow {
		unknown = append(unknown, noIdentity("which IAM user was this person's is not known: ", "iam_users", "no"))
	}
	return ways, unknown
}

// iamWay reads a row of the credential report.
func iamWay(row Located) (w way, unknown []string) {
	v, _ := field(row, "GetCredentialReport")
	r := written(fieldsOf(v))
	w = way{system: "IAM user", account: row.Account, name: r.text("user"), pointer: row.Pointer}
	w.created, _ = time.Parse(time.RFC3339, r.text("user_creation_time"))
	for _, c := range [][3]string{{"password_enabled", "a password", "password_last_used"}, {"access_key_1_active", "access key 1", "access_key_1_last_used_date"}, {"access_key_2_active", "access key 2", "access_key_2_last_used_date"},
		{"cert_1_active", "signing certificate 1", ""}, {"cert_2_active", "signing certificate 2", ""}} {
		switch v := r.text(c[0]); strings.ToLower(v) {
		case "true":
			w.with, w.open = append(w.with, c[1]), true
		case "false", "n/a", "not_supported":
		default:
			unknown = append(unknown, notAnswered(fmt.Sprintf("%s of IAM user %s in %s", c[0], r.text("user"), row.Account)))
		}
		t, err := time.Parse(time.RFC3339, r.text(c[2]))
		if err == nil {
			w.used = append(w.used, use{c[1], t.UTC()})
		}
		there := strings.EqualFold(r.text(c[0]), "true")
		if slot, ok := strings.CutSuffix(c[0], "_active"); ok { // one that is not active is there all the same
			_, made := time.Parse(time.RFC3339, r.text(slot+"_last_rotated"))
			there = there || made == nil
		}
		if c[2] != "" && (there || err == nil) {
			w.told = append(w.told, c[1])
		}
	}
	return w, unknown
}

func (d *doors) directory(p written) (ways []way, unknown []string) {
	unknown = slices.Clone(d.refusedUsers)
	if len(d.users.Items) == 0 && !p.never("identity_center") && d.users.refused() == "" {
		// Identity Center lies in one region: where none was found, it may lie in one left out.
		for _, c := range d.users.Cells {
			if c.State == evidence.OutOfScope {
				unknown = append(unknown, notAnswered(cellCause(c)))
				break
			}
		}
	}
	known, seen := p.given("identity_center") || p.given("directory_users"), map[string]bool{}
	names := append(p.texts("directory_users"), p.text("email"))
	if !p.never("identity_center") {
		names = append(names, p.text("identity_center"))
	}
	for _, name := range names {
		for _, u := range d.byName[strings.ToLower(name)] {
			if name == "" || seen[u.Account+"/"+u.ID] {
				continue
			}
			known, seen[u.Account+"/"+u.ID] = true, true
			v, _ := field(u, "ListUsers")
			r := written(fieldsOf(v))
			w := way{system: "Identity Center user", name: cmp.Or(r.text("UserName"), u.ID), id: r.text("UserId"), open: r.text("UserStatus") != "DISABLED", pointer: u.Pointer}
			w.with = slices.Sorted(slices.Values(d.assigned[r.text("UserId")]))
			ways = append(ways, w)
		}
	}
	if !known && d.strayUser {
		unknown = append(unknown, noIdentity("which Identity Center user was this person is not known, since addresses are withheld: ", "identity_center", "no"))
	}
	return ways, unknown
}
