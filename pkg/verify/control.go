package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
)

// Control is one line of the operating procedure.
type Control struct {
	ID        string // stable, such as AKS-NET-001; an id is never given twice
	Area      Area
	Title     string // what holds, as one clause
	Rationale string // why it matters
	Severity  Severity
	Needs     []Evidence // without which nothing is proved
	// Partial is true of a control that what there is of the evidence may refute even
	// if some is missing.
	Partial  bool
	Proof    string // how it is proved, and of what
	Fix      string // what to do where it is refuted
	Mappings []Mapping

	check func(*Context, *Answer)
}

// Mapping names the line of a public benchmark that a control answers, in whole or in
// part.
type Mapping struct {
	Benchmark string // CIS or MCSB
	ID        string // 5.4.4, or NS-2
}

// The benchmarks: the CIS Azure Kubernetes Service Benchmark and the Microsoft cloud
// security benchmark.
const (
	CIS  = "CIS"
	MCSB = "MCSB"
)

// String returns, for example, CIS 5.4.4.
func (m Mapping) String() string { return m.Benchmark + " " + m.ID }

// Controls returns the catalogue: by area, in the order of the procedure, and by ID.
func Controls() []Control {
	all := slices.Concat(
		clusterControls(), identityControls(), rbacControls(), networkControls(),
		ingressControls(), secretsControls(), auditingControls(),
	)
	order := Areas()
	slices.SortStableFunc(all, func(a, b Control) int {
		if d := slices.Index(order, a.Area) - slices.Index(order, b.Area); d != 0 {
			return d
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all
}

// ControlByID finds a control; upper and lower case are the same. The error suggests
// others.
func ControlByID(id string) (Control, error) {
	for _, c := range Controls() {
		if strings.EqualFold(c.ID, id) {
			return c, nil
		}
	}
	return Control{}, fmt.Errorf("no control %s%s", id, suggest.Clause(id, controlIDs()))
}

func controlIDs() (ids []string) {
	for _, c := range Controls() {
		ids = append(ids, c.ID)
	}
	return ids
}

func isControl(id string) bool { return slices.Contains(controlIDs(), id) }
