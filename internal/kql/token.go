package kql

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error says what of a query is not understood.
type Error struct {
	Line, Col int    // of the query's text, from 1; the column counts characters
	What      string // as a clause
}

// Error returns, for example, 3:5: summarize is not understood.
func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Col, e.What) }

// position is a place in the text.
type position struct{ line, col int }

func (p position) error(format string, args ...any) error {
	return &Error{p.line, p.col, fmt.Sprintf(format, args...)}
}

type tokenKind uint8

const (
	end tokenKind = iota
	name
	text
	number
	mark
)

// token is one word of a query: its text is the value of a string, without quotes.
type token struct {
	kind tokenKind
	text string
	at   position
}

// String returns the token for messages.
func (t token) String() string {
	switch t.kind {
	case end:
		return "the end"
	case text:
		return quote(t.text)
	default:
		return t.text
	}
}

// lexer cuts a query into tokens.
type lexer struct {
	rest string
	at   position
}

func tokens(query string) (all []token, err error) {
	l := lexer{query, position{1, 1}}
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		all = append(all, t)
		if t.kind == end {
			return all, nil
		}
	}
}

// take cuts n bytes off.
func (l *lexer) take(n int) string {
	s := l.rest[:n]
	l.rest = l.rest[n:]
	for _, r := range s {
		l.at.col++
		if r == '\n' {
			l.at = position{l.at.line + 1, 1}
		}
	}
	return s
}

func (l *lexer) next() (token, error) {
	l.space()
	at := l.at
	if l.rest == "" {
		return token{end, "", at}, nil
	}
	switch c := l.rest[0]; {
	case c == '"' || c == '\'':
		s, err := l.quoted(c)
		return token{text, s, at}, err
	case isDigit(c):
		return l.number(at)
	case isLetter(c):
		n := 1
		for n < len(l.rest) && (isLetter(l.rest[n]) || isDigit(l.rest[n])) {
			n++
		}
		if n < len(l.rest) && (l.rest[n] == '"' || l.rest[n] == '\'') && n == 1 {
			return token{}, at.error("a string that begins with %s is not understood", l.rest[:2])
		}
		return token{name, l.take(n), at}, nil
	}
	for _, m := range []string{"==", "!=", "=~", "!~", "|", "(", ")", "[", "]", ",", ".", "=", "~", "!", ";"} {
		if strings.HasPrefix(l.rest, m) {
			return token{mark, l.take(len(m)), at}, nil
		}
	}
	r, _ := utf8.DecodeRuneInString(l.rest)
	return token{}, at.error("%q is not understood", r)
}

// space skips blanks and comments.
func (l *lexer) space() {
	for l.rest != "" {
		r, n := utf8.DecodeRuneInString(l.rest)
		switch {
		case unicode.IsSpace(r):
			l.take(n)
		case strings.HasPrefix(l.rest, "//"):
			line, _, _ := strings.Cut(l.rest, "\n")
			l.take(len(line))
		default:
			return
		}
	}
}

func (l *lexer) number(at position) (token, error) {
	n := 1
	for n < len(l.rest) && (isDigit(l.rest[n]) || isLetter(l.rest[n]) || l.rest[n] == '.' && n+1 < len(l.rest) && isDigit(l.rest[n+1])) {
		n++
	}
	return token{number, l.take(n), at}, nil
}

// quoted reads a string with its escapes.
// https://learn.microsoft.com/kusto/query/scalar-data-types/string
func (l *lexer) quoted(q byte) (string, error) {
	start := l.at
	l.take(1)
	var b strings.Builder
	for l.rest != "" {
		switch c := l.rest[0]; c {
		case q:
			l.take(1)
			return b.String(), nil
		case '\n', '\r':
			return "", start.error("a string that has no end")
		case '\\':
			at := l.at
			if len(l.rest) < 2 {
				return "", start.error("a string that has no end")
			}
			i := strings.IndexByte(`\"'ntr`, l.rest[1])
			if i < 0 {
				return "", at.error("the escape %q is not understood", l.rest[:2])
			}
			l.take(2)
			b.WriteByte("\\\"'\n\t\r"[i])
		default:
			_, n := utf8.DecodeRuneInString(l.rest)
			b.WriteString(l.take(n))
		}
	}
	return "", start.error("a string that has no end")
}

// quote writes a string as quoted reads it.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(s) + `"`
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }
