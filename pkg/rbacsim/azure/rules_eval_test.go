package azure_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

const (
	allowed   = rbacsim.Allowed
	denied    = rbacsim.Denied
	undecided = rbacsim.Undecided
)

// decides asserts a decision, and that the explanation has the texts.
func decides(t *testing.T, want rbacsim.Decision, a *azure.Authorizer, s azure.Subject, r azure.Request, texts ...string) {
	t.Helper()
	v, err := a.Check(s, r)
	require.NoError(t, err)
	assert.Equal(t, want, v.Decision, v.Explain())
	for _, text := range texts {
		assert.Contains(t, v.Explain(), text)
	}
}

func TestAZ3ManagementGroupsAreWhatTheInputSays(t *testing.T) {
	corp := managementSub + "corp"
	read := ask("Microsoft.KeyVault/vaults/read", vault)
	for name, test := range map[string]struct {
		build func(*world)
		want  rbacsim.Decision
	}{
		"no export":                {func(*world) {}, undecided},
		"a child":                  {func(w *world) { w.group("corp", false, sub) }, allowed},
		"a grandchild":             {func(w *world) { w.group("corp", true, managementSub+"low"); w.group("low", true, sub) }, allowed},
		"not expanded":             {func(w *world) { w.group("corp", false) }, undecided},
		"others only":              {func(w *world) { w.group("corp", true, "/subscriptions/other") }, denied},
		"a group with open rest":   {func(w *world) { w.group("corp", true, managementSub+"low"); w.group("low", false) }, undecided},
		"in another, up to no top": {func(w *world) { w.group("corp", false); w.group("else", true, sub) }, undecided},
		"in another, up to the top": {func(w *world) {
			w.group("corp", false)
			put(w, "ManagementGroup", "else", &model.ManagementGroup{
				ID: managementSub + "else", Name: "else", Expanded: true, Subscriptions: []string{strings.ToUpper(sub)}, ParentID: model.Null[string](),
			})
		}, denied},
		"by the parent": {func(w *world) {
			put(w, "ManagementGroup", "low", &model.ManagementGroup{
				ID: managementSub + "low", Name: "low", Subscriptions: []string{sub}, ParentID: model.Known(strings.ToUpper(corp)),
			})
		}, allowed},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{}
			w.assign(alice, reader, corp)
			test.build(w)
			decides(t, test.want, w.compile(), who(alice), read)
			decides(t, allowed, w.compile(), who(alice), ask("Microsoft.Management/managementGroups/read", corp))
			assert.Equal(t, test.want, w.compile().Covers(azure.MustParseScope(corp), azure.MustParseScope(vault)))
		})
	}
}

func TestAZ4WhatHangsOnTheDeploymentIsOpen(t *testing.T) {
	const here = "/subscriptions/[subscription().subscriptionId]/resourceGroups/[resourceGroup().name]"
	const kv = "/providers/Microsoft.KeyVault/vaults/kv"
	w := &world{}
	w.assign(alice, reader, here+kv)
	a := w.compile()
	decides(t, allowed, a, who(alice), ask("Microsoft.KeyVault/vaults/read", here+kv))
	decides(t, undecided, a, who(alice), ask("Microsoft.KeyVault/vaults/read", group+kv), "its scope hangs on where the template is deployed")
	decides(t, denied, a, who(alice), ask("Microsoft.KeyVault/vaults/read", group+kv+"2"))
	w = &world{}
	w.assign(alice, reader, group)
	decides(t, undecided, w.compile(), who(alice), ask("Microsoft.KeyVault/vaults/read", here+kv))
	w = &world{}
	w.assign(alice, reader, group, func(a *model.RoleAssignment) { a.Scope = model.Unresolved[string]("[parameters('s')]") })
	decides(t, undecided, w.compile(), who(alice), ask("Microsoft.KeyVault/vaults/read", vault), "its scope is not known: [parameters('s')]")
	decides(t, denied, w.compile(), who(alice), ask("Microsoft.KeyVault/vaults/write", vault))
}

