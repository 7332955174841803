package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// tokenAudience is what workload identity asks tokens for.
// https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
const tokenAudience = "api://AzureADTokenExchange"

// claimed is an identity of the claims, with the managed identity that it names.
type claimed struct {
	*Identity
	account identity.Principal
	entity  identity.Entity
}

// claimedIdentities finds the managed identities that the claims name. One that is not
// in the input leaves the answer open.
func (c *Context) claimedIdentities(a *Answer) (all []claimed) {
	for i := range c.claims.Spec.Identities {
		id := &c.claims.Spec.Identities[i]
		account := identity.NewServiceAccount(id.ServiceAccount.Namespace, id.ServiceAccount.Name)
		entity, err := c.Graph().Directory().Find(identity.NewManagedIdentity(id.ManagedIdentity))
		if err != nil {
			a.Open(Finding{Object: account.String(), Place: id.Place, Text: err.Error(), Missing: "the managed identity: az identity show -g GROUP -n NAME -o json"})
			continue
		}
		all = append(all, claimed{id, account, entity})
	}
	return all
}

func checkFederated(c *Context, a *Answer) {
	if len(c.claims.Spec.Identities) == 0 {
		a.NotApplicable("the claims give no ServiceAccount an identity")
		return
	}
	all := c.claimedIdentities(a)
	units := 0
	for _, id := range all {
		units += c.federated(a, id)
	}
	for i, id := range all {
		for _, other := range all[:i] {
			if id.entity == other.entity && id.account != other.account {
				a.Refute(Finding{Object: id.account.String(), Place: id.Place, Text: fmt.Sprintf("the claims give it %s, which is that of %s, too", id.entity.Principal(), other.account)})
			}
		}
	}
	n := c.credentialsOfOthers(a, all)
	a.Proved("%s of the claims with %s of theirs, and %s: issuer, subject and audience byte by byte",
		count(len(all), "ServiceAccount"), count(units, "workload"), count(n, "federated credential"))
}

// federated follows the pods of the ServiceAccount, and returns how many workloads
// they are of.
func (c *Context) federated(a *Answer, id claimed) (units int) {
	seen := map[model.Ref]bool{}
	for p := range c.cluster.Pods() {
		if p.Namespace != id.account.Namespace() || accountOf(p) != id.account.Name() || p.Terminated() {
			continue
		}
		unit := unitOf(p)
		if seen[unit] {
			continue
		}
		seen[unit] = true
		c.follow(a, id, unit, p)
	}
	if len(seen) == 0 {
		c.credentialFor(a, id)
	}
	return len(seen)
}

// follow holds the ways of a pod to the managed identity that it should have.
func (c *Context) follow(a *Answer, id claimed, unit model.Ref, p *model.Pod) {
	f := Finding{Object: unit.String(), Place: p.Origin.Place, Replay: []string{"whoami", podName(unit)}}
	trace, err := c.trace(p)
	if err != nil {
		f.Text = err.Error()
		a.Open(f)
		return
	}
	for _, chain := range waysTo(trace) {
		f.Place, f.Grounds = p.Origin.Place, slices.Collect(chain.Lines())
		for s := range chain.Breaks() {
			if !s.Place.IsZero() {
				f.Place = s.Place
			}
			break
		}
		switch chain.Outcome() {
		case identity.OK:
			if !sameEntity(chain.Identity, id.entity) {
				f.Text = fmt.Sprintf("becomes %s, and the claims give %s the identity %s", chain.Identity.Principal(), id.account, id.entity.Principal())
				a.Refute(f)
			}
		case identity.Broken:
			f.Text = fmt.Sprintf("does not become %s: the way %s is broken", id.entity.Principal(), chain.Way)
			a.Refute(f)
		default:
			f.Text = fmt.Sprintf("the way %s to %s is undecided", chain.Way, id.entity.Principal())
			a.Open(f)
		}
	}
}

