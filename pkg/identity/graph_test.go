package identity_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/multi"
	"gonum.org/v1/gonum/graph/path"
	"gonum.org/v1/gonum/graph/topo"
	rbacv1 "k8s.io/api/rbac/v1"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

func add[T any, P interface {
	*T
	metav1.Object
}](b *model.Builder, kind string, o P) {
	model.Add(b, &model.Object[T]{Ref: model.Ref{Kind: kind, Namespace: o.GetNamespace(), Name: o.GetName()}, API: o})
}

// randomEstate makes a small estate in which all edges of an identity graph occur. The
// order in which its objects are added hangs on shuffle, and nothing else does.
func randomEstate(seed, shuffle uint64) *model.Cluster {
	r := rand.New(rand.NewPCG(seed, 5))
	var adds []func(*model.Builder)
	azure := func(put func(*model.Builder)) { adds = append(adds, put) }
	name := func(n int) string { return string(rune('a' + r.IntN(n))) }
	someIssuer := func() model.Property[string] {
		return []model.Property[string]{model.Known("https://a.example.com/"), model.Known("https://a.example.com"), model.Unresolved[string]("x")}[r.IntN(3)]
	}
	cluster := &model.ManagedCluster{Resource: model.Resource{ID: model.Known("/subscriptions/s/c")}, IssuerURL: someIssuer(), WorkloadIdentity: model.Known(r.IntN(4) > 0), Entra: model.EntraProfile{AdminGroups: model.Known([]string{oid(r.IntN(6))})}}
	if r.IntN(2) == 0 {
		cluster.Kubelet = model.AttachedIdentity{ResourceID: model.Known(identityID("b"))}
	}
	azure(func(b *model.Builder) { put(b, "ManagedCluster", "c", 1, "c", cluster) })
	for i, n := range []string{"a", "b", "c"} {
		id := managedIdentity(n, oid(50+i), oid(i))
		azure(func(b *model.Builder) { put(b, "UserAssignedIdentity", "i", i, n, id) })
	}
	for i := range r.IntN(5) {
		c := credential(name(3), fmt.Sprint(i), "system:serviceaccount:"+name(2)+":"+name(3))
		c.Issuer = someIssuer()
		if r.IntN(5) == 0 {
			c.ClaimsMatching = model.Known("x")
		}
		azure(func(b *model.Builder) { put(b, "FederatedCredential", "f", i, c.ID.Or(""), c) })
	}
	for j := range 6 {
		m := &model.GroupMembers{Group: oid(j)}
		for i := range 6 {
			if r.IntN(5) == 0 {
				m.Members = append(m.Members, oid(i))
			}
		}
		azure(func(b *model.Builder) { put(b, "GroupMembers", "m", j, m.Group, m) })
	}
	for i := range r.IntN(4) {
		o := &model.RoleAssignment{ID: model.Known(fmt.Sprint("/", i)), Scope: model.Known("/"), PrincipalID: model.Known(oid(r.IntN(6))), RoleDefinitionID: model.Known("/x/" + oid(r.IntN(2)))}
		azure(func(b *model.Builder) { put(b, "RoleAssignment", "a", i, o.ID.Or(""), o) })
	}
	for _, ns := range []string{"a", "b"} {
		for _, sa := range []string{"a", "b", "c"} {
			if r.IntN(3) == 0 {
				continue
			}
			o := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: sa, Annotations: map[string]string{"azure.workload.identity/client-id": oid(50 + r.IntN(3))}}}
			azure(func(b *model.Builder) { add(b, "ServiceAccount", o) })
		}
	}
	for i := range r.IntN(5) {
		o := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: name(2), Name: fmt.Sprint("p", i), Labels: map[string]string{}}, Spec: corev1.PodSpec{ServiceAccountName: name(3), Containers: []corev1.Container{{Name: "x"}}}}
		if r.IntN(4) > 0 {
			o.Labels["azure.workload.identity/use"] = "true"
		}
		o.Spec.HostNetwork = r.IntN(4) == 0
		azure(func(b *model.Builder) { add(b, "Pod", o) })
	}
	for i := range r.IntN(3) {
		o := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint(i)}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "view"}, Subjects: []rbacv1.Subject{
			{Kind: "User", Name: oid(r.IntN(3))}, {Kind: "Group", Name: oid(r.IntN(6))}, {Kind: "ServiceAccount", Namespace: name(2), Name: name(3)}, {Kind: "User", Name: "local"},
		}}
		azure(func(b *model.Builder) { add(b, "ClusterRoleBinding", o) })
	}
	rand.New(rand.NewPCG(shuffle, 6)).Shuffle(len(adds), func(i, j int) { adds[i], adds[j] = adds[j], adds[i] })
	var b model.Builder
	for _, f := range adds {
		f(&b)
	}
	return b.Cluster()
}

