package rbacsim

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/rulespace"
	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

// extent is what somebody may do: for certain and, besides, any part of what is open.
type extent struct {
	sure rulespace.Access
	open []unknown
}

// unknown is something that may allow any part of a grant. What has the same key is
// one and the same thing, whatever it turns out to allow.
type unknown struct {
	key   string
	grant rulespace.Grant
	why   string
}

// most returns all that the extent may allow.
func (e extent) most() rulespace.Access {
	a := slices.Clip(e.sure)
	for _, u := range e.open {
		a = append(a, u.grant)
	}
	return a
}

func (e extent) has(key string) bool {
	return slices.ContainsFunc(e.open, func(u unknown) bool { return u.key == key })
}

// reasons says what may allow the request.
func (e extent) reasons(r rulespace.Request) []string {
	var list []string
	for _, u := range e.open {
		if u.grant.Allows(r) && !slices.Contains(list, u.why) {
			list = append(list, u.why)
		}
	}
	return list
}

// apartFrom returns the extent without what the other has just so, of a surveyor with
// the same contents.
func (e extent) apartFrom(o extent) extent {
	type granted struct {
		namespace string
		first     *rbacv1.PolicyRule
	}
	has := make(map[granted]bool, len(o.sure))
	for _, g := range o.sure {
		has[granted{g.Namespace, &g.Rules[0]}] = true
	}
	var rest extent
	for _, g := range e.sure {
		if !has[granted{g.Namespace, &g.Rules[0]}] {
			rest.sure = append(rest.sure, g)
		}
	}
	for _, u := range e.open {
		if !o.has(u.key) {
			rest.open = append(rest.open, u)
		}
	}
	return rest
}

func (e extent) isEmpty() bool { return len(e.sure) == 0 && len(e.open) == 0 }

// roleExtent is what a role allows where it is bound.
type roleExtent struct {
	sure []rbacv1.PolicyRule
	open []unknown // without a namespace
}

// surveyor finds out extents. It remembers the roles, so that equal ones share their
// rules and are read once; it is for one goroutine.
type surveyor struct {
	*Authorizer
	roles    map[*role]*roleExtent
	contents map[string][]rbacv1.PolicyRule
}

func newSurveyor(a *Authorizer) *surveyor {
	return &surveyor{a, map[*role]*roleExtent{}, map[string][]rbacv1.PolicyRule{}}
}

// beside returns a surveyor of another snapshot that shares the contents of roles.
func (s *surveyor) beside(a *Authorizer) *surveyor {
	return &surveyor{a, map[*role]*roleExtent{}, s.contents}
}

// everyRequest are the rules of whoever may do anything.
func everyRequest() []rbacv1.PolicyRule { return []rbacv1.PolicyRule{anything} }

// role returns what a role allows.
func (s *surveyor) role(r *role) *roleExtent {
	if e := s.roles[r]; e != nil {
		return e
	}
	e := &roleExtent{}
	var keys []string
	for i := range r.rules {
		q := &r.rules[i]
		if q.open == "" {
			e.sure = append(e.sure, *q.api)
			keys = append(keys, ruleKey(q.api))
			continue
		}
		grant := rulespace.Grant{Rules: []rbacv1.PolicyRule{*q.api}}
		e.open = append(e.open, unknown{"rule " + q.source.ref.String() + ruleKey(q.api) + q.open, grant, r.ref.String() + ": " + q.open + at(q.place(), q.source.assumed)})
	}
	slices.Sort(keys)
	content := strings.Join(slices.Compact(keys), "\x02")
	if same, ok := s.contents[content]; ok {
		e.sure = same
	}
	s.contents[content] = e.sure
	if r.absent != "" {
		e.open = append(e.open, unknown{"parts of " + r.ref.String(), rulespace.Grant{Rules: everyRequest()}, r.absent})
	}
	s.roles[r] = e
	return e
}

