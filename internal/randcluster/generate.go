package randcluster

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Weights are the chances, in percent, of what makes a cluster unusual. The zero
// Weights make clusters of pods with addresses and policies alone, about which
// everything is decided.
type Weights struct {
	UnknownNamespace int // a namespace lacks its object
	IPv6Primary      int // of the cluster
	DualStack        int // of the cluster
	HostNetwork      int // of a pod
	Nodes            int // of the cluster: nodes are known
	Template         int // a workload instead of a pod
	NoStatus         int // of a pod: authored, without address
	Ended            int // of a pod: terminated
	Pending          int // of a pod: a server's, without address
	InitContainer    int // of a pod
	Foreign          int // of the cluster: a policy of another API
	Gap              int // of a policy: a server's, with a field of the future
	PodCIDR          int // of the cluster: its pod CIDR is given
}

// Everything is a mix in which every feature occurs, few of them in one cluster.
func Everything() Weights {
	return Weights{
		UnknownNamespace: 15, IPv6Primary: 15, DualStack: 25, HostNetwork: 8, Nodes: 40, Template: 15,
		NoStatus: 10, Ended: 4, Pending: 3, InitContainer: 15, Foreign: 10, Gap: 3, PodCIDR: 50,
	}
}

var (
	namespaces = []string{"a", "b", "c", "default"}
	labelKeys  = []string{"app", "env", "tier"}
	values     = []string{"x", "y", "z", ""}
	portNames  = []string{"web", "dns", "admin"}
	numbers    = []int32{1, 53, 80, 81, 443, 8080, 65535}
	protocols  = []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP}
)

type generator struct {
	*rand.Rand
	Weights
	c         *Cluster
	known     []string // namespaces in use
	primary6  bool
	dual      bool
	addresses int
}

// New makes a cluster.
func New(r *rand.Rand, w Weights) *Cluster {
	g := &generator{Rand: r, Weights: w, c: &Cluster{}}
	g.primary6, g.dual = g.chance(w.IPv6Primary), g.chance(w.DualStack)
	g.known = namespaces[:1+g.IntN(len(namespaces))]
	for _, name := range g.known {
		if !g.chance(w.UnknownNamespace) {
			g.c.Namespaces = append(g.c.Namespaces, g.namespace(name))
		}
	}
	if g.chance(w.Nodes) {
		for i := range 1 + g.IntN(3) {
			g.c.Nodes = append(g.c.Nodes, g.node(i))
		}
	}
	if g.chance(w.PodCIDR) {
		g.c.PodCIDRs = g.podCIDRs()
	}
	for i := range 2 + g.IntN(6) {
		if g.chance(w.Template) {
			g.c.Deployments = append(g.c.Deployments, g.deployment(i))
		} else {
			g.c.Pods = append(g.c.Pods, g.pod(i))
		}
	}
	for i := range g.IntN(3) {
		g.c.Services = append(g.c.Services, g.service(i))
	}
	for i := range g.IntN(6) {
		g.c.Policies = append(g.c.Policies, g.policy(i))
	}
	if g.chance(w.Foreign) {
		g.c.Foreign = append(g.c.Foreign, g.foreign())
	}
	return g.c
}

func (g *generator) chance(percent int) bool { return percent > 0 && g.IntN(100) < percent }

func pick[T any](g *generator, from []T) T { return from[g.IntN(len(from))] }

// nameSpace returns a namespace in use, or none where that means the same.
func (g *generator) nameSpace() string {
	ns := pick(g, g.known)
	if ns == "default" && g.chance(50) {
		return ""
	}
	return ns
}

func (g *generator) namespace(name string) *corev1.Namespace {
	ns := &corev1.Namespace{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}, ObjectMeta: metav1.ObjectMeta{Name: name, Labels: g.labels()}}
	if g.chance(30) {
		if ns.Labels == nil {
			ns.Labels = map[string]string{}
		}
		ns.Labels[corev1.LabelMetadataName] = name
	}
	return ns
}

