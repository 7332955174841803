package randcluster

import (
	"bytes"
	"net/netip"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

// Cluster is a random cluster, as its author would write it: nothing is
// defaulted.
type Cluster struct {
	Namespaces  []*corev1.Namespace
	Nodes       []*corev1.Node
	Pods        []*corev1.Pod
	Deployments []*appsv1.Deployment
	Services    []*corev1.Service
	Policies    []*networkingv1.NetworkPolicy
	Foreign     []map[string]any // policies of other APIs
	PodCIDRs    []netip.Prefix   // what the command line would say
}

// YAML returns the cluster's manifests.
func (c *Cluster) YAML() []byte {
	var b bytes.Buffer
	for _, o := range c.objects() {
		b.WriteString("---\n")
		text, err := yaml.Marshal(o)
		if err != nil {
			panic(err) // our own objects
		}
		b.Write(text)
	}
	return b.Bytes()
}

func (c *Cluster) objects() []any {
	var all []any
	for _, o := range c.Namespaces {
		all = append(all, o)
	}
	for _, o := range c.Nodes {
		all = append(all, o)
	}
	for _, o := range c.Pods {
		all = append(all, o)
	}
	for _, o := range c.Deployments {
		all = append(all, o)
	}
	for _, o := range c.Services {
		all = append(all, o)
	}
	for _, p := range c.Policies {
		if p.UID == "" {
			all = append(all, p)
		} else {
			all = append(all, withGap(p))
		}
	}
	for _, o := range c.Foreign {
		all = append(all, o)
	}
	return all
}

// withGap returns a policy as a server of the future would hand it out: in its
// first ingress rule or, where there is none, in its spec stands a field that
// nobody knows yet.
func withGap(p *networkingv1.NetworkPolicy) map[string]any {
	object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(p)
	if err != nil {
		panic(err) // our own objects
	}
	at := object["spec"].(map[string]any)
	if rules, ok := at["ingress"].([]any); ok && len(rules) > 0 {
		at = rules[0].(map[string]any)
	}
	at["future"] = "yes"
	return object
}
