package identity

import "strconv"

// Outcome is how a step of a chain, or a comparison, turns out. The zero Outcome is
// Undecided.
type Outcome uint8

// The outcomes.
const (
	// Undecided means that the input does not settle it.
	Undecided Outcome = iota
	Broken
	OK
)

// String returns undecided, broken or ok.
func (o Outcome) String() string {
	switch o {
	case Undecided:
		return "undecided"
	case Broken:
		return "broken"
	case OK:
		return "ok"
	}
	return "Outcome(" + strconv.Itoa(int(o)) + ")"
}

func outcome(ok bool) Outcome {
	if ok {
		return OK
	}
	return Broken
}

// all is OK if everything is, and Broken if anything is.
func all(outcomes ...Outcome) Outcome {
	whole := OK
	for _, o := range outcomes {
		switch o {
		case Broken:
			return Broken
		case Undecided:
			whole = Undecided
		case OK:
		}
	}
	return whole
}
