// Package corpus answers what the project's own scenarios are: txtar archives
// under testdata/corpus, each with manifests and what is expected of them.
//
// The comment at the top of an archive says what the scenario shows and where
// its expectation comes from. Its files are
//
//	*.yaml, *.json   the input
//	include          paths of further input, from the archive's folder; objects
//	                 of the archive's own input take the place of theirs
//	options          one command-line flag a line: --pod-cidr, --kube-version
//
// and for each harness that is to look at it, what that expects: see the tests
// that call Run, and the list of their files below. Lines that begin with # are
// comments everywhere but in files that -update writes.
package corpus

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the expected outputs of the corpus") //nolint:gochecknoglobals // flags of tests are global

// harnesses are the files that some test reads. Under any other name an
// expectation would be held by nobody.
var harnesses = []string{ //nolint:gochecknoglobals // a constant list
	"assumptions", "expect", "explain", "flows", "lint", "proofs", "rejected", "sets",
	"can-i", "can-i-explain", "roles", "who-can", "rbac-proofs",
	"aks", "azure", "whoami",
}

// Scenario is one archive.
type Scenario struct {
	Name     string       // path below testdata/corpus, without the suffix
	Comment  string       // what the archive says of itself
	Included fstest.MapFS // manifests that the archive includes
	Input    fstest.MapFS // its own
	archive  *txtar.Archive
	path     string
}

// Run calls the function for each scenario that has the file, as a subtest. The
// path leads from the test's package to the module's root.
func Run(t *testing.T, root, file string, run func(t *testing.T, s *Scenario)) {
	t.Helper()
	if !slices.Contains(harnesses, file) {
		t.Fatalf("no harness reads a file %s", file)
	}
	all, err := Scenarios(root)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, s := range all {
		if _, ok := s.File(file); ok {
			found++
			t.Run(s.Name, func(t *testing.T) { run(t, s) })
		}
	}
	if found == 0 {
		t.Fatalf("no scenario has a file %s", file)
	}
}

// Scenarios reads all archives, in the order of their paths.
func Scenarios(root string) ([]*Scenario, error) {
	dir := filepath.Join(root, "testdata", "corpus")
	var all []*Scenario
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".txtar" {
			return err
		}
		s, err := read(dir, path)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, s)
		return nil
	})
	return all, err
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
	s := &Scenario{
		Name:     strings.TrimSuffix(filepath.ToSlash(name), ".txtar"),
		Comment:  string(archive.Comment),
		Included: fstest.MapFS{},
		Input:    fstest.MapFS{},
		archive:  archive,
		path:     path,
	}
	expects := false
	for _, f := range archive.Files {
		switch ext := filepath.Ext(f.Name); {
		case ext == ".yaml" || ext == ".json":
			s.Input[f.Name] = &fstest.MapFile{Data: f.Data}
		case slices.Contains(harnesses, f.Name):
			expects = true
		case f.Name != "include" && f.Name != "options":
			return nil, fmt.Errorf("no harness reads a file %s: want %s", f.Name, strings.Join(harnesses, ", "))
		}
	}
	for _, include := range s.Lines("include") {
		data, err := os.ReadFile(filepath.Join(filepath.Dir(path), filepath.FromSlash(include)))
		if err != nil {
			return nil, err
		}
		s.Included[filepath.Base(include)] = &fstest.MapFile{Data: data}
	}
	switch {
	case strings.TrimSpace(s.Comment) == "":
		return nil, fmt.Errorf("the archive does not say what it shows")
	case !expects:
		return nil, fmt.Errorf("the archive expects nothing")
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
