package control

import (
	"fmt"
	"strings"
	"sync"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// A population is a list that many evaluations read. It is looked through once
// for each path where() asks about, not once for each item that is judged.
type population struct {
	traits.Lister
	mu      sync.Mutex
	indices map[string]*index // by path
	reads   *reads            // what is read of it; nil when nobody wants to know
	name    string            // the variable
	from    *population       // whose indices it uses; nil for its own
}

// An index is a list, sorted by what stands at a path in its elements.
type index struct {
	by     map[string][]ref.Val
	unsure []ref.Val // one unknown for each element of which it is not known
}

// where gives the elements of a list that hold a text at a path, such as
// "DescribeSnapshots.VolumeId" or "DescribeNetworkInterfaces.Groups[].GroupId";
// "id" is an item's name, and "ResourceArns?[]" may be absent. An element of which it is not known may be one: it is
// an unknown among them, and unknown is what a check makes of it that reads it.
func where(items, path, text ref.Val) ref.Val {
	list, ok := items.(traits.Lister)
	at, isText := path.(types.String)
	want, isWord := text.(types.String)
	if !ok || !isText || !isWord {
		return types.NewErr("where: asks for a list, a path and a text")
	}
	x := indexOf(list, string(at))
	found := x.by[string(want)]
	if len(x.unsure) > 0 {
		found = append(append([]ref.Val{}, found...), x.unsure...)
	}
	looked(list, lookup{what: "where", path: string(at), text: string(want)}, found...)
	return types.NewRefValList(types.DefaultTypeAdapter, found)
}

func indexOf(list traits.Lister, path string) *index {
	p, shared := list.(*population)
	if !shared {
		return newIndex(list, path)
	}
	if p.from != nil {
		p = p.from
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.indices[path] == nil {
		if p.indices == nil {
			p.indices = map[string]*index{}
		}
		p.indices[path] = newIndex(p.Lister, path)
	}
	return p.indices[path]
}

func newIndex(list traits.Lister, path string) *index {
	x := &index{by: map[string][]ref.Val{}}
	for it := list.Iterator(); it.HasNext() == types.True; {
		e := it.Next()
		found, unsure := texts(e, strings.Split(path, "."))
		for text := range found {
			x.by[text] = append(x.by[text], e)
		}
		if unsure != nil {
			x.unsure = append(x.unsure, unsure)
		}
	}
	return x
}

// texts are what stands at a path in one element, each once; unsure is not nil
// where a part of it is not known: not answered, not there, or no text.
func texts(e ref.Val, path []string) (found map[string]bool, unsure *types.Unknown) {
	found = map[string]bool{}
	var walk func(v ref.Val, path []string)
	walk = func(v ref.Val, path []string) {
		switch v := v.(type) {
		case *types.Unknown:
			unsure = types.MergeUnknowns(unsure, v)
			return
		case types.String:
			if len(path) == 0 {
				found[string(v)] = true
				return
			}
		case *object:
			if len(path) > 0 {
				name, list := strings.CutSuffix(path[0], "[]")
				name, mayLack := strings.CutSuffix(name, "?")
				next, ok := v.Find(types.String(name))
				elements, isList := next.(traits.Lister)
				switch {
				case !ok && mayLack && ref.Val(v) != e: // never a whole answer: that one may not have been asked for
					return
				case !ok:
				case list && isList:
					for it := elements.Iterator(); it.HasNext() == types.True; {
						walk(it.Next(), path[1:])
					}
					return
				case !list || types.IsUnknown(next):
					walk(next, path[1:])
					return
				}
			}
		}
		missing := "the end of the path"
		if len(path) > 0 {
			missing = path[0]
		}
		unsure = types.MergeUnknowns(unsure, types.NewUnknown(1, types.NewAttributeTrail(fmt.Sprintf("%s of %s (not in the answer)", missing, nameOf(e)))))
	}
	walk(e, path)
	return found, unsure
}

// nameOf names an element for a cause.
func nameOf(e ref.Val) string {
	if o, ok := e.(*object); ok && o.of != nil && o.of.id != "" {
		return o.of.id
	}
	return "an element"
}

// arn is the ARN of what AWS names by its id alone: a volume, an instance.
func arn(item, service, resource ref.Val) ref.Val {
	o, ok := item.(*object)
	if !ok || o.of == nil {
		return types.NewErr("arn: asks for an item, a service and a resource")
	}
	return types.String(fmt.Sprintf("arn:%s:%s:%s:%s:%s", partition(o.of.region), service.Value(), o.of.region, o.of.account, resource.Value()))
}

// partition is the part of AWS a region belongs to.
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	case strings.HasPrefix(region, "eusc-"):
		return "aws-eusc"
	}
	return "aws"
}
