package rbacsim_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/aksim/aksim/internal/corpus"
	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// The file rbac-proofs holds answers, each after its question:
//
//	? compare FROM | TO             two subjects, or two roles as KIND/NAMESPACE/NAME
//	? within WHO: REQUESTS          REQUESTS are as in can-i, with semicolons between
//	? not granted: REQUESTS
//	? nobody but WHO, WHO: REQUESTS
//	? spares
//	? minimal role: REQUESTS
//
// A question that ends in "of known resources" is about those only.
func TestProofsCorpus(t *testing.T) {
	runCorpus(t, "rbac-proofs", func(t *testing.T, s *corpus.Scenario, a *rbacsim.Authorizer) {
		var out strings.Builder
		for _, line := range s.Lines("rbac-proofs") {
			if question, ok := strings.CutPrefix(line, "? "); ok {
				fmt.Fprintf(&out, "? %s\n%s\n\n", question, prove(t, a, question))
			}
		}
		s.Golden(t, "rbac-proofs", strings.TrimSuffix(out.String(), "\n"))
	})
}

func prove(t *testing.T, a *rbacsim.Authorizer, question string) string {
	t.Helper()
	u := rbacsim.AllRequests
	if q, ok := strings.CutSuffix(question, " of known resources"); ok {
		question, u = q, rbacsim.KnownRequests
	}
	question, what, _ := strings.Cut(question, ": ")
	var requests []rbacsim.Request
	for text := range strings.SplitSeq(what, "; ") {
		if text != "" {
			requests = append(requests, parseRequest(t, text))
		}
	}
	set := rbacsim.RequestsFor(requests...)
	word, rest, _ := strings.Cut(question, " ")
	switch word {
	case "compare":
		from, to, _ := strings.Cut(rest, " | ")
		x, err := model.ParseRef(from)
		if err != nil {
			return a.CompareSubjects(parseSubject(t, from), parseSubject(t, to), u).String()
		}
		y, err := model.ParseRef(to)
		require.NoError(t, err)
		c, err := a.CompareRoles(x, y, u)
		require.NoError(t, err)
		return c.String()
	case "within":
		return a.Within(parseSubject(t, rest), set, u).String()
	case "not":
		return a.NotGranted(set, u).String()
	case "nobody":
		var names []identity.Principal
		for name := range strings.SplitSeq(strings.TrimPrefix(rest, "but "), ", ") {
			names = append(names, identity.MustParse(name))
		}
		return a.NobodyExcept(names, set, u).String()
	case "spares":
		var lines []string
		for s := range a.Spares(u) {
			lines = append(lines, s.String())
		}
		return strings.Join(lines, "\n")
	}
	m := rbacsim.MinimalRole("least", requests)
	var parts []string
	if m.ClusterRole != nil {
		text, err := yaml.Marshal(m.ClusterRole)
		require.NoError(t, err)
		parts = append(parts, string(text))
	}
	for _, r := range m.Roles {
		text, err := yaml.Marshal(r)
		require.NoError(t, err)
		parts = append(parts, string(text))
	}
	for _, n := range m.Needs {
		parts = append(parts, fmt.Sprintf("%s %s %q is needed by %s\n", n.Namespace, n.Path, n.Value, n.Request))
	}
	for _, n := range m.Notes {
		parts = append(parts, fmt.Sprintf("%s: %s\n", n.Request, n.Text))
	}
	for _, r := range m.Left {
		parts = append(parts, fmt.Sprintf("left: %s\n", r))
	}
	return strings.Join(append(parts, m.Proof.String()), "")
}
