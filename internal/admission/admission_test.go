package admission_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/aksim/aksim/internal/admission"
)

// admit decodes an object and returns the problems as lines: a minus for a
// refusal, the version for one since then, a tilde for a warning.
func admit(t *testing.T, object metav1.Object, text string) []string {
	t.Helper()
	require.NoError(t, yaml.UnmarshalStrict([]byte(text), object), text)
	var lines []string
	for _, p := range admission.Admit(object) {
		mark := "-"
		switch {
		case p.Warning:
			mark = "~"
		case p.Since.Minor != 0:
			mark = p.Since.String()
		}
		lines = append(lines, fmt.Sprintf("%s %s: %s", mark, p.Path, p.Text))
	}
	return lines
}

const subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

const labelName = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

const labelValue = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

func TestNetworkPolicySpec(t *testing.T) {
	peers := func(s string) string { return "{podSelector: {}, ingress: [{from: [" + s + "]}]}" }
	ports := func(s string) string { return "{podSelector: {}, egress: [{ports: [" + s + "]}]}" }
	const peer, port = "spec.ingress[0].from[0]", "spec.egress[0].ports[0]"
	for _, tc := range []struct {
		spec string
		want []string
	}{
		{"{}", nil},
		{"{podSelector: {matchLabels: {}, matchExpressions: []}, ingress: [], egress: [{}]}", nil},

		{ports("{}"), nil},
		{ports("{protocol: SCTP}"), nil},
		{ports("{port: 1}, {port: 65535, endPort: 65535}"), nil},
		{ports("{port: 0}"), []string{"- " + port + ".port: Invalid value: 0: must be between 1 and 65535, inclusive"}},
		{ports("{port: -1}"), []string{"- " + port + ".port: Invalid value: -1: must be between 1 and 65535, inclusive"}},
		{ports("{port: 70000, endPort: 80000}"), []string{
			"- " + port + ".port: Invalid value: 70000: must be between 1 and 65535, inclusive",
			"- " + port + ".endPort: Invalid value: 80000: must be between 1 and 65535, inclusive",
		}},
		{ports("{endPort: 80}"), []string{"- " + port + ".endPort: Invalid value: 80: may not be specified when `port` is not specified"}},
		{ports("{port: web, endPort: 80}"), []string{"- " + port + ".endPort: Invalid value: 80: may not be specified when `port` is non-numeric"}},
		{ports("{port: 443, endPort: 442}"), []string{"- " + port + ".endPort: Invalid value: 442: must be greater than or equal to `port`"}},
		{ports(`{port: "8080"}`), []string{`- ` + port + `.port: Invalid value: "8080": must contain at least one letter (a-z)`}},
		{ports(`{port: Web}`), []string{`- ` + port + `.port: Invalid value: "Web": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)`}},
		{ports(`{port: web-}`), []string{`- ` + port + `.port: Invalid value: "web-": must not begin or end with a hyphen`}},
		{ports(`{protocol: ICMP, port: 8}`), []string{`- ` + port + `.protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"`}},
		{ports(`{protocol: "", port: 8}`), []string{`- ` + port + `.protocol: Unsupported value: "": supported values: "TCP", "UDP", "SCTP"`}},

		{peers("{}"), []string{"- " + peer + ": Required value: must specify a peer"}},
		{peers("{podSelector: null}"), []string{"- " + peer + ": Required value: must specify a peer"}},
		{peers("{podSelector: {}}, {namespaceSelector: {}}, {ipBlock: {cidr: 0.0.0.0/0}}"), nil},
		{peers("{namespaceSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}"), []string{"- " + peer + ": Forbidden: may not specify both ipBlock and another peer"}},
		{peers("{ipBlock: {}}"), []string{"- " + peer + ".ipBlock.cidr: Required value"}},
		{peers("{ipBlock: {except: [10.0.0.0/8]}}"), []string{"- " + peer + ".ipBlock.cidr: Required value"}},
		{peers(`{ipBlock: {cidr: "10.0.0.0"}}`), []string{`- ` + peer + `.ipBlock.cidr: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`}},
		{peers(`{ipBlock: {cidr: "10.0.0.0/33", except: [nonsense]}}`), []string{`- ` + peer + `.ipBlock.cidr: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`}},
		{peers(`{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}`), []string{"- " + peer + ".ipBlock.except[0]: Invalid value: \"10.0.0.0/8\": must be a strict subset of `cidr`"}},
		{peers(`{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16, 11.0.0.0/16, nonsense]}}`), []string{
			"- " + peer + ".ipBlock.except[1]: Invalid value: \"11.0.0.0/16\": must be a strict subset of `cidr`",
			"- " + peer + `.ipBlock.except[2]: Invalid value: "nonsense": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`,
		}},
		{peers(`{ipBlock: {cidr: "::/0", except: ["fd00::/8", 10.0.0.0/8]}}`), []string{"- " + peer + ".ipBlock.except[1]: Invalid value: \"10.0.0.0/8\": must be a strict subset of `cidr`"}},

		// What is not in one form only was accepted before 1.36.
		{peers(`{ipBlock: {cidr: 10.0.0.1/8}}`), []string{
			`1.36 ` + peer + `.ipBlock.cidr: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length`,
			`~ ` + peer + `.ipBlock.cidr: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)`,
		}},
		{peers(`{ipBlock: {cidr: 10.0.0.0/08}}`), []string{
			`1.36 ` + peer + `.ipBlock.cidr: Invalid value: "10.0.0.0/08": must not have leading 0s in IP or prefix length`,
			`~ ` + peer + `.ipBlock.cidr: non-standard CIDR value "10.0.0.0/08" is invalid: use "10.0.0.0/8"`,
		}},
		{peers(`{ipBlock: {cidr: "::ffff:10.0.0.0/104"}}`), []string{
			`1.36 ` + peer + `.ipBlock.cidr: Invalid value: "::ffff:10.0.0.0/104": must not have an IPv4-mapped IPv6 address`,
			`~ ` + peer + `.ipBlock.cidr: non-standard CIDR value "::ffff:10.0.0.0/104" is invalid: use "10.0.0.0/8"`,
		}},
		{peers(`{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.1/16]}}`), []string{
			`1.36 ` + peer + `.ipBlock.except[0]: Invalid value: "10.1.0.1/16": must not have bits set beyond the prefix length`,
			`~ ` + peer + `.ipBlock.except[0]: CIDR value "10.1.0.1/16" is ambiguous in this context (should be "10.1.0.0/16" or "10.1.0.1/32"?)`,
		}},
		{peers(`{ipBlock: {cidr: "FD00::/8"}}`), []string{`~ ` + peer + `.ipBlock.cidr: IPv6 CIDR value "FD00::/8" should be in RFC 5952 canonical format ("fd00::/8")`}},

		{"{podSelector: {matchExpressions: [{key: a, operator: In, values: [b]}, {key: a, operator: NotIn, values: [b, c]}, {key: c, operator: Exists}, {key: d, operator: DoesNotExist}]}}", nil},
		{"{podSelector: {matchExpressions: [{key: a, operator: NotIn}]}}", []string{"- spec.podSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"}},
		{"{podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}", []string{"- spec.podSelector.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"}},
		{"{podSelector: {matchExpressions: [{key: a, operator: in, values: [b]}]}}", []string{`- spec.podSelector.matchExpressions[0].operator: Invalid value: "in": not a valid selector operator`}},
		{"{podSelector: {matchExpressions: [{operator: Exists}]}}", []string{
			`- spec.podSelector.matchExpressions[0].key: Invalid value: "": name part must be non-empty`,
			`- spec.podSelector.matchExpressions[0].key: Invalid value: "": ` + labelName,
		}},
		{"{podSelector: {matchExpressions: [{key: a, operator: In, values: [ok, -no]}]}}", []string{`- spec.podSelector.matchExpressions[0].values[1]: Invalid value: "-no": ` + labelValue}},
		{peers("{podSelector: {matchLabels: {a b: c}}}"), []string{`- ` + peer + `.podSelector.matchLabels: Invalid value: "a b": ` + labelName}},
		{peers("{namespaceSelector: {matchLabels: {z: c c, a: c.}}}"), []string{
			`- ` + peer + `.namespaceSelector.matchLabels: Invalid value: "c c": ` + labelValue,
			`- ` + peer + `.namespaceSelector.matchLabels: Invalid value: "c.": ` + labelValue,
		}},

		{"{policyTypes: [Egress, Ingress]}", nil},
		{"{policyTypes: [Ingress, ingres]}", []string{`- spec.policyTypes[1]: Unsupported value: "ingres": supported values: "Ingress", "Egress"`}},
		{"{policyTypes: [Ingress, Egress, Egress]}", []string{`- spec.policyTypes: Invalid value: ["Ingress","Egress","Egress"]: may not specify more than two policyTypes`}},
		{"{ingress: [{}, {ports: [{port: 0}], from: [{}]}], egress: [{to: [{}]}]}", []string{
			"- spec.ingress[1].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
			"- spec.ingress[1].from[0]: Required value: must specify a peer",
			"- spec.egress[0].to[0]: Required value: must specify a peer",
		}},
	} {
		got := admit(t, &networkingv1.NetworkPolicy{}, "metadata: {name: p, namespace: ns}\nspec: "+tc.spec)
		assert.Equal(t, tc.want, got, tc.spec)
	}
}

