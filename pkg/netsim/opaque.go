package netsim

import (
	"encoding/json"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aksim/aksim/internal/labelspace"
	"github.com/aksim/aksim/pkg/model"
)

// opaque is an object that changes what packets may pass in ways that are not
// modelled: a policy of another API, or a NetworkPolicy with fields that this
// library does not know. What it could change is undecided, and nothing else.
type opaque struct {
	ref    model.Ref
	origin *model.Origin
	why    string // completes "the answer is undecided because …"

	// The pods that it may concern: of one namespace, or of those that match.
	own        *namespace
	namespaces labelspace.Box
	pods       labelspace.Box
	directions [numDirections]bool

	denies  denial
	allows  bool  // may let through what NetworkPolicies would drop
	denied  Ports // what it may drop
	onNodes bool  // concerns nodes, too, and all that is on their network
}

// denial says what an opaque object may drop.
type denial uint8

const (
	deniesNothing denial = iota
	deniesOpen           // only traffic of pods that no NetworkPolicy isolates
	deniesAny
)

// gappedPolicy is a NetworkPolicy from a server with fields or values that are
// not modelled (NP43). It may isolate the pods that it selects, and its rules may let
// anything through; like every NetworkPolicy it takes nothing away from others.
func (n *Network) gappedPolicy(o *model.Object[networkingv1.NetworkPolicy]) *opaque {
	q := &opaque{
		ref:    o.Ref,
		origin: &o.Origin,
		why:    o.Ref.String() + " has a part that is not modelled: " + o.Origin.Gaps[0].Path,
		own:    n.namespaces[o.Ref.Namespace],
		pods:   labelspace.FromSelector(&o.API.Spec.PodSelector),
		denies: deniesOpen,
		denied: AllPorts(),
		allows: true,
	}
	for _, g := range o.Origin.Gaps {
		switch {
		case strings.HasPrefix(g.Path, "spec.ingress["):
			q.directions[Ingress] = true
		case strings.HasPrefix(g.Path, "spec.egress["):
			q.directions[Egress] = true
		default: // whom it selects, or for what, is in doubt
			q.pods = labelspace.Everything()
			q.directions = [numDirections]bool{true, true}
		}
	}
	for _, t := range o.API.Spec.PolicyTypes {
		q.directions[directionOf(t)] = true
	}
	return q
}

// readOpaques recognises the policy objects of other APIs.
func (n *Network) readOpaques() {
	for o := range model.All[model.Unmodelled](n.cluster) {
		q := &opaque{
			ref:    o.Ref,
			origin: &o.Origin,
			why:    o.Ref.String() + " is a policy of another API, which is not modelled",
			own:    n.namespaces[o.Ref.Namespace],
			denies: deniesAny,
			denied: AllPorts(),
			allows: true,
		}
		q.directions = [numDirections]bool{true, true}
		spec, _ := o.API.Content["spec"].(map[string]any)
		switch group := o.Ref.Group; {
		case group == "cilium.io" && strings.HasSuffix(o.Ref.Kind, "NetworkPolicy"):
			q.readCilium(spec, o.API.Content["specs"] != nil)
		case group == "projectcalico.org" || group == "crd.projectcalico.org":
			if !isCalicoPolicy(o.Ref.Kind) {
				continue
			}
			q.directions = directionsNamed(spec["types"], spec)
			q.onNodes = o.Ref.Kind == "GlobalNetworkPolicy" // by host endpoints
		case group == "policy.networking.k8s.io":
			q.readNetworkPolicyAPI(o.Ref.Kind, spec)
		case group == "security.istio.io" && o.Ref.Kind == "AuthorizationPolicy":
			n.readIstio(q, spec)
		case strings.HasSuffix(o.Ref.Kind, "NetworkPolicy"):
			// of an API that nobody here has heard of: it may do anything
		default:
			continue
		}
		n.opaques = append(n.opaques, q)
	}
	for _, q := range n.opaques {
		for dir, concerned := range q.directions {
			if q.onNodes && concerned {
				n.onNodes[dir] = append(n.onNodes[dir], q)
			}
		}
	}
}

