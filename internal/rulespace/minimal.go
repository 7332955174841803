package rulespace

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Minimum is the least access that allows given requests.
type Minimum struct {
	// Access has at most one grant for each scope, the cluster-wide one first
	// and then by namespace. Its rules are ordered by URL before resource, then
	// by group, resource, name, verb.
	Access Access
	Notes  []Note // what could not be expressed exactly, in order of the requests
}

// Note says why rules allow more than a request, or why it is odd.
type Note struct {
	Request Request
	Text    string
}

// Minimal returns rules that allow the requests and, as far as rules can say so,
// no others: see [Exact] for what that means and for the proof.
//
// A request without name is allowed for every name, as everybody writes it,
// though the name "" would be narrower: a list is not narrower by that, and no
// other request reaches an object without its name.
func Minimal(requests []Request) Minimum {
	var m Minimum
	scopes := map[string]map[atom]bool{}
	for _, r := range requests {
		text, expressible := expressible(r)
		if text != "" {
			m.Notes = append(m.Notes, Note{r, text})
		}
		if !expressible {
			continue
		}
		if scopes[r.Namespace] == nil {
			scopes[r.Namespace] = map[atom]bool{}
		}
		scopes[r.Namespace][atomOf(r)] = true
	}
	for _, namespace := range slices.Sorted(maps.Keys(scopes)) {
		atoms := scopes[namespace]
		maps.DeleteFunc(atoms, func(a atom, _ bool) bool {
			everyName := a
			everyName.name, everyName.named = "", false
			return a.named && (atoms[everyName] || scopes[""][everyName]) || namespace != "" && scopes[""][a]
		})
		if len(atoms) > 0 {
			m.Access = append(m.Access, Grant{Namespace: namespace, Rules: merge(slices.Collect(maps.Keys(atoms)))})
		}
	}
	return m
}

// expressible reports whether rules can allow the request without taking a
// value for a wildcard, and says what is noteworthy about it.
func expressible(r Request) (note string, ok bool) {
	wild := func(what string) (string, bool) {
		return "no rule allows " + what + " and nothing else", false
	}
	switch {
	case r.Verb == rbacv1.VerbAll:
		return wild("the verb *")
	case r.NonResource && strings.HasSuffix(r.Path, "*"):
		return wild("a path that ends with a star")
	case r.NonResource:
		return "", true
	case r.Group == rbacv1.APIGroupAll:
		return wild("the group *")
	case r.Resource == rbacv1.ResourceAll, strings.HasPrefix(r.Resource, "*/"):
		return wild("the resource *")
	}
	switch {
	case strings.Contains(r.Resource, "/"):
		return "rules take it for the subresource", true
	case r.Name != "" && r.Verb == "deletecollection":
		return "a request to delete a collection carries no name: the rule will never match", true
	case r.Name != "" && r.Verb == "create" && r.Subresource == "":
		return "a request to create carries no name, except through apply or PUT: the rule matches only these", true
	case r.Name != "" && (r.Verb == "list" || r.Verb == "watch"):
		return "the rule matches only with the field selector metadata.name=" + r.Name, true
	case r.Namespace == "" && (r.Verb == "list" || r.Verb == "watch"):
		return "allowing it across namespaces allows it in each, unless the resource is cluster-scoped", true
	}
	return "", true
}

// atom is the least that a rule can say: one value on each axis.
type atom struct {
	verb, group, resource, name, path string
	named, url                        bool
}

func atomOf(r Request) atom {
	if r.NonResource {
		return atom{verb: r.Verb, path: r.Path, url: true}
	}
	return atom{verb: r.Verb, group: r.Group, resource: combined(r.Resource, r.Subresource), name: r.Name, named: r.Name != ""}
}

// merge joins atoms that differ in one value into a rule with a list, axis by
// axis. The rules share no atom. An atom for every name never meets one for the
// same with a name: that would have been left out.
func merge(atoms []atom) []rbacv1.PolicyRule {
	var rules []rbacv1.PolicyRule
	for _, a := range atoms {
		r := rbacv1.PolicyRule{Verbs: []string{a.verb}}
		if a.url {
			r.NonResourceURLs = []string{a.path}
		} else {
			r.APIGroups, r.Resources = []string{a.group}, []string{a.resource}
		}
		if a.named {
			r.ResourceNames = []string{a.name}
		}
		rules = append(rules, r)
	}
	// Verbs first, then names, resources, groups and URLs: the order in which
	// lists come naturally.
	for _, axis := range []int{0, 3, 2, 1, 4} {
		joined := map[string]*rbacv1.PolicyRule{}
		for _, r := range rules {
			var key strings.Builder
			for other, field := range fields {
				if other == axis {
					continue
				}
				for _, v := range *field.list(&r) {
					key.WriteString(strconv.Quote(v))
				}
				key.WriteByte(';')
			}
			first, ok := joined[key.String()]
			if !ok {
				joined[key.String()] = &r
				continue
			}
			list := fields[axis].list(first)
			*list = append(*list, *fields[axis].list(&r)...)
		}
		rules = rules[:0]
		for _, r := range joined {
			list := fields[axis].list(r)
			slices.SortFunc(*list, usualOrder)
			*list = slices.Compact(*list)
			rules = append(rules, *r)
		}
		slices.SortFunc(rules, compareRules)
	}
	return rules
}

// usualOrder sorts verbs as people list them, and everything else as text.
func usualOrder(a, b string) int {
	rank := func(v string) int {
		if i := slices.Index(usualVerbs, v); i >= 0 {
			return i
		}
		return len(usualVerbs)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a, b))
}

func compareRules(a, b rbacv1.PolicyRule) int {
	return cmp.Or(
		cmp.Compare(len(b.NonResourceURLs), len(a.NonResourceURLs)),
		slices.Compare(a.NonResourceURLs, b.NonResourceURLs),
		slices.Compare(a.APIGroups, b.APIGroups),
		slices.Compare(a.Resources, b.Resources),
		slices.Compare(a.ResourceNames, b.ResourceNames),
		slices.CompareFunc(a.Verbs, b.Verbs, usualOrder),
	)
}