func TestNetworkPolicyDefaults(t *testing.T) {
	for _, tc := range []struct{ spec, want string }{
		{"{}", `{"podSelector":{},"policyTypes":["Ingress"]}`},
		{"{egress: []}", `{"podSelector":{},"policyTypes":["Ingress"]}`},
		{"{egress: [{}]}", `{"podSelector":{},"egress":[{}],"policyTypes":["Ingress","Egress"]}`},
		{"{policyTypes: [Egress], ingress: [{}]}", `{"podSelector":{},"ingress":[{}],"policyTypes":["Egress"]}`},
		{"{ingress: [{from: [], ports: []}]}", `{"podSelector":{},"ingress":[{}],"policyTypes":["Ingress"]}`},
		{"{ingress: [{ports: [{}, {port: 5}, {protocol: UDP}, {protocol: null}]}]}", `{"podSelector":{},"ingress":[{"ports":[{"protocol":"TCP"},{"protocol":"TCP","port":5},{"protocol":"UDP"},{"protocol":"TCP"}]}],"policyTypes":["Ingress"]}`},
	} {
		var p networkingv1.NetworkPolicy
		require.Empty(t, admit(t, &p, "metadata: {name: p, namespace: ns}\nspec: "+tc.spec))
		got, err := json.Marshal(p.Spec)
		require.NoError(t, err)
		assert.JSONEq(t, tc.want, string(got), tc.spec)
	}
}

