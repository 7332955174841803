package cli

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// assume prints what an answer about requests takes for granted: on one line without
// an AKS cluster, since then it is little.
func (s *session) assume(k *azure.Kubernetes) {
	if isAKS(k) {
		s.listAssumptions(k)
	} else {
		s.assumptions(k)
	}
}

// listAssumptions prints what an answer takes for granted, a line each.
func (s *session) listAssumptions(e engine) {
	head := "assuming: "
	for text := range e.Assumptions() {
		fmt.Fprintln(s.out, wrap(head, text, 100))
		head = "          "
	}
}

// wrap breaks a text into lines that are at most so wide, the first behind the head
// and the others below what follows it.
func wrap(head, text string, width int) string {
	indent := strings.Repeat(" ", len(head))
	var b strings.Builder
	b.WriteString(head)
	at := len(head)
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case at+1+utf8.RuneCountInString(word) > width:
			b.WriteString("\n" + indent)
			at = len(indent)
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += utf8.RuneCountInString(word)
	}
	return b.String()
}
