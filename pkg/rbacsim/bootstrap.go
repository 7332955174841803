package rbacsim

import (
	_ "embed" // the table of default roles
	"fmt"
	"maps"
	"strings"
	"sync"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

// An API server fills its own roles and bindings in when it starts, and labels
// them (RB40).
const (
	bootstrapLabel = "kubernetes.io/bootstrapping"
	bootstrapValue = "rbac-defaults"
	// autoupdate, if "false", keeps the API server from filling an object up again.
	autoupdate = "rbac.authorization.kubernetes.io/autoupdate"
)

// DefaultsVersion is the version of Kubernetes at which the default roles and
// bindings were read.
func DefaultsVersion() model.KubeVersion { return model.KubeVersion{Major: 1, Minor: 37} }

//go:embed bootstrap.txt
var bootstrapText string

// defaults are the default roles and bindings, each list in the order of the
// table: by namespace and name.
type defaults struct {
	clusterRoles        []*rbacv1.ClusterRole
	roles               []*rbacv1.Role
	clusterRoleBindings []*rbacv1.ClusterRoleBinding
	roleBindings        []*rbacv1.RoleBinding
}

var readDefaults = sync.OnceValue(func() *defaults { //nolint:gochecknoglobals // a constant table, read once
	d := &defaults{}
	var rules *[]rbacv1.PolicyRule
	for line := range strings.Lines(bootstrapText) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
		case line[0] == ' ':
			*rules = append(*rules, defaultRule(words))
		default:
			rules = d.add(words[0], strings.TrimSuffix(words[1], ":"), words[2:])
		}
	}
	return d
})

// add adds an object, and returns where the rules of a role go.
func (d *defaults) add(kind, name string, rest []string) *[]rbacv1.PolicyRule {
	meta := metav1.ObjectMeta{Name: name, Labels: map[string]string{bootstrapLabel: bootstrapValue}}
	meta.Annotations = map[string]string{autoupdate: "true"}
	if !strings.HasPrefix(kind, "Cluster") {
		meta.Namespace, meta.Name, _ = strings.Cut(name, "/")
	}
	switch kind {
	case "ClusterRole":
		r := &rbacv1.ClusterRole{ObjectMeta: meta}
		for i, word := range rest {
			if word == "aggregates" {
				r.AggregationRule = &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{{MatchLabels: pairs(rest[i+1:])}}}
				rest = rest[:i]
				break
			}
		}
		maps.Copy(r.Labels, pairs(rest))
		d.clusterRoles = append(d.clusterRoles, r)
		return &r.Rules
	case "Role":
		r := &rbacv1.Role{ObjectMeta: meta}
		d.roles = append(d.roles, r)
		return &r.Rules
	case "ClusterRoleBinding":
		ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: rest[0]}
		d.clusterRoleBindings = append(d.clusterRoleBindings, &rbacv1.ClusterRoleBinding{ObjectMeta: meta, RoleRef: ref, Subjects: subjects(rest[1:])})
	case "RoleBinding":
		ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: rest[0]}
		d.roleBindings = append(d.roleBindings, &rbacv1.RoleBinding{ObjectMeta: meta, RoleRef: ref, Subjects: subjects(rest[1:])})
	default:
		panic("bootstrap.txt: no kind " + kind)
	}
	return nil
}

func pairs(words []string) map[string]string {
	m := make(map[string]string, len(words))
	for _, w := range words {
		k, v, _ := strings.Cut(w, "=")
		m[k] = v
	}
	return m
}

// subjects reads what follows the role: nothing, or "to" and the subjects.
func subjects(words []string) []rbacv1.Subject {
	var list []rbacv1.Subject
	for _, w := range words[min(1, len(words)):] {
		p := identity.MustParse(w)
		s := rbacv1.Subject{Kind: p.Kind().String(), Name: p.Name(), Namespace: p.Namespace(), APIGroup: rbacv1.GroupName}
		if p.Kind() == identity.ServiceAccount {
			s.APIGroup = ""
		}
		list = append(list, s)
	}
	return list
}

// defaultRule reads VERBS URLS, or VERBS RESOURCES in GROUPS [named NAMES].
func defaultRule(words []string) rbacv1.PolicyRule {
	r := rbacv1.PolicyRule{Verbs: strings.Split(words[0], ",")}
	if len(words) == 2 {
		r.NonResourceURLs = strings.Split(words[1], ",")
		return r
	}
	r.Resources, r.APIGroups = strings.Split(words[1], ","), strings.Split(words[3], ",")
	for i, g := range r.APIGroups {
		if g == "core" {
			r.APIGroups[i] = ""
		}
	}
	if len(words) > 4 {
		r.ResourceNames = strings.Split(words[5], ",")
	}
	return r
}

