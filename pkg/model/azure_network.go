package model

// ApplicationGateway is a layer 7 load balancer, a door to the cluster.
// https://learn.microsoft.com/azure/templates/microsoft.network/applicationgateways
type ApplicationGateway struct {
	Resource
	Tier              Property[string] // Standard_v2, WAF_v2, …
	WAFEnabled        Property[bool]   // webApplicationFirewallConfiguration.enabled
	WAFMode           Property[string] // Prevention or Detection
	PolicyID          Property[string] // firewallPolicy.id: takes the place of the above
	ListenerPolicyIDs Property[[]string]
	PathPolicyIDs     Property[[]string] // of the path rules of all URL path maps
	SubnetIDs         Property[[]string]
	PublicIPs         Property[[]string] // resource ids of public addresses of front ends
	PrivateIPs        Property[[]string]
	Listeners         []GatewayListener
	Backends          Property[[]string] // addresses and names of all pools
}

// GatewayListener is one listener of an application gateway.
type GatewayListener struct {
	Name     string
	Protocol Property[string] // Http or Https
	Hosts    Property[[]string]
	PolicyID Property[string]

	// Redirects is true if all its rules do nothing but redirect elsewhere, and not known
	// if the input does not tell of a rule whose it is.
	Redirects Property[bool]
}

// WAFPolicy is a web application firewall policy, of an application gateway or, with
// FrontDoor, of a Front Door.
type WAFPolicy struct {
	Resource
	FrontDoor bool
	Enabled   Property[bool]   // policySettings.state or enabledState
	Mode      Property[string] // Prevention or Detection
	RuleSets  Property[[]string]
}

// FrontDoor is a profile of Azure Front Door (Microsoft.Cdn/profiles) or a classic one
// (Microsoft.Network/frontDoors), with the firewall policies that guard its endpoints.
type FrontDoor struct {
	Resource
	SKU       Property[string]
	Endpoints Property[[]string] // host names, as far as the export shows them
	Origins   Property[[]string] // host names behind it
	PolicyIDs Property[[]string] // WAF policies of its security policies or front ends
}

// APIManagement is an API Management service.
type APIManagement struct {
	Resource
	SKU           Property[string]
	NetworkType   Property[string] // virtualNetworkType: None, External or Internal
	PublicNetwork Property[string]
	GatewayURL    Property[string]
	SubnetID      Property[string]
	PublicIPs     Property[[]string]
	PrivateIPs    Property[[]string]
	Identity      ManagedIdentities
}

// VirtualNetwork is a virtual network with its subnets and peerings.
type VirtualNetwork struct {
	Resource
	AddressPrefixes Property[[]string]
	Subnets         []Subnet
	Peerings        []Peering
}

// Subnet is a part of a virtual network.
type Subnet struct {
	ID              Property[string]
	Name            Property[string]
	AddressPrefixes Property[[]string]
	SecurityGroupID Property[string]
	RouteTableID    Property[string]
}

// Peering connects a virtual network to another.
type Peering struct {
	Name      Property[string]
	RemoteID  Property[string] // resource id of the other network
	State     Property[string] // Connected, Initiated, Disconnected
	Access    Property[bool]   // allowVirtualNetworkAccess
	Forwarded Property[bool]   // allowForwardedTraffic
}

// PrivateDNSZone is a private DNS zone.
type PrivateDNSZone struct{ Resource }

// PrivateDNSLink lets a virtual network resolve the names of a private zone.
type PrivateDNSLink struct {
	Resource
	ZoneID    Property[string]
	NetworkID Property[string]
	State     Property[string] // virtualNetworkLinkState: Completed, InProgress
}

// PrivateEndpoint is an address in a subnet that leads to one resource.
type PrivateEndpoint struct {
	Resource
	SubnetID Property[string]
	Targets  []PrivateTarget
}

// PrivateTarget is a resource behind a private endpoint.
type PrivateTarget struct {
	ResourceID Property[string]
	GroupIDs   Property[[]string] // vault, management, …
	Status     Property[string]   // Approved, Pending, Rejected, Disconnected
}