func TestAZ5EachPermissionObjectSubtractsOnItsOwn(t *testing.T) {
	all, noSecret := []string{"Microsoft.KeyVault/*"}, []string{"Microsoft.KeyVault/vaults/secrets/*"}
	one := model.Permission{DataActions: all, NotDataActions: noSecret}
	two := model.Permission{DataActions: []string{getSecret}}
	w := &world{}
	w.role("r1", "one", one)
	w.role("r2", "both", one, two)
	w.role("r3", "two", two)
	w.assign(alice, "r1", vault)
	w.assign(bob, "r2", vault)
	w.assign(team, "r1", vault)
	w.assign(team, "r3", vault)
	a := w.compile()
	decides(t, denied, a, who(alice), askData(getSecret, vault), "notDataActions Microsoft.KeyVault/vaults/secrets/* takes it out of the role")
	decides(t, allowed, a, who(bob), askData(getSecret, vault), "in permissions[1]")
	decides(t, allowed, a, who(team), askData(getSecret, vault)) // the NotActions of one role bite no other
}

// Roles with many patterns are looked up, and say the same.
func TestManyPatterns(t *testing.T) {
	many := []string{"a/b/read", "A/B/Write", "a/c/*", "a/*/look/action", "*/peek", "m/n", "m/o", "m/p", "m/q/*", "m/r"}
	w := &world{}
	w.role("r", "r", model.Permission{Actions: many})
	w.role("s", "s", model.Permission{Actions: []string{"*"}, NotActions: many})
	w.assign(alice, "r", sub)
	w.assign(bob, "s", sub)
	a := w.compile()
	for action, in := range map[string]rbacsim.Decision{
		"A/B/READ": allowed, "a/b/write": allowed, "a/b/delete": denied, "a/c/": allowed, "a/c": denied, "a/c/d/e": allowed, "a/x/look/action": allowed,
		"a/look/action": undecided, "z/peek": allowed, "m/q": denied, "M/Q/r": allowed, "m/rr": denied,
	} {
		decides(t, in, a, who(alice), ask(action, group))
		decides(t, map[rbacsim.Decision]rbacsim.Decision{allowed: denied, denied: allowed, undecided: undecided}[in], a, who(bob), ask(action, group))
	}
}

func TestAZ6ActionsGrantNoDataActions(t *testing.T) {
	w := &world{}
	w.assign(alice, owner, sub)
	w.assign(bob, clusterAdmin, sub)
	a := w.compile()
	decides(t, denied, a, who(alice), askData(getSecret, vault), "actions grant no data actions")
	decides(t, allowed, a, who(alice), ask(assignWrite, vault))
	decides(t, denied, a, who(bob), ask("Microsoft.ContainerService/managedClusters/pods/read", sub), "dataActions grant no actions")
}

func TestAZ7TheIDTellsTheScope(t *testing.T) {
	for _, scope := range []model.Property[string]{{}, model.Null[string]()} {
		w := &world{}
		w.assign(alice, reader, group, func(a *model.RoleAssignment) { a.Scope = scope })
		a := w.compile()
		decides(t, allowed, a, who(alice), ask("Microsoft.KeyVault/vaults/read", vault))
		decides(t, denied, a, who(alice), ask("Microsoft.KeyVault/vaults/read", group+"0"))
	}
	w := &world{}
	w.assign(alice, reader, group, func(a *model.RoleAssignment) { a.Scope, a.ID = model.Property[string]{}, model.Property[string]{} })
	decides(t, undecided, w.compile(), who(alice), ask("Microsoft.KeyVault/vaults/read", vault), "its scope is not in the input")
}

