package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"exhibit/evidence/review"
)

// Frozen are the entitlements evidence shows at one commit, for an access review.
type Frozen struct {
	Entitlements []review.Entitlement // sorted
	NotEvaluated []review.Missing
	LeftOut      []string
	People       map[string]review.Person
	At           time.Time // when the run ended
	Run          string
}

// Entitlements lists every way in that evidence shows: passwords, keys and
// certificates of IAM users, roles that anybody but a service may assume, and what
// Identity Center assigns to people, by name or by group. dormant is the number of
// days without use that is flagged; leavers are told by now.
func Entitlements(ev Evidence, p Period, dormant int, now time.Time) Frozen {
	w := newWorld(ev, p)
	f := freezing{w: w, dormant: dormant, now: now, people: w.registered()}
	f.all()
	slices.SortFunc(f.out.Entitlements, review.Compare)
	f.out.People, f.out.At, f.out.Run = f.people, w.runAt(), w.Run
	if last := w.lastAsked("iam/credential"); !last.IsZero() {
		f.out.At = last // a run limited to other sources left it as an earlier one was told
	}
	return f.out
}

// staff is everyone the registers list, at this run.
func (w *world) staff() *staff {
	return newStaff(w.items("record/person"), w.items("record/identity"), w.items("record/hr-person"))
}

// registered are the people of the register as reviews know them.
func (w *world) registered() map[string]review.Person {
	out := map[string]review.Person{}
	staff := w.staff()
	for _, it := range staff.people {
		p := recordOf(it)
		last, _ := lastDay(p, w.items("record/offboarding"), staff.hr(p))
		out[p.text("id")] = review.Person{ID: p.text("id"), Name: p.text("name"), Email: p.text("email"), Manager: p.text("manager"), Left: last}
	}
	return out
}

// People are those of the people register, by id; who left has the last day the
// register or an offboarding record gives.
func People(ev Evidence) map[string]review.Person { return newWorld(ev, Period{}).registered() }

// entitlementSources are the listings a population of entitlements is drawn from.
var entitlementSources = [...]string{"iam/credential", "iam/access-key", "iam/user", "iam/group", "iam/role", "sso/assignment", "sso/permission-set", "identitystore/user", "identitystore/group"}

// freezing is one look at who can get in.
type freezing struct {
	w       *world
	dormant int
	now     time.Time
	people  map[string]review.Person
	staff   *staff
	named   map[string][]string // people by the name of an identity, "iam ada"
	grants  *grants
	out     Frozen
	left    map[string]int // what is left out on purpose, counted
}

func (f *freezing) all() {
	f.grants, f.left, f.staff = newGrants(f.w), map[string]int{}, f.w.staff()
	f.named = f.staff.names()
	for _, source := range entitlementSources {
		l := f.w.listing(source)
		if len(l.Cells) == 0 {
			f.missing(review.Missing{Source: source, State: "not_asked", Reason: "no run has asked for it"})
		}
		for _, c := range l.Missing {
			f.missing(review.Missing{Source: source, Account: c.Account, Region: c.Region, State: string(c.State), Reason: c.Reason})
		}
	}
	f.iamUsers()
	f.accessKeys()
	f.roles()
	f.directory()
	f.members()
	for _, words := range sortedKeys(f.left) {
		n := fmt.Sprint(f.left[words])
		if n == "0" {
			n = "none"
		}
		f.out.LeftOut = append(f.out.LeftOut, words+": "+n)
	}
}

func (f *freezing) missing(m review.Missing) { f.out.NotEvaluated = append(f.out.NotEvaluated, m) }

// unanswered takes down a question about one item whose answer could have held an entitlement.
func (f *freezing) unanswered(it Located, question string) {
	why := "not answered"
	if g, ok := it.Gap(question); ok {
		why = g.Code
	}
	f.missing(review.Missing{Source: it.Source, Account: it.Account, Region: it.Region, State: "partial", Reason: question + " of " + it.ID + ": " + why})
}

