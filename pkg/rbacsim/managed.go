package rbacsim

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

// managed is the AKS cluster whose API server answers.
type managed struct {
	wanted  string // resource id or name; empty if the question leaves that open
	cluster *model.Object[model.ManagedCluster]
	err     error // why it is not known which one
}

// WithManagedCluster says which AKS cluster of the snapshot the API server is that of,
// by resource id or name, upper and lower case being the same. The default is the only
// one there is.
func WithManagedCluster(name string) Option { return func(a *Authorizer) { a.managed.wanted = name } }

// ManagedCluster returns the AKS cluster whose API server this is, and nil where the
// snapshot has none. The error is a [SeveralClustersError], or says that none is called
// as [WithManagedCluster] says.
func (a *Authorizer) ManagedCluster() (*model.Object[model.ManagedCluster], error) {
	return a.managed.cluster, a.managed.err
}

// findManaged finds the AKS cluster, and returns those that it may be.
func (c *compiler) findManaged(cluster *model.Cluster) []*model.Object[model.ManagedCluster] {
	m := &c.managed
	all := slices.Collect(model.All[model.ManagedCluster](cluster))
	var fits []*model.Object[model.ManagedCluster]
	var names []string
	for _, o := range all {
		id, name := o.API.ID.Or(""), o.API.Name.Or("")
		if m.wanted == "" || strings.EqualFold(m.wanted, id) || strings.EqualFold(m.wanted, name) {
			fits = append(fits, o)
		}
		names = append(names, nameOf(o))
	}
	switch {
	case len(fits) == 1:
		m.cluster = fits[0]
	case len(fits) > 1:
		names = names[:0]
		for _, o := range fits {
			names = append(names, nameOf(o))
		}
		m.err = &SeveralClustersError{names}
	case m.wanted != "":
		for i, o := range all {
			names[i] = o.API.Name.Or(names[i])
		}
		m.err = fmt.Errorf("no AKS cluster %q in the input%s", m.wanted, suggest.Clause(m.wanted, names))
		return all
	}
	return fits
}

// SeveralClustersError says that the snapshot has several AKS clusters, and that none of
// them, or more than one, is the one that is meant.
type SeveralClustersError struct {
	Clusters []string // ids, or what is known instead, in the order of the snapshot
}

// Error names the clusters.
func (e *SeveralClustersError) Error() string {
	return fmt.Sprintf("the input holds %d AKS clusters, and which of them is meant was not said: %s", len(e.Clusters), strings.Join(e.Clusters, ", "))
}

// nameOf returns the id of a cluster or, where an expression decides about that, its
// name or place.
func nameOf(o *model.Object[model.ManagedCluster]) string {
	for _, p := range []model.Property[string]{o.API.ID, o.API.Name} {
		if s, ok := p.Get(); ok && s != "" {
			return s
		}
	}
	return "the one of " + o.Origin.Place.Short()
}

// adminBinding is the name of the ClusterRoleBinding that AKS makes for the groups of
// a cluster's adminGroupObjectIDs (AZ70).
const adminBinding = "aks-cluster-admin-binding-aad"

// readManaged takes over what AKS adds to a cluster's own objects.
func (c *compiler) readManaged(cluster *model.Cluster) {
	candidates := c.findManaged(cluster)
	for _, o := range candidates {
		doubt := ""
		if len(candidates) > 1 || c.managed.err != nil {
			doubt = "it is that of " + nameOf(o) + ", and which AKS cluster of the input is meant is not known"
		}
		c.addAdmins(o, doubt)
	}
	if o := c.managed.cluster; o != nil { // AZ78
		expression, open := o.API.KubernetesRBAC.Unresolved()
		switch on, known := o.API.KubernetesRBAC.Get(); {
		case known && !on:
			c.unasked = "enableRBAC of the AKS cluster is false: its API server does not ask RBAC, and may allow everything"
		case open:
			c.unasked = "whether the API server asks RBAC hangs on enableRBAC, " + expression + ", which the input does not settle"
		}
	}
}

