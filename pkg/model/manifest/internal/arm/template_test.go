package arm

import (
	"cmp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

const (
	subscription = "/subscriptions/[subscription().subscriptionId]"
	group        = subscription + "/resourceGroups/[resourceGroup().name]"
)

// template is one with the members given, each `"name": value`.
func template(members ...string) string {
	schema := `"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"`
	if strings.Contains(members[0], "$schema") {
		return "{" + strings.Join(members, ",\n") + "}"
	}
	return "{" + schema + ",\n" + strings.Join(members, ",\n") + "}"
}

func resourcesOf(t *testing.T, text string, parameters ...string) ([]Resource, []Problem) {
	t.Helper()
	read, err := Read([]byte(text))
	require.NoError(t, err)
	var files []*Parameters
	for _, p := range parameters {
		file, err := ReadParameters([]byte(`{"parameters": ` + p + `}`))
		require.NoError(t, err)
		files = append(files, file)
	}
	return read.Resources(files...)
}

// sound is resourcesOf a template without problems.
func sound(t *testing.T, text string, parameters ...string) []Resource {
	t.Helper()
	resources, problems := resourcesOf(t, text, parameters...)
	require.Empty(t, problems)
	return resources
}

func ids(resources []Resource) []string {
	var out []string
	for _, r := range resources {
		out = append(out, r.ID.Text)
	}
	return out
}

func TestParameters(t *testing.T) {
	text := template(`"parameters": {
		"given": {"type": "string", "defaultValue": "d"}, "default": {"type": "int", "defaultValue": 3}, "derived": {"type": "string", "defaultValue": "[concat(parameters('given'), '!')]"},
		"missing": {"type": "string"}, "vault": {"type": "string"}, "secret": {"type": "secureString", "defaultValue": "hunter2"}, "secrets": {"type": "SecureObject"},
		"fresh": {"type": "string", "defaultValue": "[concat(newGuid(), parameters('stale'))]"}, "stale": {"type": "string", "defaultValue": "x"}, "none": {"type": "string", "nullable": true}, "list": {"type": "array", "defaultValue": []}}`,
		`"resources": [{"type": "Microsoft.X/y", "apiVersion": "2020-01-01", "name": "n", "properties": {
			"given": "[parameters('given')]", "default": "[parameters('default')]", "derived": "[parameters('derived')]", "missing": "[parameters('missing')]",
			"vault": "[parameters('vault')]", "secret": "[parameters('secret')]", "secrets": "[parameters('secrets').a]", "fresh": "[parameters('fresh')]", "stale": "[parameters('stale')]", "none": "[parameters('none')]",
			"list": "[parameters('list')]"}}]`)
	r := sound(t, text, `{"given": {"value": "g"}, "list": {"value": ["[x()]"]}}`,
		`{"given": {"value": "h"}, "vault": {"reference": {"keyVault": {"id": "/x"}, "secretName": "s"}}, "secret": {"value": "hunter3"}, "secrets": {"value": {"a": "hunter4"}}}`)
	require.Len(t, r, 1)
	p := r[0].Body.Get("properties")
	for name, want := range map[string]string{
		"given": "h", "default": "3", "derived": "h!", "missing": "[parameters('missing')]", "vault": "[parameters('vault')]",
		"secret": "[parameters('secret')]", "secrets": "[parameters('secrets').a]", "fresh": "[parameters('fresh')]", "stale": "x", "none": "",
	} {
		assert.Equal(t, want, p.Get(name).Text, name)
	}
	assert.Equal(t, tree.Expression, p.Get("missing").Kind)
	assert.Equal(t, tree.Null, p.Get("none").Kind)
	list := p.Get("list")
	require.Len(t, list.Items, 1)
	assert.Equal(t, "[x()]", list.Items[0].Text, "parameters files have no expressions")
	assert.Equal(t, [2]int{9, 12}, [2]int{list.Items[0].Line, list.Items[0].Col}, "the place where it is used")
}

func TestSecureTypes(t *testing.T) {
	r := sound(t, template(`"definitions": {"login": {"type": "object", "properties": {"user": {"type": "string"}, "keys": {"type": "array", "items": {"$ref": "#/definitions/key"}}}},
		"key": {"type": "securestring"}, "loop": {"type": "array", "items": {"$ref": "#/definitions/loop"}}, "plain": {"type": "object", "properties": {"p": {"type": "string"}}}}`,
		`"parameters": {"a": {"$ref": "#/definitions/login", "defaultValue": {"keys": ["hunter2"]}}, "b": {"$ref": "#/definitions/loop", "defaultValue": []}, "c": {"$ref": "#/definitions/plain", "defaultValue": {"p": "q"}}}`,
		`"resources": [{"type": "Microsoft.X/y", "name": "n", "properties": {"a": "[parameters('a').keys[0]]", "b": "[parameters('b')]", "c": "[parameters('c').p]"}}]`))
	for name, want := range map[string]string{"a": "[parameters('a').keys[0]]", "b": "[parameters('b')]", "c": "q"} {
		assert.Equal(t, want, r[0].Body.Get("properties", name).Text)
	}
}

// What Bicep makes of a module and of an identity in a loop.
func TestModules(t *testing.T) {
	const module = `"properties": {"expressionEvaluationOptions": {"scope": "inner"}, "mode": "Incremental", "parameters": {"name": {"value": "[format('mi-{0}', parameters('env'))]"}},
		"template": {"languageVersion": "2.0", "parameters": {"name": {"type": "string"}},
			"resources": {"mi": {"type": "Microsoft.ManagedIdentity/userAssignedIdentities", "apiVersion": "2023-01-31", "name": "[parameters('name')]"}},
			"outputs": {"principal": {"type": "string", "value": "[reference('mi').principalId]"}}}}`
	r := sound(t, template(`"languageVersion": "2.0"`, `"parameters": {"env": {"type": "string", "defaultValue": "dev"}}`, `"resources": {
		"ids": {"copy": {"name": "ids", "count": 2}, "type": "Microsoft.ManagedIdentity/userAssignedIdentities", "name": "[format('id{0}', copyIndex())]"},
		"module": {"type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "identity", "resourceGroup": "shared", `+module+`},
		"a1": {"type": "Microsoft.Authorization/roleAssignments", "name": "[guid('1')]", "properties": {"principalId": "[reference('module').outputs.principal.value]"}},
		"a2": {"type": "Microsoft.Authorization/roleAssignments", "name": "[guid('2')]", "properties": {"principalId": "[reference(extensionResourceId(format('/subscriptions/{0}/resourceGroups/{1}', subscription().subscriptionId, 'shared'), 'Microsoft.Resources/deployments', 'identity'), '2022-09-01').outputs.principal.value]"}},
		"a3": {"type": "Microsoft.Authorization/roleAssignments", "name": "[guid('3')]", "properties": {"principalId": "[reference(format('ids[{0}]', 1)).principalId]"}},
		"a4": {"type": "Microsoft.Authorization/roleAssignments", "name": "[guid('4')]", "properties": {"principalId": "[reference('ids[0]', '2023-01-31', 'Full').identity.principalId]"}}}`))
	require.Len(t, r, 8)
	assert.Equal(t, subscription+"/resourceGroups/shared/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mi-dev", r[3].ID.Text)
	principal := func(i int) string { return r[i].Body.Get("properties", "principalId").Text }
	assert.Equal(t, Reference(r[3].ID, "principalId"), principal(4))
	assert.Equal(t, Reference(r[3].ID, "principalId"), principal(5))
	assert.Equal(t, Reference(r[1].ID, "principalId"), principal(6))
	assert.Equal(t, FullReference(r[0].ID, "identity", "principalId"), principal(7))
}

func TestParameterProblems(t *testing.T) {
	text := template(`"parameters": {"n": {"type": "int"}, "a": {"type": "string", "allowedValues": ["x", "y"]}, "d": {"type": "bool", "defaultValue": "no"},
		"s": {"type": "string", "defaultValue": "[parameters('t')]"}, "t": {"type": "string", "defaultValue": "[parameters('s')]"}}`,
		`"resources": [{"type": "Microsoft.X/y", "name": "n", "properties": {"n": "[parameters('n')]", "a": "[parameters('a')]", "d": "[parameters('d')]", "s": "[parameters('s')]"}}]`)
	r, problems := resourcesOf(t, text, "{\n\"n\": {\"value\": \"hunter2\"}, \"a\": {\"value\": \"X\"}, \"z\": {\"value\": 1}}")
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.Text)
		assert.Equal(t, !strings.HasPrefix(p.Text, "the default") && !strings.Contains(p.Text, "itself"), p.In != nil, p.Text)
		assert.NotContains(t, p.Text, "hunter2")
		assert.Positive(t, p.Line)
	}
	assert.Equal(t, []string{
		`the default of parameter "d": want a value of the type bool`,
		`parameter "s" refers to itself`,
		`parameter "n": want a value of the type int`,
		`parameter "a" has a value that is not among its allowedValues`,
		`the template has no parameter "z"`,
	}, lines)
	for _, name := range []string{"n", "a", "d"} {
		assert.Equal(t, "[parameters('"+name+"')]", r[0].Body.Get("properties", name).Text)
	}
	for _, text := range []string{`{}`, `{"parameters": []}`, `{"parameters": {"x": 1}}`, `{`} {
		_, err := ReadParameters([]byte(text))
		assert.Error(t, err, text)
	}
	_, err := Read([]byte("[]"))
	assert.ErrorContains(t, err, "want a template")
}

