package control

import (
	"slices"
	"strings"
)

// staff is everyone the registers list, with what is known of whose each identity is.
type staff struct {
	claims claims
	table  map[string][]written // identities by the person's id
	rows   map[string]written   // of the HR system, by id and address in small letters
	people []Located
}

// staff reads the variables people, identities and hr; people are the population
// itself where that is the people register.
func (in joining) staff() *staff {
	people := in.With["people"].Items
	if in.Of.Source == "record/person" {
		people = in.Of.Items
	}
	return newStaff(people, in.With["identities"].Items, in.With["hr"].Items)
}

func newStaff(people, identities, hr []Located) *staff {
	s := &staff{table: map[string][]written{}, rows: map[string]written{}, people: people}
	for _, it := range identities {
		if r := recordOf(it); r.text("kind") == "personal" {
			s.table[r.text("person")] = append(s.table[r.text("person")], r)
		}
	}
	for _, it := range hr {
		r := recordOf(it)
		for _, k := range []string{r.text("email"), r.text("id")} { // an id wins over an address that looks like it
			if k != "" {
				s.rows[strings.ToLower(k)] = r
			}
		}
	}
	s.claims = claims{iam: map[string]claim{}, directory: map[string]claim{}, host: map[string]claim{}}
	for _, it := range people {
		s.claims.add(s.person(it))
	}
	for _, it := range identities {
		if r := recordOf(it); r.text("kind") != "personal" {
			s.claims.entry(r)
		}
	}
	return s
}

// person is an entry of the people register, with the identities the table gives
// to that person: further iam_users and code_host, and directory_users.
func (s *staff) person(it Located) written {
	p := recordOf(it)
	more := s.table[p.text("id")]
	if len(more) == 0 {
		return p
	}
	out := written{}
	for k, v := range p {
		out[k] = v
	}
	add := func(key, v string) {
		list, _ := out[key].([]any)
		out[key] = append(slices.Clone(list), v)
	}
	for _, r := range more {
		switch r.text("system") {
		case "iam-user":
			add("iam_users", r.text("principal"))
		case "identity-center":
			add("directory_users", r.text("principal"))
		case "code-host":
			add("code_host", r.text("principal"))
		}
	}
	return out
}

// hr is the HR system's row of a person; nil when there is none.
func (s *staff) hr(p written) written {
	for _, k := range []string{p.text("id"), p.text("email")} {
		if r, ok := s.rows[strings.ToLower(k)]; ok && k != "" {
			return r
		}
	}
	return nil
}

// claims say whose an identity is, by its name in small letters.
type claims struct{ iam, directory, host map[string]claim }

// A claim is what a register says of one identity: it is a person's, or entry
// says who answers for it.
type claim struct {
	person string  // "" for one that is no person's
	entry  written // of the identity table; nil for a person's own
}

func (c claims) add(p written) {
	mine := claim{person: p.text("id")}
	for _, u := range append(p.texts("iam_users"), p.text("email")) {
		c.iam[strings.ToLower(u)] = mine
	}
	for _, u := range append(p.texts("directory_users"), p.text("identity_center"), p.text("email")) {
		if !strings.EqualFold(u, "none") {
			c.directory[strings.ToLower(u)] = mine
		}
	}
	for _, u := range p.texts("code_host") {
		c.host[strings.ToLower(u)] = mine
	}
	delete(c.iam, "")
	delete(c.directory, "")
}

func (c claims) entry(r written) {
	switch name := strings.ToLower(r.text("principal")); r.text("system") {
	case "iam-user":
		c.iam[name] = claim{entry: r}
	case "identity-center":
		c.directory[name] = claim{entry: r}
	case "code-host":
		c.host[name] = claim{entry: r}
	}
}

func (c claims) ofIAMUser(account, user string) (claim, bool) {
	got, ok := c.iam[strings.ToLower(account+"/"+user)]
	if !ok {
		got, ok = c.iam[strings.ToLower(user)]
	}
	return got, ok
}

func (c claims) ofDirectoryUser(u written) (claim, bool) {
	for _, name := range append(u.addresses(), u.text("UserName")) {
		if got, ok := c.directory[strings.ToLower(name)]; ok {
			return got, true
		}
	}
	return claim{}, false
}
