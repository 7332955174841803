package verify

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// Context is what checks look at. Engines are compiled when first asked for. A
// Context is safe for concurrent use.
type Context struct {
	cluster *model.Cluster
	claims  *Claims // resolved; never nil
	now     Date

	specification bool // see Options

	blocks     []netip.Prefix // that pods get their addresses from
	network    func() *netsim.Network
	authorizer func() *rbacsim.Authorizer
	engine     func() Engine
	azure      func() *azure.Authorizer
	kubernetes func() *azure.Kubernetes
	graph      func() *identity.Graph
}

func newContext(c *model.Cluster, claims *Claims, opts Options) *Context {
	if claims == nil {
		claims = &Claims{}
	}
	x := &Context{cluster: c, claims: claims, now: opts.Now, specification: opts.Specification}
	x.blocks = x.podCIDRs(opts.PodCIDRs)
	x.network = sync.OnceValue(func() *netsim.Network { return x.recompile(c) })
	x.authorizer = sync.OnceValue(func() *rbacsim.Authorizer {
		more := []rbacsim.Option{rbacsim.WithManagedCluster(claims.Spec.Cluster)}
		if opts.Resources != nil {
			more = append(more, rbacsim.WithResources(opts.Resources.WithCluster(c)))
		}
		return rbacsim.New(c, more...)
	})
	x.azure = sync.OnceValue(func() *azure.Authorizer { return azure.New(c) })
	x.kubernetes = sync.OnceValue(func() *azure.Kubernetes { return azure.NewKubernetes(x.Authorizer(), x.Azure()) })
	x.graph = sync.OnceValue(func() *identity.Graph { return identity.NewGraph(x.withoutOthers()) })
	x.engine = sync.OnceValue(x.findEngine)
	return x
}

// Cluster returns the snapshot.
func (c *Context) Cluster() *model.Cluster { return c.cluster }

// Claims returns the claims with every name resolved; empty ones if there are none.
func (c *Context) Claims() *Claims { return c.claims }

// Now returns the day on which the question is asked; zero if that is not known.
func (c *Context) Now() Date { return c.now }

// Network returns the NetworkPolicy engine: the specification's answers. What the
// cluster's own engine makes of them is for Engine to say.
func (c *Context) Network() *netsim.Network { return c.network() }

// Authorizer returns the engine of the cluster's RBAC objects alone. What the API server
// allows is for Kubernetes to say.
func (c *Context) Authorizer() *rbacsim.Authorizer { return c.authorizer() }

// Azure returns the engine of Azure RBAC.
func (c *Context) Azure() *azure.Authorizer { return c.azure() }

// Kubernetes returns what the API server allows, by RBAC objects or role assignments.
func (c *Context) Kubernetes() *azure.Kubernetes { return c.kubernetes() }

// Graph returns who is or may become whom.
func (c *Context) Graph() *identity.Graph { return c.graph() }

// Engine returns who enforces NetworkPolicies in the cluster.
func (c *Context) Engine() Engine { return c.engine() }

// AKS returns the configuration of the cluster that is meant: the only one of the
// input, or the one that the claims name. Controls that need it list evidenceCluster,
// and are not asked without.
func (c *Context) AKS() *model.Object[model.ManagedCluster] {
	aks, _ := c.aks()
	return aks
}

// aks also says why there is none.
func (c *Context) aks() (aks *model.Object[model.ManagedCluster], why string) {
	all := slices.Collect(model.All[model.ManagedCluster](c.cluster))
	want := c.claims.Spec.Cluster
	var names []string
	var found []*model.Object[model.ManagedCluster]
	for _, o := range all {
		name, id := o.API.Name.Or(""), o.API.ID.Or("")
		names = append(names, name)
		if want == "" || strings.EqualFold(name, want) || strings.EqualFold(id, want) {
			found = append(found, o)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], ""
	case len(all) == 0:
		return nil, "the input has no AKS cluster"
	case len(found) == 0:
		return nil, fmt.Sprintf("the input has no AKS cluster %s, only %s", want, strings.Join(names, ", "))
	}
	return nil, fmt.Sprintf("the input has the AKS clusters %s: spec.cluster of the claims has to say which is meant", strings.Join(names, ", "))
}

// withoutOthers returns the snapshot without the AKS clusters that are not meant, if it
// is known which one is: pods run in that.
func (c *Context) withoutOthers() *model.Cluster {
	meant, why := c.aks()
	if why != "" {
		return c.cluster
	}
	var others []model.Ref
	for o := range model.All[model.ManagedCluster](c.cluster) {
		if o != meant {
			others = append(others, o.Ref)
		}
	}
	one, err := c.cluster.Without(others...)
	if len(others) == 0 || err != nil {
		return c.cluster
	}
	return one
}

// podCIDRs returns the blocks that pods get their addresses from: those given, else
// those of the cluster's configuration, which only an overlay network or kubenet has.
func (c *Context) podCIDRs(given []netip.Prefix) []netip.Prefix {
	if len(given) > 0 {
		return given
	}
	aks, _ := c.aks()
	if aks == nil {
		return nil
	}
	var blocks []netip.Prefix
	for _, text := range aks.API.Network.PodCIDRs.Or(nil) {
		if p, err := netip.ParsePrefix(text); err == nil && p == p.Masked() {
			blocks = append(blocks, p)
		}
	}
	return blocks
}