func TestVariablesAndCopies(t *testing.T) {
	r := sound(t, template(`"parameters": {"n": {"type": "int"}}`,
		`"variables": {"a": "[concat(variables('b'), '1')]", "b": "x", "o": {"copy": [{"name": "in", "count": 2, "input": {"i": "[copyIndex('in', 5)]"}}], "k": "[[lit]"},
		"copy": [{"name": "names", "count": 3, "input": "[concat('n', copyIndex('names'))]"}, {"name": "open", "count": "[parameters('n')]", "input": "[copyIndex('open')]"}]}`,
		`"resources": [{"type": "Microsoft.X/y", "name": "[variables('names')[1]]", "properties": {"a": "[variables('a')]", "o": "[variables('o')]", "open": "[variables('open')]",
			"copy": [{"name": "disks", "count": "[length(variables('names'))]", "input": {"lun": "[copyIndex('disks')]", "[concat('k', 1)]": true}}]}}]`))
	require.Len(t, r, 1)
	assert.Equal(t, "n1", r[0].Name.Text)
	p := r[0].Body.Get("properties")
	assert.Equal(t, "x1", p.Get("a").Text)
	assert.Equal(t, "[lit]", p.Get("o", "k").Text)
	assert.Equal(t, "6", p.Get("o", "in").Items[1].Get("i").Text)
	assert.Equal(t, "[copy('open', parameters('n'), copyIndex('open'))]", p.Get("open").Text)
	require.Len(t, p.Get("disks").Items, 3)
	assert.Equal(t, "2", p.Get("disks").Items[2].Get("lun").Text)
	assert.True(t, p.Get("disks").Items[0].Has("k1"))
}

