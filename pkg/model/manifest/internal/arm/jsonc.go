package arm

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// Azure takes templates up to 4 MB.
const (
	maxSize  = 16 << 20
	maxDepth = 100
)

// reader reads JSON with comments from front to back.
type reader struct {
	text []byte
	at   int

	counted, line, col int // the place of the offset counted

	repeated []*Problem
}

// readJSON reads the one value that text holds. The problems are names that are
// written twice in an object.
func readJSON(text []byte) (tree.Node, []*Problem, error) {
	if len(text) > maxSize {
		return tree.Node{}, nil, problemf(1, 1, "larger than %d MiB", maxSize>>20)
	}
	r := newReader(text)
	if err := r.space(); err != nil {
		return tree.Node{}, nil, err
	}
	n, err := r.value(maxDepth)
	if err != nil {
		return tree.Node{}, nil, err
	}
	if err := r.space(); err != nil {
		return tree.Node{}, nil, err
	}
	if r.at < len(r.text) {
		return tree.Node{}, nil, r.wrong(r.at, "want nothing after the value")
	}
	return n, r.repeated, nil
}

func newReader(text []byte) *reader {
	return &reader{text: bytes.TrimPrefix(text, []byte("\uFEFF")), line: 1, col: 1}
}

// place returns where an offset is. Offsets mostly rise, so that each character is
// counted about once.
func (r *reader) place(offset int) (line, col int) {
	if offset < r.counted {
		r.counted, r.line, r.col = 0, 1, 1
	}
	for r.counted < offset {
		c, size := utf8.DecodeRune(r.text[r.counted:])
		r.counted += size
		r.col++
		if c == '\n' {
			r.line++
			r.col = 1
		}
	}
	return r.line, r.col
}

func (r *reader) wrong(offset int, format string, args ...any) *Problem {
	line, col := r.place(offset)
	return problemf(line, col, "invalid JSON: "+format, args...)
}

// next returns the byte that is next, or 0 at the end.
func (r *reader) next() byte {
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

// space skips white space and comments.
func (r *reader) space() error {
	for r.at < len(r.text) {
		rest := r.text[r.at:]
		switch {
		case strings.IndexByte(" \t\r\n", rest[0]) >= 0:
			r.at++
		case bytes.HasPrefix(rest, []byte("//")):
			if n := bytes.IndexByte(rest, '\n'); n >= 0 {
				r.at += n
			} else {
				r.at = len(r.text)
			}
		case bytes.HasPrefix(rest, []byte("/*")):
			n := bytes.Index(rest[2:], []byte("*/"))
			if n < 0 {
				return r.wrong(r.at, "the comment that begins here does not end, want */")
			}
			r.at += n + 4
		default:
			return nil
		}
	}
	return nil
}

func (r *reader) value(depth int) (tree.Node, error) {
	n := tree.Node{}
	start := r.at
	n.Line, n.Col = r.place(start)
	var err error
	switch c := r.next(); {
	case c == '{' || c == '[':
		if depth == 0 {
			return n, r.wrong(start, "nested deeper than %d levels", maxDepth)
		}
		if c == '{' {
			return n, r.object(&n, depth)
		}
		return n, r.list(&n, depth)
	case c == '"':
		n.Kind = tree.String
		n.Text, err = r.str()
	case c == '-' || c >= '0' && c <= '9':
		n.Kind = tree.Number
		n.Text, err = r.number()
	default:
		err = r.word(&n)
	}
	return n, err
}

// word reads true, false or null.
func (r *reader) word(n *tree.Node) error {
	end := r.at
	for end < len(r.text) && (r.text[end] >= 'a' && r.text[end] <= 'z' || r.text[end] >= 'A' && r.text[end] <= 'Z') {
		end++
	}
	switch word := string(r.text[r.at:end]); word {
	case "true", "false":
		n.Kind, n.Text = tree.Bool, word
	case "null":
		n.Kind = tree.Null
	default:
		if r.at == len(r.text) {
			return r.wrong(r.at, "want a value, found the end")
		}
		return r.wrong(r.at, "want a value")
	}
	r.at = end
	return nil
}

// number reads a number as JSON spells it.
func (r *reader) number() (string, error) {
	start := r.at
	digits := func() bool {
		from := r.at
		for c := r.next(); c >= '0' && c <= '9'; c = r.next() {
			r.at++
		}
		return r.at > from
	}
	if r.next() == '-' {
		r.at++
	}
	leading := r.at
	ok := digits() && (r.text[leading] != '0' || r.at == leading+1)
	if ok && r.next() == '.' {
		r.at++
		ok = digits()
	}
	if c := r.next(); ok && (c == 'e' || c == 'E') {
		r.at++
		if c := r.next(); c == '+' || c == '-' {
			r.at++
		}
		ok = digits()
	}
	if !ok {
		return "", r.wrong(start, "want a number such as -1.5e3")
	}
	return string(r.text[start:r.at]), nil
}

func (r *reader) list(n *tree.Node, depth int) error {
	n.Kind = tree.List
	start := r.at
	r.at++
	for {
		if err := r.space(); err != nil {
			return err
		}
		if r.next() == ']' {
			r.at++
			return nil
		}
		if r.at == len(r.text) {
			return r.wrong(start, "the list that begins here does not end, want ]")
		}
		item, err := r.value(depth - 1)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, item)
		if err := r.comma(start, ']'); err != nil {
			return err
		}
	}
}

func (r *reader) object(n *tree.Node, depth int) error {
	n.Kind = tree.Object
	start := r.at
	r.at++
	names := map[string]bool{}
	for {
		if err := r.space(); err != nil {
			return err
		}
		if r.next() == '}' {
			r.at++
			return nil
		}
		if r.at == len(r.text) {
			return r.wrong(start, "the object that begins here does not end, want }")
		}
		m, err := r.member(depth)
		if err != nil {
			return err
		}
		if key := strings.ToLower(m.Name); names[key] {
			r.repeated = append(r.repeated, problemf(m.Line, m.Col, "%q is written twice in one object", m.Name))
		} else {
			names[key] = true
		}
		n.Members = append(n.Members, m)
		if err := r.comma(start, '}'); err != nil {
			return err
		}
	}
}

func (r *reader) member(depth int) (m tree.Member, err error) {
	m.Line, m.Col = r.place(r.at)
	if r.next() != '"' {
		return m, r.wrong(r.at, "want a name in quotes or }")
	}
	if m.Name, err = r.str(); err != nil {
		return m, err
	}
	if err = r.space(); err != nil {
		return m, err
	}
	if r.next() != ':' {
		return m, r.wrong(r.at, "want a colon after the name %q", m.Name)
	}
	r.at++
	if err = r.space(); err != nil {
		return m, err
	}
	m.Value, err = r.value(depth - 1)
	return m, err
}

// comma passes a comma, or stops before the bracket that closes what began at start.
func (r *reader) comma(start int, shut byte) error {
	if err := r.space(); err != nil {
		return err
	}
	switch {
	case r.at == len(r.text):
		return r.wrong(start, "what begins here does not end, want %c", shut)
	case r.next() == ',':
		r.at++
	case r.next() != shut:
		return r.wrong(r.at, "want a comma or %c", shut)
	}
	return nil
}

// quoted says a value in an error message, cut short.
func quoted(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
