package netsim_test

import (
	"cmp"
	"iter"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
)

// naive is the specification written down once more, slowly and obviously: one
// packet, one admissible world at a time, straight from the API objects. An
// answer is decided if it is the same in every world.
type naive struct {
	policies   []*model.Object[networkingv1.NetworkPolicy]
	foreign    []*model.Object[model.Unmodelled]
	namespaces map[string]model.Namespace
	pods       []*naivePod
	podCIDRs   []netip.Prefix
	nodes      map[netip.Addr]string // node address -> node
	selectors  map[*metav1.LabelSelector]labels.Selector
}

type naivePod struct {
	*model.Pod
	name     string
	addrs    [2]netip.Addr // IPv4, IPv6
	has      [2]bool
	primary6 bool
	node     string // "": not known
}

// naiveEnd is a pod, or a bare address.
type naiveEnd struct {
	pod  *naivePod
	addr netip.Addr
	node string // of a bare address: the node that holds it
}

// naiveWorld settles all that is open about one packet.
type naiveWorld struct {
	hostsArePods  bool // NP36: or node addresses
	ownNodeEgress bool // NP33: a pod may reach its own node whatever its policies say
	initPorts     bool // NP23: named ports of init containers count
	sameNode      bool // pods and nodes of which it is not known run on one machine
	opaque        string
	labels        map[string]map[string]string // of namespaces that are not known
	addrs         map[*naivePod]netip.Addr     // of pods whose address is not known
	from, to      naiveEnd
	v6            bool // the packet's family
}

