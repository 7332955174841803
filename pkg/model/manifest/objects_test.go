package manifest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
)

func TestFromObjects(t *testing.T) {
	policy := &networkingv1.NetworkPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: "p"},
		Spec:       networkingv1.NetworkPolicySpec{Egress: []networkingv1.NetworkPolicyEgressRule{{Ports: []networkingv1.NetworkPolicyPort{{}}}}},
	}
	before := policy.DeepCopy()
	pods := &corev1.PodList{Items: []corev1.Pod{
		{ObjectMeta: metav1.ObjectMeta{Name: "a", Namespace: "shop", UID: "u"}},
		{ObjectMeta: metav1.ObjectMeta{Name: "b", Namespace: "shop"}},
	}}
	untyped := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": map[string]any{"name": "u", "namespace": "shop"}, "spec": map[string]any{},
	}}
	custom := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": map[string]any{"name": "c"},
	}}
	c, err := manifest.FromObjects(
		policy, pods, untyped, custom,
		&unstructured.UnstructuredList{Items: []unstructured.Unstructured{{Object: map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "shop"}}}}},
		&autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Name: "h"}},
		&corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "data"}},
	)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"CiliumNetworkPolicy.cilium.io default/c", "HorizontalPodAutoscaler.autoscaling default/h", "Namespace shop", "NetworkPolicy default/p", "NetworkPolicy shop/u",
		"PersistentVolumeClaim default/data", "Pod shop/a", "Pod shop/b",
	}, refs(c))
	assert.Equal(t, before, policy)
	p, _ := model.Get[networkingv1.NetworkPolicy](c, "default", "p")
	assert.Equal(t, []networkingv1.PolicyType{"Ingress", "Egress"}, p.API.Spec.PolicyTypes)
	assert.Equal(t, corev1.ProtocolTCP, *p.API.Spec.Egress[0].Ports[0].Protocol)
	assert.True(t, p.Origin.Place.IsZero())
	a, _ := model.Get[corev1.Pod](c, "shop", "a")
	assert.True(t, a.Origin.Server)
	ns, _ := c.Namespace("shop")
	assert.Equal(t, map[string]string{model.NameLabel: "shop"}, ns.Labels)
	assert.Equal(t, []string{
		"note unmodelled-kind HorizontalPodAutoscaler.autoscaling default/h: kind HorizontalPodAutoscaler (autoscaling/v1) is not modelled: 1 object ignored",
		"note unmodelled-kind PersistentVolumeClaim default/data: kind PersistentVolumeClaim (v1) is not modelled: 1 object ignored",
	}, findingLines(c))
}

func TestFromObjectsReportsAllDefects(t *testing.T) {
	_, err := manifest.FromObjects(
		&networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Name: "P"}, Spec: networkingv1.NetworkPolicySpec{PolicyTypes: []networkingv1.PolicyType{"x"}}},
		&corev1.Pod{},
		(*corev1.Pod)(nil),
		nil,
		&appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "d"}},
		&appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "d", Labels: map[string]string{"a": "b"}}},
		&unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "u", "x": 1}}},
		&metav1.Status{},
	)
	assert.Equal(t, []string{
		"a nil object",
		"a nil object",
		"no kind Status in v1",
		"Deployment default/d: two different objects are Deployment default/d (if one is a patch or an overlay, load what is rendered instead)",
		`NetworkPolicy default/P: metadata.name: Invalid value: "P": ` + subdomain,
		`NetworkPolicy default/P: spec.policyTypes[0]: Unsupported value: "x": supported values: "Ingress", "Egress"`,
		"Pod: metadata.name: Required value: name or generateName is required",
		"Pod default/u: metadata.x: unknown field",
	}, errorLines(err))
}

const subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
