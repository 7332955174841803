package verify_test

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
	"github.com/aksim/aksim/pkg/verify"
)

// access is what the engines say of a snapshot, and no control does: who reaches and who
// may do what.
type access struct {
	enforced  bool                  // by an engine
	reach     map[[2]string][]reach // between pods, pods to come, and addresses
	broken    []string              // required flows that do not work
	rbac      *rbacsim.Authorizer
	powers    map[string]bool
	questions []question
	azure     *azure.Authorizer
	trusts    map[string]bool // issuer, subject, identity
	settings  map[string]bool // that are open
}

type reach struct {
	prefixes []netip.Prefix // of the end that is an address; nil if both are pods
	ports    netsim.Ports
}

type question struct {
	who   azure.Subject
	what  azure.Request
	label string
}

func accessOf(t *testing.T, c *model.Cluster) access {
	t.Helper()
	a := access{rbac: rbacsim.New(c), azure: azure.New(c)}
	a.network(t, c)
	a.powers = powersOf(c, a.rbac)
	a.questions = questionsAbout(c, a.azure)
	a.trusts = trustsOf(c)
	a.settings = settingsOf(c)
	return a
}

// network looks at the pods of the example and at pods to come: one without labels in
// each namespace, and one for each workload's labels in another.
func (a *access) network(t *testing.T, c *model.Cluster) {
	t.Helper()
	pods := []netsim.FuturePod{{Namespace: "new", NamespaceLabels: map[string]string{}, Name: "new"}}
	namespaces := map[string]bool{"new": true}
	i := 0
	for p := range c.Pods() {
		if !namespaces[p.Namespace] {
			namespaces[p.Namespace] = true
			pods = append(pods, netsim.FuturePod{Namespace: p.Namespace, Name: "new-bare"})
		}
		for _, ns := range []string{"app", "data", "temporal"}[i%3:][:1] {
			pods = append(pods, netsim.FuturePod{Namespace: ns, Name: fmt.Sprintf("new-%d", i), Labels: p.Labels})
		}
		i++
	}
	more, err := netsim.Assume(c, pods...)
	require.NoError(t, err)
	n := netsim.New(more, netsim.WithPodCIDRs(netip.MustParsePrefix("10.244.0.0/16")))
	a.reach = map[[2]string][]reach{}
	for _, ns := range slices.Sorted(maps.Keys(namespaces)) {
		into, err := n.Into(netsim.Namespace(ns))
		require.NoError(t, err)
		for e := range into {
			a.edge(e, "from")
		}
		out, err := n.OutOf(netsim.Namespace(ns))
		require.NoError(t, err)
		for e := range out {
			if len(e.Addresses) > 0 {
				a.edge(e, "to")
			}
		}
	}
	claims, err := verify.ClaimsIn(c)
	require.NoError(t, err)
	x, err := verify.Prepare(c, claims, verify.Options{Now: today()})
	require.NoError(t, err)
	plain := netsim.New(c, netsim.WithPodCIDRs(netip.MustParsePrefix("10.244.0.0/16")))
	for _, f := range x.Claims().Spec.Flows.Required {
		v, err := plain.Check(f.Netsim())
		require.NoError(t, err)
		if v.Decision != netsim.Allowed {
			a.broken = append(a.broken, f.String())
		}
	}
	for o := range model.All[model.ManagedCluster](c) {
		policy := o.API.Network.Policy.Or("none")
		a.enforced = policy != "none"
	}
}

func (a *access) edge(e netsim.Edge, outside string) {
	key := [2]string{e.From.String(), e.To.String()}
	if len(e.Addresses) > 0 && outside == "from" {
		key[0] = "outside"
	} else if len(e.Addresses) > 0 {
		key[1] = "outside"
	}
	a.reach[key] = append(a.reach[key], reach{e.Addresses, e.Ports.Union(e.Undecided)})
}

// until says what of the access that b has, a had not.
func (a *access) until(b access) (changes []gain) {
	for _, text := range a.certain(b) {
		changes = append(changes, gain{text: text})
	}
	for _, s := range rbacsim.CompareSnapshots(a.rbac, b.rbac, rbacsim.AllRequests).Subjects {
		if s.Gained.Outcome == rbacsim.Refuted {
			changes = append(changes, gain{rightOf(s.Principal), s.Principal.String() + " gains " + s.Gained.Example.String()})
		}
	}
	for _, q := range b.questions {
		if b.azure.Decide(q.who, q.what) != rbacsim.Denied && a.azure.Decide(q.who, q.what) == rbacsim.Denied {
			changes = append(changes, gain{rightInAzure(q), q.label})
		}
	}
	return changes
}

// gain is access that is more than before, or a required flow that does not work.
type gain struct {
	// class says why it is nothing that a control has to notice; empty if one has.
	class string
	text  string
}

