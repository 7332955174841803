package document

import (
	"bytes"
	"strings"
)

// plain reads the YAML that people and kubectl write nearly always: block
// mappings and sequences, scalars on one line, literal blocks, and flow
// collections of simple scalars on one line, all in ASCII. It makes JSON of it
// without a parser and several times faster. At the first doubt it gives up,
// and the document takes the long way.
type plain struct {
	converter
	text []byte

	// The position: an offset into text, with its line and column from 0, and
	// where the line ends. A position at the end of the text has column -1.
	at, line, col, eol int
	done               int // offset of the next line
}

// plainDocument reads a part that is one document of plain YAML.
func (p *Part) plainDocument() (*Document, bool) {
	if !isPlainText(p.text) {
		return nil, false
	}
	r := plain{converter: converter{part: p}, text: p.text, line: -1}
	r.out = make([]byte, 0, len(p.text)+len(p.text)/8)
	r.marks = make([]mark, 0, len(p.text)/12)
	r.nextLine()
	switch {
	case r.col != 0:
		return nil, false
	case p.form == yamlItem:
		if !r.isDash() || !r.item(0) {
			return nil, false
		}
	case !r.isKey() || !r.mapping():
		return nil, false
	}
	if r.col >= 0 {
		return nil, false
	}
	return r.finish(), true
}

// isPlainText reports whether the text is printable ASCII in lines.
func isPlainText(text []byte) bool {
	for _, c := range text {
		if c < ' ' && c != '\n' || c > '~' {
			return false
		}
	}
	return true
}

// nextLine moves to the next line that says something.
func (r *plain) nextLine() {
	for r.done < len(r.text) {
		start := r.done
		r.line++
		r.done = len(r.text)
		r.eol = len(r.text)
		if n := bytes.IndexByte(r.text[start:], '\n'); n >= 0 {
			r.eol = start + n
			r.done = r.eol + 1
		}
		for r.eol > start && r.text[r.eol-1] == ' ' {
			r.eol--
		}
		r.at = start
		for r.at < r.eol && r.text[r.at] == ' ' {
			r.at++
		}
		r.col = r.at - start
		if r.at < r.eol && r.text[r.at] != '#' {
			return
		}
	}
	r.at, r.eol, r.col = len(r.text), len(r.text), -1
}

// rest returns what the line says from the position on, without a comment.
func (r *plain) rest() []byte {
	s := r.text[r.at:r.eol]
	if i := bytes.Index(s, []byte(" #")); i >= 0 {
		s = bytes.TrimRight(s[:i], " ")
	}
	return s
}

// forward moves the position on its line, and over spaces.
func (r *plain) forward(to int) {
	for to < r.eol && r.text[to] == ' ' {
		to++
	}
	r.col += to - r.at
	r.at = to
}

// atEnd reports whether nothing but a comment follows on the line. The position
// is behind a space.
func (r *plain) atEnd() bool { return r.at == r.eol || r.text[r.at] == '#' }

func (r *plain) here() place { return place{r.line + r.part.start.line, r.col + 1} }

// isDash reports whether an item of a sequence begins at the position.
func (r *plain) isDash() bool {
	return r.col >= 0 && r.text[r.at] == '-' && (r.at+1 == r.eol || r.text[r.at+1] == ' ')
}

// keyEnd returns the offset of the colon behind the key at the position. In flow
// style a key without quotes must be simple all through.
func (r *plain) keyEnd(inFlow bool) (int, bool) {
	if r.at >= r.eol {
		return 0, false
	}
	const longest = 512 // YAML has a limit for keys, too
	line := r.text[r.at:min(r.eol, r.at+longest)]
	end := 0
	switch first := line[0]; {
	case first == '"' || first == '\'':
		n := bytes.IndexByte(line[1:], first)
		if n < 0 || bytes.IndexByte(line[1:1+n], '\\') >= 0 {
			return 0, false
		}
		end = n + 2
	case first == '-' || !isSimple(first) || bytes.HasPrefix(line, []byte("...")):
		return 0, false
	default:
		for end < len(line) && (isSimple(line[end]) || !inFlow && (line[end] != ':' || end+1 < len(line) && line[end+1] != ' ')) {
			end++
		}
		if bytes.Contains(line[:end], []byte(" #")) || line[end-1] == ' ' {
			return 0, false
		}
	}
	return r.at + end, end < len(line) && end < longest-1 && line[end] == ':' && (end+1 == len(line) || line[end+1] == ' ')
}

