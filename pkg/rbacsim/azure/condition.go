package azure

import (
	"strings"

	"github.com/aksim/aksim/internal/abac"
	"github.com/aksim/aksim/pkg/model"
)

// condition is the condition of an assignment or of a permission object. A nil
// condition always holds.
type condition struct {
	text   string
	parsed *abac.Condition // nil: not understood
	open   string          // why it can't be evaluated
	unread bool            // it is there, and says what this package does not understand
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

// conditionVersion is the only version of conditions that there is.
const conditionVersion = "2.0"

// condition compiles a condition; nil if there is none. One that is not understood may
// hold or not.
func (r *reader) condition(text, version, open string) *condition {
	if strings.TrimSpace(text) == "" && open == "" {
		return nil
	}
	key := version + "\n" + text + "\n" + open
	c, ok := r.conditions[key]
	if !ok {
		c = &condition{text: text, open: open}
		switch parsed, err := abac.Parse(text); {
		case open != "":
		case version != "" && version != conditionVersion:
			c.open, c.unread = "its condition has version "+version+", which is not modelled", true
		case err != nil:
			c.open, c.unread = "its condition is not understood: "+err.Error(), true
		default:
			c.parsed = parsed
		}
		r.conditions[key] = c
	}
	return c
}

// input is what the condition is told of a request.
func (q *query) input() abac.Input {
	attributes := q.Attributes // else every query would escape to the heap
	return abac.Input{
		Action: q.Action, SubOperation: q.Attributes.SubOperation, NoSubOperation: q.Attributes.NoSubOperation,
		Attribute: attributes.attribute,
	}
}

// eval evaluates a condition about a request (AZ8).
func (c *condition) eval(q *query) match {
	switch {
	case c == nil:
		return yes
	case c.parsed == nil:
		return maybe
	}
	switch c.parsed.Eval(q.input()) {
	case abac.True:
		return yes
	case abac.False:
		return no
	case abac.Unknown:
	}
	return maybe
}

// doubt says why it is open whether the condition holds.
func (c *condition) doubt(q *query) string {
	if c.parsed == nil {
		return c.open
	}
	_, why := c.parsed.Why(q.input())
	return "whether its condition holds is not known: " + strings.Join(why, "; ")
}

// failure says why the condition does not hold.
func (c *condition) failure(q *query) string {
	_, why := c.parsed.Why(q.input())
	return "its condition does not hold: " + strings.Join(why, "; ")
}
