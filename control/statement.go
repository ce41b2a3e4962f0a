package control

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// statements returns the statements of an IAM policy document with every field
// in its long form, so that a check need not know the short ones:
//
//	{"Effect":"Allow","Action":["s3:*"],"NotAction":[],"Resource":["*"],"NotResource":[],"Condition":{},"Principal":…,"Sid":""}
//
// doc is the document as an object, or as the JSON text some operations return
// (plain or percent-encoded, as IAM sends it). null, "there is no policy", has no
// statements. Anything that is not a policy document is an error: it must not
// read as a policy that allows nothing.
func statements(doc any) ([]any, error) {
	if doc == nil {
		return []any{}, nil
	}
	if text, ok := doc.(string); ok {
		var err error
		if doc, err = policyText(text); err != nil {
			return nil, err
		}
	}
	object, ok := doc.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("reading a policy document: not an object")
	}
	var raw []any
	switch s := object["Statement"].(type) {
	case []any:
		raw = s
	case map[string]any:
		raw = []any{s}
	default:
		return nil, fmt.Errorf("reading a policy document: it has no Statement")
	}
	out := make([]any, 0, len(raw))
	for i, r := range raw {
		s, err := statement(r)
		if err != nil {
			return nil, fmt.Errorf("reading a policy document: statement %d: %w", i+1, err)
		}
		out = append(out, s)
	}
	return out, nil
}

func policyText(text string) (any, error) {
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		plain, err := url.PathUnescape(text)
		if err != nil {
			return nil, fmt.Errorf("reading a policy document: %w", err)
		}
		text = plain
	}
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var doc any
	if err := d.Decode(&doc); err != nil {
		return nil, fmt.Errorf("reading a policy document: %w", err)
	}
	if d.More() {
		return nil, fmt.Errorf("reading a policy document: more than one value")
	}
	return doc, nil
}

func statement(v any) (map[string]any, error) {
	in, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("not an object")
	}
	effect, _ := in["Effect"].(string)
	if effect != "Allow" && effect != "Deny" {
		return nil, fmt.Errorf("effect %q is neither Allow nor Deny", effect)
	}
	out := map[string]any{"Effect": effect, "Sid": "", "Condition": map[string]any{}, "Principal": map[string]any{}}
	for _, k := range []string{"Sid", "Condition", "Principal", "NotPrincipal"} {
		if e, ok := in[k]; ok && e != nil {
			out[k] = e
		}
	}
	for _, k := range []string{"Action", "NotAction", "Resource", "NotResource"} {
		list, err := stringList(in[k])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
		out[k] = list
	}
	return out, nil
}

// stringList reads the "a" and ["a", "b"] that IAM allows for one another.
func stringList(v any) ([]any, error) {
	switch v := v.(type) {
	case nil:
		return []any{}, nil
	case string:
		return []any{v}, nil
	case []any:
		for _, e := range v {
			if _, ok := e.(string); !ok {
				return nil, fmt.Errorf("%v is not a text", e)
			}
		}
		return v, nil
	}
	return nil, fmt.Errorf("%v is neither a text nor a list of texts", v)
}
