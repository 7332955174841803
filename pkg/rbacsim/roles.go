package rbacsim

import (
	"slices"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/pkg/model"
)

// roleKey names a role as a binding does.
type roleKey struct{ kind, namespace, name string }

// role is a Role or ClusterRole.
type role struct {
	ref     model.Ref
	origin  *model.Origin // nil if assumed
	labels  map[string]string
	assumed bool
	keeps   bool // nobody fills it up: autoupdate is off

	own         []rule // as written, in order
	aggregation *rbacv1.AggregationRule
	unclear     string // why the aggregation is not understood
	rules       []rule // in force: own, or those of the roles that it aggregates
	absent      string // which parts of the aggregation the input seems to lack

	sure, open *ruleIndex // of rules in force; open is nil if there is nothing in it
	everything *ruleIndex // both, for bindings that are open themselves; made when needed
	bindings   []int32    // that bind it, ascending
}

// rule is a rule in force, with where it is from.
type rule struct {
	api     *rbacv1.PolicyRule
	source  *role   // where it is written
	index   int     // there; -1 if it is not
	through []*role // the roles between the one that is bound and the source
	open    string  // why it may not be in force, or say more than is understood
}

// anything is what a part of an object that is not understood may grant.
var anything = rbacv1.PolicyRule{ //nolint:gochecknoglobals // a constant
	Verbs: []string{wildcard}, APIGroups: []string{wildcard}, Resources: []string{wildcard}, NonResourceURLs: []string{wildcard},
}

// readRoles takes the roles over from the snapshot.
func (c *compiler) readRoles(cluster *model.Cluster) {
	for o := range model.All[rbacv1.ClusterRole](cluster) {
		r := c.addRole(o.Ref, &o.Origin, o.API.Labels, o.API.Rules, o.API.AggregationRule)
		r.keeps = o.API.Annotations[autoupdate] == "false"
	}
	for o := range model.All[rbacv1.Role](cluster) {
		r := c.addRole(o.Ref, &o.Origin, o.API.Labels, o.API.Rules, nil)
		r.keeps = o.API.Annotations[autoupdate] == "false"
	}
}

func (c *compiler) addRole(ref model.Ref, origin *model.Origin, labels map[string]string, rules []rbacv1.PolicyRule, aggregation *rbacv1.AggregationRule) *role {
	if planted.rules != nil {
		rules = planted.rules(rules)
	}
	r := &role{ref: ref, origin: origin, labels: labels, aggregation: aggregation}
	r.own = make([]rule, len(rules), len(rules)+1)
	for i := range rules {
		r.own[i] = rule{api: &rules[i], source: r, index: i}
	}
	if origin != nil {
		r.readGaps(origin.Gaps)
	}
	c.roles = append(c.roles, r)
	c.byName[roleKey{ref.Kind, ref.Namespace, ref.Name}] = r
	return r
}

// readGaps makes open what a server's role says and this package does not know:
// the rule it is said in may grant less, and anything more (RB45).
func (r *role) readGaps(gaps []model.Gap) {
	for _, g := range gaps {
		why := g.Path + ": " + g.What + ", which is not modelled"
		if strings.HasPrefix(g.Path, "aggregationRule") {
			r.unclear = why
		}
		for i := range r.own {
			if r.own[i].index >= 0 && strings.HasPrefix(g.Path+".", rulePath(r.own[i].index)+".") {
				r.own[i].open = why
			}
		}
		r.own = append(r.own, rule{api: &anything, source: r, index: -1, open: why})
	}
}

// place returns where a rule is written.
func (r *rule) place() model.Place {
	switch {
	case r.source.origin == nil:
		return model.Place{}
	case r.index < 0:
		return r.source.origin.Place
	}
	return r.source.origin.At(rulePath(r.index))
}

func rulePath(index int) string { return "rules[" + strconv.Itoa(index) + "]" }

// holds reports whether the same rule is among the rules.
func holds(rules []rule, api *rbacv1.PolicyRule) bool {
	key := ruleKey(api)
	return slices.ContainsFunc(rules, func(r rule) bool { return ruleKey(r.api) == key })
}

// compileRole makes the indexes of the rules in force.
func (c *compiler) compileRole(r *role) {
	hasOpen := false
	for i := range r.rules {
		if r.rules[i].open == "" {
			c.indexer.add(r.rules[i].api)
		} else {
			hasOpen = true
		}
	}
	r.sure = c.number(c.indexer.done())
	if !hasOpen {
		return
	}
	for i := range r.rules {
		if r.rules[i].open != "" {
			c.indexer.add(r.rules[i].api)
		}
	}
	r.open = c.number(c.indexer.done())
}

// whole returns the index of all rules of a role, whatever is open about them.
func (c *compiler) whole(r *role) *ruleIndex {
	if r.open == nil {
		return r.sure
	}
	if r.everything == nil {
		c.indexer.merge(r.sure)
		c.indexer.merge(r.open)
		r.everything = c.number(c.indexer.done())
	}
	return r.everything
}

func (c *compiler) number(ix *ruleIndex) *ruleIndex {
	plant(planted.index, ix)
	c.indexes++
	ix.id = c.indexes
	return ix
}
