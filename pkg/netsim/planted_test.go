package netsim

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/aksim/aksim/internal/labelspace"
)

var (
	plantSweep = flag.Bool("plant", false, "plant every bug of the catalogue, one at a time, and see whether the tests notice")
	plantBug   = flag.String("bug", "", "run the tests with the `bug` planted")
)

// TestMain plants the bug of a child process.
func TestMain(m *testing.M) {
	flag.Parse()
	if *plantBug != "" {
		plantingOf(*plantBug)()
	}
	os.Exit(m.Run())
}

func plantingOf(name string) func() {
	for _, b := range catalogue {
		if b.name == name {
			return b.plant
		}
	}
	panic("no bug " + name)
}

// The tests notice every bug of the catalogue. Each is planted in a process of
// its own, of this same binary, that runs the tests until one fails.
func TestPlantedBugs(t *testing.T) {
	if !*plantSweep {
		t.Skip("a sweep of some minutes: make planted-bugs")
	}
	failed := regexp.MustCompile(`--- FAIL: (\S+)`)
	out, err := runTests("")
	require.NoError(t, err, "the tests fail without a bug:\n%s", out)
	for _, b := range catalogue {
		t.Run(b.name, func(t *testing.T) {
			start := time.Now()
			out, err := runTests(b.name)
			require.Error(t, err, "nobody noticed")
			m := failed.FindSubmatch(out)
			require.NotNil(t, m, "%s", out)
			t.Logf("noticed by %s after %v", m[1], time.Since(start).Round(time.Millisecond))
		})
	}
}

// runTests runs the tests of the engine with the bug planted, or none, until one
// fails.
func runTests(bug string) ([]byte, error) {
	cmd := exec.Command(os.Args[0], "-bug", bug, "-test.failfast", "-clusters", "150", "-test.run", "^Test(Corpus|Against|DefaultDeny|OnlyInto|Isolated|Law)")
	return cmd.CombinedOutput()
}

type bug struct {
	name  string
	plant func()
}

// misread makes a bug out of a wrong reading of policies.
func misread(name string, f func(*networkingv1.NetworkPolicySpec)) bug {
	return bug{name, func() { planted.spec = f }}
}

// mispeer makes a bug out of a wrong reading of peers.
func mispeer(name string, f func(*networkingv1.NetworkPolicyPeer)) bug {
	return misread(name, func(s *networkingv1.NetworkPolicySpec) {
		for i := range s.Ingress {
			for j := range s.Ingress[i].From {
				f(&s.Ingress[i].From[j])
			}
		}
		for i := range s.Egress {
			for j := range s.Egress[i].To {
				f(&s.Egress[i].To[j])
			}
		}
	})
}

// misselect makes a bug out of a wrong reading of all label selectors.
func misselect(name string, f func(*metav1.LabelSelector)) bug {
	return misread(name, func(s *networkingv1.NetworkPolicySpec) {
		f(&s.PodSelector)
		eachPeerOf(s, func(p *networkingv1.NetworkPolicyPeer) {
			for _, sel := range []*metav1.LabelSelector{p.PodSelector, p.NamespaceSelector} {
				if sel != nil {
					f(sel)
				}
			}
		})
	})
}

func eachPeerOf(s *networkingv1.NetworkPolicySpec, f func(*networkingv1.NetworkPolicyPeer)) {
	for i := range s.Ingress {
		for j := range s.Ingress[i].From {
			f(&s.Ingress[i].From[j])
		}
	}
	for i := range s.Egress {
		for j := range s.Egress[i].To {
			f(&s.Egress[i].To[j])
		}
	}
}

// misport makes a bug out of a wrong reading of ports.
func misport(name string, f func(*networkingv1.NetworkPolicyPort)) bug {
	return misports(name, func(ports []networkingv1.NetworkPolicyPort) []networkingv1.NetworkPolicyPort {
		for i := range ports {
			f(&ports[i])
		}
		return ports
	})
}

