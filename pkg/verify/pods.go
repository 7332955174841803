package verify

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
)

// metadataService is the address of Azure's instance metadata service, which hands out
// the tokens of the node's identities.
// https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service
func metadataService() netip.Addr { return netip.AddrFrom4([4]byte{169, 254, 169, 254}) }

// stands reports whether the endpoint stands for the pod: by its own name, that of a
// workload above it, or a Service in front of it.
func (c *Context) stands(e netsim.Endpoint, p *model.Pod) bool {
	if e == netsim.Namespace(p.Namespace) || !p.Template && (e == netsim.Named(p.Namespace, p.Name) || e == netsim.Pod(p.Namespace, p.Name)) {
		return true
	}
	for _, o := range p.Owners {
		if e == netsim.Workload(o.Kind, o.Namespace, o.Name) {
			return true
		}
	}
	if w := p.Workload(); !w.IsZero() && e == netsim.Named(w.Namespace, w.Name) {
		return true
	}
	for s := range model.All[corev1.Service](c.cluster) {
		if e == netsim.Service(s.Ref.Namespace, s.Ref.Name) {
			return s.Ref.Namespace == p.Namespace && selectsPod(s.API, p)
		}
	}
	return false
}

// selectsPod reports whether the Service leads to the pod, which is of its namespace.
func selectsPod(s *corev1.Service, p *model.Pod) bool {
	return len(s.Spec.Selector) > 0 && labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(p.Labels))
}

// recompile compiles a changed snapshot as the first one was.
func (c *Context) recompile(changed *model.Cluster) *netsim.Network {
	return netsim.New(changed, netsim.WithPodCIDRs(c.blocks...))
}

// systemNamespaces are AKS's own, which no procedure of its customers speaks of.
// https://learn.microsoft.com/azure/aks/core-aks-concepts
func isSystemNamespace(name string) bool {
	switch name {
	case "kube-system", "kube-public", "kube-node-lease", "gatekeeper-system", "calico-system", "tigera-operator",
		"calico-apiserver", "aks-istio-system", "aks-istio-ingress", "aks-istio-egress", "aks-command", "app-routing-system",
		"azure-arc", "flux-system", "dapr-system", "dataprotection-microsoft":
		return true
	}
	return false
}

// AppNamespaces returns the namespaces that the procedure speaks of, by name: those
// with pods and those that the claims call default-deny, but not AKS's own.
func (c *Context) AppNamespaces() (names []string) {
	has := map[string]bool{}
	for p := range c.cluster.Pods() {
		has[p.Namespace] = !isSystemNamespace(p.Namespace)
	}
	for _, n := range c.claims.Spec.DefaultDeny {
		has[n.Name] = true
	}
	for ns := range c.cluster.Namespaces() {
		if has[ns.Name] {
			names = append(names, ns.Name)
		}
	}
	return names
}

// idleNamespaces returns the namespaces that the input describes, that are not AKS's own
// and that are not among the given ones: nothing runs there yet, by name.
func (c *Context) idleNamespaces(app []string) (names []string) {
	for ns := range c.cluster.Namespaces() {
		if ns.Known && !isSystemNamespace(ns.Name) && !slices.Contains(app, ns.Name) {
			names = append(names, ns.Name)
		}
	}
	return names
}
