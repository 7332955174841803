// Package verify answers whether a cluster keeps an operating procedure: it proves
// each line of it for one snapshot, refutes it with a counterexample, or says which
// input would decide it.
//
//	claims, err := verify.ClaimsIn(cluster)
//	report, err := verify.Run(cluster, claims, verify.Options{Now: now})
//	for _, r := range report.Results {
//		fmt.Println(r.Outcome, r.ID, r.Title)
//	}
//
// # Semantics
//
// The procedure is a catalogue of controls ([Controls]), and what a team claims of
// its own cluster: a document of kind Claims (docs/claims.md). The zero [Outcome] is
// Undecided: a control that was not asked, whose evidence is not in the input, or
// that forgot to say what it proved, proves nothing.
//
// A counterexample is a question that aksim reach, can-i and their kin answer in the
// same way: Finding.Replay has their arguments.
//
// The package knows no clock: the day on which exceptions expire is compared with
// [Options.Now].
//
// # Adding a control
//
// A control is one entry in the list of its area, controls_AREA.go, and one function
// checkX(c *Context, a *Answer) in AREA_TOPIC.go. The check asks the engines of the
// Context, calls a.Refute or a.Open for each counterexample or open end, and at the end
// a.Proved with what it looked at, or a.NotApplicable; Needs keep it from being asked
// without its evidence. testdata/controls/ID.txtar breaks it, and it alone.
//
// # Files
//
// Claims: claims.go has the types, decode.go and places them, statement.go the
// one-line grammar, resolve.go the names. Asking: control.go, answer.go,
// evidence.go, context.go, run.go, exceptions.go, baseline.go. What is asked:
// controls_AREA.go lists the controls of an area, its checks stand in AREA_*.go;
// engine.go knows how the engines of AKS deviate.
package verify
