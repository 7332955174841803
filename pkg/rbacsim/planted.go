package rbacsim

import (
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/rulespace"
)

// planted holds a bug that a test plants into the engine, to see whether the tests
// notice. It is empty everywhere else. Each function falsifies what one stage has
// made; the stages after it and all answers build on that.
var planted struct { //nolint:gochecknoglobals // only the test of the tests sets it
	rules      func([]rbacv1.PolicyRule) []rbacv1.PolicyRule // of a role, as they are read
	read       func(*compiler)                               // when roles and bindings are read
	aggregated func(*compiler)                               // when all rules are in force
	index      func(*ruleIndex)                              // of one role
	ready      func(*Authorizer)                             // at the end
	who        func(*whoIndex)
	subject    func(*Subject) // made of a principal
	http       func(*Request)
	real       func(Request, [][]Request) [][]Request // what real requests ask
	extent     func(*extent)                          // of somebody, for proofs
	direction  func(*direction)                       // of a comparison
	universe   func(*rulespace.Universe)
	minimum    func(*rulespace.Minimum)
}

// plant calls a stage's function.
func plant[T any](stage func(T), made T) {
	if stage != nil {
		stage(made)
	}
}
