package manifest

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// Error is one reason why an input cannot be taken as it is.
type Error struct {
	Place  model.Place
	Object model.Ref // zero where it is not known
	Path   string    // field path within the object; empty for the object as a whole
	Text   string    // what is wrong
	Hint   string    // the remedy, where one is known
}

// Error returns place, path, text and hint on one line.
func (e *Error) Error() string {
	var parts []string
	switch {
	case !e.Place.IsZero():
		parts = append(parts, e.Place.String())
	case e.Object.Name != "":
		parts = append(parts, e.Object.String())
	case e.Object.Kind != "":
		parts = append(parts, e.Object.Kind)
	}
	if e.Path != "" {
		parts = append(parts, e.Path)
	}
	s := strings.Join(append(parts, e.Text), ": ")
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// Errors yields the defects that an error of this package joins, ordered by
// place.
func Errors(err error) iter.Seq[*Error] {
	return func(yield func(*Error) bool) { walkErrors(err, yield) }
}

func walkErrors(err error, yield func(*Error) bool) bool {
	switch e := err.(type) { //nolint:errorlint // walks the tree itself
	case *Error:
		return yield(e)
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			if !walkErrors(inner, yield) {
				return false
			}
		}
	case interface{ Unwrap() error }:
		return walkErrors(e.Unwrap(), yield)
	}
	return true
}

func joinErrors(errs []*Error) error {
	slices.SortStableFunc(errs, func(a, b *Error) int {
		return cmp.Or(a.Place.Compare(b.Place), a.Object.Compare(b.Object))
	})
	all := make([]error, len(errs))
	for i, e := range errs {
		all[i] = e
	}
	return errors.Join(all...)
}
