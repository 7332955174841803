package azure

import (
	"slices"
	"strings"
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
	prodID    = "/subscriptions/0000/resourceGroups/rg-aks/providers/Microsoft.ContainerService/managedClusters/prod"
	fleetID   = "/subscriptions/0000/resourceGroups/rg-fleet/providers/Microsoft.ContainerService/fleets/f1"
	aliceID   = "a11ce000-0000-4000-8000-000000000001"
	guestID   = "9e570000-0000-4000-8000-000000000002"
	robotID   = "30b07000-0000-4000-8000-000000000003"
	devsID    = "de750000-0000-4000-8000-000000000004"
	opsID     = "09500000-0000-4000-8000-000000000005"
	outsideID = "07510000-0000-4000-8000-000000000006"
	podReader = "70d0000a-0000-4000-8000-00000000000a"
	everyRole = "a1100000-0000-4000-8000-00000000000b"
)

// people are a user, a guest, a managed identity and two groups, one in the other.
func (e *estate) people() *estate {
	add(e, "UserAssignedIdentity", "robot", model.UserAssignedIdentity{
		Resource: model.Resource{ID: model.Known("/subscriptions/0000/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/robot"), Name: model.Known("robot")},
		ClientID: model.Known("c11e0000-0000-4000-8000-000000000007"), PrincipalID: model.Known(strings.ToUpper(robotID)),
	})
	return e.directory(model.DirectoryObject{ID: aliceID, Kind: "User", UPN: "Alice@contoso.com", DisplayName: "Alice"}).
		directory(model.DirectoryObject{ID: guestID, Kind: "User", UPN: "gus_fabrikam.com#EXT#@contoso.com", UserType: "Guest"}).
		directory(model.DirectoryObject{ID: devsID, Kind: "Group", DisplayName: "devs"}).
		directory(model.DirectoryObject{ID: opsID, Kind: "Group", DisplayName: "ops"}).
		member(devsID, aliceID).member(opsID, devsID, robotID).
		role(podReader, dataActions(clusterType+"/pods/read")).
		role(everyRole, dataActions(clusterType+"/*"))
}

func (e *estate) bind(name, clusterRole string, subjects ...rbacv1.Subject) *estate {
	model.Add(&e.b, &model.Object[rbacv1.ClusterRoleBinding]{Ref: model.Ref{Kind: "ClusterRoleBinding", Name: name}, API: &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: clusterRole}, Subjects: subjects,
	}})
	return e
}

func groupSubject(name string) rbacv1.Subject { return rbacv1.Subject{Kind: "Group", Name: name} }
func userSubject(name string) rbacv1.Subject  { return rbacv1.Subject{Kind: "User", Name: name} }

func (e *estate) kubernetes(opts ...KubernetesOption) *Kubernetes {
	c := e.b.Cluster()
	return NewKubernetes(rbacsim.New(c), New(c), opts...)
}

func getPods(namespace string) rbacsim.Request {
	return rbacsim.Request{Verb: "get", Resource: "pods", Namespace: namespace}
}

func ask(t testing.TB, k *Kubernetes, who string, r rbacsim.Request, groups ...string) KubernetesVerdict {
	t.Helper()
	s, err := k.Impersonating(identity.MustParse(who), groups...)
	require.NoError(t, err)
	v, err := k.Check(s, r)
	require.NoError(t, err)
	d, err := k.Decide(s, r)
	require.NoError(t, err)
	require.Equal(t, v.Decision, d)
	return v
}

