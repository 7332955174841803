package rbacsim

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

// binding is a RoleBinding or ClusterRoleBinding.
type binding struct {
	ref      model.Ref
	origin   *model.Origin // nil if assumed
	labels   map[string]string
	assumed  bool
	roleRef  rbacv1.RoleRef
	role     *role  // nil if the snapshot has none of that name
	missing  string // then what the API server says of it
	doubt    string // why it may not be there
	open     string // why it may bind something else, or somebody else
	unclear  []int  // the subjects that may be others than they seem
	subjects []rbacv1.Subject
	written  []model.Place // where the subjects of one without an origin are named
}

// readBindings takes the bindings over from the snapshot. What they leave out was
// filled in when they were read (RB24).
func (c *compiler) readBindings(cluster *model.Cluster) {
	for o := range model.All[rbacv1.ClusterRoleBinding](cluster) {
		c.addBinding(o.Ref, &o.Origin, o.API.Labels, o.API.RoleRef, o.API.Subjects)
	}
	for o := range model.All[rbacv1.RoleBinding](cluster) {
		c.addBinding(o.Ref, &o.Origin, o.API.Labels, o.API.RoleRef, o.API.Subjects)
	}
}

func (c *compiler) addBinding(ref model.Ref, origin *model.Origin, labels map[string]string, roleRef rbacv1.RoleRef, subjects []rbacv1.Subject) *binding {
	b := &binding{ref: ref, origin: origin, labels: labels, roleRef: roleRef, subjects: subjects}
	if origin != nil {
		b.readGaps(origin.Gaps)
	}
	c.bindings = append(c.bindings, b)
	return b
}

// readGaps makes open what a server's binding says and this package does not know
// (RB45).
func (b *binding) readGaps(gaps []model.Gap) {
	for _, g := range gaps {
		if b.open == "" {
			b.open = g.Path + ": " + g.What + ", which is not modelled"
		}
		if !strings.HasPrefix(g.Path, "roleRef") {
			for i := range b.subjects {
				if strings.HasPrefix(g.Path+".", fmt.Sprintf("subjects[%d].", i)) {
					b.unclear = append(b.unclear, i)
				}
			}
		}
	}
}

// roleKey returns which role is bound: a Role of the binding's own namespace, or a
// ClusterRole. The roleRef's apiGroup plays no part (RB17).
func (b *binding) roleKey() roleKey {
	if b.roleRef.Kind == "Role" {
		return roleKey{"Role", b.ref.Namespace, b.roleRef.Name}
	}
	return roleKey{b.roleRef.Kind, "", b.roleRef.Name}
}

// resolve finds the role. Without one the API server collects an error and goes
// on to the next binding (RB22).
func (b *binding) resolve(byName map[roleKey]*role) {
	b.role = byName[b.roleKey()]
	switch {
	case b.role != nil:
	case b.roleRef.Kind == "Role" || b.roleRef.Kind == "ClusterRole":
		b.missing = fmt.Sprintf("%s.%s %q not found", strings.ToLower(b.roleRef.Kind), rbacv1.GroupName, b.roleRef.Name)
	default:
		b.missing = fmt.Sprintf("unsupported role reference kind: %q", b.roleRef.Kind)
	}
}

// place returns where the binding, or its i-th subject, is written.
func (b *binding) place(subject int) model.Place {
	switch {
	case subject >= 0 && subject < len(b.written):
		return b.written[subject]
	case b.origin == nil:
		return model.Place{}
	case subject < 0:
		return b.origin.Place
	}
	return b.origin.At(fmt.Sprintf("subjects[%d]", subject))
}

// roleRefPlace returns where the binding names its role.
func (b *binding) roleRefPlace() model.Place {
	if b.origin == nil {
		return model.Place{}
	}
	return b.origin.At("roleRef")
}

// principalOf returns whom a subject of a binding names, and false for nobody
// (RB17). A ServiceAccount without a namespace is one of the binding's own; a
// ClusterRoleBinding has none (RB18). A user's or group's namespace means nothing.
func (b *binding) principalOf(s *rbacv1.Subject) (identity.Principal, bool) {
	switch s.Kind {
	case rbacv1.UserKind:
		return identity.NewUser(s.Name), true
	case rbacv1.GroupKind:
		return identity.NewGroup(s.Name), true
	case rbacv1.ServiceAccountKind:
		namespace := s.Namespace
		if namespace == "" {
			namespace = b.ref.Namespace
		}
		return identity.NewServiceAccount(namespace, s.Name), namespace != ""
	}
	return identity.Principal{}, false
}

// use is one subject of a binding.
type use struct {
	binding int32
	subject int32 // -1: anybody, since a subject is not understood
}