func misports(name string, f func([]networkingv1.NetworkPolicyPort) []networkingv1.NetworkPolicyPort) bug {
	return misread(name, func(s *networkingv1.NetworkPolicySpec) {
		for i := range s.Ingress {
			s.Ingress[i].Ports = f(s.Ingress[i].Ports)
		}
		for i := range s.Egress {
			s.Egress[i].Ports = f(s.Egress[i].Ports)
		}
	})
}

// mispod makes a bug out of a wrong reading of pods.
func mispod(name string, f func(*Network, *pod)) bug {
	return bug{name, func() {
		planted.read = func(n *Network) {
			for i := range n.pods {
				f(n, &n.pods[i])
			}
		}
	}}
}

// misside makes a bug out of what is made of the policies for a class.
func misside(name string, f func(*Network, *side)) bug {
	return bug{name, func() {
		planted.classified = func(n *Network) {
			done := map[*side]bool{}
			for _, c := range n.classes {
				for _, s := range c.sides {
					if !done[s] {
						f(n, s)
					}
					done[s] = true
				}
			}
		}
	}}
}

func misready(name string, f func(*Network)) bug {
	return bug{name, func() { planted.ready = f }}
}

// miskernel makes a bug out of the bulk computation alone.
func miskernel(name string, f func(*kernel)) bug {
	return misready(name, func(n *Network) {
		for _, k := range n.allKernels() {
			f(k)
		}
	})
}

var impossible = metav1.LabelSelector{MatchLabels: map[string]string{"no": "body"}}

