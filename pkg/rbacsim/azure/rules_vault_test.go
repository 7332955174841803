package azure_test

import (
	"iter"
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

// secrets is an access policy about secrets.
func secrets(id string, permissions ...string) model.AccessPolicy {
	return model.AccessPolicy{ObjectID: model.Known(id), Secrets: permissions, Place: model.Place{File: "kv.json", Line: 9}}
}

func policies(list ...model.AccessPolicy) func(*model.KeyVault) {
	return func(v *model.KeyVault) { v.Policies = model.Known(list) }
}

func TestAZ40And41TheModeOfTheVaultDecides(t *testing.T) {
	rbac := func(on model.Property[bool]) func(*model.KeyVault) { return func(v *model.KeyVault) { v.RBAC = on } }
	template := func(version string) func(*model.KeyVault) {
		return func(v *model.KeyVault) { v.Template, v.APIVersion = true, version }
	}
	for name, test := range map[string]struct {
		change func(*model.KeyVault)
		role   rbacsim.Decision // of somebody with a role
		policy rbacsim.Decision // with an access policy
		both   rbacsim.Decision
	}{
		"true":               {rbac(model.Known(true)), allowed, denied, allowed},
		"false":              {rbac(model.Known(false)), denied, allowed, allowed},
		"null":               {rbac(model.Null[bool]()), denied, allowed, allowed},
		"absent":             {func(*model.KeyVault) {}, denied, allowed, allowed},
		"open":               {rbac(model.Unresolved[bool]("[p]")), undecided, undecided, allowed},
		"old template":       {template("2023-07-01"), denied, allowed, allowed},
		"new template":       {template("2026-02-01"), undecided, undecided, allowed},
		"newer template":     {template("2026-03-01-preview"), undecided, undecided, allowed},
		"versionless":        {template(""), undecided, undecided, allowed},
		"template that says": {func(v *model.KeyVault) { v.Template, v.RBAC = true, model.Known(true) }, allowed, denied, allowed},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{}
			w.assign(alice, secretsUser, sub)
			w.assign(team, secretsUser, vault)
			w.vault(strings.ToUpper(vault), test.change, policies(secrets(bob, "Get"), secrets(team, "get")))
			a := w.compile()
			for _, at := range []string{vault, vault + "/secrets/s"} {
				decides(t, test.role, a, who(alice), askData(strings.ToUpper(getSecret), at))
				decides(t, test.policy, a, who(bob), askData(getSecret, at))
				decides(t, test.both, a, who(team), askData(getSecret, at))
				decides(t, denied, a, who(org), askData(getSecret, at))
			}
			// Roles decide about everything else, and above the vault.
			decides(t, allowed, a, who(alice), askData(getSecret, group))
			decides(t, denied, a, who(bob), ask("Microsoft.KeyVault/vaults/read", vault))
		})
	}
}

func TestAZ42VaultsThatAreNotInTheInput(t *testing.T) {
	w := &world{}
	w.assign(alice, secretsUser, sub)
	a := w.compile()
	decides(t, allowed, a, who(alice), askData(getSecret, vault))
	assert.Contains(t, slices.Collect(a.Assumptions()), "the input holds no key vaults: all are taken to be in RBAC mode")
	w.vault(vault + "-other")
	a = w.compile()
	decides(t, undecided, a, who(alice), askData(getSecret, vault), "incomplete: the input holds key vaults, but not ")
	decides(t, undecided, a, who(bob), askData(getSecret, vault))
	decides(t, denied, a, who(alice), askData(getSecret, vault+"-other"))
}

