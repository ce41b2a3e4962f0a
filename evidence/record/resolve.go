package record

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// resolve finds what records say about each other: people, references, and
// records that say they are the same. A reference to a record that has another
// problem is sound, so that one mistake is not reported in ten places.
func (r *reader) resolve(policies []string) {
	people := map[string]string{} // id, and address in small letters, to id
	for _, d := range r.drafts {
		if d.schema.Kind == personKind {
			if d.identify(); d.id != "" {
				people[d.id] = d.id
				if email, ok := d.record["email"].(string); ok {
					people[strings.ToLower(email)] = d.id
				}
			}
		}
	}
	ids := slices.Sorted(maps.Keys(people))
	for _, d := range r.drafts {
		for _, p := range d.pending {
			if p.to != personKind {
				continue
			}
			id, ok := people[p.value]
			if !ok {
				id, ok = people[strings.ToLower(p.value)]
			}
			if !ok {
				d.fault(p.node, "%q: nobody in %s has the id or address %q%s", p.field.Name, r.kinds[personKind].Where, shorten(p.value), suggest(p.value, ids))
				continue
			}
			p.set(id)
		}
		d.identify()
	}

	staff := map[string]string{} // of the HR system: address in small letters to id
	for _, d := range r.drafts {
		if email, ok := d.record["email"].(string); ok && d.schema.Kind == hrPersonKind {
			staff[strings.ToLower(email)] = d.id
		}
	}
	first := map[string]*draft{} // by kind and id
	named := map[string][]string{policyKind: policies}
	for _, d := range r.drafts {
		if d.id == "" {
			continue
		}
		key := d.schema.Kind + " " + d.id
		other, twice := first[key]
		if !twice {
			first[key] = d
			named[d.schema.Kind] = append(named[d.schema.Kind], d.id)
			continue
		}
		// Neither is kept: which of them is meant cannot be known.
		says := fmt.Sprintf("two records of the kind %s are identified by %q (%s)", d.schema.Kind, d.id, strings.Join(d.schema.IdentifiedBy, ", "))
		d.fault(d.identity(), "%s: the other is at %s:%d", says, other.path, other.line)
		other.fault(other.identity(), "%s: the other is at %s:%d", says, d.path, d.line)
	}
	r.unique()

	for _, d := range r.drafts {
		for _, p := range d.pending {
			if p.to == personKind || first[p.to+" "+p.value] != nil || p.to == policyKind && slices.Contains(policies, p.value) {
				continue
			}
			if id := staff[strings.ToLower(p.value)]; p.to == hrPersonKind && id != "" {
				p.set(id)
				continue
			}
			d.fault(p.node, "%q: no %s has the id %q%s", p.field.Name, p.to, shorten(p.value), suggest(p.value, named[p.to]))
		}
	}
}

// identity is the place of the first field that identifies the draft.
func (d *draft) identity() *yaml.Node { return d.places[d.schema.IdentifiedBy[0]] }

// unique finds fields that no two records of a kind may share.
func (r *reader) unique() {
	seen := map[string]*draft{}
	for _, d := range r.drafts {
		for _, f := range d.schema.Fields {
			v, ok := d.record[f.Name].(string)
			if !f.Unique || !ok {
				continue
			}
			key := d.schema.Kind + " " + f.Name + " " + strings.ToLower(v)
			if other, twice := seen[key]; twice {
				d.fault(d.places[f.Name], "%q %q is also that of %q at %s:%d", f.Name, shorten(v), other.id, other.path, other.line)
				other.fault(other.places[f.Name], "%q %q is also that of %q at %s:%d", f.Name, shorten(v), d.id, d.path, d.line)
				continue
			}
			seen[key] = d
		}
	}
}
