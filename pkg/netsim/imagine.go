package netsim

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/model"
)

// FuturePod is a pod that does not exist yet, but might: what proofs find as
// counterexamples, and what --assume-pod adds to the snapshot.
type FuturePod struct {
	Namespace string
	// NamespaceLabels are those of a namespace that does not exist yet either,
	// without the name label, which its name settles; nil if it exists.
	NamespaceLabels map[string]string
	Name            string
	Labels          map[string]string
	Ports           []NamedPort
}

// NamedPort is a named port of a container.
type NamedPort struct {
	Name     string
	Port     uint16
	Protocol Protocol
}

// String returns the pod in the grammar of [ParseFuturePod].
func (p FuturePod) String() string {
	s := p.Namespace
	if p.NamespaceLabels != nil {
		s += labelText(p.NamespaceLabels)
	}
	s += "/" + p.Name + labelText(p.Labels)
	if len(p.Ports) > 0 {
		var ports []string
		for _, np := range p.Ports {
			ports = append(ports, fmt.Sprintf("%s=%d/%s", np.Name, np.Port, np.Protocol))
		}
		s += "[" + strings.Join(ports, ",") + "]"
	}
	return s
}

func labelText(labels map[string]string) string {
	var list []string
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		list = append(list, k+"="+labels[k])
	}
	return "{" + strings.Join(list, ",") + "}"
}

// ParseFuturePod reads NAMESPACE/NAME{KEY=VALUE,…}. Of a namespace that is new
// as well, labels may follow its name in the same way; named container ports
// may follow in brackets:
//
//	shop/new{app=web}
//	blue{team=a}/new{}
//	shop/new{app=web}[http=8080,dns=53/UDP]
func ParseFuturePod(s string) (FuturePod, error) {
	var p FuturePod
	bad := func(what string) (FuturePod, error) {
		return FuturePod{}, fmt.Errorf("pod %q: %s; want, for example, shop/new{app=web}", s, what)
	}
	rest := s
	var err error
	if p.Namespace, p.NamespaceLabels, rest, err = cutLabels(rest, "/"); err != nil {
		return bad(err.Error())
	}
	rest, ok := strings.CutPrefix(rest, "/")
	if !ok {
		return bad("the namespace is missing")
	}
	if p.Name, p.Labels, rest, err = cutLabels(rest, "["); err != nil {
		return bad(err.Error())
	}
	for _, name := range []string{p.Namespace, p.Name} {
		if msgs := validation.IsDNS1123Subdomain(name); len(msgs) > 0 {
			return bad(fmt.Sprintf("%q is no name: %s", name, msgs[0]))
		}
	}
	if _, ok := p.NamespaceLabels[model.NameLabel]; ok {
		return bad(model.NameLabel + " is the namespace's name and nothing else")
	}
	if p.Ports, err = parseNamedPorts(rest); err != nil {
		return bad(err.Error())
	}
	return p, nil
}

// cutLabels cuts NAME{LABELS} off the text; the name ends at the brace or at the
// stop. Without braces the labels are nil.
func cutLabels(s, stop string) (name string, labels map[string]string, rest string, err error) {
	i := strings.IndexAny(s, "{"+stop)
	if i < 0 {
		return s, nil, "", nil
	}
	if s[i] != '{' {
		return s[:i], nil, s[i:], nil
	}
	list, rest, ok := strings.Cut(s[i+1:], "}")
	if !ok {
		return "", nil, "", fmt.Errorf("a brace is not closed")
	}
	labels = map[string]string{}
	for item := range strings.SplitSeq(list, ",") {
		if item == "" {
			continue
		}
		k, v, ok := strings.Cut(item, "=")
		if !ok {
			return "", nil, "", fmt.Errorf("label %q has no value", item)
		}
		if msgs := slices.Concat(validation.IsQualifiedName(k), validation.IsValidLabelValue(v)); len(msgs) > 0 {
			return "", nil, "", fmt.Errorf("label %q: %s", item, msgs[0])
		}
		if _, twice := labels[k]; twice {
			return "", nil, "", fmt.Errorf("label %q is there twice", k)
		}
		labels[k] = v
	}
	return s[:i], labels, rest, nil
}

func parseNamedPorts(s string) ([]NamedPort, error) {
	if s == "" {
		return nil, nil
	}
	list, ok := strings.CutSuffix(strings.TrimPrefix(s, "["), "]")
	if !ok || s[0] != '[' {
		return nil, fmt.Errorf("%q is no list of ports", s)
	}
	var ports []NamedPort
	for item := range strings.SplitSeq(list, ",") {
		name, port, _ := strings.Cut(item, "=")
		number, proto, hasProto := strings.Cut(port, "/")
		n, err := strconv.ParseUint(number, 10, 16)
		if msgs := validation.IsValidPortName(name); len(msgs) > 0 || err != nil || n == 0 {
			return nil, fmt.Errorf("port %q is not of the form NAME=NUMBER[/PROTOCOL]", item)
		}
		np := NamedPort{Name: name, Port: uint16(n)}
		if hasProto {
			if np.Protocol, err = ParseProtocol(proto); err != nil {
				return nil, err
			}
		}
		ports = append(ports, np)
	}
	return ports, nil
}

