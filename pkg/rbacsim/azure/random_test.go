package azure_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// The small world that random snapshots are about.
var (
	randomScopes = []string{
		"/", managementSub + "top", managementSub + "low", "/subscriptions/s1", "/subscriptions/s2", "/subscriptions/s10",
		"/subscriptions/s1/resourceGroups/rg1", "/subscriptions/s1/resourceGroups/rg10", "/subscriptions/s2/resourceGroups/rg1",
		"/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/v1",
		"/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/v1/secrets/x",
		"/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/v2",
		"/subscriptions/s1/resourceGroups/rg10/providers/Microsoft.Storage/storageAccounts/v1",
	}
	randomPatterns = []string{
		"*", "*/read", "Microsoft.KeyVault/*", "Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/read", "microsoft.keyvault/VAULTS/write",
		getSecret, "Microsoft.KeyVault/vaults/secrets/*", "Microsoft.KeyVault/vaults/*/action", "Microsoft.Storage/*", "Microsoft.Storage/storageAccounts/listKeys/action",
	}
	randomActions = []string{
		"Microsoft.KeyVault/vaults/read", "Microsoft.KeyVault/vaults/write", getSecret, readMetadata, "Microsoft.KeyVault/vaults/secrets/read",
		"Microsoft.Storage/storageAccounts/listKeys/action", "Microsoft.Storage/storageAccounts/read", "microsoft.keyvault/vaults/keys/read",
	}
	randomUsers  = []string{alice, bob, "eeeeeeee-0000-4000-8000-000000000005"}
	randomGroups = []string{team, org, "ffffffff-0000-4000-8000-000000000006"}
)

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func some[T any](r *rand.Rand, list []T, most int) (chosen []T) {
	for range r.IntN(most + 1) {
		chosen = append(chosen, pick(r, list))
	}
	return chosen
}

func oneIn(r *rand.Rand, n int) bool { return r.IntN(n) == 0 }

// shout spells a text in another way that means the same.
func shout(r *rand.Rand, s string) string {
	switch r.IntN(4) {
	case 0:
		return strings.ToUpper(s)
	case 1:
		return strings.ToLower(s)
	}
	return s
}

func randomPermission(r *rand.Rand) model.Permission {
	return model.Permission{
		Actions: some(r, randomPatterns, 3), NotActions: some(r, randomPatterns, 1),
		DataActions: some(r, randomPatterns, 3), NotDataActions: some(r, randomPatterns, 1),
	}
}

// randomWorld makes a snapshot; parts say what may be in it.
func randomWorld(r *rand.Rand) *world {
	w := &world{}
	for _, id := range randomUsers {
		w.user(id, "user-"+id[:4]+"@contoso.com")
	}
	for _, id := range randomGroups {
		put(w, "DirectoryObject", id, &model.DirectoryObject{ID: id, Kind: "Group", DisplayName: "group-" + id[:4]})
	}
	roles := []string{"role-a", "role-b", "role-c", "role-d"}
	for _, guid := range roles[:3] { // of role-d nothing is known
		permissions := []model.Permission{randomPermission(r)}
		if oneIn(r, 3) {
			permissions = append(permissions, randomPermission(r))
		}
		w.role(guid, "Role "+guid, permissions...)
	}
	if oneIn(r, 2) {
		w.group("top", oneIn(r, 2), append(some(r, []string{"/subscriptions/s1"}, 1), managementSub+"low")...)
		w.group("low", oneIn(r, 2), "/subscriptions/s2")
	}
	if oneIn(r, 3) {
		for _, g := range randomGroups {
			if !oneIn(r, 4) {
				w.members(g, append(some(r, randomUsers, 2), some(r, randomGroups, 1)...)...)
			}
		}
	}
	for range r.IntN(5) {
		role := pick(r, roles)
		if role == "role-d" && !oneIn(r, 4) {
			role = "role-a"
		}
		w.randomAssignment(r, role)
	}
	for i := range r.IntN(2) {
		w.randomDeny(r, fmt.Sprint("deny", i))
	}
	if oneIn(r, 2) {
		w.vault(randomScopes[9], func(v *model.KeyVault) {
			v.RBAC = pick(r, []model.Property[bool]{model.Known(true), model.Known(true), model.Known(false), model.Null[bool](), model.Unresolved[bool]("[x]")})
			var policies []model.AccessPolicy
			for range r.IntN(3) {
				p := model.AccessPolicy{ObjectID: model.Known(pick(r, append(randomUsers, randomGroups...))), Secrets: some(r, []string{"get", "List", "set", "ALL"}, 2)}
				if oneIn(r, 4) {
					p.ApplicationID = model.Known("an-application")
				}
				policies = append(policies, p)
			}
			v.Policies = model.Known(policies)
		})
	}
	return w
}

