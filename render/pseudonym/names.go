package pseudonym

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"exhibit/control"
)

// A Person is somebody with a pseudonym.
type Person struct {
	Pseudonym string `json:"pseudonym"`
	ID        string `json:"id,omitempty"`   // in the people register; "" for an identity no register names somebody for
	Name      string `json:"name,omitempty"` // "" where ID is
	// Names are what is replaced: addresses, user names, numbers; sorted.
	Names []string `json:"names"`
}

// Names are the people of a report with their pseudonyms.
type Names struct {
	key    Key
	people map[string]*Person    // by pseudonym
	words  map[string][]spelling // by their first word in small letters, the longest first
	whole  map[string]string     // pseudonym by a whole name in small letters
	fields map[string]bool       // fields of records that hold somebody's id
	common map[string]bool       // words of our own texts
	parts  map[string]bool       // single words of full names, as they are written
	nobody map[string]bool       // user names the identity table gives to no person
	ready  bool                  // all who are known are listed: what a text names beside them is no spelling of theirs
	closed bool                  // the report was gone through: nothing is added any more
}

// New finds everybody a report knows: people of the registers, users of AWS and the
// code host no register names, and authors of changes. fields are the fields of
// records that hold an id of the people register.
func New(key Key, r *control.Report, fields []string) (*Names, error) {
	n := &Names{key: key, people: map[string]*Person{}, words: map[string][]spelling{}, whole: map[string]string{}, fields: map[string]bool{}, common: map[string]bool{}, parts: map[string]bool{}, nobody: map[string]bool{}}
	for _, f := range fields {
		n.fields[f] = true
	}
	for _, w := range strings.Fields(wordsAndNames) {
		n.common[w] = true
	}
	for _, c := range r.Checks {
		for _, w := range strings.FieldsFunc(strings.ToLower(c.Check.Title+" "+c.Check.Says+" "+c.Check.Remediation), func(r rune) bool { return !inWord(r) }) {
			n.common[w] = true
		}
	}
	n.register(r)
	n.strangers(r)
	n.settle()
	return n, n.distinct()
}

// register takes the people of the registers with all their names. A name that two
// people have is neither's.
func (n *Names) register(r *control.Report) {
	type claim struct{ spelling, id string }
	var claims []claim
	byMail, names := map[string]string{}, map[string]string{}
	add := func(id string, spellings ...string) {
		for _, s := range spellings {
			claims = append(claims, claim{s, id})
		}
	}
	for _, it := range r.Records["person"] {
		p := record(it)
		id := text(p["id"])
		if id == "" {
			continue
		}
		mail := text(p["email"])
		byMail[fold(mail)], names[id] = id, text(p["name"])
		add(id, id, mail)
		add(id, nameForms(text(p["name"]))...)
		for _, field := range []string{"iam_users", "code_host", "key_pairs", "git"} {
			for _, u := range texts(p[field]) {
				add(id, afterAccount(u))
				if field == "git" {
					byMail[fold(u)] = id
				}
			}
		}
		if u := text(p["identity_center"]); !strings.EqualFold(u, "none") {
			add(id, u)
		}
	}
	for _, it := range r.Records["hr-person"] {
		p := record(it)
		id := text(p["id"])
		if by := byMail[fold(text(p["email"]))]; by != "" {
			id = by
		}
		if id == "" {
			continue
		}
		if names[id] == "" {
			names[id] = text(p["name"])
		}
		add(id, text(p["id"]), text(p["email"]))
		add(id, nameForms(text(p["name"]))...)
	}
	for _, it := range r.Records["identity"] {
		if p := record(it); text(p["kind"]) == "personal" {
			add(text(p["person"]), afterAccount(text(p["principal"])))
		}
	}
	owner := map[string]string{}
	for _, c := range claims {
		k := fold(c.spelling)
		if have, ok := owner[k]; ok && have != c.id {
			owner[k] = "\x00shared"
			continue
		}
		owner[k] = c.id
	}
	for id, name := range names {
		n.person(n.key.of("person", fold(id)), id, name)
		for _, w := range strings.FieldsFunc(name, func(r rune) bool { return !inWord(r) }) {
			if len([]rune(w)) > 2 {
				n.parts[w] = true
			}
		}
	}
	for _, c := range claims {
		switch k := fold(c.spelling); {
		case k == "":
		case owner[k] == "\x00shared":
			n.add(n.key.of("shared", k), c.spelling)
		default:
			p := n.key.of("person", fold(c.id))
			n.person(p, c.id, names[c.id])
			n.add(p, c.spelling)
		}
	}
}

