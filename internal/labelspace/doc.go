// Package labelspace answers what label sets a selector matches, and which
// label sets no selector of a list matches, over every label set that an object
// may ever carry.
//
// Each label key is a dimension; a point on it is a value or the absence of the
// key. A label selector is a [Box]: a set of points on each of finitely many
// dimensions, and all points on the others. Boxes are closed under
// intersection, and the difference of two is a few disjoint boxes, so questions
// over all label sets are answered exactly and with a concrete label set as
// witness.
package labelspace
