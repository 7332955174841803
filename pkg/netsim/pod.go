package netsim

import (
	"cmp"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/pkg/model"
)

// pod is a pod as the network sees it.
type pod struct {
	class   *class // nil for pods that neither send nor receive
	ns      *namespace
	node    *node // nil: not known
	id      int
	state   podState
	primary family
	has     [numFamilies]bool       // has an address of that family
	addr    [numFamilies]netip.Addr // invalid where it has none or where it is not known
	names   []portName
	model   *model.Pod
}

// podState says what kind of network life a pod has.
type podState uint8

const (
	onPodNetwork podState = iota
	// onHost: the pod shares the network of its node. What policies do to it is
	// undefined; it is outside them or an ordinary pod (NP36).
	onHost
	// withoutAddress: a server reports the pod's status, and no address in it
	// (NP37).
	withoutAddress
	// terminated: the pod has ended; its address may be another's (NP37).
	terminated
)

// node is a machine of the cluster, or all that pods tell of one.
type node struct {
	name      string // empty: known by address only
	addresses []netip.Addr
	hostPods  []*pod
}

// namespace is a namespace as policies see it.
type namespace struct {
	model.Namespace
	id       int
	pods     []*pod // on the pod network or on a host
	policies []*policy
}

// portName is a named port of a container.
type portName struct {
	name     string
	protocol Protocol
	number   uint16
	// initOnly: an init container that has ended when the pod serves declares
	// it. Whether a policy's name then means it is settled nowhere (NP23).
	initOnly bool
}

// readNamespaces and the functions below turn the snapshot into what the
// compiler works on.
func (n *Network) readNamespaces() {
	n.namespaces = map[string]*namespace{}
	for ns := range n.cluster.Namespaces() {
		n.namespaces[ns.Name] = &namespace{Namespace: ns, id: len(n.namespaces)}
	}
}

func (n *Network) readNodes() {
	n.nodes = map[string]*node{}
	for o := range model.All[corev1.Node](n.cluster) {
		nd := &node{name: o.Ref.Name}
		n.nodes[nd.name] = nd
		for _, a := range o.API.Status.Addresses {
			if addr, ok := parseAddr(a.Address); ok {
				n.addNodeAddress(nd, addr)
			}
		}
	}
}

func (n *Network) addNodeAddress(nd *node, a netip.Addr) {
	if _, taken := n.nodeByAddr[a]; !taken {
		n.nodeByAddr[a] = nd
		nd.addresses = append(nd.addresses, a)
	}
}

// nodeOf finds the node of a pod: by name, else by the address that the pod's
// status gives for it.
func (n *Network) nodeOf(p *model.Pod) *node {
	var nd *node
	if name := p.Spec.NodeName; name != "" {
		if nd = n.nodes[name]; nd == nil {
			nd = &node{name: name}
			n.nodes[name] = nd
		}
	}
	if p.Status == nil {
		return nd
	}
	hosts := []string{p.Status.HostIP}
	for _, ip := range p.Status.HostIPs {
		hosts = append(hosts, ip.IP)
	}
	if p.Spec.HostNetwork {
		for _, a := range podAddresses(p) {
			hosts = append(hosts, a.String())
		}
	}
	for _, h := range hosts {
		a, ok := parseAddr(h)
		if !ok {
			continue
		}
		if nd == nil {
			if nd = n.nodeByAddr[a]; nd == nil {
				nd = &node{}
			}
		}
		n.addNodeAddress(nd, a)
	}
	return nd
}

func (nd *node) hasAddress(f family) bool {
	return slices.ContainsFunc(nd.addresses, func(a netip.Addr) bool { return familyOf(a) == f })
}

func (n *Network) readPods() {
	for m := range n.cluster.Pods() {
		n.pods = append(n.pods, pod{id: len(n.pods), model: m})
	}
	for _, named := range []bool{true, false} { // those that name their node tell its addresses
		for i := range n.pods {
			if p := &n.pods[i]; named == (p.model.Spec.NodeName != "") {
				p.node = n.nodeOf(p.model)
			}
		}
	}
	for i := range n.pods {
		p := &n.pods[i]
		p.ns = n.namespaces[p.model.Namespace]
		n.readAddresses(p)
		p.names = portNames(p.model.Spec)
		if p.live() {
			p.ns.pods = append(p.ns.pods, p)
		}
		if p.state == onHost {
			n.hostPods = append(n.hostPods, p)
			if p.node != nil {
				p.node.hostPods = append(p.node.hostPods, p)
			}
		}
	}
}

// hasTwins reports whether there are, or may be, other pods just like it: the
// replicas of its workload.
func (p *pod) hasTwins() bool { return len(p.model.Owners) > 0 }

// live reports whether the pod can send and receive at all.
func (p *pod) live() bool { return p.state == onPodNetwork || p.state == onHost }