func newNaive(c *model.Cluster, podCIDRs []netip.Prefix) *naive {
	n := &naive{
		policies:   slices.Collect(model.All[networkingv1.NetworkPolicy](c)),
		foreign:    slices.Collect(model.All[model.Unmodelled](c)),
		namespaces: map[string]model.Namespace{},
		podCIDRs:   podCIDRs,
		nodes:      map[netip.Addr]string{},
		selectors:  map[*metav1.LabelSelector]labels.Selector{},
	}
	for ns := range c.Namespaces() {
		n.namespaces[ns.Name] = ns
	}
	for o := range model.All[corev1.Node](c) {
		for _, a := range o.API.Status.Addresses {
			n.nodes[netip.MustParseAddr(a.Address)] = o.Ref.Name
		}
	}
	var families []bool // v6, primary first
	addFamily := func(v6 bool) {
		if !slices.Contains(families, v6) {
			families = append(families, v6)
		}
	}
	for _, p := range podCIDRs {
		addFamily(p.Addr().Is6())
	}
	for p := range podsWithNodeFirst(c) {
		np := &naivePod{Pod: p, name: p.Namespace + "/" + p.Name, node: p.Spec.NodeName}
		n.pods = append(n.pods, np)
		if p.Status == nil {
			continue
		}
		ips := []string{}
		for _, ip := range p.Status.PodIPs {
			ips = append(ips, ip.IP)
		}
		if p.Status.PodIP != "" && (len(ips) == 0 || ips[0] != p.Status.PodIP) {
			ips = []string{p.Status.PodIP}
		}
		for i, ip := range ips {
			a := netip.MustParseAddr(ip)
			f := family(a)
			np.addrs[f], np.has[f] = a, true
			if i == 0 {
				np.primary6 = a.Is6()
			}
			if p.Spec.HostNetwork {
				n.addNode(np, a)
			}
		}
		if p.Status.HostIP != "" {
			n.addNode(np, netip.MustParseAddr(p.Status.HostIP))
		}
	}
	slices.SortStableFunc(n.pods, func(a, b *naivePod) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	for _, p := range n.pods {
		first := index(p.primary6)
		for _, f := range []int{first, 1 - first} {
			if p.has[f] && len(podCIDRs) == 0 && !p.Terminated() {
				addFamily(f == 1)
			}
		}
	}
	if len(families) == 0 {
		families = []bool{false}
	}
	for _, p := range n.pods {
		if p.has == [2]bool{} {
			p.primary6 = families[0]
			for _, v6 := range families {
				p.has[index(v6)] = true
			}
		}
		if p.Spec.HostNetwork && p.node != "" {
			for a, node := range n.nodes {
				if f := family(a); node == p.node && p.has[f] && !p.addrs[f].IsValid() {
					p.addrs[f] = a
				}
			}
		}
	}
	return n
}

// podsWithNodeFirst yields the pods that name their node, then the others, whose
// nodes the former tell the addresses of.
func podsWithNodeFirst(c *model.Cluster) iter.Seq[*model.Pod] {
	all := slices.Collect(c.Pods())
	slices.SortStableFunc(all, func(a, b *model.Pod) int {
		return cmp.Compare(min(len(b.Spec.NodeName), 1), min(len(a.Spec.NodeName), 1))
	})
	return slices.Values(all)
}

// nameless begins the name of a node of which only an address is known.
const nameless = "node at "

// addNode notes that the address is one of the pod's node.
func (n *naive) addNode(p *naivePod, a netip.Addr) {
	known, ok := n.nodes[a]
	if p.node == "" {
		if !ok {
			known = nameless + a.String()
		}
		p.node = known
	}
	if !ok {
		n.nodes[a] = p.node
	}
}

func index(v6 bool) int {
	if v6 {
		return 1
	}
	return 0
}

func family(a netip.Addr) int { return index(a.Is6()) }

func (p *naivePod) live() bool {
	pending := p.Origin.Server && p.Status != nil && p.Status.Phase != "" && !p.addrs[0].IsValid() && !p.addrs[1].IsValid()
	return !p.Terminated() && (!pending || p.Spec.HostNetwork)
}

// decide asks about a packet in every world. With twins, both ends are the same
// pod, standing for two of its kind.
func (n *naive) decide(from, to naiveEnd, v6, twins bool, proto string, port int32) netsim.Decision {
	if from.pod != nil && !from.pod.live() || to.pod != nil && !to.pod.live() {
		return netsim.Denied // NP37
	}
	if from.pod != nil && from.pod == to.pod && !twins {
		return netsim.Allowed // NP32
	}
	for _, e := range []naiveEnd{from, to} {
		if e.pod != nil && !e.pod.has[index(v6)] {
			return netsim.Denied
		}
	}
	if twins { // two pods alike, with unknowns of their own
		twin := *to.pod
		to.pod = &twin
	}
	all, none := true, true
	n.worlds(from, to, v6, func(w *naiveWorld) {
		if n.passes(w, w.from, w.to, networkingv1.PolicyTypeEgress, proto, port) && n.passes(w, w.to, w.from, networkingv1.PolicyTypeIngress, proto, port) {
			none = false
		} else {
			all = false
		}
	})
	switch {
	case all:
		return netsim.Allowed
	case none:
		return netsim.Denied
	}
	return netsim.Undecided
}

// worlds visits every combination of what may be so.
func (n *naive) worlds(from, to naiveEnd, v6 bool, visit func(*naiveWorld)) {
	ends := func(e naiveEnd) []naiveEnd {
		all := []naiveEnd{e}
		for _, p := range n.pods { // at a node's address may be a pod on its network
			if e.node != "" && p.node == e.node && p.Spec.HostNetwork && p.live() && p.has[index(v6)] {
				all = append(all, naiveEnd{pod: p})
			}
		}
		return all
	}
	for _, f := range ends(from) {
		for _, t := range ends(to) {
			if f.pod != nil && f.pod == t.pod {
				continue
			}
			n.settle(naiveWorld{from: f, to: t, v6: v6}, visit)
		}
	}
}

// settle visits every combination of choices, of those that can matter.
func (n *naive) settle(w naiveWorld, visit func(*naiveWorld)) {
	host := func(e naiveEnd) bool { return e.node != "" || e.pod != nil && e.pod.Spec.HostNetwork }
	init := func(e naiveEnd) bool { return e.pod != nil && len(e.pod.Spec.InitContainers) > 0 }
	choices := func(open bool) []bool {
		if open {
			return []bool{false, true}
		}
		return []bool{false}
	}
	opaque := []string{"nothing"}
	if len(n.foreign) > 0 || slices.ContainsFunc(n.policies, func(p *model.Object[networkingv1.NetworkPolicy]) bool { return len(p.Origin.Gaps) > 0 }) {
		opaque = append(opaque, "deny", "allow")
	}
	anyHost := host(w.from) || host(w.to)
	for _, w.hostsArePods = range choices(anyHost) {
		for _, w.ownNodeEgress = range choices(anyHost) {
			for _, w.sameNode = range choices(anyHost) {
				for _, w.initPorts = range choices(init(w.to)) {
					for _, w.opaque = range opaque {
						n.unknowns(&w, visit)
					}
				}
			}
		}
	}
}

// unknowns visits every choice of labels and addresses that are not known.
func (n *naive) unknowns(w *naiveWorld, visit func(*naiveWorld)) {
	labelChoices := map[string][]map[string]string{}
	addrChoices := map[*naivePod][]netip.Addr{}
	for _, e := range []naiveEnd{w.from, w.to} {
		if e.pod == nil {
			continue
		}
		if ns := n.namespaces[e.pod.Namespace]; !ns.Known {
			labelChoices[ns.Name] = n.possibleLabels(ns.Name)
		}
		if !e.pod.addrs[index(w.v6)].IsValid() {
			addrChoices[e.pod] = n.possibleAddresses(e.pod, w.v6)
		}
	}
	w.labels, w.addrs = map[string]map[string]string{}, map[*naivePod]netip.Addr{}
	var choose func()
	choose = func() {
		for ns, all := range labelChoices {
			delete(labelChoices, ns)
			for _, l := range all {
				w.labels[ns] = l
				choose()
			}
			labelChoices[ns] = all
			return
		}
		for p, all := range addrChoices {
			delete(addrChoices, p)
			for _, a := range all {
				w.addrs[p] = a
				choose()
			}
			addrChoices[p] = all
			return
		}
		visit(w)
	}
	choose()
}

// possibleLabels returns label sets for a namespace, one for each way in which
// selectors can see it.
func (n *naive) possibleLabels(name string) []map[string]string {
	mentioned := map[string][]string{}
	n.eachPeer(func(p *networkingv1.NetworkPolicyPeer) {
		if p.NamespaceSelector == nil {
			return
		}
		for k, v := range p.NamespaceSelector.MatchLabels {
			mentioned[k] = append(mentioned[k], v)
		}
		for _, e := range p.NamespaceSelector.MatchExpressions {
			mentioned[e.Key] = append(mentioned[e.Key], e.Values...)
		}
	})
	delete(mentioned, corev1.LabelMetadataName)
	all := []map[string]string{{corev1.LabelMetadataName: name}}
	for k, values := range mentioned {
		slices.Sort(values)
		var next []map[string]string
		for _, l := range all {
			next = append(next, l) // absent
			for _, v := range append(slices.Compact(values), "somethingelse") {
				next = append(next, labels.Merge(l, labels.Set{k: v}))
			}
		}
		all = next
	}
	return all
}

func (n *naive) eachPeer(visit func(*networkingv1.NetworkPolicyPeer)) {
	for _, p := range n.policies {
		for _, r := range p.API.Spec.Ingress {
			for i := range r.From {
				visit(&r.From[i])
			}
		}
		for _, r := range p.API.Spec.Egress {
			for i := range r.To {
				visit(&r.To[i])
			}
		}
	}
}

// possibleAddresses returns addresses that the pod may have, one at least for
// each way in which blocks can see it.
func (n *naive) possibleAddresses(p *naivePod, v6 bool) []netip.Addr {
	possible := func(a netip.Addr) bool {
		known := false
		for _, c := range n.podCIDRs {
			if c.Addr().Is6() == v6 && !p.Spec.HostNetwork {
				known = true
				if c.Contains(a) {
					return true
				}
			}
		}
		return !known && a.Is6() == v6 && !a.IsUnspecified() && !a.IsLoopback() && !a.IsMulticast() && !a.IsLinkLocalUnicast() && !a.Is4In6() && a.String() != "255.255.255.255"
	}
	at := []netip.Addr{netip.MustParseAddr("10.0.0.0"), netip.MustParseAddr("fd00:1::"), netip.MustParseAddr("198.51.100.1"), netip.MustParseAddr("2001:db9::1")}
	add := func(s string) {
		c := netip.MustParsePrefix(s)
		last := c.Addr().AsSlice()
		for i := c.Bits(); i < len(last)*8; i++ {
			last[i/8] |= 1 << (7 - i%8)
		}
		end, _ := netip.AddrFromSlice(last)
		at = append(at, c.Addr(), c.Addr().Prev(), end, end.Next())
	}
	for _, c := range n.podCIDRs {
		add(c.String())
	}
	n.eachPeer(func(p *networkingv1.NetworkPolicyPeer) {
		if p.IPBlock != nil {
			add(p.IPBlock.CIDR)
			for _, e := range p.IPBlock.Except {
				add(e)
			}
		}
	})
	seen := map[string]bool{}
	var all []netip.Addr
	for _, a := range at {
		if !a.IsValid() || !possible(a) {
			continue
		}
		signature := ""
		n.eachPeer(func(p *networkingv1.NetworkPolicyPeer) {
			if p.IPBlock != nil {
				if inBlock(p.IPBlock, a) {
					signature += "1"
				} else {
					signature += "0"
				}
			}
		})
		if !seen[signature] {
			seen[signature] = true
			all = append(all, a)
		}
	}
	return all
}

// passes says whether a packet passes one side: self is the pod or address at
// that side, peer the other end.
func (n *naive) passes(w *naiveWorld, self, peer naiveEnd, dir networkingv1.PolicyType, proto string, port int32) bool {
	own := self.pod != nil && n.ownNode(w, self, peer)
	if own && dir == networkingv1.PolicyTypeIngress {
		return true // NP33
	}
	onHost := self.pod != nil && self.pod.Spec.HostNetwork
	if (self.node != "" || onHost) && w.opaque == "deny" && n.hostsMayBeDenied(dir) {
		return false
	}
	if self.pod == nil || onHost && !w.hostsArePods {
		return true // policies are about pods (NP36)
	}
	if own && w.ownNodeEgress {
		return true // NP33
	}
	var isolating []*networkingv1.NetworkPolicy
	for _, p := range n.policies {
		if p.Ref.Namespace == self.pod.Namespace && len(p.Origin.Gaps) == 0 && n.selects(&p.API.Spec.PodSelector, self.pod.Labels) && slices.Contains(p.API.Spec.PolicyTypes, dir) {
			isolating = append(isolating, p.API)
		}
	}
	if onHost && w.opaque == "allow" && n.hostsMayBeDenied(dir) {
		return true
	}
	if effect := n.opaqueEffect(w, self.pod, dir, proto, len(isolating) > 0); effect != "nothing" {
		return effect == "allow"
	}
	if len(isolating) == 0 {
		return true // NP1
	}
	to := peer
	if dir == networkingv1.PolicyTypeIngress {
		to = self
	}
	for _, p := range isolating { // NP13
		if dir == networkingv1.PolicyTypeIngress {
			for _, r := range p.Spec.Ingress {
				if n.matchesPeers(w, p.Namespace, r.From, peer) && matchesPorts(w, r.Ports, to, proto, port) {
					return true
				}
			}
		} else {
			for _, r := range p.Spec.Egress {
				if n.matchesPeers(w, p.Namespace, r.To, peer) && matchesPorts(w, r.Ports, to, proto, port) {
					return true
				}
			}
		}
	}
	return false
}

// ownNode says whether the peer is the pod's own node.
func (n *naive) ownNode(w *naiveWorld, self, peer naiveEnd) bool {
	node := peer.node
	if peer.pod != nil {
		if !peer.pod.Spec.HostNetwork || w.hostsArePods {
			return false
		}
		node = peer.pod.node
	} else if node == "" {
		return false
	}
	switch own := self.pod.node; {
	case own == "" || node == "":
		return w.sameNode
	case own == node:
		return true
	case !strings.HasPrefix(own, nameless) && !strings.HasPrefix(node, nameless):
		return false
	default:
		return w.sameNode && !n.addressesDiffer(own, node)
	}
}

// addressesDiffer reports whether two nodes have addresses of one family, which
// are never the same.
func (n *naive) addressesDiffer(a, b string) bool {
	var has [2]map[string]bool
	for addr, node := range n.nodes {
		if f := family(addr); has[f] == nil {
			has[f] = map[string]bool{}
		}
		has[family(addr)][node] = true
	}
	return has[0][a] && has[0][b] || has[1][a] && has[1][b]
}

func (n *naive) matchesPeers(w *naiveWorld, own string, peers []networkingv1.NetworkPolicyPeer, e naiveEnd) bool {
	if len(peers) == 0 {
		return true // NP7
	}
	for _, p := range peers {
		if p.IPBlock != nil {
			if inBlock(p.IPBlock, w.addressOf(e)) { // NP29: of a pod, too
				return true
			}
			continue
		}
		if e.pod == nil || e.pod.Spec.HostNetwork && !w.hostsArePods {
			continue // NP10, NP11
		}
		if p.PodSelector != nil && !n.selects(p.PodSelector, e.pod.Labels) {
			continue // NP12
		}
		if p.NamespaceSelector == nil && e.pod.Namespace != own || p.NamespaceSelector != nil && !n.selects(p.NamespaceSelector, n.labelsOf(w, e.pod.Namespace)) {
			continue
		}
		return true
	}
	return false
}

func (n *naive) labelsOf(w *naiveWorld, namespace string) map[string]string {
	if l, ok := w.labels[namespace]; ok {
		return l
	}
	return labels.Merge(n.namespaces[namespace].Labels, labels.Set{corev1.LabelMetadataName: namespace}) // NP38
}

func (w *naiveWorld) addressOf(e naiveEnd) netip.Addr {
	switch {
	case e.pod == nil:
		return e.addr
	case e.pod.addrs[index(w.v6)].IsValid():
		return e.pod.addrs[index(w.v6)]
	}
	return w.addrs[e.pod]
}

func inBlock(b *networkingv1.IPBlock, a netip.Addr) bool {
	if !netip.MustParsePrefix(b.CIDR).Contains(a) {
		return false
	}
	for _, e := range b.Except {
		if netip.MustParsePrefix(e).Contains(a) {
			return false // NP28
		}
	}
	return true
}

func matchesPorts(w *naiveWorld, ports []networkingv1.NetworkPolicyPort, to naiveEnd, proto string, port int32) bool {
	if len(ports) == 0 {
		return true // NP16
	}
	for _, p := range ports {
		if string(*p.Protocol) != proto { // NP17: defaulted to TCP
			continue
		}
		switch {
		case p.Port == nil:
			return true // NP17
		case p.Port.StrVal != "":
			if to.pod == nil || to.pod.Spec.HostNetwork && !w.hostsArePods {
				continue // NP22
			}
			if servesName(w, to.pod.Spec, p.Port.StrVal, proto, port) {
				return true // NP21
			}
		case p.EndPort != nil:
			if p.Port.IntVal <= port && port <= *p.EndPort {
				return true // NP20
			}
		case p.Port.IntVal == port:
			return true // NP25
		}
	}
	return false
}

func servesName(w *naiveWorld, spec *corev1.PodSpec, name, proto string, port int32) bool {
	containers := slices.Clone(spec.Containers)
	for _, c := range spec.InitContainers {
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways || w.initPorts {
			containers = append(containers, c)
		}
	}
	for _, c := range containers {
		for _, p := range c.Ports {
			if p.Name == name && string(p.Protocol) == proto && p.ContainerPort == port {
				return true
			}
		}
	}
	return false
}

// selects is the API server's own matcher.
func (n *naive) selects(s *metav1.LabelSelector, l map[string]string) bool {
	sel, ok := n.selectors[s]
	if !ok {
		var err error
		if sel, err = metav1.LabelSelectorAsSelector(s); err != nil {
			panic(err)
		}
		n.selectors[s] = sel
	}
	return sel.Matches(labels.Set(l))
}

// opaqueEffect is what the objects that are not modelled do to a packet at the
// pod, in a world where all of them do the same: nothing, deny or allow.
func (n *naive) opaqueEffect(w *naiveWorld, p *naivePod, dir networkingv1.PolicyType, proto string, isolated bool) string {
	if w.opaque == "nothing" {
		return "nothing"
	}
	for _, o := range n.policies {
		if len(o.Origin.Gaps) == 0 || o.Ref.Namespace != p.Namespace {
			continue
		}
		inRule := strings.HasPrefix(o.Origin.Gaps[0].Path, "spec.ingress[")
		concerned := !inRule || n.selects(&o.API.Spec.PodSelector, p.Labels) && (dir == networkingv1.PolicyTypeIngress || slices.Contains(o.API.Spec.PolicyTypes, dir))
		if concerned && (w.opaque == "allow" || !isolated) {
			return w.opaque
		}
	}
	for _, o := range n.foreign {
		spec := o.API.Content["spec"].(map[string]any)
		inNamespace := o.Ref.Namespace == "" || o.Ref.Namespace == p.Namespace
		_, in := spec["ingress"]
		_, inDeny := spec["ingressDeny"]
		_, out := spec["egress"]
		directed := (in || inDeny) && dir == networkingv1.PolicyTypeIngress || out && dir == networkingv1.PolicyTypeEgress
		switch o.Ref.Kind {
		case "CiliumNetworkPolicy":
			if inNamespace && directed && matchLabels(spec["endpointSelector"], p.Labels) {
				return w.opaque
			}
		case "GlobalNetworkPolicy":
			if slices.Contains(spec["types"].([]any), any(string(dir))) {
				return w.opaque
			}
		case "AuthorizationPolicy":
			if inNamespace && dir == networkingv1.PolicyTypeIngress && proto == "TCP" && w.opaque == "deny" && matchLabels(spec["selector"], p.Labels) {
				return "deny"
			}
		case "AdminNetworkPolicy", "BaselineAdminNetworkPolicy":
			subject := spec["subject"].(map[string]any)["namespaces"]
			ns := n.namespaces[p.Namespace]
			if !directed || !matchLabels(subject, ns.Labels) && (ns.Known || matchesNothingUnknown(subject)) {
				continue
			}
			if o.Ref.Kind == "BaselineAdminNetworkPolicy" && (w.opaque == "allow" || isolated) {
				continue
			}
			return w.opaque
		}
	}
	return "nothing"
}

// hostsMayBeDenied reports whether an object that is not modelled is about the
// traffic of nodes.
func (n *naive) hostsMayBeDenied(dir networkingv1.PolicyType) bool {
	return slices.ContainsFunc(n.foreign, func(o *model.Object[model.Unmodelled]) bool {
		spec := o.API.Content["spec"].(map[string]any)
		switch o.Ref.Kind {
		case "CiliumClusterwideNetworkPolicy":
			_, in := spec["ingress"]
			return spec["nodeSelector"] != nil && in == (dir == networkingv1.PolicyTypeIngress)
		case "GlobalNetworkPolicy":
			return slices.Contains(spec["types"].([]any), any(string(dir)))
		}
		return false
	})
}

func matchLabels(selector any, l map[string]string) bool {
	s, _ := selector.(map[string]any)
	want, _ := s["matchLabels"].(map[string]any)
	for k, v := range want {
		if got, ok := l[k]; !ok || got != v {
			return false
		}
	}
	return true
}

// matchesNothingUnknown is false: a namespace whose labels are not known may
// carry any label but the name's.
func matchesNothingUnknown(any) bool { return false }