func (g *generator) labels() map[string]string {
	labels := map[string]string{}
	for _, k := range labelKeys {
		if g.chance(55) {
			labels[k] = pick(g, values)
		}
	}
	if g.chance(5) {
		labels[corev1.LabelMetadataName] = pick(g, namespaces) // means nothing on a pod
	}
	if len(labels) == 0 {
		return nil
	}
	return labels
}

func (g *generator) node(i int) *corev1.Node {
	return &corev1.Node{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Node"},
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("node-", i)},
		Status:     corev1.NodeStatus{Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: nodeAddress(i, g.primary6)}}},
	}
}

func nodeAddress(i int, six bool) string {
	if six {
		return fmt.Sprintf("fd00:9::%x", i+1)
	}
	return fmt.Sprintf("10.9.0.%d", i+1)
}

func (g *generator) podCIDRs() []netip.Prefix {
	v4, v6 := netip.MustParsePrefix("10.0.0.0/16"), netip.MustParsePrefix("fd00:1::/64")
	switch {
	case g.dual && g.primary6:
		return []netip.Prefix{v6, v4}
	case g.dual:
		return []netip.Prefix{v4, v6}
	case g.primary6:
		return []netip.Prefix{v6}
	}
	return []netip.Prefix{v4}
}

func (g *generator) pod(i int) *corev1.Pod {
	p := &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("p", i), Namespace: g.nameSpace(), Labels: g.labels()},
		Spec:       g.podSpec(),
	}
	p.Status.Phase = corev1.PodRunning
	node := g.IntN(3)
	if len(g.c.Nodes) > 0 && g.chance(70) {
		p.Spec.NodeName = fmt.Sprint("node-", node)
	}
	switch {
	case g.chance(g.Pending):
		p.UID, p.Status.Phase = types.UID(fmt.Sprint("uid-", i)), corev1.PodPending
		p.Spec.HostNetwork = false
	case g.chance(g.NoStatus):
		p.Status = corev1.PodStatus{}
	default:
		if g.chance(50) {
			p.Status.HostIP = nodeAddress(node, g.primary6)
			if p.Spec.NodeName == "" && len(g.c.Nodes) == 0 && g.chance(50) {
				p.Spec.NodeName = fmt.Sprint("node-", node)
			}
		}
		g.setAddresses(p, node)
	}
	if g.chance(g.Ended) {
		p.Status.Phase = pick(g, []corev1.PodPhase{corev1.PodSucceeded, corev1.PodFailed})
	}
	return p
}

func (g *generator) setAddresses(p *corev1.Pod, node int) {
	if p.Spec.HostNetwork {
		p.Status.HostIP = nodeAddress(node, g.primary6)
		p.Status.PodIP = p.Status.HostIP
		return
	}
	g.addresses++
	v4 := fmt.Sprintf("10.0.%d.%d", g.IntN(3), g.addresses)
	v6 := fmt.Sprintf("fd00:1::%x:%x", g.IntN(3), g.addresses)
	ips := []string{v4, v6}
	if g.primary6 {
		slices.Reverse(ips)
	}
	switch {
	case !g.dual, g.chance(15):
		ips = ips[:1]
	case g.chance(10):
		ips = ips[1:]
	}
	if form := g.IntN(3); form != 1 {
		p.Status.PodIP = ips[0]
		if form == 0 && len(ips) == 1 {
			return
		}
	}
	for _, ip := range ips {
		p.Status.PodIPs = append(p.Status.PodIPs, corev1.PodIP{IP: ip})
	}
}

func (g *generator) podSpec() corev1.PodSpec {
	spec := corev1.PodSpec{HostNetwork: g.chance(g.HostNetwork)}
	for i := range 1 + g.IntN(2) {
		spec.Containers = append(spec.Containers, g.container(fmt.Sprint("c", i)))
	}
	if g.chance(g.InitContainer) {
		c := g.container("init")
		if g.chance(40) {
			always := corev1.ContainerRestartPolicyAlways
			c.RestartPolicy = &always
		}
		spec.InitContainers = append(spec.InitContainers, c)
	}
	return spec
}

