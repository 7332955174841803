package rbacsim

import (
	"cmp"
	_ "embed" // the table of resources
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/aksim/aksim/internal/suggest"
)

// Resource is one resource that an API server serves.
type Resource struct {
	Group      string // empty for the core group
	Name       string // the plural, as rules name it
	Singular   string
	Kind       string
	ShortNames []string
	Namespaced bool
	// Verbs are the verbs on objects that are served; nil means all.
	Verbs []string
	// Subresources that are known, sorted. Of a resource that only kubectl's list
	// tells of, none is.
	Subresources []string
	// Check is true of what is no resource, but checked as if it was one: users,
	// whom one may impersonate, or signers.
	Check bool
}

// String returns the name with the group, as kubectl writes it: deployments.apps.
func (r Resource) String() string {
	if r.Group == "" {
		return r.Name
	}
	return r.Name + "." + r.Group
}

// Resources are the resources of an API server. It is immutable.
type Resources struct {
	list   []Resource // by group and name
	byName map[[2]string]int
	words  map[string]int // what kubectl takes for one
}

//go:embed resources.txt
var resourcesText string

var readResources = sync.OnceValue(func() *Resources { //nolint:gochecknoglobals // a constant table, read once
	var list []Resource
	group := ""
	for line := range strings.Lines(resourcesText) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
		case line[0] != ' ':
			if group = strings.TrimSuffix(words[0], ":"); group == "core" {
				group = ""
			}
		default:
			list = append(list, builtinResource(group, words))
		}
	}
	return newResources(list)
})

// BuiltinResources returns what an API server of Kubernetes 1.37 serves by itself.
func BuiltinResources() *Resources { return readResources() }

func builtinResource(group string, words []string) Resource {
	r := Resource{Group: group, Name: words[0], Kind: words[1], Singular: strings.ToLower(words[1]), Namespaced: true}
	if words[1] == "check" {
		r.Check, r.Kind, r.Singular = true, "", ""
	}
	for i := 2; i < len(words); i++ {
		switch words[i] {
		case "cluster":
			r.Namespaced = false
			continue
		case "also":
			r.ShortNames = strings.Split(words[i+1], ",")
		case "only":
			r.Verbs = strings.Split(words[i+1], ",")
		case "with":
			r.Subresources = strings.Split(words[i+1], ",")
		default:
			panic("resources.txt: " + words[i])
		}
		i++
	}
	return r
}

// newResources indexes resources; of two of one group and name the later counts.
func newResources(list []Resource) *Resources {
	rs := &Resources{byName: map[[2]string]int{}, words: map[string]int{}}
	at := map[[2]string]int{}
	for _, r := range list {
		key := [2]string{r.Group, r.Name}
		if i, ok := at[key]; ok {
			rs.list[i] = r
			continue
		}
		at[key] = len(rs.list)
		rs.list = append(rs.list, r)
	}
	slices.SortFunc(rs.list, func(a, b Resource) int {
		return cmp.Or(strings.Compare(a.Group, b.Group), strings.Compare(a.Name, b.Name))
	})
	for i, r := range rs.list {
		rs.byName[[2]string{r.Group, r.Name}] = i
	}
	// Where several are called the same, a resource comes before a check, and the
	// first group before others: the core group is the first of all.
	for _, checks := range []bool{false, true} {
		for _, words := range []func(Resource) []string{
			func(r Resource) []string { return []string{r.String(), r.Name} },
			func(r Resource) []string { return []string{r.Singular, r.Singular + "." + r.Group} },
			func(r Resource) []string { return r.ShortNames },
		} {
			for i, r := range rs.list {
				if r.Check != checks {
					continue
				}
				for _, w := range words(r) {
					if _, taken := rs.words[w]; !taken && w != "" {
						rs.words[w] = i
					}
				}
			}
		}
	}
	return rs
}

// All yields the resources by group and name.
func (rs *Resources) All() iter.Seq[Resource] { return slices.Values(rs.list) }

