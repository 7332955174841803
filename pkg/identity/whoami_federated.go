package identity

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/model"
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
	case u.token.source == byVolume && u.frozen: // AZ90
		s.Outcome, s.Detail = Broken, "container "+c.Name+" mounts it by subPath: the file is never renewed, and the token ends after an hour or a day"
		s.Errors = []string{"AADSTS700024"}
	case u.token.source == byVolume && u.token.audience == "":
		s.Outcome, s.Detail = OK, "the API server's own"
	case u.token.source == byVolume:
		s.Outcome, s.Detail = OK, "for "+u.token.audience+", in volume "+u.token.volume
		if !u.file.set {
			s.Detail += "; " + tokenFileVariable + " is not set, so the program has to know the file"
		}
	default:
		s.Outcome, s.Detail = Broken, "container "+c.Name+" has none that Microsoft Entra ID takes"
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
		if t.in.outcome == Broken || t.in.skips(c.Name) || made(t.pod) {
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
		if t.match(o.API, subjectOf(t.pod), cmp.Or(audience, t.audience)).Outcome() == Broken {
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

// identityStep finds the managed identity of a client id.
func (t tracer) identityStep(client setting) (*model.Object[model.UserAssignedIdentity], Step) {
	s := Step{Kind: IdentityStep, Title: "identity", Place: client.place}
	found := t.byClient[strings.ToLower(client.value)]
	switch {
	case len(found) == 1:
		s.Outcome, s.Detail, s.Place = OK, identityName(found[0]), found[0].Origin.Place
		if id, ok := found[0].API.PrincipalID.Get(); ok {
			s.Detail += ", object id " + id
		}
		return found[0], s
	case len(found) > 1:
		s.Detail = "the input has several managed identities with client id " + client.value
		return nil, s
	case len(t.identities) == 0:
		s.Detail = "no managed identities are in the input (az identity list)"
		return nil, s
	}
	s.Detail = "no managed identity in the input has client id " + client.value
	meant, what := t.meantIdentity(client.value)
	if meant != nil {
		s.Outcome, s.Errors = Broken, []string{"AADSTS700016"}
		s.Differences = []Difference{{
			What: "client id", Have: client.value, HaveWhose: "the pod asks for", HavePlace: client.place,
			Want: meant.API.ClientID.Or("not known"), WantWhose: identityName(meant), WantPlace: meant.Origin.Place, How: what,
		}}
		return nil, s
	}
	for e := range t.directory.Entities() {
		if strings.EqualFold(e.ClientID, client.value) {
			s.Detail = "the client id is that of " + e.Principal().String() + ", whose federated credentials are not modelled"
		}
	}
	return nil, s
}

// meantIdentity finds the managed identity that a client id of nobody was meant for,
// and says why that is so: the id is another of its ids, is spelt nearly so, or the
// identity is the one with a credential for the ServiceAccount.
func (t tracer) meantIdentity(id string) (*model.Object[model.UserAssignedIdentity], string) {
	var clients []string
	for _, o := range t.identities {
		switch {
		case strings.EqualFold(o.API.PrincipalID.Or(""), id):
			return o, "the pod asks for its object id, where the client id belongs"
		case strings.EqualFold(o.API.TenantID.Or(""), id):
			return o, "the pod asks for its tenant's id, where the client id belongs"
		case strings.EqualFold(o.API.ID.Or(""), id):
			return o, "the pod asks for its resource id, where the client id belongs"
		case strings.TrimSpace(id) == o.API.ClientID.Or(""):
			return o, "they differ in white space"
		}
		clients = append(clients, o.API.ClientID.Or(""))
	}
	for _, o := range t.bySubject[subjectOf(t.pod)] {
		if i, ok := t.byResource[strings.ToLower(o.API.IdentityID.Or(""))]; ok {
			return i, "that identity has a credential for the ServiceAccount"
		}
	}
	for _, near := range suggest.Nearest(id, clients) {
		if edits(near, id) <= 2 {
			return t.byClient[strings.ToLower(near)][0], "they differ in a letter or two"
		}
	}
	return nil, ""
}

// edits counts the places in which two ids of one length differ, and more than any
// count that means anything where the lengths differ.
func edits(a, b string) int {
	if len(a) != len(b) {
		return len(a) + len(b)
	}
	n := 0
	for i := range len(a) {
		if a[i]|0x20 != b[i]|0x20 {
			n++
		}
	}
	return n
}

// issuerStep says who issues the pod's tokens (AZ80).
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

// credentialStep looks for a credential of the identity that takes the token.
func (t tracer) credentialStep(o *model.Object[model.UserAssignedIdentity], audience string) Step {
	s := Step{Kind: CredentialStep, Title: "credential", Place: o.Origin.Place}
	list := t.of[strings.ToLower(o.API.ID.Or(""))]
	subject := subjectOf(t.pod)
	if len(list) == 0 {
		s.Detail = identityName(o) + " has no federated credentials in the input"
		if len(t.credentials) == 0 {
			s.Detail = "no federated credentials are in the input (az identity federated-credential list)"
			return s
		}
		s.Outcome, s.Errors = Broken, []string{"AADSTS70025"}
		s.Hint = t.elsewhere(o, subject, audience)
		return s
	}
	best, undecided := Broken, (*model.Object[model.FederatedCredential])(nil)
	for _, c := range list {
		switch m := t.matchParts(c.API, subject, audience); m.Outcome() {
		case OK:
			s.Outcome, s.Place = OK, c.Origin.Place
			s.Detail = fmt.Sprintf("%s takes %s for %s", t.credentialName(c), subject, audience)
			return s
		case Undecided:
			if undecided == nil {
				best, undecided = Undecided, c
			}
		case Broken:
		}
	}
	if best == Undecided {
		s.Place = undecided.Origin.Place
		s.Detail = fmt.Sprintf("%s may take %s for %s", t.credentialName(undecided), subject, audience)
		if parts := openParts(undecided.API); parts != "" {
			s.Detail += ": " + parts
		} else {
			s.Detail += ": the issuer is not known"
		}
		return s
	}
	near := t.nearest(list, subject, audience)
	s.Outcome, s.Place = Broken, near.Origin.Place
	s.Detail = fmt.Sprintf("none of the %d of %s takes the token; the nearest is %s", len(list), identityName(o), t.credentialName(near))
	if len(list) == 1 {
		s.Detail = t.credentialName(near) + " does not take the token"
	}
	s.Differences = t.differences(near, subject, audience)
	s.Errors = t.refusal(list, subject)
	s.Hint = t.elsewhere(o, subject, audience)
	return s
}

// matchParts is match, without the issuer where the cluster has none, which is told apart,
// and with any audience where the token is not known.
func (t tracer) matchParts(c *model.FederatedCredential, subject, audience string) Match {
	m := t.match(c, subject, audience)
	if t.noIssuer {
		m.Issuer = OK
	}
	if t.unsure && m.Audience == Broken {
		m.Audience = Undecided
	}
	return m
}

// differences tells a token and a credential apart.
func (t tracer) differences(o *model.Object[model.FederatedCredential], subject, audience string) (ds []Difference) {
	m := t.matchParts(o.API, subject, audience)
	add := func(what, have, whose, want string, place model.Place, path string) {
		ds = append(ds, Difference{
			What: what, Have: have, HaveWhose: whose, HavePlace: place, Want: want, WantWhose: "the credential",
			WantPlace: o.Origin.At(path), How: howTheyDiffer(have, want),
		})
	}
	if m.Issuer == Broken {
		have := t.issuer.value
		if t.issuer.open != "" {
			have = "not known, but that of an AKS cluster"
		}
		add("issuer", have, "the cluster", o.API.Issuer.Or(""), t.issuer.place, "issuer")
	}
	if m.Subject == Broken {
		add("subject", subject, "the token", o.API.Subject.Or(""), podPlace(t.pod, "spec.serviceAccountName"), "subject")
	}
	if m.Audience == Broken {
		have := audience
		if have == "" {
			have = "the API server's own"
		}
		add("audience", have, "the token", strings.Join(o.API.Audiences.Or(nil), ", "), model.Place{}, "audiences")
	}
	return ds
}

// refusal returns what the token service answers if no credential of a list takes a
// token: it looks for the issuer, then the subject, then the audience. AADSTS70021 is
// what it used to say to all three.
func (t tracer) refusal(list []*model.Object[model.FederatedCredential], subject string) []string {
	code := "AADSTS700211"
	for _, o := range list {
		m := t.matchParts(o.API, subject, "")
		switch {
		case m.Issuer == Broken:
		case m.Subject == Broken && code == "AADSTS700211":
			code = "AADSTS700213"
		case m.Subject != Broken:
			code = "AADSTS700212"
		}
	}
	return []string{code, "AADSTS70021"}
}

// elsewhere names a credential for the subject that another identity has.
func (t tracer) elsewhere(own *model.Object[model.UserAssignedIdentity], subject, audience string) string {
	var others []*model.Object[model.FederatedCredential]
	for _, o := range t.bySubject[subject] {
		if !strings.EqualFold(o.API.IdentityID.Or(""), own.API.ID.Or("")) {
			others = append(others, o)
		}
	}
	o := t.nearest(others, subject, audience)
	if o == nil {
		return ""
	}
	text := "another identity has a credential for the ServiceAccount: " + withPlace(t.credentialName(o), o.Origin.Place)
	if i, ok := t.byResource[strings.ToLower(o.API.IdentityID.Or(""))]; ok {
		text += ", client id " + i.API.ClientID.Or("not known")
	}
	return text
}

// tenantStep compares the tenant that the pod asks with the identity's (AZ99).
func (t tracer) tenantStep(o *model.Object[model.UserAssignedIdentity], asked setting) Step {
	s := Step{Kind: TenantStep, Title: "tenant", Place: asked.place}
	own, known := o.API.TenantID.Get()
	switch {
	case asked.open != "" && asked.open == t.tenant.open && t.besideCluster(o):
		s.Outcome, s.Detail = OK, "the cluster's own, and the identity is in the cluster's subscription"
	case asked.open != "":
		s.Detail = asked.open
	case asked.value == "":
		s.Outcome, s.Detail = Broken, "neither the pod nor the webhook sets "+tenantIDVariable
	case !known:
		s.Detail = "the tenant of " + identityName(o) + " is " + howMissing(o.API.TenantID)
	case strings.EqualFold(own, asked.value):
		s.Outcome, s.Detail = OK, asked.value
	case !IsObjectID(asked.value) && strings.Contains(asked.value, "."):
		s.Detail = "whether " + asked.value + " is a name of tenant " + own + " is not known"
	default:
		s.Outcome, s.Detail = Broken, "the pod asks another tenant than the identity's"
		s.Errors = []string{"AADSTS700016", "AADSTS90002"}
		s.Differences = []Difference{{
			What: "tenant", Have: asked.value, HaveWhose: "the pod asks", HavePlace: asked.place,
			Want: own, WantWhose: identityName(o), WantPlace: o.Origin.Place,
		}}
	}
	return s
}

// besideCluster reports whether an identity is in the cluster's subscription, and so in
// its tenant.
func (t tracer) besideCluster(o *model.Object[model.UserAssignedIdentity]) bool {
	return slices.ContainsFunc(t.aks, func(c *model.Object[model.ManagedCluster]) bool {
		s := subscriptionOf(c.API.ID.Or(""))
		return len(t.aks) == 1 && s != "" && s == subscriptionOf(o.API.ID.Or(""))
	})
}
