package identity_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The rules of docs/azure.md that are this package's are named in its code, each has a
// source, and the code names no others.
func TestRulesAreImplemented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "azure.md"))
	require.NoError(t, err)
	own := regexp.MustCompile(`^AZ(8\d|9\d|10\d)$`)
	var listed []string
	for _, row := range regexp.MustCompile(`(?m)^\| (AZ\d+) \|.*$`).FindAllStringSubmatch(string(page), -1) {
		if own.MatchString(row[1]) {
			listed = append(listed, row[1])
			assert.Contains(t, row[0], "](https://", "%s has no source", row[1])
		}
	}
	named := map[string]bool{}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, rule := range regexp.MustCompile(`\bAZ\d+\b`).FindAllString(string(text), -1) {
			named[rule] = true
		}
	}
	assert.Len(t, listed, 30)
	for _, rule := range listed {
		assert.True(t, named[rule], "%s is named nowhere in the code", rule)
		delete(named, rule)
	}
	assert.Empty(t, named, "the page does not list them")
}