// waysTo returns the ways by which a pod itself comes to an identity. Only where there
// is none but that of a driver, it is that.
func waysTo(t identity.Trace) (ways []identity.Chain) {
	for _, c := range t.Chains {
		if c.Asked && c.Way != identity.BySecretProvider {
			ways = append(ways, c)
		}
	}
	if len(ways) > 0 {
		return ways
	}
	return slices.DeleteFunc(slices.Clone(t.Chains), func(c identity.Chain) bool { return !c.Asked })
}

func sameEntity(a, b identity.Entity) bool {
	return a.ObjectID != "" && strings.EqualFold(a.ObjectID, b.ObjectID) ||
		a.ResourceID != "" && strings.EqualFold(a.ResourceID, b.ResourceID) ||
		a.ClientID != "" && strings.EqualFold(a.ClientID, b.ClientID)
}

// trace follows a pod as aksim whoami does, other engines asked.
func (c *Context) trace(p *model.Pod) (identity.Trace, error) {
	t, err := c.Graph().WhoAmI(podName(unitOf(p)))
	return t.Settle(c.settleNeed), err
}

// podName names a pod or workload as aksim whoami and reach take it.
func podName(unit model.Ref) string { return strings.ToLower(unit.Kind) + "/" + unit.QualifiedName() }

// settleNeed answers what the graph leaves to other engines.
func (c *Context) settleNeed(n identity.Need) (identity.Outcome, string, model.Place) {
	if n.Verb != "" {
		return decided(c.Authorizer().Decide(rbacsim.As(n.Principal), rbacsim.Request{Verb: n.Verb, Group: n.APIGroup, Resource: n.Resource})), "", model.Place{}
	}
	flow, err := netsim.ParseFlow(n.Pod + " -> " + n.Destination)
	if err != nil {
		return identity.Undecided, "", model.Place{}
	}
	v, err := c.Network().Check(flow)
	switch {
	case err != nil:
		return identity.Undecided, "", model.Place{}
	case v.Decision == netsim.Allowed:
		return identity.OK, flow.String() + " is allowed", model.Place{}
	case v.Decision == netsim.Denied && c.Engine().Why == "" && c.Engine().Name != npm:
		return identity.Broken, flow.String() + " is denied", model.Place{}
	}
	return identity.Undecided, "", model.Place{}
}

func decided(d rbacsim.Decision) identity.Outcome {
	switch d {
	case rbacsim.Allowed:
		return identity.OK
	case rbacsim.Denied:
		return identity.Broken
	default:
		return identity.Undecided
	}
}

// credentialFor looks for a credential that takes the tokens of a ServiceAccount that
// no pod runs as.
func (c *Context) credentialFor(a *Answer, id claimed) {
	f := Finding{Object: id.account.String(), Place: id.Place}
	issuer, known := c.AKS().API.IssuerURL.Get()
	if !known {
		f.Text = "the cluster's issuer is not in the input"
		f.Missing = "oidcIssuerProfile.issuerUrl: az aks show -g GROUP -n NAME -o json"
		a.Open(f)
		return
	}
	best := identity.Broken
	for o := range model.All[model.FederatedCredential](c.cluster) {
		if !strings.EqualFold(o.API.IdentityID.Or(""), id.entity.ResourceID) {
			continue
		}
		m := identity.MatchCredential(o.API, identity.Assertion{Issuer: issuer, Subject: id.account.Username(), Audience: tokenAudience})
		if m.Outcome() == identity.OK {
			return
		}
		if m.Outcome() == identity.Undecided {
			best, f.Place = identity.Undecided, o.Origin.Place
		}
	}
	f.Text = fmt.Sprintf("no credential of %s takes its tokens", id.entity.Principal())
	if best == identity.Undecided {
		f.Text = fmt.Sprintf("whether a credential of %s takes its tokens is not known", id.entity.Principal())
		a.Open(f)
		return
	}
	a.Refute(f)
}
