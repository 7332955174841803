package netsim_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/randcluster"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
)

// someLabels is a random label set, with values that selectors mention and ones
// that none does.
func someLabels(rng *rand.Rand) map[string]string {
	labels := map[string]string{}
	for _, k := range []string{"app", "env", "tier"} {
		if v := []string{"", "x", "y", "z", "unmentioned", "absent"}[rng.IntN(6)]; v != "absent" {
			labels[k] = v
		}
	}
	return labels
}

// replay asks about a counterexample in the snapshot with its future pods, as
// aksim reach does.
func replay(t *testing.T, c *model.Cluster, podCIDRs []netip.Prefix, ce *netsim.Counterexample) netsim.Decision {
	t.Helper()
	var pods []netsim.FuturePod
	for _, p := range ce.Assume {
		parsed, err := netsim.ParseFuturePod(p.String())
		require.NoError(t, err)
		require.Equal(t, p.String(), parsed.String())
		pods = append(pods, parsed)
	}
	with, err := netsim.Assume(c, pods...)
	require.NoError(t, err)
	flow, err := netsim.ParseFlow(ce.Flow.String())
	require.NoError(t, err)
	v, err := netsim.New(with, netsim.WithPodCIDRs(podCIDRs...)).Check(flow)
	require.NoError(t, err)
	return v.Decision
}

// checkOutcome holds a proof against its own counterexample.
func checkOutcome(t *testing.T, c *model.Cluster, podCIDRs []netip.Prefix, p netsim.Proof) {
	t.Helper()
	switch p.Outcome {
	case netsim.Refuted:
		require.NotNil(t, p.Counterexample, p.String())
		assert.Equal(t, netsim.Allowed, replay(t, c, podCIDRs, p.Counterexample), p.String())
	case netsim.Open:
		require.NotEmpty(t, p.Reasons, p.String())
		if p.Counterexample != nil {
			assert.Equal(t, netsim.Undecided, replay(t, c, podCIDRs, p.Counterexample), p.String())
		}
	case netsim.Proved:
		assert.Nil(t, p.Counterexample, p.String())
	}
}

// Default deny is proved exactly when no future pod, of very many tried, is open
// to everyone, and a refutation replays.
func TestDefaultDenyAgainstNaive(t *testing.T) {
	outcomes := map[netsim.Outcome]int{}
	for seed := range uint64(*clusters) {
		rng := rand.New(rand.NewPCG(seed, 3))
		rc := randcluster.New(rng, randcluster.Weights{UnknownNamespace: 10, IPv6Primary: 20, DualStack: 20, Foreign: 10, Gap: 5})
		c, err := loadRandom(rc)
		require.NoError(t, err)
		n := netsim.New(c)
		for ns := range c.Namespaces() {
			for _, dir := range []netsim.Direction{netsim.Ingress, netsim.Egress} {
				proof, err := n.DefaultDeny(ns.Name, dir)
				require.NoError(t, err)
				checkOutcome(t, c, nil, proof)
				outcomes[proof.Outcome]++
				if proof.Outcome != netsim.Proved {
					continue
				}
				for range 20 {
					future := netsim.FuturePod{Namespace: ns.Name, Name: "future", Labels: someLabels(rng)}
					require.False(t, openToEveryone(t, c, future, dir), "seed %d, namespace %s, %v: %v\n%s", seed, ns.Name, dir, future, rc.YAML())
				}
			}
		}
	}
	assert.NotZero(t, outcomes[netsim.Proved])
	assert.NotZero(t, outcomes[netsim.Refuted])
}

// openToEveryone tries every kind of address on many ports.
func openToEveryone(t *testing.T, c *model.Cluster, future netsim.FuturePod, dir netsim.Direction) bool {
	t.Helper()
	with, err := netsim.Assume(c, future)
	require.NoError(t, err)
	n := newNaive(with, nil)
	i := slices.IndexFunc(n.pods, func(p *naivePod) bool { return p.Name == future.Name })
	for _, v6 := range []bool{false, true} {
		if !n.pods[i].has[index(v6)] {
			continue
		}
		open := true
		for _, a := range n.possibleAddresses(&naivePod{Pod: n.pods[i].Pod}, v6) {
			for _, port := range testPorts {
				for proto := range netsim.Protocols() {
					from, to := naiveEnd{addr: a}, naiveEnd{pod: n.pods[i]}
					if dir == netsim.Egress {
						from, to = to, from
					}
					open = open && n.decide(from, to, v6, false, proto.String(), port) == netsim.Allowed
				}
			}
		}
		if open {
			return true
		}
	}
	return false
}