func TestMetadata(t *testing.T) {
	const owner = "apiVersion: v1, kind: Pod, name: p, uid: u"
	for _, tc := range []struct {
		meta string
		want []string
	}{
		{"{name: a.b-c.d, namespace: ns}", nil},
		{"{generateName: a-, namespace: ns}", nil},
		{"{generateName: a_, namespace: ns}", []string{
			`- metadata.generateName: Invalid value: "a_": ` + subdomain,
			`- metadata.name: Invalid value: "a_xxxxx": ` + subdomain,
		}},
		{"{name: A, namespace: ns}", []string{`- metadata.name: Invalid value: "A": ` + subdomain}},
		{"{namespace: ns}", []string{"- metadata.name: Required value: name or generateName is required"}},
		{"{name: a}", []string{"- metadata.namespace: Required value"}},
		{"{name: a, namespace: n.n}", []string{`- metadata.namespace: Invalid value: "n.n": must not contain dots`}},
		{"{name: a, namespace: ns, labels: {a/b: c, x.y/z: ''}}", nil},
		{"{name: a, namespace: ns, labels: {/b: c}}", []string{`- metadata.labels: Invalid value: "/b": prefix part must be non-empty`}},
		{"{name: a, namespace: ns, labels: {a: " + strings.Repeat("x", 64) + "}}", []string{`- metadata.labels: Invalid value: "` + strings.Repeat("x", 64) + `": must be no more than 63 bytes`}},
		{"{name: a, namespace: ns, annotations: {A/b: 'anything at all!'}}", nil},
		{"{name: a, namespace: ns, annotations: {'a b': c}}", []string{`- metadata.annotations: Invalid value: "a b": ` + labelName}},
		{"{name: a, namespace: ns, annotations: {a: " + strings.Repeat("x", 1<<18) + "}}", []string{"- metadata.annotations: Too long: may not be more than 262144 bytes"}},
		{"{name: a, namespace: ns, finalizers: [x/y]}", nil},
		{"{name: a, namespace: ns, finalizers: ['x y']}", []string{`- metadata.finalizers: Invalid value: "x y": ` + labelName}},
		{"{name: a, namespace: ns, finalizers: [orphan, foregroundDeletion]}", []string{
			`- metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set`,
		}},
		{"{name: a, namespace: ns, ownerReferences: [{" + owner + "}]}", nil},
		{"{name: a, namespace: ns, ownerReferences: [{kind: Pod, name: p, uid: u, apiVersion: a/b/c}]}", []string{`- metadata.ownerReferences[0].apiVersion: Invalid value: "a/b/c": must be <group>/<version> or <version>`}},
		{"{name: a, namespace: ns, ownerReferences: [{apiVersion: v1}]}", []string{
			"- metadata.ownerReferences[0].kind: Required value: must not be empty",
			"- metadata.ownerReferences[0].name: Required value: must not be empty",
			"- metadata.ownerReferences[0].uid: Required value: must not be empty",
		}},
		{"{name: a, namespace: ns, generation: -5, resourceVersion: x, uid: v}", nil}, // the server's own to set
	} {
		assert.Equal(t, tc.want, admit(t, &networkingv1.NetworkPolicy{}, "metadata: "+tc.meta), "%.200s", tc.meta)
	}
	two := admit(t, &networkingv1.NetworkPolicy{}, "metadata: {name: a, namespace: ns, ownerReferences: [{"+owner+", controller: true}, {"+owner+", controller: true}]}")
	require.Len(t, two, 1)
	assert.Contains(t, two[0], `Only one reference can have Controller set to true. Found "true" in references for Pod/p and Pod/p`)
	event := admit(t, &networkingv1.NetworkPolicy{}, "metadata: {name: a, namespace: ns, ownerReferences: [{apiVersion: v1, kind: Event, name: e, uid: u}]}")
	require.Len(t, event, 1)
	assert.Contains(t, event[0], "is disallowed from being an owner")
}

