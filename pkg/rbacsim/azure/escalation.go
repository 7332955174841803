package azure

import (
	"iter"
	"slices"

	"github.com/aksim/aksim/internal/abac"
)

// Escalation is an action by which somebody gets round what they are allowed: by which
// an AKS cluster, its nodes or its identities are taken over, or the traces removed.
type Escalation struct {
	Name   string // of the way, for people
	Action string // a control-plane action
	Why    string // what it leads to
	Closed string // by which property or control it is closed; empty if only by not granting it
}

// Escalations yields the ways round Azure RBAC that are known of AKS, those into the
// cluster first (AZ49).
//
// https://learn.microsoft.com/azure/aks/manage-local-accounts-managed-azure-ad
// https://learn.microsoft.com/azure/aks/access-private-cluster
func Escalations() iter.Seq[Escalation] { return slices.Values(escalations) }

const (
	disableLocal = "disableLocalAccounts: true"
	lockdown     = "nodeResourceGroupProfile.restrictionLevel: ReadOnly"
)

var escalations = []Escalation{ //nolint:gochecknoglobals // a constant table
	{"local admin", "Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action", "downloads the kubeconfig of a local cluster-admin, whom no log tells apart", disableLocal},
	{"local admin", "Microsoft.ContainerService/managedClusters/accessProfiles/listCredential/action", "downloads the kubeconfig of a local cluster-admin, whom no log tells apart", disableLocal},
	{"run command", "Microsoft.ContainerService/managedClusters/runCommand/action", "runs commands in a pod of the cluster as cluster-admin", "apiServerAccessProfile.disableRunCommand: true"},
	{"cluster settings", "Microsoft.ContainerService/managedClusters/write", "turns local accounts, run command or Azure RBAC on and off, and names admin groups", "an Azure Policy that denies it"},
	{"trusted access", "Microsoft.ContainerService/managedClusters/trustedAccessRoleBindings/write", "gives another Azure resource a role in the cluster", ""},
	{"certificates", "Microsoft.ContainerService/managedClusters/rotateClusterCertificates/action", "makes the kubeconfigs that are out invalid", ""},
	{"node", "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/runCommand/action", "runs commands on a node as root", lockdown},
	{"node", "Microsoft.Compute/virtualMachineScaleSets/write", "changes what nodes run and which identities they have", lockdown},
	{"role assignment", RoleAssignmentsWrite, "gives anybody any role at the scope, unless a condition limits which", "a condition that limits the roles and principals"},
	{"federated credential", "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write", "becomes the managed identity, by a token of any issuer", ""},
	{"identity", "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", "attaches the managed identity to a resource of one's own", ""},
	{"vault mode", VaultWrite, "switches a key vault to access policies, or writes some", "an Azure Policy that denies it"},
	{"vault policy", AccessPoliciesWrite, "lets oneself into a key vault that is not in RBAC mode", "enableRbacAuthorization: true"},
	{"audit log", "Microsoft.Insights/diagnosticSettings/delete", "stops the audit log", "an activity log alert"},
}

// RoleAssignmentsWrite is the action that hands rights on.
const RoleAssignmentsWrite = "Microsoft.Authorization/roleAssignments/write"

// EscalationHolder is somebody who can take a way round.
type EscalationHolder struct {
	Escalation Escalation
	Holder     Holder
	// Constrained is true if all that grants it has a condition: of who may hand rights
	// on, that limits which (AZ50).
	Constrained bool
	// Delegable are the GUIDs of the roles that a constrained holder can hand on, ordered,
	// as far as conditions limit them by a list; nil if not.
	Delegable []string
}

// EscalationHolders yields who can take which way round at a scope, or perhaps can: in
// the order of [Escalations], then of [Holders.All].
func (a *Authorizer) EscalationHolders(scope Scope) iter.Seq[EscalationHolder] {
	return func(yield func(EscalationHolder) bool) {
		for _, e := range escalations {
			for h := range a.Holders(Request{Action: e.Action, Scope: scope}).All() {
				made := EscalationHolder{Escalation: e, Holder: h, Constrained: h.constrained()}
				if made.Constrained && e.Action == RoleAssignmentsWrite {
					made.Delegable = h.delegable()
				}
				if !yield(made) {
					return
				}
			}
		}
	}
}

// constrained reports whether all that grants the request has a condition.
func (h Holder) constrained() bool {
	found := false
	for g := range h.Grants() {
		if g.Condition == "" {
			return false
		}
		found = true
	}
	return found
}

// delegable returns the roles that the holder can hand on: those that a condition of
// any of their grants lets pass. A condition of an assignment and one of its role limit
// it together; that of the role is enough for a bound.
func (h Holder) delegable() (roles []string) {
	for g := range h.Grants() {
		parsed, err := abac.Parse(g.Condition)
		if err != nil {
			return nil
		}
		limit, ok := parsed.Delegation(RoleAssignmentsWrite)
		if !ok || limit.Roles().Except {
			return nil
		}
		roles = append(roles, limit.Roles().Values...)
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}
