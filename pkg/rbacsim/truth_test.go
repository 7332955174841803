package rbacsim_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	authorizationv1 "k8s.io/api/authorization/v1"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// truthDir holds answers recorded from a real API server, where present.
const truthDir = "../../../shared/truth/rbac"

// readReviews calls the function with every review and the answer that was given.
func readReviews(t *testing.T, path string, visit func(line string, s rbacsim.Subject, r rbacsim.Request, allowed bool)) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	sc := bufio.NewScanner(bytes.NewReader(data))
	for sc.Scan() {
		var review authorizationv1.SubjectAccessReview
		require.NoError(t, json.Unmarshal(sc.Bytes(), &review))
		var r rbacsim.Request
		if ra := review.Spec.ResourceAttributes; ra != nil {
			r = rbacsim.Request{Verb: ra.Verb, Group: ra.Group, Resource: ra.Resource, Subresource: ra.Subresource, Namespace: ra.Namespace, Name: ra.Name}
		} else {
			r = rbacsim.URL(review.Spec.NonResourceAttributes.Verb, review.Spec.NonResourceAttributes.Path)
		}
		visit(sc.Text(), rbacsim.Review(review.Spec.User, review.Spec.Groups...), r, review.Status.Allowed)
	}
}

// Every recorded review gets the recorded answer: with the roles that the server
// filled in, and with those that this package knows of.
func TestTruth(t *testing.T) {
	worlds, err := filepath.Glob(filepath.Join(truthDir, "*", "rbac.yaml"))
	require.NoError(t, err)
	if len(worlds) == 0 {
		t.Skip("no recorded answers here")
	}
	for _, path := range worlds {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			for name, files := range map[string][]string{
				"given":   {path, filepath.Join(truthDir, "bootstrap-rbac.yaml"), filepath.Join(truthDir, "bootstrap-rbac-namespaced.yaml")},
				"assumed": {path},
			} {
				c, err := manifest.Load(files...)
				require.NoError(t, err)
				a := rbacsim.New(c)
				naive := newNaive(t, c)
				n := 0
				readReviews(t, filepath.Join(dir, "reviews.jsonl"), func(line string, s rbacsim.Subject, r rbacsim.Request, allowed bool) {
					n++
					want := rbacsim.Denied
					if allowed {
						want = rbacsim.Allowed
					}
					assert.Equal(t, want, a.Decide(s, r), "%s: %s", name, line)
					assert.Equal(t, allowed, naive.allows(s, r), "naive, %s: %s", name, line)
				})
				assert.Positive(t, n)
			}
		})
	}
}

// The table of default roles says what a server was seen to have.
func TestDefaultsAreTheServers(t *testing.T) {
	files := []string{filepath.Join(truthDir, "bootstrap-rbac.yaml"), filepath.Join(truthDir, "bootstrap-rbac-namespaced.yaml")}
	for _, f := range files {
		if _, err := os.Stat(f); err != nil {
			t.Skip("no recorded roles here")
		}
	}
	c, err := manifest.Load(files...)
	require.NoError(t, err)
	server, table := newNaive(t, c), newNaive(t, new(model.Builder).Cluster())
	assert.Equal(t, server.roleRules(), table.roleRules())
	assert.Equal(t, server.bindingLines(), table.bindingLines())
	assert.Greater(t, len(server.roleRules()), 70)
}
