package rbacsim_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/rbacsim"
)

func load(t *testing.T, text string) *model.Cluster {
	t.Helper()
	c, err := manifest.Loader{}.Read("f.yaml", strings.NewReader(text))
	require.NoError(t, err)
	return c
}

// clusterRole and friends write objects on one line each, for worlds in tests.
func clusterRole(name, rules string) string {
	return "---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: " + name + "}, rules: [" + rules + "]}\n"
}

func binding(namespace, name, role string, users ...string) string {
	kind, meta := "ClusterRoleBinding", "name: "+name
	if namespace != "" {
		kind, meta = "RoleBinding", meta+", namespace: "+namespace
	}
	var subjects []string
	for _, u := range users {
		subjects = append(subjects, "{kind: User, name: "+u+"}")
	}
	return "---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: " + kind + ", metadata: {" + meta + "}, roleRef: {kind: ClusterRole, name: " + role +
		"}, subjects: [" + strings.Join(subjects, ", ") + "]}\n"
}

// RB34: the list of a subject's rules is that of the cluster and of one namespace,
// and says what it lacks.
func TestRB34Rights(t *testing.T) {
	a := rbacsim.New(load(t, clusterRole("r", `{apiGroups: [""], resources: [pods], verbs: [get]}`)+
		binding("", "everywhere", "r", "alice")+binding("ns", "here", "r", "alice")+binding("other", "there", "r", "alice")+binding("ns", "gone", "missing", "alice")))
	lines := func(namespace string) []string {
		var list []string
		for access := range a.Rights(rbacsim.Review("alice")).In(namespace) {
			assert.Equal(t, access.Policy == nil, access.Role.Name == "missing")
			list = append(list, access.Binding.String()+": "+access.Role.Name)
		}
		return list
	}
	assert.Equal(t, []string{"ClusterRoleBinding everywhere: r", "RoleBinding ns/gone: missing", "RoleBinding ns/here: r"}, lines("ns"))
	assert.Equal(t, []string{"ClusterRoleBinding everywhere: r"}, lines(""))
	assert.Len(t, slices.Collect(a.Rights(rbacsim.Review("alice")).All()), 4)
	assert.Equal(t, []string{"RoleBinding ns/gone binds ClusterRole missing, which is not in the input  (f.yaml:10)"},
		slices.Collect(a.Rights(rbacsim.Review("alice")).Incomplete("ns")))
	assert.Equal(t, []string{"group system:masters is allowed everything, without any role", "the Node authorizer, which is not modelled, allows group system:nodes more"},
		slices.Collect(a.Rights(rbacsim.Review("x", "system:masters", "system:nodes")).Incomplete("ns")))
	assert.Equal(t, []string{"RoleBinding ns/gone binds ClusterRole missing, which is not in the input  (f.yaml:10)"},
		slices.Collect(a.WhoCan(rbacsim.Request{Verb: "get", Resource: "pods", Namespace: "ns"}).Incomplete()))
	assert.Empty(t, slices.Collect(a.WhoCan(rbacsim.Request{Verb: "get", Resource: "pods"}).Incomplete()))
	assert.Equal(t, []string{"RoleBinding ns/gone binds ClusterRole missing, which is not in the input  (f.yaml:10)"},
		a.Namespaces(rbacsim.Review("alice"), rbacsim.Request{Verb: "get", Resource: "pods"}).Incomplete)
	signer := a.Namespaces(rbacsim.As(identity.MustParse("sa/kube-system/bootstrap-signer")), rbacsim.Request{Verb: "list", Resource: "secrets"})
	assert.Equal(t, []rbacsim.NamespaceAnswer{{Namespace: "kube-system", Decision: rbacsim.Allowed}}, signer.In, "where nothing but a default binding lies")
	var named []string
	for p := range a.Principals() {
		if p.Kind() == identity.User && !strings.HasPrefix(p.Name(), "system:") {
			named = append(named, p.String())
		}
	}
	assert.Equal(t, []string{"user/alice"}, named)
}