func TestAZ43PermissionsOfAccessPolicies(t *testing.T) {
	const kv = "Microsoft.KeyVault/vaults/"
	for _, test := range []struct {
		policy model.AccessPolicy
		action string
		want   rbacsim.Decision
	}{
		{secrets(alice, "get"), "secrets/getSecret/action", allowed},
		{secrets(alice, "list"), "secrets/getSecret/action", denied},
		{secrets(alice, "list"), "secrets/readMetadata/action", allowed},
		{secrets(alice, "get"), "secrets/readMetadata/action", undecided},
		{secrets(alice, "set"), "secrets/setSecret/action", allowed},
		{secrets(alice, "ALL"), "secrets/delete", allowed},
		{secrets(alice, "all"), "secrets/purge/action", undecided},
		{secrets(alice, "all", "purge"), "secrets/purge/action", allowed},
		{secrets(alice, "all"), "keys/read", denied},
		{secrets(alice, "get"), "tomorrow/read", undecided},
		{secrets(alice), "tomorrow/read", denied},
		{model.AccessPolicy{ObjectID: model.Known(alice), Keys: []string{"get", "list"}}, "keys/read", allowed},
		{model.AccessPolicy{ObjectID: model.Known(alice), Keys: []string{"get"}}, "keys/read", undecided},
		{model.AccessPolicy{ObjectID: model.Known(alice), Keys: []string{"unwrapKey"}}, "keys/unwrap/action", allowed},
		{model.AccessPolicy{ObjectID: model.Known(alice), Certificates: []string{"manageissuers"}}, "certificatecas/write", allowed},
		{model.AccessPolicy{ObjectID: model.Known(alice), Certificates: []string{"get"}}, "certificatecas/read", denied},
	} {
		w := &world{}
		w.vault(vault, policies(test.policy))
		w.deny("all", sub, model.Permission{DataActions: []string{"*"}}) // is not asked
		decides(t, test.want, w.compile(), who(alice), askData(kv+test.action, vault))
	}
	w := &world{}
	w.vault(vault, policies(secrets(alice, "list")))
	decides(t, denied, w.compile(), who(alice), askData(getSecret, vault), "not by access policy 0", "kv.json:9", "its permissions are of secrets list")
	w = &world{}
	w.vault(vault, func(v *model.KeyVault) { v.Policies = model.Unresolved[[]model.AccessPolicy]("[p]") })
	decides(t, undecided, w.compile(), who(alice), askData(getSecret, vault), "its access policies are not known: [p]")
	w = &world{}
	w.vault(vault, policies(model.AccessPolicy{ObjectID: model.Unresolved[string]("[o]"), Secrets: []string{"get"}}))
	decides(t, undecided, w.compile(), who(alice), askData(getSecret, vault), "whom it is for is not known: [o]")
	decides(t, denied, w.compile(), who(alice), askData(kv+"keys/read", vault))
}

func TestAZ44PoliciesForAnApplication(t *testing.T) {
	p := secrets(alice, "get")
	p.ApplicationID = model.Known("an-app")
	w := &world{}
	w.vault(vault, policies(p))
	decides(t, undecided, w.compile(), who(alice), askData(getSecret, vault), "it is only for application an-app on their behalf")
	decides(t, denied, w.compile(), who(bob), askData(getSecret, vault))
}

func TestAZ45RolesAreTheSameByTheirGUID(t *testing.T) {
	w := &world{}
	for i, id := range []string{
		"/providers/Microsoft.Authorization/roleDefinitions/" + strings.ToUpper(reader), sub + "/providers/Microsoft.Authorization/roleDefinitions/" + reader,
		reader, "/x/" + reader + "|" + sub,
	} {
		scope := sub + "/resourceGroups/g" + string(rune('0'+i))
		w.assign(alice, "", scope, func(a *model.RoleAssignment) { a.RoleDefinitionID = model.Known(id) })
	}
	w.assign(alice, "", sub+"/resourceGroups/g4", func(a *model.RoleAssignment) {
		a.RoleDefinitionID, a.RoleDefinitionName = model.Property[string]{}, model.Known("reader") // as Terraform names it
	})
	a := w.compile()
	for i := range 5 {
		decides(t, allowed, a, who(alice), ask("a/b/read", sub+"/resourceGroups/g"+string(rune('0'+i))))
		decides(t, denied, a, who(alice), ask("a/b/write", sub+"/resourceGroups/g"+string(rune('0'+i))))
	}
}

