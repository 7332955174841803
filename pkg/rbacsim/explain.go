package rbacsim

import (
	"fmt"
	"iter"
	"strings"
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
func (v Verdict) Question() string { return v.subject.String() + ": " + v.request.String() }

// Grounds yields the grounds as lines of text, some of them indented: the reasons,
// so many of the grants, the nearest misses, what is incomplete and, where that is
// another answer, how real requests fare.
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
	by, n := "by ", 0
	if v.Decision != Allowed {
		by = "perhaps by "
	}
	for g := range v.Grants() {
		if n++; n <= grants {
			add("", by+g.String())
		}
	}
	switch more := n - grants; {
	case more == 1:
		add("", "and by 1 more rule")
	case more > 1:
		add("", fmt.Sprintf("and by %d more rules", more))
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
	if v.Effective != v.Decision {
		add("", "a real request: "+v.Effective.String())
		for _, w := range v.ways {
			var needs []string
			for _, n := range w.Needs {
				needs = append(needs, n.Request.String()+" is "+n.Decision.String())
			}
			add("    ", strings.Join(needs, ", and "))
		}
	}
	return lines
}
