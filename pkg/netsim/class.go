package netsim

import (
	"slices"

	"github.com/aksim/aksim/internal/wordset"
)

// class is a set of pods that no policy can tell apart, neither as those it
// selects nor as peers: what holds for one holds for all. A pod's node is not
// among its traits, so what depends on it (NP33, NP36) is settled pod by pod.
//
// The fields that judging a packet reads come first: it is the memory that
// costs.
type class struct {
	sides   [numDirections]*side
	in      setList // peer sets that hold the class
	id      int
	names   []portName // those that some policy mentions
	onHost  bool
	primary family
	has     [numFamilies]bool
	// unknown: the pods have an address of the family, but it is not known
	// which. What blocks they are in is the same for all such classes: see
	// Network.unknown.
	unknown [numFamilies]bool
	maybeIn setList // peer sets of which that depends on labels that are not known
	// vague is the namespace with those labels; nil if maybeIn is empty.
	vague *namespace
	// imagined is the pod of a class that is not of the snapshot: see imagine.go.
	imagined *pod
	pods     []*pod // in the order of Network.pods; never empty
}

// setList is a list of peer sets, ascending.
type setList []int32

// has reports whether the list has the set. Lists are short, mostly.
func (l setList) has(set int32) bool {
	if len(l) > 32 {
		_, ok := slices.BinarySearch(l, set)
		return ok
	}
	for _, s := range l {
		if s >= set {
			return s == set
		}
	}
	return false
}

// membership lists peer sets by whether they hold something.
type membership struct{ yes, maybe setList }

// peerSet is what a peer of a rule matches: classes of pods, and addresses.
// Peers that say the same share one.
type peerSet struct {
	selector *podPeer // either
	block    *block   // or
	classes  wordset.Set
	maybe    wordset.Set // classes of which it is not known
	// possible says how a block lies to the addresses that a pod of unknown
	// address may have, by whether it is on a host.
	possible [2]relation
}

const (
	everyone = -1 // of a rule without peers
	noPeer   = -2 // of a peer that matches nothing
)

func (n *Network) peerSetOfPods(s *podPeer) int32 {
	key := n.keyBuffer[:0]
	if s.own != nil {
		key = append(append(key, "at "...), s.own.Name...)
	} else {
		key = s.namespaces.AppendKey(append(key, "in "...))
	}
	key = s.pods.AppendKey(append(key, ' '))
	n.keyBuffer = key
	return n.peerSet(key, peerSet{selector: s})
}

func (n *Network) peerSetOfBlock(b *block) int32 {
	key := n.keyBuffer[:0]
	key = append(key, "block"...)
	for _, p := range b.prefixes() {
		key = p.AppendTo(append(key, ' '))
	}
	n.keyBuffer = key
	return n.peerSet(key, peerSet{block: b})
}

func (n *Network) peerSet(key []byte, s peerSet) int32 {
	if i, ok := n.peerByKey[string(key)]; ok {
		return i
	}
	i := int32(len(n.peers))
	n.peerByKey[string(key)] = i
	n.peers = append(n.peers, s)
	return i
}
