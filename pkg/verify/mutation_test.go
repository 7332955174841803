package verify_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/verify"
)

var mutations = flag.Int("mutations", 2, "how often each kind of mutation of the example is tried")

// A mutation changes the example in one place; nil where chance finds none. It says what it did.
type mutation struct {
	kind   string
	mutate func(*rand.Rand, *model.Cluster) (*model.Cluster, string)
	ofRole bool // it changes a rule of a role
}

// Each mutation of the example that lets somebody reach or do more, as the engines say
// of the snapshots before and after, and each that breaks a required flow, is noticed:
// something is no longer proved.
func TestMutations(t *testing.T) {
	before := exampleCluster(t)
	was := accessOf(t, before)
	rnd := rand.New(rand.NewPCG(5, 1))
	tried, adds, noticed, excused, harmless := 0, 0, 0, 0, 0
	for _, m := range allMutations() {
		for range *mutations {
			after, what := m.mutate(rnd, before)
			if after == nil {
				continue
			}
			tried++
			changes := was.until(accessOf(t, after))
			report := run(t, after)
			seen := report.Worst() != verify.Proved
			switch class := classOf(m, changes); {
			case len(changes) == 0 && seen:
				harmless++
			case len(changes) == 0:
			case seen:
				adds++
				noticed++
			case class != "":
				adds++
				excused++
				t.Logf("%s: %s: %s", class, m.kind, what)
			default:
				adds++
				assert.Fail(t, "not noticed", "%s: %s\n%v", m.kind, what, changes)
			}
		}
	}
	t.Logf("%d mutations; %d add access or break a required flow: %d noticed (%d%%), %d not on purpose; %d of the others are noticed, too",
		tried, adds, noticed, 100*noticed/max(adds, 1), excused, harmless)
	assert.Greater(t, noticed, tried/3)
}

// classOf returns the class of changes that no control has to notice; empty unless all
// are of one.
func classOf(m mutation, changes []gain) (class string) {
	for _, c := range changes {
		if c.class == "" || c.class == ownRight && !m.ofRole {
			return ""
		}
		class = c.class
	}
	return class
}

func allMutations() []mutation {
	return slices.Concat(networkMutations(), rbacMutations(), azureMutations(), clusterMutations())
}

// pick returns one object of a type by chance.
func pick[T any](rnd *rand.Rand, c *model.Cluster) *model.Object[T] {
	all := slices.Collect(model.All[T](c))
	if len(all) == 0 {
		return nil
	}
	return all[rnd.IntN(len(all))]
}

func one[T any](rnd *rand.Rand, of ...T) T { return of[rnd.IntN(len(of))] }

// put returns the snapshot with the object in place of its namesake.
func put[T any](c *model.Cluster, ref model.Ref, api *T, origin model.Origin) *model.Cluster {
	var b model.Builder
	model.Add(&b, &model.Object[T]{Ref: ref, API: api, Origin: origin})
	return c.With(b.Cluster())
}

func onPolicy(kind string, change func(*rand.Rand, *networkingv1.NetworkPolicy) bool) mutation {
	return mutation{kind: kind, mutate: func(rnd *rand.Rand, c *model.Cluster) (*model.Cluster, string) {
		for range 20 {
			o := pick[networkingv1.NetworkPolicy](rnd, c)
			p := o.API.DeepCopy()
			if change(rnd, p) {
				return put(c, o.Ref, p, o.Origin), fmt.Sprintf("%s: %+v", o.Ref, p.Spec)
			}
		}
		return nil, ""
	}}
}

