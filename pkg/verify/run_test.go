package verify_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/verify"
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

func TestExample(t *testing.T) {
	c, err := manifest.Load("../../examples/prod")
	require.NoError(t, err)
	c = c.With(aks(nil))
	claims, err := verify.ClaimsIn(c)
	require.NoError(t, err)
	report, err := verify.Run(c, claims, verify.Options{Now: verify.Date{Year: 2026, Month: 11, Day: 28}})
	require.NoError(t, err)
	for _, r := range report.Results {
		t.Log(r.Outcome, r.ID, r.Over, r.Findings, r.Missing, r.Notes)
	}
}
