package actionset

import "slices"

// Overlaps reports whether an action is in both sets, in the strict reading, and
// returns one, chosen as Subset chooses. If the question is too hard (see
// Subset) it is answered with true and no witness: not shown to be apart.
func (s Set) Overlaps(t Set) (witness string, ok bool) {
	shared := func(action string) bool { return s.Has(action) && t.Has(action) }
	for _, patterns := range append(s.allowed(), t.allowed()...) {
		if w, found := named(patterns, shared); found {
			return w, true
		}
	}
	hard := false
	for i := range s {
		for j := range t {
			w, found, exact := s[i].overlap(&t[j])
			if found {
				return w, true
			}
			hard = hard || !exact
		}
	}
	return "", hard
}

// overlap looks for an action of both permissions; exact is false if it found
// none and did not look everywhere.
func (p *Permission) overlap(q *Permission) (witness string, found, exact bool) {
	search := search{except: slices.Concat(p.Except, q.Except), seen: map[string]bool{}}
	exact = true
	for _, a := range p.Allow {
		for _, b := range q.Allow {
			if !a.Overlaps(b) {
				continue
			}
			parts, ok := a.Intersect(b)
			exact = exact && ok
			if slices.ContainsFunc(parts, search.outside) {
				return respell(respell(search.witness, a, nil), b, nil), true, true
			}
		}
	}
	return "", false, exact
}