// readCilium narrows a CiliumNetworkPolicy or its cluster-wide sister to the
// endpoints that it selects, and to the directions that it speaks of.
// https://docs.cilium.io/en/stable/network/kubernetes/policy/
func (q *opaque) readCilium(spec map[string]any, more bool) {
	if more || spec == nil {
		return // a list of specs: taken as a whole
	}
	q.directions = directionsPresent(spec)
	if _, q.onNodes = spec["nodeSelector"]; q.onNodes {
		q.pods = labelspace.Nothing()
	} else if s, ok := plainSelector(spec["endpointSelector"]); ok {
		q.pods = s
	}
}

func isCalicoPolicy(kind string) bool {
	return kind == "NetworkPolicy" || kind == "GlobalNetworkPolicy"
}

// readNetworkPolicyAPI narrows an AdminNetworkPolicy, BaselineAdminNetworkPolicy
// or ClusterNetworkPolicy to its subject. Those of the baseline tier come after
// NetworkPolicies and so concern only pods that none isolates; they can't open
// what one closes.
// https://network-policy-api.sigs.k8s.io/api-overview/
func (q *opaque) readNetworkPolicyAPI(kind string, spec map[string]any) {
	if tier, _ := spec["tier"].(string); kind == "BaselineAdminNetworkPolicy" || strings.EqualFold(tier, "Baseline") {
		q.denies, q.allows = deniesOpen, false
	}
	q.directions = directionsPresent(spec)
	subject, _ := spec["subject"].(map[string]any)
	if s, ok := plainSelector(subject["namespaces"]); ok {
		q.namespaces = s
	}
	if pods, ok := subject["pods"].(map[string]any); ok {
		if s, ok := plainSelector(pods["namespaceSelector"]); ok {
			q.namespaces = s
		}
		if s, ok := plainSelector(pods["podSelector"]); ok {
			q.pods = s
		}
	}
}

// readIstio narrows an AuthorizationPolicy to the workloads that it selects. The
// mesh judges TCP connections where they arrive, and can only refuse what the
// network lets through. One in the mesh's root namespace concerns the whole mesh.
// https://istio.io/latest/docs/reference/config/security/authorization-policy/
func (n *Network) readIstio(q *opaque, spec map[string]any) {
	q.allows = false
	q.denied = PortsOf(TCP, 1, 65535)
	q.directions = [numDirections]bool{Ingress: true}
	if q.own != nil && q.own.Name == istioRoot {
		q.own = nil
	}
	if selector, ok := spec["selector"].(map[string]any); ok {
		if s, ok := plainSelector(map[string]any{"matchLabels": selector["matchLabels"]}); ok {
			q.pods = s
		}
	}
}

// istioRoot is the mesh's root namespace unless its operator chose another.
const istioRoot = "istio-system"

// plainSelector reads a label selector that means to pods what it would mean in
// Kubernetes; false if there is none or if it has keys of another language.
func plainSelector(v any) (labelspace.Box, bool) {
	if v == nil {
		return labelspace.Box{}, false
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return labelspace.Box{}, false
	}
	var s metav1.LabelSelector
	if json.Unmarshal(raw, &s) != nil {
		return labelspace.Box{}, false
	}
	b := labelspace.FromSelector(&s)
	for key := range b.Dims() {
		if strings.Contains(key, ":") || strings.HasPrefix(key, "io.kubernetes.") || strings.HasPrefix(key, "io.cilium.") || strings.HasPrefix(key, "reserved.") {
			return labelspace.Box{}, false
		}
	}
	return b, true
}

// directionsPresent returns the directions of which the spec has rules.
func directionsPresent(spec map[string]any) (dirs [numDirections]bool) {
	for key := range spec {
		switch {
		case strings.HasPrefix(key, "ingress"):
			dirs[Ingress] = true
		case strings.HasPrefix(key, "egress"):
			dirs[Egress] = true
		}
	}
	return dirs
}

// directionsNamed returns the directions of a list of types, or those of which
// there are rules where the list is absent.
func directionsNamed(types any, spec map[string]any) (dirs [numDirections]bool) {
	list, _ := types.([]any)
	if len(list) == 0 {
		dirs = directionsPresent(spec)
		if !slices.Contains(dirs[:], true) {
			dirs[Ingress] = true
		}
		return dirs
	}
	for _, t := range list {
		switch t {
		case "Ingress":
			dirs[Ingress] = true
		case "Egress":
			dirs[Egress] = true
		}
	}
	return dirs
}