// catalogue lists plausible bugs of a simulator: misreadings of the
// specification, most of them made by some tool once, and slips in the
// computation.
var catalogue = []bug{
	// isolation
	misread("absent policyTypes means both", func(s *networkingv1.NetworkPolicySpec) {
		if len(s.PolicyTypes) == 1 && s.PolicyTypes[0] == "Ingress" {
			s.PolicyTypes = append(s.PolicyTypes, "Egress")
		}
	}),
	misread("only the first policyType counts", func(s *networkingv1.NetworkPolicySpec) { s.PolicyTypes = s.PolicyTypes[:1] }),
	misread("rules isolate without policyTypes", func(s *networkingv1.NetworkPolicySpec) {
		if len(s.Egress) > 0 {
			s.PolicyTypes = append(s.PolicyTypes, "Egress")
		}
		if len(s.Ingress) > 0 {
			s.PolicyTypes = append(s.PolicyTypes, "Ingress")
		}
	}),
	misread("a direction isolates only with rules", func(s *networkingv1.NetworkPolicySpec) {
		s.PolicyTypes = slices.DeleteFunc(s.PolicyTypes, func(t networkingv1.PolicyType) bool {
			return t == "Ingress" && len(s.Ingress) == 0 || t == "Egress" && len(s.Egress) == 0
		})
	}),
	misread("egress is not enforced", func(s *networkingv1.NetworkPolicySpec) {
		s.PolicyTypes = slices.DeleteFunc(s.PolicyTypes, func(t networkingv1.PolicyType) bool { return t == "Egress" })
	}),
	misread("ingress is not enforced", func(s *networkingv1.NetworkPolicySpec) {
		s.PolicyTypes = slices.DeleteFunc(s.PolicyTypes, func(t networkingv1.PolicyType) bool { return t == "Ingress" })
	}),
	misread("an empty podSelector selects nothing", func(s *networkingv1.NetworkPolicySpec) {
		if len(s.PodSelector.MatchLabels)+len(s.PodSelector.MatchExpressions) == 0 {
			s.PodSelector = impossible
		}
	}),
	misread("only the first rule counts", func(s *networkingv1.NetworkPolicySpec) {
		s.Ingress, s.Egress = s.Ingress[:min(1, len(s.Ingress))], s.Egress[:min(1, len(s.Egress))]
	}),
	misread("only the last rule counts", func(s *networkingv1.NetworkPolicySpec) {
		s.Ingress, s.Egress = s.Ingress[max(0, len(s.Ingress)-1):], s.Egress[max(0, len(s.Egress)-1):]
	}),
	misside("only the first policy of a pod counts", func(_ *Network, s *side) { keepPolicies(s, 0, 1) }),
	misside("only the last policy of a pod counts", func(_ *Network, s *side) { keepPolicies(s, len(s.policies)-1, len(s.policies)) }),

	// peers
	misread("an empty from or to means nobody", func(s *networkingv1.NetworkPolicySpec) {
		nobody := []networkingv1.NetworkPolicyPeer{{IPBlock: &networkingv1.IPBlock{CIDR: "255.255.255.255/32"}}}
		for i := range s.Ingress {
			if len(s.Ingress[i].From) == 0 {
				s.Ingress[i].From = nobody
			}
		}
		for i := range s.Egress {
			if len(s.Egress[i].To) == 0 {
				s.Egress[i].To = nobody
			}
		}
	}),
	misread("an empty from or to means pods only", func(s *networkingv1.NetworkPolicySpec) {
		pods := []networkingv1.NetworkPolicyPeer{{NamespaceSelector: &metav1.LabelSelector{}}}
		for i := range s.Ingress {
			if len(s.Ingress[i].From) == 0 {
				s.Ingress[i].From = pods
			}
		}
		for i := range s.Egress {
			if len(s.Egress[i].To) == 0 {
				s.Egress[i].To = pods
			}
		}
	}),
	mispeer("a podSelector alone reaches all namespaces", func(p *networkingv1.NetworkPolicyPeer) {
		if p.IPBlock == nil && p.NamespaceSelector == nil {
			p.NamespaceSelector = &metav1.LabelSelector{}
		}
	}),
	mispeer("a namespaceSelector alone means the own namespace", func(p *networkingv1.NetworkPolicyPeer) {
		if p.PodSelector == nil && p.IPBlock == nil {
			p.NamespaceSelector, p.PodSelector = nil, &metav1.LabelSelector{}
		}
	}),
	mispeer("podSelector is ignored beside namespaceSelector", func(p *networkingv1.NetworkPolicyPeer) {
		if p.NamespaceSelector != nil {
			p.PodSelector = nil
		}
	}),
	mispeer("namespaceSelector is ignored beside podSelector", func(p *networkingv1.NetworkPolicyPeer) {
		if p.PodSelector != nil {
			p.NamespaceSelector = nil
		}
	}),
	mispeer("an empty peer podSelector selects nothing", func(p *networkingv1.NetworkPolicyPeer) {
		if p.PodSelector != nil && len(p.PodSelector.MatchLabels)+len(p.PodSelector.MatchExpressions) == 0 {
			p.PodSelector = &impossible
		}
	}),
	mispeer("an empty namespaceSelector selects nothing", func(p *networkingv1.NetworkPolicyPeer) {
		if p.NamespaceSelector != nil && len(p.NamespaceSelector.MatchLabels)+len(p.NamespaceSelector.MatchExpressions) == 0 {
			p.NamespaceSelector = &impossible
		}
	}),
	misread("an empty namespaceSelector matches addresses", func(s *networkingv1.NetworkPolicySpec) {
		for i := range s.Ingress {
			for _, p := range s.Ingress[i].From {
				if p.NamespaceSelector != nil && p.PodSelector == nil && len(p.NamespaceSelector.MatchLabels)+len(p.NamespaceSelector.MatchExpressions) == 0 {
					s.Ingress[i].From = nil
					break
				}
			}
		}
	}),
	misread("only the first peer counts", func(s *networkingv1.NetworkPolicySpec) {
		for i := range s.Ingress {
			s.Ingress[i].From = s.Ingress[i].From[:min(1, len(s.Ingress[i].From))]
		}
		for i := range s.Egress {
			s.Egress[i].To = s.Egress[i].To[:min(1, len(s.Egress[i].To))]
		}
	}),

	// selectors
	misselect("matchExpressions are ignored", func(s *metav1.LabelSelector) { s.MatchExpressions = nil }),
	misselect("matchLabels are ignored", func(s *metav1.LabelSelector) { s.MatchLabels = nil }),
	misselect("NotIn wants the key", func(s *metav1.LabelSelector) {
		for _, e := range s.MatchExpressions {
			if e.Operator == metav1.LabelSelectorOpNotIn {
				s.MatchExpressions = append(s.MatchExpressions, metav1.LabelSelectorRequirement{Key: e.Key, Operator: metav1.LabelSelectorOpExists})
			}
		}
	}),
	misselect("Exists wants a value", func(s *metav1.LabelSelector) {
		for _, e := range s.MatchExpressions {
			if e.Operator == metav1.LabelSelectorOpExists {
				s.MatchExpressions = append(s.MatchExpressions, metav1.LabelSelectorRequirement{Key: e.Key, Operator: metav1.LabelSelectorOpNotIn, Values: []string{""}})
			}
		}
	}),
	misselect("only the first value of In counts", func(s *metav1.LabelSelector) {
		for i := range s.MatchExpressions {
			s.MatchExpressions[i].Values = s.MatchExpressions[i].Values[:min(1, len(s.MatchExpressions[i].Values))]
		}
	}),
	misselect("DoesNotExist means Exists", func(s *metav1.LabelSelector) {
		for i := range s.MatchExpressions {
			if s.MatchExpressions[i].Operator == metav1.LabelSelectorOpDoesNotExist {
				s.MatchExpressions[i].Operator = metav1.LabelSelectorOpExists
			}
		}
	}),
	misselect("an empty label value is no condition", func(s *metav1.LabelSelector) {
		for k, v := range s.MatchLabels {
			if v == "" {
				delete(s.MatchLabels, k)
			}
		}
	}),

	// blocks
	mispeer("exceptions are ignored", func(p *networkingv1.NetworkPolicyPeer) {
		if p.IPBlock != nil {
			p.IPBlock.Except = nil
		}
	}),
	mispeer("only the first exception counts", func(p *networkingv1.NetworkPolicyPeer) {
		if p.IPBlock != nil {
			p.IPBlock.Except = p.IPBlock.Except[:min(1, len(p.IPBlock.Except))]
		}
	}),
	mispeer("IPv6 blocks never match", func(p *networkingv1.NetworkPolicyPeer) {
		if p.IPBlock != nil && strings.Contains(p.IPBlock.CIDR, ":") {
			p.IPBlock = &networkingv1.IPBlock{CIDR: "::1/128"}
		}
	}),
	misread("0.0.0.0/0 is every address", func(s *networkingv1.NetworkPolicySpec) {
		for i := range s.Ingress {
			for _, p := range s.Ingress[i].From {
				if p.IPBlock != nil && p.IPBlock.CIDR == "0.0.0.0/0" {
					s.Ingress[i].From = append(s.Ingress[i].From, networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: "::/0"}})
				}
			}
		}
	}),
	mispeer("the first address of a block is left out", func(p *networkingv1.NetworkPolicyPeer) {
		if p.IPBlock != nil {
			a := netip.MustParsePrefix(p.IPBlock.CIDR).Addr()
			p.IPBlock.Except = append(p.IPBlock.Except, netip.PrefixFrom(a, a.BitLen()).String())
		}
	}),
	{"blocks don't match pods", func() {
		planted.classified = func(n *Network) {
			for i := range n.peers {
				if n.peers[i].block != nil {
					n.peers[i].classes, n.peers[i].maybe = nil, nil
				}
			}
			for _, c := range n.classes {
				keep := func(set int32) bool { return n.peers[set].block != nil }
				c.in, c.maybeIn = slices.DeleteFunc(slices.Clone(c.in), keep), slices.DeleteFunc(slices.Clone(c.maybeIn), keep)
			}
			n.unknown = [2][numFamilies]membership{}
		}
	}},

	// ports
	misports("an empty ports list is no port", func(ports []networkingv1.NetworkPolicyPort) []networkingv1.NetworkPolicyPort {
		if len(ports) == 0 {
			name := intstr.FromString("nobody")
			proto := corev1.ProtocolTCP
			return []networkingv1.NetworkPolicyPort{{Protocol: &proto, Port: &name}}
		}
		return ports
	}),
	misports("only the first port counts", func(ports []networkingv1.NetworkPolicyPort) []networkingv1.NetworkPolicyPort {
		return ports[:min(1, len(ports))]
	}),
	misports("a protocol alone opens every protocol", func(ports []networkingv1.NetworkPolicyPort) []networkingv1.NetworkPolicyPort {
		for _, p := range ports {
			if p.Port == nil {
				return nil
			}
		}
		return ports
	}),
	misport("endPort is ignored", func(p *networkingv1.NetworkPolicyPort) { p.EndPort = nil }),
	misport("endPort is exclusive", func(p *networkingv1.NetworkPolicyPort) {
		if p.EndPort != nil && *p.EndPort > p.Port.IntVal {
			last := *p.EndPort - 1
			p.EndPort = &last
		}
	}),
	misport("a range has no end", func(p *networkingv1.NetworkPolicyPort) {
		if p.EndPort != nil {
			last := int32(65535)
			p.EndPort = &last
		}
	}),
	misport("SCTP is TCP", func(p *networkingv1.NetworkPolicyPort) {
		if *p.Protocol == corev1.ProtocolSCTP {
			tcp := corev1.ProtocolTCP
			p.Protocol = &tcp
		}
	}),
	misport("UDP is TCP", func(p *networkingv1.NetworkPolicyPort) {
		if *p.Protocol == corev1.ProtocolUDP {
			tcp := corev1.ProtocolTCP
			p.Protocol = &tcp
		}
	}),
	misports("SCTP rules open TCP, too", func(ports []networkingv1.NetworkPolicyPort) []networkingv1.NetworkPolicyPort {
		for _, p := range ports {
			if *p.Protocol == corev1.ProtocolSCTP {
				tcp := corev1.ProtocolTCP
				p.Protocol = &tcp
				ports = append(ports, p)
			}
		}
		return ports
	}),
	misport("a named port never matches", func(p *networkingv1.NetworkPolicyPort) {
		if p.Port != nil && p.Port.StrVal != "" {
			p.Port.StrVal = "nobody"
		}
	}),
	misport("a named port matches every port", func(p *networkingv1.NetworkPolicyPort) {
		if p.Port != nil && p.Port.StrVal != "" {
			p.Port = nil
		}
	}),
	mispod("a named port ignores the protocol", func(_ *Network, p *pod) {
		for _, pn := range slices.Clone(p.names) {
			for proto := range Protocols() {
				pn.protocol = proto
				p.names = append(p.names, pn)
			}
		}
	}),
	mispod("named ports of the first container only", func(_ *Network, p *pod) {
		spec := p.model.Spec.DeepCopy()
		spec.Containers, spec.InitContainers = spec.Containers[:1], nil
		p.names = portNames(spec)
	}),
	mispod("sidecars' ports don't count", func(_ *Network, p *pod) {
		spec := p.model.Spec.DeepCopy()
		for i := range spec.InitContainers {
			spec.InitContainers[i].RestartPolicy = nil
		}
		p.names = portNames(spec)
	}),
	mispod("init containers' ports count", func(_ *Network, p *pod) {
		for i := range p.names {
			p.names[i].initOnly = false
		}
	}),
	misside("egress names mean the source's ports", func(n *Network, s *side) {
		if s.dir == Egress {
			for i := range s.grants {
				s.grants[i].named = false
			}
		}
	}),
	// pods, nodes and namespaces
	mispod("ended pods live on", func(n *Network, p *pod) {
		if p.state == terminated {
			p.state = onPodNetwork
			p.ns.pods = append(p.ns.pods, p)
		}
	}),
	mispod("pending pods have addresses", func(n *Network, p *pod) {
		if p.state == withoutAddress {
			p.state = onPodNetwork
			p.ns.pods = append(p.ns.pods, p)
		}
	}),
	mispod("pods on the host network are pods", func(_ *Network, p *pod) {
		if p.state == onHost {
			p.state = onPodNetwork
		}
	}),
	mispod("the secondary address is the primary", func(_ *Network, p *pod) {
		if p.has == [numFamilies]bool{true, true} {
			p.primary = 1 - p.primary
		}
	}),
	mispod("pods have one family only", func(_ *Network, p *pod) {
		other := 1 - p.primary
		p.has[other], p.addr[other] = false, netip.Addr{}
	}),
	mispod("nobody knows the own node", func(_ *Network, p *pod) { p.node = nil }),
	mispod("all pods are on other nodes", func(n *Network, p *pod) { p.node = &node{} }),
	{"the name label is not there", func() {
		planted.read = func(n *Network) {
			for _, ns := range n.namespaces {
				if ns.Known {
					ns.Labels = map[string]string{}
				}
			}
		}
	}},
	{"namespaces without an object have no labels", func() {
		planted.read = func(n *Network) {
			for _, ns := range n.namespaces {
				ns.Known = true
			}
		}
	}},
	misready("unknown addresses are outside the pod CIDR", func(n *Network) {
		for host := range n.unknown {
			for f := range n.unknown[host] {
				n.unknown[host][f].maybe = nil
			}
		}
	}),

	// what is open
	misready("the host network is outside policies, always", func(n *Network) {
		n.worlds = slices.DeleteFunc(n.worlds, func(w world) bool { return w.hostsArePods })
	}),
	misready("the host network is a pod network, always", func(n *Network) {
		if slices.ContainsFunc(n.worlds, func(w world) bool { return w.hostsArePods }) {
			n.worlds = slices.DeleteFunc(n.worlds, func(w world) bool { return !w.hostsArePods })
		}
	}),
	misready("what may be is not", func(n *Network) { n.worlds = slices.DeleteFunc(n.worlds, func(w world) bool { return w.most }) }),
	misready("what may be is", func(n *Network) {
		if slices.ContainsFunc(n.worlds, func(w world) bool { return w.most }) {
			n.worlds = slices.DeleteFunc(n.worlds, func(w world) bool { return !w.most })
		}
	}),
	misready("imagined pods are known through and through", func(n *Network) {
		n.imagined = slices.DeleteFunc(n.imagined, func(w world) bool { return w.most })
	}),
	misside("policies of other APIs are ignored", func(_ *Network, s *side) {
		s.opaques, s.maybeDenied, s.mayAllow = nil, Ports{}, false
	}),
	misside("policies of other APIs only deny", func(_ *Network, s *side) { s.mayAllow = false }),
	misside("policies of other APIs only allow", func(_ *Network, s *side) { s.maybeDenied = Ports{} }),

	// the computation
	{"classes ignore ports", func() {
		planted.classified = func(n *Network) {
			merge(n, func(c *class) string { return fmt.Sprint(c.in, c.maybeIn, policiesOf(c), c.has, c.onHost) })
		}
	}},
	{"classes ignore who selects them as a peer", func() {
		planted.classified = func(n *Network) {
			merge(n, func(c *class) string {
				return fmt.Sprint(policiesOf(c), c.names, c.has, c.primary, c.onHost, c.unknown)
			})
		}
	}},
	miskernel("the bulk forgets rules without peers", func(k *kernel) { k.anyone = nil }),
	miskernel("the bulk keeps one rule a word", func(k *kernel) {
		for i := range k.bySet {
			k.bySet[i] = k.bySet[i][:min(1, len(k.bySet[i]))]
		}
	}),
	miskernel("the bulk forgets families", func(k *kernel) {
		for f := range k.has {
			k.has[f] = k.has[0].Union(k.has[1])
		}
	}),
	miskernel("the bulk takes hosts for pods", func(k *kernel) { k.onHost = nil }),
	miskernel("the bulk opens all ports", func(k *kernel) {
		for i := range k.bySet {
			for j := range k.bySet[i] {
				k.bySet[i][j].ports = allPorts
			}
		}
	}),
	miskernel("the bulk loses the first class", func(k *kernel) {
		for i := range k.bySet {
			for j := range k.bySet[i] {
				if k.bySet[i][j].Index == 0 {
					k.bySet[i][j].Bits &^= 1
				}
			}
		}
	}),
	misside("a range of addresses ends too soon", func(_ *Network, s *side) {
		for f := range family(numFamilies) {
			ranges := s.addressesOf(f, false)
			for i := range ranges[:len(ranges)-1] {
				ranges[i].ports = ranges[i+1].ports
			}
		}
	}),
	misside("addresses see the union of all blocks", func(_ *Network, s *side) {
		for f := range family(numFamilies) {
			var all Ports
			for _, r := range s.addressesOf(f, false) {
				all = all.Union(r.ports)
			}
			for i := range s.addressesOf(f, false) {
				s.addressesOf(f, false)[i].ports = all
			}
		}
	}),

	// Services and proofs
	misready("target ports are not translated", func(n *Network) {
		for _, s := range n.directory.services {
			for i := range s.object.API.Spec.Ports {
				s.object.API.Spec.Ports[i].TargetPort = intstr.FromInt32(s.object.API.Spec.Ports[i].Port)
			}
		}
	}),
	misready("nothing stands behind ports of nodes", func(n *Network) { n.directory.doors = doors{} }),
	misready("a NodePort belongs to the node itself", func(n *Network) { n.directory.doors.nodePorts = nil }),
	misready("a hostPort is open at every node", func(n *Network) {
		for at, behind := range n.directory.doors.hostPorts {
			for i := range behind {
				behind[i].address = netip.Addr{}
			}
			n.directory.doors.hostPorts[at] = behind
		}
	}),
	misready("policies for nodes concern nobody", func(n *Network) { n.onNodes = [numDirections][]*opaque{} }),
	misside("policies for nodes leave their pods alone", func(_ *Network, s *side) {
		if len(s.opaques) > 0 && s.opaques[0].onNodes {
			s.mayAllow, s.maybeDenied = false, Ports{}
		}
	}),
	misready("every Service is headless", func(n *Network) {
		for _, s := range n.directory.services {
			s.headless = true
		}
	}),
	misready("a Service has one backend", func(n *Network) {
		for _, s := range n.directory.services {
			s.pods = s.pods[:min(1, len(s.pods))]
		}
	}),
	misready("proofs look at one policy a namespace", func(n *Network) {
		for _, ns := range n.namespaces {
			ns.policies = ns.policies[:min(1, len(ns.policies))]
		}
	}),
	misready("nothing selects namespaces to come", func(n *Network) {
		for i := range n.peers {
			if s := n.peers[i].selector; s != nil && s.own == nil {
				s.pods = labelspace.Nothing()
			}
		}
	}),
}

