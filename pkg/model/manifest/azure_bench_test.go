package manifest_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model/manifest"
)

// benchAssignments returns as many role assignments as az prints them.
func benchAssignments(n int) []byte {
	var text bytes.Buffer
	for i := range n {
		scope := fmt.Sprintf("%s/resourceGroups/rg-%03d/providers/Microsoft.KeyVault/vaults/kv-%03d", sub, i%200, i%700)
		fmt.Fprintf(&text, `%s
  {
    "canDelegate": null,
    "condition": null,
    "conditionVersion": null,
    "createdBy": "%s",
    "createdOn": "2026-01-01T00:00:00.000000+00:00",
    "delegatedManagedIdentityResourceId": null,
    "description": null,
    "id": "%[3]s/providers/Microsoft.Authorization/roleAssignments/eeeeeeee-0000-4000-8000-%012[4]d",
    "name": "eeeeeeee-0000-4000-8000-%012[4]d",
    "principalId": "bbbbbbbb-0000-4000-8000-%012[5]d",
    "principalName": "user%[5]d@contoso.com",
    "principalType": "User",
    "resourceGroup": "rg-%03[6]d",
    "roleDefinitionId": "%[7]s/providers/Microsoft.Authorization/roleDefinitions/dddddddd-0000-4000-8000-%012[8]d",
    "roleDefinitionName": "Role %[8]d",
    "scope": "%[3]s",
    "type": "Microsoft.Authorization/roleAssignments",
    "updatedBy": "%[2]s",
    "updatedOn": "2026-01-01T00:00:00.000000+00:00"
  }`, map[bool]string{true: "[", false: ","}[i == 0], bob, scope, i, i%1000, i%200, sub, i%50)
	}
	text.WriteString("\n]\n")
	return text.Bytes()
}

func BenchmarkRoleAssignments(b *testing.B) {
	array := benchAssignments(10_000)
	for name, text := range map[string][]byte{"array": array, "value": []byte(`{"value": ` + string(array) + "}")} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				_, err := manifest.Loader{}.Read("assignments.json", bytes.NewReader(text))
				require.NoError(b, err)
			}
		})
	}
}

// No document about Azure makes the loader panic, and what it says does not depend on
// chance.
func FuzzAzure(f *testing.F) {
	f.Add([]byte("[{" + assignment + `,"principalId":"p","roleDefinitionId":"r"}]`))
	f.Add([]byte(`{"id":"` + aksID + `","properties":{"aadProfile":{"enableAzureRBAC":"true"},"agentPoolProfiles":[{"name":1},null]}}`))
	f.Add([]byte(`{"value":[{"id":"` + vaultID + `","type":"Microsoft.KeyVault/vaults","properties":{"accessPolicies":[{"permissions":{"keys":[1]}}]}}]}`))
	f.Add([]byte(`{"` + devs + `":[{"id":"x","members":[{"id":"y"}]}]}`))
	f.Add([]byte(`{"id":"/providers/Microsoft.Management/managementGroups/a","children":[{"id":"b","children":[{}]}]}`))
	f.Add([]byte(`{"id":"` + vnetID + `/virtualNetworkPeerings/p"}{"id":"` + vnetID + `"}{"id":"` + aksID + `/agentPools/p"}`))
	f.Add([]byte(tfPlan))
	f.Add([]byte(state(`azurerm_key_vault {"access_policy":[{}],"network_acls":[{"ip_rules":7}]}`, `azapi_resource {"type":"@","body":"{"}`)))
	f.Add([]byte("- id: " + vaultID + "\n  properties: {enableRbacAuthorization: on}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		l := manifest.Loader{Limits: manifest.Limits{Stream: 1 << 20, Document: 1 << 16}}
		c, err := l.Read("f", bytes.NewReader(text))
		again, errAgain := l.Read("f", bytes.NewReader(text))
		if (err == nil) != (errAgain == nil) || err != nil && err.Error() != errAgain.Error() {
			t.Fatalf("%v\n%v", err, errAgain)
		}
		if err == nil && strings.Join(findingLines(c), "\n") != strings.Join(findingLines(again), "\n") {
			t.Fatal("two answers")
		}
	})
}
