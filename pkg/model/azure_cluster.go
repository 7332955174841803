package model

// ManagedCluster is the configuration of an AKS cluster, as az aks show, a template
// or Terraform tells it. What these leave out or leave open stays so: which default a
// property has is for whoever asks.
// https://learn.microsoft.com/azure/templates/microsoft.containerservice/managedclusters
type ManagedCluster struct {
	Resource

	KubernetesVersion  Property[string]
	CurrentVersion     Property[string] // currentKubernetesVersion
	DNSPrefix          Property[string]
	FQDN, PrivateFQDN  Property[string]
	NodeResourceGroup  Property[string] // a name
	NodeLockdown       Property[string] // nodeResourceGroupProfile.restrictionLevel
	SKU, SKUTier       Property[string] // Base or Automatic; Free, Standard, Premium
	PublicNetwork      Property[string] // publicNetworkAccess: Enabled or Disabled
	KubernetesRBAC     Property[bool]   // enableRBAC
	DisableLocal       Property[bool]   // disableLocalAccounts
	Entra              EntraProfile     // aadProfile
	APIServer          APIServerProfile
	Network            ClusterNetwork
	OIDCIssuer         Property[bool] // oidcIssuerProfile.enabled
	IssuerURL          Property[string]
	WorkloadIdentity   Property[bool] // securityProfile.workloadIdentity.enabled
	PodIdentity        Property[bool] // podIdentityProfile.enabled: the legacy one
	PodIdentities      []LegacyPodIdentity
	AddOns             map[string]AddOn // addonProfiles, by key in lower case
	MetricsEnabled     Property[bool]   // azureMonitorProfile.metrics.enabled
	ContainerInsights  Property[bool]   // azureMonitorProfile.containerInsights.enabled
	Defender           Property[bool]   // securityProfile.defender.securityMonitoring.enabled
	KMS                Property[bool]   // securityProfile.azureKeyVaultKms.enabled
	ImageCleaner       Property[bool]
	AppRouting         Property[bool]   // ingressProfile.webAppRouting.enabled
	AppRoutingDefault  Property[string] // …nginx.defaultIngressControllerType
	ServiceMesh        Property[string] // serviceMeshProfile.mode: Istio or Disabled
	Identity           ManagedIdentities
	ServicePrincipalID Property[string] // servicePrincipalProfile.clientId; msi with an identity
	Kubelet            AttachedIdentity // identityProfile.kubeletidentity
	FleetID            Property[string] // the fleet that the cluster is a member of
	AutoUpgrade        Property[string] // autoUpgradeProfile.upgradeChannel
	NodeOSUpgrade      Property[string] // autoUpgradeProfile.nodeOSUpgradeChannel
	Pools              []NodePool       // agentPoolProfiles, in the order written
}

// EntraProfile is how the cluster trusts Microsoft Entra ID.
type EntraProfile struct {
	// Present says whether there is a profile at all (null counts as none); it is
	// unresolved if an expression decides.
	Present     Property[bool]
	Managed     Property[bool]
	AzureRBAC   Property[bool] // enableAzureRBAC: Azure RBAC for Kubernetes is asked, too
	AdminGroups Property[[]string]
	TenantID    Property[string]
	ServerAppID Property[string] // of the legacy integration
}

// APIServerProfile is who may reach the API server over the network.
type APIServerProfile struct {
	AuthorizedRanges  Property[[]string] // authorizedIPRanges
	Private           Property[bool]     // enablePrivateCluster
	PublicFQDN        Property[bool]     // enablePrivateClusterPublicFQDN
	PrivateDNSZone    Property[string]   // a resource id, system or none
	DisableRunCommand Property[bool]
	VNetIntegration   Property[bool]
	SubnetID          Property[string]
}

// ClusterNetwork is the cluster's networkProfile.
type ClusterNetwork struct {
	Plugin, PluginMode Property[string] // azure, kubenet or none; overlay
	Dataplane          Property[string] // azure or cilium
	Policy             Property[string] // calico, cilium, azure or none
	OutboundType       Property[string]
	PodLinkLocalAccess Property[string] // IMDS or None
	PodCIDRs           Property[[]string]
	ServiceCIDRs       Property[[]string]
	DNSServiceIP       Property[string]
	LoadBalancerSKU    Property[string]
	AdvancedNetworking Property[bool] // advancedNetworking.enabled
}

// AddOn is one of the cluster's add-ons.
type AddOn struct {
	Name     string // the key as written
	Enabled  Property[bool]
	Config   map[string]Property[string] // by key in lower case
	Identity AttachedIdentity
}

// LegacyPodIdentity is an entry of podIdentityProfile.userAssignedIdentities.
type LegacyPodIdentity struct {
	Name, Namespace, BindingSelector Property[string]
	Identity                         AttachedIdentity
}

// NodePool is one of the cluster's agent pools.
type NodePool struct {
	Name, Mode            Property[string]
	Version               Property[string]
	SubnetID, PodSubnetID Property[string]
	NodePublicIP          Property[bool]
	OSType                Property[string]
}

// TrustedAccessRoleBinding lets another Azure resource use the cluster's API.
// https://learn.microsoft.com/azure/aks/trusted-access-feature
type TrustedAccessRoleBinding struct {
	Resource
	ClusterID        Property[string]
	SourceResourceID Property[string]
	Roles            Property[[]string] // such as Microsoft.MachineLearningServices/workspaces/mlworkload
}

// IdentityBinding lets pods of a cluster use a managed identity as far as Kubernetes
// RBAC gives them the verb use-managed-identity on it.
// https://learn.microsoft.com/azure/aks/identity-bindings-concepts
type IdentityBinding struct {
	Resource
	ClusterID Property[string]
	Identity  AttachedIdentity
	TenantID  Property[string]
	Issuer    Property[string] // oidcIssuer.oidcIssuerUrl
}

// ScaleSet is a virtual machine scale set: the nodes of a pool, whose identities
// every pod on them can use that reaches the instance metadata service.
type ScaleSet struct {
	Resource
	Identity ManagedIdentities
}
