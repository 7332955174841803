package azure

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The rules of the section of docs/azure.md about Kubernetes, those that the code names
// and those after which tests are named are the same.
func TestRulesOfKubernetesAreImplementedAndPinned(t *testing.T) {
	page, err := os.ReadFile("../../../docs/azure.md")
	require.NoError(t, err)
	_, section, ok := strings.Cut(string(page), "\n## Kubernetes through Azure\n")
	require.True(t, ok)
	section, _, _ = strings.Cut(section, "\n## ")
	find := func(pattern, text string) (rules []string) {
		for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			rules = append(rules, match[1])
		}
		return rules
	}
	var code, tests []string
	for _, pattern := range []string{"*.go", "../*.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			if strings.HasSuffix(file, "_test.go") {
				tests = append(tests, find(`\nfunc Test(AZ[67]\d)`, string(text))...)
			} else {
				code = append(code, find(`\b(AZ[67]\d)\b`, string(text))...)
			}
		}
	}
	listed := find(`\n\| (AZ\d+) \|`, section)
	require.NotEmpty(t, listed)
	assert.True(t, slices.IsSorted(listed))
	for what, list := range map[string][]string{"named in the code": code, "pinned by a test": tests} {
		slices.Sort(list)
		assert.Equal(t, listed, slices.Compact(list), what)
	}
}