func TestResourceCopies(t *testing.T) {
	text := template(`"parameters": {"n": {"type": "int"}}`, `"resources": [
		{"type": "Microsoft.X/y", "name": "[format('r{0}', copyIndex(1))]", "copy": {"name": "loop", "count": "[parameters('n')]"},
		 "properties": {"i": "[copyIndex('loop')]", "copy": [{"name": "l", "count": 2, "input": "[add(mul(copyIndex(), 10), copyIndex('l'))]"}]},
		 "resources": [{"type": "z", "name": "[concat('c', copyIndex())]"}]}]`)
	r := sound(t, text, `{"n": {"value": 2}}`)
	assert.Equal(t, []string{
		group + "/providers/Microsoft.X/y/r1", group + "/providers/Microsoft.X/y/r1/z/c0",
		group + "/providers/Microsoft.X/y/r2", group + "/providers/Microsoft.X/y/r2/z/c1",
	}, ids(r))
	assert.Equal(t, "Microsoft.X/y/z", r[3].Type)
	assert.Equal(t, "r2/c1", r[3].Name.Text)
	assert.Equal(t, "11", r[2].Body.Get("properties", "l").Items[1].Text)

	r = sound(t, text)
	require.Len(t, r, 2)
	assert.Equal(t, tree.Expression, r[0].Name.Kind)
	assert.Equal(t, "r[add(copyIndex('loop'), 1)]", r[0].Name.Text)
	assert.Equal(t, "[greater(parameters('n'), 0)]", r[0].Conditional.Text)
	assert.Equal(t, tree.Expression, r[1].ID.Kind)

	assert.Empty(t, sound(t, text, `{"n": {"value": 0}}`))
	_, problems := resourcesOf(t, text, `{"n": {"value": -1}}`)
	require.Len(t, problems, 1)
	assert.Contains(t, problems[0].Text, "want a number of copies")
}

