package identity

import (
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/model"
)

// identityStep finds the managed identity of a client id (AZ96).
func (t tracer) identityStep(client setting) (*model.Object[model.UserAssignedIdentity], Step) {
	s := Step{Kind: IdentityStep, Title: "identity", Place: client.place}
	found := t.byClient[strings.ToLower(client.value)]
	switch {
	case len(found) == 1:
		s.Outcome, s.Detail, s.Place = OK, identityName(found[0]), found[0].Origin.Place
		if id, ok := found[0].API.PrincipalID.Get(); ok {
			s.Detail += ", object id " + id
		}
		if doubt := found[0].Origin.Doubt(); doubt != "" {
			s.Outcome, s.Detail = Undecided, s.Detail+": "+doubt
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
	for _, o := range t.identities {
		if !o.API.ClientID.IsKnown() {
			s.Detail += ", and that of " + identityName(o) + " is " + howMissing(o.API.ClientID)
			s.Place = o.Origin.Place
			return nil, s
		}
	}
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
