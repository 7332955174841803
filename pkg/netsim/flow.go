package netsim

import (
	"fmt"
	"strconv"
	"strings"
)

// Flow is a connection that someone may try to open: from an endpoint to a port
// of another. The source port plays no part. Replies belong to the connection
// (NP15). Flows are comparable.
type Flow struct {
	From, To Endpoint
	Port     uint16 // destination port, of the pod or of the Service; 0: every port
	Protocol Protocol
}

// String returns the flow in the grammar of [ParseFlow].
func (f Flow) String() string { return f.From.String() + " -> " + f.Target() }

// Target returns the flow's destination with its port: data/db:5432/TCP.
func (f Flow) Target() string {
	to := f.To.String()
	if f.Port == 0 {
		return to
	}
	if strings.Contains(to, ":") {
		to = "[" + to + "]"
	}
	return to + ":" + strconv.Itoa(int(f.Port)) + "/" + f.Protocol.String()
}

// ParseFlow reads FROM -> TO[:PORT[/PROTOCOL]], the endpoints as [ParseEndpoint]
// does. Without a protocol it is TCP; without a port it is every port of every
// protocol. An IPv6 destination with a port stands in brackets:
//
//	shop/web -> shop/db:5432
//	10.0.0.0/8 -> shop/web:53/UDP
//	shop/web -> [2001:db8::1]:443
func ParseFlow(s string) (Flow, error) {
	from, to, ok := strings.Cut(s, "->")
	if !ok {
		return Flow{}, fmt.Errorf("flow %q: want FROM -> TO[:PORT[/PROTOCOL]]", s)
	}
	return NewFlow(strings.TrimSpace(from), strings.TrimSpace(to))
}

// NewFlow reads the two halves of a flow, FROM and TO[:PORT[/PROTOCOL]], as
// [ParseFlow] does.
func NewFlow(from, to string) (Flow, error) { return NewFlowIn("", from, to) }

// NewFlowIn reads the two halves of a flow as [NewFlow] does, the endpoints as
// [ParseEndpointIn] does.
func NewFlowIn(namespace, from, to string) (Flow, error) {
	f, err := parseTarget(namespace, to)
	if err != nil {
		return Flow{}, err
	}
	f.From, err = ParseEndpointIn(namespace, from)
	return f, err
}

// MustParseFlow is [ParseFlow] for flows that are known to be right; it panics
// at others.
func MustParseFlow(s string) Flow {
	f, err := ParseFlow(s)
	if err != nil {
		panic(err)
	}
	return f
}

func parseTarget(namespace, s string) (Flow, error) {
	to, port := splitPort(s)
	e, err := ParseEndpointIn(namespace, to)
	if err != nil {
		return Flow{}, err
	}
	f := Flow{To: e}
	if port == "" {
		return f, nil
	}
	number, protocol, named := strings.Cut(port, "/")
	if named {
		if f.Protocol, err = ParseProtocol(protocol); err != nil {
			return Flow{}, fmt.Errorf("%q: %w", s, err)
		}
	}
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil || n == 0 {
		return Flow{}, fmt.Errorf("%q: port %q is no number from 1 to 65535", s, number)
	}
	f.Port = uint16(n)
	return f, nil
}

// splitPort cuts TO[:PORT[/PROTOCOL]] in two. An IPv6 address needs brackets
// only if a port follows.
func splitPort(s string) (to, port string) {
	if rest, ok := strings.CutPrefix(s, "["); ok {
		if to, port, ok = strings.Cut(rest, "]"); ok {
			if p, ok := strings.CutPrefix(port, ":"); ok && p != "" {
				return to, p
			}
			if port == "" {
				return to, ""
			}
		}
		return s, ""
	}
	if i := strings.LastIndexByte(s, ':'); i >= 0 && strings.IndexByte(s, ':') == i {
		if s[i+1:] == "" {
			return s, ""
		}
		return s[:i], s[i+1:]
	}
	return s, ""
}