func TestConditions(t *testing.T) {
	r := sound(t, template(`"parameters": {"c": {"type": "bool"}}`, `"resources": [
		{"type": "Microsoft.X/y", "name": "no", "condition": false, "resources": [{"type": "z", "name": "child"}]},
		{"type": "Microsoft.X/y", "name": "yes", "condition": "[not(false())]"},
		{"type": "Microsoft.X/y", "name": "open", "condition": "[parameters('c')]", "resources": [{"type": "z", "name": "child"}]},
		{"type": "Microsoft.Resources/deployments", "name": "d", "condition": "[parameters('c')]", "properties": {"template": {"resources": [
			{"type": "Microsoft.X/y", "name": "in"}, {"type": "Microsoft.X/y", "name": "both", "condition": "[equals(parameters('c'), 1)]"}]}}}]`))
	var lines []string
	for _, one := range r {
		lines = append(lines, one.Name.Text+" "+one.Conditional.Text)
	}
	assert.Equal(t, []string{
		"no/child ", "yes ", "open [parameters('c')]", "open/child ", "d [parameters('c')]", "in [parameters('c')]",
		"both [and(parameters('c'), equals(parameters('c'), 1))]",
	}, lines)
	r = sound(t, template(`"parameters": {"c": {"type": "bool"}}`, `"resources": [
		{"type": "Microsoft.X/y", "name": "open", "condition": "[parameters('c')]", "properties": {"k": 1}}, {"type": "Microsoft.X/y", "name": "n", "tags": {"k": "[reference('open').k]"}}]`))
	assert.Equal(t, Reference(r[0].ID, "k"), r[1].Body.Get("tags", "k").Text, "what is there if this is not deployed may be different")

	_, problems := resourcesOf(t, template(`"resources": [{"type": "Microsoft.X/y", "name": "n", "condition": 3}]`))
	require.Len(t, problems, 1)
	assert.Contains(t, problems[0].Text, "want a condition")
}