// use adds what a holder has through one subject of a binding.
func (s *surveyor) use(e *extent, u use) {
	b := s.bindings[u.binding]
	ns := b.ref.Namespace
	add := func(key, why string, rules []rbacv1.PolicyRule) {
		if key += "\x03" + ns; !e.has(key) {
			e.open = append(e.open, unknown{key, rulespace.Grant{Namespace: ns, Rules: rules}, why})
		}
	}
	where := at(b.place(int(u.subject)), b.assumed)
	switch {
	case b.open != "":
		add("binding "+b.ref.String()+b.open, b.ref.String()+": "+b.open+where, everyRequest())
		return
	case b.role == nil:
		add("missing "+b.roleName().String(), b.ref.String()+" binds "+b.roleName().String()+", which is not in the input"+where, everyRequest())
		return
	}
	role := s.role(b.role)
	if b.doubt != "" {
		for _, rule := range role.sure {
			add("doubt "+b.ref.String()+ruleKey(&rule), b.doubt, []rbacv1.PolicyRule{rule})
		}
	} else if len(role.sure) > 0 {
		e.sure = append(e.sure, rulespace.Grant{Namespace: ns, Rules: role.sure})
	}
	for _, o := range role.open {
		add(o.key, o.why, o.grant.Rules)
	}
}

// own returns what bindings grant one holder by name.
func (s *surveyor) own(holders ...*holder) extent {
	var e extent
	for _, h := range holders {
		if h == nil {
			continue
		}
		if h.cluster != nil {
			for _, u := range h.cluster.uses {
				s.use(&e, u)
			}
		}
		for _, ns := range h.within {
			for _, u := range s.scopes[scopeKey(h.id, ns)].uses {
				s.use(&e, u)
			}
		}
	}
	plant(planted.extent, &e)
	return e
}

// of returns what a subject may do, by its groups and by authorizers besides RBAC, too.
func (s *surveyor) of(who Subject) extent {
	e := s.own(s.holdersOf(who)...)
	if slices.Contains(who.Groups, identity.Masters) { // RB32
		e.sure = append(e.sure, rulespace.Everything()...)
	}
	if isNode(who) { // RB33
		for _, g := range rulespace.Everything() {
			e.open = append(e.open, unknown{"nodes", g, "the Node authorizer, which is not modelled, allows group " + identity.Nodes + " more"})
		}
	}
	return e
}

// ofRole returns what a role allows in a namespace or, without one, in the cluster.
func (s *surveyor) ofRole(r *role, namespace string) extent {
	role := s.role(r)
	var e extent
	if len(role.sure) > 0 {
		e.sure = rulespace.Access{{Namespace: namespace, Rules: role.sure}}
	}
	for _, u := range role.open {
		u.grant.Namespace = namespace
		e.open = append(e.open, u)
	}
	return e
}

// direction is what came of looking for a request that one extent allows and another
// does not.
type direction struct {
	outcome Outcome // Proved: there is none
	witness rulespace.Request
	reasons []string
}

// within looks for a request of e that o does not allow.
//
// There is none for certain if what e allows for certain is allowed by o for certain,
// and if so is all that is open about e and not the same about o. There is one for
// certain if even with all that is open about o something is missing.
func (e extent) within(o extent, space *rulespace.Space) direction {
	d := e.escape(o, space)
	plant(planted.direction, &d)
	return d
}

func (e extent) escape(o extent, space *rulespace.Space) direction {
	witness, ok := space.Covers(o.most(), e.sure)
	if !ok {
		return direction{outcome: Refuted, witness: witness}
	}
	if len(o.open) > 0 {
		if witness, ok := space.Covers(o.sure, e.sure); !ok {
			return direction{Open, witness, o.reasons(witness)}
		}
	}
	d := direction{outcome: Proved}
	for _, u := range e.open {
		if o.has(u.key) {
			continue
		}
		witness, ok := space.Covers(o.sure, rulespace.Access{u.grant})
		switch {
		case ok:
		case d.outcome == Proved:
			d = direction{Open, witness, []string{u.why}}
		case !slices.Contains(d.reasons, u.why):
			d.reasons = append(d.reasons, u.why)
		}
	}
	return d
}

