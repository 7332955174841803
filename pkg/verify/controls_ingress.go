package verify

// ingressControls lists the controls of the area.
func ingressControls() []Control {
	return []Control{
		{
			ID: "AKS-ING-001", Area: AreaIngress, Severity: High,
			Title:     "routes from outside lead to the workloads that the claims name, and to no other",
			Rationale: "An Ingress is a door that anybody who may write one in a namespace opens: to the user interface of Temporal, say, which has no login of its own.",
			Needs:     []Evidence{evidenceClaims(), evidencePods()},
			Proof:     "Every rule of every Ingress, and every route of the Gateway API that is attached to a Gateway, is traced through its Service, aliases included, to pods. An entry of the claims names each of them, for that class or Gateway and host. Services of other types and host ports are for AKS-NET-006.",
			Fix:       "take the rule out, or declare the way in in spec.entry",
			Mappings:  []Mapping{{MCSB, "NS-2"}},
			check:     checkRoutes,
		},
		{
			ID: "AKS-ING-002", Area: AreaIngress, Severity: Critical,
			Title:     "what enters comes through the door that its entry names",
			Rationale: "A firewall protects what is reached through it alone. An entry that lets in more than the gateway's addresses is a way around it.",
			Needs:     []Evidence{evidenceClaims(), evidencePods()},
			Proof:     "For each entry: through waf, all that it lets in is in the subnet of an Application Gateway of the input; through apim, in the subnet or the addresses of an API Management; through internal, private addresses; through ingress, a controller that has such an entry itself, or Ingresses that ask everybody for a certificate or login. That nothing else gets to the pods is for AKS-NET-004.",
			Fix:       "let in the gateway's subnet only, or put a gateway in front",
			Mappings:  []Mapping{{MCSB, "NS-6"}},
			check:     checkDoors,
		},
		{
			ID: "AKS-ING-003", Area: AreaIngress, Severity: High,
			Title:     "web application firewalls are in prevention mode",
			Rationale: "A firewall that detects writes down the attack and passes it on.",
			Proof:     "Every Application Gateway of the input is of a tier with a firewall; the policy that counts for each listener and path, or else the gateway's own policy or configuration, is enabled and in mode Prevention. Likewise every policy of a Front Door.",
			Fix:       "set policySettings.state to Enabled and policySettings.mode to Prevention",
			Mappings:  []Mapping{{MCSB, "NS-6"}},
			check:     checkFirewalls,
		},
		{
			ID: "AKS-ING-004", Area: AreaIngress, Severity: High,
			Title:     "load balancers behind a door have no public way in",
			Rationale: "A load balancer with a public address is reached beside the firewall in front of it. Azure makes it internal for the text true only: True, or yes, make it public.",
			Needs:     []Evidence{evidenceClaims(), evidencePods()},
			Proof:     "Each Service of type LoadBalancer that an entry leads to is internal, or lets in only addresses that the entry lets in; none takes public external IPs; and no Service in AKS's own namespaces is reached from outside without an entry.",
			Fix:       `annotate the Service with service.beta.kubernetes.io/azure-load-balancer-internal: "true"`,
			Mappings:  []Mapping{{MCSB, "NS-2"}},
			check:     checkLoadBalancers,
		},
		{
			ID: "AKS-ING-005", Area: AreaIngress, Severity: High,
			Title:     "every host is served by TLS only",
			Rationale: "What is sent without TLS, passwords and tokens included, is read on the way.",
			Needs:     []Evidence{evidencePods()},
			Partial:   true,
			Proof:     "Each host of each Ingress is covered by spec.tls, wildcards for one label, and its annotations do not switch the redirect off; routes of the Gateway API are attached to listeners with TLS, unless they redirect to it; listeners of Application Gateways are Https, or redirect only.",
			Fix:       "name the host in spec.tls",
			Mappings:  []Mapping{{MCSB, "DP-3"}},
			check:     checkTLS,
		},
		{
			ID: "AKS-ING-006", Area: AreaIngress, Severity: High,
			Title:     "namespaces for which the claims ask it take mutual TLS only",
			Rationale: "With Istio's default, PERMISSIVE, a proxy passes on what comes in plain, from whomever.",
			Needs:     []Evidence{evidenceClaims(), evidencePods()},
			Proof:     "For each namespace of spec.mutualTLS: every pod, and every pod to come, has a proxy, and the PeerAuthentication that counts for it (its own, else the namespace's, else the mesh's) says STRICT, for every port.",
			Fix:       "give the namespace a PeerAuthentication with mtls.mode STRICT, and delete what says otherwise",
			Mappings:  []Mapping{{MCSB, "DP-3"}},
			check:     checkMutualTLS,
		},
	}
}
