package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
	sigsyaml "sigs.k8s.io/yaml"
)

// Documents reads the part. It may return documents beside an error.
func (p *Part) Documents() ([]*Document, error) {
	switch {
	case p.err != nil:
		return nil, p.err
	case p.form == jsonList:
		return []*Document{p.jsonListDocument()}, nil
	case len(p.text) > p.limits.Document:
		return nil, &Error{Line: p.start.line, Col: p.start.col, Text: p.limits.sizeText()}
	case p.form == jsonText:
		d := fromJSON(p.text, p.start)
		d.APIVersion, d.Kind = p.apiVersion, p.kind
		return []*Document{d}, nil
	}
	if d, ok := p.plainDocument(); ok {
		return []*Document{d}, nil
	}
	return p.AsYAML()
}

// AsYAML reads the part as YAML, of which JSON is a dialect: what is no JSON may
// still be YAML.
func (p *Part) AsYAML() ([]*Document, error) {
	var docs []*Document
	c := converter{part: p}
	roots := 0
	for root, err := range p.nodes() {
		if err != nil {
			return docs, err
		}
		if roots++; roots > 1 {
			return docs, p.errorAt(root, `kubectl ignores what follows "...": begin a document with "---"`)
		}
		if docs, err = c.documents(root); err != nil {
			return docs, err
		}
		if err := c.sameForKubectl(root); err != nil {
			return nil, err
		}
	}
	return docs, nil
}

// sameForKubectl makes sure that kubectl's parser reads the same as the one
// used here for its line numbers. They are not of one mind about YAML's corners.
func (c *converter) sameForKubectl(root *yaml.Node) error {
	d, err := c.document(root)
	if err != nil {
		return err
	}
	theirs, err := sigsyaml.YAMLToJSON(c.part.text)
	if err != nil { // which may quote a secret
		return c.part.errorAt(root, "invalid YAML: kubectl cannot read this document")
	}
	var value any
	if err := json.Unmarshal(theirs, &value); err != nil {
		return c.part.errorAt(root, "invalid YAML: kubectl cannot read this document")
	}
	if at, ok := difference(d.Root(), value); ok {
		line, col := d.Position(at)
		return &Error{Line: line, Col: col, Text: "kubectl reads this YAML in another way: put a space behind each colon and comma, and quotes around text"}
	}
	return nil
}

// difference returns the offset of the first part of v that differs from a
// decoded value.
func difference(v Value, from any) (int, bool) {
	switch from := from.(type) {
	case map[string]any:
		if v.Kind() != '{' {
			return v.start, true
		}
		last := map[string]int{} // of a name written twice the last counts
		for m := range v.Members() {
			if _, ok := from[m.Name]; !ok {
				return m.Key, true
			}
			last[m.Name] = m.Key
		}
		if len(last) != len(from) {
			return v.start, true
		}
		for m := range v.Members() {
			if last[m.Name] != m.Key {
				continue
			}
			if at, ok := difference(m.Value, from[m.Name]); ok {
				return at, true
			}
		}
	case []any:
		if v.Kind() != '[' {
			return v.start, true
		}
		n := 0
		for i, e := range v.Elements() {
			n++
			if i >= len(from) {
				return e.start, true
			}
			if at, ok := difference(e, from[i]); ok {
				return at, true
			}
		}
		return v.start, n != len(from)
	default:
		var mine any
		if json.Unmarshal(v.Raw(), &mine) != nil || mine != from {
			return v.start, true
		}
	}
	return 0, false
}

func (p *Part) errorAt(n *yaml.Node, text string) *Error {
	return &Error{Line: n.Line + p.start.line - 1, Col: n.Column, Text: text}
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
	d.List, d.yaml = true, nil
	return d
}

// nodes yields the roots of the YAML documents in the part.
func (p *Part) nodes() func(yield func(*yaml.Node, error) bool) {
	return func(yield func(*yaml.Node, error) bool) {
		l, err := yaml.NewLoader(bytes.NewReader(p.text), yaml.WithPlugin(depthLimit{p.limits}))
		if err != nil {
			yield(nil, err)
			return
		}
		for {
			var root yaml.Node
			err := l.Load(&root)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(nil, p.yamlError(err))
				return
			}
			if len(root.Content) > 0 && !yield(root.Content[0], nil) {
				return
			}
		}
	}
}

