package netsim_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/netsim"
)

const blockPolicy = `
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: b, namespace: shop}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
  - from: [{ipBlock: {cidr: 10.244.0.0/16}}]
`

// The managed cluster says where pods of unknown address may be, unless its pods live in
// subnets or the caller knows better.
func TestPodCIDRsOfTheManagedCluster(t *testing.T) {
	overlay := model.ClusterNetwork{
		Plugin: model.Known("azure"), PluginMode: model.Known("Overlay"), PodCIDRs: model.Known([]string{"10.244.0.0/16"}),
	}
	kubenet, flat, bad := overlay, overlay, overlay
	kubenet.Plugin, kubenet.PluginMode = model.Known("kubenet"), model.Property[string]{}
	flat.PluginMode = model.Property[string]{}
	bad.PodCIDRs = model.Known([]string{"10.244.0.0/16", "nonsense"})
	const assumption = "pods whose address is not in the input get one of 10.244.0.0/16, the pod CIDR of the cluster's network profile"
	for _, tc := range []struct {
		name     string
		networks []model.ClusterNetwork
		opts     []netsim.Option
		want     netsim.Decision
		assumed  bool
	}{
		{"none", nil, nil, netsim.Undecided, false},
		{"overlay", []model.ClusterNetwork{overlay}, nil, netsim.Allowed, true},
		{"kubenet", []model.ClusterNetwork{kubenet}, nil, netsim.Allowed, true},
		{"pods in a subnet", []model.ClusterNetwork{flat}, nil, netsim.Undecided, false},
		{"no CIDR", []model.ClusterNetwork{bad}, nil, netsim.Undecided, false},
		{"two clusters", []model.ClusterNetwork{overlay, overlay}, nil, netsim.Undecided, false},
		{"given", []model.ClusterNetwork{overlay}, []netsim.Option{netsim.WithPodCIDRs(netip.MustParsePrefix("10.0.0.0/24"))}, netsim.Denied, false},
		{"given without any", []model.ClusterNetwork{overlay}, []netsim.Option{netsim.WithPodCIDRs()}, netsim.Allowed, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			pods, err := manifest.Loader{}.Read("shop.yaml", strings.NewReader(blockPolicy))
			require.NoError(t, err)
			var b model.Builder
			for i, n := range tc.networks {
				name := string(rune('a' + i))
				model.Add(&b, &model.Object[model.ManagedCluster]{Ref: model.AzureRef("ManagedCluster", name), API: &model.ManagedCluster{Network: n}})
			}
			n := netsim.New(pods.With(b.Cluster()), tc.opts...)
			v, err := n.Check(netsim.MustParseFlow("shop/a -> shop/b:80"))
			require.NoError(t, err)
			assert.Equal(t, tc.want, v.Decision)
			assert.Equal(t, tc.assumed, slices.Contains(slices.Collect(n.Assumptions()), assumption))
		})
	}
}
