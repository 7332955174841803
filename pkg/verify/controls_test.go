package verify_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/cli"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/verify"
	"github.com/aksim/aksim/pkg/verify/report"
)

var update = flag.Bool("update", false, "rewrite the expected outputs")

const example = "../../examples/prod"

func today() verify.Date { return verify.Date{Year: 2026, Month: 11, Day: 28} }

// exampleCluster is the example, with the configuration of an AKS cluster if it has none.
func exampleCluster(t testing.TB) *model.Cluster {
	t.Helper()
	return load(t, example)
}

func load(t testing.TB, dir string) *model.Cluster {
	t.Helper()
	c, err := manifest.Load(dir)
	require.NoError(t, err)
	for range model.All[model.ManagedCluster](c) {
		return c
	}
	return c.With(aks(nil))
}

func run(t testing.TB, c *model.Cluster) verify.Report {
	t.Helper()
	claims, err := verify.ClaimsIn(c)
	require.NoError(t, err)
	r, err := verify.Run(c, claims, verify.Options{Now: today()})
	require.NoError(t, err)
	return r
}

// The example proves everything.
func TestExample(t *testing.T) {
	r := run(t, exampleCluster(t))
	var out bytes.Buffer
	require.NoError(t, report.Text(&out, &r, report.Style{}))
	assert.Equal(t, verify.Proved, r.Worst(), out.String())
}

// Each file of testdata/controls is named after a control, and is one realistic change
// of the example: objects in its files are added or take the place of others, as do those
// of the example's files that edit/FILE changes; those named in without go. It breaks that control and no other, as want says, and aksim
// answers the replay of each finding in the same way.
func TestControls(t *testing.T) {
	files, err := filepath.Glob("testdata/controls/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			id := strings.Join(strings.SplitN(strings.TrimSuffix(filepath.Base(file), ".txtar"), "-", 4)[:3], "-")
			archive, err := txtar.ParseFile(file)
			require.NoError(t, err)
			dir := edited(t, archive)
			c, flags := change(t, dir, archive)
			r := run(t, c)
			broken := append(strings.Fields(fileOf(archive, "also")), id)
			for _, res := range r.Results {
				if res.Area != verify.AreaClaims {
					assert.Equal(t, !slices.Contains(broken, res.ID), res.Outcome.Passes(), "%s: %s: %v", res.ID, res.Outcome, res.Findings)
				}
			}
			i := slices.IndexFunc(r.Results, func(res verify.Result) bool { return res.ID == id })
			require.GreaterOrEqual(t, i, 0)
			compare(t, file, archive, strings.ReplaceAll(findings(r.Results[i]), filepath.ToSlash(dir)+"/", "prod/"))
			for _, f := range r.Results[i].Findings {
				replay(t, flags, f)
			}
		})
	}
}