func TestRoles(t *testing.T) {
	const rule = "{apiGroups: [''], resources: [pods], verbs: [get]}"
	for _, tc := range []struct {
		cluster bool
		fields  string
		want    []string
	}{
		{false, "rules: [" + rule + "]", nil},
		{false, "{}", nil},
		{false, "rules: []", nil},
		{false, "rules: [{apiGroups: ['*'], resources: ['*/scale'], resourceNames: [''], verbs: ['*', x]}]", nil},
		{false, "rules: [" + rule + ", {apiGroups: [''], resources: [pods]}]", []string{"- rules[1].verbs: Required value"}},
		{false, "rules: [{verbs: [get]}]", []string{
			"- rules[0].apiGroups: Required value: resource rules must supply at least one api group",
			"- rules[0].resources: Required value: resource rules must supply at least one resource",
		}},
		{false, "rules: [{}]", []string{
			"- rules[0].apiGroups: Required value: resource rules must supply at least one api group",
			"- rules[0].resources: Required value: resource rules must supply at least one resource",
			"- rules[0].verbs: Required value",
		}},
		{false, "rules: [{nonResourceURLs: [/a], resources: [b], verbs: [get]}]", []string{
			`- rules[0].nonResourceURLs: Invalid value: ["/a"]: namespaced rules cannot apply to non-resource URLs`,
			`- rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs`,
		}},
		{true, "rules: [{nonResourceURLs: [/a, '*', b], verbs: [get]}]", nil},
		{true, "rules: [{nonResourceURLs: [/a], resourceNames: [b], verbs: [get]}]", []string{
			`- rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs`,
		}},
		{true, "rules: [{nonResourceURLs: [/a]}]", []string{"- rules[0].verbs: Required value"}},
		{true, "aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}", nil},
		{true, "aggregationRule: {clusterRoleSelectors: []}", []string{"- aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil"}},
		{true, "aggregationRule: {clusterRoleSelectors: [{}, {matchExpressions: [{key: a, operator: Is, values: [b]}]}]}", []string{
			`- aggregationRule.clusterRoleSelectors[1].matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator`,
			"- aggregationRule.clusterRoleSelectors[1]: Invalid value: null: invalid label selector.",
		}},
	} {
		var got []string
		if fields := strings.TrimPrefix(tc.fields, "{}"); tc.cluster {
			got = admit(t, &rbacv1.ClusterRole{}, "metadata: {name: r}\n"+fields)
		} else {
			got = admit(t, &rbacv1.Role{}, "metadata: {name: r, namespace: ns}\n"+fields)
		}
		assert.Equal(t, tc.want, got, tc.fields)
	}
}

