package manifest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
)

// state returns a state of Terraform with these resources, each TYPE VALUES.
func state(resources ...string) string {
	return `{"format_version":"1.0","terraform_version":"1.9.0","values":{"root_module":{"resources":[` + tfResources(resources) + `]}}}`
}

func tfResources(resources []string) string {
	for i, r := range resources {
		typ, values, _ := strings.Cut(r, " ")
		resources[i] = "\n" + `{"address":"` + typ + `.x","mode":"managed","type":"` + typ + `","name":"x","provider_name":"p","values":` + values + `}`
	}
	return strings.Join(resources, ",")
}

func TestTerraformState(t *testing.T) {
	c, err := read(state(
		`azurerm_role_assignment {"id":"`+vaultID+`/providers/Microsoft.Authorization/roleAssignments/e|tenant","name":"e","scope":"`+vaultID+`","role_definition_id":"`+sub+rolePre+roleID+`",
  "role_definition_name":"Key Vault Secrets User","principal_id":"`+alice+`","principal_type":"User","condition":"","condition_version":null}`,
		`azurerm_role_definition {"id":"`+sub+rolePre+roleID+`|`+sub+`","role_definition_id":"`+roleID+`","role_definition_resource_id":"`+sub+rolePre+roleID+`","name":"Shop","scope":"`+sub+`",
  "permissions":[{"actions":["a/b/read"],"not_actions":[],"data_actions":["c/d/read"],"not_data_actions":null}],"assignable_scopes":["`+sub+`"]}`,
		`azurerm_user_assigned_identity {"id":"`+apiID+`","name":"id-api","client_id":"c","principal_id":"p","tenant_id":"t","location":"westeurope","tags":{"a":"b"}}`,
		`azurerm_federated_identity_credential {"id":"`+apiID+`/federatedIdentityCredentials/f","name":"f","parent_id":"`+apiID+`","issuer":"https://x/","subject":"system:serviceaccount:shop:api","audience":["api://AzureADTokenExchange"]}`,
		`azurerm_key_vault {"id":"`+vaultID+`","name":"kv-shop","tenant_id":"t","enable_rbac_authorization":false,"access_policy":[{"object_id":"`+bob+`","tenant_id":"t","application_id":"","secret_permissions":["Get"],"key_permissions":[]}],
  "network_acls":[{"default_action":"Deny","bypass":"None","ip_rules":["203.0.113.1"],"virtual_network_subnet_ids":["/s"]}],"public_network_access_enabled":false}`,
		`azurerm_key_vault_access_policy {"key_vault_id":"`+vaultID+`","object_id":"`+alice+`","tenant_id":"t","secret_permissions":["Set"]}`,
		`azurerm_monitor_diagnostic_setting {"id":"`+aksID+`|audit","name":"audit","target_resource_id":"`+aksID+`","log_analytics_workspace_id":"/w","log_analytics_destination_type":"Dedicated",
  "enabled_log":[{"category":"kube-audit","category_group":""},{"category":"","category_group":"allLogs"}]}`,
		`azurerm_monitor_scheduled_query_rules_alert_v2 {"id":"`+shopRG+`/providers/Microsoft.Insights/scheduledQueryRules/v2","name":"v2","severity":1,"scopes":["/w"],"evaluation_frequency":"PT5M","window_duration":"PT10M",
  "criteria":[{"query":"AKSAudit","time_aggregation_method":"Count","operator":"GreaterThan","threshold":2,"dimension":[]}],"action":[{"action_groups":["/ag"]}]}`,
		`azurerm_monitor_scheduled_query_rules_alert {"id":"`+shopRG+`/providers/Microsoft.Insights/scheduledQueryRules/v1","name":"v1","enabled":false,"severity":3,"data_source_id":"/w","frequency":5,"time_window":30,"query":"q",
  "trigger":[{"operator":"LessThan","threshold":1}],"action":[{"action_group":["/ag"]}]}`,
		`azurerm_monitor_activity_log_alert {"id":"`+shopRG+`/providers/Microsoft.Insights/activityLogAlerts/a","name":"a","scopes":["`+sub+`"],"criteria":[{"category":"Administrative","operation_name":"x/write","levels":["Error","Critical"]}],
  "action":[{"action_group_id":"/ag"}]}`,
		`azuread_group {"object_id":"`+devs+`","display_name":"devs","members":["`+alice+`"]}`,
		`azuread_group_member {"group_object_id":"`+devs+`","member_object_id":"`+bob+`"}`,
		`azuread_user {"object_id":"`+alice+`","display_name":"Alice","user_principal_name":"alice@contoso.com"}`,
		`azapi_resource {"id":"`+aksID+`/trustedAccessRoleBindings/b","type":"Microsoft.ContainerService/managedClusters/trustedAccessRoleBindings@2024-02-01","name":"b","parent_id":"`+aksID+`",
  "body":"{\"properties\":{\"sourceResourceId\":\"/ml\",\"roles\":[\"r\"]}}"}`,
		`azurerm_storage_account {"id":"/subscriptions/s","name":"st"}`,
		`kubernetes_namespace {"id":"x"}`,
	))
	require.NoError(t, err)

	for o := range model.All[model.RoleAssignment](c) {
		assert.Equal(t, lower(vaultID)+"/providers/microsoft.authorization/roleassignments/e", o.Ref.Name)
		assert.Equal(t, model.Known(vaultID), o.API.Scope)
		assert.Equal(t, model.Known(alice), o.API.PrincipalID)
		assert.True(t, o.API.Condition.IsAbsent(), "an empty text is what the provider writes for none")
		assert.False(t, o.API.Template)
		assert.Equal(t, "f:2:2", o.Origin.Place.String())
		assert.Equal(t, 3, o.Origin.At("principalId").Line)
	}
	role, ok := model.Get[model.RoleDefinition](c, "", roleID)
	require.True(t, ok)
	assert.Equal(t, model.Known(true), role.API.Custom)
	assert.Equal(t, model.Known([]model.Permission{{Actions: []string{"a/b/read"}, NotActions: []string{}, DataActions: []string{"c/d/read"}}}), role.API.Permissions)
	identity, ok := model.Get[model.UserAssignedIdentity](c, "", lower(apiID))
	require.True(t, ok)
	assert.Equal(t, model.Known("id-api"), identity.API.Name)
	assert.Equal(t, model.Known("p"), identity.API.PrincipalID)
	assert.Equal(t, map[string]string{"a": "b"}, identity.API.Tags)
	for o := range model.All[model.FederatedCredential](c) {
		assert.Equal(t, model.Known(apiID), o.API.IdentityID)
		assert.Equal(t, model.Known("https://x/"), o.API.Issuer)
		assert.Equal(t, model.Known([]string{"api://AzureADTokenExchange"}), o.API.Audiences)
	}
	vault, ok := model.Get[model.KeyVault](c, "", lower(vaultID))
	require.True(t, ok)
	assert.Equal(t, model.Known(false), vault.API.RBAC)
	policies, _ := vault.API.Policies.Get()
	require.Len(t, policies, 2)
	assert.Equal(t, []string{"Get"}, policies[0].Secrets)
	assert.Equal(t, model.Known(alice), policies[1].ObjectID)
	assert.Equal(t, model.Known("Deny"), vault.API.NetworkDefault)
	assert.Equal(t, model.Known([]string{"203.0.113.1"}), vault.API.IPRules)
	assert.Equal(t, model.Known([]string{"/s"}), vault.API.SubnetRules)
	assert.Equal(t, model.Known("Disabled"), vault.API.PublicNetwork)
	for o := range model.All[model.DiagnosticSetting](c) {
		assert.Equal(t, model.Known(aksID), o.API.TargetID)
		assert.Equal(t, model.Known([]model.LogSetting{{Category: "kube-audit", Enabled: model.Known(true)}, {CategoryGroup: "allLogs", Enabled: model.Known(true)}}), o.API.Logs)
	}
	v1, ok := model.Get[model.LogAlert](c, "", lower(shopRG)+"/providers/microsoft.insights/scheduledqueryrules/v1")
	require.True(t, ok)
	assert.Equal(t, model.Known(false), v1.API.Enabled)
	assert.Equal(t, model.Known([]string{"/w"}), v1.API.Scopes)
	v2, ok := model.Get[model.LogAlert](c, "", lower(shopRG)+"/providers/microsoft.insights/scheduledqueryrules/v2")
	require.True(t, ok)
	assert.Equal(t, model.Known(true), v2.API.Enabled, "the provider's default")
	assert.Equal(t, model.Known([]string{"/ag"}), v2.API.ActionGroupIDs)
	for o := range model.All[model.ActivityLogAlert](c) {
		conditions, _ := o.API.Conditions.Get()
		require.Len(t, conditions, 3)
		assert.Equal(t, "operationName", conditions[1].Field)
		assert.Len(t, conditions[2].AnyOf, 2)
	}
	members, ok := model.Get[model.GroupMembers](c, "", devs)
	require.True(t, ok)
	assert.Equal(t, []string{alice, bob}, members.API.Members)
	user, ok := model.Get[model.DirectoryObject](c, "", alice)
	require.True(t, ok)
	assert.Equal(t, model.DirectoryObject{ID: alice, Kind: "User", DisplayName: "Alice", UPN: "alice@contoso.com"}, *user.API)
	for o := range model.All[model.TrustedAccessRoleBinding](c) {
		assert.Equal(t, model.Known(aksID), o.API.ClusterID)
		assert.Equal(t, model.Known([]string{"r"}), o.API.Roles)
		assert.Equal(t, "2024-02-01", o.API.APIVersion)
	}
	var kinds []string
	for _, l := range findingLines(c) {
		kinds = append(kinds, l[strings.Index(l, ": type ")+2:])
	}
	assert.Equal(t, []string{"type azurerm_storage_account is not modelled: 1 object ignored", "type kubernetes_namespace is not modelled: 1 object ignored"}, kinds)
}

