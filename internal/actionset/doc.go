// Package actionset answers which Azure actions a permission allows, as a set.
//
// A pattern such as Microsoft.KeyVault/vaults/*/read stands for the actions it
// matches, whatever their case: a star is any run of characters, slashes and
// none at all included, and nothing else has a meaning of its own. A
// permission is what one list of patterns matches and another one doesn't, a
// set is the union of permissions. Sets are compared over all strings, known
// action or not, since Azure compares strings and no catalogue is complete.
//
// Whether /*/ may stand for a single slash is not documented: the star between
// two slashes is then a segment that may be missing. Matching is three-valued
// there and says Maybe (AZ23). Comparisons of sets take the strict reading, in
// which it may not; Set.Possible and Set.Certain turn a set into one whose
// strict reading is that of either doubt.
package actionset
