package model

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Place is where something was written. Line and Col count from 1; Col is 0
// when only the line is known, and the zero Place belongs to what was built by
// code.
type Place struct {
	File string
	Line int
	Col  int
}

// IsZero reports whether nothing is known of the place.
func (p Place) IsZero() bool { return p == Place{} }

// String returns file:line:col, without the parts that are not known.
func (p Place) String() string {
	s := p.File
	if p.Line > 0 {
		s += ":" + strconv.Itoa(p.Line)
		if p.Col > 0 {
			s += ":" + strconv.Itoa(p.Col)
		}
	}
	return s
}

// Short returns file:line, the form that explanations print.
func (p Place) Short() string { return Place{File: p.File, Line: p.Line}.String() }

// Compare orders places by file, line and column.
func (p Place) Compare(q Place) int {
	return cmp.Or(
		strings.Compare(p.File, q.File),
		cmp.Compare(p.Line, q.Line),
		cmp.Compare(p.Col, q.Col),
	)
}

// Origin is where an object came from and how far it can be trusted.
type Origin struct {
	// Place is the first line of the object.
	Place Place

	// Server is true of an object that an API server handed out: its
	// metadata.uid or resourceVersion is set. Such an object was admitted.
	Server bool

	// Gaps are the parts of a server's object that this library does not
	// model, in document order, and of a template's resource those that hang on
	// an expression, whether it is deployed among them. An authored object of
	// Kubernetes has none: there they are errors. Engines treat the answers that
	// rest on the object as undecided.
	Gaps []Gap

	// Fields are the places of the object's parts, as far as recorded.
	Fields Fields

	// Credentials are those of a ConfigMap's values that look like credentials, by
	// path. The values themselves are dropped, and not even a part of them is kept.
	Credentials []Credential
}

// Credential is a value that was dropped and that looks like a credential.
type Credential struct {
	Path  string // field path, such as data.settings
	Kind  string // what it looks like, for people, such as "a private key"
	Place Place
}

// At returns the place of the field path, such as spec.ingress[0].from[1], or
// of the nearest recorded part around it; at worst the object's own place.
func (o Origin) At(path string) Place {
	for path != "" {
		if line, col, ok := o.Fields.at(path); ok {
			return Place{File: o.Place.File, Line: line, Col: col}
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return o.Place
}

// Doubt says why the object may not be as it says, or not be there at all, by the
// first of its gaps; empty if it has none.
func (o Origin) Doubt() string {
	if len(o.Gaps) == 0 {
		return ""
	}
	if g := o.Gaps[0]; g.Path != DeploymentCondition {
		return g.Path + ": " + g.What
	}
	return o.Gaps[0].What
}

// DeploymentCondition is the path of the gap in a template's resource of which it is not
// known whether it is deployed.
const DeploymentCondition = "condition"

// Gap is one part of an object that this library does not model.
type Gap struct {
	Path  string // field path, such as spec.ingress[0].appProtocol
	What  string // what is wrong with it, for people
	Place Place
}

// Fields maps the field paths of one object to lines and columns. The zero
// Fields knows none.
type Fields struct {
	entries []field // sorted by path
}

type field struct {
	path      string
	line, col int32
}

// FieldsBuilder collects the places of an object's parts.
type FieldsBuilder struct{ entries []field }

// Add records that the field path was written at line and col.
func (b *FieldsBuilder) Add(path string, line, col int) {
	b.entries = append(b.entries, field{path, int32(line), int32(col)})
}

// Fields returns what was collected; of a path added twice, one stays.
func (b *FieldsBuilder) Fields() Fields {
	slices.SortStableFunc(b.entries, func(x, y field) int { return strings.Compare(x.path, y.path) })
	return Fields{entries: slices.Clip(b.entries)}
}

// Has reports whether the place of the field path itself is recorded.
func (f Fields) Has(path string) bool {
	_, _, ok := f.at(path)
	return ok
}

func (f Fields) at(path string) (line, col int, ok bool) {
	i, ok := slices.BinarySearchFunc(f.entries, path, func(e field, p string) int { return strings.Compare(e.path, p) })
	if !ok {
		return 0, 0, false
	}
	return int(f.entries[i].line), int(f.entries[i].col), true
}
