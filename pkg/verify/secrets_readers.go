package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// checkReaders tells who reads Secrets and the objects of vaults, and refuses whoever is
// neither of a team nor an identity of the claims.
func checkReaders(c *Context, a *Answer) {
	rules := c.readersByBindings(a)
	c.readersByAzure(a)
	objects := c.vaultReaders(a)
	a.Proved("%s that read Secrets, the roles of Azure that do in any namespace, and %s of key vaults",
		count(rules, "rule"), plural(objects, "object", "objects"))
}

// readVerbs are those that tell what is in a Secret.
func readVerbs() []string { return []string{"get", "list", "watch"} }

// readsSecrets returns a verb by which a rule reads Secrets; empty if it does not.
func readsSecrets(h held) string {
	p := h.Policy
	if p == nil || !hasOrAll(p.APIGroups, "") || !hasOrAll(p.Resources, "secrets") {
		return ""
	}
	for _, verb := range readVerbs() {
		if hasOrAll(p.Verbs, verb) {
			return verb
		}
	}
	return ""
}

// readersByBindings looks at the rules of bindings, and returns how many read Secrets.
func (c *Context) readersByBindings(a *Answer) (n int) {
	accounts := c.workloadAccounts()
	var notes []string
	for _, h := range c.heldRules() {
		verb := readsSecrets(h)
		if verb == "" {
			continue
		}
		n++
		where := orDefault(h.Namespace, "all namespaces")
		notes = append(notes, fmt.Sprintf("Secrets of %s are read by %s, by %s", where, h.who, h.Binding))
		if c.isOfTeam(h.who) || slices.Contains(accounts, h.who) || c.isClaimedAccount(h.who) {
			continue // whether they should is for the controls of RBAC
		}
		if isEverything(h.Policy) || h.isAdmin() && !isEntraGroup(h.who) {
			continue // an admin, for AKS-RBAC-001 and AKS-RBAC-004
		}
		f := h.finding(c)
		access := Access{Verb: verb, What: "secrets", Namespace: h.Namespace}
		if len(h.Policy.ResourceNames) > 0 {
			access.Name = h.Policy.ResourceNames[0]
		}
		f.Replay = append([]string{"can-i"}, access.Args(h.who)...)
		f.Text = fmt.Sprintf("may %s, and is neither a team nor an identity of the claims", access)
		if h.Open != "" {
			a.Open(f)
			continue
		}
		a.Refute(f)
	}
	for _, note := range notes {
		a.Note("%s", note)
	}
	return n
}

// isOfTeam reports whether a group is that of a team.
func (c *Context) isOfTeam(p identity.Principal) bool {
	return slices.ContainsFunc(c.claims.Spec.Teams, func(t Team) bool { return p == identity.NewGroup(t.Group) })
}

func (c *Context) isClaimedAccount(p identity.Principal) bool {
	return slices.ContainsFunc(c.claims.Spec.Identities, func(id Identity) bool {
		return p == identity.NewServiceAccount(id.ServiceAccount.Namespace, id.ServiceAccount.Name)
	})
}

// isOfTeamEntity reports whether somebody of Microsoft Entra ID is a team's group, or has
// a right as a member of such only.
func (c *Context) isOfTeamEntity(e identity.Entity, grants []azure.Grant) bool {
	isTeam := func(id string) bool {
		return slices.ContainsFunc(c.claims.Spec.Teams, func(t Team) bool { return strings.EqualFold(t.Group, id) })
	}
	if isTeam(e.ObjectID) {
		return true
	}
	return len(grants) > 0 && !slices.ContainsFunc(grants, func(g azure.Grant) bool { return !slices.ContainsFunc(g.Through, isTeam) })
}

