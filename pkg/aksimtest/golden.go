package aksimtest

import (
	"cmp"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/netsim"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// Golden fails the test unless all that anybody can reach and may do is what the file
// says: a line for each pair of ends with an open port, and for each right. The file is
// for reviewers, and AKSIM_UPDATE=1 rewrites it. A failure lists the access that was
// gained and that was lost. The path is relative to the package of the test.
func (s *Snapshot) Golden(t T, path string) bool {
	t.Helper()
	if s == nil {
		t.Fatalf("aksimtest: nothing was loaded")
		return false
	}
	got := s.relation()
	if os.Getenv("AKSIM_UPDATE") == "1" {
		if err := rewrite(path, got); err != nil {
			t.Fatalf("aksimtest: %v", err)
			return false
		}
		return true
	}
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatalf("aksimtest: %v", err)
		return false
	}
	want := linesOf(string(text))
	gained, lost := missingFrom(want, got), missingFrom(got, want)
	if err == nil && len(gained) == 0 && len(lost) == 0 {
		return true
	}
	t.Errorf("%s", difference(path, err, gained, lost))
	return false
}

const goldenHead = "# All that can be reached and done. Rewritten by AKSIM_UPDATE=1 go test.\n"

func rewrite(path string, lines []string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(goldenHead+strings.Join(lines, "\n")+"\n"), fs.FileMode(0o644))
}

func difference(path string, err error, gained, lost []string) string {
	lines := []string{path + ": access has changed"}
	if err != nil {
		lines[0] = path + ": there is no such file yet"
	}
	for _, part := range []struct {
		word  string
		lines []string
	}{{"gained", gained}, {"lost", lost}} {
		if len(part.lines) > 0 {
			lines = append(lines, part.word+":")
		}
		for _, l := range part.lines {
			lines = append(lines, "    "+l)
		}
	}
	return strings.Join(append(lines, "if that is meant: AKSIM_UPDATE=1 go test, and have the change of the file reviewed"), "\n")
}

// linesOf returns the lines of a file that are no comments.
func linesOf(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

func missingFrom(have, of []string) (missing []string) {
	for _, l := range of {
		if !slices.Contains(have, l) {
			missing = append(missing, l)
		}
	}
	return missing
}

// relation lists the edges between pods, those with addresses outside by the pods'
// namespaces, and the rights that bindings of the input give.
func (s *Snapshot) relation() []string {
	n := s.context.Network()
	edges := map[string]bool{}
	for e := range n.All() {
		edges["reach "+e.String()] = true
	}
	for ns := range n.Cluster().Namespaces() {
		for _, around := range []func(netsim.Endpoint) (iter.Seq[netsim.Edge], error){n.Into, n.OutOf} {
			found, err := around(netsim.Namespace(ns.Name))
			if err != nil {
				continue // a namespace without pods
			}
			for e := range found {
				edges["reach "+e.String()] = true
			}
		}
	}
	lines := sortedKeys(edges)
	a := s.context.Authorizer()
	rights := map[string]bool{}
	for p := range a.Principals() {
		for right := range a.Rights(rbacsim.As(p)).All() {
			if right.To == p && !right.BindingAssumed {
				rights[p.String()+" "+rightText(right)] = true
			}
		}
	}
	for _, r := range sortedKeys(rights) {
		lines = append(lines, "right "+r)
	}
	return lines
}

func sortedKeys(set map[string]bool) (keys []string) {
	for k := range set {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// rightText words a rule with where it counts.
func rightText(r rbacsim.Access) string {
	where := "everywhere"
	if r.Namespace != "" {
		where = "in " + r.Namespace
	}
	if r.Policy == nil {
		return fmt.Sprintf("%s, which is not in the input, %s", r.Role, where)
	}
	p := r.Policy
	text := strings.Join(p.Verbs, ",")
	for _, group := range p.APIGroups {
		for _, resource := range p.Resources {
			text += " " + rbacsim.Resource{Group: group, Name: resource}.String()
		}
	}
	if len(p.ResourceNames) > 0 {
		text += " named " + strings.Join(p.ResourceNames, ",")
	}
	text = strings.TrimRight(cmp.Or(text, "?")+" "+strings.Join(p.NonResourceURLs, " "), " ")
	if r.Open != "" {
		where += ", perhaps: " + r.Open
	}
	return text + " " + where
}