func TestAZ71AzureHasASayIfTheInputHoldsTheClusterAndItIsOn(t *testing.T) {
	for name, tt := range map[string]struct {
		cluster *model.ManagedCluster
		want    Decision
		why     string
	}{
		"on":        {cluster: new(asked(prodID)), want: rbacsim.Allowed},
		"none":      {want: rbacsim.Denied, why: "the input has no AKS cluster"},
		"off":       {cluster: with(asked(prodID), func(c *model.ManagedCluster) { c.Entra.AzureRBAC = model.Known(false) }), want: rbacsim.Denied, why: "enableAzureRBAC of prod is not true"},
		"absent":    {cluster: with(asked(prodID), func(c *model.ManagedCluster) { c.Entra.AzureRBAC = model.Property[bool]{} }), want: rbacsim.Denied, why: "enableAzureRBAC of prod is not true"},
		"null":      {cluster: with(asked(prodID), func(c *model.ManagedCluster) { c.Entra.AzureRBAC = model.Null[bool]() }), want: rbacsim.Denied, why: "enableAzureRBAC of prod is not true"},
		"noprofile": {cluster: with(asked(prodID), func(c *model.ManagedCluster) { c.Entra.Present = model.Known(false) }), want: rbacsim.Denied, why: "prod has no aadProfile"},
		"open": {
			cluster: with(asked(prodID), func(c *model.ManagedCluster) { c.Entra.AzureRBAC = model.Unresolved[bool]("[x]") }),
			want:    rbacsim.Undecided, why: "enableAzureRBAC of prod hangs on [x], which the input does not settle",
		},
		"profile open": {
			cluster: with(asked(prodID), func(c *model.ManagedCluster) { c.Entra.Present = model.Unresolved[bool]("[y]") }),
			want:    rbacsim.Undecided, why: "the aadProfile of prod hangs on [y], which the input does not settle",
		},
		"id open": {
			cluster: with(asked(prodID), func(c *model.ManagedCluster) { c.ID = model.Unresolved[string]("[z]") }),
			want:    rbacsim.Undecided, why: "the id of the cluster hangs on [z], which the input does not settle",
		},
	} {
		e := (&estate{}).people().assign("a", prodID, podReader, aliceID, "User")
		if tt.cluster != nil {
			e.cluster(*tt.cluster)
		}
		k := e.kubernetes()
		v := ask(t, k, "user/alice@contoso.com", getPods("app"))
		assert.Equal(t, tt.want, v.Decision, "%s: %s", name, v.Explain())
		assert.Equal(t, tt.want, v.Effective, name)
		d, why := k.AsksAzure()
		assert.Equal(t, tt.want, d, name)
		assert.Equal(t, tt.why, why, name)
		if tt.want == rbacsim.Undecided {
			assert.Contains(t, v.Explain(), why, name)
		}
		if tt.cluster == nil {
			assert.Equal(t, v.RBAC.Explain(), v.Explain(), "without a cluster all is as without Azure")
		}
	}
}

func with(c model.ManagedCluster, change func(*model.ManagedCluster)) *model.ManagedCluster {
	change(&c)
	return &c
}

func TestAZ71EitherSideIsEnough(t *testing.T) {
	e := (&estate{}).people().cluster(asked(prodID)).
		assign("a", prodID+"/namespaces/app", podReader, devsID, "Group").
		bind("viewers", "view", groupSubject(opsID), userSubject("Alice@contoso.com")).
		bind("robots", "edit", userSubject(robotID)).bind("locals", "view", userSubject("alice"))
	k := e.kubernetes()
	for _, tt := range []struct {
		who  string
		r    rbacsim.Request
		want Decision
		by   Side
	}{
		{"user/alice@contoso.com", getPods("app"), rbacsim.Allowed, RBACSide},
		{"user/" + aliceID, getPods("app"), rbacsim.Allowed, RBACSide},
		{"group/DEVS", getPods("app"), rbacsim.Allowed, RBACSide}, // in ops
		{"mi/robot", rbacsim.Request{Verb: "create", Resource: "pods", Namespace: "app"}, rbacsim.Allowed, RBACSide},
		{"sp/" + robotID, rbacsim.Request{Verb: "create", Resource: "pods", Namespace: "app"}, rbacsim.Allowed, RBACSide},
		{"user/" + guestID, getPods("app"), rbacsim.Denied, NoSide},
		{"user/gus_fabrikam.com#EXT#@contoso.com", getPods("app"), rbacsim.Denied, NoSide},
		{"user/alice", getPods("other"), rbacsim.Allowed, RBACSide},
		{"user/bob", getPods("app"), rbacsim.Denied, NoSide},
	} {
		v := ask(t, k, tt.who, tt.r)
		assert.Equal(t, tt.want, v.Decision, v.Explain())
		assert.Equal(t, tt.by, v.By, v.Explain())
	}
	v := ask(t, k, "user/alice@contoso.com", getPods("app"))
	assert.Equal(t, rbacsim.Allowed, v.Azure.Decision, "both sides' verdicts are there")
	assert.Equal(t, []string{"Alice@contoso.com", opsID, devsID, "system:authenticated"}, append([]string{v.Subject().RBAC.User}, v.Subject().RBAC.Groups...))
	assert.Equal(t, Subject{aliceID, []string{opsID, devsID}}, v.Subject().Azure)

	without := ask(t, (&estate{}).people().cluster(asked(prodID)).assign("a", prodID+"/namespaces/app", podReader, devsID, "Group").kubernetes(), "user/alice@contoso.com", getPods("app"))
	assert.Equal(t, AzureSide, without.By)
	assert.Contains(t, without.Explain(), "get pods in app: allowed by Azure RBAC\n")
}