// fileOf returns the content of a file of an archive; empty if it has none.
func fileOf(archive *txtar.Archive, name string) string {
	for _, f := range archive.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

// edited returns the example's directory or, if the archive has a file edit, a copy with
// other lines. Its lines are the name of a file, then - and a part of one line of it,
// once there, and + and what takes its place.
func edited(t *testing.T, archive *txtar.Archive) string {
	t.Helper()
	edits := fileOf(archive, "edit")
	if edits == "" {
		return example
	}
	dir := filepath.Join(t.TempDir(), "prod")
	require.NoError(t, os.CopyFS(dir, os.DirFS(example)))
	var name, old string
	for line := range strings.Lines(edits) {
		line = strings.TrimSuffix(line, "\n")
		switch before, isOld := strings.CutPrefix(line, "-"); {
		case isOld:
			old = before
		case strings.HasPrefix(line, "+"):
			content, err := os.ReadFile(name)
			require.NoError(t, err)
			require.Equal(t, 1, strings.Count(string(content), old), "%s in %s", old, name)
			require.NoError(t, os.WriteFile(name, []byte(strings.Replace(string(content), old, line[1:], 1)), 0o644))
		default:
			name = filepath.Join(dir, line)
		}
	}
	return dir
}

// change applies the files of an archive, and returns the flags by which aksim does.
func change(t *testing.T, from string, archive *txtar.Archive) (*model.Cluster, []string) {
	t.Helper()
	c := load(t, from)
	dir := t.TempDir()
	flags := []string{"-f", from}
	for _, f := range archive.Files {
		switch f.Name {
		case "want", "edit", "also":
		case "without":
			for text := range strings.FieldsSeq(string(f.Data)) {
				ref, err := model.ParseRef(text)
				require.NoError(t, err)
				c, err = c.Without(ref)
				require.NoError(t, err)
				flags = append(flags, "--without", text)
			}
		default:
			file, data := f.Name, f.Data
			if of, ok := strings.CutPrefix(f.Name, "edit/"); ok {
				file, data = of, edit(t, of, string(f.Data))
			}
			name := filepath.Join(dir, file)
			require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
			require.NoError(t, os.WriteFile(name, data, 0o644))
			with, err := manifest.LoadFS(os.DirFS(dir), file)
			require.NoError(t, err)
			c = c.With(with)
			flags = append(flags, "--with", name)
		}
	}
	return c, flags
}

// edit returns a file of the example with changes: runs of lines that begin with a minus
// and must be there once, each followed by lines with a plus that take their place.
func edit(t *testing.T, file, changes string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(example, file))
	require.NoError(t, err)
	text, before, after := string(data), "", ""
	apply := func() {
		if before != "" {
			require.Equal(t, 1, strings.Count(text, before), "%s: %q", file, before)
			text = strings.Replace(text, before, after, 1)
		}
		before, after = "", ""
	}
	for line := range strings.Lines(changes) {
		switch line[0] {
		case '-':
			if after != "" {
				apply()
			}
			before += line[1:]
		case '+':
			after += line[1:]
		default:
			require.Fail(t, "neither - nor +", line)
		}
	}
	apply()
	return []byte(text)
}

func findings(r verify.Result) string {
	out := r.Outcome.String() + "\n"
	for _, f := range r.Findings {
		out += f.Object + ": " + f.Text + "\n"
		if !f.Place.IsZero() {
			out += "  at " + f.Place.Short() + "\n"
		}
		for _, g := range f.Grounds {
			out += "  " + g + "\n"
		}
		if f.Replay != nil {
			out += "  replay: " + report.Command(f.Replay) + "\n"
		}
		if f.Missing != "" {
			out += "  missing: " + f.Missing + "\n"
		}
	}
	return out
}

// compare holds the text to the file want of the archive, or rewrites that.
func compare(t *testing.T, file string, archive *txtar.Archive, got string) {
	t.Helper()
	i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
	if *update {
		if i < 0 {
			i, archive.Files = len(archive.Files), append(archive.Files, txtar.File{Name: "want"})
		}
		archive.Files[i].Data = []byte(got)
		require.NoError(t, os.WriteFile(file, txtar.Format(archive), 0o644))
		return
	}
	require.GreaterOrEqual(t, i, 0, "no file want: run with -update")
	assert.Equal(t, string(archive.Files[i].Data), got)
}

// replay runs a finding's command. A counterexample of packets or rights is allowed,
// but for a flow that has to work; what is undecided stays so.
func replay(t *testing.T, flags []string, f verify.Finding) {
	t.Helper()
	if f.Replay == nil {
		return
	}
	for i := range flags { // the example's pods get their addresses from the overlay
		if i > 0 && flags[i-1] == "-f" && f.Replay[0] == "reach" {
			flags = slices.Insert(slices.Clone(flags), i+1, "--pod-cidr", "10.244.0.0/16")
			break
		}
	}
	var out, notes bytes.Buffer
	args := slices.Concat(f.Replay[:1], flags, f.Replay[1:])
	got := cli.Main(cli.Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: io.Writer(&notes)}, args)
	want := []int{0, 3} // allowed, or mixed
	if strings.Contains(f.Text, "must be allowed") || strings.HasPrefix(f.Text, "missing: ") || f.Replay[0] == "whoami" && strings.Contains(f.Text, "is broken") {
		want = []int{1, 3}
	}
	if f.Outcome == verify.Undecided {
		want = []int{3}
	}
	assert.Contains(t, want, got, "%s\n%s%s", report.Command(args), out.String(), notes.String())
}
