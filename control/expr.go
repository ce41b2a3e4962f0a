package control

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/parser"
)

// expr.go and its neighbours expr_value.go and expr_func.go are the only files
// that know CEL.
//
// An expression reads plain data: what encoding/json decodes with UseNumber.
// Where a question was not answered the data holds a mark (unanswered), which
// becomes a CEL unknown. CEL carries it: false && unknown is false,
// true || unknown is true, and whatever needs the missing answer is unknown. So
// a verdict is reached only when the rest decides. Where cel-go itself would
// turn an unknown inside a list or object into a plain false, this file decides
// instead (see careful in expr_value.go).
//
// Expressions have no side effects, no clock and no network; each evaluation is
// limited in cost.

// costLimit bounds one evaluation. The dearest check of ours, all statements of
// a policy of the greatest length AWS allows, costs about a hundredth of it.
const costLimit = 2_000_000

// variables every expression may read, beside those its check names in with.
var baseVariables = []string{"item", "items", "account", "region", "period", "asof", "counted_to", "run", "params"}

// A language compiles expressions over a fixed set of variables.
type language struct{ env *cel.Env }

// newLanguage returns the language with the base variables and more.
func newLanguage(more []string) (*language, error) {
	opts := []cel.EnvOption{cel.EnableMacroCallTracking(), cel.ASTValidators(cel.ValidateTimestampLiterals(), cel.ValidateRegexLiterals(), cel.ValidateDurationLiterals())}
	for _, v := range append(slices.Clone(baseVariables), more...) {
		opts = append(opts, cel.Variable(v, cel.DynType))
	}
	env, err := cel.NewEnv(append(opts, helpers()...)...)
	if err != nil {
		return nil, fmt.Errorf("a variable cannot be called that: %w", err)
	}
	for _, v := range more {
		if a, iss := env.Compile(v); iss.Err() != nil || a.NativeRep().Expr().Kind() != ast.IdentKind {
			return nil, fmt.Errorf("a variable cannot be called %q: the word means something in expressions", v)
		}
	}
	return &language{env}, nil
}

// A program is one compiled expression. It is safe for concurrent use.
type program struct {
	source string
	leaf   cel.Program
	// In what a check shows, an object or list literal is evaluated part by part, so
	// that one unanswered question does not hide the others.
	keys  []string
	parts []program // of an object, by keys; of a list when keys is nil
	reads []string  // the variables it reads, those of its parts left out
}

// predicate compiles an expression that must give true or false.
func (l *language) predicate(source string) (*program, error) {
	a, err := l.compile(source)
	if err != nil {
		return nil, err
	}
	if t := a.OutputType(); !t.IsExactType(cel.BoolType) && !t.IsExactType(cel.DynType) {
		return nil, fmt.Errorf("gives %s, but must give true or false", t)
	}
	return l.plan(source, a)
}

// value compiles an expression that may give anything JSON can hold.
func (l *language) value(source string) (*program, error) {
	a, err := l.compile(source)
	if err != nil {
		return nil, err
	}
	e := a.NativeRep().Expr()
	p := program{source: source}
	part := func(e ast.Expr) error {
		s, err := parser.Unparse(e, a.NativeRep().SourceInfo())
		if err != nil {
			return err
		}
		sub, err := l.value(s)
		if err == nil {
			p.parts = append(p.parts, *sub)
		}
		return err
	}
	switch e.Kind() {
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			key, ok := constString(entry.AsMapEntry().Key())
			if !ok {
				return l.plan(source, a)
			}
			p.keys = append(p.keys, key)
			if err := part(entry.AsMapEntry().Value()); err != nil {
				return nil, err
			}
		}
		return &p, nil
	case ast.ListKind:
		for _, elem := range e.AsList().Elements() {
			if err := part(elem); err != nil {
				return nil, err
			}
		}
		return &p, nil
	}
	return l.plan(source, a)
}

func constString(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}

func (l *language) compile(source string) (*cel.Ast, error) {
	a, iss := l.env.Compile(source)
	if iss == nil || iss.Err() == nil {
		return a, nil
	}
	var said []string
	for _, e := range iss.Errors() {
		said = append(said, fmt.Sprintf("%s (line %d, column %d of the expression)", e.Message, e.Location.Line(), e.Location.Column()+1))
	}
	return nil, errors.New(strings.Join(said, "; "))
}

func (l *language) plan(source string, a *cel.Ast) (*program, error) {
	leaf, err := l.env.Program(a, cel.CostLimit(costLimit), cel.CustomDecoratorV2(careful))
	if err != nil {
		return nil, fmt.Errorf("planning: %w", err)
	}
	p := &program{source: source, leaf: leaf}
	ast.PreOrderVisit(a.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.IdentKind {
			p.reads = append(p.reads, e.AsIdent())
		}
	}))
	return p, nil
}

// A result is what an expression gave: a value, or the causes that keep it
// unknown, or a problem. Exactly one of them.
type result struct {
	Value   any
	Unknown []string // sorted
	Problem string
}

// eval evaluates over plain data by variable.
func (p *program) eval(vars map[string]any) result {
	if p.leaf == nil {
		return p.evalParts(vars)
	}
	in := make(map[string]any, len(vars))
	for k, v := range vars {
		in[k] = toCEL(v)
	}
	v, _, err := p.leaf.Eval(in)
	return outcome(v, err)
}

func (p *program) evalParts(vars map[string]any) result {
	shown := func(i int) any {
		r := p.parts[i].eval(vars)
		switch {
		case r.Problem != "":
			return r.Problem
		case r.Unknown != nil:
			return notAnswered(r.Unknown...)
		}
		return r.Value
	}
	if p.keys == nil {
		list := make([]any, len(p.parts))
		for i := range list {
			list[i] = shown(i)
		}
		return result{Value: list}
	}
	object := make(map[string]any, len(p.keys))
	for i, k := range p.keys {
		object[k] = shown(i)
	}
	return result{Value: object}
}

func outcome(v ref.Val, err error) result {
	if err != nil {
		return result{Problem: problem(err.Error())}
	}
	if u, ok := v.(*types.Unknown); ok {
		return result{Unknown: causes(u)}
	}
	if e, ok := v.(*types.Err); ok {
		return result{Problem: problem(e.Error())}
	}
	return result{Value: fromCEL(v)}
}

// noSuchKey begins what is said of a field that is not there.
const noSuchKey = "the answer holds no"

// problem says in our words why an expression could not be evaluated.
func problem(err string) string {
	switch {
	case strings.HasPrefix(err, "no such key: "):
		return fmt.Sprintf(noSuchKey+" %s, and nothing says why", strings.TrimPrefix(err, "no such key: "))
	case strings.Contains(err, "cost limit exceeded"):
		return "the check costs more than one evaluation may"
	}
	return "the check could not be evaluated: " + err
}

// causes lists what keeps u unknown, sorted, each once.
func causes(u *types.Unknown) []string {
	var out []string
	for _, id := range u.IDs() {
		trails, _ := u.GetAttributeTrails(id)
		for _, t := range trails {
			out = append(out, t.Variable())
		}
	}
	sort.Strings(out)
	return slices.Compact(out)
}
