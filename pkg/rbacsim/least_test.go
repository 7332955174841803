package rbacsim_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// All that is redundant can go at once, and nobody gains or loses anything.
func TestSparesCanGo(t *testing.T) {
	kinds := map[string]int{}
	fewWorlds(t, func(t *testing.T, w *world) {
		w.completed()
		for range 4 { // some say the same twice
			w.namespaced = append(w.namespaced, w.roleBinding("again"+string(rune('0'+len(w.namespaced)))))
		}
		w.fill()
		before := rbacsim.New(w.snapshot())
		var gone []rbacsim.Spare
		for s := range before.Spares(rbacsim.AllRequests) {
			if !s.Dead {
				gone = append(gone, s)
				kinds[s.Object.Kind+" "+strings.TrimRight(strings.Map(letters, s.Path), " ")]++
				require.NotEmpty(t, s.Why)
			}
		}
		after := rbacsim.New(w.without(gone).snapshot())
		c := rbacsim.CompareSnapshots(before, after, rbacsim.AllRequests)
		require.Equal(t, rbacsim.Equal, c.Relation, "%v\n%v", gone, c)
		for range 4 {
			s := rbacsim.As(identity.NewUser(one(w, someUsers)), some(w, someUserGroups, 0)...)
			for _, r := range w.someKinds() {
				require.Equal(t, before.Decide(s, r), after.Decide(s, r), "%s: %s: %v", s, r, gone)
			}
		}
	})
	for _, kind := range []string{"ClusterRole rules", "ClusterRole rules.verbs", "Role rules", "RoleBinding ", "RoleBinding subjects"} {
		assert.NotZero(t, kinds[kind], "%s: %v", kind, kinds)
	}
}

func letters(r rune) rune {
	if strings.ContainsRune("[]0123456789", r) {
		return -1
	}
	return r
}

// without returns the world without the spare parts.
func (w *world) without(gone []rbacsim.Spare) *world {
	v := *w
	is := func(kind, namespace, name, path string) bool {
		return slices.ContainsFunc(gone, func(s rbacsim.Spare) bool {
			return s.Object == model.Ref{Kind: kind, Namespace: namespace, Name: name} && s.Path == path
		})
	}
	number := func(i int) string { return "[" + string(rune('0'+i)) + "]" }
	strip := func(kind, namespace, name string, rules []rbacv1.PolicyRule) []rbacv1.PolicyRule {
		var kept []rbacv1.PolicyRule
		for i := range rules {
			path := "rules" + number(i)
			if is(kind, namespace, name, path) {
				continue
			}
			rule := *rules[i].DeepCopy()
			for field, list := range map[string]*[]string{
				"verbs": &rule.Verbs, "apiGroups": &rule.APIGroups, "resources": &rule.Resources, "resourceNames": &rule.ResourceNames, "nonResourceURLs": &rule.NonResourceURLs,
			} {
				var values []string
				for j, v := range *list {
					if len(*list) > 10 || !is(kind, namespace, name, path+"."+field+number(j)) {
						values = append(values, v)
					}
				}
				*list = values
			}
			kept = append(kept, rule)
		}
		return kept
	}
	v.clusterRoles, v.roles, v.cluster, v.namespaced = nil, nil, nil, nil
	for _, r := range w.clusterRoles {
		c := r.DeepCopy()
		c.Rules = strip("ClusterRole", "", r.Name, r.Rules)
		v.clusterRoles = append(v.clusterRoles, c)
	}
	for _, r := range w.roles {
		c := r.DeepCopy()
		c.Rules = strip("Role", r.Namespace, r.Name, r.Rules)
		v.roles = append(v.roles, c)
	}
	subjects := func(kind, namespace, name string, list []rbacv1.Subject) []rbacv1.Subject {
		var kept []rbacv1.Subject
		for i, s := range list {
			if !is(kind, namespace, name, "subjects"+number(i)) && !is(kind, namespace, name, "") {
				kept = append(kept, s)
			}
		}
		return kept
	}
	for _, b := range w.cluster {
		c := b.DeepCopy()
		c.Subjects = subjects("ClusterRoleBinding", "", b.Name, b.Subjects)
		v.cluster = append(v.cluster, c)
	}
	for _, b := range w.namespaced {
		c := b.DeepCopy()
		c.Subjects = subjects("RoleBinding", b.Namespace, b.Name, b.Subjects)
		v.namespaced = append(v.namespaced, c)
	}
	return &v
}

// bound returns the roles of a minimum, bound to one user.
func bound(m rbacsim.Minimum, user string) *rbacsim.Authorizer {
	var b model.Builder
	subjects := []rbacv1.Subject{{Kind: "User", Name: user}}
	role := m.ClusterRole
	if role == nil {
		role = &rbacv1.ClusterRole{}
		role.Name = "nothing"
	}
	role = role.DeepCopy()
	role.Labels = map[string]string{"kubernetes.io/bootstrapping": "rbac-defaults"}
	add(&b, "ClusterRole", "", role)
	binding := &rbacv1.ClusterRoleBinding{Subjects: subjects, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: role.Name}}
	binding.Name = "b"
	add(&b, "ClusterRoleBinding", "", binding)
	for _, r := range m.Roles {
		add(&b, "Role", r.Namespace, r)
		binding := &rbacv1.RoleBinding{Subjects: subjects, RoleRef: rbacv1.RoleRef{Kind: "Role", Name: r.Name}}
		binding.Namespace, binding.Name = r.Namespace, "b"
		add(&b, "RoleBinding", r.Namespace, binding)
	}
	return rbacsim.New(b.Cluster())
}

