package control

import (
	"fmt"
	"slices"
	"strings"

	"exhibit/evidence/review"
)

// grants knows the policies behind users, roles and permission sets, and which of
// them make somebody privileged: one that allows everything, or opens one of the
// ways to give oneself more (escalationPaths). Conditions are not weighed.
type grants struct {
	users, groups, roles map[string]Located // by account/name, roles by ARN
	policies             map[string]Located // by ARN
	byName               map[string]Located // own policies, by account/name
	sets                 map[string]Located
	known                map[string]string // what makes a policy privileged, by ARN; "" for nothing
}

func newGrants(w *world) *grants {
	g := &grants{users: map[string]Located{}, groups: map[string]Located{}, roles: map[string]Located{}, policies: map[string]Located{}, byName: map[string]Located{}, sets: map[string]Located{}, known: map[string]string{}}
	index := func(source, key string, into map[string]Located) {
		for _, it := range w.items(source) {
			if v, _ := field(it, authorizationDetails, key); v != nil {
				into[it.Account+"/"+fmt.Sprint(v)] = it
			}
		}
	}
	index("iam/user", "UserName", g.users)
	index("iam/group", "GroupName", g.groups)
	index("iam/policy", "PolicyName", g.byName)
	for _, it := range w.items("iam/policy") {
		g.policies[it.ID] = it
	}
	for _, it := range w.items("sso/permission-set") {
		g.sets[it.ID] = it
	}
	return g
}

// powerful are AWS's own policies that are known by name, where no account holds
// their text.
var powerful = [...]string{"AdministratorAccess", "PowerUserAccess", "IAMFullAccess"}

// of collects what one holder has.
type holding struct {
	names      []string
	privileged []string
	unknown    []string
}

func (h *holding) done() ([]string, []review.Flag, []string) {
	slices.Sort(h.names)
	slices.Sort(h.unknown)
	h.names, h.unknown = slices.Compact(h.names), slices.Compact(h.unknown)
	if len(h.privileged) == 0 {
		return h.names, nil, h.unknown
	}
	slices.Sort(h.privileged)
	return h.names, []review.Flag{{Flag: review.Privileged, Says: "privileged: " + strings.Join(slices.Compact(h.privileged), ", ")}}, h.unknown
}

func (g *grants) user(account, name string) ([]string, []review.Flag, []string) {
	var h holding
	it, ok := g.users[account+"/"+name]
	if !ok {
		h.unknown = append(h.unknown, "which policies the user has")
		return h.done()
	}
	g.hold(&h, it, "")
	v, _ := field(it, authorizationDetails)
	for _, group := range written(fieldsOf(v)).texts("GroupList") {
		if of, ok := g.groups[account+"/"+group]; ok {
			g.hold(&h, of, "group "+group)
		} else {
			h.unknown = append(h.unknown, "which policies the group "+group+" has")
		}
	}
	return h.done()
}

func (g *grants) role(it Located) ([]string, []review.Flag, []string) {
	var h holding
	g.hold(&h, it, "")
	return h.done()
}

// hold adds the policies of a user, group or role.
func (g *grants) hold(h *holding, it Located, by string) {
	v, known := field(it, authorizationDetails)
	if !known {
		h.unknown = append(h.unknown, "which policies "+it.ID+" has")
		return
	}
	details := fieldsOf(v)
	attached, _ := details["AttachedManagedPolicies"].([]any)
	for _, p := range attached {
		p := written(fieldsOf(p))
		g.managed(h, p.text("PolicyArn"), p.text("PolicyName"), by)
	}
	documents, cause, err := policyDocuments(details)
	if cause != "" || err != nil {
		h.unknown = append(h.unknown, "the policies written into "+it.ID)
	}
	for _, d := range documents {
		h.names = append(h.names, bracketed(d.policy, "inline", by))
		if why := d.privileged(); why != "" {
			h.privileged = append(h.privileged, d.policy)
		}
	}
}