// Names of roles and bindings need only be fit for a URL.
func TestRBACNames(t *testing.T) {
	for name, want := range map[string][]string{
		"System:Role X":          nil,
		"rôle":                   nil,
		strings.Repeat("a", 300): nil,
		"..":                     {`- metadata.name: Invalid value: "..": may not be '..'`},
		".":                      {`- metadata.name: Invalid value: ".": may not be '.'`},
		"a/b%c":                  {`- metadata.name: Invalid value: "a/b%c": may not contain '/'`, `- metadata.name: Invalid value: "a/b%c": may not contain '%'`},
	} {
		meta := fmt.Sprintf("metadata: {name: %q, namespace: ns}\n", name)
		clusterMeta := fmt.Sprintf("metadata: {name: %q}\n", name)
		const ref = "roleRef: {kind: ClusterRole, name: x}"
		assert.Equal(t, want, admit(t, &rbacv1.Role{}, meta), name)
		assert.Equal(t, want, admit(t, &rbacv1.ClusterRole{}, clusterMeta), name)
		assert.Equal(t, want, admit(t, &rbacv1.RoleBinding{}, meta+ref), name)
		assert.Equal(t, want, admit(t, &rbacv1.ClusterRoleBinding{}, clusterMeta+ref), name)
	}
}

