package aws

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// An encoder turns what the SDK decoded into plain JSON values, in the words of
// the API, so that an auditor can lay them beside the output of aws ….
//
//   - Fields are named as the API spells them. Go needs them capitalised; where the
//     API writes them small the first letter is made small again.
//   - What was not sent is not there: nil pointers, nil lists, empty enumerations.
//     The SDK writes false and 0 for a plain bool or number AWS did not send, so
//     such a zero is kept only when the answer holds the field's name at all.
//   - Times are UTC, RFC 3339; bytes base64; a union is {"Member": value}.
//   - A policy document is a JSON object, wherever AWS gives it as text (percent-
//     encoded by IAM, plain elsewhere).
//   - Paging tokens, ResultMetadata and what the SDK keeps for itself are dropped.
//
// Only fields are read by reflection, never methods: reflection by a method's
// name would keep every method of every client in the binary.
type encoder struct {
	wire  []byte // the body as it came, in small letters; nil keeps zeros
	names map[string]bool
	spelt spelling
}

func newEncoder(body []byte, spelt spelling) *encoder {
	e := &encoder{names: map[string]bool{}, spelt: spelt}
	if body != nil {
		e.wire = bytes.ToLower(body)
	}
	return e
}

// tokens are the fields that page, dropped at the top of an answer.
var tokens = map[string]bool{
	"NextToken": true, "NextMarker": true, "Marker": true, "IsTruncated": true, "Truncated": true,
	"ContinuationToken": true, "PaginationToken": true, "ResultMetadata": true, "MaxResults": true,
}

// answer encodes a whole output.
func (e *encoder) answer(v any) map[string]any {
	m, _ := e.value(reflect.ValueOf(v)).(map[string]any)
	for name := range tokens {
		delete(m, name)
		delete(m, small(name))
	}
	if m == nil {
		m = map[string]any{}
	}
	return m
}

// element encodes one row of a listing: a struct, a string or a map.
func (e *encoder) element(v any) any { return e.value(reflect.ValueOf(v)) }

var (
	timeType   = reflect.TypeOf(time.Time{})
	numberType = reflect.TypeOf(json.Number(""))
)

func (e *encoder) value(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return e.value(v.Elem())
	case reflect.Interface:
		return e.union(v)
	case reflect.Struct:
		if v.Type() == timeType {
			return v.Interface().(time.Time).UTC().Format(time.RFC3339Nano)
		}
		return e.fields(v)
	case reflect.Slice:
		if v.IsNil() {
			return nil
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return base64.StdEncoding.EncodeToString(v.Bytes())
		}
		out := make([]any, v.Len())
		for i := range out {
			out[i] = e.value(v.Index(i))
		}
		return out
	case reflect.Map:
		if v.IsNil() {
			return nil
		}
		out := make(map[string]any, v.Len())
		for it := v.MapRange(); it.Next(); {
			k, x := it.Key().String(), e.value(it.Value())
			if s, ok := x.(string); ok && documents[k] { // an attribute of a topic or queue
				x = document(s)
			}
			out[k] = x
		}
		return out
	case reflect.String:
		if v.Type() == numberType {
			return json.Number(v.String())
		}
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return json.Number(strconv.FormatInt(v.Int(), 10))
	case reflect.Float32, reflect.Float64:
		return number(v.Float(), v.Type().Bits())
	}
	return nil
}

func (e *encoder) fields(v reflect.Value) any {
	t := v.Type()
	out := map[string]any{}
	lower := e.spelt.small(t)
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || f.Name == "ResultMetadata" {
			continue
		}
		fv := v.Field(i)
		switch fv.Kind() {
		case reflect.Bool, reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64:
			if fv.IsZero() && !e.sent(f.Name) {
				continue
			}
		case reflect.String:
			if fv.Len() == 0 { // an enumeration AWS did not send
				continue
			}
		}
		x := e.value(fv)
		if x == nil {
			continue
		}
		if s, ok := x.(string); ok && documents[f.Name] {
			x = document(s)
		}
		name := f.Name
		if lower {
			name = small(name)
		}
		out[name] = x
	}
	return out
}

// sent reports whether the answer holds a field's name at all, in any case.
func (e *encoder) sent(name string) bool {
	if e.wire == nil {
		return true
	}
	yes, ok := e.names[name]
	if !ok {
		yes = bytes.Contains(e.wire, []byte(strings.ToLower(name)))
		e.names[name] = yes
	}
	return yes
}

// union encodes a value of one of the SDK's union types, FooMemberBar{Value}, as
// {"Bar": value}, and a free document as what it holds.
func (e *encoder) union(v reflect.Value) any {
	if v.IsNil() {
		return nil
	}
	if d, ok := v.Interface().(interface{ UnmarshalSmithyDocument(any) error }); ok {
		var x any
		if err := d.UnmarshalSmithyDocument(&x); err != nil {
			return nil
		}
		return plain(x)
	}
	of := v.Type().Name()
	v = v.Elem()
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	member, ok := strings.CutPrefix(v.Type().Name(), of+"Member")
	if !ok || of == "" || v.Kind() != reflect.Struct {
		return e.value(v)
	}
	if e.spelt.lower {
		member = small(member)
	}
	return map[string]any{member: e.value(v.FieldByName("Value"))}
}

// plain turns what a document decoded to into JSON's own types.
func plain(x any) any {
	switch x := x.(type) {
	case map[string]any:
		for k, v := range x {
			x[k] = plain(v)
		}
	case []any:
		for i, v := range x {
			x[i] = plain(v)
		}
	case string, bool, nil:
	default:
		v := reflect.ValueOf(x)
		switch v.Kind() {
		case reflect.String: // a number in its own text
			return json.Number(v.String())
		case reflect.Int, reflect.Int32, reflect.Int64:
			return json.Number(strconv.FormatInt(v.Int(), 10))
		case reflect.Float64:
			return number(v.Float(), 64)
		}
	}
	return x
}

func number(f float64, bits int) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return strconv.FormatFloat(f, 'g', -1, bits)
	}
	return json.Number(strconv.FormatFloat(f, 'f', -1, bits))
}

// documents are the fields in which AWS gives a policy, or settings, as text.
var documents = map[string]bool{
	"AssumeRolePolicyDocument": true, "PolicyDocument": true, "Document": true, // IAM
	"Policy": true, "Content": true, "InlinePolicy": true, // KMS and S3; Organizations; IAM Identity Center
	"ResourcePolicy": true,                                                         // Secrets Manager
	"AccessPolicies": true, "ReplicationTaskSettings": true, "TableMappings": true, // OpenSearch; DMS
}

// document reads a policy's text. What is no JSON object stays as it was.
func document(s string) any {
	text := s
	if strings.HasPrefix(text, "%7B") || strings.HasPrefix(text, "%7b") || strings.HasPrefix(text, "%20") || strings.HasPrefix(text, "%0A") {
		u, err := url.PathUnescape(text) // IAM writes a space as %20 and a plus sign as %2B or itself
		if err != nil {
			return s
		}
		text = u
	}
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		return s
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil || d.More() {
		return s
	}
	return m
}

// small makes the first letter small: Arn -> arn.
func small(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}
