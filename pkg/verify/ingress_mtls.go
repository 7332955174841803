package verify

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aksim/aksim/pkg/model"
)

// istioSecurity is the API group of PeerAuthentication.
// https://istio.io/latest/docs/reference/config/security/peer_authentication/
const istioSecurity = "security.istio.io"

// checkMutualTLS proves of the namespaces of spec.mutualTLS that their pods are in the
// mesh, and refuse what comes without mutual TLS, on every port.
func checkMutualTLS(c *Context, a *Answer) {
	if len(c.claims.Spec.MutualTLS) == 0 {
		a.NotApplicable("the claims ask for mutual TLS nowhere")
		return
	}
	if why := c.noMesh(); why != "" {
		a.Open(Finding{Object: "service mesh", Text: why, Missing: "service mesh: az aks show -g GROUP -n NAME -o json, or istiod's Deployment"})
		return
	}
	pods := 0
	for _, ns := range c.claims.Spec.MutualTLS {
		for p := range c.cluster.Pods() {
			if p.Namespace == ns.Name && !p.Terminated() {
				pods++
				c.checkPodMTLS(a, p)
			}
		}
		c.checkFutureMTLS(a, ns.Name)
	}
	a.Proved("%s of %s and every pod to come there, on all ports", count(pods, "pod"), namesText(c.claims.Spec.MutualTLS))
}

func namesText(names []Name) string {
	var all []string
	for _, n := range names {
		all = append(all, n.Name)
	}
	return list(all)
}

// noMesh says why nobody is known to read PeerAuthentications.
func (c *Context) noMesh() string {
	if aks := c.AKS(); aks != nil && strings.EqualFold(aks.API.ServiceMesh.Or(""), "Istio") {
		return ""
	}
	for o := range model.All[appsv1.Deployment](c.cluster) {
		if o.API.Labels["app"] == "istiod" || o.Ref.Name == "istiod" {
			return ""
		}
	}
	return "the cluster has no Istio that the input tells of: nobody reads PeerAuthentications"
}

// peerAuthentication is one of them.
type peerAuthentication struct {
	object *model.Object[model.Unmodelled]
	labels map[string]string // of the pods it is for; nil for all
	mode   string
	ports  map[string]string // mode by port
}

