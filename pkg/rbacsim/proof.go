package rbacsim

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
)

// Outcome is the outcome of a proof. The zero Outcome is Open: a forgotten proof
// proves nothing.
type Outcome uint8

const (
	// Open says: neither proved nor refuted, for the reasons that the proof gives.
	Open Outcome = iota
	// Proved says that the claim holds for all that it speaks of.
	Proved
	// Refuted says that the claim is false, as the counterexample shows.
	Refuted
)

// String returns undecided, proved or refuted.
func (o Outcome) String() string {
	switch o {
	case Open:
		return "undecided"
	case Proved:
		return "proved"
	case Refuted:
		return "refuted"
	}
	return "Outcome(" + strconv.Itoa(int(o)) + ")"
}

// Proof is the answer to a claim about every request of a [Universe], exactly:
// whatever rules can tell apart has been looked at.
type Proof struct {
	Claim   string // the claim, for people
	Over    string // what it is quantified over, for people
	Outcome Outcome

	// Counterexample refutes the claim or, where the outcome is Open, might do so.
	Counterexample *Counterexample

	// Reasons say why the outcome is Open.
	Reasons []string

	// Apart says of whom the claim does not speak: who is allowed things by other
	// means than roles.
	Apart []string
}

// String returns the proof as text of several lines, without a final newline.
func (p Proof) String() string {
	lines := []string{p.Claim + ": " + p.Outcome.String(), "    over " + p.Over}
	if c := p.Counterexample; c != nil {
		word := "but "
		if p.Outcome == Open {
			word = "perhaps not: "
		}
		lines = append(lines, "    "+word+strings.ReplaceAll(c.String(), "\n", "\n    "))
	}
	for _, r := range p.Reasons {
		lines = append(lines, "    "+r)
	}
	for _, r := range p.Apart {
		lines = append(lines, "    not looked at: "+r)
	}
	return strings.Join(lines, "\n")
}

// refute ends a proof with a counterexample: the request is allowed for certain, or
// may be.
func (p *Proof) refute(certain bool, c *Counterexample, reasons ...string) {
	p.Counterexample = c
	if certain {
		p.Outcome, p.Reasons = Refuted, nil
	} else {
		p.Outcome, p.Reasons = Open, reasons
	}
}

// Counterexample is a request that a claim forbids, or that two sides of a
// comparison differ in.
type Counterexample struct {
	// Subject makes the request. It is the zero Subject if no subject of the input has
	// the rule: that of a role that nobody is bound to.
	Subject Subject
	Request Request
	// Grants are the rules that allow it, or might, in the order of [Verdict.Grants].
	Grants []Grant

	principal identity.Principal
	resources *Resources
}

// String returns the counterexample on several lines: who and what, the grants, and
// the command that replays it.
func (c *Counterexample) String() string {
	var b strings.Builder
	if c.Subject.User != "" || len(c.Subject.Groups) > 0 {
		b.WriteString(c.Subject.short() + ": ")
	}
	b.WriteString(c.Request.String())
	for i, g := range c.Grants {
		if i == mostGrants {
			b.WriteString("\n    and by " + strconv.Itoa(len(c.Grants)-i) + " more rules")
			break
		}
		text := g.Source()
		if !g.Binding.IsZero() {
			text = g.String()
		}
		b.WriteString("\n    by " + strings.ReplaceAll(text, "\n", "\n    "))
	}
	if args := c.Args(); args != nil {
		b.WriteString("\n    replay: aksim can-i … " + quoteArgs(args))
	} else if !c.principal.IsZero() {
		b.WriteString("\n    replay: echo " + quoteArgs([]string{c.Review()}) + " | aksim can-i … --reviews -")
	}
	return b.String()
}

