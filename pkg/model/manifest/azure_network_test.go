package manifest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
)

const network = shopRG + "/providers/Microsoft.Network/"

func TestGateways(t *testing.T) {
	for name, text := range shapes(t, `{"id":"`+network+`applicationGateways/agw","name":"agw","type":"Microsoft.Network/applicationGateways","sku":{"name":"WAF_v2","tier":"WAF_v2"},
 "webApplicationFirewallConfiguration":{"enabled":true,"firewallMode":"Detection"},"firewallPolicy":{"id":"/policy"},
 "gatewayIPConfigurations":[{"name":"g","subnet":{"id":"/subnet"}}],
 "frontendIPConfigurations":[{"name":"public","publicIPAddress":{"id":"/pip"},"privateIPAddress":null},{"name":"private","properties":{"privateIPAddress":"10.1.0.9"}}],
 "httpListeners":[{"name":"https","protocol":"Https","hostName":"shop.example.com","hostNames":[],"firewallPolicy":{"id":"/other"}},{"name":"nested","properties":{"protocol":"Http","hostNames":["a","b"]}}],
 "backendAddressPools":[{"name":"aks","backendAddresses":[{"ipAddress":"10.1.0.4"},{"fqdn":"api.internal"}]},{"name":"none","properties":{"backendAddresses":null}}]}`) {
		g := only[model.ApplicationGateway](t, text).API
		assert.Equal(t, model.Known("WAF_v2"), g.Tier, name)
		assert.Equal(t, model.Known(true), g.WAFEnabled, name)
		assert.Equal(t, model.Known("Detection"), g.WAFMode, name)
		assert.Equal(t, model.Known("/policy"), g.PolicyID, name)
		assert.Equal(t, model.Known([]string{"/other"}), g.ListenerPolicyIDs, name)
		assert.Equal(t, model.Known([]string{"/subnet"}), g.SubnetIDs, name)
		assert.Equal(t, model.Known([]string{"/pip"}), g.PublicIPs, name)
		assert.Equal(t, model.Known([]string{"10.1.0.9"}), g.PrivateIPs, name)
		assert.Equal(t, model.Known([]string{"10.1.0.4", "api.internal"}), g.Backends, name)
		require.Len(t, g.Listeners, 2)
		assert.Equal(t, model.GatewayListener{Name: "https", Protocol: model.Known("Https"), Hosts: model.Known([]string{"shop.example.com"}), PolicyID: model.Known("/other")}, g.Listeners[0])
		assert.Equal(t, model.Known([]string{"a", "b"}), g.Listeners[1].Hosts, name)
	}
	// In templates the sku is a property.
	deep := only[model.ApplicationGateway](t, `{"id":"`+network+`applicationGateways/agw","properties":{"sku":{"tier":"Standard_v2"}}}`).API
	assert.Equal(t, model.Known("Standard_v2"), deep.Tier)
	assert.True(t, deep.WAFEnabled.IsAbsent())

	for name, text := range shapes(t, `{"id":"`+network+`ApplicationGatewayWebApplicationFirewallPolicies/waf","type":"Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies",
 "policySettings":{"state":"Enabled","mode":"Prevention"},"managedRules":{"managedRuleSets":[{"ruleSetType":"OWASP","ruleSetVersion":"3.2"}]}}`) {
		p := only[model.WAFPolicy](t, text).API
		assert.Equal(t, model.Known(true), p.Enabled, name)
		assert.Equal(t, model.Known("Prevention"), p.Mode, name)
		assert.Equal(t, model.Known([]string{"OWASP 3.2"}), p.RuleSets, name)
		assert.False(t, p.FrontDoor, name)
	}
	fd := only[model.WAFPolicy](t, `{"id":"`+network+`FrontDoorWebApplicationFirewallPolicies/waf","type":"Microsoft.Network/frontdoorwebapplicationfirewallpolicies",
 "properties":{"policySettings":{"enabledState":"Disabled","mode":"Detection"}}}`).API
	assert.True(t, fd.FrontDoor)
	assert.Equal(t, model.Known(false), fd.Enabled)

	for name, text := range shapes(t, `{"id":"`+shopRG+`/providers/Microsoft.ApiManagement/service/apim","type":"Microsoft.ApiManagement/service","sku":{"name":"Premium","capacity":1},
 "virtualNetworkType":"Internal","publicNetworkAccess":"Disabled","gatewayUrl":"https://apim.example","publicIpAddresses":["203.0.113.1"],"privateIpAddresses":null,
 "virtualNetworkConfiguration":{"subnetResourceId":"/subnet"},"identity":{"type":"SystemAssigned","principalId":"p"}}`) {
		m := only[model.APIManagement](t, text).API
		assert.Equal(t, model.Known("Internal"), m.NetworkType, name)
		assert.Equal(t, model.Known("Premium"), m.SKU, name)
		assert.Equal(t, model.Known([]string{"203.0.113.1"}), m.PublicIPs, name)
		assert.Equal(t, model.Known("/subnet"), m.SubnetID, name)
		assert.Equal(t, model.Known("p"), m.Identity.PrincipalID, name)
	}
}

