package cli

import (
	"errors"
	"fmt"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// checkAzure refuses what a question about an action of Azure has no use for.
func (c *canI) checkAzure(action string) error {
	switch {
	case c.within != "" || c.everywhere || c.given("subresource"):
		return errors.New("an Azure action has a --scope: -n, -A and --subresource are for requests to the API server")
	case c.impersonatedBy != "":
		return errors.New("--impersonated-by is for requests to the API server")
	case c.apiResources != "":
		return errors.New("--api-resources is for requests to the API server")
	}
	if err := c.checkAction(action); err != nil {
		return err
	}
	if c.as == "" {
		return errors.New("offline nobody is logged in: say who asks, for example --as mi/NAME or --as user/alice@contoso.com")
	}
	if err := c.persona.check(); err != nil {
		return err
	}
	return c.input.check([]string{action})
}

// runAction answers whether somebody may take an action in Azure.
func (c *canI) runAction(s *session, action string) (int, error) {
	cluster, err := c.load(s)
	if err != nil {
		return 0, err
	}
	a := azure.New(cluster)
	who, subject, err := c.asker(a)
	if err != nil {
		return 0, err
	}
	known := placesOf(cluster)
	r, odd, err := c.request(a, known, action)
	if err != nil {
		return 0, err
	}
	v, err := a.Check(subject, r)
	if err != nil {
		return 0, err
	}
	s.warnings(odd)
	switch {
	case c.quiet:
	case c.output == "json":
		err = writeJSON(s.out, actionAccessOf(who, v, odd, a), "  ")
	case c.output == "jsonl":
		err = writeJSON(s.out, actionAccessOf(who, v, odd, a), "")
	default:
		c.printAction(s, a, known, who, v)
	}
	return exitOfComplete(v.Decision, v.Incomplete()), err
}

func (s *session) warnings(odd []string) {
	for _, text := range odd {
		s.note("warning: %s", text)
	}
}

// printAction prints the answer as for requests to the API server.
func (c *canI) printAction(s *session, a *azure.Authorizer, known places, who identity.Entity, v azure.Verdict) {
	fmt.Fprintln(s.out, yesNo(v.Decision))
	most := fewGrants
	if c.explain {
		most = count(v.Grants())
		fmt.Fprintf(s.out, "    %s: %s: %s\n", who.Principal(), v.Request(), v.Decision)
	}
	for line := range v.Grounds(most) {
		if line = "    " + line; !c.explain {
			line = wrapLine(known.shorten(line))
		}
		fmt.Fprintln(s.out, line)
	}
	if count(v.Grants()) > most {
		fmt.Fprintln(s.out, "    --explain tells all")
	}
	s.listAssumptions(a, c.explain)
}
