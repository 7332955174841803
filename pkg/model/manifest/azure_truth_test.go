package manifest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
)

// The exports that recorded decisions are about load, and everything in them counts.
func TestGuardExportsLoad(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "..", "shared", "truth", "azure", "guard")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no recorded exports here")
	}
	var files []string
	for _, name := range []string{"assignments.json", "cluster.json", "groups.json", "roles.json"} {
		files = append(files, filepath.Join(dir, name))
	}
	c, err := manifest.Load(files...)
	require.NoError(t, err)
	assert.Empty(t, findingLines(c))
	count := map[string]int{}
	for r := range c.Refs() {
		count[r.Kind]++
	}
	assert.Equal(t, map[string]int{"DirectoryObject": 6, "GroupMembers": 5, "ManagedCluster": 1, "RoleAssignment": 39, "RoleDefinition": 7}, count)
	for o := range model.All[model.ManagedCluster](c) {
		assert.Equal(t, model.Known(true), o.API.Entra.AzureRBAC)
		assert.Equal(t, model.Known(true), o.API.DisableLocal)
	}
	assert.Equal(t, model.KubeVersion{Major: 1, Minor: 36}, c.KubeVersion())
}
