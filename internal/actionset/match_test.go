package actionset_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/actionset"
)

// asciiLower is the folding that the package promises.
func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// oracle reads a pattern through regular expressions, once for each reading.
func oracle(pattern, action string) actionset.Match {
	runs := regexp.MustCompile(`\*+`)
	quoted := regexp.QuoteMeta(runs.ReplaceAllString(asciiLower(pattern), "*"))
	strict := strings.ReplaceAll(quoted, `\*`, `.*`)
	generous := quoted
	for strings.Contains(generous, `/\*/`) { // overlapping ones, too
		generous = strings.ReplaceAll(generous, `/\*/`, `/(.*/)?`)
		generous = strings.ReplaceAll(generous, `/(.*/)?\*/`, `/(.*/)?(.*/)?`)
	}
	generous = strings.ReplaceAll(generous, `\*`, `.*`)
	full := func(re string) bool {
		return regexp.MustCompile(`(?s)^(?:` + re + `)$`).MatchString(asciiLower(action))
	}
	switch {
	case full(strict):
		return actionset.Yes
	case full(generous):
		return actionset.Maybe
	default:
		return actionset.No
	}
}

func TestPatternMatch(t *testing.T) {
	for _, tc := range []struct {
		pattern, action string
		want            actionset.Match
	}{
		{"*", "", actionset.Yes},
		{"*", "Microsoft.Compute/virtualMachines/read", actionset.Yes},
		{"", "", actionset.Yes},
		{"", "a", actionset.No},
		{"*/read", "Microsoft.KeyVault/vaults/read", actionset.Yes},
		{"*/read", "MICROSOFT.KEYVAULT/VAULTS/READ", actionset.Yes},
		{"*/READ", "microsoft.keyvault/vaults/read", actionset.Yes},
		{"*/read", "Microsoft.KeyVault/vaults/read/action", actionset.No},
		{"*/read", "read", actionset.No},
		{"*/read", "Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action", actionset.No},
		{"Microsoft.Authorization/*/Delete", "Microsoft.Authorization/locks/a/b/delete", actionset.Yes},
		{"Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/secrets/read", actionset.Yes},
		{"Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/read", actionset.Maybe},
		{"Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults//read", actionset.Yes},
		{"Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaultsread", actionset.No},
		{"a/**/b", "a/b", actionset.Maybe},
		{"a/*/*/b", "a/b", actionset.Maybe},
		{"a/*/*/b", "a/x/b", actionset.Maybe},
		{"a/*/*/b", "a/x/y/b", actionset.Yes},
		{"a/*", "a", actionset.No},
		{"a/*", "a/", actionset.Yes},
		{"ab*ba", "aba", actionset.No},
		{"ab*ba", "abba", actionset.Yes},
		{"a?c", "abc", actionset.No},
		{"a.c", "abc", actionset.No},
		{"a[*]", "a[b]", actionset.Yes},
		{"*.*", "a\n.b", actionset.Yes},
	} {
		p := actionset.Compile(tc.pattern)
		assert.Equal(t, tc.want, p.Match(tc.action), "%s on %q", tc.pattern, tc.action)
		assert.Equal(t, tc.want, oracle(tc.pattern, tc.action), "oracle: %s on %q", tc.pattern, tc.action)
		assert.Equal(t, tc.pattern, p.String())
	}
	assert.Equal(t, actionset.Compile("").Match(""), actionset.Pattern{}.Match(""))
}

// words are all strings of the letters up to a length.
func words(letters string, length int) []string {
	all := []string{""}
	for from := 0; length > 0; length-- {
		to := len(all)
		for _, w := range all[from:to] {
			for _, c := range letters {
				all = append(all, w+string(c))
			}
		}
		from = to
	}
	return all
}

// Every pattern of up to five characters, on every short string.
func TestPatternMatchAgainstRegexp(t *testing.T) {
	strings := words("a/b", 5)
	for i, p := range words("a/*", 5) {
		if i%3 == 0 { // two thirds are enough
			continue
		}
		compiled := actionset.Compile(p)
		for j, s := range strings {
			if (i+j)%7 == 0 {
				require.Equal(t, oracle(p, s), compiled.Match(s), "%s on %q", p, s)
			}
		}
	}
}

func TestPermissionMatch(t *testing.T) {
	permission := func(allow, except string) actionset.Permission {
		return actionset.Permission{
			Allow:  actionset.CompileAll(strings.Fields(allow)...),
			Except: actionset.CompileAll(strings.Fields(except)...),
		}
	}
	contributor := permission("*", "Microsoft.Authorization/*/Delete Microsoft.Authorization/*/Write Microsoft.Authorization/elevateAccess/Action")
	for _, tc := range []struct {
		set    actionset.Set
		action string
		want   actionset.Match
	}{
		{nil, "a/read", actionset.No},
		{actionset.Set{{}}, "", actionset.No},
		{actionset.Set{contributor}, "Microsoft.ContainerService/managedClusters/write", actionset.Yes},
		{actionset.Set{contributor}, "microsoft.authorization/roleassignments/write", actionset.No},
		{actionset.Set{contributor}, "Microsoft.Authorization/write", actionset.Maybe},
		{actionset.Set{contributor, permission("Microsoft.Authorization/roleAssignments/write", "")}, "Microsoft.Authorization/roleAssignments/write", actionset.Yes},
		{actionset.Set{permission("a/*/read", "")}, "a/read", actionset.Maybe},
		{actionset.Set{permission("a/*/read", "a/*")}, "a/read", actionset.No},
		{actionset.Set{permission("a/*/read", "a/*/read")}, "a/read", actionset.Maybe},
		{actionset.Set{permission("a/*/read", ""), permission("*", "a/*/read")}, "a/read", actionset.Maybe},
	} {
		assert.Equal(t, tc.want, tc.set.Match(tc.action), "%v on %s", tc.set, tc.action)
	}
}

func FuzzPatternMatch(f *testing.F) {
	f.Add("Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/read")
	f.Add("*a*/*/*b*", "a/b")
	f.Fuzz(func(t *testing.T, pattern, action string) {
		if strings.ToValidUTF8(pattern, "") != pattern || strings.ToValidUTF8(action, "") != action {
			t.Skip("regexp reads UTF-8 only")
		}
		require.Equal(t, oracle(pattern, action), actionset.Compile(pattern).Match(action))
	})
}

// Matching does not allocate.
func TestMatchAllocatesNothing(t *testing.T) {
	p := actionset.Compile("Microsoft.*/vaults/*/read")
	assert.Zero(t, testing.AllocsPerRun(100, func() { p.Match("Microsoft.KeyVault/vaults/read") }))
}