func TestAZ46RoleDefinitionsOfTheInputCount(t *testing.T) {
	w := &world{}
	w.role(reader, "Reader", model.Permission{Actions: []string{"a/*"}})
	w.role(secretsUser, "Key Vault Secrets User", model.Permission{DataActions: []string{readMetadata, strings.ToUpper(getSecret)}})
	w.assign(alice, reader, sub)
	a := w.compile()
	decides(t, allowed, a, who(alice), ask("a/b/write", group), "azure.json:1")
	decides(t, denied, a, who(alice), ask("b/c/read", group))
	found := slices.Collect(a.Findings())
	require.Len(t, found, 1) // in other spelling and order it is the same
	assert.Contains(t, found[0].String(), "the input defines the built-in role Reader otherwise than Azure did on 2026-08-22")
	w = &world{}
	w.assign(alice, reader, sub)
	decides(t, allowed, w.compile(), who(alice), ask("b/c/read", group), "(built in)")
	assert.Contains(t, slices.Collect(w.compile().Assumptions()), "built-in roles that the input does not define are as Azure had them on 2026-08-22")
	roles := slices.Collect(azure.Roles())
	assert.Greater(t, len(roles), 900)
	assert.Contains(t, roles, azure.Role{GUID: owner, Name: "Owner", Builtin: true})
}

func TestAZ47UnknownRolesAreOpen(t *testing.T) {
	for name, change := range map[string]func(*model.RoleAssignment){
		"no built-in role": func(a *model.RoleAssignment) { a.RoleDefinitionID = model.Known(rolePrefix + alice) },
		"[r]":              func(a *model.RoleAssignment) { a.RoleDefinitionID = model.Unresolved[string]("[r]") },
		"which role Mine": func(a *model.RoleAssignment) {
			a.RoleDefinitionID, a.RoleDefinitionName = model.Property[string]{}, model.Known("Mine")
		},
		"is not in the input": func(a *model.RoleAssignment) {
			a.RoleDefinitionID = model.Property[string]{}
		},
	} {
		w := &world{}
		w.assign(alice, "", group, change)
		a := w.compile()
		decides(t, undecided, a, who(alice), ask("a/b/read", vault), name)
		decides(t, undecided, a, who(alice), askData("a/b/read", vault))
		decides(t, denied, a, who(alice), ask("a/b/read", sub))
		decides(t, denied, a, who(bob), ask("a/b/read", vault))
	}
	w := &world{}
	put(w, "RoleDefinition", "r", &model.RoleDefinition{GUID: model.Known("r"), Permissions: model.Unresolved[[]model.Permission]("[p]")})
	w.assign(alice, "r", sub)
	decides(t, undecided, w.compile(), who(alice), ask("a/b/read", vault), "its permissions are not known: [p]")
	w = &world{}
	w.role("r", "r", model.Permission{Actions: []string{"a/*"}})
	put(w, "RoleDefinition", "again", &model.RoleDefinition{GUID: model.Known("R"), Permissions: model.Known([]model.Permission{{Actions: []string{"b/*"}}})})
	w.assign(alice, "r", sub)
	decides(t, undecided, w.compile(), who(alice), ask("b/c/read", vault), "two definitions")
	decides(t, undecided, w.compile(), who(alice), ask("a/c/read", vault))
}

func TestAZ48WhoCanLetThemselvesIn(t *testing.T) {
	const onlyPolicies = "Microsoft.KeyVault/vaults/accessPolicies/write"
	for _, test := range []struct {
		rbac                   model.Property[bool]
		contributor, forPolicy azure.SwitchDecision
	}{
		{model.Known(true), azure.SwitchDecision{Mode: allowed, Policies: allowed}, azure.SwitchDecision{Mode: denied, Policies: denied}},
		{model.Known(false), azure.SwitchDecision{Mode: allowed, Policies: allowed}, azure.SwitchDecision{Mode: denied, Policies: allowed}},
		{model.Unresolved[bool]("x"), azure.SwitchDecision{Mode: allowed, Policies: allowed}, azure.SwitchDecision{Mode: denied, Policies: undecided}},
	} {
		w := &world{}
		w.role("r", "r", model.Permission{Actions: []string{onlyPolicies}})
		w.assign(alice, contributor, group)
		w.assign(bob, "r", group)
		w.vault(vault, func(v *model.KeyVault) { v.RBAC = test.rbac })
		a := w.compile()
		assert.Equal(t, test.contributor, a.CanSwitch(who(alice), azure.MustParseScope(vault)))
		assert.Equal(t, test.forPolicy, a.CanSwitch(who(bob), azure.MustParseScope(vault)))
		assert.Equal(t, azure.SwitchDecision{Mode: denied, Policies: denied}, a.CanSwitch(who(team), azure.MustParseScope(vault)))
	}
}

