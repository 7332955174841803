package azure

import (
	"fmt"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// Access returns the chain with what it leads to at its end: what roles and access
// policies let its identity do, a step for each, or of a SecretProviderClass, whether
// the identity may fetch each object. A chain that leads to nobody who is known stays
// as it is.
func (a *Authorizer) Access(c identity.Chain) identity.Chain {
	if c.Identity.ObjectID == "" {
		return c
	}
	s := a.subject(c.Identity.ObjectID)
	if c.Way == identity.BySecretProvider {
		if len(c.Objects) == 0 && c.Outcome() != identity.Broken {
			c = c.With(identity.Step{
				Kind: identity.AccessStep, Title: "objects", Outcome: identity.Broken,
				Detail: "the class names none, which the provider refuses",
			})
		}
		for _, o := range c.Objects {
			c = c.With(a.fetch(s, c.Vault, o))
		}
		return c
	}
	steps := a.holdings(&s)
	if len(steps) == 0 {
		steps = []identity.Step{a.nothing(c)}
	}
	for _, step := range steps {
		c = c.With(step)
	}
	return c
}

// nothing is the step of an identity that nothing is assigned to. Whoever did not ask
// for it needs nothing.
func (a *Authorizer) nothing(c identity.Chain) identity.Step {
	s := identity.Step{
		Kind: identity.AccessStep, Title: "access", Outcome: identity.Broken,
		Detail: "nothing is assigned to " + c.Identity.Principal().String() + " anywhere: Azure lets it do nothing",
		Hint:   "what does not ask Azure RBAC, such as a login to a database, may take its tokens all the same",
	}
	switch {
	case !c.Asked:
		s.Outcome, s.Hint = identity.OK, ""
	case len(a.assignments) == 0:
		s.Outcome, s.Hint, s.Detail = identity.Undecided, "", noAssignments
	}
	return s
}

// holdings returns a step for each role assignment and access policy that counts for
// somebody anywhere, in the order of the input.
func (a *Authorizer) holdings(s *Subject) (steps []identity.Step) {
	var before model.Ref
	for _, r := range a.rights(s, a.everywhere(Scope{}), Scope{}) {
		right := r.api(a, s)
		text := describe(&right)
		if last := len(steps) - 1; last >= 0 && right.Policy < 0 && right.Assignment == before {
			steps[last].Detail += "; " + text
			continue
		}
		before = right.Assignment
		step := identity.Step{Kind: identity.AccessStep, Title: "access", Outcome: identity.OK, Place: right.Place}
		if right.Policy >= 0 {
			step.Detail = fmt.Sprintf("access policy %d of %s: %s", right.Policy, right.Scope, text)
		} else {
			step.Detail = fmt.Sprintf("%s, at %s: %s", right.role(), right.where(), text)
		}
		if right.Open != "" {
			step.Detail += "; but " + right.Open
		}
		steps = append(steps, step)
	}
	return steps
}

// describe tells the actions of a right, a few of many, with what they have in common
// told once.
func describe(r *Right) string {
	const most = 3
	list := r.Actions
	more := ""
	if len(list) > most {
		list, more = list[:most-1], fmt.Sprintf(" and %d more", len(r.Actions)-most+1)
	}
	var text string
	if n := common(list); len(list) > 1 && n > 0 {
		var rest []string
		for _, action := range list {
			rest = append(rest, action[n:])
		}
		text = list[0][:n] + "{" + strings.Join(rest, ", ") + "}"
	} else {
		text = strings.Join(list, ", ")
	}
	text += more
	if len(r.Except) > 0 {
		text += fmt.Sprintf(" with %d exceptions", len(r.Except))
	}
	if r.Data {
		return "data " + text
	}
	return text
}

// common returns how long the beginning is that all actions share, up to a slash.
func common(actions []string) int {
	n := 0
	for i := range actions[0] {
		for _, other := range actions[1:] {
			if i >= len(other) || other[i] != actions[0][i] {
				return n
			}
		}
		if actions[0][i] == '/' {
			n = i + 1
		}
	}
	return n
}

// fetch is the step of an object that a driver fetches from a vault.
func (a *Authorizer) fetch(s Subject, vault string, o identity.SecretObject) identity.Step {
	step := identity.Step{Kind: identity.AccessStep, Title: o.Type, Detail: o.Name + " in " + vault}
	at, ok := a.vaultCalled(vault)
	if !ok {
		step.Detail += ": the input has no such key vault"
		return step
	}
	collection, action := "secrets", "secrets/getSecret/action"
	switch o.Type {
	case "key":
		collection, action = "keys", "keys/read"
	case "cert":
		collection, action = "certificates", "certificates/read"
	}
	scope, err := ParseScope(at.String() + "/" + collection + "/" + o.Name)
	if err != nil {
		step.Outcome, step.Detail = identity.Broken, step.Detail+": "+err.Error()
		return step
	}
	v, err := a.Check(s, Request{Action: "Microsoft.KeyVault/vaults/" + action, Data: true, Scope: scope})
	if err != nil {
		step.Detail += ": " + err.Error()
		return step
	}
	if v.Decision == rbacsim.Denied && len(a.assignments) == 0 && a.vaults[at].rbac != no {
		step.Detail += ": " + noAssignments
		return step
	}
	return v.step(step)
}

const noAssignments = "the input holds no role assignments (az role assignment list)"

// step completes a step with the answer, and with why.
func (v Verdict) step(step identity.Step) identity.Step {
	for g := range v.Grants() {
		step.Place = g.Place
		step.Detail += ", by " + g.role()
		if g.Policy >= 0 {
			step.Detail = strings.TrimSuffix(step.Detail, g.role()) + "an access policy"
		}
		break
	}
	switch v.Decision {
	case rbacsim.Allowed:
		step.Outcome = identity.OK
		return step
	case rbacsim.Denied:
		step.Outcome = identity.Broken
	case rbacsim.Undecided:
	}
	step.Detail += ": " + v.request.Action + " is " + v.Decision.String()
	for d := range v.Denials() {
		step.Hint = "denied by " + d.String()
		return step
	}
	for m := range v.Misses() {
		step.Place, step.Hint = m.Place, m.role()+": "+strings.Join(m.But, "; ")
		return step
	}
	return step
}

// vaultCalled finds a vault of the input by its name, which is unique in Azure.
func (a *Authorizer) vaultCalled(name string) (Scope, bool) {
	for _, v := range a.sortedVaults() {
		if v.scope.Name() == lower(name) {
			return v.scope, true
		}
	}
	return Scope{}, false
}
