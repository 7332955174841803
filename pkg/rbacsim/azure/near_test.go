package azure_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

func TestNearestActions(t *testing.T) {
	a := azure.New(new(model.Builder).Cluster())
	const get = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
	for action, want := range map[string][]string{
		get: {get},
		"MICROSOFT.keyvault/vaults/secrets/getsecret/action":                 {get},
		"Microsoft.KeyVolt/vaults/secrets/getSecret/action":                  {get},
		"Microsoft.KeyVault/vaults/getSecret/action":                         {get},
		"Microsoft.KeyVault/vaults/secrets/getSecrets/action":                {get, "Microsoft.KeyVault/vaults/secrets/setSecret/action"},
		"Microsoft.Authorization/roleAssignment/write":                       {"Microsoft.Authorization/roleAssignments/write"},
		"Microsoft.ContainerService/managedClusters/pods/exec/action":        {"Microsoft.ContainerService/managedClusters/pods/exec/action"},
		"Microsoft.Insights/diagnosticSettings/delete":                       nil, // only stars match it
		"Microsoft.KeyVault/vaults/secrets/frobnicate/action":                nil,
		"Microsoft.Contoso/things/read":                                      nil,
		"Microsoft.ContainerService/managedClusters/apps/deployments/reed":   {"Microsoft.ContainerService/managedClusters/apps/deployments/read"},
		"Microsoft.ContainerService/managedClusters/apps/daemonsets/foo/bar": nil,
	} {
		assert.Equal(t, want, a.NearestActions(action), action)
	}
}