// begin is an entitlement as its item tells it.
func begin(it Located, kind string) review.Entitlement {
	return review.Entitlement{Kind: kind, Source: it.Source, Account: it.Account, Region: it.Region, Path: it.Pointer.Path, Line: it.Pointer.Line}
}

func (f *freezing) add(e review.Entitlement, flags ...review.Flag) {
	e.Row = e.RowName()
	order := []string{review.Privileged, review.Dormant, review.NoMFA, review.Leaver, review.New, review.Shared, review.Orphan}
	if p, ok := f.people[e.Person]; ok {
		e.Called, e.Manager = p.Name, p.Manager
		if !p.Left.IsZero() && !p.Left.After(f.now) {
			flags = append(flags, review.Flag{Flag: review.Leaver, Says: "left on " + day(p.Left)})
		}
	}
	if why := f.unused(e); why != "" {
		flags = append(flags, review.Flag{Flag: review.Dormant, Says: why})
	}
	slices.SortStableFunc(flags, func(a, b review.Flag) int {
		return cmp.Compare(slices.Index(order, a.Flag), slices.Index(order, b.Flag))
	})
	e.Flags = flags
	f.out.Entitlements = append(f.out.Entitlements, e)
}

// unused says how long an entitlement was not used, where that is too long.
func (f *freezing) unused(e review.Entitlement) string {
	from, word := e.LastUsed, "not used for %d days"
	if from == "never" {
		from, word = e.Created, "never used in %d days"
	}
	t, err := time.Parse(time.DateOnly, from)
	if err != nil {
		return ""
	}
	n, _ := days(t, f.w.runAt())
	if n <= int64(f.dormant) {
		return ""
	}
	return fmt.Sprintf(word, n)
}

