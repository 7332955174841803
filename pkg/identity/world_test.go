package identity_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
)

// The estate of most tests: one cluster, identities api and web, a credential each.
const (
	subscription = "/subscriptions/00000000-0000-0000-0000-0000000000aa"
	tenantID     = "00000000-0000-0000-0000-0000000000bb"
	issuer       = "https://westeurope.oic.prod-aks.azure.com/00000000-0000-0000-0000-0000000000bb/00000000-0000-0000-0000-0000000000cc/"
	audience     = "api://AzureADTokenExchange"
	apiClient    = "aaaaaaaa-0000-0000-0000-000000000001"
	apiObject    = "aaaaaaaa-0000-0000-0000-000000000002"
	webClient    = "bbbbbbbb-0000-0000-0000-000000000001"
	webObject    = "bbbbbbbb-0000-0000-0000-000000000002"
	nodeClient   = "cccccccc-0000-0000-0000-000000000001"
	nodeObject   = "cccccccc-0000-0000-0000-000000000002"
)

func identityID(name string) string {
	return subscription + "/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/" + name
}

// azure is the Azure side of a snapshot; tests change what they are about.
type azure struct {
	clusters    []*model.ManagedCluster
	identities  []*model.UserAssignedIdentity
	credentials []*model.FederatedCredential
	assignments []*model.RoleAssignment
	objects     []*model.DirectoryObject
	members     []*model.GroupMembers
	scaleSets   []*model.ScaleSet
	bindings    []*model.IdentityBinding
}

func managedIdentity(name, client, object string) *model.UserAssignedIdentity {
	return &model.UserAssignedIdentity{
		Resource: model.Resource{ID: model.Known(identityID(name)), Name: model.Known(name)},
		ClientID: model.Known(client), PrincipalID: model.Known(object), TenantID: model.Known(tenantID),
	}
}

func credential(identity, name, subject string) *model.FederatedCredential {
	return &model.FederatedCredential{
		Resource:   model.Resource{ID: model.Known(identityID(identity) + "/federatedIdentityCredentials/" + name), Name: model.Known(name)},
		IdentityID: model.Known(identityID(identity)), Issuer: model.Known(issuer), Subject: model.Known(subject),
		Audiences: model.Known([]string{audience}),
	}
}

func baseline() *azure {
	return &azure{
		clusters: []*model.ManagedCluster{{
			Resource:   model.Resource{ID: model.Known(subscription + "/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks"), Name: model.Known("aks"), Location: model.Known("westeurope")},
			OIDCIssuer: model.Known(true), IssuerURL: model.Known(issuer), WorkloadIdentity: model.Known(true),
			NodeResourceGroup: model.Known("MC_rg"), Identity: model.ManagedIdentities{TenantID: model.Known(tenantID)},
		}},
		identities:  []*model.UserAssignedIdentity{managedIdentity("api", apiClient, apiObject), managedIdentity("web", webClient, webObject)},
		credentials: []*model.FederatedCredential{credential("api", "api-fic", "system:serviceaccount:app:api"), credential("web", "web-fic", "system:serviceaccount:app:web")},
	}
}

// with returns the estate after a change.
func with(change func(*azure)) *azure {
	a := baseline()
	change(a)
	return a
}

func put[T any](b *model.Builder, kind, file string, line int, id string, o *T) {
	model.Add(b, &model.Object[T]{Ref: model.AzureRef(kind, id), API: o, Origin: model.Origin{Place: model.Place{File: file, Line: line}}})
}

func (a *azure) cluster() *model.Cluster {
	var b model.Builder
	for i, o := range a.clusters {
		put(&b, "ManagedCluster", "aks.json", i+1, o.ID.Or(""), o)
	}
	for i, o := range a.identities {
		put(&b, "UserAssignedIdentity", "identities.json", i+1, o.ID.Or(""), o)
	}
	for i, o := range a.credentials {
		put(&b, "FederatedCredential", "credentials.json", i+1, o.ID.Or(""), o)
	}
	for i, o := range a.assignments {
		put(&b, "RoleAssignment", "assignments.json", i+1, o.ID.Or(""), o)
	}
	for i, o := range a.objects {
		put(&b, "DirectoryObject", "directory.json", i+1, o.ID, o)
	}
	for i, o := range a.members {
		put(&b, "GroupMembers", "members.json", i+1, o.Group, o)
	}
	for i, o := range a.scaleSets {
		put(&b, "ScaleSet", "vmss.json", i+1, o.ID.Or(""), o)
	}
	for i, o := range a.bindings {
		put(&b, "IdentityBinding", "bindings.json", i+1, o.ID.Or(""), o)
	}
	return b.Cluster()
}

// estate is a snapshot of manifests and of the Azure side.
func estate(t testing.TB, manifests string, a *azure) *model.Cluster {
	t.Helper()
	c, err := manifest.Loader{}.Read("f.yaml", strings.NewReader(manifests))
	require.NoError(t, err)
	return c.With(a.cluster())
}

const (
	apiAccount = `
apiVersion: v1
kind: ServiceAccount
metadata: {name: api, namespace: app, annotations: {azure.workload.identity/client-id: ` + apiClient + `}}
---
`
	apiDeployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: app}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api, azure.workload.identity/use: "true"}}
    spec:
      serviceAccountName: api
      containers: [{name: api, image: api}]
---
`
)