// keepPolicies leaves the side the policies from i to j, and their grants.
func keepPolicies(s *side, i, j int) {
	if len(s.policies) < 2 {
		return
	}
	s.policies = s.policies[i:j]
	s.grants = slices.DeleteFunc(s.grants, func(g grant) bool { return !slices.Contains(s.policies, g.rule.policy) })
	s.bySet = nil
}

func policiesOf(c *class) string {
	var names []string
	for _, s := range c.sides {
		for _, p := range s.policies {
			names = append(names, s.dir.String()+p.object.Ref.String())
		}
	}
	return strings.Join(names, " ")
}

// merge makes one class of all with the same key.
func merge(n *Network, key func(*class) string) {
	first := map[string]*class{}
	for _, c := range n.classes {
		to := first[key(c)]
		if to == nil {
			first[key(c)] = c
			continue
		}
		for _, p := range c.pods {
			p.class = to
		}
		to.pods = append(to.pods, c.pods...)
	}
	n.classes = slices.DeleteFunc(n.classes, func(c *class) bool { return first[key(c)] != c })
	renumber(n)
}

func renumber(n *Network) {
	for i := range n.peers {
		n.peers[i].classes, n.peers[i].maybe = nil, nil
	}
	for i, c := range n.classes {
		c.id = i
		for _, set := range c.in {
			n.peers[set].classes.Append(i)
		}
		for _, set := range c.maybeIn {
			n.peers[set].maybe.Append(i)
		}
	}
}
