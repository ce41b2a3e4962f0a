package control

import (
	"fmt"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// helpers are our functions in the language. They are few: each exists because a
// check without it would be wrong or unreadable.
func helpers() []cel.EnvOption {
	return []cel.EnvOption{
		// unknown(cause): what a check gives where the answer itself says that it does not know.
		cel.Function("unknown", cel.Overload("unknown_string", []*cel.Type{cel.StringType}, cel.DynType,
			cel.UnaryBinding(func(cause ref.Val) ref.Val {
				return call(func(a []any) (any, error) { return unanswered{fmt.Sprint(a[0])}, nil }, cause)
			}))),
		// statements(document): the statements of an IAM policy document, normalised.
		cel.Function("statements", cel.Overload("statements_dyn", []*cel.Type{cel.DynType}, cel.ListType(cel.DynType),
			cel.UnaryBinding(func(doc ref.Val) ref.Val {
				return call(func(a []any) (any, error) { return statements(a[0]) }, doc)
			}))),
		// allActions(statement), allResources(statement): whether a statement names every
		// action, and every resource, of whatever account. A statement of statements().
		cel.Function("allActions", cel.Overload("all_actions_dyn", []*cel.Type{cel.DynType}, cel.BoolType, cel.UnaryBinding(func(s ref.Val) ref.Val {
			return call(func(a []any) (any, error) { return allActions(fieldsOf(a[0])), nil }, s)
		}))),
		cel.Function("allResources", cel.Overload("all_resources_dyn", []*cel.Type{cel.DynType}, cel.BoolType, cel.UnaryBinding(func(s ref.Val) ref.Val {
			return call(func(a []any) (any, error) { return allResources(fieldsOf(a[0])), nil }, s)
		}))),
		// allowsAnyone(statement): whether a statement of a resource's policy lets everyone
		// do something, and no condition binds who. A statement of statements().
		cel.Function("allowsAnyone", cel.Overload("allows_anyone_dyn", []*cel.Type{cel.DynType}, cel.BoolType, cel.UnaryBinding(func(s ref.Val) ref.Val {
			return call(func(a []any) (any, error) { return allowsAnyone(fieldsOf(a[0])), nil }, s)
		}))),
		// wholeServices(statement): what of its actions is every action of a service.
		cel.Function("wholeServices", cel.Overload("whole_services_dyn", []*cel.Type{cel.DynType}, cel.ListType(cel.DynType), cel.UnaryBinding(func(s ref.Val) ref.Val {
			return call(func(a []any) (any, error) { return wholeServices(fieldsOf(a[0])), nil }, s)
		}))),
		// permits(statement, action): whether it allows the action, on whatever it is about.
		cel.Function("permits", cel.Overload("permits_dyn_string", []*cel.Type{cel.DynType, cel.StringType}, cel.BoolType, cel.BinaryBinding(func(s, action ref.Val) ref.Val {
			return call(func(a []any) (any, error) { return permits(fieldsOf(a[0]), fmt.Sprint(a[1])), nil }, s, action)
		}))),
		// allActionsOf(statement, service): whether it names every action of the service.
		cel.Function("allActionsOf", cel.Overload("all_actions_of_dyn_string", []*cel.Type{cel.DynType, cel.StringType}, cel.BoolType, cel.BinaryBinding(func(s, service ref.Val) ref.Val {
			return call(func(a []any) (any, error) { return allActionsOf(fieldsOf(a[0]), fmt.Sprint(a[1])), nil }, s, service)
		}))),
		// forbids(document, action, resource): whether a resource's policy denies it to
		// everyone without a condition. requiresTLS(document, bucket): whether it denies
		// everyone everything without TLS.
		cel.Function("forbids", cel.Overload("forbids_dyn_string_string", []*cel.Type{cel.DynType, cel.StringType, cel.StringType}, cel.BoolType, cel.FunctionBinding(func(a ...ref.Val) ref.Val {
			return call(func(a []any) (any, error) { return forbids(a[0], fmt.Sprint(a[1]), fmt.Sprint(a[2])) }, a...)
		}))),
		cel.Function("requiresTLS", cel.Overload("requires_tls_dyn_string", []*cel.Type{cel.DynType, cel.StringType}, cel.BoolType, cel.BinaryBinding(func(doc, bucket ref.Val) ref.Val {
			return call(func(a []any) (any, error) { return requiresTLS(a[0], fmt.Sprint(a[1])) }, doc, bucket)
		}))),
		// accounts(statement): the accounts whose principals it names, * for everybody.
		cel.Function("accounts", cel.Overload("accounts_dyn", []*cel.Type{cel.DynType}, cel.ListType(cel.DynType), cel.UnaryBinding(func(s ref.Val) ref.Val {
			return call(func(a []any) (any, error) { return accounts(fieldsOf(a[0])) }, s)
		}))),
		// granted(details), escalations(details): the statements that allow something, and
		// the known ways to more than was given, in what IAM says of a policy, user, group or role.
		cel.Function("granted", cel.Overload("granted_dyn", []*cel.Type{cel.DynType}, cel.ListType(cel.DynType), cel.UnaryBinding(func(details ref.Val) ref.Val {
			return call(func(a []any) (any, error) { return granted(a[0]) }, details)
		}))),
		cel.Function("escalations", cel.Overload("escalations_dyn", []*cel.Type{cel.DynType}, cel.ListType(cel.DynType), cel.UnaryBinding(func(details ref.Val) ref.Val {
			return call(func(a []any) (any, error) { return escalations(a[0]) }, details)
		}))),
		// keepsObjects(selectors, "read" or "write"): whether a trail's selectors keep such
		// events on the objects of all buckets.
		cel.Function("keepsObjects", cel.Overload("keeps_objects_dyn_string", []*cel.Type{cel.DynType, cel.StringType}, cel.BoolType, cel.BinaryBinding(func(selectors, kind ref.Val) ref.Val {
			return call(func(a []any) (any, error) { return keepsObjects(a[0], fmt.Sprint(a[1])) }, selectors, kind)
		}))),
		// named(items, id), named(items, id, account): whether an item is called that, in
		// that account; what exists() would say, for lists of thousands.
		cel.Function("named",
			cel.Overload("named_dyn_string", []*cel.Type{cel.DynType, cel.StringType}, cel.BoolType, cel.BinaryBinding(func(items, id ref.Val) ref.Val {
				return named(items, id, nil)
			})),
			cel.Overload("named_dyn_string_string", []*cel.Type{cel.DynType, cel.StringType, cel.StringType}, cel.BoolType, cel.FunctionBinding(func(a ...ref.Val) ref.Val {
				return named(a[0], a[1], a[2])
			}))),
		// called(items, id): the items called that: one, or none. Where none is and one of
		// them is unknown, it may be that.
		cel.Function("called", cel.Overload("called_dyn_string", []*cel.Type{cel.DynType, cel.StringType}, cel.ListType(cel.DynType), cel.BinaryBinding(called))),
		// bucketNamed(buckets, name): the bucket called that, in a list.
		cel.Function("bucketNamed", cel.Overload("bucket_named_dyn_string", []*cel.Type{cel.DynType, cel.StringType}, cel.ListType(cel.DynType), cel.BinaryBinding(bucketNamed))),
		// denies(document, action): whether a policy denies an action to everyone, on every
		// resource and without a condition.
		cel.Function("denies", cel.Overload("denies_dyn_string", []*cel.Type{cel.DynType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(doc, action ref.Val) ref.Val {
				return call(func(a []any) (any, error) { return denies(a[0], fmt.Sprint(a[1])) }, doc, action)
			}))),
		// daily(schedule): whether a cron or rate expression comes round on every day.
		cel.Function("daily", cel.Overload("daily_string", []*cel.Type{cel.StringType}, cel.BoolType,
			cel.UnaryBinding(func(schedule ref.Val) ref.Val {
				return call(func(a []any) (any, error) { return daily(fmt.Sprint(a[0])) }, schedule)
			}))),
		// where(items, path, text): those of a list that hold a text at a path, such as
		// "DescribeSnapshots.VolumeId"; what filter() would say, for lists of thousands.
		cel.Function("where", cel.Overload("where_dyn_string_string", []*cel.Type{cel.DynType, cel.StringType, cel.StringType}, cel.ListType(cel.DynType),
			cel.FunctionBinding(func(a ...ref.Val) ref.Val { return where(a[0], a[1], a[2]) }))),
		// arn(item, service, resource): the ARN of what AWS names by its id alone.
		cel.Function("arn", cel.Overload("arn_dyn_string_string", []*cel.Type{cel.DynType, cel.StringType, cel.StringType}, cel.StringType,
			cel.FunctionBinding(func(a ...ref.Val) ref.Val { return arn(a[0], a[1], a[2]) }))),
		// opensPort(permissions, port): whether IpPermissions let the whole internet reach a TCP port.
		cel.Function("opensPort", cel.Overload("opens_port_dyn_int", []*cel.Type{cel.DynType, cel.IntType}, cel.BoolType,
			cel.BinaryBinding(func(permissions, port ref.Val) ref.Val {
				return call(func(a []any) (any, error) { return opensPortOrUnknown(a[0], a[1].(int64)) }, permissions, port)
			}))),
		// opensAllPorts(permissions): whether one of them lets the whole internet reach every port.
		cel.Function("opensAllPorts", cel.Overload("opens_all_ports_dyn", []*cel.Type{cel.DynType}, cel.BoolType, cel.UnaryBinding(func(permissions ref.Val) ref.Val {
			return call(func(a []any) (any, error) { return opensAllPorts(a[0]) }, permissions)
		}))),
		// wideRanges(permissions, bits): the public ranges they name with a prefix shorter
		// than so many bits, the whole internet left out.
		cel.Function("wideRanges", cel.Overload("wide_ranges_dyn_int", []*cel.Type{cel.DynType, cel.IntType}, cel.ListType(cel.DynType),
			cel.BinaryBinding(func(permissions, bits ref.Val) ref.Val {
				return call(func(a []any) (any, error) { return wideRanges(a[0], a[1].(int64)) }, permissions, bits)
			}))),
		// aclOpensPort(entries, port): whether the rules of a network ACL let the whole
		// internet reach a TCP port, in the order in which they are applied.
		cel.Function("aclOpensPort", cel.Overload("acl_opens_port_dyn_int", []*cel.Type{cel.DynType, cel.IntType}, cel.BoolType,
			cel.BinaryBinding(func(entries, port ref.Val) ref.Val {
				return call(func(a []any) (any, error) { return aclOpensPort(a[0], a[1].(int64)) }, entries, port)
			}))),
		// leadsToInternet(routes): whether a route table has a route to an internet gateway.
		cel.Function("leadsToInternet", cel.Overload("leads_to_internet_dyn", []*cel.Type{cel.DynType}, cel.BoolType, cel.UnaryBinding(func(routes ref.Val) ref.Val {
			return call(func(a []any) (any, error) { return leadsToInternet(a[0]) }, routes)
		}))),
		// catches(pattern, kind): whether an EventBridge pattern matches every event of a kind
		// ("guardduty-high"), whatever else stands in it.
		cel.Function("catches", cel.Overload("catches_dyn_string", []*cel.Type{cel.DynType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(pattern, kind ref.Val) ref.Val {
				return call(func(a []any) (any, error) { return catches(a[0], fmt.Sprint(a[1])) }, pattern, kind)
			}))),
		// dateIn(text): the day a text names, "2026-06-30"; an error where it names none.
		cel.Function("dateIn", cel.Overload("date_in_dyn", []*cel.Type{cel.DynType}, cel.StringType, cel.UnaryBinding(func(text ref.Val) ref.Val {
			return call(func(a []any) (any, error) { return dateIn(a[0]) }, text)
		}))),
		// distinct(list): what a list holds, each once.
		cel.Function("distinct", cel.Overload("distinct_dyn", []*cel.Type{cel.DynType}, cel.ListType(cel.DynType), cel.UnaryBinding(func(list ref.Val) ref.Val {
			return call(func(a []any) (any, error) {
				l, ok := a[0].([]any)
				if !ok {
					return nil, fmt.Errorf("distinct: not a list")
				}
				return distinct(l), nil
			}, list)
		}))),
		// days(from, to): days between the dates of two times, in UTC; negative when to is earlier.
		cel.Function("days", cel.Overload("days_dyn_dyn", []*cel.Type{cel.DynType, cel.DynType}, cel.IntType,
			cel.BinaryBinding(func(from, to ref.Val) ref.Val {
				return call(func(a []any) (any, error) { return days(a[0], a[1]) }, from, to)
			}))),
		// date(time): the day alone, "2026-06-30", for what a check shows.
		cel.Function("date", cel.Overload("date_dyn", []*cel.Type{cel.DynType}, cel.StringType,
			cel.UnaryBinding(func(t ref.Val) ref.Val {
				return call(func(a []any) (any, error) {
					at, err := instant(a[0])
					return at.Format(time.DateOnly), err
				}, t)
			}))),
	}
}

// call runs one of our functions on plain data. An argument with an unknown
// anywhere within makes the whole call unknown.
func call(f func([]any) (any, error), args ...ref.Val) ref.Val {
	var unknown *types.Unknown
	plain := make([]any, len(args))
	for i, a := range args {
		unknown = types.MergeUnknowns(unknown, within(a))
		plain[i] = fromCEL(a)
	}
	if unknown != nil {
		return unknown
	}
	v, err := f(plain)
	if err != nil {
		return types.WrapErr(err)
	}
	return toCEL(v)
}

// named looks for an item by id, and by account where that is given. An element
// that is unknown may be it.
func named(items, id, account ref.Val) ref.Val {
	list, ok := items.(traits.Lister)
	if !ok {
		return types.NewErr("named: not a list of items")
	}
	want, _ := id.(types.String)
	of, inOne := account.(types.String)
	found := search(list, string(want), func(have *questions) bool {
		return have.id == string(want) && (!inOne || have.account == string(of))
	})
	gives := ref.Val(types.False)
	switch {
	case len(found) == 0:
	case !types.IsUnknown(found[0]):
		gives = types.True
	default:
		gives = found[0]
	}
	looked(list, lookup{what: "named", text: string(want), account: string(of), inOne: inOne}, gives)
	return gives
}

// called looks for items by id, as named does.
func called(items, id ref.Val) ref.Val {
	want, _ := id.(types.String)
	return whose(items, lookup{what: "called", text: string(want)}, string(want), func(have *questions) bool { return have.id == string(want) })
}

// bucketNamed looks for a bucket by its name, which is its own in all accounts.
func bucketNamed(buckets, name ref.Val) ref.Val {
	want, ok := name.(types.String)
	if !ok {
		return types.NewErr("bucketNamed: not a name")
	}
	return whose(buckets, lookup{what: "bucketNamed", text: string(want)}, "", func(have *questions) bool { return strings.HasSuffix(have.id, ":s3:::"+string(want)) })
}

// whose are the items of which is says so, or what may be one where none is.
func whose(items ref.Val, l lookup, id string, is func(*questions) bool) ref.Val {
	list, ok := items.(traits.Lister)
	if !ok {
		return types.NewErr("not a list of items")
	}
	found := search(list, id, is)
	looked(list, l, found...)
	if len(found) == 1 && types.IsUnknown(found[0]) {
		return found[0]
	}
	return types.NewRefValList(types.DefaultTypeAdapter, found)
}

// search gives the items of a list of which is says so; where none is, one unknown
// if an element may be one. id is the only id they can have, "" for any.
func search(list traits.Lister, id string, is func(*questions) bool) []ref.Val {
	found := []ref.Val{}
	var unknown *types.Unknown
	look := func(e ref.Val) {
		switch e := e.(type) {
		case *types.Unknown:
			unknown = types.MergeUnknowns(unknown, e)
		case *object:
			if e.of != nil && is(e.of) {
				found = append(found, e)
			}
		}
	}
	if p, shared := list.(*population); shared && id != "" {
		x := indexOf(p, "id")
		for _, e := range x.by[id] {
			look(e)
		}
		for _, e := range x.unsure {
			look(e)
		}
	} else {
		for it := unread(list).Iterator(); it.HasNext() == types.True; {
			look(it.Next())
		}
	}
	if unknown != nil && len(found) == 0 {
		return []ref.Val{unknown}
	}
	return found
}
