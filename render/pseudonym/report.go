package pseudonym

import (
	"reflect"
	"strings"
	"time"

	"exhibit/control"
)

// Report replaces all names in a report, in place, and puts people in the order of
// their pseudonyms: that of their names would tell them. What is judged stays as it
// is: every verdict and every count.
func (n *Names) Report(r *control.Report) {
	w := &walk{Names: n, seen: map[visit]bool{}}
	w.value(reflect.ValueOf(r).Elem(), "")
	n.closed = true
	r.Reorder(func(l control.Located) bool { return registers[l.Source] })
}

// registers are the lists of people: the line of an entry tells whom it is about.
var registers = map[string]bool{"record/person": true, "record/hr-person": true, "record/identity": true}

// A walk goes through a value once, however many ways lead to a part of it.
type walk struct {
	*Names
	seen map[visit]bool
}

type visit struct {
	at uintptr
	of reflect.Type
}

func (w *walk) first(v reflect.Value) bool {
	k := visit{v.Pointer(), v.Type()}
	if w.seen[k] {
		return false
	}
	w.seen[k] = true
	return true
}

// entry replaces what only the source of an item says is a name: ids of people that
// are also words, numbers of the HR system. Its line would tell whose entry it is.
func (w *walk) entry(it *control.Located) {
	if p := w.whole[fold(it.ID)]; p != "" && it.Source != "record/identity" {
		it.ID = p
	}
	m := record(*it)
	for _, k := range []string{"id", "manager", "person", "owner", "name", "email"} {
		if p := w.whole[fold(text(m[k]))]; p != "" {
			m[k] = p
		}
	}
	it.Pointer.Line = 0
}

var (
	timeType     = reflect.TypeFor[time.Time]()
	findingType  = reflect.TypeFor[control.Finding]()
	locatedType  = reflect.TypeFor[control.Located]()
	examplesType = reflect.TypeFor[control.Examples]() // of the library: nobody's
	lifeType     = reflect.TypeFor[control.PersonLife]()
)

// value replaces names in v, which can be set unless it is a map or a pointer. key
// is the field or key it stands under.
func (w *walk) value(v reflect.Value, key string) {
	switch v.Kind() {
	case reflect.String:
		if s := v.String(); s != "" {
			if to := w.under(key, s); to != s {
				v.SetString(to)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() && w.first(v) {
			w.value(v.Elem(), key)
		}
	case reflect.Interface:
		if !v.IsNil() {
			if to, changed := w.inside(v.Elem(), key); changed {
				v.Set(to)
			}
		}
	case reflect.Slice:
		if v.Len() == 0 || v.Type().Elem().Kind() == reflect.Uint8 && w.bytes(v) || v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			w.value(v.Index(i), key)
		}
	case reflect.Array:
		for i := range v.Len() {
			w.value(v.Index(i), key)
		}
	case reflect.Map:
		if !v.IsNil() && w.first(v) {
			w.mapping(v)
		}
	case reflect.Struct:
		w.fields(v)
	}
}

// bytes replaces names in the text of a policy.
func (w *walk) bytes(v reflect.Value) bool {
	s := string(v.Bytes())
	if to := w.Text(s); to != s {
		v.SetBytes([]byte(to))
	}
	return true
}

func (w *walk) fields(v reflect.Value) {
	switch v.Type() {
	case timeType, examplesType:
		return
	case findingType:
		f := v.Addr().Interface().(*control.Finding)
		if p := w.whole[fold(f.Item)]; p != "" && registers[f.Source] && f.Source != "record/identity" {
			f.Item = p
		}
		if registers[f.Source] {
			f.Evidence.Line = 0
		}
	case locatedType:
		if it := v.Addr().Interface().(*control.Located); registers[it.Source] {
			w.entry(it)
		}
	case lifeType:
		l := v.Addr().Interface().(*control.PersonLife)
		if p := w.whole[fold(l.ID)]; p != "" {
			l.ID, l.Name = p, p
		}
	}
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() {
			w.value(v.Field(i), f.Name)
		}
	}
}

// inside is what stands in an interface with its names replaced.
func (w *walk) inside(v reflect.Value, key string) (reflect.Value, bool) {
	switch v.Kind() {
	case reflect.String:
		s := v.String()
		to := w.under(key, s)
		return reflect.ValueOf(to).Convert(v.Type()), to != s
	case reflect.Map, reflect.Pointer, reflect.Slice:
		w.value(v, key)
	case reflect.Struct, reflect.Array:
		c := reflect.New(v.Type()).Elem()
		c.Set(v)
		w.value(c, key)
		return c, true
	}
	return v, false
}

// mapping replaces names in the values of a map, and in its keys.
func (w *walk) mapping(m reflect.Value) {
	if fields, ok := m.Interface().(map[string]any); ok {
		w.answers(fields)
		return
	}
	for _, k := range m.MapKeys() {
		c := reflect.New(m.Type().Elem()).Elem()
		c.Set(m.MapIndex(k))
		name := ""
		if k.Kind() == reflect.String {
			name = k.String()
		}
		w.value(c, name)
		if to := w.Text(name); to != name {
			m.SetMapIndex(k, reflect.Value{})
			k = reflect.ValueOf(to).Convert(k.Type())
		}
		m.SetMapIndex(k, c)
	}
}

// answers replaces names in an answer, record or value.
func (w *walk) answers(m map[string]any) {
	if mail, ok := m["email"].(string); ok && address(strings.TrimSpace(mail)) > 0 { // a signature of git: whoever has the address has the name
		if _, named := m["name"].(string); named {
			m["name"] = w.stranger("address", strings.TrimSpace(mail))
		}
	}
	for k, v := range m {
		var to any
		changed := false
		switch v := v.(type) {
		case nil, bool:
		case string:
			s := w.under(k, v)
			to, changed = s, s != v
		case map[string]any:
			w.answers(v)
		default:
			var x reflect.Value
			if x, changed = w.inside(reflect.ValueOf(v), k); changed {
				to = x.Interface()
			}
		}
		if changed {
			m[k] = to
		}
		if name := w.Text(k); name != k {
			m[name] = m[k]
			delete(m, k)
		}
	}
}

// userKeys are fields of AWS, git and the code hosts whose value is a user's name.
var userKeys = map[string]bool{
	"user": true, "username": true, "login": true, "actor": true, "actor_name": true, "principal": true, "person": true,
	"author": true, "committer": true, "mergedby": true, "by": true, "reviewer": true, "approver": true, "owner": true, "manager": true, "called": true, "tagger": true,
	"iam_users": true, "identity_center": true, "directory_users": true, "code_host": true, "key_pairs": true, "git": true,
}

// under is a text that stands under a key: the whole of it may be a name that texts
// elsewhere hold without meaning it.
func (w *walk) under(key, s string) string {
	if userKeys[strings.ToLower(key)] || w.Names.fields[key] {
		if p := w.whole[fold(afterAccount(s))]; p != "" {
			return s[:len(s)-len(afterAccount(s))] + p
		}
	}
	return w.Text(s)
}
