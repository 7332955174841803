package rbacsim

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// This file does what the aggregation controller of the control plane does
// (RB36): the rules of a ClusterRole with an aggregationRule are those of the
// ClusterRoles that its selectors match, itself left out, each rule once. Roles
// that are aggregated may aggregate others, so this goes on until nothing changes.
//
// What the controller makes of it also depends on what went before (RB43): a role
// whose selectors match no rule at all keeps what it was created with, and roles that
// aggregate each other keep what any of them once had.

// aggregate puts the rules of every role in force.
func (c *compiler) aggregate() {
	var aggregating []*role
	for _, r := range c.roles {
		r.rules = r.own
		if r.aggregation != nil {
			aggregating = append(aggregating, r)
		}
	}
	if len(aggregating) == 0 {
		return
	}
	var sources []*role
	for _, r := range c.roles {
		if r.ref.Kind == "ClusterRole" {
			sources = append(sources, r)
		}
	}
	slices.SortFunc(sources, func(a, b *role) int { return strings.Compare(a.ref.Name, b.ref.Name) })
	parts := make(map[*role][]*role, len(aggregating))
	for _, r := range aggregating {
		parts[r] = partsOf(r, sources)
	}
	for _, ring := range rings(aggregating, parts) {
		if len(ring) == 1 {
			ring[0].fill(parts[ring[0]])
		} else {
			fillRing(ring, parts)
		}
	}
}

// partsOf returns the roles that a role's selectors match, in the order of the
// selectors, and of names for each. The role itself is skipped.
func partsOf(r *role, sources []*role) []*role {
	var parts []*role
	for i := range r.aggregation.ClusterRoleSelectors {
		selector, err := metav1.LabelSelectorAsSelector(&r.aggregation.ClusterRoleSelectors[i])
		if err != nil {
			continue // of a server's object: a gap
		}
		found := false
		for _, s := range sources {
			if s == r || !selector.Matches(labels.Set(s.labels)) {
				continue
			}
			found = true
			if !slices.Contains(parts, s) {
				parts = append(parts, s)
			}
		}
		if !found && r.absent == "" && (r.origin == nil || !r.origin.Server) {
			r.absent = fmt.Sprintf("%s aggregates roles with %s, and no role of the input is labelled so", r.ref, selector)
		}
	}
	return parts
}

func selects(aggregation *rbacv1.AggregationRule, set map[string]string) bool {
	return slices.ContainsFunc(aggregation.ClusterRoleSelectors, func(s metav1.LabelSelector) bool {
		selector, err := metav1.LabelSelectorAsSelector(&s)
		return err == nil && selector.Matches(labels.Set(set))
	})
}

// collection is rules without their duplicates, in the order of coming.
type collection struct {
	rules []rule
	at    map[string]int // by key
}

func (c *collection) holds(api *rbacv1.PolicyRule) bool {
	_, ok := c.at[ruleKey(api)]
	return ok
}

// add adds a rule, unless the same is there; one that is certain replaces one that
// is open.
func (c *collection) add(r rule) {
	key := ruleKey(r.api)
	at, ok := c.at[key]
	switch {
	case !ok:
		if c.at == nil {
			c.at = map[string]int{}
		}
		c.at[key] = len(c.rules)
		c.rules = append(c.rules, r)
	case c.rules[at].open != "" && r.open == "":
		c.rules[at] = r
	}
}

// take adds the rules of a part.
func (c *collection) take(part *role) {
	for _, r := range part.rules {
		r.through = append([]*role{part}, r.through...)
		c.add(r)
	}
}

// ruleKey is the same for rules that the controller takes for the same: it tells
// the order of words apart.
func ruleKey(r *rbacv1.PolicyRule) string {
	var b strings.Builder
	for _, list := range [][]string{r.Verbs, r.APIGroups, r.Resources, r.ResourceNames, r.NonResourceURLs} {
		for _, word := range list {
			b.WriteString(word)
			b.WriteByte(0)
		}
		b.WriteByte(1)
	}
	return b.String()
}

// fill puts the rules of a role in force that is in no ring with others.
func (r *role) fill(parts []*role) {
	var all collection
	for _, p := range parts {
		all.take(p)
	}
	matched := len(all.rules) > 0
	certain := slices.ContainsFunc(all.rules, func(q rule) bool { return q.open == "" })
	for _, own := range r.own {
		switch {
		case own.index < 0 || !matched:
			// Not understood, or never matched: it keeps what it was created with.
		case !certain:
			own.open = "the rules that replace it may not be in force"
		case r.origin != nil && r.origin.Server && !all.holds(own.api):
			// The server had filled it, and nothing in the input accounts for this one (RB44).
			own.open = fmt.Sprintf("%s holds it, but no role of the input that it aggregates does", r.ref)
		default:
			continue // overwritten
		}
		all.add(own)
	}
	r.rules = all.rules
	r.doubt()
}

// doubt makes all rules open if the role's selectors are not understood.
func (r *role) doubt() {
	if r.unclear == "" {
		return
	}
	for i := range r.rules {
		if r.rules[i].open == "" {
			r.rules[i].open = r.unclear
		}
	}
}

// fillRing puts the rules in force of roles that aggregate each other, directly or
// through others: in the end each has what any of them gets from outside. What they
// were written with goes round for ever or is overwritten, depending on who came
// first, unless a server says that all of them have it.
func fillRing(ring []*role, parts map[*role][]*role) {
	inside := func(r *role) bool { return slices.Contains(ring, r) }
	var all collection
	for _, r := range ring {
		for _, p := range parts[r] {
			if !inside(p) {
				all.take(p)
			}
		}
	}
	for _, r := range ring {
		for _, own := range r.own {
			kept := !slices.ContainsFunc(ring, func(other *role) bool {
				return other.origin == nil || !other.origin.Server || !holds(other.own, own.api)
			})
			if !kept && own.open == "" {
				own.open = fmt.Sprintf("%s aggregates roles that aggregate it: whether they keep this rule depends on what was there before", r.ref)
			}
			all.add(own)
		}
	}
	for _, r := range ring {
		r.rules = slices.Clone(all.rules)
		r.doubt()
	}
}

// rings returns the aggregating roles in an order in which parts come before
// wholes; those that aggregate each other come together.
func rings(roles []*role, parts map[*role][]*role) [][]*role {
	// Tarjan's strongly connected components: a component is complete when all that
	// it leads to is.
	type mark struct{ index, low int }
	marks := make(map[*role]*mark, len(roles))
	var stack []*role
	var found [][]*role
	var visit func(r *role) *mark
	visit = func(r *role) *mark {
		m := &mark{len(marks), len(marks)}
		marks[r] = m
		stack = append(stack, r)
		for _, p := range parts[r] {
			if p.aggregation == nil {
				continue
			}
			if seen, ok := marks[p]; !ok {
				m.low = min(m.low, visit(p).low)
			} else if slices.Contains(stack, p) {
				m.low = min(m.low, seen.index)
			}
		}
		if m.low == m.index {
			at := slices.Index(stack, r)
			found = append(found, slices.Clone(stack[at:]))
			stack = stack[:at]
		}
		return m
	}
	for _, r := range roles {
		if marks[r] == nil {
			visit(r)
		}
	}
	return found
}
