// Package prod_test proves of the cluster in this directory what its README says:
// just the flows listed there, now and for every pod to come.
package prod_test

import (
	"embed"
	"iter"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/netsim"
)

//go:embed *.yaml */*.yaml
var manifests embed.FS

var workloads = []string{
	"app/api", "app/mcp", "app/ui", "app/worker",
	"data/postgres", "data/zep",
	"ingress/traefik",
	"platform/otel-collector",
	"temporal/frontend", "temporal/ui",
}

var namespaces = []string{"app", "data", "ingress", "platform", "temporal"}

// flows are all that the policies let through, DNS apart.
var flows = []string{
	"app/api -> data/postgres:5432",
	"app/api -> data/zep:8000",
	"app/worker -> temporal/frontend:7233",
	"ingress/traefik -> app/api:8080",
	"ingress/traefik -> app/ui:8080",
	"temporal/frontend -> data/postgres:5432",
	"temporal/ui -> temporal/frontend:7233",

	"10.20.9.0/24 -> ingress/traefik:8443",         // Application Gateway
	"ingress/traefik -> 10.20.8.0/28:443",          // API server
	"platform/otel-collector -> 10.20.8.0/28:443",  // API server
	"platform/otel-collector -> 10.20.10.0/27:443", // private endpoints
}

// dnsPods are the pods of the cluster's DNS.
var dnsPods = []string{"kube-system/coredns-6865d647c6-7xkzt", "kube-system/coredns-6865d647c6-q2m8d"}

// newNetwork compiles the cluster. The block is what Azure CNI Overlay takes the
// pods' addresses from: it tells them from the subnets that policies name.
func newNetwork(t *testing.T) *netsim.Network {
	t.Helper()
	c, err := manifest.LoadFS(manifests, "*")
	require.NoError(t, err)
	assert.Empty(t, slices.Collect(c.Findings()))
	return netsim.New(c, netsim.WithPodCIDRs(netip.MustParsePrefix("10.244.0.0/16")))
}

func TestLint(t *testing.T) {
	assert.Empty(t, slices.Collect(newNetwork(t).Lint()))
}

func TestFlowsAreAllowed(t *testing.T) {
	n := newNetwork(t)
	all := slices.Clone(flows)
	for _, ns := range namespaces {
		all = append(all, "namespace/"+ns+" -> svc/kube-system/kube-dns:53/UDP", "namespace/"+ns+" -> svc/kube-system/kube-dns:53/TCP")
	}
	for _, flow := range all {
		v, err := n.Check(netsim.MustParseFlow(flow))
		require.NoError(t, err)
		assert.Equal(t, netsim.Allowed, v.Decision, v.Explain())
	}
}

// The relation between all pods, and between the pods of the five namespaces and
// every address outside the cluster, is the flows and DNS to the port.
func TestNothingElseIsAllowed(t *testing.T) {
	n := newNetwork(t)
	var got []string
	for e := range n.All() {
		if !slices.Contains(dnsPods, e.From.String()) { // kube-system is AKS's own
			got = append(got, e.String())
		}
	}
	for _, ns := range namespaces {
		got = append(got, edgesOutside(t, ns, n.Into)...)
		got = append(got, edgesOutside(t, ns, n.OutOf)...)
	}

	var want []string
	for _, flow := range flows {
		f := netsim.MustParseFlow(flow)
		want = append(want, netsim.Edge{From: f.From, To: f.To, Reach: netsim.Reach{Ports: netsim.PortsOf(f.Protocol, f.Port, f.Port)}}.String())
	}
	for _, from := range workloads {
		for _, to := range dnsPods {
			want = append(want, from+" -> "+to+": TCP 53; UDP 53")
		}
	}
	assert.ElementsMatch(t, want, got)
}

// edgesOutside lists the edges of a namespace's pods with addresses outside the
// cluster, one for each block.
func edgesOutside(t *testing.T, ns string, around func(netsim.Endpoint) (iter.Seq[netsim.Edge], error)) (found []string) {
	t.Helper()
	edges, err := around(netsim.Namespace(ns))
	require.NoError(t, err)
	for e := range edges {
		for _, block := range e.Addresses {
			one := netsim.Edge{From: e.From, To: e.To, Reach: e.Reach, Secondary: e.Secondary}
			for _, end := range []*netsim.Endpoint{&one.From, &one.To} {
				if *end == netsim.Internet() {
					*end = netsim.CIDR(block)
				}
			}
			found = append(found, one.String())
		}
	}
	return found
}

// A pod to come, whatever its labels, may ask for names and do nothing else.
func TestDefaultDeny(t *testing.T) {
	n := newNetwork(t)
	for _, ns := range namespaces {
		for _, dir := range []netsim.Direction{netsim.Ingress, netsim.Egress} {
			proof, err := n.DefaultDeny(ns, dir)
			require.NoError(t, err)
			assert.Equal(t, netsim.Proved, proof.Outcome, proof.String())
			assert.Empty(t, proof.HostNetwork, proof.String())
			var remaining []string
			for _, e := range proof.Remaining {
				remaining = append(remaining, e.To.String())
				assert.Equal(t, "TCP 53; UDP 53", e.Reach.String(), e.String())
			}
			if dir == netsim.Ingress {
				assert.Empty(t, remaining, proof.String())
			} else {
				assert.Equal(t, dnsPods, remaining, proof.String())
			}
		}
	}
}

// Nothing but the flows gets into a workload, from whatever pod that may come, in
// whatever namespace, or from outside.
func TestOnlyInto(t *testing.T) {
	n := newNetwork(t)
	for _, workload := range workloads {
		var into []netsim.Flow
		for _, flow := range flows {
			if strings.Contains(flow, "-> "+workload+":") {
				into = append(into, netsim.MustParseFlow(flow))
			}
		}
		target, err := netsim.ParseEndpoint(workload)
		require.NoError(t, err)
		proof, err := n.OnlyInto(target, into...)
		require.NoError(t, err)
		assert.Equal(t, netsim.Proved, proof.Outcome, proof.String())
	}
}