// A profile's endpoints, origins and security policies are resources of their own, in
// whatever order they come.
func TestFrontDoors(t *testing.T) {
	profile := shopRG + "/providers/Microsoft.Cdn/profiles/fd"
	d := only[model.FrontDoor](t, `[{"id":"`+profile+`/afdEndpoints/e","type":"Microsoft.Cdn/profiles/afdendpoints","hostName":"e.example.net"},
 {"id":"`+profile+`","type":"Microsoft.Cdn/profiles","sku":{"name":"Premium_AzureFrontDoor"},"properties":{"frontDoorId":"x"}},
 {"id":"`+profile+`/originGroups/g/origins/o","type":"Microsoft.Cdn/profiles/origingroups/origins","properties":{"hostName":"o.example.net"}},
 {"id":"`+profile+`/securityPolicies/s","type":"Microsoft.Cdn/profiles/securitypolicies","parameters":{"type":"WebApplicationFirewall","wafPolicy":{"id":"/waf"}}}]`).API
	assert.Equal(t, model.Known("Premium_AzureFrontDoor"), d.SKU)
	assert.Equal(t, model.Known([]string{"e.example.net"}), d.Endpoints)
	assert.Equal(t, model.Known([]string{"o.example.net"}), d.Origins)
	assert.Equal(t, model.Known([]string{"/waf"}), d.PolicyIDs)

	alone := only[model.FrontDoor](t, `{"id":"`+profile+`/afdEndpoints/e","type":"Microsoft.Cdn/profiles/afdendpoints","hostName":"e.example.net"}`).API
	open, ok := alone.SKU.Unresolved()
	assert.True(t, ok)
	assert.Equal(t, "the profile, which is not in the input", open)
	assert.Equal(t, model.Known(profile), alone.ID)

	classic := only[model.FrontDoor](t, `{"id":"`+network+`frontdoors/fd","type":"Microsoft.Network/frontdoors","properties":{
 "frontendEndpoints":[{"name":"f","properties":{"hostName":"f.example.net","webApplicationFirewallPolicyLink":{"id":"/waf"}}}],
 "backendPools":[{"properties":{"backends":[{"address":"b.example.net"}]}}]}}`).API
	assert.Equal(t, model.Known([]string{"f.example.net"}), classic.Endpoints)
	assert.Equal(t, model.Known([]string{"/waf"}), classic.PolicyIDs)
	assert.Equal(t, model.Known([]string{"b.example.net"}), classic.Origins)
}