func (r *plain) isKey() bool { _, ok := r.keyEnd(false); return ok }

// isSimple reports whether the byte means nothing but itself anywhere in a plain
// scalar.
func isSimple(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.' || c == '/'
}

// block reads the mapping or sequence at the position.
func (r *plain) block() bool {
	switch {
	case r.isDash():
		return r.sequence()
	case r.isKey():
		return r.mapping()
	}
	return false
}

func (r *plain) deeper() bool { r.depth++; return r.depth <= r.part.limits.Depth }

// mapping reads the mapping whose first key is at the position, and moves to
// the line behind it.
func (r *plain) mapping() bool {
	if !r.deeper() {
		return false
	}
	col := r.col
	r.mark(r.here())
	r.out = append(r.out, '{')
	for {
		colon, ok := r.keyEnd(false)
		if !ok {
			return false
		}
		key := r.here()
		if !r.key(colon) {
			return false
		}
		r.forward(colon + 1)
		if r.atEnd() {
			r.nextLine()
			switch {
			case r.col > col || r.col == col && r.isDash():
				ok = r.block()
			default:
				r.mark(key)
				r.out = append(r.out, "null"...)
			}
		} else {
			ok = r.scalarOrFlow(col)
		}
		if !ok || r.col > col {
			return false
		}
		if r.col < col || r.isDash() {
			break
		}
		r.out = append(r.out, ',')
	}
	r.depth--
	r.out = append(r.out, '}')
	return true
}

// key writes the key that ends at the colon.
func (r *plain) key(colon int) bool {
	r.mark(r.here())
	text := r.text[r.at:colon]
	ok := true
	switch {
	case text[0] == '"' || text[0] == '\'':
		r.out = appendString(r.out, text[1:len(text)-1])
	case !mayMeanMore(text):
		r.out = appendString(r.out, text)
	default:
		var name string
		name, ok = r.name(scalar{text: string(text)})
		r.out = appendString(r.out, name)
	}
	r.out = append(r.out, ':')
	return ok
}

// plainScalar writes a scalar without quotes.
func (r *plain) plainScalar(text []byte) bool {
	switch {
	case !mayMeanMore(text):
		r.out = appendString(r.out, text)
	case isDecimal(text):
		r.out = append(r.out, text...)
	default:
		return r.scalar(scalar{text: string(text)})
	}
	return true
}

// sequence reads the sequence whose first dash is at the position, and moves to
// the line behind it.
func (r *plain) sequence() bool {
	if !r.deeper() {
		return false
	}
	col := r.col
	r.mark(r.here())
	r.out = append(r.out, '[')
	for {
		if !r.item(col) || r.col > col {
			return false
		}
		if r.col < col || !r.isDash() {
			break
		}
		r.out = append(r.out, ',')
	}
	r.depth--
	r.out = append(r.out, ']')
	return true
}

// item reads the item whose dash is at the position.
func (r *plain) item(col int) bool {
	dash := r.here()
	r.forward(r.at + 1)
	switch {
	case !r.atEnd() && (r.isDash() || r.isKey()):
		return r.block()
	case !r.atEnd():
		return r.scalarOrFlow(col)
	}
	r.nextLine()
	if r.col > col {
		return r.block()
	}
	r.mark(dash)
	r.out = append(r.out, "null"...)
	return true
}

// scalarOrFlow reads a value that begins within a line, and moves to the line
// behind it, which must not be indented deeper than the collection around the
// value: else the value might go on there.
func (r *plain) scalarOrFlow(parent int) bool {
	r.mark(r.here())
	switch c := r.text[r.at]; c {
	case '|':
		return r.literal(parent)
	case '[', '{':
		if !r.flow() {
			return false
		}
	case '"', '\'':
		if !r.quoted() {
			return false
		}
	default:
		text := r.rest()
		if strings.IndexByte(",]}#&*!>%@`?:", c) >= 0 || c == '-' && (len(text) < 2 || text[1] == ' ') ||
			bytes.Contains(text, []byte(": ")) || bytes.HasSuffix(text, []byte(":")) || !r.plainScalar(text) {
			return false
		}
		r.at = r.eol
	}
	if !r.atEnd() {
		return false
	}
	r.nextLine()
	return r.col <= parent
}

