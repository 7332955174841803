// Package randcluster answers which small clusters tell a right reading of
// NetworkPolicy from a wrong one: it makes them at random, with every feature of
// the API likely to occur and to matter, and shrinks one on which a test fails
// to what the failure needs.
//
// Everything comes from few names, labels, ports and addresses, so that objects
// meet by chance. The same source of randomness makes the same cluster.
package randcluster
