package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

// isFlexible reports whether an expression takes the place of the subject.
func isFlexible(c *model.FederatedCredential) bool {
	return !c.ClaimsMatching.IsAbsent() && !c.ClaimsMatching.IsNull() && c.ClaimsMatching.Or("?") != ""
}

// ofCluster compares a credential's issuer with the cluster's.
func (c *Context) ofCluster(o *model.Object[model.FederatedCredential]) identity.Outcome {
	issuer, known := c.AKS().API.IssuerURL.Get()
	theirs, ok := o.API.Issuer.Get()
	switch {
	case !known || !ok || len(o.Origin.Gaps) > 0: // with gaps, it may not be there
		return identity.Undecided
	case issuer == theirs:
		return identity.OK
	}
	return identity.Broken
}

// credentialsOfOthers looks for credentials of the claims' identities that are not for
// their ServiceAccount, and for ones by which a ServiceAccount of the cluster has an
// identity that no claim gives it. It returns how many there are in all.
func (c *Context) credentialsOfOthers(a *Answer, all []claimed) (n int) {
	for o := range model.All[model.FederatedCredential](c.cluster) {
		n++
		i := slices.IndexFunc(all, func(id claimed) bool {
			return id.entity.ResourceID != "" && strings.EqualFold(id.entity.ResourceID, o.API.IdentityID.Or(""))
		})
		f := Finding{Object: credentialName(o), Place: o.Origin.Place}
		subject, known := o.API.Subject.Get()
		account, isAccount := identity.ParseSubject(subject)
		ours := c.ofCluster(o)
		switch {
		case i < 0 && (ours == identity.Broken || !isAccount || !c.hasAccount(account.Namespace(), account.Name())):
			// another cluster's, or for AKS-ID-004 to find
		case i < 0:
			f.Text = fmt.Sprintf("%s can have the identity, and the claims give it none", account)
			a.strangers(f, ours)
		case isFlexible(o.API):
			f.Text = fmt.Sprintf("which subjects can have %s an expression says that is not evaluated", all[i].entity.Principal())
			a.Open(f)
		case !known:
			f.Text = fmt.Sprintf("who can have %s is not known: the subject is not settled by the input", all[i].entity.Principal())
			a.Open(f)
		case isAccount && account == all[i].account:
			if ours == identity.Broken {
				a.Note("%s takes the tokens of another issuer for %s, too: %s", credentialName(o), account, o.API.Issuer.Or(""))
			}
		case isAccount && ours != identity.Broken && !c.hasAccount(account.Namespace(), account.Name()): // for AKS-ID-004
		default:
			whose := fmt.Sprintf("%s of %s", subject, o.API.Issuer.Or("an issuer that is not known"))
			if isAccount && ours == identity.OK {
				whose = account.String()
			}
			f.Text = fmt.Sprintf("%s can have %s, which the claims give to %s", whose, all[i].entity.Principal(), all[i].account)
			a.Refute(f)
		}
	}
	return n
}

// strangers refutes, unless it is not known whether the issuer is the cluster's.
func (a *Answer) strangers(f Finding, ours identity.Outcome) {
	if ours == identity.OK {
		a.Refute(f)
		return
	}
	f.Text += ", if its issuer is the cluster's, and if it is there"
	a.Open(f)
}

// credentialName returns IDENTITY/NAME of a federated credential.
func credentialName(o *model.Object[model.FederatedCredential]) string {
	id := o.API.IdentityID.Or("")
	name := o.API.Name.Or(o.Ref.Name)
	if owner := id[strings.LastIndexByte(id, '/')+1:]; owner != "" {
		name = owner + "/" + name
	}
	return "credential " + name
}

func checkCredentialSubjects(c *Context, a *Answer) {
	n, others := 0, 0
	for o := range model.All[model.FederatedCredential](c.cluster) {
		ours := c.ofCluster(o)
		if ours == identity.Broken {
			others++
			continue
		}
		n++
		f := Finding{Object: credentialName(o), Place: o.Origin.Place}
		subject, known := o.API.Subject.Get()
		if isFlexible(o.API) || !known {
			f.Text = "which ServiceAccounts can have the identity is not known: its subject is an expression"
			a.Open(f)
			continue
		}
		account, ok := identity.ParseSubject(subject)
		_, exists := c.cluster.Namespace(account.Namespace())
		switch {
		case !ok:
			a.Note("%s is for %q, which is no ServiceAccount", credentialName(o), subject)
			continue
		case account.Name() == defaultAccount:
			f.Text = fmt.Sprintf("is for %s, as which every pod runs that names no ServiceAccount", account)
		case c.hasAccount(account.Namespace(), account.Name()):
			continue
		case !exists:
			f.Text = fmt.Sprintf("is for %s, and there is no namespace %s: whoever makes it has the identity", account, account.Namespace())
		default:
			f.Text = fmt.Sprintf("is for %s, which does not exist: whoever makes it has the identity", account)
		}
		a.strangers(f, ours)
	}
	if others > 0 {
		a.Note("%s for other issuers: not this cluster's ServiceAccounts", count(others, "credential"))
	}
	a.Proved("%s with the cluster's issuer", count(n, "federated credential"))
}