func TestAZ8ConditionsAtBothPlaces(t *testing.T) {
	const limit = "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (@Request[Microsoft.Authorization/roleAssignments:PrincipalType] StringEquals 'User'))"
	with := func(text, version string) func(*model.RoleAssignment) {
		return func(a *model.RoleAssignment) {
			a.Condition, a.ConditionVersion = model.Known(text), model.Known(version)
		}
	}
	attributes := func(value string) azure.Attributes {
		return azure.Attributes{Values: map[string][]string{"Request:Microsoft.Authorization/roleAssignments:PrincipalType": {value}}}
	}
	request := ask(assignWrite, vault)
	for name, test := range map[string]struct {
		change     func(*model.RoleAssignment)
		attributes azure.Attributes
		want       rbacsim.Decision
		text       string
	}{
		"holds":             {with(limit, "2.0"), attributes("User"), allowed, "if ((!(ActionMatches"},
		"does not hold":     {with(limit, "2.0"), attributes("Group"), denied, "its condition does not hold"},
		"unknown":           {with(limit, "2.0"), azure.Attributes{}, undecided, "is not known"},
		"no condition":      {with("", ""), azure.Attributes{}, allowed, ""},
		"another version":   {with(limit, "1.0"), attributes("User"), undecided, "version 1.0"},
		"not understood":    {with("@Request[x", "2.0"), attributes("User"), undecided, "not understood"},
		"hangs on template": {func(a *model.RoleAssignment) { a.Condition = model.Unresolved[string]("[variables('c')]") }, attributes("User"), undecided, "[variables('c')]"},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{}
			w.assign(alice, owner, sub, test.change)
			r := request
			r.Attributes = test.attributes
			decides(t, test.want, w.compile(), who(alice), r, test.text)
			// What the condition does not name passes, if it is known at all.
			if strings.HasPrefix(name, "holds") || name == "does not hold" || name == "unknown" {
				decides(t, allowed, w.compile(), who(alice), ask("Microsoft.KeyVault/vaults/write", vault))
			}
		})
	}
	w := &world{}
	w.role("r", "limited", model.Permission{Actions: []string{"*"}, Condition: model.Known(limit), ConditionVersion: model.Known("2.0")})
	w.assign(alice, "r", sub)
	decides(t, undecided, w.compile(), who(alice), request)
	request.Attributes = azure.Attributes{Complete: []string{"Request"}}
	w.assign(bob, "r", sub, func(a *model.RoleAssignment) {
		a.Condition, a.ConditionVersion = model.Known("Exists @Request[x:y]"), model.Known("2.0")
	})
	decides(t, denied, w.compile(), who(bob), request)
}

