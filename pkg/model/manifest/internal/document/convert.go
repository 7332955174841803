package document

import (
	"errors"

	"go.yaml.in/yaml/v4"
)

func (p *Part) convert(root *yaml.Node) (*Document, error) {
	c := converter{part: p}
	if p.expanded(root, map[*yaml.Node]int{}) > p.limits.Document {
		return nil, p.errorAt(root, p.limits.sizeText()+", with all aliases expanded")
	}
	if err := c.value(root); err != nil {
		if f, ok := errors.AsType[*failure](err); ok {
			return nil, p.errorAt(f.at, f.text)
		}
		return nil, err
	}
	return c.finish(), nil
}

// expanded returns how many nodes the node stands for with all aliases expanded, up
// to some more than the limit: each makes a byte at least. What is within itself
// counts once; to refuse that is the converter's business.
func (p *Part) expanded(n *yaml.Node, known map[*yaml.Node]int) int {
	n = target(n)
	size, ok := known[n]
	if ok {
		return size
	}
	known[n] = 1
	size = 1
	for _, child := range n.Content {
		if size += p.expanded(child, known); size > p.limits.Document {
			break
		}
	}
	known[n] = size
	return size
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

// failure is why a node cannot be converted.
type failure struct {
	at   *yaml.Node
	text string
}

func (f *failure) Error() string { return f.text }

func fail(at *yaml.Node, text string) error { return &failure{at, text} }

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
		return fail(n, c.part.limits.sizeText())
	}
	if n.Kind == yaml.ScalarNode {
		return c.scalarNode(n)
	}
	if c.depth++; c.depth > c.part.limits.Depth {
		return fail(n, c.part.limits.depthText())
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
	default: // the parser makes nothing else of a document's inside
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
			return fail(from, c.part.limits.depthText())
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
