// Package cli answers what the aksim command does with its arguments: it turns
// flags into a question, asks it, and renders the answer. It knows terminals and
// no policy.
//
// The rules of speech: the answer, and nothing else, goes to standard output.
// Everything else goes to standard error, each line with the prefix "aksim: ",
// without a capital and without a full stop. Where a remedy is known, it is
// named.
package cli