func TestNobodyCannotBeAskedAbout(t *testing.T) {
	_, err := rbacsim.New(new(model.Builder).Cluster()).Check(rbacsim.Review(""), rbacsim.Request{})
	assert.ErrorIs(t, err, rbacsim.ErrNobody)
	var zero rbacsim.Verdict
	assert.Equal(t, rbacsim.Undecided, zero.Decision)
	assert.Empty(t, slices.Collect(zero.Grants()))
	assert.Empty(t, slices.Collect(zero.Misses()))
	assert.Empty(t, slices.Collect(zero.Reasons()))
	assert.Empty(t, slices.Collect(zero.Incomplete()))
	assert.Empty(t, zero.EvaluationError())
}

// RB37 and RB38: which rights it takes to make a request in somebody else's name.
func TestRB38Impersonation(t *testing.T) {
	text := clusterRole("view-pods", `{apiGroups: [""], resources: [pods], verbs: [get]}`) + binding("", "bob", "view-pods", "bob") +
		`---
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: web, namespace: ns}, roleRef: {kind: ClusterRole, name: view-pods}, subjects: [{kind: ServiceAccount, name: web}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: devs}, roleRef: {kind: ClusterRole, name: view-pods}, subjects: [{kind: Group, name: devs}]}
` +
		clusterRole("legacy", `{apiGroups: [""], resources: [users, serviceaccounts, groups], verbs: [impersonate]}`) + binding("", "legacy", "legacy", "legacy") +
		clusterRole("only-user", `{apiGroups: [""], resources: [users], verbs: [impersonate]}`) + binding("", "only-user", "only-user", "only-user") +
		clusterRole("info", `{apiGroups: [authentication.k8s.io], resources: [users], resourceNames: [bob, carol], verbs: ["impersonate:user-info"]}, {apiGroups: [""], resources: [pods], verbs: ["impersonate-on:user-info:get"]}`) +
		binding("", "info", "info", "info") +
		clusterRole("half", `{apiGroups: [authentication.k8s.io], resources: [users], verbs: ["impersonate:user-info"]}`) + binding("", "half", "half", "half") +
		clusterRole("many", `{apiGroups: [authentication.k8s.io], resources: [users, groups], resourceNames: [bob, "*"], verbs: ["impersonate:user-info"]}, {apiGroups: [""], resources: [pods], verbs: ["impersonate-on:user-info:get"]}`) +
		binding("", "many", "many", "many") +
		clusterRole("sa", `{apiGroups: [authentication.k8s.io], resources: [serviceaccounts], verbs: ["impersonate:serviceaccount"]}, {apiGroups: [""], resources: [pods], verbs: ["impersonate-on:serviceaccount:get"]}`) +
		binding("", "sa", "sa", "sa") +
		clusterRole("node", `{apiGroups: [authentication.k8s.io], resources: [nodes], resourceNames: [n1], verbs: ["impersonate:arbitrary-node"]}, {apiGroups: [""], resources: [pods], verbs: ["impersonate-on:arbitrary-node:get"]}`) +
		binding("", "node", "node", "node") +
		clusterRole("own-node", `{apiGroups: [authentication.k8s.io], resources: [nodes], resourceNames: ["*"], verbs: ["impersonate:associated-node"]}, {apiGroups: [""], resources: [pods], verbs: ["impersonate-on:associated-node:get"]}`) +
		`---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: own-node}, roleRef: {kind: ClusterRole, name: own-node}, subjects: [{kind: ServiceAccount, name: agent, namespace: ns}]}
`
	c := load(t, text)
	newest, older := rbacsim.New(c), rbacsim.New(c, rbacsim.WithKubeVersion(model.KubeVersion{Major: 1, Minor: 35}))
	get := rbacsim.Request{Verb: "get", Resource: "pods", Namespace: "ns", Name: "p"}
	bob, carol, web := rbacsim.Mask{User: identity.MustParse("bob")}, rbacsim.Mask{User: identity.MustParse("carol")}, rbacsim.Mask{User: identity.MustParse("sa/ns/web")}
	carolDev := carol
	carolDev.Groups = []string{"devs"}
	master := bob
	master.Groups = []string{"system:masters"}
	crowd := bob
	crowd.Groups = []string{"a", "b", "c", "d"}
	node := rbacsim.Mask{User: identity.MustParse("system:node:n1")}
	deletes := get
	deletes.Verb = "delete"
	for _, tt := range []struct {
		who      string
		mask     rbacsim.Mask
		request  rbacsim.Request
		at, atOf rbacsim.Decision // 1.37 and 1.35
		mode     string           // the first that is allowed
	}{
		{"legacy", bob, get, rbacsim.Allowed, rbacsim.Allowed, "legacy"},
		{"legacy", bob, deletes, rbacsim.Denied, rbacsim.Denied, "legacy"},
		{"legacy", carol, get, rbacsim.Denied, rbacsim.Denied, "legacy"},
		{"legacy", carolDev, get, rbacsim.Allowed, rbacsim.Allowed, "legacy"},
		{"legacy", web, get, rbacsim.Allowed, rbacsim.Allowed, "legacy"},
		{"legacy", master, deletes, rbacsim.Allowed, rbacsim.Allowed, "legacy"},
		{"only-user", bob, get, rbacsim.Allowed, rbacsim.Allowed, "legacy"},
		{"only-user", carolDev, get, rbacsim.Denied, rbacsim.Denied, ""},
		{"only-user", web, get, rbacsim.Denied, rbacsim.Denied, ""},
		{"info", bob, get, rbacsim.Allowed, rbacsim.Denied, "user-info"},
		{"info", carol, get, rbacsim.Denied, rbacsim.Denied, "user-info"},
		{"info", bob, deletes, rbacsim.Denied, rbacsim.Denied, ""},
		{"info", web, get, rbacsim.Denied, rbacsim.Denied, ""},
		{"half", bob, get, rbacsim.Denied, rbacsim.Denied, ""},
		{"many", crowd, get, rbacsim.Allowed, rbacsim.Denied, "user-info"},
		{"many", master, get, rbacsim.Denied, rbacsim.Denied, ""},
		{"sa", web, get, rbacsim.Allowed, rbacsim.Denied, "serviceaccount"},
		{"sa", bob, get, rbacsim.Denied, rbacsim.Denied, ""},
		{"node", node, get, rbacsim.Undecided, rbacsim.Denied, "arbitrary-node"},
		{"node", bob, get, rbacsim.Denied, rbacsim.Denied, ""},
		{"sa/ns/agent", node, get, rbacsim.Undecided, rbacsim.Denied, ""},
	} {
		s := rbacsim.As(identity.MustParse(tt.who))
		got := newest.Impersonate(s, tt.mask, tt.request)
		assert.Equal(t, tt.at, got.Decision, "%s as %v: %s: %+v", s, tt.mask, tt.request, got)
		assert.Equal(t, tt.atOf, older.Impersonate(s, tt.mask, tt.request).Decision, "1.35: %s as %v: %s", s, tt.mask, tt.request)
		mode := ""
		for _, m := range got.Modes {
			if m.Decision == rbacsim.Allowed {
				mode = m.Name
			}
		}
		assert.Equal(t, tt.mode, mode, "%s as %v: %s", s, tt.mask, tt.request)
	}
}

