// Package netsim answers whether a packet may pass: which connections the
// NetworkPolicies of one cluster snapshot let through, on which ports, between
// which pods and addresses, and why.
//
//	c, err := manifest.Load("deploy/")
//	n := netsim.New(c)
//	v, err := n.Check(netsim.MustParseFlow("shop/web -> shop/db:5432"))
//	fmt.Println(v.Decision, v.Explain())
//	for e := range n.All() { fmt.Println(e.From, e.To, e.Ports) }
//
// # Semantics
//
// The rules are those of networking.k8s.io/v1 NetworkPolicy; docs/networkpolicy.md
// lists them as NP1 to NP45, and the code names them so where it implements them.
//
// An answer is decided if it is the same in every admissible world: every way to
// settle what the specification leaves to implementations and what the snapshot
// does not tell. Otherwise it is Undecided, and the grounds say on what it
// depends.
//
// Sets are exact: pods fall into classes that no policy tells apart, ports and
// addresses into runs between the borders that policies mention, and the
// relation is computed between those.
//
// Proofs hold for the pods that exist and for those that may come, with every
// label set; a claim that is false comes with a counterexample that Check
// replays.
//
// # Files
//
// Snapshot to classes: pod.go, policy.go, opaque.go, class.go, classify.go.
// Answers: evaluate.go and vague.go judge one packet, relation.go all of them,
// addressmap.go those from outside; check.go, reach.go, all.go and service.go
// put questions to them. Reasons: grounds.go, reasons.go, explain.go. Claims:
// proof.go, defaultdeny.go, onlyinto.go, future.go, imagine.go. Hints: lint.go,
// redundant.go.
package netsim
