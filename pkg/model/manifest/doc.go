// Package manifest answers which cluster a set of manifests describes: it reads
// files and streams of YAML and JSON into a [model.Cluster], the way an API
// server would take them in.
//
//	c, err := manifest.Load("deploy/", "dump.json.gz")
//	for e := range manifest.Errors(err) {
//		fmt.Println(e) // deploy/db.yaml:9:5: spec.ingress[0].From: unknown field (did you mean "from"?)
//	}
//
// # Semantics
//
// Input may be YAML or JSON, one document or many, JSON lines, arrays, v1 Lists
// and what kubectl get -o yaml or -o json prints, each also compressed by gzip.
// YAML is read as kubectl reads it (1.1: on is true) and decoded as the API
// server decodes it: strictly and case-sensitively, with API defaults, and, of
// Namespaces, NetworkPolicies and RBAC objects, with admission validation.
// All defects of all inputs are reported at once.
//
// An object is authored unless it has a metadata.uid or resourceVersion: then a
// server handed it out, so a server has admitted it. What this package does not
// understand in a server's object is a finding instead of an error, and in a
// policy, role or binding a [model.Gap] besides.
//
// The values of Secrets and ConfigMaps are dropped; their keys stay.
//
// Findings carry these rules: name-label, dropped-field, non-canonical-cidr, and
// of a server's objects unmodelled-field and unmodelled-value, with their notes
// dropped-field; duplicate, unmodelled-kind and not-an-object are always notes.
//
// An object with only a generateName gets that as its name. A document that is
// no Kubernetes object is skipped with a note; one that means to be and isn't
// is an error.
package manifest