func TestAZ72WhomAzureHasNoOpinionOf(t *testing.T) {
	e := (&estate{}).people().cluster(asked(prodID))
	for i, id := range []string{aliceID, devsID, opsID, robotID} {
		e.assign(string(rune('a'+i)), "/", everyRole, id, "")
	}
	k := e.kubernetes()
	for _, who := range []string{"sa/app/default", "user/system:node:x", "user/System:masters", "user/alice", "group/system:authenticated"} {
		v := ask(t, k, who, getPods("app"))
		assert.False(t, v.Azure.Opinion, who)
		assert.Equal(t, rbacsim.Denied, v.Azure.Decision, who)
		assert.Contains(t, v.Explain(), "Azure RBAC: no opinion\n", who)
	}
	oid := map[string][]string{"oid": {aliceID}}
	for _, s := range []KubernetesSubject{
		k.Review("SYSTEM:serviceaccount:app:default", nil, oid), k.Review("alice@contoso.com", []string{devsID}, nil),
		k.Review("alice@contoso.com", []string{devsID}, map[string][]string{"OID": {aliceID}}),
	} {
		v, err := k.Check(s, getPods("app"))
		require.NoError(t, err)
		assert.Equal(t, rbacsim.Denied, v.Decision, v.Explain())
	}
	for _, bad := range [][]string{{"alice"}, {}, {""}, {aliceID, devsID}} {
		v, err := k.Check(k.Review("alice@contoso.com", nil, map[string][]string{"oid": bad}), getPods("app"))
		require.NoError(t, err)
		assert.Equal(t, rbacsim.Denied, v.Azure.Decision)
		assert.Contains(t, v.Explain(), "the webhook refuses extra.oid")
	}
}

func TestAZ73Reviews(t *testing.T) {
	e := (&estate{}).people().cluster(asked(prodID)).assign("a", prodID, podReader, opsID, "Group").assign("b", prodID, everyRole, outsideID, "Group").
		bind("viewers", "view", groupSubject(devsID)).member(outsideID)
	k := e.kubernetes()
	s := k.Review("whoever", []string{"x"}, map[string][]string{"oid": {strings.ToUpper(aliceID)}})
	assert.Equal(t, rbacsim.Review("whoever", "x"), s.RBAC, "groups are exact")
	assert.Equal(t, Subject{aliceID, []string{opsID, devsID}}, s.Azure)
	v, err := k.Check(s, getPods("app"))
	require.NoError(t, err)
	assert.Equal(t, AzureSide, v.By)
	for _, spelt := range []string{outsideID, strings.ToUpper(outsideID), "{" + outsideID + "}", "urn:uuid:" + outsideID, strings.ReplaceAll(outsideID, "-", "")} {
		v, err = k.Check(k.Review("whoever", []string{spelt}, map[string][]string{"oid": {aliceID}}), rbacsim.Request{Verb: "delete", Resource: "nodes"})
		require.NoError(t, err)
		assert.Equal(t, rbacsim.Allowed, v.Azure.Decision, spelt)
	}
}

func TestAZ73NamesThatNobodyHas(t *testing.T) {
	on := (&estate{}).people().cluster(asked(prodID)).bind("b", "view", groupSubject("ops"), groupSubject("local-team")).kubernetes()
	off := (&estate{}).people().kubernetes()
	as := func(k *Kubernetes, who string) (KubernetesSubject, error) { return k.As(identity.MustParse(who)) }
	_, err := as(on, "user/alise@contoso.com")
	require.EqualError(t, err, `nothing in the input says who user/alise@contoso.com is (did you mean "user/Alice@contoso.com"?)`)
	_, err = as(on, "group/devz")
	require.ErrorContains(t, err, `"group/devs"`)
	_, err = as(on, "group/ops")
	require.EqualError(t, err, "group/ops may be the group that bindings call so, or the one of Microsoft Entra ID whose object id is "+opsID+": the latter can be called by that")
	_, err = as(off, "mi/robbot")
	require.ErrorContains(t, err, `"mi/robot"`)
	for _, who := range []string{"user/alise@contoso.com", "group/devz", "user/alice"} {
		s, err := as(off, who)
		require.NoError(t, err, "where Azure is not asked, all is as it was")
		assert.Equal(t, KubernetesSubject{RBAC: rbacsim.As(identity.MustParse(who))}, s)
	}
	s, err := as(on, "group/local-team")
	require.NoError(t, err)
	assert.Equal(t, KubernetesSubject{RBAC: rbacsim.As(identity.NewGroup("local-team"))}, s)
	s, err = as(on, "user/"+outsideID)
	require.NoError(t, err, "an object id is nobody known, and no error")
	assert.Equal(t, outsideID, s.RBAC.User)
	_, err = on.Check(KubernetesSubject{}, getPods("app"))
	assert.ErrorIs(t, err, rbacsim.ErrNobody)
}