func (p *Part) yamlError(err error) *Error {
	var le *yaml.LoadError
	if !errors.As(err, &le) {
		return &Error{Line: p.start.line, Col: p.start.col, Text: "invalid YAML: " + err.Error()}
	}
	at := le.Mark
	if at.Line == 0 {
		at = le.ContextMark
	}
	text := le.Message
	if le.ContextMsg != "" {
		text = le.ContextMsg + ": " + text
	}
	switch {
	case strings.Contains(text, errDepth.Error()):
		text = p.limits.depthText()
	case strings.Contains(text, "unknown anchor"): // names it, and it may be a password that lacks quotes
		text = "invalid YAML: no anchor of this alias's name comes before it"
	default:
		text = "invalid YAML: " + text
	}
	e := &Error{Line: max(at.Line, 1) + p.start.line - 1, Col: at.Column, Text: text}
	if bytes.Contains(p.text, []byte("{{")) {
		e.Hint = `if this is a template, render it first, say with "helm template"`
	}
	return e
}

type depthLimit struct{ limits Limits }

func (d depthLimit) CheckDepth(depth int, _ *yaml.DepthContext) error {
	if depth > d.limits.Depth {
		return errDepth
	}
	return nil
}

func (d depthLimit) CheckAlias(int, int) error { return nil } // the converter counts them

// scalarAt returns the plain scalar written at a place. To that end the part is
// parsed anew, once: only messages about what was misread ask.
func (p *Part) scalarAt(at place) (string, bool) {
	if p.scalars == nil {
		p.scalars = map[place]string{}
		var collect func(n *yaml.Node)
		collect = func(n *yaml.Node) {
			if n.Kind == yaml.ScalarNode && n.Style == 0 {
				p.scalars[place{n.Line + p.start.line - 1, n.Column}] = n.Value
			}
			for _, child := range n.Content {
				collect(child)
			}
		}
		for root, err := range p.nodes() {
			if err != nil {
				break
			}
			collect(root)
		}
	}
	s, ok := p.scalars[at]
	return s, ok
}

// converter turns YAML nodes into JSON and marks.
type converter struct {
	part    *Part
	out     []byte
	marks   []mark
	depth   int
	merged  int                 // members that merge keys have brought
	open    map[*yaml.Node]bool // anchors whose aliases are being expanded
	scalars map[scalar]string   // the JSON of those that took asking
}

// failure is how a conversion ends early.
type failure struct {
	at   *yaml.Node
	text string
}

func (f *failure) Error() string { return f.text }

func fail(at *yaml.Node, format string, args ...any) error {
	return &failure{at, fmt.Sprintf(format, args...)}
}

// documents converts a root, a list or sequence item by item. One item that
// cannot be converted does not hide the others.
func (c *converter) documents(root *yaml.Node) ([]*Document, error) {
	var docs []*Document
	var errs []error
	add := func(d *Document, err error) {
		if err != nil {
			var f *failure
			if errors.As(err, &f) {
				err = c.part.errorAt(f.at, f.text)
			}
			errs = append(errs, err)
			return
		}
		docs = append(docs, d)
	}
	root = target(root)
	switch {
	case root.Kind == yaml.SequenceNode:
		if c.part.form == yamlItem && len(root.Content) != 1 {
			return nil, &Error{Line: c.part.start.line, Col: 1, Text: "not one item"}
		}
		for _, item := range root.Content {
			add(c.document(item))
		}
	case root.Kind == yaml.MappingNode:
		if items, apiVersion, kind, ok := c.listItems(root); ok {
			list, err := c.document(without(root, items))
			if list != nil {
				list.List = true
			}
			add(list, err)
			apiVersion, kind = itemType(apiVersion, kind)
			for _, item := range items.Content {
				d, err := c.document(item)
				if d != nil {
					d.APIVersion, d.Kind = apiVersion, kind
				}
				add(d, err)
			}
			break
		}
		add(c.document(root))
	default:
		if d, err := c.document(root); err != nil || string(d.JSON) != "null" {
			add(d, err)
		}
	}
	return docs, errors.Join(errs...)
}

// listItems returns the items of a list. A list whose items were cut out
// before has none and is one all the same.
func (c *converter) listItems(root *yaml.Node) (items *yaml.Node, apiVersion, kind string, ok bool) {
	for i := 0; i+1 < len(root.Content); i += 2 {
		value := target(root.Content[i+1])
		switch root.Content[i].Value {
		case "apiVersion":
			apiVersion = value.Value
		case "kind":
			kind = value.Value
		case "items":
			items = value
		}
	}
	if !strings.HasSuffix(kind, "List") || items == nil {
		return nil, "", "", false
	}
	return items, apiVersion, kind, items.Kind == yaml.SequenceNode || items.Kind == yaml.ScalarNode && items.Value == ""
}

func without(mapping, value *yaml.Node) *yaml.Node {
	m := *mapping
	m.Content = nil
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if target(mapping.Content[i+1]) != value {
			m.Content = append(m.Content, mapping.Content[i:i+2]...)
		}
	}
	return &m
}

