package rbacsim

import (
	"fmt"
	"strings"
)

// mostGrants bounds how many grants an explanation tells; the rest is counted.
const mostGrants = 10

// Explain returns the verdict and its grounds as text of several lines, without a
// final newline: the first line is the question and the decision, and indented lines
// give the reasons.
func (v Verdict) Explain() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %s", v.subject, v.request, v.Decision)
	line := func(text, by string) { b.WriteString("\n" + by + strings.ReplaceAll(text, "\n", "\n"+by)) }
	for r := range v.Reasons() {
		line(r, "    ")
	}
	by, n := "by ", 0
	if v.Decision != Allowed {
		by = "perhaps by "
	}
	for g := range v.Grants() {
		if n++; n <= mostGrants {
			line(by+g.String(), "    ")
		}
	}
	if n > mostGrants {
		line(fmt.Sprintf("and by %d more rules", n-mostGrants), "    ")
	}
	for m := range v.Misses() {
		line("not by "+m.Grant.String(), "    ")
		for _, but := range m.But {
			line(but, "        ")
		}
	}
	for text := range v.Incomplete() {
		line("incomplete: "+text, "    ")
	}
	if v.Effective != v.Decision {
		line("a real request: "+v.Effective.String(), "    ")
		for _, w := range v.ways {
			var needs []string
			for _, n := range w.Needs {
				needs = append(needs, n.Request.String()+" is "+n.Decision.String())
			}
			line(strings.Join(needs, ", and "), "        ")
		}
	}
	return b.String()
}
