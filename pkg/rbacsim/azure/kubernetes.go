package azure

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/actionset"
	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// Kubernetes answers what the API server of an AKS cluster allows: what its RBAC
// objects allow and, if Azure RBAC for Kubernetes is on, what role assignments allow
// besides (AZ71). It is immutable and safe for concurrent use.
//
// https://learn.microsoft.com/azure/aks/manage-azure-rbac
type Kubernetes struct {
	rbac  *rbacsim.Authorizer
	azure *Authorizer

	mapping           Mapping
	refuseDiscovery   bool
	managedNamespaces bool

	cluster *model.Object[model.ManagedCluster] // nil: none, or none chosen
	err     error                               // why it is not known which one
	scope   Scope                               // its id
	asked   Decision                            // whether the webhook asks Azure: Undecided if an expression says
	because string                              // why it does not, or perhaps not
	fleets  []fleet

	named    map[string]bool // groups that bindings name
	unlisted []unlisted      // those of them whose members the input does not tell
}

// fleet is a fleet whose role assignments count in the cluster.
type fleet struct {
	scope Scope
	above bool   // the scope is one that the fleet may be in
	doubt string // why the cluster may not be its member
}

// unlisted is a group that bindings name and whose members the input does not tell, or
// not all of them.
type unlisted struct {
	group string
	why   string
}

// KubernetesOption settles something that the snapshot does not tell.
type KubernetesOption func(*Kubernetes)

// WithMapping says how requests become questions to Azure. The default is the zero
// [Mapping].
func WithMapping(m Mapping) KubernetesOption { return func(k *Kubernetes) { k.mapping = m } }

// WithoutDiscoveryPaths asks Azure about discovery paths as about others. By default
// they are allowed to whomever Azure is asked about (AZ69).
func WithoutDiscoveryPaths() KubernetesOption {
	return func(k *Kubernetes) { k.refuseDiscovery = true }
}

// WithManagedNamespaces asks at the scope of a managed namespace, too, if the
// namespace's own does not allow a request (AZ68). The webhook's default is not to.
func WithManagedNamespaces() KubernetesOption {
	return func(k *Kubernetes) { k.managedNamespaces = true }
}

// NewKubernetes joins what RBAC and Azure say of one cluster: both have to be compiled
// from the same snapshot. Which of several AKS clusters of the snapshot is meant is
// for [rbacsim.WithManagedCluster] to say.
func NewKubernetes(rbac *rbacsim.Authorizer, az *Authorizer, opts ...KubernetesOption) *Kubernetes {
	k := &Kubernetes{rbac: rbac, azure: az, named: map[string]bool{}}
	for _, o := range opts {
		o(k)
	}
	k.find()
	if k.asked != rbacsim.Denied {
		k.findFleets()
	}
	k.findGroups()
	return k
}

// RBAC returns the side of Kubernetes, and Azure that of Azure.
func (k *Kubernetes) RBAC() *rbacsim.Authorizer { return k.rbac }

// Azure returns the side of Azure.
func (k *Kubernetes) Azure() *Authorizer { return k.azure }

// AsksAzure says whether the API server asks Azure at all: if the input has the
// cluster, and Azure RBAC is on in it. It is Undecided where an expression in the
// input says so, and where it is not known which cluster is meant; then why tells.
func (k *Kubernetes) AsksAzure() (d Decision, why string) {
	if k.err != nil {
		return rbacsim.Undecided, k.err.Error()
	}
	return k.asked, k.because
}

// find finds the cluster, and whether its API server asks Azure (AZ71).
func (k *Kubernetes) find() {
	k.cluster, k.err = k.rbac.ManagedCluster()
	if k.cluster == nil {
		k.asked, k.because = rbacsim.Denied, "the input has no AKS cluster"
		if _, several := errors.AsType[*rbacsim.SeveralClustersError](k.err); several && !k.mayAsk() {
			k.err, k.because = nil, "no AKS cluster of the input has Azure RBAC"
		}
		return
	}
	c := k.cluster.API
	k.asked, k.because = asksAzure(c)
	id, known := c.ID.Get()
	scope, err := ParseScope(id)
	switch expression, open := c.ID.Unresolved(); {
	case k.asked == rbacsim.Denied:
	case open:
		k.because = "the id of the cluster hangs on " + expression + ", which the input does not settle"
	case !known:
		k.because = "the input does not tell the id of the cluster"
	case err != nil:
		k.because = "the id of the cluster: " + err.Error()
	default:
		k.scope = scope
	}
	if k.scope.IsZero() && k.asked == rbacsim.Allowed {
		k.asked = rbacsim.Undecided
	}
}

// mayAsk reports whether any cluster of the input may ask Azure.
func (k *Kubernetes) mayAsk() bool {
	for o := range model.All[model.ManagedCluster](k.rbac.Cluster()) {
		if d, _ := asksAzure(o.API); d != rbacsim.Denied {
			return true
		}
	}
	return false
}

