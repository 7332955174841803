// Package identity answers who is asking, and whom they can act as: the principals
// that Kubernetes and Azure know, how they are written, the groups they are in, and
// the managed identities that pods and ServiceAccounts come to.
//
//	p, err := identity.Parse("sa/shop/web")
//	g := identity.NewGraph(cluster)
//	trace, err := g.WhoAmI("shop/web") // pod, ServiceAccount, token, managed identity
//	fmt.Println(trace)
//	who, err := g.Principal(p)
//	for route := range g.ActsAs(who) {
//		fmt.Println(route)
//	}
//
// # Semantics
//
// Kubernetes has no user objects: a user is a name that authentication vouches
// for, a group is a name that comes with it, and a ServiceAccount is the user
// system:serviceaccount:NAMESPACE:NAME. So a [Principal] is a name and nothing
// else, and a user written with a ServiceAccount's name is that ServiceAccount.
// Microsoft Entra ID knows object ids; a [Directory] finds whose they are.
//
// A managed identity trusts tokens by issuer, subject and audience, compared byte by
// byte. Which pod has which token follows from the rules of the workload identity
// webhook, from projected volumes and from the driver of SecretProviderClasses. All
// of it is in docs/azure.md by number. What the input does not tell is [Undecided],
// and what is for another engine to say, such as whether NetworkPolicies keep a pod
// from the nodes' metadata service, is a [Need].
//
// A [Graph] is a directed multigraph of gonum, so its algorithms run on it.
package identity
