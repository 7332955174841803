package manifest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/pkg/model"
)

// What a server handed out was admitted: what is not understood in it is noted,
// and leaves a gap where it could change an answer.
func TestServerObjects(t *testing.T) {
	c, err := read(`
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, uid: u, newMeta: 1}
spec:
  ingress:
  - appProtocol: h2
    from:
    - ipBlock: {cidr: 10.0.0.1/8, except: [010.1.0.0/16]}
    - {}
newTop: 1
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: r, resourceVersion: "5"}
rules:
- {apiGroups: [""], resources: [pods], verbs: [get], conditions: []}
- {verbs: []}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b, uid: u}
roleRef: {kind: Role, name: r, namespace: other}
subjects: [{kind: Robot, name: x}]
---
apiVersion: v1
kind: Pod
metadata: {name: p, uid: u}
spec: {containers: [{name: c, newField: {a: b}}], newSpec: x}
---
apiVersion: v1
kind: Namespace
metadata: {name: Upper, uid: u}
`)
	require.NoError(t, err)
	assert.Equal(t, []string{
		`note dropped-field f:4:29: NetworkPolicy default/p: metadata.newMeta: unknown field`,
		`unmodelled-field f:7:5: NetworkPolicy default/p: spec.ingress[0].appProtocol: unknown field`,
		`non-canonical-cidr f:9:23: NetworkPolicy default/p: spec.ingress[0].from[0].ipBlock.cidr: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)`,
		`non-canonical-cidr f:9:44: NetworkPolicy default/p: spec.ingress[0].from[0].ipBlock.except[0]: non-standard CIDR value "010.1.0.0/16" is invalid: use "10.1.0.0/16"`,
		`unmodelled-value f:10:7: NetworkPolicy default/p: spec.ingress[0].from[1]: Required value: must specify a peer`,
		`note dropped-field f:11:1: NetworkPolicy default/p: newTop: unknown field`,
		`unmodelled-field f:17:54: ClusterRole r: rules[0].conditions: unknown field`,
		`unmodelled-value f:18:3: ClusterRole r: rules[1].apiGroups: Required value: resource rules must supply at least one api group`,
		`unmodelled-value f:18:3: ClusterRole r: rules[1].resources: Required value: resource rules must supply at least one resource`,
		`unmodelled-value f:18:4: ClusterRole r: rules[1].verbs: Required value`,
		`unmodelled-field f:23:32: RoleBinding default/b: roleRef.namespace: unknown field`,
		`unmodelled-value f:24:19: RoleBinding default/b: subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"`,
		`note dropped-field f:29:31: Pod default/p: spec.containers[0].newField: unknown field`,
		`note dropped-field f:29:51: Pod default/p: spec.newSpec: unknown field`,
		`unmodelled-value f:33:18: Namespace Upper: metadata.name: Invalid value: "Upper": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
	}, findingLines(c))

	policy, _ := model.Get[networkingv1.NetworkPolicy](c, "default", "p")
	assert.True(t, policy.Origin.Server)
	assert.Equal(t, []model.Gap{
		{Path: "spec.ingress[0].appProtocol", What: "unknown field", Place: model.Place{File: "f", Line: 7, Col: 5}},
		{Path: "spec.ingress[0].from[1]", What: "Required value: must specify a peer", Place: model.Place{File: "f", Line: 10, Col: 7}},
	}, policy.Origin.Gaps)
	role, _ := model.Get[rbacv1.ClusterRole](c, "", "r")
	assert.Len(t, role.Origin.Gaps, 4)
	binding, _ := model.Get[rbacv1.RoleBinding](c, "default", "b")
	assert.Len(t, binding.Origin.Gaps, 2)
	pod, _ := model.Get[corev1.Pod](c, "default", "p")
	assert.Empty(t, pod.Origin.Gaps)
	ns, _ := model.Get[corev1.Namespace](c, "", "Upper")
	assert.Empty(t, ns.Origin.Gaps)

	// A status alone makes no server object, and a wrong type cannot be read.
	_, err = read("{apiVersion: v1, kind: Pod, metadata: {name: p}, status: {phase: Running, newStatus: x}}")
	assert.Equal(t, []string{"f:1:75: status.newStatus: unknown field"}, errorLines(err))
	_, err = read("{apiVersion: v1, kind: Pod, metadata: {name: p, uid: u}, spec: {containers: 5, nodeNam: x}}")
	assert.Equal(t, []string{`f:1:77: spec.containers: want a list, got the number 5`}, errorLines(err))
}
