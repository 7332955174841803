package actionset_test

import (
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