// asksAzure says whether the configuration of a cluster turns Azure RBAC on: nothing
// but true does.
func asksAzure(c *model.ManagedCluster) (d Decision, why string) {
	name := cmp.Or(c.Name.Or(""), "the AKS cluster")
	expression, open := c.Entra.AzureRBAC.Unresolved()
	profile, openProfile := c.Entra.Present.Unresolved()
	present, known := c.Entra.Present.Get()
	switch {
	case known && !present:
		return rbacsim.Denied, name + " has no aadProfile"
	case open:
		return rbacsim.Undecided, "enableAzureRBAC of " + name + " hangs on " + expression + ", which the input does not settle"
	case !c.Entra.AzureRBAC.Or(false):
		return rbacsim.Denied, "enableAzureRBAC of " + name + " is not true"
	case openProfile:
		return rbacsim.Undecided, "the aadProfile of " + name + " hangs on " + profile + ", which the input does not settle"
	}
	return rbacsim.Allowed, ""
}

const fleetType = "microsoft.containerservice/fleets"

// findFleets finds the fleets whose assignments count: the one that the cluster is a
// member of or, where the input does not tell, perhaps any at which a role is assigned,
// or one somewhere below an assignment of a role for fleets (AZ68).
func (k *Kubernetes) findFleets() {
	if id, ok := k.cluster.API.FleetID.Get(); ok {
		scope, err := ParseScope(id)
		if err == nil {
			k.fleets = []fleet{{scope: scope}}
			return
		}
	}
	if k.cluster.API.FleetID.IsNull() {
		return
	}
	for _, a := range k.azure.assignments {
		f := fleet{scope: a.scope.Enclosing(fleetType)}
		switch {
		case !f.scope.IsZero():
			f.doubt = "the input does not tell whether the cluster is a member of fleet " + f.scope.Name()
		case a.role.isForFleets() && a.scope.Kind() != Resource && !a.scope.IsZero():
			f = fleet{a.scope, true, "the input does not tell whether the cluster is a member of a fleet, which may be in " + a.scope.String()}
		default:
			continue
		}
		if !slices.Contains(k.fleets, f) {
			k.fleets = append(k.fleets, f)
		}
	}
	slices.SortFunc(k.fleets, func(f, g fleet) int { return f.scope.Compare(g.scope) })
}

// isForFleets reports whether a role names data actions of the members of fleets.
func (r *role) isForFleets() bool {
	return slices.ContainsFunc(r.permissions, func(p permission) bool {
		return slices.ContainsFunc(p.planes[data].allow.list, func(p actionset.Pattern) bool {
			return strings.HasPrefix(lower(p.String()), fleetType+"/")
		})
	})
}

// findGroups finds the groups that bindings name, and those among them of which the
// input does not tell who is in them, although it tells that of others (AZ74).
func (k *Kubernetes) findGroups() {
	unsettled := slices.Collect(k.rbac.UnsettledGroups())
	for p := range k.rbac.Principals() {
		if p.Kind() != identity.Group {
			continue
		}
		k.named[p.Name()] = true
		gap := ""
		if identity.IsObjectID(p.Name()) {
			gap = k.azure.members.gap(strings.ToLower(p.Name()))
		}
		switch {
		case slices.Contains(unsettled, p.Name()):
			k.unlisted = append(k.unlisted, unlisted{p.Name(), "which group " + p.Name() + " is the input does not settle, and its members would be allowed"})
		case strings.EqualFold(gap, p.Name()):
			k.unlisted = append(k.unlisted, unlisted{p.Name(), "the input tells who is in other groups, but not in " + p.String() + ", whose members would be allowed"})
		case gap != "":
			k.unlisted = append(k.unlisted, unlisted{p.Name(), "the input does not tell who is in " + gap + ", whose members are in " + p.String() + " and would be allowed"})
		}
	}
}

// Assumptions yields what the answers take for granted because the snapshot does not
// tell, in a fixed order, each as a clause for people.
func (k *Kubernetes) Assumptions() iter.Seq[string] {
	list := slices.Collect(k.rbac.Assumptions())
	if k.asked == rbacsim.Denied {
		return slices.Values(list)
	}
	list[0] = "the API server asks RBAC first and then Azure RBAC, and what either allows is allowed"
	if k.mapping.Operations.Len() == 0 {
		list = append(list, "the authorization webhook asks as its flags have it by default: without an operation map or attributes")
	}
	for text := range k.azure.Assumptions() {
		if !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return slices.Values(list)
}

// isSystem reports whether Azure has no opinion about a user of the name (AZ72).
func isSystem(user string) bool {
	const prefix = "system:"
	return len(user) >= len(prefix) && strings.EqualFold(user[:len(prefix)], prefix)
}
