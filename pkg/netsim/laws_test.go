package netsim_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aksim/aksim/internal/randcluster"
	"github.com/aksim/aksim/pkg/netsim"
)

// relationOf is everything that the engine says of a cluster: between pods, and
// between pods and addresses.
func relationOf(t *testing.T, rc *randcluster.Cluster) map[string]netsim.Reach {
	t.Helper()
	c, err := loadRandom(rc)
	require.NoError(t, err)
	n := netsim.New(c, netsim.WithPodCIDRs(rc.PodCIDRs...))
	all := map[string]netsim.Reach{}
	for e := range n.All() {
		pair := e.From.String() + " -> " + e.To.String()
		all[pair], all["secondary "+pair] = e.Reach, e.Reach
		if e.Secondary != nil {
			all["secondary "+pair] = *e.Secondary
		}
	}
	for p := range c.Pods() {
		for direction, ask := range map[string]func(netsim.Endpoint) (edges, error){"into": asEdges(n.Into), "out of": asEdges(n.OutOf)} {
			e := netsim.Named(p.Namespace, p.Name)
			found, err := ask(e)
			require.NoError(t, err)
			for edge := range found {
				for _, a := range edge.Addresses {
					all[fmt.Sprint(direction, " ", e, " ", a)] = edge.Reach
				}
			}
		}
	}
	return all
}

type edges = func(func(netsim.Edge) bool)

func asEdges[S ~func(func(netsim.Edge) bool)](f func(netsim.Endpoint) (S, error)) func(netsim.Endpoint) (edges, error) {
	return func(e netsim.Endpoint) (edges, error) {
		s, err := f(e)
		return edges(s), err
	}
}

func eachRandom(t *testing.T, stream uint64, w randcluster.Weights, visit func(t *testing.T, rng *rand.Rand, rc *randcluster.Cluster)) {
	t.Helper()
	for seed := range uint64(*clusters) {
		rng := rand.New(rand.NewPCG(seed, stream))
		rc := randcluster.New(rng, w)
		visit(t, rng, rc)
		if t.Failed() {
			t.Fatalf("seed %d\n%s", seed, rc.YAML())
		}
	}
}

// The order of objects is irrelevant.
func TestLawOrder(t *testing.T) {
	eachRandom(t, 10, randcluster.Everything(), func(t *testing.T, rng *rand.Rand, rc *randcluster.Cluster) {
		before := relationOf(t, rc)
		slices.Reverse(rc.Namespaces)
		rng.Shuffle(len(rc.Policies), func(i, j int) { rc.Policies[i], rc.Policies[j] = rc.Policies[j], rc.Policies[i] })
		require.Equal(t, before, relationOf(t, rc))
	})
}

// The same input gives the same answers in the same order.
func TestLawDeterminism(t *testing.T) {
	eachRandom(t, 11, randcluster.Everything(), func(t *testing.T, _ *rand.Rand, rc *randcluster.Cluster) {
		var texts [2]string
		for i := range texts {
			c, err := loadRandom(rc)
			require.NoError(t, err)
			var b strings.Builder
			n := netsim.New(c, netsim.WithPodCIDRs(rc.PodCIDRs...))
			for e := range n.All() {
				fmt.Fprintln(&b, e)
			}
			for f := range n.Lint() {
				fmt.Fprintln(&b, f)
			}
			texts[i] = b.String()
		}
		require.Equal(t, texts[0], texts[1])
	})
}

// Adding a rule never closes a port.
func TestLawMoreRules(t *testing.T) {
	eachRandom(t, 12, randcluster.Everything(), func(t *testing.T, rng *rand.Rand, rc *randcluster.Cluster) {
		other := randcluster.New(rng, randcluster.Everything())
		if len(rc.Policies) == 0 || len(other.Policies) == 0 {
			return
		}
		before := relationOf(t, rc)
		p := rc.Policies[rng.IntN(len(rc.Policies))]
		if slices.Contains(p.Spec.PolicyTypes, networkingv1.PolicyTypeEgress) { // else a first rule would begin to isolate
			p.Spec.Egress = append(p.Spec.Egress, other.Policies[0].Spec.Egress...)
		}
		p.Spec.Ingress = append(p.Spec.Ingress, other.Policies[0].Spec.Ingress...)
		requireNoLess(t, before, relationOf(t, rc))
	})
}

