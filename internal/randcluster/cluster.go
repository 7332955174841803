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
		all = append(all, written(p))
	}
	for _, o := range c.Foreign {
		all = append(all, o)
	}
	return all
}

// written returns a policy as its author may write it: with the empty lists that
// the Go types leave out. A policy of a server has a field of the future, in its
// first ingress rule or, where there is none, in its spec.
func written(p *networkingv1.NetworkPolicy) map[string]any {
	object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(p)
	if err != nil {
		panic(err) // our own objects
	}
	spec := object["spec"].(map[string]any)
	keepEmpty(spec, "policyTypes", p.Spec.PolicyTypes)
	keepEmpty(spec, "ingress", p.Spec.Ingress)
	keepEmpty(spec, "egress", p.Spec.Egress)
	for i, r := range p.Spec.Ingress {
		keepEmpty(ruleAt(spec, "ingress", i), "from", r.From)
		keepEmpty(ruleAt(spec, "ingress", i), "ports", r.Ports)
	}
	for i, r := range p.Spec.Egress {
		keepEmpty(ruleAt(spec, "egress", i), "to", r.To)
		keepEmpty(ruleAt(spec, "egress", i), "ports", r.Ports)
	}
	switch {
	case p.UID == "":
	case len(p.Spec.Ingress) > 0:
		ruleAt(spec, "ingress", 0)["future"] = "yes"
	default:
		spec["future"] = "yes"
	}
	return object
}

func ruleAt(spec map[string]any, field string, i int) map[string]any {
	return spec[field].([]any)[i].(map[string]any)
}

func keepEmpty[T any](object map[string]any, field string, list []T) {
	if list != nil && len(list) == 0 {
		object[field] = []any{}
	}
}
