package rbacsim

import (
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/rulespace"
)

// Box is a set of requests that people can read: those with a value of each axis.
type Box struct {
	Verbs Axis
	// For resources; empty for URLs.
	Groups, Resources, Names Axis
	// Namespaces is all for what is granted in the whole cluster: across namespaces and
	// outside of them, too.
	Namespaces Axis
	URLs       Axis // for URLs; empty for resources

	box rulespace.Excess
}

// Axis is the values of a box on one axis.
type Axis struct {
	All    bool     // every value but those of But
	Values []string // if not All: these, as rules write them, but those of But
	But    []string // exceptions, as rules write them
}

// Contains reports whether the request is in the box.
func (b Box) Contains(r Request) bool { return b.box.Contains(r.algebraic()) }

// String returns the box for people: get, list secrets in namespace data.
func (b Box) String() string { return b.box.String() }

// TooMuch stands for a difference that is not told as boxes.
const TooMuch = "a wildcard without hundreds of rules, which is too much to list"

// mostExceptions is up to how many rules are taken out of a wildcard: each may cut
// every box in pieces.
const mostExceptions = 300

// boxesWithout returns what one access allows and another does not, as boxes; none if
// they are too many.
func boxesWithout(of, without rulespace.Access) []Box {
	wild, exceptions := false, map[string]bool{}
	for _, g := range of {
		for i := range g.Rules {
			r := &g.Rules[i]
			wild = wild || slices.ContainsFunc(slices.Concat(r.Resources, r.NonResourceURLs), func(w string) bool { return strings.Contains(w, wildcard) })
		}
	}
	for _, g := range without {
		for i := range g.Rules {
			exceptions[g.Namespace+"\x00"+ruleKey(&g.Rules[i])] = true
		}
	}
	if wild && len(exceptions) > mostExceptions {
		return nil
	}
	return boxesOf(AllRequests.space(BuiltinResources()).Minus(of, without))
}

func boxesOf(list []rulespace.Excess) []Box {
	var out []Box
	for _, e := range list {
		out = append(out, Box{
			Verbs: Axis(e.Verbs), Groups: Axis(e.Groups), Resources: Axis(e.Resources), Names: Axis(e.Names),
			Namespaces: Axis(e.Namespaces), URLs: Axis(e.Paths), box: e,
		})
	}
	return out
}