// The changes that are deliberately not noticed. What a right leads to is looked at
// beside it, and has no class.
const (
	accountRight = "a right of ServiceAccounts that makes them nobody else, and which no claim limits"
	ownRight     = "a right of a team by the very role that the claims take for its limit"
	azureLook    = "a right to look at objects of the cluster by a role of Azure, which is no team's"
	azureRight   = "a right in Azure that leads neither into the cluster nor to its vault and identities"
)

func rightOf(p identity.Principal) string {
	switch name := p.Name(); {
	case p.Kind() == identity.ServiceAccount, strings.HasPrefix(name, "system:serviceaccounts:"):
		return accountRight
	case name == devopsGroup, name == appGroup:
		return ownRight // taken back by the test unless a rule of the role was changed
	}
	return ""
}

// rightInAzure: kubeconfigs of users carry no right, and those of managed identities are
// all claimed.
func rightInAzure(q question) string {
	scope := strings.ToLower(q.what.Scope.String())
	isAbove := strings.Count(scope, "/") <= 4
	isOurs := strings.Contains(scope, "/managedclusters/") || strings.Contains(scope, "/vaults/") || strings.Contains(scope, "/userassignedidentities/")
	if strings.HasSuffix(q.what.Action, "/listClusterUserCredential/action") || !isAbove && !isOurs {
		return azureRight
	}
	if strings.HasSuffix(q.what.Action, "/managedClusters/pods/read") {
		return azureLook
	}
	return ""
}

// powersOf returns who may do by RBAC objects what makes them somebody else.
func powersOf(c *model.Cluster, a *rbacsim.Authorizer) map[string]bool {
	requests := []rbacsim.Request{
		{Verb: "get", Resource: "secrets"}, {Verb: "create", Resource: "pods"}, {Verb: "create", Group: "apps", Resource: "deployments"},
		{Verb: "create", Resource: "pods", Subresource: "exec"}, {Verb: "create", Resource: "serviceaccounts", Subresource: "token"},
		{Verb: "impersonate", Resource: "users"}, {Verb: "impersonate", Resource: "groups"}, {Verb: "impersonate", Resource: "serviceaccounts"},
		{Verb: "bind", Group: rbacv1.GroupName, Resource: "clusterroles"}, {Verb: "escalate", Group: rbacv1.GroupName, Resource: "clusterroles"},
	}
	all := map[string]bool{}
	for p := range a.Principals() {
		for _, r := range requests {
			for ns := range c.Namespaces() {
				r.Namespace = ns.Name
				if a.Decide(rbacsim.As(p), r) == rbacsim.Allowed {
					all[p.String()+" may "+r.String()] = true
				}
			}
		}
	}
	return all
}

