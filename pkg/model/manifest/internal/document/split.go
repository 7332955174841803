package document

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// Split cuts a stream into parts without parsing more than it takes to find
// their ends. Whatever is wrong shows when a part is read.
func Split(text []byte, limits Limits) []*Part {
	limits = limits.WithDefaults()
	var parts []*Part
	for _, p := range cutAtMarkers(normalise(text), limits) {
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

// cutAtMarkers cuts a stream at the lines that begin a YAML document. Such a line
// is left out if it says nothing else, and directives stay with the document
// that follows them.
func cutAtMarkers(text []byte, limits Limits) []*Part {
	var parts []*Part
	from, directives := place{1, 1}, place{}
	begin, beginDirectives := 0, 0
	cut := func(end int) {
		if end > begin {
			parts = append(parts, &Part{text: text[begin:end], start: from, limits: limits})
		}
	}
	for i, line := 0, 1; i < len(text); line++ {
		next := len(text)
		if n := bytes.IndexByte(text[i:], '\n'); n >= 0 {
			next = i + n + 1
		}
		here := place{line, 1}
		says, isMarker := afterMarker(text[i:next])
		switch {
		case isMarker && directives.line > 0:
			cut(beginDirectives)
			begin, from = beginDirectives, directives
		case isMarker && says:
			cut(i)
			begin, from = i, here
		case isMarker:
			cut(i)
			begin, from = next, place{line + 1, 1}
		case text[i] == '%' && directives.line == 0:
			beginDirectives, directives = i, here
		}
		if text[i] != '%' && !blank(text[i:next]) {
			directives = place{}
		}
		i = next
	}
	cut(len(text))
	return parts
}

// afterMarker reports whether a line begins a document, and whether it says
// something behind the dashes that does so.
func afterMarker(line []byte) (says, isMarker bool) {
	rest, ok := bytes.CutPrefix(line, []byte("---"))
	if !ok || len(rest) > 0 && strings.IndexByte(" \t\r\n", rest[0]) < 0 {
		return false, false
	}
	rest = bytes.TrimSpace(rest)
	return len(rest) > 0 && rest[0] != '#', true
}

// blank reports whether nothing but space and comments is left.
func blank(text []byte) bool {
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] != '#' {
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

// normalise drops a byte order mark, decodes the UTF-16 that Windows shells write,
// and ends lines the way of Unix, which means the same in YAML and JSON.
func normalise(text []byte) []byte {
	switch {
	case bytes.HasPrefix(text, []byte{0xEF, 0xBB, 0xBF}):
		text = text[3:]
	case bytes.HasPrefix(text, []byte{0xFF, 0xFE}):
		text = fromUTF16(text[2:], binary.LittleEndian)
	case bytes.HasPrefix(text, []byte{0xFE, 0xFF}):
		text = fromUTF16(text[2:], binary.BigEndian)
	}
	if bytes.Contains(text, []byte("\r\n")) {
		text = bytes.ReplaceAll(text, []byte("\r\n"), []byte{'\n'})
	}
	return text
}

func fromUTF16(text []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(text)/2)
	for i := range units {
		units[i] = order.Uint16(text[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}
