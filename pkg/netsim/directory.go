package netsim

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/model"
)

// directory finds what an endpoint names.
type directory struct {
	pods      map[objectName]*pod        // that the input holds as such
	workloads map[objectName][]*workload // at the top of an owner chain
	owners    map[model.Ref]*workload    // at every level of one
	services  map[objectName]*service

	doors doors

	podByAddr     map[netip.Addr][]*pod // that live and hold the address
	serviceByAddr map[netip.Addr]*service
	outside       [numFamilies]*netipx.IPSet // addresses that nothing of the input holds
	internet      *netipx.IPSet              // of both families
	pointers      []*pod                     // all pods; a run of it is a list of some
}

type objectName struct{ namespace, name string }

// workload is an object that makes pods, with those that the network knows.
type workload struct {
	ref  model.Ref
	pods []*pod
}

func newDirectory(n *Network) *directory {
	d := &directory{
		pods:          make(map[objectName]*pod, len(n.pods)),
		workloads:     map[objectName][]*workload{},
		owners:        map[model.Ref]*workload{},
		services:      map[objectName]*service{},
		doors:         doors{nodePorts: map[nodePort]serviceDoor{}, hostPorts: map[nodePort][]podDoor{}},
		podByAddr:     make(map[netip.Addr][]*pod, len(n.pods)),
		serviceByAddr: map[netip.Addr]*service{},
		pointers:      make([]*pod, len(n.pods)),
	}
	for i := range n.pods {
		d.addPod(&n.pods[i])
	}
	n.readServices(d)
	d.findOutside(n)
	return d
}

func (d *directory) addPod(p *pod) {
	d.pointers[p.id] = p
	d.doors.addPod(p)
	m := p.model
	if !m.Template {
		d.pods[objectName{m.Namespace, m.Name}] = p
	}
	for i, ref := range m.Owners {
		w := d.owners[ref]
		if w == nil {
			w = &workload{ref: ref}
			d.owners[ref] = w
			if i == len(m.Owners)-1 {
				name := objectName{ref.Namespace, ref.Name}
				d.workloads[name] = append(d.workloads[name], w)
			}
		}
		w.pods = append(w.pods, p)
	}
	if p.state == onPodNetwork {
		for _, a := range p.addr {
			if a.IsValid() {
				d.podByAddr[a] = append(d.podByAddr[a], p)
			}
		}
	}
}

func (d *directory) findOutside(n *Network) {
	var all netipx.IPSetBuilder
	for f := range d.outside {
		var b netipx.IPSetBuilder
		b.AddSet(outside(family(f)))
		for _, held := range []func(func(netip.Addr) bool){
			maps.Keys(d.podByAddr), maps.Keys(n.nodeByAddr), maps.Keys(d.serviceByAddr),
		} {
			for a := range held {
				b.Remove(a)
			}
		}
		d.outside[f] = mustSet(&b)
		all.AddSet(d.outside[f])
	}
	d.internet = mustSet(&all)
}

// resolve finds what the endpoint names. It is an error if that is nothing, or
// if it could be several things; a namespace without pods is none.
func (n *Network) resolve(e Endpoint) (party, error) {
	d := n.directory
	switch e.kind {
	case onePod:
		if p := d.pods[objectName{e.namespace, e.name}]; p != nil {
			return party{pods: d.pointers[p.id : p.id+1]}, nil
		}
	case named:
		name := objectName{e.namespace, e.name}
		if p := d.pods[name]; p != nil {
			return party{pods: d.pointers[p.id : p.id+1]}, nil
		}
		switch ws := d.workloads[name]; len(ws) {
		case 0:
		case 1:
			return party{pods: ws[0].pods, several: true}, nil
		default:
			return party{}, ambiguous(e, ws)
		}
	case oneWorkload:
		ref := model.Ref{Kind: e.workload, Namespace: e.namespace, Name: e.name}
		if w := d.owners[ref]; w != nil {
			return party{pods: w.pods, several: true}, nil
		}
	case oneService:
		if s := d.services[objectName{e.namespace, e.name}]; s != nil {
			return party{service: s}, nil
		}
	case oneNamespace:
		if ns := n.namespaces[e.namespace]; ns != nil {
			return party{pods: ns.pods, several: true, namespace: ns}, nil
		}
	case oneAddress:
		return n.resolveAddress(e.prefix.Addr())
	case addressBlock:
		return n.resolveBlock(e.prefix)
	case internet:
		return party{outside: d.internet}, nil
	case nothing:
		return party{}, fmt.Errorf("an endpoint is missing")
	}
	return party{}, n.notFound(e)
}

func (n *Network) resolveAddress(a netip.Addr) (party, error) {
	d := n.directory
	if err := checkAddress(a); err != nil {
		return party{}, err
	}
	switch holders := d.podByAddr[a]; len(holders) {
	case 0:
	case 1:
		return party{pods: d.pointers[holders[0].id : holders[0].id+1], family: onlyFamilyOf(a)}, nil
	default:
		return party{}, fmt.Errorf("address %s: both %s and %s hold it; name the one you mean", a, n.endpointOf(holders[0]), n.endpointOf(holders[1]))
	}
	if nd := n.nodeByAddr[a]; nd != nil {
		return party{nodes: []nodeAddress{{nd, a}}}, nil
	}
	if s := d.serviceByAddr[a]; s != nil {
		return party{service: s, via: a}, nil
	}
	return party{address: a}, nil
}