func TestTypesAndScopes(t *testing.T) {
	r := sound(t, template(`"parameters": {"s": {"type": "string"}}`, `"resources": [
		{"type": "Microsoft.KeyVault/vaults", "apiVersion": "2022-07-01", "name": "kv", "location": "[resourceGroup().location]", "resources": [
			{"type": "/providers/roleAssignments", "name": "Microsoft.Authorization/a1"},
			{"type": "providers/diagnosticSettings", "name": "[concat('Microsoft.Insights/', parameters('s'))]"},
			{"type": "Microsoft.KeyVault/vaults/secrets", "name": "kv/s2"}, {"type": "secrets", "name": "s1"}]},
		{"type": "Microsoft.KeyVault/vaults/secrets", "name": "[concat('kv', '/', parameters('s'))]"},
		{"type": "Microsoft.KeyVault/vaults/providers/roleAssignments", "name": "kv/Microsoft.Authorization/a2"},
		{"type": "Microsoft.Authorization/roleAssignments", "name": "a3"},
		{"type": "Microsoft.Authorization/roleAssignments", "name": "a4", "scope": "[resourceId('Microsoft.KeyVault/vaults', 'kv')]"},
		{"type": "Microsoft.Authorization/roleAssignments", "name": "a5", "scope": "Microsoft.KeyVault/vaults/kv"},
		{"type": "microsoft.insights/diagnosticSettings", "name": "a6", "scope": "[parameters('s')]"},
		{"type": "Microsoft.Authorization/locks", "name": "a7", "scope": "[subscriptionResourceId('Microsoft.Resources/resourceGroups', resourceGroup().name)]"},
		{"type": "Microsoft.KeyVault/vaults", "name": "other", "existing": true, "subscriptionId": "s", "resourceGroup": "g"},
		{"type": "Microsoft.KeyVault/vaults/secrets", "name": "[parameters('s')]"}]`))
	type row struct{ kind, name, id, scope string }
	var rows []row
	for _, one := range r {
		rows = append(rows, row{one.Type, one.Name.Text, strings.ReplaceAll(one.ID.Text, group, "~"), strings.ReplaceAll(one.Scope.Text, group, "~")})
	}
	const kv = "~/providers/Microsoft.KeyVault/vaults/kv"
	const auth = "/providers/Microsoft.Authorization/roleAssignments/"
	assert.Equal(t, []row{
		{"Microsoft.KeyVault/vaults", "kv", kv, ""},
		{"Microsoft.Authorization/roleAssignments", "a1", kv + auth + "a1", kv},
		{"Microsoft.Insights/diagnosticSettings", "[parameters('s')]", kv + "/providers/Microsoft.Insights/diagnosticSettings/[parameters('s')]", kv},
		{"Microsoft.KeyVault/vaults/secrets", "kv/s2", kv + "/secrets/s2", ""},
		{"Microsoft.KeyVault/vaults/secrets", "kv/s1", kv + "/secrets/s1", ""},
		{"Microsoft.KeyVault/vaults/secrets", "kv/[parameters('s')]", kv + "/secrets/[parameters('s')]", ""},
		{"Microsoft.Authorization/roleAssignments", "a2", kv + auth + "a2", kv},
		{"Microsoft.Authorization/roleAssignments", "a3", "~" + auth + "a3", "~"},
		{"Microsoft.Authorization/roleAssignments", "a4", kv + auth + "a4", kv},
		{"Microsoft.Authorization/roleAssignments", "a5", kv + auth + "a5", kv},
		{"microsoft.insights/diagnosticSettings", "a6", "[parameters('s')]/providers/microsoft.insights/diagnosticSettings/a6", "[parameters('s')]"},
		{"Microsoft.Authorization/locks", "a7", "~/providers/Microsoft.Authorization/locks/a7", "~"},
		{"Microsoft.KeyVault/vaults", "other", "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/other", ""},
		{"Microsoft.KeyVault/vaults/secrets", "[parameters('s')]", "[resourceId(resourceGroup().id, 'Microsoft.KeyVault/vaults/secrets', parameters('s'))]", ""},
	}, rows)
	assert.Equal(t, tree.String, r[0].ID.Kind)
	assert.Equal(t, tree.String, r[1].Scope.Kind)
	for _, one := range r {
		assert.Positive(t, one.ID.Line)
		assert.Positive(t, one.Name.Line)
	}
	assert.Equal(t, tree.Expression, r[5].ID.Kind)
	assert.Equal(t, tree.Expression, r[0].Location.Kind)
	assert.Equal(t, tree.Absent, r[5].Location.Kind)
	assert.Equal(t, "2022-07-01", r[0].APIVersion)
	assert.True(t, r[12].Existing)
	assert.False(t, r[0].Body.Has("resources"), "children are resources of their own")
	assert.Equal(t, [2]int{4, 3}, [2]int{r[0].Line, r[0].Col})
}