func (w *world) randomAssignment(r *rand.Rand, role string) {
	scope := shout(r, pick(r, randomScopes))
	principal, change := shout(r, pick(r, randomUsers)), func(*model.RoleAssignment) {}
	if oneIn(r, 3) {
		principal, change = pick(r, randomGroups), toGroup
	}
	w.assign(principal, role, scope, change, func(a *model.RoleAssignment) {
		if oneIn(r, 3) {
			a.RoleDefinitionID = model.Known(strings.ToUpper("/subscriptions/s1" + rolePrefix + role))
		}
		if oneIn(r, 12) {
			a.PrincipalID, a.PrincipalType = model.Unresolved[string]("[reference('x')]"), model.Property[string]{}
		}
		if oneIn(r, 12) {
			a.Scope = model.Unresolved[string]("[parameters('scope')]")
		}
		a.Eligible = oneIn(r, 12)
	})
}

func (w *world) randomDeny(r *rand.Rand, name string) {
	w.deny(name, shout(r, pick(r, randomScopes)), randomPermission(r), func(d *model.DenyAssignment) {
		if oneIn(r, 2) {
			d.Principals = model.Known([]model.DeniedPrincipal{{ID: pick(r, append(randomUsers, randomGroups...))}})
		}
		if oneIn(r, 3) {
			d.ExcludedPrincipals = model.Known([]model.DeniedPrincipal{{ID: pick(r, append(randomUsers, randomGroups...))}})
		}
		d.NotForChildren = pick(r, []model.Property[bool]{model.Known(false), {}, model.Known(true), model.Unresolved[bool]("[x]")})
		if oneIn(r, 8) {
			d.Effect = model.Known("audit")
		}
		if oneIn(r, 8) {
			d.Permissions = model.Unresolved[[]model.Permission]("[y]")
		}
	})
}

type randomQuestion struct {
	subject azure.Subject
	action  string
	data    bool
	at      string
}

func (q randomQuestion) request() azure.Request {
	return azure.Request{Action: q.action, Data: q.data, Scope: azure.MustParseScope(q.at)}
}

func randomQuestions(r *rand.Rand, a *azure.Authorizer, n int) (list []randomQuestion) {
	for range n {
		s, err := a.SubjectOf(identity.NewUser(pick(r, randomUsers)))
		if err != nil {
			panic(err)
		}
		if oneIn(r, 8) {
			s.Groups = append(s.Groups, pick(r, randomGroups))
		}
		list = append(list, randomQuestion{s, shout(r, pick(r, randomActions)), oneIn(r, 2), pick(r, randomScopes[3:])})
	}
	return list
}

// The engine answers as the documentation's algorithm does, done by hand.
func TestDecideIsTheNaiveAnswer(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	count := map[rbacsim.Decision]int{}
	for i := range 1000 {
		w := randomWorld(r)
		c := w.Cluster()
		a := azure.New(c)
		for _, q := range randomQuestions(r, a, 10) {
			want := naive{c}.decide(q.subject, q.action, q.data, q.at)
			v, err := a.Check(q.subject, q.request())
			require.NoError(t, err)
			if want != v.Decision {
				require.Equal(t, want, v.Decision, "world %d: %v\n%s\n%s", i, q, v.Explain(), dump(c))
			}
			count[want]++
			if i%4 > 0 {
				continue // the grounds of some are enough
			}
			n := 0
			for g := range v.Grants() {
				n++
				if v.Decision == rbacsim.Allowed && g.Open == "" {
					n += 100
				}
			}
			switch v.Decision {
			case rbacsim.Allowed:
				require.Greater(t, n, 100, "no certain grant: %v", q)
			case rbacsim.Undecided:
				incomplete := 0
				for range v.Incomplete() {
					incomplete++
				}
				require.NotZero(t, n+incomplete, "nothing says what it hangs on: %v", q)
			case rbacsim.Denied:
				if n > 0 {
					denied := 0
					for d := range v.Denials() {
						if !d.Open {
							denied++
						}
					}
					require.NotZero(t, denied, "granted and denied by nothing: %v", q)
				}
			}
		}
	}
	for _, d := range []rbacsim.Decision{rbacsim.Allowed, rbacsim.Denied, rbacsim.Undecided} {
		require.Greater(t, count[d], 300, "%s: %v", d, count)
	}
}

func dump(c *model.Cluster) string {
	var b strings.Builder
	for o := range model.All[model.RoleAssignment](c) {
		fmt.Fprintf(&b, "%+v\n", *o.API)
	}
	for o := range model.All[model.RoleDefinition](c) {
		fmt.Fprintf(&b, "%+v\n", *o.API)
	}
	for o := range model.All[model.DenyAssignment](c) {
		fmt.Fprintf(&b, "%+v\n", *o.API)
	}
	for o := range model.All[model.GroupMembers](c) {
		fmt.Fprintf(&b, "%+v\n", *o.API)
	}
	for o := range model.All[model.KeyVault](c) {
		fmt.Fprintf(&b, "%+v\n", *o.API)
	}
	return b.String()
}

