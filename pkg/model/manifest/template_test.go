package manifest_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
)

const template = `{
  // what a small deployment makes
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"private": {"type": "bool"}, "audit": {"type": "bool", "defaultValue": true}},
  "resources": [
    {
      "type": "Microsoft.ManagedIdentity/userAssignedIdentities", "apiVersion": "2023-01-31",
      "name": "mi-api", "location": "westeurope"
    },
    {
      "type": "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials", "apiVersion": "2023-01-31",
      "name": "mi-api/aks",
      "properties": {
        "issuer": "[reference(resourceId('Microsoft.ContainerService/managedClusters', 'aks')).oidcIssuerProfile.issuerURL]",
        "subject": "system:serviceaccount:app:api", "audiences": ["api://AzureADTokenExchange"]
      }
    },
    {
      "type": "Microsoft.ContainerService/managedClusters", "apiVersion": "2024-05-01", "name": "aks", "location": "westeurope",
      "properties": {
        "oidcIssuerProfile": {"enabled": true},
        "apiServerAccessProfile": {"enablePrivateCluster": "[parameters('private')]"}
      }
    },
    {
      "type": "Microsoft.Authorization/roleAssignments", "apiVersion": "2022-04-01",
      "name": "6d2f5c1e-0000-4000-8000-000000000001",
      "scope": "[resourceId('Microsoft.ContainerService/managedClusters', 'aks')]",
      "properties": {
        "roleDefinitionId": "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4abbcc35-e782-43d8-92c5-2d3f1bd2253f')]",
        "principalId": "[reference(resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', 'mi-api')).principalId]",
        "principalType": "ServicePrincipal"
      }
    },
    {
      "type": "Microsoft.Authorization/roleAssignments", "apiVersion": "2022-04-01", "condition": "[parameters('private')]",
      "name": "6d2f5c1e-0000-4000-8000-000000000002",
      "properties": {
        "roleDefinitionId": "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '8e3af657-a8ff-443c-a75c-2fe8c4bcb635')]",
        "principalId": "[reference('mi-api-2').principalId]"
      }
    }
  ]
}`

func single[T any](t *testing.T, c *model.Cluster) *model.Object[T] {
	t.Helper()
	all := slices.Collect(model.All[T](c))
	require.Len(t, all, 1)
	return all[0]
}

// What a template deploys is joined by what it says, although nobody knows the ids.
func TestTemplate(t *testing.T) {
	c, err := manifest.LoadFS(fstest.MapFS{"main.json": {Data: []byte(template)}}, ".")
	require.NoError(t, err)
	identity := single[model.UserAssignedIdentity](t, c)
	assert.True(t, identity.API.Template)
	principal, ok := identity.API.PrincipalID.Get()
	require.True(t, ok)

	assignments := slices.Collect(model.All[model.RoleAssignment](c)) // by id
	require.Len(t, assignments, 2)
	slices.Reverse(assignments)
	assert.Equal(t, model.Known(principal), assignments[0].API.PrincipalID)
	assert.Equal(t, "main.json:32", assignments[0].Origin.At("principalId").Short())
	assert.Empty(t, assignments[0].Origin.Gaps)
	expression, ok := assignments[1].API.PrincipalID.Unresolved()
	assert.True(t, ok)
	assert.Equal(t, "[reference('mi-api-2').principalId]", expression)
	require.Len(t, assignments[1].Origin.Gaps, 1)
	assert.Equal(t, "whether it is deployed hangs on [parameters('private')]", assignments[1].Origin.Gaps[0].What)

	cluster := single[model.ManagedCluster](t, c)
	assert.Equal(t, cluster.API.IssuerURL, single[model.FederatedCredential](t, c).API.Issuer)
	assert.True(t, cluster.API.IssuerURL.IsKnown())
	expression, _ = cluster.API.APIServer.Private.Unresolved()
	assert.Equal(t, "[parameters('private')]", expression)
}