func TestAZ49And50WaysRound(t *testing.T) {
	w := &world{}
	w.user(alice, "alice@contoso.com")
	w.user(bob, "bob@contoso.com")
	w.assign(alice, owner, sub)
	w.assign(bob, accessAdmin, group)
	w.assign(team, owner, group, toGroup, func(a *model.RoleAssignment) {
		a.Condition = model.Known("@Request[Microsoft.Authorization/roleAssignments:PrincipalType] StringEquals 'User'")
	})
	a := w.compile()
	got := map[string][]string{}
	for h := range a.EscalationHolders(azure.MustParseScope(vault)) {
		text := h.Holder.Principal.Name
		if h.Constrained {
			text += " constrained"
		}
		if h.Constrained && h.Holder.Principal.ObjectID == bob {
			assert.Contains(t, h.Delegable, secretsUser)
			assert.NotContains(t, h.Delegable, owner)
		} else {
			assert.Nil(t, h.Delegable)
		}
		got[h.Escalation.Action] = append(got[h.Escalation.Action], text)
	}
	assert.Equal(t, []string{"name-of-" + team + " constrained", "alice@contoso.com", "bob@contoso.com constrained"}, got[assignWrite])
	assert.Contains(t, got[azure.VaultWrite], "alice@contoso.com")
	n := 0
	for e := range azure.Escalations() {
		n++
		assert.Contains(t, got[e.Action], "alice@contoso.com", e.Action)
		assert.NotEmpty(t, e.Why)
		isData, known := a.Plane(e.Action)
		assert.True(t, known && !isData, e.Action)
	}
	assert.Greater(t, n, 10)
	constrained := 0
	for r := range azure.RolesWith(assignWrite, false) {
		if r.Constrained {
			constrained++
		} else {
			assert.Contains(t, []string{"Owner", "User Access Administrator", "Role Based Access Control Administrator"}, r.Role.Name)
		}
	}
	assert.Equal(t, 25, constrained)
}

func TestAZ51Planes(t *testing.T) {
	w := &world{}
	w.role("r", "r", model.Permission{Actions: []string{"My.Own/things/*"}, DataActions: []string{"My.Own/things/inside/*", "My.Own/things/look/action"}})
	a := w.compile()
	for action, want := range map[string]string{
		getSecret:                        "data",
		strings.ToUpper(getSecret):       "data",
		assignWrite:                      "control",
		"Microsoft.KeyVault/vaults/read": "control",
		"Microsoft.KeyVault/vaults/certificates/import/action":                         "data",
		"Microsoft.ContainerService/managedClusters/pods/read":                         "data",
		"Microsoft.ContainerService/managedClusters/apps/deployments/write":            "data",
		"Microsoft.ContainerService/managedClusters/example.com/widgets/read":          "data",
		"Microsoft.ContainerService/managedClusters/customresources/read":              "data",
		"Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action": "control",
		"Microsoft.ContainerService/managedClusters/agentPools/read":                   "control",
		"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read":         "data",
		"Microsoft.Storage/storageAccounts/listKeys/action":                            "control",
		"Microsoft.ServiceBus/namespaces/messages/send/action":                         "data",
		"Nobody.Knows/this/read":     "",
		"My.Own/things/inside/read":  "data",
		"My.Own/things/outside/read": "control",
		"My.Own/things/look/action":  "data",
	} {
		isData, known := a.Plane(action)
		got := map[bool]string{true: "data", false: "control"}[isData]
		if !known {
			got = ""
		}
		assert.Equal(t, want, got, action)
	}
}

