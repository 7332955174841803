// Package difftest answers whether independent engines let the same packets
// pass as pkg/netsim does. It holds tests only, and is a module of its own
// because those engines bring the whole Kubernetes client along.
//
// A test needs two things: clusters that tell a right reading of NetworkPolicy
// from a wrong one, and an oracle, which is another engine loaded with the same
// cluster. What an oracle is known to get wrong, or does not model, is said at
// its adapter and nowhere else.
//
// It also answers whether our algebra of RBAC rules agrees with the API server's
// own notion of which rules cover which.
package difftest