func TestSeveralClusters(t *testing.T) {
	e := func() *estate {
		return (&estate{}).people().cluster(asked(prodID)).cluster(asked(strings.Replace(prodID, "prod", "test", 1))).assign("a", prodID, podReader, aliceID, "User")
	}
	k := e().kubernetes()
	_, err := k.As(identity.NewUser("alice@contoso.com"))
	require.EqualError(t, err, "the input holds 2 AKS clusters, and which of them is meant was not said: "+prodID+", "+strings.Replace(prodID, "prod", "test", 1))
	_, err = k.WhoCan(getPods("app"))
	require.Error(t, err)
	c := e().b.Cluster()
	for name, want := range map[string]Decision{"PROD": rbacsim.Allowed, "test": rbacsim.Denied, strings.ToUpper(prodID): rbacsim.Allowed} {
		k := NewKubernetes(rbacsim.New(c, rbacsim.WithManagedCluster(name)), New(c))
		assert.Equal(t, want, ask(t, k, "user/alice@contoso.com", getPods("app")).Decision, name)
	}
	k = NewKubernetes(rbacsim.New(c, rbacsim.WithManagedCluster("prot")), New(c))
	_, err = k.As(identity.NewUser("alice@contoso.com"))
	require.ErrorContains(t, err, `no AKS cluster "prot" in the input`)
	off := asked(prodID)
	off.Entra.AzureRBAC = model.Known(false)
	c = (&estate{}).people().cluster(off).cluster(*with(off, func(c *model.ManagedCluster) { c.ID = model.Known(prodID + "2") })).b.Cluster()
	k = NewKubernetes(rbacsim.New(c), New(c))
	assert.Equal(t, rbacsim.Denied, ask(t, k, "user/alice@contoso.com", getPods("app")).Decision, "of clusters that do not ask it does not matter")
	_, err = NewKubernetes(rbacsim.New(c, rbacsim.WithManagedCluster("prot")), New(c)).As(identity.NewUser("alice@contoso.com"))
	require.ErrorContains(t, err, `no AKS cluster "prot" in the input`)
}

func TestAZ68Fleets(t *testing.T) {
	e := func(change func(*model.ManagedCluster), scope string) *Kubernetes {
		c := asked(prodID)
		change(&c)
		return (&estate{}).people().cluster(c).role(outsideID, dataActions(memberType+"/*")).assign("a", scope, outsideID, aliceID, "User").kubernetes()
	}
	member := func(c *model.ManagedCluster) { c.FleetID = model.Known(strings.ToUpper(fleetID)) }
	for _, tt := range []struct {
		name      string
		change    func(*model.ManagedCluster)
		scope     string
		namespace string
		want      Decision
	}{
		{"a member", member, fleetID, "app", rbacsim.Allowed},
		{"a member, everywhere", member, fleetID, "", rbacsim.Allowed},
		{"a managed namespace of the fleet", member, fleetID + "/managedNamespaces/app", "app", rbacsim.Allowed},
		{"another", member, fleetID + "/managedNamespaces/app", "other", rbacsim.Denied},
		{"a namespace of the fleet", member, fleetID + "/namespaces/app", "app", rbacsim.Undecided},
		{"another fleet", member, fleetID + "2", "app", rbacsim.Denied},
		{"perhaps a member", func(*model.ManagedCluster) {}, fleetID, "app", rbacsim.Undecided},
		{"no member", func(c *model.ManagedCluster) { c.FleetID = model.Null[string]() }, fleetID, "app", rbacsim.Denied},
		{"perhaps a member of a fleet further down", func(*model.ManagedCluster) {}, "/subscriptions/0000/resourceGroups/rg-fleet", "app", rbacsim.Undecided},
		{"perhaps a member, all namespaces", func(*model.ManagedCluster) {}, "/subscriptions/0000", "", rbacsim.Undecided},
		{"no member, further down", func(c *model.ManagedCluster) { c.FleetID = model.Null[string]() }, "/subscriptions/0000", "app", rbacsim.Denied},
		{"ids of members count at fleets only", func(*model.ManagedCluster) {}, prodID, "app", rbacsim.Denied},
	} {
		v := ask(t, e(tt.change, tt.scope), "user/alice@contoso.com", getPods(tt.namespace))
		assert.Equal(t, tt.want, v.Decision, "%s: %s", tt.name, v.Explain())
	}
	v := ask(t, e(func(*model.ManagedCluster) {}, fleetID), "user/alice@contoso.com", getPods("app"))
	assert.Contains(t, v.Explain(), "but the input does not tell whether the cluster is a member of fleet f1")
}

