package azure_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

func benchPrincipal(i int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", i) }

// benchWorld makes so many assignments to a thousand principals, a tenth of them groups
// with ten members each, in ten subscriptions of a hundred resource groups.
func benchWorld(assignments int) *model.Cluster {
	w := &world{}
	roles := []string{owner, contributor, reader, secretsUser, clusterAdmin, "a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"}
	w.group("top", true, "/subscriptions/sub-0", "/subscriptions/sub-1")
	for i := range 1000 {
		w.user(benchPrincipal(i), fmt.Sprintf("user-%d@contoso.com", i))
	}
	for i := range 100 {
		var members []string
		for j := range 10 {
			members = append(members, benchPrincipal(100+(i*10+j*7)%900))
		}
		w.members(benchPrincipal(i), members...)
	}
	for i := range assignments {
		scope := fmt.Sprintf("/subscriptions/sub-%d/resourceGroups/rg-%d", i%10, i/10%100)
		switch i % 20 {
		case 0:
			scope = managementSub + "top"
		case 1, 2, 3:
			scope = fmt.Sprintf("/subscriptions/sub-%d", i%10)
		case 4, 5, 6, 7, 8, 9, 10, 11, 12:
			scope += fmt.Sprintf("/providers/Microsoft.KeyVault/vaults/v%d", i%7)
		}
		change := func(*model.RoleAssignment) {}
		if i%1000 < 100 {
			change = toGroup
		}
		w.assign(benchPrincipal(i%1000), roles[i/20%len(roles)], scope, change)
	}
	for i := range 20 {
		w.deny(fmt.Sprint("deny-", i), fmt.Sprintf("/subscriptions/sub-%d/resourceGroups/rg-%d", i%10, i), model.Permission{Actions: []string{"*"}, NotActions: []string{"*/read"}})
	}
	return w.Cluster()
}

const benchVault = "/subscriptions/sub-7/resourceGroups/rg-4/providers/Microsoft.KeyVault/vaults/v4"

var benchRequests = []struct {
	name    string
	request azure.Request
}{
	{"read", ask("Microsoft.KeyVault/vaults/read", benchVault)},
	{"secret", askData(getSecret, benchVault+"/secrets/s")},
	{"pods", askData("Microsoft.ContainerService/managedClusters/pods/exec/action", "/subscriptions/sub-3/resourceGroups/rg-1/providers/Microsoft.ContainerService/managedClusters/c/namespaces/n")},
	{"write", ask(assignWrite, "/subscriptions/sub-1/resourceGroups/rg-19")},
}

func sizes(b *testing.B, run func(b *testing.B, c *model.Cluster)) {
	for _, n := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := benchWorld(n)
			b.ReportAllocs()
			b.ResetTimer()
			run(b, c)
		})
	}
}

func BenchmarkDecide(b *testing.B) {
	sizes(b, func(b *testing.B, c *model.Cluster) {
		a := azure.New(c)
		many := azure.Subject{ObjectID: benchPrincipal(500)}
		for i := range 20 {
			many.Groups = append(many.Groups, benchPrincipal(i))
		}
		for _, q := range benchRequests {
			for name, s := range map[string]azure.Subject{"one": who(benchPrincipal(777)), "groups": many} {
				b.Run(q.name+"/"+name, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						a.Decide(s, q.request)
					}
				})
			}
		}
	})
}

// A decision allocates nothing, whoever asks for whatever.
func TestDecideAllocatesNothing(t *testing.T) {
	a := azure.New(benchWorld(2000))
	seen := map[rbacsim.Decision]bool{}
	for _, q := range benchRequests {
		for i := range 200 {
			s := who(benchPrincipal(i))
			seen[a.Decide(s, q.request)] = true
			require.Zero(t, testing.AllocsPerRun(5, func() { a.Decide(s, q.request) }), q.name)
		}
	}
	require.True(t, seen[rbacsim.Allowed] && seen[rbacsim.Denied])
}

func BenchmarkCompile(b *testing.B) {
	sizes(b, func(b *testing.B, c *model.Cluster) {
		for b.Loop() {
			azure.New(c)
		}
	})
}

func BenchmarkHolders(b *testing.B) {
	sizes(b, func(b *testing.B, c *model.Cluster) {
		a := azure.New(c)
		for _, q := range benchRequests {
			b.Run(q.name, func(b *testing.B) {
				b.ReportAllocs()
				n := 0
				a.Holders(q.request)
				for b.Loop() {
					n = 0
					for range a.Holders(q.request).All() {
						n++
					}
				}
				b.ReportMetric(float64(n), "holders")
			})
		}
	})
}
