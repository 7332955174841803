package identity_test

import (
	"fmt"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
)

// A credential whose issuer lacks the slash at its end is the usual reason for
// AADSTS700211.
func ExampleGraph_WhoAmI() {
	c, err := manifest.Loader{}.Read("api.yaml", strings.NewReader(`
apiVersion: v1
kind: ServiceAccount
metadata:
  name: api
  namespace: app
  annotations:
    azure.workload.identity/client-id: 11111111-0000-0000-0000-000000000000
---
apiVersion: v1
kind: Pod
metadata:
  name: api
  namespace: app
  labels:
    azure.workload.identity/use: "true"
spec:
  serviceAccountName: api
  containers:
  - name: api
    image: api
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	const id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/api"
	var azure model.Builder
	model.Add(&azure, &model.Object[model.ManagedCluster]{Ref: model.AzureRef("ManagedCluster", "aks"), API: &model.ManagedCluster{
		IssuerURL: model.Known("https://oidc.example.com/t/c/"), WorkloadIdentity: model.Known(true),
		Entra: model.EntraProfile{TenantID: model.Known("22222222-0000-0000-0000-000000000000")},
	}})
	model.Add(&azure, &model.Object[model.UserAssignedIdentity]{Ref: model.AzureRef("UserAssignedIdentity", id), API: &model.UserAssignedIdentity{
		Resource: model.Resource{ID: model.Known(id)}, ClientID: model.Known("11111111-0000-0000-0000-000000000000"), TenantID: model.Known("22222222-0000-0000-0000-000000000000"),
	}})
	model.Add(&azure, &model.Object[model.FederatedCredential]{Ref: model.AzureRef("FederatedCredential", id+"/f"), API: &model.FederatedCredential{
		Resource: model.Resource{Name: model.Known("f")}, IdentityID: model.Known(id), Issuer: model.Known("https://oidc.example.com/t/c"),
		Subject: model.Known("system:serviceaccount:app:api"), Audiences: model.Known([]string{"api://AzureADTokenExchange"}),
	}})
	trace, err := identity.NewGraph(c.With(azure.Cluster())).WhoAmI("app/api")
	fmt.Println(trace, err)
	// Output:
	// app/api: broken
	//     by workload identity, container api: broken
	//         pod: app/api  (api.yaml:10)
	//         ServiceAccount: app/api  (api.yaml:2)
	//         webhook: workload identity is on
	//         label: azure.workload.identity/use=true  (api.yaml:10)
	//         token: for api://AzureADTokenExchange, which the webhook puts in  (api.yaml:10)
	//         client id: 11111111-0000-0000-0000-000000000000  (api.yaml:7)
	//         identity: mi/api
	//         issuer: https://oidc.example.com/t/c/
	//         broken: credential: mi/api/f does not take the token
	//             issuer: the cluster:    https://oidc.example.com/t/c/
	//                     the credential: https://oidc.example.com/t/c
	//                     they differ in a slash at the end
	//             Microsoft Entra ID answers AADSTS700211 or AADSTS70021
	//         tenant: 22222222-0000-0000-0000-000000000000 <nil>
}
