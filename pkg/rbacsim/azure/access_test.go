package azure_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// example is the cluster of examples/prod, with what is changed about it.
func example(t *testing.T, change func(*model.Cluster) *model.Cluster) *azure.Authorizer {
	t.Helper()
	c, err := manifest.Load("../../../examples/prod")
	require.NoError(t, err)
	return azure.New(change(c))
}

func without[T any](t *testing.T) func(*model.Cluster) *model.Cluster {
	return func(c *model.Cluster) *model.Cluster {
		t.Helper()
		var refs []model.Ref
		for o := range model.All[T](c) {
			refs = append(refs, o.Ref)
		}
		require.NotEmpty(t, refs)
		less, err := c.Without(refs...)
		require.NoError(t, err)
		return less
	}
}

func same(c *model.Cluster) *model.Cluster { return c }

// What a driver fetches from a vault: each object has to be readable.
func TestAccessOfSecretProviders(t *testing.T) {
	known := identity.Entity{Kind: identity.ManagedIdentity, Name: "api", ObjectID: "8d181dc6-985e-44a7-9359-7a18aed8eda7"}
	for _, tt := range []struct {
		name    string
		input   func(*model.Cluster) *model.Cluster
		vault   string
		object  identity.SecretObject
		want    identity.Outcome
		because string
	}{
		{"granted", same, "KV-contoso-prod", identity.SecretObject{Name: "api-postgres", Type: "secret"}, identity.OK, "api-postgres in KV-contoso-prod, by Key Vault Secrets User"},
		{"another secret", same, "kv-contoso-prod", identity.SecretObject{Name: "zep-store-key", Type: "secret"}, identity.Broken, "zep-store-key in kv-contoso-prod: Microsoft.KeyVault/vaults/secrets/getSecret/action is denied"},
		{"a key", same, "kv-contoso-prod", identity.SecretObject{Name: "api-postgres", Type: "key"}, identity.Broken, "api-postgres in kv-contoso-prod: Microsoft.KeyVault/vaults/keys/read is denied"},
		{"a certificate", same, "kv-contoso-prod", identity.SecretObject{Name: "tls", Type: "cert"}, identity.Broken, "tls in kv-contoso-prod: Microsoft.KeyVault/vaults/certificates/read is denied"},
		{"another vault", same, "kv-other", identity.SecretObject{Name: "api-postgres", Type: "secret"}, identity.Undecided, "api-postgres in kv-other: the input has no such key vault"},
		{"no vaults", without[model.KeyVault](t), "kv-contoso-prod", identity.SecretObject{Name: "api-postgres", Type: "secret"}, identity.Undecided, "api-postgres in kv-contoso-prod: the input has no such key vault"},
		{"no assignments", without[model.RoleAssignment](t), "kv-contoso-prod", identity.SecretObject{Name: "api-postgres", Type: "secret"}, identity.Undecided, "api-postgres in kv-contoso-prod: the input holds no role assignments (az role assignment list)"},
		{"no name", same, "kv-contoso-prod", identity.SecretObject{Name: "a?b", Type: "secret"}, identity.Broken, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			chain := identity.Chain{Way: identity.BySecretProvider, Asked: true, Identity: known, Vault: tt.vault, Objects: []identity.SecretObject{tt.object}}
			got := example(t, tt.input).Access(chain)
			require.Len(t, got.Steps, 1)
			assert.Equal(t, tt.want, got.Steps[0].Outcome, got.Steps[0].Detail)
			if tt.because != "" {
				assert.Equal(t, tt.because, got.Steps[0].Detail)
			}
			assert.Empty(t, chain.Steps, "the chain that was given stays")
		})
	}
	empty := example(t, same).Access(identity.Chain{Way: identity.BySecretProvider, Identity: known, Vault: "kv-contoso-prod"})
	assert.Equal(t, identity.Broken, empty.Outcome())
}

// What an identity may do anywhere; and what it means that there is nothing.
func TestAccessOfIdentities(t *testing.T) {
	const kubelet, addOn = "f7fedd08-0902-4b84-9ef1-d0ee4229a91e", "77f5a902-6af7-4776-9735-88bf04e85732"
	for _, tt := range []struct {
		name    string
		input   func(*model.Cluster) *model.Cluster
		id      string
		asked   bool
		want    identity.Outcome
		details []string
	}{
		{"granted", same, kubelet, true, identity.OK, []string{
			"AcrPull, at /subscriptions/2af65101-27a1-40e7-a830-83f75c08b342/resourceGroups/rg-shared/providers/Microsoft.ContainerRegistry/registries/contoso: Microsoft.ContainerRegistry/registries/pull/read",
		}},
		{"nothing", same, addOn, true, identity.Broken, []string{"nothing is assigned to mi/azurepolicy-aks-prod anywhere: Azure lets it do nothing"}},
		{"nothing, and not asked for", same, addOn, false, identity.OK, []string{"nothing is assigned to mi/azurepolicy-aks-prod anywhere: Azure lets it do nothing"}},
		{"no assignments", without[model.RoleAssignment](t), kubelet, true, identity.Undecided, []string{"the input holds no role assignments (az role assignment list)"}},
		{"nobody", same, "", true, identity.OK, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := example(t, tt.input)
			who, _ := a.Directory().Lookup(tt.id)
			got := a.Access(identity.Chain{Way: identity.ByWebhook, Asked: tt.asked, Identity: who})
			assert.Equal(t, tt.want, got.Outcome())
			var details []string
			for _, s := range got.Steps {
				details = append(details, s.Detail)
			}
			assert.Equal(t, tt.details, details)
		})
	}
}

// Actions that begin alike are told with what they share once, and of many a few.
func TestAccessTellsActionsInShort(t *testing.T) {
	a := example(t, same)
	who, _ := a.Directory().Lookup("8d181dc6-985e-44a7-9359-7a18aed8eda7")
	var details []string
	for _, s := range a.Access(identity.Chain{Way: identity.ByWebhook, Asked: true, Identity: who}).Steps {
		details = append(details, s.Detail)
	}
	require.Len(t, details, 3)
	assert.True(t, slices.IsSorted(details[:2]))
	assert.Contains(t, details[0], ": data Microsoft.KeyVault/vaults/secrets/{getSecret/action, readMetadata/action}")
	assert.Contains(t, details[2], ": Microsoft.Storage/storageAccounts/blobServices/containers/{delete, read} and 2 more; data ")
}
