package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// Finding is one reason why a control or claim is not proved.
type Finding struct {
	// Outcome is Refuted, or Undecided if it may turn out so.
	Outcome Outcome `json:"outcome"`
	// Object is what it is about, for people and for exceptions to name: a reference, a
	// flow, a principal. It stays the same as long as the finding does.
	Object string `json:"object"`
	// Place is where it is to be mended; zero if that is nowhere.
	Place model.Place `json:"-"`
	// Text is the counterexample, as one clause.
	Text string `json:"text"`
	// Grounds are the lines of the engine that explain it.
	Grounds []string `json:"grounds,omitempty"`
	// Replay are the arguments of aksim, without -f, that answer the same: reach …,
	// can-i …; nil if no command asks for it.
	Replay []string `json:"replay,omitempty"`
	// Missing is, of an undecided one, the input that would decide it.
	Missing string `json:"missing,omitempty"`
	// Fix is what to do about it, if the control's own advice is not enough.
	Fix string `json:"fix,omitempty"`
}

// Compare orders findings: refuted ones first, then by place, object and text.
func (f Finding) Compare(g Finding) int {
	return cmp.Or(
		-cmp.Compare(f.Outcome, g.Outcome), // Refuted is greater than Undecided
		f.Place.Compare(g.Place),
		strings.Compare(f.Object, g.Object),
		strings.Compare(f.Text, g.Text),
	)
}

// Answer collects what a check finds out. Nothing is proved until the check says over
// what it looked: the zero Answer is undecided.
type Answer struct {
	over          string
	findings      []Finding
	notes         []string
	notApplicable string
}

// Proved says that all was looked at, and what that is: "12 pods and every pod to
// come, all ports". Findings, before or after, have the last word.
func (a *Answer) Proved(format string, args ...any) { a.over = fmt.Sprintf(format, args...) }

// NotApplicable says that the input has nothing that the control could be about, and
// why. Findings have the last word.
func (a *Answer) NotApplicable(format string, args ...any) {
	a.notApplicable = fmt.Sprintf(format, args...)
}

// Refute adds a counterexample.
func (a *Answer) Refute(f Finding) {
	f.Outcome = Refuted
	a.findings = append(a.findings, f)
}

// Open adds a reason why the control can't be proved.
func (a *Answer) Open(f Finding) {
	f.Outcome = Undecided
	a.findings = append(a.findings, f)
}

// Note adds something that the reader should know and that changes nothing.
func (a *Answer) Note(format string, args ...any) {
	if note := fmt.Sprintf(format, args...); !slices.Contains(a.notes, note) {
		a.notes = append(a.notes, note)
	}
}

// outcome is that of the findings, exceptions left aside.
func (a *Answer) outcome() Outcome {
	outcome := Undecided
	switch {
	case a.notApplicable != "":
		outcome = NotApplicable
	case a.over != "":
		outcome = Proved
	}
	for _, f := range a.findings {
		if f.Outcome == Refuted {
			return Refuted
		}
		outcome = Undecided
	}
	return outcome
}
