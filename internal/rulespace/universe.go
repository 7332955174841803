package rulespace

// Universe says which requests there are. The zero Universe is open: any verb,
// group, resource, name, namespace and path can be asked, those of APIs that
// are yet to be installed and the literal `*` included.
//
// A resource that is written with a slash, as `pods/log`, is taken apart at the
// slash: no request has resource `pods/log` and no subresource. Only a review
// written by hand can; Reviews adds such requests.
type Universe struct {
	// Known resources make witnesses lifelike. If Closed, there are no others.
	Known []Resource
	// Closed leaves out requests that no known resource serves: of other
	// resources, with verbs it does not have, or outside its scope. URLs stay
	// open.
	Closed bool
	// Reviews adds requests whose resource holds a slash though they have no
	// subresource.
	Reviews bool
}

// Resource is a resource or subresource that an API server is known to serve.
// One that is cluster-scoped, and asked about in namespaces with some verbs, is
// there twice: the second time namespaced, with these.
type Resource struct {
	Group, Resource, Subresource string
	Namespaced                   bool
	Verbs                        []string // nil: not known, so any
}
