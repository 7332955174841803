package admission

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/aksim/aksim/pkg/model"
)

// Problem is one thing that an API server says about an object.
type Problem struct {
	Path string // of the field, as a server names it
	Text string // the server's message

	// Value is the text that is wrong, where it is one: a label in a map, say.
	Value string

	// Warning is true of what a server says but does not mind.
	Warning bool

	// Since is the first version that minds; zero if every modelled one does.
	Since model.KubeVersion
}

// rejections turns a server's errors into problems. Those that the server finds
// by the declarations on its types, marked as covered by them, come last.
func rejections(errs field.ErrorList) []Problem {
	var first, last []Problem
	for _, e := range errs {
		p := Problem{Path: e.Field, Text: e.ErrorBody()}
		p.Value, _ = e.BadValue.(string)
		if isRequired(e) {
			last = append(last, p)
		} else {
			first = append(first, p)
		}
	}
	return append(first, last...)
}

func isRequired(e *field.Error) bool { return e.Origin == declared }

// declared marks errors about fields that the API types themselves declare to be
// required.
const declared = "declared"

func required(path *field.Path) *field.Error {
	return field.Required(path, "").WithOrigin(declared)
}

// Admit fills in the defaults of an object and reports what an API server would
// say about it. The object must not be shared. Kinds that are not checked have
// no problems.
func Admit(object metav1.Object) []Problem {
	setDefaults(object)
	return validate(object)
}