func TestNetworks(t *testing.T) {
	peering := `{"id":"` + vnetID + `/virtualNetworkPeerings/hub","name":"hub","type":"Microsoft.Network/virtualNetworks/virtualNetworkPeerings","peeringState":"Connected",
 "allowVirtualNetworkAccess":true,"allowForwardedTraffic":false,"remoteVirtualNetwork":{"id":"/hub"}}`
	vnet := `{"id":"` + vnetID + `","name":"vnet-shop","type":"Microsoft.Network/virtualNetworks","addressSpace":{"addressPrefixes":["10.1.0.0/16"]},
 "subnets":[{"id":"` + vnetID + `/subnets/aks","name":"aks","addressPrefix":"10.1.0.0/22","addressPrefixes":[],"networkSecurityGroup":{"id":"/nsg"},"routeTable":null}],
 "virtualNetworkPeerings":[` + peering + `]}`
	want := model.Peering{Name: model.Known("hub"), RemoteID: model.Known("/hub"), State: model.Known("Connected"), Access: model.Known(true), Forwarded: model.Known(false)}
	for name, text := range shapes(t, vnet) {
		n := only[model.VirtualNetwork](t, text).API
		assert.Equal(t, model.Known([]string{"10.1.0.0/16"}), n.AddressPrefixes, name)
		require.Len(t, n.Subnets, 1, name)
		assert.Equal(t, model.Known([]string{"10.1.0.0/22"}), n.Subnets[0].AddressPrefixes, name)
		assert.Equal(t, model.Known("/nsg"), n.Subnets[0].SecurityGroupID, name)
		assert.Equal(t, []model.Peering{want}, n.Peerings, name)
	}
	both := only[model.VirtualNetwork](t, "["+peering+"]\n"+vnet).API
	assert.Equal(t, []model.Peering{want}, both.Peerings, "one peering told twice is one")
	alone := only[model.VirtualNetwork](t, "["+peering+"]").API
	assert.Equal(t, []model.Peering{want}, alone.Peerings)
	_, open := alone.AddressPrefixes.Unresolved()
	assert.True(t, open)

	zone := network + "privateDnsZones/privatelink.vaultcore.azure.net"
	c, err := read(`[{"id":"` + zone + `","name":"privatelink.vaultcore.azure.net","type":"Microsoft.Network/privateDnsZones","location":"global","numberOfRecordSets":1},
 {"id":"` + zone + `/virtualNetworkLinks/l","type":"Microsoft.Network/privateDnsZones/virtualNetworkLinks","virtualNetwork":{"id":"` + vnetID + `"},"virtualNetworkLinkState":"Completed","registrationEnabled":false},
 {"id":"` + network + `privateEndpoints/pe","type":"Microsoft.Network/privateEndpoints","subnet":{"id":"/subnet"},"privateLinkServiceConnections":[{"name":"c","properties":{
   "privateLinkServiceId":"` + vaultID + `","groupIds":["vault"],"privateLinkServiceConnectionState":{"status":"Approved"}}}],"manualPrivateLinkServiceConnections":[]}]`)
	require.NoError(t, err)
	for o := range model.All[model.PrivateDNSZone](c) {
		assert.Equal(t, model.Known("privatelink.vaultcore.azure.net"), o.API.Name)
	}
	for o := range model.All[model.PrivateDNSLink](c) {
		assert.Equal(t, model.Known(zone), o.API.ZoneID)
		assert.Equal(t, model.Known(vnetID), o.API.NetworkID)
		assert.Equal(t, model.Known("Completed"), o.API.State)
	}
	for o := range model.All[model.PrivateEndpoint](c) {
		assert.Equal(t, model.Known("/subnet"), o.API.SubnetID)
		assert.Equal(t, []model.PrivateTarget{{ResourceID: model.Known(vaultID), GroupIDs: model.Known([]string{"vault"}), Status: model.Known("Approved")}}, o.API.Targets)
	}
	assert.Empty(t, findingLines(c))
}

func TestPartsOfTheCluster(t *testing.T) {
	for name, text := range shapes(t, `{"id":"`+aksID+`/trustedAccessRoleBindings/b","name":"b","type":"Microsoft.ContainerService/managedClusters/trustedAccessRoleBindings",
 "sourceResourceId":"/ml","roles":["Microsoft.MachineLearningServices/workspaces/mlworkload"],"provisioningState":"Succeeded"}`) {
		b := only[model.TrustedAccessRoleBinding](t, text).API
		assert.Equal(t, model.Known(aksID), relaxed(b.ClusterID), name)
		assert.Equal(t, model.Known("/ml"), b.SourceResourceID, name)
		roles, _ := b.Roles.Get()
		assert.Len(t, roles, 1)
	}
	for name, text := range shapes(t, `{"id":"`+aksID+`/identityBindings/b","type":"Microsoft.ContainerService/managedClusters/identityBindings",
 "managedIdentity":{"resourceId":"`+apiID+`","objectId":"o","clientId":"c","tenantId":"t"},"oidcIssuer":{"oidcIssuerUrl":"https://ib.example/"}}`) {
		b := only[model.IdentityBinding](t, text).API
		assert.Equal(t, model.Known(aksID), relaxed(b.ClusterID), name)
		assert.Equal(t, model.AttachedIdentity{ResourceID: model.Known(apiID), ClientID: model.Known("c"), PrincipalID: model.Known("o")}, relaxedIdentity(b.Identity), name)
		assert.Equal(t, model.Known("https://ib.example/"), b.Issuer, name)
		assert.Equal(t, model.Known("t"), b.TenantID, name)
	}
	fleet := shopRG + "/providers/Microsoft.ContainerService/fleets/all"
	c := only[model.ManagedCluster](t, `{"id":"`+aksID+`","enableRBAC":true}
 {"id":"`+fleet+`/members/m","type":"Microsoft.ContainerService/fleets/members","clusterResourceId":"`+aksID+`"}
 {"id":"`+aksID+`/agentPools/np2","type":"Microsoft.ContainerService/managedClusters/agentPools","name":"np2","mode":"User"}`).API
	assert.Equal(t, model.Known(fleet), c.FleetID)
	assert.Equal(t, model.Known(true), c.KubernetesRBAC)
	require.Len(t, c.Pools, 1)
	assert.Equal(t, model.Known("np2"), c.Pools[0].Name)

	unseen := only[model.ManagedCluster](t, `{"id":"`+fleet+`/members/m","type":"Microsoft.ContainerService/fleets/members","clusterResourceId":"`+aksID+`"}`).API
	open, _ := unseen.Entra.AzureRBAC.Unresolved()
	assert.Equal(t, "the cluster, which is not in the input", open)
	assert.Equal(t, model.Known(aksID), unseen.ID)
}

