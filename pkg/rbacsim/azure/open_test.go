package azure_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

const mayBeDeployed = "whether it is deployed hangs on [parameters('deploy')]"

// putPerhaps adds what a template deploys only under a condition that is not known.
func putPerhaps[T any](w *world, kind, id string, api *T) {
	w.n++
	origin := place(w.n)
	origin.Gaps = []model.Gap{{Path: model.DeploymentCondition, What: mayBeDeployed, Place: origin.Place}}
	model.Add(&w.Builder, &model.Object[T]{Ref: model.AzureRef(kind, id), API: api, Origin: origin})
}

// perhaps adds what a world holds as something that may not be deployed.
func perhaps[T any](w *world, kind, id string, build func(*world)) {
	var other world
	build(&other)
	for o := range model.All[T](other.Cluster()) {
		putPerhaps(w, kind, id, o.API)
	}
}

func TestAZ4WhatMayNotBeDeployedDecidesNothing(t *testing.T) {
	read := ask("Microsoft.KeyVault/vaults/read", vault)
	t.Run("assignment", func(t *testing.T) {
		w := &world{}
		perhaps[model.RoleAssignment](w, "RoleAssignment", "a", func(o *world) { o.assign(alice, reader, sub) })
		a := w.compile()
		decides(t, undecided, a, who(alice), read, mayBeDeployed)
		decides(t, denied, a, who(alice), ask("Microsoft.KeyVault/vaults/write", vault))
		decides(t, denied, a, who(bob), read)
		for h := range a.Holders(read).All() {
			assert.Equal(t, undecided, h.Decision)
		}
		for r := range a.Effective(who(alice), azure.MustParseScope(vault)).Rights() {
			assert.Equal(t, mayBeDeployed, r.Open)
		}
		proof := a.Within(who(alice), []azure.Allowance{{Actions: []string{"*/read"}, Scope: azure.MustParseScope(sub)}})
		assert.Equal(t, undecided, proof.Decision)
		w.assign(alice, reader, sub)
		decides(t, allowed, w.compile(), who(alice), read)
		assert.Empty(t, slices.Collect(w.compile().Spares()), "it may be the only one")
	})
	t.Run("definition", func(t *testing.T) {
		w := &world{}
		w.assign(alice, "r1", sub)
		perhaps[model.RoleDefinition](w, "RoleDefinition", "r1", func(o *world) { o.role("r1", "one", model.Permission{Actions: []string{"*/read"}}) })
		decides(t, undecided, w.compile(), who(alice), read, mayBeDeployed)
		decides(t, undecided, w.compile(), who(alice), ask("Microsoft.KeyVault/vaults/write", vault))
		decides(t, denied, w.compile(), who(bob), read)
	})
	t.Run("built-in role", func(t *testing.T) {
		w := &world{}
		w.assign(alice, reader, sub)
		perhaps[model.RoleDefinition](w, "RoleDefinition", reader, func(o *world) { o.role(reader, "Reader", model.Permission{Actions: []string{"*"}}) })
		decides(t, undecided, w.compile(), who(alice), read, mayBeDeployed)
		assert.Empty(t, slices.Collect(w.compile().Findings()))
	})
	t.Run("deny", func(t *testing.T) {
		w := &world{}
		w.assign(alice, reader, sub)
		perhaps[model.DenyAssignment](w, "DenyAssignment", "d", func(o *world) { o.deny("d", sub, model.Permission{Actions: []string{"*"}}) })
		decides(t, undecided, w.compile(), who(alice), read)
		decides(t, denied, w.compile(), who(bob), read)
	})
	t.Run("vault", func(t *testing.T) {
		secret := askData(getSecret, vault)
		for _, rbac := range []bool{true, false} {
			w := &world{}
			w.assign(alice, secretsUser, sub)
			perhaps[model.KeyVault](w, "KeyVault", vault, func(o *world) {
				o.vault(vault, func(v *model.KeyVault) { v.RBAC = model.Known(rbac) }, func(v *model.KeyVault) {
					v.Policies = model.Known([]model.AccessPolicy{secrets(bob, "get")})
				})
			})
			decides(t, undecided, w.compile(), who(alice), secret, mayBeDeployed)
			decides(t, undecided, w.compile(), who(bob), secret, mayBeDeployed)
			decides(t, allowed, w.compile(), who(alice), askData(getSecret, group))
		}
	})
	t.Run("management group", func(t *testing.T) {
		w := &world{}
		w.assign(alice, reader, managementSub+"corp")
		perhaps[model.ManagementGroup](w, "ManagementGroup", managementSub+"corp", func(o *world) { o.group("corp", true, sub) })
		decides(t, undecided, w.compile(), who(alice), read)
	})
}

