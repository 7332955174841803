package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
)

// podKind is a pod to come with the fewest labels that a policy selects: rules only
// ever add up, so that whatever one policy opens to pods that are no workload's is
// found at the pod that has nothing but the labels for it.
type podKind struct {
	pod    netsim.FuturePod
	policy model.Ref
	place  model.Place
}

func (k podKind) object() string { return "a pod to come " + k.pod.String() }

// mostChoices bounds how many label sets are tried of one selector.
const mostChoices = 64

// kindsToCome returns the kinds of pods that policies of the namespaces with rules in
// the direction select, by namespace, policy and labels; each set of labels once. Where a
// selector has too many, the answer is left open.
func (c *Context) kindsToCome(a *Answer, namespaces []string, dir netsim.Direction) (kinds []podKind) {
	seen := map[string]bool{}
	for o := range model.All[networkingv1.NetworkPolicy](c.cluster) {
		rules := len(o.API.Spec.Ingress)
		if dir == netsim.Egress {
			rules = len(o.API.Spec.Egress)
		}
		if rules == 0 || !slices.Contains(namespaces, o.Ref.Namespace) {
			continue
		}
		sets, ok := labelSets(&o.API.Spec.PodSelector)
		if !ok {
			a.Open(Finding{Object: o.Ref.String(), Place: o.Origin.Place, Text: "the selector tells apart too many kinds of pods to come"})
		}
		for _, set := range sets {
			k := podKind{netsim.FuturePod{Namespace: o.Ref.Namespace, Name: c.freeName(o.Ref.Namespace), Labels: set}, o.Ref, o.Origin.Place}
			if key := k.pod.String(); !seen[key] {
				seen[key] = true
				kinds = append(kinds, k)
			}
		}
	}
	return kinds
}

// labelSets returns the smallest sets of labels that a selector matches: one for each
// choice of a value where it leaves one. It is false of more than mostChoices.
func labelSets(s *metav1.LabelSelector) ([]map[string]string, bool) {
	base := maps.Clone(s.MatchLabels)
	if base == nil {
		base = map[string]string{}
	}
	sets := []map[string]string{base}
	for _, e := range s.MatchExpressions {
		var values []string
		switch e.Operator {
		case metav1.LabelSelectorOpIn:
			values = e.Values
		case metav1.LabelSelectorOpExists:
			values = []string{"any"}
		default: // NotIn and DoesNotExist match a pod without the label
			continue
		}
		var next []map[string]string
		for _, set := range sets {
			for _, v := range values {
				if have, ok := set[e.Key]; ok && (have == v || e.Operator == metav1.LabelSelectorOpExists) {
					next = append(next, set)
				} else if !ok {
					more := maps.Clone(set)
					more[e.Key] = v
					next = append(next, more)
				}
			}
		}
		if sets = next; len(sets) > mostChoices {
			return nil, false
		}
	}
	return slices.DeleteFunc(sets, func(set map[string]string) bool { return !selects(s, set) }), true
}

// freeName returns a name that no pod or workload of the namespace has.
func (c *Context) freeName(ns string) string {
	taken := map[string]bool{}
	for p := range c.cluster.Pods() {
		if p.Namespace == ns {
			taken[p.Name] = true
		}
	}
	for w := range c.cluster.Workloads() {
		if w.Ref.Namespace == ns {
			taken[w.Ref.Name] = true
		}
	}
	name := "new"
	for i := 2; taken[name]; i++ {
		name = fmt.Sprintf("new-%d", i)
	}
	return name
}

// kin returns the units to which a pod of the kind would belong: the workloads whose
// selector matches its labels, and pods on their own all of whose labels it has.
func (c *Context) kin(k podKind) (units []netsim.Endpoint) {
	for w := range c.cluster.Workloads() {
		if w.Ref.Namespace == k.pod.Namespace && w.Selector != nil && selects(w.Selector, k.pod.Labels) && c.hasPods(w.Ref) {
			units = append(units, netsim.Workload(w.Ref.Kind, w.Ref.Namespace, w.Ref.Name))
		}
	}
	for p := range c.cluster.Pods() {
		if p.Namespace == k.pod.Namespace && p.Workload().IsZero() && !p.Terminated() && len(p.Labels) > 0 && hasAll(k.pod.Labels, p.Labels) {
			units = append(units, netsim.Pod(p.Namespace, p.Name))
		}
	}
	return units
}

