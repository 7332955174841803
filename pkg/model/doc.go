// Package model answers what one cluster snapshot contains: its Kubernetes
// objects, where each was written, which pods its workloads make, and what is
// known of its namespaces.
//
//	c, err := manifest.Load("deploy/")
//	for np := range model.All[networkingv1.NetworkPolicy](c) {
//		fmt.Println(np.Ref, np.Origin.Place, np.API.Spec.PolicyTypes)
//	}
//
// # Semantics
//
// The package holds facts and gives no verdicts. A [Cluster] is immutable and
// safe for concurrent use; [Cluster.With] and [Cluster.Without] return changed
// copies that share everything else. Objects are k8s.io/api types after API
// defaulting and admission validation (package manifest does both); whoever
// reads them must not modify them.
//
// The input is the snapshot: what it does not contain does not exist, unless
// an object in it refers to it (see [Cluster.Namespace]).
package model
