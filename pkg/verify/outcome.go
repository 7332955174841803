package verify

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
)

// Outcome is the outcome of a control or claim. The zero Outcome is Undecided: a
// forgotten check proves nothing.
type Outcome uint8

const (
	// Undecided says that something is missing, or not modelled, that would decide it.
	Undecided Outcome = iota
	// Proved says that it holds for all that it speaks of.
	Proved
	// Refuted says that it is false, as the findings show.
	Refuted
	// Excepted says that it would not be proved but for exceptions that are in date.
	Excepted
	// NotApplicable says that the cluster has nothing that it could speak of.
	NotApplicable
)

// String returns undecided, proved, refuted, excepted or not applicable.
func (o Outcome) String() string {
	switch o {
	case Undecided:
		return "undecided"
	case Proved:
		return "proved"
	case Refuted:
		return "refuted"
	case Excepted:
		return "excepted"
	case NotApplicable:
		return "not applicable"
	}
	return "Outcome(" + strconv.Itoa(int(o)) + ")"
}

// Passes reports whether nobody has to do anything about it.
func (o Outcome) Passes() bool { return o == Proved || o == Excepted || o == NotApplicable }

// MarshalText writes the outcome as String does.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads the outcome as String writes it.
func (o *Outcome) UnmarshalText(text []byte) error {
	for _, known := range []Outcome{Undecided, Proved, Refuted, Excepted, NotApplicable} {
		if known.String() == string(text) {
			*o = known
			return nil
		}
	}
	return fmt.Errorf("no outcome %q", text)
}

// Severity says how much hangs on a control. They are ordered, the least first; the
// zero Severity is none of them.
type Severity uint8

// The severities.
const (
	Low Severity = iota + 1
	Medium
	High
	Critical
)

// String returns low, medium, high or critical.
func (s Severity) String() string {
	switch s {
	case Low:
		return "low"
	case Medium:
		return "medium"
	case High:
		return "high"
	case Critical:
		return "critical"
	}
	return "Severity(" + strconv.Itoa(int(s)) + ")"
}

// MarshalText writes the severity as String does.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Area is the part of the procedure that a control belongs to.
type Area string

// The areas, in the order of the procedure. AreaClaims has what the claims file says
// in statements of its own.
const (
	AreaCluster  Area = "cluster"
	AreaIdentity Area = "identity"
	AreaRBAC     Area = "rbac"
	AreaNetwork  Area = "network"
	AreaIngress  Area = "ingress"
	AreaSecrets  Area = "secrets"
	AreaAuditing Area = "auditing"
	AreaClaims   Area = "claims"
)

// Areas returns the areas in order.
func Areas() []Area {
	return []Area{AreaCluster, AreaIdentity, AreaRBAC, AreaNetwork, AreaIngress, AreaSecrets, AreaAuditing, AreaClaims}
}

// ParseArea reads the name of an area.
func ParseArea(s string) (Area, error) {
	var names []string
	for _, a := range Areas() {
		if string(a) == s {
			return a, nil
		}
		names = append(names, string(a))
	}
	return "", fmt.Errorf("no area %q%s; want one of %s", s, suggest.Clause(s, names), strings.Join(names, ", "))
}
