package model_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
)

func load(t *testing.T, manifests string) *model.Cluster {
	t.Helper()
	c, err := manifest.Loader{}.Read("in.yaml", strings.NewReader(manifests))
	require.NoError(t, err)
	return c
}

// podsOf lists the pods as NAMESPACE/NAME, with their workload, and a mark on
// those that a template stands for.
func podsOf(c *model.Cluster) (all []string) {
	for p := range c.Pods() {
		s := p.Namespace + "/" + p.Name
		if w := p.Workload(); !w.IsZero() {
			s += " of " + w.Kind + " " + w.Name
		}
		if p.Template {
			s += " (template)"
		}
		all = append(all, s)
	}
	return all
}

const container = "{containers: [{name: c, image: example.invalid/app}]}"

func TestTemplatesAndOwnerChains(t *testing.T) {
	deployment := `
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: app, uid: d1}
spec: {selector: {matchLabels: {app: api}}, template: {metadata: {labels: {app: api}}, spec: ` + container + `}}
---
`
	replicaSet := func(name string) string {
		return `
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: ` + name + `, namespace: app, uid: ` + name + `, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: api, uid: d1, controller: true}]}
spec: {selector: {matchLabels: {app: api}}, template: {metadata: {labels: {app: api}}, spec: ` + container + `}}
---
`
	}
	pod := func(name, phase string) string {
		return `
apiVersion: v1
kind: Pod
metadata: {name: ` + name + `, namespace: app, uid: ` + name + `, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: new, uid: new, controller: true}]}
spec: ` + container + `
status: {phase: ` + phase + `, podIP: 10.0.0.1}
---
`
	}
	for name, tc := range map[string]struct {
		manifests string
		want      []string
	}{
		"a template is one pod":               {deployment, []string{"app/api of Deployment api (template)"}},
		"old ReplicaSets add nothing":         {deployment + replicaSet("old") + replicaSet("new"), []string{"app/api of Deployment api (template)"}},
		"living pods replace the template":    {deployment + replicaSet("new") + pod("api-1", "Running"), []string{"app/api-1 of Deployment api"}},
		"ended pods do not":                   {deployment + replicaSet("new") + pod("api-1", "Failed"), []string{"app/api of Deployment api (template)", "app/api-1 of Deployment api"}},
		"the chain ends where the input does": {replicaSet("new") + pod("api-1", "Running"), []string{"app/api-1 of ReplicaSet new"}},
		"a broken chain leaves both":          {deployment + pod("api-1", "Running"), []string{"app/api of Deployment api (template)", "app/api-1"}},
		"a finished Job makes no pod": {`
apiVersion: batch/v1
kind: Job
metadata: {name: once, namespace: app}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: example.invalid/app}]}}}
status: {conditions: [{type: Complete, status: "True"}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: often, namespace: app}
spec: {schedule: "* * * * *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: example.invalid/app}]}}}}}
`, []string{"app/often of CronJob often (template)"}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, tc.want, podsOf(load(t, tc.manifests))) })
	}
}

// Another object of the same name does not own the pods of the one before it.
func TestOwnersAreTheSameObject(t *testing.T) {
	c := load(t, `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: app, uid: today}
spec: {selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: `+container+`}}
---
apiVersion: v1
kind: Pod
metadata: {name: db-0, namespace: app, uid: p, ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: db, uid: yesterday, controller: true}]}
spec: `+container+`
status: {phase: Running, podIP: 10.0.0.1}
`)
	assert.Equal(t, []string{"app/db of StatefulSet db (template)", "app/db-0"}, podsOf(c))
}

func TestNamespaces(t *testing.T) {
	c := load(t, `
apiVersion: v1
kind: Namespace
metadata: {name: known, labels: {team: a}}
---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: referred}
spec: `+container+`
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: b}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: s, namespace: afar}]
`)
	var got []string
	for ns := range c.Namespaces() {
		got = append(got, ns.Name)
	}
	assert.Equal(t, []string{"afar", "known", "referred"}, got)
	known, _ := c.Namespace("known")
	assert.True(t, known.Known)
	assert.Equal(t, map[string]string{"team": "a", model.NameLabel: "known"}, known.Labels)
	referred, _ := c.Namespace("referred")
	assert.False(t, referred.Known)
	assert.Equal(t, map[string]string{model.NameLabel: "referred"}, referred.Labels)
	_, ok := c.Namespace("nowhere")
	assert.False(t, ok)
}

