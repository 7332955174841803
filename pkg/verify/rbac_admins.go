package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

func checkAdminsAreGroups(c *Context, a *Answer) {
	for _, h := range c.bindings(a, func(h held) bool {
		byEntra := h.BindingAssumed && h.Binding.Name == aadAdminBinding // whatever ids are in there are groups'
		return h.isAdmin() && !byEntra && !isEntraGroup(h.who)
	}) {
		f := h.finding(c)
		f.Text = fmt.Sprintf("is an admin %s by %s, and no Entra group", h.where(), h.Role)
		if c.isUnsettled(h.who) {
			a.Open(f)
		} else {
			a.Refute(f)
		}
	}
	c.overBindings(a)
}

// isUnsettled reports whether the input does not settle which group is meant.
func (c *Context) isUnsettled(p identity.Principal) bool {
	if p.Kind() != identity.Group {
		return false
	}
	for name := range c.Authorizer().UnsettledGroups() {
		if name == p.Name() {
			return true
		}
	}
	return false
}

func checkNoUsers(c *Context, a *Answer) {
	users := c.bindings(a, func(h held) bool { return h.who.Kind() == identity.User || h.who.IsZero() })
	for _, h := range users {
		f := h.finding(c)
		f.Text = fmt.Sprintf("is a user, whom %s gives %s", h.Binding, h.Role)
		a.Refute(f)
	}
	masters := identity.NewGroup(identity.Masters)
	for r := range c.Authorizer().Rights(rbacsim.As(masters)).All() {
		if r.To == masters && r.Binding != (model.Ref{Kind: "ClusterRoleBinding", Name: "cluster-admin"}) {
			h := held{r, masters}
			f := h.finding(c)
			f.Text = fmt.Sprintf("is a group that only certificates carry, and %s names it", r.Binding)
			a.Refute(f)
		}
	}
	c.overBindings(a)
}

// adminAction is an action by which its holder gets everything in a cluster.
type adminAction struct {
	action string
	data   bool
}

// adminActions are the actions of the roles that make an admin: of Azure, and on the
// bindings of the cluster by way of Azure.
// https://learn.microsoft.com/azure/aks/concepts-identity#azure-rbac-for-kubernetes-authorization
func adminActions() []adminAction {
	const cluster = "Microsoft.ContainerService/managedClusters/"
	return []adminAction{
		{cluster + "rbac.authorization.k8s.io/clusterrolebindings/write", true},
		{cluster + "rbac.authorization.k8s.io/rolebindings/write", true},
		{cluster + "listClusterAdminCredential/action", false},
		{cluster + "accessProfiles/listCredential/action", false},
		{cluster + "runCommand/action", false},
		{cluster + "write", false},
		{azure.RoleAssignmentsWrite, false},
	}
}

// azureAdmin is a role assignment that makes an admin of the cluster, or may.
type azureAdmin struct {
	assignment *model.Object[model.RoleAssignment]
	role       string
	adminAction
	open string // why it may not
	at   azure.Scope
}

// azureAdmins returns the role assignments that make admins, in the order of the input.
func (c *Context) azureAdmins(a *Answer) (all []azureAdmin) {
	cluster, err := azure.ParseScope(c.AKS().API.ID.Or(""))
	if err != nil {
		a.Open(Finding{Object: c.AKS().Ref.String(), Place: c.AKS().Origin.Place, Text: "the id of the cluster is not known: which role assignments count there the input does not say", Missing: "az aks show -g GROUP -n NAME -o json"})
		return nil
	}
	roles := c.adminRoles()
	for o := range model.All[model.RoleAssignment](c.cluster) {
		admin := azureAdmin{assignment: o, at: cluster}
		if why, counts := c.countsAt(o.API, &admin); !counts {
			continue
		} else if why != "" {
			admin.open = why
		}
		if len(o.Origin.Gaps) > 0 {
			admin.open = "it may not be so: " + o.Origin.Gaps[0].What
		}
		if o.API.Classic {
			admin.role, admin.adminAction = "classic administrator", adminActions()[5]
			all = append(all, admin)
			continue
		}
		id, known := o.API.RoleDefinitionID.Get()
		if !known {
			admin.open = "which role it assigns is not settled by the input"
			all = append(all, admin)
			continue
		}
		role, ok := roles[strings.ToLower(id[strings.LastIndexByte(id, '/')+1:])]
		if !ok || !role.data && admin.at != cluster {
			continue
		}
		admin.role, admin.adminAction, admin.open = role.role, role.adminAction, cmp.Or(admin.open, role.open)
		if condition, limited := o.API.Condition.Get(); limited && condition != "" && admin.open == "" {
			admin.open = "it has a condition, which is not weighed"
		}
		all = append(all, admin)
	}
	return all
}

// adminRoles returns the roles that have an action of an admin, by GUID, with the first
// that they have.
func (c *Context) adminRoles() map[string]azureAdmin {
	roles := map[string]azureAdmin{}
	for _, action := range adminActions() {
		for r := range c.Azure().RolesWith(action.action, action.data) {
			made := azureAdmin{role: cmp.Or(r.Role.Name, r.Role.GUID), adminAction: action}
			if r.Decision != rbacsim.Allowed {
				made.open = "what role " + made.role + " allows is not known for certain"
			}
			if have, ok := roles[strings.ToLower(r.Role.GUID)]; !ok || have.open != "" && made.open == "" {
				roles[strings.ToLower(r.Role.GUID)] = made
			}
		}
	}
	return roles
}