func (g *generator) container(name string) corev1.Container {
	c := corev1.Container{Name: name, Image: "example.invalid/app:1"}
	for _, n := range portNames {
		if !g.chance(35) {
			continue
		}
		p := corev1.ContainerPort{Name: n, ContainerPort: pick(g, numbers)}
		if g.chance(60) {
			p.Protocol = pick(g, protocols)
		}
		c.Ports = append(c.Ports, p)
	}
	return c
}

func (g *generator) deployment(i int) *appsv1.Deployment {
	labels := g.labels()
	if labels == nil {
		labels = map[string]string{"app": "x"}
	}
	return &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("d", i), Namespace: g.nameSpace()},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: g.podSpec()},
		},
	}
}

func (g *generator) service(i int) *corev1.Service {
	s := &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("s", i), Namespace: g.nameSpace()},
		Spec:       corev1.ServiceSpec{Selector: map[string]string{pick(g, labelKeys): pick(g, values)}},
	}
	switch g.IntN(4) {
	case 0:
		s.Spec.ClusterIP = "None"
	case 1:
		s.Spec.Type = corev1.ServiceTypeLoadBalancer
	case 2:
		s.Spec.ClusterIP = fmt.Sprint("10.96.0.", i+1)
	}
	p := corev1.ServicePort{Port: pick(g, numbers), Protocol: pick(g, protocols)}
	switch g.IntN(3) {
	case 0:
		p.TargetPort = intstr.FromInt32(pick(g, numbers))
	case 1:
		p.TargetPort = intstr.FromString(pick(g, portNames))
	}
	s.Spec.Ports = []corev1.ServicePort{p}
	return s
}

func (g *generator) policy(i int) *networkingv1.NetworkPolicy {
	p := &networkingv1.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("np", i), Namespace: g.nameSpace()},
	}
	if g.chance(g.Gap) {
		p.UID = types.UID(fmt.Sprint("uid-", i))
	}
	if g.chance(60) {
		p.Spec.PodSelector = *g.selector(false)
	}
	if g.chance(70) {
		p.Spec.PolicyTypes = pick(g, [][]networkingv1.PolicyType{{}, {"Ingress"}, {"Egress"}, {"Ingress", "Egress"}, {"Egress", "Egress"}})
	}
	if g.chance(75) {
		p.Spec.Ingress = []networkingv1.NetworkPolicyIngressRule{}
		for range g.IntN(3) {
			p.Spec.Ingress = append(p.Spec.Ingress, networkingv1.NetworkPolicyIngressRule{From: g.peers(), Ports: g.ports()})
		}
	}
	if g.chance(60) {
		p.Spec.Egress = []networkingv1.NetworkPolicyEgressRule{}
		for range g.IntN(3) {
			p.Spec.Egress = append(p.Spec.Egress, networkingv1.NetworkPolicyEgressRule{To: g.peers(), Ports: g.ports()})
		}
	}
	return p
}

func (g *generator) peers() []networkingv1.NetworkPolicyPeer {
	if g.chance(20) {
		return nil
	}
	peers := []networkingv1.NetworkPolicyPeer{}
	for range g.IntN(4) {
		var p networkingv1.NetworkPolicyPeer
		switch g.IntN(5) {
		case 0:
			p.PodSelector = g.selector(false)
		case 1:
			p.NamespaceSelector = g.selector(true)
		case 2, 3:
			p.PodSelector, p.NamespaceSelector = g.selector(false), g.selector(true)
		case 4:
			p.IPBlock = g.block()
		}
		peers = append(peers, p)
	}
	return peers
}

func (g *generator) selector(ofNamespaces bool) *metav1.LabelSelector {
	s := &metav1.LabelSelector{}
	if g.chance(25) {
		return s
	}
	if ofNamespaces && g.chance(30) {
		s.MatchLabels = map[string]string{corev1.LabelMetadataName: pick(g, namespaces)}
	}
	if g.chance(60) {
		if s.MatchLabels == nil {
			s.MatchLabels = map[string]string{}
		}
		s.MatchLabels[pick(g, labelKeys)] = pick(g, values)
	}
	for range g.IntN(2) {
		r := metav1.LabelSelectorRequirement{Key: pick(g, labelKeys), Operator: pick(g, []metav1.LabelSelectorOperator{"In", "NotIn", "Exists", "DoesNotExist"})}
		if r.Operator == "In" || r.Operator == "NotIn" {
			for range 1 + g.IntN(2) {
				r.Values = append(r.Values, pick(g, values))
			}
		}
		s.MatchExpressions = append(s.MatchExpressions, r)
	}
	return s
}

