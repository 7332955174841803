// Package manifest answers which cluster a set of manifests and Azure exports
// describes: it reads files and streams of YAML and JSON into a [model.Cluster], the
// way an API server would take them in.
//
//	c, err := manifest.Load("deploy/", "dump.json.gz")
//	for e := range manifest.Errors(err) {
//		fmt.Println(e) // deploy/db.yaml:9:5: spec.ingress[0].From: unknown field (did you mean "from"?)
//	}
//
// # Semantics
//
// Input may be YAML or JSON, one document or many, JSON lines, arrays, v1 Lists
// and what kubectl get -o yaml or -o json prints, each also compressed by gzip.
// YAML is read as kubectl reads it (1.1: on is true) and decoded as the API
// server decodes it: strictly and case-sensitively, with API defaults, and, of
// Namespaces, NetworkPolicies and RBAC objects, with admission validation.
// All defects of all inputs are reported at once.
//
// An object is authored unless it has a metadata.uid or resourceVersion: then a
// server handed it out, so a server has admitted it. What this package does not
// understand in a server's object is a finding instead of an error, and in a
// policy, role or binding a [model.Gap] besides.
//
// The values of Secrets and ConfigMaps are dropped; their keys stay, and of a
// ConfigMap, which values look like credentials.
//
// Findings carry these rules: name-label, dropped-field, non-canonical-cidr, and
// of a server's objects unmodelled-field and unmodelled-value, with their notes
// dropped-field; duplicate, unmodelled-kind and not-an-object are always notes.
//
// An object with only a generateName gets that as its name. A document that is
// neither a Kubernetes object nor about Azure is skipped with a note; one that means
// to be and isn't is an error.
//
// # Azure
//
// Documents about Azure are recognised by their shape, whatever the file is called:
// what az prints in JSON or YAML, what the REST API, Azure Resource Graph and Microsoft
// Graph answer, alone, in arrays or wrapped as {"value": [...]}, and what terraform
// show -json prints of a plan or state. Upper and lower case of keys mean nothing;
// properties may be flat or below "properties". They are
//
//	az aks show, list                         az role assignment list, definition list (and the files for create)
//	az identity list, federated-credential    deny assignments, eligible assignments, classic administrators
//	az ad user, group and sp list             az account management-group show -e -r, list
//	az keyvault show                          az monitor diagnostic-settings list, scheduled-query list
//	az network vnet, vnet peering, private-*  az monitor activity-log alert list, data-collection rule list
//	application gateways, Front Doors, firewall policies, API Management, policy assignments and sets,
//	trusted access role bindings, identity bindings, fleet members, scale sets
//
// Who is in a group is an object of az ad group member list's output by the group's
// object id, or a group of Microsoft Graph with its members or transitiveMembers.
//
// Absent, null and false are kept apart. A resource of a type that is not modelled is
// kept with its id and noted once per type and file. What misses something that it
// cannot do without is an error. Exports may overlap: what two of them say of one
// object is put together, and is an error where they disagree. The order of lists, the
// case of ids and single words, null beside an empty list, display names, tags, add-ons
// that are off and node pools that one of them does not list are no disagreement; what a
// template or plan says of a resource that an export shows, too, counts as there.
//
// The places of an Azure object's parts are recorded by the flat name that az gives
// them, spelt as in the reference of Azure templates: aadProfile.enableAzureRBAC,
// accessPolicies[0].permissions.secrets[1].
//
// In a plan of Terraform, an id that Azure has yet to give stands for itself:
// azurerm_user_assigned_identity.api.principal_id. What is known after apply only and
// is not such an id is unresolved.
//
// Findings about Azure have the rules near-miss-key, for an unknown key that looks like
// a known one that is absent and so leaves that one unresolved, and incomplete-export; empty-export, duplicate and
// unmodelled-kind are notes.
package manifest
