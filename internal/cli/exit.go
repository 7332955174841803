package cli

import (
	"github.com/aksim/aksim/pkg/netsim"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// The exit statuses, the same in every command and format.
const (
	exitYes       = 0 // allowed, proved, computed, clean
	exitNo        = 1 // denied, refuted, findings
	exitCouldNot  = 2 // usage, input, or a question about nothing
	exitUndecided = 3 // undecided, incomplete, or a mixed answer
)

func exitOf(d netsim.Decision) int {
	switch d {
	case netsim.Allowed:
		return exitYes
	case netsim.Denied:
		return exitNo
	default:
		return exitUndecided
	}
}

func exitOfAccess(d rbacsim.Decision) int {
	switch d {
	case rbacsim.Allowed:
		return exitYes
	case rbacsim.Denied:
		return exitNo
	default:
		return exitUndecided
	}
}