// A deny assignment for its own scope alone, of which the scope is not known, may be at
// the very scope that is asked about.
func TestAZ19DenyAtAScopeThatIsNotKnown(t *testing.T) {
	const here = "/subscriptions/[subscription().subscriptionId]/resourceGroups/[resourceGroup().name]"
	only := func(scope model.Property[string]) func(*model.DenyAssignment) {
		return func(d *model.DenyAssignment) { d.Scope, d.NotForChildren = scope, model.Known(true) }
	}
	read := ask("Microsoft.Resources/subscriptions/resourceGroups/read", group)
	for name, scope := range map[string]model.Property[string]{
		"an expression": model.Unresolved[string]("[parameters('scope')]"), "of the deployment": model.Known(here),
	} {
		w := &world{}
		w.assign(alice, reader, sub)
		w.deny("d", group, model.Permission{Actions: []string{"*"}}, only(scope))
		decides(t, undecided, w.compile(), who(alice), read)
		if name == "of the deployment" {
			decides(t, allowed, w.compile(), who(alice), ask("Microsoft.KeyVault/vaults/read", vault)) // surely below
		}
	}
}

// The subscription of a template may be any that the input tells of.
func TestAZ3AndTheSubscriptionOfATemplate(t *testing.T) {
	const here = "/subscriptions/[subscription().subscriptionId]/resourceGroups/rg"
	w := &world{}
	w.assign(alice, reader, managementSub+"corp")
	w.group("corp", true, sub)
	read := ask("Microsoft.KeyVault/vaults/read", here)
	decides(t, undecided, w.compile(), who(alice), read)
	assert.Equal(t, undecided, w.compile().Covers(azure.MustParseScope(managementSub+"corp"), azure.MustParseScope(here)))
}

// Of two exports that put a subscription in two management groups, one is out of date.
func TestAZ3AndExportsThatDiffer(t *testing.T) {
	w := &world{}
	w.group("old", true, sub)
	w.group("new", true, sub)
	w.assign(alice, reader, managementSub+"old")
	w.assign(bob, reader, managementSub+"new")
	for _, id := range []string{alice, bob} {
		decides(t, undecided, w.compile(), who(id), ask("Microsoft.KeyVault/vaults/read", vault))
	}
}

// A vault of which not even the id is known may be the one that is asked about.
func TestAZ42VaultsWithoutId(t *testing.T) {
	w := &world{}
	w.assign(alice, secretsUser, sub)
	w.vault("kv", func(v *model.KeyVault) { v.ID = model.Unresolved[string]("[resourceId('x')]") })
	a := w.compile()
	decides(t, undecided, a, who(alice), askData(getSecret, vault))
	assert.NotContains(t, slices.Collect(a.Assumptions()), "the input holds no key vaults: all are taken to be in RBAC mode")
}

func TestAZ41PoliciesThatTheExportLacks(t *testing.T) {
	w := &world{}
	w.vault(vault, func(v *model.KeyVault) {
		v.RBAC, v.Policies = model.Known(false), model.Property[[]model.AccessPolicy]{}
	})
	decides(t, undecided, w.compile(), who(alice), askData(getSecret, vault), "its access policies are not in the input")
}

// Of whom nothing says that they are no group, they may be one.
func TestAZ10PrincipalsOfNoKind(t *testing.T) {
	w := &world{}
	w.members(org, bob)
	w.assign(team, reader, sub, func(a *model.RoleAssignment) { a.PrincipalType = model.Property[string]{} })
	decides(t, undecided, w.compile(), who(alice), ask("Microsoft.KeyVault/vaults/read", vault))
	w = &world{}
	w.members(org, bob)
	w.assign(team, reader, sub)
	decides(t, denied, w.compile(), who(alice), ask("Microsoft.KeyVault/vaults/read", vault)) // it is a user
	w = &world{}
	w.assign(alice, reader, sub)
	w.members(org, bob)
	w.deny("d", sub, model.Permission{Actions: []string{"*"}}, func(d *model.DenyAssignment) {
		d.Principals = model.Known([]model.DeniedPrincipal{{ID: team}})
	})
	decides(t, undecided, w.compile(), who(alice), ask("Microsoft.KeyVault/vaults/read", vault))
}

// A classic administrator is told by an address, which the UPN of a guest is not.
func TestAZ13GuestsAndDisplayNames(t *testing.T) {
	w := &world{}
	w.user(alice, "admin_fabrikam.com#EXT#@contoso.onmicrosoft.com")
	put(w, "DirectoryObject", bob, &model.DirectoryObject{ID: bob, Kind: "User", DisplayName: "An Admin"})
	put(w, "DirectoryObject", team, &model.DirectoryObject{ID: team, Kind: "ServicePrincipal", DisplayName: "app"})
	w.assign("", "", sub, func(a *model.RoleAssignment) {
		*a = model.RoleAssignment{Classic: true, PrincipalName: model.Known("admin@fabrikam.com"), Scope: model.Known(sub)}
	})
	a := w.compile()
	decides(t, undecided, a, who(alice), ask(assignWrite, vault))
	decides(t, undecided, a, who(bob), ask(assignWrite, vault))
	decides(t, denied, a, who(team), ask(assignWrite, vault))
	assert.Equal(t, []string{"classic-administrator"}, rulesOf(a))
}