func TestAZ52LeastPrivilege(t *testing.T) {
	need := []azure.Allowance{{Actions: []string{getSecret}, Data: true, Scope: azure.MustParseScope(vault + "/secrets/s")}}
	build := func(role, scope string) *azure.Authorizer {
		w := &world{}
		w.role("exact", "exact", model.Permission{DataActions: []string{getSecret}})
		w.assign(alice, role, scope)
		return w.compile()
	}
	for name, test := range map[string]struct {
		role, scope string
		want        rbacsim.Decision
		found       []string
	}{
		"exact":      {"exact", vault + "/secrets/S", allowed, nil},
		"one more":   {secretsUser, vault + "/secrets/s", denied, []string{"never needed: Key Vault Secrets User (ra-001) at " + azure.MustParseScope(vault).String() + "/secrets/s gives " + readMetadata}},
		"too wide":   {"exact", group, denied, []string{"scope too wide: exact (ra-001) at " + azure.MustParseScope(group).String() + " gives " + getSecret + ", meant only at " + azure.MustParseScope(vault).String() + "/secrets/s"}},
		"both":       {secretsUser, sub, denied, []string{"scope too wide: ", "never needed: "}},
		"no data":    {reader, vault, denied, []string{"never needed: Reader", "missing: data action " + getSecret}},
		"elsewhere":  {"exact", group + "0", denied, []string{"never needed", "missing"}},
		"everything": {contributor, sub, denied, []string{"never needed", "missing"}},
		"unknown":    {"nobody-knows", vault + "/secrets/s", undecided, []string{"never needed", "never needed", "missing"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := build(test.role, test.scope)
			p := a.Within(who(alice), need)
			found := slices.Collect(p.Differences())
			assert.Equal(t, test.want, p.Decision, found)
			if assert.Len(t, found, len(test.found), found) {
				for i, d := range found {
					assert.Contains(t, d.String(), test.found[i])
					v, err := a.Check(who(alice), d.Witness)
					require.NoError(t, err)
					assert.Equal(t, d.Decision, v.Decision, "the witness does not replay")
				}
			}
		})
	}
	// What is denied is no excess, but may be missing.
	w := &world{}
	w.assign(alice, contributor, group)
	w.deny("lock", sub, model.Permission{Actions: []string{"*"}, NotActions: []string{"*/read"}})
	p := w.compile().Within(who(alice), []azure.Allowance{{Actions: []string{"*/read"}, Scope: azure.MustParseScope(group)}})
	assert.Equal(t, allowed, p.Decision, slices.Collect(p.Differences()))
	p = w.compile().Within(who(alice), []azure.Allowance{{Actions: []string{"*"}, Scope: azure.MustParseScope(group)}})
	assert.Equal(t, denied, p.Decision)
	// Access policies count as roles do.
	w = &world{}
	w.assign(alice, secretsUser, sub)
	w.vault(vault, policies(secrets(alice, "get")))
	p = w.compile().Within(who(alice), []azure.Allowance{{Actions: []string{getSecret}, Data: true, Scope: azure.MustParseScope(vault)}})
	assert.Equal(t, "scope too wide", first(t, p.Differences).Kind.String())
}

func first[T any](t *testing.T, of func() iter.Seq[T]) T {
	t.Helper()
	list := slices.Collect(of())
	require.NotEmpty(t, list)
	return list[0]
}

