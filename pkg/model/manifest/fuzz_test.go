package manifest_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/aksim/aksim/pkg/model/manifest"
)

// No input makes the loader panic, and what it says does not depend on chance.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(strings.Join(benchObjects(1), "---\n")))
	f.Add([]byte(secretText))
	f.Add(zipped(f, account("a")))
	f.Add([]byte(`{"apiVersion": "v1", "kind": "List", "items": [{"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a"}}, null]} {"a": [}` + "\n[1]"))
	f.Add([]byte("apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: &k Namespace\n  metadata: {name: a, <<: {uid: u}}\n- kind: *k\nkind: List\n"))
	f.Add([]byte("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a}\nrules: [{verbs: on}]\naggregationRule: {clusterRoleSelectors: [{matchLabels: {a: 1}}]}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		l := manifest.Loader{Limits: manifest.Limits{Stream: 1 << 20, Document: 1 << 16}}
		c, err := l.Read("f", bytes.NewReader(text))
		again, errAgain := l.Read("f", bytes.NewReader(text))
		if (err == nil) != (errAgain == nil) || err != nil && err.Error() != errAgain.Error() {
			t.Fatalf("%v\n%v", err, errAgain)
		}
		if (c == nil) != (err != nil) || (again == nil) != (c == nil) {
			t.Fatal("a cluster beside an error, or neither")
		}
	})
}
