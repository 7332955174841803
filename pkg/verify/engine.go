package verify

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
)

// Engine is who enforces NetworkPolicies in the cluster. The zero Engine is nobody
// who is known.
type Engine struct {
	Name string // calico, cilium or azure (Azure Network Policy Manager)
	// Why says why none is known, and that nothing about packets is proved therefore.
	Why   string
	Place model.Place

	oldCilium bool // before 1.17, which takes no notice of endPort
	windows   bool // there are Windows nodes
	sixth     bool // pods have IPv6 addresses
}

// The engines that AKS installs.
// https://learn.microsoft.com/azure/aks/use-network-policies
const (
	calico = "calico"
	cilium = "cilium"
	npm    = "azure"

	specification = "specification" // none of them: see Options.Specification
)

// firstWithNewCilium is the minor version of Kubernetes from which on AKS brings
// Cilium 1.17, which knows endPort.
// https://learn.microsoft.com/azure/aks/azure-cni-powered-by-cilium
const firstWithNewCilium = 32

func (c *Context) findEngine() Engine {
	aks, why := c.aks()
	if aks == nil {
		for range model.All[model.ManagedCluster](c.cluster) {
			return Engine{Why: why}
		}
		if c.specification {
			return Engine{Name: specification}
		}
		return Engine{Why: why}
	}
	n := &aks.API.Network
	e := Engine{Place: aks.Origin.At("properties.networkProfile")}
	for _, p := range []model.Property[string]{n.Policy, n.Dataplane} {
		if expression, ok := p.Unresolved(); ok {
			e.Why = "which engine enforces NetworkPolicies hangs on " + expression
			return e
		}
	}
	policy, dataplane := strings.ToLower(n.Policy.Or("")), strings.ToLower(n.Dataplane.Or(""))
	isAutomatic := strings.EqualFold(aks.API.SKU.Or(""), "Automatic") && aks.API.Template
	switch {
	case policy == calico || policy == npm || policy == cilium:
		e.Name = policy
	case policy != "" && policy != "none":
		e.Why = fmt.Sprintf("networkPolicy is %q, an engine that is not known", policy)
	case dataplane == cilium, policy == "" && dataplane == "" && isAutomatic:
		e.Name = cilium
	case strings.EqualFold(n.Plugin.Or(""), "none"):
		e.Why = "the network plugin is none: which engine enforces NetworkPolicies, if any, the input does not say"
	default:
		e.Why = "networkProfile.networkPolicy is none: no engine enforces NetworkPolicies"
	}
	e.oldCilium = minorOf(aks.API.CurrentVersion.Or(aks.API.KubernetesVersion.Or(""))) < firstWithNewCilium
	for _, pool := range aks.API.Pools {
		e.windows = e.windows || strings.EqualFold(pool.OSType.Or(""), "Windows")
	}
	for _, text := range n.PodCIDRs.Or(nil) {
		p, err := netip.ParsePrefix(text)
		e.sixth = e.sixth || err == nil && p.Addr().Is6()
	}
	return e
}

// minorOf returns the minor version of 1.34 or 1.34.2; 0 if it is not known.
func minorOf(version string) int {
	parts := strings.Split(strings.TrimPrefix(version, "v"), ".")
	if len(parts) < 2 {
		return 0
	}
	minor, err := strconv.Atoi(parts[1])
	if err != nil {
		return 0
	}
	return minor
}

// about are the pods that a claim of denial speaks of: those that the function is true
// of, in the namespaces that it names.
type about func(namespace string, labels map[string]string) bool

func aboutNamespace(name string) about {
	return func(ns string, _ map[string]string) bool { return ns == name }
}

// denialDeviations lists where the engine lets through what the specification denies,
// as far as a claim about the pods in the direction rests on it. No claim that rests on
// one is proved.
func (c *Context) denialDeviations(dir netsim.Direction, of about) (all []string) {
	e := c.Engine()
	if e.Name != npm {
		return nil
	}
	const who = "Azure Network Policy Manager "
	if e.windows {
		all = append(all, who+"on Windows nodes knows neither named ports, SCTP, negative selectors nor except")
	}
	if e.sixth {
		all = append(all, who+"has no IPv6: policies do not apply to the pods' IPv6 addresses")
	}
	if dir == netsim.Egress {
		return append(all, who+"always lets pods reach their own node and the instance metadata service")
	}
	for s := range model.All[corev1.Service](c.cluster) {
		t := s.API.Spec.Type
		outward := t == corev1.ServiceTypeLoadBalancer || t == corev1.ServiceTypeNodePort
		if !outward || s.API.Spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal || len(s.API.Spec.Selector) == 0 {
			continue
		}
		for p := range c.cluster.Pods() {
			if p.Namespace == s.Ref.Namespace && of(p.Namespace, p.Labels) && labels.SelectorFromSet(s.API.Spec.Selector).Matches(labels.Set(p.Labels)) {
				all = append(all, fmt.Sprintf("%slets in what comes by %s, of type %s with externalTrafficPolicy Cluster, whatever policies say", who, s.Ref, t))
				break
			}
		}
	}
	return all
}

