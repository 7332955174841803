package difftest

import (
	"maps"
	"slices"
	"testing"

	"github.com/mattfenwick/cyclonus/pkg/kube"
	"github.com/mattfenwick/cyclonus/pkg/matcher"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/aksim/aksim/pkg/model"
)

// newCyclonus loads cyclonus. Three things are settled for it:
//
// It reads two label selectors otherwise than the API server does: NotIn does
// not match where the key is absent, and matchLabels {k: ""} does. So no key is
// ever absent here: see withoutAbsentKeys.
//
// It knows no container ports, but is told a name for the destination's port. A
// pod may give several names to one port, and a policy may use any of them, in
// each direction another: so it is asked about each name by itself, and a
// direction lets the packet pass if it does under one of the names.
//
// It panics on a policy without policyTypes; the loader has filled them in.
func newCyclonus(c *model.Cluster) oracle {
	var policies []*networkingv1.NetworkPolicy
	keys := map[string]bool{}
	for np := range model.All[networkingv1.NetworkPolicy](c) {
		policies = append(policies, withoutAbsentKeys(np.API, keys))
	}
	compiled := matcher.BuildNetworkPolicies(true, policies)
	pods := map[*model.Pod]*matcher.InternalPeer{}
	for p := range c.Pods() {
		ns, _ := c.Namespace(p.Namespace)
		pods[p] = &matcher.InternalPeer{
			Namespace:       p.Namespace,
			PodLabels:       withKeys(p.Labels, keys),
			NamespaceLabels: withKeys(ns.Labels, keys),
		}
	}
	return func(p packet) bool {
		traffic := matcher.Traffic{
			Source:       &matcher.TrafficPeer{Internal: pods[p.from.pod], IP: p.from.addr.String()},
			Destination:  &matcher.TrafficPeer{Internal: pods[p.to.pod], IP: p.to.addr.String()},
			ResolvedPort: int(p.port),
			Protocol:     apiProtocol(p.protocol),
		}
		var ingress, egress bool
		for _, name := range portNames(p) {
			traffic.ResolvedPortName = name
			result := compiled.IsTrafficAllowed(&traffic)
			ingress = ingress || result.Ingress.IsAllowed()
			egress = egress || result.Egress.IsAllowed()
		}
		return ingress && egress
	}
}

// portNames returns the names that the destination gives to the packet's port
// and protocol; one that is no policy's, if there are none.
func portNames(p packet) []string {
	var names []string
	if p.to.pod != nil {
		for _, c := range p.to.pod.Spec.Containers {
			for _, port := range c.Ports {
				if port.Name != "" && port.ContainerPort == int32(p.port) && port.Protocol == apiProtocol(p.protocol) {
					names = append(names, port.Name)
				}
			}
		}
	}
	if len(names) == 0 {
		return []string{""}
	}
	return names
}

// absent is the value of labels that are not there. No label can have it.
const absent = "<absent>"

// withoutAbsentKeys returns a policy that means the same where labels that are
// absent have the value absent, and adds the keys of its selectors to the set.
// Of selectors, only Exists and DoesNotExist need to change.
func withoutAbsentKeys(np *networkingv1.NetworkPolicy, keys map[string]bool) *networkingv1.NetworkPolicy {
	np = np.DeepCopy()
	rewrite(&np.Spec.PodSelector, keys)
	for peers := range rules(np) {
		for _, p := range peers {
			rewrite(p.PodSelector, keys)
			rewrite(p.NamespaceSelector, keys)
		}
	}
	return np
}

func rewrite(s *metav1.LabelSelector, keys map[string]bool) {
	if s == nil {
		return
	}
	for k := range s.MatchLabels {
		keys[k] = true
	}
	for i := range s.MatchExpressions {
		r := &s.MatchExpressions[i]
		keys[r.Key] = true
		switch r.Operator {
		case metav1.LabelSelectorOpExists:
			r.Operator, r.Values = metav1.LabelSelectorOpNotIn, []string{absent}
		case metav1.LabelSelectorOpDoesNotExist:
			r.Operator, r.Values = metav1.LabelSelectorOpIn, []string{absent}
		case metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn:
		}
	}
}

// withKeys returns the labels that are known and, for each key that they lack,
// the value absent.
func withKeys(known map[string]string, keys map[string]bool) map[string]string {
	all := map[string]string{}
	for k := range keys {
		all[k] = absent
	}
	maps.Copy(all, known)
	return all
}

// Selectors that are rewritten mean to cyclonus what they meant to the API
// server, and as they were written only the two that are known did not.
func TestSelectorsForCyclonus(t *testing.T) {
	expression := func(op metav1.LabelSelectorOperator, values ...string) metav1.LabelSelector {
		return metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "k", Operator: op, Values: values}}}
	}
	selectors := []metav1.LabelSelector{
		{},
		{MatchLabels: map[string]string{"k": ""}},
		{MatchLabels: map[string]string{"k": "x"}},
		expression(metav1.LabelSelectorOpExists),
		expression(metav1.LabelSelectorOpDoesNotExist),
	}
	for _, op := range []metav1.LabelSelectorOperator{metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn} {
		selectors = append(selectors, expression(op, ""), expression(op, "x"), expression(op, "", "x"))
	}
	var wrong []string
	for _, s := range selectors {
		right, err := metav1.LabelSelectorAsSelector(&s)
		require.NoError(t, err)
		for _, l := range []labels.Set{{}, {"k": ""}, {"k": "x"}, {"k": "y"}} {
			if kube.IsLabelsMatchLabelSelector(l, s) != right.Matches(l) {
				wrong = append(wrong, metav1.FormatLabelSelector(&s)+" on {"+l.String()+"}")
			}
			keys, rewritten := map[string]bool{}, s.DeepCopy()
			rewrite(rewritten, keys)
			assert.Equal(t, right.Matches(l), kube.IsLabelsMatchLabelSelector(withKeys(l, keys), *rewritten), "%v on %v", s, l)
		}
	}
	assert.Equal(t, []string{"k= on {}", "k notin () on {}", "k notin (x) on {}", "k notin (,x) on {}"}, slices.Compact(wrong))
}
