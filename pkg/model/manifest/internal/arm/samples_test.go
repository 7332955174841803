package arm

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// sample reads a template published by Microsoft, or skips the test.
func sample(tb testing.TB, name string) []byte {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "..", "..", "shared", "samples", filepath.FromSlash(name)))
	if os.IsNotExist(err) {
		tb.Skip("the samples are not here")
	}
	require.NoError(tb, err)
	require.True(tb, IsTemplate(text))
	require.False(tb, IsParameters(text))
	return text
}

func ofType(resources []Resource, kind string) []Resource {
	var out []Resource
	for _, r := range resources {
		if strings.EqualFold(r.Type, kind) {
			out = append(out, r)
		}
	}
	return out
}

func says(t *testing.T, n tree.Node, kind tree.Kind, want string, path ...string) {
	t.Helper()
	got := n.Get(path...)
	assert.Equal(t, kind, got.Kind, path)
	assert.Equal(t, want, got.Text, path)
	assert.Positive(t, got.Line, path)
}

func TestBaselineCluster(t *testing.T) {
	text := string(sample(t, "aks-baseline/cluster-stamp.arm.json"))
	resources := sound(t, text)
	clusters := ofType(resources, "Microsoft.ContainerService/managedClusters")
	require.Len(t, clusters, 1)
	cluster := clusters[0]
	p := cluster.Body.Get("properties")
	says(t, p, tree.Bool, "true", "disableLocalAccounts")
	says(t, p, tree.Bool, "true", "oidcIssuerProfile", "enabled")
	says(t, p, tree.Bool, "false", "podIdentityProfile", "enabled")
	says(t, p, tree.Bool, "false", "apiServerAccessProfile", "enablePrivateCluster")
	says(t, p, tree.List, "", "apiServerAccessProfile", "authorizedIPRanges")
	says(t, p, tree.Null, "", "networkProfile", "loadBalancerProfile")
	assert.Empty(t, p.Get("apiServerAccessProfile", "authorizedIPRanges").Items)
	says(t, p, tree.Expression, "[equals(subscription().tenantId, parameters('k8sControlPlaneAuthorizationTenantId'))]", "aadProfile", "enableAzureRBAC")
	admins := p.Get("aadProfile", "adminGroupObjectIDs")
	assert.Equal(t, tree.Expression, admins.Kind)
	assert.Contains(t, admins.Text, "parameters('clusterAdminAadGroupObjectId')")
	says(t, cluster.Location, tree.String, "eastus2")

	// The pull role of the kubelet on the registry, by ids that join.
	pulls := 0
	for _, r := range ofType(resources, "Microsoft.Authorization/roleAssignments") {
		role := r.Body.Get("properties", "roleDefinitionId")
		assert.Equal(t, tree.String, role.Kind)
		if strings.HasSuffix(role.Text, "/7f951dda-4ed3-4680-a7ca-43fe172d538d") {
			pulls++
			assert.Equal(t, Reference(cluster.ID, "identityProfile", "kubeletidentity", "objectId"), r.Body.Get("properties", "principalId").Text)
			assert.Contains(t, r.Scope.Text, "/registries/acraks[uniqueString(")
		}
	}
	assert.Equal(t, 1, pulls)

	// Both identities have two roles on the vault, by the references that stand for
	// their object ids.
	vaults := ofType(resources, "Microsoft.KeyVault/vaults")
	require.Len(t, vaults, 1)
	says(t, vaults[0].Body, tree.Bool, "true", "properties", "enableRbacAuthorization")
	says(t, vaults[0].Body, tree.String, "Deny", "properties", "networkAcls", "defaultAction")
	principals := map[string]int{}
	for _, r := range ofType(resources, "Microsoft.Authorization/roleAssignments") {
		if r.Scope.Text == vaults[0].ID.Text {
			principals[r.Body.Get("properties", "principalId").Text]++
		}
	}
	identities := ofType(resources, "Microsoft.ManagedIdentity/userAssignedIdentities")
	require.Len(t, identities, 3)
	assert.Equal(t, map[string]int{Reference(identities[1].ID, "principalId"): 2, Reference(identities[2].ID, "principalId"): 2}, principals)
	assert.Equal(t, tree.String, identities[1].ID.Kind)
	assert.True(t, cluster.Body.Get("identity", "userAssignedIdentities").Has(identities[0].ID.Text))

	var categories []string
	for _, r := range ofType(resources, "Microsoft.Insights/diagnosticSettings") {
		for _, log := range r.Body.Get("properties", "logs").Items {
			if r.Scope.Text == cluster.ID.Text {
				categories = append(categories, log.Get("category").Text)
			}
		}
	}
	assert.Equal(t, []string{"cluster-autoscaler", "kube-controller-manager", "kube-audit-admin", "guard"}, categories)

	gateways := ofType(resources, "Microsoft.Network/applicationGateways")
	require.Len(t, gateways, 1)
	says(t, gateways[0].Body, tree.String, "WAF_v2", "properties", "sku", "tier")
	says(t, gateways[0].Body, tree.String, "Prevention", "properties", "webApplicationFirewallConfiguration", "firewallMode")
	rules := ofType(resources, "Microsoft.Insights/scheduledQueryRules")
	require.Len(t, rules, 1)
	says(t, rules[0].Name, tree.String, "PodFailedScheduledQuery")
	assert.Contains(t, rules[0].Body.Get("properties", "source", "query").Text, "KubePodInventory")
	require.Len(t, ofType(resources, "Microsoft.Insights/activityLogAlerts"), 1)

	conditional := 0
	for _, r := range resources {
		if r.Conditional.Kind == tree.Expression {
			conditional++
			assert.Contains(t, r.Conditional.Text, "parameters('k8sControlPlaneAuthorizationTenantId')")
		}
	}
	assert.Equal(t, 4, conditional, "assignments that hang on Azure RBAC")
}

