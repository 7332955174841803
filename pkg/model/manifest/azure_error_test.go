package manifest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
)

// lower is the form of ids in references.
func lower(s string) string { return strings.ToLower(s) }

const assignment = `"id":"` + vaultID + `/providers/Microsoft.Authorization/roleAssignments/e","type":"Microsoft.Authorization/roleAssignments"`

func TestAzureErrors(t *testing.T) {
	const ref = "f:1:2: "
	const needs = ": a role assignment has a principalId, a roleDefinitionId and a scope"
	for _, tc := range []struct {
		name, text string
		want       []string
	}{
		{"nothing that is needed", `{` + assignment + `}`, []string{
			ref + "principalId: missing" + needs, ref + "roleDefinitionId: missing" + needs,
		}},
		{"null", `{` + assignment + `,"principalId":null,"roleDefinitionId":"r"}`, []string{ref + "principalId: null" + needs}},
		{"misspelt", `{` + assignment + `,"principleId":"p","roleDefinitionID":"r"}`, []string{
			ref + `principalId: missing` + needs + ` (is "principleId" meant for it?)`,
		}},
		{"misspelt below properties", `{` + assignment + `,"properties":{"prinzipalId":"p","roleDefinitionId":"r"}}`, []string{
			ref + `principalId: missing` + needs + ` (is "prinzipalId" meant for it?)`,
		}},
		{"without a type", `[{"roleDefinitionId":"r","scope":"/"}]`, []string{"f:1:3: principalId: missing" + needs}},
		{"of the wrong type", "{" + assignment + ",\n\"principalId\":7,\n\"roleDefinitionId\":[],\n\"scope\":true}", []string{
			`f:2:15: principalId: want a string, got the number 7 (write "7")`,
			"f:3:20: roleDefinitionId: want a string, got a list",
			`f:4:9: scope: want a string, got the boolean true (write "true")`,
		}},
		{"all of several", "[{" + assignment + ",\"principalId\":\"p\"},\n {\"id\":\"" + aksID + "\",\"enableRBAC\":\"yes\",\"aadProfile\":\"x\",\n \"agentPoolProfiles\":[{\"name\":1}]}]", []string{
			"f:1:3: roleDefinitionId: missing" + needs,
			`f:2:160: enableRBAC: want true or false, got the string "yes"`,
			`f:2:179: aadProfile: want an object, got the string "x"`,
			`f:3:31: agentPoolProfiles[0].name: want a string, got the number 1 (write "1")`,
		}},
		{"a version that YAML reads as a number", "id: " + aksID + "\nkubernetesVersion: 1.30\n", []string{
			`f:2:20: kubernetesVersion: want a string, got the number 1.3 (write "1.3")`,
		}},
		{"written twice", `{` + assignment + `,"principalId":"p","roleDefinitionId":"r","scope":"/",` + "\n" + `"Scope":"/x"}`, []string{
			"f:2:1: Scope: written twice, first in line 1",
		}},
		{"no such role", `{"id":"` + rolePre + roleID + `","roleName":"x"}`, []string{"f:1:2: permissions: missing: a role definition has a name and permissions"}},
		{"actions that are no list", `{"id":"` + rolePre + roleID + `","roleName":"x","permissions":[{"actions":"*"},7]}`, []string{
			`f:1:138: permissions[0].actions: want a list, got the string "*"`,
			"f:1:143: permissions[1]: want an object, got the number 7",
		}},
		{"deny", `{"denyAssignmentName":"d","permissions":[],"excludePrincipals":[{"type":"User"}]}`, []string{
			"f:1:2: principals: missing: a deny assignment has permissions, principals and a scope",
			"f:1:2: scope: missing: a deny assignment has permissions, principals and a scope",
			"f:1:65: excludePrincipals[0].id: missing: a deny assignment has permissions, principals and a scope",
		}},
		{"a federated credential", `{"id":"` + apiID + `/federatedIdentityCredentials/f","issuer":"x"}`, []string{
			"f:1:2: audiences: missing: a federated credential has an issuer, audiences, and a subject or an expression",
			"f:1:2: subject: missing: a federated credential has an issuer, audiences, and a subject or an expression",
		}},
		{"a member without an id", `{"` + devs + `":[{"displayName":"x"}]}`, []string{
			"f:1:42: [0]: missing: a group has an id, and so has each of its members",
		}},
		{"no id", `{"type":"Microsoft.KeyVault/vaults","properties":{}}`, []string{"f:1:2: id: missing: a resource of Azure has an id"}},
		{"not of Azure in a list", `{"count":2,"data":[{"a":1},{"id":"` + shopRG + `"}]}`, []string{
			"f:1:20: neither a resource of Azure nor an object of its directory: it says no type and no id of a kind that is known",
		}},
		{"no JSON in a page", `{"value":[{` + assignment + `,"principalId":"p","roleDefinitionId":"r"} {"id":"/"}]}`, []string{
			"f:1:281: invalid JSON: invalid character '{' after array element",
		}},
		{"no JSON", `{` + assignment + `,"principalId":"\q"}`, []string{"f:1:245: invalid JSON: invalid character 'q' in string escape code"}},
		{"different twice", `{` + assignment + `,"principalId":"p","roleDefinitionId":"r","condition":null}` + "\n" +
			`{` + assignment + `,"principalId":"p","roleDefinitionId":"r","condition":"x"}`, []string{
			"f:2:2: two different objects are RoleAssignment " + lower(vaultID) + "/providers/microsoft.authorization/roleassignments/e, also at f:1:2: Condition is null there and given here (load the exports of one time only)",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := read(tc.text)
			assert.Equal(t, tc.want, errorLines(err))
		})
	}
}

