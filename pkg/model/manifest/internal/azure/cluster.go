package azure

import (
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

func managedCluster(s *sheet) *model.ManagedCluster {
	c := &model.ManagedCluster{
		Resource: s.resource(), KubernetesVersion: s.str("kubernetesVersion"), CurrentVersion: s.str("currentKubernetesVersion"),
		DNSPrefix: s.str("dnsPrefix"), FQDN: s.str("fqdn"), PrivateFQDN: s.str("privateFQDN"),
		NodeResourceGroup: s.str("nodeResourceGroup"), NodeLockdown: s.str("nodeResourceGroupProfile", "restrictionLevel"),
		PublicNetwork: s.str("publicNetworkAccess"), KubernetesRBAC: s.boolean("enableRBAC"), DisableLocal: s.boolean("disableLocalAccounts"),
		Entra: entraProfile(s), APIServer: apiServerProfile(s.child("apiServerAccessProfile")), Network: clusterNetwork(s.child("networkProfile")),
		OIDCIssuer: s.boolean("oidcIssuerProfile", "enabled"), IssuerURL: s.str("oidcIssuerProfile", "issuerURL"),
		WorkloadIdentity:  s.boolean("securityProfile", "workloadIdentity", "enabled"),
		MetricsEnabled:    s.boolean("azureMonitorProfile", "metrics", "enabled"),
		ContainerInsights: s.boolean("azureMonitorProfile", "containerInsights", "enabled"),
		Defender:          s.boolean("securityProfile", "defender", "securityMonitoring", "enabled"),
		KMS:               s.boolean("securityProfile", "azureKeyVaultKms", "enabled"),
		ImageCleaner:      s.boolean("securityProfile", "imageCleaner", "enabled"),
		AppRouting:        s.boolean("ingressProfile", "webAppRouting", "enabled"),
		AppRoutingDefault: s.str("ingressProfile", "webAppRouting", "nginx", "defaultIngressControllerType"),
		ServiceMesh:       s.str("serviceMeshProfile", "mode"), Identity: s.identities(),
		ServicePrincipalID: s.str("servicePrincipalProfile", "clientId"),
		AutoUpgrade:        s.str("autoUpgradeProfile", "upgradeChannel"), NodeOSUpgrade: s.str("autoUpgradeProfile", "nodeOSUpgradeChannel"),
		AddOns: addOns(s), Pools: listed(s.view, nodePool, "agentPoolProfiles"),
	}
	if sku := s.skuView(); sku != nil {
		c.SKU, c.SKUTier = sku.str("name"), sku.str("tier")
	}
	if p := s.child("podIdentityProfile"); p != nil {
		c.PodIdentity = p.boolean("enabled")
		c.PodIdentities = listed(p, legacyPodIdentity, "userAssignedIdentities")
	}
	if p := s.child("identityProfile"); p != nil {
		c.Kubelet = attached(p.child("kubeletidentity"))
	}
	return c
}

// skuView returns the sku, which is a property of no resource.
func (s *sheet) skuView() *view {
	if s.own.Get("sku").Kind == tree.String { // of classic resources, and of tables
		return nil
	}
	return s.child("sku")
}

func entraProfile(s *sheet) model.EntraProfile {
	var e model.EntraProfile
	p := s.child("aadProfile")
	switch n := s.node("aadProfile"); n.Kind {
	case tree.Object:
		e.Present = model.Known(true)
	case tree.Expression:
		e.Present = model.Unresolved[bool](n.Text)
	case tree.Null:
		e.Present = model.Known(false)
	case tree.Absent:
	case tree.Bool, tree.Number, tree.String, tree.List: // reported
	}
	if p != nil {
		e.Managed, e.AzureRBAC = p.boolean("managed"), p.boolean("enableAzureRBAC")
		e.AdminGroups, e.TenantID, e.ServerAppID = p.strs("adminGroupObjectIDs"), p.str("tenantID"), p.str("serverAppID")
	}
	return e
}

func apiServerProfile(v *view) model.APIServerProfile {
	if v == nil {
		return model.APIServerProfile{}
	}
	return model.APIServerProfile{
		AuthorizedRanges: v.strs("authorizedIPRanges"), Private: v.boolean("enablePrivateCluster"),
		PublicFQDN: v.boolean("enablePrivateClusterPublicFQDN"), PrivateDNSZone: v.str("privateDNSZone"),
		DisableRunCommand: v.boolean("disableRunCommand"), VNetIntegration: v.boolean("enableVnetIntegration"), SubnetID: v.str("subnetId"),
	}
}

func clusterNetwork(v *view) model.ClusterNetwork {
	if v == nil {
		return model.ClusterNetwork{}
	}
	return model.ClusterNetwork{
		Plugin: v.str("networkPlugin"), PluginMode: v.str("networkPluginMode"), Dataplane: v.str("networkDataplane"), Policy: v.str("networkPolicy"),
		OutboundType: v.str("outboundType"), PodLinkLocalAccess: v.str("podLinkLocalAccess"), DNSServiceIP: v.str("dnsServiceIP"),
		PodCIDRs: oneOrMore(v, "podCidrs", "podCidr"), ServiceCIDRs: oneOrMore(v, "serviceCidrs", "serviceCidr"),
		LoadBalancerSKU: v.str("loadBalancerSku"), AdvancedNetworking: v.boolean("advancedNetworking", "enabled"),
	}
}

// oneOrMore returns a list, or the one that an older property of its own holds.
func oneOrMore(v *view, many, one string) model.Property[[]string] {
	return firstOf(v.strs(many), mapped(v.str(one), func(s string) []string { return []string{s} }))
}

func addOns(s *sheet) map[string]model.AddOn {
	p := s.child("addonProfiles")
	switch {
	case p == nil:
		return nil
	case p.own.Kind == tree.Expression:
		s.gap(p.own.Text, "addonProfiles")
	}
	all := make(map[string]model.AddOn, len(p.own.Members))
	for _, m := range p.own.Members {
		if v := p.child(m.Name); v != nil {
			all[strings.ToLower(m.Name)] = model.AddOn{
				Name: m.Name, Enabled: v.boolean("enabled"), Config: v.texts("config", strings.ToLower), Identity: attached(v.child("identity")),
			}
		}
	}
	return all
}

func legacyPodIdentity(v *view) model.LegacyPodIdentity {
	return model.LegacyPodIdentity{
		Name: v.str("name"), Namespace: v.str("namespace"), BindingSelector: v.str("bindingSelector"), Identity: attached(v.child("identity")),
	}
}

func nodePool(v *view) model.NodePool {
	return model.NodePool{
		Name: v.str("name"), Mode: v.str("mode"), Version: firstOf(v.str("currentOrchestratorVersion"), v.str("orchestratorVersion")),
		SubnetID: v.str("vnetSubnetID"), PodSubnetID: v.str("podSubnetID"), NodePublicIP: v.boolean("enableNodePublicIP"), OSType: v.str("osType"),
	}
}

// partOf says that the fact is a part of another object, which is not in the input by
// itself, unless it is.
func partOf[T any](s *sheet, id model.Property[string], join func(whole *T)) {
	of, ok := id.Get()
	if !ok {
		s.invented = true
		of = s.ref.Name
	}
	s.ref.Name = strings.ToLower(strings.TrimRight(of, "/"))
	s.join = func(whole any) { join(whole.(*T)) }
}

// wholeOf is what a part tells of the resource that it belongs to.
func (s *sheet) wholeOf(id model.Property[string], typ string) model.Resource {
	return model.Resource{ID: id, Name: mapped(id, lastOf), Type: typ, Template: s.res.Template}
}

// notThere is what stands for the properties of a resource of which only a part is in
// the input.
func notThere[T any](what string) model.Property[T] {
	return model.Unresolved[T](what + ", which is not in the input")
}

func agentPool(s *sheet) *model.ManagedCluster {
	pool := nodePool(s.view)
	if id, ok := s.id.Get(); ok {
		pool.Name = model.Known(lastOf(id))
	}
	of := s.ofID(parentOf)
	partOf(s, of, func(c *model.ManagedCluster) {
		if !slices.ContainsFunc(c.Pools, func(p model.NodePool) bool { return sameName(p.Name, pool.Name) }) {
			c.Pools = append(c.Pools, pool)
		}
	})
	c := unseenCluster(s, of)
	c.Pools = []model.NodePool{pool}
	return c
}

func sameName(a, b model.Property[string]) bool {
	x, okX := a.Get()
	y, okY := b.Get()
	return okX && okY && strings.EqualFold(x, y)
}

// unseenCluster is a cluster of which only a part is in the input.
func unseenCluster(s *sheet, id model.Property[string]) *model.ManagedCluster {
	c := managedCluster(&sheet{
		view: s.openView(tree.Node{Kind: tree.Expression, Text: "the cluster, which is not in the input"}, ""),
		kind: s.kind, res: Resource{Template: true}, result: &Result{},
	})
	c.Resource = s.wholeOf(id, "Microsoft.ContainerService/managedClusters")
	return c
}

func fleetMember(s *sheet) *model.ManagedCluster {
	of := s.str("clusterResourceId")
	fleet := s.ofID(parentOf)
	partOf(s, of, func(c *model.ManagedCluster) { c.FleetID = fleet })
	c := unseenCluster(s, of)
	c.FleetID = fleet
	return c
}

func trustedAccess(s *sheet) *model.TrustedAccessRoleBinding {
	return &model.TrustedAccessRoleBinding{
		Resource: s.resource(), ClusterID: s.ofID(parentOf), SourceResourceID: s.str("sourceResourceId"), Roles: s.strs("roles"),
	}
}

func identityBinding(s *sheet) *model.IdentityBinding {
	b := &model.IdentityBinding{Resource: s.resource(), ClusterID: s.ofID(parentOf), Issuer: s.str("oidcIssuer", "oidcIssuerUrl")}
	if v := s.child("managedIdentity"); v != nil {
		b.Identity, b.TenantID = attached(v), v.str("tenantId")
	}
	return b
}

func scaleSet(s *sheet) *model.ScaleSet {
	return &model.ScaleSet{Resource: s.resource(), Identity: s.identities()}
}
