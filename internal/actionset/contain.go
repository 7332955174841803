package actionset

import "strings"

// Contains reports whether every string that q matches is matched by p, in the
// strict reading.
//
// A star as a character is matched by stars alone. So q's own text is a string
// that q matches and as unlike any pattern as q's strings get: what matches it
// keeps its chunks inside of q's and matches whatever the stars stand for.
// For the same reason a union of patterns contains q only if one of them does.
func (p Pattern) Contains(q Pattern) bool {
	if p.chunks == nil {
		return q.chunks == nil && p.folded == q.folded
	}
	// The cheap part first: most patterns begin or end differently.
	return strings.HasPrefix(q.folded, p.chunks[0]) && strings.HasSuffix(q.folded, p.chunks[len(p.chunks)-1]) &&
		matches(p.chunks, q.folded, 0)
}

// Overlaps reports whether some string is matched by both, in the strict
// reading.
func (p Pattern) Overlaps(q Pattern) bool {
	switch {
	case p.chunks == nil:
		return q.Match(p.folded) == Yes
	case q.chunks == nil:
		return p.Match(q.folded) == Yes
	}
	// The longer beginning, everything between, the longer end: both match it.
	start, begin := p.chunks[0], q.chunks[0]
	stop, end := p.chunks[len(p.chunks)-1], q.chunks[len(q.chunks)-1]
	return (strings.HasPrefix(start, begin) || strings.HasPrefix(begin, start)) &&
		(strings.HasSuffix(stop, end) || strings.HasSuffix(end, stop))
}

// contained reports whether one of the patterns contains q.
func contained(q Pattern, patterns []Pattern) bool {
	for i := range patterns {
		if patterns[i].Contains(q) {
			return true
		}
	}
	return false
}

// Minimal returns the patterns that no other one contains, in their order; of
// equal ones the first. Together they match what all of them do.
func Minimal(patterns []Pattern) []Pattern {
	var kept []Pattern
	for i, p := range patterns {
		redundant := false
		for j, q := range patterns {
			if i != j && q.Contains(p) && (j < i || !p.Contains(q)) {
				redundant = true
				break
			}
		}
		if !redundant {
			kept = append(kept, p)
		}
	}
	return kept
}
