package rbacsim

import (
	"strconv"
	"strings"

	"github.com/aksim/aksim/internal/rulespace"
	"github.com/aksim/aksim/pkg/model"
)

// Relation says how what one side may do compares with the other. The zero Relation
// is that of a comparison that is undecided.
type Relation uint8

// The relations.
const (
	Equal        Relation = iota + 1 // the same requests
	Narrower                         // a proper part of the other's
	Wider                            // all of the other's, and more
	Incomparable                     // each has something that the other has not
)

// String returns undecided, equal, narrower, wider or incomparable.
func (r Relation) String() string {
	switch r {
	case Equal:
		return "equal"
	case Narrower:
		return "narrower"
	case Wider:
		return "wider"
	case Incomparable:
		return "incomparable"
	}
	return "undecided"
}

// Comparison is how one role or subject, To, compares with another, From: Wider if it
// may do all that the other may, and more.
type Comparison struct {
	From, To string // for people
	Over     string // for people
	Relation Relation
	Gained   Difference // what To may do and From may not
	Lost     Difference // what From may do and To may not
	Apart    []string   // what is not looked at, for people
}

// Difference is what one side may do and the other may not.
type Difference struct {
	// Outcome is Proved if there is nothing, and Refuted if there is something for
	// certain, such as the Example. Where it is Open, the Reasons say why, and there may
	// be something like the Example.
	Outcome Outcome
	Example *Counterexample
	Reasons []string

	of, without rulespace.Access
}

// Boxes returns the whole difference as boxes for people, each as large as a rule
// and the exceptions that the other side makes admit; they may overlap. They are
// about all requests, be the comparison about known ones only. Where the outcome is
// not Refuted, there are none, nor where the difference is that of a wildcard and
// hundreds of rules: nobody could read it.
func (d Difference) Boxes() []Box {
	if d.Outcome != Refuted {
		return nil
	}
	return boxesWithout(d.of, d.without)
}

// CompareSubjects says how the rights of one subject compare with another's, those
// by their groups included.
func (a *Authorizer) CompareSubjects(from, to Subject, u Universe) Comparison {
	c := Comparison{From: from.short(), To: to.short(), Over: u.String(), Apart: apartFor(u, from, to)}
	survey, space := newSurveyor(a), u.space(a.resources)
	x, y := survey.of(from), survey.of(to)
	as := func(s Subject) func(rulespace.Request) *Counterexample {
		return func(w rulespace.Request) *Counterexample { return a.counterexample(s.principal(), s, w) }
	}
	c.compare(x, y, space, as(from), as(to))
	return c
}

// CompareRoles says how the rules in force of one role compare with another's, as if
// both were granted in one place: two ClusterRoles in the whole cluster, a Role in
// its namespace, and whatever it is compared with, too. The error is about a role
// that does not exist.
func (a *Authorizer) CompareRoles(from, to model.Ref, u Universe) (Comparison, error) {
	x, err := a.roleAt(from)
	if err != nil {
		return Comparison{}, err
	}
	y, err := a.roleAt(to)
	if err != nil {
		return Comparison{}, err
	}
	namespace := from.Namespace
	if namespace == "" {
		namespace = to.Namespace
	}
	c := Comparison{From: from.String(), To: to.String(), Over: u.String(), Apart: u.apart()}
	if namespace != "" {
		c.Over += ", as if both were granted in namespace " + namespace
	}
	survey, space := newSurveyor(a), u.space(a.resources)
	bound := func(r *role) func(rulespace.Request) *Counterexample {
		return func(w rulespace.Request) *Counterexample { return a.boundTo(r, namespace, w) }
	}
	c.compare(survey.ofRole(x, namespace), survey.ofRole(y, namespace), space, bound(x), bound(y))
	return c, nil
}

// compare finds the differences of two extents; whoever has the one or the other
// makes the examples.
func (c *Comparison) compare(from, to extent, space *rulespace.Space, by, byTo func(rulespace.Request) *Counterexample) {
	c.Gained = difference(to, from, space, byTo)
	c.Lost = difference(from, to, space, by)
	c.Relation = relation(c.Gained.Outcome, c.Lost.Outcome)
}

func difference(of, without extent, space *rulespace.Space, example func(rulespace.Request) *Counterexample) Difference {
	d := of.within(without, space)
	out := Difference{Outcome: d.outcome, Reasons: d.reasons, of: of.sure, without: without.most()}
	if d.outcome != Proved {
		out.Example = example(d.witness)
	}
	return out
}

// relation puts the two directions together.
func relation(gained, lost Outcome) Relation {
	switch {
	case gained == Open || lost == Open:
		return 0
	case gained == Proved && lost == Proved:
		return Equal
	case gained == Proved:
		return Narrower
	case lost == Proved:
		return Wider
	}
	return Incomparable
}

// inWords says how the two directions relate, as far as that is decided.
func inWords(gained, lost Outcome) string {
	switch {
	case lost != Open || gained == Open:
		return relation(gained, lost).String()
	case gained == Proved:
		return "equal or narrower (lost: undecided)"
	}
	return "wider or incomparable (lost: undecided)"
}

// Summary returns the relation in words and, where it is undecided, what of it is not.
func (c Comparison) Summary() string { return inWords(c.Gained.Outcome, c.Lost.Outcome) }

// mostBoxes bounds how many boxes of a difference are told; the rest is counted.
const mostBoxes = 10

// String returns the comparison as text of several lines, without a final newline.
func (c Comparison) String() string {
	lines := []string{c.To + " " + c.verb() + " " + c.From, "    over " + c.Over}
	lines = append(lines, c.Gained.lines("gained")...)
	lines = append(lines, c.Lost.lines("lost")...)
	for _, r := range c.Apart {
		lines = append(lines, "    not looked at: "+r)
	}
	return strings.Join(lines, "\n")
}

func (c Comparison) verb() string {
	switch c.Relation {
	case Equal:
		return "is equal to"
	case Narrower, Wider:
		return "is " + c.Relation.String() + " than"
	case Incomparable:
		return "is neither narrower nor wider than"
	}
	switch c.Gained.Outcome {
	case Refuted:
		return "is wider than, or incomparable with,"
	case Proved:
		return "is equal to, or narrower than,"
	case Open:
	}
	return "compares in a way that is undecided with"
}

// lines returns the difference as indented lines: the boxes, and an example.
func (d Difference) lines(word string) []string {
	var lines []string
	boxes := d.Boxes()
	if len(boxes) == 0 && d.Outcome == Refuted {
		lines = append(lines, "    "+word+": "+TooMuch)
	}
	for i, b := range boxes {
		if i == mostBoxes {
			lines = append(lines, "    "+word+": "+strconv.Itoa(len(boxes)-i)+" more")
			break
		}
		lines = append(lines, "    "+word+": "+b.String())
	}
	if d.Example != nil {
		prefix := "    such as "
		if d.Outcome == Open {
			prefix = "    perhaps " + word + ": "
		}
		lines = append(lines, prefix+strings.ReplaceAll(d.Example.String(), "\n", "\n    "))
	}
	for _, r := range d.Reasons {
		lines = append(lines, "    undecided: "+r)
	}
	return lines
}
