package netsim

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Protocol is a transport protocol. NetworkPolicy defines these three and
// nothing for others, ICMP included (rule NP40). The zero Protocol is TCP, the
// API's default.
type Protocol uint8

// The protocols, in the order in which they are printed.
const (
	TCP Protocol = iota
	UDP
	SCTP

	numProtocols = 3
)

// Protocols yields TCP, UDP and SCTP.
func Protocols() iter.Seq[Protocol] {
	return slices.Values([]Protocol{TCP, UDP, SCTP})
}

// ParseProtocol reads TCP, UDP or SCTP; upper and lower case are the same.
func ParseProtocol(s string) (Protocol, error) {
	for p := range Protocols() {
		if strings.EqualFold(s, p.String()) {
			return p, nil
		}
	}
	return 0, fmt.Errorf("protocol %q: NetworkPolicy knows TCP, UDP and SCTP only", s)
}

// String returns TCP, UDP or SCTP.
func (p Protocol) String() string {
	switch p {
	case TCP:
		return "TCP"
	case UDP:
		return "UDP"
	case SCTP:
		return "SCTP"
	}
	return "Protocol(" + strconv.Itoa(int(p)) + ")"
}

// protocolOf reads the API's protocol, whose default is TCP.
// Admission validation lets no other through (NP18).
func protocolOf(p corev1.Protocol) Protocol {
	switch p {
	case corev1.ProtocolUDP:
		return UDP
	case corev1.ProtocolSCTP:
		return SCTP
	default:
		return TCP
	}
}

// PortRange is the ports First to Last, both included.
type PortRange struct{ First, Last uint16 }

// String returns 80 or 8000-8080.
func (r PortRange) String() string {
	if r.First == r.Last {
		return strconv.Itoa(int(r.First))
	}
	return strconv.Itoa(int(r.First)) + "-" + strconv.Itoa(int(r.Last))
}

// MarshalJSON writes [first, last].
func (r PortRange) MarshalJSON() ([]byte, error) { return json.Marshal([2]uint16{r.First, r.Last}) }

// Ports is a set of destination ports, each of one protocol: no set with a port
// of SCTP has that of TCP for it (NP41). Ports count from 1 to 65535. The zero
// Ports is empty. Ports are immutable.
type Ports struct {
	ranges [numProtocols][]PortRange // sorted, disjoint, not adjacent
}

// AllPorts returns every port of every protocol.
func AllPorts() Ports {
	var s Ports
	for p := range Protocols() {
		s.ranges[p] = []PortRange{{1, 65535}}
	}
	return s
}

// PortsOf returns the ports first to last, both included, of one protocol; none
// if last is smaller than first. Port 0 is no port.
func PortsOf(p Protocol, first, last uint16) Ports {
	var s Ports
	if first = max(first, 1); first <= last {
		s.ranges[p] = []PortRange{{first, last}}
	}
	return s
}

// Ranges yields the ports of one protocol as sorted, disjoint ranges of which
// no two are adjacent.
func (s Ports) Ranges(p Protocol) iter.Seq[PortRange] { return slices.Values(s.ranges[p]) }

// IsEmpty reports whether the set has no port.
func (s Ports) IsEmpty() bool {
	for _, r := range s.ranges {
		if len(r) > 0 {
			return false
		}
	}
	return true
}

// IsAll reports whether the set has every port of every protocol.
func (s Ports) IsAll() bool { return s.Equal(AllPorts()) }

// Contains reports whether the set has the port.
func (s Ports) Contains(p Protocol, port uint16) bool {
	ranges := s.ranges[p]
	lo, hi := 0, len(ranges)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if ranges[mid].Last < port {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo < len(ranges) && ranges[lo].First <= port && port != 0
}

// Equal reports whether both sets have the same ports.
func (s Ports) Equal(t Ports) bool {
	for p := range s.ranges {
		if !slices.Equal(s.ranges[p], t.ranges[p]) {
			return false
		}
	}
	return true
}

// Union returns the ports of either set.
func (s Ports) Union(t Ports) Ports {
	return s.combine(t, func(a, b bool) bool { return a || b })
}

// Intersect returns the ports of both sets.
func (s Ports) Intersect(t Ports) Ports {
	return s.combine(t, func(a, b bool) bool { return a && b })
}

// Minus returns the ports of s that t lacks.
func (s Ports) Minus(t Ports) Ports {
	return s.combine(t, func(a, b bool) bool { return a && !b })
}

// combine sweeps over the borders of both sets and keeps the ports whose
// membership in s and t the function accepts; it must refuse false, false.
func (s Ports) combine(t Ports, keep func(inS, inT bool) bool) Ports {
	var u Ports
	for p := range s.ranges {
		a, b := s.ranges[p], t.ranges[p]
		var out []PortRange
		for at := uint32(1); at <= 65535; {
			inA, endA := sweep(&a, at)
			inB, endB := sweep(&b, at)
			end := min(endA, endB)
			if keep(inA, inB) {
				if n := len(out); n > 0 && uint32(out[n-1].Last)+1 == at {
					out[n-1].Last = uint16(end)
				} else {
					out = append(out, PortRange{uint16(at), uint16(end)})
				}
			}
			at = end + 1
		}
		u.ranges[p] = out
	}
	return u
}

// sweep drops the ranges that end before the port, and says whether the port is
// in the next one and up to which port that stays so.
func sweep(ranges *[]PortRange, at uint32) (in bool, end uint32) {
	for len(*ranges) > 0 && uint32((*ranges)[0].Last) < at {
		*ranges = (*ranges)[1:]
	}
	if len(*ranges) == 0 {
		return false, 65535
	}
	next := (*ranges)[0]
	if uint32(next.First) <= at {
		return true, uint32(next.Last)
	}
	return false, uint32(next.First) - 1
}

// String returns, for example, "TCP 80, 443, 8000-8080; UDP 53", or "all
// ports", "all TCP ports" where that is so, or "none".
func (s Ports) String() string {
	if s.IsAll() {
		return "all ports"
	}
	var parts []string
	for p := range Protocols() {
		ranges := s.ranges[p]
		switch {
		case len(ranges) == 0:
		case slices.Equal(ranges, []PortRange{{1, 65535}}):
			parts = append(parts, "all "+p.String()+" ports")
		default:
			var list []string
			for _, r := range ranges {
				list = append(list, r.String())
			}
			parts = append(parts, p.String()+" "+strings.Join(list, ", "))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, "; ")
}

// MarshalJSON writes {"TCP":[[80,80],[8000,8080]],"UDP":[],"SCTP":[]}.
func (s Ports) MarshalJSON() ([]byte, error) { return s.appendJSON(nil), nil }

func (s Ports) appendJSON(b []byte) []byte {
	for p := range Protocols() {
		b = append(b, "{,,"[p])
		b = append(b, '"')
		b = append(b, p.String()...)
		b = append(b, `":[`...)
		for i, r := range s.ranges[p] {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, '[')
			b = strconv.AppendUint(b, uint64(r.First), 10)
			b = append(b, ',')
			b = strconv.AppendUint(b, uint64(r.Last), 10)
			b = append(b, ']')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}
