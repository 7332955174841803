package identity_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

// benchEstate has so many role assignments, a tenth as many principals and a fifth as
// many pods; a hundred of these groups in each other, and a workload identity for every
// tenth pod.
func benchEstate(assignments int) *model.Cluster {
	principals, pods := assignments/10, assignments/5
	a := baseline()
	a.identities, a.credentials = nil, nil
	attach(a, "node", nodeClient, nodeObject)
	for i := range principals {
		a.objects = append(a.objects, &model.DirectoryObject{ID: oid(i), Kind: []string{"User", "Group", "ServicePrincipal"}[i%3], UPN: fmt.Sprintf("u%d@contoso.com", i)})
	}
	for i := range min(100, principals) {
		m := &model.GroupMembers{Group: oid(3*i + 1)}
		for j := range 20 {
			m.Members = append(m.Members, oid((i*37+j*11)%principals))
		}
		a.members = append(a.members, m)
	}
	for i := range assignments {
		a.assignments = append(a.assignments, &model.RoleAssignment{
			ID: model.Known(fmt.Sprintf("/a/%06d", i)), Scope: model.Known(fmt.Sprintf("%s/resourceGroups/rg%d", subscription, i%500)),
			PrincipalID: model.Known(oid(i * 7 % principals)), RoleDefinitionID: model.Known("/r/" + oid(i%100)),
		})
	}
	for i := range pods / 10 {
		name := fmt.Sprintf("id%d", i)
		a.identities = append(a.identities, managedIdentity(name, oid(1<<20+i), oid(1<<21+i)))
		a.credentials = append(a.credentials, credential(name, "f", fmt.Sprintf("system:serviceaccount:ns%d:sa%d", i%50, i)))
	}
	var b model.Builder
	for i := range pods {
		ns, sa := fmt.Sprintf("ns%d", i/10%50), fmt.Sprintf("sa%d", i/10)
		add(&b, "Pod", &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: fmt.Sprintf("p%d", i), Labels: map[string]string{"azure.workload.identity/use": "true"}},
			Spec:       corev1.PodSpec{ServiceAccountName: sa, Containers: []corev1.Container{{Name: "x"}}},
		})
		if i%10 == 0 {
			add(&b, "ServiceAccount", &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: sa, Annotations: map[string]string{"azure.workload.identity/client-id": oid(1<<20 + i/10)}}})
		}
	}
	return b.Cluster().With(a.cluster())
}

func BenchmarkNewGraph(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := benchEstate(n)
			b.ReportAllocs()
			for b.Loop() {
				identity.NewGraph(c)
			}
		})
	}
}

func BenchmarkActsAs(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			g := identity.NewGraph(benchEstate(n))
			start, err := g.Principal(identity.MustParse("u0@contoso.com"))
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				routes := 0
				for range g.ActsAs(start) {
					routes++
				}
				require.Positive(b, routes)
			}
		})
	}
}

func BenchmarkWhoAmI(b *testing.B) {
	g := identity.NewGraph(benchEstate(10_000))
	for b.Loop() {
		trace, err := g.WhoAmI("ns7/p77")
		require.NoError(b, err)
		require.Equal(b, identity.OK, trace.Outcome())
	}
}

func BenchmarkLint(b *testing.B) {
	g := identity.NewGraph(benchEstate(10_000))
	for b.Loop() {
		for range g.Lint() {
			continue
		}
	}
}
