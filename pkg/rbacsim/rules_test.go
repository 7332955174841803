package rbacsim_test

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/corpus"
)

// The rules of docs/rbac.md, the code that names them and the scenarios and tests
// that are named after them are the same: none is missing anywhere, and nothing
// speaks of one that is not on the page.
func TestRulesAreImplementedAndPinned(t *testing.T) {
	listed := rulesOfPage(t)
	assert.Equal(t, listed, slices.Sorted(maps.Keys(rulesOfCode(t))), "named in the code")
	assert.Equal(t, listed, slices.Sorted(maps.Keys(rulesPinned(t))), "pinned by a scenario or a test")
}

// rulesOfPage returns the numbers of the rules of the page, which are in order and
// each have a source.
func rulesOfPage(t *testing.T) []int {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(moduleRoot, "docs", "rbac.md"))
	require.NoError(t, err)
	var rules []int
	for _, row := range regexp.MustCompile(`(?m)^\| RB(\d+) \|.*$`).FindAllStringSubmatch(string(page), -1) {
		rules = append(rules, number(t, row[1]))
		assert.Equal(t, len(rules), rules[len(rules)-1], "the rules are not in order")
		assert.Contains(t, row[0], "](https://", "RB%s has no source", row[1])
	}
	require.NotEmpty(t, rules)
	return rules
}

func number(t *testing.T, digits string) int {
	t.Helper()
	n, err := strconv.Atoi(digits)
	require.NoError(t, err)
	return n
}

func rulesOfCode(t *testing.T) map[int]bool {
	t.Helper()
	rules := map[int]bool{}
	for _, room := range []string{"pkg/rbacsim", "pkg/identity"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(moduleRoot, room), func(file string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") || filepath.Base(file) == "doc.go" {
				return err
			}
			text, err := os.ReadFile(file)
			for _, match := range regexp.MustCompile(`\bRB(\d+)\b`).FindAllStringSubmatch(string(text), -1) {
				rules[number(t, match[1])] = true
			}
			return err
		}))
	}
	return rules
}

// rulesPinned returns the rules after which scenarios, each of which says what the
// rule is and where that is written, and tests are named.
func rulesPinned(t *testing.T) map[int]bool {
	t.Helper()
	rules := map[int]bool{}
	all, err := corpus.Scenarios(moduleRoot)
	require.NoError(t, err)
	for _, s := range all {
		match := regexp.MustCompile(`^RB0?(\d+)[a-z]?-`).FindStringSubmatch(path.Base(s.Name))
		if match == nil {
			continue
		}
		rules[number(t, match[1])] = true
		assert.True(t, strings.HasPrefix(s.Comment, "RB"+match[1]+": "), "%s does not begin with its rule", s.Name)
		assert.Contains(t, s.Comment, "Source: https://", s.Name)
	}
	text, err := os.ReadFile("api_test.go")
	require.NoError(t, err)
	for _, match := range regexp.MustCompile(`(?m)^func TestRB(\d+)(?:And(\d+))?`).FindAllStringSubmatch(string(text), -1) {
		for _, digits := range match[1:] {
			if digits != "" {
				rules[number(t, digits)] = true
			}
		}
	}
	return rules
}
