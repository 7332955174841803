package rbacsim_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

const (
	adminGroup = "ad000000-0000-4000-8000-000000000001"
	otherGroup = "07000000-0000-4000-8000-000000000002"
)

func managedCluster(name string, change func(*model.ManagedCluster)) *model.Object[model.ManagedCluster] {
	id := "/subscriptions/0/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/" + name
	c := &model.ManagedCluster{Resource: model.Resource{ID: model.Known(id), Name: model.Known(name)}, Entra: model.EntraProfile{Present: model.Known(true)}}
	if change != nil {
		change(c)
	}
	var fields model.FieldsBuilder
	fields.Add("aadProfile.adminGroupObjectIDs[0]", 7, 5)
	return &model.Object[model.ManagedCluster]{Ref: model.AzureRef("ManagedCluster", id), API: c, Origin: model.Origin{Place: model.Place{File: "aks.json", Line: 1}, Fields: fields.Fields()}}
}

func admins(p model.Property[[]string]) func(*model.ManagedCluster) {
	return func(c *model.ManagedCluster) { c.Entra.AdminGroups = p }
}

func withManaged(t *testing.T, opts []rbacsim.Option, objects ...*model.Object[model.ManagedCluster]) *rbacsim.Authorizer {
	t.Helper()
	var b model.Builder
	for _, o := range objects {
		model.Add(&b, o)
	}
	return rbacsim.New(b.Cluster(), opts...)
}

func TestAZ70AdminGroupsAreBoundToClusterAdmin(t *testing.T) {
	everything := rbacsim.Request{Verb: "delete", Resource: "nodes"}
	member := func(group string) rbacsim.Subject { return rbacsim.As(identity.NewUser("alice@contoso.com"), group) }
	known := model.Known([]string{"AD000000-0000-4000-8000-000000000001"})

	a := withManaged(t, nil, managedCluster("prod", admins(known)))
	v, err := a.Check(member(adminGroup), everything)
	require.NoError(t, err)
	assert.Equal(t, rbacsim.Allowed, v.Decision)
	assert.Contains(t, v.Explain(), "by ClusterRoleBinding aks-cluster-admin-binding-aad to group/"+adminGroup+"  (aks.json:7)\n        ClusterRole cluster-admin, rules[0]  (a default)")
	assert.Equal(t, rbacsim.Denied, a.Decide(member(otherGroup), everything))
	assert.Empty(t, slices.Collect(a.Spares(rbacsim.AllRequests)), "what AKS makes is nobody's to remove")
	var holders []string
	for h := range a.WhoCan(everything).All() {
		holders = append(holders, h.Principal.String())
	}
	assert.Contains(t, holders, "group/"+adminGroup)

	a = withManaged(t, nil, managedCluster("prod", admins(model.Unresolved[[]string]("[variables('g')]"))))
	v, err = a.Check(member(otherGroup), everything)
	require.NoError(t, err)
	assert.Equal(t, rbacsim.Undecided, v.Decision, "it may be any group that has an object id")
	assert.Contains(t, v.Explain(), "perhaps by ClusterRoleBinding aks-cluster-admin-binding-aad to group/[variables('g')]")
	assert.Equal(t, []string{"[variables('g')]"}, slices.Collect(a.UnsettledGroups()))
	for _, s := range []rbacsim.Subject{rbacsim.As(identity.NewServiceAccount("app", "web")), rbacsim.As(identity.NewUser("alice"), "devs")} {
		assert.Equal(t, rbacsim.Denied, a.Decide(s, everything), "%s is in no group of Microsoft Entra ID", s)
	}

	for name, p := range map[string]model.Property[[]string]{"absent": {}, "null": model.Null[[]string](), "none": model.Known([]string{})} {
		assert.Equal(t, rbacsim.Denied, withManaged(t, nil, managedCluster("prod", admins(p))).Decide(member(adminGroup), everything), name)
	}
	for profile, want := range map[model.Property[bool]]rbacsim.Decision{
		model.Known(false): rbacsim.Denied, model.Unresolved[bool]("x"): rbacsim.Undecided, {}: rbacsim.Allowed,
	} {
		a := withManaged(t, nil, managedCluster("prod", func(c *model.ManagedCluster) { c.Entra.AdminGroups, c.Entra.Present = known, profile }))
		assert.Equal(t, want, a.Decide(member(adminGroup), everything))
	}
}

