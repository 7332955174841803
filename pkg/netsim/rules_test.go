package netsim_test

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

// The rules of docs/networkpolicy.md, the code that names them and the scenarios
// that are named after them are the same: none is missing anywhere, and nothing
// speaks of one that is not on the page.
func TestRulesAreImplementedAndPinned(t *testing.T) {
	listed := rulesOfPage(t)
	assert.Equal(t, listed, slices.Sorted(maps.Keys(rulesOfCode(t))), "named in the code")
	assert.Equal(t, listed, slices.Sorted(maps.Keys(rulesOfCorpus(t))), "pinned by a scenario")
}

// rulesOfPage returns the numbers of the rules of the page, which are in order
// and each have a source.
func rulesOfPage(t *testing.T) []int {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(moduleRoot, "docs", "networkpolicy.md"))
	require.NoError(t, err)
	var rules []int
	for _, row := range regexp.MustCompile(`(?m)^\| NP(\d+) \|.*$`).FindAllStringSubmatch(string(page), -1) {
		n, err := strconv.Atoi(row[1])
		require.NoError(t, err)
		rules = append(rules, n)
		assert.Equal(t, len(rules), n, "the rules are not in order")
		assert.Contains(t, row[0], "](https://", "NP%d has no source", n)
	}
	require.NotEmpty(t, rules)
	return rules
}

func rulesOfCode(t *testing.T) map[int]bool {
	t.Helper()
	tag := regexp.MustCompile(`\bNP(\d+)\b`)
	rules := map[int]bool{}
	for _, room := range []string{"pkg", "internal"} {
		root := filepath.Join(moduleRoot, room)
		require.NoError(t, filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") || d.Name() == "doc.go" {
				return err
			}
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			for _, match := range tag.FindAllStringSubmatch(string(text), -1) {
				n, err := strconv.Atoi(match[1])
				require.NoError(t, err)
				rules[n] = true
			}
			return nil
		}))
	}
	return rules
}

// rulesOfCorpus returns the rules after which scenarios are named; each of these
// says in its comment what the rule is and where that is written.
func rulesOfCorpus(t *testing.T) map[int]bool {
	t.Helper()
	named := regexp.MustCompile(`^NP0?(\d+)[a-z]?-`)
	rules := map[int]bool{}
	all, err := corpus.Scenarios(moduleRoot)
	require.NoError(t, err)
	for _, s := range all {
		match := named.FindStringSubmatch(path.Base(s.Name))
		if match == nil {
			continue
		}
		n, err := strconv.Atoi(match[1])
		require.NoError(t, err)
		rules[n] = true
		assert.True(t, strings.HasPrefix(s.Comment, "NP"+match[1]+": "), "%s does not begin with its rule", s.Name)
		assert.Contains(t, s.Comment, "Source: https://", s.Name)
	}
	return rules
}