var (
	blocks4 = []string{"0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/16", "10.0.0.0/17", "10.0.128.0/17", "10.0.1.0/24", "10.0.0.1/32", "10.0.0.2/31", "10.9.0.0/16", "10.9.0.1/32", "10.96.0.0/16", "192.0.2.0/24", "128.0.0.0/1"}
	blocks6 = []string{"::/0", "fd00::/8", "fd00:1::/64", "fd00:1::/112", "fd00:1::1:0/112", "fd00:1::1/128", "fd00:9::/64", "2001:db8::/32"}
)

func (g *generator) block() *networkingv1.IPBlock {
	blocks := blocks4
	if g.chance(25) || g.primary6 && g.chance(70) {
		blocks = blocks6
	}
	b := &networkingv1.IPBlock{CIDR: pick(g, blocks)}
	cidr := netip.MustParsePrefix(b.CIDR)
	for range g.IntN(3) {
		e := netip.MustParsePrefix(pick(g, blocks))
		if e.Bits() > cidr.Bits() && cidr.Contains(e.Addr()) {
			b.Except = append(b.Except, e.String())
		}
	}
	return b
}

func (g *generator) ports() []networkingv1.NetworkPolicyPort {
	if g.chance(35) {
		return nil
	}
	ports := []networkingv1.NetworkPolicyPort{}
	for range g.IntN(3) {
		var p networkingv1.NetworkPolicyPort
		if g.chance(60) {
			proto := pick(g, protocols)
			p.Protocol = &proto
		}
		switch g.IntN(4) {
		case 0:
			name := intstr.FromString(pick(g, portNames))
			p.Port = &name
		case 1:
			first := pick(g, numbers)
			last := max(first, pick(g, numbers))
			number := intstr.FromInt32(first)
			p.Port, p.EndPort = &number, &last
		case 2:
			number := intstr.FromInt32(pick(g, numbers))
			p.Port = &number
		}
		ports = append(ports, p)
	}
	return ports
}

func (g *generator) foreign() map[string]any {
	selector := map[string]any{}
	if g.chance(60) {
		selector["matchLabels"] = map[string]any{pick(g, labelKeys): pick(g, values)}
	}
	meta := map[string]any{"name": "foreign"}
	switch g.IntN(5) {
	case 0:
		return map[string]any{
			"apiVersion": "cilium.io/v2", "kind": "CiliumClusterwideNetworkPolicy", "metadata": meta,
			"spec": map[string]any{"nodeSelector": selector, pick(g, []string{"ingress", "egress"}): []any{}},
		}
	case 1:
		meta["namespace"] = pick(g, g.known)
		return map[string]any{
			"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": meta,
			"spec": map[string]any{"endpointSelector": selector, pick(g, []string{"ingress", "egress", "ingressDeny"}): []any{}},
		}
	case 2:
		return map[string]any{
			"apiVersion": "crd.projectcalico.org/v1", "kind": "GlobalNetworkPolicy", "metadata": meta,
			"spec": map[string]any{"types": []any{pick(g, []string{"Ingress", "Egress"})}},
		}
	case 3:
		meta["namespace"] = pick(g, g.known)
		return map[string]any{
			"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": meta,
			"spec": map[string]any{"selector": selector},
		}
	default:
		return map[string]any{
			"apiVersion": "policy.networking.k8s.io/v1alpha1", "kind": pick(g, []string{"AdminNetworkPolicy", "BaselineAdminNetworkPolicy"}), "metadata": meta,
			"spec": map[string]any{"subject": map[string]any{"namespaces": selector}, pick(g, []string{"ingress", "egress"}): []any{}},
		}
	}
}
