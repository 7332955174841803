package document

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
)

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
	if end := bytes.Count(p.text, []byte{'\n'}); at.Line == 0 || at.Line > end && le.ContextMark.Line > 0 {
		at = le.ContextMark // what does not end is at fault where it begins
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
	return &Error{Line: max(at.Line, 1) + p.start.line - 1, Col: at.Column, Text: text, Hint: p.templateHint()}
}

func (p *Part) errorAt(n *yaml.Node, text string) *Error {
	return &Error{Line: n.Line + p.start.line - 1, Col: n.Column, Text: text, Hint: p.templateHint()}
}

// templateHint is the remedy for text that some program was to render first.
func (p *Part) templateHint() string {
	if bytes.Contains(p.text, []byte("{{")) {
		return `if this is a template, render it first, say with "helm template"`
	}
	return ""
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