func TestTerraformCluster(t *testing.T) {
	head := `azurerm_kubernetes_cluster {"id":"` + aksID + `","name":"aks-shop",`
	c := only[model.ManagedCluster](t, state(head+`"kubernetes_version":"1.33","azure_active_directory_role_based_access_control":[{"azure_rbac_enabled":true,"admin_group_object_ids":["`+devs+`"],"tenant_id":"t"}],
 "local_account_disabled":true,"run_command_enabled":false,"private_cluster_enabled":true,"private_dns_zone_id":"System","oidc_issuer_enabled":true,"oidc_issuer_url":"https://x/","workload_identity_enabled":true,
 "network_profile":[{"network_plugin":"azure","network_plugin_mode":"overlay","network_policy":"cilium","network_data_plane":"cilium","pod_cidr":"10.244.0.0/16","pod_cidrs":["10.244.0.0/16"],"outbound_type":"userDefinedRouting"}],
 "api_server_access_profile":[{"authorized_ip_ranges":["203.0.113.0/24"]}],"azure_policy_enabled":true,"oms_agent":[{"log_analytics_workspace_id":"/w","msi_auth_for_monitoring_enabled":true}],
 "key_vault_secrets_provider":[{"secret_rotation_enabled":true,"secret_rotation_interval":"2m","secret_identity":[{"client_id":"c","object_id":"o","user_assigned_identity_id":"/i"}]}],
 "identity":[{"type":"SystemAssigned, UserAssigned","principal_id":"p","tenant_id":"t","identity_ids":["`+apiID+`"]}],
 "kubelet_identity":[{"client_id":"kc","object_id":"ko","user_assigned_identity_id":"/k"}],"default_node_pool":[{"name":"np1","orchestrator_version":"1.33.1","vnet_subnet_id":"/s"}],
 "web_app_routing":[{"dns_zone_ids":[],"default_nginx_controller":"Internal"}],"microsoft_defender":[{"log_analytics_workspace_id":"/w"}],"sku_tier":"Standard"}`)).API
	assert.Equal(t, model.EntraProfile{
		Present: model.Known(true), Managed: model.Known(true), AzureRBAC: model.Known(true), AdminGroups: model.Known([]string{devs}), TenantID: model.Known("t"),
	}, c.Entra)
	assert.Equal(t, model.Known(true), c.KubernetesRBAC, "the provider's default")
	assert.Equal(t, model.Known(true), c.DisableLocal)
	assert.Equal(t, model.Known(true), c.APIServer.DisableRunCommand)
	assert.Equal(t, model.Known(true), c.APIServer.Private)
	assert.Equal(t, model.Known(false), c.APIServer.PublicFQDN)
	assert.Equal(t, model.Known([]string{"203.0.113.0/24"}), c.APIServer.AuthorizedRanges)
	assert.Equal(t, model.Known("overlay"), c.Network.PluginMode)
	assert.Equal(t, model.Known([]string{"10.244.0.0/16"}), c.Network.PodCIDRs)
	assert.Equal(t, model.Known(true), c.OIDCIssuer)
	assert.Equal(t, model.Known(true), c.AddOns["azurepolicy"].Enabled)
	assert.Equal(t, model.Known("true"), c.AddOns["azurekeyvaultsecretsprovider"].Config["enablesecretrotation"])
	assert.Equal(t, model.Known("o"), c.AddOns["azurekeyvaultsecretsprovider"].Identity.PrincipalID)
	assert.Equal(t, model.Known(false), c.AddOns["ingressapplicationgateway"].Enabled)
	assert.Equal(t, model.Known("SystemAssigned,UserAssigned"), c.Identity.Type)
	assert.Equal(t, model.Known(apiID), c.Identity.UserAssigned[0].ResourceID)
	assert.Equal(t, model.Known("ko"), c.Kubelet.PrincipalID)
	assert.Equal(t, model.Known(true), c.AppRouting)
	assert.Equal(t, model.Known("Internal"), c.AppRoutingDefault)
	assert.Equal(t, model.Known(true), c.Defender)
	assert.Equal(t, model.Known(false), c.MetricsEnabled)
	assert.Equal(t, model.Known("/s"), c.Pools[0].SubnetID)
	assert.False(t, c.Template)

	bare := only[model.ManagedCluster](t, state(head+`"network_profile":[],"identity":[]}`)).API
	assert.Equal(t, model.Known(false), bare.Entra.Present)
	assert.Equal(t, model.Known("kubenet"), bare.Network.Plugin)
	assert.True(t, bare.Network.Policy.IsNull())
	assert.Equal(t, model.Known(false), bare.APIServer.DisableRunCommand, "the run command is on unless switched off")
	assert.Equal(t, model.Known(false), bare.DisableLocal)
	assert.Equal(t, model.Known(false), bare.WorkloadIdentity)
	assert.True(t, bare.APIServer.AuthorizedRanges.IsAbsent())

	legacy := only[model.ManagedCluster](t, state(head+`"azure_active_directory_role_based_access_control":[{"managed":false,"server_app_id":"s","azure_rbac_enabled":null}],"api_server_authorized_ip_ranges":["0.0.0.0/0"]}`)).API
	assert.Equal(t, model.Known(false), legacy.Entra.Managed)
	assert.Equal(t, model.Known("s"), legacy.Entra.ServerAppID)
	assert.Equal(t, model.Known(false), legacy.Entra.AzureRBAC)
	assert.Equal(t, model.Known([]string{"0.0.0.0/0"}), legacy.APIServer.AuthorizedRanges)
}

