package azure

import (
	"github.com/aksim/aksim/internal/actionset"
	"github.com/aksim/aksim/pkg/model"
)

// condition is the condition of an assignment or of a permission object. A nil
// condition always holds.
type condition struct {
	text string
	open string // why it can't be evaluated
}

// String returns the condition as written.
func (c *condition) String() string {
	if c == nil {
		return ""
	}
	return c.text
}

// openCondition says why a condition is not known; empty if it is, or if there is none.
func openCondition(text, version model.Property[string]) string {
	if expression, ok := text.Unresolved(); ok {
		return "its condition is not known: " + expression
	}
	if expression, ok := version.Unresolved(); ok && text.Or("") != "" {
		return "the version of its condition is not known: " + expression
	}
	return ""
}

// condition compiles a condition; nil if there is none.
func (r *reader) condition(text, version, open string) *condition {
	if text == "" && open == "" {
		return nil
	}
	return &condition{text: text, open: open}
}

// eval evaluates a condition about a request.
func (c *condition) eval(*query) actionset.Match {
	if c == nil {
		return actionset.Yes
	}
	return actionset.Maybe
}

// doubt says why it is open whether the condition holds.
func (c *condition) doubt(*query) string {
	if c.open != "" {
		return c.open
	}
	return "whether its condition holds is not known"
}
