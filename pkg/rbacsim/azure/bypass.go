package azure

import (
	"iter"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// Bypass is a way round what RBAC and Azure RBAC say of an AKS cluster: an action in
// Azure whose holders get further than these let them (AZ76). Whether it is open hangs
// on how the cluster is set up, and who can take it on who holds the actions.
type Bypass struct {
	Kind    BypassKind
	Actions []string // all of them are needed
	Scope   Scope    // where; nowhere if the input does not tell
	Gives   string   // what the way leads to, as a clause for people
	Closes  string   // what would close it, as a clause for people
	State   BypassState
	Why     string      // what of the input says so, as a clause for people
	Place   model.Place // of that
}

// BypassKind says which way it is.
type BypassKind string

// The ways, in the order of [Bypasses].
const (
	LocalAdmin       BypassKind = "local-admin"       // the kubeconfig of the local administrator
	LocalAdminOld    BypassKind = "local-admin-old"   // the same by the older action
	RunCommand       BypassKind = "run-command"       // a command in a pod with cluster-admin
	Reconfigure      BypassKind = "reconfigure"       // turn back on what is off
	TrustedAccess    BypassKind = "trusted-access"    // give a resource of another service access
	NodeCommand      BypassKind = "node-command"      // run a command on nodes
	NodeReplacement  BypassKind = "node-replacement"  // change the nodes' scale sets
	RoleAssignment   BypassKind = "role-assignment"   // give oneself roles
	FederateIdentity BypassKind = "federate-identity" // become a managed identity
	VaultPolicy      BypassKind = "vault-policy"      // give oneself access to a vault's data
	VaultMode        BypassKind = "vault-mode"        // choose who decides about a vault's data
	BlindAudit       BypassKind = "blind-audit"       // stop the audit log
)

// BypassState says whether a way is open to who holds the actions.
type BypassState uint8

// The states. The zero state proves nothing.
const (
	BypassUnknown BypassState = iota
	BypassOpen
	BypassClosed
)

// String returns unknown, open or closed.
func (s BypassState) String() string {
	switch s {
	case BypassOpen:
		return "open"
	case BypassClosed:
		return "closed"
	case BypassUnknown:
	}
	return "unknown"
}

// Bypasses yields the ways round a cluster of the snapshot that there are, the closed
// ones included: those of the cluster itself, then, by id, those of the managed
// identities, the key vaults and the diagnostic settings of the snapshot.
//
// https://learn.microsoft.com/azure/aks/local-accounts
// https://learn.microsoft.com/azure/aks/access-private-cluster
func Bypasses(c *model.Cluster, o *model.Object[model.ManagedCluster]) iter.Seq[Bypass] {
	scope := scopeOrNowhere(o.API.ID)
	list := slices.Concat(
		localAdmin(o, scope), commandInvoke(o, scope), reconfigure(c, o, scope), nodes(o, scope), always(o, scope),
		identities(c), vaults(c), audits(c, scope))
	return slices.Values(list)
}

func scopeOrNowhere(id model.Property[string]) Scope {
	scope, _ := ParseScope(id.Or(""))
	return scope
}

// closedBy returns the state of what a property closes if it has the value, and why.
func closedBy(p model.Property[bool], name string) (BypassState, string) {
	expression, open := p.Unresolved()
	switch {
	case open:
		return BypassUnknown, name + " hangs on " + expression + ", which the input does not settle"
	case p.Or(false):
		return BypassClosed, name + " is true"
	case p.IsKnown():
		return BypassOpen, name + " is false"
	case p.IsNull():
		return BypassOpen, name + " is null"
	}
	return BypassOpen, name + " is not set"
}

func localAdmin(o *model.Object[model.ManagedCluster], scope Scope) []Bypass {
	b := Bypass{
		Kind: LocalAdmin, Scope: scope, Actions: []string{clusterType + "/listClusterAdminCredential/action"},
		Gives:  "the kubeconfig of the local administrator, in group " + identity.Masters + ", whom no role limits and no log names",
		Closes: "disableLocalAccounts, and certificates rotated since",
		Place:  o.Origin.At("disableLocalAccounts"),
	}
	b.State, b.Why = closedBy(o.API.DisableLocal, "disableLocalAccounts")
	old := b
	old.Kind, old.Actions = LocalAdminOld, []string{clusterType + "/accessProfiles/listCredential/action"}
	return []Bypass{b, old}
}

func commandInvoke(o *model.Object[model.ManagedCluster], scope Scope) []Bypass {
	b := Bypass{
		Kind: RunCommand, Scope: scope, Actions: []string{clusterType + "/runCommand/action", clusterType + "/commandResults/read"},
		Gives:  "commands in a pod of the cluster with the rights of cluster-admin, past its firewall",
		Closes: "apiServerAccessProfile.disableRunCommand",
		Place:  o.Origin.At("apiServerAccessProfile.disableRunCommand"),
	}
	b.State, b.Why = closedBy(o.API.APIServer.DisableRunCommand, "disableRunCommand")
	return []Bypass{b}
}

// reconfigure is open unless a policy denies it: what policies in force at the cluster
// do is not in the input.
func reconfigure(c *model.Cluster, o *model.Object[model.ManagedCluster], scope Scope) []Bypass {
	b := Bypass{
		Kind: Reconfigure, Scope: scope, Actions: []string{clusterType + "/write"},
		Gives:  "every setting of the cluster: local accounts and run command can be turned on again, Azure RBAC off",
		Closes: "an Azure Policy that denies it", State: BypassOpen, Why: "no policy is assigned there", Place: o.Origin.Place,
	}
	for p := range model.All[model.PolicyAssignment](c) {
		at, err := ParseScope(p.API.Scope.Or(""))
		inForce := !strings.EqualFold(p.API.EnforcementMode.Or(""), "DoNotEnforce")
		if inForce && (err != nil || at.Kind() == ManagementGroup || at.Covers(scope)) {
			name := p.API.DisplayName.Or(p.API.Name.Or(p.Ref.Name))
			b.State, b.Why, b.Place = BypassUnknown, "policy "+name+" may deny it, and what policies do is not modelled", p.Origin.Place
			break
		}
	}
	return []Bypass{b}
}

const scaleSets = "Microsoft.Compute/virtualMachineScaleSets"

// nodes are the ways by the resource group of the nodes.
func nodes(o *model.Object[model.ManagedCluster], scope Scope) []Bypass {
	command := Bypass{
		Kind: NodeCommand, Actions: []string{scaleSets + "/virtualMachines/runCommand/action"},
		Gives:  "root on nodes, and with it all that runs there: pods, their tokens and Secrets, the nodes' identities",
		Closes: "nodeResourceGroupProfile.restrictionLevel ReadOnly",
		Place:  o.Origin.At("nodeResourceGroupProfile.restrictionLevel"),
	}
	const property = "nodeResourceGroupProfile.restrictionLevel"
	lockdown := o.API.NodeLockdown
	expression, open := lockdown.Unresolved()
	level, known := lockdown.Get()
	switch {
	case open:
		command.Why = property + " hangs on " + expression + ", which the input does not settle"
	case known && strings.EqualFold(level, "ReadOnly"):
		command.State, command.Why = BypassClosed, property+" is ReadOnly"
	case known:
		command.State, command.Why = BypassOpen, property+" is "+level
	default:
		command.State, command.Why = BypassOpen, property+" is not set"
	}
	if group, known := o.API.NodeResourceGroup.Get(); known && group != "" && !scope.IsZero() {
		command.Scope, _ = ParseScope(scope.Subscription().String() + "/resourceGroups/" + group)
	}
	write := command
	write.Kind, write.Actions = NodeReplacement, []string{scaleSets + "/write"}
	return []Bypass{command, write}
}

// always are the ways that no setting of a cluster closes.
func always(o *model.Object[model.ManagedCluster], scope Scope) []Bypass {
	return []Bypass{
		{
			Kind: TrustedAccess, Scope: scope, Actions: []string{clusterType + "/trustedAccessRoleBindings/write"},
			Gives:  "a way into the cluster for another Azure resource, past its firewall, with the rights of a role of that service",
			Closes: "nobody who holds the action", State: BypassOpen, Why: "no setting of the cluster closes it", Place: o.Origin.Place,
		},
		{
			Kind: RoleAssignment, Scope: scope, Actions: []string{"Microsoft.Authorization/roleAssignments/write"},
			Gives:  "any role at the cluster, as far as no condition limits it",
			Closes: "a condition on the assignment", State: BypassOpen, Why: "no setting of the cluster closes it", Place: o.Origin.Place,
		},
	}
}

func identities(c *model.Cluster) (list []Bypass) {
	for o := range model.All[model.UserAssignedIdentity](c) {
		list = append(list, Bypass{
			Kind: FederateIdentity, Scope: scopeOrNowhere(o.API.ID),
			Actions: []string{"Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write"},
			Gives:   "managed identity " + o.API.Name.Or(o.Ref.Name) + ", and all that it may do",
			Closes:  "nobody who holds the action", State: BypassOpen, Why: "no setting of the identity closes it", Place: o.Origin.Place,
		})
	}
	return list
}

// vaults are the ways to the data of vaults: in one whose mode is access policies who
// writes these, and in any who may write the vault, and so its mode.
func vaults(c *model.Cluster) (list []Bypass) {
	for o := range model.All[model.KeyVault](c) {
		name, scope := o.API.Name.Or(o.Ref.Name), scopeOrNowhere(o.API.ID)
		policy := Bypass{
			Kind: VaultPolicy, Scope: scope, Actions: []string{"Microsoft.KeyVault/vaults/accessPolicies/write"},
			Gives: "access to all data of vault " + name, Closes: "enableRbacAuthorization", Place: o.Origin.At("enableRbacAuthorization"),
		}
		policy.State, policy.Why = closedBy(o.API.RBAC, "enableRbacAuthorization")
		if o.API.Template && !o.API.RBAC.IsKnown() { // a default that hangs on more than the template
			policy.State = BypassUnknown
		}
		list = append(list, policy, Bypass{
			Kind: VaultMode, Scope: scope, Actions: []string{"Microsoft.KeyVault/vaults/write"},
			Gives: "access to all data of vault " + name + ", by turning access policies on if they are off", Closes: "an Azure Policy that denies it",
			State: BypassOpen, Why: "no setting of the vault closes it", Place: o.Origin.Place,
		})
	}
	return list
}

func audits(c *model.Cluster, cluster Scope) (list []Bypass) {
	for o := range model.All[model.DiagnosticSetting](c) {
		target, err := ParseScope(o.API.TargetID.Or(""))
		if err != nil || target != cluster {
			continue
		}
		list = append(list, Bypass{
			Kind: BlindAudit, Scope: cluster, Actions: []string{"Microsoft.Insights/diagnosticSettings/delete"},
			Gives:  "requests that no audit log shows: diagnostic setting " + o.API.Name.Or(o.Ref.Name) + " can be deleted",
			Closes: "an activity log alert on the deletion, which tells of it", State: BypassOpen, Why: "no setting of the cluster closes it", Place: o.Origin.Place,
		})
	}
	return list
}

// Bypasser is somebody who can take a [Bypass].
type Bypasser struct {
	Entity identity.Entity
	// Everyone is true of an entry that stands for everybody of Microsoft Entra ID.
	Everyone bool
	// Decision is Allowed or Undecided: whether they hold all of the actions.
	Decision Decision

	authorizer *Authorizer
	subject    Subject
	bypass     Bypass
}

// Bypassers yields who holds the actions of a way, whether it is open or not, by object
// id, members of groups included. Nobody does if the scope is nowhere.
func (a *Authorizer) Bypassers(b Bypass) iter.Seq[Bypasser] {
	return func(yield func(Bypasser) bool) {
		if b.Scope.IsZero() {
			return
		}
		for _, w := range a.whoever(func(s Subject) Decision {
			d := rbacsim.Allowed
			for _, action := range b.Actions {
				d = both(d, a.Decide(s, Request{Action: action, Scope: b.Scope}))
			}
			return d
		}) {
			if !yield(Bypasser{w.entity, w.everyone, w.decision, a, w.subject, b}) {
				return
			}
		}
	}
}

// Grants yields the role assignments by which they hold the actions, in the order of
// the actions.
func (w Bypasser) Grants() iter.Seq[Grant] {
	return func(yield func(Grant) bool) {
		if w.authorizer == nil || w.Everyone {
			return
		}
		for _, action := range w.bypass.Actions {
			v, err := w.authorizer.Check(w.subject, Request{Action: action, Scope: w.bypass.Scope})
			if err != nil {
				return // of questions without anybody who asks
			}
			for g := range v.Grants() {
				if !yield(g) {
					return
				}
			}
		}
	}
}
