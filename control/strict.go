package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"exhibit/internal/near"
)

// strict.go reads YAML into our types and forgives nothing: an unknown or
// doubled key, a value of another type and an alias are errors with file and
// line. A typing error must never read as a control or a check left out.

// An entry is one element of a list file, with the line it begins on.
type entry struct {
	node *yaml.Node
	file string
}

// at is where a node stands: "checks/kms.yaml:12".
func (e entry) at(n *yaml.Node) string { return fmt.Sprintf("%s:%d", e.file, n.Line) }

// entries reads a file that is one list of mappings. An empty file is an error.
func entries(file string, text []byte) ([]entry, error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	var doc yaml.Node
	if err := d.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s:1: empty; write a list, each entry beginning with \"- \"", file)
		}
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: more than one document; write one list", file)
	}
	root := doc.Content[0]
	if root.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("%s:%d: must be a list, each entry beginning with \"- \"", file, root.Line)
	}
	out := make([]entry, len(root.Content))
	for i, n := range root.Content {
		out[i] = entry{n, file}
	}
	return out, nil
}

// decode reads the entry into a struct, by its yaml tags. All errors are joined.
func (e entry) decode(into any) error {
	var errs []error
	e.value(e.node, reflect.ValueOf(into).Elem(), "the entry", &errs)
	return errors.Join(errs...)
}

func (e entry) fail(errs *[]error, n *yaml.Node, format string, args ...any) {
	*errs = append(*errs, fmt.Errorf("%s: %s", e.at(n), fmt.Sprintf(format, args...)))
}

// value decodes n into v. name is how errors call it.
func (e entry) value(n *yaml.Node, v reflect.Value, name string, errs *[]error) {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		e.fail(errs, n, "%s: anchors and aliases are not allowed; write it out", name)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		e.fields(n, v, name, errs)
	case reflect.String:
		if n.Kind != yaml.ScalarNode || n.Tag != "!!str" {
			e.fail(errs, n, "%s must be a text%s", name, quoteHint(n))
			return
		}
		v.SetString(strings.TrimSpace(n.Value))
	case reflect.Bool:
		if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
			e.fail(errs, n, "%s must be true or false", name)
			return
		}
		v.SetBool(n.Value == "true")
	case reflect.Int:
		i, err := strconv.Atoi(n.Value)
		if err != nil || n.Kind != yaml.ScalarNode || n.Tag != "!!int" {
			e.fail(errs, n, "%s must be a whole number", name)
			return
		}
		v.SetInt(int64(i))
	case reflect.Slice:
		e.list(n, v, name, errs)
	case reflect.Map:
		e.mapping(n, v, name, errs)
	case reflect.Interface:
		if p := e.plain(n, name, errs); p != nil {
			v.Set(reflect.ValueOf(p))
		}
	default:
		e.fail(errs, n, "%s: no way to read it", name)
	}
}

func quoteHint(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		return fmt.Sprintf("; put %s in quotes", n.Value)
	}
	return ""
}

func (e entry) fields(n *yaml.Node, v reflect.Value, name string, errs *[]error) {
	if n.Kind != yaml.MappingNode {
		e.fail(errs, n, "%s must be a mapping of keys to values", name)
		return
	}
	byKey := map[string]reflect.Value{}
	var allowed []string
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("yaml")
		if tag == "" || tag == "-" {
			continue
		}
		byKey[tag] = v.Field(i)
		allowed = append(allowed, tag)
	}
	e.pairs(n, errs, func(key, val *yaml.Node) {
		f, ok := byKey[key.Value]
		if !ok {
			e.fail(errs, key, "unknown key %q in %s%s; allowed are %s", key.Value, name, nearest(key.Value, allowed), strings.Join(allowed, ", "))
			return
		}
		e.value(val, f, key.Value, errs)
	})
}

// pairs walks a mapping and refuses a key given twice or that is no text.
func (e entry) pairs(n *yaml.Node, errs *[]error, each func(key, val *yaml.Node)) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case key.Kind != yaml.ScalarNode || key.Tag == "!!merge":
			e.fail(errs, key, "a key must be a plain text")
			continue
		case seen[key.Value]:
			e.fail(errs, key, "%q is given twice", key.Value)
			continue
		}
		seen[key.Value] = true
		each(key, n.Content[i+1])
	}
}

func (e entry) list(n *yaml.Node, v reflect.Value, name string, errs *[]error) {
	if n.Kind != yaml.SequenceNode {
		e.fail(errs, n, "%s must be a list%s", name, map[bool]string{true: fmt.Sprintf("; write [%s]", n.Value)}[n.Kind == yaml.ScalarNode])
		return
	}
	out := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, c := range n.Content {
		e.value(c, out.Index(i), fmt.Sprintf("entry %d of %s", i+1, name), errs)
	}
	v.Set(out)
}

func (e entry) mapping(n *yaml.Node, v reflect.Value, name string, errs *[]error) {
	if n.Kind != yaml.MappingNode {
		e.fail(errs, n, "%s must be a mapping of names to values", name)
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	e.pairs(n, errs, func(key, val *yaml.Node) {
		elem := reflect.New(v.Type().Elem()).Elem()
		if elem.Kind() == reflect.Slice && elem.Type().Elem().Kind() == reflect.String && val.Kind == yaml.ScalarNode {
			val = &yaml.Node{Kind: yaml.SequenceNode, Line: val.Line, Content: []*yaml.Node{val}} // {prowler: one_id}
		}
		e.value(val, elem, name+"."+key.Value, errs)
		v.SetMapIndex(reflect.ValueOf(key.Value), elem)
	})
}

// plain reads free data (an example's item) as encoding/json would with
// UseNumber. A date stays the text that was written.
func (e entry) plain(n *yaml.Node, name string, errs *[]error) any {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		e.fail(errs, n, "%s: anchors and aliases are not allowed; write it out", name)
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		e.pairs(n, errs, func(key, val *yaml.Node) { m[key.Value] = e.plain(val, name+"."+key.Value, errs) })
		return m
	case yaml.SequenceNode:
		out := make([]any, len(n.Content))
		for i, c := range n.Content {
			out[i] = e.plain(c, name, errs)
		}
		return out
	}
	switch n.Tag {
	case "!!null":
		return nil
	case "!!str", "!!timestamp":
		return n.Value
	case "!!bool":
		var b bool
		if n.Decode(&b) == nil {
			return b
		}
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			return json.Number(n.Value)
		}
	}
	e.fail(errs, n, "%s: %s %s is not data JSON can hold; a question that was not answered is written \"!gap\", in quotes", name, n.Tag, n.Value)
	return nil
}

// nearest offers the allowed word that differs least, when one is near.
func nearest(word string, allowed []string) string {
	if w := near.Word(word, slices.Sorted(slices.Values(allowed))); w != "" {
		return fmt.Sprintf(" (did you mean %q?)", w)
	}
	return ""
}

// sortedKeys returns the keys of m, sorted.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
