package kql

import (
	"strings"
)

// equal is ==, or =~ with fold, in one row.
// https://learn.microsoft.com/kusto/query/scalar-data-types/null-values
func equal(a, b value, fold bool) truths {
	switch {
	case a.kind == unknownValue || b.kind == unknownValue:
		return any3
	case a.kind == nullValue && b.kind == nullValue:
		return null
	case a.kind == nullValue:
		if b.kind == stringValue && b.text == "" {
			return any3 // what is not there may be an empty string
		}
		return no
	case a.kind == compositeValue || b.kind == compositeValue:
		return any3
	case a.kind == stringValue && b.kind == stringValue:
		return truth(a.text == b.text || fold && strings.EqualFold(a.text, b.text)).truth
	case a.isNumber() && b.isNumber():
		return truth(a.number == b.number).truth
	case a.kind == boolValue && b.kind == boolValue:
		return or(and(a.truth, b.truth), and(a.truth.not(), b.truth.not()))
	}
	return any3 // a number and a string
}

// contains is the operator contains, or has with terms, in one row.
// https://learn.microsoft.com/kusto/query/datatypes-string-operators
func contains(a value, b string, terms bool) truths {
	if a.kind == unknownValue || a.isNumber() || a.kind == boolValue || b == "" {
		return any3
	}
	if a.kind == nullValue {
		return no | null
	}
	if a.kind == compositeValue && strings.ContainsAny(b, "\"{}[],\\ \t\r\n") {
		return any3 // hangs on how it is written
	}
	if !isASCII(a.text) || !isASCII(b) {
		return any3
	}
	text, b := strings.ToLower(a.text), strings.ToLower(b)
	found := no
	for i := 0; ; i++ {
		j := strings.Index(text[i:], b)
		if j < 0 {
			return found
		}
		i += j
		if !terms {
			return yes
		}
		switch isTerm(text, i, i+len(b)) {
		case yes:
			return yes
		case no:
		default:
			found = yes | no
		}
	}
}

// isTerm reports whether a part of a text begins and ends where terms do: terms are
// the longest sequences of letters and digits.
func isTerm(text string, from, to int) truths {
	is := yes
	for _, edge := range [][2]int{{from - 1, from}, {to, to - 1}} {
		outer := byte(' ')
		if edge[0] >= 0 && edge[0] < len(text) {
			outer = text[edge[0]]
		}
		inner := text[edge[1]]
		switch {
		case !isAlphanumeric(inner), outer == '_':
			is = and(is, yes|no) // not documented
		case isAlphanumeric(outer):
			return no
		}
	}
	return is
}

func isAlphanumeric(c byte) bool { return isDigit(c) || isLetter(c) && c != '_' }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
