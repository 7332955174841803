package aksimtest_test

import (
	"bytes"
	"embed"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/aksimtest"
)

//go:embed testdata
var files embed.FS

var update = flag.Bool("update", false, "rewrite the expected outputs")

func load(t aksimtest.T) *aksimtest.Snapshot {
	return aksimtest.LoadFS(t, files, "testdata/shop.yaml")
}

// What holds passes, and says nothing.
func TestPasses(t *testing.T) {
	s := load(t)
	ok := []bool{
		s.Allowed(t, "shop/web -> shop/db:5432"),
		s.Denied(t, "shop/web -> shop/api:8080"),
		s.Denied(t, "internet -> shop/db"),
		s.OnlyInto(t, "shop/db", "shop/api:5432", "shop/web:5432"),
		s.OnlyInto(t, "shop/web"),
		s.Can(t, "sa/shop/web get secrets/db -n shop"),
		s.Cannot(t, "sa/shop/web list secrets"),
		s.Within(t, "sa/shop/web", "role/reader in shop"),
		s.Golden(t, "testdata/golden.txt"),
	}
	assert.NotContains(t, ok, false)
	t.Setenv("AKSIM_NOW", "2026-11-28")
	aksimtest.Load(t, "testdata/shop.yaml", filepath.Join("testdata", "claims.yaml")).Claims(t)
}

// failing are tests that fail, each in its own way.
var failing = []struct {
	name string
	test func(t *testing.T, s *aksimtest.Snapshot)
}{
	{"denied", func(t *testing.T, s *aksimtest.Snapshot) { s.Denied(t, "shop/web -> shop/db:5432") }},
	{"allowed", func(t *testing.T, s *aksimtest.Snapshot) { s.Allowed(t, "shop/web -> shop/db:5433") }},
	{"several", func(t *testing.T, s *aksimtest.Snapshot) { s.Denied(t, "namespace/shop -> shop/db:5432") }},
	{"mixed", func(t *testing.T, s *aksimtest.Snapshot) { s.Allowed(t, "namespace/shop -> namespace/shop:5432") }},
	{"undecided both ways", func(t *testing.T, _ *aksimtest.Snapshot) {
		s := aksimtest.LoadFS(t, files, "testdata/shop.yaml", "testdata/undecided.yaml")
		s.Allowed(t, "shop/web -> shop/api:80")
		s.Denied(t, "shop/web -> shop/api:80")
	}},
	{"misspelt", func(t *testing.T, s *aksimtest.Snapshot) {
		s.Denied(t, "shop/wbe -> shop/db:5432")
		s.Allowed(t, "shop/web -> shop/dbx:5432")
		s.Denied(t, "shop/web to shop/db")
		s.DefaultDeny(t, "shops")
		s.Cannot(t, "sa/shop/wbe get secrets")
		s.Can(t, "sa/shop/web get secretz")
		s.Within(t, "sa/shop/web", "viev")
		s.DefaultDeny(t)
	}},
	{"only into", func(t *testing.T, s *aksimtest.Snapshot) { s.OnlyInto(t, "shop/db", "shop/api:5432") }},
	{"default deny", func(t *testing.T, s *aksimtest.Snapshot) { s.DefaultDeny(t, "shop") }},
	{"can", func(t *testing.T, s *aksimtest.Snapshot) { s.Can(t, "sa/shop/web get secrets/other -n shop") }},
	{"cannot", func(t *testing.T, s *aksimtest.Snapshot) { s.Cannot(t, "sa/shop/web get secrets") }},
	{"within", func(t *testing.T, s *aksimtest.Snapshot) { s.Within(t, "sa/shop/web") }},
	{"golden", func(t *testing.T, s *aksimtest.Snapshot) { s.Golden(t, "testdata/golden-old.txt") }},
	{"golden is new", func(t *testing.T, s *aksimtest.Snapshot) { s.Golden(t, "testdata/golden-none.txt") }},
	{"claims", func(t *testing.T, s *aksimtest.Snapshot) {
		t.Setenv("AKSIM_NOW", "2027-01-01")
		aksimtest.LoadFS(t, files, "testdata/shop.yaml", "testdata/claims.yaml").Claims(t)
	}},
	{"no claims", func(t *testing.T, s *aksimtest.Snapshot) { s.Claims(t) }},
	{"outside the module", func(t *testing.T, s *aksimtest.Snapshot) { aksimtest.Load(t, "../../../deploy") }},
	{"standard input", func(t *testing.T, s *aksimtest.Snapshot) { aksimtest.Load(t, "-") }},
	{"broken", func(t *testing.T, s *aksimtest.Snapshot) { aksimtest.LoadFS(t, files, "testdata/broken.yml") }},
	{"empty", func(t *testing.T, s *aksimtest.Snapshot) { aksimtest.LoadFS(t, files, "testdata/empty.yaml") }},
	{"bad claims", func(t *testing.T, s *aksimtest.Snapshot) {
		aksimtest.LoadFS(t, files, "testdata/shop.yaml", "testdata/bad-claims.yaml")
	}},
}

