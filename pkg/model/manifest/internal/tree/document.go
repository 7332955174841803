package tree

import (
	"encoding/json"

	"github.com/aksim/aksim/pkg/model/manifest/internal/document"
)

// Of returns what a document says. Its JSON must be well formed.
func Of(d *document.Document) Node { return of(d, d.Root()) }

func of(d *document.Document, v document.Value) Node {
	n := Node{}
	n.Line, n.Col = d.Position(v.Offset())
	switch v.Kind() {
	case '{':
		n.Kind = Object
		for m := range v.Members() {
			line, col := d.Position(m.Key)
			n.Members = append(n.Members, Member{Name: m.Name, Line: line, Col: col, Value: of(d, m.Value)})
		}
	case '[':
		n.Kind = List
		for _, e := range v.Elements() {
			n.Items = append(n.Items, of(d, e))
		}
	case '"':
		n.Kind = String
		n.Text, _ = v.Text()
	case 'n':
		n.Kind = Null
	case 't', 'f':
		n.Kind, n.Text = Bool, string(v.Raw())
	case 0:
		return Node{}
	default:
		n.Kind, n.Text = Number, string(v.Raw())
	}
	return n
}

// Parse returns what JSON text says that stands in a string of a document: all of it is
// at the place of the string. It returns false if the text is no JSON.
func Parse(text string, at Node) (Node, bool) {
	if !json.Valid([]byte(text)) {
		return Node{}, false
	}
	return Of(document.FromJSON([]byte(text))).at(at.Line, at.Col), true
}

func (n Node) at(line, col int) Node {
	n.Line, n.Col = line, col
	for i := range n.Items {
		n.Items[i] = n.Items[i].at(line, col)
	}
	for i := range n.Members {
		m := &n.Members[i]
		m.Line, m.Col, m.Value = line, col, m.Value.at(line, col)
	}
	return n
}
