package netsim

import (
	"fmt"
	"net/netip"
	"strconv"

	"go4.org/netipx"

	"github.com/aksim/aksim/internal/labelspace"
)

// DefaultDeny proves that every pod of the pod network in the namespace, now or
// later, is isolated in the direction, and that no rules together open it to
// every peer on every port. What a pod without labels may still do is listed.
// The error is about the namespace or the direction.
func (n *Network) DefaultDeny(namespace string, dir Direction) (Proof, error) {
	ns, err := n.knownNamespace(namespace)
	if err != nil {
		return Proof{}, err
	}
	if dir >= numDirections {
		return Proof{}, fmt.Errorf("%d is no direction", dir)
	}
	pods := 0
	for _, p := range ns.pods {
		if p.state == onPodNetwork {
			pods++
		}
	}
	proof := Proof{
		Claim: fmt.Sprintf("default deny for %s in namespace %s", dir, namespace),
		Over:  fmt.Sprintf("%s of namespace %s, and every pod to come there, whatever its labels", count(pods, "pod"), namespace),
	}
	if !ns.rulesOutHostNetwork() {
		proof.HostNetwork = []string{namespace}
	}
	n.proveDefaultDeny(&proof, ns, dir)
	if proof.Outcome == Proved {
		bare := n.imagine(FuturePod{Namespace: namespace, Name: n.freeName(namespace)})
		proof.Remaining = n.podsAround(bare, dir)
		for f := range family(numFamilies) {
			if bare.has[f] {
				for e := range n.edgesOutside(bare, dir, n.directory.outside[f]) {
					if !e.isEmpty() {
						proof.Remaining = append(proof.Remaining, e)
					}
				}
			}
		}
	}
	return proof, nil
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

func (n *Network) proveDefaultDeny(proof *Proof, ns *namespace, dir Direction) {
	proof.Outcome = Proved
	for _, p := range ns.pods { // an existing pod is the better counterexample
		if p.state == onPodNetwork && n.refutesDefaultDeny(proof, p, dir) {
			return
		}
	}
	for cell, matched := range labelspace.Cells(labelspace.Everything(), n.selecting(ns, dir), mostCells) {
		if matched == nil {
			proof.Outcome = Open
			proof.Reasons = append(proof.Reasons, tooManyCells(ns.Name))
			return
		}
		future := n.imagine(FuturePod{Namespace: ns.Name, Name: n.freeName(ns.Name), Labels: cell.Witness()})
		if n.refutesDefaultDeny(proof, future, dir) {
			return
		}
	}
}

// refutesDefaultDeny looks for a pod's packet with a stranger that a default
// deny would have dropped. It returns true when the proof is over.
func (n *Network) refutesDefaultDeny(proof *Proof, p *pod, dir Direction) bool {
	s := p.class.sides[dir]
	for f := range family(numFamilies) {
		if !p.has[f] {
			continue
		}
		if s.isolated() && !n.opensAll(s, f) && !s.mayAllow {
			continue
		}
		stranger := Address(n.stranger(f))
		flow := Flow{From: stranger, To: n.endpointOf(p), Port: 80}
		if dir == Egress {
			flow.From, flow.To = flow.To, stranger
		}
		certain := s.maybeDenied.IsEmpty() && (!s.isolated() || n.opensAll(s, f))
		if certain {
			proof.refute(true, flow, p)
			return true
		}
		if proof.Counterexample == nil { // one doubt is enough; a refutation may follow
			proof.refute(false, n.doubtful(p, dir, f), p)
			for _, q := range s.opaques {
				proof.Reasons = append(proof.Reasons, q.why)
			}
		}
	}
	return false
}

// doubtful returns a packet between the pod and a stranger of which it is open
// whether it passes.
func (n *Network) doubtful(p *pod, dir Direction, f family) Flow {
	flow := Flow{From: n.endpointOf(p), Port: 80}
	try := func(a netip.Addr) {
		if open := n.reachAddress(p, dir, a).Undecided; flow.To == (Endpoint{}) && !open.IsEmpty() {
			flow.To = Address(a)
			flow.Protocol, flow.Port = firstPort(open)
		}
	}
	try(n.stranger(f))
	n.eachRun(p, dir, n.directory.outside[f], func(run netipx.IPRange) { try(run.From()) })
	if dir == Ingress {
		flow.From, flow.To = flow.To, flow.From
	}
	return flow
}

// opensAll reports whether the side's rules together let every address of the
// family through on every port. All pods are among those addresses.
func (n *Network) opensAll(s *side, f family) bool {
	all := outside(f)
	for _, r := range s.addressesOf(f, false) {
		if !r.ports.IsAll() && all.OverlapsRange(r.IPRange) {
			return false
		}
	}
	return true
}
