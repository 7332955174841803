package azure

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// draw is a random estate of few people, roles, scopes and bindings, written down
// twice: as facts for the naive evaluator, and as a snapshot. Everything of the
// snapshot may be in upper case.
type draw struct {
	rng         *rand.Rand
	on          bool
	cluster     string
	roles       []model.Permission // by number
	assignments []struct {
		scope, principal string
		role             int
	}
	members  map[string][]string // of groups
	bindings []struct{ role, subject string }
	admins   []string
}

// The people, the last two of whom are groups, the first in the second.
func drawnIDs() []string { return []string{aliceID, guestID, robotID, outsideID, devsID, opsID} }

func pick[T any](rng *rand.Rand, list ...T) T { return list[rng.IntN(len(list))] }

func newDraw(rng *rand.Rand) *draw {
	d := &draw{rng: rng, on: rng.IntN(5) > 0, cluster: prodID, members: map[string][]string{devsID: {aliceID}, opsID: {devsID, robotID}}}
	for range 3 {
		d.roles = append(d.roles, model.Permission{
			DataActions:    []string{pick(rng, clusterType+"/*", clusterType+"/*/read", clusterType+"/pods/*", clusterType+"/apps/deployments/write", "*")},
			NotDataActions: pick(rng, nil, []string{clusterType + "/secrets/*"}, []string{clusterType + "/pods/read", clusterType + "/*/delete"}),
		})
	}
	for range rng.IntN(5) {
		scope := pick(rng, "/", "/subscriptions/0000", "/subscriptions/0000/resourceGroups/rg-aks", "/subscriptions/0000/resourceGroups/rg-ak", prodID, prodID+"2", prodID+"/namespaces/app", prodID+"/namespaces/ap")
		d.assignments = append(d.assignments, struct {
			scope, principal string
			role             int
		}{scope, pick(rng, drawnIDs()...), rng.IntN(3)})
	}
	for range rng.IntN(3) {
		d.bindings = append(d.bindings, struct{ role, subject string }{pick(rng, "view", "edit", "cluster-admin"), pick(rng, drawnIDs()...)})
	}
	if rng.IntN(3) == 0 {
		d.admins = []string{pick(rng, devsID, opsID)}
	}
	return d
}

// snapshot writes the estate down, with ids in any case of letters.
func (d *draw) snapshot(anyCase bool) *model.Cluster {
	spell := func(s string) string {
		if anyCase && d.rng.IntN(2) == 0 {
			return strings.ToUpper(s)
		}
		return s
	}
	list := func(patterns []string) (spelt []string) {
		for _, p := range patterns {
			spelt = append(spelt, spell(p))
		}
		return spelt
	}
	c := asked(spell(d.cluster))
	c.Entra.AzureRBAC, c.Entra.AdminGroups = model.Known(d.on), model.Known(list(d.admins))
	e := (&estate{}).cluster(c)
	for _, id := range drawnIDs()[:4] { // of somebody whose kind is not known, nobody knows whether they are a group
		e.directory(model.DirectoryObject{ID: id, Kind: "ServicePrincipal"})
	}
	for id, members := range d.members {
		e.member(spell(id), list(members)...)
	}
	for i, p := range d.roles {
		e.role(fmt.Sprintf("e0000000-0000-4000-8000-00000000000%d", i), model.Permission{DataActions: list(p.DataActions), NotDataActions: list(p.NotDataActions)})
	}
	for i, a := range d.assignments {
		kind := "User"
		if a.principal == devsID || a.principal == opsID {
			kind = "Group"
		}
		e.assign(fmt.Sprint(i), spell(a.scope), spell(fmt.Sprintf("e0000000-0000-4000-8000-00000000000%d", a.role)), spell(a.principal), kind)
	}
	for i, b := range d.bindings { // names of users and groups are exact
		subject := userSubject(b.subject)
		if b.subject == devsID || b.subject == opsID {
			subject = groupSubject(b.subject)
		}
		e.bind(fmt.Sprint(i), b.role, subject)
	}
	return e.b.Cluster()
}

// groupsOf are the groups that somebody is in.
func (d *draw) groupsOf(id string) (groups []string) {
	for again := true; again; {
		again = false
		for g, members := range d.members {
			if !slices.Contains(groups, g) && slices.ContainsFunc(members, func(m string) bool { return m == id || slices.Contains(groups, m) }) {
				groups, again = append(groups, g), true
			}
		}
	}
	slices.Sort(groups)
	return groups
}

