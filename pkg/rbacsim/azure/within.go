package azure

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/actionset"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// Allowance is what somebody is meant to be able to do, and no more: actions at a scope
// and below.
type Allowance struct {
	Actions []string // patterns
	Except  []string // patterns of what of it is not meant
	Data    bool
	Scope   Scope
}

// String returns the allowance for people.
func (w Allowance) String() string {
	text := "actions "
	if w.Data {
		text = "dataActions "
	}
	text += strings.Join(w.Actions, ", ")
	if len(w.Except) > 0 {
		text += " but " + strings.Join(w.Except, ", ")
	}
	return text + " at " + w.Scope.String()
}

// Excess is how a principal's rights differ from what is meant.
type Excess uint8

// The kinds of differences.
const (
	TooWide   Excess = iota + 1 // meant, but further down
	NotNeeded                   // not meant anywhere
	Missing                     // meant, and not granted
	Unproven                    // not shown to be within what is meant
)

// String returns the kind for people.
func (e Excess) String() string {
	switch e {
	case TooWide:
		return "scope too wide"
	case NotNeeded:
		return "never needed"
	case Missing:
		return "missing"
	case Unproven:
		return "not proven"
	}
	return fmt.Sprintf("Excess(%d)", e)
}

// Difference is one way in which rights differ from what is meant, with a request that
// shows it.
type Difference struct {
	Kind Excess
	// Witness is a request that is granted and not meant or, with Missing, meant and
	// not granted; [Authorizer.Check] says the Decision about it. With Unproven it has
	// no action.
	Witness  Request
	Decision Decision
	// Right is what goes too far; not set with Missing.
	Right Right
	// Allowance is what lacks something or, with TooWide, where the action is meant.
	Allowance Allowance
}

// String returns the difference on one line.
func (d Difference) String() string {
	if d.Kind == Missing {
		return "missing: " + d.Witness.String() + " is " + d.Decision.String()
	}
	by := d.Right.role() + " (" + d.Right.Name + ")"
	if d.Right.Policy >= 0 {
		by = fmt.Sprintf("access policy %d of %s", d.Right.Policy, d.Right.Scope)
	}
	text := d.Kind.String() + ": " + by + " at " + d.Right.Grant.where()
	if d.Witness.Action != "" {
		text += " gives " + d.Witness.Action
	}
	if d.Kind == TooWide {
		text += ", meant only at " + d.Allowance.Scope.String()
	}
	return text
}

// Proof is whether somebody's rights are what is meant.
type Proof struct {
	// Decision is Allowed if they are, Denied if a request shows that they are not, and
	// Undecided otherwise.
	Decision    Decision
	differences []Difference
}

// Differences yields them: rights that go too far in the order of [Effective.Rights],
// then what is missing in the order of the allowances. Of each right and kind, and of
// each allowance, there is one.
func (p Proof) Differences() iter.Seq[Difference] { return slices.Values(p.differences) }

// Within proves that somebody, wherever in Azure, can do nothing but what is meant, and
// all of that: least privilege (AZ52). It is exact over all actions, known or not.
// Conditions are taken to hold where they could let too much pass, and not to hold where
// something is missing; /*/ in what is granted is read likewise, as that which is the
// worse. What is meant is read strictly.
func (a *Authorizer) Within(s Subject, allowed []Allowance) Proof {
	w := &within{a: a, subject: &s, allowed: allowed}
	all := a.rights(&s, a.everywhere(Scope{}), Scope{})
	for i := range all {
		w.excess(&all[i])
	}
	for i := range allowed {
		w.missing(&allowed[i], all)
	}
	p := Proof{Decision: rbacsim.Allowed, differences: w.found}
	for _, d := range w.found {
		certain := d.Kind == Missing && d.Decision == rbacsim.Denied || d.Kind != Missing && d.Kind != Unproven && d.Decision == rbacsim.Allowed
		if certain {
			p.Decision = rbacsim.Denied
		} else if p.Decision == rbacsim.Allowed {
			p.Decision = rbacsim.Undecided
		}
	}
	return p
}

type within struct {
	a       *Authorizer
	subject *Subject
	allowed []Allowance
	found   []Difference
}

func (w *Allowance) set() actionset.Permission {
	return actionset.Permission{Allow: actionset.CompileAll(w.Actions...), Except: actionset.CompileAll(w.Except...)}
}

