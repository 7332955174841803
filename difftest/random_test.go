package difftest

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/randcluster"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
)

var clusters = flag.Int("clusters", 500, "number of random `clusters` to compare with each oracle")

// Random clusters are the same to all engines: every flow between pods, and
// between pods and addresses around the borders of all blocks, and the sets of
// ports of the relation.
func TestRandomClusters(t *testing.T) {
	for name, load := range oracles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var compared comparison
			for seed := range uint64(*clusters) {
				rc := newRandom(seed)
				c, err := read(rc)
				require.NoError(t, err, "seed %d", seed)
				require.True(t, isModelled(c), "seed %d", seed)
				d := compared.differ(c, load(c))
				if d == "" {
					continue
				}
				differ := func(rc *randcluster.Cluster) string {
					c, err := read(rc)
					if err != nil || !isModelled(c) {
						return "" // shrunk too far
					}
					return new(comparison).differ(c, load(c))
				}
				small := randcluster.Shrink(rc, func(rc *randcluster.Cluster) bool { return differ(rc) != "" })
				file := filepath.Join(t.ArtifactDir(), fmt.Sprintf("%s-seed-%d.yaml", name, seed))
				require.NoError(t, os.WriteFile(file, small.YAML(), 0o644))
				t.Fatalf("seed %d: %s\nshrunk: %s\n%s", seed, d, differ(small), small.YAML())
			}
			t.Log(compared)
			if *clusters >= 100 { // with fewer, chance may have its way
				assert.GreaterOrEqual(t, compared.flows, 1000**clusters)
				assert.InDelta(t, 0.5, float64(compared.allowed)/float64(compared.flows), 0.3, "some flows are allowed and some are denied")
			}
		})
	}
}

// newRandom makes a cluster of what all oracles model: pods with addresses of
// one family or both, namespaces and NetworkPolicies.
func newRandom(seed uint64) *randcluster.Cluster {
	rc := randcluster.New(rand.New(rand.NewPCG(seed, 3)), randcluster.Weights{IPv6Primary: 30, DualStack: 30})
	rc.Services = nil
	return rc
}

// read loads a random cluster by way of its manifests, so that defaulting is the
// loader's.
func read(rc *randcluster.Cluster) (*model.Cluster, error) {
	return manifest.Loader{}.Read("cluster.yaml", bytes.NewReader(rc.YAML()))
}

// isModelled reports whether everything that decides about packets is known: the
// labels of all namespaces and the addresses of all pods. Shrinking takes away
// such things, too.
func isModelled(c *model.Cluster) bool {
	for ns := range c.Namespaces() {
		if !ns.Known {
			return false
		}
	}
	for p := range c.Pods() {
		ips := p.Status.PodIPs
		if len(podEnds(p)) == 0 || p.Status.PodIP != "" && len(ips) > 0 && p.Status.PodIP != ips[0].IP {
			return false
		}
	}
	return true
}