// OnlyInto is proved only if no future pod, of very many tried in every
// namespace and in new ones, gets in beyond the flows; a refutation replays.
func TestOnlyIntoAgainstNaive(t *testing.T) {
	outcomes := map[netsim.Outcome]int{}
	for seed := range uint64(*clusters * 2) {
		rng := rand.New(rand.NewPCG(seed, 4))
		rc := randcluster.New(rng, randcluster.Weights{UnknownNamespace: 5, Template: 30, DualStack: 10, Nodes: 20, Foreign: 3})
		c, err := loadRandom(rc)
		require.NoError(t, err)
		n := netsim.New(c)
		naive := newNaive(c, nil)
		target := naive.pods[rng.IntN(len(naive.pods))]
		var flows []netsim.Flow
		into, err := n.Into(podEndpoint(target))
		require.NoError(t, err)
		for e := range into { // permit what gets in today, nearly always
			if rng.IntN(30) == 0 {
				continue
			}
			if len(e.Addresses) > 0 {
				for _, b := range e.Addresses {
					flows = append(flows, netsim.Flow{From: netsim.CIDR(b), To: podEndpoint(target)})
				}
				continue
			}
			flows = append(flows, netsim.Flow{From: e.From, To: podEndpoint(target)})
		}
		if target.Template {
			flows = append(flows, netsim.Flow{From: podEndpoint(target), To: podEndpoint(target)})
		}
		proof, err := n.OnlyInto(podEndpoint(target), flows...)
		require.NoError(t, err)
		checkOutcome(t, c, nil, proof)
		outcomes[proof.Outcome]++
		if proof.Outcome != netsim.Proved {
			continue
		}
		for range 15 {
			future := netsim.FuturePod{Namespace: []string{"a", "b", "c", "default", "fresh"}[rng.IntN(5)], Name: "future", Labels: someLabels(rng)}
			if ns, ok := c.Namespace(future.Namespace); !ok || !ns.Known {
				future.NamespaceLabels = someLabels(rng)
			}
			if isKin(c, naive, flows, future) {
				continue
			}
			with, err := netsim.Assume(c, future)
			require.NoError(t, err)
			after := newNaive(with, nil)
			pod := func(ns, name string) *naivePod {
				return after.pods[slices.IndexFunc(after.pods, func(p *naivePod) bool { return p.Namespace == ns && p.Name == name })]
			}
			p, q := pod(future.Namespace, "future"), pod(target.Namespace, target.Name)
			for _, port := range []int32{1, 53, 80, 443, 8080, 65534} {
				for proto := range netsim.Protocols() {
					for _, v6 := range []bool{false, true} {
						require.Equal(t, netsim.Denied, after.decide(naiveEnd{pod: p}, naiveEnd{pod: q}, v6, false, proto.String(), port),
							"seed %d: %v gets into %s:%d/%v, though\n%v\n%s", seed, future, q.name, port, proto, proof, rc.YAML())
					}
				}
			}
		}
	}
	t.Log(outcomes)
	assert.NotZero(t, outcomes[netsim.Proved])
	assert.NotZero(t, outcomes[netsim.Refuted])
}

// isKin says whether the future pod counts as one of a permitted source.
func isKin(c *model.Cluster, n *naive, flows []netsim.Flow, future netsim.FuturePod) bool {
	for _, f := range flows {
		for _, p := range n.pods {
			if p.Namespace != future.Namespace || shortest(p) != f.From && podEndpoint(p) != f.From {
				continue
			}
			want := p.Labels
			for w := range c.Workloads() {
				if w.Ref == p.Workload() {
					want = w.Selector.MatchLabels
				}
			}
			kin := len(want) > 0
			for k, v := range want {
				got, ok := future.Labels[k]
				kin = kin && ok && got == v
			}
			if kin {
				return true
			}
		}
	}
	return false
}

// Isolated agrees with the relation between the pods that exist and with random
// future ones; a refutation replays.
func TestIsolatedAgainstNaive(t *testing.T) {
	outcomes := map[netsim.Outcome]int{}
	for seed := range uint64(*clusters) {
		rng := rand.New(rand.NewPCG(seed, 5))
		rc := randcluster.New(rng, randcluster.Weights{UnknownNamespace: 5, Template: 20, DualStack: 10})
		c, err := loadRandom(rc)
		require.NoError(t, err)
		n := netsim.New(c)
		naive := newNaive(c, nil)
		for range 4 {
			p, q := naive.pods[rng.IntN(len(naive.pods))], naive.pods[rng.IntN(len(naive.pods))]
			from, to := netsim.Namespace(p.Namespace), netsim.Namespace(q.Namespace)
			if rng.IntN(2) == 0 {
				from = podEndpoint(p)
			}
			if rng.IntN(2) == 0 {
				to = podEndpoint(q)
			}
			proof, err := n.Isolated(from, to)
			require.NoError(t, err)
			checkOutcome(t, c, nil, proof)
			outcomes[proof.Outcome]++
			if proof.Outcome != netsim.Proved {
				continue
			}
			between, err := n.Between(from, to)
			require.NoError(t, err)
			for e := range between {
				require.True(t, e.From == e.To && from != to || e.IsEmpty() || from.String() == to.String() && e.From == e.To, "%v: %v", proof, e)
			}
			checkFuture(t, c, rng, proof, from, to, fmt.Sprintf("seed %d\n%s", seed, rc.YAML()))
		}
	}
	t.Log(outcomes)
	assert.NotZero(t, outcomes[netsim.Proved])
	assert.NotZero(t, outcomes[netsim.Refuted])
}

// checkFuture tries future pods at those ends of a proved isolation that are
// namespaces.
func checkFuture(t *testing.T, c *model.Cluster, rng *rand.Rand, proof netsim.Proof, from, to netsim.Endpoint, about string) {
	t.Helper()
	for range 20 {
		var pods []netsim.FuturePod
		ends := []netsim.Endpoint{from, to}
		for i, e := range ends {
			var ns string
			if _, err := fmt.Sscanf(e.String(), "namespace/%s", &ns); err != nil {
				continue
			}
			f := netsim.FuturePod{Namespace: ns, Name: fmt.Sprint("future-", i), Labels: someLabels(rng)}
			for j, name := range []string{"web", "dns", "admin"} {
				f.Ports = append(f.Ports, netsim.NamedPort{Name: name, Port: []uint16{53, 80, 443}[j], Protocol: netsim.Protocol(rng.IntN(3))})
			}
			pods = append(pods, f)
			ends[i] = netsim.Pod(ns, f.Name)
		}
		with, err := netsim.Assume(c, pods...)
		require.NoError(t, err)
		n := netsim.New(with)
		between, err := n.Between(ends[0], ends[1])
		require.NoError(t, err)
		for e := range between {
			require.True(t, e.From == e.To || e.IsEmpty(), "%v: %v, with %v\n%s", proof, e, pods, about)
		}
	}
}