func networkMutations() []mutation {
	return []mutation{
		{kind: "drop a policy", mutate: func(rnd *rand.Rand, c *model.Cluster) (*model.Cluster, string) {
			o := pick[networkingv1.NetworkPolicy](rnd, c)
			without, err := c.Without(o.Ref)
			if err != nil {
				return nil, ""
			}
			return without, o.Ref.String()
		}},
		onPolicy("select every pod", func(_ *rand.Rand, p *networkingv1.NetworkPolicy) bool {
			had := len(p.Spec.PodSelector.MatchLabels) > 0
			p.Spec.PodSelector = metav1.LabelSelector{}
			return had
		}),
		onPolicy("widen a peer", func(rnd *rand.Rand, p *networkingv1.NetworkPolicy) bool {
			peers := peersOf(p)
			if len(peers) == 0 {
				return false
			}
			peer := one(rnd, peers...)
			if peer.IPBlock != nil {
				peer.IPBlock = &networkingv1.IPBlock{CIDR: one(rnd, "0.0.0.0/0", "10.0.0.0/8", "10.20.0.0/16")}
				return true
			}
			had := peer.PodSelector != nil || peer.NamespaceSelector != nil
			if rnd.IntN(2) == 0 && peer.PodSelector != nil {
				peer.PodSelector = &metav1.LabelSelector{}
			} else {
				peer.NamespaceSelector = &metav1.LabelSelector{}
			}
			return had
		}),
		onPolicy("widen a port", func(rnd *rand.Rand, p *networkingv1.NetworkPolicy) bool {
			lists := portsOf(p)
			if len(lists) == 0 {
				return false
			}
			list := one(rnd, lists...)
			if len(*list) == 0 {
				return false
			}
			if port := &(*list)[0]; rnd.IntN(2) == 0 && port.Port != nil && port.Port.Type == intstr.Int {
				end := port.Port.IntVal + 1 + rnd.Int32N(1000)
				port.EndPort = &end
			} else {
				*list = nil
			}
			return true
		}),
		onPolicy("move a port", func(rnd *rand.Rand, p *networkingv1.NetworkPolicy) bool {
			lists := portsOf(p)
			if len(lists) == 0 || len(*lists[0]) == 0 || (*lists[0])[0].Port == nil {
				return false
			}
			port := intstr.FromInt32(1 + rnd.Int32N(65000))
			(*lists[0])[0].Port = &port
			return true
		}),
		onPolicy("add a peer", func(rnd *rand.Rand, p *networkingv1.NetworkPolicy) bool {
			peer := randomPeer(rnd)
			switch {
			case len(p.Spec.Ingress) > 0:
				r := &p.Spec.Ingress[rnd.IntN(len(p.Spec.Ingress))]
				if len(r.From) == 0 {
					return false
				}
				r.From = append(r.From, peer)
			case len(p.Spec.Egress) > 0:
				r := &p.Spec.Egress[rnd.IntN(len(p.Spec.Egress))]
				if len(r.To) == 0 {
					return false
				}
				r.To = append(r.To, peer)
			default:
				return false
			}
			return true
		}),
		onPolicy("add a rule", func(rnd *rand.Rand, p *networkingv1.NetworkPolicy) bool {
			peers := []networkingv1.NetworkPolicyPeer{randomPeer(rnd)}
			if slices.Contains(p.Spec.PolicyTypes, networkingv1.PolicyTypeIngress) {
				p.Spec.Ingress = append(p.Spec.Ingress, networkingv1.NetworkPolicyIngressRule{From: peers})
			} else {
				p.Spec.Egress = append(p.Spec.Egress, networkingv1.NetworkPolicyEgressRule{To: peers})
			}
			return true
		}),
		onPolicy("drop a policyType", func(rnd *rand.Rand, p *networkingv1.NetworkPolicy) bool {
			if len(p.Spec.PolicyTypes) < 2 {
				return false
			}
			p.Spec.PolicyTypes = []networkingv1.PolicyType{one(rnd, p.Spec.PolicyTypes...)}
			return true
		}),
		{kind: "open a Service", mutate: func(rnd *rand.Rand, c *model.Cluster) (*model.Cluster, string) {
			o := pick[corev1.Service](rnd, c)
			s := o.API.DeepCopy()
			if s.Spec.ClusterIP == corev1.ClusterIPNone || isSystem(o.Ref.Namespace) || s.Spec.Type == corev1.ServiceTypeLoadBalancer {
				return nil, ""
			}
			s.Spec.Type = one(rnd, corev1.ServiceTypeLoadBalancer, corev1.ServiceTypeNodePort)
			return put(c, o.Ref, s, o.Origin), o.Ref.String() + " " + string(s.Spec.Type)
		}},
	}
}

