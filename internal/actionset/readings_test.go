package actionset_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/actionset"
)

func TestGenerous(t *testing.T) {
	for pattern, want := range map[string][]string{
		"a/b":      {"a/b"},
		"a/*":      {"a/*"},
		"A/*/Read": {"A/*/Read", "A/Read"},
		"*/*/b":    {"*/b"},
		"a/*/*/b":  {"a/*/b", "a/b"},
	} {
		var got []string
		for _, p := range actionset.Compile(pattern).Generous() {
			got = append(got, p.String())
		}
		assert.Equal(t, want, got, pattern)
	}
	many := actionset.Compile("a" + strings.Repeat("/*/x", 12))
	assert.LessOrEqual(t, len(many.Generous()), 65)
	for _, action := range []string{
		"a" + strings.Repeat("/x", 12), "a" + strings.Repeat("/y/x", 12),
		"a" + strings.Repeat("/y/x", 6) + strings.Repeat("/x", 6), "a" + strings.Repeat("/x", 6) + strings.Repeat("/y/x", 6),
	} {
		assert.NotEqual(t, actionset.No, many.Match(action))
		assert.True(t, actionset.Set{{Allow: many.Generous()}}.Has(action), action)
	}
}

// The three values of Match are the two sets.
func TestReadingsAgreeWithMatch(t *testing.T) {
	all := words("a/b", 6)
	rng := rand.New(rand.NewPCG(11, 12))
	random := func() []actionset.Pattern {
		return append(randomPatterns(rng, 2), actionset.CompileAll([]string{"a/*/b", "*/a/*", "/*/*/b", "*b*/*/a"}[rng.IntN(4)])...)
	}
	for range 80 {
		s := actionset.Set{{Allow: random(), Except: randomPatterns(rng, 2)}, {Allow: randomPatterns(rng, 1), Except: random()}}
		possible, certain := s.Possible(), s.Certain()
		for _, w := range all {
			m := s.Match(w)
			require.Equal(t, m == actionset.Yes, certain.Has(w), "%s: %q", text(s), w)
			require.Equal(t, m != actionset.No, possible.Has(w), "%s: %q", text(s), w)
		}
	}
}