func TestBindings(t *testing.T) {
	const group = "rbac.authorization.k8s.io"
	subjects := func(s string) string {
		return "{roleRef: {kind: ClusterRole, name: view}, subjects: [" + s + "]}"
	}
	for _, tc := range []struct {
		fields string
		want   []string // of both kinds of binding, unless only one is meant
		role   []string
		crb    []string
	}{
		{fields: "{roleRef: {kind: ClusterRole, name: view}}"},
		{fields: "{roleRef: {kind: ClusterRole, name: 'System:A B'}, subjects: []}"},
		{fields: "{roleRef: {kind: Role, name: view}}", crb: []string{`- roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"`}},
		{
			fields: "{roleRef: {kind: clusterrole, name: view}}",
			role:   []string{`- roleRef.kind: Unsupported value: "clusterrole": supported values: "Role", "ClusterRole"`},
			crb:    []string{`- roleRef.kind: Unsupported value: "clusterrole": supported values: "ClusterRole"`},
		},
		{
			fields: "{}",
			role:   []string{`- roleRef.kind: Unsupported value: "": supported values: "Role", "ClusterRole"`, "- roleRef.name: Required value"},
			crb:    []string{`- roleRef.kind: Unsupported value: "": supported values: "ClusterRole"`, "- roleRef.name: Required value"},
		},
		{fields: "{roleRef: {apiGroup: rbac, kind: ClusterRole, name: a%b}}", want: []string{
			`- roleRef.apiGroup: Unsupported value: "rbac": supported values: "` + group + `"`,
			`- roleRef.name: Invalid value: "a%b": may not contain '%'`,
		}},
		{fields: subjects("{kind: User, name: '*'}, {kind: Group, name: 'system:x', apiGroup: " + group + "}, {kind: ServiceAccount, name: a.b, namespace: 'No Name'}")},
		{fields: subjects("{kind: User, name: a, apiGroup: v1}"), want: []string{`- subjects[0].apiGroup: Unsupported value: "v1": supported values: "` + group + `"`}},
		{fields: subjects("{kind: ServiceAccount, name: a, namespace: ns, apiGroup: v1}"), want: []string{`- subjects[0].apiGroup: Unsupported value: "v1": supported values: ""`}},
		{fields: subjects("{kind: ServiceAccount, name: a}"), crb: []string{"- subjects[0].namespace: Required value"}},
		{fields: subjects("{kind: ServiceAccount, name: A, namespace: ns}"), want: []string{`- subjects[0].name: Invalid value: "A": ` + subdomain}},
		{fields: subjects("{kind: User, name: a}, {kind: User}"), want: []string{"- subjects[1].name: Required value"}},
		{fields: subjects("{kind: serviceaccount, name: a}"), want: []string{`- subjects[0].kind: Unsupported value: "serviceaccount": supported values: "ServiceAccount", "User", "Group"`}},
		{fields: subjects("{}"), want: []string{
			`- subjects[0].kind: Unsupported value: "": supported values: "ServiceAccount", "User", "Group"`,
			"- subjects[0].name: Required value",
		}},
	} {
		if tc.want != nil {
			tc.role, tc.crb = tc.want, tc.want
		}
		fields := strings.TrimSuffix(strings.TrimPrefix(tc.fields, "{"), "}")
		if fields != "" {
			fields = ", " + fields
		}
		assert.Equal(t, tc.role, admit(t, &rbacv1.RoleBinding{}, "{metadata: {name: b, namespace: ns}"+fields+"}"), tc.fields)
		assert.Equal(t, tc.crb, admit(t, &rbacv1.ClusterRoleBinding{}, "{metadata: {name: b}"+fields+"}"), tc.fields)
	}

	var b rbacv1.RoleBinding
	admit(t, &b, "{metadata: {name: b, namespace: ns}, roleRef: {kind: Role, name: r}, subjects: [{kind: User, name: u}, {kind: Group, name: g}, {kind: ServiceAccount, name: s}, {kind: Other, name: o}]}")
	assert.Equal(t, rbacv1.RoleRef{APIGroup: group, Kind: "Role", Name: "r"}, b.RoleRef)
	assert.Equal(t, []rbacv1.Subject{
		{Kind: "User", Name: "u", APIGroup: group}, {Kind: "Group", Name: "g", APIGroup: group}, {Kind: "ServiceAccount", Name: "s"}, {Kind: "Other", Name: "o"},
	}, b.Subjects)
}

