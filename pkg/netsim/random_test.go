package netsim_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/randcluster"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/netsim"
)

// disagreement is the first difference between the engine and the naive
// evaluator on a cluster; empty if they agree.
func disagreement(c *model.Cluster, podCIDRs []netip.Prefix, rng *rand.Rand) string {
	engine := netsim.New(c, netsim.WithPodCIDRs(podCIDRs...))
	n := newNaive(c, podCIDRs)
	if d := differInFlows(engine, n, rng, 60); d != "" {
		return d
	}
	return differInSets(engine, n)
}

var (
	testPorts = []int32{1, 52, 53, 54, 79, 80, 81, 82, 443, 444, 8079, 8080, 8081, 65534, 65535}
	testAddrs = []string{
		"10.0.0.99", "10.0.128.1", "10.0.127.255", "10.1.0.1", "10.9.0.200", "11.0.0.1", "192.0.2.7", "169.254.169.254", "198.51.100.9", "10.9.0.1", "10.9.0.2",
		"fd00:1::99", "fd00:9::99", "fd00:9::1", "2001:db8::7", "2001:db9::7", "10.0.0.2", "10.0.0.3", "10.0.1.1", "fd00:1::1", "fd00:1::2", "fd00:1::1:1", "fd00:1::2:2",
	}
)

// differInFlows asks both about random single flows.
func differInFlows(engine *netsim.Network, n *naive, rng *rand.Rand, flows int) string {
	for range flows {
		from, fromEnd := randomEnd(n, rng, true)
		to, toEnd := randomEnd(n, rng, fromEnd.pod != nil)
		if fromEnd.addr.IsValid() && toEnd.addr.IsValid() && fromEnd.addr.Is6() != toEnd.addr.Is6() {
			continue
		}
		if toEnd.pod == nil && fromEnd.pod == nil || fromEnd.pod == toEnd.pod && fromEnd.pod != nil && fromEnd.pod.Template {
			continue
		}
		proto := netsim.Protocol(rng.IntN(3))
		port := testPorts[rng.IntN(len(testPorts))]
		flow := netsim.Flow{From: from, To: to, Port: uint16(port), Protocol: proto}
		v6, ok := flowFamily(fromEnd, toEnd)
		want := netsim.Denied
		if ok {
			want = n.decide(fromEnd, toEnd, v6, false, proto.String(), port)
		} else if fromEnd.pod == toEnd.pod {
			want = netsim.Allowed
		}
		got, err := engine.Check(flow)
		if err != nil {
			return fmt.Sprintf("%v: %v", flow, err)
		}
		if got.Decision != want {
			return fmt.Sprintf("%v: engine says %v, naive %v", flow, got.Decision, want)
		}
	}
	return ""
}

// randomEnd returns a pod or, if allowed, an address; that of a pod counts as
// the pod, that of a node as the node.
func randomEnd(n *naive, rng *rand.Rand, mayBeAddress bool) (netsim.Endpoint, naiveEnd) {
	if len(n.pods) == 0 || mayBeAddress && rng.IntN(3) == 0 {
		a := netip.MustParseAddr(testAddrs[rng.IntN(len(testAddrs))])
		for _, p := range n.pods {
			if !p.Spec.HostNetwork && p.live() && (p.addrs[0] == a || p.addrs[1] == a) {
				return netsim.Address(a), naiveEnd{pod: p, addr: a}
			}
		}
		return netsim.Address(a), naiveEnd{addr: a, node: n.nodes[a]}
	}
	p := n.pods[rng.IntN(len(n.pods))]
	return podEndpoint(p), naiveEnd{pod: p}
}

func podEndpoint(p *naivePod) netsim.Endpoint {
	if p.Template {
		return netsim.Workload(p.Workload().Kind, p.Namespace, p.Name)
	}
	return netsim.Pod(p.Namespace, p.Name)
}

// flowFamily is the family of a flow: of the address that it names, if it does,
// else the primary one of both pods or, failing that, one that they share.
func flowFamily(from, to naiveEnd) (v6, ok bool) {
	switch {
	case from.addr.IsValid():
		return from.addr.Is6(), true
	case to.addr.IsValid():
		return to.addr.Is6(), true
	case to.pod.has[index(from.pod.primary6)]:
		return from.pod.primary6, true
	case from.pod.has[index(to.pod.primary6)]:
		return to.pod.primary6, true
	}
	for f := range 2 {
		if from.pod.has[f] && to.pod.has[f] {
			return f == 1, true
		}
	}
	return false, false
}

// differInSets compares the relation between all pods, all at once and pod by
// pod, with the naive answers at ports around every number in use.
func differInSets(engine *netsim.Network, n *naive) string {
	type pair struct{ from, to netsim.Endpoint }
	all, into, outOf := map[pair]netsim.Edge{}, map[pair]netsim.Edge{}, map[pair]netsim.Edge{}
	for e := range engine.All() {
		all[pair{e.From, e.To}] = e
	}
	for _, p := range n.pods {
		if !p.live() {
			continue
		}
		for direction, edges := range map[string]map[pair]netsim.Edge{"into": into, "out of": outOf} {
			ask := engine.Into
			if direction == "out of" {
				ask = engine.OutOf
			}
			found, err := ask(podEndpoint(p))
			if err != nil {
				return err.Error()
			}
			for e := range found {
				edges[pair{e.From, e.To}] = e
				if d := differAtAddresses(engine, n, p, e, direction); d != "" {
					return d
				}
			}
		}
	}
	for _, p := range n.pods {
		for _, q := range n.pods {
			if p == q {
				continue
			}
			at := pair{shortest(p), shortest(q)}
			if d := differInPair(n, p, q, map[string]netsim.Edge{"All": all[at], "Into": into[at], "OutOf": outOf[at]}); d != "" {
				return d
			}
		}
	}
	return ""
}

