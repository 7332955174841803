// Package corpus answers what the project's own scenarios are: txtar archives
// under testdata/corpus, each with manifests and what is expected of them.
//
// The comment at the top of an archive says what the scenario shows and where
// its expectation comes from. Files that end in .yaml or .json are the input;
// the others belong to the harnesses, which each read their own: see the tests
// that call Run.
package corpus

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the expected outputs of the corpus") //nolint:gochecknoglobals // flags of tests are global

// Scenario is one archive.
type Scenario struct {
	Name    string // path below testdata/corpus, without the suffix
	Input   fstest.MapFS
	archive *txtar.Archive
	path    string
}

// Run calls the function for each scenario that has the file, as a subtest. The
// path leads from the test's package to the module's root.
func Run(t *testing.T, root, file string, run func(t *testing.T, s *Scenario)) {
	t.Helper()
	dir := filepath.Join(root, "testdata", "corpus")
	found := 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".txtar" {
			return err
		}
		s, err := read(dir, path)
		if err != nil {
			return err
		}
		if _, ok := s.File(file); ok {
			found++
			t.Run(s.Name, func(t *testing.T) { run(t, s) })
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found == 0 {
		t.Fatalf("no scenario below %s has a file %s", dir, file)
	}
}

func read(dir, path string) (*Scenario, error) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		return nil, err
	}
	name, err := filepath.Rel(dir, path)
	if err != nil {
		return nil, err
	}
	s := &Scenario{Name: strings.TrimSuffix(filepath.ToSlash(name), ".txtar"), Input: fstest.MapFS{}, archive: archive, path: path}
	for _, f := range archive.Files {
		if ext := filepath.Ext(f.Name); ext == ".yaml" || ext == ".json" {
			s.Input[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	return s, nil
}

// File returns a file of the archive.
func (s *Scenario) File(name string) (string, bool) {
	for _, f := range s.archive.Files {
		if f.Name == name {
			return string(f.Data), true
		}
	}
	return "", false
}

// Lines returns the lines of a file that are neither empty nor comments.
func (s *Scenario) Lines(name string) []string {
	text, _ := s.File(name)
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

// Golden compares a file of the archive with what was produced; with -update it
// writes it instead.
func (s *Scenario) Golden(t *testing.T, name, got string) {
	t.Helper()
	for i, f := range s.archive.Files {
		if f.Name != name {
			continue
		}
		if *update {
			s.archive.Files[i].Data = []byte(got)
			if err := os.WriteFile(s.path, txtar.Format(s.archive), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		if !bytes.Equal(f.Data, []byte(got)) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, f.Data)
		}
		return
	}
	t.Fatalf("the scenario has no file %s", name)
}
