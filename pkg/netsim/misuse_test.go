package netsim_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
)

// Questions that no parser would let through are errors, too, and what nobody has
// modelled is never taken for the specification.
func TestMisuse(t *testing.T) {
	n := netsim.New(new(model.Builder).Cluster(), netsim.WithDataplane(netsim.Spec))
	for want, f := range map[string]netsim.Flow{
		"an endpoint is missing":      {},
		"the block is missing":        {From: netsim.CIDR(netip.Prefix{}), To: netsim.Internet(), Port: 80},
		"the address is missing":      {From: netsim.Address(netip.Addr{}), To: netsim.Internet(), Port: 80},
		"neither end is a pod":        {From: netsim.Internet(), To: netsim.Internet(), Port: 80},
		"no pod or workload shop/web": {From: netsim.Named("shop", "web"), To: netsim.Internet(), Port: 80},
	} {
		v, err := n.Check(f)
		assert.ErrorContains(t, err, want)
		assert.Equal(t, netsim.Undecided, v.Decision)
	}
	_, err := n.DefaultDeny("shop", netsim.Direction(7))
	assert.Error(t, err)
	assert.PanicsWithValue(t, "netsim: no data plane 77", func() { netsim.WithDataplane(77) })
}
