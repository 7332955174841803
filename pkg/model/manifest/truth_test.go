package manifest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
)

// shared returns a path below the directory of recorded answers and samples
// beside the module, and skips the test where there is none.
func shared(t testing.TB, elem ...string) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		require.NotEqual(t, dir, filepath.Dir(dir), "no go.mod above the test")
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(append([]string{dir, "..", "shared"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skip("no " + path)
	}
	return path
}

// recorded is one answer of a kube-apiserver to an object posted to it.
type recorded struct {
	ID       string
	Verdict  string
	Object   json.RawMessage
	RawYAML  string
	Causes   []struct{ Field, Message string }
	Warnings []string
	Stored   map[string]any
}

func TestRecordedAdmission(t *testing.T) {
	f, err := os.Open(shared(t, "truth", "validation", "admission.jsonl"))
	require.NoError(t, err)
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	n := 0
	for ; lines.Scan(); n++ {
		var want recorded
		require.NoError(t, json.Unmarshal(lines.Bytes(), &want))
		t.Run(want.ID, func(t *testing.T) {
			text := []byte(want.RawYAML)
			if len(text) == 0 {
				text = want.Object
			}
			c, err := manifest.Loader{Namespace: "val"}.Read("row", bytes.NewReader(text))
			lenient := strings.HasSuffix(want.ID, "default validation") || strings.HasSuffix(want.ID, "default (warn) validation")
			if want.Verdict == "rejected" || lenient {
				require.Error(t, err)
				if len(want.Causes) > 0 {
					var causes, got []string
					for _, c := range want.Causes {
						causes = append(causes, c.Field+": "+c.Message)
					}
					for e := range manifest.Errors(err) {
						got = append(got, e.Path+": "+e.Text)
					}
					assert.ElementsMatch(t, causes, got)
				}
				return
			}
			require.NoError(t, err)
			var warnings []string
			for f := range c.Findings() {
				if !f.Note && f.Rule != "name-label" && f.Rule != "dropped-field" {
					warnings = append(warnings, f.Path+": "+f.Text)
				}
			}
			assert.ElementsMatch(t, want.Warnings, warnings)
			assert.Equal(t, want.Stored, stored(t, c, want.Stored))
		})
	}
	require.NoError(t, lines.Err())
	require.NotZero(t, n)
}

// stored returns the fields of the one object that was loaded, as far as the
// record has them.
func stored(t *testing.T, c *model.Cluster, like map[string]any) map[string]any {
	t.Helper()
	objects := anyOf[networkingv1.NetworkPolicy](c)
	objects = append(objects, anyOf[rbacv1.Role](c)...)
	objects = append(objects, anyOf[rbacv1.ClusterRole](c)...)
	objects = append(objects, anyOf[rbacv1.RoleBinding](c)...)
	objects = append(objects, anyOf[rbacv1.ClusterRoleBinding](c)...)
	objects = append(objects, anyOf[corev1.Namespace](c)...)
	require.Len(t, objects, 1)
	text, err := json.Marshal(objects[0])
	require.NoError(t, err)
	var got map[string]any
	require.NoError(t, json.Unmarshal(text, &got))
	got["labels"] = got["metadata"].(map[string]any)["labels"]
	for name := range got {
		if _, ok := like[name]; !ok {
			delete(got, name)
		}
	}
	return got
}

func anyOf[T any](c *model.Cluster) (all []any) {
	for o := range model.All[T](c) {
		all = append(all, o.API)
	}
	return all
}

// TestSamples loads what others publish.
func TestSamples(t *testing.T) {
	for _, dir := range []string{"aks-baseline", "azure-quickstart", "aks-store-demo/kustomize"} {
		t.Run(dir, func(t *testing.T) {
			_, err := manifest.Load(shared(t, "samples", dir))
			assert.NoError(t, err)
		})
	}
	clusters, err := filepath.Glob(shared(t, "truth", "netpol") + "/*/cluster.yaml")
	require.NoError(t, err)
	for _, path := range clusters {
		_, err := manifest.Load(path)
		assert.NoError(t, err)
	}
}
