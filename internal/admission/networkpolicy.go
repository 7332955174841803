package admission

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	netutils "k8s.io/utils/net"

	"github.com/aksim/aksim/pkg/model"
)

func validatePolicy(spec *networkingv1.NetworkPolicySpec) field.ErrorList {
	at := field.NewPath("spec")
	errs := validateSelector(&spec.PodSelector, at.Child("podSelector"))
	for rule := range policyRules(spec) {
		for i := range rule.ports {
			errs = append(errs, validatePort(&rule.ports[i], rule.at.Child("ports").Index(i))...)
		}
		for i := range rule.peers {
			errs = append(errs, validatePeer(&rule.peers[i], rule.peersAt.Index(i))...)
		}
	}
	types := []string{string(networkingv1.PolicyTypeIngress), string(networkingv1.PolicyTypeEgress)}
	at = at.Child("policyTypes")
	if len(spec.PolicyTypes) > len(types) {
		return append(errs, field.Invalid(at, spec.PolicyTypes, "may not specify more than two policyTypes"))
	}
	for i, t := range spec.PolicyTypes {
		if !slices.Contains(types, string(t)) {
			errs = append(errs, field.NotSupported(at.Index(i), t, types))
		}
	}
	return errs
}

// policyRule is an ingress or egress rule.
type policyRule struct {
	at, peersAt *field.Path
	ports       []networkingv1.NetworkPolicyPort
	peers       []networkingv1.NetworkPolicyPeer
}

// policyRules yields the rules of a policy, ingress first.
func policyRules(spec *networkingv1.NetworkPolicySpec) func(yield func(policyRule) bool) {
	return func(yield func(policyRule) bool) {
		for i, r := range spec.Ingress {
			at := field.NewPath("spec", "ingress").Index(i)
			if !yield(policyRule{at, at.Child("from"), r.Ports, r.From}) {
				return
			}
		}
		for i, r := range spec.Egress {
			at := field.NewPath("spec", "egress").Index(i)
			if !yield(policyRule{at, at.Child("to"), r.Ports, r.To}) {
				return
			}
		}
	}
}

// validateSelector checks a selector of pods or namespaces (NP39).
func validateSelector(s *metav1.LabelSelector, at *field.Path) field.ErrorList {
	return sorted(metavalidation.ValidateLabelSelector(s, metavalidation.LabelSelectorValidationOptions{}, at))
}

// validatePort checks protocol (NP18), port (NP19) and endPort (NP20).
func validatePort(port *networkingv1.NetworkPolicyPort, at *field.Path) field.ErrorList {
	var errs field.ErrorList
	protocols := []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP}
	if p := port.Protocol; p != nil && !slices.Contains(protocols, *p) {
		errs = append(errs, field.NotSupported(at.Child("protocol"), *p, protocols))
	}
	badEnd := func(msg string) {
		errs = append(errs, field.Invalid(at.Child("endPort"), *port.EndPort, msg))
	}
	switch {
	case port.Port == nil:
		if port.EndPort != nil {
			badEnd("may not be specified when `port` is not specified")
		}
	case port.Port.Type == intstr.Int:
		number := port.Port.IntVal
		for _, msg := range validation.IsValidPortNum(int(number)) {
			errs = append(errs, field.Invalid(at.Child("port"), number, msg))
		}
		if port.EndPort == nil {
			break
		}
		if *port.EndPort < number {
			badEnd("must be greater than or equal to `port`")
		}
		for _, msg := range validation.IsValidPortNum(int(*port.EndPort)) {
			badEnd(msg)
		}
	default:
		if port.EndPort != nil {
			badEnd("may not be specified when `port` is non-numeric")
		}
		for _, msg := range validation.IsValidPortName(port.Port.StrVal) {
			errs = append(errs, field.Invalid(at.Child("port"), port.Port.StrVal, msg))
		}
	}
	return errs
}

// validatePeer checks that a peer says something (NP8), and a block nothing
// besides (NP9).
func validatePeer(peer *networkingv1.NetworkPolicyPeer, at *field.Path) field.ErrorList {
	var errs field.ErrorList
	if peer.PodSelector != nil {
		errs = append(errs, validateSelector(peer.PodSelector, at.Child("podSelector"))...)
	}
	if peer.NamespaceSelector != nil {
		errs = append(errs, validateSelector(peer.NamespaceSelector, at.Child("namespaceSelector"))...)
	}
	selects := peer.PodSelector != nil || peer.NamespaceSelector != nil
	switch {
	case peer.IPBlock != nil:
		errs = append(errs, validateBlock(peer.IPBlock, at.Child("ipBlock"))...)
		if selects {
			errs = append(errs, field.Forbidden(at, "may not specify both ipBlock and another peer"))
		}
	case !selects:
		errs = append(errs, field.Required(at, "must specify a peer"))
	}
	return errs
}

// validateBlock checks what every modelled version checks; see checkCIDRs. An
// exception is a proper part of its block (NP27).
func validateBlock(block *networkingv1.IPBlock, at *field.Path) field.ErrorList {
	if block.CIDR == "" {
		return field.ErrorList{required(at.Child("cidr"))}
	}
	errs := validation.IsValidCIDRForLegacyField(at.Child("cidr"), block.CIDR, false, nil)
	_, cidr, err := netutils.ParseCIDRSloppy(block.CIDR)
	if err != nil {
		return errs
	}
	for i, e := range block.Except {
		at := at.Child("except").Index(i)
		errs = append(errs, validation.IsValidCIDRForLegacyField(at, e, false, nil)...)
		_, except, err := netutils.ParseCIDRSloppy(e)
		if err != nil {
			continue
		}
		outer, _ := cidr.Mask.Size()
		inner, _ := except.Mask.Size()
		if !cidr.Contains(except.IP) || outer >= inner {
			errs = append(errs, field.Invalid(at, e, "must be a strict subset of `cidr`"))
		}
	}
	return errs
}

// strictCIDRs is the first version that refuses what it cannot read in one way
// only: leading zeros, host bits, IPv4 written as IPv6.
var strictCIDRs = model.KubeVersion{Major: 1, Minor: 36} //nolint:gochecknoglobals // constant

// checkCIDRs reports CIDRs that are not in canonical form: those that newer
// servers refuse, then all of them as warnings.
func checkCIDRs(spec *networkingv1.NetworkPolicySpec) []Problem {
	var refused, warned []Problem
	check := func(at *field.Path, value string) {
		if _, _, err := netutils.ParseCIDRSloppy(value); err != nil {
			return
		}
		for _, e := range validation.IsValidCIDRForLegacyField(at, value, true, nil) {
			refused = append(refused, Problem{Path: e.Field, Text: e.ErrorBody(), Since: strictCIDRs})
		}
		for _, w := range validation.GetWarningsForCIDR(at, value) {
			warned = append(warned, Problem{Path: at.String(), Text: strings.TrimPrefix(w, at.String()+": "), Warning: true})
		}
	}
	for rule := range policyRules(spec) {
		for i, peer := range rule.peers {
			if peer.IPBlock == nil {
				continue
			}
			at := rule.peersAt.Index(i).Child("ipBlock")
			check(at.Child("cidr"), peer.IPBlock.CIDR)
			for j, e := range peer.IPBlock.Except {
				check(at.Child("except").Index(j), e)
			}
		}
	}
	return append(refused, warned...)
}