func TestAZ68ManagedNamespaces(t *testing.T) {
	e := func() *estate {
		return (&estate{}).people().cluster(asked(prodID)).assign("a", prodID+"/managedNamespaces/app", podReader, aliceID, "User")
	}
	assert.Equal(t, rbacsim.Denied, ask(t, e().kubernetes(), "user/alice@contoso.com", getPods("app")).Decision)
	k := e().kubernetes(WithManagedNamespaces())
	assert.Equal(t, rbacsim.Allowed, ask(t, k, "user/alice@contoso.com", getPods("app")).Decision)
	assert.Equal(t, rbacsim.Denied, ask(t, k, "user/alice@contoso.com", getPods("other")).Decision)
	assert.Equal(t, rbacsim.Denied, ask(t, k, "user/alice@contoso.com", getPods("")).Decision)
}

func TestAZ74GroupsWhoseMembersAreNotTold(t *testing.T) {
	e := (&estate{}).people().cluster(asked(prodID)).bind("b", "view", groupSubject(outsideID))
	k := e.kubernetes()
	v := ask(t, k, "user/alice@contoso.com", getPods("app"))
	assert.Equal(t, rbacsim.Undecided, v.Decision)
	assert.Contains(t, v.Explain(), "the input tells who is in other groups, but not in group/"+outsideID)
	assert.Equal(t, rbacsim.Denied, ask(t, k, "user/alice@contoso.com", rbacsim.Request{Verb: "delete", Resource: "pods", Namespace: "app"}).Decision)
	assert.Equal(t, rbacsim.Denied, ask(t, k, "sa/app/default", getPods("app")).Decision)
	exact, err := k.Check(k.Review("alice@contoso.com", nil, map[string][]string{"oid": {aliceID}}), getPods("app"))
	require.NoError(t, err)
	assert.Equal(t, rbacsim.Denied, exact.Decision, "the groups of a review are all there are")
	listed := (&estate{}).people().cluster(asked(prodID)).bind("b", "view", groupSubject(outsideID)).member(outsideID).kubernetes()
	assert.Equal(t, rbacsim.Denied, ask(t, listed, "user/alice@contoso.com", getPods("app")).Decision)
}

func TestAZ70AdminGroups(t *testing.T) {
	e := func(groups model.Property[[]string]) *Kubernetes {
		c := asked(prodID)
		c.Entra.AdminGroups = groups
		return (&estate{}).people().cluster(c).kubernetes()
	}
	everything := rbacsim.Request{Verb: "delete", Resource: "nodes"}
	k := e(model.Known([]string{strings.ToUpper(opsID)}))
	v := ask(t, k, "user/alice@contoso.com", everything)
	assert.Equal(t, rbacsim.Allowed, v.Decision)
	assert.Contains(t, v.Explain(), "by ClusterRoleBinding aks-cluster-admin-binding-aad to group/"+opsID)
	assert.Equal(t, rbacsim.Denied, ask(t, k, "user/"+guestID, everything).Decision)

	k = e(model.Unresolved[[]string]("[admins]"))
	v = ask(t, k, "user/"+guestID, everything)
	assert.Equal(t, rbacsim.Undecided, v.Decision, "in no group that the input tells of")
	assert.Contains(t, v.Explain(), "which group [admins] is the input does not settle")
	assert.Equal(t, rbacsim.Denied, ask(t, k, "sa/app/default", everything).Decision)
	assert.Equal(t, rbacsim.Denied, ask(t, k, "user/bob", everything).Decision)
}