// nameForms are the ways a full name is written.
func nameForms(name string) []string {
	w := strings.Fields(name)
	if len(w) < 2 {
		return []string{name}
	}
	first, last := w[0], strings.Join(w[1:], " ")
	initial := string([]rune(first)[:1]) + "."
	end := w[len(w)-1]
	out := []string{name, initial + " " + last, last + ", " + first}
	if end != last {
		out = append(out, first+" "+end, initial+" "+end, end+", "+strings.Join(w[:len(w)-1], " "))
	}
	return out
}

// strangers are users and authors no register names somebody for. One that the
// identity table calls a service, shared, or for emergencies, is nobody's.
func (n *Names) strangers(r *control.Report) {
	for _, it := range r.Records["identity"] {
		if p := record(it); text(p["kind"]) != "personal" {
			n.nobody[fold(afterAccount(text(p["principal"])))] = true
		}
	}
	user := func(kind, name string) {
		if k := fold(name); k != "" && n.whole[k] == "" && !n.nobody[k] && k != "<root_account>" {
			n.stranger(kind, name)
		}
	}
	for _, it := range all(r, "iam/credential") {
		user("iam-user", text(answer(it, "GetCredentialReport")["user"]))
	}
	for _, it := range all(r, "identitystore/user") {
		u := answer(it, "ListUsers")
		user("identity-center", text(u["UserName"]))
		if p := n.whole[fold(text(u["UserName"]))]; p != "" { // the display name is the same person's
			n.add(p, text(u["DisplayName"]))
		}
	}
	for _, source := range []string{"forge/member", "forge/pull-request", "forge/release", "forge/deployment", "forge/rule-suite", "forge/audit-event"} {
		for _, it := range all(r, source) {
			logins(it.Answers, func(login string) { user("code-host", login) })
		}
	}
	for _, v := range r.Reviews {
		for _, e := range v.Population {
			if _, name, ok := strings.Cut(e.Principal, ":user/"); ok {
				user("iam-user", name[strings.LastIndexByte(name, '/')+1:])
			}
		}
	}
	for _, it := range all(r, "git/change") {
		c := answer(it, "commit")
		for _, who := range []string{"author", "committer"} {
			m, _ := c[who].(map[string]any)
			mail, name := text(m["email"]), text(m["name"])
			if address(mail) == 0 {
				continue
			}
			p := n.whole[fold(mail)]
			if p == "" {
				p = n.stranger("address", mail)
			}
			if strings.ContainsRune(strings.TrimSpace(name), ' ') {
				n.add(p, name)
			}
		}
	}
}

// logins finds the user names in an answer of a code host; those of programs are no names.
func logins(v any, found func(string)) {
	switch v := v.(type) {
	case map[string]any:
		if kind := text(v["__typename"]); kind == "" || kind == "User" {
			for _, k := range []string{"login", "actor", "actor_name"} {
				if s := text(v[k]); s != "" {
					found(s)
				}
			}
		}
		for _, e := range v {
			logins(e, found)
		}
	case []any:
		for _, e := range v {
			logins(e, found)
		}
	}
}

// stranger is the pseudonym of an identity no register names somebody for.
func (n *Names) stranger(kind, name string) string {
	k := fold(name)
	if p := n.whole[k]; p != "" {
		return p
	}
	if local, domain, ok := strings.Cut(k, "@"); ok && strings.HasPrefix(domain, "users.noreply.") {
		if _, login, ok := strings.Cut(local, "+"); ok && n.whole[login] != "" {
			return n.whole[login]
		}
	}
	p := n.key.of(kind, k)
	switch {
	case n.closed:
	case n.ready: // a text names somebody nothing else does: found wherever it stands, by its form
		n.person(p, "", "")
		n.people[p].Names = append(n.people[p].Names, name)
		n.whole[k] = p
	default:
		n.add(p, name)
	}
	return p
}

func (n *Names) person(pseudonym, id, name string) {
	if n.people[pseudonym] == nil {
		n.people[pseudonym] = &Person{Pseudonym: pseudonym, ID: id, Name: name}
	}
}

