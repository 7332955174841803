package identity_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

func oid(n int) string { return fmt.Sprintf("00000000-0000-0000-0000-%012x", n) }

// Groups is the transitive closure of membership, cycles included, whoever exports what.
func TestGroupClosure(t *testing.T) {
	const principals = 9
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		var in [principals][principals]bool // in[i][j]: i is in j
		a := &azure{}
		for j := range principals {
			if r.IntN(3) == 0 {
				continue // not listed
			}
			m := &model.GroupMembers{Group: strings.ToUpper(oid(j)), Transitive: r.IntN(2) == 0}
			for i := range principals {
				if r.IntN(4) == 0 {
					in[i][j] = true
					m.Members = append(m.Members, oid(i))
				}
			}
			a.members = append(a.members, m)
		}
		for k := range principals {
			for i := range principals {
				for j := range principals {
					in[i][j] = in[i][j] || in[i][k] && in[k][j]
				}
			}
		}
		d := identity.NewDirectory(a.cluster())
		for i := range principals {
			var want []string
			for j := range principals {
				if in[i][j] {
					want = append(want, oid(j))
				}
			}
			require.Equal(t, want, slices.Collect(d.Groups(strings.ToUpper(oid(i)))))
		}
	}
}

// An export that has followed the groups says no more than those that have not.
func TestTransitiveMembers(t *testing.T) {
	direct := &azure{members: []*model.GroupMembers{{Group: oid(1), Members: []string{oid(2)}}, {Group: oid(2), Members: []string{oid(3)}}}}
	both := &azure{members: append(slices.Clone(direct.members), &model.GroupMembers{Group: oid(9), Members: []string{oid(1), oid(2), oid(3)}, Transitive: true})}
	assert.Equal(t, []string{oid(1), oid(2)}, slices.Collect(identity.NewDirectory(direct.cluster()).Groups(oid(3))))
	assert.Equal(t, []string{oid(1), oid(2), oid(9)}, slices.Collect(identity.NewDirectory(both.cluster()).Groups(oid(3))))
	d := identity.NewDirectory(direct.cluster())
	assert.True(t, d.KnowsMembers(strings.ToUpper(oid(2))))
	assert.False(t, d.KnowsMembers(oid(3)))
	assert.True(t, d.KnowsAnyMembers())
	assert.False(t, identity.NewDirectory(baseline().cluster()).KnowsAnyMembers())
}

// people is a directory with one of each.
func people() *azure {
	return with(func(a *azure) {
		a.objects = []*model.DirectoryObject{
			{ID: oid(1), Kind: "User", DisplayName: "Alice", UPN: "alice@contoso.com"},
			{ID: oid(2), Kind: "User", UPN: "bob_fabrikam.com#EXT#@contoso.com"},
			{ID: oid(3), Kind: "User", UPN: "carol@fabrikam.com", UserType: "guest"},
			{ID: oid(4), Kind: "Group", DisplayName: "platform"},
			{ID: oid(5), Kind: "Group", DisplayName: "platform"},
			{ID: oid(6), Kind: "ServicePrincipal", DisplayName: "ci", AppID: oid(60)},
			{ID: apiObject, Kind: "ServicePrincipal", DisplayName: "api", AppID: apiClient},
		}
		a.assignments = []*model.RoleAssignment{
			{ID: model.Known("/a"), PrincipalID: model.Known(strings.ToUpper(oid(1))), PrincipalName: model.Known("old@contoso.com"), PrincipalType: model.Known("User"),
				Scope: model.Known("/subscriptions/s"), RoleDefinitionID: model.Known("/x/" + oid(80)), RoleDefinitionName: model.Known("Reader"), Condition: model.Known("x")},
			{ID: model.Known("/b"), PrincipalID: model.Known(oid(7)), PrincipalName: model.Known(oid(70)), PrincipalType: model.Known("ServicePrincipal")},
			{ID: model.Known("/c"), PrincipalID: model.Known(oid(8))},
		}
		a.members = []*model.GroupMembers{{Group: oid(4), Members: []string{oid(1), oid(9)}}}
	})
}

