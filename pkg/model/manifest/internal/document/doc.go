// Package document answers which JSON values a stream of YAML or JSON holds, and
// at which line and column each part of them was written.
//
//	for _, part := range document.Split(text, limits) {
//		docs, err := part.Documents()
//		…
//		line, col := docs[0].Position(docs[0].Root().Offset())
//	}
//
// # Semantics
//
// YAML becomes the JSON that sigs.k8s.io/yaml makes of it, which is what kubectl
// sends and an API server decodes: YAML 1.1 scalars (on is true, 0120 is 80),
// keys turned into strings, merge keys, and aliases expanded. A key written
// twice stays twice in the JSON, so that whoever decodes it can refuse it. JSON
// never passes through the YAML parser.
//
// Lists and arrays in JSON, and lists in YAML laid out as kubectl does, are split
// into one document per item, after one for the list without its items. So is the
// {"value": [...]} of Azure's API, but for the latter document. Others stay whole; see
// [Document.Extract].
package document
