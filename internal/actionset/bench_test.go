package actionset_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aksim/aksim/internal/actionset"
)

func BenchmarkMatch(b *testing.B) {
	const action = "Microsoft.ContainerService/managedClusters/apps/deployments/read"
	for _, pattern := range []string{
		"*", "*/read", "Microsoft.ContainerService/managedClusters/*/read", "Microsoft.KeyVault/vaults/*",
		"Microsoft.ContainerService/managedClusters/apps/deployments/read",
		"*.ContainerService/*/deployments/*",
	} {
		p := actionset.Compile(pattern)
		b.Run(pattern, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Match(action)
			}
		})
	}
}

// Thirty permissions of some ten patterns each, as roles have them, and one
// that allows all but a few actions.
func BenchmarkSubset(b *testing.B) {
	var parts []string
	for i := range 30 {
		var words []string
		for j := range 10 {
			words = append(words, fmt.Sprintf("Microsoft.Provider%d/things%d/%s", i, j, []string{"*", "*/read", "write", "parts/*/delete"}[j%4]))
		}
		parts = append(parts, strings.Join(words, " ")+fmt.Sprintf(" - Microsoft.Provider%d/*/x/action */listKeys/action", i))
	}
	roles := set(strings.Join(parts, "; "))
	all := set("* - Microsoft.Authorization/*/write Microsoft.Authorization/*/delete */listKeys/action")
	for _, bm := range []struct {
		name string
		s, t actionset.Set
		ok   bool
	}{
		{"itself", roles, roles, true},
		{"in-all", roles, all, true},
		{"all-in", all, append(roles, all...), true},
		{"not", all, roles, false},
		{"contributors", repeat(set(contributor), 30), repeat(set(contributor), 30), true},
		{"owner-in-contributors", set("*"), repeat(set(contributor), 30), false},
	} {
		b.Run(bm.name, func(b *testing.B) {
			for b.Loop() {
				if _, ok := bm.s.Subset(bm.t); ok != bm.ok {
					b.Fatal(ok)
				}
			}
		})
	}
}

func repeat(s actionset.Set, n int) actionset.Set {
	var all actionset.Set
	for range n {
		all = append(all, s...)
	}
	return all
}
