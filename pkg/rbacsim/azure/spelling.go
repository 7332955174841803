package azure

// pretty returns the usual spelling of a level, namespace or type that is given in
// lower case, and the word itself where none is known.
func pretty(segment string) string {
	if usual, ok := spelling[segment]; ok {
		return usual
	}
	return segment
}

// spelling are the usual spellings of words in ids, by lower case.
var spelling = spellings( //nolint:gochecknoglobals // a constant table
	"subscriptions", "resourceGroups", "providers", "managementGroups",
	"Microsoft.ApiManagement", "Microsoft.Authorization", "Microsoft.Cdn", "Microsoft.Compute", "Microsoft.ContainerInstance",
	"Microsoft.ContainerRegistry", "Microsoft.ContainerService", "Microsoft.DBforMySQL", "Microsoft.DBforPostgreSQL",
	"Microsoft.DocumentDB", "Microsoft.EventGrid", "Microsoft.EventHub", "Microsoft.Insights", "Microsoft.KeyVault",
	"Microsoft.Management", "Microsoft.ManagedIdentity", "Microsoft.ManagedServices", "Microsoft.Monitor", "Microsoft.Network",
	"Microsoft.OperationalInsights", "Microsoft.Resources", "Microsoft.ServiceBus", "Microsoft.Sql", "Microsoft.Storage", "Microsoft.Web",
	"accessPolicies", "activityLogAlerts", "agentPools", "applicationGateways", "blobServices", "certificates", "containers",
	"databaseAccounts", "databases", "dataCollectionRules", "denyAssignments", "diagnosticSettings", "disks", "dnsZones", "eventhubs",
	"federatedIdentityCredentials", "fileServices", "fileshares", "firewallPolicies", "flexibleServers", "fleets", "keys", "loadBalancers",
	"managedClusters", "managedHSMs", "managedNamespaces", "members", "namespaces", "networkInterfaces", "networkSecurityGroups",
	"privateDnsZones", "privateEndpoints", "publicIPAddresses", "queues", "queueServices", "redis", "registries", "roleAssignments",
	"roleDefinitions", "routeTables", "scheduledQueryRules", "secrets", "servers", "service", "sites", "storageAccounts", "subnets",
	"tables", "tableServices", "topics", "trustedAccessRoleBindings", "userAssignedIdentities", "vaults", "virtualMachines",
	"virtualMachineScaleSets", "virtualNetworks", "workspaces",
)

func spellings(words ...string) map[string]string {
	table := make(map[string]string, len(words))
	for _, w := range words {
		table[lower(w)] = w
	}
	return table
}