func TestAZ9And19DenyAssignments(t *testing.T) {
	everything := model.Permission{Actions: []string{"*"}, NotActions: []string{"*/read"}}
	write, read := ask("Microsoft.KeyVault/vaults/write", vault), ask("Microsoft.KeyVault/vaults/read", vault)
	principals := func(ids ...string) model.Property[[]model.DeniedPrincipal] {
		var list []model.DeniedPrincipal
		for _, id := range ids {
			list = append(list, model.DeniedPrincipal{ID: strings.ToUpper(id)})
		}
		return model.Known(list)
	}
	for name, test := range map[string]struct {
		scope  string
		change func(*model.DenyAssignment)
		want   rbacsim.Decision
	}{
		"everyone":             {group, func(*model.DenyAssignment) {}, denied},
		"at the resource":      {vault, func(*model.DenyAssignment) {}, denied},
		"elsewhere":            {group + "0", func(*model.DenyAssignment) {}, allowed},
		"by id":                {sub, func(d *model.DenyAssignment) { d.Principals = principals(alice) }, denied},
		"by group":             {sub, func(d *model.DenyAssignment) { d.Principals = principals(team) }, denied},
		"somebody else":        {sub, func(d *model.DenyAssignment) { d.Principals = principals(bob) }, allowed},
		"excluded by id":       {sub, func(d *model.DenyAssignment) { d.ExcludedPrincipals = principals(alice) }, allowed},
		"excluded by group":    {sub, func(d *model.DenyAssignment) { d.ExcludedPrincipals = principals(team) }, allowed},
		"another is excluded":  {sub, func(d *model.DenyAssignment) { d.ExcludedPrincipals = principals(bob) }, denied},
		"exclusion is open":    {sub, func(d *model.DenyAssignment) { d.ExcludedPrincipals = model.Unresolved[[]model.DeniedPrincipal]("[x]") }, undecided},
		"principals are open":  {sub, func(d *model.DenyAssignment) { d.Principals = model.Unresolved[[]model.DeniedPrincipal]("[x]") }, undecided},
		"permissions are open": {sub, func(d *model.DenyAssignment) { d.Permissions = model.Unresolved[[]model.Permission]("[x]") }, undecided},
		"audit":                {sub, func(d *model.DenyAssignment) { d.Effect = model.Known("Audit") }, allowed},
		"enforced":             {sub, func(d *model.DenyAssignment) { d.Effect = model.Known("Enforced") }, denied},
		"an unknown effect":    {sub, func(d *model.DenyAssignment) { d.Effect = model.Known("whisper") }, undecided},
		"an open effect":       {sub, func(d *model.DenyAssignment) { d.Effect = model.Unresolved[string]("[e]") }, undecided},
		"not for children":     {group, func(d *model.DenyAssignment) { d.NotForChildren = model.Known(true) }, allowed},
		"not for its children": {vault + "/", func(d *model.DenyAssignment) { d.NotForChildren = model.Known(true) }, denied},
		"children are open":    {group, func(d *model.DenyAssignment) { d.NotForChildren = model.Unresolved[bool]("[n]") }, undecided},
		"condition holds not":  {group, func(d *model.DenyAssignment) { d.Condition = model.Known("!(ActionMatches{'*/write'})") }, allowed},
		"condition is open":    {group, func(d *model.DenyAssignment) { d.Condition = model.Known("Exists @Request[x:y]") }, undecided},
		"scope is open":        {group, func(d *model.DenyAssignment) { d.Scope = model.Unresolved[string]("[s]") }, undecided},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{}
			w.assign(alice, owner, "/")
			w.deny("lock", test.scope, everything, test.change)
			text := "deny assignment lock"
			if test.want == allowed && name != "audit" {
				text = ""
			}
			decides(t, test.want, w.compile(), who(alice, team), write, text)
			want := allowed // notActions of a deny assignment shrink it
			if name == "permissions are open" {
				want = undecided
			}
			decides(t, want, w.compile(), who(alice, team), read)
		})
	}
	// To data access policies decide about, deny assignments mean nothing; to data
	// actions, their actions don't.
	w := &world{}
	w.assign(alice, secretsUser, sub)
	w.deny("lock", sub, everything)
	decides(t, allowed, w.compile(), who(alice), askData(getSecret, vault))
	w.deny("data", sub, model.Permission{DataActions: []string{"*"}})
	decides(t, denied, w.compile(), who(alice), askData(getSecret, vault), "denied by deny assignment data", "else granted by role assignment")
}

