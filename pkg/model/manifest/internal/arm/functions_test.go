package arm

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// testEnv is that of a template with the parameters u and w, of which nothing is
// known, and some that are.
func testEnv(t *testing.T) env {
	t.Helper()
	root, _, err := readJSON([]byte(`{
		"parameters": {
			"u": {"type": "string"}, "w": {"type": "string"},
			"o": {"type": "object", "defaultValue": {"one": 1, "two": {"three": [3, "x"]}, "open": "[parameters('u')]"}}
		},
		"variables": {"a": ["x", "[parameters('u')]", "z"]}
	}`))
	require.NoError(t, err)
	return env{scope: newScope(newEvaluator(), root, newTarget(""))}
}

func evaluate(v env, expression string) (tree.Node, error) {
	x, err := parseExpr(expression)
	if err != nil {
		return tree.Node{}, err
	}
	return v.eval(x)
}

func TestFunctions(t *testing.T) {
	for expression, want := range map[string]string{
		// Logic.
		"and(true(), false())": "false()", "and(true(), true())": "true()", "or(false(), true())": "true()", "not(false())": "true()",
		"if(true(), 1, first(1))": "1", "if(false(), first(1), 2)": "2", "and(false(), first(1))": "false()", "or(true(), first(1))": "true()",
		"coalesce(null(), 'x', first(1))": "'x'", "coalesce(null(), null())": "null()",
		"bool('True')": "true()", "bool(0)": "false()", "bool('1')": "true()",
		"equals('a', 'A')": "false()", "equals(1, 1)": "true()", "equals('1', 1)": "false()", "equals(null(), null())": "true()",
		"equals(createArray(1, 'x'), createArray(1, 'x'))":                   "true()",
		"equals(createObject('a', 1, 'b', 2), createObject('b', 2, 'a', 1))": "true()",
		"less(1, 2)": "true()", "lessOrEquals(2, 2)": "true()", "greater(1, 2)": "false()", "greaterOrEquals(2, 2)": "true()",
		// Numbers.
		"add(2, 3)": "5", "sub(2, 3)": "-1", "mul(-2, 3)": "-6", "div(-7, 2)": "-3", "mod(-7, 2)": "-1",
		"int('42')": "42", "min(3, 1, 2)": "1", "max(createArray(3, 1))": "3", "range(2, 3)": "createArray(2, 3, 4)", "range(1, 0)": "createArray()",
		// Lists and objects.
		"array('a')": "createArray('a')", "array(createArray(1))": "createArray(1)",
		"createObject('k', 1, 'K', 2)": "createObject('k', 2)",
		"concat('a', 'b', 1)":          "'ab1'", "concat(createArray(1), createArray(2, 3))": "createArray(1, 2, 3)", "concat('x')": "'x'",
		"contains('OneTwo', 'e')": "true()", "contains('OneTwo', 'E')": "false()", "contains(createArray('a'), 'A')": "false()",
		"contains(createObject('Key', 1), 'kEY')": "true()",
		"empty('')": "true()", "empty(createArray())": "true()", "empty(createObject())": "true()", "empty(null())": "true()", "empty('x')": "false()",
		"length('abc')": "3", "length(createObject('a', 1))": "1",
		"first('abc')": "'a'", "last('abc')": "'c'", "first(createArray(1, 2))": "1", "last(createArray(1, 2))": "2", "first('')": "''",
		"take('abc', 2)": "'ab'", "take(createArray(1, 2), 9)": "createArray(1, 2)", "take('abc', -1)": "''",
		"skip('abc', 2)": "'c'", "skip(createArray(1, 2), 9)": "createArray()", "skip('abc', -1)": "'abc'",
		"indexOf('test', 'T')": "0", "lastIndexOf('test', 't')": "3", "indexOf('abcdef', 'z')": "-1", "indexOf(createArray('a', 'b', 'b'), 'b')": "1", "lastIndexOf(createArray('a', 'b', 'b'), 'b')": "2",
		"union(createArray(1, 2), createArray(2, 3))":                                                             "createArray(1, 2, 3)",
		"union(createObject('a', 1, 'o', createObject('x', 1)), createObject('a', 2, 'o', createObject('y', 2)))": "createObject('a', 2, 'o', createObject('x', 1, 'y', 2))",
		"intersection(createArray(1, 2), createArray(2, 3))":                                                      "createArray(2)",
		"intersection(createObject('a', 1, 'b', 2), createObject('a', 1, 'b', 3))":                                "createObject('a', 1)",
		"flatten(createArray(createArray(1), createArray(2, createArray(3))))":                                    "createArray(1, 2, createArray(3))",
		"items(createObject('b', 1, 'a', 2))":                                                                     "createArray(createObject('key', 'a', 'value', 2), createObject('key', 'b', 'value', 1))",
		"objectKeys(createObject('b', 1, 'a', 2))":                                                                "createArray('a', 'b')",
		"tryGet(createObject('a', createArray(7)), 'a', 0)":                                                       "7",
		"tryGet(createObject('a', 1), 'b', 'c')":                                                                  "null()",
		"indexFromEnd(createArray(1, 2, 3), 1)":                                                                   "3",
		"tryIndexFromEnd(createArray(1), 2)":                                                                      "null()",
		"sys.concat('a', 'b')":                                                                                    "'ab'",
		"shallowMerge(createArray(createObject('a', 1), createObject('a', 2, 'b', 3)))":                           "createObject('a', 2, 'b', 3)",
		// Strings.
		"string(createObject('a', createArray(1, 'x<', null(), true())))": `'{"a":createArray'`,
		"json('{\"a\": [1, null]}').a[0]":                                 "1", "json('null')": "null()",
		"format('{0}, {{{1}}} {2:D3} {3}', 'Hi', true(), 7, 5)": "'Hi, {True} 007 5'",
		"split('a,b,c', ',')": "createArray('a', 'b', 'c')", "split('a;b,c', createArray(',', ';'))": "createArray('a', 'b', 'c')",
		"join(createArray('a', 'b'), '-')": "'a-b'", "replace('123-12', '-', '')": "'12312'",
		"substring('one two', 4, 3)": "'two'", "substring('one', 1)": "'ne'",
		"startsWith('abcdef', 'AB')": "true()", "endsWith('abcdef', 'EF')": "true()", "endsWith('abcdef', 'e')": "false()",
		"toLower('One')": "'one'", "toUpper('One')": "'ONE'", "trim('  a ')": "'a'", "padLeft('123', 10, '0')": "'0000000123'", "padLeft(5, 3)": "'  5'",
		"base64('one, two, three')": "'b25lLCB0d28sIHRocmVl'", "base64ToString('b25l')": "'one'", "base64ToJson(base64('{\"one\": \"a\"}')).one": "'a'",
		"dataUri('Hello')": "'data:text/plain;charset=utf8;base64,SGVsbG8='", "dataUriToString('data:;base64,SGVsbG8sIFdvcmxkIQ==')": "'Hello, World!'",
		"uri('http://contoso.org/firstpath/', 'nested/a.json')": "'http://contoso.org/firstpath/nested/a.json'",
		"uriComponent('http://a b/c~')":                         "'http%3A%2F%2Fa%20b%2Fc~'", "uriComponentToString('http%3A%2F%2Fa%20b')": "'http://a b'",
		// Addresses.
		"cidrSubnet('10.144.0.0/20', 24, 3)": "'10.144.3.0/24'", "cidrHost('10.144.3.0/24', 1)": "'10.144.3.2'", "parseCidr('10.144.0.0/20').broadcast": "'10.144.15.255'", "parseCidr('10.144.0.0/20').netmask": "'255.255.240.0'",
		// Lambdas.
		"map(range(0, 3), lambda('i', mul(lambdaVariables('i'), 2)))":                                                   "createArray(0, 2, 4)",
		"map(createArray('a'), lambda('x', 'i', format('{0}{1}', lambdaVariables('x'), lambdaVariables('i'))))":         "createArray('a0')",
		"filter(range(0, 4), lambda('i', greater(lambdaVariables('i'), 1)))":                                            "createArray(2, 3)",
		"reduce(range(1, 4), 0, lambda('a', 'b', add(lambdaVariables('a'), lambdaVariables('b'))))":                     "10",
		"sort(createArray(3, 1, 2), lambda('a', 'b', less(lambdaVariables('a'), lambdaVariables('b'))))":                "createArray(1, 2, 3)",
		"toObject(createArray('a', 'b'), lambda('x', lambdaVariables('x')), lambda('x', 1))":                            "createObject('a', 1, 'b', 1)",
		"toObject(createArray('a'), lambda('x', lambdaVariables('x')))":                                                 "createObject('a', 'a')",
		"mapValues(createObject('a', 1), lambda('x', add(lambdaVariables('x'), 1)))":                                    "createObject('a', 2)",
		"map(range(0, 2), lambda('i', map(range(0, 2), lambda('j', add(lambdaVariables('i'), lambdaVariables('j'))))))": "createArray(createArray(0, 1), createArray(1, 2))",
		// Names.
		"parameters('O').Two.three[1]": "'x'", "variables('a')[0]": "'x'", "PARAMETERS('o')['one']": "1",
		"resourceGroup().type": "'Microsoft.Resources/resourceGroups'",
	} {
		n, err := evaluate(testEnv(t), expression)
		if !assert.NoError(t, err, expression) {
			continue
		}
		if expression == "string(createObject('a', createArray(1, 'x<', null(), true())))" {
			assert.Equal(t, `{"a":[1,"x<",null,true]}`, n.Text)
			continue
		}
		assert.Equal(t, want, source(n), expression)
	}
}

