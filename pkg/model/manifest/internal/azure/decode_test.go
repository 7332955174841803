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
	assert.Empty(t, azure.Merge(&whole, lower), "upper and lower case of ids and types mean nothing")
	refused := 0
	for _, a := range texts {
		for _, b := range texts {
			x, y := decode(a), decode(b)
			z := decode(b)
			forth, back := azure.Merge(&x, y), azure.Merge(&z, decode(a))
			assert.Equal(t, forth == "", back == "", "%s and %s", a, b)
			if forth != "" {
				refused++
				assert.Equal(t, decode(a).API, x.API, "left alone")
			}
		}
	}
	assert.Equal(t, 6, refused, "null and true, two tenants, two policies, each way")
}

// What can be told of one object by two exports, and what cannot.
func TestMergeOfOneObject(t *testing.T) {
	const (
		guid  = "dddddddd-0000-4000-8000-000000000001"
		sub   = "/subscriptions/aaaaaaaa-0000-4000-8000-000000000001"
		aks   = `"id":"` + sub + `/resourceGroups/r/providers/Microsoft.ContainerService/managedClusters/c","type":"Microsoft.ContainerService/managedClusters"`
		role  = `"id":"` + sub + `/providers/Microsoft.Authorization/roleDefinitions/` + guid + `","type":"Microsoft.Authorization/roleDefinitions"`
		given = `"id":"` + sub + `/providers/Microsoft.Authorization/roleAssignments/` + guid + `","type":"Microsoft.Authorization/roleAssignments","scope":"` + sub + `"`
		fic   = `"id":"` + sub + `/resourceGroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i/federatedIdentityCredentials/f"`
		pre   = `/providers/Microsoft.Authorization/roleDefinitions/`
	)
	for _, test := range []struct{ what, a, b, want string }{
		{
			"null and absent inside of lists", `{` + aks + `,"agentPoolProfiles":[{"name":"a","podSubnetId":null,"count":3}]}`,
			`{` + aks + `,"properties":{"agentPoolProfiles":[{"name":"a","count":5,"powerState":{"code":"Stopped"}}]}}`, "",
		},
		{"enumerations", `{` + aks + `,"networkProfile":{"loadBalancerSku":"standard"}}`, `{` + aks + `,"networkProfile":{"loadBalancerSku":"Standard"}}`, ""},
		{
			"add-ons", `{` + aks + `,"addonProfiles":{"azurepolicy":{"config":null,"enabled":true,"identity":null}}}`,
			`{` + aks + `,"properties":{"addonProfiles":{"azurePolicy":{"enabled":true}}}}`, "",
		},
		{
			"an add-on", `{` + aks + `,"addonProfiles":{"azurepolicy":{"enabled":true}}}`, `{` + aks + `,"addonProfiles":{"azurepolicy":{"enabled":false}}}`,
			"AddOns[azurepolicy].Enabled is true there and false here",
		},
		{
			"what Terraform knows", `{` + aks + `,"addonProfiles":{"omsagent":{"enabled":false}},"agentPoolProfiles":[{"name":"a","orchestratorVersion":"1.31"}]}`,
			`{` + aks + `,"addonProfiles":{"azurepolicy":{"enabled":false}},"agentPoolProfiles":[{"name":"b"},{"name":"a","currentOrchestratorVersion":"1.31.7"}]}`, "",
		},
		{"an add-on less", `{` + aks + `,"addonProfiles":{"a":{"enabled":true},"b":{}}}`, `{` + aks + `,"addonProfiles":{"b":{}}}`, "AddOns[a] is given there and missing here"},
		{"none and empty", `{` + aks + `,"apiServerAccessProfile":{"authorizedIpRanges":null}}`, `{` + aks + `,"apiServerAccessProfile":{"authorizedIPRanges":[]}}`, ""},
		{
			"ranges", `{` + aks + `,"apiServerAccessProfile":{"authorizedIpRanges":["10.0.0.0/8","11.0.0.0/8"]}}`,
			`{` + aks + `,"apiServerAccessProfile":{"authorizedIPRanges":["11.0.0.0/8","10.0.0.0/8"]}}`, "",
		},
		{
			"other ranges", `{` + aks + `,"apiServerAccessProfile":{"authorizedIpRanges":["10.0.0.0/8"]}}`, `{` + aks + `,"apiServerAccessProfile":{"authorizedIPRanges":["11.0.0.0/8"]}}`,
			`APIServer.AuthorizedRanges is "10.0.0.0/8" there and "11.0.0.0/8" here`,
		},
		{"tags", `{` + aks + `,"tags":{"a":"b"},"fqdn":"x"}`, `{` + aks + `,"tags":{"a":"c"},"fqdn":"x"}`, ""},
		{
			"a role", `{` + role + `,"roleName":"R","permissions":[{"actions":["a/b"],"notActions":[],"dataActions":[],"condition":null}]}`,
			`{` + role + `,"properties":{"roleName":"R","permissions":[{"actions":["a/b"]}]}}`, "",
		},
		{
			"a role with more", `{` + role + `,"roleName":"R","permissions":[{"actions":["a/b"]}]}`,
			`{` + role + `,"roleName":"R","permissions":[{"actions":["a/b"],"notActions":["a/*"]}]}`, "Permissions",
		},
		{
			"a role with a condition", `{` + role + `,"roleName":"R","permissions":[{"actions":["a/b"],"condition":null}]}`,
			`{` + role + `,"roleName":"R","permissions":[{"actions":["a/b"],"condition":"c"}]}`, "Permissions",
		},
		{
			"an assignment", `{` + given + `,"principalId":"` + guid + `","principalName":"x","roleDefinitionId":"` + pre + guid + `","condition":""}`,
			`{` + given + `,"principalId":"DDDDDDDD-0000-4000-8000-000000000001","principalName":"y","roleDefinitionId":"` + sub + pre + guid + `","condition":null}`, "",
		},
		{
			"another principal", `{` + given + `,"principalId":"` + guid + `","roleDefinitionId":"` + pre + guid + `"}`,
			`{` + given + `,"principalId":"eeeeeeee-0000-4000-8000-000000000001","roleDefinitionId":"` + pre + guid + `"}`, "PrincipalID",
		},
		{
			"two users", `{` + given + `,"principalId":"` + guid + `","principalName":"a@x","principalType":"User","roleDefinitionId":"` + pre + guid + `"}`,
			`{` + given + `,"principalId":"` + guid + `","principalName":"b@x","principalType":"User","roleDefinitionId":"` + pre + guid + `"}`, "PrincipalName",
		},
		{
			"conditions", `{` + given + `,"principalId":"` + guid + `","condition":"@a 'B'","roleDefinitionId":"` + pre + guid + `"}`,
			`{` + given + `,"principalId":"` + guid + `","condition":"@a 'b'","roleDefinitionId":"` + pre + guid + `"}`, "Condition",
		},
		{"subjects", `{` + fic + `,"issuer":"i","subject":"s","audiences":["A"]}`, `{` + fic + `,"issuer":"i","subject":"S","audiences":["A"]}`, `Subject is "s" there and "S" here`},
		{"audiences", `{` + fic + `,"issuer":"i","subject":"s","audiences":["A"]}`, `{` + fic + `,"issuer":"i","subject":"s","audiences":["a"]}`, "Audiences"},
	} {
		decode := func(text string) azure.Object {
			got := azure.Read("f", body(t, text))
			require.Len(t, got.Objects, 1, "%s: %v", test.what, got.Problems)
			return got.Objects[0]
		}
		a, b := decode(test.a), decode(test.b)
		got, back := azure.Merge(&a, decode(test.b)), azure.Merge(&b, decode(test.a))
		assert.Equal(t, got == "", back == "", test.what)
		if test.want == "" {
			assert.Empty(t, got, test.what)
		} else {
			assert.Contains(t, got, test.want, test.what)
		}
	}
}

