package netsim

import "strconv"

// Decision is the answer to a question about packets. The zero Decision is
// Undecided, which fails an assertion of either kind: a forgotten evaluation
// proves nothing.
type Decision uint8

const (
	// Undecided says that the input, or the specification, leaves the answer open.
	Undecided Decision = iota
	// Allowed says that the connection is let through, whoever of those asked about opens it.
	Allowed
	// Denied says that the connection is dropped, whoever of those asked about opens it.
	Denied
	// Mixed says that an endpoint stands for several, of which some are allowed
	// and others are not. Like Undecided it fails an assertion of either kind.
	Mixed
)

// String returns undecided, allowed, denied or mixed.
func (d Decision) String() string {
	switch d {
	case Undecided:
		return "undecided"
	case Allowed:
		return "allowed"
	case Denied:
		return "denied"
	case Mixed:
		return "mixed"
	}
	return "Decision(" + strconv.Itoa(int(d)) + ")"
}

// decide turns what holds at least and at most into a decision.
func decide(atLeast, atMost bool) Decision {
	switch {
	case atLeast:
		return Allowed
	case !atMost:
		return Denied
	default:
		return Undecided
	}
}

// combine is the decision for two endpoints that are asked about together.
func combine(a, b Decision) Decision {
	if a == b {
		return a
	}
	return Mixed
}

// Direction is the direction of traffic as seen from a pod.
type Direction uint8

// The directions; NetworkPolicy treats each on its own (NP1).
const (
	Ingress Direction = iota
	Egress

	numDirections = 2
)

// String returns ingress or egress.
func (d Direction) String() string {
	if d == Ingress {
		return "ingress"
	}
	return "egress"
}

// peerField is the field of a rule that names the other end.
func (d Direction) peerField() string {
	if d == Ingress {
		return "from"
	}
	return "to"
}