func TestFunctionErrors(t *testing.T) {
	for expression, want := range map[string]string{
		"if(true(), fail('no'), 1)": "the template fails", "indexFromEnd(createArray(1), 0)": "want a list with an element 0",
		"nosuch()": "there is no function nosuch()", "ns.nosuch()": "there is no function ns.nosuch()",
		"parameters()": "parameters() has 0 arguments, want 1", "if(true())": "want 3", "add(1)": "want 2", "concat()": "want at least 1", "substring('a')": "want 2 to 3",
		"parameters('none')": `no parameter "none" is declared`, "variables('none')": `no variable "none" is declared`,
		"parameters('o').none": `the object has no property "none"`, "variables('a')[3]": "index 3 of a list with 3 elements", "createArray()[-1]": "index -1",
		"'x'.y": `a string has no property "y"`, "null().y": "null has no property", "concat('a', parameters('u')).y": "a string has no property",
		"concat('a', createArray())": "not both", "concat('a', null())": "not null", "if('x', 1, 2)": "wants a condition", "and(1)": "wants booleans",
		"add('a', 1)": "want an integer, not a string", "div(1, 0)": "no result", "mod(1, 0)": "no result", "mul(9223372036854775807, 2)": "no result", "add(9223372036854775807, 1)": "no result",
		"sub(-9223372036854775807, 2)": "no result", "int('x')": "want an integer", "bool('yes')": "want true, false",
		"substring('abc', 2, 5)": "index 2 and length 5", "json('{')": "not valid JSON", "format('{1}', 'a')": "no argument {1}", "format('{')": "want a format",
		"createObject('a')": "in pairs", "first(1)": "not a number", "toLower(1)": "want a string, not a number", "range(0, 10001)": "want a count", "not(1)": "want a boolean",
		"base64ToString('*')": "base64", "cidrSubnet('10.0.0.0/24', 16, 0)": "no such subnet", "cidrHost('10.0.0.0/24', 254)": "no such address", "parseCidr('x')": "want a network",
		"resourceId('a', 'b')": "wants a type", "resourceId('Microsoft.X/y')": "want at least 2", "resourceId('Microsoft.X/y', 'a', 'b')": "wants 1 names, found 2", "resourceId('s', 'g', 'h', 'Microsoft.X/y', 'a')": "the type before the names", "resourceId(1, 'x')": "wants strings",
		"newGuid()": "only in the default of a parameter", "copyIndex()": "outside of a copy loop", "copyIndex('x')": `no copy loop around here is called "x"`, "lambdaVariables('x')": "no lambda has the variable",
		"map(range(0, 1), 1)": "want lambda(", "map(1, lambda('x', 1))": "not a number", "map(range(0, 1), lambda('x', lambdaVariables('y')))": `the variable "y"`, "filter(range(0, 1), lambda('x', 1))": "wants a boolean", "map(range(0, 1), lambda(1))": "want 1 to 2",
		"managementGroup()": "in a deployment to a resource group", "union(1, 2)": "want lists or objects", "contains(1, 2)": "cannot contain", "replace('a', '', 'b')": "not empty", "parameters(1)": "wants a name",
		"reduce(range(0, 60), 'a', lambda('x', 'y', createArray(lambdaVariables('x'), lambdaVariables('x'))))": "too much work",
	} {
		_, err := evaluate(testEnv(t), expression)
		assert.ErrorContains(t, err, want, expression)
	}
}