func dump(g *identity.Graph) string {
	var b strings.Builder
	for n := range g.All() {
		fmt.Fprintln(&b, n.ID(), n.Kind(), n, n.Principal(), n.Ref(), n.Entity(), n.Place())
		for e := range g.Out(n) {
			fmt.Fprintln(&b, "   ", e.ID(), e, e.Via)
		}
	}
	for f := range g.Lint() {
		fmt.Fprintln(&b, f)
	}
	return b.String()
}

// The order of the input means nothing.
func TestGraphOrder(t *testing.T) {
	for seed := range uint64(80) {
		require.Equal(t, dump(identity.NewGraph(randomEstate(seed, 1))), dump(identity.NewGraph(randomEstate(seed, 2))), seed)
	}
}

// steps are the edges by which one becomes somebody, as the documentation has it.
func isStep(e *identity.Edge, start *identity.Node) bool {
	switch e.Kind() {
	case identity.HoldsToken:
		return e.Detail == ""
	case identity.Federated, identity.UsesBinding:
		return e.Source() == start
	case identity.MemberOf, identity.Exchanges, identity.CredentialOf, identity.ReachesMetadata, identity.Attached, identity.LegacyIdentity, identity.BindingOf:
		return true
	default:
		return false
	}
}

// ActsAs is the transitive closure, by shortest ways, of those that are certain where
// there are any: held to Floyd and Warshall.
func TestActsAsIsTheClosure(t *testing.T) {
	const far = 1 << 20
	for seed := range uint64(60) {
		g := identity.NewGraph(randomEstate(seed, 1))
		nodes := slices.Collect(g.All())
		distances := func(start *identity.Node, open bool) [][]int {
			d := make([][]int, len(nodes))
			for i := range d {
				d[i] = slices.Repeat([]int{far}, len(nodes))
				d[i][i] = 0
				for e := range g.Out(nodes[i]) {
					if isStep(e, start) && (open || e.Open == "") && int64(i) != e.Target().ID() {
						d[i][e.Target().ID()] = 1
					}
				}
			}
			for k := range d {
				for i := range d {
					for j := range d {
						d[i][j] = min(d[i][j], d[i][k]+d[k][j])
					}
				}
			}
			return d
		}
		for _, start := range nodes {
			if len(nodes) > 40 && start.ID()%3 != int64(seed%3) {
				continue
			}
			certain, possible := distances(start, false)[start.ID()], distances(start, true)[start.ID()]
			want := map[int64]int{}
			for _, n := range nodes {
				if n == start || n.Principal().IsZero() || possible[n.ID()] >= far {
					continue
				}
				want[n.ID()] = possible[n.ID()]
				if certain[n.ID()] < far {
					want[n.ID()] = certain[n.ID()]
				}
			}
			got, last := map[int64]int{}, [2]int64{}
			for r := range g.ActsAs(start) {
				got[r.To.ID()] = len(r.Steps)
				at := start
				for _, e := range r.Steps {
					require.Same(t, at, e.Source())
					require.True(t, isStep(e, start))
					at = e.Target()
				}
				require.Same(t, r.To, at)
				require.Equal(t, certain[r.To.ID()] >= far, len(slices.Collect(r.Open())) > 0)
				this := [2]int64{int64(len(r.Steps)), r.To.ID()}
				require.Negative(t, slices.Compare(last[:], this[:]), "ordered by steps, then as nodes")
				last = this
			}
			require.Equal(t, want, got, "seed %d from %s", seed, start)
		}
	}
}