func TestNamespaces(t *testing.T) {
	for _, tc := range []struct {
		text string
		want []string
	}{
		{"metadata: {name: a-1}", nil},
		{"metadata: {generateName: a-}", nil},
		{"metadata: {name: a.b}", []string{`- metadata.name: Invalid value: "a.b": must not contain dots`}},
		{"metadata: {name: ns, labels: {pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/warn-version: v1.30}}", nil},
		{"metadata: {name: ns, labels: {pod-security.kubernetes.io/enforce: strict, pod-security.kubernetes.io/audit-version: '1.30'}}", []string{
			`- metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted`,
			`- metadata.labels[pod-security.kubernetes.io/audit-version]: Invalid value: "1.30": must be "latest" or "v1.x"`,
		}},
		{"{metadata: {name: ns}, spec: {finalizers: [kubernetes, a.b/c]}}", nil},
		{"{metadata: {name: ns}, spec: {finalizers: [mine]}}", []string{`- spec.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified`}},
	} {
		assert.Equal(t, tc.want, admit(t, &corev1.Namespace{}, tc.text), tc.text)
	}
	var ns corev1.Namespace
	admit(t, &ns, "metadata: {name: ns, labels: {kubernetes.io/metadata.name: 'not valid', a: b}}")
	assert.Equal(t, map[string]string{"kubernetes.io/metadata.name": "ns", "a": "b"}, ns.Labels)
}

// Other kinds get defaults that somebody reads and no checks.
func TestDefaultsOfOtherKinds(t *testing.T) {
	var pod corev1.Pod
	assert.Empty(t, admit(t, &pod, `
metadata: {name: "Any Name"}
spec:
  initContainers: [{ports: [{containerPort: 1}]}]
  containers: [{ports: [{containerPort: 2, protocol: UDP}, {containerPort: 3}]}]
status: {podIPs: [{ip: 10.0.0.1}, {ip: "fd00::1"}]}`))
	assert.Equal(t, corev1.ProtocolTCP, pod.Spec.InitContainers[0].Ports[0].Protocol)
	assert.Equal(t, corev1.ProtocolUDP, pod.Spec.Containers[0].Ports[0].Protocol)
	assert.Equal(t, corev1.ProtocolTCP, pod.Spec.Containers[0].Ports[1].Protocol)
	assert.Equal(t, corev1.RestartPolicyAlways, pod.Spec.RestartPolicy)
	assert.Equal(t, "10.0.0.1", pod.Status.PodIP)

	pod = corev1.Pod{}
	admit(t, &pod, "status: {podIP: 10.0.0.2, podIPs: [{ip: 10.0.0.1}]}")
	assert.Equal(t, []corev1.PodIP{{IP: "10.0.0.2"}}, pod.Status.PodIPs)

	var svc corev1.Service
	admit(t, &svc, "spec: {clusterIP: 10.0.0.1, ports: [{port: 80}, {port: 81, protocol: UDP, targetPort: dns}]}")
	assert.Equal(t, corev1.ServiceTypeClusterIP, svc.Spec.Type)
	assert.Equal(t, []string{"10.0.0.1"}, svc.Spec.ClusterIPs)
	assert.Equal(t, "80", svc.Spec.Ports[0].TargetPort.String())
	assert.Equal(t, corev1.ProtocolTCP, svc.Spec.Ports[0].Protocol)
	assert.Equal(t, "dns", svc.Spec.Ports[1].TargetPort.String())

	var slice discoveryv1.EndpointSlice
	admit(t, &slice, "ports: [{port: 80}]")
	assert.Equal(t, "", *slice.Ports[0].Name)
	assert.Equal(t, corev1.ProtocolTCP, *slice.Ports[0].Protocol)

	var rc corev1.ReplicationController
	admit(t, &rc, "spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{ports: [{containerPort: 1}]}]}}}")
	assert.Equal(t, map[string]string{"a": "b"}, rc.Spec.Selector)
	assert.EqualValues(t, 1, *rc.Spec.Replicas)
	assert.Equal(t, corev1.ProtocolTCP, rc.Spec.Template.Spec.Containers[0].Ports[0].Protocol)
}