// addAdmins binds the groups of adminGroupObjectIDs to cluster-admin, as AKS does.
func (c *compiler) addAdmins(o *model.Object[model.ManagedCluster], doubt string) {
	entra := o.API.Entra
	if present, known := entra.Present.Get(); known && !present {
		return
	}
	if expression, open := entra.Present.Unresolved(); open && doubt == "" {
		doubt = "whether there is an aadProfile hangs on " + expression + ", which the input does not settle"
	}
	groups := entra.AdminGroups.Or(nil)
	if expression, open := entra.AdminGroups.Unresolved(); open {
		groups = []string{expression}
		if !slices.Contains(c.unsettled, expression) {
			c.unsettled = append(c.unsettled, expression)
		}
		doubt = "which group that is hangs on the expression, which the input does not settle"
	}
	ref := model.Ref{Kind: "ClusterRoleBinding", Name: adminBinding}
	given, has := model.Get[rbacv1.ClusterRoleBinding](c.cluster, "", adminBinding)
	b := &binding{ref: ref, assumed: true, doubt: doubt, roleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"}}
	for i, group := range groups {
		s := rbacv1.Subject{Kind: rbacv1.GroupKind, APIGroup: rbacv1.GroupName, Name: lowerID(group)}
		if has && slices.ContainsFunc(given.API.Subjects, func(t rbacv1.Subject) bool { return t.Kind == s.Kind && t.Name == s.Name }) {
			continue
		}
		b.subjects = append(b.subjects, s)
		b.written = append(b.written, adminPlace(o.Origin, i))
	}
	if has && b.doubt == "" {
		b.doubt = "AKS makes it bind the groups of adminGroupObjectIDs, but the one in the input lacks this group"
	}
	if len(b.subjects) > 0 {
		c.bindings = append(c.bindings, b)
	}
}

// lowerID returns an object id as tokens write it; other text stays.
func lowerID(s string) string {
	if identity.IsObjectID(s) {
		return strings.ToLower(s)
	}
	return s
}

// adminPlace returns where an export or template names the i-th group.
func adminPlace(o model.Origin, i int) model.Place {
	for _, parent := range []string{"aadProfile", "properties.aadProfile"} {
		if p := o.At(fmt.Sprintf("%s.adminGroupObjectIDs[%d]", parent, i)); p != o.Place {
			return p
		}
	}
	return o.Place
}

// UnsettledGroups yields what stands in the input for groups of Microsoft Entra ID
// that have rights in the cluster, where an expression that is not resolved says which
// ones (AZ70). Whoever is in any group that is known by an object id may be in one of
// them. To a [Subject] they are groups of these names.
func (a *Authorizer) UnsettledGroups() iter.Seq[string] { return slices.Values(a.unsettled) }

// mayBeIn returns the holders of the groups that a subject may be in although it is
// not said (AZ70).
func (a *Authorizer) mayBeIn(s *Subject) iter.Seq[*holder] {
	return func(yield func(*holder) bool) {
		if len(a.unsettled) == 0 || !slices.ContainsFunc(s.Groups, identity.IsObjectID) {
			return
		}
		for _, group := range a.unsettled {
			if h := a.groups[group]; h != nil && !yield(h) {
				return
			}
		}
	}
}

// webhookAssumption says what authorizers there are taken to be besides RBAC.
func (a *Authorizer) webhookAssumption() string { // RB32
	asks := "the API server asks RBAC, and no authorization webhook"
	if o := a.managed.cluster; o != nil {
		on, known := o.API.Entra.AzureRBAC.Get()
		_, open := o.API.Entra.AzureRBAC.Unresolved()
		switch {
		case known && on:
			asks = "the API server also asks Azure RBAC, which is left out of account here"
		case open:
			asks = "the API server may also ask Azure RBAC, which is left out of account here"
		}
	}
	return asks
}
