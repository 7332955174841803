package actionset_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/actionset"
)

// set reads "a b - c; d" as two permissions, the first with an exception.
func set(text string) actionset.Set {
	var s actionset.Set
	for part := range strings.SplitSeq(text, ";") {
		allow, except, _ := strings.Cut(part, " - ")
		s = append(s, actionset.Permission{
			Allow:  actionset.CompileAll(strings.Fields(allow)...),
			Except: actionset.CompileAll(strings.Fields(except)...),
		})
	}
	return s
}

func text(s actionset.Set) string {
	var parts []string
	for _, p := range s {
		var words []string
		for _, a := range p.Allow {
			words = append(words, a.String())
		}
		if len(p.Except) > 0 {
			words = append(words, "-")
		}
		for _, e := range p.Except {
			words = append(words, e.String())
		}
		parts = append(parts, strings.Join(words, " "))
	}
	return strings.Join(parts, "; ")
}

const contributor = "* - Microsoft.Authorization/*/Delete Microsoft.Authorization/*/Write Microsoft.Authorization/elevateAccess/Action"

func TestSubset(t *testing.T) {
	for _, tc := range []struct{ s, t, witness string }{
		{"", "", ""},
		{"a/read", "A/Read", ""},
		{"*/read", "*", ""},
		{contributor, "*", ""},
		{contributor, contributor, ""},
		{contributor + "; " + contributor, contributor, ""},
		{contributor, contributor + "; " + contributor, ""},
		{"*", contributor, "Microsoft.Authorization/elevateAccess/Action"},
		{"*", "* - Microsoft.Authorization/*/Delete", "Microsoft.Authorization/x/Delete"},
		{"*", contributor + "; Microsoft.Authorization/*", ""},
		{"*", contributor + "; */Delete */write; */action", ""},
		{"*/read", contributor, ""},
		{"*/write", contributor, "Microsoft.Authorization/x/Write"},
		{"Microsoft.KeyVault/vaults/*", "Microsoft.KeyVault/vaults/* - Microsoft.KeyVault/vaults/secrets/getSecret/action", "Microsoft.KeyVault/vaults/secrets/getSecret/action"},
		{"Microsoft.KeyVault/vaults/*", "*/read", "Microsoft.KeyVault/vaults/write"},
		{"Microsoft.KeyVault/vaults/*", "*/read *e", "Microsoft.KeyVault/vaults/x/action"},
		{"*", "*/read", "x/write"},
		{"Microsoft.KeyVault/vaults/secrets/getSecret/action Microsoft.KeyVault/*", "*/read", "Microsoft.KeyVault/vaults/secrets/getSecret/action"},
		{"*/read", "*a/read *x/read", "z/read"},
		{"a*", "a/*", "ax"},
		{"* - *z*", "*a* *x* *d*", "q"},
		{"*", "* - a*; * - *a", "axa"},
		{"*", "* - a*; * - *b", "axb"},
		{"*", "* - a*; * - b*", ""},
		{"* - a", "* - a b; b", ""},
		{"*", "* - *; *", ""},
	} {
		s, other := set(tc.s), set(tc.t)
		witness, ok := s.Subset(other)
		assert.Equal(t, tc.witness == "", ok, "%s ⊆ %s: %q", tc.s, tc.t, witness)
		if ok {
			assert.Empty(t, witness)
			continue
		}
		assert.True(t, s.Has(witness) && !other.Has(witness), "%s ⊆ %s: %q", tc.s, tc.t, witness)
		assert.Equal(t, tc.witness, witness, "%s ⊆ %s", tc.s, tc.t)
	}
}

// The empty string is no action.
func TestEmptyAction(t *testing.T) {
	nothing := actionset.Set{{Allow: actionset.CompileAll("")}}
	assert.True(t, nothing.Empty())
	_, ok := nothing.Subset(nil)
	assert.True(t, ok)
	_, ok = nothing.Overlaps(set("*"))
	assert.False(t, ok)
}

// A question that is too hard is not answered with a yes.
func TestTooHard(t *testing.T) {
	many := strings.Repeat("*a*b", 30) + "*"
	other := strings.Repeat("*b*c", 30) + "*"
	_, ok := actionset.Compile(many).Intersect(actionset.Compile(other))
	assert.False(t, ok)
	witness, ok := set(many).Subset(set("* - " + other))
	assert.False(t, ok)
	assert.Empty(t, witness)
	witness, ok = set(many).Overlaps(set(other))
	assert.True(t, ok)
	assert.Empty(t, witness)
	_, ok = set(many).Minus(set("* - " + other))
	assert.False(t, ok)
}

func TestMinimal(t *testing.T) {
	assert.Equal(t, "*/read - a/read", text(set("a/*/read */read A/B/read b - a/read b a/READ c/write").Minimal()))
	assert.Empty(t, set("a/read - a/*").Minimal())
	assert.True(t, set("a/read - a/*").Empty())
}