// quoted reads a quoted scalar without escapes and moves behind it.
func (r *plain) quoted() bool {
	quote := r.text[r.at]
	n := bytes.IndexByte(r.text[r.at+1:r.eol], quote)
	if n < 0 {
		return false
	}
	text := r.text[r.at+1 : r.at+1+n]
	if bytes.IndexByte(text, '\\') >= 0 && quote == '"' {
		return false
	}
	r.out = appendString(r.out, text)
	end := r.at + n + 2
	r.forward(end)
	return r.at > end || r.at == r.eol || strings.IndexByte(",]}", r.text[r.at]) >= 0
}

// flow reads a flow collection that ends on the line and moves behind it.
func (r *plain) flow() bool {
	open := r.text[r.at]
	shut := open + 2 // in ASCII, [ and ] as well as { and } are two apart
	if !r.deeper() {
		return false
	}
	r.out = append(r.out, open)
	r.forward(r.at + 1)
	for n := 0; r.at < r.eol && (n == 0 || r.text[r.at] != shut); n++ {
		if n == 0 && r.text[r.at] == shut {
			break
		}
		if n > 0 {
			if r.text[r.at] != ',' {
				return false
			}
			r.out = append(r.out, ',')
			r.forward(r.at + 1)
		}
		if open == '{' {
			colon, ok := r.keyEnd(true)
			if !ok || !r.key(colon) {
				return false
			}
			r.forward(colon + 1)
		}
		if !r.flowValue() {
			return false
		}
	}
	if r.at >= r.eol {
		return false
	}
	r.depth--
	r.out = append(r.out, shut)
	end := r.at + 1
	r.forward(end)
	return r.at > end || r.at == r.eol || strings.IndexByte(",]}", r.text[r.at]) >= 0
}

func (r *plain) flowValue() bool {
	if r.at >= r.eol {
		return false
	}
	r.mark(r.here())
	switch c := r.text[r.at]; c {
	case '[', '{':
		return r.flow()
	case '"', '\'':
		return r.quoted()
	}
	end := r.at
	for end < r.eol && (isSimple(r.text[end]) || r.text[end] == '*' && end > r.at) {
		end++
	}
	text := r.text[r.at:end]
	if len(text) == 0 || text[0] == '-' || end == r.eol || strings.IndexByte(" ,]}", r.text[end]) < 0 || !r.plainScalar(text) {
		return false
	}
	r.forward(end)
	return r.at < r.eol && strings.IndexByte(",]}", r.text[r.at]) >= 0
}

// literal reads a literal block and moves to the line behind it.
func (r *plain) literal(parent int) bool {
	header := string(r.rest())
	if header != "|" && header != "|-" && header != "|+" {
		return false
	}
	var text []byte
	indent, i := -1, r.done
	for i < len(r.text) {
		end, next := len(r.text), len(r.text)
		if n := bytes.IndexByte(r.text[i:], '\n'); n >= 0 {
			end, next = i+n, i+n+1
		}
		spaces := 0
		for i+spaces < end && r.text[i+spaces] == ' ' {
			spaces++
		}
		blank := i+spaces == end
		switch {
		case indent < 0 && blank:
			return false // the indentation is hard to tell
		case indent < 0 && spaces <= parent:
			return false
		case indent < 0:
			indent = spaces
		case !blank && spaces < indent:
			next = -1
		}
		if next < 0 {
			break
		}
		if blank {
			text = append(text, r.text[min(i+indent, end):end]...)
		} else {
			text = append(text, r.text[i+indent:end]...)
		}
		text = append(text, '\n')
		r.line++
		i = next
	}
	if indent < 0 || len(r.text) > 0 && r.text[len(r.text)-1] != '\n' && i == len(r.text) {
		return false
	}
	body := bytes.TrimRight(text, "\n")
	switch header {
	case "|":
		text = text[:len(body)+1]
	case "|-":
		text = body
	}
	r.out = appendString(r.out, text)
	r.done = i
	r.nextLine()
	return r.col <= parent
}