// A minimal role allows the requests, and nothing else but what differs from one of
// them in the name or the namespace that it lacks; and every part of it is needed.
func TestMinimalRole(t *testing.T) {
	left, noted := 0, 0
	fewWorlds(t, func(t *testing.T, w *world) {
		var requests []rbacsim.Request
		for range 1 + w.rng.IntN(6) {
			r := w.request()
			if strings.Contains(r.Resource, "/") {
				r.Resource = "pods" // only a review can ask that
			}
			requests = append(requests, r)
		}
		m := rbacsim.MinimalRole("least", requests)
		require.Equal(t, rbacsim.Proved, m.Proof.Outcome, m.Proof.String())
		left, noted = left+len(m.Left), noted+len(m.Notes)
		a, user := bound(m, "u"), rbacsim.Review("u")
		for _, r := range requests {
			require.Equal(t, !slices.Contains(m.Left, r), a.Decide(user, r) == rbacsim.Allowed, r.String())
		}
		for _, r := range w.someKinds() {
			if a.Decide(user, r) != rbacsim.Allowed {
				continue
			}
			require.True(t, slices.ContainsFunc(requests, func(want rbacsim.Request) bool {
				if want.Name == "" {
					want.Name = r.Name
				}
				if want.Namespace == "" {
					want.Namespace = r.Namespace
				}
				return want == r
			}), "%s is allowed, too: %v", r, requests)
		}
		if m.ClusterRole != nil || len(m.Roles) > 0 {
			require.NotEmpty(t, m.Needs)
		}
		for _, n := range m.Needs {
			require.Equal(t, rbacsim.Allowed, a.Decide(user, n.Request))
		}
	})
	assert.NotZero(t, left)
	assert.NotZero(t, noted)
}

// What is in excess of use is what a principal's own bindings grant and the minimum of
// what it did does not.
func TestExcessAgainstBruteForce(t *testing.T) {
	found := map[bool]int{}
	fewWorlds(t, func(t *testing.T, w *world) {
		a := rbacsim.New(w.completed().snapshot())
		universe := w.someKinds()
		var uses []rbacsim.Use
		for range 30 {
			s := rbacsim.As(identity.NewUser(one(w, someUsers)), some(w, someUserGroups, 0)...)
			r := w.request()
			if !strings.Contains(r.Resource, "/") {
				uses = append(uses, rbacsim.Use{Subject: s, Request: r})
			}
		}
		for _, e := range a.Excess(slices.Values(uses)) {
			own := rbacsim.Review(e.Principal.Username())
			if e.Principal.Kind() == identity.Group {
				own = rbacsim.Review("", e.Principal.Name())
			}
			least, user := bound(e.Minimum, "u"), rbacsim.Review("u")
			boxes := e.Boxes()
			some := false
			for _, r := range universe {
				beyond := a.Decide(own, r) == rbacsim.Allowed && least.Decide(user, r) != rbacsim.Allowed
				some = some || beyond
				require.Equal(t, beyond, slices.ContainsFunc(boxes, func(b rbacsim.Box) bool { return b.Contains(r) }), "%s: %s", e.Principal, r)
			}
			require.True(t, e.HasExcess() || !some, e.Principal.String())
			require.Equal(t, len(boxes) > 0, e.HasExcess(), e.Principal.String())
			found[e.HasExcess()]++
			for _, x := range e.Rights {
				used := 0
				for _, r := range e.Used {
					if rbacsim.Covers(x.Policy, r) && (x.Namespace == "" || !r.NonResource && x.Namespace == r.Namespace) {
						used++
					}
				}
				require.Equal(t, used, x.Requests)
			}
			for _, u := range uses {
				require.Equal(t, u.By(e.Principal), slices.Contains(e.Used, u.Request) && u.By(e.Principal))
			}
		}
	})
	assert.Len(t, found, 2, "%v", found)
}

// someKinds are some of the requests of everyKind.
func (w *world) someKinds() []rbacsim.Request {
	all := w.everyKind()
	w.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:5000]
}

// A wildcard without hundreds of rules is not told in boxes, but decided all the same.
func TestCompareTooMuch(t *testing.T) {
	a := rbacsim.New(benchCluster(1000))
	everything, much := rbacsim.As(identity.NewGroup(identity.Masters)), rbacsim.As(identity.NewServiceAccount("ns-0", "everywhere"))
	c := a.CompareSubjects(much, everything, rbacsim.AllRequests)
	require.Equal(t, rbacsim.Wider, c.Relation)
	require.Empty(t, c.Gained.Boxes())
	require.Contains(t, c.String(), "gained: "+rbacsim.TooMuch)
	require.NotNil(t, c.Gained.Example)
	require.NotEmpty(t, a.CompareSubjects(everything, rbacsim.As(identity.NewUser("x")), rbacsim.AllRequests).Lost.Boxes())
}