// What is not known leaves as much as is known, and says what it hangs on.
func TestUnknown(t *testing.T) {
	const group = "/subscriptions/[subscription().subscriptionId]/resourceGroups/[resourceGroup().name]"
	for expression, want := range map[string]string{
		"parameters('u')":                                                                "[parameters('u')]",
		"parameters('o').open":                                                           "[parameters('u')]",
		"concat('a-', parameters('U'))":                                                  "a-[parameters('u')]",
		"format('{0}-{1}', 'a', variables('a')[1])":                                      "a-[parameters('u')]",
		"format('{0}', parameters('u'))":                                                 "[format('{0}', parameters('u'))]",
		"concat('[', parameters('u'), ']')":                                              "[[[parameters('u')]]",
		"toLower(concat('it''s ', parameters('u')))":                                     "[toLower('it''s [parameters('u')]')]",
		"parameters('u').x[0]['a b']":                                                    "[parameters('u').x[0]['a b']]",
		"parameters('o')[parameters('u')]":                                               "[createObject('one', 1, 'two', createObject('three', createArray(3, 'x')), 'open', parameters('u'))[parameters('u')]]",
		"if(equals(parameters('u'), 'x'), 1, 1)":                                         "1",
		"if(equals(parameters('u'), 'x'), 1, 2)":                                         "[if(equals(parameters('u'), 'x'), 1, 2)]",
		"if(equals(parameters('u'), 'x'), 1, first(2))":                                  "[if(equals(parameters('u'), 'x'), 1, first(2))]",
		"and(equals(parameters('u'), 'x'), false())":                                     "false",
		"and(true(), equals(parameters('u'), 'x'))":                                      "[equals(parameters('u'), 'x')]",
		"or(equals(parameters('u'), 'x'), true())":                                       "true",
		"or(equals(parameters('u'), 'x'), equals(1, 2))":                                 "[equals(parameters('u'), 'x')]",
		"and(bool(parameters('u')), bool(parameters('w')))":                              "[and(bool(parameters('u')), bool(parameters('w')))]",
		"not(equals(parameters('u'), parameters('u')))":                                  "false",
		"equals(parameters('u'), parameters('w'))":                                       "[equals(parameters('u'), parameters('w'))]",
		"equals(createArray(1, parameters('u')), createArray(2, parameters('w')))":       "false",
		"coalesce(null(), parameters('u'), 'x')":                                         "[coalesce(parameters('u'), 'x')]",
		"coalesce(null(), concat('x', parameters('u')), 'y')":                            "x[parameters('u')]",
		"contains(variables('a'), 'z')":                                                  "true",
		"contains(variables('a'), 'q')":                                                  "[contains(createArray('x', parameters('u'), 'z'), 'q')]",
		"length(variables('a'))":                                                         "3",
		"last(variables('a'))":                                                           "z",
		"empty(concat('x', parameters('u')))":                                            "false",
		"empty(parameters('u'))":                                                         "[empty(parameters('u'))]",
		"array(parameters('u'))":                                                         "[array(parameters('u'))]",
		"concat(parameters('u'), parameters('w'))":                                       "[concat(parameters('u'), parameters('w'))]",
		"concat(createArray(1), parameters('w'))":                                        "[concat(createArray(1), parameters('w'))]",
		"union(createObject('a', 1), parameters('w'))":                                   "[union(createObject('a', 1), parameters('w'))]",
		"union(createObject('a', createObject()), createObject('a', parameters('u'))).a": "[union(createObject(), parameters('u'))]",
		"subscription().Id":                                                              "/subscriptions/[subscription().subscriptionId]",
		"resourceGroup().id":                                                             group,
		"resourceGroup().location":                                                       "[resourceGroup().location]",
		"subscription().tenantId":                                                        "[subscription().tenantId]",
		"environment().suffixes.storage":                                                 "[environment().suffixes.storage]",
		"uniqueString(resourceGroup().id, 'x')":                                          "[uniqueString(resourceGroup().id, 'x')]",
		"split(resourceGroup().id, '/')[4]":                                              "[resourceGroup().name]",
		"split(parameters('u'), '/')[4]":                                                 "[split(parameters('u'), '/')[4]]",
		"less('a', 'b')":                                                                 "[less('a', 'b')]",
		"listKeys('x', '2020-01-01').keys[0]":                                            "[listKeys('x', '2020-01-01').keys[0]]",
		"pickZones('Microsoft.Compute', 'virtualMachines', 'westeurope')":                "[pickZones('Microsoft.Compute', 'virtualMachines', 'westeurope')]",
		"map(parameters('u'), lambda('i', concat(lambdaVariables('i'), parameters('w'), parameters('o').one)))": "[map(parameters('u'), lambda('i', concat(lambdaVariables('i'), parameters('w'), createObject('one', 1, 'two', createObject('three', createArray(3, 'x')), 'open', parameters('u')).one)))]",
		"filter(variables('a'), lambda('i', equals(lambdaVariables('i'), 'x')))":                                "[filter(createArray('x', parameters('u'), 'z'), lambda('i', equals(lambdaVariables('i'), 'x')))]",
		"resourceId('Microsoft.A/b/c', 'x', 'y')":                                                               group + "/providers/Microsoft.A/b/x/c/y",
		"resourceId('Microsoft.A/b/providers/locks', 'x', 'Microsoft.Authorization', 'l')":                      group + "/providers/Microsoft.A/b/x/providers/Microsoft.Authorization/locks/l",
		"resourceId('g', 'Microsoft.A/b', parameters('u'))":                                                     "/subscriptions/[subscription().subscriptionId]/resourceGroups/g/providers/Microsoft.A/b/[parameters('u')]",
		"resourceId('s', 'g', 'Microsoft.A/b', 'x')":                                                            "/subscriptions/s/resourceGroups/g/providers/Microsoft.A/b/x",
		"resourceId(parameters('u'), 'x')":                                                                      "[resourceId(parameters('u'), 'x')]",
		"subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'r')":                                "/subscriptions/[subscription().subscriptionId]/providers/Microsoft.Authorization/roleDefinitions/r",
		"subscriptionResourceId('s', 'Microsoft.Authorization/roleDefinitions', 'r')":                           "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/r",
		"tenantResourceId('Microsoft.Authorization/roleDefinitions', 'r')":                                      "/providers/Microsoft.Authorization/roleDefinitions/r",
		"managementGroupResourceId('m', 'Microsoft.Authorization/policyDefinitions', 'p')":                      "/providers/Microsoft.Management/managementGroups/m/providers/Microsoft.Authorization/policyDefinitions/p",
		"extensionResourceId(resourceGroup().id, 'Microsoft.Authorization/locks', 'l')":                         group + "/providers/Microsoft.Authorization/locks/l",
		"reference(resourceId('Microsoft.A/b', 'x'), '2020-01-01').p.q":                                         "[reference('" + group + "/providers/Microsoft.A/b/x').p.q]",
		"reference('x', '2020-01-01', 'Full').identity.principalId":                                             "[reference('x', 'full').identity.principalId]",
	} {
		n, err := evaluate(testEnv(t), expression)
		if assert.NoError(t, err, expression) {
			assert.Equal(t, want, n.Text, expression)
		}
	}
}

