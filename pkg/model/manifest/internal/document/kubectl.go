package document

import (
	"encoding/json"

	sigsyaml "sigs.k8s.io/yaml"
)

// sameForKubectl makes sure that kubectl's parser reads the same as the one
// used here for its line numbers. They are not of one mind about YAML's corners.
func (d *Document) sameForKubectl() error {
	at, text := 0, "invalid YAML: kubectl cannot read this document" // and why may quote a secret
	theirs, err := sigsyaml.YAMLToJSON(d.yaml.text)
	var value any
	if err == nil {
		err = json.Unmarshal(theirs, &value)
	}
	if err == nil {
		var differs bool
		if at, differs = difference(d.Root(), value); !differs {
			return nil
		}
		text = "kubectl reads this YAML in another way: put a space behind each colon and comma, and quotes around text"
	}
	line, col := d.Position(at)
	return &Error{Line: line, Col: col, Text: text}
}

// difference returns the offset of the first part of v that differs from a
// decoded value.
func difference(v Value, from any) (int, bool) {
	switch from := from.(type) {
	case map[string]any:
		if v.Kind() != '{' {
			return v.start, true
		}
		written := map[string]int{}
		for m := range v.Members() {
			if _, ok := from[m.Name]; !ok {
				return m.Key, true
			}
			written[m.Name]++
		}
		if len(written) != len(from) {
			return v.start, true
		}
		for m := range v.Members() {
			if written[m.Name] > 1 {
				continue // the decoder's to refuse; kubectl keeps one of them
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
