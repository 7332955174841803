package manifest

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	sigsjson "sigs.k8s.io/json"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/document"
)

// sheet is an object while it is read: where it stands and what is said of it.
type sheet struct {
	doc    *document.Document // nil for what a program holds
	file   string             // empty with it: then no places are known
	kind   kind
	ref    model.Ref
	out    *outcome
	failed bool

	namespace string // of an object that says none
}

// identify names the object, now that it says what it is called. One that names
// no namespace lies in the one it is applied to (NP42).
func (s *sheet) identify(o metav1.Object) {
	namespace := o.GetNamespace()
	switch {
	case s.kind.scope == clusterScope:
		namespace = ""
	case s.kind.scope == namespaceScope && namespace == "":
		namespace = s.namespace
	}
	s.ref = s.kind.ref(namespace, nameOf(o))
}

func (s *sheet) place(offset int) model.Place {
	if s.file == "" {
		return model.Place{}
	}
	line, col := s.doc.Position(offset)
	return model.Place{File: s.file, Line: line, Col: col}
}

// begin returns the offset of the object's first member.
func (s *sheet) begin() int {
	for m := range s.doc.Root().Members() {
		return m.Key
	}
	return s.doc.Root().Offset()
}

// offset returns where a field path was written.
func (s *sheet) offset(path string) int { return s.offsetOfValue(path, "") }

// offsetOfValue narrows the place of a map, such as a label selector's, to the
// member whose name or value is the one given.
func (s *sheet) offsetOfValue(path, value string) int {
	if s.doc == nil {
		return 0
	}
	offset, v := locate(s.doc, path)
	if value != "" {
		for m := range v.Members() {
			if text, _ := m.Value.Text(); m.Name == value || text == value {
				return placeOf(m)
			}
		}
	}
	return offset
}

func (s *sheet) error(offset int, path, text, hint string) *Error {
	return &Error{Place: s.place(offset), Object: s.ref, Path: path, Text: text, Hint: hint}
}

func (s *sheet) fail(offset int, path, text, hint string) {
	s.failed = true
	s.out.errs = append(s.out.errs, s.error(offset, path, text, hint))
}

func (s *sheet) failAt(path, text string) { s.fail(s.offset(path), path, text, "") }

func (s *sheet) finding(rule string, offset int, path, text string) model.Finding {
	return model.Finding{Rule: rule, Object: s.ref, Place: s.place(offset), Path: path, Text: text}
}

// gap records what this library does not understand in the rules of a server's
// object.
func (s *sheet) gap(o *object, rule string, offset int, path, text string) {
	o.origin.Gaps = append(o.origin.Gaps, model.Gap{Path: path, What: text, Place: s.place(offset)})
	o.findings = append(o.findings, s.finding(rule, offset, path, text))
}

// syntax returns an error of the JSON decoder about ill-formed JSON with its
// place.
func (s *sheet) syntax(err error) error {
	if isSyntax, offset := sigsjson.SyntaxErrorOffset(err); isSyntax {
		line, col := s.doc.Position(max(int(offset)-1, 0))
		return &document.Error{Line: line, Col: col, Text: "invalid JSON: " + err.Error()}
	}
	return err
}