// tfPlan is a plan in which nothing exists yet, some of it in a module.
const tfPlan = `{"format_version":"1.2","terraform_version":"1.9.0","planned_values":{"root_module":{"resources":[
 {"address":"azurerm_user_assigned_identity.api","mode":"managed","type":"azurerm_user_assigned_identity","name":"api","values":{"name":"id-api","location":"westeurope","tags":null}},
 {"address":"azurerm_federated_identity_credential.api","mode":"managed","type":"azurerm_federated_identity_credential","name":"api","values":{"name":"f","issuer":"https://x/","subject":"s","audience":["a"]}},
 {"address":"azurerm_role_assignment.api","mode":"managed","type":"azurerm_role_assignment","name":"api","values":{"role_definition_name":"Key Vault Secrets User","condition":null}},
 {"address":"azurerm_role_assignment.either","mode":"managed","type":"azurerm_role_assignment","name":"either","values":{"scope":"/subscriptions/s","role_definition_name":"Reader"}},
 {"address":"azurerm_role_assignment.kubelet","mode":"managed","type":"azurerm_role_assignment","name":"kubelet","values":{"scope":"/subscriptions/s","role_definition_name":"AcrPull"}},
 {"address":"azurerm_kubernetes_cluster.c","mode":"managed","type":"azurerm_kubernetes_cluster","name":"c","values":{"name":"aks-shop","local_account_disabled":true,"identity":[{"type":"SystemAssigned"}],
   "azure_active_directory_role_based_access_control":[{"azure_rbac_enabled":true}]}},
 {"address":"data.azurerm_client_config.x","mode":"data","type":"azurerm_client_config","name":"x","values":{}}],
 "child_modules":[{"address":"module.team[\"a\"]","resources":[
  {"address":"module.team[\"a\"].azurerm_user_assigned_identity.api","mode":"managed","type":"azurerm_user_assigned_identity","name":"api","values":{"name":"id-a"}},
  {"address":"module.team[\"a\"].azurerm_role_assignment.x[0]","mode":"managed","type":"azurerm_role_assignment","name":"x","index":0,"values":{"scope":"/subscriptions/s","role_definition_id":"/r"}}]}]}},
"resource_changes":[
 {"address":"azurerm_user_assigned_identity.api","change":{"after_unknown":{"id":true,"client_id":true,"principal_id":true,"tenant_id":true}}},
 {"address":"azurerm_federated_identity_credential.api","change":{"after_unknown":{"id":true,"parent_id":true,"audience":[false]}}},
 {"address":"azurerm_role_assignment.api","change":{"after_unknown":{"id":true,"scope":true,"principal_id":true,"role_definition_id":true}}},
 {"address":"azurerm_role_assignment.either","change":{"after_unknown":{"id":true,"principal_id":true,"role_definition_id":true}}},
 {"address":"azurerm_role_assignment.kubelet","change":{"after_unknown":{"id":true,"principal_id":true,"role_definition_id":true}}},
 {"address":"azurerm_kubernetes_cluster.c","change":{"after_unknown":{"id":true,"kubelet_identity":true,"network_profile":true,"oidc_issuer_url":true,"identity":[{"principal_id":true}],
   "azure_active_directory_role_based_access_control":[{"tenant_id":true}]}}},
 {"address":"module.team[\"a\"].azurerm_user_assigned_identity.api","change":{"after_unknown":{"id":true,"principal_id":true}}},
 {"address":"module.team[\"a\"].azurerm_role_assignment.x[0]","change":{"after_unknown":{"id":true,"principal_id":true}}}],
"configuration":{"root_module":{"resources":[
 {"address":"azurerm_federated_identity_credential.api","expressions":{"parent_id":{"references":["azurerm_user_assigned_identity.api.id","azurerm_user_assigned_identity.api"]}}},
 {"address":"azurerm_role_assignment.api","expressions":{"scope":{"references":["azurerm_user_assigned_identity.api.id","azurerm_user_assigned_identity.api"]},"principal_id":{"references":["azurerm_user_assigned_identity.api.principal_id","azurerm_user_assigned_identity.api"]}}},
 {"address":"azurerm_role_assignment.either","expressions":{"principal_id":{"references":["azurerm_user_assigned_identity.api.principal_id","azurerm_user_assigned_identity.api","var.other"]}}},
 {"address":"azurerm_role_assignment.kubelet","expressions":{"principal_id":{"references":["azurerm_kubernetes_cluster.c.kubelet_identity[0].object_id","azurerm_kubernetes_cluster.c.kubelet_identity[0]","azurerm_kubernetes_cluster.c.kubelet_identity","azurerm_kubernetes_cluster.c"]}}}],
 "module_calls":{"team":{"module":{"resources":[
  {"address":"azurerm_role_assignment.x","expressions":{"principal_id":{"references":["azurerm_user_assigned_identity.api.principal_id","azurerm_user_assigned_identity.api"]}}}]}}}}}}`