// add lets a name be replaced. The first who has it keeps it.
func (n *Names) add(pseudonym, name string) {
	k := fold(name)
	if k == "" || n.whole[k] != "" {
		return
	}
	n.whole[k] = pseudonym
	n.person(pseudonym, "", "")
	n.people[pseudonym].Names = append(n.people[pseudonym].Names, name)
	word := firstWord(k)
	if word == "" {
		return
	}
	k = k[strings.Index(k, word):]
	n.words[word] = append(n.words[word], spelling{[]rune(k), pseudonym, n.weak(k)})
}

// weak reports whether a name is one that texts hold without meaning it: a word, or a
// few letters or digits.
func (n *Names) weak(k string) bool {
	letters, digits, gaps := 0, 0, 0
	for _, r := range k {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r):
			digits++
		default:
			gaps++
		}
	}
	if gaps > 0 {
		return letters+digits < 3
	}
	return letters == 0 || letters+digits < 5 || n.common[k]
}

func (n *Names) settle() {
	for _, list := range n.words {
		slices.SortStableFunc(list, func(a, b spelling) int { return len(b.folded) - len(a.folded) })
	}
	n.ready = true
}

// distinct refuses a key under which two people would be one.
func (n *Names) distinct() error {
	seen := map[string]string{}
	for _, p := range n.People() {
		if p.ID == "" {
			continue
		}
		if other, twice := seen[p.Pseudonym]; twice && other != p.ID {
			return fmt.Errorf("%s and %s have the same pseudonym under this key; make another", other, p.ID)
		}
		seen[p.Pseudonym] = p.ID
	}
	return nil
}

// People are all who have a pseudonym, those of the register first, by id.
func (n *Names) People() []Person {
	var out []Person
	for _, p := range n.people {
		one := *p
		one.Names = slices.Sorted(slices.Values(p.Names))
		out = append(out, one)
	}
	slices.SortFunc(out, func(a, b Person) int {
		if (a.ID == "") != (b.ID == "") {
			return len(b.ID) - len(a.ID)
		}
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Pseudonym, b.Pseudonym))
	})
	return out
}

// Fingerprint is the key's.
func (n *Names) Fingerprint() string { return n.key.Fingerprint() }

// Mentions reports whether a text still holds a word that is part of somebody's
// full name.
func (n *Names) Mentions(s string) bool {
	for w := range strings.FieldsFuncSeq(s, func(r rune) bool { return !inWord(r) }) {
		if n.parts[w] {
			return true
		}
	}
	return false
}

// all are the items of a source at the newest run and at the others of the period.
func all(r *control.Report, source string) []control.Located {
	out := slices.Clone(r.Items[source])
	for _, s := range r.Gone[source] {
		out = append(out, s.Located)
	}
	for _, p := range r.Populations {
		for _, it := range p.Items {
			if it.Source == source {
				out = append(out, it)
			}
		}
	}
	return out
}

func record(it control.Located) map[string]any { return answer(it, "record") }

func answer(it control.Located, question string) map[string]any {
	m, _ := it.Answers[question].(map[string]any)
	return m
}

func text(v any) string {
	s, _ := v.(string)
	return strings.TrimSpace(s)
}

func texts(v any) (out []string) {
	list, _ := v.([]any)
	for _, e := range list {
		if s := text(e); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// afterAccount is a user's name without the account it may be written with.
func afterAccount(s string) string {
	if account, user, ok := strings.Cut(s, "/"); ok && len(account) == 12 && strings.Trim(account, "0123456789") == "" {
		return user
	}
	return s
}

// wordsAndNames are words that a user may be called by: as words of a text they
// mean something else.
const wordsAndNames = `admin root user users test owner member members maintain write read none true false active inactive service
security backup deploy build release guest support system master main default production staging shared audit auditor billing
monitor monitoring operator operators developer engineering engineers finance legal sales product platform network database
angel april amber aspen austin autumn baker blake brook brooks buck carter chance chase chip christian clay cliff cooper crystal dale
daisy dawn dean dell drew earl faith fern florence frank georgia gene glen grace grant hazel heath holly hope hunter iris jack jade
jasmine jordan joy june lane lily london mark marsh mason melody miles olive page parker paris pearl penny porter price ray reed
rich river robin rose ruby rusty sandy sky skip sterling stone summer taylor tracy violet wade ward west will willow young`
