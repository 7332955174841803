package netsim

import (
	"net/netip"
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// readPodCIDRs takes the pod CIDRs of the managed cluster, if none are given and the
// input has one cluster and no more. They are where pods get their addresses only with
// an overlay network or kubenet: elsewhere pods have addresses of a subnet.
//
// https://learn.microsoft.com/azure/aks/concepts-network-cni-overview
func (n *Network) readPodCIDRs() {
	var only *model.ManagedCluster
	for o := range model.All[model.ManagedCluster](n.cluster) {
		if only != nil {
			return
		}
		only = o.API
	}
	if only == nil || len(n.podCIDRs) > 0 {
		return
	}
	network := only.Network
	if !strings.EqualFold(network.PluginMode.Or(""), "overlay") && !strings.EqualFold(network.Plugin.Or(""), "kubenet") {
		return
	}
	var blocks []netip.Prefix
	for _, text := range network.PodCIDRs.Or(nil) {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return
		}
		blocks = append(blocks, unmapPrefix(p))
	}
	n.podCIDRs, n.fromCluster = blocks, len(blocks) > 0
}

// podCIDRAssumption says which blocks were taken from the cluster's configuration.
func (n *Network) podCIDRAssumption() string {
	var blocks []string
	for _, p := range n.podCIDRs {
		blocks = append(blocks, p.String())
	}
	return "pods whose address is not in the input get one of " + strings.Join(blocks, " or ") + ", the pod CIDR of the cluster's network profile"
}
