package netsim_test

import (
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/netsim"
)

// The relation that is computed in bulk, and what is into and out of each pod, are
// what pairs of pods say one by one, in every scenario whose input is sound.
func TestCorpusRelation(t *testing.T) {
	for _, file := range []string{"flows", "sets", "explain", "proofs", "expect"} {
		runCorpus(t, file, func(t *testing.T, s scenario) { assertRelation(t, s.network(t)) })
	}
}

func assertRelation(t *testing.T, n *netsim.Network) {
	t.Helper()
	var pods []netsim.Endpoint
	for c := range n.Classes() {
		pods = append(pods, c.Pods...)
	}
	between := map[[2]netsim.Endpoint]string{}
	for _, p := range pods {
		for _, q := range pods {
			edges, err := n.Between(p, q)
			require.NoError(t, err)
			for e := range edges {
				if e.From != e.To && (!e.IsEmpty() || e.Secondary != nil && !e.Secondary.IsEmpty()) {
					between[[2]netsim.Endpoint{e.From, e.To}] = e.String()
				}
			}
		}
	}
	all, around := map[[2]netsim.Endpoint]string{}, map[[2]netsim.Endpoint]string{}
	for e := range n.All() {
		all[[2]netsim.Endpoint{e.From, e.To}] = e.String()
	}
	for _, p := range pods {
		for _, ask := range []func(netsim.Endpoint) (iter.Seq[netsim.Edge], error){n.Into, n.OutOf} {
			edges, err := ask(p)
			require.NoError(t, err)
			for e := range edges {
				if slices.Contains(pods, e.From) && slices.Contains(pods, e.To) && e.From != e.To {
					around[[2]netsim.Endpoint{e.From, e.To}] = e.String()
				}
			}
		}
	}
	assert.Equal(t, between, all, "All")
	assert.Equal(t, between, around, "Into and OutOf")
}
