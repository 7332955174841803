package rulespace_test

import (
	"fmt"
	"testing"

	"github.com/aksim/aksim/internal/rulespace"
)

// Covers, Intersects and Empty equal brute force over every request that the
// lists can tell apart, and their witnesses are genuine.
func TestBruteForce(t *testing.T) {
	for _, reviews := range []bool{false, true} {
		t.Run(fmt.Sprintf("reviews=%t", reviews), func(t *testing.T) {
			each(t, 3**lists, func(a, b rulespace.Access) string { return bruteForce(reviews, a, b) })
		})
	}
}

func bruteForce(reviews bool, a, b rulespace.Access) string {
	s := rulespace.New(rulespace.Universe{Reviews: reviews})
	covered, meets, empty := true, false, true
	for _, r := range requests(reviews, a, b) {
		inA, inB := naiveAllows(a, r), naiveAllows(b, r)
		if inA != a.Allows(r) {
			return fmt.Sprintf("Allows(%+v) = %t", r, !inA)
		}
		covered = covered && (!inB || inA)
		meets = meets || inA && inB
		empty = empty && !inA
	}
	if witness, ok := s.Covers(a, b); ok != covered {
		return fmt.Sprintf("Covers = %t, witness %+v", ok, witness)
	} else if !ok && (naiveAllows(a, witness) || !naiveAllows(b, witness)) {
		return fmt.Sprintf("Covers: %+v is no witness", witness)
	}
	if witness, ok := s.Intersects(a, b); ok != meets {
		return fmt.Sprintf("Intersects = %t, witness %+v", ok, witness)
	} else if ok && !(naiveAllows(a, witness) && naiveAllows(b, witness)) {
		return fmt.Sprintf("Intersects: %+v is no witness", witness)
	}
	if witness, ok := s.Empty(a); ok != empty {
		return fmt.Sprintf("Empty = %t, witness %+v", ok, witness)
	} else if !ok && !naiveAllows(a, witness) {
		return fmt.Sprintf("Empty: %+v is no witness", witness)
	}
	return ""
}
