package azure

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// bigEstate has 10,000 assignments to 1,000 principals at the namespaces of a cluster.
func bigEstate() *estate {
	e := (&estate{}).people().cluster(asked(prodID))
	for i := range 10_000 {
		e.assign(fmt.Sprint(i), fmt.Sprintf("%s/namespaces/ns-%d", prodID, i%200), podReader, fmt.Sprintf("b0000000-0000-4000-8000-%012d", i%1000), "User")
	}
	return e
}

func BenchmarkKubernetesDecide(b *testing.B) {
	k := bigEstate().kubernetes()
	s, err := k.As(identity.NewUser("b0000000-0000-4000-8000-000000000007"))
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if d, err := k.Decide(s, getPods("ns-8")); d != rbacsim.Denied || err != nil {
			b.Fatal(d, err)
		}
	}
}

func BenchmarkKubernetesCheck(b *testing.B) {
	k := bigEstate().kubernetes()
	s, err := k.As(identity.NewUser("b0000000-0000-4000-8000-000000000007"))
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if v, err := k.Check(s, getPods("ns-7")); v.Decision != rbacsim.Allowed || err != nil {
			b.Fatal(v.Decision, err)
		}
	}
}

func BenchmarkKubernetesWhoCan(b *testing.B) {
	k := bigEstate().kubernetes()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.WhoCan(getPods("ns-7")); err != nil {
			b.Fatal(err)
		}
	}
}
