package verify_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/verify"
)

// A namespace in which nothing runs, and which the claims leave out, is named: nothing is
// proved of it.
func TestIdleNamespacesAreNamed(t *testing.T) {
	idle, err := manifest.Loader{}.Read("idle.yaml", strings.NewReader("apiVersion: v1\nkind: Namespace\nmetadata: {name: idle}\n"))
	require.NoError(t, err)
	r := run(t, exampleCluster(t).With(idle))
	i := slices.IndexFunc(r.Results, func(res verify.Result) bool { return res.ID == "AKS-NET-001" })
	require.GreaterOrEqual(t, i, 0)
	assert.Equal(t, verify.Proved, r.Results[i].Outcome)
	assert.Contains(t, r.Results[i].Notes, "without pods, and not in defaultDeny of the claims, so left out: namespaces idle")
}
