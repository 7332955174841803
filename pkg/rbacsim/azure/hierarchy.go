package azure

import (
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// hierarchy is what the input tells of management groups: which subscriptions and
// groups are in which (AZ3).
type hierarchy struct {
	known  bool              // there is any such export
	parent map[Scope]Scope   // of groups and subscriptions
	top    map[Scope]bool    // groups that have no parent
	below  map[Scope][]Scope // direct children, ordered
	whole  map[Scope]bool    // groups whose direct children are all known
	torn   map[Scope]bool    // what exports put in two places: one of them is out of date
}

func newHierarchy(cluster *model.Cluster) *hierarchy {
	h := &hierarchy{parent: map[Scope]Scope{}, top: map[Scope]bool{}, below: map[Scope][]Scope{}, whole: map[Scope]bool{}, torn: map[Scope]bool{}}
	link := func(above Scope, id string) {
		child, err := ParseScope(id)
		if err != nil || above == child {
			return
		}
		if old, ok := h.parent[child]; !ok {
			h.parent[child] = above
		} else if old != above {
			h.torn[child] = true
		}
		if !slices.Contains(h.below[above], child) {
			h.below[above] = append(h.below[above], child)
		}
	}
	for o := range model.All[model.ManagementGroup](cluster) {
		h.known = true
		if o.Origin.Doubt() != "" {
			continue // AZ4: of what it says nothing is sure
		}
		s, err := ParseScope(groupID(o.API.ID, o.API.Name))
		if err != nil {
			continue
		}
		h.whole[s] = h.whole[s] || o.API.Expanded
		for _, id := range o.API.Groups {
			link(s, id)
		}
		for _, id := range o.API.Subscriptions {
			link(s, id)
		}
		if id, ok := o.API.ParentID.Get(); ok && id != "" {
			if above, err := ParseScope(groupID(id, id)); err == nil {
				link(above, s.id)
			}
		} else if o.API.ParentID.IsNull() {
			h.top[s] = true
		}
	}
	for s := range h.below {
		slices.SortFunc(h.below[s], Scope.Compare)
	}
	return h
}

// groupID returns the id of a management group, which some exports shorten to its
// name.
func groupID(id, name string) string {
	if strings.HasPrefix(id, "/") {
		return id
	}
	return managementPrefix + name
}

// covers reports whether a management group is a subscription or management group, or
// above it. What an export does not expand may be there (AZ3).
func (h *hierarchy) covers(group, s Scope) match {
	if vague(group) || vague(s) {
		return maybe
	}
	seen := map[Scope]bool{}
	for at := s; !seen[at]; {
		if at == group {
			return yes
		}
		seen[at] = true
		if h.torn[at] {
			return maybe
		}
		above, ok := h.parent[at]
		if !ok {
			if h.top[at] {
				return no // the way to the top is known
			}
			break
		}
		at = above
	}
	if h.lists(group, map[Scope]bool{}) {
		return no
	}
	return maybe
}

// lists reports whether everything below a group is known.
func (h *hierarchy) lists(group Scope, seen map[Scope]bool) bool {
	if seen[group] {
		return true
	}
	seen[group] = true
	if !h.whole[group] {
		return false
	}
	for _, child := range h.below[group] {
		if child.Kind() == ManagementGroup && !h.lists(child, seen) {
			return false
		}
	}
	return true
}

// vague reports whether part of the id hangs on the deployment of a template, as in
// /subscriptions/[subscription().subscriptionId]/….
func vague(s Scope) bool { return strings.ContainsAny(s.id, "[]") }

// mayCover reports whether a scope may cover another if what hangs on a deployment is
// filled in (AZ4). Two that are spelt alike are alike.
func mayCover(s, t Scope) bool {
	switch {
	case s.IsZero() || t.IsZero():
		return false
	case s.Covers(t):
		return true
	}
	rest := t.id
	for segment := range strings.SplitSeq(s.id, "/") {
		var other string
		var more bool
		other, rest, more = strings.Cut(rest, "/")
		open := strings.ContainsAny(segment, "[]") || strings.ContainsAny(other, "[]")
		if segment != other && !open {
			return false
		}
		if !more {
			rest = "\x00" // nothing is equal to it
		}
	}
	return true
}