// The values are those that Azure gave, as published by people who asked it.
func TestHashes(t *testing.T) {
	for _, test := range []struct{ expression, want string }{
		{"uniqueString('')", "aaaaaaaaaaaaa"},
		{"uniqueString('t')", "fsnwonksnm7cy"},
		{"uniqueString('abc')", "cgtzqvhu4i23s"},
		{"uniqueString('test')", "rbgf3xv4ufgzg"},
		{"uniqueString('tyeth')", "zcztcwvu6iyg6"},
		{"uniqueString('hello', 'world')", "a7wkljktk6wne"},
		{"uniqueString('foo', 'bar', 'baz')", "xzi4ioaxtmth4"},
		{"uniqueString('test', 'test2', 'test3')", "bqgd334z2uj64"},
		{"uniqueString('/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/my-rg')", "bmg7c6xu4tw46"},
		{"uniqueString('/subscriptions/31e9f9a0-9fd2-4294-a0a3-0101246d9700/resourceGroups/rg-modm201-20230913120256/providers/Microsoft.Compute/virtualMachines/bobjacmodm201')", "yvjxno3je5on2"},
	} {
		n, err := evaluate(testEnv(t), test.expression)
		require.NoError(t, err)
		assert.Equal(t, test.want, n.Text, test.expression)
	}
	n, err := evaluate(testEnv(t), "guid('a', 'b', 'c')")
	require.NoError(t, err)
	assert.Equal(t, "a98fa280-e03f-5afa-8d8e-92d0a9c201e8", n.Text, "uuid.uuid5 of Python")
}
