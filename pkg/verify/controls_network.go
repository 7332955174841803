package verify

// networkControls lists the controls of the area.
func networkControls() []Control {
	return []Control{
		{
			ID: "AKS-NET-001", Area: AreaNetwork, Severity: High,
			Title:     "every application namespace denies ingress by default",
			Rationale: "A pod that no policy selects accepts connections from everywhere. A default that denies makes of a forgotten policy a flow that does not work, and not a way in.",
			Needs:     []Evidence{evidencePods(), evidenceEngine()},
			Proof:     "For each namespace with pods, AKS's own apart, and each of spec.defaultDeny: that every pod which exists and every one that may come, with whatever labels, is isolated for ingress.",
			Fix:       "give the namespace a NetworkPolicy with podSelector {} and policyTypes [Ingress, Egress]",
			Mappings:  []Mapping{{CIS, "4.4.2"}, {MCSB, "NS-1"}},
			check:     checkDefaultDenyIngress,
		},
		{
			ID: "AKS-NET-002", Area: AreaNetwork, Severity: High,
			Title:     "every application namespace denies egress by default",
			Rationale: "Whoever takes over a pod sends what it finds to wherever it may. A default that denies leaves only the flows that somebody wrote down.",
			Needs:     []Evidence{evidencePods(), evidenceEngine()},
			Proof:     "As AKS-NET-001, for egress. Azure Network Policy Manager lets pods reach their own node and the metadata service whatever policies say, so that with it nothing is proved.",
			Fix:       "give the namespace a NetworkPolicy with podSelector {} and policyTypes [Ingress, Egress]",
			Mappings:  []Mapping{{CIS, "4.4.2"}, {MCSB, "NS-1"}},
			check:     checkDefaultDenyEgress,
		},
		{
			ID: "AKS-NET-003", Area: AreaNetwork, Severity: Medium,
			Title:     "the flows that the claims require work",
			Rationale: "Rules that are too strict are found in production, and then opened in a hurry.",
			Needs:     []Evidence{evidenceClaims(), evidenceEngine()},
			Proof:     "Each flow of spec.flows.required, of spec.egress and from the sources of spec.entry is allowed between all pairs of ends that it stands for.",
			Fix:       "allow the flow where it leaves and where it arrives, or take it out of the claims",
			Mappings:  []Mapping{{MCSB, "NS-1"}},
			check:     checkRequiredFlows,
		},
		{
			ID: "AKS-NET-004", Area: AreaNetwork, Severity: High,
			Title:     "nothing gets into application pods but the flows of the claims",
			Rationale: "Segmentation is worth what its widest rule lets through: a selector that catches one pod more than it should is a way between tiers.",
			Needs:     []Evidence{evidenceClaims(), evidencePods(), evidenceEngine()},
			Proof:     "For each pod of the application namespaces, and for a pod to come of each kind that a policy there selects for ingress: nothing gets in but the flows, from pods that exist or may come, in namespaces that exist or not, nodes and addresses outside.",
			Fix:       "narrow the policy that the grounds name, or state the flow in the claims",
			Mappings:  []Mapping{{CIS, "4.4.2"}, {MCSB, "NS-1"}},
			check:     checkOnlyInto,
		},
		{
			ID: "AKS-NET-005", Area: AreaNetwork, Severity: High,
			Title:     "application pods reach nothing outside their namespaces but what the claims say",
			Rationale: "Data leaves by egress: to the internet, to other parts of the virtual network, to the API server or the metadata service of the node.",
			Needs:     []Evidence{evidenceClaims(), evidencePods(), evidenceEngine()},
			Proof:     "For each pod of the application namespaces, and for a pod to come of each kind that a policy there selects for egress: all it reaches of addresses outside the cluster, nodes and other namespaces, on all ports, is in the flows and in spec.egress.",
			Fix:       "narrow the policy that the grounds name, or state the flow in the claims",
			Mappings:  []Mapping{{MCSB, "NS-1"}, {MCSB, "DP-2"}},
			check:     checkEgress,
		},
		{
			ID: "AKS-NET-006", Area: AreaNetwork, Severity: High,
			Title:     "Services that are no declared entry are reachable within the cluster only",
			Rationale: "A Service of type LoadBalancer or NodePort, an external IP or a host port is a door of its own, beside the one with the firewall.",
			Needs:     []Evidence{evidencePods()},
			Proof:     "Every Service of the application namespaces whose pods no entry of the claims leads to is of type ClusterIP without external IPs, and their pods have no host ports.",
			Fix:       "make the Service one of type ClusterIP, or declare the way in in spec.entry",
			Mappings:  []Mapping{{MCSB, "NS-2"}},
			check:     checkInternalServices,
		},
	}
}
