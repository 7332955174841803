package document

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf16"
)

// Part is a piece of a stream that can be read on its own. Several parts of one
// stream may be read at the same time; one part and its documents may not.
type Part struct {
	// Whole is the document that this part was cut from, on the assumption that
	// its layout is kubectl's. Where any part of it cannot be read the
	// assumption was wrong: Whole is what to read in place of all of them.
	Whole *Part

	text   []byte
	start  place
	limits Limits
	form   form
	err    *Error

	apiVersion, kind string   // what a typed list says of its items
	list             []Member // of a JSON list: its members but for the items

	scalars map[place]string // see scalarAt
}

// IsJSON reports whether the part looks like JSON rather than YAML.
func (p *Part) IsJSON() bool { return p.form == jsonText || p.form == jsonList }

type form uint8

const (
	yamlText form = iota
	yamlItem      // one item of a block sequence
	jsonText
	jsonList // a list without its items
)

// Split cuts a stream into parts without parsing more than it takes to find
// their ends. Whatever is wrong shows when a part is read.
func Split(text []byte, limits Limits) []*Part {
	limits = limits.WithDefaults()
	var parts []*Part
	for _, p := range cutAtMarkers(toUTF8(text), limits) {
		switch {
		case blank(p.text):
		case looksLikeJSON(p.text):
			parts = append(parts, p.values()...)
		default:
			if items := p.items(); items != nil {
				parts = append(parts, items...)
			} else {
				parts = append(parts, p)
			}
		}
	}
	return parts
}

// cutAtMarkers cuts a stream at the lines that begin a YAML document. Directives
// stay with the document that follows them.
func cutAtMarkers(text []byte, limits Limits) []*Part {
	var parts []*Part
	line, from, fromLine := 1, 0, 1
	directives, directivesLine := -1, 0
	cut := func(at, atLine int) {
		if at > from {
			parts = append(parts, &Part{text: text[from:at], start: place{fromLine, 1}, limits: limits})
		}
		from, fromLine = at, atLine
	}
	for i := 0; i < len(text); line++ {
		switch {
		case text[i] == '%':
			if directives < 0 {
				directives, directivesLine = i, line
			}
		case isMarker(text[i:]):
			if directives >= 0 {
				cut(directives, directivesLine)
			} else {
				cut(i, line)
			}
			fallthrough
		default:
			directives = -1
		}
		n := bytes.IndexByte(text[i:], '\n')
		if n < 0 {
			break
		}
		i += n + 1
	}
	cut(len(text), 0)
	return parts
}

func isMarker(line []byte) bool {
	return bytes.HasPrefix(line, []byte("---")) && (len(line) == 3 || strings.IndexByte(" \t\r\n", line[3]) >= 0)
}

// blank reports whether nothing but space and comments is left.
func blank(text []byte) bool {
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] != '#' && !bytes.Equal(line, []byte("---")) {
			return false
		}
	}
	return true
}

// looksLikeJSON tells JSON from YAML's flow style, whose keys need no quotes.
func looksLikeJSON(text []byte) bool {
	i := skipSpace(text, 0)
	if i == len(text) {
		return false
	}
	open := text[i]
	i = skipSpace(text, i+1)
	if i == len(text) {
		return open == '{' || open == '['
	}
	switch open {
	case '{':
		return text[i] == '"' || text[i] == '}'
	case '[':
		return strings.IndexByte(`{["]`, text[i]) >= 0
	}
	return false
}

// values cuts JSON text into its values, lists and arrays into their items.
func (p *Part) values() []*Part {
	var parts []*Part
	at, here := 0, p.start
	moveTo := func(offset int) {
		here = advance(here, p.text[at:offset])
		at = offset
	}
	add := func(v Value) *Part {
		moveTo(v.start)
		q := &Part{text: v.Raw(), start: here, limits: p.limits, form: jsonText}
		parts = append(parts, q)
		return q
	}
	for i := skipSpace(p.text, 0); i < len(p.text); i = skipSpace(p.text, i) {
		v, err := p.topValue(i)
		i = v.end
		switch {
		case v.isList():
			parts = append(parts, &Part{text: p.text, start: p.start, limits: p.limits, form: jsonList, list: v.members})
			fallthrough
		case v.isArray:
			apiVersion, kind := v.itemType()
			for _, item := range v.items {
				q := add(item)
				q.apiVersion, q.kind = apiVersion, kind
			}
		case err == nil:
			add(v.Value)
		}
		if err != nil {
			moveTo(max(v.end, at))
			parts = append(parts, &Part{err: p.jsonError(err, here)})
			i = nextLineObject(p.text, v.end)
		}
	}
	return parts
}

// topValue is a value at the top of a stream, looked into as far as it takes to
// recognise a list and its items.
type topValue struct {
	Value
	isArray bool
	members []Member // of an object, without its items
	items   []Value  // of an array, or of an object's member items
	listed  bool     // there is such a member
}