func TestAZ69DiscoveryPaths(t *testing.T) {
	e := func() *estate { return (&estate{}).people().cluster(asked(prodID)) }
	for path, want := range map[string]Decision{
		"/apiserver-custom": rbacsim.Allowed, "/OpenAPI": rbacsim.Allowed, "/healthz/../secrets": rbacsim.Allowed, "/metrics": rbacsim.Denied, "/ap": rbacsim.Denied,
	} {
		v := ask(t, e().kubernetes(), "user/"+outsideID, rbacsim.URL("GET", path))
		assert.Equal(t, want, v.Azure.Decision, path)
		assert.Equal(t, rbacsim.Denied, ask(t, e().kubernetes(WithoutDiscoveryPaths()), "user/"+outsideID, rbacsim.URL("GET", path)).Azure.Decision, path)
		assert.Equal(t, rbacsim.Denied, ask(t, e().kubernetes(), "user/bob", rbacsim.URL("GET", path)).Azure.Decision, path)
	}
	assert.Equal(t, rbacsim.Denied, ask(t, e().kubernetes(), "user/"+outsideID, rbacsim.URL("post", "/apiserver-custom")).Azure.Decision)
}

func TestAZ62MappingsThatFail(t *testing.T) {
	e := (&estate{}).people().cluster(asked(prodID)).assign("a", "/", everyRole, aliceID, "User")
	v := ask(t, e.kubernetes(), "user/alice@contoso.com", rbacsim.Request{Verb: "*", Resource: "pods", Namespace: "app"})
	assert.Equal(t, rbacsim.Denied, v.Decision)
	require.Error(t, v.Azure.Error)
	assert.Contains(t, v.Explain(), "the webhook can't ask Azure, which fails the request: wildcards need an operation map")
}

func TestWhoCanInCluster(t *testing.T) {
	c := asked(prodID)
	c.Entra.AdminGroups = model.Known([]string{outsideID})
	e := (&estate{}).people().cluster(c).assign("a", prodID, podReader, devsID, "Group").assign("b", prodID, podReader, aliceID, "User").
		assign("c", prodID, podReader, guestID, "User").assign("d", prodID, everyRole, robotID, "ServicePrincipal").
		bind("robots", "view", userSubject(robotID)).bind("locals", "view", userSubject("bob"))
	k := e.kubernetes()
	who := func(r rbacsim.Request) (list []string) {
		h, err := k.WhoCan(r)
		require.NoError(t, err)
		for w := range h.All() {
			text := w.Principal.String() + " " + w.Decision.String() + " " + w.By().String()
			n, m := len(slices.Collect(w.RBACGrants())), len(slices.Collect(w.AzureGrants()))
			assert.NotZero(t, n+m, text)
			if n > 0 && m > 0 {
				text += " and Azure"
			}
			list = append(list, text)
		}
		return list
	}
	assert.Equal(t, []string{
		"group/" + outsideID + " allowed Kubernetes RBAC",
		"group/" + devsID + " allowed Azure RBAC",
		"group/system:masters allowed Kubernetes RBAC",
		"user/Alice@contoso.com allowed Azure RBAC",
		"user/bob allowed Kubernetes RBAC",
		"user/gus_fabrikam.com#EXT#@contoso.com allowed Azure RBAC",
		"mi/robot allowed Kubernetes RBAC and Azure",
	}, slices.DeleteFunc(who(getPods("app")), func(s string) bool {
		return strings.Contains(s, "sa/kube-system") || strings.Contains(s, "user/system:")
	}))
	h, err := k.WhoCan(rbacsim.URL("get", "/apis/x"))
	require.NoError(t, err)
	everyone := 0
	for w := range h.All() {
		if w.Everyone {
			everyone++
			assert.Equal(t, AzureSide, w.By())
		}
	}
	assert.Equal(t, 1, everyone)
}