const policies = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a, namespace: app}
spec: {podSelector: {}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: b, namespace: app}
spec: {podSelector: {}}
`

func TestWhatIf(t *testing.T) {
	c := load(t, policies)
	over := load(t, `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: b, namespace: app}
spec: {podSelector: {matchLabels: {app: web}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: app}
`)
	names := func(c *model.Cluster) (all []string) {
		for r := range c.Refs() {
			all = append(all, r.String())
		}
		return all
	}
	with := c.With(over)
	assert.Equal(t, []string{"Namespace app", "NetworkPolicy app/a", "NetworkPolicy app/b"}, names(with))
	b, ok := model.Get[networkingv1.NetworkPolicy](with, "app", "b")
	require.True(t, ok)
	assert.Equal(t, map[string]string{"app": "web"}, b.API.Spec.PodSelector.MatchLabels, "the other's object takes the place")
	ns, _ := with.Namespace("app")
	assert.True(t, ns.Known)

	ref, err := model.ParseRef("netpol/app/a")
	require.NoError(t, err)
	without, err := with.Without(ref)
	require.NoError(t, err)
	assert.Equal(t, []string{"Namespace app", "NetworkPolicy app/b"}, names(without))
	assert.Equal(t, []string{"NetworkPolicy app/a", "NetworkPolicy app/b"}, names(c), "the original stays")

	_, err = c.Without(model.Ref{Kind: "NetworkPolicy", Namespace: "app", Name: "aa"})
	assert.EqualError(t, err, `no NetworkPolicy app/aa in the input (did you mean "app/a" or "app/b"?)`)
}

func TestParseRef(t *testing.T) {
	for text, want := range map[string]string{
		"networkpolicy/shop/db":             "NetworkPolicy shop/db",
		"Deploy/shop/db":                    "Deployment shop/db",
		"clusterrole/view":                  "ClusterRole view",
		"CiliumNetworkPolicy.cilium.io/a/b": "CiliumNetworkPolicy.cilium.io a/b",
		"keyvault//subscriptions/S/x":       "KeyVault /subscriptions/s/x",
	} {
		r, err := model.ParseRef(text)
		require.NoError(t, err)
		assert.Equal(t, want, r.String())
	}
	for text, want := range map[string]string{
		"db":                 "does not name an object",
		"pod/db":             "lacks the namespace",
		"clusterrole/a/view": "cluster-scoped",
		"frob/a/b":           "unknown kind",
		"pod//b":             "does not name an object",
	} {
		_, err := model.ParseRef(text)
		assert.ErrorContains(t, err, want, text)
	}
}

func TestPlaces(t *testing.T) {
	c := load(t, `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a}
spec:
  podSelector: {}
  ingress:
  - from:
    - podSelector: {}
    - ipBlock: {cidr: 10.0.0.0/8}
`)
	p := slices.Collect(model.All[networkingv1.NetworkPolicy](c))[0]
	assert.Equal(t, "in.yaml:1:1", p.Origin.Place.String())
	assert.Equal(t, "in.yaml:9:7", p.Origin.At("spec.ingress[0].from[1]").String())
	assert.Equal(t, "in.yaml:8", p.Origin.At("spec.ingress[0].from[0].podSelector.matchLabels.app").Short(), "the nearest part around it")
	assert.Equal(t, p.Origin.Place, p.Origin.At("status"))
}

func TestKubeVersion(t *testing.T) {
	for text, want := range map[string]string{"1.36": "1.36", "v1.36.2": "1.36", "v1.30.1-gke.5": "1.30"} {
		v, err := model.ParseKubeVersion(text)
		require.NoError(t, err)
		assert.Equal(t, want, v.String())
	}
	for _, text := range []string{"", "1", "one.two", "1.x"} {
		_, err := model.ParseKubeVersion(text)
		assert.Error(t, err, text)
	}
	assert.True(t, model.NewestKubeVersion().AtLeast(1, 36))
	assert.False(t, model.OldestKubeVersion().AtLeast(1, 36))
}

// The zero Cluster is empty and can be asked.
func TestZeroCluster(t *testing.T) {
	var c model.Cluster
	assert.Empty(t, slices.Collect(model.All[corev1.Pod](&c)))
	assert.Empty(t, podsOf(&c))
	assert.Empty(t, podsOf(c.With(load(t, policies))))
}
