package cli

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// width is how wide text may be that is broken into lines.
const width = 100

// assume prints what an answer about requests takes for granted: on one line without
// an AKS cluster, since then it is little.
func (s *session) assume(k *azure.Kubernetes, all bool) {
	if isAKS(k) {
		s.listAssumptions(k, all)
	} else {
		s.assumptions(k)
	}
}

// listAssumptions prints what an answer takes for granted: all of it, a line each, or
// in brief, without what follows from each.
func (s *session) listAssumptions(e engine, all bool) {
	list := slices.Collect(e.Assumptions())
	if !all {
		for i, text := range list {
			list[i], _, _ = strings.Cut(text, ": ")
		}
		list = []string{strings.Join(list, "; ")}
	}
	head := "assuming: "
	for _, text := range list {
		fmt.Fprintln(s.out, wrap(head, text))
		head = strings.Repeat(" ", len(head))
	}
}

// wrap breaks a text into lines, the first behind the head and the others below what
// follows it. What is too wide for any line stays where it is.
func wrap(head, text string) string {
	indent := strings.Repeat(" ", len(head))
	var b strings.Builder
	b.WriteString(head)
	at, blanks := len(head), 0
	for word := range strings.SplitSeq(text, " ") {
		size := utf8.RuneCountInString(word)
		switch {
		case word == "":
			blanks++
			continue
		case at > len(head) && at+blanks+size > width && len(indent)+size <= width:
			b.WriteString("\n" + indent)
			at = len(indent)
		default:
			b.WriteString(strings.Repeat(" ", blanks))
			at += blanks
		}
		b.WriteString(word)
		at, blanks = at+size, 1
	}
	return b.String()
}

// wrapLine breaks a line that is too wide, and indents what goes on.
func wrapLine(line string) string {
	if utf8.RuneCountInString(line) <= width {
		return line
	}
	text := strings.TrimLeft(line, " ")
	indent := line[:len(line)-len(text)]
	first, rest, _ := strings.Cut(wrap(indent+"    ", text), "\n")
	first = indent + strings.TrimPrefix(first, indent+"    ")
	if rest == "" {
		return first
	}
	return first + "\n" + rest
}