// The graph keeps gonum's promises.
func TestGraphIsGonums(t *testing.T) {
	for seed := range uint64(25) {
		g := identity.NewGraph(randomEstate(seed, 1))
		nodes := graph.NodesOf(g.Nodes())
		edges := map[[2]int64]int{}
		for n := range g.All() {
			for e := range g.Out(n) {
				edges[[2]int64{e.From().ID(), e.To().ID()}]++
				require.Contains(t, slices.Collect(g.In(e.Target())), e)
			}
		}
		for _, u := range nodes {
			require.Same(t, u, g.Node(u.ID()))
			for _, v := range nodes {
				n := edges[[2]int64{u.ID(), v.ID()}]
				require.Equal(t, n > 0, g.HasEdgeFromTo(u.ID(), v.ID()))
				require.Equal(t, n > 0 || edges[[2]int64{v.ID(), u.ID()}] > 0, g.HasEdgeBetween(u.ID(), v.ID()))
				require.Len(t, graph.LinesOf(g.Lines(u.ID(), v.ID())), n)
				require.Equal(t, n > 0, slices.Contains(graph.NodesOf(g.From(u.ID())), v))
				require.Equal(t, n > 0, slices.Contains(graph.NodesOf(g.To(v.ID())), u))
				if n == 0 {
					require.Nil(t, g.Edge(u.ID(), v.ID()))
				} else {
					require.Len(t, graph.LinesOf(g.Edge(u.ID(), v.ID()).(multi.Edge).Lines), n)
				}
			}
		}
		require.Len(t, graph.EdgesOf(g.Edges()), len(edges))
		require.NotEmpty(t, topo.TarjanSCC(g))
		require.NotNil(t, path.DijkstraFrom(nodes[0], g))
	}
	g := identity.NewGraph((&model.Builder{}).Cluster())
	assert.Nil(t, g.Node(0))
	assert.Nil(t, g.Node(-1))
	assert.Equal(t, graph.Empty, g.Nodes())
	assert.Equal(t, graph.Empty, g.Edges())
	assert.Equal(t, graph.Empty, g.From(3))
	assert.Equal(t, graph.Empty, g.To(3))
	assert.Equal(t, graph.Empty, g.Lines(1, 2))
	assert.Nil(t, g.Edge(1, 2))
}