func TestAZ76Bypasses(t *testing.T) {
	c := asked(prodID)
	c.DisableLocal, c.APIServer.DisableRunCommand = model.Known(true), model.Unresolved[bool]("[p]")
	c.NodeResourceGroup, c.NodeLockdown = model.Known("MC_x"), model.Known("readonly")
	e := (&estate{}).people().cluster(c).assign("a", "/subscriptions/0000", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", devsID, "Group")
	add(e, "KeyVault", "v", model.KeyVault{Resource: model.Resource{ID: model.Known("/subscriptions/0000/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v"), Name: model.Known("v")}})
	add(e, "DiagnosticSetting", "d", model.DiagnosticSetting{Resource: model.Resource{Name: model.Known("d")}, TargetID: model.Known(strings.ToLower(prodID))})
	snapshot := e.b.Cluster()
	o, ok := model.Get[model.ManagedCluster](snapshot, "", model.AzureRef("", prodID+"prod").Name)
	require.True(t, ok)
	az := New(snapshot)
	var got []string
	for b := range Bypasses(snapshot, o) {
		var who []string
		for w := range az.Bypassers(b) {
			who = append(who, w.Entity.Principal().String()+" "+w.Decision.String())
			assert.NotEmpty(t, slices.Collect(w.Grants()))
		}
		assert.NotEmpty(t, b.Gives+b.Closes+b.Why)
		got = append(got, string(b.Kind)+" "+b.State.String()+": "+strings.Join(who, ", "))
	}
	devs := "user/Alice@contoso.com allowed, group/" + devsID + " allowed"
	assert.Equal(t, []string{
		"local-admin closed: " + devs, "local-admin-old closed: " + devs, "run-command unknown: " + devs, "reconfigure open: " + devs,
		"node-command closed: " + devs, "node-replacement closed: " + devs, "trusted-access open: " + devs, "role-assignment open: " + devs,
		"federate-identity open: " + devs, "vault-policy open: " + devs, "vault-mode open: " + devs, "blind-audit open: " + devs,
	}, got)
}

func TestAZ76BypassStates(t *testing.T) {
	states := func(change func(*model.ManagedCluster)) map[BypassKind]BypassState {
		c := asked(prodID)
		change(&c)
		e := (&estate{}).cluster(c)
		snapshot := e.b.Cluster()
		all := map[BypassKind]BypassState{}
		for o := range model.All[model.ManagedCluster](snapshot) {
			for b := range Bypasses(snapshot, o) {
				all[b.Kind] = b.State
			}
		}
		return all
	}
	for _, p := range []model.Property[bool]{{}, model.Null[bool](), model.Known(false)} {
		got := states(func(c *model.ManagedCluster) { c.DisableLocal, c.APIServer.DisableRunCommand = p, p })
		assert.Equal(t, BypassOpen, got[LocalAdmin])
		assert.Equal(t, BypassOpen, got[RunCommand])
	}
	got := states(func(c *model.ManagedCluster) {
		c.DisableLocal, c.NodeLockdown = model.Unresolved[bool]("x"), model.Unresolved[string]("y")
	})
	assert.Equal(t, BypassUnknown, got[LocalAdmin])
	assert.Equal(t, BypassUnknown, got[NodeCommand])
	assert.Equal(t, BypassOpen, states(func(c *model.ManagedCluster) { c.NodeLockdown = model.Known("Unrestricted") })[NodeCommand])
}

func TestAZ77ConditionsOnAttributes(t *testing.T) {
	const onKind = `((!(ActionMatches{'Microsoft.ContainerService/managedClusters/customresources/read'})) OR
		(@Request[Microsoft.ContainerService/managedClusters/customResources:kind] StringEquals 'secretproviderclasses'))`
	const onSubresource = `((!(ActionMatches{'Microsoft.ContainerService/managedClusters/pods/read'})) OR
		(NOT Exists @Request[Microsoft.ContainerService/managedClusters/resources:subresource]))`
	ops := NewOperations(rbacsim.BuiltinResources())
	for _, tt := range []struct {
		condition string
		mapping   Mapping
		r         rbacsim.Request
		want      Decision
	}{
		{onKind, Mapping{ops, true, true}, rbacsim.Request{Verb: "get", Group: "x.io", Resource: "secretproviderclasses"}, rbacsim.Allowed},
		{onKind, Mapping{ops, true, true}, rbacsim.Request{Verb: "get", Group: "x.io", Resource: "others"}, rbacsim.Denied},
		{onKind, Mapping{ops, true, true}, rbacsim.Request{Verb: "create", Group: "x.io", Resource: "others"}, rbacsim.Allowed},
		{onKind, Mapping{}, rbacsim.Request{Verb: "get", Group: "x.io", Resource: "others"}, rbacsim.Allowed},
		{onSubresource, Mapping{ops, true, true}, getPods("app"), rbacsim.Allowed},
		{onSubresource, Mapping{ops, true, true}, rbacsim.Request{Verb: "get", Resource: "pods", Subresource: "proxy", Namespace: "app"}, rbacsim.Denied},
		{onSubresource, Mapping{ops, true, true}, rbacsim.Request{Verb: "get", Resource: "pods", Subresource: "log", Namespace: "app"}, rbacsim.Allowed},
		{onSubresource, Mapping{}, rbacsim.Request{Verb: "get", Resource: "pods", Subresource: "proxy", Namespace: "app"}, rbacsim.Undecided},
	} {
		e := (&estate{}).people().cluster(asked(prodID))
		add(e, "RoleAssignment", "a", model.RoleAssignment{
			ID: model.Known(prodID + "/providers/Microsoft.Authorization/roleAssignments/a"), Name: model.Known("a"), Scope: model.Known(prodID), PrincipalType: model.Known("User"),
			RoleDefinitionID: model.Known("/providers/Microsoft.Authorization/roleDefinitions/" + everyRole), PrincipalID: model.Known(aliceID),
			Condition: model.Known(tt.condition), ConditionVersion: model.Known("2.0"),
		})
		v := ask(t, e.kubernetes(WithMapping(tt.mapping)), "user/alice@contoso.com", tt.r)
		assert.Equal(t, tt.want, v.Decision, v.Explain())
	}
}

func TestAZ75AllActionsHaveToBeAllowed(t *testing.T) {
	ops := NewOperations(rbacsim.BuiltinResources())
	const deleter, writer = "de1e7e00-0000-4000-8000-00000000000c", "e71e7e00-0000-4000-8000-00000000000d"
	e := func() *estate {
		return (&estate{}).people().cluster(asked(prodID)).role(deleter, dataActions(clusterType+"/bindings/*", clusterType+"/pods/delete")).
			role(writer, dataActions(clusterType+"/pods/write", clusterType+"/pods/exec/action")).
			assign("a", prodID, podReader, aliceID, "User").assign("b", "/", deleter, devsID, "Group")
	}
	everything := rbacsim.Request{Verb: "*", Resource: "pods", Namespace: "app"}
	v := ask(t, e().kubernetes(WithMapping(Mapping{Operations: ops})), "user/alice@contoso.com", everything)
	assert.Equal(t, rbacsim.Denied, v.Decision)
	assert.NotContains(t, v.Explain(), "pods/read at", "only what is not allowed is told")
	k := e().assign("c", prodID+"/namespaces/app", writer, opsID, "Group").kubernetes(WithMapping(Mapping{Operations: ops}))
	v = ask(t, k, "user/alice@contoso.com", everything)
	assert.Equal(t, rbacsim.Allowed, v.Decision, "by three assignments together")
	who, err := k.WhoCan(everything)
	require.NoError(t, err)
	for h := range who.All() {
		if h.By() == AzureSide {
			assert.Equal(t, aliceID, h.Entity.ObjectID, "nobody else holds all of them")
			assert.Len(t, slices.Collect(h.AzureGrants()), 4)
		}
	}
}

func TestExplain(t *testing.T) {
	e := (&estate{}).people().cluster(asked(prodID)).assign("a", prodID+"/namespaces/app", podReader, devsID, "Group")
	k := e.kubernetes()
	assert.Equal(t, `Alice@contoso.com in `+opsID+`, `+devsID+`, system:authenticated: get pods in app: allowed by Azure RBAC
    Kubernetes RBAC: denied
        3 bindings apply, and grant nothing that comes near
    Azure RBAC: allowed
        Microsoft.ContainerService/managedClusters/pods/read at `+prodID+`/namespaces/app: allowed
            by role assignment a: role 70d0 to group/`+devsID+` (devs), at `+prodID+`/namespaces/app
                dataActions Microsoft.ContainerService/managedClusters/pods/read
                user/Alice@contoso.com is in group/`+devsID, ask(t, k, "user/alice@contoso.com", getPods("app")).Explain())
	assert.Equal(t, `sa/app/web in system:serviceaccounts, system:serviceaccounts:app, system:authenticated: get pods in app: denied
    Kubernetes RBAC: denied
        5 bindings apply, and grant nothing that comes near
    Azure RBAC: no opinion
        Azure has no opinion about users whose names begin with system:`, ask(t, k, "sa/app/web", getPods("app")).Explain())
	assert.Equal(t, "the API server asks RBAC first and then Azure RBAC, and what either allows is allowed", slices.Collect(k.Assumptions())[0])
	assert.Equal(t, "the API server also asks Azure RBAC, which is left out of account here", slices.Collect(k.RBAC().Assumptions())[0])
}
