package identity_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model/manifest"
)

// What the command az prints and kubectl applies, as it comes: every line has its place.
func TestFromExports(t *testing.T) {
	const id = `/subscriptions/00000000-0000-0000-0000-0000000000aa/resourcegroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/api`
	files := fstest.MapFS{
		"api.yaml": {Data: []byte(`apiVersion: v1
kind: ServiceAccount
metadata:
  name: api
  namespace: app
  annotations:
    azure.workload.identity/client-id: ` + apiClient + `
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: app
spec:
  selector:
    matchLabels: {app: api}
  template:
    metadata:
      labels:
        app: api
        azure.workload.identity/use: "true"
    spec:
      serviceAccountName: api
      containers:
      - name: api
        image: api
`)},
		"az/aks.json": {Data: []byte(`{
  "id": "/subscriptions/00000000-0000-0000-0000-0000000000aa/resourcegroups/rg/providers/Microsoft.ContainerService/managedClusters/aks",
  "type": "Microsoft.ContainerService/ManagedClusters",
  "name": "aks",
  "location": "westeurope",
  "kubernetesVersion": "1.34.0",
  "oidcIssuerProfile": {
    "enabled": true,
    "issuerUrl": "` + issuer + `"
  },
  "securityProfile": {"workloadIdentity": {"enabled": true}},
  "identity": {"type": "SystemAssigned", "principalId": "` + oid(1) + `", "tenantId": "` + tenantID + `"}
}`)},
		"az/identities.json": {Data: []byte(`[
  { "clientId": "` + apiClient + `",
    "id": "` + strings.Replace(id, "resourcegroups", "resourceGroups", 1) + `",
    "name": "api",
    "principalId": "` + apiObject + `",
    "tenantId": "` + tenantID + `",
    "type": "Microsoft.ManagedIdentity/userAssignedIdentities"
  }
]`)},
		"az/credentials.json": {Data: []byte(`[
  { "audiences": ["` + audience + `"],
    "id": "` + id + `/federatedIdentityCredentials/fic",
    "issuer": "` + issuer + `",
    "name": "fic",
    "subject": "system:serviceaccount:prod:api",
    "type": "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"
  }
]`)},
	}
	c, err := manifest.LoadFS(files, ".")
	require.NoError(t, err)
	trace, err := identity.NewGraph(c).WhoAmI("app/api")
	require.NoError(t, err)
	assert.Equal(t, `app/api: broken
    by workload identity, container api: broken
        pod: app/api of Deployment app/api  (api.yaml:9)
        ServiceAccount: app/api  (api.yaml:1)
        webhook: workload identity is on  (az/aks.json:11)
        label: azure.workload.identity/use=true  (api.yaml:19)
        token: for api://AzureADTokenExchange, which the webhook puts in  (api.yaml:19)
        client id: `+apiClient+`  (api.yaml:6)
        identity: mi/api, object id `+apiObject+`  (az/identities.json:2)
        issuer: `+issuer+`  (az/aks.json:9)
        broken: credential: mi/api/fic does not take the token  (az/credentials.json:2)
            subject: the token:      system:serviceaccount:app:api  (api.yaml:22)
                     the credential: system:serviceaccount:prod:api  (az/credentials.json:6)
                     they differ in the namespace
            Microsoft Entra ID answers AADSTS700213 or AADSTS70021
        tenant: `+tenantID+`  (az/aks.json:12)`, trace.String())
}
