package difftest

import (
	"fmt"
	"testing"

	"github.com/mattfenwick/cyclonus/pkg/connectivity"
	"github.com/mattfenwick/cyclonus/pkg/connectivity/probe"
	"github.com/mattfenwick/cyclonus/pkg/generator"
	"github.com/mattfenwick/cyclonus/pkg/kube"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
)

// podAddresses are those of cyclonus' nine pods. Its cases have one block around
// the address of z/c, with and without an exception: here pods are in the block,
// in the exception and in neither, of each namespace.
var podAddresses = map[string]map[string]string{
	"x": {"a": "192.168.1.49", "b": "192.168.1.101", "c": "192.168.2.1"},
	"y": {"a": "192.168.1.50", "b": "192.168.1.102", "c": "192.168.2.2"},
	"z": {"a": "192.168.2.3", "b": "192.168.1.103", "c": "192.168.1.63"},
}

// All cases that cyclonus generates, after each of their steps, are the same to
// all engines.
func TestCyclonusCases(t *testing.T) {
	cases := generator.NewTestCaseGenerator(true, podAddresses["z"]["c"], []string{"x", "y", "z"}, nil, nil).GenerateAllTestCases()
	require.Len(t, cases, 230)
	for name, load := range oracles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var compared comparison
			for i, tc := range cases {
				state := newState(t)
				for j, step := range tc.Steps {
					for _, a := range step.Actions {
						require.NoError(t, apply(state, a))
					}
					c := snapshot(t, state)
					require.Subset(t, portBorders(c), []uint16{80, 81, 82}, "two ports that are served and one that is not")
					require.Empty(t, compared.differ(c, load(c)), "case %d: %s, step %d", i, tc.Description, j)
				}
			}
			t.Log(compared)
			// Nine pods, three protocols, and at least three ports.
			assert.GreaterOrEqual(t, compared.flows, len(cases)*9*8*3*3)
			assert.GreaterOrEqual(t, compared.sets, len(cases)*9*8)
		})
	}
}

// newState returns the cluster that each case starts from. What the actions do
// to it is for cyclonus to say.
func newState(t *testing.T) *connectivity.TestCaseState {
	t.Helper()
	resources := &probe.Resources{Namespaces: map[string]map[string]string{}}
	for _, ns := range []string{"x", "y", "z"} {
		resources.Namespaces[ns] = map[string]string{"ns": ns}
		for _, name := range []string{"a", "b", "c"} {
			p := probe.NewDefaultPod(ns, name, []int{80, 81}, []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP}, false, "example.invalid")
			p.IP = podAddresses[ns][name]
			resources.Pods = append(resources.Pods, p)
		}
	}
	kubernetes := kube.NewMockKubernetes(1)
	require.NoError(t, resources.CreateResourcesInKube(kubernetes))
	return &connectivity.TestCaseState{Kubernetes: kubernetes, Resources: resources}
}

// apply does what an action says.
func apply(s *connectivity.TestCaseState, a *generator.Action) error {
	switch {
	case a.CreatePolicy != nil:
		return s.CreatePolicy(a.CreatePolicy.Policy)
	case a.UpdatePolicy != nil:
		return s.UpdatePolicy(a.UpdatePolicy.Policy)
	case a.DeletePolicy != nil:
		return s.DeletePolicy(a.DeletePolicy.Namespace, a.DeletePolicy.Name)
	case a.CreateNamespace != nil:
		return s.CreateNamespace(a.CreateNamespace.Namespace, a.CreateNamespace.Labels)
	case a.SetNamespaceLabels != nil:
		return s.SetNamespaceLabels(a.SetNamespaceLabels.Namespace, a.SetNamespaceLabels.Labels)
	case a.DeleteNamespace != nil:
		return s.DeleteNamespace(a.DeleteNamespace.Namespace)
	case a.ReadNetworkPolicies != nil:
		return s.ReadPolicies(a.ReadNetworkPolicies.Namespaces)
	case a.CreatePod != nil:
		return s.CreatePod(a.CreatePod.Namespace, a.CreatePod.Pod, a.CreatePod.Labels)
	case a.SetPodLabels != nil:
		return s.SetPodLabels(a.SetPodLabels.Namespace, a.SetPodLabels.Pod, a.SetPodLabels.Labels)
	case a.DeletePod != nil:
		return s.DeletePod(a.DeletePod.Namespace, a.DeletePod.Pod)
	}
	return fmt.Errorf("an action of a kind that is new: %+v", a)
}

// snapshot reads the state as our loader reads every cluster, defaults included.
func snapshot(t *testing.T, s *connectivity.TestCaseState) *model.Cluster {
	t.Helper()
	var objects []runtime.Object
	for name, labels := range s.Resources.Namespaces {
		objects = append(objects, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}})
	}
	for _, p := range s.Resources.Pods {
		pod := p.KubePod()
		pod.Status = corev1.PodStatus{Phase: corev1.PodRunning, PodIP: p.IP}
		objects = append(objects, pod)
	}
	for _, np := range s.Policies {
		objects = append(objects, np)
	}
	c, err := manifest.FromObjects(objects...)
	require.NoError(t, err)
	return c
}
