package azure

import (
	"maps"
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
)

// NearestActions returns up to three actions that known roles or the catalogue of data
// actions name and that are nearly spelt as the given one, nearest first, as they are
// written there; only the action itself if it is named.
func (a *Authorizer) NearestActions(action string) []string {
	all := map[string]string{} // as written, by lower case
	for id := range DataActions() {
		all[lower(id)] = id
	}
	for _, roles := range [][]*role{builtinRoles(), a.sortedRoles()} {
		for _, r := range roles {
			r.names(all)
		}
	}
	if id, ok := all[lower(action)]; ok {
		return []string{id}
	}
	var near []string
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if nearly(key, lower(action)) {
			near = append(near, all[key])
		}
	}
	return suggest.Nearest(action, near)
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

// nearly reports whether an action is probably meant for another one: it lacks a
// segment or has one too many, or it differs in one only, and there by little. What is
// a common operation is meant as it stands.
func nearly(known, action string) bool {
	a, b := strings.Split(known, "/"), strings.Split(action, "/")
	switch len(a) - len(b) {
	case 1:
		return lacksOne(a, b)
	case -1:
		return lacksOne(b, a)
	case 0:
	default:
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
	if at == len(b)-1 && slices.Contains([]string{"read", "write", "delete", "action"}, b[at]) {
		return false
	}
	return at >= 0 && suggest.Nearest(b[at], a[at:at+1]) != nil
}

// lacksOne reports whether the shorter list is the longer one without one element that
// is neither the first nor the last.
func lacksOne(longer, shorter []string) bool {
	for i := 1; i < len(longer)-1; i++ {
		if slices.Equal(slices.Delete(slices.Clone(longer), i, i+1), shorter) {
			return true
		}
	}
	return false
}