// meets looks for a request of e that is in the set.
func (e extent) meets(set rulespace.Access, space *rulespace.Space) direction {
	if witness, ok := space.Intersects(e.sure, set); ok {
		return direction{outcome: Refuted, witness: witness}
	}
	d := direction{outcome: Proved}
	for _, u := range e.open {
		witness, ok := space.Intersects(rulespace.Access{u.grant}, set)
		switch {
		case !ok:
		case d.outcome == Proved:
			d = direction{Open, witness, []string{u.why}}
		case !slices.Contains(d.reasons, u.why):
			d.reasons = append(d.reasons, u.why)
		}
	}
	return d
}

// counterexample describes a request that the subject may make.
func (a *Authorizer) counterexample(p identity.Principal, who Subject, witness rulespace.Request) *Counterexample {
	c := &Counterexample{Subject: who, Request: requestOf(witness), principal: p, resources: a.resources}
	if v, err := a.Check(who, c.Request); err == nil {
		c.Grants = slices.Collect(v.Grants())
	}
	return c
}

// asNamed returns the counterexample of a principal's own request. Of nobody, it is
// that of anybody.
func (a *Authorizer) asNamed(p identity.Principal, witness rulespace.Request) *Counterexample {
	if p.IsZero() {
		return &Counterexample{Request: requestOf(witness)}
	}
	return a.counterexample(p, As(p), witness)
}

// boundTo returns the counterexample of a role: as the first subject that has it, if
// any has.
func (a *Authorizer) boundTo(r *role, namespace string, witness rulespace.Request) *Counterexample {
	q := requestOf(witness)
	for _, i := range r.bindings {
		b := a.bindings[i]
		if b.ref.Namespace != "" && b.ref.Namespace != namespace || b.open != "" {
			continue
		}
		for j := range b.subjects {
			if p, ok := b.principalOf(&b.subjects[j]); ok && a.Decide(As(p), q) == Allowed {
				c := a.asNamed(p, witness)
				c.Grants = slices.DeleteFunc(c.Grants, func(g Grant) bool { return g.Role != r.ref })
				if len(c.Grants) > 0 {
					return c
				}
			}
		}
	}
	c := &Counterexample{Request: q}
	for i := range r.rules {
		if rule := &r.rules[i]; covers(rule.api, q) {
			g := Grant{Role: r.ref, Rule: rule.index, RulePlace: rule.place(), RuleAssumed: rule.source.assumed, Namespace: namespace, Open: rule.open}
			for _, t := range rule.through {
				g.Through = append(g.Through, t.ref)
			}
			c.Grants = append(c.Grants, g)
		}
	}
	return c
}

// apart says of whom and what no claim about everybody speaks.
func apart(u Universe) []string {
	return append([]string{
		"group " + identity.Masters + ", which is allowed everything without any role",
		"group " + identity.Nodes + ", which the Node authorizer allows more",
	}, u.apart()...)
}

// ownGroups is apart, too, where what somebody has by their own groups counts for them.
const ownGroups = "reviews and impersonations that leave out a subject's own groups"

// apartFor says what of a subject's own requests no claim about it speaks.
func apartFor(u Universe, subjects ...Subject) []string {
	list := u.apart()
	for _, s := range subjects {
		if strings.HasPrefix(s.User, "system:node:") && !isNode(s) {
			list = append(list, s.User+" with group "+identity.Nodes+", which the Node authorizer allows more")
		}
	}
	return list
}

// roleAt finds a role by name.
func (a *Authorizer) roleAt(ref model.Ref) (*role, error) {
	if r := a.byName[roleKey{ref.Kind, ref.Namespace, ref.Name}]; r != nil {
		return r, nil
	}
	_, err := a.RoleRules(ref)
	return nil, err
}