func (n *Network) readAddresses(p *pod) {
	known := podAddresses(p.model)
	for i, a := range known {
		f := familyOf(a)
		if i == 0 {
			p.primary = f
		}
		p.has[f], p.addr[f] = true, a
	}
	if len(known) == 0 {
		p.primary = n.families[0]
		for _, f := range n.families {
			p.has[f] = true
		}
	}
	switch m := p.model; {
	case m.Terminated():
		p.state = terminated
	case m.Spec.HostNetwork:
		p.state = onHost
		if p.node != nil {
			for _, a := range p.node.addresses {
				if f := familyOf(a); p.has[f] && !p.addr[f].IsValid() {
					p.addr[f] = a
				}
			}
		}
	case len(known) == 0 && m.Origin.Server && m.Status != nil && m.Status.Phase != "":
		p.state = withoutAddress
	}
}

// podAddresses returns the addresses of a pod, primary first, one a family.
// The API server fills podIP from podIPs and the other way round; where they
// differ, podIP counts.
func podAddresses(p *model.Pod) []netip.Addr {
	if p.Status == nil {
		return nil
	}
	texts := make([]string, 0, 2)
	for _, ip := range p.Status.PodIPs {
		texts = append(texts, ip.IP)
	}
	if ip := p.Status.PodIP; ip != "" && (len(texts) == 0 || texts[0] != ip) {
		texts = []string{ip}
	}
	var addrs []netip.Addr
	for _, s := range texts {
		a, ok := parseAddr(s)
		if ok && (len(addrs) == 0 || familyOf(addrs[0]) != familyOf(a)) && len(addrs) < numFamilies {
			addrs = append(addrs, a)
		}
	}
	return addrs
}

// portNames returns the named ports of all containers, those of one name and
// protocol in the order of the containers: regular ones and sidecars (init
// containers that restart always) count in every reading.
func portNames(spec *corev1.PodSpec) []portName {
	var names []portName
	add := func(ports []corev1.ContainerPort, initOnly bool) {
		for _, cp := range ports {
			if cp.Name != "" && cp.ContainerPort > 0 && cp.ContainerPort <= 65535 {
				names = append(names, portName{cp.Name, protocolOf(cp.Protocol), uint16(cp.ContainerPort), initOnly})
			}
		}
	}
	for i := range spec.Containers {
		add(spec.Containers[i].Ports, false)
	}
	for i := range spec.InitContainers {
		c := &spec.InitContainers[i]
		sidecar := c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
		add(c.Ports, !sidecar)
	}
	slices.SortStableFunc(names, func(a, b portName) int {
		if a.initOnly != b.initOnly {
			if a.initOnly {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.protocol, b.protocol))
	})
	return names
}

// readFamilies finds the cluster's address families, primary first, for pods
// whose addresses are not known: those of the pod CIDRs given, else of the
// nodes' pod CIDRs, else of the pods whose addresses are known, else of the
// Services; else IPv4.
func (n *Network) readFamilies() {
	for _, source := range []func() []family{
		n.familiesOfPodCIDRs, n.familiesOfNodes, n.familiesOfPods, n.familiesOfServices,
		func() []family { return []family{ipv4} },
	} {
		for _, f := range source() {
			if !slices.Contains(n.families, f) {
				n.families = append(n.families, f)
			}
		}
		if len(n.families) > 0 {
			break
		}
	}
	for f := range family(numFamilies) {
		n.podRange[f] = anyPodAddress(f)
		var own []netip.Prefix
		for _, p := range n.podCIDRs {
			if familyOf(p.Addr()) == f {
				own = append(own, p)
			}
		}
		if len(own) > 0 {
			n.podRange[f] = prefixSet(own...)
		}
	}
}

func (n *Network) familiesOfPodCIDRs() (fs []family) {
	for _, p := range n.podCIDRs {
		fs = append(fs, familyOf(p.Addr()))
	}
	return fs
}

func (n *Network) familiesOfNodes() (fs []family) {
	for o := range model.All[corev1.Node](n.cluster) {
		for _, s := range o.API.Spec.PodCIDRs {
			if p, err := netip.ParsePrefix(s); err == nil {
				fs = append(fs, familyOf(p.Addr()))
			}
		}
	}
	return fs
}

func (n *Network) familiesOfPods() (fs []family) {
	for p := range n.cluster.Pods() {
		if p.Terminated() {
			continue
		}
		for _, a := range podAddresses(p) {
			if f := familyOf(a); !slices.Contains(fs, f) {
				fs = append(fs, f)
			}
		}
		if len(fs) == numFamilies {
			break
		}
	}
	return fs
}

func (n *Network) familiesOfServices() (fs []family) {
	for o := range model.All[corev1.Service](n.cluster) {
		for _, f := range o.API.Spec.IPFamilies {
			switch f {
			case corev1.IPv4Protocol:
				fs = append(fs, ipv4)
			case corev1.IPv6Protocol:
				fs = append(fs, ipv6)
			default:
			}
		}
	}
	return fs
}
