package netsim

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// Endpoint names one end of a flow, or several ends at once. Endpoints are
// comparable. The zero Endpoint names nothing and is refused by every question.
type Endpoint struct {
	kind            endpointKind
	workload        string // Kind of a workload: Deployment
	namespace, name string
	prefix          netip.Prefix // of a full-length prefix: one address
}

type endpointKind uint8

const (
	nothing endpointKind = iota
	named
	onePod
	oneWorkload
	oneService
	oneNamespace
	oneAddress
	addressBlock
	internet
)

// Named is the pod of that name or, where there is none, the one workload of
// that name: a Deployment, StatefulSet, DaemonSet, ReplicaSet,
// ReplicationController, Job or CronJob.
func Named(namespace, name string) Endpoint {
	return Endpoint{kind: named, namespace: namespace, name: name}
}

// Pod is a pod that the input holds.
func Pod(namespace, name string) Endpoint {
	return Endpoint{kind: onePod, namespace: namespace, name: name}
}

// Workload stands for all pods of a workload. The kind is its API kind, such as
// Deployment.
func Workload(kind, namespace, name string) Endpoint {
	return Endpoint{kind: oneWorkload, workload: kind, namespace: namespace, name: name}
}

// Service stands for the pods or addresses behind a Service. It can only be the
// destination of a flow, and the flow's port is the Service's.
func Service(namespace, name string) Endpoint {
	return Endpoint{kind: oneService, namespace: namespace, name: name}
}

// Namespace stands for all pods of a namespace; in proofs, for those to come as well.
func Namespace(namespace string) Endpoint {
	return Endpoint{kind: oneNamespace, namespace: namespace}
}

// Address is one IP address: of the pod, node or Service of the input that
// holds it, else of something outside the cluster. An IPv4-mapped IPv6 address
// is the IPv4 address.
func Address(a netip.Addr) Endpoint {
	a = a.Unmap().WithZone("")
	return Endpoint{kind: oneAddress, prefix: netip.PrefixFrom(a, a.BitLen())}
}

// CIDR stands for every address of the block, each taken as [Address] takes it.
func CIDR(p netip.Prefix) Endpoint {
	return Endpoint{kind: addressBlock, prefix: unmapPrefix(p)}
}

// Internet stands for every address that no pod, node or Service of the input
// holds: all unicast addresses but loopback, private and link-local ones
// included.
func Internet() Endpoint { return Endpoint{kind: internet} }

// workloadWords are the words for the kinds of workload, as printed.
var workloadWords = map[string]string{ //nolint:gochecknoglobals // a constant table
	"Deployment":            "deploy",
	"StatefulSet":           "sts",
	"DaemonSet":             "ds",
	"ReplicaSet":            "rs",
	"ReplicationController": "rc",
	"Job":                   "job",
	"CronJob":               "cronjob",
}

// String returns the endpoint in the grammar of [ParseEndpoint].
func (e Endpoint) String() string {
	switch e.kind {
	case named:
		return e.namespace + "/" + e.name
	case onePod:
		return "pod/" + e.namespace + "/" + e.name
	case oneWorkload:
		word, ok := workloadWords[e.workload]
		if !ok {
			word = e.workload
		}
		return word + "/" + e.namespace + "/" + e.name
	case oneService:
		return "svc/" + e.namespace + "/" + e.name
	case oneNamespace:
		return "namespace/" + e.namespace
	case oneAddress:
		return e.prefix.Addr().String()
	case addressBlock:
		return e.prefix.String()
	case internet:
		return "internet"
	case nothing:
	}
	return "<nothing>"
}

// label names the endpoint for people: by the text, if it stands for addresses
// outside the cluster that have no name.
func (e Endpoint) label(outside string) string {
	if e.kind == internet && outside != "" {
		return outside
	}
	return e.String()
}

// MarshalText writes the endpoint as String does.
func (e Endpoint) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads the endpoint as [ParseEndpoint] does.
func (e *Endpoint) UnmarshalText(text []byte) (err error) {
	*e, err = ParseEndpoint(string(text))
	return err
}