func rulesOf(a *azure.Authorizer) (rules []string) {
	for f := range a.Findings() {
		rules = append(rules, f.Rule)
	}
	return rules
}

// Whether the case of attributes' names counts is not documented: one that is there
// under another case is neither there nor absent (AZ27).
func TestAZ8NamesOfAttributesInAnotherCase(t *testing.T) {
	const name = "Microsoft.ContainerService/managedClusters/customResources:kind"
	for condition, want := range map[string]azure.Decision{
		"@Request[" + name + "] StringEquals 'x'":                                                                      allowed,
		"@Request[microsoft.containerservice/managedclusters/customresources:kind] StringEquals 'x'":                   undecided,
		"NOT Exists @Request[microsoft.containerservice/managedclusters/customresources:kind]":                         undecided,
		"@Request[microsoft.containerservice/managedclusters/customresources:kind] StringNotEquals 'x'":                undecided,
		"NOT Exists @Request[Microsoft.ContainerService/managedClusters/customResources:other]":                        allowed,
		"Exists @Request[Microsoft.ContainerService/managedClusters/customResources:other]":                            denied,
		"Exists @Resource[" + name + "]":                                                                               undecided,
		"@Request[Microsoft.ContainerService/managedClusters/customResources:Kind] ForAnyOfAnyValues:StringLike {'*'}": undecided,
	} {
		w := &world{}
		w.assign(alice, clusterAdmin, sub, func(a *model.RoleAssignment) { a.Condition = model.Known(condition) })
		r := askData("Microsoft.ContainerService/managedClusters/customresources/read", sub)
		r.Attributes = azure.Attributes{Values: map[string][]string{"Request:" + name: {"x"}}, Complete: []string{"Request"}}
		decides(t, want, w.compile(), who(alice), r)
	}
}

func TestFindingsOfConditionsAndRoles(t *testing.T) {
	const (
		kind = "@Request[Microsoft.ContainerService/managedClusters/customResources:kind]"
		read = "((!(ActionMatches{'Microsoft.ContainerService/managedClusters/customresources/read'})) OR (" + kind + " StringEquals 'secretproviderclasses'))"
		all  = "((!(ActionMatches{'Microsoft.ContainerService/managedClusters/customresources/*'})) OR (" + kind + " StringEquals 'secretproviderclasses'))"
	)
	one := model.Permission{DataActions: []string{"Microsoft.ContainerService/managedClusters/customresources/read"}}
	for name, test := range map[string]struct {
		condition string
		version   model.Property[string]
		role      model.Permission
		rule      string
		note      bool
		text      string
	}{
		"fine":             {condition: all, role: model.Permission{DataActions: []string{"*"}}},
		"enough":           {condition: read, role: one},
		"leaves others":    {condition: read, role: model.Permission{DataActions: []string{"*"}}, rule: "condition-leaves-open", text: "customresources/write, delete"},
		"a kind":           {condition: kind + " StringEquals 'SecretProviderClass'", role: one, rule: "condition-never-holds", text: "is never 'SecretProviderClass'"},
		"a misspelt name":  {condition: "@Request[Microsoft.ContainerService/managedClusters/customResources:knd] StringEquals 'x'", role: one, rule: "condition-spelling", note: true, text: `did you mean "kind"`},
		"half a condition": {condition: kind, role: one, rule: "condition-not-understood", text: "not understood"},
		"version":          {condition: all, version: model.Known("1.0"), role: one, rule: "condition-not-understood", text: "version 1.0"},
		"two stars":        {role: model.Permission{Actions: []string{"a/*/b/*"}}, rule: "several-wildcards", text: "a/*/b/* has several stars"},
		"at the role":      {role: model.Permission{Actions: []string{"a"}, Condition: model.Known("@Request[")}, rule: "condition-not-understood", text: "left open"},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{}
			w.role("r1", "one", test.role)
			w.assign(alice, "r1", sub, func(a *model.RoleAssignment) {
				a.Condition, a.ConditionVersion = model.Known(test.condition), test.version
			})
			found := slices.Collect(w.compile().Findings())
			if test.rule == "" {
				assert.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			assert.Equal(t, test.rule, found[0].Rule)
			assert.Equal(t, test.note, found[0].Note)
			assert.Contains(t, found[0].Text, test.text)
			assert.NotZero(t, found[0].Place)
		})
	}
}
