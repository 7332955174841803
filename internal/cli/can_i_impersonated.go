package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// impersonatedJSON is the answer about a request in somebody else's name.
type impersonatedJSON struct {
	Version     int         `json:"version"`
	By          string      `json:"impersonatedBy"`
	Request     requestJSON `json:"request"`
	Decision    string      `json:"decision"`
	Modes       []modeJSON  `json:"modes"`
	Assumptions []string    `json:"assumptions"`
}

type modeJSON struct {
	Name     string      `json:"name"`
	As       subjectJSON `json:"as"` // who the request is by in this mode
	Decision string      `json:"decision"`
	Needs    []needJSON  `json:"needs"`
	Then     string      `json:"then,omitempty"` // what the request gets, if the mode is allowed
	Reason   string      `json:"reason,omitempty"`
}

// runImpersonated answers whether somebody may make the request in the name of who
// --as and --as-group say.
func (c *canI) runImpersonated(s *session, k *azure.Kubernetes, r rbacsim.Request) (int, error) {
	a := k.RBAC()
	by, err := identity.Parse(c.impersonatedBy)
	if err != nil {
		return 0, fmt.Errorf("--impersonated-by: %w", err)
	}
	as, err := identity.Parse(c.as)
	switch {
	case err != nil:
		return 0, asFlag(err)
	case as.Kind() == identity.Group:
		return 0, errors.New("--impersonated-by: nobody can impersonate a group alone; name a user with --as, and --as-group for the group")
	}
	subject, err := k.As(by)
	if err != nil {
		return 0, fmt.Errorf("--impersonated-by: %w", err)
	}
	if !subject.Entra {
		s.doubtPrincipal(a, by)
	}
	s.warn(a, r)
	outcome := a.Impersonate(subject.RBAC, rbacsim.Mask{User: as, Groups: c.groups}, r)
	if d, _ := k.AsksAzure(); d != rbacsim.Denied && subject.Entra && outcome.Decision == rbacsim.Denied {
		outcome.Decision = rbacsim.Undecided
		s.note("incomplete: Azure RBAC may let %s impersonate, and is not looked at here: ask can-i impersonate", by)
	}
	if c.quiet {
		return exitOfAccess(outcome.Decision), nil
	}
	if c.output == "text" {
		printImpersonation(s, by, outcome, r)
		s.assumptions(a)
		return exitOfAccess(outcome.Decision), nil
	}
	indent := ""
	if c.output == "json" {
		indent = "  "
	}
	out := impersonatedJSON{
		Version: 1, By: by.String(), Request: requestOf(r),
		Decision: accessWord(outcome.Decision), Assumptions: slices.Collect(a.Assumptions()),
	}
	for _, m := range outcome.Modes {
		mode := modeJSON{
			Name: m.Name, As: subjectJSON{m.As.User, m.As.Groups}, Decision: accessWord(m.Decision), Needs: []needJSON{}, Reason: m.Reason,
		}
		for _, n := range m.Needs {
			mode.Needs = append(mode.Needs, needJSON{requestOf(n.Request), accessWord(n.Decision)})
		}
		if m.Decision != rbacsim.Denied {
			mode.Then = accessWord(m.Request)
		}
		out.Modes = append(out.Modes, mode)
	}
	return exitOfAccess(outcome.Decision), writeJSON(s.out, out, indent)
}

func printImpersonation(s *session, by identity.Principal, outcome rbacsim.Impersonation, r rbacsim.Request) {
	fmt.Fprintln(s.out, yesNo(outcome.Decision))
	for _, m := range outcome.Modes {
		fmt.Fprintf(s.out, "    %s as %s in mode %s: %s\n", by, m.As, m.Name, m.Decision)
		if m.Reason != "" {
			fmt.Fprintln(s.out, "        "+m.Reason)
		}
		for _, n := range m.Needs {
			fmt.Fprintf(s.out, "        %s: %s\n", n.Request, n.Decision)
		}
		if m.Decision != rbacsim.Denied {
			fmt.Fprintf(s.out, "        and then %s: %s\n", r, m.Request)
		}
	}
}
