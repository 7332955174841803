package azure

// planted holds a bug that a test plants into the engine, to see whether the tests
// notice. It is empty everywhere else. Each function falsifies what one stage has made;
// the stages after it and all answers build on that.
var planted struct { //nolint:gochecknoglobals // only the test of the tests sets it
	read    func(*compiler)   // when everything is read
	ready   func(*Authorizer) // at the end
	subject func(*Subject)    // made of a principal
	reach   func(*reaching)   // of a request
}

// reaching is what a request reaches.
type reaching struct {
	authorizer *Authorizer
	scope      Scope
	list       []reached
}

// plant calls a stage's function.
func plant[T any](stage func(T), made T) {
	if stage != nil {
		stage(made)
	}
}