func TestAZ10And11Groups(t *testing.T) {
	read := ask("Microsoft.KeyVault/vaults/read", vault)
	build := func(lists func(*world)) *azure.Authorizer {
		w := &world{}
		w.user(alice, "alice@contoso.com")
		w.user(bob, "bob@contoso.com")
		w.assign(team, reader, sub, toGroup)
		lists(w)
		return w.compile()
	}
	subject := func(a *azure.Authorizer, more ...string) azure.Subject {
		s, err := a.SubjectOf(identity.NewUser("ALICE@contoso.com"), more...)
		require.NoError(t, err)
		return s
	}
	nested := build(func(w *world) { w.members(org, alice); w.members(team, org) })
	decides(t, allowed, nested, subject(nested), read, "user/alice@contoso.com is in group/"+org+", which is in group/"+team)
	cycle := build(func(w *world) { w.members(org, alice, team); w.members(team, org) })
	decides(t, allowed, cycle, subject(cycle), read)
	stranger := build(func(w *world) { w.members(org, bob); w.members(team, org) })
	decides(t, denied, stranger, subject(stranger), read, "user/alice@contoso.com is not in group/"+team)
	decides(t, allowed, stranger, subject(stranger, strings.ToUpper(org)), read) // the question says so, and closes it
	none := build(func(*world) {})
	decides(t, denied, none, subject(none), read)
	assert.Contains(t, slices.Collect(none.Assumptions()), "the input lists no members of groups: nobody is taken to be in one")
	gap := build(func(w *world) { w.members(org, alice) })
	decides(t, undecided, gap, subject(gap), read, "the input does not list who is in group/"+team)
	decides(t, denied, gap, subject(gap), ask("Microsoft.KeyVault/vaults/write", vault))
	excluding := build(func(w *world) {
		w.members(org, alice)
		w.assign(alice, reader, sub)
		w.deny("lock", sub, model.Permission{Actions: []string{"*"}}, func(d *model.DenyAssignment) {
			d.ExcludedPrincipals = model.Known([]model.DeniedPrincipal{{ID: team, Type: "Group"}})
		})
	})
	decides(t, undecided, excluding, subject(excluding), read, "perhaps denied by deny assignment lock")
	decides(t, allowed, excluding, subject(excluding, team), read)
	unsaid := build(func(w *world) { w.members(team, "99999999-0000-4000-8000-000000000009") }) // may be a group
	decides(t, undecided, unsaid, subject(unsaid), read)
	followed := build(func(w *world) {
		put(w, "GroupMembers", "t", &model.GroupMembers{Group: team, Members: []string{org, bob}, Transitive: true})
		put(w, "DirectoryObject", org, &model.DirectoryObject{ID: org, Kind: "Group"})
	})
	decides(t, denied, followed, subject(followed), read)
	_, err := none.SubjectOf(identity.NewUser("alise@contoso.com"))
	assert.ErrorContains(t, err, "alice@contoso.com")
}

func TestAZ12EligibleIsOpen(t *testing.T) {
	w := &world{}
	w.assign(alice, owner, sub, func(a *model.RoleAssignment) { a.Eligible = true })
	decides(t, undecided, w.compile(), who(alice), ask(assignWrite, vault), "perhaps by eligible role assignment", "until they activate it")
	w.assign(alice, owner, group)
	decides(t, allowed, w.compile(), who(alice), ask(assignWrite, vault))
}

func TestAZ13ClassicAdministratorsAreOwners(t *testing.T) {
	classic := func(a *model.RoleAssignment) {
		*a = model.RoleAssignment{Classic: true, PrincipalName: model.Known("Admin@contoso.com"), Scope: model.Known(sub)}
	}
	w := &world{}
	w.user(alice, "admin@contoso.com")
	w.user(bob, "bob@contoso.com")
	w.assign("", "", sub, classic)
	a := w.compile()
	decides(t, allowed, a, who(alice), ask(assignWrite, vault), "classic administrator", "Owner")
	decides(t, denied, a, who(bob), ask(assignWrite, vault))
	w = &world{}
	w.user(bob, "bob@contoso.com")
	w.assign("", "", sub, classic)
	decides(t, undecided, w.compile(), who(alice), ask(assignWrite, vault), "nothing in the input says which object id Admin@contoso.com has")
	decides(t, denied, w.compile(), who(bob), ask(assignWrite, vault)) // who has another name
	w.deny("lock", sub, model.Permission{Actions: []string{"*"}})
	decides(t, denied, w.compile(), who(alice), ask(assignWrite, vault))
}

func TestAZ14AssignmentsAddUpAndDenyComesFirst(t *testing.T) {
	w := &world{}
	w.assign(alice, reader, sub)
	w.assign(alice, secretsUser, vault)
	a := w.compile()
	decides(t, allowed, a, who(alice), ask("Microsoft.KeyVault/vaults/read", vault))
	decides(t, allowed, a, who(alice), askData(getSecret, vault+"/secrets/s"))
	decides(t, denied, a, who(alice), askData(getSecret, group), "it counts at "+azure.MustParseScope(vault).String())
	decides(t, denied, a, who(bob), ask("Microsoft.KeyVault/vaults/read", vault), "nothing is assigned to "+bob)
}