func isSystem(namespace string) bool { return namespace == "kube-system" }

func randomPeer(rnd *rand.Rand) networkingv1.NetworkPolicyPeer {
	labelled := func(k, v string) *metav1.LabelSelector {
		return &metav1.LabelSelector{MatchLabels: map[string]string{k: v}}
	}
	ns := one(rnd, "app", "data", "ingress", "platform", "temporal", "kube-system", "new")
	switch rnd.IntN(5) {
	case 0:
		return networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: one(rnd, "0.0.0.0/0", "203.0.113.0/24", "10.20.9.7/32", "169.254.169.254/32", "10.244.3.0/24")}}
	case 1:
		return networkingv1.NetworkPolicyPeer{PodSelector: &metav1.LabelSelector{}}
	case 2:
		return networkingv1.NetworkPolicyPeer{NamespaceSelector: &metav1.LabelSelector{}, PodSelector: labelled("app.kubernetes.io/name", one(rnd, "api", "ui", "zep", "mcp", "other"))}
	case 3:
		return networkingv1.NetworkPolicyPeer{PodSelector: labelled("app.kubernetes.io/name", one(rnd, "api", "ui", "zep", "mcp", "other"))}
	}
	return networkingv1.NetworkPolicyPeer{NamespaceSelector: labelled("kubernetes.io/metadata.name", ns)}
}

func peersOf(p *networkingv1.NetworkPolicy) (all []*networkingv1.NetworkPolicyPeer) {
	for i := range p.Spec.Ingress {
		for j := range p.Spec.Ingress[i].From {
			all = append(all, &p.Spec.Ingress[i].From[j])
		}
	}
	for i := range p.Spec.Egress {
		for j := range p.Spec.Egress[i].To {
			all = append(all, &p.Spec.Egress[i].To[j])
		}
	}
	return all
}

func portsOf(p *networkingv1.NetworkPolicy) (all []*[]networkingv1.NetworkPolicyPort) {
	for i := range p.Spec.Ingress {
		all = append(all, &p.Spec.Ingress[i].Ports)
	}
	for i := range p.Spec.Egress {
		all = append(all, &p.Spec.Egress[i].Ports)
	}
	return all
}

// The groups of the example, and somebody else's.
const (
	devopsGroup  = "b8e0d2a4-1f6c-4f2b-8a77-6d94c3e5f010"
	appGroup     = "2d95e7c3-6b48-4c1d-a5f2-91b0c8d7e436"
	readersGroup = "e41f3b98-0c7a-4d65-b2e9-5a8d7f6c1b02"
	otherGroup   = "11111111-2222-4333-8444-555555555555"
)

func randomSubject(rnd *rand.Rand, c *model.Cluster) rbacv1.Subject {
	named := func(kind, name string) rbacv1.Subject {
		return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: kind, Name: name}
	}
	switch rnd.IntN(4) {
	case 0:
		return named("User", one(rnd, "jane@example.com", "somebody"))
	case 1:
		sa := pick[corev1.ServiceAccount](rnd, c)
		return rbacv1.Subject{Kind: "ServiceAccount", Name: sa.Ref.Name, Namespace: sa.Ref.Namespace}
	case 2:
		return named("Group", one(rnd, "system:authenticated", "system:unauthenticated", "system:serviceaccounts", "system:serviceaccounts:app", "system:masters"))
	}
	return named("Group", one(rnd, devopsGroup, appGroup, readersGroup, otherGroup))
}