// Removing the last policy of a namespace never closes a port: what isolates
// nobody leaves everything open.
func TestLawFirstPolicy(t *testing.T) {
	eachRandom(t, 13, randcluster.Everything(), func(t *testing.T, _ *rand.Rand, rc *randcluster.Cluster) {
		seen := map[string]bool{}
		var kept []*networkingv1.NetworkPolicy
		for _, p := range rc.Policies { // one a namespace
			if ns := p.Namespace; !seen[ns] && !(ns == "" && seen["default"]) && !(ns == "default" && seen[""]) {
				seen[ns] = true
				kept = append(kept, p)
			}
		}
		rc.Policies = kept
		with := relationOf(t, rc)
		rc.Policies = nil
		requireNoLess(t, with, relationOf(t, rc))
	})
}

// requireNoLess wants everything that was certainly open to be so still.
func requireNoLess(t *testing.T, before, after map[string]netsim.Reach) {
	t.Helper()
	for key, r := range before {
		if !strings.Contains(key, "->") {
			continue // blocks of addresses may be cut otherwise now
		}
		lost := r.Ports.Minus(after[key].Ports)
		require.True(t, lost.IsEmpty(), "%s lost %v", key, lost)
	}
}

// Renaming a namespace everywhere changes nothing but the name.
func TestLawRename(t *testing.T) {
	eachRandom(t, 14, randcluster.Everything(), func(t *testing.T, _ *rand.Rand, rc *randcluster.Cluster) {
		renamed := map[string]netsim.Reach{}
		for key, r := range relationOf(t, rc) {
			renamed[strings.ReplaceAll(key, " b/", " renamed/")] = r
		}
		for key, r := range renamed {
			if strings.HasPrefix(key, "b/") {
				delete(renamed, key)
				renamed["renamed/"+key[2:]] = r
			}
		}
		c, err := manifestOf(rc, "b", "renamed")
		require.NoError(t, err)
		n := netsim.New(c, netsim.WithPodCIDRs(rc.PodCIDRs...))
		for e := range n.All() {
			key := e.From.String() + " -> " + e.To.String()
			require.Equal(t, renamed[key], e.Reach, key)
		}
	})
}

// A template with one replica, or a hundred, is one pod to the relation, and
// bare pods like it are the same to everyone.
func TestLawReplicas(t *testing.T) {
	eachRandom(t, 15, randcluster.Weights{Template: 60, PodCIDR: 50}, func(t *testing.T, _ *rand.Rand, rc *randcluster.Cluster) {
		before := relationOf(t, rc)
		for _, d := range rc.Deployments {
			n := int32(100)
			d.Spec.Replicas = &n
		}
		require.Equal(t, before, relationOf(t, rc))
	})
}

// What-if copies leave the original alone, and undo each other.
func TestLawWhatIf(t *testing.T) {
	eachRandom(t, 16, randcluster.Everything(), func(t *testing.T, rng *rand.Rand, rc *randcluster.Cluster) {
		if len(rc.Policies) == 0 {
			return
		}
		c, err := loadRandom(rc)
		require.NoError(t, err)
		p := rc.Policies[rng.IntN(len(rc.Policies))]
		rest := *rc
		rest.Policies = slices.DeleteFunc(slices.Clone(rc.Policies), func(q *networkingv1.NetworkPolicy) bool { return q == p })
		want := relationOf(t, &rest)
		var refs []string
		for r := range c.Refs() {
			if r.Kind == "NetworkPolicy" && r.Name == p.Name {
				without, err := c.Without(r)
				require.NoError(t, err)
				n := netsim.New(without, netsim.WithPodCIDRs(rc.PodCIDRs...))
				for e := range n.All() {
					require.Equal(t, want[e.From.String()+" -> "+e.To.String()], e.Reach)
				}
				with := without.With(c)
				require.Equal(t, slices.Collect(c.Refs()), slices.Collect(with.Refs()))
			}
			refs = append(refs, r.String())
		}
		require.Contains(t, strings.Join(refs, " "), "NetworkPolicy "+orDefault(p.Namespace)+"/"+p.Name)
	})
}

func orDefault(ns string) string {
	if ns == "" {
		return "default"
	}
	return ns
}

func renameNamespace(text []byte, from, to string) []byte {
	for _, place := range []string{"namespace: %s\n", "kubernetes.io/metadata.name: %s\n", "name: %s\n", "- %s\n"} {
		text = bytes.ReplaceAll(text, fmt.Appendf(nil, place, from), fmt.Appendf(nil, place, to))
	}
	return text
}