// addDefaults adds the default roles and bindings that the snapshot does not hold.
// If any of its RBAC objects bears their label, it was taken from a server and
// lacks them for a reason: then only default roles are added that a binding names
// and the input lacks, with those that they aggregate.
func (c *compiler) addDefaults() {
	d := readDefaults()
	if c.hasDefaults() {
		c.addNamed(d)
		return
	}
	c.assumed = append(c.assumed, fmt.Sprintf(
		"no object is labelled %s=%s: the default roles and bindings of Kubernetes %s are taken to be there", bootstrapLabel, bootstrapValue, DefaultsVersion()))
	for _, r := range d.clusterRoles {
		c.addDefaultRole("ClusterRole", "", r.Name, r.Labels, r.Rules, r.AggregationRule)
	}
	for _, r := range d.roles {
		c.addDefaultRole("Role", r.Namespace, r.Name, r.Labels, r.Rules, nil)
	}
	for _, b := range d.clusterRoleBindings {
		c.addDefaultBinding("ClusterRoleBinding", &b.ObjectMeta, b.RoleRef, b.Subjects)
	}
	for _, b := range d.roleBindings {
		c.addDefaultBinding("RoleBinding", &b.ObjectMeta, b.RoleRef, b.Subjects)
	}
}

// hasDefaults reports whether an object of the snapshot says that it is a default.
func (c *compiler) hasDefaults() bool {
	for _, r := range c.roles {
		if r.labels[bootstrapLabel] == bootstrapValue {
			return true
		}
	}
	for _, b := range c.bindings {
		if b.labels[bootstrapLabel] == bootstrapValue {
			return true
		}
	}
	return false
}

// addNamed adds the default roles that bindings name and nobody defines.
func (c *compiler) addNamed(d *defaults) {
	wanted := map[roleKey]bool{}
	for _, b := range c.bindings {
		wanted[b.roleKey()] = true
	}
	var names []string
	add := func(kind, namespace, name string, labels map[string]string, rules []rbacv1.PolicyRule, aggregation *rbacv1.AggregationRule) {
		if key := (roleKey{kind, namespace, name}); wanted[key] && c.byName[key] == nil {
			c.addDefaultRole(kind, namespace, name, labels, rules, aggregation)
			names = append(names, c.byName[key].ref.String())
		}
	}
	for _, r := range d.clusterRoles { // what they aggregate comes after: admin, edit, view
		key := roleKey{"ClusterRole", "", r.Name}
		if wanted[key] && c.byName[key] == nil && r.AggregationRule != nil {
			for _, part := range d.clusterRoles {
				if selects(r.AggregationRule, part.Labels) {
					wanted[roleKey{"ClusterRole", "", part.Name}] = true
				}
			}
		}
	}
	for _, r := range d.clusterRoles {
		add("ClusterRole", "", r.Name, r.Labels, r.Rules, r.AggregationRule)
	}
	for _, r := range d.roles {
		add("Role", r.Namespace, r.Name, r.Labels, r.Rules, nil)
	}
	if len(names) > 0 {
		c.assumed = append(c.assumed, fmt.Sprintf("the input binds but does not hold %s: as of Kubernetes %s", strings.Join(names, ", "), DefaultsVersion()))
	}
}

// addDefaultRole adds a default role or, if the snapshot holds one of the name,
// what the API server would fill it up with at its next start (RB40).
func (c *compiler) addDefaultRole(kind, namespace, name string, labels map[string]string, rules []rbacv1.PolicyRule, aggregation *rbacv1.AggregationRule) {
	has := c.byName[roleKey{kind, namespace, name}]
	if has == nil {
		has = c.addRole(model.Ref{Kind: kind, Namespace: namespace, Name: name}, nil, labels, rules, aggregation)
		has.assumed = true
		return
	}
	if has.keeps {
		return
	}
	why := fmt.Sprintf("%s is a default role: an API server that starts adds what of its rules is missing, unless the annotation %s is \"false\"", has.ref, autoupdate)
	for i := range rules {
		if !holds(has.own, &rules[i]) {
			has.own = append(has.own, rule{api: &rules[i], source: has, index: -1, open: why})
		}
	}
}

// addDefaultBinding does the same for a default binding.
func (c *compiler) addDefaultBinding(kind string, meta *metav1.ObjectMeta, ref rbacv1.RoleRef, subjects []rbacv1.Subject) {
	at := model.Ref{Kind: kind, Namespace: meta.Namespace, Name: meta.Name}
	given, exists := c.givenBinding(at)
	switch {
	case !exists:
		c.addBinding(at, nil, meta.Labels, ref, subjects).assumed = true
	case given[autoupdate] != "false":
		filled := c.addBinding(at, nil, meta.Labels, ref, subjects)
		filled.assumed = true
		filled.doubt = fmt.Sprintf("%s is a default binding: an API server that starts makes it bind the default subjects, unless the annotation %s is \"false\"", at, autoupdate)
	}
}

// givenBinding returns the annotations of a binding of the snapshot.
func (c *compiler) givenBinding(ref model.Ref) (annotations map[string]string, ok bool) {
	if ref.Kind == "ClusterRoleBinding" {
		if o, ok := model.Get[rbacv1.ClusterRoleBinding](c.cluster, "", ref.Name); ok {
			return o.API.Annotations, true
		}
		return nil, false
	}
	if o, ok := model.Get[rbacv1.RoleBinding](c.cluster, ref.Namespace, ref.Name); ok {
		return o.API.Annotations, true
	}
	return nil, false
}