// readersByAzure looks at the roles of Azure that read Secrets in the cluster.
func (c *Context) readersByAzure(a *Answer) {
	asked, why := c.Kubernetes().AsksAzure()
	if asked == rbacsim.Denied {
		return
	}
	if asked == rbacsim.Undecided {
		a.Open(Finding{Object: "cluster", Text: "whether the API server asks Azure, too, is not known: " + why})
		return
	}
	admins := c.adminRoles()
	for ns := range c.cluster.Namespaces() {
		r := rbacsim.Request{Verb: "get", Resource: "secrets", Namespace: ns.Name}
		holders, err := c.Kubernetes().WhoCan(r)
		if err != nil {
			a.Open(Finding{Object: "cluster", Text: err.Error()})
			return
		}
		for h := range holders.All() {
			c.readerByAzure(a, h, ns.Name, admins)
		}
	}
}

func (c *Context) readerByAzure(a *Answer, h azure.KubernetesHolder, namespace string, admins map[string]azureAdmin) {
	grants := slices.Collect(h.AzureGrants())
	if len(grants) == 0 && !h.Everyone {
		return
	}
	f := Finding{Object: h.Principal.String()}
	if h.Everyone {
		f.Object, f.Text = "everyone", "everyone of Microsoft Entra ID may get secrets -n "+namespace
		a.Open(f)
		return
	}
	a.Note("Secrets of %s are read by %s, by %s of Azure", namespace, h.Principal, grants[0].Role)
	_, isAdmin := admins[strings.ToLower(grants[0].RoleGUID)]
	if c.isOfTeamEntity(h.Entity, grants) || isAdmin && h.Entity.Kind != identity.Group {
		return // of an admin who is no group, AKS-RBAC-003 speaks
	}
	f.Place = grants[0].Place
	f.Grounds = strings.Split(grants[0].String(), "\n")
	f.Replay = append([]string{"can-i"}, Access{Verb: "get", What: "secrets", Namespace: namespace}.Args(h.Principal)...)
	f.Text = fmt.Sprintf("may get secrets -n %s by a role of Azure, and is no team of the claims", namespace)
	if h.Decision == rbacsim.Allowed {
		a.Refute(f)
	} else {
		a.Open(f)
	}
}

// getSecret is the data action that reads a secret.
const getSecret = "Microsoft.KeyVault/vaults/secrets/getSecret/action"

// vaultReaders looks at who reads the secrets of each vault: those that classes name, and
// the vault as a whole.
func (c *Context) vaultReaders(a *Answer) (n int) {
	all := fetchers(c.classUses(&Answer{})) // what is left open there is for AKS-SEC-002
	names := map[string][]string{}
	for _, f := range all {
		for _, o := range f.objects {
			if v := strings.ToLower(o.vault); o.kind != "key" && !slices.Contains(names[v], o.name) {
				names[v] = append(names[v], o.name)
			}
		}
	}
	for o := range model.All[model.KeyVault](c.cluster) {
		id, known := o.API.ID.Get()
		if !known {
			c.openProperty(a, Finding{Object: "KeyVault " + o.API.Name.Or(o.Ref.Name), Place: o.Origin.Place}, "its id", o.API.ID, "")
			continue
		}
		ids := []string{id}
		list := names[strings.ToLower(o.API.Name.Or(""))]
		slices.Sort(list)
		for _, name := range list {
			ids = append(ids, id+"/secrets/"+name)
		}
		for _, id := range ids {
			n++
			c.objectReaders(a, all, o, id)
		}
	}
	return n
}

func (c *Context) objectReaders(a *Answer, all []fetcher, vault *model.Object[model.KeyVault], id string) {
	f := Finding{Object: "KeyVault " + vault.API.Name.Or(vault.Ref.Name), Place: vault.Origin.Place}
	scope, err := azure.ParseScope(id)
	if err != nil {
		f.Text = err.Error()
		a.Open(f)
		return
	}
	what := strings.TrimPrefix(lastParts(scope.String()), "/")
	var readers []string
	for h := range c.Azure().Holders(azure.Request{Action: getSecret, Data: true, Scope: scope}).All() {
		grants := slices.Collect(h.Grants())
		if h.Principal.ObjectID == "" {
			f.Text = "somebody whom the input does not tell may read " + what
			a.Open(f)
			continue
		}
		if isMember(grants) {
			continue // the group is told itself
		}
		readers = append(readers, h.Principal.Principal().String())
		if c.isOfTeamEntity(h.Principal, grants) || c.isClaimedIdentity(h.Principal) || fetches(all, h.Principal, scope) {
			continue
		}
		c.strangeReader(a, h, what, grants)
	}
	c.objectGranters(a, scope, what)
	if len(readers) > 0 {
		a.Note("%s is read by %s", what, list(readers))
	}
}

