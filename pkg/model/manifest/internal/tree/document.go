package tree

import "github.com/aksim/aksim/pkg/model/manifest/internal/document"

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
