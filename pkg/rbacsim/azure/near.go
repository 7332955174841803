package azure

import (
	"maps"
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
)

// NearestActions returns up to three actions that known roles name and that are nearly
// spelt as the given one, nearest first, as roles write them.
func (a *Authorizer) NearestActions(action string) []string {
	all := map[string]string{} // as written, by lower case
	for _, roles := range [][]*role{builtinRoles(), a.sortedRoles()} {
		for _, r := range roles {
			r.names(all)
		}
	}
	namespace, _, _ := strings.Cut(lower(action), "/")
	var near, related []string
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if nearBySegment(key, lower(action)) {
			near = append(near, all[key])
		}
		if strings.HasPrefix(key, namespace+"/") {
			related = append(related, all[key])
		}
	}
	if len(near) > 0 {
		return suggest.Nearest(action, near)
	}
	return suggest.Nearest(action, related)
}

// names adds the actions that the role names without a star.
func (r *role) names(all map[string]string) {
	for i := range r.permissions {
		for _, side := range r.permissions[i].planes {
			for _, p := range slices.Concat(side.allow.list, side.except.list) {
				if text := p.String(); !strings.Contains(text, "*") && all[lower(text)] == "" {
					all[lower(text)] = text
				}
			}
		}
	}
}

// nearBySegment reports whether two actions differ in one segment only, and there by
// little.
func nearBySegment(x, y string) bool {
	a, b := strings.Split(x, "/"), strings.Split(y, "/")
	if len(a) != len(b) {
		return false
	}
	at := -1
	for i := range a {
		switch {
		case a[i] == b[i]:
		case at >= 0:
			return false
		default:
			at = i
		}
	}
	return at >= 0 && suggest.Nearest(b[at], a[at:at+1]) != nil
}