// denied returns what deny assignments surely take from the subject at a scope.
func (w *within) denied(s Scope, isData bool) (set actionset.Set) {
	for _, d := range w.a.denies {
		if d.audit || d.open != "" || d.condition != nil || min(w.a.coversHere(d, s), d.names(w.subject)) != yes {
			continue
		}
		for i := range d.permissions {
			if p := &d.permissions[i]; p.condition == nil {
				side := &p.planes[planeOf(isData)]
				set = append(set, actionset.Permission{Allow: side.allow.list, Except: side.except.list})
			}
		}
	}
	return set.Certain()
}

// excess looks for what a right gives that is not meant.
func (w *within) excess(r *right) {
	at := r.where()
	meant := w.denied(at, r.data) // nobody can do that
	var below actionset.Set
	given := actionset.Permission{Allow: slices.Clone(r.set.Allow), Except: r.set.Except}
	for i := range w.allowed {
		m := &w.allowed[i]
		if m.Data != r.data {
			continue
		}
		switch {
		case at.IsZero() || m.Scope.IsZero():
		case w.a.covers(m.Scope, at) == yes:
			meant = append(meant, m.set())
			given.Allow = slices.DeleteFunc(given.Allow, func(p actionset.Pattern) bool { // alike in every reading
				return slices.ContainsFunc(m.Actions, func(text string) bool { return lower(text) == lower(p.String()) })
			})
		case w.a.covers(at, m.Scope) != no:
			below = append(below, m.set())
		}
	}
	rest, ok := actionset.Set{given}.Possible().Minus(meant)
	if !ok {
		w.add(Unproven, r, "", Allowance{})
		return
	}
	if rest.Empty() {
		return
	}
	if action, ok := rest.Overlaps(below); ok {
		w.add(TooWide, r, action, w.meantFor(action, r))
	}
	if action, ok := rest.Subset(below); !ok {
		kind := NotNeeded
		if action == "" {
			kind = Unproven
		}
		w.add(kind, r, action, Allowance{})
	}
}

// meantFor returns the first allowance below a right that has an action.
func (w *within) meantFor(action string, r *right) Allowance {
	for _, m := range w.allowed {
		if m.Data == r.data && w.a.covers(r.where(), m.Scope) != no && m.set().Has(action) {
			return m
		}
	}
	return Allowance{}
}

func (w *within) add(kind Excess, r *right, action string, meant Allowance) {
	d := Difference{Kind: kind, Right: r.api(w.a, w.subject), Allowance: meant}
	d.Witness = Request{Action: action, Data: r.data, Scope: r.where()}
	if action != "" && !d.Witness.Scope.IsZero() {
		d.Decision = w.a.Decide(*w.subject, d.Witness)
	}
	w.found = append(w.found, d)
}

// missing looks for something that is meant and not granted.
func (w *within) missing(m *Allowance, all []right) {
	var have actionset.Set
	for i := range all {
		if r := &all[i]; r.data == m.Data && r.sure && w.a.covers(r.where(), m.Scope) == yes {
			set := *r
			if m.Data && r.vault == nil {
				w.a.limit(&set, m.Scope)
			}
			if set.sure {
				have = append(have, set.set)
			}
		}
	}
	have = have.Certain()
	denied := w.mayDeny(m)
	for _, pattern := range m.Actions {
		want := actionset.Set{{Allow: actionset.CompileAll(pattern), Except: actionset.CompileAll(m.Except...)}}
		if want.Empty() {
			continue
		}
		action := pattern
		if strings.Contains(pattern, "*") {
			lacks, ok := want.Subset(have)
			if ok {
				if lacks, ok = want.Overlaps(denied); !ok {
					continue
				}
			}
			action = lacks
		}
		d := Difference{Kind: Missing, Witness: Request{Action: action, Data: m.Data, Scope: m.Scope}, Allowance: *m}
		if action != "" {
			if d.Decision = w.a.Decide(*w.subject, d.Witness); d.Decision == rbacsim.Allowed {
				continue
			}
		}
		w.found = append(w.found, d)
		return
	}
}

// mayDeny returns what deny assignments may take from the subject where it is meant.
func (w *within) mayDeny(m *Allowance) (set actionset.Set) {
	for _, d := range w.a.denies {
		if d.audit || min(w.a.coversHere(d, m.Scope), d.names(w.subject)) == no {
			continue
		}
		for i := range d.permissions {
			side := &d.permissions[i].planes[planeOf(m.Data)]
			set = append(set, actionset.Permission{Allow: side.allow.list, Except: side.except.list})
		}
	}
	return set.Possible()
}
