package rbacsim

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/rulespace"
	"github.com/aksim/aksim/pkg/identity"
)

// Use is a request that somebody made, as an audit log tells.
type Use struct {
	Subject Subject
	Request Request
}

// By reports whether a principal made the request, or a group had a part in it: its
// member did.
func (u Use) By(p identity.Principal) bool {
	if p.Kind() == identity.Group {
		return slices.Contains(u.Subject.Groups, p.Name())
	}
	return p.Username() == u.Subject.User
}

// Excess is what a principal may do and did not.
type Excess struct {
	Principal identity.Principal
	// Rights are the rules that its own bindings grant it, in the order of [Rights.All].
	Rights []RightUse
	// Used are the different requests that it made, in order of appearance, and Minimum is
	// the least for these.
	Used    []Request
	Minimum Minimum
	// Beyond are requests that it made and that no rule of the input grants it, not even
	// by its groups: the log is of another state of the cluster.
	Beyond []Request
	// Incomplete says what may grant it more, which is not looked at: roles that the input
	// lacks, and what is undecided.
	Incomplete []string

	held rulespace.Access
}

// RightUse is one rule that a principal has, and what of it was used.
type RightUse struct {
	Access
	// Requests is how many different requests the rule allowed.
	Requests int
	// Unused are the values of the rule that no request had a use for: a wildcard is
	// used by whatever needs it. Of a rule without use all are unused, and none is listed.
	Unused []RolePart
}

// IsExcess reports whether any of the rule was of no use.
func (r RightUse) IsExcess() bool { return r.Open == "" && (r.Requests == 0 || len(r.Unused) > 0) }

// HasExcess reports whether the principal may do anything by its own bindings that
// the minimum of what it did does not allow.
func (e Excess) HasExcess() bool {
	_, ok := AllRequests.space().Covers(e.Minimum.access(), e.held)
	return !ok
}

// Boxes returns, as boxes for people, all that the principal may do beyond the
// minimum of what it did; none where [Difference.Boxes] has none.
func (e Excess) Boxes() []Box { return boxesWithout(e.held, e.Minimum.access()) }

func (m Minimum) access() rulespace.Access {
	var a rulespace.Access
	if m.ClusterRole != nil {
		a = append(a, rulespace.Grant{Rules: m.ClusterRole.Rules})
	}
	for _, r := range m.Roles {
		a = append(a, rulespace.Grant{Namespace: r.Namespace, Rules: r.Rules})
	}
	return a
}

// Excess compares what each principal's own bindings grant with what it did: of the
// principals given or, if there are none, of everyone whom a binding names. A group
// did what its members did. Requests that were denied are no use, and must be left
// out. The answers are in the order of the principals, or in that of
// [Authorizer.Principals].
func (a *Authorizer) Excess(uses iter.Seq[Use], principals ...identity.Principal) []Excess {
	if len(principals) == 0 {
		principals = slices.Collect(a.Principals())
	}
	out := make([]Excess, len(principals))
	at := map[identity.Principal]int{}
	made := make([]map[Request]Subject, len(principals))
	for i, p := range principals {
		out[i].Principal = p
		at[p], made[i] = i, map[Request]Subject{}
	}
	note := func(p identity.Principal, u Use) {
		i, ok := at[p]
		if !ok {
			return
		}
		if _, ok := made[i][u.Request]; !ok {
			made[i][u.Request] = u.Subject
			out[i].Used = append(out[i].Used, u.Request)
		}
	}
	for u := range uses {
		note(identity.NewUser(u.Subject.User), u)
		for _, g := range u.Subject.Groups {
			note(identity.NewGroup(g), u)
		}
	}
	for i := range out {
		a.measure(&out[i], made[i])
	}
	return out
}

// measure finds out what of its rights a principal used.
func (a *Authorizer) measure(e *Excess, made map[Request]Subject) {
	own := a.holderOf(e.Principal)
	if own != nil {
		for h := range a.holdingsOf([]*holder{own}, everywhere) {
			if h.rule == nil {
				continue // there are no rules, or none that are known
			}
			r := RightUse{Access: Access{h.rule.api, a.grant(h)}}
			r.measure(e.Used)
			e.Rights = append(e.Rights, r)
			if r.Open == "" {
				e.held = append(e.held, rulespace.Grant{Namespace: r.Namespace, Rules: []rbacv1.PolicyRule{*r.Policy}})
			}
		}
		for _, u := range newSurveyor(a).own(own).open {
			if !slices.Contains(e.Incomplete, u.why) {
				e.Incomplete = append(e.Incomplete, u.why)
			}
		}
	}
	granted := e.Used
	if e.Principal.Kind() == identity.Group { // members have rights of their own
		granted = slices.DeleteFunc(slices.Clone(e.Used), func(r Request) bool { return !e.allows(r) })
	} else {
		for _, r := range e.Used {
			if a.Decide(made[r], r) == Denied {
				e.Beyond = append(e.Beyond, r)
			}
		}
	}
	e.Minimum = MinimalRole(roleNameFor(e.Principal), granted)
}

func (e *Excess) allows(r Request) bool {
	return slices.ContainsFunc(e.Rights, func(x RightUse) bool { return x.allows(r) })
}

func (r *RightUse) allows(q Request) bool {
	return (r.Namespace == "" || !q.NonResource && q.Namespace == r.Namespace) && covers(r.Policy, q)
}

// measure counts the requests that the rule allows, and lists the values that none of
// these needs.
func (r *RightUse) measure(used []Request) {
	var allowed []Request
	for _, q := range used {
		if r.allows(q) {
			allowed = append(allowed, q)
		}
	}
	if r.Requests = len(allowed); r.Requests == 0 {
		return
	}
	for field, values := range listsOf(r.Policy) {
		for i, v := range values {
			if !slices.ContainsFunc(allowed, func(q Request) bool { return serves(field, v, q) }) {
				path := rulePath(r.Rule) + "." + field + "[" + strconv.Itoa(i) + "]"
				r.Unused = append(r.Unused, RolePart{r.Namespace, path, v})
			}
		}
	}
}

// serves reports whether a value of a rule that allows the request has a part in it.
func serves(field, value string, q Request) bool {
	switch field {
	case "verbs":
		return value == wildcard || value == q.Verb
	case "apiGroups":
		return !q.NonResource && coversGroup([]string{value}, q.Group)
	case "resources":
		return !q.NonResource && coversResource([]string{value}, q)
	case "resourceNames":
		return !q.NonResource && value == q.Name
	}
	return q.NonResource && coversPath(value, q.Path)
}

// roleNameFor returns the name for a role of the principal's: its own, as far as that
// can be one.
func roleNameFor(p identity.Principal) string {
	name := strings.ReplaceAll(p.Name(), "/", "-")
	if name == "" {
		return "minimal"
	}
	return name
}
