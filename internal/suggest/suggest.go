// Package suggest answers which known name a misspelt one probably meant.
package suggest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

const most = 3

// Nearest returns up to three candidates that differ from the name by letter
// case alone or by a few edits, nearest first, then by name.
func Nearest(name string, candidates []string) []string {
	type near struct {
		name     string
		distance int
	}
	lower := strings.ToLower(name)
	limit := 1 + len(name)/4 // 1 edit in "app", 3 in "postgres"
	var found []near
	for _, c := range candidates {
		if d := len(c) - len(name); d > limit || -d > limit {
			continue
		}
		if d := levenshtein.ComputeDistance(lower, strings.ToLower(c)); d <= limit {
			found = append(found, near{c, d})
		}
	}
	slices.SortFunc(found, func(a, b near) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), strings.Compare(a.name, b.name))
	})
	found = slices.CompactFunc(found, func(a, b near) bool { return a.name == b.name })
	var names []string
	for _, n := range found[:min(len(found), most)] {
		if n.distance <= found[0].distance+1 {
			names = append(names, n.name)
		}
	}
	return names
}

// Clause returns the nearest candidates as the end of a sentence:
// ` (did you mean "a" or "b"?)`, or nothing where none is near.
func Clause(name string, candidates []string) string {
	near := Nearest(name, candidates)
	if len(near) == 0 {
		return ""
	}
	return ` (did you mean "` + strings.Join(near, `" or "`) + `"?)`
}
