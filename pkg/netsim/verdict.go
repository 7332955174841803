package netsim

// Verdict is the answer about one flow. Decision is what most callers want; the
// grounds are computed when asked for.
type Verdict struct {
	Decision Decision

	flow    Flow
	network *Network
}

// Flow returns the question.
func (v Verdict) Flow() Flow { return v.flow }
