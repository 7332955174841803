// Package rulespace answers which requests a list of RBAC rules allows, as a
// set: whether one list covers another, where two differ, what of a list could
// go, and which smallest list allows given requests.
//
// A rule is a union of boxes, verbs × groups × resources × names or verbs ×
// URLs, and rules only ever add. On each axis a rule names finitely many values
// or takes all, so all values that no rule names behave alike: a box is a set
// of named values and, perhaps, the rest. The difference of two boxes is a few
// disjoint boxes, hence every question is decided exactly, and a "no" comes
// with a concrete request.
//
// Who is bound to the rules is nobody's business here, but where they are
// granted is: see [Grant].
package rulespace
