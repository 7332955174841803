package manifest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	sigsyaml "sigs.k8s.io/yaml"

	"github.com/aksim/aksim/pkg/model/manifest"
)

// benchObjects returns as many pods, as a server prints them, and as many
// policies, as people write them.
func benchObjects(n int) (objects []string) {
	for i := range n {
		objects = append(objects, fmt.Sprintf(`apiVersion: v1
kind: Pod
metadata:
  labels:
    app: app-%[1]d
    pod-template-hash: 7d9c8b6f5
    tier: backend
  name: app-%[1]d-7d9c8b6f5-abcde
  namespace: ns-%[2]d
  resourceVersion: "%[1]d"
  uid: 6b1f0d1e-0000-4000-8000-%012[1]d
spec:
  containers:
  - env:
    - name: MODE
      value: "on"
    image: registry.example/app:1.2.3
    name: main
    ports:
    - containerPort: 8080
      name: http
      protocol: TCP
    resources:
      requests:
        cpu: 100m
        memory: 128Mi
  nodeName: aks-nodepool1-12345678-vmss000000
  serviceAccountName: default
status:
  phase: Running
  podIP: 10.%[3]d.%[4]d.%[5]d
  podIPs:
  - ip: 10.%[3]d.%[4]d.%[5]d
`, i, i/50, i>>16, i>>8&255, i&255), fmt.Sprintf(`apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: app-%[1]d
  namespace: ns-%[2]d
spec:
  podSelector:
    matchLabels:
      app: app-%[1]d
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - podSelector:
            matchLabels: {app: app-%[3]d}
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: ingress
      ports:
        - port: http
  egress:
    - to:
        - ipBlock:
            cidr: 10.0.0.0/8
            except: [10.%[4]d.0.0/16]
      ports:
        - {protocol: UDP, port: 53}
`, i, i/50, i/2, i&255))
	}
	return objects
}

// BenchmarkLoad reads 10,000 pods and 10,000 policies.
func BenchmarkLoad(b *testing.B) {
	const n = 10_000
	objects := benchObjects(n)
	var items []json.RawMessage
	for _, o := range objects {
		item, err := sigsyaml.YAMLToJSON([]byte(o))
		if err != nil {
			b.Fatal(err)
		}
		items = append(items, item)
	}
	jsonList, err := json.MarshalIndent(map[string]any{"apiVersion": "v1", "kind": "List", "items": items}, "", "    ")
	if err != nil {
		b.Fatal(err)
	}
	var yamlList strings.Builder
	yamlList.WriteString("apiVersion: v1\nitems:\n")
	for _, o := range objects {
		yamlList.WriteString("- " + strings.TrimSuffix(strings.ReplaceAll(o, "\n", "\n  "), "  "))
	}
	yamlList.WriteString("kind: List\nmetadata:\n  resourceVersion: \"\"\n")
	for _, input := range []struct{ name, text string }{
		{"yaml documents", strings.Join(objects, "---\n")},
		{"yaml list", yamlList.String()},
		{"json list", string(jsonList)},
		{"json lines", string(bytes.Join(func() (lines [][]byte) {
			for _, item := range items {
				lines = append(lines, item)
			}
			return lines
		}(), []byte("\n")))},
	} {
		b.Run(input.name, func(b *testing.B) {
			b.SetBytes(int64(len(input.text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := (manifest.Loader{}).Read("bench", strings.NewReader(input.text)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