func (a *access) certain(b access) (changes []string) {
	if a.enforced && !b.enforced {
		changes = append(changes, "no engine enforces NetworkPolicies")
	}
	for _, key := range slices.SortedFunc(maps.Keys(b.reach), func(x, y [2]string) int { return strings.Compare(x[0]+x[1], y[0]+y[1]) }) {
		if more := widened(a.reach[key], b.reach[key]); more != "" {
			changes = append(changes, key[0]+" -> "+key[1]+": "+more)
		}
	}
	for _, f := range b.broken {
		changes = append(changes, "no longer works: "+f)
	}
	for _, k := range slices.Sorted(maps.Keys(b.powers)) {
		if !a.powers[k] {
			changes = append(changes, k)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(b.trusts)) {
		if !a.trusts[k] {
			changes = append(changes, "trusts "+k)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(b.settings)) {
		if b.settings[k] && !a.settings[k] {
			changes = append(changes, k)
		}
	}
	return changes
}

// widened says what is open after that was not before: for addresses, at the first of
// each run between the borders of all blocks.
func widened(before, after []reach) string {
	borders := []netip.Addr{{}}
	for _, r := range slices.Concat(before, after) {
		for _, p := range r.prefixes {
			borders = append(borders, p.Addr())
			if next := lastOf(p).Next(); next.IsValid() {
				borders = append(borders, next)
			}
		}
	}
	for _, addr := range borders {
		if more := portsAt(after, addr).Minus(portsAt(before, addr)); !more.IsEmpty() {
			return fmt.Sprint(addr, " ", more)
		}
	}
	return ""
}

func portsAt(all []reach, addr netip.Addr) (ports netsim.Ports) {
	for _, r := range all {
		if !addr.IsValid() && r.prefixes == nil || slices.ContainsFunc(r.prefixes, func(p netip.Prefix) bool { return addr.IsValid() && p.Contains(addr) }) {
			ports = ports.Union(r.ports)
		}
	}
	return ports
}

func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < 8*len(b); i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	addr, _ := netip.AddrFromSlice(b)
	return addr
}

// questionsAbout are all principals of the snapshot, a choice of actions, and all scopes.
func questionsAbout(c *model.Cluster, az *azure.Authorizer) (all []question) {
	who, scopes := map[string]bool{}, map[string]bool{}
	for o := range model.All[model.RoleAssignment](c) {
		who[o.API.PrincipalID.Or("")] = true
		scopes[o.API.Scope.Or("")] = true
	}
	for o := range model.All[model.ManagedCluster](c) {
		scopes[o.API.ID.Or("")], scopes[o.API.ID.Or("")+"/namespaces/app"] = true, true
	}
	for o := range model.All[model.KeyVault](c) {
		scopes[o.API.ID.Or("")] = true
	}
	for o := range model.All[model.UserAssignedIdentity](c) {
		who[o.API.PrincipalID.Or("")], scopes[o.API.ID.Or("")] = true, true
	}
	for _, id := range slices.Sorted(maps.Keys(who)) {
		for _, s := range slices.Sorted(maps.Keys(scopes)) {
			scope, err := azure.ParseScope(s)
			if err != nil {
				continue
			}
			for _, action := range actions() {
				if !isAskedAt(action, s) {
					continue
				}
				isData, _ := az.Plane(action)
				all = append(all, question{azure.Subject{ObjectID: id}, azure.Request{Action: action, Data: isData, Scope: scope}, id + " may " + action + " at " + s})
			}
		}
	}
	return all
}

// isAskedAt reports whether the action means something at the scope: one of the resource's
// own provider, or of what may be below.
func isAskedAt(action, scope string) bool {
	i := strings.LastIndex(scope, "/providers/")
	provider, _, _ := strings.Cut(action, "/")
	return i < 0 || provider == "Microsoft.Authorization" || strings.HasPrefix(scope[i:], "/providers/"+provider+"/")
}

func actions() []string {
	return []string{
		"Microsoft.KeyVault/vaults/secrets/getSecret/action", "Microsoft.KeyVault/vaults/write",
		"Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action",
		"Microsoft.ContainerService/managedClusters/listClusterUserCredential/action",
		"Microsoft.ContainerService/managedClusters/write", "Microsoft.ContainerService/managedClusters/runCommand/action",
		"Microsoft.ContainerService/managedClusters/pods/read", "Microsoft.ContainerService/managedClusters/pods/exec/action",
		"Microsoft.ContainerService/managedClusters/secrets/read", "Microsoft.ContainerService/managedClusters/users/impersonate/action",
		"Microsoft.Authorization/roleAssignments/write",
		"Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write",
		"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read", "Microsoft.Storage/storageAccounts/write",
	}
}

// trustsOf returns whose tokens become which identity: those of the subjects that any
// credential or ServiceAccount names, of the issuers that any credential names.
func trustsOf(c *model.Cluster) map[string]bool {
	subjects, issuers, all := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for o := range model.All[corev1.ServiceAccount](c) {
		subjects["system:serviceaccount:"+o.Ref.Namespace+":"+o.Ref.Name] = true
	}
	for o := range model.All[model.FederatedCredential](c) {
		subjects[o.API.Subject.Or("")], issuers[o.API.Issuer.Or("")] = true, true
	}
	for o := range model.All[model.FederatedCredential](c) {
		for s := range subjects {
			for i := range issuers {
				if identity.MatchCredential(o.API, identity.Assertion{Issuer: i, Subject: s, Audience: "api://AzureADTokenExchange"}).Outcome() == identity.OK {
					all[i+" "+s+" as "+o.API.IdentityID.Or("")] = true
				}
			}
		}
	}
	return all
}

// settingsOf returns which ways round the cluster's authorization are open, and what
// else of its configuration lets somebody in.
func settingsOf(c *model.Cluster) map[string]bool {
	open := map[string]bool{}
	for o := range model.All[model.ManagedCluster](c) {
		for b := range azure.Bypasses(c, o) {
			if b.State != azure.BypassClosed {
				open["bypass "+string(b.Kind)] = true
			}
		}
		m := o.API
		open["public API server"] = !m.APIServer.Private.Or(false) && len(m.APIServer.AuthorizedRanges.Or(nil)) == 0
		open["no RBAC"] = !m.KubernetesRBAC.Or(true)
		open["legacy pod identity"] = m.PodIdentity.Or(false)
		for _, g := range m.Entra.AdminGroups.Or(nil) {
			open["admin group "+g] = true
		}
		if !slices.Contains([]string{"calico"}, m.Network.Policy.Or("none")) {
			open["policy engine "+m.Network.Policy.Or("none")] = true
		}
	}
	return open
}