func hasAll(set, of map[string]string) bool {
	for k, v := range of {
		if have, ok := set[k]; !ok || have != v {
			return false
		}
	}
	return true
}

func (c *Context) hasPods(ref model.Ref) bool {
	for p := range c.cluster.Pods() {
		if slices.Contains(p.Owners, ref) {
			return true
		}
	}
	return false
}

// units returns what stands for the pods of the namespaces: their workloads, and pods
// on their own; those on the host network, which no policy is about, apart.
func (c *Context) units(namespaces []string) (units []netsim.Endpoint) {
	for p := range c.cluster.Pods() {
		if !slices.Contains(namespaces, p.Namespace) || p.Spec.HostNetwork || p.Terminated() {
			continue
		}
		e := netsim.Pod(p.Namespace, p.Name)
		if w := p.Workload(); !w.IsZero() {
			e = netsim.Workload(w.Kind, w.Namespace, w.Name)
		}
		if !slices.Contains(units, e) {
			units = append(units, e)
		}
	}
	return units
}

// placeOf returns where the first pod that an endpoint stands for is written.
func (c *Context) placeOf(e netsim.Endpoint) model.Place {
	for p := range c.cluster.Pods() {
		if c.stands(e, p) {
			return p.Origin.Place
		}
	}
	return model.Place{}
}

// towards returns the flow as one to the endpoint, if pods of that are what it goes to.
func (c *Context) towards(f netsim.Flow, to netsim.Endpoint) (netsim.Flow, bool) {
	if isOutside(f.To) {
		return f, false
	}
	all, some := true, false
	var pods []*model.Pod
	for p := range c.cluster.Pods() {
		if c.stands(to, p) {
			pods = append(pods, p)
		}
	}
	for _, p := range pods {
		is := c.stands(f.To, p)
		all, some = all && is, some || is
	}
	if !some || !all {
		return f, false
	}
	if isService(f.To) {
		return c.behind(f, to, pods)
	}
	f.To = to
	return f, true
}

// behind translates the port of a Service to that of the pods; it is false if pods
// differ in it.
func (c *Context) behind(f netsim.Flow, to netsim.Endpoint, pods []*model.Pod) (netsim.Flow, bool) {
	for s := range model.All[corev1.Service](c.cluster) {
		if netsim.Service(s.Ref.Namespace, s.Ref.Name) != f.To {
			continue
		}
		for _, port := range s.API.Spec.Ports {
			if uint16(port.Port) != f.Port || string(port.Protocol) != f.Protocol.String() {
				continue
			}
			number, ok := targetPort(port, pods)
			return netsim.Flow{From: f.From, To: to, Port: number, Protocol: f.Protocol}, ok
		}
	}
	return f, false
}

// targetPort returns the port of the pods behind a Service's port.
func targetPort(port corev1.ServicePort, pods []*model.Pod) (number uint16, ok bool) {
	name := port.TargetPort.StrVal
	if name == "" {
		if port.TargetPort.IntVal == 0 {
			return uint16(port.Port), true
		}
		return uint16(port.TargetPort.IntVal), true
	}
	for _, p := range pods {
		for _, ct := range p.Spec.Containers {
			for _, at := range ct.Ports {
				if at.Name != name || at.Protocol != port.Protocol {
					continue
				}
				if ok && number != uint16(at.ContainerPort) {
					return 0, false
				}
				number, ok = uint16(at.ContainerPort), true
			}
		}
	}
	return number, ok
}

func (c *Context) countPods(namespaces []string) string {
	n := 0
	for p := range c.cluster.Pods() {
		if slices.Contains(namespaces, p.Namespace) {
			n++
		}
	}
	return count(n, "pod")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func list(names []string) string { return strings.Join(names, ", ") }
