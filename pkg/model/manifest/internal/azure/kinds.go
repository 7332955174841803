package azure

import (
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// The kinds that are also recognised without a type.
//
//nolint:gochecknoglobals // a constant table
var (
	roleAssignments = kindOf("RoleAssignment", roleAssignment)
	roleDefinitions = kindOf("RoleDefinition", roleDefinition)
	denyAssignments = kindOf("DenyAssignment", denyAssignment)
	others          = kindOf("OtherAzureResource", other)
	appCredentials  = kindOf("OtherAzureResource", appCredential)
)

// kinds are the types of resource that are modelled, in lower case.
var kinds = map[string]*kind{ //nolint:gochecknoglobals // a constant table
	"microsoft.authorization/roleassignments":                  roleAssignments,
	"microsoft.authorization/roledefinitions":                  roleDefinitions,
	"microsoft.authorization/denyassignments":                  denyAssignments,
	"microsoft.authorization/roleeligibilityscheduleinstances": kindOf("RoleAssignment", eligibility),
	"microsoft.authorization/roleeligibilityschedules":         kindOf("RoleAssignment", eligibility),
	"microsoft.authorization/classicadministrators":            kindOf("RoleAssignment", classicAdministrator),
	"microsoft.authorization/policyassignments":                kindOf("PolicyAssignment", policyAssignment),
	"microsoft.authorization/policysetdefinitions":             kindOf("PolicySetDefinition", policySetDefinition),

	"microsoft.managedidentity/userassignedidentities":                              kindOf("UserAssignedIdentity", userAssignedIdentity),
	"microsoft.managedidentity/userassignedidentities/federatedidentitycredentials": kindOf("FederatedCredential", federatedCredential),
	"microsoft.compute/virtualmachinescalesets":                                     kindOf("ScaleSet", scaleSet),

	"microsoft.containerservice/managedclusters":                           kindOf("ManagedCluster", managedCluster),
	"microsoft.containerservice/managedclusters/agentpools":                kindOf("ManagedCluster", agentPool),
	"microsoft.containerservice/managedclusters/trustedaccessrolebindings": kindOf("TrustedAccessRoleBinding", trustedAccess),
	"microsoft.containerservice/managedclusters/identitybindings":          kindOf("IdentityBinding", identityBinding),
	"microsoft.containerservice/fleets/members":                            kindOf("ManagedCluster", fleetMember),

	"microsoft.keyvault/vaults":                kindOf("KeyVault", keyVault),
	"microsoft.keyvault/vaults/accesspolicies": kindOf("KeyVault", vaultPolicies),

	"microsoft.insights/diagnosticsettings":             kindOf("DiagnosticSetting", diagnosticSetting),
	"microsoft.insights/scheduledqueryrules":            kindOf("LogAlert", logAlert),
	"microsoft.insights/activitylogalerts":              kindOf("ActivityLogAlert", activityLogAlert),
	"microsoft.insights/datacollectionrules":            kindOf("DataCollectionRule", dataCollectionRule),
	"microsoft.insights/datacollectionruleassociations": kindOf("DataCollectionRuleAssociation", dataCollectionRuleAssociation),

	"microsoft.network/applicationgateways":                              kindOf("ApplicationGateway", applicationGateway),
	"microsoft.network/applicationgatewaywebapplicationfirewallpolicies": kindOf("WAFPolicy", gatewayFirewall),
	"microsoft.network/frontdoorwebapplicationfirewallpolicies":          kindOf("WAFPolicy", frontDoorFirewall),
	"microsoft.network/frontdoors":                                       kindOf("FrontDoor", classicFrontDoor),
	"microsoft.cdn/profiles":                                             kindOf("FrontDoor", frontDoor),
	"microsoft.cdn/profiles/afdendpoints":                                kindOf("FrontDoor", frontDoorEndpoint),
	"microsoft.cdn/profiles/customdomains":                               kindOf("FrontDoor", frontDoorEndpoint),
	"microsoft.cdn/profiles/origingroups/origins":                        kindOf("FrontDoor", frontDoorOrigin),
	"microsoft.cdn/profiles/securitypolicies":                            kindOf("FrontDoor", frontDoorSecurity),
	"microsoft.apimanagement/service":                                    kindOf("APIManagement", apiManagement),
	"microsoft.network/virtualnetworks":                                  kindOf("VirtualNetwork", virtualNetwork),
	"microsoft.network/virtualnetworks/subnets":                          kindOf("VirtualNetwork", subnetAlone),
	"microsoft.network/virtualnetworks/virtualnetworkpeerings":           kindOf("VirtualNetwork", peeringAlone),
	"microsoft.network/privatednszones":                                  kindOf("PrivateDNSZone", privateDNSZone),
	"microsoft.network/privatednszones/virtualnetworklinks":              kindOf("PrivateDNSLink", privateDNSLink),
	"microsoft.network/privateendpoints":                                 kindOf("PrivateEndpoint", privateEndpoint),
}

// kindOfType returns the kind of a type, written in any of the ways that templates
// write it: Microsoft.KeyVault/vaults/providers/roleAssignments is one of
// Microsoft.Authorization.
func kindOfType(typ string) *kind {
	typ = strings.ToLower(strings.Trim(typ, "/"))
	if k := kinds[typ]; k != nil {
		return k
	}
	// An extension resource: what follows the last "providers/".
	if i := strings.LastIndex(typ, "providers/"); i >= 0 {
		rest := typ[i+len("providers/"):]
		for _, provider := range []string{"", "microsoft.authorization/", "microsoft.insights/"} {
			if k := kinds[provider+rest]; k != nil {
				return k
			}
		}
	}
	return others
}

func other(s *sheet) *model.OtherAzureResource {
	r := &model.OtherAzureResource{Resource: model.Resource{
		ID: s.id, Name: s.header(s.res.Name, "name"), Type: s.typ(), APIVersion: s.res.APIVersion, Template: s.res.Template,
	}}
	if r.Type == "" {
		r.Type = "Microsoft.Resources/subscriptions"
	}
	return r
}

// appCredential is a federated credential of an application, which the export does not
// name.
func appCredential(s *sheet) *model.OtherAzureResource {
	return &model.OtherAzureResource{Resource: model.Resource{
		ID: s.id, Name: s.header(s.res.Name, "name"), Type: "federated credential of an application",
	}}
}
