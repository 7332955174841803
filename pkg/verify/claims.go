package verify

import (
	"github.com/aksim/aksim/pkg/model"
)

// The apiVersion and kind of a document with claims.
const (
	ClaimsAPIVersion = "aksim.dev/v1alpha1"
	ClaimsKind       = "Claims"
)

// Claims is what a team claims of its cluster. The zero Claims claims nothing.
type Claims struct {
	APIVersion string   `json:"apiVersion" claims:"required"`
	Kind       string   `json:"kind" claims:"required"`
	Metadata   Metadata `json:"metadata" claims:"required"`
	Spec       Spec     `json:"spec" claims:"required"`

	Place model.Place `json:"-"`

	origin model.Origin
}

// Metadata names the document.
type Metadata struct {
	// Name of the document, for people.
	Name        string            `json:"name" claims:"required"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// Spec is the content of a document with claims.
type Spec struct {
	// Name or resource id of the AKS cluster that is meant, where the input has several.
	Cluster string `json:"cluster"`
	// Names for workloads, Services, namespaces and blocks of addresses, by which the rest of the file may call them.
	Workloads map[string]End `json:"workloads"`
	// What may be sent where. What is not listed here, in entry or in egress must be denied.
	Flows Flows `json:"flows"`
	// Namespaces that must deny all traffic by default, in both directions.
	DefaultDeny []Name `json:"defaultDeny"`
	// Flows from pods to addresses outside the cluster that must work, and beside which none may.
	Egress []Flow `json:"egress"`
	// The doors from outside. A workload that has none can't be entered.
	Entry []Entry `json:"entry"`
	// Who works with the cluster, by Microsoft Entra group.
	Teams []Team `json:"teams"`
	// Which ServiceAccount uses which managed identity, and for what.
	Identities []Identity `json:"identities"`
	// Namespaces in which every connection must use mutual TLS.
	MutualTLS []Name `json:"mutualTLS"`
	// Statements of one line each, such as "deny shop/web -> shop/db:5432".
	Claims []Statement `json:"claims"`
	// Findings that are accepted for a time.
	Exceptions []Exception `json:"exceptions"`
}

// Flows is what may be sent where between pods.
type Flows struct {
	// Flows that must work.
	Required []Flow `json:"required"`
	// Flows that may work, or not.
	Allowed []Flow `json:"allowed"`
}

// Entry is a door: a way from outside to a workload.
type Entry struct {
	// The workload or Service that is entered, with the port where it listens.
	To Target `json:"to" claims:"required"`
	// What the way leads through: waf (Application Gateway or Front Door with a firewall), apim (API Management), ingress (a controller in the cluster) or internal (the virtual network only).
	Through Through `json:"through" claims:"required"`
	// The ingress class or gateway that leads to the workload, for through ingress.
	Class string `json:"class"`
	// Host names under which the workload is served.
	Hosts []string `json:"hosts"`
	// Where the packets come from: the addresses of the gateway, or the workload of the ingress controller.
	From []End `json:"from"`

	Place model.Place `json:"-"`
}

// Team is a group of people and what they may do.
type Team struct {
	// Name by which statements call the team, as in team/NAME.
	Name string `json:"name" claims:"required"`
	// Object id of the Microsoft Entra group.
	Group string `json:"group" claims:"required"`
	// All that the team may do: roles, in the whole cluster or in namespaces, such as "view" or "edit in app".
	Within []Bound `json:"within"`
	// Namespaces that the team is confined to.
	Namespaces []Name `json:"namespaces"`
	// The team exists for emergencies, and may do everything.
	BreakGlass bool `json:"breakGlass"`
	// The team only looks: it must be within the ClusterRole view, and read no Secret.
	ReadOnly bool `json:"readOnly"`
	// Requests that the team may never be allowed, such as "get secrets -n data".
	Never []Access `json:"never"`

	Place model.Place `json:"-"`
}

// Identity ties a ServiceAccount to a managed identity.
type Identity struct {
	// The ServiceAccount, NAMESPACE/NAME.
	ServiceAccount NamespacedName `json:"serviceAccount" claims:"required"`
	// Name, client id or resource id of the user-assigned managed identity.
	ManagedIdentity string `json:"managedIdentity" claims:"required"`
	// All that the managed identity may do in Azure.
	Actions []AzureActions `json:"actions"`

	Place model.Place `json:"-"`
}

// AzureActions is a set of Azure actions at a scope and below it.
type AzureActions struct {
	// Actions of the control plane, such as Microsoft.Storage/storageAccounts/read; * stands for any text.
	Actions []string `json:"actions"`
	// Actions on data, such as Microsoft.KeyVault/vaults/secrets/getSecret/action.
	DataActions []string `json:"dataActions"`
	// Name or GUID of a role whose actions are meant, in place of a list.
	Role string `json:"role"`
	// The resource id below which they are allowed.
	Scope string `json:"scope" claims:"required"`

	Place model.Place `json:"-"`
}

// Exception accepts a finding until a day.
type Exception struct {
	// Id of the control, or the text of the claim.
	Control string `json:"control" claims:"required"`
	// The object of the finding, as reports print it.
	Object string `json:"object" claims:"required"`
	// Why it is accepted.
	Reason string `json:"reason" claims:"required"`
	// Who answers for it.
	Owner string `json:"owner" claims:"required"`
	// The last day on which it counts, YYYY-MM-DD.
	Expires Date `json:"expires" claims:"required"`

	Place model.Place `json:"-"`
}