func TestAZ53RolesWithinRoles(t *testing.T) {
	w := &world{}
	w.role("limited", "limited", model.Permission{Actions: []string{"a/b"}, Condition: model.Known("Exists @Request[x:y]")})
	w.role("free", "free", model.Permission{Actions: []string{"a/*"}})
	a := w.compile()
	for _, test := range []struct {
		role, other string
		witness     string
		data, ok    bool
	}{
		{reader, owner, "", false, true},
		{secretsUser, owner, getSecret, true, false},
		{contributor, reader, "x", false, false},
		{"limited", "free", "", false, true},
		{"free", "limited", "a/", false, false},
		{"limited", "limited", "", false, true},
	} {
		witness, isData, ok, err := a.RoleWithin(test.role, test.other)
		require.NoError(t, err)
		assert.Equal(t, test.ok, ok, test)
		assert.Equal(t, test.data, isData, test)
		if test.witness == "x" {
			assert.NotEmpty(t, witness)
		} else {
			assert.True(t, strings.HasPrefix(witness, test.witness) && (test.witness != "") == (witness != ""), "%s: %v", witness, test)
		}
	}
	_, _, _, err := a.RoleWithin("nobody", owner)
	assert.ErrorContains(t, err, `no role has the GUID "nobody"`)
}

func TestAZ54SpareAssignments(t *testing.T) {
	w := &world{}
	w.user(alice, "alice@contoso.com")
	w.members(team, alice)
	w.assign(alice, reader, group)                                                                  // 002: redundant by the group's
	w.assign(team, contributor, sub, toGroup)                                                       // 003
	w.assign(alice, secretsUser, vault)                                                             // 004: no role above has data actions
	w.assign(alice, secretsUser, vault)                                                             // 005: once more
	w.assign(alice, "no-such-role", vault)                                                          // 006: dangling
	w.assign(bob, reader, sub, func(a *model.RoleAssignment) { a.PrincipalName = model.Known("") }) // 007: deleted
	w.assign(alice, secretsUser, vault+"-old")                                                      // 008: idle
	w.vault(vault + "-old")
	w.vault(vault, func(v *model.KeyVault) { v.RBAC = model.Known(true) })
	w.assign(alice, owner, group, func(a *model.RoleAssignment) { // 011: limited, covers nothing
		a.Condition = model.Known("Exists @Request[x:y]")
	})
	w.assign(alice, reader, vault) // 012: redundant by the group's
	var got []string
	for s := range w.compile().Spares() {
		text := s.Kind.String() + " " + s.Assignment.Name
		for _, by := range s.By {
			text += " by " + by.Name
		}
		got = append(got, text)
	}
	slices.Sort(got)
	assert.Equal(t, []string{
		"dangling ra-006", "idle ra-008", "of a deleted principal ra-007", "redundant ra-002 by ra-003", "redundant ra-005 by ra-004", "redundant ra-012 by ra-003",
	}, got)
	w = &world{}
	w.assign(bob, reader, sub, func(a *model.RoleAssignment) { a.PrincipalName = model.Known("") }) // an old export names nobody
	assert.Empty(t, slices.Collect(w.compile().Spares()))
}

func TestEffectiveRights(t *testing.T) {
	w := &world{}
	w.assign(alice, contributor, sub)
	w.assign(alice, secretsUser, group)
	w.assign(alice, reader, group+"0")
	w.vault(vault, policies(secrets(alice, "get")))
	a := w.compile()
	var got []string
	for r := range a.Effective(who(alice), azure.MustParseScope(vault)).Rights() {
		got = append(got, r.Name+": "+strings.Join(r.Actions, " ")+" - "+strings.Join(r.Except, " "))
	}
	require.Len(t, got, 4, got)
	assert.Contains(t, got[1], "ra-001: Microsoft.KeyVault/vaults/secrets/getSecret/action Microsoft.KeyVault/vaults/secrets/readMetadata/action - Microsoft.KeyVault/vaults/*")
	assert.Contains(t, got[0], "ra-000: * - ")
	assert.Contains(t, got[2], "v1: "+getSecret+" - ")
	assert.Contains(t, got[3], "v1: "+readMetadata+" - ")
	h := a.Holders(askData(getSecret, vault))
	assert.Equal(t, identity.NewUser("name-of-"+alice), first(t, h.All).Principal.Principal())
	assert.Len(t, slices.Collect(first(t, h.All).Grants()), 1)
}
