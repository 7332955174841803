package netsim

import (
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// doors are the ports of nodes behind which something else stands: a Service, by
// its NodePort, or a pod, by a hostPort. What is sent there arrives at a pod, and
// whether policies see that pod or the node's address, the sender or what was put
// in its place, is left to the implementation (NP30, NP31).
type doors struct {
	nodePorts map[nodePort]serviceDoor
	hostPorts map[nodePort][]podDoor
}

type nodePort struct {
	proto  Protocol
	number uint16
}

type serviceDoor struct {
	service *service
	port    *corev1.ServicePort
}

// podDoor is a pod's hostPort.
type podDoor struct {
	pod     *pod
	port    uint16     // of the container
	address netip.Addr // of the node; invalid: any
}

func (d *doors) addService(s *service) {
	for i := range s.object.API.Spec.Ports {
		if sp := &s.object.API.Spec.Ports[i]; s.hasDoor() && sp.NodePort > 0 && sp.NodePort <= 65535 {
			d.nodePorts[nodePort{protocolOf(sp.Protocol), uint16(sp.NodePort)}] = serviceDoor{s, sp}
		}
	}
}

func (d *doors) addPod(p *pod) {
	if p.state != onPodNetwork {
		return
	}
	for i := range p.model.Spec.Containers {
		for _, cp := range p.model.Spec.Containers[i].Ports {
			if cp.HostPort > 0 && cp.HostPort <= 65535 && cp.ContainerPort > 0 && cp.ContainerPort <= 65535 {
				door := podDoor{pod: p, port: uint16(cp.ContainerPort)}
				if a, ok := parseAddr(cp.HostIP); ok && !a.IsUnspecified() {
					door.address = a
				}
				at := nodePort{protocolOf(cp.Protocol), uint16(cp.HostPort)}
				d.hostPorts[at] = append(d.hostPorts[at], door)
			}
		}
	}
}

// cut cuts the ports of a node at its doors.
func (d *doors) cut(c *cuts) {
	for at := range d.nodePorts {
		c.add(PortsOf(at.proto, at.number, at.number))
	}
	for at := range d.hostPorts {
		c.add(PortsOf(at.proto, at.number, at.number))
	}
}

// podsAt returns the pods with a hostPort that may be at the node's address, and
// whether one certainly is.
func (d *doors) podsAt(nd nodeAddress, at nodePort) (behind []podDoor, certain bool) {
	for _, door := range d.hostPorts[at] {
		same := sameNode(door.pod.node, nd.node)
		if same == disjoint || door.address.IsValid() && door.address != nd.address {
			continue
		}
		behind = append(behind, door)
		certain = certain || same == covers
	}
	return behind, certain
}

// throughNodePort turns a node's address that was asked for at a NodePort into
// the Service behind it.
func (n *Network) throughNodePort(to party, proto Protocol, port uint16) party {
	if to.several || len(to.nodes) != 1 || len(to.pods) > 0 {
		return to
	}
	if door, ok := n.directory.doors.nodePorts[nodePort{proto, port}]; ok {
		return party{service: door.service, port: door.port, via: to.nodes[0].address}
	}
	return to
}

// judgeDoor decides about packets from a pod to a port of a node behind which
// something else stands: open, unless all that policies may see agrees. It returns
// false if nothing certainly stands there, or nothing that can be reached; then
// the node itself is meant as well.
func (n *Network) judgeDoor(p *pod, nd nodeAddress, proto Protocol, port uint16) (least, most, certain bool) {
	least = true
	behind, certain := n.behind(nd, proto, port)
	for _, b := range behind {
		d := Denied
		if l := linkIn(familyOf(nd.address), p.class, b.pod.class); l.ok {
			part := part{from: end{pod: p}, to: end{pod: b.pod}, link: l, proto: proto, port: b.port, decision: n.judge(p, b.pod, l, proto, b.port)}
			d = ifSeenAsEither(n.eitherAddress(&part, []netip.Addr{nd.address}, port))
		}
		least, most = least && d == Allowed, most || d != Denied
	}
	return least, most, certain && len(behind) > 0
}

// behind returns the pods to which a port of a node leads, and whether it
// certainly leads to them.
func (n *Network) behind(nd nodeAddress, proto Protocol, port uint16) (pods []backend, certain bool) {
	at := nodePort{proto, port}
	if door, ok := n.directory.doors.nodePorts[at]; ok {
		all, _ := n.backends(door.service, door.port) // none behind it: the node's own
		return slices.DeleteFunc(all, func(b backend) bool { return b.pod == nil }), true
	}
	doors, certain := n.directory.doors.podsAt(nd, at)
	for _, d := range doors {
		pods = append(pods, backend{pod: d.pod, port: d.port})
	}
	return pods, certain
}

// whyDoor says what stands behind a port of a node; empty, if nothing does.
func (n *Network) whyDoor(nd nodeAddress, proto Protocol, port uint16) string {
	const open = ": whether policies see the node's address or what is behind it is left to the implementation"
	at := nodePort{proto, port}
	if door, ok := n.directory.doors.nodePorts[at]; ok {
		return fmt.Sprintf("%d/%s is the NodePort of %s", port, proto, door.service) + open
	}
	if behind, _ := n.directory.doors.podsAt(nd, at); len(behind) > 0 {
		return fmt.Sprintf("%d/%s is a hostPort of %s", port, proto, n.endpointOf(behind[0].pod)) + open
	}
	return ""
}

// notThroughDoor is the error of a connection from outside the cluster to a node.
func (n *Network) notThroughDoor(f Flow, to party) error {
	for _, nd := range to.nodes {
		if behind, _ := n.directory.doors.podsAt(nd, nodePort{f.Protocol, f.Port}); f.Port != 0 && len(behind) > 0 {
			q := n.endpointOf(behind[0].pod)
			return fmt.Errorf("%s: %d is a hostPort of %s; ask for %s", f, f.Port, q, Flow{To: q, Port: behind[0].port, Protocol: f.Protocol}.Target())
		}
	}
	return fmt.Errorf("%s: neither end is a pod, so no NetworkPolicy applies", f)
}
