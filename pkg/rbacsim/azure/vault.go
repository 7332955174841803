package azure

import (
	"maps"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// keyVault is who decides about the data of a key vault (AZ40).
type keyVault struct {
	ref   model.Ref
	place model.Place
	scope Scope

	rbac     match  // yes: roles decide; no: access policies do
	why      string // the mode is as it is, for people
	policies []policy
	open     string // why there may be other policies
}

// policy is an access policy of a vault.
type policy struct {
	index       int
	principal   string // object id or an expression, lower case; empty if nobody known
	application string // limits it to that application
	place       model.Place
	permissions [categories]map[string]bool // as written, lower case
	open        string                      // why it may be about others
	group       bool                        // of which not all members are known
}

const (
	vaultType   = "microsoft.keyvault/vaults"
	vaultPrefix = "/providers/" + vaultType + "/"
	// newDefault is the API version from which on new vaults are in RBAC mode.
	newDefault = "2026-02-01"
)

// readVaults compiles the key vaults.
func (c *compiler) readVaults(cluster *model.Cluster) {
	for o := range model.All[model.KeyVault](cluster) {
		c.anyVault = true
		s, open := c.scopeOf(o.API.ID, o.API.ID, "")
		if open != "" {
			continue // no request names it
		}
		v := &keyVault{ref: o.Ref, place: o.Origin.Place, scope: s}
		v.rbac, v.why = vaultMode(o.API)
		v.open = openPolicies(o.API)
		if doubt := o.Origin.Doubt(); doubt != "" { // AZ4
			v.rbac, v.why, v.open = maybe, doubt, doubt
		}
		for i, p := range o.API.Policies.Or(nil) {
			v.policies = append(v.policies, c.policy(i, p))
		}
		c.vaults[s] = v
	}
}

// openPolicies says why a vault may have other access policies than it shows. An export
// of a vault lists them, if only none.
func openPolicies(v *model.KeyVault) string {
	if expression, ok := v.Policies.Unresolved(); ok {
		return "its access policies are not known: " + expression
	}
	if v.Policies.IsAbsent() && !v.Template {
		return "its access policies are not in the input"
	}
	return ""
}

// vaultMode returns whether roles decide about a vault's data, and why (AZ41).
//
// https://learn.microsoft.com/azure/key-vault/general/access-control-default
func vaultMode(v *model.KeyVault) (match, string) {
	if expression, ok := v.RBAC.Unresolved(); ok {
		return maybe, "enableRbacAuthorization is not known: " + expression
	}
	if on, ok := v.RBAC.Get(); ok {
		if on {
			return yes, "enableRbacAuthorization is true"
		}
		return no, "enableRbacAuthorization is false"
	}
	switch {
	case !v.Template:
		return no, "enableRbacAuthorization is not set"
	case v.APIVersion == "":
		return maybe, "the template does not set enableRbacAuthorization, and nothing says by which API version"
	case v.APIVersion >= newDefault:
		return maybe, "the template does not set enableRbacAuthorization: with API version " + v.APIVersion + " that is RBAC for a new vault, and no change for one that exists"
	}
	return no, "the template does not set enableRbacAuthorization, which with API version " + v.APIVersion + " means access policies"
}

func (c *compiler) policy(index int, api model.AccessPolicy) policy {
	p := policy{index: index, place: api.Place}
	if id, ok := api.ObjectID.Get(); ok && id != "" {
		p.principal = strings.ToLower(id)
		p.group = c.mayBeGroup(p.principal, "") && c.members.gap(p.principal) != ""
	} else {
		expression, _ := api.ObjectID.Unresolved()
		p.principal = strings.ToLower(expression)
		p.open = "whom it is for is " + unknown(api.ObjectID)
	}
	if expression, ok := api.ApplicationID.Unresolved(); ok {
		p.application = expression
	} else {
		p.application = api.ApplicationID.Or("")
	}
	for i, words := range [categories][]string{api.Secrets, api.Keys, api.Certificates, api.Storage} {
		p.permissions[i] = map[string]bool{}
		for _, w := range words {
			p.permissions[i][lower(w)] = true
		}
	}
	return p
}

// vaultFor returns the vault whose mode counts for a request, nil if the input does
// not hold it, and false if none does: for anything but its own data actions.
func (a *Authorizer) vaultFor(q *query) (*keyVault, bool) {
	if !q.Data || !a.anyVault { // AZ42
		return nil, false
	}
	s, ok := vaultOf(q.Scope)
	if !ok || !strings.HasPrefix(string(q.folded()), vaultType+"/") {
		return nil, false
	}
	return a.vaults[s], true
}

// vaultOf returns the key vault that the scope is or is in.
func vaultOf(s Scope) (Scope, bool) {
	i := strings.Index(s.id, vaultPrefix)
	if i < 0 {
		return Scope{}, false
	}
	end := strings.IndexByte(s.id[i+len(vaultPrefix):], '/')
	if end < 0 {
		return s, true
	}
	return Scope{s.id[:i+len(vaultPrefix)+end]}, true
}

// decideInVault asks roles or access policies, as the mode of the vault says, or both
// if it is not known (AZ40, AZ41).
func (a *Authorizer) decideInVault(v *keyVault, s *Subject, q *query) Decision {
	if v == nil { // AZ42
		return rbacsim.Undecided
	}
	switch v.rbac {
	case yes:
		return a.decideRoles(s, q)
	case no:
		return verdictOf(v.allows(s, q))
	case maybe:
	}
	if d := a.decideRoles(s, q); d == verdictOf(v.allows(s, q)) {
		return d
	}
	return rbacsim.Undecided
}

// allows reports whether the access policies of the vault allow what is asked. Deny
// assignments are no part of that (AZ43).
func (v *keyVault) allows(s *Subject, q *query) match {
	best := no
	for i := range v.policies {
		if best = max(best, v.policies[i].match(s, q)); best == yes {
			return yes
		}
	}
	if v.open != "" {
		best = max(best, maybe)
	}
	return best
}

func (p *policy) match(s *Subject, q *query) match {
	m := p.isFor(s)
	if m == no {
		return no
	}
	return min(m, p.gives(q))
}

// isFor reports whether the policy is for the subject or a group of theirs. One that
// is for an application is for whoever uses that on their behalf (AZ44).
func (p *policy) isFor(s *Subject) match {
	m := no
	switch {
	case p.principal != "" && (p.principal == s.ObjectID || slices.Contains(s.Groups, p.principal)):
		m = yes
	case p.open != "" || p.group:
		m = maybe
	}
	if p.application != "" {
		m = min(m, maybe)
	}
	return m
}

// SwitchDecision is how somebody may get at the data of a vault by changing who decides
// about it.
type SwitchDecision struct {
	// Mode is about changing enableRbacAuthorization, and with that access policies
	// (Microsoft.KeyVault/vaults/write); Policies about adding an access policy
	// (Microsoft.KeyVault/vaults/accessPolicies/write), which counts in a vault that
	// is not in RBAC mode.
	Mode, Policies Decision
}

// The actions by which somebody lets themselves into a vault.
const (
	VaultWrite          = "Microsoft.KeyVault/vaults/write"
	AccessPoliciesWrite = "Microsoft.KeyVault/vaults/accessPolicies/write"
)

// CanSwitch returns whether the subject can let themselves into a vault without a role
// for its data: by switching its mode or by an access policy (AZ48).
//
// https://learn.microsoft.com/azure/key-vault/general/rbac-access-policy
func (a *Authorizer) CanSwitch(s Subject, vault Scope) SwitchDecision {
	d := SwitchDecision{
		Mode:     a.Decide(s, Request{Action: VaultWrite, Scope: vault}),
		Policies: a.Decide(s, Request{Action: AccessPoliciesWrite, Scope: vault}),
	}
	switch v := a.vaults[vault]; {
	case v != nil && v.rbac == yes && d.Mode != rbacsim.Allowed:
		d.Policies = rbacsim.Denied // nobody asks the policies
	case (v == nil || v.rbac == maybe) && d.Mode != rbacsim.Allowed && d.Policies == rbacsim.Allowed:
		d.Policies = rbacsim.Undecided
	}
	return d
}

// sortedVaults returns the vaults by scope.
func (a *Authorizer) sortedVaults() []*keyVault {
	return slices.SortedFunc(maps.Values(a.vaults), func(x, y *keyVault) int { return x.scope.Compare(y.scope) })
}
