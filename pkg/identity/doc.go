// Package identity answers who is asking: the principals that Kubernetes knows
// by name, how they are written, and which groups it puts them into by itself.
//
//	p, err := identity.Parse("sa/shop/web")
//	fmt.Println(p.Username()) // system:serviceaccount:shop:web
//	for m := range identity.Authenticated(p) {
//		fmt.Println(m.Group, m.Why)
//	}
//
// # Semantics
//
// Kubernetes has no user objects: a user is a name that authentication vouches
// for, a group is a name that comes with it, and a ServiceAccount is the user
// system:serviceaccount:NAMESPACE:NAME. So a [Principal] is a name and nothing
// else, and a user written with a ServiceAccount's name is that ServiceAccount.
package identity
