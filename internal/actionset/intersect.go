package actionset

import (
	"slices"
	"strings"
)

// maxParts bounds the patterns of one intersection. Two patterns with one star
// each, which is all that the service takes, have at most as many as the
// shorter one has bytes.
const maxParts = 512

// Intersect returns patterns that together match what both do, none of them
// contained in another; none if nothing is. They are in lower case unless one
// pattern contains the other one. ok is false, and the patterns are of no use,
// if there are too many of them, which takes several stars on both sides.
func (p Pattern) Intersect(q Pattern) (parts []Pattern, ok bool) {
	switch {
	case q.Contains(p):
		return []Pattern{p}, true
	case p.Contains(q):
		return []Pattern{q}, true
	case !p.Overlaps(q):
		return nil, true
	}
	if len(p.chunks) == 2 && len(q.chunks) == 2 {
		return single(p.chunks, q.chunks), true
	}
	w := weave{p: p.folded, q: q.folded, dead: make([]bool, (len(p.folded)+1)*(len(q.folded)+1))}
	w.from(0, 0, nil)
	if len(w.parts) > maxParts {
		return nil, false
	}
	return Minimal(w.parts), true
}

// single intersects two patterns with one star that overlap: the longer beginning
// and the longer end, with anything between them or one laid over the other.
func single(p, q []string) []Pattern {
	start, end := longer(p[0], q[0]), longer(p[1], q[1])
	parts := []Pattern{Compile(start + "*" + end)}
	least := max(len(p[0])+len(p[1]), len(q[0])+len(q[1]))
	for n := 1; n <= min(len(start), len(end), len(start)+len(end)-least); n++ {
		if strings.HasSuffix(start, end[:n]) {
			parts = append(parts, Compile(start+end[n:]))
		}
	}
	return parts
}

func longer(a, b string) string {
	if len(a) < len(b) {
		return b
	}
	return a
}

// weave reads two patterns side by side and writes down the patterns that
// both allow.
type weave struct {
	p, q  string
	dead  []bool // what is left of both has nothing in common
	parts []Pattern
}

// from appends what p[i:] and q[j:] have in common, after what is written, and
// reports whether there is anything.
func (w *weave) from(i, j int, written []byte) bool {
	at := i*(len(w.q)+1) + j
	if w.dead[at] || len(w.parts) > maxParts {
		return false
	}
	if i == len(w.p) && j == len(w.q) {
		w.parts = append(w.parts, Compile(string(written)))
		return true
	}
	found := w.step(i, j, slices.Clip(written))
	w.dead[at] = !found && len(w.parts) <= maxParts
	return found
}

func (w *weave) step(i, j int, written []byte) bool {
	pStar, qStar := i < len(w.p) && w.p[i] == '*', j < len(w.q) && w.q[j] == '*'
	switch {
	case pStar && qStar: // one of the stars ends first
		written = append(written, '*')
		first := w.from(i+1, j, written)
		return w.from(i, j+1, written) || first
	case pStar: // ends here or takes the other one's byte
		ends := w.from(i+1, j, written)
		return j < len(w.q) && w.from(i, j+1, append(written, w.q[j])) || ends
	case qStar:
		ends := w.from(i, j+1, written)
		return i < len(w.p) && w.from(i+1, j, append(written, w.p[i])) || ends
	default:
		return i < len(w.p) && j < len(w.q) && w.p[i] == w.q[j] && w.from(i+1, j+1, append(written, w.p[i]))
	}
}