// topValue reads the value at i in one pass. With an error it ends where that is,
// and holds what comes before.
func (p *Part) topValue(i int) (v topValue, err error) {
	b := p.text
	v.Value = Value{b, i, i}
	switch b[i] {
	case '[':
		v.isArray = true
		v.items, v.end, err = p.elements(i, p.limits.Depth)
		return v, err
	case '{':
	default:
		return v, errNoValue
	}
	at, more, err := enter(b, i)
	for more && err == nil {
		var m Member
		if m, err = memberAt(b, at); err != nil {
			at = m.Key
			break
		}
		if start := m.Value.start; m.Name == "items" && !v.listed && start < len(b) && b[start] == '[' {
			v.listed = true
			v.items, at, err = p.elements(start, p.limits.Depth-1)
		} else {
			at, err = valueEnd(b, start, p.limits.Depth-1)
			m.Value.end = at
			v.members = append(v.members, m)
		}
		if err == nil {
			at, more, err = next(b, at, '}')
		}
	}
	if v.end = at; err == nil {
		v.end++
	}
	return v, err
}

// elements returns the elements of the array at i and the offset behind it or,
// with an error, of that.
func (p *Part) elements(i, maxDepth int) (elements []Value, end int, err error) {
	at, more, err := enter(p.text, i)
	for more && err == nil {
		if end, err = valueEnd(p.text, at, maxDepth-1); err != nil {
			return elements, end, err
		}
		elements = append(elements, Value{p.text, at, end})
		at, more, err = next(p.text, end, ']')
	}
	if err == nil {
		at++
	}
	return elements, at, err
}

func (v topValue) text(name string) string {
	for _, m := range v.members {
		if m.Name == name {
			text, _ := m.Value.Text()
			return text
		}
	}
	return ""
}

func (v topValue) isList() bool { return v.listed && strings.HasSuffix(v.text("kind"), "List") }

func (v topValue) itemType() (apiVersion, kind string) {
	return itemType(v.text("apiVersion"), v.text("kind"))
}

func (p *Part) jsonError(err error, at place) *Error {
	text := "invalid JSON: " + err.Error()
	if errors.Is(err, errDepth) {
		text = p.limits.depthText()
	}
	return &Error{Line: at.line, Col: at.col, Text: text}
}

// nextLineObject returns where the next line begins with an object, which is
// how JSON lines and kubectl's output recover from a broken value.
func nextLineObject(text []byte, i int) int {
	if n := bytes.Index(text[i:], []byte("\n{")); n >= 0 {
		return i + n + 1
	}
	return len(text)
}

// itemType returns what the items of a list of that type are; of a plain List
// they say it themselves.
func itemType(apiVersion, kind string) (string, string) {
	if kind = strings.TrimSuffix(kind, "List"); kind == "" {
		return "", ""
	}
	return apiVersion, kind
}

// items cuts a YAML list in kubectl's layout into its items, and returns nil for
// any other text. In that layout each item begins with a dash in the first
// column and the rest of it is indented. YAML allows text where that is not so;
// an item cut in the wrong place leaves a quote or a bracket open, or names an
// anchor of another item, and cannot be read.
func (p *Part) items() []*Part {
	head, body, ok := bytes.Cut(p.text, []byte("\nitems:\n- "))
	if !ok {
		return nil
	}
	head = p.text[:len(head)+len("\nitems:\n")]
	body = p.text[len(head):]
	var parts []*Part
	line, from, i := p.start.line+bytes.Count(head, []byte{'\n'}), 0, 0
	fromLine := line
	cut := func() {
		if i > from {
			parts = append(parts, &Part{Whole: p, text: body[from:i], start: place{fromLine, 1}, limits: p.limits, form: yamlItem})
		}
		from, fromLine = i, line
	}
	for i < len(body) && strings.IndexByte("- #\r\n", body[i]) >= 0 {
		if body[i] == '-' {
			cut()
		}
		n := bytes.IndexByte(body[i:], '\n')
		if n < 0 {
			i = len(body)
			break
		}
		i += n + 1
		line++
	}
	cut()
	foot := body[i:]
	if !isPlainList(head, foot) {
		return nil
	}
	// The list itself, with blank lines for the items, so that lines count as before.
	rest := bytes.Join([][]byte{head, bytes.Repeat([]byte{'\n'}, bytes.Count(body[:i], []byte{'\n'})), foot}, nil)
	return append([]*Part{{Whole: p, text: rest, start: p.start, limits: p.limits}}, parts...)
}

// isPlainList reports whether the lines around the items say v1 List in so many
// words.
func isPlainList(head, foot []byte) bool {
	said := map[string]int{}
	for _, text := range [][]byte{head, foot} {
		for line := range bytes.Lines(text) {
			said[strings.TrimRight(string(line), " \r\n")]++
		}
	}
	return said["kind: List"] == 1 && said["apiVersion: v1"] == 1 && said["items:"] == 1
}

// toUTF8 drops a byte order mark and decodes the UTF-16 that Windows shells
// write.
func toUTF8(text []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(text, []byte{0xEF, 0xBB, 0xBF}):
		return text[3:]
	case bytes.HasPrefix(text, []byte{0xFF, 0xFE}):
		order = binary.LittleEndian
	case bytes.HasPrefix(text, []byte{0xFE, 0xFF}):
		order = binary.BigEndian
	default:
		return text
	}
	units := make([]uint16, len(text)/2-1)
	for i := range units {
		units[i] = order.Uint16(text[2*i+2:])
	}
	return []byte(string(utf16.Decode(units)))
}
