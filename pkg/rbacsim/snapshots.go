package rbacsim

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aksim/aksim/internal/rulespace"
	"github.com/aksim/aksim/pkg/identity"
)

// SnapshotComparison is how what anybody may do in one snapshot compares with what
// they may do in another.
//
// A principal gains what its own bindings grant in the second snapshot, and neither
// these nor those of the groups that it is in by itself did in the first; it loses
// the other way round. What a group gains is told of the group, and not of its members
// again. So if no principal gains anything, nobody's own requests do, in whatever
// groups. Reviews and impersonations that leave out a subject's own groups (RB21,
// RB37) may: what these groups had counts for the subject.
type SnapshotComparison struct {
	Over     string
	Relation Relation
	Gained   Outcome // whether nobody gains anything
	Lost     Outcome // whether nobody loses anything
	// Subjects are those who differ, or of whom it is undecided, ordered by
	// [identity.Principal.Compare]; Compared is how many were looked at.
	Subjects []SubjectComparison
	Compared int
	// Same lists what neither input tells, and what is taken to be the same in both:
	// roles that bindings of both name and both lack.
	Same []string
	// Apart is as of [Proof].
	Apart []string
}

// SubjectComparison is the comparison of one principal in two snapshots.
type SubjectComparison struct {
	// Principal is nobody where bindings name somebody who is not understood, and so
	// perhaps anybody.
	Principal identity.Principal
	Comparison
}

// NoNewAccess proves that nobody may do in the snapshot to what they may not in the
// snapshot from. It is proved of everybody's own requests, in whatever groups, by way
// of [CompareSnapshots], and not of reviews that leave out a subject's own groups.
func NoNewAccess(from, to *Authorizer, u Universe) Proof {
	p := Proof{Claim: "nobody gains access", Apart: append(apart(u), ownGroups)}
	c := compareSnapshots(from, to, u, false)
	p.Over, p.Outcome = c.Over, c.Gained
	for i := range c.Subjects {
		switch g := c.Subjects[i].Gained; {
		case g.Outcome == Proved || c.Gained == Refuted && g.Outcome == Open:
		case g.Outcome == Refuted:
			p.refute(true, g.Example)
			return p
		default:
			if p.Counterexample == nil {
				p.Counterexample = g.Example
			}
			for _, r := range g.Reasons {
				if !slices.Contains(p.Reasons, r) {
					p.Reasons = append(p.Reasons, r)
				}
			}
		}
	}
	return p
}

// CompareSnapshots says how the access of everybody in one snapshot compares with
// that in another.
func CompareSnapshots(from, to *Authorizer, u Universe) SnapshotComparison {
	return compareSnapshots(from, to, u, true)
}

func compareSnapshots(from, to *Authorizer, u Universe, both bool) SnapshotComparison {
	c := SnapshotComparison{Over: u.String() + ", and everybody whom a binding names", Gained: Proved, Lost: Proved, Apart: append(apart(u), ownGroups)}
	space := u.space(from.resources, to.resources)
	x := newSurveyor(from)
	y := x.beside(to)
	for _, p := range everyone(from, to) {
		c.Compared++
		ownFrom, ownTo := x.own(x.holding(p)), y.own(y.holding(p))
		c.noteSame(ownFrom, ownTo)
		more, less := ownTo.apartFrom(ownFrom), ownFrom.apartFrom(ownTo)
		s := SubjectComparison{p, Comparison{From: "before", To: p.String(), Over: u.String()}}
		if p.IsZero() {
			s.To = "a subject that is not understood"
		}
		s.Gained, s.Lost = Difference{Outcome: Proved}, Difference{Outcome: Proved}
		if !more.isEmpty() {
			s.Gained = difference(more, x.asIdentity(p), space, func(w rulespace.Request) *Counterexample { return to.asNamed(p, w) })
		}
		if both && !less.isEmpty() {
			s.Lost = difference(less, y.asIdentity(p), space, func(w rulespace.Request) *Counterexample { return from.asNamed(p, w) })
		}
		s.Relation = relation(s.Gained.Outcome, s.Lost.Outcome)
		if s.Relation != Equal {
			c.Subjects = append(c.Subjects, s)
		}
		c.Gained, c.Lost = worse(c.Gained, s.Gained.Outcome), worse(c.Lost, s.Lost.Outcome)
	}
	c.Relation = relation(c.Gained, c.Lost)
	return c
}

// everyone returns the principals whom bindings of either snapshot name, in order;
// first nobody, for subjects that are not understood.
func everyone(from, to *Authorizer) []identity.Principal {
	list := []identity.Principal{{}}
	for _, a := range []*Authorizer{from, to} {
		list = slices.AppendSeq(list, a.Principals())
	}
	slices.SortFunc(list, identity.Principal.Compare)
	return slices.Compact(list)
}

// holding returns the holder of a principal; that of nobody may be anybody.
func (a *Authorizer) holding(p identity.Principal) *holder {
	if p.IsZero() {
		return &a.anybody
	}
	return a.holderOf(p)
}

// asIdentity returns what the principal's own requests may do.
func (s *surveyor) asIdentity(p identity.Principal) extent {
	if p.IsZero() {
		return s.own(&s.anybody)
	}
	return s.of(As(p))
}

// worse is the outcome of two claims at once.
func worse(o, p Outcome) Outcome {
	switch {
	case o == Refuted || p == Refuted:
		return Refuted
	case o == Proved && p == Proved:
		return Proved
	}
	return Open
}

// noteSame notes what is open about both in the same way.
func (c *SnapshotComparison) noteSame(x, y extent) {
	for _, u := range y.open {
		if x.has(u.key) && !slices.Contains(c.Same, u.why) {
			c.Same = append(c.Same, u.why)
		}
	}
}

// String returns the comparison as text of several lines, without a final newline:
// first the relation, then each subject that differs.
func (c SnapshotComparison) String() string {
	lines := []string{c.Summary(), "    over " + c.Over}
	for _, s := range c.Subjects {
		lines = append(lines, strings.ReplaceAll(s.String(), "\n    over "+s.Over, ""))
	}
	for _, r := range c.Same {
		lines = append(lines, "taken to be the same in both: "+r)
	}
	return strings.Join(append(lines, "not looked at: "+strings.Join(c.Apart, "; ")), "\n")
}

// Summary returns the relation and how many differ, on one line.
func (c SnapshotComparison) Summary() string {
	gain, lose, open := 0, 0, 0
	for i := range c.Subjects {
		s := &c.Subjects[i]
		if s.Gained.Outcome == Refuted {
			gain++
		}
		if s.Lost.Outcome == Refuted {
			lose++
		}
		if s.Gained.Outcome == Open || s.Lost.Outcome == Open {
			open++
		}
	}
	count := func(n int, what string) string { return strconv.Itoa(n) + " " + what }
	text := "access is " + inWords(c.Gained, c.Lost) + ": of " + strconv.Itoa(c.Compared) + " subjects " + count(gain, "gain") + ", " + count(lose, "lose")
	if open > 0 {
		text += ", " + count(open, "undecided")
	}
	return text
}
