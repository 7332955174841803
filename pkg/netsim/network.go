package netsim

import (
	"net/netip"

	"go4.org/netipx"

	"github.com/aksim/aksim/pkg/model"
)

// Network answers which packets the NetworkPolicies of one snapshot let pass. It
// is immutable and safe for concurrent use.
type Network struct {
	cluster   *model.Cluster
	dataplane Dataplane
	podCIDRs  []netip.Prefix

	families []family // of pods whose addresses are not known, primary first
	podRange [numFamilies]*netipx.IPSet

	namespaces map[string]*namespace
	nodes      map[string]*node
	nodeByAddr map[netip.Addr]*node
	pods       []pod // by namespace and name
	hostPods   []*pod
	policies   []*policy
	opaques    []*opaque

	peers     []peerSet
	peerByKey map[string]int
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

// WithDataplane says who enforces the policies. The default is [Spec].
func WithDataplane(d Dataplane) Option { return func(n *Network) { n.dataplane = d } }

// WithPodCIDRs says from which blocks pods get their addresses, for pods whose
// own is not in the input. The first block's family is the pods' primary one.
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
		peerByKey:  map[string]int{},
		ports:      newPortTable(),
	}
	for _, o := range opts {
		o(n)
	}
	n.readNamespaces()
	n.readFamilies()
	n.readNodes()
	n.readPods()
	n.readPolicies()
	n.readOpaques()
	n.classify()
	n.findWorlds()
	n.directory = newDirectory(n)
	return n
}

// Cluster returns the snapshot that was compiled.
func (n *Network) Cluster() *model.Cluster { return n.cluster }
