package control

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"sort"
	"time"

	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"
	"exhibit/evidence"
)

// toCEL wraps plain data. Objects are wrapped one level at a time, as they are read.
func toCEL(v any) ref.Val {
	switch v := v.(type) {
	case nil:
		return types.NullValue
	case bool:
		return types.Bool(v)
	case string:
		return types.String(v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return types.Int(n)
		}
		f, err := v.Float64()
		if err != nil {
			return types.NewErr("unreadable number %s", v)
		}
		return types.Double(f)
	case int:
		return types.Int(v)
	case int64:
		return types.Int(v)
	case float64:
		return types.Double(v)
	case time.Time:
		return types.Timestamp{Time: v}
	case unanswered:
		return types.NewUnknown(1, types.NewAttributeTrail(v.Cause))
	case map[string]any:
		return &object{fields: v}
	case *questions:
		return &object{fields: v.answers, of: v}
	case []any:
		elems := make([]ref.Val, len(v))
		for i, e := range v {
			elems[i] = toCEL(e)
		}
		return types.NewRefValList(types.DefaultTypeAdapter, elems)
	case ref.Val:
		return v
	}
	return types.NewErr("data of a kind no expression reads: %T", v)
}

// prepared converts data once that many evaluations will read.
func prepared(v any, name string, reads *reads) any {
	c := toCEL(v)
	if list, ok := c.(traits.Lister); ok {
		return &population{Lister: list, name: name, reads: reads}
	}
	return c
}

// fromCEL unwraps v into what encoding/json can write. Times are RFC 3339 in UTC.
func fromCEL(v ref.Val) any {
	switch v := v.(type) {
	case types.Null:
		return nil
	case types.Bool:
		return bool(v)
	case types.String:
		return string(v)
	case types.Int:
		return int64(v)
	case types.Uint:
		return uint64(v)
	case types.Double:
		if f := float64(v); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
		return fmt.Sprint(float64(v))
	case types.Timestamp:
		return v.UTC().Format(time.RFC3339)
	case types.Duration:
		return v.Duration.String()
	case *types.Unknown:
		c := causes(v)
		return unanswered{c[0]}
	case *object:
		return v.fields
	case traits.Mapper:
		out := map[string]any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			k := it.Next()
			out[fmt.Sprint(fromCEL(k))] = fromCEL(v.Get(k))
		}
		return out
	case traits.Lister:
		out := []any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			out = append(out, fromCEL(it.Next()))
		}
		return out
	}
	return fmt.Sprint(v)
}

// questions is an item as expressions read it: answers by question, and beside
// them id, account, region and source, which no operation is called.
type questions struct {
	answers                     map[string]any
	id, account, region, source string
	shared                      *evidence.Item // see Located
}

// An object is a JSON object. cel-go's own map would answer has() with true where
// the value is an unknown; this one gives the unknown. Of an item, a missing key
// is a question nobody put, and so unknown too.
type object struct {
	fields map[string]any
	of     *questions // nil unless the object is an item
}

// Find gives the value of a key, an unknown where it was not answered.
func (o *object) Find(key ref.Val) (ref.Val, bool) {
	k, ok := key.(types.String)
	if !ok {
		return nil, false
	}
	v, ok := o.fields[string(k)]
	if !ok && o.of != nil {
		switch k {
		case "id":
			return types.String(o.of.id), true
		case "account":
			return types.String(o.of.account), true
		case "region":
			return types.String(o.of.region), true
		case "source":
			return types.String(o.of.source), true
		}
		return toCEL(neverAsked(string(k))), true
	}
	if !ok {
		return nil, false
	}
	return toCEL(v), true
}

// Get is Find, with an error for a key that is not there.
func (o *object) Get(key ref.Val) ref.Val {
	if v, ok := o.Find(key); ok {
		return v
	}
	return types.NewErr("no such key: %v", key)
}

// Contains is "key in object"; unknown where the value is.
func (o *object) Contains(key ref.Val) ref.Val {
	v, ok := o.Find(key)
	if types.IsUnknown(v) {
		return v
	}
	return types.Bool(ok)
}

// Iterator goes over the keys, sorted.
func (o *object) Iterator() traits.Iterator {
	keys := make([]string, 0, len(o.fields))
	for k := range o.fields {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return types.NewStringList(types.DefaultTypeAdapter, keys).Iterator()
}

// Size counts the keys.
func (o *object) Size() ref.Val { return types.Int(len(o.fields)) }

// Equal compares key by key. Only called where no unknown is within (see careful).
func (o *object) Equal(other ref.Val) ref.Val {
	m, ok := other.(traits.Mapper)
	if !ok || m.Size() != o.Size() {
		return types.False
	}
	for k, v := range o.fields {
		w, ok := m.Find(types.String(k))
		if !ok || types.Equal(toCEL(v), w) != types.True {
			return types.False
		}
	}
	return types.True
}

// ConvertToNative is refused: expressions leave by fromCEL.
func (o *object) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("an object does not convert to %v", t)
}

