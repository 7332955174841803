package manifest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
)

// read loads one text under the file name f.
func read(text string) (*model.Cluster, error) {
	return manifest.Loader{}.Read("f", strings.NewReader(text))
}

// errorLines returns the defects as they are printed.
func errorLines(err error) (lines []string) {
	for e := range manifest.Errors(err) {
		lines = append(lines, e.Error())
	}
	return lines
}

// findingLines returns what loading noticed as it is printed, rule first and
// notes marked.
func findingLines(c *model.Cluster) (lines []string) {
	for f := range c.Findings() {
		rule := f.Rule
		if f.Note {
			rule = "note " + rule
		}
		lines = append(lines, rule+" "+f.String())
	}
	return lines
}

const policyHead = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\n"

func TestErrors(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       []string
	}{
		{"unknown fields of a policy, everywhere and in order", `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: p
  label: {a: b}
spec:
  podselector: {}
  policytypes: [Egress]
  ingress:
  - From: []
    ports:
    - {port: 80, endport: 90}
  zzzzzzzz: 1
Spec: {}
`, []string{
			`f:6:3: metadata.label: unknown field (did you mean "labels"?)`,
			`f:8:3: spec.podselector: unknown field (did you mean "podSelector"?)`,
			`f:9:3: spec.policytypes: unknown field (did you mean "policyTypes"?)`,
			`f:11:5: spec.ingress[0].From: unknown field (did you mean "from"?)`,
			`f:13:18: spec.ingress[0].ports[0].endport: unknown field (did you mean "endPort"?)`,
			`f:14:3: spec.zzzzzzzz: unknown field`,
			`f:15:1: Spec: unknown field (did you mean "spec"?)`,
		}},
		{"fields one level off", policyHead + `
podSelector: {}
spec:
  matchLabels: {a: b}
  ingress:
  - podSelector: {}
    policyTypes: [Ingress]
    ipBlock: {cidr: 10.0.0.0/8}
`, []string{
			`f:5:1: podSelector: unknown field (it belongs into spec)`,
			`f:7:3: spec.matchLabels: unknown field (it belongs into spec.podSelector)`,
			`f:9:5: spec.ingress[0].podSelector: unknown field (it belongs into spec.ingress[0].from)`,
			`f:10:5: spec.ingress[0].policyTypes: unknown field (it belongs into spec)`,
			`f:11:5: spec.ingress[0].ipBlock: unknown field (it belongs into spec.ingress[0].from)`,
		}},
		{"from and to mixed up", policyHead + "spec:\n  ingress: [{to: []}]\n  egress: [{from: []}]\n", []string{
			`f:5:14: spec.ingress[0].to: unknown field (an ingress rule names its peers in "from")`,
			`f:6:13: spec.egress[0].from: unknown field (an egress rule names its peers in "to")`,
		}},
		{"YAML 1.1 scalars", policyHead + `
spec:
  podSelector:
    matchLabels:
      a: on
      b: 1.10
      c: 0x10
      d: 8080
      e: {}
      on: "key"
      x/y: yes
  ingress:
  - ports:
    - port: 080
    - port: 0120
`, []string{
			`f:8:10: spec.podSelector.matchLabels.a: want a string, got the boolean true (YAML reads on as true: write "on")`,
			`f:9:10: spec.podSelector.matchLabels.b: want a string, got the number 1.1 (YAML reads 1.10 as 1.1: write "1.10")`,
			`f:10:10: spec.podSelector.matchLabels.c: want a string, got the number 16 (YAML reads 0x10 as 16: write "0x10")`,
			`f:11:10: spec.podSelector.matchLabels.d: want a string, got the number 8080 (write "8080")`,
			`f:12:10: spec.podSelector.matchLabels.e: want a string, got an object`,
			`f:14:12: spec.podSelector.matchLabels[x/y]: want a string, got the boolean true (YAML reads yes as true: write "yes")`,
		}},
		{"other types", policyHead + `
spec:
  ingress:
    from: {podSelector: {}}
  egress:
  - ports: {port: 80}
  - to: [podSelector]
  - ports:
    - port: [80]
    - port: 80.5
    - {port: 1, endPort: "90"}
    - {port: 1, endPort: 99999999999}
    - null
`, []string{
			`f:7:5: spec.ingress: want a list, got an object`,
			`f:9:12: spec.egress[0].ports: want a list, got an object`,
			`f:10:10: spec.egress[1].to[0]: want an object, got the string "podSelector"`,
			`f:12:13: spec.egress[2].ports[0].port: want an integer or a string, got a list`,
			`f:13:13: spec.egress[2].ports[1].port: want an integer or a string, got the number 80.5`,
			`f:14:26: spec.egress[2].ports[2].endPort: want an integer of 32 bits, got the string "90" (write 90 without quotes)`,
			`f:15:26: spec.egress[2].ports[3].endPort: want an integer of 32 bits, got the number 99999999999`,
		}},
		{"validation, in line order", `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: p
  labels:
    ok: "yes"
    no: "-"
spec:
  podSelector:
    matchLabels:
      fine: x
      "not fine": x
  ingress:
  - from:
    - podSelector: {}
    - {}
    - ipBlock:
        cidr: 10.0.0.0/8
        except:
        - 10.0.0.0/16
        - 11.0.0.0/16
  - ports:
    - endPort: 5
`, []string{
			`f:7:9: metadata.labels: Invalid value: "-": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
			`f:12:19: spec.podSelector.matchLabels: Invalid value: "not fine": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
			`f:16:7: spec.ingress[0].from[1]: Required value: must specify a peer`,
			"f:21:11: spec.ingress[0].from[2].ipBlock.except[1]: Invalid value: \"11.0.0.0/16\": must be a strict subset of `cidr`",
			"f:23:16: spec.ingress[1].ports[0].endPort: Invalid value: 5: may not be specified when `port` is not specified",
		}},
		{"duplicate keys", policyHead + "spec:\n  podSelector: {}\n  ingress: []\n  podSelector:\n    matchLabels: {a: b, a: c}\n", []string{
			`f:7:3: spec.podSelector: written twice, first in line 5`,
			`f:8:25: spec.podSelector.matchLabels.a: written twice, first in line 8`,
		}},
		{"duplicate keys in JSON", `{"apiVersion": "v1", "kind": "ServiceAccount",
  "metadata": {"name": "a",
    "name": "b"}}`, []string{`f:3:5: metadata.name: written twice, first in line 2`}},
		{"versions that are no longer served", `
{apiVersion: networking.k8s.io/v1beta1, kind: NetworkPolicy, metadata: {name: a}}
---
{apiVersion: extensions/v1beta1, kind: NetworkPolicy, metadata: {name: a}}
---
{apiVersion: rbac.authorization.k8s.io/v1beta1, kind: RoleBinding, metadata: {name: a}}
---
{apiVersion: batch/v1beta1, kind: CronJob, metadata: {name: a}}
---
{apiVersion: apps/v1beta2, kind: Deployment, metadata: {name: a}}
`, []string{
			`f:2:14: networking.k8s.io/v1beta1 is not served any more (use networking.k8s.io/v1)`,
			`f:4:14: no kind NetworkPolicy in extensions/v1beta1 (use networking.k8s.io/v1)`,
			`f:6:14: rbac.authorization.k8s.io/v1beta1 is not served any more (use rbac.authorization.k8s.io/v1)`,
			`f:8:14: batch/v1beta1 is not served any more (use batch/v1)`,
			`f:10:14: apps/v1beta2 is not served any more (use apps/v1)`,
		}},
		{"kinds that do not exist", `
{apiVersion: networking.k8s.io/v1, kind: Networkpolicy, metadata: {name: a}}
---
{apiVersion: network.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}}
---
{apiVersion: networking.k8s.io, kind: NetworkPolicy, metadata: {name: a}}
---
{apiVersion: v1, kind: Deployment, metadata: {name: a}}
---
{apiVersion: Apps/v1, kind: Deployment, metadata: {name: a}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRol, metadata: {name: a}}
---
{apiVersion: v1, kind: Configmap, metadata: {name: a}}
---
{apiVersion: v1, kind: Wombat, metadata: {name: a}}
`, []string{
			`f:2:42: no kind Networkpolicy in networking.k8s.io/v1 (did you mean "NetworkPolicy"?)`,
			`f:4:14: no kind NetworkPolicy in network.k8s.io/v1 (did you mean "networking.k8s.io/v1"?)`,
			`f:6:14: no kind NetworkPolicy in networking.k8s.io (use networking.k8s.io/v1)`,
			`f:8:14: no kind Deployment in v1 (use apps/v1)`,
			`f:10:14: no kind Deployment in Apps/v1 (did you mean "apps/v1"?)`,
			`f:12:50: no kind ClusterRol in rbac.authorization.k8s.io/v1 (did you mean "ClusterRole"?)`,
			`f:14:24: no kind Configmap in v1 (did you mean "ConfigMap"?)`,
			`f:16:24: no kind Wombat in v1`,
		}},
		{"objects that do not say what they are", `
apiversion: v1
kind: Pod
metadata: {name: a}
---
apiVersion: v1
Kind: Pod
metadata: {name: a}
---
metadata: {name: a}
---
apiVersion: [v1]
kind: 5
---
apiVersion:
kind: ""
`, []string{
			`f:2:1: apiVersion: missing: every Kubernetes object says its apiVersion and kind (write "apiVersion" for "apiversion")`,
			`f:6:1: kind: missing: every Kubernetes object says its apiVersion and kind (write "kind" for "Kind")`,
			`f:10:1: apiVersion: missing: every Kubernetes object says its apiVersion and kind`,
			`f:10:1: kind: missing: every Kubernetes object says its apiVersion and kind`,
			`f:12:13: apiVersion: want a string, got a list`,
			`f:13:7: kind: want a string, got a number`,
			`f:15:1: apiVersion: missing: every Kubernetes object says its apiVersion and kind`,
			`f:15:1: kind: missing: every Kubernetes object says its apiVersion and kind`,
		}},
		{"no objects at all", "just text\n---\n- 5\n- {apiVersion: v1, kind: Pod}\n", []string{
			"f:1:1: want a Kubernetes object, got a string",
			"f:3:3: want a Kubernetes object, got a number",
			"f:4:3: metadata.name: Required value: name or generateName is required",
		}},
		{"broken documents hide no others", `a: [1
---
{apiVersion: v1, kind: Pod, metadata: {nam: a}}
---
a: b: c
---
x: *nothing
---
key: "unfinished
---
apiVersion: v1
kind: Pod
metadata:
  name: a
   labels: {}
`, []string{
			"f:1:4: invalid YAML: while parsing a flow sequence: did not find expected ',' or ']'",
			"f:3:40: metadata.nam: unknown field (did you mean \"name\"?)",
			"f:5:5: invalid YAML: mapping values are not allowed in this context",
			"f:7:4: invalid YAML: no anchor of this alias's name comes before it",
			"f:9:6: invalid YAML: while scanning a quoted scalar: found unexpected end of stream",
			"f:15:10: invalid YAML: mapping values are not allowed in this context",
		}},
		{"broken JSON hides no other", `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a}}
{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "b", "nam": 1}}
{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": nul"}}
{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "c"}
{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "d", "nam": 1}}
{"apiVersion": "v1",
`, []string{
			`f:1:58: invalid JSON: the string that begins here does not end on its line`,
			`f:2:63: metadata.nam: unknown field (did you mean "name"?)`,
			`f:3:61: invalid JSON: the string that begins here does not end on its line`,
			`f:5:1: invalid JSON: want a comma or the end of what is open`,
			`f:5:63: metadata.nam: unknown field (did you mean "name"?)`,
			`f:6:1: invalid JSON: what begins here does not end`,
		}},
		{"templates", "{{- if .Values.x }}\nkind: Pod\n{{- end }}\n", []string{
			`f:1:3: invalid YAML: while parsing a flow node: did not find expected node content (if this is a template, render it first, say with "helm template")`,
		}},
		{"kubectl reads flow style in its own way", policyHead + "spec: {podSelector: {matchLabels: {app:}}}\n", []string{
			`f:4:36: kubectl reads this YAML in another way: put a space behind each colon and comma, and quotes around text`,
		}},
		{"text behind the end of a document", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n...\nkind: Pod\n", []string{
			`f:5:1: kubectl ignores what follows "...": begin a document with "---"`,
		}},
		{"addresses", `
apiVersion: v1
kind: Pod
metadata: {name: a}
status: {podIP: 10.0.0.300, hostIP: x}
---
apiVersion: v1
kind: Service
metadata: {name: a}
spec: {clusterIPs: [None, 1.2.3], externalIPs: [10.0.0.0/8]}
---
apiVersion: v1
kind: Node
metadata: {name: a}
spec: {podCIDR: 10.0.0.1}
status: {addresses: [{type: Hostname, address: any}, {type: InternalIP, address: any}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: a}
addressType: IPv4
endpoints: [{addresses: [10.0.0.1]}, {addresses: [name]}]
`, []string{
			`f:5:17: status.podIP: want an IP address, got "10.0.0.300"`,
			`f:5:37: status.hostIP: want an IP address, got "x"`,
			`f:10:27: spec.clusterIPs[1]: want an IP address, got "1.2.3"`,
			`f:10:49: spec.externalIPs[0]: want an IP address, got "10.0.0.0/8"`,
			`f:15:17: spec.podCIDR: want a CIDR, got "10.0.0.1"`,
			`f:16:82: status.addresses[1].address: want an IP address, got "any"`,
			`f:22:51: endpoints[1].addresses[0]: want an IP address, got "name"`,
		}},
		{"lists", `apiVersion: v1
kind: List
item: []
items:
- {apiVersion: v1, kind: Pod, metadata: {name: a, nam: b}}
- null
- 5
metadat: {}
---
apiVersion: v1
kind: List
items: {}
---
apiVersion: v1
kind: PodList
itms: []
---
apiVersion: v1
kind: WombatList
items: []
`, []string{
			`f:3:1: item: unknown field (did you mean "items"?)`,
			`f:5:51: metadata.nam: unknown field (did you mean "name"?)`,
			`f:6:3: want a Kubernetes object, got null`,
			`f:7:3: want a Kubernetes object, got a number`,
			`f:8:1: metadat: unknown field (did you mean "metadata"?)`,
			`f:12:8: items: want a list, got an object`,
			`f:16:1: itms: unknown field (did you mean "items"?)`,
		}},
		{"different objects of one name", "{apiVersion: v1, kind: ServiceAccount, metadata: {name: a}}\n---\n{apiVersion: v1, kind: ServiceAccount, metadata: {name: a, namespace: default, labels: {x: z}}}\n", []string{
			`f:3:2: two different objects are ServiceAccount default/a, also at f:1:2 (if one is a patch or an overlay, load what is rendered instead)`,
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := read(tc.text)
			assert.Nil(t, c)
			assert.Equal(t, tc.want, errorLines(err))
		})
	}
}

// Errors yields every defect however deep the error is wrapped, and an error
// prints one line per defect.
func TestErrorsIterates(t *testing.T) {
	_, err := read("kind: Pod\n---\napiVersion: v1\n")
	require.Error(t, err)
	assert.Len(t, errorLines(err), 2)
	assert.Equal(t, strings.Join(errorLines(err), "\n"), err.Error())
	assert.Empty(t, errorLines(nil))
	for range manifest.Errors(err) {
		break
	}
}