func TestLevels(t *testing.T) {
	schema := func(kind string) string {
		return `"$schema": "https://schema.management.azure.com/schemas/2019-08-01/` + kind + `.json#"`
	}
	const resources = `"resources": [{"type": "Microsoft.Authorization/policyAssignments", "name": "p", "properties": {"id": "[resourceId('Microsoft.X/y', 'z')]"}}`
	for kind, want := range map[string][2]string{
		"subscriptionDeploymentTemplate":    {subscription, subscription + "/providers/Microsoft.X/y/z"},
		"managementGroupDeploymentTemplate": {"/providers/Microsoft.Management/managementGroups/[managementGroup().name]", "/providers/Microsoft.X/y/z"},
		"tenantDeploymentTemplate":          {"", "/providers/Microsoft.X/y/z"},
	} {
		r := sound(t, template(schema(kind), resources+"]"))
		assert.Equal(t, want[0]+"/providers/Microsoft.Authorization/policyAssignments/p", r[0].ID.Text)
		assert.Equal(t, tree.String, r[0].ID.Kind)
		assert.Equal(t, cmp.Or(want[0], "/"), r[0].Scope.Text)
		assert.Equal(t, want[1], r[0].Body.Get("properties", "id").Text)
	}
	r := sound(t, template(schema("subscriptionDeploymentTemplate"), resources+`,
		{"type": "Microsoft.Resources/resourceGroups", "name": "rg"},
		{"type": "Microsoft.Resources/deployments", "name": "d", "resourceGroup": "rg", "properties": {"expressionEvaluationOptions": {"scope": "inner"}, "template": {
			`+schema("deploymentTemplate")+`, "resources": [{"type": "Microsoft.X/y", "name": "n", "location": "[resourceGroup().location]", "properties": {"id": "[resourceGroup().id]"}}]}}}]`))
	require.Len(t, r, 4)
	assert.Equal(t, subscription+"/resourceGroups/rg", r[1].ID.Text)
	assert.Equal(t, subscription+"/resourceGroups/rg/providers/Microsoft.X/y/n", r[3].ID.Text)
	assert.Equal(t, subscription+"/resourceGroups/rg", r[3].Body.Get("properties", "id").Text)
	assert.Equal(t, "[resourceGroup('rg').location]", r[3].Location.Text)
}

