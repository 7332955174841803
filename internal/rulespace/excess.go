package rulespace

import (
	"slices"
	"strings"
)

// Excess is a box of requests, those with a value of each set: for resources,
// or for URLs if Paths is set.
type Excess struct {
	Verbs                    Set
	Groups, Resources, Names Set
	Namespaces               Set // All is what a cluster-wide grant covers
	Paths                    Set
	nonResource              bool
}

// Set is what a box has on an axis.
type Set struct {
	All    bool     // every value, but those of But
	Values []string // if not All: these, but those of But
	But    []string // exceptions; with Values these are patterns, and so are some of But
}

// Contains reports whether the request is in the box. A resource with two
// slashes is taken to be there however it is taken apart.
func (e Excess) Contains(r Request) bool {
	equal := func(value string) func(string) bool { return func(v string) bool { return v == value } }
	if !e.Verbs.has(equal(r.Verb)) {
		return false
	}
	if r.NonResource {
		return e.Paths.has(func(pattern string) bool { return matchesPath(pattern, r.Path) })
	}
	return e.Groups.has(equal(r.Group)) && e.Names.has(equal(r.Name)) && e.Namespaces.has(equal(r.Namespace)) &&
		e.Resources.has(func(pattern string) bool { return matchesResource(pattern, r.Resource, r.Subresource) })
}

func (s Set) has(match func(string) bool) bool {
	return (s.All || slices.ContainsFunc(s.Values, match)) && !slices.ContainsFunc(s.But, match)
}

// String returns the box for people: "get, list secrets in namespace data".
func (e Excess) String() string {
	verbs := e.Verbs.list("any verb") + " "
	if e.Verbs.All {
		verbs += "on "
	}
	if e.nonResource {
		return verbs + e.Paths.list("any URL")
	}
	s := verbs + e.Resources.list("any resource")
	switch groups := e.Groups; {
	case groups.All:
		s += " of " + groups.list("any group")
	case len(groups.Values) > 1:
		s += " of " + groups.list("")
	case groups.Values[0] != "" && !e.Resources.All && len(e.Resources.Values) == 1 && len(e.Resources.But) == 0:
		s = verbs + inGroup(e.Resources.Values[0], groups.Values[0])
	case groups.Values[0] != "":
		s += " of " + groups.Values[0]
	}
	switch names := e.Names; {
	case !names.All:
		s += " named " + names.list("")
	case len(names.But) > 0:
		s += " not named " + enumerate(names.But)
	}
	switch namespaces := e.Namespaces; {
	case !namespaces.All:
		s += " in " + plural(namespaces.Values)
	case len(namespaces.But) > 0:
		s += " everywhere but in " + plural(namespaces.But)
	default:
		s += " cluster-wide"
	}
	return s
}

// inGroup writes a resource with its group: deployments.apps/scale.
func inGroup(resource, group string) string {
	resource, sub, slash := strings.Cut(resource, "/")
	if slash {
		sub = "/" + sub
	}
	return resource + "." + group + sub
}

func plural(namespaces []string) string {
	if len(namespaces) == 1 {
		return "namespace " + namespaces[0]
	}
	return "namespaces " + enumerate(namespaces)
}

func (s Set) list(all string) string {
	text := all
	if !s.All {
		text = enumerate(s.Values)
	}
	if len(s.But) > 0 {
		text += " but " + enumerate(s.But)
	}
	return text
}

func enumerate(values []string) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = word(v)
	}
	return strings.Join(out, ", ")
}
