package rbacsim

import "strconv"

// Decision is the answer to one question. The zero Decision is Undecided, which
// fails an assertion of either kind: a forgotten evaluation proves nothing.
type Decision uint8

const (
	// Undecided says that something which the input tells of, but which is not
	// modelled, could turn the answer.
	Undecided Decision = iota
	// Allowed says that some authorizer grants the request.
	Allowed
	// Denied says that no authorizer has anything to say for the request.
	Denied
)

// String returns undecided, allowed or denied.
func (d Decision) String() string {
	switch d {
	case Undecided:
		return "undecided"
	case Allowed:
		return "allowed"
	case Denied:
		return "denied"
	}
	return "Decision(" + strconv.Itoa(int(d)) + ")"
}

// all is the decision where every one of two is needed.
func all(d, e Decision) Decision {
	switch {
	case d == Denied || e == Denied:
		return Denied
	case d == Allowed && e == Allowed:
		return Allowed
	}
	return Undecided
}

// either is the decision where one of two is enough.
func either(d, e Decision) Decision {
	switch {
	case d == Allowed || e == Allowed:
		return Allowed
	case d == Denied && e == Denied:
		return Denied
	}
	return Undecided
}