// peerAuthentications returns those of a namespace, older ones first: of several for
// the same pods, Istio takes the oldest.
func (c *Context) peerAuthentications(namespace string) (all []peerAuthentication) {
	for _, o := range c.customs(istioSecurity) {
		if o.Ref.Kind != "PeerAuthentication" || namespaceOfCustom(o) != namespace {
			continue
		}
		p := peerAuthentication{object: o, mode: digText(o.API.Content, "spec", "mtls", "mode"), ports: map[string]string{}}
		if len(digMap(o.API.Content, "spec", "selector", "matchLabels")) > 0 {
			p.labels = digMap(o.API.Content, "spec", "selector", "matchLabels")
		}
		ports, _ := dig(o.API.Content, "spec", "portLevelMtls").(map[string]any)
		for port, v := range ports {
			p.ports[port] = digText(v, "mode")
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(x, y peerAuthentication) int {
		return cmp.Or(strings.Compare(x.created(), y.created()), strings.Compare(x.object.Ref.Name, y.object.Ref.Name))
	})
	return all
}

func (p *peerAuthentication) created() string {
	return digText(p.object.API.Content, "metadata", "creationTimestamp")
}

func isUnset(mode string) bool { return mode == "" || mode == "UNSET" }

// rootNamespaces are those whose PeerAuthentications count in the whole mesh: that of
// AKS's add-on, and Istio's own.
// https://learn.microsoft.com/azure/aks/istio-meshconfig
func rootNamespaces() []string { return []string{"aks-istio-system", "istio-system"} }

// effective returns the mode for pods with the labels, the object that decides it, and
// the one for the pods themselves, if there is one. What is unset is inherited.
func (c *Context) effective(namespace string, labels map[string]string) (mode string, by, own *peerAuthentication) {
	of := c.peerAuthentications(namespace)
	isRoot := slices.Contains(rootNamespaces(), namespace)
	for i := range of {
		if p := &of[i]; p.labels != nil && !isRoot && selects(&metav1.LabelSelector{MatchLabels: p.labels}, labels) {
			own = p
			break
		}
	}
	if own != nil && !isUnset(own.mode) {
		return own.mode, own, own
	}
	for _, ns := range slices.Concat([]string{namespace}, rootNamespaces()) {
		all := c.peerAuthentications(ns)
		for i := range all {
			if p := &all[i]; p.labels == nil {
				if !isUnset(p.mode) {
					return p.mode, p, own
				}
				break // the oldest decides
			}
		}
	}
	return "", nil, own
}

// checkPodMTLS proves it of one pod.
func (c *Context) checkPodMTLS(a *Answer, p *model.Pod) {
	f := Finding{Object: unitOf(p).String(), Place: p.Origin.Place}
	if why := c.outOfMesh(p); why != "" {
		f.Text = "is not in the mesh, and takes what comes without TLS: " + why
		a.Refute(f)
		return
	}
	mode, by, own := c.effective(p.Namespace, p.Labels)
	switch {
	case by == nil:
		f.Text = "takes what comes without TLS: no PeerAuthentication is for it, and Istio's default is PERMISSIVE"
		a.Refute(f)
	case mode != "STRICT":
		f.Text, f.Place = fmt.Sprintf("takes what comes without TLS: %s says %s", by.object.Ref, mode), by.object.Origin.Place
		a.Refute(f)
	}
	if own == nil {
		return
	}
	for _, port := range slices.Sorted(maps.Keys(own.ports)) {
		if mode := own.ports[port]; mode != "STRICT" && !isUnset(mode) {
			f.Text, f.Place = fmt.Sprintf("takes what comes without TLS on port %s: %s says %s for it", port, own.object.Ref, mode), own.object.Origin.Place
			a.Refute(f)
		}
	}
}

// The labels and annotations by which pods come into the mesh or stay out of it.
// https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/
const (
	injectionLabel  = "istio-injection"
	revisionLabel   = "istio.io/rev"
	sidecarLabel    = "sidecar.istio.io/inject"
	ambientLabel    = "istio.io/dataplane-mode"
	portsAnnotation = "traffic.sidecar.istio.io/excludeInboundPorts"
)

// outOfMesh says why the pod has no proxy that would refuse anything.
func (c *Context) outOfMesh(p *model.Pod) string {
	inject := cmp.Or(p.Labels[sidecarLabel], p.Annotations[sidecarLabel])
	namespace := c.labelsOf(p.Namespace)
	switch {
	case p.Spec.HostNetwork:
		return "it is on the network of its node"
	case p.Annotations[portsAnnotation] != "":
		return "its annotation " + portsAnnotation + " keeps ports from the proxy"
	case slices.ContainsFunc(slices.Concat(p.Spec.InitContainers, p.Spec.Containers), func(ct corev1.Container) bool { return ct.Name == "istio-proxy" }):
		return ""
	case p.Labels[ambientLabel] == "none":
		return "its label " + ambientLabel + " is none"
	case namespace[ambientLabel] == "ambient" || p.Labels[ambientLabel] == "ambient":
		return ""
	case inject == "false":
		return "its label or annotation " + sidecarLabel + " is false"
	case namespace[injectionLabel] == "disabled":
		return "the label " + injectionLabel + " of its namespace is disabled"
	case namespace[injectionLabel] == "enabled", namespace[revisionLabel] != "", inject == "true", p.Labels[revisionLabel] != "":
		return ""
	}
	return "no label of its namespace or its own asks for a proxy"
}

func (c *Context) labelsOf(namespace string) map[string]string {
	for ns := range c.cluster.Namespaces() {
		if ns.Name == namespace {
			return ns.Labels
		}
	}
	return nil
}

// checkFutureMTLS proves it of pods to come, whatever labels they have: nobody lets
// those in that no workload has yet. A pod to come that stays out of the mesh by its own
// labels is seen when it is there.
func (c *Context) checkFutureMTLS(a *Answer, namespace string) {
	f := Finding{Object: "namespace/" + namespace}
	if o, ok := c.cluster.Namespace(namespace); ok {
		f.Place = o.Origin.Place
	}
	labels := c.labelsOf(namespace)
	if labels[injectionLabel] != "enabled" && labels[revisionLabel] == "" && labels[ambientLabel] != "ambient" {
		f.Text = "a pod to come is not in the mesh, unless it asks for it"
		a.Refute(f)
	}
	if mode, by, _ := c.effective(namespace, nil); mode != "STRICT" {
		f.Text = "a pod to come takes what comes without TLS: no PeerAuthentication for it says STRICT"
		if by != nil {
			f.Place = by.object.Origin.Place
		}
		a.Refute(f)
	}
	all := c.peerAuthentications(namespace)
	for i := range all {
		p := &all[i]
		if p.labels == nil || isUnset(p.mode) || p.mode == "STRICT" || c.selectsSome(namespace, p.labels) {
			continue
		}
		f.Text, f.Place = fmt.Sprintf("a pod to come that %s selects takes what comes without TLS: it says %s", p.object.Ref, p.mode), p.object.Origin.Place
		a.Refute(f)
	}
}

// selectsSome reports whether pods of the namespace have the labels.
func (c *Context) selectsSome(namespace string, labels map[string]string) bool {
	for p := range c.cluster.Pods() {
		if p.Namespace == namespace && hasAll(p.Labels, labels) {
			return true
		}
	}
	return false
}
