package actionset

import "slices"

// maxPatterns bounds the patterns, or permissions, of a computed set.
const maxPatterns = 4096

// Has reports whether the permission allows the action in the strict reading,
// which is the one that sets are compared in.
func (p Permission) Has(action string) bool {
	return matched(action, p.Allow) && !matched(action, p.Except)
}

// Has reports whether any of the permissions does.
func (s Set) Has(action string) bool {
	for i := range s {
		if s[i].Has(action) {
			return true
		}
	}
	return false
}

// matched reports whether one of the patterns matches the action strictly.
func matched(action string, patterns []Pattern) bool {
	for i := range patterns {
		if patterns[i].Match(action) == Yes {
			return true
		}
	}
	return false
}

// Empty reports whether the set allows no action at all.
func (s Set) Empty() bool {
	for _, p := range s {
		for _, a := range p.Allow {
			if a.folded != "" && !contained(a, p.Except) {
				return false
			}
		}
	}
	return true
}

// Intersect returns the actions that are in both sets. ok is false, and the
// result of no use, if it takes too many patterns (see Pattern.Intersect).
func (s Set) Intersect(t Set) (both Set, ok bool) {
	for i := range s {
		for j := range t {
			allow, ok := intersect(s[i].Allow, t[j].Allow)
			if !ok {
				return nil, false
			}
			both = both.with(allow, s[i].Except, t[j].Except)
		}
	}
	return both, len(both) <= maxPatterns
}

// Minus returns the actions that are in s and not in t. ok is false, and the
// result of no use, if it takes too many patterns.
func (s Set) Minus(t Set) (rest Set, ok bool) {
	rest = s.Minimal()
	for j := range t {
		var next Set
		for _, p := range rest {
			// What t's permission does not match, and what it excepts.
			next = next.with(p.Allow, p.Except, t[j].Allow)
			allow, ok := intersect(p.Allow, t[j].Except)
			if !ok {
				return nil, false
			}
			next = next.with(allow, p.Except, nil)
		}
		if rest = next; len(rest) > maxPatterns {
			return nil, false
		}
	}
	return rest, true
}

// with appends what allow matches and neither of the others does, if that is
// anything.
func (s Set) with(allow, except, more []Pattern) Set {
	p := Permission{Allow: allow, Except: slices.Concat(except, more)}.Minimal()
	if len(p.Allow) == 0 {
		return s
	}
	return append(s, p)
}

// intersect returns what some pattern of each list matches.
func intersect(some, others []Pattern) ([]Pattern, bool) {
	var all []Pattern
	for i := range some {
		for j := range others {
			if !some[i].Overlaps(others[j]) {
				continue
			}
			parts, ok := some[i].Intersect(others[j])
			if all = append(all, parts...); !ok || len(all) > maxPatterns {
				return nil, false
			}
		}
	}
	return Minimal(all), true
}

// Minimal returns the same permission without the patterns that make no
// difference in it: contained in another of their list, excepted altogether, or
// excepting nothing that is allowed.
func (p Permission) Minimal() Permission {
	except := Minimal(p.Except)
	allow := slices.DeleteFunc(Minimal(p.Allow), func(a Pattern) bool { return a.folded == "" || contained(a, except) })
	except = slices.DeleteFunc(except, func(e Pattern) bool { return !slices.ContainsFunc(allow, e.Overlaps) })
	return Permission{Allow: allow, Except: except}
}

// Minimal returns the same set with its permissions minimal and those left out
// that allow nothing. Permissions are not held against each other: see
// Redundant.
func (s Set) Minimal() Set {
	var kept Set
	for _, p := range s {
		kept = kept.with(p.Allow, p.Except, nil)
	}
	return kept
}

// Place is where a pattern stands in a set: the permission and its place in
// Allow.
type Place struct{ Permission, Allow int }

// Redundant returns the places of patterns that can all be taken away and leave
// the same set, in their order. Of two that make up for each other it is the
// later one that goes.
func (s Set) Redundant() []Place {
	rest := make(Set, len(s))
	for i, p := range s {
		rest[i] = Permission{Allow: slices.Clone(p.Allow), Except: p.Except}
	}
	var places []Place
	for i, p := range slices.Backward(rest) {
		for a, pattern := range slices.Backward(p.Allow) {
			rest[i].Allow = slices.Delete(slices.Clone(rest[i].Allow), a, a+1)
			if _, ok := (Set{{Allow: []Pattern{pattern}, Except: p.Except}}).Subset(rest); ok {
				places = append(places, Place{i, a})
				continue
			}
			rest[i].Allow = slices.Insert(rest[i].Allow, a, pattern)
		}
	}
	slices.Reverse(places)
	return places
}
