package cli

import (
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
)

// parseEnd reads an end that has no port.
func (r *reach) parseEnd(n *snapshot, text string) (netsim.Endpoint, error) {
	e, err := netsim.ParseEndpointIn(r.namespace, text)
	if err == nil {
		return e, nil
	}
	if f, ported := netsim.NewFlowIn(r.namespace, "internet", text); ported == nil && f.Port != 0 {
		return e, fmt.Errorf("%q: a port belongs to the destination of FROM TO:PORT; here say %s", text, f.To)
	}
	return e, r.advise(n, err, text)
}

// parseFlow reads FROM and TO[:PORT[/PROTOCOL]].
func (r *reach) parseFlow(n *snapshot, from, to string) (netsim.Flow, error) {
	source, err := r.parseEnd(n, from)
	if err != nil {
		return netsim.Flow{}, err
	}
	f, err := netsim.NewFlowIn(r.namespace, "internet", to)
	f.From = source
	return f, r.advise(n, err, to)
}

// hasPort reports whether the text is a destination with its port.
func hasPort(text string) bool {
	f, err := netsim.NewFlowIn("default", "internet", text)
	return err == nil && f.Port != 0
}

// advise adds to the complaint about one of the ends, as they were written, what
// it probably means.
func (r *reach) advise(n *snapshot, err error, ends ...string) error {
	if err == nil || strings.Contains(err.Error(), "did you mean") {
		return err
	}
	for _, text := range ends {
		if meant := r.meant(n, text); meant != "" {
			return fmt.Errorf("%w%s", err, meant)
		}
	}
	return err
}

// meant says, as the end of a sentence, what an end is in full that lacks its
// namespace or is written as elsewhere. For all others there is no advice.
func (r *reach) meant(n *snapshot, text string) string {
	text, port, _ := strings.Cut(text, ":")
	if _, err := netip.ParseAddr(text); err == nil || text == "internet" || strings.Contains(port, ":") {
		return ""
	}
	switch word, name, ok := strings.Cut(text, "/"); {
	case !ok:
		return r.meantByName(n, text)
	case word == "namespace" || n.hasNamespace(word):
		return ""
	default:
		kind, _ := model.KindByWord(word)
		if kind.Name == "Namespace" && n.hasNamespace(name) {
			return didYouMean(netsim.Namespace(name))
		}
		var found []netsim.Endpoint
		for e := range n.ends() {
			if e.Kind == kind.Name && e.Name == name {
				if e.Namespace == r.namespace {
					return "" // it is not this end that is missing
				}
				found = append(found, e.full)
			}
		}
		return didYouMean(found...)
	}
}

// meantByName finds the ends that have the name or, where none has, one near it.
func (r *reach) meantByName(n *snapshot, name string) string {
	found, names := map[string][]netsim.Endpoint{}, []string{}
	for e := range n.ends() {
		if e.Name == name && e.Namespace == r.namespace {
			return ""
		}
		found[e.Name] = append(found[e.Name], e.brief)
		names = append(names, e.Name)
	}
	if n.hasNamespace(name) {
		found[name] = append(found[name], netsim.Namespace(name))
	}
	if service, rest, ok := strings.Cut(name, "."); ok && found[name] == nil {
		namespace, _, _ := strings.Cut(rest, ".") // as in db.shop.svc.cluster.local
		if _, ok := model.Get[corev1.Service](n.cluster, namespace, service); ok {
			return didYouMean(netsim.Service(namespace, service))
		}
		return "; names are not resolved: a host is asked for by its address"
	}
	if found[name] != nil {
		return didYouMean(found[name]...)
	}
	var near []netsim.Endpoint
	for _, name := range suggest.Nearest(name, names) {
		near = append(near, found[name]...)
	}
	return didYouMean(near...)
}

// mostMeant is how many ends a complaint suggests.
const mostMeant = 3

func didYouMean(ends ...netsim.Endpoint) string {
	var names []string
	for _, e := range ends {
		if name := e.String(); len(names) < mostMeant && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if names == nil {
		return ""
	}
	return ` (did you mean "` + strings.Join(names, `" or "`) + `"?)`
}

// namedEnd is a pod, workload or Service, with the ways to ask for it.
type namedEnd struct {
	model.Ref
	brief, full netsim.Endpoint
}

// ends lists pods, then workloads, then Services, each by namespace and name.
func (n *snapshot) ends() iter.Seq[namedEnd] {
	return func(yield func(namedEnd) bool) {
		for p := range n.cluster.Pods() {
			e := namedEnd{model.Ref{Kind: "Pod", Namespace: p.Namespace, Name: p.Name}, netsim.Named(p.Namespace, p.Name), netsim.Pod(p.Namespace, p.Name)}
			if !p.Template && !yield(e) {
				return
			}
		}
		for w := range n.cluster.Workloads() {
			if !yield(namedEnd{w.Ref, netsim.Named(w.Ref.Namespace, w.Ref.Name), netsim.Workload(w.Ref.Kind, w.Ref.Namespace, w.Ref.Name)}) {
				return
			}
		}
		for s := range model.All[corev1.Service](n.cluster) {
			e := netsim.Service(s.Ref.Namespace, s.Ref.Name)
			if !yield(namedEnd{s.Ref, e, e}) {
				return
			}
		}
	}
}

func (n *snapshot) hasNamespace(name string) bool {
	_, ok := n.cluster.Namespace(name)
	return ok
}
