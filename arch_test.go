package aksim_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/aksim/aksim"

// layers says, for each package, which of the module's other packages it may
// import. Arrows point down only.
var layers = map[string][]string{
	"cmd/aksim": {"internal/cli"},

	"internal/cli": {"pkg/netsim", "pkg/rbacsim", "pkg/rbacsim/audit", "pkg/rbacsim/azure", "pkg/verify", "pkg/verify/report", "pkg/identity", "pkg/model", "pkg/model/manifest", "internal/suggest"},

	"pkg/verify": {
		"pkg/netsim", "pkg/rbacsim", "pkg/rbacsim/azure", "pkg/identity", "pkg/model",
		"internal/abac", "internal/actionset", "internal/credential", "internal/kql", "internal/suggest",
	},
	"pkg/verify/report": {"pkg/verify", "pkg/model"},
	"pkg/aksimtest":     {"pkg/verify", "pkg/verify/report", "pkg/model/manifest", "pkg/model", "pkg/netsim", "pkg/rbacsim", "pkg/identity", "internal/suggest"},

	"pkg/netsim":         {"pkg/model", "internal/labelspace", "internal/wordset", "internal/suggest"},
	"pkg/rbacsim":        {"pkg/identity", "pkg/model", "internal/rulespace", "internal/suggest"},
	"pkg/rbacsim/azure":  {"pkg/rbacsim", "pkg/identity", "pkg/model", "internal/abac", "internal/actionset", "internal/suggest"},
	"pkg/identity":       {"pkg/model", "internal/suggest"},
	"pkg/model/manifest": {"pkg/model", "pkg/model/manifest/internal/arm", "pkg/model/manifest/internal/azure", "pkg/model/manifest/internal/document", "pkg/model/manifest/internal/terraform", "pkg/model/manifest/internal/tree", "internal/admission", "internal/credential", "internal/suggest"},
	"pkg/model":          {"internal/suggest"},

	"pkg/model/manifest/internal/arm":       {"pkg/model/manifest/internal/tree"},
	"pkg/model/manifest/internal/azure":     {"pkg/model", "pkg/model/manifest/internal/tree"},
	"pkg/model/manifest/internal/document":  {},
	"pkg/model/manifest/internal/terraform": {"pkg/model/manifest/internal/azure", "pkg/model/manifest/internal/tree"},
	"pkg/model/manifest/internal/tree":      {"pkg/model/manifest/internal/document"},
	"pkg/rbacsim/audit":                     {},

	"internal/abac":         {"internal/actionset", "internal/suggest"},
	"internal/actionset":    {},
	"internal/admission":    {"pkg/model"},
	"internal/benchcluster": {},
	"internal/corpus":       {},
	"internal/credential":   {},
	"internal/kql":          {},
	"internal/labelspace":   {},
	"internal/randcluster":  {},
	"internal/rulespace":    {},
	"internal/suggest":      {},
	"internal/wordset":      {},

	"examples/tool": {"pkg/model/manifest", "pkg/netsim", "pkg/rbacsim"},
	"examples/prod": {"pkg/model/manifest", "pkg/netsim", "pkg/model"},
}

// pure packages answer questions from what they are given: no files, no network,
// no clock, no randomness, no logging.
var pure = []string{"pkg/verify", "pkg/verify/report", "pkg/model", "pkg/netsim", "pkg/rbacsim", "pkg/rbacsim/azure", "pkg/identity", "internal/admission", "internal/credential", "internal/labelspace", "internal/rulespace", "internal/suggest", "internal/wordset", "pkg/rbacsim/audit", "pkg/model/manifest/internal/arm", "pkg/model/manifest/internal/azure", "pkg/model/manifest/internal/terraform", "pkg/model/manifest/internal/tree", "internal/abac", "internal/actionset", "internal/kql"}

var impure = []string{"os", "log", "log/slog", "net/http", "time", "math/rand", "math/rand/v2", "io/fs", "path/filepath"}

// sources parses the module's Go files, tests left out, by package.
func sources(t *testing.T) map[string][]*ast.File {
	t.Helper()
	packages := map[string][]*ast.File{}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil && name != "." {
				return fs.SkipDir // a nested module
			}
			if name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly|parser.ParseComments)
		dir := path.Dir(filepath.ToSlash(name))
		packages[dir] = append(packages[dir], f)
		return err
	})
	require.NoError(t, err)
	require.NotEmpty(t, packages)
	return packages
}

// The layer table is complete, and nobody reaches up or sideways.
func TestLayers(t *testing.T) {
	for dir, files := range sources(t) {
		allowed, known := layers[dir]
		assert.True(t, known, "%s: add the package to the layer table", dir)
		for _, f := range files {
			for _, spec := range f.Imports {
				name, err := strconv.Unquote(spec.Path.Value)
				require.NoError(t, err)
				if own, ok := strings.CutPrefix(name, module+"/"); ok {
					assert.Contains(t, allowed, own, "%s imports %s", dir, own)
				}
				if slices.Contains(pure, dir) {
					assert.NotContains(t, impure, name, "%s is pure and imports %s", dir, name)
				}
			}
		}
	}
}

// Every package has one doc comment, which says which question it answers.
func TestPackageDocs(t *testing.T) {
	for dir, files := range sources(t) {
		var docs []string
		for _, f := range files {
			if f.Doc != nil {
				docs = append(docs, f.Doc.Text())
			}
		}
		if !assert.Len(t, docs, 1, "%s: want one package comment", dir) {
			continue
		}
		name := files[0].Name.Name
		if name == "main" {
			name = path.Base(dir)
			assert.True(t, strings.HasPrefix(strings.ToLower(docs[0]), name+" "), "%s: the comment starts %q", dir, docs[0])
			continue
		}
		assert.True(t, strings.HasPrefix(docs[0], "Package "+name+" answers "), "%s: the comment starts %q", dir, docs[0])
	}
}