func TestAZ15MissingExportsAreAssumptions(t *testing.T) {
	empty := slices.Collect((&world{}).compile().Assumptions())
	assert.Len(t, empty, 7, empty)
	w := &world{}
	w.assign(alice, reader, "/")
	w.assign(alice, reader, sub, func(a *model.RoleAssignment) { a.Eligible = true })
	w.deny("d", sub, model.Permission{})
	w.group("g", true)
	w.members(team, alice)
	w.vault(vault)
	assert.Len(t, slices.Collect(w.compile().Assumptions()), 2) // built-in roles, and what is not modelled
	w.role(reader, "Reader", model.Permission{Actions: []string{"*/read"}})
	assert.Len(t, slices.Collect(w.compile().Assumptions()), 1)
}

func TestAZ16DelegationToAnotherTenantIsAGrant(t *testing.T) {
	w := &world{}
	w.assign(alice, reader, sub, func(a *model.RoleAssignment) { a.DelegatedManagedIdentityResourceID = model.Known(vault) })
	decides(t, allowed, w.compile(), who(alice), ask("Microsoft.KeyVault/vaults/read", vault))
}

func TestAZ17PrincipalsThatAreNotKnown(t *testing.T) {
	const expression = "[reference('mi').principalId]"
	w := &world{}
	w.assign("", reader, sub, func(a *model.RoleAssignment) { a.PrincipalID = model.Unresolved[string](expression) })
	a := w.compile()
	decides(t, undecided, a, who(alice), ask("Microsoft.KeyVault/vaults/read", vault), "its principalId is not known: "+expression)
	decides(t, denied, a, who(alice), ask("Microsoft.KeyVault/vaults/write", vault))
	decides(t, allowed, a, who(strings.ToLower(expression)), ask("Microsoft.KeyVault/vaults/read", vault)) // joined by text
	w = &world{}
	w.assign("", reader, sub, func(a *model.RoleAssignment) { a.PrincipalID = model.Null[string]() })
	decides(t, undecided, w.compile(), who(alice), ask("Microsoft.KeyVault/vaults/read", vault), "its principalId is null")
}

func TestAZ18AssignableScopesLimitNoAccess(t *testing.T) {
	w := &world{}
	put(w, "RoleDefinition", "r", &model.RoleDefinition{
		GUID: model.Known("r"), Name: model.Known("r"), AssignableScopes: model.Known([]string{"/subscriptions/other"}),
		Permissions: model.Known([]model.Permission{{Actions: []string{"*"}}}),
	})
	w.assign(alice, "r", sub)
	decides(t, allowed, w.compile(), who(alice), ask("Microsoft.KeyVault/vaults/write", vault))
}

func TestQuestionsThatAskNothing(t *testing.T) {
	a := (&world{}).compile()
	_, err := a.Check(azure.Subject{}, ask("a/b", sub))
	assert.ErrorIs(t, err, azure.ErrNobody)
	_, err = a.Check(who(alice), azure.Request{Scope: azure.RootScope()})
	assert.ErrorIs(t, err, azure.ErrNoAction)
	_, err = a.Check(who(alice), azure.Request{Action: "a/b"})
	assert.ErrorIs(t, err, azure.ErrNoScope)
	var zero azure.Verdict
	assert.Equal(t, undecided, zero.Decision)
	assert.Empty(t, slices.Collect(zero.Grounds(3)))
	assert.Empty(t, slices.Collect(zero.Grants()))
}

// The ambiguous /*/ is told as the reason.
func TestAmbiguousPatternsAreOpen(t *testing.T) {
	w := &world{}
	w.assign(alice, idOperator, sub)
	const assign = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
	decides(t, undecided, w.compile(), who(alice), ask(assign, group), "userAssignedIdentities/*/assign/action matches only if /*/ may stand for a single slash")
	decides(t, allowed, w.compile(), who(alice), ask("Microsoft.ManagedIdentity/userAssignedIdentities/x/assign/action", group))
}