func shortest(p *naivePod) netsim.Endpoint { return netsim.Named(p.Namespace, p.Name) }

// differInPair compares what several questions say of one pair of pods.
func differInPair(n *naive, p, q *naivePod, edges map[string]netsim.Edge) string {
	v6, ok := flowFamily(naiveEnd{pod: p}, naiveEnd{pod: q})
	both := p.has == [2]bool{true, true} && q.has == p.has
	for proto := range netsim.Protocols() {
		for _, port := range testPorts {
			primary, secondary := netsim.Denied, netsim.Denied
			if ok {
				primary = n.decide(naiveEnd{pod: p}, naiveEnd{pod: q}, v6, false, proto.String(), port)
			}
			if both {
				secondary = n.decide(naiveEnd{pod: p}, naiveEnd{pod: q}, !v6, false, proto.String(), port)
			}
			for name, e := range edges {
				if got := decisionAt(e.Reach, proto, port); got != primary {
					return fmt.Sprintf("%s: %s -> %s:%d/%s: engine says %v, naive %v", name, p.name, q.name, port, proto, got, primary)
				}
				if !both {
					continue
				}
				r := e.Reach
				if e.Secondary != nil {
					r = *e.Secondary
				}
				if got := decisionAt(r, proto, port); got != secondary {
					return fmt.Sprintf("%s, secondary family: %s -> %s:%d/%s: engine says %v, naive %v", name, p.name, q.name, port, proto, got, secondary)
				}
			}
		}
	}
	return ""
}

func decisionAt(r netsim.Reach, proto netsim.Protocol, port int32) netsim.Decision {
	switch {
	case r.Ports.Contains(proto, uint16(port)):
		return netsim.Allowed
	case r.Undecided.Contains(proto, uint16(port)):
		return netsim.Undecided
	}
	return netsim.Denied
}

// differAtAddresses compares an edge between the pod and addresses with the
// naive answers for the first and the last address of each block.
func differAtAddresses(engine *netsim.Network, n *naive, p *naivePod, e netsim.Edge, direction string) string {
	ends := []netip.Addr{}
	for _, b := range e.Addresses {
		ends = append(ends, b.Addr())
	}
	peer := e.From
	if direction == "out of" {
		peer = e.To
	}
	if a, err := netip.ParseAddr(peer.String()); err == nil {
		ends = append(ends, a)
	}
	for i, a := range ends {
		if i > 20 {
			break
		}
		if (a.IsLoopback() || a.IsUnspecified()) || n.held(a) {
			continue
		}
		other := naiveEnd{addr: a, node: n.nodes[a]}
		for proto := range netsim.Protocols() {
			for _, port := range testPorts {
				from, to := other, naiveEnd{pod: p}
				if direction == "out of" {
					from, to = to, from
				}
				want := n.decide(from, to, a.Is6(), false, proto.String(), port)
				if got := decisionAt(e.Reach, proto, port); got != want {
					return fmt.Sprintf("%s %s: %v, port %d/%s: engine says %v, naive %v", direction, p.name, a, port, proto, got, want)
				}
			}
		}
	}
	return ""
}

func (n *naive) held(a netip.Addr) bool {
	for _, p := range n.pods {
		if p.live() && !p.Spec.HostNetwork && (p.addrs[0] == a || p.addrs[1] == a) {
			return true
		}
	}
	return false
}

// loadRandom loads a random cluster by way of its manifests, so that defaulting
// is the loader's.
func loadRandom(c *randcluster.Cluster) (*model.Cluster, error) {
	return manifest.Loader{}.Read("cluster.yaml", bytes.NewReader(c.YAML()))
}

// manifestOf loads a random cluster of which one namespace is renamed.
func manifestOf(c *randcluster.Cluster, from, to string) (*model.Cluster, error) {
	return manifest.Loader{}.Read("cluster.yaml", bytes.NewReader(renameNamespace(c.YAML(), from, to)))
}

var clusters = flag.Int("clusters", 100, "number of random `clusters` of each kind to compare with the naive evaluator")

// The engine agrees with the naive evaluator on random clusters: in single
// flows, and in the exact sets of ports and addresses.
func TestAgainstNaive(t *testing.T) {
	for name, weights := range map[string]randcluster.Weights{
		"decided":    {Nodes: 30, DualStack: 30, IPv6Primary: 30},
		"everything": randcluster.Everything(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(*clusters) {
				rc := randcluster.New(rand.New(rand.NewPCG(seed, 1)), weights)
				differs := func(rc *randcluster.Cluster) string {
					c, err := loadRandom(rc)
					if err != nil {
						return "" // shrunk too far
					}
					return disagreement(c, rc.PodCIDRs, rand.New(rand.NewPCG(seed, 2)))
				}
				_, err := loadRandom(rc)
				require.NoError(t, err, "seed %d", seed)
				if d := differs(rc); d != "" {
					small := randcluster.Shrink(rc, func(c *randcluster.Cluster) bool { return differs(c) != "" })
					file := filepath.Join(t.ArtifactDir(), fmt.Sprintf("seed-%d.yaml", seed))
					require.NoError(t, os.WriteFile(file, small.YAML(), 0o644))
					t.Fatalf("seed %d: %s\nshrunk: %s\npod CIDRs: %v\n%s", seed, d, differs(small), small.PodCIDRs, small.YAML())
				}
			}
		})
	}
}

func prefixes(t *testing.T, list string) (all []netip.Prefix) {
	t.Helper()
	for text := range strings.SplitSeq(list, ",") {
		p, err := netip.ParsePrefix(text)
		require.NoError(t, err)
		all = append(all, p)
	}
	return all
}