// objectGranters looks for who may assign roles at a vault or a secret, and so read it.
// Whoever may at the cluster, too, is told there (AKS-CLU-009).
func (c *Context) objectGranters(a *Answer, at azure.Scope, what string) {
	r := azure.Request{Action: azure.RoleAssignmentsWrite, Scope: at}
	above := r
	if aks := c.AKS(); aks != nil {
		if s, err := azure.ParseScope(aks.API.ID.Or("")); err == nil {
			above.Scope = s
		}
	}
	for h := range c.Azure().Holders(r).All() {
		grants := slices.Collect(h.Grants())
		switch {
		case h.Principal.ObjectID == "", isMember(grants), c.isAdmin(h.Subject()):
			continue // who is not known may read it, too, and is told above
		case above.Scope != at && c.Azure().Decide(h.Subject(), above) == h.Decision:
			continue
		}
		f := Finding{
			Object: h.Principal.Principal().String(),
			Text:   "may assign roles at " + what + ", and so give itself what reads it",
			Replay: []string{"can-i", r.Action, "--scope", at.String(), "--as", h.Principal.Principal().String()},
		}
		for _, g := range grants {
			f.Place, f.Grounds = g.Place, strings.Split(g.String(), "\n")
			break
		}
		if h.Decision == rbacsim.Allowed {
			a.Refute(f)
		} else {
			a.Open(f)
		}
	}
}

// isMember reports whether all rights come by groups.
func isMember(grants []azure.Grant) bool {
	return len(grants) > 0 && !slices.ContainsFunc(grants, func(g azure.Grant) bool { return len(g.Through) == 0 })
}

func (c *Context) strangeReader(a *Answer, h azure.Holder, what string, grants []azure.Grant) {
	f := Finding{Object: h.Principal.Principal().String()}
	for _, g := range grants {
		f.Place = g.Place
		f.Grounds = strings.Split(g.String(), "\n")
		break
	}
	f.Replay = []string{"can-i", getSecret, "--scope", what, "--as", f.Object}
	f.Text = "may read " + what + ", and is neither a team nor an identity of the claims"
	if h.Decision == rbacsim.Allowed {
		a.Refute(f)
	} else {
		a.Open(f)
	}
}

// lastParts returns what follows the type of vaults in a resource id.
func lastParts(id string) string {
	const vaults = "/providers/microsoft.keyvault/vaults"
	if i := strings.Index(strings.ToLower(id), vaults); i >= 0 {
		return id[i+len(vaults):]
	}
	return id
}

// isClaimedIdentity reports whether the claims name a managed identity.
func (c *Context) isClaimedIdentity(e identity.Entity) bool {
	return slices.ContainsFunc(c.claims.Spec.Identities, func(id Identity) bool {
		of, err := c.Azure().Directory().Find(identity.NewManagedIdentity(id.ManagedIdentity))
		return err == nil && of.ObjectID == e.ObjectID
	})
}

// fetches reports whether classes ask for an object by an identity.
func fetches(all []fetcher, e identity.Entity, object azure.Scope) bool {
	return slices.ContainsFunc(all, func(f fetcher) bool {
		return f.entity.ObjectID == e.ObjectID && slices.ContainsFunc(f.objects, func(o vaultObject) bool {
			return strings.EqualFold(strings.TrimPrefix(lastParts(object.String()), "/"), o.vault+"/secrets/"+o.name)
		})
	})
}
