// Package rbacsim answers whether an identity may make a Kubernetes API call: what
// the RBAC objects of one cluster snapshot allow, to whom, where, and why, or why
// not.
//
//	c, err := manifest.Load("deploy/")
//	a := rbacsim.New(c)
//	who := rbacsim.As(identity.MustParse("sa/shop/web"))
//	v, err := a.Check(who, rbacsim.Request{Verb: "get", Resource: "secrets", Namespace: "shop", Name: "db"})
//	fmt.Println(v.Decision, v.Explain())
//	for h := range a.WhoCan(v.Request()).All() { fmt.Println(h.Principal) }
//
// # Semantics
//
// The rules are those of rbac.authorization.k8s.io/v1 and of the API server around
// it; docs/rbac.md lists them as RB1 to RB45, and the code names them so where it
// implements them.
//
// A [Verdict] has two answers. Decision is what a SubjectAccessReview is answered;
// Effective is whether a real request can do what was asked. Both are Undecided where
// something in the input that is not modelled, or not settled by it, could turn them.
// What the input merely refers to and lacks does not exist for a decision, but
// [Verdict.Incomplete] lists it.
//
// [Authorizer.Decide] takes the same time whatever the subject is bound to:
// each principal's rules of the cluster, and of each namespace, are one index.
//
// # Files
//
// Snapshot to rules in force: roles.go, bindings.go, bootstrap.go, aggregate.go.
// Rules: match.go reads one, index.go and intern.go many at once. Answers: decide.go,
// verdict.go, who.go, rights.go; effective.go, http.go, impersonate.go and escalate.go
// know what the API server makes of requests. Reasons: grant.go, misses.go,
// explain.go. What is served: resources.go, discovery.go. Proofs over all requests:
// extent.go says what somebody may do, for certain and perhaps; claims.go, compare.go,
// snapshots.go, redundant.go, minimal.go and excess.go ask internal/rulespace about
// it; proof.go, requestset.go, box.go and universe.go are the words for that.
package rbacsim
