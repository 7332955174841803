// Package azure answers which actions a principal may take in Azure: what role
// assignments, deny assignments, role definitions, management groups, groups of
// Microsoft Entra ID and key vaults of one snapshot allow, to whom, where, and why, or
// why not.
//
//	a := azure.New(cluster)
//	who, err := a.SubjectOf(identity.MustParse("mi/api"))
//	vault, err := azure.ParseScope("/subscriptions/…/providers/Microsoft.KeyVault/vaults/kv")
//	v, err := a.Check(who, azure.Request{Action: "Microsoft.KeyVault/vaults/secrets/getSecret/action", Data: true, Scope: vault})
//	fmt.Println(v.Decision, v.Explain())
//	for h := range a.Holders(v.Request()).All() { fmt.Println(h.Principal.Name, h.Decision) }
//
// # Semantics
//
// docs/azure.md lists the rules, and the code names them AZ1, AZ2, … where it
// implements them. Inside, scopes, patterns, memberships and conditions are answered
// with yes, no or maybe; a [Decision] is Undecided where a maybe could turn it. Kinds of
// export that the input lacks altogether are taken to be empty, and
// [Authorizer.Assumptions] says so.
//
// [Authorizer.Decide] takes the same time however many assignments there are: each
// principal's are found by the scopes at which they are, and those are the ones above
// the scope that is asked about.
//
// # Files
//
// Snapshot to what is in force: scope.go, spelling.go, hierarchy.go, members.go,
// builtin.go, roles.go, condition.go, assignment.go, deny.go, vault.go and
// vaultactions.go, put together by authorizer.go; assume.go. Answers: decide.go,
// verdict.go, holders.go, plane.go. Reasons: grant.go, misses.go, explain.go. Sets and
// proofs: effective.go, within.go, containment.go, spares.go, roletable.go,
// escalation.go.
package azure
