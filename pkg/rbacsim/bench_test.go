package rbacsim_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// benchCluster makes a cluster of so many bindings, half of them of the cluster and
// half in a thousand namespaces. Each binds a role of its own to the ServiceAccount
// of its number and to one that holds them all.
func benchCluster(bindings int) *model.Cluster {
	var b model.Builder
	for i := range bindings {
		name, namespace := fmt.Sprintf("b%06d", i), fmt.Sprintf("ns-%d", i/2%1000)
		rules := []rbacv1.PolicyRule{
			{Verbs: []string{"get", "list", "watch"}, APIGroups: []string{""}, Resources: []string{"configmaps", "pods", "pods/log"}},
			{Verbs: []string{"get", "update"}, APIGroups: []string{""}, Resources: []string{"secrets"}, ResourceNames: []string{name}},
			{Verbs: []string{"*"}, APIGroups: []string{fmt.Sprintf("group-%d.example.com", i%500)}, Resources: []string{fmt.Sprintf("things-%d", i)}},
		}
		subjects := []rbacv1.Subject{
			{Kind: "ServiceAccount", Namespace: namespace, Name: name},
			{Kind: "ServiceAccount", Namespace: "ns-0", Name: "everywhere"},
		}
		if i%2 == 0 {
			add(&b, "ClusterRole", "", &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules})
			add(&b, "ClusterRoleBinding", "", &rbacv1.ClusterRoleBinding{
				ObjectMeta: metav1.ObjectMeta{Name: name}, Subjects: subjects, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: name},
			})
			continue
		}
		meta := metav1.ObjectMeta{Namespace: namespace, Name: name}
		add(&b, "Role", namespace, &rbacv1.Role{ObjectMeta: meta, Rules: rules})
		add(&b, "RoleBinding", namespace, &rbacv1.RoleBinding{ObjectMeta: meta, Subjects: subjects, RoleRef: rbacv1.RoleRef{Kind: "Role", Name: name}})
	}
	return b.Cluster()
}

func add[T any, P interface {
	*T
	metav1.Object
}](b *model.Builder, kind, namespace string, o P) {
	model.Add(b, &model.Object[T]{Ref: model.Ref{Kind: kind, Namespace: namespace, Name: o.GetName()}, API: o})
}

func sizes(b *testing.B, run func(b *testing.B, a *rbacsim.Authorizer)) {
	for _, n := range []int{100, 1_000, 10_000, 20_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			a := rbacsim.New(benchCluster(n))
			b.ReportAllocs()
			b.ResetTimer()
			run(b, a)
		})
	}
}

// questions are what the benchmarks ask: by whom, for what, and how it ends.
var questions = []struct {
	name    string
	subject rbacsim.Subject
	request rbacsim.Request
	want    rbacsim.Decision
}{
	{"nothing/denied", rbacsim.As(identity.MustParse("sa/ns-1/nobody")), rbacsim.Request{Verb: "delete", Resource: "secrets", Namespace: "ns-1", Name: "x"}, rbacsim.Denied},
	{"all/denied", rbacsim.As(identity.MustParse("sa/ns-0/everywhere")), rbacsim.Request{Verb: "delete", Resource: "secrets", Namespace: "ns-1", Name: "x"}, rbacsim.Denied},
	{"all/denied-by-name", rbacsim.As(identity.MustParse("sa/ns-0/everywhere")), rbacsim.Request{Verb: "get", Resource: "secrets", Namespace: "ns-1", Name: "x"}, rbacsim.Denied},
	{"all/allowed-by-name", rbacsim.As(identity.MustParse("sa/ns-0/everywhere")), rbacsim.Request{Verb: "get", Resource: "secrets", Namespace: "ns-1", Name: "b000002"}, rbacsim.Allowed},
	{"all/allowed", rbacsim.As(identity.MustParse("sa/ns-0/everywhere")), rbacsim.Request{Verb: "get", Resource: "pods", Subresource: "log", Namespace: "ns-1", Name: "x"}, rbacsim.Allowed},
	{"all/url", rbacsim.As(identity.MustParse("sa/ns-0/everywhere")), rbacsim.URL("get", "/metrics"), rbacsim.Denied},
	{"masters", rbacsim.Review("x", "system:masters"), rbacsim.Request{Verb: "delete", Resource: "secrets"}, rbacsim.Allowed},
}

func BenchmarkDecide(b *testing.B) {
	sizes(b, func(b *testing.B, a *rbacsim.Authorizer) {
		for _, q := range questions {
			b.Run(q.name, func(b *testing.B) {
				b.ReportAllocs()
				require.Equal(b, q.want, a.Decide(q.subject, q.request))
				for b.Loop() {
					a.Decide(q.subject, q.request)
				}
			})
		}
	})
}

// A decision allocates nothing, whoever asks for whatever.
func TestDecideAllocatesNothing(t *testing.T) {
	a := rbacsim.New(benchCluster(1000))
	for _, q := range questions {
		require.Equal(t, q.want, a.Decide(q.subject, q.request), q.name)
		require.Zero(t, testing.AllocsPerRun(100, func() { a.Decide(q.subject, q.request) }), q.name)
	}
}

func BenchmarkCompile(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := benchCluster(n)
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				rbacsim.New(c)
			}
		})
	}
}

func BenchmarkWhoCan(b *testing.B) {
	sizes(b, func(b *testing.B, a *rbacsim.Authorizer) {
		for name, r := range map[string]rbacsim.Request{
			"one":  {Verb: "get", Group: "group-42.example.com", Resource: "things-42"},
			"all":  {Verb: "get", Resource: "pods", Namespace: "ns-0"},
			"none": {Verb: "delete", Resource: "secrets", Namespace: "ns-0", Name: "x"},
		} {
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				holders := 0
				a.WhoCan(r)
				for b.Loop() {
					holders = 0
					for range a.WhoCan(r).All() {
						holders++
					}
				}
				b.ReportMetric(float64(holders), "holders")
			})
		}
	})
}
