package azure_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

const (
	sub   = "/subscriptions/11111111-1111-4111-8111-111111111111"
	group = sub + "/resourceGroups/rg1"
	vault = group + "/providers/Microsoft.KeyVault/vaults/v1"
)

func TestAZ1ScopesAreReadWhateverTheirCase(t *testing.T) {
	for _, test := range []struct {
		in, out string
		kind    azure.ScopeKind
		parent  string
		typ     string
	}{
		{"/", "/", azure.Root, "", ""},
		{"///", "/", azure.Root, "", ""},
		{"/SUBSCRIPTIONS/ABC/", "/subscriptions/abc", azure.Subscription, "/", ""},
		{"//subscriptions//abc//resourcegroups/RG-1/", "/subscriptions/abc/resourceGroups/rg-1", azure.ResourceGroup, "/subscriptions/abc", ""},
		{"/providers/microsoft.management/MANAGEMENTGROUPS/Corp", "/providers/Microsoft.Management/managementGroups/corp", azure.ManagementGroup, "/", ""},
		{
			"/subscriptions/s/resourceGroups/rg/providers/microsoft.keyvault/Vaults/V/Secrets/S",
			"/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v/secrets/s",
			azure.Resource, "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v", "microsoft.keyvault/vaults/secrets",
		},
		{
			"/subscriptions/s/resourceGroups/providers/providers/Microsoft.KeyVault/vaults/providers",
			"/subscriptions/s/resourceGroups/providers/providers/Microsoft.KeyVault/vaults/providers",
			azure.Resource, "/subscriptions/s/resourceGroups/providers", "microsoft.keyvault/vaults",
		},
		{
			"/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/g", "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/g",
			azure.Resource, "/subscriptions/s", "microsoft.authorization/roledefinitions",
		},
		{
			"/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v/providers/Microsoft.Insights/diagnosticSettings/d",
			"/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v/providers/Microsoft.Insights/diagnosticSettings/d",
			azure.Resource, "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v", "microsoft.insights/diagnosticsettings",
		},
		{"/providers/Microsoft.Capacity/reservationOrders/o", "/providers/Microsoft.Capacity/reservationorders/o", azure.Resource, "/", "microsoft.capacity/reservationorders"},
		{"/subscriptions/s/resourceGroups/STRAßE-\u212a", "/subscriptions/s/resourceGroups/straße-\u212a", azure.ResourceGroup, "/subscriptions/s", ""}, // a Kelvin sign is no K
	} {
		s, err := azure.ParseScope(test.in)
		require.NoError(t, err, test.in)
		want := strings.Replace(test.out, "Microsoft.Capacity", "microsoft.capacity", 1)
		assert.Equal(t, want, s.String())
		assert.Equal(t, test.kind, s.Kind(), test.in)
		assert.Equal(t, test.parent, s.Parent().String(), test.in)
		assert.Equal(t, test.typ, s.Type(), test.in)
		assert.Equal(t, s, azure.MustParseScope(s.String()))
	}
}

func TestScopeTyposAreErrors(t *testing.T) {
	for in, want := range map[string]string{
		"":                                              "is no scope: want /subscriptions/",
		"subscriptions/s":                               "is no scope: want /subscriptions/",
		"/suBsCriptions/ /":                             `segment " " begins or ends with a blank`,
		"/subscriptions/a\x00b":                         "which no id has",
		"/subscriptions/\xff":                           "is not UTF-8",
		"/subscription/s":                               `an id begins with subscriptions or providers, not "subscription" (did you mean "subscriptions"?)`,
		"/subscriptions":                                "the id of the subscription is missing",
		"/subscriptions/s/rg":                           `after a subscription comes resourceGroups or providers, not "rg"`,
		"/subscriptions/s/resourceGroup/rg":             `(did you mean "resourceGroups"?)`,
		"/subscriptions/s/resourceGroups/":              "the name of the resource group is missing",
		"/subscriptions/s/resourceGroups/r/p":           `after a resource group comes providers, not "p"`,
		sub + "/providers":                              "the namespace after providers is missing",
		sub + "/providers/KeyVault/vaults/v":            `"keyvault" is no namespace of a provider`,
		sub + "/providers/Microsoft.KeyVault":           "the type after Microsoft.KeyVault is missing",
		group + "/providers/Microsoft.KeyVault/vaults":  "the name after vaults is missing",
		group + "/providers/Microsoft.KeyVault/vault/v": `unknown type "vault" (did you mean "vaults"?)`,
		vault + "?api-version=1":                        "which no id has",
	} {
		_, err := azure.ParseScope(in)
		assert.ErrorContains(t, err, want, in)
	}
}

func TestAZ2ScopesCoverBySegment(t *testing.T) {
	chain := []string{"/", sub, group, vault, vault + "/secrets/s"}
	for i, above := range chain {
		for j, below := range chain {
			assert.Equal(t, i <= j, azure.MustParseScope(above).Covers(azure.MustParseScope(below)), "%s covers %s", above, below)
			assert.Equal(t, i <= j, azure.MustParseScope(above+"/").Covers(azure.MustParseScope(strings.ToUpper(below))), "%s covers %s", above, below)
		}
	}
	rg1, rg10 := azure.MustParseScope(group), azure.MustParseScope(group+"0")
	assert.False(t, rg1.Covers(rg10))
	assert.False(t, rg10.Covers(rg1))
	assert.False(t, azure.Scope{}.Covers(azure.Scope{}))
	assert.False(t, azure.RootScope().Covers(azure.Scope{}))
	assert.False(t, azure.Scope{}.Covers(rg1))
}

func FuzzParseScope(f *testing.F) {
	for _, s := range []string{
		"/", vault, "/suBsCriptions/ /", "/subscriptions/\x00/", "/providers/Microsoft.Management/managementGroups/m",
		"/subscriptions/s/resourceGroups/providers/providers/a.b/providers/c.d/e/f", "/subscriptions/\u212a/providers/\u0130.x/y/z",
		"/subscriptions/s/resourceGroups/r/providers/a.b/c/providers/providers/e.f/g/h",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := azure.ParseScope(text)
		if err != nil {
			require.Zero(t, s)
			return
		}
		again, err := azure.ParseScope(s.String())
		require.NoError(t, err, "%q is printed as %q", text, s)
		require.Equal(t, s, again)
		require.Equal(t, s.String(), again.String())
		require.True(t, azure.RootScope().Covers(s))
		for up := range s.Ancestors() {
			require.True(t, up.Covers(s))
			again, err := azure.ParseScope(up.String())
			require.NoError(t, err, "above %q", s)
			require.Equal(t, up, again)
		}
		require.NotEqual(t, azure.Nowhere, s.Kind())
	})
}