// A key that nobody knows is fine, unless it looks like one that somebody asks for.
func TestNearMisses(t *testing.T) {
	c, err := read(`{"id":"` + aksID + `","disableLocalAccount":true,"enableRBAC":true,"enableRBACs":1,"somethingNew":{},"networkProfile":{"podCidr":"10.0.0.0/16",
 "networkPolicies":"x","natGatewayProfile":null},"aadProfile":{"managed":true,"enabledAzureRBAC":true},"fqdnSubdomain":"x","privateLinkResources":null}`)
	require.NoError(t, err)
	o := "ManagedCluster " + lower(aksID) + ": "
	assert.Equal(t, []string{
		`near-miss-key f:1:146: ` + o + `disableLocalAccount: unknown key, so nothing is known of disableLocalAccounts (did you mean "disableLocalAccounts"?)`,
		`near-miss-key f:2:79: ` + o + `aadProfile.enabledAzureRBAC: unknown key, so nothing is known of enableAzureRBAC (did you mean "enableAzureRBAC"?)`,
	}, findingLines(c))
	for o := range model.All[model.ManagedCluster](c) {
		open, ok := o.API.DisableLocal.Unresolved()
		assert.True(t, ok, "a typo is not a cluster with local accounts")
		assert.Equal(t, `the unknown key "disableLocalAccount", which may be meant for it`, open)
		_, ok = o.API.Entra.AzureRBAC.Unresolved()
		assert.True(t, ok)
		assert.Equal(t, model.Known(true), o.API.KubernetesRBAC)
	}

	a := only[model.RoleAssignment](t, `{`+assignment+`,"principalId":"p","roleDefinitionId":"r","scope":"/","conditionn":"c"}`)
	_, ok := a.API.Condition.Unresolved()
	assert.True(t, ok, "not an assignment without condition")

	r := only[model.RoleDefinition](t, `{"id":"`+rolePre+roleID+`","type":"Microsoft.Authorization/roleDefinitions","roleName":"r","permissions":[{"actions":["*"],"notAction":["a/b"]}]}`)
	_, ok = r.API.Permissions.Unresolved()
	assert.True(t, ok, "not a role that excludes nothing")
}