func TestAZ70AdminBindingOfTheInput(t *testing.T) {
	everything := rbacsim.Request{Verb: "delete", Resource: "nodes"}
	binding := func(groups ...string) *model.Object[rbacv1.ClusterRoleBinding] {
		b := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "aks-cluster-admin-binding-aad"}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"}}
		for _, g := range groups {
			b.Subjects = append(b.Subjects, rbacv1.Subject{Kind: "Group", Name: g})
		}
		return &model.Object[rbacv1.ClusterRoleBinding]{Ref: model.Ref{Kind: "ClusterRoleBinding", Name: b.Name}, API: b}
	}
	for want, bound := range map[rbacsim.Decision]string{rbacsim.Allowed: adminGroup, rbacsim.Undecided: otherGroup} {
		var b model.Builder
		model.Add(&b, managedCluster("prod", admins(model.Known([]string{adminGroup}))))
		model.Add(&b, binding(bound))
		a := rbacsim.New(b.Cluster())
		assert.Equal(t, want, a.Decide(rbacsim.As(identity.NewUser("a@b.c"), adminGroup), everything))
	}
}

func TestWhichManagedCluster(t *testing.T) {
	everything := rbacsim.Request{Verb: "delete", Resource: "nodes"}
	alice := rbacsim.As(identity.NewUser("alice@contoso.com"), adminGroup)
	prod, test := managedCluster("prod", admins(model.Known([]string{adminGroup}))), managedCluster("test", nil)
	for _, tt := range []struct {
		option string
		want   rbacsim.Decision
		err    string
	}{
		{"prod", rbacsim.Allowed, ""},
		{prod.API.ID.Or(""), rbacsim.Allowed, ""},
		{"TEST", rbacsim.Denied, ""},
		{"", rbacsim.Undecided, "the input holds 2 AKS clusters, and which of them is meant was not said: " + prod.API.ID.Or("") + ", " + test.API.ID.Or("")},
		{"prodd", rbacsim.Undecided, `no AKS cluster "prodd" in the input`},
	} {
		a := withManaged(t, []rbacsim.Option{rbacsim.WithManagedCluster(tt.option)}, prod, test)
		assert.Equal(t, tt.want, a.Decide(alice, everything), tt.option)
		o, err := a.ManagedCluster()
		if tt.err == "" {
			require.NoError(t, err)
			assert.NotNil(t, o)
		} else {
			require.ErrorContains(t, err, tt.err)
			assert.Nil(t, o)
		}
	}
	o, err := withManaged(t, nil).ManagedCluster()
	require.NoError(t, err)
	assert.Nil(t, o)
	_, err = withManaged(t, []rbacsim.Option{rbacsim.WithManagedCluster("prod")}).ManagedCluster()
	require.EqualError(t, err, `no AKS cluster "prod" in the input`)
}

func TestAZ78ClustersThatMayNotAskRBAC(t *testing.T) {
	anything := rbacsim.Request{Verb: "delete", Resource: "nodes"}
	for p, want := range map[model.Property[bool]]rbacsim.Decision{
		{}: rbacsim.Denied, model.Known(true): rbacsim.Denied, model.Known(false): rbacsim.Undecided, model.Unresolved[bool]("[x]"): rbacsim.Undecided,
	} {
		a := withManaged(t, nil, managedCluster("prod", func(c *model.ManagedCluster) { c.KubernetesRBAC = p }))
		v, err := a.Check(rbacsim.As(identity.NewUser("alice")), anything)
		require.NoError(t, err)
		assert.Equal(t, want, v.Decision)
		if want == rbacsim.Undecided {
			assert.Contains(t, v.Explain(), "enableRBAC")
		}
	}
}
