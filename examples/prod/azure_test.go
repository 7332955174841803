package prod_test

import (
	"embed"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/netsim"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

//go:embed *.yaml */*.yaml azure/*.json
var everything embed.FS

const (
	subscription = "/subscriptions/2af65101-27a1-40e7-a830-83f75c08b342"
	group        = subscription + "/resourceGroups/rg-prod"
	cluster      = group + "/providers/Microsoft.ContainerService/managedClusters/aks-prod"
	vault        = group + "/providers/Microsoft.KeyVault/vaults/kv-contoso-prod"
	container    = group + "/providers/Microsoft.Storage/storageAccounts/stcontosoprod/blobServices/default/containers/uploads"
	nodes        = subscription + "/resourceGroups/MC_rg-prod_aks-prod_westeurope"
)

const getSecret = "Microsoft.KeyVault/vaults/secrets/getSecret/action"

// The workloads that have an identity of Azure, each with its pods and the secrets that
// it reads.
var identities = []workload{
	{"api", "app/api", []string{"api-postgres", "api-session-key"}},
	{"mcp", "app/mcp", []string{"mcp-signing-key"}},
	{"temporal", "temporal/frontend", []string{"temporal-postgres"}},
	{"worker", "app/worker", []string{"worker-payload-key"}},
	{"zep", "data/zep", []string{"zep-store-key"}},
}

type workload struct {
	name, pod string
	secrets   []string
}

func load(t *testing.T) *model.Cluster {
	t.Helper()
	c, err := manifest.LoadFS(everything, "*")
	require.NoError(t, err)
	for f := range c.Findings() {
		assert.True(t, f.Note, f.String())
	}
	return c
}

func newKubernetes(t *testing.T) *azure.Kubernetes {
	t.Helper()
	c := load(t)
	return azure.NewKubernetes(rbacsim.New(c), azure.New(c))
}

func subject(t *testing.T, a *azure.Authorizer, who string) azure.Subject {
	t.Helper()
	s, err := a.SubjectOf(identity.MustParse(who))
	require.NoError(t, err)
	return s
}

// Each identity can do what the table says, over all actions and scopes, and no more.
func TestIdentitiesHaveLeastRights(t *testing.T) {
	a := azure.New(load(t))
	for _, tt := range identities {
		var meant []azure.Allowance
		for _, secret := range tt.secrets {
			meant = append(meant, azure.Allowance{
				Data: true, Scope: azure.MustParseScope(vault + "/secrets/" + secret),
				Actions: []string{getSecret, "Microsoft.KeyVault/vaults/secrets/readMetadata/action"},
			})
		}
		if tt.name == "api" {
			const service = "Microsoft.Storage/storageAccounts/blobServices/"
			at := azure.MustParseScope(container)
			meant = append(meant,
				azure.Allowance{Scope: at, Actions: []string{
					service + "containers/read", service + "containers/write", service + "containers/delete", service + "generateUserDelegationKey/action",
				}},
				azure.Allowance{Data: true, Scope: at, Actions: []string{
					service + "containers/blobs/read", service + "containers/blobs/write", service + "containers/blobs/delete",
					service + "containers/blobs/move/action", service + "containers/blobs/add/action",
				}})
		}
		proof := a.Within(subject(t, a, "mi/"+tt.name), meant)
		assert.Equal(t, rbacsim.Allowed, proof.Decision, "%s: %v", tt.name, slices.Collect(proof.Differences()))
	}
}

// Nobody reads a secret of the vault but its workload, people included.
func TestWhoReadsSecrets(t *testing.T) {
	a := azure.New(load(t))
	for _, tt := range identities {
		for _, secret := range tt.secrets {
			var who []string
			for h := range a.Holders(azure.Request{Action: getSecret, Data: true, Scope: azure.MustParseScope(vault + "/secrets/" + secret)}).All() {
				assert.Equal(t, rbacsim.Allowed, h.Decision)
				who = append(who, h.Principal.Principal().String())
			}
			assert.Equal(t, []string{"mi/" + tt.name}, who, secret)
		}
	}
	assert.Empty(t, slices.Collect(a.Holders(azure.Request{Action: getSecret, Data: true, Scope: azure.MustParseScope(vault)}).All()))
}

// What leads round all this, only the cluster's admins may do; and not even they change
// the nodes.
func TestWhoGetsRoundIt(t *testing.T) {
	a := azure.New(load(t))
	holders := func(action, scope string) (who []string) {
		for h := range a.Holders(azure.Request{Action: action, Scope: azure.MustParseScope(scope)}).All() {
			who = append(who, h.Principal.Principal().String())
		}
		return who
	}
	for _, tt := range []struct{ action, scope string }{
		{"Microsoft.Authorization/roleAssignments/write", cluster},
		{"Microsoft.Authorization/roleAssignments/write", vault},
		{"Microsoft.ContainerService/managedClusters/write", cluster},
		{"Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action", cluster},
		{"Microsoft.ContainerService/managedClusters/runCommand/action", cluster},
		{"Microsoft.ContainerService/managedClusters/trustedAccessRoleBindings/write", cluster},
		{"Microsoft.KeyVault/vaults/write", vault},
		{"Microsoft.Insights/diagnosticSettings/delete", cluster},
		{"Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write", group},
	} {
		assert.Equal(t, []string{admins}, holders(tt.action, tt.scope), tt.action)
	}
	for _, action := range []string{"Microsoft.Compute/virtualMachineScaleSets/write", "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/runCommand/action"} {
		for _, who := range holders(action, nodes) {
			assert.Equal(t, "mi/aks-prod-control-plane", who, action)
		}
	}
}

// The way of each workload from its pod to its identity and the secrets is complete, and
// no other pod has one.
func TestWorkloadIdentity(t *testing.T) {
	c := load(t)
	g, a := identity.NewGraph(c), azure.New(c)
	for _, tt := range identities {
		trace, err := g.WhoAmI(tt.pod)
		require.NoError(t, err)
		ways := 0
		for _, chain := range trace.Chains {
			if !chain.Asked {
				continue
			}
			ways++
			chain = a.Access(chain)
			assert.Equal(t, identity.OK, chain.Outcome(), "%s: %v", tt.pod, chain)
			assert.Equal(t, "mi/"+tt.name, chain.Identity.Principal().String())
		}
		assert.Equal(t, 2, ways, "%s: with a token of its own, and by the secrets store driver", tt.pod)
		assert.Equal(t, identity.OK, trace.Outcome())
	}
	for _, pod := range workloads {
		if slices.ContainsFunc(identities, func(w workload) bool { return w.pod == pod }) {
			continue
		}
		trace, err := g.WhoAmI(pod)
		require.NoError(t, err)
		assert.Equal(t, identity.Broken, trace.Outcome(), pod)
	}
	assert.Empty(t, slices.Collect(g.Lint()))
}

// The identities of the nodes are out of the pods' reach.
func TestNodesIdentitiesAreOutOfReach(t *testing.T) {
	n := netsim.New(load(t))
	for _, pod := range workloads {
		v, err := n.Check(netsim.MustParseFlow(pod + " -> 169.254.169.254:80"))
		require.NoError(t, err)
		assert.Equal(t, netsim.Denied, v.Decision, v.Explain())
	}
}

// What people may do in the cluster, by whichever side.
func TestPeople(t *testing.T) {
	k := newKubernetes(t)
	pods := rbacsim.Request{Verb: "get", Resource: "pods", Namespace: "app"}
	secrets := rbacsim.Request{Verb: "get", Resource: "secrets", Namespace: "app"}
	deploy := rbacsim.Request{Verb: "update", Group: "apps", Resource: "deployments", Namespace: "app"}
	restart := rbacsim.Request{Verb: "delete", Resource: "pods", Namespace: "app"}
	bindings := rbacsim.Request{Verb: "list", Group: "rbac.authorization.k8s.io", Resource: "clusterrolebindings"}
	for _, tt := range []struct {
		who     string
		request rbacsim.Request
		by      azure.Side
	}{
		{"user/alice@contoso.com", pods, azure.RBACSide},
		{"user/alice@contoso.com", deploy, azure.RBACSide},
		{"user/alice@contoso.com", restart, azure.NoSide},
		{"user/alice@contoso.com", secrets, azure.NoSide},
		{"user/alice@contoso.com", bindings, azure.NoSide},
		{"user/carol@contoso.com", restart, azure.RBACSide},
		{"user/carol@contoso.com", deploy, azure.NoSide},
		{"user/erin@contoso.com", bindings, azure.AzureSide},
		{"user/erin@contoso.com", pods, azure.NoSide},
		{"user/frank@contoso.com", pods, azure.RBACSide}, // through a nested group
		{"user/frank@contoso.com", secrets, azure.NoSide},
		{"user/grace_fabrikam.com#EXT#@contoso.onmicrosoft.com", pods, azure.RBACSide},
		{"mi/api", pods, azure.NoSide},
		{admins, secrets, azure.RBACSide},
	} {
		s, err := k.As(identity.MustParse(tt.who))
		require.NoError(t, err)
		v, err := k.Check(s, tt.request)
		require.NoError(t, err)
		assert.Equal(t, tt.by, v.By, v.Explain())
		want := rbacsim.Allowed
		if tt.by == azure.NoSide {
			want = rbacsim.Denied
		}
		assert.Equal(t, want, v.Decision, v.Explain())
	}
}
