package netsim

// Dataplane says who enforces the policies, and thereby how the behaviours are
// settled that the NetworkPolicy specification leaves to its implementations.
// The zero Dataplane is [Spec].
type Dataplane uint8

// Spec is the specification itself: what it leaves to implementations is
// undecided, and an ipBlock matches the addresses of pods, too, as the upstream
// end-to-end tests require (NP29).
const Spec Dataplane = 0

// String returns the name of the data plane.
func (d Dataplane) String() string { return "spec" }

// world is one admissible way to settle everything that is open: the behaviours
// that the specification leaves to implementations, and what the input does not
// tell. A question whose answer is the same in every world is decided.
//
// Two choices span the worlds that matter. Whether pods on the host network are
// pods to policies or mere node addresses is one of two models (NP36). All
// other open points only ever add or remove a way through, so the worlds that
// settle all of them against, or all of them for, a connection are the extremes
// between which the others lie. Labels and addresses that are not known are not
// of that kind when several rules depend on them: see vague.go.
type world struct {
	hostsArePods bool
	most         bool
}

// worlds lists the worlds to look at in the cluster: no more than differ.
func (n *Network) findWorlds() {
	models := []bool{false}
	if len(n.hostPods) > 0 {
		models = append(models, true)
	}
	extremes := []bool{false}
	if n.hasOpenPoints() {
		extremes = append(extremes, true)
	}
	for _, hosts := range models {
		for _, most := range extremes {
			n.worlds = append(n.worlds, world{hosts, most})
		}
		n.imagined = append(n.imagined, world{hosts, false}, world{hosts, true})
	}
}

// worldsOf returns the worlds to look at for the pods. About imagined ones more
// may be open than about those of the snapshot.
func (n *Network) worldsOf(pods ...*pod) []world {
	for _, p := range pods {
		if p.class.imagined != nil {
			return n.imagined
		}
	}
	return n.worlds
}

// hasOpenPoints reports whether anything between two pods depends on more than
// the model of host networking.
func (n *Network) hasOpenPoints() bool {
	if len(n.opaques) > 0 || len(n.hostPods) > 0 { // a pod on a host may be on the other's node (NP33)
		return true
	}
	for _, s := range n.peers {
		if len(s.maybe) > 0 {
			return true
		}
	}
	for _, c := range n.classes {
		for _, pn := range c.names {
			if pn.initOnly {
				return true
			}
		}
	}
	return false
}