func TestFind(t *testing.T) {
	d := identity.NewDirectory(people().cluster())
	for name, want := range map[string]string{
		"alice@contoso.com":                 oid(1) + " User alice@contoso.com alice@contoso.com",
		"user/ALICE@contoso.com":            oid(1) + " User alice@contoso.com alice@contoso.com",
		oid(1):                              oid(1) + " User alice@contoso.com alice@contoso.com",
		"bob_fabrikam.com#EXT#@contoso.com": oid(2) + " User bob_fabrikam.com#EXT#@contoso.com " + oid(2),
		"carol@fabrikam.com":                oid(3) + " User carol@fabrikam.com " + oid(3),
		"group/" + strings.ToUpper(oid(4)):  oid(4) + " Group platform ",
		"sp/ci":                             oid(6) + " ServicePrincipal ci " + oid(6),
		"sp/" + oid(60):                     oid(6) + " ServicePrincipal ci " + oid(6),
		"sp/" + oid(70):                     oid(7) + " ServicePrincipal  " + oid(7),
		"mi/api":                            apiObject + " ManagedIdentity api " + apiObject,
		"mi/API":                            apiObject + " ManagedIdentity api " + apiObject,
		"mi/" + apiClient:                   apiObject + " ManagedIdentity api " + apiObject,
		"mi/" + strings.ToUpper(identityID("api")): apiObject + " ManagedIdentity api " + apiObject,
		"sp/api":             apiObject + " ManagedIdentity api " + apiObject,
		"user/" + apiObject:  apiObject + " ManagedIdentity api " + apiObject,
		"user/" + oid(8):     oid(8) + " Kind(0)  " + oid(8),
		"user/" + oid(9):     oid(9) + " Kind(0)  " + oid(9),
		"user/" + oid(0xfff): oid(0xfff) + " Kind(0)  " + oid(0xfff),
	} {
		e, err := d.Find(identity.MustParse(name))
		if assert.NoError(t, err, name) {
			assert.Equal(t, want, fmt.Sprint(e.ObjectID, " ", e.Kind, " ", e.Name, " ", e.Username()), name)
		}
	}
	for name, want := range map[string]string{
		"alice@contoso.con": `nothing in the input says who user/alice@contoso.con is (did you mean "user/alice@contoso.com"?)`,
		"mi/apu":            `nothing in the input says who mi/apu is (did you mean "mi/api"?)`,
		"mi/" + oid(0xfff):  `nothing in the input says who mi/` + oid(0xfff) + ` is`,
		"group/platforms":   `nothing in the input says who group/platforms is (did you mean "group/platform"?)`,
		"group/platform":    "group/platform may be any of " + oid(4) + ", " + oid(5) + ": name one by its id",
		"sa/app/api":        `nothing in the input says who sa/app/api is`,
	} {
		_, err := d.Find(identity.MustParse(name))
		assert.EqualError(t, err, want, name)
	}
}

// What earlier sources say stays, and later ones fill what they leave open.
func TestMerging(t *testing.T) {
	d := identity.NewDirectory(people().cluster())
	alice, ok := d.Lookup(strings.ToUpper(oid(1)))
	require.True(t, ok)
	assert.Equal(t, "alice@contoso.com", alice.Name)
	assert.Equal(t, "directory.json:1", alice.Place.String())
	api, _ := d.Lookup(apiObject)
	assert.Equal(t, identity.Entity{
		ObjectID: apiObject, Kind: identity.ManagedIdentity, Name: "api", ClientID: apiClient, ResourceID: identityID("api"), TenantID: tenantID, Place: model.Place{File: "identities.json", Line: 1},
	}, api)
	_, ok = d.Lookup(oid(0xfff))
	assert.False(t, ok)
	seen := map[string]bool{}
	for e := range d.Entities() {
		p := e.Principal()
		again, err := identity.Parse(p.String())
		require.NoError(t, err)
		assert.Equal(t, p, again)
		seen[e.ObjectID] = true
	}
	assert.Contains(t, slices.Sorted(maps.Keys(seen)), oid(9), "a member of a group is somebody")
}

func TestIsObjectID(t *testing.T) {
	for text, want := range map[string]bool{
		oid(1): true, strings.ToUpper(apiObject): true, "": false, oid(1)[1:]: false, strings.Replace(oid(1), "-", "0", 1): false,
		strings.Replace(oid(1), "0", "g", 1): false, strings.Replace(oid(1), "0", "\x10", 1): false, strings.Replace(oid(1), "-", "\r", 1): false,
	} {
		assert.Equal(t, want, identity.IsObjectID(text), "%q", text)
	}
}
