package verify_test

import (
	"github.com/aksim/aksim/pkg/model"
)

// aks returns a snapshot with the configuration of a cluster.
func aks(change func(*model.ManagedCluster)) *model.Cluster {
	const id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod"
	mc := &model.ManagedCluster{Resource: model.Resource{ID: model.Known(id), Name: model.Known("prod")}}
	mc.Network.Plugin = model.Known("azure")
	mc.Network.PluginMode = model.Known("overlay")
	mc.Network.Policy = model.Known("calico")
	mc.Network.PodCIDRs = model.Known([]string{"10.244.0.0/16"})
	if change != nil {
		change(mc)
	}
	var b model.Builder
	model.Add(&b, &model.Object[model.ManagedCluster]{Ref: model.AzureRef("ManagedCluster", id), API: mc, Origin: model.Origin{Place: model.Place{File: "azure/cluster.json", Line: 1}}})
	return b.Cluster()
}
