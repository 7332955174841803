package actionset

import "slices"

// maxSearch bounds the patterns that one search looks at. It takes exceptions
// from exceptions from exceptions, all of them partly overlapping, to get there.
const maxSearch = 20_000

// Subset reports whether t allows every action that s does, in the strict
// reading and over all strings but the empty one, which is no action (AZ22).
// If not, the witness is an action in s and not in t: one that a pattern names,
// if there is one, as written there; otherwise stars are filled with x, read,
// write and the like, and only if none of those will do with anything that does.
//
// Patterns with many stars can make the question too hard. It is then answered
// with false and no witness: not shown to be a subset.
func (s Set) Subset(t Set) (witness string, ok bool) {
	beyond := func(action string) bool { return s.Has(action) && !t.Has(action) }
	for _, patterns := range append(s.allowed(), t.excepted()...) {
		if w, found := named(patterns, beyond); found {
			return w, false
		}
	}
	for i := range s {
		search := search{except: s[i].Except, cover: t, seen: map[string]bool{}}
		for _, a := range s[i].Allow {
			if search.outside(a) || search.exhausted {
				return respell(search.witness, a, t), false
			}
		}
	}
	return "", true
}

// named returns an action that one of the patterns is and that will do.
func named(patterns []Pattern, willDo func(action string) bool) (string, bool) {
	for _, p := range patterns {
		if p.Literal() && p.written != "" && willDo(p.written) {
			return p.written, true
		}
	}
	return "", false
}

// allowed returns what the permissions allow.
func (s Set) allowed() [][]Pattern {
	lists := make([][]Pattern, len(s))
	for i := range s {
		lists[i] = s[i].Allow
	}
	return lists
}

// excepted returns what the permissions except.
func (s Set) excepted() [][]Pattern {
	lists := make([][]Pattern, len(s))
	for i := range s {
		lists[i] = s[i].Except
	}
	return lists
}

// search looks for an action that a pattern matches, except does not, and
// cover does not allow.
type search struct {
	except    []Pattern
	cover     Set
	seen      map[string]bool // patterns that hold no such action
	witness   string
	exhausted bool
}

// outside reports whether there is such an action, and keeps it as the witness.
//
// If no permission of cover contains m, or one of the exceptions of each that
// does contains m as well, then the string as unlike patterns as m's strings
// get (see Pattern.Contains) is a witness. Otherwise only what such a permission
// excepts is left to look at: parts of m, smaller each time.
func (s *search) outside(m Pattern) bool {
	if m.folded == "" || contained(m, s.except) || s.seen[m.folded] {
		return false
	}
	if s.exhausted = s.exhausted || len(s.seen) >= maxSearch; s.exhausted {
		return false
	}
	over := s.covering(m)
	if over == nil {
		s.witness = m.example(func(action string) bool {
			return !matched(action, s.except) && !s.cover.Has(action)
		})
		return true
	}
	for _, x := range over.Except {
		if !x.Overlaps(m) {
			continue
		}
		parts, ok := m.Intersect(x)
		s.exhausted = s.exhausted || !ok
		if slices.ContainsFunc(parts, s.outside) {
			return true
		}
		if s.exhausted {
			return false
		}
	}
	s.seen[m.folded] = true
	return false
}

// covering returns the permission of cover that contains m, as far as its
// exceptions let it, with the fewest exceptions that matter; nil if none does.
func (s *search) covering(m Pattern) *Permission {
	var best *Permission
	fewest := 0
	for j := range s.cover {
		p := &s.cover[j]
		if !contained(m, p.Allow) || contained(m, p.Except) {
			continue
		}
		n := 0
		for _, x := range p.Except {
			if x.Overlaps(m) && !contained(x, s.except) {
				n++
			}
		}
		if best == nil || n < fewest {
			best, fewest = p, n
		}
		if n == 0 {
			break
		}
	}
	return best
}
