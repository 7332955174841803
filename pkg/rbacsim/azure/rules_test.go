package azure_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var moduleRoot = filepath.Join("..", "..", "..")

// The rules of docs/azure.md about assignments, scopes, vaults, sets and Kubernetes, the
// code that names them and the tests that are named after them are the same, and the
// package names no others than the page lists.
func TestRulesAreImplementedAndPinned(t *testing.T) {
	all := rulesOfPage(t)
	own := func(n int) bool { return n < 20 || n >= 40 && n < 80 }
	listed := slices.DeleteFunc(slices.Clone(all), func(n int) bool { return !own(n) })
	named := numbers(t, false, `\bAZ(\d+)\b`)
	for n := range named {
		assert.Contains(t, all, n, "the page does not list AZ%d", n)
	}
	maps.DeleteFunc(named, func(n int, _ bool) bool { return !own(n) })
	assert.Equal(t, listed, slices.Sorted(maps.Keys(named)), "named in the code")
	pinned := numbers(t, true, `(?m)^func TestAZ(\d+)(?:And(\d+))?`)
	assert.Equal(t, listed, slices.Sorted(maps.Keys(pinned)), "pinned by a test")
}

// rulesOfPage returns the numbers of the rules of the page, each of which has a source
// and stands there once.
func rulesOfPage(t *testing.T) (rules []int) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(moduleRoot, "docs", "azure.md"))
	require.NoError(t, err)
	for _, row := range regexp.MustCompile(`(?m)^\| AZ(\d+) \|.*$`).FindAllStringSubmatch(string(page), -1) {
		n, err := strconv.Atoi(row[1])
		require.NoError(t, err)
		assert.NotContains(t, rules, n, "AZ%d is listed twice", n)
		assert.Contains(t, row[0], "](https://", "AZ%d has no source", n)
		rules = append(rules, n)
	}
	require.NotEmpty(t, rules)
	slices.Sort(rules)
	return rules
}

// numbers returns the numbers that an expression finds in the code of this package and
// of rbacsim, or in their tests.
func numbers(t *testing.T, tests bool, expression string) map[int]bool {
	t.Helper()
	found := map[int]bool{}
	require.NoError(t, filepath.WalkDir("..", func(file string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") != tests {
			return err
		}
		text, err := os.ReadFile(file)
		for _, match := range regexp.MustCompile(expression).FindAllStringSubmatch(string(text), -1) {
			for _, digits := range match[1:] {
				if n, err := strconv.Atoi(digits); err == nil {
					found[n] = true
				}
			}
		}
		return err
	}))
	return found
}