// whose says whose an IAM user or a user of the directory is: a person's, or one
// that somebody answers for, or nobody's. One that several people are named for is
// shared.
func (f *freezing) whose(e *review.Entitlement, names []string, got claim, known bool) []review.Flag {
	var ids []string
	for _, n := range names {
		for _, id := range f.named[strings.ToLower(n)] {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	switch {
	case len(ids) > 1:
		return []review.Flag{{Flag: review.Shared, Says: "shared by " + strings.Join(ids, ", ")}}
	case known && got.entry != nil:
		e.Owner = got.entry.text("owner")
		switch kind := got.entry.text("kind"); kind {
		case "shared", "emergency":
			return []review.Flag{{Flag: review.Shared, Says: map[string]string{"shared": "shared", "emergency": "for emergencies"}[kind] + ", " + e.Owner + " answers for it"}}
		}
		return nil
	case known:
		e.Person = got.person
		return nil
	}
	return []review.Flag{{Flag: review.Orphan, Says: "belongs to nobody in the registers"}}
}

// ofUser is whose an IAM user is.
func (f *freezing) ofUser(e *review.Entitlement, account, user string) []review.Flag {
	got, known := f.staff.claims.ofIAMUser(account, user)
	return f.whose(e, []string{"iam " + account + "/" + user, "iam " + user}, got, known)
}

// names lists for each name of an identity the people it is written for.
func (s *staff) names() map[string][]string {
	out := map[string][]string{}
	for _, it := range s.people {
		p := s.person(it)
		for kind, list := range map[string][]string{"iam ": p.texts("iam_users"), "directory ": append(p.texts("directory_users"), p.text("identity_center")), "host ": p.texts("code_host")} {
			for _, n := range list {
				k := kind + strings.ToLower(n)
				if n != "" && !strings.EqualFold(n, "none") && !slices.Contains(out[k], p.text("id")) {
					out[k] = append(out[k], p.text("id"))
				}
			}
		}
	}
	return out
}

// dateOf is the day of a time AWS wrote; "" for none.
func dateOf(v any) string {
	t, err := instant(v)
	if err != nil || t.IsZero() {
		return ""
	}
	return day(t)
}

// lastUse is the day of last use in a credential report: never, where it says N/A.
func lastUse(text string) string {
	switch strings.ToLower(text) {
	case "n/a", "no_information":
		return "never"
	}
	return dateOf(text)
}

// iamUsers are passwords and signing certificates, by the credential report, and
// users who have no credential at all.
func (f *freezing) iamUsers() {
	has := map[string]bool{}
	for _, it := range f.w.items("iam/access-key") {
		v, _ := field(it, "ListAccessKeys")
		if k := written(fieldsOf(v)); k.text("Status") == "Active" {
			has[it.Account+"/"+k.text("UserName")] = true
		}
	}
	for _, it := range f.w.items("iam/credential") {
		v, known := field(it, "GetCredentialReport")
		r := written(fieldsOf(v))
		user := r.text("user")
		switch {
		case !known:
			f.unanswered(it, "GetCredentialReport")
			continue
		case user == rootUser:
			f.left["root users of accounts, which have checks of their own and cannot be taken away"]++
			continue
		}
		names, privileged, unknown := f.grants.user(it.Account, user)
		base := begin(it, "")
		base.Principal, base.Name, base.Grants, base.Unknown = it.ID, user, names, unknown
		flags := append(f.ofUser(&base, it.Account, user), privileged...)
		base.Created = dateOf(r.text("user_creation_time"))
		some := has[it.Account+"/"+user]
		switch r.text("password_enabled") {
		case "true":
			e := base
			e.Kind, e.Access, e.Opens = review.Password, "password", "console password"
			e.LastUsed = lastUse(r.text("password_last_used"))
			e.MFA = map[string]string{"true": "yes", "false": "no"}[r.text("mfa_active")]
			more := slices.Clone(flags)
			if e.MFA == "no" {
				more = append(more, review.Flag{Flag: review.NoMFA, Says: "no MFA"})
			}
			f.add(e, more...)
			some = true
		case "false", "not_supported":
		default:
			f.unanswered(it, "GetCredentialReport: password_enabled")
		}
		for _, n := range []string{"1", "2"} {
			if r.text("cert_"+n+"_active") == "true" {
				e := base
				e.Kind, e.Access, e.Opens = review.Certificate, "certificate "+n, "signing certificate "+n
				e.Created = dateOf(r.text("cert_" + n + "_last_rotated"))
				f.add(e, slices.Clone(flags)...)
				some = true
			}
			some = some || r.text("access_key_"+n+"_active") == "true"
		}
		if !some {
			e := base
			e.Kind, e.Access, e.Opens = review.NoCredential, "user", "no password, key or certificate"
			f.add(e, slices.Clone(flags)...)
		}
	}
}

// accessKeys are the keys that are active: one that is not opens nothing.
func (f *freezing) accessKeys() {
	for _, it := range f.w.items("iam/access-key") {
		v, known := field(it, "ListAccessKeys")
		k := written(fieldsOf(v))
		if !known {
			f.unanswered(it, "ListAccessKeys")
			continue
		}
		if k.text("Status") != "Active" {
			f.left["access keys that are not active"]++
			continue
		}
		user := k.text("UserName")
		names, privileged, unknown := f.grants.user(it.Account, user)
		e := begin(it, review.AccessKey)
		e.Principal, e.Name, e.Grants, e.Unknown = "arn:aws:iam::"+it.Account+":user/"+user, user, names, unknown
		flags := f.ofUser(&e, it.Account, user)
		e.Access, e.Opens, e.Created = it.ID, "access key "+it.ID, dateOf(k.text("CreateDate"))
		last, answered := field(it, "GetAccessKeyLastUsed", "AccessKeyLastUsed")
		switch used := written(fieldsOf(last)); {
		case !answered:
			e.Unknown = append(slices.Clone(e.Unknown), "when it was last used")
		case used.given("LastUsedDate"):
			e.LastUsed = dateOf(used.text("LastUsedDate"))
		default:
			e.LastUsed = "never"
		}
		f.add(e, append(flags, privileged...)...)
	}
}

// roles are those that somebody who is no service may assume, a row for each whom
// the role trusts.
func (f *freezing) roles() {
	for _, it := range f.w.items("iam/role") {
		v, known := field(it, authorizationDetails)
		if !known {
			f.unanswered(it, authorizationDetails)
			continue
		}
		details := written(fieldsOf(v))
		if strings.HasPrefix(details.text("Path"), "/aws-reserved/sso.amazonaws.com/") {
			f.left["roles Identity Center makes: their people stand as its assignments"]++
			continue
		}
		list, err := statements(details["AssumeRolePolicyDocument"])
		if err != nil || !details.given("AssumeRolePolicyDocument") {
			f.missing(review.Missing{Source: it.Source, Account: it.Account, Region: it.Region, State: "partial", Reason: "the trust policy of " + it.ID + " cannot be read"})
			continue
		}
		trusted := map[string]bool{}
		for _, s := range list {
			for _, p := range trustedPeople(s.(map[string]any)) {
				trusted[p] = true
			}
		}
		if len(trusted) == 0 {
			f.left["roles that services alone may assume"]++
		}
		names, privileged, unknown := f.grants.role(it)
		for _, principal := range sortedKeys(trusted) {
			e := begin(it, review.RoleTrust)
			e.Principal, e.Name, e.Access, e.Opens = principal, trustWords(principal, it.Account), it.ID, "role "+details.text("RoleName")
			e.Grants, e.Unknown, e.Created = names, unknown, dateOf(details.text("CreateDate"))
			if used := fieldsOf(details["RoleLastUsed"]); used["LastUsedDate"] != nil {
				e.LastUsed = dateOf(used["LastUsedDate"])
			}
			flags := slices.Clone(privileged)
			if parts := strings.Split(principal, ":"); len(parts) > 5 && strings.HasPrefix(parts[5], "user/") {
				user := parts[5][strings.LastIndexByte(parts[5], '/')+1:]
				flags = append(flags, f.ofUser(&e, parts[4], user)...)
			}
			f.add(e, flags...)
		}
	}
}

// trustedPeople are whom a statement of a trust policy lets assume the role, but
// for services: users, roles and whole accounts of AWS, identity providers, everybody.
func trustedPeople(s map[string]any) (out []string) {
	if s["Effect"] != "Allow" {
		return nil
	}
	if _, but := s["NotPrincipal"]; but || s["Principal"] == "*" {
		return []string{"*"}
	}
	for _, kind := range []string{"AWS", "Federated", "CanonicalUser"} {
		names, err := stringList(fieldsOf(s["Principal"])[kind])
		if err != nil {
			return []string{"*"} // cannot be told from everybody
		}
		for _, n := range names {
			out = append(out, n.(string))
		}
	}
	return out
}

// trustWords is a trusted principal as a reviewer reads it.
func trustWords(principal, account string) string {
	parts := strings.SplitN(principal, ":", 6)
	switch {
	case principal == "*":
		return "anybody"
	case len(parts) == 6 && parts[5] == "root", len(principal) == 12 && !strings.Contains(principal, ":"):
		of := principal
		if len(parts) == 6 {
			of = parts[4]
		}
		if of == account {
			return "whoever this account's own policies allow"
		}
		return "whoever the policies of account " + of + " allow"
	case len(parts) == 6 && (strings.HasPrefix(parts[5], "user/") || strings.HasPrefix(parts[5], "role/")):
		kind, name, _ := strings.Cut(parts[5], "/")
		return kind + " " + name + " of account " + parts[4]
	case len(parts) == 6:
		kind, name, _ := strings.Cut(parts[5], "/")
		return strings.ReplaceAll(kind, "-", " ") + " " + name
	}
	return principal
}