func bracketed(name string, in ...string) string {
	in = slices.DeleteFunc(in, func(s string) bool { return s == "" })
	if len(in) == 0 {
		return name
	}
	return name + " (" + strings.Join(in, ", ") + ")"
}

func (g *grants) managed(h *holding, arn, name, by string) {
	h.names = append(h.names, bracketed(name, by))
	aws := strings.Contains(arn, ":iam::aws:")
	it, there := g.policies[arn]
	switch {
	case aws && slices.Contains(powerful[:], name):
		h.privileged = append(h.privileged, bracketed(name, by))
		return
	case !there && aws:
		return
	case !there:
		h.unknown = append(h.unknown, "what the policy "+name+" allows")
		return
	}
	why, judged := g.known[arn]
	if !judged {
		v, _ := field(it, authorizationDetails)
		documents, cause, err := policyDocuments(fieldsOf(v))
		if cause != "" || err != nil {
			h.unknown = append(h.unknown, "what the policy "+name+" allows")
			return
		}
		for _, d := range documents {
			why += d.privileged()
		}
		g.known[arn] = why
	}
	if why != "" {
		h.privileged = append(h.privileged, bracketed(name, by))
	}
}

// privileged says what makes a document privileged; "" for nothing.
func (d policyDocument) privileged() string {
	for _, s := range d.statements {
		if s["Effect"] == "Allow" && allActions(s) && allResources(s) {
			return "allows everything"
		}
	}
	for _, path := range escalationPaths {
		if !slices.ContainsFunc(path, func(action string) bool { return !d.allows(action) }) {
			return strings.Join(path, " + ")
		}
	}
	return ""
}

// set is a permission set as it stands in an account.
func (g *grants) set(arn, account string) (name string, names []string, privileged []review.Flag, unknown []string) {
	var h holding
	it, ok := g.sets[arn]
	if !ok {
		return arn[strings.LastIndexByte(arn, '/')+1:], nil, nil, []string{"what the permission set holds"}
	}
	v, _ := field(it, "DescribePermissionSet", "PermissionSet", "Name")
	name, _ = v.(string)
	if name == "" {
		name = arn[strings.LastIndexByte(arn, '/')+1:]
	}
	managed, answered := field(it, "ListManagedPoliciesInPermissionSet", "AttachedManagedPolicies")
	if !answered {
		h.unknown = append(h.unknown, "which policies the permission set holds")
	}
	list, _ := managed.([]any)
	for _, p := range list {
		p := written(fieldsOf(p))
		g.managed(&h, p.text("Arn"), p.text("Name"), "")
	}
	own, _ := field(it, "ListCustomerManagedPolicyReferencesInPermissionSet", "CustomerManagedPolicyReferences")
	list, _ = own.([]any)
	for _, p := range list {
		n := written(fieldsOf(p)).text("Name")
		if of, ok := g.byName[account+"/"+n]; ok {
			g.managed(&h, of.ID, n, "")
		} else {
			h.names, h.unknown = append(h.names, n), append(h.unknown, "what the policy "+n+" allows")
		}
	}
	inline, answered := field(it, "GetInlinePolicyForPermissionSet", "InlinePolicy")
	if !answered {
		h.unknown = append(h.unknown, "the policy written into the permission set")
	} else if text, _ := inline.(string); text != "" || fieldsOf(inline)["Statement"] != nil {
		h.names = append(h.names, "inline policy")
		s, err := statements(inline)
		if err != nil {
			h.unknown = append(h.unknown, "the policy written into the permission set")
		}
		d := policyDocument{policy: "inline policy"}
		for _, one := range s {
			d.statements = append(d.statements, one.(map[string]any))
		}
		if d.privileged() != "" {
			h.privileged = append(h.privileged, d.policy)
		}
	}
	names, privileged, unknown = h.done()
	return name, names, privileged, unknown
}