// Get returns a resource by its group and its plural.
func (rs *Resources) Get(group, name string) (Resource, bool) {
	i, ok := rs.byName[[2]string{group, name}]
	if !ok {
		return Resource{}, false
	}
	return rs.list[i], true
}

// Lookup finds a resource by any word that kubectl takes for it: plural, singular
// or short name, each with the group after a dot or without; upper and lower case
// are the same.
func (rs *Resources) Lookup(word string) (Resource, bool) {
	i, ok := rs.words[strings.ToLower(word)]
	if !ok {
		return Resource{}, false
	}
	return rs.list[i], true
}

// With returns the resources with others added, which take the place of those of
// their group and name.
func (rs *Resources) With(more ...Resource) *Resources {
	if len(more) == 0 {
		return rs
	}
	return newResources(slices.Concat(rs.list, more))
}

// clause ends a sentence about a resource that is not known: with the groups that
// have one of the name, else with names that are near.
func (rs *Resources) clause(group, name string) string {
	var elsewhere []string
	var names []string
	for _, r := range rs.list {
		if r.Name == name && r.Group != group {
			elsewhere = append(elsewhere, r.String())
		}
		if r.Group == group || group == "" {
			names = append(names, r.Name)
		}
	}
	switch r, ok := rs.Lookup(name); {
	case len(elsewhere) > 0:
		return ` (did you mean "` + strings.Join(elsewhere, `" or "`) + `"?)`
	case ok && r.Name != name:
		return ` (did you mean "` + r.String() + `"?)`
	}
	return suggest.Clause(name, names)
}

// verbs on objects, which requests have, and on what is checked besides.
func objectVerbs() []string {
	return []string{"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}
}

// specialVerbs are the verbs that the API server itself asks about although no
// request has them; impersonate:MODE and impersonate-on:MODE:VERB come besides.
func specialVerbs() []string {
	return []string{"approve", "attest", "bind", "escalate", "impersonate", "proxy", "request-serviceaccounts-token-audience", "sign", "use"}
}

func isSpecialVerb(verb string) bool {
	return slices.Contains(specialVerbs(), verb) || strings.HasPrefix(verb, "impersonate:") || strings.HasPrefix(verb, "impersonate-on:")
}

// methods are the verbs of requests for URLs (RB13).
func methods() []string {
	return []string{"delete", "get", "head", "options", "patch", "post", "put"}
}

// Warnings yields what is odd about a question, each as a clause for people: verbs,
// resources and subresources that nobody knows. They are asked about all the same,
// since rules may name anything.
func (a *Authorizer) Warnings(r Request) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, w := range a.warnings(r) {
			if !yield(w) {
				return
			}
		}
	}
}

func (a *Authorizer) warnings(r Request) []string {
	if r.NonResource {
		if r.Verb == wildcard || slices.Contains(methods(), r.Verb) {
			return nil
		}
		remedy := suggest.Clause(r.Verb, methods())
		if slices.Contains(objectVerbs(), r.Verb) {
			remedy = ": the verbs there are those of HTTP, such as get"
		}
		return []string{"no request for a URL has the verb " + literal(r.Verb) + remedy}
	}
	var list []string
	if r.Verb != wildcard && !slices.Contains(objectVerbs(), r.Verb) && !isSpecialVerb(r.Verb) {
		list = append(list, "no request is known to have the verb "+literal(r.Verb)+suggest.Clause(r.Verb, slices.Concat(objectVerbs(), specialVerbs())))
	}
	res, known := a.resources.Get(r.Group, r.Resource)
	switch {
	case r.Resource == wildcard:
	case !known:
		list = append(list, "no resource "+Request{Group: r.Group, Resource: r.Resource}.what()+" is known"+a.resources.clause(r.Group, r.Resource))
	case r.Subresource != "" && r.Subresource != wildcard && len(res.Subresources) > 0 && !slices.Contains(res.Subresources, r.Subresource):
		list = append(list, res.String()+" has no subresource "+r.Subresource+suggest.Clause(r.Subresource, res.Subresources))
	}
	return list
}
