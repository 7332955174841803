package document

import (
	"bytes"
	"errors"
	"strings"
)

// values cuts JSON text into its values, lists and arrays into their items.
func (p *Part) values() []*Part {
	var parts []*Part
	at, here := 0, p.start
	moveTo := func(offset int) {
		if offset < at {
			at, here = 0, p.start
		}
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
		v, fault := p.topValue(i)
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
		case fault == nil && v.isPage():
			for _, item := range v.values {
				add(item)
			}
		case fault == nil:
			add(v.Value)
		}
		i = v.end
		if fault != nil {
			moveTo(fault.at)
			parts = append(parts, &Part{err: p.jsonError(fault.err, here)})
			i = nextLineObject(p.text, max(fault.at-1, v.start))
			if errors.Is(fault.err, errUnclosed) {
				i = len(p.text)
			}
		}
	}
	return parts
}

// fault is an error of syntax in JSON and its offset.
type fault struct {
	at  int
	err error
}

// topValue is a value at the top of a stream, looked into as far as it takes to
// recognise a list and its items.
type topValue struct {
	Value
	isArray bool
	members []Member // of an object, without its items
	items   []Value  // of an array, or of an object's member items
	listed  bool     // there is such a member
	values  []Value  // of a member value, which is among the members, too
}

// topValue reads the value at i in one pass. Beside a fault it holds what comes
// before that.
func (p *Part) topValue(i int) (v topValue, f *fault) {
	b := p.text
	v.Value = Value{b, i, i}
	switch b[i] {
	case '[':
		v.isArray = true
		v.items, v.end, f = p.elements(i, p.limits.Depth)
		return v, f
	case '{':
	default:
		return v, &fault{i, errNoValue}
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
			if v.items, at, f = p.elements(start, p.limits.Depth-1); f != nil {
				return v, f
			}
		} else {
			if at, err = valueEnd(b, start, p.limits.Depth-1); err != nil {
				break
			}
			m.Value.end = at
			if m.Name == "value" && b[start] == '[' {
				values, _, fault := p.elements(start, noLimit)
				if v.values = values; fault != nil {
					v.values = nil // the decoder's to refuse
				}
			}
			v.members = append(v.members, m)
		}
		at, more, err = next(b, at, '}')
	}
	if err != nil {
		return v, faultAt(err, at, i)
	}
	v.end = at + 1
	return v, nil
}

// elements returns the elements of the array at i and the offset behind it.
func (p *Part) elements(i, maxDepth int) (elements []Value, end int, f *fault) {
	at, more, err := enter(p.text, i)
	for more && err == nil {
		start := at
		if at, err = valueEnd(p.text, start, maxDepth-1); err != nil {
			break
		}
		elements = append(elements, Value{p.text, start, at})
		at, more, err = next(p.text, at, ']')
	}
	if err != nil {
		return elements, at, faultAt(err, at, i)
	}
	return elements, at + 1, nil
}

// faultAt places an error of what began at start: what does not end is at fault
// where it begins.
func faultAt(err error, at, start int) *fault {
	if errors.Is(err, errUnclosed) {
		at = start
	}
	return &fault{at, err}
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

// isPage reports whether the value is nothing but a list in the form of Azure's API,
// and all of it: one that goes on elsewhere says so.
func (v topValue) isPage() bool {
	for _, m := range v.members {
		switch {
		case m.Name == "value" || m.Name == "@odata.context" || m.Name == "count":
		case m.Name == "nextLink" && m.Value.Kind() == 'n':
		default:
			return false
		}
	}
	return !v.listed && len(v.values) > 0
}

func (v topValue) itemType() (apiVersion, kind string) {
	return ItemType(v.text("apiVersion"), v.text("kind"))
}

// ItemType returns what the items of a list of that type are; of a plain List
// they say it themselves.
func ItemType(apiVersion, kind string) (string, string) {
	if kind = strings.TrimSuffix(kind, "List"); kind == "" {
		return "", ""
	}
	return apiVersion, kind
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

// jsonListDocument returns the list as if its items had not been written.
func (p *Part) jsonListDocument() *Document {
	c := converter{part: p}
	at, here := 0, p.start
	c.out = append(c.out, '{')
	for i, m := range p.list {
		if i > 0 {
			c.out = append(c.out, ',')
		}
		here, at = advance(here, p.text[at:m.Key]), m.Key
		c.mark(here)
		c.out = appendString(c.out, m.Name)
		c.out = append(c.out, ':')
		here, at = advance(here, p.text[at:m.Value.start]), m.Value.start
		c.mark(here)
		c.out = append(c.out, m.Value.Raw()...)
	}
	c.out = append(c.out, '}')
	d := c.finish()
	d.yaml = nil
	return d
}
