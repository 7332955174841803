package prod_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// The Entra groups, as the API server knows them.
const (
	admins  = "group/7c1b6f0e-52d4-4a0e-9b53-0f3d6a1c8e21"
	devops  = "group/b8e0d2a4-1f6c-4f2b-8a77-6d94c3e5f010"
	team    = "group/2d95e7c3-6b48-4c1d-a5f2-91b0c8d7e436"
	readers = "group/e41f3b98-0c7a-4d65-b2e9-5a8d7f6c1b02"

	traefik   = "sa/ingress/traefik"
	collector = "sa/platform/otel-collector"
)

func newAuthorizer(t *testing.T) *rbacsim.Authorizer {
	t.Helper()
	c, err := manifest.LoadFS(manifests, "*")
	require.NoError(t, err)
	return rbacsim.New(c)
}

// Just these groups and ServiceAccounts can do these things, apart from the control
// plane's own, in every namespace that is not named, and as a real request.
func TestRights(t *testing.T) {
	a := newAuthorizer(t)
	for _, tt := range []struct {
		verb, group, resource, subresource string
		want                               []string
		in                                 map[string][]string
	}{
		{verb: "get", resource: "secrets", want: []string{admins}, in: map[string][]string{"app": {admins, traefik}}},
		{verb: "create", resource: "pods", want: []string{admins}},
		{verb: "create", resource: "pods", subresource: "exec", want: []string{admins}},
		{verb: "create", resource: "serviceaccounts", subresource: "token", want: []string{admins}},
		{verb: "impersonate", resource: "serviceaccounts", want: []string{admins}},
		{verb: "create", group: "rbac.authorization.k8s.io", resource: "rolebindings", want: []string{admins}},
		{verb: "delete", group: "networking.k8s.io", resource: "networkpolicies", want: []string{admins}},
		{verb: "create", group: "apps", resource: "deployments", want: []string{admins}, in: map[string][]string{"app": {admins, team}}},
		{verb: "create", group: "batch", resource: "jobs", want: []string{admins}},
		{verb: "delete", resource: "pods", want: []string{admins, devops}},
		{verb: "create", resource: "pods", subresource: "portforward", want: []string{admins, devops}},
		{verb: "patch", group: "apps", resource: "deployments", subresource: "scale", want: []string{admins, devops}, in: map[string][]string{"app": {team, admins, devops}}},
		{verb: "get", resource: "pods", subresource: "log", want: []string{admins, devops, readers}, in: map[string][]string{"app": {team, admins, devops, readers}}},
		{verb: "list", resource: "events", want: []string{admins, devops, readers, collector}, in: map[string][]string{"app": {team, admins, devops, readers, collector}}},
		{verb: "update", group: "networking.k8s.io", resource: "ingresses", subresource: "status", want: []string{admins}, in: map[string][]string{"app": {admins, traefik}}},
	} {
		for _, ns := range append(slices.Clone(namespaces), "kube-system", "") {
			r := rbacsim.Request{Verb: tt.verb, Group: tt.group, Resource: tt.resource, Subresource: tt.subresource, Namespace: ns}
			want, ok := tt.in[ns]
			if !ok {
				want = tt.want
			}
			if !slices.Contains(namespaces, ns) {
				want = slices.DeleteFunc(slices.Clone(want), func(who string) bool { return who == devops && tt.verb != "get" && tt.verb != "list" })
			}
			assert.ElementsMatch(t, want, holders(t, a, r), r)
		}
	}
}

// holders lists to whom bindings of this directory grant a request.
func holders(t *testing.T, a *rbacsim.Authorizer, r rbacsim.Request) (names []string) {
	t.Helper()
	who := a.WhoCan(r)
	assert.Empty(t, slices.Collect(who.Incomplete()))
	for h := range who.All() {
		if !slices.ContainsFunc(slices.Collect(h.Grants()), func(g rbacsim.Grant) bool { return !g.BindingAssumed }) {
			continue // the control plane
		}
		assert.Equal(t, rbacsim.Allowed, h.Decision)
		v, err := a.Check(rbacsim.As(h.Principal), r)
		require.NoError(t, err)
		assert.Equal(t, rbacsim.Allowed, v.Effective, v.Explain())
		names = append(names, h.Principal.String())
	}
	return names
}

// ServiceAccounts that need no rights have none but everybody's.
func TestServiceAccountsWithoutRights(t *testing.T) {
	a := newAuthorizer(t)
	for _, w := range workloads {
		who := identity.MustParse("sa/" + w)
		own := 0
		for r := range a.Rights(rbacsim.As(who)).All() {
			if !r.BindingAssumed {
				own++
			}
		}
		assert.Equal(t, who.String() == traefik || who.String() == collector, own > 0, w)
	}
}
