package identity

import (
	"cmp"
	"fmt"
	"strings"
)

// federated follows a container by workload identity.
func (t tracer) federated(c container, u use) Chain {
	chain := Chain{Way: ByWebhook, Steps: []Step{t.podStep(), t.accountStep()}}
	switch {
	case u.token.audience == bindingAudience, u.token.source == 0 && t.in.audience == bindingAudience:
		chain.Way = ByIdentityBinding
	case u.token.source == byVolume && !isInjected(u.token.volume):
		chain.Way = ByProjection
	}
	if u.token.source != byVolume || isInjected(u.token.volume) {
		chain.Steps = append(chain.Steps, t.in.steps...)
		if t.in.skips(c.Name) {
			chain.Steps = append(chain.Steps, Step{
				Kind: ContainerStep, Title: "container", Outcome: Broken, Place: podPlace(t.pod, "metadata.annotations"),
				Detail: "the pod's annotation " + skipAnnotation + " keeps the webhook from " + c.Name,
			})
		}
	}
	chain.Steps = append(chain.Steps, t.tokenStep(c, u))
	if u.token.source == 0 && !made(t.pod) { // what else is wrong, once the webhook sees it
		would := t.useIf(c, true)
		u.client, u.tenant = would.client, would.tenant
	}
	client := t.clientStep(c, u)
	chain.Steps = append(chain.Steps, client)
	if client.Outcome != OK {
		return t.withoutClient(chain, u.token.audience)
	}
	if chain.Way == ByIdentityBinding {
		return t.bound(chain, u)
	}
	audience := u.token.audience
	if u.token.source == 0 { // what it would be
		audience, t.unsure = t.in.audience, u.open != ""
	}
	return t.exchange(chain, u.client, u.tenant, audience)
}

// tokenStep says which token the container has.
func (t tracer) tokenStep(c container, u use) Step {
	s := Step{Kind: TokenStep, Title: "token", Place: u.token.place}
	switch {
	case u.open != "":
		s.Detail, s.Place = u.open, u.file.place
	case u.token.source == byWebhook:
		s.Outcome, s.Detail = t.in.outcome, "for "+u.token.audience+", which the webhook puts in"
	case u.token.source == byVolume && u.frozen:
		s.Outcome, s.Detail = Broken, "container "+c.Name+" mounts it by subPath: the file is never renewed, and the token ends after an hour or a day"
		s.Errors = []string{"AADSTS700024"}
	case u.token.source == byVolume && u.token.audience == "":
		s.Outcome, s.Detail = OK, "the API server's own"
	case u.token.source == byVolume:
		s.Outcome, s.Detail = OK, "for "+u.token.audience+", in volume "+u.token.volume
		if !u.file.set {
			s.Detail += "; " + tokenFileVariable + " is not set, so the program has to know the file"
		}
	case made(t.pod):
		s.Outcome, s.Detail = Broken, "container "+c.Name+" has none that Microsoft Entra ID takes"
	default:
		s.Outcome, s.Detail = Broken, "container "+c.Name+" has none, since the webhook puts none in"
	}
	return s
}

// clientStep says which client id the container asks for.
func (t tracer) clientStep(c container, u use) Step {
	s := Step{Kind: ClientIDStep, Title: "client id", Place: u.client.place}
	switch {
	case u.client.open != "":
		s.Detail = u.client.open
	case u.client.value == "" && u.client.set:
		s.Outcome, s.Detail = Broken, "container "+c.Name+" sets "+clientIDVariable+" to nothing"
	case u.client.value != "":
		s.Outcome, s.Detail = OK, u.client.value
	default:
		s.Outcome = Broken
		s.Detail = fmt.Sprintf("ServiceAccount %s/%s has no annotation %s, and container %s sets no %s",
			t.pod.Namespace, accountOf(t.pod), clientIDAnnotation, c.Name, clientIDVariable)
		if made(t.pod) || u.token.source == byVolume && (t.in.outcome == Broken || t.in.skips(c.Name)) {
			s.Detail = "container " + c.Name + " sets no " + clientIDVariable + ", and the webhook does not either"
		}
		if t.account != nil {
			s.Place = t.account.Origin.At("metadata.annotations")
		}
		if t.pod.Annotations[clientIDAnnotation] != "" {
			s.Hint = "the pod has the annotation, which counts on the ServiceAccount alone"
		}
	}
	return s
}

// withoutClient ends a chain in which it is not known whom the pod asks for: by the
// credentials that there are for it.
func (t tracer) withoutClient(chain Chain, audience string) Chain {
	chain.Steps = append(chain.Steps, t.issuerStep())
	for _, o := range t.bySubject[subjectOf(t.pod)] {
		if t.match(o, subjectOf(t.pod), cmp.Or(audience, t.audience)).Outcome() == Broken {
			continue
		}
		last := &chain.Steps[len(chain.Steps)-2]
		if i, ok := t.byResource[strings.ToLower(o.API.IdentityID.Or(""))]; ok && last.Hint == "" {
			last.Hint = identityName(i) + " has a credential for the ServiceAccount; its client id is " + i.API.ClientID.Or("not known")
		}
	}
	return chain
}

// exchange goes on from a client id: to the managed identity, by the issuer and a
// credential, in a tenant.
func (t tracer) exchange(chain Chain, client, tenant setting, audience string) Chain {
	o, s := t.identityStep(client)
	chain.Steps = append(chain.Steps, s)
	if o == nil {
		chain.Steps = append(chain.Steps, t.issuerStep())
		return chain
	}
	chain.Identity = t.entityOf(o)
	chain.Steps = append(chain.Steps, t.issuerStep(), t.credentialStep(o, audience), t.tenantStep(o, tenant))
	return chain
}

// issuerStep says who issues the pod's tokens.
func (t tracer) issuerStep() Step {
	s := Step{Kind: IssuerStep, Title: "issuer", Place: t.issuer.place}
	switch {
	case t.noIssuer:
		s.Outcome, s.Detail = Broken, "oidcIssuerProfile.enabled is false: nobody outside can check the cluster's tokens"
		s.Errors, s.Hint = []string{"AADSTS700211", "AADSTS70021"}, "az aks update --enable-oidc-issuer"
	case t.issuer.open != "":
		s.Detail = t.issuer.open
	case unreachableIssuer(t.issuer.value):
		s.Outcome, s.Detail = Broken, t.issuer.value+", which can't be fetched from outside"
		s.Errors = []string{"AADSTS90061"}
	default:
		s.Outcome, s.Detail = OK, t.issuer.value
	}
	return s
}