// azureAllows is the algorithm of azure.md 1.1, word by word.
func (d *draw) azureAllows(id string, r rbacsim.Request) bool {
	checks, err := Mapping{}.Map(MustParseScope(d.cluster), r)
	if err != nil || !d.on {
		return false
	}
	matches := func(patterns []string, action string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			return regexp.MustCompile("(?i)^" + strings.ReplaceAll(regexp.QuoteMeta(p), `\*`, ".*") + "$").MatchString(action)
		})
	}
	scope := d.cluster
	if r.Namespace != "" {
		scope += "/namespaces/" + r.Namespace
	}
	me := append(d.groupsOf(id), id)
	return !slices.ContainsFunc(checks.Actions, func(action string) bool {
		for _, a := range d.assignments {
			p := d.roles[a.role]
			if slices.Contains(me, a.principal) && strings.HasPrefix(scope+"/", strings.TrimSuffix(a.scope, "/")+"/") && matches(p.DataActions, action) && !matches(p.NotDataActions, action) {
				return false
			}
		}
		return true
	})
}

func randomRequest(rng *rand.Rand) rbacsim.Request {
	if rng.IntN(8) == 0 {
		return rbacsim.URL(pick(rng, "get", "post"), pick(rng, "/metrics", "/secrets", "/pods/exec/action", "/logs/"))
	}
	return rbacsim.Request{
		Verb: pick(rng, "get", "list", "create", "delete", "impersonate", "nod"), Group: pick(rng, "", "", "apps", "x.io"),
		Resource: pick(rng, "pods", "secrets", "deployments", "nodes"), Subresource: pick(rng, "", "", "exec", "log"), Namespace: pick(rng, "", "app", "ap", "other"),
	}
}

func TestUnionAgainstTheNaiveEvaluator(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	counts := map[Side]int{}
	for range 60 {
		d := newDraw(rng)
		c, loud := d.snapshot(false), d.snapshot(true)
		rbac := rbacsim.New(c)
		k, same := NewKubernetes(rbac, New(c)), NewKubernetes(rbacsim.New(loud), New(loud))
		for range 60 {
			id, r := pick(rng, drawnIDs()[:4]...), randomRequest(rng)
			s, err := k.As(identity.NewUser(id))
			require.NoError(t, err)
			groups := append(d.groupsOf(id), identity.AllAuthenticated)
			require.Equal(t, rbacsim.Subject{User: id, Groups: groups}, s.RBAC)
			want := rbacsim.Denied
			if d.azureAllows(id, r) {
				want = rbacsim.Allowed
			}
			v, err := k.Check(s, r)
			require.NoError(t, err)
			require.Equal(t, want, v.Azure.Decision, "%s", v.Explain())
			require.Equal(t, either(want, rbac.Decide(s.RBAC, r)), v.Decision, "%s", v.Explain())
			counts[v.By]++

			other, err := same.As(identity.NewUser(strings.ToUpper(id)))
			require.NoError(t, err)
			again, err := same.Check(other, r)
			require.NoError(t, err)
			require.Equal(t, v.Decision, again.Decision, "upper and lower case of ids mean nothing: %s", again.Explain())

			sa, err := k.As(identity.NewServiceAccount("app", "web"), identity.AllServiceAccounts)
			require.NoError(t, err)
			got, err := k.Decide(sa, r)
			require.NoError(t, err)
			require.Equal(t, rbac.Decide(sa.RBAC, r), got, "ServiceAccounts get nothing from Azure")
		}
	}
	for _, side := range []Side{NoSide, RBACSide, AzureSide} {
		require.NotZero(t, counts[side], "%s", side)
	}
}

// Whoever WhoCan tells of may do it, and whoever may do it is told of or a member of a
// group that is.
func TestWhoCanAgainstDecide(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	told := 0
	for range 60 {
		d := newDraw(rng)
		c := d.snapshot(true)
		k := NewKubernetes(rbacsim.New(c), New(c))
		for range 6 {
			r := randomRequest(rng)
			who, err := k.WhoCan(r)
			require.NoError(t, err)
			holders := map[string]Decision{}
			for h := range who.All() {
				if identity.IsObjectID(h.Principal.Name()) {
					holders[h.Principal.Name()] = h.Decision
					told++
				}
			}
			for _, id := range drawnIDs() {
				p := identity.NewUser(id)
				if id == devsID || id == opsID {
					p = identity.NewGroup(id)
				}
				s, err := k.As(p)
				require.NoError(t, err)
				decision, err := k.Decide(s, r)
				require.NoError(t, err)
				through := slices.ContainsFunc(append(d.groupsOf(id), id), func(g string) bool { return holders[g] == rbacsim.Allowed })
				_, everyone := holders[identity.AllAuthenticated]
				anybody, err := k.rbac.Check(rbacsim.As(identity.NewUser("nobody-in-particular")), r)
				require.NoError(t, err)
				require.Equal(t, decision == rbacsim.Allowed, through || everyone || anybody.Decision == rbacsim.Allowed, "%s: %s: %s", p, r, decision)
				if d, ok := holders[id]; ok {
					require.Equal(t, decision, d)
				}
			}
		}
	}
	require.NotZero(t, told)
}
