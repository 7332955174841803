package aksimtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/netsim"
	"github.com/aksim/aksim/pkg/verify"
	"github.com/aksim/aksim/pkg/verify/report"
)

// Allowed fails the test unless the flow, FROM -> TO:PORT[/PROTOCOL], is certainly let
// through; without a port, on every port. Ends are those of netsim.ParseEndpoint and
// the aliases of the claims. It reports whether it passes, as all assertions do.
func (s *Snapshot) Allowed(t T, flow string) bool {
	t.Helper()
	return s.assert(t, verify.Allow, flow)
}

// Denied fails the test unless the flow is certainly dropped, with a port as Allowed, or
// without one on every port; where an end is a namespace, for its pods to come as well
// then.
func (s *Snapshot) Denied(t T, flow string) bool {
	t.Helper()
	return s.assert(t, verify.Deny, flow)
}

// OnlyInto fails the test unless it is proved that nothing but the sources gets into the
// target's pods, now or later: each FROM[:PORT[/PROTOCOL]], the port being the target's.
func (s *Snapshot) OnlyInto(t T, target string, sources ...string) bool {
	t.Helper()
	return s.assert(t, verify.OnlyInto, target+": "+listOf(sources))
}

// DefaultDeny fails the test unless it is proved that each of the namespaces denies by
// default, in both directions, for every pod that exists or may come.
func (s *Snapshot) DefaultDeny(t T, namespaces ...string) bool {
	t.Helper()
	ok := len(namespaces) > 0
	if !ok {
		t.Errorf("DefaultDeny: say which namespace")
	}
	for _, ns := range namespaces {
		ok = s.assert(t, verify.DefaultDeny, ns) && ok
	}
	return ok
}

// Can fails the test unless the request is certainly allowed: WHO VERB TYPE[/NAME] [-n
// NAMESPACE] [--subresource NAME], as in "sa/shop/api get configmaps/settings -n shop".
func (s *Snapshot) Can(t T, access string) bool {
	t.Helper()
	return s.assert(t, verify.Can, access)
}

// Cannot fails the test unless the request is certainly denied: of every name and in
// every namespace, where none is named.
func (s *Snapshot) Cannot(t T, access string) bool {
	t.Helper()
	return s.assert(t, verify.Cannot, access)
}

// Within fails the test unless it is proved that the principal may do nothing but what
// the roles allow: each ROLE [in NAMESPACE], as in "view in app".
func (s *Snapshot) Within(t T, who string, roles ...string) bool {
	t.Helper()
	return s.assert(t, verify.Within, who+": "+listOf(roles))
}

func listOf(items []string) string {
	if len(items) == 0 {
		return "nothing"
	}
	return strings.Join(items, ", ")
}

func (s *Snapshot) assert(t T, form verify.Form, text string) bool {
	t.Helper()
	if s == nil {
		t.Fatalf("aksimtest: nothing was loaded")
		return false
	}
	st, err := verify.ParseStatement(form.String() + " " + text)
	if err != nil {
		t.Errorf("%v", err)
		return false
	}
	r, err := s.context.Ask(st)
	if err != nil {
		t.Errorf("%s: %v", st, err)
		return false
	}
	if r.Outcome == verify.Proved {
		return true
	}
	t.Errorf("%s", s.failure(st, &r))
	return false
}

// failure words why a statement is not proved: what was wanted, what came out, and the
// grounds with their places.
func (s *Snapshot) failure(st verify.Statement, r *verify.Result) string {
	want, got := "proved", r.Outcome.String()
	subject := r.Title
	switch st.Form {
	case verify.Allow, verify.Can:
		want = "allowed"
	case verify.Deny, verify.Cannot:
		want = "denied"
	default:
	}
	if want != "proved" {
		subject = strings.TrimPrefix(r.Title, st.Form.String()+" ")
		if got = "undecided"; r.Outcome == verify.Refuted {
			got = map[string]string{"allowed": "denied", "denied": "allowed"}[want]
		}
	}
	if st.Form == verify.Allow || st.Form == verify.Deny {
		if d, ok := s.decision(st, r); ok {
			got = d
		}
	}
	lines := []string{fmt.Sprintf("%s: want %s, got %s", subject, want, got)}
	for _, f := range r.Findings {
		lines = append(lines, findingLines(f, subject)...)
	}
	return strings.Join(lines, "\n")
}

// decision returns the answer in one word, mixed ones told apart.
func (s *Snapshot) decision(st verify.Statement, r *verify.Result) (string, bool) {
	if len(r.Findings) != 1 || len(r.Findings[0].Replay) == 0 || st.Flow.To.Port == 0 {
		return "", false
	}
	f, err := netsim.ParseFlow(r.Findings[0].Object)
	if err != nil {
		return "", false
	}
	v, err := s.context.Network().Check(f)
	if err != nil {
		return "", false
	}
	return v.Decision.String(), true
}

func findingLines(f verify.Finding, subject string) (lines []string) {
	grounds := slices.Clone(f.Grounds)
	switch {
	case len(grounds) > 0 && strings.HasPrefix(grounds[0], subject+": "): // the first line has said so
		for _, g := range grounds[1:] {
			lines = append(lines, strings.TrimPrefix(g, "    "))
		}
		return lines
	case strings.HasPrefix(f.Text, "is ") && len(grounds) > 0:
	default:
		lines = append(lines, "but "+f.Text)
		for i, g := range grounds {
			grounds[i] = "    " + g
		}
	}
	lines = append(lines, grounds...)
	if len(f.Replay) > 0 {
		lines = append(lines, "replay: "+report.Command(f.Replay))
	}
	return lines
}
