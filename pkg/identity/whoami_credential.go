package identity

import (
	"fmt"
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// credentialStep looks for a credential of the identity that takes the token.
func (t tracer) credentialStep(o *model.Object[model.UserAssignedIdentity], audience string) Step {
	s := Step{Kind: CredentialStep, Title: "credential", Place: o.Origin.Place}
	id, known := o.API.ID.Get()
	list := t.of[strings.ToLower(id)]
	subject := subjectOf(t.pod)
	if c := t.firstOf(list, OK, subject, audience); c != nil {
		s.Outcome, s.Place = OK, c.Origin.Place
		s.Detail = fmt.Sprintf("%s takes %s for %s", t.credentialName(c), subject, audience)
		return s
	}
	if !known {
		s.Detail = "which credentials " + identityName(o) + " has is not known: its id is " + howMissing(o.API.ID)
		return s
	}
	for _, c := range t.adrift {
		if t.matchParts(c, subject, audience).Outcome() != Broken {
			s.Detail = fmt.Sprintf("%s may be one of %s: whose it is, is %s", t.credentialName(c), identityName(o), howMissing(c.API.IdentityID))
			s.Place = c.Origin.Place
			return s
		}
	}
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
	if undecided := t.firstOf(list, Undecided, subject, audience); undecided != nil {
		s.Place = undecided.Origin.Place
		s.Detail = fmt.Sprintf("%s may take %s for %s", t.credentialName(undecided), subject, audience)
		if parts := openParts(undecided); parts != "" {
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

// firstOf returns the first credential of a list whose match has an outcome.
func (t tracer) firstOf(list []*model.Object[model.FederatedCredential], o Outcome, subject, audience string) *model.Object[model.FederatedCredential] {
	for _, c := range list {
		if t.matchParts(c, subject, audience).Outcome() == o {
			return c
		}
	}
	return nil
}

// matchParts is match, without the issuer where the cluster has none, which is told apart,
// and with any audience where the token is not known.
func (t tracer) matchParts(c *model.Object[model.FederatedCredential], subject, audience string) Match {
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
	m := t.matchParts(o, subject, audience)
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
// token (AZ85): it looks for the issuer, then the subject, then the audience. AADSTS70021 is
// what it used to say to all three.
func (t tracer) refusal(list []*model.Object[model.FederatedCredential], subject string) []string {
	code := "AADSTS700211"
	for _, o := range list {
		m := t.matchParts(o, subject, "")
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
