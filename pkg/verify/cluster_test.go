package verify_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/verify"
)

func TestAPIServer(t *testing.T) {
	c := exampleCluster(t)
	public := func(ranges ...string) func(*model.ManagedCluster) {
		return func(m *model.ManagedCluster) {
			m.APIServer.Private, m.APIServer.AuthorizedRanges = model.Null[bool](), model.Known(ranges)
		}
	}
	for name, test := range map[string]struct {
		change func(*model.ManagedCluster)
		want   verify.Outcome
		over   string
	}{
		"private":     {func(*model.ManagedCluster) {}, verify.Proved, "the API server of cluster aks-prod, which is private: reached from vnet-prod (its own), vnet-hub (peered, the DNS zone linked)"},
		"one address": {public("203.0.113.7"), verify.Proved, "the API server of cluster aks-prod, which is public: 1 public addresses in 203.0.113.7"},
		"its own":     {public("0.0.0.0/32"), verify.Proved, "the API server of cluster aks-prod, which is public: 0 public addresses in 0.0.0.0/32, 0.0.0.0/32 being the cluster's own outbound address"},
		"none":        {public(), verify.Refuted, ""},
		"all":         {public("0.0.0.0/0"), verify.Refuted, ""},
		"two halves":  {public("0.0.0.0/1", "128.0.0.0/1"), verify.Refuted, ""},
		"nearly all":  {public("1.0.0.0/8", "2.0.0.0/7"), verify.Refuted, ""},
		"all of IPv6": {public("::/0"), verify.Refuted, ""},
		"no range":    {public("office"), verify.Undecided, ""},
		"unknown ranges": {func(m *model.ManagedCluster) {
			m.APIServer.Private, m.APIServer.AuthorizedRanges = model.Known(false), model.Unresolved[[]string]("[x]")
		}, verify.Undecided, ""},
		"unknown, but open": {func(m *model.ManagedCluster) { m.APIServer.Private = model.Unresolved[bool]("[x]") }, verify.Undecided, ""},
		"either way": {func(m *model.ManagedCluster) {
			m.APIServer.Private, m.APIServer.AuthorizedRanges = model.Unresolved[bool]("[x]"), model.Known([]string{"203.0.113.0/24"})
		}, verify.Proved, "the API server of cluster aks-prod, which is public: 256 public addresses in 203.0.113.0/24"},
	} {
		t.Run(name, func(t *testing.T) {
			r := ask(t, changed(t, c, "managedclusters/aks-prod", test.change), verify.AreaCluster, "AKS-CLU-001")
			assert.Equal(t, test.want, r.Outcome, r.Findings)
			assert.Equal(t, test.over, r.Over)
		})
	}
}

// A network reaches a private API server by a peering that is connected, and by name
// where the zone is linked.
func TestNetworksOfAPIServer(t *testing.T) {
	c := exampleCluster(t)
	down := changed(t, c, "virtualnetworks/vnet-prod", func(v *model.VirtualNetwork) {
		v.Peerings = []model.Peering{{RemoteID: v.Peerings[0].RemoteID, State: model.Known("Disconnected")}}
	})
	assert.Equal(t, "the API server of cluster aks-prod, which is private: reached from vnet-prod (its own)", ask(t, down, verify.AreaCluster, "AKS-CLU-001").Over)
	unlinked := changed(t, c, "private.westeurope.azmk8s.io/virtualnetworklinks/vnet-hub", func(l *model.PrivateDNSLink) {
		l.NetworkID = model.Known("/subscriptions/f08579f7-d9a6-4fd2-aea2-9cc0287baf3e/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/other")
	})
	assert.Contains(t, ask(t, unlinked, verify.AreaCluster, "AKS-CLU-001").Over, "vnet-hub (peered; the DNS zone is not linked: by address alone)")
}

