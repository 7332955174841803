package manifest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/document"
)

// locate returns where in the document's JSON a field path was written, or the
// nearest part around it, and the value there.
func locate(d *document.Document, path string) (offset int, v document.Value) {
	v = d.Root()
	offset = v.Offset()
	for segment := range segments(path) {
		if v.Kind() == '[' {
			n, err := strconv.Atoi(segment)
			found := false
			for i, e := range v.Elements() {
				if err == nil && i == n {
					v, offset, found = e, e.Offset(), true
					break
				}
			}
			if !found {
				break
			}
			continue
		}
		m, ok := v.Member(segment)
		if !ok {
			break
		}
		v, offset = m.Value, placeOf(m)
	}
	return offset, v
}

// placeOf returns the place of a member: that of its name, if the value has more
// than one part or none, and that of the value otherwise.
func placeOf(m document.Member) int {
	switch m.Value.Kind() {
	case '{', '[', 'n':
		return m.Key
	}
	return m.Value.Offset()
}

// segments yields the names and indices of a field path, such as a, 0 and b/c of
// a[0][b/c].
func segments(path string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for path != "" {
			var segment string
			if strings.HasPrefix(path, "[") {
				segment, path, _ = strings.Cut(path[1:], "]")
			} else {
				path = strings.TrimPrefix(path, ".")
				end := strings.IndexAny(path, ".[")
				if end < 0 {
					end = len(path)
				}
				segment, path = path[:end], path[end:]
			}
			if !yield(segment) {
				return
			}
		}
	}
}

// child and element extend a field path.
func child(path, name string) string {
	switch {
	case !isPlainName(name):
		return path + "[" + name + "]"
	case path == "":
		return name
	}
	return path + "." + name
}

func element(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// isPlainName reports whether a name can stand in a field path as it is.
func isPlainName(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '-', c == '$':
		default:
			return false
		}
	}
	return name != ""
}

// recorded says, by kind, of which fields the places outlive loading.
var recorded = map[string][]string{ //nolint:gochecknoglobals // a constant table
	"NetworkPolicy":      {"spec"},
	"Role":               {"rules"},
	"ClusterRole":        {"rules", "aggregationRule"},
	"RoleBinding":        {"roleRef", "subjects"},
	"ClusterRoleBinding": {"roleRef", "subjects"},
	"Namespace":          {"metadata"},

	// Of what federation reads: labels and annotations, containers and volumes.
	"ServiceAccount":      {"metadata"},
	"SecretProviderClass": {"spec"},
	"Deployment":          {"spec"},
	"StatefulSet":         {"spec"},
	"DaemonSet":           {"spec"},
	"Job":                 {"spec"},
	"CronJob":             {"spec"},
}

// fieldsOf records the places of the parts of an object that explanations name:
// everything that has parts itself, and the addresses and directions in a
// policy.
func fieldsOf(kind string, d *document.Document) model.Fields {
	names := recorded[kind]
	if names == nil {
		return model.Fields{}
	}
	var b model.FieldsBuilder
	add := func(path string, offset int) {
		line, col := d.Position(offset)
		b.Add(path, line, col)
	}
	var record func(v document.Value, path, name string)
	record = func(v document.Value, path, name string) {
		for m := range v.Members() {
			switch m.Value.Kind() {
			case '{', '[':
				at := child(path, m.Name)
				add(at, m.Key)
				record(m.Value, at, m.Name)
			default:
				if m.Name == "cidr" {
					add(child(path, m.Name), m.Value.Offset())
				}
			}
		}
		for i, e := range v.Elements() {
			if e.Kind() == '{' || name == "except" || name == "policyTypes" {
				at := element(path, i)
				add(at, e.Offset())
				record(e, at, "")
			}
		}
	}
	for m := range d.Root().Members() {
		if slices.Contains(names, m.Name) {
			add(m.Name, m.Key)
			record(m.Value, m.Name, m.Name)
		}
	}
	return b.Fields()
}

// allFieldsOf records the places of all parts of an object: of members that of the
// name or, where the value has one part, that of the value.
func allFieldsOf(d *document.Document) model.Fields {
	var b model.FieldsBuilder
	var record func(v document.Value, path string)
	add := func(path string, offset int, v document.Value) {
		line, col := d.Position(offset)
		b.Add(path, line, col)
		record(v, path)
	}
	record = func(v document.Value, path string) {
		for m := range v.Members() {
			add(child(path, m.Name), placeOf(m), m.Value)
		}
		for i, e := range v.Elements() {
			add(element(path, i), e.Offset(), e)
		}
	}
	record(d.Root(), "")
	return b.Fields()
}