func TestPrincipalOfGraph(t *testing.T) {
	a := people()
	g := identity.NewGraph(estate(t, apiAccount+apiDeployment+`
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: b}
roleRef: {kind: ClusterRole, name: view, apiGroup: rbac.authorization.k8s.io}
subjects:
- {kind: User, name: alice@contoso.com, apiGroup: rbac.authorization.k8s.io}
- {kind: User, name: `+apiObject+`, apiGroup: rbac.authorization.k8s.io}
- {kind: User, name: local, apiGroup: rbac.authorization.k8s.io}
- {kind: Group, name: `+oid(4)+`, apiGroup: rbac.authorization.k8s.io}
- {kind: Group, name: devs, apiGroup: rbac.authorization.k8s.io}
`, a))
	for name, want := range map[string]string{
		"sa/app/api": "ServiceAccount ", "alice@contoso.com": "user " + oid(1), "local": "user ", "mi/api": "managed identity " + apiObject, apiObject: "managed identity " + apiObject,
		"group/devs": "group ", "group/" + oid(4): "group " + oid(4), "sp/ci": "service principal " + oid(6), "group/system:authenticated": "group ",
	} {
		n, err := g.Principal(identity.MustParse(name))
		if assert.NoError(t, err, name) {
			assert.Equal(t, want, n.Kind().String()+" "+n.Entity().ObjectID, name)
		}
	}
	alice, err := g.Principal(identity.MustParse(oid(1)))
	require.NoError(t, err)
	var bound []string
	for e := range g.Out(alice) {
		bound = append(bound, e.String())
	}
	assert.Equal(t, []string{
		"user/alice@contoso.com is a member of group/platform  (members.json:1)",
		"user/alice@contoso.com is a member of group/system:authenticated, everyone with credentials is in it",
		"user/alice@contoso.com is bound to ClusterRole view  (f.yaml:19)",
		"user/alice@contoso.com is assigned Reader at /subscriptions/s  (assignments.json:1), undecided: it has a condition",
	}, bound, "one node for the name, the object id and the assignment")
	plan := identity.NewGraph(with(func(a *azure) {
		a.identities[0].PrincipalID = model.Unresolved[string]("after apply")
		a.objects = []*model.DirectoryObject{{ID: apiObject, Kind: "Group"}}
	}).cluster())
	to, err := plan.Principal(identity.MustParse("mi/API"))
	require.NoError(t, err)
	assert.Equal(t, "mi/api", to.String())
	for name, want := range map[string]string{
		"sa/app/apu": `no ServiceAccount app/apu in the input (did you mean "sa/app/api"?)`,
		"mi/apu":     `nothing in the input says who mi/apu is (did you mean "mi/api"?)`,
		"nobody@x":   `nothing in the input says who user/nobody@x is`,
		oid(0xfff):   `nothing in the input says who user/` + oid(0xfff) + ` is`,
	} {
		_, err := g.Principal(identity.MustParse(name))
		assert.EqualError(t, err, want)
	}
}

// The label is no boundary: a ServiceAccount opens what its credentials open, and a pod
// what its tokens do.
func TestActsAs(t *testing.T) {
	text := apiAccount + apiDeployment + deployment("bare", "tier: x", "", oneAPI)
	g := identity.NewGraph(estate(t, text, with(func(a *azure) { attach(a, "node", nodeClient, nodeObject) })))
	acts := func(n *identity.Node) (lines []string) {
		for r := range g.ActsAs(n) {
			if r.To.Kind() == identity.ManagedIdentityNode {
				lines = append(lines, strings.ReplaceAll(r.String(), "\n    ", "; "))
			}
		}
		return lines
	}
	pods := map[string]*identity.Node{}
	for n := range g.All() {
		if n.Kind() == identity.PodNode {
			pods[n.String()] = n
		}
	}
	node := "%s reaches the metadata service of the cluster's nodes  (f.yaml:%d), undecided: it hangs on the network whether the pod may send to 169.254.169.254:80; " +
		"the cluster's nodes have mi/node, scale set pool  (vmss.json:1)"
	assert.Equal(t, []string{
		"mi/api; app/api exchanges a token by mi/api/api-fic, api://AzureADTokenExchange  (f.yaml:13); mi/api/api-fic opens mi/api  (credentials.json:1)",
		"mi/node; " + fmt.Sprintf(node, "app/api", 7),
	}, acts(pods["app/api"]))
	assert.Equal(t, []string{"mi/node; " + fmt.Sprintf(node, "app/bare", 19)}, acts(pods["app/bare"]))
	sa, err := g.Principal(identity.MustParse("sa/app/api"))
	require.NoError(t, err)
	assert.Equal(t, []string{"mi/api; sa/app/api is trusted by mi/api/api-fic  (credentials.json:1); mi/api/api-fic opens mi/api  (credentials.json:1)"}, acts(sa))
	web, err := g.Principal(identity.MustParse("sa/app/web"))
	require.NoError(t, err, "a credential speaks of it")
	assert.Len(t, acts(web), 1)
}
