package arm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever a template says, it is read to an end, the same way each time.
func FuzzResources(f *testing.F) {
	f.Add(`{"resources": [{"type": "Microsoft.X/y", "name": "[concat('a', parameters('p'))]", "copy": {"name": "l", "count": 2}, "resources": [{"type": "z", "name": "[copyIndex()]"}]}], "parameters": {"p": {"type": "string"}}}`)
	f.Add(`{"variables": {"copy": [{"name": "v", "count": "[length(variables('w'))]", "input": "[copyIndex('v')]"}], "w": [1]}, "resources": {"a": {"type": "Microsoft.KeyVault/vaults/providers/locks", "name": "[format('{0}/Microsoft.Authorization/{1:D2}', 'k', variables('v')[0])]", "condition": "[reference('b').x]"}, "b": {"existing": true, "type": "/", "name": "/"}}}`)
	f.Add(`{"resources": [{"type": "Microsoft.Resources/deployments", "name": "d", "scope": "/", "properties": {"expressionEvaluationOptions": {"scope": "inner"}, "parameters": {"p": {"value": "[resourceGroup()]"}}, "template": {"parameters": {"p": {"type": "object"}}, "resources": [{"type": "A.B/c", "name": "[parameters('p').name]", "scope": "[tenant().tenantId]"}], "outputs": {"o": {"type": "int", "value": "[reference('d').outputs.o.value]"}}}}}, {"type": "A.B/c", "name": "n", "properties": {"x": "[reference('d').outputs.o.value]"}}]}`)
	f.Add(`{"functions": [{"namespace": "n", "members": {"f": {"parameters": [{"name": "a"}], "output": {"value": "[map(range(0, 3), lambda('i', if(parameters('a'), lambdaVariables('i'), n.f(1))))]"}}}}], "resources": [{"type": "A.B/c", "name": "x", "tags": "[n.f(true())]", "[concat('k', null())]": "[json('{')]"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		template, err := Read([]byte(text))
		if err != nil {
			return
		}
		resources, problems := template.Resources()
		again, problemsAgain := template.Resources()
		require.Equal(t, resources, again)
		require.Equal(t, problems, problemsAgain)
		for _, r := range resources {
			require.Positive(t, r.Line)
		}
	})
}