func TestTemplateParameters(t *testing.T) {
	load := func(parameters string) (*model.Cluster, error) {
		return manifest.LoadFS(fstest.MapFS{
			"main.json":   {Data: []byte(template)},
			"values.json": {Data: []byte(`{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#", "contentVersion": "1.0.0.0", "parameters": ` + parameters + `}`)},
		}, ".")
	}
	c, err := load(`{"private": {"value": true}}`)
	require.NoError(t, err)
	assert.Equal(t, model.Known(true), single[model.ManagedCluster](t, c).API.APIServer.Private)
	for o := range model.All[model.RoleAssignment](c) {
		assert.Empty(t, o.Origin.Gaps)
	}
	c, err = load(`{"private": {"value": false}}`)
	require.NoError(t, err)
	single[model.RoleAssignment](t, c)

	_, err = load(`{"privat": {"value": true}}`)
	assert.ErrorContains(t, err, `values.json:1:`)
	assert.ErrorContains(t, err, `the template has no parameter "privat"`)
}

func TestTemplateErrors(t *testing.T) {
	for old, want := range map[string]string{
		"[resourceId('Microsoft.ContainerService/managedClusters', 'aks')]":         "",
		"[resourceID2('Microsoft.ContainerService/managedClusters', 'aks')]":        "main.json:29:16: there is no function resourceID2()",
		`unclosed", "x": "[concat('a', ]`:                                           "main.json:29:",
		"[parameters('privat')]":                                                    "main.json:29:16: ",
		"[resourceId('Microsoft.ContainerService/managedClusters', 'aks')]\", oops": "main.json:29:",
	} {
		text := strings.Replace(template, `"scope": "[resourceId('Microsoft.ContainerService/managedClusters', 'aks')]"`, `"scope": "`+old+`"`, 1)
		_, err := manifest.LoadFS(fstest.MapFS{"main.json": {Data: []byte(text)}}, ".")
		if want == "" {
			require.NoError(t, err)
		} else {
			assert.ErrorContains(t, err, want, old)
		}
	}
}

// The facts of real templates (shared/reference/azure.md 6.4).
func TestSampleTemplates(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "..", "shared", "samples")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no samples here")
	}
	c, err := manifest.Load(filepath.Join(dir, "azure-quickstart", "azuredeploy.json"))
	require.NoError(t, err)
	quick := single[model.ManagedCluster](t, c).API
	assert.Equal(t, model.EntraProfile{Present: quick.Entra.Present}, quick.Entra)
	assert.Equal(t, model.ClusterNetwork{}, quick.Network)
	assert.True(t, quick.OIDCIssuer.IsAbsent())
	assert.False(t, quick.Entra.Present.Or(false))

	c, err = manifest.Load(filepath.Join(dir, "aks-baseline", "cluster-stamp.arm.json"))
	require.NoError(t, err)
	base := single[model.ManagedCluster](t, c).API
	assert.Equal(t, model.Known(true), base.DisableLocal)
	assert.Equal(t, model.Known(true), base.OIDCIssuer)
	assert.Equal(t, model.Known(false), base.PodIdentity)
	assert.Equal(t, model.Known([]string{}), base.APIServer.AuthorizedRanges)
	assert.Equal(t, model.Known(false), base.APIServer.Private)
	_, open := base.Entra.AzureRBAC.Unresolved()
	assert.True(t, open)
	_, open = base.Entra.AdminGroups.Unresolved()
	assert.True(t, open)

	vault := single[model.KeyVault](t, c).API
	assert.Equal(t, model.Known(true), vault.RBAC)
	assert.Equal(t, model.Known("Deny"), vault.NetworkDefault)
	gateway := single[model.ApplicationGateway](t, c).API
	assert.Equal(t, model.Known("WAF_v2"), gateway.Tier)
	assert.Equal(t, model.Known("Prevention"), gateway.WAFMode)

	var categories []string
	for o := range model.All[model.DiagnosticSetting](c) {
		if target, _ := o.API.TargetID.Unresolved(); !strings.Contains(target, "managedClusters") {
			continue
		}
		for _, l := range o.API.Logs.Or(nil) {
			if l.Enabled.Or(false) {
				categories = append(categories, l.Category)
			}
		}
	}
	assert.ElementsMatch(t, []string{"cluster-autoscaler", "kube-controller-manager", "kube-audit-admin", "guard"}, categories)
	assert.NotEmpty(t, slices.Collect(model.All[model.LogAlert](c)))

	// The kubelet may pull images: its assignment is joined with the cluster.
	kubelet, ok := base.Kubelet.PrincipalID.Get()
	require.True(t, ok)
	assert.True(t, slices.ContainsFunc(slices.Collect(model.All[model.RoleAssignment](c)), func(o *model.Object[model.RoleAssignment]) bool {
		return strings.EqualFold(o.API.PrincipalID.Or(""), kubelet)
	}))
}