func randomRole(rnd *rand.Rand, c *model.Cluster) rbacv1.RoleRef {
	name := one(rnd, "cluster-admin", "admin", "edit", "view", "system:node", "system:auth-delegator")
	if rnd.IntN(2) == 0 {
		name = pick[rbacv1.ClusterRole](rnd, c).Ref.Name
	}
	return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name}
}

// onRule changes one rule of a role that is bound.
func onRule(kind string, change func(*rand.Rand, *rbacv1.PolicyRule)) mutation {
	return mutation{kind: kind, ofRole: true, mutate: func(rnd *rand.Rand, c *model.Cluster) (*model.Cluster, string) {
		if rnd.IntN(2) == 0 {
			o := pick[rbacv1.ClusterRole](rnd, c)
			r := o.API.DeepCopy()
			if len(r.Rules) == 0 {
				return nil, ""
			}
			rule := &r.Rules[rnd.IntN(len(r.Rules))]
			change(rnd, rule)
			return put(c, o.Ref, r, o.Origin), fmt.Sprintf("%s: %v", o.Ref, rule)
		}
		o := pick[rbacv1.Role](rnd, c)
		r := o.API.DeepCopy()
		if len(r.Rules) == 0 {
			return nil, ""
		}
		rule := &r.Rules[rnd.IntN(len(r.Rules))]
		change(rnd, rule)
		return put(c, o.Ref, r, o.Origin), fmt.Sprintf("%s: %v", o.Ref, rule)
	}}
}

func rbacMutations() []mutation {
	return []mutation{
		{kind: "add a ClusterRoleBinding", mutate: func(rnd *rand.Rand, c *model.Cluster) (*model.Cluster, string) {
			b := &rbacv1.ClusterRoleBinding{
				ObjectMeta: metav1.ObjectMeta{Name: "mutant"},
				RoleRef:    randomRole(rnd, c), Subjects: []rbacv1.Subject{randomSubject(rnd, c)},
			}
			return put(c, model.Ref{Kind: "ClusterRoleBinding", Name: b.Name}, b, model.Origin{}), fmt.Sprintf("%v to %v", b.RoleRef.Name, b.Subjects)
		}},
		{kind: "add a RoleBinding", mutate: func(rnd *rand.Rand, c *model.Cluster) (*model.Cluster, string) {
			b := &rbacv1.RoleBinding{
				ObjectMeta: metav1.ObjectMeta{Name: "mutant", Namespace: one(rnd, "app", "data", "ingress", "platform", "temporal", "kube-system")},
				RoleRef:    randomRole(rnd, c), Subjects: []rbacv1.Subject{randomSubject(rnd, c)},
			}
			return put(c, model.Ref{Kind: "RoleBinding", Namespace: b.Namespace, Name: b.Name}, b, model.Origin{}), fmt.Sprintf("%s in %s to %v", b.RoleRef.Name, b.Namespace, b.Subjects)
		}},
		onRule("add a verb", func(rnd *rand.Rand, r *rbacv1.PolicyRule) {
			r.Verbs = append(slices.Clone(r.Verbs), one(rnd, "get", "list", "create", "delete", "patch", "*", "impersonate", "escalate"))
		}),
		onRule("add a resource", func(rnd *rand.Rand, r *rbacv1.PolicyRule) {
			if len(r.NonResourceURLs) > 0 {
				r.NonResourceURLs = append(slices.Clone(r.NonResourceURLs), "*")
				return
			}
			r.Resources = append(slices.Clone(r.Resources), one(rnd, "secrets", "pods/exec", "configmaps", "pods", "serviceaccounts/token", "*", "nodes/proxy", "services"))
		}),
		onRule("add an API group", func(rnd *rand.Rand, r *rbacv1.PolicyRule) {
			if len(r.NonResourceURLs) == 0 {
				r.APIGroups = append(slices.Clone(r.APIGroups), one(rnd, "*", "", "apps", "rbac.authorization.k8s.io"))
			}
		}),
		onRule("drop the names of a rule", func(_ *rand.Rand, r *rbacv1.PolicyRule) { r.ResourceNames = nil }),
	}
}