// ParseEndpoint reads an endpoint:
//
//	shop/web            the pod, else the one workload of that name
//	pod/shop/web        the pod
//	deploy/shop/web     the workload; also sts, ds, rs, rc, job, cronjob, and
//	                    every other word that kubectl takes for these kinds
//	svc/shop/web        the Service
//	namespace/shop      every pod of the namespace
//	10.0.0.7            an address, IPv4 or IPv6
//	10.0.0.0/8          every address of a block
//	internet            every address outside the cluster
func ParseEndpoint(s string) (Endpoint, error) { return ParseEndpointIn("", s) }

// ParseEndpointIn reads an endpoint as [ParseEndpoint] does and, unless the
// namespace is empty, NAME and KIND/NAME as ones of the namespace.
func ParseEndpointIn(namespace, s string) (Endpoint, error) {
	if s == "internet" {
		return Internet(), nil
	}
	if a, err := netip.ParseAddr(s); err == nil {
		if a.Zone() != "" {
			return Endpoint{}, fmt.Errorf("address %s: zones mean nothing outside one host", s)
		}
		return Address(a), checkAddress(a.Unmap())
	}
	if p, err := netip.ParsePrefix(s); err == nil {
		if p != p.Masked() {
			return Endpoint{}, fmt.Errorf("%s has bits set beyond its prefix: write %s for the block, or %s for the address", s, p.Masked(), p.Addr())
		}
		if p.Addr().Is4In6() {
			return Endpoint{}, fmt.Errorf("%s: write an IPv4 block as IPv4", s)
		}
		return CIDR(p), nil
	}
	parts := strings.Split(s, "/")
	for _, part := range parts {
		if !isName(part) {
			return Endpoint{}, badEndpoint(s)
		}
	}
	switch {
	case len(parts) == 1 && namespace != "":
		return Named(namespace, s), nil
	case len(parts) == 1:
		return Endpoint{}, fmt.Errorf("endpoint %q lacks its namespace: want NAMESPACE/%s", s, s)
	case len(parts) == 2 && parts[0] == "namespace":
		return Namespace(parts[1]), nil
	case len(parts) == 2 && namespace != "" && hasPods(parts[0]):
		return parseKind(s, parts[0], namespace, parts[1])
	case len(parts) == 2:
		return Named(parts[0], parts[1]), nil
	case len(parts) == 3:
		return parseKind(s, parts[0], parts[1], parts[2])
	}
	return Endpoint{}, badEndpoint(s)
}

// isName reports whether the text could be an object's name as far as letters
// go: the separators of the grammar are not among them.
func isName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.'
	})
}

// hasPods reports whether the word is one for a kind of endpoint.
func hasPods(word string) bool {
	kind, ok := model.KindByWord(word)
	return ok && (kind.Name == "Pod" || kind.Name == "Service" || workloadWords[kind.Name] != "")
}

func parseKind(s, word, namespace, name string) (Endpoint, error) {
	kind, ok := model.KindByWord(word)
	switch {
	case !ok:
	case kind.Name == "Pod":
		return Pod(namespace, name), nil
	case kind.Name == "Service":
		return Service(namespace, name), nil
	case workloadWords[kind.Name] != "":
		return Workload(kind.Name, namespace, name), nil
	}
	return Endpoint{}, fmt.Errorf("endpoint %q: %q is no kind with pods: want pod, deploy, sts, ds, rs, rc, job, cronjob or svc", s, word)
}

func badEndpoint(s string) error {
	return fmt.Errorf("endpoint %q: want NAMESPACE/NAME, KIND/NAMESPACE/NAME, svc/NAMESPACE/NAME, namespace/NAME, an address, a CIDR or internet", s)
}

// checkAddress refuses the addresses that no packet between two hosts carries.
func checkAddress(a netip.Addr) error {
	switch {
	case !a.IsValid():
		return errors.New("the address is missing")
	case a.IsUnspecified():
		return fmt.Errorf("address %s is no one's", a)
	case a.IsLoopback():
		return fmt.Errorf("address %s: loopback never leaves the pod, and no policy can block it", a)
	case a.IsMulticast(), a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return fmt.Errorf("address %s: NetworkPolicy is about unicast connections", a)
	}
	return nil
}