// nodeDeviations lists the same of a claim that pods can't reach an address of a node,
// which may be their own.
func (c *Context) nodeDeviations(to netsim.Endpoint) []string {
	block, ok := blockOf(to)
	if name := c.Engine().Name; !ok || name != npm && name != calico {
		return nil
	}
	for n := range model.All[corev1.Node](c.cluster) {
		for _, a := range n.API.Status.Addresses {
			if addr, err := netip.ParseAddr(a.Address); err == nil && block.Contains(addr) {
				if c.Engine().Name == npm {
					return []string{"Azure Network Policy Manager always lets pods reach their own node, and " + a.Address + " is one"}
				}
				return []string{"whether Calico on AKS keeps pods from their own node is not documented, and " + a.Address + " is one"}
			}
		}
	}
	return nil
}

// allowanceDeviations lists where the engine drops what the specification allows, as
// far as the verdict rests on it: on a side where every rule that allows the
// connection is one that the engine reads otherwise.
func (c *Context) allowanceDeviations(v netsim.Verdict) (all []string) {
	e := c.Engine()
	if e.Name == npm && e.windows {
		all = append(all, "Azure Network Policy Manager on Windows nodes knows neither named ports, SCTP, negative selectors nor except")
	}
	if e.Name != cilium {
		return all
	}
	if v.Flow().Protocol == netsim.SCTP {
		all = append(all, "whether Cilium on AKS lets SCTP through is not documented")
	}
	for g := range v.Grounds() {
		for _, s := range g.Sides {
			other := g.From
			if s.Direction == netsim.Egress {
				other = g.To
			}
			if why := c.ciliumSkips(&s, other, g.Port); why != "" {
				all = append(all, fmt.Sprintf("%s -> %s: %s", g.From, g.Target(), why))
			}
		}
	}
	return all
}

// ciliumSkips says why no rule of the side allows the connection with Cilium.
func (c *Context) ciliumSkips(s *netsim.Side, other netsim.Endpoint, port uint16) (why string) {
	for _, r := range s.Allowing {
		why = c.ciliumSkipsRule(r, other, port)
		if why == "" {
			return ""
		}
	}
	return why
}

func (c *Context) ciliumSkipsRule(r netsim.RuleRef, other netsim.Endpoint, port uint16) string {
	rule, ok := c.ruleAt(r)
	if !ok {
		return ""
	}
	isPodOrNode := !isOutside(other)
	if !isPodOrNode {
		isPodOrNode = len(c.nodeDeviationsOf(other)) > 0
	}
	switch p := rule.port; {
	case rule.peer != nil && rule.peer.IPBlock != nil && isPodOrNode:
		return fmt.Sprintf("Cilium does not match pods and nodes by ipBlock, as %s does", r)
	case p != nil && p.EndPort != nil && c.Engine().oldCilium && p.Port != nil && uint16(p.Port.IntValue()) != port:
		return fmt.Sprintf("Cilium before 1.17 takes no notice of endPort, which %s has", r)
	case p != nil && p.Port != nil && p.Port.StrVal != "" && c.portNameConflicts(p.Port.StrVal):
		return fmt.Sprintf("Cilium skips rules with a port name that stands for several numbers, as %s in %s does", p.Port.StrVal, r)
	}
	return ""
}

// nodeDeviationsOf names the nodes whose address the endpoint has.
func (c *Context) nodeDeviationsOf(e netsim.Endpoint) (nodes []string) {
	block, ok := blockOf(e)
	if !ok {
		return nil
	}
	for n := range model.All[corev1.Node](c.cluster) {
		for _, a := range n.API.Status.Addresses {
			if addr, err := netip.ParseAddr(a.Address); err == nil && block.Contains(addr) {
				nodes = append(nodes, n.Ref.Name)
			}
		}
	}
	return nodes
}

// portNameConflicts reports whether containers give the name to several numbers.
func (c *Context) portNameConflicts(name string) bool {
	numbers := map[int32]bool{}
	for p := range c.cluster.Pods() {
		for _, ct := range p.Spec.Containers {
			for _, port := range ct.Ports {
				if port.Name == name {
					numbers[port.ContainerPort] = true
				}
			}
		}
	}
	return len(numbers) > 1
}

// selects reports whether a label selector matches; one that is not valid does not.
func selects(s *metav1.LabelSelector, set map[string]string) bool {
	selector, err := metav1.LabelSelectorAsSelector(s)
	return err == nil && selector.Matches(labels.Set(set))
}
