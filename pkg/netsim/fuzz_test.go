package netsim_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/randcluster"
	"github.com/aksim/aksim/pkg/netsim"
)

// What ParseFlow accepts, String writes in a form that means the same.
func FuzzParseFlow(f *testing.F) {
	for _, s := range []string{
		"shop/web -> shop/db:5432", "pod/shop/web -> svc/shop/db:53/UDP", "internet -> [2001:db8::1]:443/SCTP",
		"10.0.0.0/8 -> namespace/shop", "deploy/a/b->::ffff:10.0.0.1", "[::1] -> x/y:1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		flow, err := netsim.ParseFlow(s)
		if err != nil {
			return
		}
		again, err := netsim.ParseFlow(flow.String())
		require.NoError(t, err)
		require.Equal(t, flow, again)
		require.Equal(t, flow.String(), again.String())
	})
}

// What ParseFuturePod accepts, String writes in a form that means the same.
func FuzzParseFuturePod(f *testing.F) {
	for _, s := range []string{"shop/new{app=web}", "blue{team=a}/new{}", "shop/new{app=web,x=}[http=8080,dns=53/UDP]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := netsim.ParseFuturePod(s)
		if err != nil {
			return
		}
		again, err := netsim.ParseFuturePod(p.String())
		require.NoError(t, err)
		require.Equal(t, p.String(), again.String())
	})
}

// FuzzNetworkVsNaive turns bytes into a cluster and single flows, and holds the
// engine against the naive evaluator. Whole sets are left to TestAgainstNaive:
// they take too long for a fuzzer.
func FuzzNetworkVsNaive(f *testing.F) {
	for seed := range uint64(8) {
		var b []byte
		r := rand.NewPCG(seed, seed)
		for range 150 {
			b = binary.LittleEndian.AppendUint64(b, r.Uint64())
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		rng := rand.New(&byteSource{b, rand.NewPCG(1, 2)})
		rc := randcluster.New(rng, randcluster.Everything())
		c, err := loadRandom(rc)
		require.NoError(t, err, "%s", rc.YAML())
		engine := netsim.New(c, netsim.WithPodCIDRs(rc.PodCIDRs...))
		if d := differInFlows(engine, newNaive(c, rc.PodCIDRs), rng, 15); d != "" {
			t.Fatalf("%s\npod CIDRs: %v\n%s", d, rc.PodCIDRs, rc.YAML())
		}
	})
}

// byteSource is randomness out of bytes and, where they end, out of a generator
// that always starts the same: zeros alone would never satisfy rand.IntN.
type byteSource struct {
	bytes []byte
	rest  *rand.PCG
}

func (s *byteSource) Uint64() uint64 {
	if len(s.bytes) == 0 {
		return s.rest.Uint64()
	}
	var word [8]byte
	s.bytes = s.bytes[copy(word[:], s.bytes):]
	return binary.LittleEndian.Uint64(word[:])
}
