package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/render/table"
)

// administratorsCheck counts those with AdministratorAccess, by name.
const administratorsCheck = "iam-admin-count-limited"

// administrators says who is an administrator at the newest run, under which name people
// know them, and which access request approved it.
func (b *binder) administrators() []table.Block {
	c := b.Check(administratorsCheck)
	if c == nil {
		return nil
	}
	t := &table.Table{ID: "administrators", Title: "Who has AdministratorAccess at the newest run", Empty: "The newest run saw nobody with it.", Columns: []table.Column{
		{Key: "account", Name: "Account", Kind: table.Code, Width: 15}, {Key: "identity", Name: "Identity", Kind: table.Code, Width: 36}, {Key: "person", Name: "Person, or who answers for it", Width: 28},
		{Key: "approved", Name: "Newest access request for AWS that names the person", Width: 50},
	}}
	open := []string{}
	for _, f := range c.Findings {
		if f.Verdict == control.NotEvaluated {
			open = append(open, f.Item+": "+f.Reason)
		}
		value, _ := f.Value.(map[string]any)
		list, _ := value["administrators"].([]any)
		for _, x := range list {
			identity := fmt.Sprint(x)
			shown, id, own := b.whose(f.Account, identity)
			approved := table.Str("no person's: see the register of identities").To(b.RecordPage("identity"))
			if own || id == "" {
				approved = b.approvedAccess(id)
			}
			person := table.Str("in no register")
			if i := slices.IndexFunc(b.People, func(p control.PersonLife) bool { return p.ID == id }); id != "" && i >= 0 {
				person = table.Str(cmp.Or(b.People[i].Name, id)).To(b.PersonHref(id))
			} else if id != "" {
				person = table.Str(id)
			}
			t.Add("", table.Mono(f.Account).To(b.FindingHref(f)), table.Mono(shown), person, approved)
		}
	}
	out := []table.Block{table.H2("administrators-h", "Administrators now, and who approved it"), table.Grid{Table: limit(t, table.PageRows)}}
	if len(open) > 0 {
		out = append(out, table.Notice{Kind: "gap", Title: "Not evaluated everywhere", Spans: table.Line(strings.Join(open, "; "), ".")})
	}
	return append(out, table.P("Counted by ", table.A("the check on administrators", b.CheckPage(administratorsCheck)), ". A request says what was asked for: whether that is the access seen now, compare. Who decided on each way in since stands in the access reviews below."))
}

// whose names an identity as people know it, and the id of the person or, for one that is
// no person's (own is false), of who answers for it; "" where no register says.
func (b *binder) whose(account, identity string) (shown, id string, own bool) {
	var iam, directory string
	shown = identity
	if name, is := strings.CutPrefix(identity, "IAM user "); is {
		iam = name
	}
	if user, is := strings.CutPrefix(identity, "Identity Center user "); is {
		for _, it := range b.Items["identitystore/user"] {
			if strings.HasSuffix(it.ID, "/"+user) {
				directory = leaf(it.Item, "ListUsers.UserName")
				shown = "Identity Center user " + cmp.Or(directory, user)
			}
		}
	}
	for _, p := range b.People {
		r, _ := p.Answers["record"].(map[string]any)
		users, _ := r["iam_users"].([]any)
		if directory != "" && r["identity_center"] == any(directory) || iam != "" && slices.Contains(users, any(iam)) {
			return shown, p.ID, true
		}
	}
	for _, it := range b.Records["identity"] {
		r, _ := it.Answers["record"].(map[string]any)
		if iam != "" && r["principal"] == any(account+"/"+iam) {
			owner, _ := r["owner"].(string)
			return shown, owner, false
		}
	}
	return shown, "", false
}

// approvedAccess is the newest access request of a person for AWS, with who approved it.
func (b *binder) approvedAccess(id string) table.Cell {
	best, at := table.Str("no access request names them"), ""
	for _, it := range b.Records["access-request"] {
		if id == "" || field(it, "person") != id || field(it, "approved") < at || !strings.Contains(field(it, "system"), "AWS") {
			continue
		}
		at = field(it, "approved")
		says := fmt.Sprintf("%s: approved by %s on %s", field(it, "permissions"), field(it, "approved_by"), at)
		if s := field(it, "security_approved_by"); s != "" {
			says += "; for security by " + s + " on " + field(it, "security_approved")
		}
		best = table.Str(says).To(b.RecordHref("access-request", it.ID))
	}
	return best
}