// countsAt reports whether an assignment counts at the cluster, or in it: then where is
// set to its scope. It says why that is not certain.
func (c *Context) countsAt(r *model.RoleAssignment, where *azureAdmin) (why string, counts bool) {
	text, known := r.Scope.Get()
	if !known {
		return "at which scope it counts is not settled by the input", true
	}
	scope, err := azure.ParseScope(text)
	if err != nil {
		return "its scope can't be read: " + err.Error(), true
	}
	switch c.Azure().Covers(scope, where.at) {
	case rbacsim.Allowed:
		return "", true
	case rbacsim.Undecided:
		return "whether " + scope.String() + " is above the cluster the input does not say", true
	case rbacsim.Denied:
	}
	if where.at.Covers(scope) {
		where.at = scope
		return "", true
	}
	return "", false
}

// who is the principal that an assignment names, of a kind that may not be known.
func (c *Context) assigned(r *model.RoleAssignment) (name, kind string) {
	id := strings.ToLower(r.PrincipalID.Or(""))
	kind = r.PrincipalType.Or("")
	if entity, ok := c.Azure().Directory().Lookup(id); ok && entity.Kind != 0 {
		name = entity.Principal().String()
		if kind == "" {
			kind = entity.Kind.String()
		}
	}
	if name == "" && id != "" {
		name = "user/" + id
		switch kind {
		case "Group":
			name = "group/" + id
		case "ServicePrincipal":
			name = "sp/" + id
		}
	}
	if r.Classic {
		return cmp.Or(name, r.PrincipalName.Or("a classic administrator")), "User"
	}
	return name, kind
}

// finding starts a finding about an admin.
func (x azureAdmin) finding(who string) Finding {
	f := Finding{Object: cmp.Or(who, x.assignment.Ref.String()), Place: x.assignment.Origin.Place}
	if who != "" && x.action != "" {
		f.Replay = []string{"can-i", "--as", who, "--scope", x.at.String(), x.action}
	}
	return f
}

// text says what an admin has.
func (x azureAdmin) text() string {
	has := "has"
	if x.assignment.API.Eligible {
		has = "may activate"
	}
	return fmt.Sprintf("%s role %s at %s, with %s", has, cmp.Or(x.role, "that is not known"), cmp.Or(x.assignment.API.Scope.Or(""), "a scope that is not known"), cmp.Or(x.action, "whatever it allows"))
}

func checkAzureAdminsAreGroups(c *Context, a *Answer) {
	admins := c.azureAdmins(a)
	for _, x := range admins {
		who, kind := c.assigned(x.assignment.API)
		f := x.finding(who)
		switch {
		case strings.EqualFold(kind, "Group"):
			continue
		case kind == "" || strings.EqualFold(kind, "ForeignGroup"):
			f.Text = x.text() + ": whether its principal is a group of the tenant the input does not say"
			a.Open(f)
		case x.open != "":
			f.Text = x.text() + ": " + x.open
			a.Open(f)
		default:
			f.Text = fmt.Sprintf("%s, and is no group: principalType %s", x.text(), kind)
			a.Refute(f)
		}
	}
	a.Proved("%s that make admins, of %s", count(len(admins), "role assignment"), count(c.countAssignments(), "role assignment"))
}

func (c *Context) countAssignments() (n int) {
	for range model.All[model.RoleAssignment](c.cluster) {
		n++
	}
	return n
}

func checkLimited(c *Context, a *Answer) {
	for _, h := range c.bindings(a, func(h held) bool {
		return isEntraGroup(h.who) && (h.Role == model.Ref{Kind: "ClusterRole", Name: "cluster-admin"} || isEverything(h.Policy))
	}) {
		if !c.isBreakGlass(h.who.Name()) {
			f := h.finding(c)
			f.Text = fmt.Sprintf("may do everything %s by %s, and no team with breakGlass is that group", h.where(), h.Role)
			a.Refute(f)
		}
	}
	if c.AKS() == nil {
		return // the evidence is missing
	}
	admins := c.azureAdmins(a)
	for _, x := range admins {
		who, kind := c.assigned(x.assignment.API)
		if !strings.EqualFold(kind, "Group") || c.isBreakGlass(x.assignment.API.PrincipalID.Or("")) {
			continue
		}
		f := x.finding(who)
		if f.Text = x.text() + ", and no team with breakGlass is that group"; x.open != "" {
			f.Text += ": " + x.open
			a.Open(f)
		} else {
			a.Refute(f)
		}
	}
	emergencies := slices.DeleteFunc(slices.Clone(c.claims.Spec.Teams), func(t Team) bool { return !t.BreakGlass })
	c.overBindings(a)
	a.over += fmt.Sprintf(", and %s of Azure; %s for emergencies", count(c.countAssignments(), "role assignment"), count(len(emergencies), "team"))
}