// What a listing leaves out, another export tells.
func TestMergeSettlesGaps(t *testing.T) {
	const aks = `"id":"/subscriptions/s/resourceGroups/r/providers/Microsoft.ContainerService/managedClusters/c","type":"Microsoft.ContainerService/managedClusters"`
	decode := func(text string) azure.Object { return azure.Read("f", body(t, text)).Objects[0] }
	bare, full := decode(`{`+aks+`,"location":"x"}`), decode(`{`+aks+`,"fqdn":"f"}`)
	require.NotEmpty(t, bare.Origin.Gaps)
	require.Empty(t, azure.Merge(&bare, full))
	assert.Empty(t, bare.Origin.Gaps)
	assert.Equal(t, model.Known("f"), bare.API.(*model.ManagedCluster).FQDN)

	full = decode(`{` + aks + `,"fqdn":"f"}`)
	require.Empty(t, azure.Merge(&full, decode(`{`+aks+`,"location":"x"}`)))
	assert.Empty(t, full.Origin.Gaps)

	open, told := decode(`{`+aks+`,"properties":{"addonProfiles":"[x]"}}`), decode(`{`+aks+`,"addonProfiles":null}`)
	require.Empty(t, azure.Merge(&open, decode(`{`+aks+`,"fqdn":"f"}`)))
	require.NotEmpty(t, open.Origin.Gaps, "the other says nothing of it")
	require.Empty(t, azure.Merge(&open, told))
	assert.Empty(t, open.Origin.Gaps)
}
