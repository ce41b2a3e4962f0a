package envoy

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"net/url"
	"slices"
	"sort"
	"strings"
	"sync"
)

// A Source is what one source of AWS is called and needs, known without a client.
type Source struct {
	Name    string   `json:"source"`  // "kms/key"
	Asked   string   `json:"asked"`   // regional, global, organisation or everywhere
	Actions []string `json:"actions"` // the IAM actions its questions need
	// On limits an action to resources; one that is not here is for every resource.
	On map[string][]string `json:"on,omitempty"`
	// Keeps is what AWS deletes of its answers, and when.
	Keeps Retention `json:"keeps,omitzero"`
}

// written is made from the services' own declarations by a test of collect/aws, so
// that the names and actions are there without starting what can ask.
//
//go:embed sources.jsonl
var written []byte

// Sources lists every source of AWS, in the order they are asked.
func Sources() []Source { return slices.Clone(sources()) }

var sources = sync.OnceValue(func() []Source {
	var out []Source
	for line := range bytes.Lines(written) {
		var s Source
		if err := json.Unmarshal(line, &s); err != nil { // a test wrote it, and a test reads it
			panic(err)
		}
		out = append(out, s)
	}
	return out
})

// Matches reports whether a pattern ("", "*", "kms/*", "kms", "kms/key") names a source.
func Matches(pattern, source string) bool {
	if pattern == "" || pattern == "*" || pattern == source {
		return true
	}
	pattern = strings.TrimSuffix(pattern, "/*")
	return len(source) > len(pattern) && source[:len(pattern)] == pattern && source[len(pattern)] == '/'
}

// Beside reports whether a source is no answer of AWS's: git's, and what the code
// host says beside it.
func Beside(source string) bool {
	return strings.HasPrefix(source, "git/") || strings.HasPrefix(source, "forge/")
}

// A Grant is IAM actions and the resources they are needed on.
type Grant struct {
	Actions   []string // sorted
	Resources []string // ARNs of the partition aws, or "*"
}

// Grants are what the sources whose names match only need, and nothing else; all
// sources when only is empty. The first grant is that on every resource.
func Grants(only []string) []Grant {
	sources := Sources()
	if len(only) > 0 {
		sources = slices.DeleteFunc(sources, func(s Source) bool {
			return !slices.ContainsFunc(only, func(o string) bool { return Matches(o, s.Name) })
		})
	}
	return GrantsOf(sources)
}

// GrantsOf are what sources need together, and who one is.
func GrantsOf(sources []Source) []Grant {
	on := map[string][]string{} // the resources, joined -> actions
	add := func(action string, resources []string) {
		k := strings.Join(resources, "\x00")
		if !slices.Contains(on[k], action) {
			on[k] = append(on[k], action)
		}
	}
	add("sts:GetCallerIdentity", []string{"*"})
	for _, s := range sources {
		for _, a := range s.Actions {
			resources := slices.Sorted(slices.Values(s.On[a]))
			if len(resources) == 0 {
				resources = []string{"*"}
			}
			add(a, resources)
		}
	}
	var out []Grant
	for k, actions := range on {
		sort.Strings(actions)
		out = append(out, Grant{Actions: actions, Resources: strings.Split(k, "\x00")})
	}
	slices.SortFunc(out, func(a, b Grant) int {
		return cmp.Or(cmp.Compare(b.rank(), a.rank()), slices.Compare(a.Actions, b.Actions), slices.Compare(a.Resources, b.Resources))
	})
	return out
}

func (g Grant) rank() int {
	if g.Resources[0] == "*" {
		return 1
	}
	return 0
}

// Native reports whether an endpoint is one of AWS's own.
func Native(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "https" {
		return endpoint == "" // no answer, no endpoint
	}
	for _, s := range []string{".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws", ".api.amazonwebservices.com.cn"} {
		if strings.HasSuffix(u.Hostname(), s) {
			return true
		}
	}
	return false
}

// A Lack is what the identity of one account may not do of all that a run asks.
type Lack struct {
	Account string   `json:"account"`
	ARN     string   `json:"arn,omitempty"`     // whose permissions were looked at; "" when the account could not be entered
	Actions []string `json:"actions,omitempty"` // what is missing, sorted; ", denied by an organization's policy" stands behind such
	Reason  string   `json:"reason,omitempty"`  // why it is not known; "" when it is
}
