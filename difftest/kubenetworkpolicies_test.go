package difftest

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/kube-network-policies/pkg/api"
	"sigs.k8s.io/kube-network-policies/pkg/network"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"

	"github.com/aksim/aksim/pkg/model"
)

// newKubeNetworkPolicies loads kube-network-policies by way of informers that are
// never started.
//
// It takes an empty list of rules to allow everything, which no server hands it:
// what is stored has no empty lists. So the policies are stored first. It also
// knows no named ports of sidecars; the clusters here have none.
func newKubeNetworkPolicies(c *model.Cluster) oracle {
	factory := informers.NewSharedInformerFactory(nil, 0)
	namespaces, pods, policies := factory.Core().V1().Namespaces(), factory.Core().V1().Pods(), factory.Networking().V1().NetworkPolicies()
	for o := range model.All[corev1.Namespace](c) {
		add(namespaces.Informer(), o.API)
	}
	byAddress := podsByAddress{}
	for p := range c.Pods() {
		o, _ := model.Get[corev1.Pod](c, p.Namespace, p.Name)
		add(pods.Informer(), o.API)
		ns, _ := c.Namespace(p.Namespace)
		for _, e := range podEnds(p) {
			byAddress[e.addr.String()] = api.NewPodInfo(o.API, ns.Labels, nil, "")
		}
	}
	for o := range model.All[networkingv1.NetworkPolicy](c) {
		add(policies.Informer(), stored(o.API))
	}
	standard := networkpolicy.NewStandardNetworkPolicy("", namespaces, pods, policies)
	engine := networkpolicy.NewPolicyEngine(byAddress, []api.PolicyEvaluator{standard})
	return func(p packet) bool {
		family := corev1.IPv4Protocol
		if p.from.addr.Is6() {
			family = corev1.IPv6Protocol
		}
		allowed, err := engine.EvaluatePacket(context.Background(), &network.Packet{
			Family:  family,
			SrcIP:   p.from.addr.AsSlice(),
			DstIP:   p.to.addr.AsSlice(),
			Proto:   apiProtocol(p.protocol),
			SrcPort: 40000, // plays no part
			DstPort: int(p.port),
		})
		if err != nil {
			panic(err) // it has none to return
		}
		return allowed
	}
}

func add(informer cache.SharedIndexInformer, object any) {
	if err := informer.GetStore().Add(object); err != nil {
		panic(err) // only for what has no name
	}
}

// stored returns the policy as a server gives it back.
func stored(np *networkingv1.NetworkPolicy) *networkingv1.NetworkPolicy {
	data, err := np.Marshal()
	if err != nil {
		panic(err)
	}
	back := &networkingv1.NetworkPolicy{}
	if err := back.Unmarshal(data); err != nil {
		panic(err)
	}
	return back
}

type podsByAddress map[string]*api.PodInfo

func (m podsByAddress) GetPodInfoByIP(address string) (*api.PodInfo, bool) {
	p, ok := m[address]
	return p, ok
}
