package netsim

import networkingv1 "k8s.io/api/networking/v1"

// planted holds a bug that a test plants into the compiler, to see whether the
// tests notice. It is empty everywhere else. Each function falsifies what one
// stage has made; the stages after it and all answers build on that.
var planted struct { //nolint:gochecknoglobals // only the test of the tests sets it
	spec       func(*networkingv1.NetworkPolicySpec) // before a policy is compiled
	read       func(*Network)                        // when namespaces, nodes and pods are read
	classified func(*Network)                        // when pods are cut into classes
	ready      func(*Network)                        // at the end
}

// plant calls a stage's function.
func (n *Network) plant(stage func(*Network)) {
	if stage != nil {
		stage(n)
	}
}
