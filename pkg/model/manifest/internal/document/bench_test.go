package document

import (
	"fmt"
	"strings"
	"testing"
)

func podYAML(i int) string {
	return fmt.Sprintf(`apiVersion: v1
kind: Pod
metadata:
  name: app-%[1]d-7d9c8b6f5-abcde
  namespace: ns-%[2]d
  labels:
    app: app-%[1]d
    pod-template-hash: 7d9c8b6f5
    tier: backend
  resourceVersion: "%[1]d"
  uid: 6b1f0d1e-0000-4000-8000-%012[1]d
spec:
  containers:
  - image: registry.example/app:1.2.3
    name: main
    ports:
    - containerPort: 8080
      name: http
      protocol: TCP
    env:
    - name: MODE
      value: "on"
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
`, i, i/50, i>>16, i>>8&255, i&255)
}

func BenchmarkDocuments(b *testing.B) {
	var docs []string
	for i := range 1000 {
		docs = append(docs, podYAML(i))
	}
	text := []byte(strings.Join(docs, "---\n"))
	parts := Split(text, Limits{})
	for name, read := range map[string]func(*Part) ([]*Document, error){
		"plain": (*Part).Documents,
		"any":   (*Part).AsYAML,
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				for _, p := range parts {
					if docs, err := read(p); err != nil || len(docs) != 1 {
						b.Fatal(err)
					}
				}
			}
		})
	}
	b.Run("split", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			Split(text, Limits{})
		}
	})
}