// What a template leaves out has the default of the service, and what it leaves open is
// not known.
func TestSettingsOfTemplates(t *testing.T) {
	c := exampleCluster(t)
	for _, test := range []struct {
		id     string
		change func(*model.ManagedCluster)
		want   verify.Outcome
	}{
		{"AKS-CLU-008", func(m *model.ManagedCluster) { m.DisableLocal = model.Property[bool]{} }, verify.Refuted},
		{"AKS-CLU-008", func(m *model.ManagedCluster) {
			m.DisableLocal, m.SKU = model.Property[bool]{}, model.Known("Automatic")
		}, verify.Undecided},
		{"AKS-CLU-008", func(m *model.ManagedCluster) { m.DisableLocal = model.Unresolved[bool]("[x]") }, verify.Undecided},
		{"AKS-CLU-002", func(m *model.ManagedCluster) { m.Network.Plugin = model.Property[string]{} }, verify.Undecided},
		{"AKS-CLU-003", func(m *model.ManagedCluster) { m.Network.Policy = model.Property[string]{} }, verify.Refuted},
		{"AKS-CLU-003", func(m *model.ManagedCluster) { m.Network.Policy = model.Unresolved[string]("[x]") }, verify.Undecided},
		{"AKS-CLU-003", func(m *model.ManagedCluster) {
			m.Network.Policy, m.Network.Plugin = model.Null[string](), model.Known("none")
		}, verify.Undecided},
		{"AKS-CLU-011", func(m *model.ManagedCluster) { m.OIDCIssuer = model.Property[bool]{} }, verify.Undecided},
		{"AKS-CLU-011", func(m *model.ManagedCluster) {
			m.OIDCIssuer, m.KubernetesVersion = model.Property[bool]{}, model.Known("1.33")
		}, verify.Refuted},
		{"AKS-CLU-012", func(m *model.ManagedCluster) { m.PodIdentity = model.Known(true) }, verify.Refuted},
		{"AKS-CLU-006", func(m *model.ManagedCluster) { m.Entra.Managed = model.Known(false) }, verify.Refuted},
		{"AKS-CLU-006", func(m *model.ManagedCluster) { m.Entra.Present = model.Unresolved[bool]("[x]") }, verify.Undecided},
		{"AKS-CLU-007", func(m *model.ManagedCluster) { m.KubernetesRBAC = model.Known(false) }, verify.Refuted},
		{"AKS-CLU-013", func(m *model.ManagedCluster) { m.NodeLockdown = model.Null[string]() }, verify.Refuted},
		{"AKS-CLU-009", func(m *model.ManagedCluster) { m.ID = model.Unresolved[string]("[x]") }, verify.Undecided},
	} {
		r := ask(t, changed(t, c, "managedclusters/aks-prod", func(m *model.ManagedCluster) {
			m.Template = true
			test.change(m)
		}), verify.AreaCluster, test.id)
		assert.Equal(t, test.want, r.Outcome, "%s: %v", test.id, r.Findings)
	}
}

func TestInitiative(t *testing.T) {
	c := exampleCluster(t)
	for name, test := range map[string]struct {
		change func(*model.PolicyAssignment)
		want   verify.Outcome
	}{
		"restricted": {func(p *model.PolicyAssignment) {
			p.PolicyDefinitionID = model.Known("/providers/Microsoft.Authorization/policySetDefinitions/42b8ef37-b724-4e24-bbc8-7a7708edfe00")
		}, verify.Proved},
		"another": {func(p *model.PolicyAssignment) {
			p.PolicyDefinitionID = model.Known("/providers/Microsoft.Authorization/policySetDefinitions/1f3afdf9-d0c9-4c3d-847f-89da613e70a8")
		}, verify.Refuted},
		"one's own": {func(p *model.PolicyAssignment) {
			p.PolicyDefinitionID = model.Known("/subscriptions/2af65101-27a1-40e7-a830-83f75c08b342/providers/Microsoft.Authorization/policySetDefinitions/own")
		}, verify.Undecided},
		"another group": {func(p *model.PolicyAssignment) {
			p.Scope = model.Known("/subscriptions/2af65101-27a1-40e7-a830-83f75c08b342/resourceGroups/rg-dev")
		}, verify.Refuted},
		"above": {func(p *model.PolicyAssignment) {
			p.Scope = model.Known("/providers/Microsoft.Management/managementGroups/contoso")
		}, verify.Proved},
		"left out": {func(p *model.PolicyAssignment) {
			p.NotScopes = model.Known([]string{"/subscriptions/2af65101-27a1-40e7-a830-83f75c08b342/resourceGroups/rg-prod/providers/Microsoft.ContainerService/managedClusters/aks-prod"})
		}, verify.Refuted},
		"disabled": {func(p *model.PolicyAssignment) {
			p.Parameters = map[string]model.Property[string]{"effect": model.Known("disabled")}
		}, verify.Refuted},
	} {
		t.Run(name, func(t *testing.T) {
			r := ask(t, changed(t, c, "policyassignments/aks-baseline", test.change), verify.AreaCluster, "AKS-CLU-005")
			assert.Equal(t, test.want, r.Outcome, r.Findings)
		})
	}
}

// Without evidence nothing is proved, and nothing panics.
func TestNothing(t *testing.T) {
	var b model.Builder
	r, err := verify.Run(b.Cluster(), nil, verify.Options{Only: []verify.Area{verify.AreaCluster, verify.AreaAuditing}})
	assert.NoError(t, err)
	for _, res := range r.Results {
		assert.Equal(t, verify.Undecided, res.Outcome, res.ID)
		assert.NotEmpty(t, res.Missing, res.ID)
	}
}

// Of several clusters, the claims say which is meant; without, nothing about it is proved.
func TestSeveralClusters(t *testing.T) {
	c := exampleCluster(t).With(aks(nil))
	claims, err := verify.ClaimsIn(c)
	require.NoError(t, err)
	for name, want := range map[string]verify.Outcome{"": verify.Undecided, "aks-prod": verify.Proved, "prod": verify.Refuted} {
		claims.Spec.Cluster = name
		r, err := verify.Run(c, claims, verify.Options{Now: today()})
		require.NoError(t, err)
		assert.Equal(t, want, r.Worst(), "cluster %q: %s", name, r.Summary())
	}
}