func TestRedundant(t *testing.T) {
	for _, tc := range []struct {
		set  string
		want []actionset.Place
	}{
		{"a/read", nil},
		{"a/read a/*", []actionset.Place{{0, 0}}},
		{"a/read; A/READ", []actionset.Place{{1, 0}}},
		{contributor + "; */read Microsoft.Authorization/*/write", []actionset.Place{{1, 0}}},
		{"* - a; a; a b", []actionset.Place{{2, 0}, {2, 1}}},
		{"a - a", []actionset.Place{{0, 0}}},
	} {
		assert.Equal(t, tc.want, set(tc.set).Redundant(), tc.set)
	}
}

func randomPatterns(rng *rand.Rand, most int) []actionset.Pattern {
	var patterns []actionset.Pattern
	for range rng.IntN(most + 1) {
		var b strings.Builder
		for range 1 + rng.IntN(4) {
			b.WriteByte("a/b***A"[rng.IntN(7)])
		}
		patterns = append(patterns, actionset.Compile(b.String()))
	}
	return patterns
}

func randomSet(rng *rand.Rand) actionset.Set {
	var s actionset.Set
	for range rng.IntN(4) {
		s = append(s, actionset.Permission{Allow: randomPatterns(rng, 3), Except: randomPatterns(rng, 3)})
	}
	return s
}

// The algebra agrees with looking at every short string. A witness may hold
// other letters, so a wrong yes is what brute force finds, and a wrong no is
// what checking the witness does.
func TestAlgebraAgainstBruteForce(t *testing.T) {
	all := words("a/b~", 6)[1:]
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		s, u := randomSet(rng), randomSet(rng)
		witness, subset := s.Subset(u)
		require.Equal(t, subset, witness == "", "%s ⊆ %s", text(s), text(u))
		common, overlaps := s.Overlaps(u)
		require.Equal(t, overlaps, common != "")
		both, ok := s.Intersect(u)
		require.True(t, ok)
		rest, ok := s.Minus(u)
		require.True(t, ok)
		minimal := s.Minimal()
		if !subset {
			require.True(t, s.Has(witness) && !u.Has(witness), "%s ⊆ %s: %q", text(s), text(u), witness)
		}
		if overlaps {
			require.True(t, s.Has(common) && u.Has(common), "%s ∩ %s: %q", text(s), text(u), common)
		}
		require.Equal(t, subset, rest.Empty(), "%s − %s = %s", text(s), text(u), text(rest))
		require.Equal(t, overlaps, !both.Empty())
		fewer := without(s, s.Redundant())
		for _, w := range all {
			inS, inU := s.Has(w), u.Has(w)
			if subset && inS && !inU || !overlaps && inS && inU || s.Empty() && inS ||
				both.Has(w) != (inS && inU) || rest.Has(w) != (inS && !inU) || minimal.Has(w) != inS || fewer.Has(w) != inS {
				require.Fail(t, "wrong", "%q: %s and %s", w, text(s), text(u))
			}
		}
	}
}

func without(s actionset.Set, places []actionset.Place) actionset.Set {
	fewer := slices.Clone(s)
	for _, place := range slices.Backward(places) {
		p := &fewer[place.Permission]
		p.Allow = slices.Delete(slices.Clone(p.Allow), place.Allow, place.Allow+1)
	}
	return fewer
}

// Pairs of patterns: containment, overlap and intersection.
func TestPatternsAgainstBruteForce(t *testing.T) {
	all := words("a/b~", 6)
	rng := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		pair := slices.Concat(randomPatterns(rng, 1), randomPatterns(rng, 1))
		if len(pair) < 2 {
			continue
		}
		p, q := pair[0], pair[1]
		parts, ok := p.Intersect(q)
		require.True(t, ok)
		require.Equal(t, len(parts) > 0, p.Overlaps(q), "%v and %v", p, q)
		contains, overlaps := true, false
		for _, w := range all {
			inP, inQ := p.Match(w) == actionset.Yes, q.Match(w) == actionset.Yes
			contains, overlaps = contains && (inP || !inQ), overlaps || inP && inQ
			in := slices.ContainsFunc(parts, func(part actionset.Pattern) bool { return part.Match(w) == actionset.Yes })
			require.Equal(t, inP && inQ, in, "%v and %v: %v on %q", p, q, parts, w)
		}
		require.Equal(t, contains, p.Contains(q), "%v ⊇ %v", p, q)
		require.Equal(t, overlaps, p.Overlaps(q), "%v and %v", p, q)
	}
}

func FuzzSubset(f *testing.F) {
	f.Add(contributor, "*/read; Microsoft.Authorization/* - *e", "Microsoft.Authorization/x/write")
	f.Add("a*b*", "*ab - *b", "aab")
	f.Fuzz(func(t *testing.T, first, second, action string) {
		if len(first)+len(second) > 200 {
			t.Skip("long")
		}
		s, u := set(first), set(second)
		witness, ok := s.Subset(u)
		switch {
		case ok:
			require.False(t, action != "" && s.Has(action) && !u.Has(action))
		case witness != "":
			require.True(t, s.Has(witness) && !u.Has(witness), "%q", witness)
		}
	})
}
