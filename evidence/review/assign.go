package review

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Rules say who decides about whose access.
type Rules struct {
	// Default decides what belongs to no account's owner and no manager; Second
	// what would otherwise be decided by the person it is about.
	Default string `yaml:"default"`
	Second  string `yaml:"second"`
	// Accounts are the owners of accounts, by the account's id: they decide what
	// belongs to no person.
	Accounts map[string]string `yaml:"accounts"`
	// DormantDays is how long without use is dormant.
	DormantDays int `yaml:"dormant_days"`
}

// DefaultDormantDays is used where the rules do not say.
const DefaultDormantDays = 90

// Check refuses rules that name people the register does not have, or who left.
func (r Rules) Check(people map[string]Person, now time.Time) []string {
	var out []string
	known := func(key, id string) {
		switch p, ok := people[id]; {
		case id == "":
		case !ok:
			out = append(out, fmt.Sprintf("%s: registers/people.yaml has nobody with the id %q", key, id))
		case p.gone(now):
			out = append(out, fmt.Sprintf("%s: %s left on %s", key, id, p.Left.Format(time.DateOnly)))
		}
	}
	if r.Default == "" {
		out = append(out, "default: is missing; write the id of the person who decides what belongs to nobody's manager and no account's owner")
	}
	known("default", r.Default)
	known("second", r.Second)
	for _, a := range sortedKeys(r.Accounts) {
		known("accounts."+a, r.Accounts[a])
	}
	if r.DormantDays < 0 {
		out = append(out, fmt.Sprintf("dormant_days: %d is less than 0", r.DormantDays))
	}
	return out
}

func (p Person) gone(now time.Time) bool { return !p.Left.IsZero() && !p.Left.After(now) }

// Assign gives every entitlement one reviewer: the manager of the person it is of,
// the owner of the account where it is nobody's, else the default reviewer. Nobody
// gets their own access, and nobody who has left gets any: the next in that order
// does, and at last the second reviewer. rows says, by person, which they decide.
func Assign(population []Entitlement, rules Rules, people map[string]Person, now time.Time) (rows map[string][]string, err error) {
	rows = map[string][]string{}
	var none []string
	for _, e := range population {
		order := []string{rules.Accounts[e.Account], rules.Default, rules.Second}
		if e.Person != "" {
			order = append([]string{people[e.Person].Manager}, order...)
		}
		i := slices.IndexFunc(order, func(id string) bool {
			p, ok := people[id]
			return ok && id != e.Person && !p.gone(now)
		})
		if i < 0 {
			none = append(none, e.Says())
			continue
		}
		rows[order[i]] = append(rows[order[i]], e.Row)
	}
	if len(none) > 0 {
		const most = 5
		more := ""
		if len(none) > most {
			more = fmt.Sprintf(" and %d more", len(none)-most)
			none = none[:most]
		}
		return nil, fmt.Errorf("nobody may decide about %s%s: the manager, the account's owner and the default reviewer are the person themselves or nobody; name a second reviewer", strings.Join(none, "; "), more)
	}
	return rows, nil
}

func sortedKeys(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