// Assume returns the snapshot with the pods in it, and with their namespaces if
// they are new. The pods are authored ones: their addresses and nodes are not
// known. It is an error if such a pod exists, or if labels are given for a
// namespace that does.
func Assume(c *model.Cluster, pods ...FuturePod) (*model.Cluster, error) {
	var b model.Builder
	added := map[string]bool{}
	for _, p := range pods {
		if _, exists := model.Get[corev1.Pod](c, p.Namespace, p.Name); exists {
			return nil, fmt.Errorf("pod %s/%s exists in the input: give the assumed one another name", p.Namespace, p.Name)
		}
		ns, exists := c.Namespace(p.Namespace)
		switch {
		case !exists && p.NamespaceLabels == nil && !added[p.Namespace]:
			return nil, fmt.Errorf("no namespace %s in the input%s; for one that is new write %s{}/%s", p.Namespace, suggest.Clause(p.Namespace, namespaceNames(c)), p.Namespace, p.Name)
		case p.NamespaceLabels == nil:
		case exists && ns.Known:
			return nil, fmt.Errorf("namespace %s exists in the input: its labels are those it has there", p.Namespace)
		case !added[p.Namespace]:
			model.Add(&b, futureNamespace(p))
		}
		added[p.Namespace] = true
		model.Add(&b, &model.Object[corev1.Pod]{
			Ref:    model.Ref{Kind: "Pod", Namespace: p.Namespace, Name: p.Name},
			API:    &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: p.Namespace, Name: p.Name, Labels: p.Labels}, Spec: p.spec()},
			Origin: assumed(),
		})
	}
	return c.With(b.Cluster()), nil
}

func namespaceNames(c *model.Cluster) (names []string) {
	for ns := range c.Namespaces() {
		names = append(names, ns.Name)
	}
	return names
}

func assumed() model.Origin { return model.Origin{Place: model.Place{File: "--assume-pod"}} }

func futureNamespace(p FuturePod) *model.Object[corev1.Namespace] {
	labels := maps.Clone(p.NamespaceLabels)
	labels[model.NameLabel] = p.Namespace
	return &model.Object[corev1.Namespace]{
		Ref:    model.Ref{Kind: "Namespace", Name: p.Namespace},
		API:    &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: p.Namespace, Labels: labels}},
		Origin: assumed(),
	}
}

func (p FuturePod) spec() corev1.PodSpec {
	c := corev1.Container{Name: "assumed"}
	for _, np := range p.Ports {
		c.Ports = append(c.Ports, corev1.ContainerPort{Name: np.Name, ContainerPort: int32(np.Port), Protocol: corev1.Protocol(np.Protocol.String())})
	}
	return corev1.PodSpec{Containers: []corev1.Container{c}}
}

// imagine makes a pod that the policies judge as they would the future pod, but
// that is not of the snapshot: proofs look at thousands of them.
func (n *Network) imagine(f FuturePod) *pod {
	ns := n.namespaces[f.Namespace]
	if f.NamespaceLabels != nil || ns == nil {
		o := futureNamespace(FuturePod{Namespace: f.Namespace, NamespaceLabels: f.NamespaceLabels})
		ns = &namespace{Namespace: model.Namespace{Name: f.Namespace, Labels: o.API.Labels, Known: f.NamespaceLabels != nil}, id: -1}
	}
	spec := f.spec()
	p := &pod{id: -1, model: &model.Pod{Namespace: f.Namespace, Name: f.Name, Labels: f.Labels, Spec: &spec, Origin: assumed()}, ns: ns}
	n.readAddresses(p)
	p.names = portNames(&spec)
	c := &class{id: -1, pods: []*pod{p}, has: p.has, primary: p.primary, names: p.names, unknown: p.has, imagined: p}
	if !ns.Known {
		c.vague = ns
	}
	for d := range c.sides {
		c.sides[d] = n.imagineSide(Direction(d), p)
	}
	p.class = c
	return p
}

func (n *Network) imagineSide(dir Direction, p *pod) *side {
	s := &side{dir: dir}
	for _, pol := range p.ns.policies {
		if pol.isolates[dir] && pol.selector.Matches(p.model.Labels) {
			s.policies = append(s.policies, pol)
		}
	}
	for _, q := range n.opaques {
		if q.directions[dir] && q.concerns(p.ns) && q.pods.Matches(p.model.Labels) {
			s.opaques = append(s.opaques, q)
		}
	}
	n.grant(s, p.names)
	return s
}

// concerns reports whether the object may concern pods of the namespace.
func (q *opaque) concerns(ns *namespace) bool {
	if q.own != nil {
		return q.own == ns
	}
	return matchNamespace(q.namespaces, ns) != disjoint
}

// relate says whether a peer set would hold the pod.
func (n *Network) relate(s *peerSet, p *pod) relation {
	if s.block != nil {
		f := s.block.family()
		if a := p.addr[f]; a.IsValid() {
			if s.block.contains(a) {
				return covers
			}
			return disjoint
		}
		return s.possible[bit(p.state == onHost)]
	}
	if !s.selector.pods.Matches(p.model.Labels) {
		return disjoint
	}
	if own := s.selector.own; own != nil {
		if own == p.ns {
			return covers
		}
		return disjoint
	}
	return matchNamespace(s.selector.namespaces, p.ns)
}
