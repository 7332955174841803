package document

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

type form uint8

const (
	yamlText form = iota
	yamlItem      // one item of a block sequence
	jsonText
	jsonList // a list without its items
)

// MayBeYAML reports whether the part looks like JSON, but might be YAML in its
// flow style; see [Part.AsYAML].
func (p *Part) MayBeYAML() bool { return p.form == jsonText }

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
	for root, err := range p.nodes() {
		if err != nil {
			return nil, err
		}
		if len(docs) > 0 {
			return docs, p.errorAt(root, `kubectl ignores what follows "...": begin a document with "---"`)
		}
		d, err := p.convert(root)
		if err != nil {
			return nil, err
		}
		if err := d.sameForKubectl(); err != nil {
			return nil, err
		}
		if string(d.JSON) != "null" { // or nothing at all was written
			docs = append(docs, d)
		}
	}
	if len(docs) > 0 && p.form == yamlItem {
		return docs[0].onlyItem()
	}
	return docs, nil
}

// onlyItem returns the item that a part of a list holds.
func (d *Document) onlyItem() ([]*Document, error) {
	var items []*Document
	for _, e := range d.Root().Elements() {
		items = append(items, d.Extract(e))
	}
	if len(items) != 1 {
		return nil, &Error{Line: 1, Text: "not one item"} // never seen: the whole list is read instead
	}
	return items, nil
}
