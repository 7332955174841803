package abac

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SyntaxError is what is wrong with the text of a condition. Line and Column
// count from 1, the latter in characters.
type SyntaxError struct {
	Line, Column int
	Message      string
}

// Error returns "line L, column C: " and what is wrong.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

type tokenKind uint8

const (
	tokenEnd       tokenKind = iota
	tokenMark                // ( ) { } ,
	tokenAnd                 // && AND
	tokenOr                  // || OR
	tokenNot                 // ! NOT
	tokenText                // '…'
	tokenAttribute           // @Source[name]
	tokenWord                // anything else: operators, numbers, GUIDs
)

// token is a piece of the text. For strings and attributes text is what is
// inside the quotes or brackets, and source what stands before the latter.
type token struct {
	kind         tokenKind
	text, source string
	at           int // byte offset
}

// describe names the token in an error message.
func (t token) describe() string {
	switch t.kind {
	case tokenEnd:
		return "the end"
	case tokenText:
		return "'" + t.text + "'"
	case tokenAttribute:
		return "@" + t.source + "[" + t.text + "]"
	default:
		return `"` + t.text + `"`
	}
}

type lexer struct {
	text string
	at   int
}

// failure makes a SyntaxError of a byte offset.
func (l *lexer) failure(at int, format string, args ...any) *SyntaxError {
	before := l.text[:at]
	start := strings.LastIndexByte(before, '\n') + 1
	return &SyntaxError{
		Line:    1 + strings.Count(before, "\n"),
		Column:  1 + utf8.RuneCountInString(before[start:]),
		Message: fmt.Sprintf(format, args...),
	}
}

// next reads a token.
func (l *lexer) next() (token, *SyntaxError) {
	l.skipSpace()
	if l.at == len(l.text) {
		return token{at: l.at}, nil
	}
	rest := l.text[l.at:]
	for _, sign := range signs {
		if strings.HasPrefix(rest, sign.text) {
			t := token{kind: sign.kind, text: sign.text, at: l.at}
			l.at += len(sign.text)
			return t, nil
		}
	}
	switch rest[0] {
	case '\'':
		return l.quoted()
	case '@':
		return l.attribute()
	case '"':
		return token{}, l.failure(l.at, "strings stand in single quotes")
	}
	return l.word()
}

//nolint:gochecknoglobals // a constant table
var signs = []token{
	{kind: tokenMark, text: "("}, {kind: tokenMark, text: ")"}, {kind: tokenMark, text: "{"}, {kind: tokenMark, text: "}"}, {kind: tokenMark, text: ","},
	{kind: tokenAnd, text: "&&"}, {kind: tokenOr, text: "||"}, {kind: tokenNot, text: "!"},
}

func (l *lexer) skipSpace() {
	for l.at < len(l.text) {
		r, size := utf8.DecodeRuneInString(l.text[l.at:])
		if !unicode.IsSpace(r) {
			return
		}
		l.at += size
	}
}

// quoted reads a string. It ends at the next quote: there is no way to write a
// quote in one.
func (l *lexer) quoted() (token, *SyntaxError) {
	start := l.at
	text, _, closed := strings.Cut(l.text[start+1:], "'")
	if !closed {
		return token{}, l.failure(start, "the string has no closing quote")
	}
	l.at += len(text) + 2
	return token{kind: tokenText, text: text, at: start}, nil
}

// attribute reads @Source[name].
func (l *lexer) attribute() (token, *SyntaxError) {
	start := l.at
	l.at++
	source := l.letters()
	l.skipSpace()
	if l.at == len(l.text) || l.text[l.at] != '[' {
		return token{}, l.failure(l.at, "want [ and the name of an attribute after @%s", source)
	}
	return l.brackets(start, source)
}

// brackets reads [name], which the source stood before.
func (l *lexer) brackets(start int, source string) (token, *SyntaxError) {
	name, _, closed := strings.Cut(l.text[l.at+1:], "]")
	if !closed {
		return token{}, l.failure(l.at, "the [ is not closed")
	}
	l.at += len(name) + 2
	if name = strings.TrimSpace(name); name == "" {
		return token{}, l.failure(start, "the attribute has no name")
	}
	return token{kind: tokenAttribute, text: name, source: source, at: start}, nil
}

func (l *lexer) letters() string {
	rest := l.text[l.at:]
	n := strings.IndexFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) })
	if n < 0 {
		n = len(rest)
	}
	l.at += n
	return rest[:n]
}

// word reads a run of letters, digits and the marks within operators, numbers
// and GUIDs. The documentation's examples leave the @ of attributes out, and so
// may a condition (AZ27).
func (l *lexer) word() (token, *SyntaxError) {
	start := l.at
	rest := l.text[start:]
	n := strings.IndexFunc(rest, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.:", r)
	})
	if n < 0 {
		n = len(rest)
	}
	if n == 0 {
		r, _ := utf8.DecodeRuneInString(rest)
		return token{}, l.failure(start, "%q has no place in a condition", r)
	}
	l.at += n
	t := token{kind: tokenWord, text: rest[:n], at: start}
	switch {
	case strings.HasPrefix(rest[n:], "["):
		return l.brackets(start, t.text)
	case strings.EqualFold(t.text, "AND"):
		t.kind = tokenAnd
	case strings.EqualFold(t.text, "OR"):
		t.kind = tokenOr
	case strings.EqualFold(t.text, "NOT"):
		t.kind = tokenNot
	}
	return t, nil
}