// Exports overlap, and each knows less or more.
func TestOverlappingExports(t *testing.T) {
	full := `{` + assignment + `,"principalId":"p","principalName":"alice","roleDefinitionId":"` + sub + rolePre + roleID + `","scope":"` + vaultID + `","condition":null}`
	c, err := read("[" + full + "]\n[" + full + "]\n" + `{"value":[{` + lower(assignment) + `,"properties":{"principalId":"p","roleDefinitionId":"` + lower(sub+rolePre) + roleID + `","scope":"` + vaultID + `"}}]}`)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"note duplicate f:2:3: RoleAssignment " + lower(vaultID) + "/providers/microsoft.authorization/roleassignments/e: 2 objects of this file are given elsewhere, too, this is the first",
	}, findingLines(c))
	for o := range model.All[model.RoleAssignment](c) {
		assert.Equal(t, model.Known("alice"), o.API.PrincipalName)
		assert.True(t, o.API.Condition.IsNull())
	}

	_, err = read(`{"` + devs + `":[{"id":"` + alice + `"}]}` + "\n" + `{"` + devs + `":[]}`)
	require.ErrorContains(t, err, "f:2:2: two different objects are GroupMembers "+devs)

	role := func(prefix string) string {
		return `{"id":"` + prefix + rolePre + roleID + `","name":"` + roleID + `","roleName":"R","roleType":"BuiltInRole","assignableScopes":["/"],"permissions":[{"actions":["*/read"]}]}`
	}
	c, err = read(role("") + role(sub))
	require.NoError(t, err)
	assert.Len(t, findingLines(c), 1)

	_, err = read(role("") + `{"id":"` + sub + rolePre + roleID + `","roleName":"R","permissions":[{"actions":["*"]}]}`)
	require.ErrorContains(t, err, "two different objects are RoleDefinition "+roleID)
}

func TestUnmodelledResources(t *testing.T) {
	c, err := read(`[{"id":"` + shopRG + `/providers/Microsoft.Storage/storageAccounts/a","type":"Microsoft.Storage/storageAccounts","sku":{"name":"x"}},
 {"id":"` + shopRG + `/providers/Microsoft.Storage/storageAccounts/b","type":"microsoft.storage/storageaccounts"},
 {"id":"` + shopRG + `","name":"rg-shop","type":"Microsoft.Resources/resourceGroups"},
 {"id":"` + shopRG + `/providers/Microsoft.Sql/servers/x"},
 {"cloudName":"AzureCloud","homeTenantId":"t","id":"aaaaaaaa-0000-4000-8000-000000000001","isDefault":true,"name":"s","state":"Enabled","tenantId":"t","user":{}},
 {"id":"aaaaaaaa-0000-4000-8000-000000000007","name":"f","issuer":"https://x","subject":"s","audiences":["a"]}]`)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"note unmodelled-kind f:1:3: type Microsoft.Storage/storageAccounts is not modelled: 2 objects ignored, this is the first",
		"note unmodelled-kind f:3:3: type Microsoft.Resources/resourceGroups is not modelled: 1 object ignored",
		"note unmodelled-kind f:4:3: type Microsoft.Sql/servers is not modelled: 1 object ignored",
		"note unmodelled-kind f:5:3: type Microsoft.Resources/subscriptions is not modelled: 1 object ignored",
		"note unmodelled-kind f:6:3: type federated credential of an application is not modelled: 1 object ignored",
	}, findingLines(c))
}

// Azure's documents are objects: they stand beside Kubernetes' own, in files that were
// named and in directories. What is neither stays an error or a note.
func TestAzureBesideKubernetes(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		return file
	}
	cluster := `{"id":"` + aksID + `","type":"Microsoft.ContainerService/managedClusters"}`
	_, err := manifest.Load(write("aks.json", cluster))
	require.NoError(t, err)
	_, err = manifest.Load(write("mixed.yaml", cluster+"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"))
	require.NoError(t, err)

	empty := write("empty.json", "[\n]\n")
	c, err := manifest.Load(empty, write("none.json", `{"value":[]}`))
	require.NoError(t, err)
	assert.Equal(t, []string{
		"note empty-export " + empty + ":1:1: an empty list: nothing to read",
		"note empty-export " + filepath.Join(dir, "none.json") + ":1:10: an empty list: nothing to read",
	}, findingLines(c))

	other := write("other.json", `{"type":"kubernetes.io/tls","users":[]}`)
	_, err = manifest.Load(other)
	assert.Equal(t, []string{other + ":1:1: no Kubernetes object: it says no apiVersion and kind"}, errorLines(err))
	_, err = read(`{"type":"Opaque","apiVersion":"v1","kind":"Secret","metadata":{"name":"s"}}`)
	require.NoError(t, err)
	_, err = read(cluster + "\n" + `{"users":[]}`)
	assert.Equal(t, []string{`f:2:1: apiVersion and kind are missing, and the other documents here are objects (is the "---" before it meant?)`}, errorLines(err))
}
