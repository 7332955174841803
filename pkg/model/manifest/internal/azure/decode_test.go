package azure_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/azure"
	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// body parses JSON in which a text in brackets stands for an expression.
func body(t *testing.T, text string) tree.Node {
	t.Helper()
	n, ok := tree.Parse(text, tree.Node{Line: 7, Col: 3})
	require.True(t, ok)
	return opened(n)
}

func opened(n tree.Node) tree.Node {
	if n.Kind == tree.String && len(n.Text) > 0 && n.Text[0] == '[' {
		n.Kind = tree.Expression
	}
	for i := range n.Items {
		n.Items[i] = opened(n.Items[i])
	}
	for i := range n.Members {
		n.Members[i].Value = opened(n.Members[i].Value)
	}
	return n
}

func expression(text string) tree.Node { return tree.Node{Kind: tree.Expression, Text: text} }

func one[T any](t *testing.T, r azure.Resource) (*T, azure.Object) {
	t.Helper()
	r.Template = true
	got := azure.Decode("t.json", r)
	require.Empty(t, got.Problems)
	require.Len(t, got.Objects, 1)
	api, ok := got.Objects[0].API.(*T)
	require.True(t, ok, "%T", got.Objects[0].API)
	return api, got.Objects[0]
}

// A template's resource leaves open what its expressions leave open, and nothing else.
func TestTemplates(t *testing.T) {
	a, o := one[model.RoleAssignment](t, azure.Resource{
		Type: "Microsoft.KeyVault/vaults/providers/roleAssignments", ID: expression("[resourceId('x')]"), Name: expression("[guid('a')]"),
		Scope: expression("[resourceId('v')]"), Line: 4, Col: 5,
		Body: body(t, `{"properties":{"principalId":"[reference('i').principalId]","roleDefinitionId":"/r/g","principalType":"ServicePrincipal"}}`),
	})
	assert.Equal(t, model.Unresolved[string]("[reference('i').principalId]"), a.PrincipalID)
	assert.Equal(t, model.Known("/r/g"), a.RoleDefinitionID)
	assert.Equal(t, model.Unresolved[string]("[resourceId('v')]"), a.Scope)
	assert.True(t, a.Template)
	assert.True(t, o.Invented)
	assert.Equal(t, "microsoft.keyvault/vaults/providers/roleassignments/[guid('a')]", o.Ref.Name)
	assert.Equal(t, "t.json:4:5", o.Origin.Place.String())
	assert.Equal(t, "t.json:7:3", o.Origin.At("principalId").String())
	assert.False(t, o.Origin.Server)

	a, _ = one[model.RoleAssignment](t, azure.Resource{Type: "Microsoft.Authorization/roleAssignments", Body: body(t, `{"properties":"[union(x, y)]"}`)})
	assert.Equal(t, model.Unresolved[string]("[union(x, y)]"), a.PrincipalID)
	a, _ = one[model.RoleAssignment](t, azure.Resource{Type: "Microsoft.Authorization/roleAssignments", Body: body(t, `{"properties":{"principalId":"p","roleDefinitionId":"r"}}`)})
	assert.Equal(t, model.Unresolved[string]("the scope that the template is deployed to"), a.Scope)

	const guid = "dddddddd-0000-4000-8000-000000000001"
	d, o := one[model.RoleDefinition](t, azure.Resource{
		Type: "Microsoft.Authorization/roleDefinitions", ID: expression("[x]"), Name: tree.Node{Kind: tree.String, Text: guid},
		Body: body(t, `{"properties":{"roleName":"R","permissions":[{"actions":["a/b/read","[parameters('more')]"]}]}}`),
	})
	assert.Equal(t, model.Known(guid), d.GUID)
	assert.Equal(t, model.Unresolved[[]model.Permission]("[parameters('more')]"), d.Permissions)
	assert.Equal(t, guid, o.Ref.Name)

	c, _ := one[model.ManagedCluster](t, azure.Resource{
		Type: "microsoft.containerservice/managedclusters", APIVersion: "2024-02-01", Location: expression("[parameters('location')]"),
		ID: tree.Node{Kind: tree.String, Text: "/subscriptions/s/resourceGroups/r/providers/Microsoft.ContainerService/managedClusters/c"},
		Body: body(t, `{"identity":{"type":"UserAssigned","userAssignedIdentities":{"[resourceId('i')]":{}}},
		 "properties":{"aadProfile":"[if(a, b, null())]","apiServerAccessProfile":{"authorizedIPRanges":["10.0.0.0/8","[x]"]},"enableRBAC":"[true()]"}}`),
	})
	assert.Equal(t, model.Unresolved[bool]("[if(a, b, null())]"), c.Entra.Present)
	assert.Equal(t, model.Unresolved[bool]("[if(a, b, null())]"), c.Entra.AzureRBAC)
	assert.Equal(t, model.Unresolved[[]string]("[x]"), c.APIServer.AuthorizedRanges)
	assert.Equal(t, model.Unresolved[string]("[parameters('location')]"), c.Location)
	assert.Equal(t, model.Unresolved[string]("[resourceId('i')]"), c.Identity.UserAssigned[0].ResourceID)
	assert.Equal(t, "2024-02-01", c.APIVersion)
	assert.Equal(t, model.Known("c"), c.Name)
}

// Bare listings of templates do not exist: what is not there has a default.
func TestTemplatesLeaveOut(t *testing.T) {
	v, _ := one[model.KeyVault](t, azure.Resource{Type: "Microsoft.KeyVault/vaults", Name: tree.Node{Kind: tree.String, Text: "kv"}, Body: body(t, `{"type":"Microsoft.KeyVault/vaults","name":"kv"}`)})
	assert.True(t, v.RBAC.IsAbsent())
	assert.Equal(t, model.Known("kv"), v.Name)
}

// Which of two exports comes first plays no part in whether they can be put together.
func TestMerge(t *testing.T) {
	decode := func(text string) azure.Object {
		got := azure.Read("f", body(t, text))
		require.Len(t, got.Objects, 1, text)
		return got.Objects[0]
	}
	const id = `"id":"/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/v","type":"Microsoft.KeyVault/vaults"`
	texts := []string{
		`{` + id + `}`, `{` + id + `,"properties":{}}`, `{` + id + `,"properties":{"enableRbacAuthorization":null}}`, `{` + id + `,"properties":{"enableRbacAuthorization":true}}`,
		`{` + id + `,"properties":{"tenantId":"t","networkAcls":{"ipRules":[]}}}`, `{` + id + `,"properties":{"tenantId":"u"}}`,
		`{` + id + `,"properties":{"accessPolicies":[{"objectId":"o","permissions":{"secrets":["get"]}}]}}`,
		`{` + id + `,"properties":{"accessPolicies":[{"objectId":"o","permissions":{"secrets":["set"]}}]}}`,
	}
	whole, lower := decode(texts[3]), decode(`{"id":"/subscriptions/s/resourcegroups/r/providers/microsoft.keyvault/vaults/v","type":"microsoft.keyvault/vaults","name":"v","properties":{}}`)
	assert.True(t, azure.Merge(whole, lower), "upper and lower case of ids and types mean nothing")
	refused := 0
	for _, a := range texts {
		for _, b := range texts {
			x, y := decode(a), decode(b)
			forth, back := azure.Merge(x, y), azure.Merge(decode(b), decode(a))
			assert.Equal(t, forth, back, "%s and %s", a, b)
			if !forth {
				refused++
				assert.Equal(t, decode(a).API, x.API, "left alone")
			}
		}
	}
	assert.Equal(t, 6, refused, "null and true, two tenants, two policies, each way")
}