// RB41 and RB42: nobody gives more than he has.
func TestRB41And42Escalation(t *testing.T) {
	a := rbacsim.New(load(t, clusterRole("writer", `{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles, roles, clusterrolebindings, rolebindings], verbs: [create, update]}, {apiGroups: [""], resources: [pods], verbs: [get]}, {apiGroups: [""], resources: [secrets], resourceNames: [a], verbs: [get]}, {apiGroups: [apps], resources: ["*/scale"], verbs: ["*"]}`)+
		binding("", "writer", "writer", "writer")+
		clusterRole("escalator", `{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: ["*"]}`)+binding("", "escalator", "escalator", "escalator")+
		clusterRole("binder", `{apiGroups: [rbac.authorization.k8s.io], resources: [rolebindings], verbs: [create]}, {apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], resourceNames: [cluster-admin, gone], verbs: [bind]}`)+binding("ns", "binder", "binder", "binder")+
		clusterRole("pods", `{apiGroups: [""], resources: [pods], verbs: [get]}`)+
		clusterRole("namespaced", `{apiGroups: [rbac.authorization.k8s.io], resources: [rolebindings], verbs: [create]}, {apiGroups: [""], resources: [pods], verbs: [get]}`)+binding("ns", "namespaced", "namespaced", "namespaced")))
	rule := func(group, resource, verb string, names ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: []string{resource}, Verbs: []string{verb}, ResourceNames: names}
	}
	role := model.Ref{Kind: "ClusterRole", Name: "new"}
	for name, tt := range map[string]struct {
		who  string
		w    rbacsim.RoleWrite
		want rbacsim.Decision
	}{
		"what is held":                    {"writer", rbacsim.RoleWrite{Verb: "create", Role: role, Rules: []rbacv1.PolicyRule{rule("", "pods", "get")}}, rbacsim.Allowed},
		"a verb more":                     {"writer", rbacsim.RoleWrite{Verb: "create", Role: role, Rules: []rbacv1.PolicyRule{rule("", "pods", "list")}}, rbacsim.Denied},
		"a name of one that is held":      {"writer", rbacsim.RoleWrite{Verb: "create", Role: role, Rules: []rbacv1.PolicyRule{rule("", "secrets", "get", "a")}}, rbacsim.Allowed},
		"all names where one is held":     {"writer", rbacsim.RoleWrite{Verb: "create", Role: role, Rules: []rbacv1.PolicyRule{rule("", "secrets", "get")}}, rbacsim.Denied},
		"a name where all are held":       {"writer", rbacsim.RoleWrite{Verb: "create", Role: role, Rules: []rbacv1.PolicyRule{rule("", "pods", "get", "p")}}, rbacsim.Allowed},
		"a subresource of any":            {"writer", rbacsim.RoleWrite{Verb: "create", Role: role, Rules: []rbacv1.PolicyRule{rule("apps", "deployments/scale", "update")}}, rbacsim.Allowed},
		"the resource itself":             {"writer", rbacsim.RoleWrite{Verb: "create", Role: role, Rules: []rbacv1.PolicyRule{rule("apps", "deployments", "update")}}, rbacsim.Denied},
		"another group":                   {"writer", rbacsim.RoleWrite{Verb: "create", Role: role, Rules: []rbacv1.PolicyRule{rule("apps", "pods", "get")}}, rbacsim.Denied},
		"a rule that comes to nothing":    {"writer", rbacsim.RoleWrite{Verb: "create", Role: role, Rules: []rbacv1.PolicyRule{{Verbs: []string{"*"}}}}, rbacsim.Allowed},
		"a URL":                           {"writer", rbacsim.RoleWrite{Verb: "create", Role: role, Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/healthz"}}}}, rbacsim.Allowed},
		"a URL that is not held":          {"writer", rbacsim.RoleWrite{Verb: "create", Role: role, Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/metrics"}}}}, rbacsim.Denied},
		"one that aggregates":             {"writer", rbacsim.RoleWrite{Verb: "create", Role: role, Aggregates: true}, rbacsim.Denied},
		"without the verb":                {"writer", rbacsim.RoleWrite{Verb: "patch", Role: role}, rbacsim.Denied},
		"with * on clusterroles":          {"escalator", rbacsim.RoleWrite{Verb: "create", Role: role, Aggregates: true, Rules: []rbacv1.PolicyRule{rule("*", "*", "*")}}, rbacsim.Allowed},
		"with * on clusterroles, a Role":  {"escalator", rbacsim.RoleWrite{Verb: "create", Role: model.Ref{Kind: "Role", Namespace: "ns", Name: "new"}}, rbacsim.Denied},
		"a Role where it is held as well": {"writer", rbacsim.RoleWrite{Verb: "create", Role: model.Ref{Kind: "Role", Namespace: "ns", Name: "new"}, Rules: []rbacv1.PolicyRule{rule("", "pods", "get")}}, rbacsim.Allowed},
	} {
		got := a.CheckRoleWrite(rbacsim.As(identity.MustParse(tt.who)), tt.w)
		assert.Equal(t, tt.want, got.Decision, "%s: %+v", name, got)
	}
	here, there := model.Ref{Kind: "RoleBinding", Namespace: "ns", Name: "new"}, model.Ref{Kind: "RoleBinding", Namespace: "other", Name: "new"}
	everywhere := model.Ref{Kind: "ClusterRoleBinding", Name: "new"}
	clusterRoleRef := func(name string) model.Ref { return model.Ref{Kind: "ClusterRole", Name: name} }
	for name, tt := range map[string]struct {
		who  rbacsim.Subject
		w    rbacsim.BindingWrite
		want rbacsim.Decision
	}{
		"what is held":                       {rbacsim.Review("writer"), rbacsim.BindingWrite{Verb: "create", Binding: everywhere, Role: clusterRoleRef("pods")}, rbacsim.Allowed},
		"what is not":                        {rbacsim.Review("writer"), rbacsim.BindingWrite{Verb: "create", Binding: everywhere, Role: clusterRoleRef("view")}, rbacsim.Denied},
		"what is held here":                  {rbacsim.Review("namespaced"), rbacsim.BindingWrite{Verb: "create", Binding: here, Role: clusterRoleRef("pods")}, rbacsim.Allowed},
		"what is not held there":             {rbacsim.Review("namespaced"), rbacsim.BindingWrite{Verb: "create", Binding: there, Role: clusterRoleRef("pods")}, rbacsim.Denied},
		"bind makes an admin of a namespace": {rbacsim.Review("binder"), rbacsim.BindingWrite{Verb: "create", Binding: here, Role: clusterRoleRef("cluster-admin")}, rbacsim.Allowed},
		"but not of the cluster":             {rbacsim.Review("binder"), rbacsim.BindingWrite{Verb: "create", Binding: everywhere, Role: clusterRoleRef("cluster-admin")}, rbacsim.Denied},
		"bind is by name":                    {rbacsim.Review("binder"), rbacsim.BindingWrite{Verb: "create", Binding: here, Role: clusterRoleRef("admin")}, rbacsim.Denied},
		"bind to a role to come":             {rbacsim.Review("binder"), rbacsim.BindingWrite{Verb: "create", Binding: here, Role: clusterRoleRef("gone")}, rbacsim.Allowed},
		"which nobody else can":              {rbacsim.Review("writer"), rbacsim.BindingWrite{Verb: "create", Binding: everywhere, Role: clusterRoleRef("gone")}, rbacsim.Denied},
		"masters can":                        {rbacsim.Review("x", "system:masters"), rbacsim.BindingWrite{Verb: "create", Binding: everywhere, Role: clusterRoleRef("gone")}, rbacsim.Allowed},
	} {
		got := a.CheckBindingWrite(tt.who, tt.w)
		assert.Equal(t, tt.want, got.Decision, "%s: %+v", name, got)
	}
	got := a.CheckRoleWrite(rbacsim.Review("writer"), rbacsim.RoleWrite{Verb: "create", Role: role, Rules: []rbacv1.PolicyRule{rule("", "pods", "get"), rule("", "pods", "list")}})
	assert.Equal(t, []rbacv1.PolicyRule{rule("", "pods", "list")}, got.Uncovered)
	assert.Equal(t, "create clusterroles.rbac.authorization.k8s.io", got.Write.Request.String())
	assert.Equal(t, "escalate clusterroles.rbac.authorization.k8s.io new", got.Bypass.Request.String())
}

func TestResources(t *testing.T) {
	rs := rbacsim.BuiltinResources()
	for word, want := range map[string]string{
		"po": "pods", "pod": "pods", "PODS": "pods", "deploy": "deployments.apps", "deployments.apps": "deployments.apps", "deployment": "deployments.apps",
		"events": "events", "events.events.k8s.io": "events.events.k8s.io", "ev": "events", "ns": "namespaces", "users": "users", "crd": "customresourcedefinitions.apiextensions.k8s.io",
		"serviceaccounts": "serviceaccounts", "nodes": "nodes", "ingress": "ingresses.networking.k8s.io", "endpoints": "endpoints",
	} {
		r, ok := rs.Lookup(word)
		assert.True(t, ok, word)
		assert.Equal(t, want, r.String(), word)
	}
	_, ok := rs.Lookup("things")
	assert.False(t, ok)
	pods, _ := rs.Get("", "pods")
	assert.True(t, pods.Namespaced)
	assert.Contains(t, pods.Subresources, "log")
	nodes, _ := rs.Get("", "nodes")
	assert.False(t, nodes.Namespaced)
	csr, _ := rs.Get("authorization.k8s.io", "subjectaccessreviews")
	assert.Equal(t, []string{"create"}, csr.Verbs)
	for r := range rs.All() {
		assert.True(t, slices.IsSorted(r.Subresources), r.Name)
	}
}

// What kubectl printed of a server is what is built in.
func TestResourcesAreTheServers(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(truthDir, "api-resources.txt"))
	if err != nil {
		t.Skip("no recorded resources here")
	}
	server, err := rbacsim.ParseResources(string(text))
	require.NoError(t, err)
	var want, got []rbacsim.Resource
	for r := range server.All() {
		if len(r.Verbs) == 8 {
			r.Verbs = nil
		}
		want = append(want, r)
	}
	for r := range rbacsim.BuiltinResources().All() {
		got = append(got, r)
	}
	assert.Equal(t, want, got)
	assert.Greater(t, len(got), 70)
}

func TestParseResources(t *testing.T) {
	rs, err := rbacsim.ParseResources("NAME      SHORTNAMES   APIVERSION       NAMESPACED   KIND\npods      po           v1               true         Pod\ngadgets                example.com/v2   false        Gadget\n")
	require.NoError(t, err)
	g, ok := rs.Lookup("gadget")
	assert.True(t, ok)
	assert.Equal(t, rbacsim.Resource{Group: "example.com", Name: "gadgets", Singular: "gadget", Kind: "Gadget"}, g)
	po, _ := rs.Lookup("po")
	assert.Contains(t, po.Subresources, "exec")
	_, ok = rs.Lookup("nodes.apps")
	assert.False(t, ok)
	_, ok = rs.Get("", "secrets")
	assert.False(t, ok, "a server that does not serve them")
	_, ok = rs.Get("", "users")
	assert.True(t, ok)
	for text, message := range map[string]string{
		"": "no column NAME: want the output of kubectl api-resources",
		"NAME SHORTNAMES APIVERSION NAMESPACED KIND\n":                                     "",
		"NAME   APIVERSION   NAMESPACED   KIND\npods   v1           maybe        Pod\n":    `line 2: pods: NAMESPACED is "maybe": want true or false`,
		"NAME   APIVERSION   NAMESPACED   KIND\npods   v1           true         Pod\nx\n": `line 3: no resource in "x"`,
	} {
		_, err := rbacsim.ParseResources(text)
		if message == "" {
			assert.NoError(t, err)
			continue
		}
		assert.EqualError(t, err, message)
	}
}

// Resources that the input defines are known, with their scope.
func TestCustomResources(t *testing.T) {
	a := rbacsim.New(load(t, `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.example.com}
spec:
  group: example.com
  scope: Cluster
  names: {plural: gadgets, kind: Gadget, shortNames: [gg]}
  versions: [{name: v1, subresources: {status: {}, scale: {}}}]
`+clusterRole("r", `{apiGroups: [example.com], resources: [gadgets], verbs: [get]}`)+binding("ns", "b", "r", "alice")))
	r, ok := a.Resources().Lookup("gg")
	require.True(t, ok)
	assert.Equal(t, rbacsim.Resource{Group: "example.com", Name: "gadgets", Singular: "gadget", Kind: "Gadget", ShortNames: []string{"gg"}, Subresources: []string{"scale", "status"}}, r)
	v, err := a.Check(rbacsim.Review("alice"), rbacsim.Request{Verb: "get", Group: "example.com", Resource: "gadgets", Namespace: "ns", Name: "x"})
	require.NoError(t, err)
	assert.Equal(t, rbacsim.Allowed, v.Decision)
	assert.Equal(t, rbacsim.Denied, v.Effective)
	assert.Equal(t, []string{"gadgets.example.com are cluster-scoped: no request for them is in a namespace"}, slices.Collect(v.Reasons()))
}

func TestWarnings(t *testing.T) {
	a := rbacsim.New(new(model.Builder).Cluster())
	for text, want := range map[string]string{
		"get pods":                   "",
		"* *":                        "",
		"impersonate users":          "",
		"impersonate:user-info a":    "no resource a is known",
		"gett pods":                  `no request is known to have the verb gett (did you mean "get"?)`,
		"GET pods":                   `no request is known to have the verb GET (did you mean "get"?)`,
		"get podz":                   `no resource podz is known (did you mean "pods"?)`,
		"get po":                     `no resource po is known (did you mean "pods"?)`,
		"get deployments":            `no resource deployments is known (did you mean "deployments.apps"?)`,
		"get deployments.extensions": `no resource deployments.extensions is known (did you mean "deployments.apps"?)`,
		"get pods/logs":              `pods has no subresource logs (did you mean "log"?)`,
		"gett /healthz":              `no request for a URL has the verb gett (did you mean "get"?)`,
	} {
		assert.Equal(t, want, strings.Join(slices.Collect(a.Warnings(parseRequest(t, text))), "; "), text)
	}
}

func TestHTTPErrors(t *testing.T) {
	for target, message := range map[string]string{
		"healthz":       `"healthz" is not the path of a request: want, for example, /api/v1/namespaces/shop/pods?watch=1`,
		"/api/v1/watch": `"/api/v1/watch" names no resource`,
	} {
		_, err := rbacsim.HTTP("GET", target)
		assert.EqualError(t, err, message)
	}
}

func TestAssumptions(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"nothing given": {"", []string{
			"the API server asks RBAC, and no authorization webhook",
			"no object is labelled kubernetes.io/bootstrapping=rbac-defaults: the default roles and bindings of Kubernetes 1.37 are taken to be there",
		}},
		"from a server": {
			"{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: x, namespace: ns, labels: {kubernetes.io/bootstrapping: rbac-defaults}}}\n" +
				binding("ns", "b", "edit", "alice"),
			[]string{
				"the API server asks RBAC, and no authorization webhook",
				"the input binds but does not hold ClusterRole edit, ClusterRole system:aggregate-to-edit, ClusterRole system:aggregate-to-view, ClusterRole view: as of Kubernetes 1.37",
			},
		},
	} {
		c := new(model.Builder).Cluster()
		if tt.text != "" {
			c = load(t, tt.text)
		}
		assert.Equal(t, tt.want, slices.Collect(rbacsim.New(c).Assumptions()), name)
	}
}

// An Authorizer is asked by many at once, its indexes made by whoever comes first.
func TestConcurrentUse(t *testing.T) {
	a := rbacsim.New(benchCluster(200))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for _, q := range questions {
				assert.Equal(t, q.want, a.Decide(q.subject, q.request), q.name)
				for range a.WhoCan(q.request).All() {
				}
			}
		})
	}
	all.Wait()
}

// A list or watch with an option that can't be read names nothing to the authorizers.
func TestHTTPOptions(t *testing.T) {
	for query, want := range map[string]string{
		"fieldSelector=metadata.name%3Dx":                      "x",
		"limit=5&fieldSelector=metadata.name%3Dx":              "x",
		"timeoutSeconds=abc&fieldSelector=metadata.name%3Dx":   "",
		"labelSelector=%3D%3D&fieldSelector=metadata.name%3Dx": "",
		"fieldSelector=a~b~":                                   "",
	} {
		r, err := rbacsim.HTTP("GET", "/api/v1/namespaces/ns/pods?"+query)
		require.NoError(t, err)
		assert.Equal(t, rbacsim.Request{Verb: "list", Resource: "pods", Namespace: "ns", Name: want}, r, query)
	}
}