const child = "AKSIM_FAILING_TESTS"

// TestFailing fails, but only as a child of TestFailures.
func TestFailing(t *testing.T) {
	if os.Getenv(child) == "" {
		t.Skip("run by TestFailures")
	}
	for _, f := range failing {
		t.Run(f.name, func(t *testing.T) { f.test(t, load(t)) })
	}
}

var (
	times = regexp.MustCompile(`\(?\d+\.\d+s\)?`)
	lines = regexp.MustCompile(`aksimtest_test\.go:\d+`)
)

// The words of each failure are held to a file.
func TestFailures(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestFailing$")
	cmd.Env = append(os.Environ(), child+"=1", "AKSIM_UPDATE=")
	out, err := cmd.CombinedOutput()
	require.Error(t, err, "all of them fail")
	wd, err := os.Getwd()
	require.NoError(t, err)
	root := filepath.Dir(filepath.Dir(wd))
	got := strings.ReplaceAll(string(out), root, "MODULE")
	got = lines.ReplaceAllString(times.ReplaceAllString(got, ""), "aksimtest_test.go:N")
	for _, f := range failing {
		assert.Contains(t, got, "--- FAIL: TestFailing/"+strings.ReplaceAll(f.name, " ", "_"))
	}
	const file = "testdata/failures.txt"
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// recorder is a test of another framework: it has no subtests.
type recorder struct{ bytes.Buffer }

func (*recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) { fmt.Fprintf(r, format+"\n", args...) }

func (r *recorder) Fatalf(format string, args ...any) { r.Errorf("fatal: "+format, args...) }

func TestOtherFrameworks(t *testing.T) {
	t.Setenv("AKSIM_NOW", "2027-01-01")
	r := &recorder{}
	s := aksimtest.LoadFS(r, files, "testdata/shop.yaml", "testdata/claims.yaml")
	s.Claims(r)
	assert.Contains(t, r.String(), "AKS-NET-002 every application namespace denies egress by default: want proved, got refuted")
	assert.Contains(t, r.String(), "the exception of shop team expired on 2026-12-31")

	r.Reset()
	t.Setenv("AKSIM_NOW", "tomorrow")
	assert.Nil(t, aksimtest.LoadFS(r, files, "testdata/shop.yaml"))
	assert.Equal(t, "fatal: aksimtest: AKSIM_NOW: \"tomorrow\" is no date: want YYYY-MM-DD\n", r.String())

	r.Reset()
	var none *aksimtest.Snapshot // a Fatalf that returns
	none.Allowed(r, "shop/web -> shop/db:5432")
	none.Claims(r)
	none.Golden(r, "x")
	assert.Equal(t, 3, strings.Count(r.String(), "fatal: aksimtest: nothing was loaded"))
}

func TestGoldenIsRewritten(t *testing.T) {
	name := filepath.Join(t.TempDir(), "deep", "access.txt")
	t.Setenv("AKSIM_UPDATE", "1")
	require.True(t, load(t).Golden(t, name))
	t.Setenv("AKSIM_UPDATE", "")
	require.True(t, load(t).Golden(t, name))
	got, err := os.ReadFile(name)
	require.NoError(t, err)
	want, err := os.ReadFile("testdata/golden.txt")
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

// The package brings no flags with it.
func TestNoFlags(t *testing.T) {
	flag.VisitAll(func(f *flag.Flag) {
		assert.True(t, strings.HasPrefix(f.Name, "test.") || f.Name == "update" || f.Name == "testwork", f.Name)
	})
}