func (c *converter) document(n *yaml.Node) (*Document, error) {
	c.out, c.marks = nil, nil
	if err := c.value(n); err != nil {
		return nil, err
	}
	return c.finish(), nil
}

func (c *converter) finish() *Document {
	return &Document{JSON: c.out, marks: c.marks, yaml: c.part}
}

func (c *converter) mark(p place) {
	c.marks = append(c.marks, mark{int32(len(c.out)), int32(p.line), int32(p.col)})
}

func (c *converter) markNode(n *yaml.Node) {
	c.mark(place{n.Line + c.part.start.line - 1, n.Column})
}

// value appends the JSON of a node.
func (c *converter) value(n *yaml.Node) error {
	if n.Kind == yaml.AliasNode {
		t := target(n)
		if c.open[t] {
			return fail(n, "this alias is part of what it stands for")
		}
		if c.open == nil {
			c.open = map[*yaml.Node]bool{}
		}
		c.open[t] = true
		defer delete(c.open, t)
		n = t
	}
	c.markNode(n)
	if len(c.out) > c.part.limits.Document {
		return fail(n, "%s", c.part.limits.sizeText())
	}
	if n.Kind == yaml.ScalarNode {
		return c.scalarNode(n)
	}
	if c.depth++; c.depth > c.part.limits.Depth {
		return fail(n, "%s", c.part.limits.depthText())
	}
	defer func() { c.depth-- }()
	switch n.Kind {
	case yaml.MappingNode:
		return c.mapping(n)
	case yaml.SequenceNode:
		c.out = append(c.out, '[')
		for i, item := range n.Content {
			if i > 0 {
				c.out = append(c.out, ',')
			}
			if err := c.value(item); err != nil {
				return err
			}
		}
		c.out = append(c.out, ']')
	}
	return nil
}

func (c *converter) mapping(n *yaml.Node) error {
	pairs, err := c.pairs(n)
	if err != nil {
		return err
	}
	c.out = append(c.out, '{')
	for i, p := range pairs {
		if i > 0 {
			c.out = append(c.out, ',')
		}
		c.markNode(p.key)
		c.out = appendString(c.out, p.name)
		c.out = append(c.out, ':')
		if err := c.value(p.value); err != nil {
			return err
		}
	}
	c.out = append(c.out, '}')
	return nil
}

type pair struct {
	name       string
	key, value *yaml.Node
	merged     bool
}

// pairs returns the members of a mapping with merge keys resolved the way
// kubectl's parser does: whatever comes later wins, be it merged or written.
func (c *converter) pairs(n *yaml.Node) ([]pair, error) {
	pairs := make([]pair, 0, len(n.Content)/2)
	var byName map[string]int // needed from the first merge on
	add := func(p pair) {
		if byName != nil {
			if i, ok := byName[p.name]; ok && (p.merged || pairs[i].merged) {
				pairs[i] = p
				return
			}
			byName[p.name] = len(pairs)
		}
		pairs = append(pairs, p)
	}
	var merge func(from *yaml.Node, depth int) error
	members := func(m *yaml.Node, merged bool, depth int) error {
		for i := 0; i+1 < len(m.Content); i += 2 {
			key, value := m.Content[i], m.Content[i+1]
			if isMerge(key) {
				if byName == nil {
					byName = make(map[string]int, len(pairs))
					for i, p := range pairs {
						byName[p.name] = i
					}
				}
				if err := merge(value, depth+1); err != nil {
					return err
				}
				continue
			}
			name, err := c.nodeName(key)
			if err != nil {
				return err
			}
			add(pair{name, key, value, merged})
		}
		return nil
	}
	merge = func(from *yaml.Node, depth int) error {
		if depth > c.part.limits.Depth {
			return fail(from, "%s", c.part.limits.depthText())
		}
		if t := target(from); t.Kind == yaml.MappingNode {
			// Mappings that merge others that merge others may stand for very many.
			const most = 1 << 20
			if c.merged += 1 + len(t.Content); c.merged > most {
				return fail(from, "too much to merge")
			}
			return members(t, true, depth)
		}
		if from.Kind == yaml.SequenceNode { // the first of several wins
			for i := range from.Content {
				one := from.Content[len(from.Content)-1-i]
				if target(one).Kind != yaml.MappingNode {
					return fail(one, "want a mapping to merge")
				}
				if err := merge(one, depth); err != nil {
					return err
				}
			}
			return nil
		}
		return fail(from, "want a mapping to merge")
	}
	return pairs, members(n, false, 0)
}

func isMerge(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Value == "<<" &&
		(key.Style == 0 || key.Style&yaml.TaggedStyle != 0 && key.Tag == "!!merge")
}

// target returns what an alias stands for, and other nodes themselves.
func target(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	return n
}
