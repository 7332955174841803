package randcluster

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Shrink returns the smallest cluster it finds, by taking parts away, on which
// the test still fails. The cluster given is left as it is.
func Shrink(c *Cluster, fails func(*Cluster) bool) *Cluster {
	for {
		smaller := false
		for i := 0; ; i++ {
			candidate := c.clone()
			if !candidate.remove(i) {
				break
			}
			if fails(candidate) {
				c, smaller = candidate, true
				i-- // what was the next part is now this one
			}
		}
		if !smaller {
			return c
		}
	}
}

func (c *Cluster) clone() *Cluster {
	return &Cluster{
		Namespaces:  cloneAll(c.Namespaces),
		Nodes:       cloneAll(c.Nodes),
		Pods:        cloneAll(c.Pods),
		Deployments: cloneAll(c.Deployments),
		Services:    cloneAll(c.Services),
		Policies:    cloneAll(c.Policies),
		Foreign:     slices.Clone(c.Foreign),
		PodCIDRs:    slices.Clone(c.PodCIDRs),
	}
}

func cloneAll[T interface{ DeepCopy() T }](list []T) []T {
	out := make([]T, len(list))
	for i, o := range list {
		out[i] = o.DeepCopy()
	}
	return out
}

// remove takes away the part with the number, larger parts first, and returns
// false if there are not so many.
func (c *Cluster) remove(i int) bool {
	r := remover{left: i}
	drop(&r, &c.Policies)
	drop(&r, &c.Pods)
	drop(&r, &c.Deployments)
	drop(&r, &c.Services)
	drop(&r, &c.Foreign)
	drop(&r, &c.Nodes)
	drop(&r, &c.Namespaces)
	drop(&r, &c.PodCIDRs)
	for _, p := range c.Policies {
		drop(&r, &p.Spec.Ingress)
		drop(&r, &p.Spec.Egress)
		drop(&r, &p.Spec.PolicyTypes)
		r.selector(&p.Spec.PodSelector)
		for i := range p.Spec.Ingress {
			r.rule(&p.Spec.Ingress[i].From, &p.Spec.Ingress[i].Ports)
		}
		for i := range p.Spec.Egress {
			r.rule(&p.Spec.Egress[i].To, &p.Spec.Egress[i].Ports)
		}
	}
	for _, p := range c.Pods {
		r.labels(p.Labels)
		r.spec(&p.Spec)
		drop(&r, &p.Status.PodIPs)
		r.clear(&p.Status.HostIP)
	}
	for _, d := range c.Deployments {
		r.spec(&d.Spec.Template.Spec)
	}
	for _, ns := range c.Namespaces {
		r.labels(ns.Labels)
	}
	return r.done
}

// remover counts parts, and takes away the one at which it arrives at zero.
type remover struct {
	left int
	done bool
}

func (r *remover) here() bool {
	if r.done {
		return false
	}
	if r.left == 0 {
		r.done = true
		return true
	}
	r.left--
	return false
}

func drop[T any](r *remover, list *[]T) {
	for i := range *list {
		if r.here() {
			*list = slices.Delete(*list, i, i+1)
			return
		}
	}
}

func (r *remover) clear(s *string) {
	if *s != "" && r.here() {
		*s = ""
	}
}

func (r *remover) labels(m map[string]string) {
	for _, k := range append(slices.Clone(labelKeys), corev1.LabelMetadataName) {
		if _, ok := m[k]; ok && r.here() {
			delete(m, k)
		}
	}
}

func (r *remover) selector(s *metav1.LabelSelector) {
	if s == nil {
		return
	}
	r.labels(s.MatchLabels)
	drop(r, &s.MatchExpressions)
}

// rule drops peers and ports as long as some are left: without any, the rule
// would mean something else altogether.
func (r *remover) rule(peers *[]networkingv1.NetworkPolicyPeer, ports *[]networkingv1.NetworkPolicyPort) {
	if len(*peers) > 1 {
		drop(r, peers)
	}
	if len(*ports) > 1 {
		drop(r, ports)
	}
	for i := range *peers {
		p := &(*peers)[i]
		r.selector(p.PodSelector)
		r.selector(p.NamespaceSelector)
		if p.IPBlock != nil {
			drop(r, &p.IPBlock.Except)
		}
	}
}

func (r *remover) spec(s *corev1.PodSpec) {
	r.clear(&s.NodeName)
	drop(r, &s.InitContainers)
	if len(s.Containers) > 1 {
		drop(r, &s.Containers)
	}
	for i := range s.Containers {
		drop(r, &s.Containers[i].Ports)
	}
	for i := range s.InitContainers {
		drop(r, &s.InitContainers[i].Ports)
	}
}
