package arm

import (
	"bytes"
	"strings"
)

// IsTemplate reports whether a text looks like a template, by its $schema or by having
// both contentVersion and resources. The rest of the text may be broken: Read says so.
func IsTemplate(text []byte) bool {
	o := look(text)
	if o.schema != "" {
		return strings.Contains(o.schema, "deploymenttemplate.json")
	}
	return o.names["contentversion"] && o.names["resources"]
}

// IsParameters reports whether a text looks like a parameters file, by its $schema or
// by having contentVersion and parameters but no resources.
func IsParameters(text []byte) bool {
	o := look(text)
	if o.schema != "" {
		return strings.Contains(o.schema, "deploymentparameters.json")
	}
	return o.names["contentversion"] && o.names["parameters"] && !o.names["resources"]
}

// outline is what is seen of the object that a text holds, as far as it can be read.
type outline struct {
	schema string          // of the member $schema, in lower case
	names  map[string]bool // of the members, in lower case
}

func look(text []byte) outline {
	o := outline{names: map[string]bool{}}
	r := newReader(text)
	if r.space() != nil || r.next() != '{' || len(text) > maxSize {
		return o
	}
	if !bytes.Contains(text, []byte("$schema")) && !bytes.Contains(bytes.ToLower(text), []byte("contentversion")) {
		return o
	}
	r.at++
	for r.space() == nil && r.next() == '"' {
		name, err := r.str()
		if err != nil || r.space() != nil || r.next() != ':' {
			return o
		}
		r.at++
		if r.space() != nil {
			return o
		}
		o.names[strings.ToLower(name)] = true
		value, err := r.value(maxDepth)
		if err != nil {
			return o
		}
		if strings.EqualFold(name, "$schema") {
			o.schema = strings.ToLower(value.Text)
			return o
		}
		if r.space() != nil || r.next() != ',' {
			return o
		}
		r.at++
	}
	return o
}