// ConvertToType allows type(x) and nothing else.
func (o *object) ConvertToType(t ref.Type) ref.Val {
	switch t {
	case types.MapType:
		return o
	case types.TypeType:
		return types.MapType
	}
	return types.NewErr("an object does not convert to %s", t.TypeName())
}

// Type is map.
func (o *object) Type() ref.Type { return types.MapType }

// Value is the plain object.
func (o *object) Value() any { return o.fields }

// within collects what is unanswered anywhere inside v.
func within(v ref.Val) *types.Unknown {
	var all *types.Unknown
	switch v := v.(type) {
	case *types.Unknown:
		return v
	case *object:
		var found []string
		findUnanswered(v.fields, &found)
		for _, c := range found {
			all = types.MergeUnknowns(all, types.NewUnknown(1, types.NewAttributeTrail(c)))
		}
	case traits.Mapper:
		for it := v.Iterator(); it.HasNext() == types.True; {
			all = types.MergeUnknowns(all, within(v.Get(it.Next())))
		}
	case traits.Lister:
		for it := v.Iterator(); it.HasNext() == types.True; {
			all = types.MergeUnknowns(all, within(it.Next()))
		}
	}
	return all
}

// careful replaces the calls that cel-go would decide although a list or object
// among their arguments holds an unknown: x == y and x != y (it compares element
// by element and takes "unknown" for "not equal"), x in list (likewise) and
// size(list) (an unknown element stands for items that were not listed).
func careful(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	call, ok := i.(interpreter.InterpretableCall)
	if !ok {
		return i, nil
	}
	var decide func(args []ref.Val) ref.Val
	switch call.Function() {
	case operators.Equals:
		decide = func(a []ref.Val) ref.Val { return equal(a[0], a[1]) }
	case operators.NotEquals:
		decide = func(a []ref.Val) ref.Val {
			switch e := equal(a[0], a[1]).(type) {
			case types.Bool:
				return !e
			default:
				return e
			}
		}
	case operators.In, operators.OldIn:
		decide = func(a []ref.Val) ref.Val { return contains(a[0], a[1]) }
	case overloads.Size:
		decide = func(a []ref.Val) ref.Val { return size(a[0]) }
	default:
		return i, nil
	}
	return &carefulCall{InterpretableCall: call, decide: decide}, nil
}

// A carefulCall evaluates the arguments of a call and decides by itself.
type carefulCall struct {
	interpreter.InterpretableCall
	decide func([]ref.Val) ref.Val
}

// Exec evaluates the call.
func (c *carefulCall) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	args := c.Args()
	vals := make([]ref.Val, len(args))
	var unknown *types.Unknown
	for i, a := range args {
		vals[i] = a.Exec(frame)
		switch v := vals[i].(type) {
		case *types.Err:
			return v
		case *types.Unknown:
			unknown = types.MergeUnknowns(unknown, v)
		}
	}
	if unknown != nil {
		return unknown
	}
	return c.decide(vals)
}

// Eval evaluates the call.
func (c *carefulCall) Eval(a interpreter.Activation) ref.Val {
	return interpreter.EvalActivation(a, c.Exec)
}

func equal(l, r ref.Val) ref.Val {
	_, lList := l.(traits.Lister)
	_, rList := r.(traits.Lister)
	_, lMap := l.(traits.Mapper)
	_, rMap := r.(traits.Mapper)
	if lList != rList || lMap != rMap {
		return types.False // whatever is within, a list is no text and an object is not null
	}
	if u := types.MergeUnknowns(within(l), within(r)); u != nil {
		return u
	}
	return types.Bool(types.Equal(l, r) == types.True)
}

func contains(v, in ref.Val) ref.Val {
	list, ok := in.(traits.Lister)
	if !ok {
		if c, ok := in.(traits.Container); ok {
			return c.Contains(v)
		}
		return types.NewErr("no such overload: in %s", in.Type().TypeName())
	}
	var unknown *types.Unknown
	for it := list.Iterator(); it.HasNext() == types.True; {
		switch e := equal(v, it.Next()).(type) {
		case types.Bool:
			if e {
				return e
			}
		case *types.Unknown:
			unknown = types.MergeUnknowns(unknown, e)
		}
	}
	if unknown != nil {
		return unknown
	}
	return types.False
}

func size(v ref.Val) ref.Val {
	if list, ok := v.(traits.Lister); ok {
		var unknown *types.Unknown
		for it := list.Iterator(); it.HasNext() == types.True; {
			if u, ok := it.Next().(*types.Unknown); ok {
				unknown = types.MergeUnknowns(unknown, u)
			}
		}
		if unknown != nil {
			return unknown
		}
	}
	if s, ok := v.(traits.Sizer); ok {
		return s.Size()
	}
	return types.NewErr("no such overload: size(%s)", v.Type().TypeName())
}
