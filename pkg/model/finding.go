package model

import (
	"cmp"
	"strings"
)

// Finding is something about an object that its author should know although an
// API server would accept the object.
type Finding struct {
	// Rule is the stable identifier of the check, such as name-label.
	Rule   string
	Object Ref
	Place  Place
	Path   string // field path within the object; empty for the object as a whole
	Text   string // one sentence, no capital, no full stop
	Hint   string // the remedy, where one is known
	// Note is true of what is no defect: a kind that is not modelled, say.
	// Notes are printed, but never make a check fail.
	Note bool
}

// String returns the finding on one line, place first.
func (f Finding) String() string {
	var parts []string
	for _, s := range []string{f.Place.String(), f.Object.subject(), f.Path, f.Text} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	s := strings.Join(parts, ": ")
	if f.Hint != "" {
		s += " (" + f.Hint + ")"
	}
	return s
}

// Compare orders findings by place, object, path, rule and text.
func (f Finding) Compare(g Finding) int {
	return cmp.Or(
		f.Place.Compare(g.Place),
		f.Object.Compare(g.Object),
		strings.Compare(f.Path, g.Path),
		strings.Compare(f.Rule, g.Rule),
		strings.Compare(f.Text, g.Text),
	)
}

func (r Ref) subject() string {
	if r.IsZero() {
		return ""
	}
	return r.String()
}