func TestNestedDeployments(t *testing.T) {
	const inner = `{"parameters": {"p": {"type": "string"}, "q": {"type": "string", "defaultValue": "[concat(parameters('p'), '?')]"}, "s": {"type": "securestring"}}, "variables": {"v": "inner"},
		"resources": [{"type": "Microsoft.X/y", "name": "[variables('v')]", "properties": {"p": "[parameters('p')]", "q": "[parameters('q')]", "s": "[parameters('s')]", "d": "[deployment().name]"}}],
		"outputs": {"out": {"type": "string", "value": "[concat('o-', parameters('p'))]"}, "secret": {"type": "securestring", "value": "hunter2"}}}`
	r := sound(t, template(`"parameters": {"u": {"type": "string"}}`, `"variables": {"v": "outer"}`, `"resources": {
		"mod": {"type": "Microsoft.Resources/deployments", "name": "d1", "properties": {"expressionEvaluationOptions": {"scope": "Inner"}, "template": `+inner+`,
			"parameters": {"p": {"value": "[concat(variables('v'), reference('vault').tier)]"}, "s": {"reference": {"keyVault": {"id": "x"}, "secretName": "y"}}}}},
		"vault": {"type": "Microsoft.KeyVault/vaults", "name": "kv", "properties": {"tier": "T", "o": {"k": 1}, "open": "[parameters('u')]"}},
		"user": {"type": "Microsoft.X/y", "name": "user", "properties": {"out": "[reference('mod').outputs.out.value]", "byId": "[reference(resourceId('Microsoft.Resources/deployments', 'd1'), '2020-01-01').outputs.OUT.value]",
			"secret": "[reference('mod').outputs.secret.value]", "k": "[reference('vault').o.k]", "whole": "[reference('vault').o]", "other": "[reference('vault').o.z]", "open": "[reference('kv').open]", "uri": "[reference(resourceId('Microsoft.KeyVault/vaults', 'kv')).vaultUri]",
			"full": "[reference('vault', '2020-01-01', 'full').properties.tier]", "info": "[resourceInfo('vault').id]"}},
		"outer": {"type": "Microsoft.Resources/deployments", "name": "d2", "resourceGroup": "rg2", "subscriptionId": "s2", "properties": {"template": {"resources": [{"type": "Microsoft.X/y", "name": "[variables('v')]", "properties": {"g": "[resourceGroup().name]"}}]}}},
		"linked": {"type": "Microsoft.Resources/deployments", "name": "d3", "properties": {"templateLink": {"uri": "https://example.com/[x].json"}}}}`))
	require.Len(t, r, 7)
	p := r[1].Body.Get("properties")
	assert.Equal(t, "inner", r[1].Name.Text)
	assert.Equal(t, "outerT", p.Get("p").Text)
	assert.Equal(t, "outerT?", p.Get("q").Text)
	assert.Equal(t, "[deployment('d1').parameters('s')]", p.Get("s").Text)
	assert.Equal(t, "d1", p.Get("d").Text)
	assert.False(t, r[0].Body.Get("properties").Has("template"))
	p = r[3].Body.Get("properties")
	const kv, mod = "reference('" + group + "/providers/Microsoft.KeyVault/vaults/kv'", "reference('" + group + "/providers/Microsoft.Resources/deployments/d1'"
	for name, want := range map[string]string{
		"out": "o-outerT", "byId": "o-outerT", "secret": "[" + mod + ").outputs.secret.value]", "k": "1", "whole": "[" + kv + ").o]", "other": "[" + kv + ").o.z]",
		"open": "[parameters('u')]", "uri": "[" + kv + ").vaultUri]", "full": "T", "info": group + "/providers/Microsoft.KeyVault/vaults/kv",
	} {
		assert.Equal(t, want, p.Get(name).Text, name)
	}
	assert.Equal(t, Reference(r[2].ID, "vaultUri"), p.Get("uri").Text)
	assert.Equal(t, "/subscriptions/s2/resourceGroups/rg2/providers/Microsoft.X/y/outer", r[5].ID.Text)
	assert.Equal(t, "[resourceGroup().name]", r[5].Body.Get("properties", "g").Text, "outer expressions mean the outer group")
	assert.Equal(t, "[templateLink('https://example.com/[[x].json')]", r[6].Linked.Text)
	assert.Equal(t, tree.Absent, r[4].Linked.Kind)
}

func TestUserFunctions(t *testing.T) {
	const functions = `"functions": [{"namespace": "ns", "members": {
		"name": {"parameters": [{"name": "a", "type": "string"}], "output": {"type": "string", "value": "[toLower(concat(parameters('a'), '-x'))]"}},
		"loop": {"parameters": [], "output": {"type": "string", "value": "[ns.loop()]"}}, "bad": {"output": {"value": "[parameters('none')]"}}}}]`
	r := sound(t, template(functions, `"resources": [{"type": "Microsoft.X/y", "name": "[NS.Name('AB')]"}]`))
	assert.Equal(t, "ab-x", r[0].Name.Text)
	for expression, want := range map[string]string{
		"ns.loop()": "calls itself without end", "ns.name()": "has 0 arguments, want 1", "ns.none()": "there is no function ns.none()", "ns.bad()": "the function has no parameter",
	} {
		_, problems := resourcesOf(t, template(functions, `"resources": [{"type": "Microsoft.X/y", "name": "n", "tags": {"t": "[`+expression+`]"}}]`))
		require.NotEmpty(t, problems, expression)
		assert.Contains(t, problems[0].Text, want)
	}
}