// One more assignment takes no right away.
func TestAssignmentsOnlyAdd(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	changed := 0
	for range 400 {
		w := randomWorld(r)
		before := w.Cluster()
		a := azure.New(before)
		questions := randomQuestions(r, a, 10)
		more := &world{n: 1000}
		more.randomAssignment(r, pick(r, []string{"role-a", "role-b", "role-d"}))
		b := azure.New(before.With(more.Cluster()))
		for _, q := range questions {
			x, y := a.Decide(q.subject, q.request()), b.Decide(q.subject, q.request())
			switch x {
			case rbacsim.Allowed:
				require.Equal(t, x, y)
			case rbacsim.Undecided:
				require.NotEqual(t, rbacsim.Denied, y)
			case rbacsim.Denied:
			}
			if x != y {
				changed++
			}
		}
	}
	require.NotZero(t, changed)
}

// Upper and lower case never matter, nor does the order in which objects are named.
func TestSpellingAndOrderNeverMatter(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 3))
	for range 300 {
		w := randomWorld(r)
		c := w.Cluster()
		a := azure.New(c)
		other := reordered(r, c)
		for _, q := range randomQuestions(r, a, 8) {
			want := a.Decide(q.subject, q.request())
			louder := q
			louder.action, louder.at = strings.ToUpper(q.action), strings.ToUpper(q.at)
			require.Equal(t, want, a.Decide(louder.subject, louder.request()))
			require.Equal(t, want, other.Decide(q.subject, q.request()))
		}
	}
}

// reordered compiles the same assignments under other names, and so in another order,
// in other spelling.
func reordered(r *rand.Rand, c *model.Cluster) *azure.Authorizer {
	w := &world{}
	for o := range model.All[model.RoleAssignment](c) {
		changed := *o.API
		if s, ok := changed.Scope.Get(); ok {
			changed.Scope = model.Known(strings.ToUpper(s))
		}
		if id, ok := changed.PrincipalID.Get(); ok {
			changed.PrincipalID = model.Known(strings.ToUpper(id))
		}
		put(w, "RoleAssignment", fmt.Sprint(r.Uint64()), &changed)
	}
	for o := range model.All[model.RoleDefinition](c) {
		changed := *o.API
		var permissions []model.Permission
		for _, p := range changed.Permissions.Or(nil) {
			permissions = append([]model.Permission{p}, permissions...)
		}
		changed.Permissions = model.Known(permissions)
		put(w, "RoleDefinition", fmt.Sprint(r.Uint64()), &changed)
	}
	for o := range model.All[model.DenyAssignment](c) {
		put(w, "DenyAssignment", fmt.Sprint(r.Uint64()), o.API)
	}
	for o := range model.All[model.GroupMembers](c) {
		put(w, "GroupMembers", o.Ref.Name, o.API)
	}
	for o := range model.All[model.DirectoryObject](c) {
		put(w, "DirectoryObject", o.Ref.Name, o.API)
	}
	for o := range model.All[model.KeyVault](c) {
		put(w, "KeyVault", o.Ref.Name, o.API)
	}
	for o := range model.All[model.ManagementGroup](c) {
		put(w, "ManagementGroup", o.Ref.Name, o.API)
	}
	return w.compile()
}

// Holders are those whom Decide does not deny, everybody asked one by one.
func TestHoldersAreAllWhoMay(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	listed := 0
	for range 400 {
		w := randomWorld(r)
		a := w.compile()
		for _, q := range randomQuestions(r, a, 4) {
			got := map[string]rbacsim.Decision{}
			for h := range a.Holders(q.request()).All() {
				got[h.Principal.ObjectID] = h.Decision
				if h.Principal.ObjectID != "" {
					listed++
				}
			}
			for _, id := range append(randomUsers, randomGroups...) {
				s, err := a.SubjectOf(identity.NewUser(id))
				if slices.Contains(randomGroups, id) {
					s, err = a.SubjectOf(identity.NewGroup(id))
				}
				require.NoError(t, err)
				want := a.Decide(s, q.request())
				have, ok := got[id]
				switch {
				case ok:
					require.Equal(t, want, have)
				case want == rbacsim.Undecided:
					require.Contains(t, got, "", "%s may, and nobody says so", id)
				default:
					require.Equal(t, rbacsim.Denied, want, id)
				}
			}
		}
	}
	require.NotZero(t, listed)
}
