package rulespace_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/aksim/aksim/internal/rulespace"
)

// defaultRoles reads the default ClusterRoles, recorded from a server.
func defaultRoles(t testing.TB) map[string][]rbacv1.PolicyRule {
	t.Helper()
	data, err := os.ReadFile("../../../shared/truth/rbac/bootstrap-clusterroles.yaml")
	if os.IsNotExist(err) {
		t.Skip("no recorded roles here")
	}
	require.NoError(t, err)
	roles := map[string][]rbacv1.PolicyRule{}
	add := func(role rbacv1.ClusterRole) {
		if role.Kind == "ClusterRole" {
			roles[role.Name] = role.Rules
		}
	}
	for doc := range bytes.SplitSeq(data, []byte("\n---\n")) {
		var list struct {
			rbacv1.ClusterRole
			Items []rbacv1.ClusterRole `json:"items"`
		}
		require.NoError(t, yaml.Unmarshal(doc, &list))
		add(list.ClusterRole)
		for _, role := range list.Items {
			add(role)
		}
	}
	require.Contains(t, roles, "admin")
	return roles
}

// BenchmarkRoles compares default roles, read afresh each time.
func BenchmarkRoles(b *testing.B) {
	roles := defaultRoles(b)
	var all []rbacv1.PolicyRule
	for _, rules := range roles {
		all = append(all, rules...)
	}
	roles["all of them"] = all
	for _, pair := range [][2]string{{"admin", "edit"}, {"edit", "view"}, {"cluster-admin", "admin"}, {"admin", "cluster-admin"}, {"all of them", "admin"}, {"all of them", "all of them"}} {
		x, y := rulespace.Access{{Rules: roles[pair[0]]}}, rulespace.Access{{Rules: append([]rbacv1.PolicyRule(nil), roles[pair[1]]...)}}
		b.Run(fmt.Sprintf("%s,%s/%d,%d rules", pair[0], pair[1], len(x[0].Rules), len(y[0].Rules)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rulespace.New(rulespace.Universe{}).Compare(x, y)
			}
		})
	}
	b.Run(fmt.Sprintf("redundant/%d rules", len(all)), func(b *testing.B) {
		for b.Loop() {
			rulespace.New(rulespace.Universe{}).Redundant(rulespace.Access{{Rules: all}})
		}
	})
}

// snapshot is what n bindings grant to n/10 subjects: a role of 30 rules with
// names and resources of the subject's own, and default-like roles in ten
// namespaces. In a changed snapshot one of the own rules is wider.
func snapshot(n int, changed bool) []rulespace.Access {
	shared := make([][]rbacv1.PolicyRule, 50)
	for i := range shared {
		for j := range 40 {
			shared[i] = append(shared[i], rbacv1.PolicyRule{
				Verbs: []string{"get", "list", "watch"}, APIGroups: []string{fmt.Sprintf("g%d.example.com", j%20)},
				Resources: []string{fmt.Sprintf("kind%d", i+j), fmt.Sprintf("kind%d/status", i+j)},
			})
		}
	}
	var subjects []rulespace.Access
	for s := range n / 10 {
		var own []rbacv1.PolicyRule
		for j := range 30 {
			own = append(own, rbacv1.PolicyRule{
				Verbs: []string{"get", "update"}, APIGroups: []string{"", "apps"},
				Resources: []string{fmt.Sprintf("kind%d", j), "secrets"}, ResourceNames: []string{fmt.Sprintf("name-%d-%d", s, j)},
			})
		}
		if changed {
			own[7].Verbs = []string{"get", "update", "delete"}
		}
		a := rulespace.Access{{Namespace: "own", Rules: own}}
		for b := range 9 {
			a = append(a, rulespace.Grant{Namespace: fmt.Sprintf("ns-%d", b), Rules: shared[(s+b)%len(shared)]})
		}
		subjects = append(subjects, a)
	}
	return subjects
}

// BenchmarkSnapshots compares the rights of every subject of two snapshots, of
// which each subject's have changed.
func BenchmarkSnapshots(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000, 100_000} {
		before, after := snapshot(n, false), snapshot(n, true)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s := rulespace.New(rulespace.Universe{})
				for i := range before {
					if s.Compare(before[i], after[i]).Relation != rulespace.Narrower {
						b.Fatal("wrong")
					}
				}
			}
		})
	}
}

// BenchmarkMinus lists the differences of snapshots, subject by subject, and of
// default roles.
func BenchmarkMinus(b *testing.B) {
	before, after := snapshot(10_000, false), snapshot(10_000, true)
	b.Run("snapshots/10000", func(b *testing.B) {
		for b.Loop() {
			s := rulespace.New(rulespace.Universe{})
			for i := range before {
				if len(s.Minus(after[i], before[i])) != 1 {
					b.Fatal("wrong")
				}
			}
		}
	})
	roles := defaultRoles(b)
	for _, pair := range [][2]string{{"admin", "edit"}, {"cluster-admin", "admin"}} {
		b.Run(pair[0]+","+pair[1], func(b *testing.B) {
			for b.Loop() {
				rulespace.New(rulespace.Universe{}).Minus(rulespace.Access{{Rules: roles[pair[0]]}}, rulespace.Access{{Rules: roles[pair[1]]}})
			}
		})
	}
}

// BenchmarkOneSubject compares a subject that holds all bindings, each of its
// own role in its own namespace or all cluster-wide, with one that holds the
// same, each a bit narrower.
func BenchmarkOneSubject(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000, -100, -1_000, -10_000} {
		namespace, scope := func(i int) string { return fmt.Sprintf("ns-%d", i) }, "namespaces"
		if n < 0 {
			namespace, scope, n = func(int) string { return "" }, "cluster-wide", -n
		}
		var wide, narrow rulespace.Access
		for i := range n {
			rule := rbacv1.PolicyRule{Verbs: []string{"get", "list"}, APIGroups: []string{""}, Resources: []string{fmt.Sprintf("kind%d", i/2), fmt.Sprintf("kind%d", i)}}
			wide = append(wide, rulespace.Grant{Namespace: namespace(i), Rules: []rbacv1.PolicyRule{rule}})
			rule.Verbs = []string{"get"}
			narrow = append(narrow, rulespace.Grant{Namespace: namespace(i), Rules: []rbacv1.PolicyRule{rule}})
		}
		b.Run(fmt.Sprintf("%s/%d", scope, n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if rulespace.New(rulespace.Universe{}).Compare(wide, narrow).Relation != rulespace.Wider {
					b.Fatal("wrong")
				}
			}
		})
	}
}