func TestProblems(t *testing.T) {
	for text, want := range map[string]string{
		`"resources": [{"type": "Microsoft.X/y", "name": "n",` + "\n\"a\": \"[concat('x']\"}]":                                                                                                          "3:6 at character 11 of the expression: want a comma or )",
		`"resources": [{"type": "Microsoft.X/y", "name": "n", "a":` + "\n" + `"[if(true(), 1, nosuch())]"}]`:                                                                                            "3:1 there is no function nosuch()",
		`"variables": {"unused":` + "\n" + `"[nosuch()]"}, "resources": []`:                                                                                                                             "3:1 there is no function nosuch()",
		`"outputs": {"o": {"value":` + "\n" + `"[concat()]"}}, "resources": []`:                                                                                                                         "3:1 concat() has 0 arguments, want at least 1",
		`"resources": [{"type": "Microsoft.X/y", "name": "n", "tags": {` + "\n" + `"[concat(]": 1}}]`:                                                                                                   "3:1 at character 8",
		`"resources": [{"type": "Microsoft.X/y", "name":` + "\n" + `"[variables('x')]"}]`:                                                                                                               `3:1 no variable "x" is declared`,
		`"variables": {"a":` + "\n" + `"[variables('a')]"}, "resources": [{"type": "Microsoft.X/y", "name": "[variables('a')]"}]`:                                                                       `3:1 variable "a" refers to itself`,
		`"variables": {"a":` + "\n" + `"[add('x', 1)]"}, "parameters": {"p": {"type": "bool"}}, "resources": [{"type": "Microsoft.X/y", "name": "n", "a": "[if(parameters('p'), variables('a'), 2)]"}]`: "3:1 add(): want an integer, not a string",
		`"resources": [{` + "\n" + `"a": 1, "a": 2, "type": "Microsoft.X/y", "name": "n"}]`:                                                                                                             `3:9 "a" is written twice in one object`,
		`"resources":` + "\n" + `[{"type": "Microsoft.X/y"}]`:                                                                                                                                           "3:2 want a resource with type and name",
		`"resources":` + "\n" + `["x"]`:                                       "3:2 want a resource: an object",
		`"resources":` + "\n" + `"x"`:                                         "3:1 want resources: a list",
		`"resources": [` + "\n" + `{"type": "Microsoft.X/y/z", "name": "n"}]`: `3:1 the type "Microsoft.X/y/z" wants 2 names, found 1`,
		`"resources": [` + "\n" + `{"type": "Microsoft.Resources/deployments", "name": "d", "properties": {"expressionEvaluationOptions": {"scope": "inner"}, "template": {"parameters": {"p": {"type": "int"}}, "resources": []}}}]`: `3:1 the nested template wants a parameter "p"`,
		`"resources": [{"type": "Microsoft.Resources/deployments", "name": "d", "properties": {"expressionEvaluationOptions": {"scope": "inner"}, "template": {"resources": []}, "parameters": {` + "\n" + `"p": {"value": 1}}}}]`:    `3:1 the nested template has no parameter "p"`,
	} {
		_, problems := resourcesOf(t, template(text))
		if assert.NotEmpty(t, problems, text) {
			p := problems[0]
			assert.Contains(t, strings.Join([]string{itoa(p.Line), ":", itoa(p.Col), " ", p.Error()}, ""), want, text)
		}
	}
}

func itoa(n int) string { return integer(int64(n)).Text }

// What costs without end is cut short, and says so.
func TestTooMuchWork(t *testing.T) {
	var b strings.Builder
	b.WriteString(`"variables": {"v0": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"`)
	for i := range 60 {
		b.WriteString(`, "v` + itoa(i+1) + `": "[concat(variables('v` + itoa(i) + `'), variables('v` + itoa(i) + `'))]"`)
	}
	b.WriteString("}")
	_, problems := resourcesOf(t, template(b.String(), `"resources": [{"type": "Microsoft.X/y", "name": "[variables('v60')]"}]`))
	require.NotEmpty(t, problems)
	assert.Contains(t, problems[0].Text, "the string gets too long")

	const loop = `"copy": {"name": "l", "count": 800}`
	const deployment = `{"type": "Microsoft.Resources/deployments", "name": "d", ` + loop + `, "properties": {"template": {"resources": [{"type": "Microsoft.X/y", "name": "n", ` + loop + `}]}}}`
	_, problems = resourcesOf(t, template(`"resources": [`+deployment+`]`))
	require.NotEmpty(t, problems)
	assert.Contains(t, problems[0].Text, "too much work")
}