func known(s string) model.Property[string] { return model.Known(s) }

func azureMutations() []mutation {
	const sub = "/subscriptions/2af65101-27a1-40e7-a830-83f75c08b342"
	role := func(guid string) model.Property[string] {
		return known(sub + "/providers/Microsoft.Authorization/roleDefinitions/" + guid)
	}
	assign := func(c *model.Cluster, guid, principal, kind, scope string) *model.Cluster {
		const name = "00000000-0000-4000-8000-00000000abcd"
		id := scope + "/providers/Microsoft.Authorization/roleAssignments/" + name
		return put(c, model.AzureRef("RoleAssignment", id), &model.RoleAssignment{
			ID: known(id), Name: known(name), Scope: known(scope), RoleDefinitionID: role(guid),
			PrincipalID: known(principal), PrincipalType: known(kind),
		}, model.Origin{})
	}
	return []mutation{
		{kind: "add a role assignment", mutate: func(rnd *rand.Rand, c *model.Cluster) (*model.Cluster, string) {
			aks := pick[model.ManagedCluster](rnd, c).API.ID.Or("")
			vault := pick[model.KeyVault](rnd, c).API.ID.Or("")
			scope := one(rnd, sub, sub+"/resourceGroups/rg-prod", aks, aks+"/namespaces/app", vault, vault+"/secrets/api-postgres")
			guid := one(rnd,
				"8e3af657-a8ff-443c-a75c-2fe8c4bcb635", // Owner
				"b24988ac-6180-42a0-ab88-20f7382dd24c", // Contributor
				"18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", // User Access Administrator
				"4633458b-17de-408a-b874-0445c86b69e6", // Key Vault Secrets User
				"b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b", // AKS RBAC Cluster Admin
				"3498e952-d568-435e-9b2c-8d77e338d7f7", // AKS RBAC Admin
				"a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb", // AKS RBAC Writer
				"7f6c6a51-bcf8-42ba-9220-52d62157d7db", // AKS RBAC Reader
				"0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8", // AKS Cluster Admin Role
			)
			principal, kind := one(rnd, devopsGroup, appGroup, readersGroup, otherGroup), "Group"
			switch rnd.IntN(3) {
			case 0:
				principal, kind = pick[model.UserAssignedIdentity](rnd, c).API.PrincipalID.Or(""), "ServicePrincipal"
			case 1:
				principal, kind = one(rnd, "99999999-0000-4000-8000-000000000001", "99999999-0000-4000-8000-000000000002"), "User"
			default:
			}
			return assign(c, guid, principal, kind, scope), fmt.Sprintf("%s to %s %s at %s", guid, kind, principal, scope)
		}},
		{kind: "widen a role assignment", mutate: func(rnd *rand.Rand, c *model.Cluster) (*model.Cluster, string) {
			o := pick[model.RoleAssignment](rnd, c)
			r := *o.API
			scope := r.Scope.Or("")
			i := strings.LastIndex(strings.TrimSuffix(scope, "/"), "/")
			for range 1 + 2*rnd.IntN(2) {
				if i > 0 {
					scope = scope[:i]
					i = strings.LastIndex(scope, "/")
				}
			}
			if i < 1 || !strings.HasPrefix(scope, sub) || strings.HasSuffix(scope, "/providers") || strings.Count(scope, "/")%2 == 1 {
				scope = one(rnd, sub, sub+"/resourceGroups/rg-prod")
			}
			r.Scope = known(scope)
			return put(c, o.Ref, &r, o.Origin), fmt.Sprintf("%s to %s: %s", r.RoleDefinitionName.Or(""), r.PrincipalID.Or(""), scope)
		}},
		{kind: "change an assignment's role", mutate: func(rnd *rand.Rand, c *model.Cluster) (*model.Cluster, string) {
			o := pick[model.RoleAssignment](rnd, c)
			r := *o.API
			r.RoleDefinitionID = role(one(rnd, "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "b24988ac-6180-42a0-ab88-20f7382dd24c"))
			return put(c, o.Ref, &r, o.Origin), fmt.Sprintf("%s at %s", r.PrincipalID.Or(""), r.Scope.Or(""))
		}},
		{kind: "add a federated credential", mutate: func(rnd *rand.Rand, c *model.Cluster) (*model.Cluster, string) {
			o := pick[model.FederatedCredential](rnd, c)
			f := *o.API
			id := f.IdentityID.Or("") + "/federatedIdentityCredentials/mutant"
			f.ID, f.Name = known(id), known("mutant")
			f.Subject = known("system:serviceaccount:" + one(rnd, "app:ui", "app:worker", "data:zep", "ghost:api", "app:default"))
			return put(c, model.AzureRef("FederatedCredential", id), &f, model.Origin{}), f.Subject.Or("") + " to " + f.IdentityID.Or("")
		}},
		{kind: "change a credential", mutate: func(rnd *rand.Rand, c *model.Cluster) (*model.Cluster, string) {
			o := pick[model.FederatedCredential](rnd, c)
			f := *o.API
			if rnd.IntN(2) == 0 {
				f.Issuer = known(one(rnd, "https://example.com/", strings.TrimSuffix(f.Issuer.Or(""), "/")))
			} else {
				f.Subject = known("system:serviceaccount:" + one(rnd, "app:ui", "app:API", "ghost:api"))
			}
			return put(c, o.Ref, &f, o.Origin), f.Issuer.Or("") + " " + f.Subject.Or("")
		}},
	}
}

// clusterMutations weaken one property each of the AKS cluster.
func clusterMutations() (all []mutation) {
	for _, w := range weakenings() {
		all = append(all, mutation{kind: "weaken " + w.name, mutate: func(rnd *rand.Rand, c *model.Cluster) (*model.Cluster, string) {
			o := pick[model.ManagedCluster](rnd, c)
			api := *o.API
			w.change(&api)
			return put(c, o.Ref, &api, o.Origin), ""
		}})
	}
	return all
}

type weakening struct {
	name   string
	change func(*model.ManagedCluster)
}

func weakenings() []weakening {
	off, none := model.Known(false), known("none")
	return []weakening{
		{"private cluster", func(m *model.ManagedCluster) { m.APIServer.Private = off }},
		{"Azure RBAC", func(m *model.ManagedCluster) { m.Entra.AzureRBAC = off }},
		{"Kubernetes RBAC", func(m *model.ManagedCluster) { m.KubernetesRBAC = off }},
		{"Entra", func(m *model.ManagedCluster) { m.Entra = model.EntraProfile{} }},
		{"local accounts", func(m *model.ManagedCluster) { m.DisableLocal = off }},
		{"run command", func(m *model.ManagedCluster) { m.APIServer.DisableRunCommand = off }},
		{"policy engine", func(m *model.ManagedCluster) { m.Network.Policy, m.Network.Dataplane = none, known("azure") }},
		{"other policy engine", func(m *model.ManagedCluster) { m.Network.Policy = known("azure") }},
		{"node lockdown", func(m *model.ManagedCluster) { m.NodeLockdown = known("Unrestricted") }},
		{"admin groups", func(m *model.ManagedCluster) { m.Entra.AdminGroups = model.Known([]string{otherGroup}) }},
		{"legacy pod identity", func(m *model.ManagedCluster) { m.PodIdentity = model.Known(true) }},
		{"issuer", func(m *model.ManagedCluster) { m.IssuerURL = known("https://example.com/") }},
		{"OIDC issuer", func(m *model.ManagedCluster) { m.OIDCIssuer = off }},
		{"add-ons", func(m *model.ManagedCluster) { m.AddOns = nil }},
	}
}
