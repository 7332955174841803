package terraform

import (
	"github.com/aksim/aksim/pkg/model/manifest/internal/azure"
	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

func cluster(r *resource) azure.Resource {
	off := boolean(false)
	private := or(r.get("private_cluster_enabled"), off)
	publicFQDN := or(r.get("private_cluster_public_fqdn_enabled"), off)
	apiServer := object(
		member("authorizedIPRanges", or(r.get("api_server_access_profile", "authorized_ip_ranges"), r.get("api_server_authorized_ip_ranges"))),
		member("enablePrivateCluster", private), member("enablePrivateClusterPublicFQDN", publicFQDN),
		member("privateDNSZone", r.get("private_dns_zone_id")),
		member("disableRunCommand", not(or(r.get("run_command_enabled"), boolean(true)))),
		member("enableVnetIntegration", or(r.get("api_server_access_profile", "virtual_network_integration_enabled"), r.get("api_server_access_profile", "vnet_integration_enabled"))),
		member("subnetId", r.get("api_server_access_profile", "subnet_id")),
	)
	return azure.Resource{Type: "Microsoft.ContainerService/managedClusters", Body: object(
		member("kubernetesVersion", r.get("kubernetes_version")), member("currentKubernetesVersion", r.get("current_kubernetes_version")),
		member("dnsPrefix", or(r.get("dns_prefix"), r.get("dns_prefix_private_cluster"))),
		member("fqdn", r.get("fqdn")), member("privateFQDN", r.get("private_fqdn")), member("nodeResourceGroup", r.get("node_resource_group")),
		member("sku", object(member("name", str("Base")), member("tier", or(r.get("sku_tier"), str("Free"))))),
		member("publicNetworkAccess", switched(r.get("public_network_access_enabled"))),
		member("enableRBAC", or(r.get("role_based_access_control_enabled"), boolean(true))),
		member("disableLocalAccounts", or(r.get("local_account_disabled"), off)),
		member("aadProfile", r.entra()), member("apiServerAccessProfile", apiServer), member("networkProfile", r.network()),
		member("oidcIssuerProfile", object(member("enabled", or(r.get("oidc_issuer_enabled"), off)), member("issuerURL", r.get("oidc_issuer_url")))),
		member("securityProfile", object(
			member("workloadIdentity", object(member("enabled", or(r.get("workload_identity_enabled"), off)))),
			member("imageCleaner", object(member("enabled", or(r.get("image_cleaner_enabled"), off)))),
			member("defender", object(member("securityMonitoring", object(member("enabled", r.has("microsoft_defender")))))),
			member("azureKeyVaultKms", object(member("enabled", r.has("key_management_service")))),
		)),
		member("azureMonitorProfile", object(member("metrics", object(member("enabled", r.has("monitor_metrics")))))),
		member("ingressProfile", object(member("webAppRouting", object(
			member("enabled", r.has("web_app_routing")),
			member("nginx", object(member("defaultIngressControllerType", r.get("web_app_routing", "default_nginx_controller")))),
		)))),
		member("serviceMeshProfile", object(member("mode", r.get("service_mesh_profile", "mode")))),
		member("servicePrincipalProfile", object(member("clientId", r.get("service_principal", "client_id")))),
		member("autoUpgradeProfile", object(
			member("upgradeChannel", or(r.get("automatic_upgrade_channel"), r.get("automatic_channel_upgrade"))),
			member("nodeOSUpgradeChannel", or(r.get("node_os_upgrade_channel"), r.get("node_os_channel_upgrade"))),
		)),
		member("addonProfiles", r.addOns()), member("identity", r.identity()), member("identityProfile", r.kubelet()),
		member("agentPoolProfiles", r.pools()),
	)}
}

// has is whether there is a block of that name.
func (r *resource) has(name string) tree.Node {
	n := r.get(name)
	if n.Kind == tree.Expression {
		return n
	}
	there := boolean(len(n.Items) > 0)
	there.Line, there.Col = n.Line, n.Col
	return there
}

// entra translates the block that integrates Microsoft Entra ID. Since version 4 of the
// provider the integration is always a managed one.
func (r *resource) entra() tree.Node {
	return block(r.get("azure_active_directory_role_based_access_control"), func(of func(path ...string) tree.Node) []tree.Member {
		managed := or(of("managed"), boolean(of("server_app_id").Kind == tree.Absent))
		return []tree.Member{
			member("managed", managed), member("enableAzureRBAC", or(of("azure_rbac_enabled"), boolean(false))),
			member("adminGroupObjectIDs", of("admin_group_object_ids")), member("tenantID", of("tenant_id")), member("serverAppID", of("server_app_id")),
		}
	})
}

// network translates the network profile. Without one the provider asks for kubenet.
func (r *resource) network() tree.Node {
	profile := r.get("network_profile")
	if profile.Kind == tree.Expression || len(profile.Items) == 0 {
		return object(member("networkPlugin", str("kubenet")), member("networkPolicy", tree.Node{Kind: tree.Null}))
	}
	return block(profile, func(of func(path ...string) tree.Node) []tree.Member {
		return []tree.Member{
			member("networkPlugin", of("network_plugin")), member("networkPluginMode", of("network_plugin_mode")),
			member("networkDataplane", or(of("network_data_plane"), of("ebpf_data_plane"))), member("networkPolicy", of("network_policy")),
			member("outboundType", or(of("outbound_type"), str("loadBalancer"))), member("dnsServiceIP", of("dns_service_ip")),
			member("podCidr", of("pod_cidr")), member("podCidrs", of("pod_cidrs")),
			member("serviceCidr", of("service_cidr")), member("serviceCidrs", of("service_cidrs")), member("loadBalancerSku", of("load_balancer_sku")),
			member("advancedNetworking", object(member("enabled", of("advanced_networking", "observability_enabled")))),
		}
	})
}

func (r *resource) addOns() tree.Node {
	enabled := func(of tree.Node, more ...tree.Member) tree.Node {
		return object(append([]tree.Member{member("enabled", or(of, boolean(false)))}, more...)...)
	}
	return object(
		member("azurepolicy", enabled(r.get("azure_policy_enabled"))),
		member("httpApplicationRouting", enabled(r.get("http_application_routing_enabled"))),
		member("omsagent", enabled(r.has("oms_agent"), member("config", object(
			member("logAnalyticsWorkspaceResourceID", r.get("oms_agent", "log_analytics_workspace_id")),
			member("useAADAuth", r.get("oms_agent", "msi_auth_for_monitoring_enabled")),
		)))),
		member("azureKeyvaultSecretsProvider", enabled(r.has("key_vault_secrets_provider"),
			member("config", object(member("enableSecretRotation", r.get("key_vault_secrets_provider", "secret_rotation_enabled")),
				member("rotationPollInterval", r.get("key_vault_secrets_provider", "secret_rotation_interval")))),
			member("identity", attachedIdentity(r.get("key_vault_secrets_provider", "secret_identity"), "")))),
		member("ingressApplicationGateway", enabled(r.has("ingress_application_gateway"), member("config", object(
			member("applicationGatewayId", or(r.get("ingress_application_gateway", "gateway_id"), r.get("ingress_application_gateway", "effective_gateway_id"))),
		)))),
	)
}

func (r *resource) kubelet() tree.Node {
	return object(member("kubeletidentity", attachedIdentity(r.get("kubelet_identity"), r.address+".kubelet_identity[0].object_id")))
}

// attachedIdentity translates the block about an identity that the cluster uses, whose
// object id may have a symbol.
func attachedIdentity(n tree.Node, symbol string) tree.Node {
	objectID := get(n, "object_id")
	if objectID.Kind == tree.Expression && symbol != "" {
		objectID = str(symbol)
	}
	return object(
		member("resourceId", get(n, "user_assigned_identity_id")), member("clientId", get(n, "client_id")), member("objectId", objectID),
	)
}

func (r *resource) pools() tree.Node {
	pools := r.get("default_node_pool")
	if pools.Kind != tree.List {
		return pools
	}
	var all []tree.Node
	for _, p := range pools.Items {
		all = append(all, pool(p, "System"))
	}
	return list(all...)
}

func pool(p tree.Node, mode string) tree.Node {
	if p.Kind == tree.Expression {
		return p
	}
	return object(
		member("name", get(p, "name")), member("mode", or(get(p, "mode"), str(mode))), member("orchestratorVersion", get(p, "orchestrator_version")),
		member("vnetSubnetID", get(p, "vnet_subnet_id")), member("podSubnetID", get(p, "pod_subnet_id")), member("osType", or(get(p, "os_type"), str("Linux"))),
		member("enableNodePublicIP", or(or(get(p, "node_public_ip_enabled"), get(p, "enable_node_public_ip")), boolean(false))),
	)
}

func nodePool(r *resource) azure.Resource {
	return azure.Resource{
		Type: "Microsoft.ContainerService/managedClusters/agentPools", Body: pool(r.values, "User"),
		ID: under(r.get("kubernetes_cluster_id"), "/agentPools/", r.get("name")),
	}
}

// under returns the id of a child of a resource. It hangs on the expressions in it.
func under(parent tree.Node, between string, name tree.Node) tree.Node {
	for _, n := range []tree.Node{parent, name} {
		if n.Kind != tree.String {
			return n
		}
	}
	parent.Text += between + name.Text
	return parent
}
