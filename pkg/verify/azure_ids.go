package verify

import (
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// idText returns a resource id, with the expressions of a template in it as they are
// written; empty if there is none, or nothing of it is known.
func idText(p model.Property[string]) string {
	if id, ok := p.Get(); ok {
		return id
	}
	if expression, ok := p.Unresolved(); ok && strings.HasPrefix(expression, "/") {
		return expression
	}
	return ""
}

// isWritten reports whether an id has a template's expressions in it.
func isWritten(id string) bool { return strings.Contains(id, "[") }

// sameID reports whether two ids name one resource. Expressions that are the same text
// have the same value; of others that is not known.
func sameID(a, b model.Property[string]) rbacsim.Decision {
	return covering(idText(a), idText(b), strings.EqualFold)
}

// covers reports whether what counts at a scope counts at a resource, by their ids.
func covers(scope, at string) rbacsim.Decision {
	return covering(scope, at, func(scope, at string) bool {
		if isWritten(scope) || isWritten(at) {
			scope, at = short(scope), short(at)
			return scope == at || strings.HasPrefix(at, scope+"/")
		}
		s, err := azure.ParseScope(scope)
		t, err2 := azure.ParseScope(at)
		return err == nil && err2 == nil && s.Covers(t)
	})
}

// short writes resource groups in the usual way: templates may name their provider.
func short(id string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSuffix(id, "/")), "/providers/microsoft.resources/resourcegroups/", "/resourcegroups/")
}

func covering(a, b string, is func(a, b string) bool) rbacsim.Decision {
	switch {
	case a == "" || b == "":
		return rbacsim.Undecided
	case is(a, b):
		return rbacsim.Allowed
	case isWritten(a) || isWritten(b):
		return rbacsim.Undecided
	}
	return rbacsim.Denied
}
