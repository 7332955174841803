package rbacsim_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// widened returns the cluster with a verb more in one ClusterRole of every so many.
func widened(c *model.Cluster, every int) *model.Cluster {
	var b model.Builder
	i := 0
	for o := range model.All[rbacv1.ClusterRole](c) {
		if i++; i%every == 0 {
			role := o.API.DeepCopy()
			role.Rules[0].Verbs = append(slices.Clone(role.Rules[0].Verbs), "delete")
			add(&b, "ClusterRole", "", role)
		}
	}
	return c.With(b.Cluster())
}

// BenchmarkCompareSnapshots compares clusters of so many bindings each: compiled, and
// from the objects.
func BenchmarkCompareSnapshots(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		before := benchCluster(n)
		for _, c := range []struct {
			name  string
			after *model.Cluster
			want  rbacsim.Relation
		}{
			{"same", benchCluster(n), rbacsim.Equal},
			{"1%", widened(before, 50), rbacsim.Wider},
			{"all", widened(before, 1), rbacsim.Wider},
		} {
			for _, u := range []rbacsim.Universe{rbacsim.AllRequests, rbacsim.KnownRequests} {
				b.Run(fmt.Sprintf("%d/%s/%d", n, c.name, u), func(b *testing.B) {
					for b.Loop() {
						x, y := rbacsim.New(before), rbacsim.New(c.after)
						require.Equal(b, c.want, rbacsim.CompareSnapshots(x, y, u).Relation)
					}
				})
			}
		}
	}
}

func BenchmarkClaims(b *testing.B) {
	a := rbacsim.New(benchCluster(10_000))
	few := rbacsim.New(benchCluster(1_000))
	set := rbacsim.RequestsFor(rbacsim.Request{Verb: "delete", Resource: "secrets"})
	b.Run("NotGranted", func(b *testing.B) {
		for b.Loop() {
			a.NotGranted(set, rbacsim.AllRequests)
		}
	})
	b.Run("Spares", func(b *testing.B) {
		for b.Loop() {
			for range few.Spares(rbacsim.AllRequests) {
				continue
			}
		}
	})
}
