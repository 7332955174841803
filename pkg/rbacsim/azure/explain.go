package azure

import (
	"fmt"
	"iter"
	"strings"

	"github.com/aksim/aksim/pkg/rbacsim"
)

// mostGrants bounds how many grants an explanation tells; the rest is counted.
const mostGrants = 10

// Explain returns the verdict and its grounds as text of several lines, without a
// final newline: the first line is the question and the decision, and indented lines
// give the reasons.
func (v Verdict) Explain() string {
	var b strings.Builder
	b.WriteString(v.Question() + ": " + v.Decision.String())
	for line := range v.Grounds(mostGrants) {
		b.WriteString("\n    " + line)
	}
	return b.String()
}

// Question returns who asks for what, for people.
func (v Verdict) Question() string {
	if v.authorizer == nil {
		return v.request.String()
	}
	return v.asker() + ": " + v.request.String()
}

// asker names the subject for people.
func (v Verdict) asker() string {
	switch {
	case v.subject.ObjectID != "":
		return v.authorizer.name(v.subject.ObjectID)
	case len(v.subject.Groups) > 0:
		return "a member of " + v.authorizer.name(v.subject.Groups[0])
	}
	return "nobody"
}

// Grounds yields the grounds as lines of text, some of them indented: the reasons, the
// deny assignments, so many of the grants, the nearest misses and what is incomplete.
func (v Verdict) Grounds(grants int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, line := range v.grounds(grants) {
			if !yield(line) {
				return
			}
		}
	}
}

func (v Verdict) grounds(grants int) (lines []string) {
	add := func(indent, text string) {
		for line := range strings.SplitSeq(text, "\n") {
			lines = append(lines, indent+line)
		}
	}
	for r := range v.Reasons() {
		add("", r)
	}
	denied := false
	for d := range v.Denials() {
		if d.Open {
			add("", "perhaps denied by "+d.String())
		} else {
			add("", "denied by "+d.String())
			denied = true
		}
	}
	by, n := "by ", 0
	switch {
	case denied:
		by = "else granted by "
	case v.Decision != rbacsim.Allowed:
		by = "perhaps by "
	}
	for g := range v.Grants() {
		if n++; n <= grants {
			add("", by+g.String())
		}
	}
	switch more := n - grants; {
	case more == 1:
		add("", "and by 1 more assignment")
	case more > 1:
		add("", fmt.Sprintf("and by %d more assignments", more))
	}
	for m := range v.Misses() {
		add("", "not by "+m.Grant.String())
		for _, but := range m.But {
			add("    ", but)
		}
	}
	for text := range v.Incomplete() {
		add("", "incomplete: "+text)
	}
	return lines
}