func TestTerraformPlan(t *testing.T) {
	c, err := read(tfPlan)
	require.NoError(t, err)
	assert.Empty(t, findingLines(c))
	open := func(p model.Property[string]) string {
		text, ok := p.Unresolved()
		assert.True(t, ok, "%v", p)
		return text
	}
	get := func(address string) *model.RoleAssignment {
		o, ok := model.Get[model.RoleAssignment](c, "", address)
		require.True(t, ok, address)
		assert.True(t, o.API.Template)
		assert.False(t, o.Origin.Server)
		return o.API
	}
	api := get("azurerm_role_assignment.api")
	assert.Equal(t, model.Known("azurerm_user_assigned_identity.api.principal_id"), api.PrincipalID)
	assert.Equal(t, "azurerm_role_assignment.api.scope (known after apply)", open(api.Scope), "a scope may be more than what it refers to")
	assert.Equal(t, "azurerm_role_assignment.api.role_definition_id (known after apply)", open(api.RoleDefinitionID))
	assert.Equal(t, model.Known("Key Vault Secrets User"), api.RoleDefinitionName)
	assert.Equal(t, "azurerm_role_assignment.either.principal_id (known after apply)", open(get("azurerm_role_assignment.either").PrincipalID))
	assert.Equal(t, model.Known("azurerm_kubernetes_cluster.c.kubelet_identity[0].object_id"), get("azurerm_role_assignment.kubelet").PrincipalID)
	assert.Equal(t, model.Known(`module.team["a"].azurerm_user_assigned_identity.api.principal_id`), get(`module.team["a"].azurerm_role_assignment.x[0]`).PrincipalID)

	identity, ok := model.Get[model.UserAssignedIdentity](c, "", "azurerm_user_assigned_identity.api.id")
	require.True(t, ok)
	assert.Equal(t, model.Known("azurerm_user_assigned_identity.api.principal_id"), identity.API.PrincipalID)
	assert.Equal(t, "azurerm_user_assigned_identity.api.client_id (known after apply)", open(identity.API.ClientID))
	assert.Equal(t, model.Known("id-api"), identity.API.Name)
	assert.Equal(t, model.Known("azurerm_user_assigned_identity.api.id"), identity.API.ID)
	for o := range model.All[model.FederatedCredential](c) {
		assert.Equal(t, model.Known("azurerm_user_assigned_identity.api.id"), o.API.IdentityID)
		assert.Equal(t, model.Known([]string{"a"}), o.API.Audiences)
	}

	cluster, ok := model.Get[model.ManagedCluster](c, "", "azurerm_kubernetes_cluster.c")
	require.True(t, ok)
	assert.Equal(t, "azurerm_kubernetes_cluster.c.id (known after apply)", open(cluster.API.ID))
	assert.Equal(t, model.Known("aks-shop"), cluster.API.Name)
	assert.Equal(t, model.Known(true), cluster.API.Entra.AzureRBAC)
	assert.Equal(t, "azurerm_kubernetes_cluster.c.azure_active_directory_role_based_access_control[0].tenant_id (known after apply)", open(cluster.API.Entra.TenantID))
	assert.Equal(t, model.Known("azurerm_kubernetes_cluster.c.identity[0].principal_id"), cluster.API.Identity.PrincipalID)
	assert.Equal(t, model.Known("azurerm_kubernetes_cluster.c.kubelet_identity[0].object_id"), cluster.API.Kubelet.PrincipalID)
	assert.Equal(t, "azurerm_kubernetes_cluster.c.oidc_issuer_url (known after apply)", open(cluster.API.IssuerURL))
	assert.Equal(t, model.Known("kubenet"), cluster.API.Network.Plugin)
	assert.True(t, cluster.API.Template)
}

// Parts of resources that do not exist yet are not taken for parts of one.
func TestTerraformPartsOfTheUnknown(t *testing.T) {
	policy := func(name string) string {
		return `{"address":"azurerm_key_vault_access_policy.` + name + `","mode":"managed","type":"azurerm_key_vault_access_policy","name":"` + name + `","values":{"object_id":"` + name + `","secret_permissions":["Get"]}}`
	}
	unknown := func(name string) string {
		return `{"address":"azurerm_key_vault_access_policy.` + name + `","change":{"after_unknown":{"key_vault_id":true}}}`
	}
	c, err := read(`{"format_version":"1.2","planned_values":{"root_module":{"resources":[` + policy("a") + "," + policy("b") + `]}},"resource_changes":[` + unknown("a") + "," + unknown("b") + `]}`)
	require.NoError(t, err)
	var names []string
	for o := range model.All[model.KeyVault](c) {
		names = append(names, o.Ref.Name)
		_, open := o.API.Policies.Unresolved()
		assert.True(t, open)
	}
	assert.Equal(t, []string{"azurerm_key_vault_access_policy.a", "azurerm_key_vault_access_policy.b"}, names)
}
