package verify

import (
	"regexp"
	"strconv"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
)

// policyRule is the peer and the port of a rule; nil where it has none, and so means
// every one.
type policyRule struct {
	peer *networkingv1.NetworkPolicyPeer
	port *networkingv1.NetworkPolicyPort
}

// rulePath takes ingress[0].from[1].ports[0] apart.
var rulePath = regexp.MustCompile(`^(ingress|egress)\[(\d+)\](?:\.(?:from|to)\[(\d+)\])?(?:\.ports\[(\d+)\])?$`)

// ruleAt finds the rule that grounds speak of.
func (c *Context) ruleAt(r netsim.RuleRef) (policyRule, bool) {
	policy, ok := model.Get[networkingv1.NetworkPolicy](c.cluster, r.Policy.Namespace, r.Policy.Name)
	m := rulePath.FindStringSubmatch(r.Path)
	if !ok || m == nil || r.Policy != policy.Ref {
		return policyRule{}, false
	}
	var peers []networkingv1.NetworkPolicyPeer
	var ports []networkingv1.NetworkPolicyPort
	i, _ := strconv.Atoi(m[2]) // digits only
	switch spec := &policy.API.Spec; {
	case m[1] == "ingress" && i < len(spec.Ingress):
		peers, ports = spec.Ingress[i].From, spec.Ingress[i].Ports
	case m[1] == "egress" && i < len(spec.Egress):
		peers, ports = spec.Egress[i].To, spec.Egress[i].Ports
	}
	return policyRule{at(peers, m[3]), at(ports, m[4])}, true
}

func at[T any](list []T, index string) *T {
	i, err := strconv.Atoi(index)
	if err != nil || i >= len(list) {
		return nil
	}
	return &list[i]
}
