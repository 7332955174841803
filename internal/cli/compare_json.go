package cli

import (
	"slices"

	"github.com/aksim/aksim/pkg/rbacsim"
)

// comparisonJSON is how To compares with From.
type comparisonJSON struct {
	Version     int            `json:"version"`
	From        string         `json:"from"`
	To          string         `json:"to"`
	Over        string         `json:"over"`
	Relation    string         `json:"relation"` // equal, narrower, wider, incomparable, undecided
	Gained      differenceJSON `json:"gained"`
	Lost        differenceJSON `json:"lost"`
	Apart       []string       `json:"notLookedAt"`
	Assumptions []string       `json:"assumptions"`
}

type differenceJSON struct {
	Is      string       `json:"is"` // none, some, undecided
	Boxes   []boxJSON    `json:"boxes"`
	Example *exampleJSON `json:"example,omitempty"`
	Reasons []string     `json:"reasons"`
}

type exampleJSON struct {
	Subject *subjectJSON `json:"subject,omitempty"`
	Request requestJSON  `json:"request"`
	Grants  []grantJSON  `json:"grants"`
	Replay  []string     `json:"replay,omitempty"` // arguments of aksim can-i
	Review  string       `json:"review,omitempty"` // where it has none: a line for --reviews
}

// boxJSON is a box of requests, with each axis of which it has any values.
type boxJSON struct {
	Text       string    `json:"text"`
	Verbs      axisJSON  `json:"verbs"`
	Groups     *axisJSON `json:"groups,omitempty"`
	Resources  *axisJSON `json:"resources,omitempty"`
	Names      *axisJSON `json:"names,omitempty"`
	Namespaces *axisJSON `json:"namespaces,omitempty"`
	URLs       *axisJSON `json:"urls,omitempty"`
}

type axisJSON struct {
	All    bool     `json:"all,omitempty"`
	Values []string `json:"values,omitempty"`
	But    []string `json:"but,omitempty"`
}

type snapshotsJSON struct {
	Version     int                     `json:"version"`
	Over        string                  `json:"over"`
	Relation    string                  `json:"relation"`
	Gained      string                  `json:"gained"` // none, some, undecided
	Lost        string                  `json:"lost"`
	Compared    int                     `json:"compared"`
	Subjects    []subjectComparisonJSON `json:"subjects"`
	Same        []string                `json:"takenToBeTheSame"`
	Apart       []string                `json:"notLookedAt"`
	Assumptions sidesJSON               `json:"assumptions"`
}

type subjectComparisonJSON struct {
	Subject  string         `json:"subject"`
	Relation string         `json:"relation"`
	Gained   differenceJSON `json:"gained"`
	Lost     differenceJSON `json:"lost"`
}

type sidesJSON struct {
	From []string `json:"from"`
	To   []string `json:"to"`
}

func comparisonOf(c rbacsim.Comparison, a *rbacsim.Authorizer) comparisonJSON {
	return comparisonJSON{
		Version: 1, From: c.From, To: c.To, Over: c.Over, Relation: c.Relation.String(),
		Gained: differenceOf(c.Gained), Lost: differenceOf(c.Lost), Apart: list(slices.Values(c.Apart)), Assumptions: list(a.Assumptions()),
	}
}

func snapshotsOf(c rbacsim.SnapshotComparison, sides [2]*rbacsim.Authorizer) snapshotsJSON {
	out := snapshotsJSON{
		Version: 1, Over: c.Over, Relation: c.Relation.String(), Gained: gainWord(c.Gained), Lost: gainWord(c.Lost), Compared: c.Compared,
		Subjects: []subjectComparisonJSON{}, Same: list(slices.Values(c.Same)), Apart: list(slices.Values(c.Apart)),
		Assumptions: sidesJSON{list(sides[0].Assumptions()), list(sides[1].Assumptions())},
	}
	for _, s := range c.Subjects {
		out.Subjects = append(out.Subjects, subjectComparisonJSON{s.Principal.String(), s.Relation.String(), differenceOf(s.Gained), differenceOf(s.Lost)})
	}
	return out
}

func gainWord(o rbacsim.Outcome) string {
	switch o {
	case rbacsim.Proved:
		return "none"
	case rbacsim.Refuted:
		return "some"
	default:
		return "undecided"
	}
}

func differenceOf(d rbacsim.Difference) differenceJSON {
	out := differenceJSON{Is: gainWord(d.Outcome), Boxes: boxesOf(d.Boxes()), Reasons: list(slices.Values(d.Reasons))}
	if e := d.Example; e != nil {
		out.Example = &exampleJSON{Request: requestOf(e.Request), Grants: grantsOf(slices.Values(e.Grants)), Replay: e.Args()}
		if e.Subject.User != "" || len(e.Subject.Groups) > 0 {
			subject := subjectOf(e.Subject)
			out.Example.Subject = &subject
			if out.Example.Replay == nil {
				out.Example.Review = e.Review()
			}
		}
	}
	return out
}

func boxesOf(boxes []rbacsim.Box) []boxJSON {
	out := []boxJSON{}
	for _, b := range boxes {
		out = append(out, boxJSON{
			b.String(), axisJSON(b.Verbs), axisOf(b.Groups), axisOf(b.Resources), axisOf(b.Names), axisOf(b.Namespaces), axisOf(b.URLs),
		})
	}
	return out
}

// axisOf leaves out an axis that the box does not have.
func axisOf(a rbacsim.Axis) *axisJSON {
	if !a.All && len(a.Values) == 0 {
		return nil
	}
	axis := axisJSON(a)
	return &axis
}
