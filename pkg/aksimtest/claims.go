package aksimtest

import (
	"strings"
	"testing"

	"github.com/aksim/aksim/pkg/verify"
)

// Claims fails the test unless the claims in the input hold: the statements, and the
// controls of the areas, those of the network if none is named. Each is a subtest where
// t has such. The exceptions of the claims count until they expire.
func (s *Snapshot) Claims(t T, areas ...verify.Area) {
	t.Helper()
	if s == nil {
		t.Fatalf("aksimtest: nothing was loaded")
		return
	}
	if s.context.Claims().Kind == "" {
		t.Fatalf("aksimtest: there is no document of kind Claims (%s) in the input", verify.ClaimsAPIVersion)
		return
	}
	if len(areas) == 0 {
		areas = []verify.Area{verify.AreaNetwork}
	}
	r := s.context.Run(append(append([]verify.Area(nil), areas...), verify.AreaClaims)...)
	for i := range r.Results {
		s.claim(t, &r.Results[i])
	}
}

// runner is a test that has subtests.
type runner interface {
	Run(name string, f func(*testing.T)) bool
}

func (s *Snapshot) claim(t T, r *verify.Result) {
	t.Helper()
	if sub, ok := t.(runner); ok {
		sub.Run(r.ID, func(t *testing.T) {
			t.Helper()
			s.judge(t, r)
		})
		return
	}
	s.judge(t, r)
}

func (s *Snapshot) judge(t T, r *verify.Result) {
	t.Helper()
	if r.Outcome.Passes() {
		return
	}
	title := r.Title
	if r.ID != title {
		title = r.ID + " " + title
	}
	lines := []string{title + ": want proved, got " + r.Outcome.String()}
	for _, f := range r.Findings {
		of := f
		of.Text = f.Object + ": " + f.Text
		lines = append(lines, findingLines(of, "")...)
	}
	t.Errorf("%s", strings.Join(lines, "\n"))
}
