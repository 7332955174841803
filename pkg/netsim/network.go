package netsim

import (
	"fmt"
	"iter"
	"net/netip"
	"slices"

	"go4.org/netipx"

	"github.com/aksim/aksim/pkg/model"
)

// Network answers which packets the NetworkPolicies of one snapshot let pass. It
// is immutable and safe for concurrent use.
type Network struct {
	cluster   *model.Cluster
	dataplane Dataplane
	podCIDRs  []netip.Prefix

	fromCluster bool // the pod CIDRs are those of the managed cluster

	families []family // of pods whose addresses are not known, primary first
	podRange [numFamilies]*netipx.IPSet

	namespaces map[string]*namespace
	nodes      map[string]*node
	nodeByAddr map[netip.Addr]*node
	pods       []pod // by namespace and name
	hostPods   []*pod
	policies   []*policy
	opaques    []*opaque
	onNodes    [numDirections][]*opaque // those that concern nodes

	peers     []peerSet
	peerByKey map[string]int32
	keyBuffer []byte                     // of the compiler
	unknown   [2][numFamilies]membership // blocks and pods of unknown address, by whether on a host
	ports     *portTable
	classes   []*class
	worlds    []world
	imagined  []world // for pods that are not of the snapshot
	kernels   lazyKernels

	directory *directory
}

// Option settles something that the snapshot does not tell.
type Option func(*Network)

// WithDataplane says who enforces the policies. The default is [Spec]. It panics at
// a value that is none of the package's.
func WithDataplane(d Dataplane) Option {
	if d != Spec {
		panic(fmt.Sprintf("netsim: no data plane %d", d))
	}
	return func(n *Network) { n.dataplane = d }
}

// WithPodCIDRs says from which blocks pods get their addresses, for pods whose
// own is not in the input. The first block's family is the pods' primary one. The
// default is what the managed cluster's network profile says, where the input has one
// and its network is an overlay or kubenet.
func WithPodCIDRs(blocks ...netip.Prefix) Option {
	return func(n *Network) {
		n.podCIDRs = nil
		for _, p := range blocks {
			n.podCIDRs = append(n.podCIDRs, unmapPrefix(p))
		}
	}
}

// New compiles a snapshot. The cost is near-linear in its size; answers after
// that are cheap.
func New(c *model.Cluster, opts ...Option) *Network {
	n := &Network{
		cluster:    c,
		nodeByAddr: map[netip.Addr]*node{},
		peerByKey:  map[string]int32{},
		ports:      newPortTable(),
	}
	for _, o := range opts {
		o(n)
	}
	n.readPodCIDRs()
	n.readNamespaces()
	n.readFamilies()
	n.readNodes()
	n.readPods()
	n.plant(planted.read)
	n.readPolicies()
	n.readOpaques()
	n.classify()
	n.plant(planted.classified)
	n.findWorlds()
	n.directory = newDirectory(n)
	n.plant(planted.ready)
	return n
}

// Cluster returns the snapshot that was compiled.
func (n *Network) Cluster() *model.Cluster { return n.cluster }

// Assumptions yields what the answers take for granted because the snapshot has
// nothing about it, in a fixed order, each as a clause for people.
func (n *Network) Assumptions() iter.Seq[string] {
	list := []string{"the cluster's network plugin enforces NetworkPolicies"} // NP44, NP45
	if len(n.nodes) == 0 && len(n.nodeByAddr) == 0 {
		list = append(list, "no nodes are in the input, and what comes from a pod's own node, which is always let in, is not looked at")
	}
	if n.fromCluster {
		list = append(list, n.podCIDRAssumption())
	}
	return slices.Values(list)
}

// Unit is what stands for a pod where replicas need not be told apart.
type Unit struct {
	Endpoint Endpoint // the pod's workload, or the pod itself
	Pods     int      // that the endpoint stands for
}

// UnitOf returns the pod's workload, if the input holds several living pods of
// it and policies tell none of them from another; else the pod itself. The
// endpoint is one that an [Edge] names; others come back as they are.
func (n *Network) UnitOf(e Endpoint) Unit {
	one := Unit{e, 1}
	p, err := n.resolve(e)
	if err != nil || p.onePod() == nil || len(p.pods[0].model.Owners) == 0 {
		return one
	}
	w := n.directory.owners[p.pods[0].model.Workload()]
	living := 0
	for _, q := range w.pods {
		if !q.live() {
			continue
		}
		if living++; q.class != p.pods[0].class || q.state != onPodNetwork {
			return one
		}
	}
	if living < 2 {
		return one
	}
	unit := Named(w.ref.Namespace, w.ref.Name)
	if again, err := n.resolve(unit); err != nil || len(again.pods) != len(w.pods) || !again.several {
		unit = workloadEndpoint(w.ref)
	}
	return Unit{unit, living}
}