// holder is a principal that some binding names.
type holder struct {
	principal identity.Principal
	id        uint32
	cluster   *scope // nil: no ClusterRoleBinding names it
	within    []uint32
}

// scope is what one principal holds in the whole cluster or in one namespace.
type scope struct {
	uses       []use // ascending
	sure, open *ruleSet
}

// scopeKey is the key of a holder's scope in a namespace.
func scopeKey(holder, namespace uint32) uint64 { return uint64(holder)<<32 | uint64(namespace) }

// compileBindings resolves the bindings, and gathers for each principal and scope
// what it holds there. Nobody looks whether principals and namespaces exist (RB25).
func (c *compiler) compileBindings() {
	slices.SortStableFunc(c.bindings, compareBindings)
	for i, b := range c.bindings {
		b.resolve(c.byName)
		if b.role != nil {
			b.role.bindings = append(b.role.bindings, int32(i))
		}
		for j := range b.subjects {
			if p, ok := b.principalOf(&b.subjects[j]); ok {
				c.hold(p, use{int32(i), int32(j)})
			}
		}
		if len(b.unclear) > 0 {
			c.holdBy(&c.anybody, use{int32(i), -1})
		}
	}
	for _, s := range c.scopes {
		c.compileScope(s)
	}
	for _, h := range c.holders {
		if h.cluster != nil {
			c.compileScope(h.cluster)
		}
	}
	if c.anybody.cluster != nil {
		c.compileScope(c.anybody.cluster)
	}
}

// compareBindings orders bindings as the API server asks them: those of the
// cluster first (RB16), then by namespace and name.
func compareBindings(a, b *binding) int {
	if a.ref.Namespace != b.ref.Namespace {
		return strings.Compare(a.ref.Namespace, b.ref.Namespace)
	}
	return strings.Compare(a.ref.Name, b.ref.Name)
}

func (c *compiler) hold(p identity.Principal, u use) {
	h := c.holderOf(p)
	if h == nil {
		h = &holder{principal: p, id: uint32(len(c.holders)) + 1}
		if p.Kind() == identity.Group {
			c.groups[p.Name()] = h
		} else {
			c.users[p.Username()] = h
		}
		c.holders = append(c.holders, h)
	}
	c.holdBy(h, u)
}

// holderOf returns what a principal holds under its own name; nil for nothing.
func (a *Authorizer) holderOf(p identity.Principal) *holder {
	if p.Kind() == identity.Group {
		return a.groups[p.Name()]
	}
	return a.users[p.Username()]
}

func (c *compiler) holdBy(h *holder, u use) {
	var s *scope
	if namespace := c.bindings[u.binding].ref.Namespace; namespace == "" {
		if h.cluster == nil {
			h.cluster = &scope{}
		}
		s = h.cluster
	} else {
		ns := c.namespaces.add(namespace)
		key := scopeKey(h.id, ns)
		if s = c.scopes[key]; s == nil {
			s = &scope{}
			c.scopes[key] = s
			h.within = append(h.within, ns)
		}
	}
	s.uses = append(s.uses, u)
}

// compileScope gathers the rules of all roles bound in a scope.
func (c *compiler) compileScope(s *scope) {
	var sure, open []*ruleIndex
	for _, u := range s.uses {
		b := c.bindings[u.binding]
		switch {
		case b.open != "":
			if b.role != nil {
				open = append(open, c.whole(b.role))
			}
			open = append(open, c.anything())
		case b.role == nil:
		case b.doubt != "":
			open = append(open, c.whole(b.role))
		default:
			sure = append(sure, b.role.sure)
			if b.role.open != nil {
				open = append(open, b.role.open)
			}
		}
	}
	s.sure, s.open = c.ruleSet(sure), c.ruleSet(open)
}

// ruleSet returns the set of the indexes, one and the same for the same indexes,
// and nil for none.
func (c *compiler) ruleSet(parts []*ruleIndex) *ruleSet {
	slices.SortFunc(parts, func(a, b *ruleIndex) int { return int(a.id) - int(b.id) })
	parts = slices.Compact(parts)
	switch len(parts) {
	case 0:
		return nil
	case 1:
		if parts[0].alone == nil {
			parts[0].alone = &ruleSet{parts: parts}
		}
		return parts[0].alone
	}
	key := make([]byte, 0, 4*len(parts))
	for _, p := range parts {
		key = append(key, byte(p.id), byte(p.id>>8), byte(p.id>>16), byte(p.id>>24))
	}
	set := c.sets[string(key)]
	if set == nil {
		set = &ruleSet{parts: parts}
		c.sets[string(key)] = set
	}
	return set
}

// anything returns the index of what is not understood.
func (c *compiler) anything() *ruleIndex {
	if c.unknown == nil {
		c.indexer.add(&anything)
		c.unknown = c.number(c.indexer.done())
	}
	return c.unknown
}