// resolveBlock takes each address of the block as resolveAddress does, but for
// those of Services: what is behind those is asked for by name. A pod whose address
// is not known is meant if the block has all addresses that it can have.
func (n *Network) resolveBlock(b netip.Prefix) (party, error) {
	d := n.directory
	if !b.IsValid() {
		return party{}, errors.New("the block is missing")
	}
	p := party{several: true, family: onlyFamilyOf(b.Addr())}
	for i := range n.pods {
		q := &n.pods[i]
		if q.state == onPodNetwork && n.liesIn(q, b) {
			p.pods = append(p.pods, q)
		}
	}
	for _, a := range slices.SortedFunc(maps.Keys(n.nodeByAddr), netip.Addr.Compare) {
		if b.Contains(a) {
			p.nodes = append(p.nodes, nodeAddress{n.nodeByAddr[a], a})
		}
	}
	var s netipx.IPSetBuilder
	s.AddPrefix(b)
	s.Intersect(d.outside[familyOf(b.Addr())])
	p.outside = mustSet(&s)
	if len(p.pods) == 0 && len(p.nodes) == 0 && len(p.outside.Ranges()) == 0 {
		return party{}, fmt.Errorf("%s has no address that a connection can come from or go to", b)
	}
	return p, nil
}

// liesIn reports whether the pod's address is in the block, for certain: one that
// is not known, if the block has all that it can be.
func (n *Network) liesIn(p *pod, b netip.Prefix) bool {
	f := familyOf(b.Addr())
	if p.has[f] && !p.addr[f].IsValid() {
		return (&block{cidr: b}).relationTo(n.possible(p.state == onHost, f)) == covers
	}
	return b.Contains(p.addr[f])
}

func notPods(e Endpoint) error {
	return fmt.Errorf("%s is no pod, workload or namespace: policies are about what reaches pods and what they reach", e)
}

func ambiguous(e Endpoint, ws []*workload) error {
	var names []string
	for _, w := range ws {
		names = append(names, workloadEndpoint(w.ref).String())
	}
	slices.Sort(names)
	return fmt.Errorf("%s is ambiguous: say %s", e, strings.Join(names, " or "))
}

func workloadEndpoint(ref model.Ref) Endpoint { return Workload(ref.Kind, ref.Namespace, ref.Name) }

// notFound says what the input holds that is called nearly so.
func (n *Network) notFound(e Endpoint) error {
	var known []string
	switch e.kind {
	case oneNamespace:
		for name := range n.namespaces {
			known = append(known, Namespace(name).String())
		}
		if n.namespaces[e.namespace] != nil {
			return fmt.Errorf("namespace %s has no pods in the input", e.namespace)
		}
		return fmt.Errorf("no namespace %s in the input%s", e.namespace, suggest.Clause(e.String(), known))
	case oneService:
		for name := range n.directory.services {
			known = append(known, Service(name.namespace, name.name).String())
		}
		return fmt.Errorf("no Service %s/%s in the input%s", e.namespace, e.name, suggest.Clause(e.String(), known))
	case oneWorkload:
		for ref := range n.directory.owners {
			known = append(known, workloadEndpoint(ref).String())
		}
		return fmt.Errorf("no %s %s/%s with pods in the input%s", e.workload, e.namespace, e.name, suggest.Clause(e.String(), known))
	case onePod:
		for name := range n.directory.pods {
			known = append(known, Pod(name.namespace, name.name).String())
		}
		return fmt.Errorf("no pod %s/%s in the input%s", e.namespace, e.name, suggest.Clause(e.String(), known))
	default:
	}
	for name := range n.directory.pods {
		known = append(known, Named(name.namespace, name.name).String())
	}
	for name := range n.directory.workloads {
		known = append(known, Named(name.namespace, name.name).String())
	}
	clause := suggest.Clause(e.String(), known)
	if n.namespaces[e.namespace] == nil && clause == "" {
		return fmt.Errorf("no pod or workload %s in the input, nor a namespace %s", e, e.namespace)
	}
	if n.directory.services[objectName{e.namespace, e.name}] != nil {
		return fmt.Errorf("no pod or workload %s in the input, but a Service: say %s", e, Service(e.namespace, e.name))
	}
	return fmt.Errorf("no pod or workload %s in the input%s", e, clause)
}

// endpointOf names a pod as briefly as is unambiguous.
func (n *Network) endpointOf(p *pod) Endpoint {
	m := p.model
	if !m.Template {
		return Named(m.Namespace, m.Name)
	}
	name := objectName{m.Namespace, m.Name}
	if n.directory.pods[name] == nil && len(n.directory.workloads[name]) == 1 {
		return Named(m.Namespace, m.Name)
	}
	return workloadEndpoint(m.Workload())
}