// Args returns the arguments with which aksim can-i, given the same input, replays
// the request; nil if there is nobody to ask about, or no words for the request: then
// the Review does.
func (c *Counterexample) Args() []string {
	groups, ok := c.asked()
	if !ok || !c.sayable() {
		return nil
	}
	args := []string{"--as", c.principal.String()}
	for _, g := range groups {
		args = append(args, "--as-group", g)
	}
	r := c.Request
	if r.NonResource {
		return append(args, r.Verb, r.Path)
	}
	if r.Namespace != "" {
		args = append(args, "-n", r.Namespace)
	} else {
		args = append(args, "-A")
	}
	if r.Subresource != "" {
		args = append(args, "--subresource", r.Subresource)
	}
	what := Resource{Group: r.Group, Name: r.Resource}.String()
	if r.Name != "" {
		what += "/" + r.Name
	}
	return append(args, r.Verb, what)
}

// Review returns the question as a SubjectAccessReview, in JSON on one line, as aksim
// can-i --reviews reads it.
func (c *Counterexample) Review() string {
	type attributes map[string]string
	var spec struct {
		User                  string     `json:"user,omitempty"`
		Groups                []string   `json:"groups,omitempty"`
		ResourceAttributes    attributes `json:"resourceAttributes,omitempty"`
		NonResourceAttributes attributes `json:"nonResourceAttributes,omitempty"`
	}
	spec.User, spec.Groups = c.Subject.User, c.Subject.Groups
	r := c.Request
	if r.NonResource {
		spec.NonResourceAttributes = attributes{"verb": r.Verb, "path": r.Path}
	} else {
		spec.ResourceAttributes = attributes{"verb": r.Verb, "group": r.Group, "resource": r.Resource}
		for key, value := range map[string]string{"subresource": r.Subresource, "namespace": r.Namespace, "name": r.Name} {
			if value != "" {
				spec.ResourceAttributes[key] = value
			}
		}
	}
	text, err := json.Marshal(map[string]any{"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec})
	if err != nil {
		panic(err) // strings only
	}
	return string(text)
}

// asked returns the groups to ask with, and whether that makes the subject: groups
// that are given take the place of a ServiceAccount's own (RB37).
func (c *Counterexample) asked() (groups []string, ok bool) {
	if c.principal.IsZero() {
		return nil, false
	}
	if c.Subject.is(As(c.principal)) {
		return nil, true
	}
	groups = slices.DeleteFunc(slices.Clone(c.Subject.Groups), func(g string) bool { return g == identity.AllAuthenticated })
	return groups, c.Subject.is(Impersonating(c.principal, groups...))
}

// sayable reports whether kubectl's words can put the request as it is: no part that
// they leave out, take apart or translate.
func (c *Counterexample) sayable() bool {
	r := c.Request
	if r.Verb == "" || strings.HasPrefix(r.Verb, "-") || strings.Contains(r.Verb, ",") {
		return false
	}
	if r.NonResource {
		return strings.HasPrefix(r.Path, "/")
	}
	if r.Resource == "" || strings.HasPrefix(r.Resource, "-") || strings.ContainsAny(r.Resource, "./") || strings.Contains(r.Group+r.Name, "/") {
		return false
	}
	if r.Resource == wildcard {
		return r.Group == ""
	}
	res, known := c.resources.Lookup(Resource{Group: r.Group, Name: r.Resource}.String())
	switch {
	case !known: // perhaps its group looks like a version
		return len(r.Group) < 2 || r.Group[0] != 'v' || r.Group[1] < '0' || r.Group[1] > '9'
	case res.Group != r.Group || res.Name != r.Resource:
		return false // another is called so, too
	}
	return r.Subresource != "" || !slices.Contains(res.Subresources, r.Name)
}

// quoteArgs joins arguments as a shell reads them.
func quoteArgs(args []string) string {
	var out []string
	for _, a := range args {
		if a == "" || strings.ContainsAny(a, " {}[]*?$&;<>|'\"\\()#~`!\n\t") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		out = append(out, a)
	}
	return strings.Join(out, " ")
}
