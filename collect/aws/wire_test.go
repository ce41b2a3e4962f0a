package aws

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// lost says what of an answer on the wire the SDK did not read: a name no type of
// it has (JSON), or a text that is nowhere in what was decoded. A fixture with a
// misspelt field proves nothing, because the SDK skips what it does not know.
func lost(body []byte, out any) []string {
	var missing []string
	texts := textsOf(body)
	have := map[string]bool{}
	for _, s := range decoded(out) {
		if s == string(body) { // the answer is one text: a bucket's policy
			return nil
		}
		have[s] = true
	}
	for _, s := range texts {
		if !have[s] && !have[strings.TrimSuffix(s, "==")] && !scalarText(s) {
			missing = append(missing, fmt.Sprintf("the text %q", s))
		}
	}
	var v any
	if json.Unmarshal(body, &v) == nil {
		names(&missing, "", v, reflect.TypeOf(out))
	}
	slices.Sort(missing)
	return slices.Compact(missing)
}

// scalarText is a text that decoding gives another form: a number, a truth, a time.
func scalarText(s string) bool {
	if _, err := strconv.ParseFloat(s, 64); err == nil || s == "true" || s == "false" || s == "" {
		return true
	}
	for _, layout := range []string{time.RFC3339Nano, time.RFC1123, "2006-01-02T15:04:05.999Z"} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

// textsOf are the leaves of an answer in JSON or XML.
func textsOf(body []byte) []string {
	var out []string
	var v any
	if json.Unmarshal(body, &v) == nil {
		leafTexts(v, &out)
		return out
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	var text strings.Builder
	skip := 0
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) || err != nil {
			return out
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			text.Reset()
			if n := tok.Name.Local; n == "ResponseMetadata" || n == "requestId" || n == "RequestId" {
				skip++
			}
		case xml.CharData:
			text.Write(tok)
		case xml.EndElement:
			if n := tok.Name.Local; n == "ResponseMetadata" || n == "requestId" || n == "RequestId" {
				skip--
			} else if s := strings.TrimSpace(text.String()); s != "" && skip == 0 {
				out = append(out, s)
			}
			text.Reset()
		}
	}
}

func leafTexts(v any, out *[]string) {
	switch v := v.(type) {
	case string:
		*out = append(*out, v)
	case []any:
		for _, e := range v {
			leafTexts(e, out)
		}
	case map[string]any:
		for _, e := range v {
			leafTexts(e, out)
		}
	}
}

// decoded are all texts in what the SDK made of an answer.
func decoded(out any) []string {
	var texts []string
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i))
				}
			}
		case reflect.Slice:
			if v.Type().Elem().Kind() == reflect.Uint8 {
				texts = append(texts, base64.StdEncoding.EncodeToString(v.Bytes()), string(v.Bytes()))
				return
			}
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Map:
			for it := v.MapRange(); it.Next(); {
				texts = append(texts, it.Key().String()) // of XML a map's keys are texts
				walk(it.Value())
			}
		case reflect.String:
			texts = append(texts, v.String())
		}
	}
	walk(reflect.ValueOf(out))
	return texts
}

// renamed are the names on the wire that differ from the SDK's by more than case.
// Source: the services' models.
var renamed = map[string]string{"item": "Items", "__type": ""}

// names goes down an answer in JSON beside the type it is read into.
func names(missing *[]string, path string, v any, t reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch v := v.(type) {
	case []any:
		if t.Kind() == reflect.Slice {
			for _, e := range v {
				names(missing, path+"[]", e, t.Elem())
			}
		}
	case map[string]any:
		switch t.Kind() {
		case reflect.Map:
			for _, e := range v {
				names(missing, path+"{}", e, t.Elem())
			}
		case reflect.Struct:
			for k, e := range v {
				as, ok := renamed[k]
				if ok && as == "" {
					continue
				}
				f, found := t.FieldByNameFunc(func(n string) bool { return strings.EqualFold(n, k) || ok && n == as })
				if !found {
					*missing = append(*missing, fmt.Sprintf("the name %s.%s: %s has no such field", path, k, t.Name()))
					continue
				}
				names(missing, path+"."+k, e, f.Type)
			}
		}
	}
}

func TestLost(t *testing.T) {
	type inner struct{ Name *string }
	type out struct {
		Keys []inner
		On   bool
		Tags map[string]string
	}
	name := "a-key"
	got := lost([]byte(`{"keys":[{"name":"a-key","Nmae":"other"}],"on":true,"off":false,"tags":{"x":"1"}}`), &out{Keys: []inner{{&name}}, On: true, Tags: map[string]string{"x": "1"}})
	want := []string{`the name .keys[].Nmae: inner has no such field`, `the name .off: out has no such field`, `the text "other"`}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := lost([]byte(`<R><Result><Name>a-key</Name><Nmae>other</Nmae><At>2026-01-01T00:00:00Z</At></Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></R>`), &inner{&name}); !slices.Equal(got, []string{`the text "other"`}) {
		t.Errorf("got %q", got)
	}
}