func relaxedIdentity(a model.AttachedIdentity) model.AttachedIdentity {
	a.ResourceID = relaxed(a.ResourceID)
	return a
}

func TestPolicies(t *testing.T) {
	for name, text := range shapes(t, `{"id":"`+sub+`/providers/Microsoft.Authorization/policyAssignments/p","name":"p","type":"Microsoft.Authorization/policyAssignments",
 "scope":"`+sub+`","notScopes":["/x"],"policyDefinitionId":"/providers/Microsoft.Authorization/policySetDefinitions/s","enforcementMode":"DoNotEnforce","displayName":"P",
 "parameters":{"effect":{"value":"deny"},"namespaces":{"value":["kube-system",1]}}}`) {
		p := only[model.PolicyAssignment](t, text).API
		assert.Equal(t, model.Known(sub), p.Scope, name)
		assert.Equal(t, model.Known([]string{"/x"}), p.NotScopes, name)
		assert.Equal(t, model.Known("DoNotEnforce"), p.EnforcementMode, name)
		assert.Equal(t, map[string]model.Property[string]{"effect": model.Known(`"deny"`), "namespaces": model.Known(`["kube-system",1]`)}, p.Parameters, name)
	}
	s := only[model.PolicySetDefinition](t, `{"id":"/providers/Microsoft.Authorization/policySetDefinitions/s","type":"Microsoft.Authorization/policySetDefinitions","policyType":"BuiltIn",
 "displayName":"baseline","policyDefinitions":[{"policyDefinitionId":"/a","parameters":{}},{"policyDefinitionId":"/b"}]}`).API
	assert.Equal(t, model.Known([]string{"/a", "/b"}), s.Definitions)
	assert.Equal(t, model.Known("BuiltIn"), s.PolicyType)
}

// A listener that only redirects is told from one that does not, and policies of paths
// are read.
func TestRedirectsOfGateways(t *testing.T) {
	const id = "/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/rg/providers/Microsoft.Network/applicationGateways/agw"
	c, err := read(`{"id": "` + id + `", "name": "agw", "type": "Microsoft.Network/applicationGateways",
		"httpListeners": [{"name": "plain", "protocol": "Http"}, {"name": "both", "protocol": "Http"}, {"name": "idle", "protocol": "Http"}],
		"requestRoutingRules": [
			{"name": "a", "httpListener": {"id": "` + id + `/httpListeners/plain"}, "redirectConfiguration": {"id": "r"}},
			{"name": "b", "httpListener": {"id": "` + id + `/httpListeners/both"}, "redirectConfiguration": {"id": "r"}},
			{"name": "c", "httpListener": {"id": "` + id + `/httpListeners/both"}, "backendAddressPool": {"id": "p"}}],
		"urlPathMaps": [{"name": "m", "pathRules": [{"name": "p", "firewallPolicy": {"id": "/policy"}}, {"name": "q"}]}]}`)
	require.NoError(t, err)
	for g := range model.All[model.ApplicationGateway](c) {
		var got []string
		for _, l := range g.API.Listeners {
			if l.Redirects.Or(false) {
				got = append(got, l.Name)
			}
		}
		assert.Equal(t, []string{"plain"}, got)
		assert.Equal(t, []string{"/policy"}, g.API.PathPolicyIDs.Or(nil))
		return
	}
	require.Fail(t, "no gateway")
}