// With the subscription's own tenant unknown, only what depends on it stays open.
func TestBaselineWithParameters(t *testing.T) {
	text := string(sample(t, "aks-baseline/cluster-stamp.arm.json"))
	resources := sound(t, text, `{"targetVnetResourceId": {"value": "/subscriptions/s/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/spoke"},
		"clusterAuthorizedIPRanges": {"value": ["192.0.2.0/24"]}}`)
	cluster := ofType(resources, "Microsoft.ContainerService/managedClusters")[0]
	assert.Equal(t, "192.0.2.0/24", cluster.Body.Get("properties", "apiServerAccessProfile", "authorizedIPRanges").Items[0].Text)
	subnet := 0
	for _, r := range ofType(resources, "Microsoft.Authorization/roleAssignments") {
		if r.Scope.Text == subscription+"/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/spoke/subnets/snet-clusternodes" {
			subnet++
			assert.Equal(t, tree.String, r.Scope.Kind)
		}
	}
	assert.Equal(t, 1, subnet)
}

func TestQuickstart(t *testing.T) {
	resources := sound(t, string(sample(t, "azure-quickstart/azuredeploy.json")))
	require.Len(t, resources, 1)
	r := resources[0]
	assert.Equal(t, "Microsoft.ContainerService/managedClusters", r.Type)
	says(t, r.Name, tree.String, "aks101cluster")
	assert.Equal(t, "[resourceGroup().location]", r.Location.Text)
	p := r.Body.Get("properties")
	for _, name := range []string{"aadProfile", "networkProfile", "oidcIssuerProfile", "apiServerAccessProfile", "disableLocalAccounts"} {
		assert.False(t, p.Has(name), name)
	}
	says(t, p, tree.Expression, "[parameters('dnsPrefix')]", "dnsPrefix")
	assert.Equal(t, "3", p.Get("agentPoolProfiles").Items[0].Get("count").Text)
}

func TestOtherSamples(t *testing.T) {
	for name, want := range map[string]int{"aks-baseline/acr-stamp.arm.json": 1, "aks-baseline/spoke-BU0001A0008.arm.json": 1} {
		resources := sound(t, string(sample(t, name)))
		assert.GreaterOrEqual(t, len(resources), want, name)
		for _, r := range resources {
			assert.True(t, strings.HasPrefix(r.ID.Text, "/subscriptions/"), r.ID.Text)
			assert.Contains(t, r.Type, "/")
		}
	}
}

func BenchmarkBaseline(b *testing.B) {
	text := sample(b, "aks-baseline/cluster-stamp.arm.json")
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		t, err := Read(text)
		require.NoError(b, err)
		resources, _ := t.Resources()
		require.NotEmpty(b, resources)
	}
}
