package wordset_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/wordset"
)

// The sets agree with Go maps of the same members.
func TestAgainstMaps(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	random := func() (wordset.Set, map[int]bool) {
		m := map[int]bool{}
		for range rng.IntN(40) {
			m[rng.IntN(1+rng.IntN(2000))] = true
		}
		var s wordset.Set
		for _, i := range slices.Sorted(maps.Keys(m)) {
			s.Append(i)
		}
		return s, m
	}
	for range 500 {
		s, m := random()
		u, n := random()
		require.Equal(t, slices.Sorted(maps.Keys(m)), slices.Collect(s.Members()))
		require.Equal(t, len(m), s.Len())
		both := maps.Clone(m)
		maps.Copy(both, n)
		require.Equal(t, slices.Sorted(maps.Keys(both)), slices.Collect(s.Union(u).Members()))
		for i := range 2100 {
			require.Equal(t, m[i], s.Contains(i), "%d in %v", i, s)
		}
		require.True(t, s.Equal(s.Union(nil)))
	}
}
