package aksimtest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/verify"
)

// T is what assertions need of a test: *testing.T and *testing.B have it, Ginkgo's
// GinkgoT(), and what T() of a testify suite returns.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Snapshot is the manifests under test. It is immutable and safe for parallel tests.
type Snapshot struct {
	context *verify.Context
}

// Load reads files and directories as manifest.Load does. It ends the test if they
// can't be read, and if they lie outside the module of the test: go test would not
// notice changes of them, and go on to print (cached).
func Load(t T, paths ...string) *Snapshot {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatalf("aksimtest: %v", err)
		return nil
	}
	for _, p := range paths {
		if why := untracked(root, p); why != "" {
			t.Fatalf("aksimtest: %s", why)
			return nil
		}
	}
	c, err := manifest.Load(paths...)
	return prepare(t, c, err)
}

// LoadFS reads the files and directories of a file system as manifest.LoadFS does; an
// embed.FS is the usual one. It ends the test if they can't be read.
func LoadFS(t T, fsys fs.FS, patterns ...string) *Snapshot {
	t.Helper()
	c, err := manifest.LoadFS(fsys, patterns...)
	return prepare(t, c, err)
}

func prepare(t T, c *model.Cluster, err error) *Snapshot {
	t.Helper()
	if err != nil {
		t.Fatalf("aksimtest: the input can't be read:\n%v", err)
		return nil
	}
	isEmpty := true
	for range c.Refs() {
		isEmpty = false
		break
	}
	if isEmpty {
		t.Fatalf("aksimtest: there is no Kubernetes object in the input")
		return nil
	}
	now, err := today()
	if err != nil {
		t.Fatalf("aksimtest: %v", err)
		return nil
	}
	claims, err := verify.ClaimsIn(c)
	if errors.Is(err, verify.ErrNoClaims) {
		claims, err = nil, nil
	}
	var context *verify.Context
	if err == nil {
		context, err = verify.Prepare(c, claims, verify.Options{Now: now, Specification: true})
	}
	if err != nil {
		t.Fatalf("aksimtest: the claims can't be taken as they are:\n%v", err)
		return nil
	}
	return &Snapshot{context}
}

// today returns the day of AKSIM_NOW, or that of the clock.
func today() (verify.Date, error) {
	text := os.Getenv("AKSIM_NOW")
	if text == "" {
		text = time.Now().UTC().Format(time.DateOnly)
	}
	d, err := verify.ParseDate(text)
	if err != nil {
		return d, fmt.Errorf("AKSIM_NOW: %w", err)
	}
	return d, nil
}

// moduleRoot returns the directory of the go.mod that the test belongs to: tests run in
// the directory of their package.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("there is no go.mod above %s: embed the manifests (//go:embed) and use LoadFS", dir)
		}
	}
}

// untracked says why the test cache would not see a path change; empty if it would.
func untracked(root, path string) string {
	if path == "-" {
		return "standard input is nothing that a test can be repeated with: embed the manifests (//go:embed) and use LoadFS"
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return err.Error()
	}
	if rel, err := filepath.Rel(root, abs); err == nil && filepath.IsLocal(rel) {
		return ""
	}
	return fmt.Sprintf("%s lies outside the module of the test (%s): go test does not notice when files there change, and prints the old result as (cached). "+
		"Move the manifests into the module, or put the test into theirs; then embed them (//go:embed) and use LoadFS", path, root)
}
