package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// places are the scopes that the input names: those of its resources, and those at
// which its roles are assigned. They are ordered.
type places []azure.Scope

func placesOf(c *model.Cluster) (all places) {
	add := func(id string) {
		if scope, err := azure.ParseScope(id); err == nil {
			all = append(all, scope)
		}
	}
	for r := range c.Refs() {
		if r.Group == model.AzureGroup && strings.HasPrefix(r.Name, "/") {
			add(r.Name)
		}
	}
	for o := range model.All[model.RoleAssignment](c) {
		add(o.API.Scope.Or(""))
	}
	for o := range model.All[model.ManagementGroup](c) {
		for _, id := range o.API.Subscriptions {
			add(id)
		}
	}
	slices.SortFunc(all, azure.Scope.Compare)
	return slices.Compact(all)
}

// parse reads a scope: an id, or the name of a resource that the input has once, with
// what is below it, as in kv-prod/secrets/db.
func (p places) parse(text string) (azure.Scope, error) {
	if strings.HasPrefix(text, "/") {
		return azure.ParseScope(text)
	}
	name, below, _ := strings.Cut(text, "/")
	var found []azure.Scope
	var names []string
	for _, scope := range p {
		switch {
		case scope.Kind() != azure.Resource || isAuthorization(scope):
		case strings.EqualFold(scope.Name(), name):
			found = append(found, scope)
		default:
			names = append(names, scope.Name())
		}
	}
	found = outermost(found)
	switch len(found) {
	case 0:
		return azure.Scope{}, fmt.Errorf("%q is neither an id, which begins with a slash, nor the name of a resource of the input%s", text, suggest.Clause(name, names))
	case 1:
		return azure.ParseScope(strings.TrimSuffix(found[0].String()+"/"+below, "/"))
	}
	return azure.Scope{}, fmt.Errorf("%q may be any of these: name one by its id:\n%s", name, joinScopes(found))
}

// outermost leaves out what is below another of the scopes.
func outermost(scopes []azure.Scope) []azure.Scope {
	return slices.DeleteFunc(slices.Clone(scopes), func(s azure.Scope) bool {
		return slices.ContainsFunc(scopes, func(t azure.Scope) bool { return t != s && t.Covers(s) })
	})
}

func joinScopes(scopes []azure.Scope) string {
	var lines []string
	for _, s := range scopes {
		lines = append(lines, "    "+s.String())
	}
	return strings.Join(lines, "\n")
}

// isAuthorization reports whether a scope is that of an assignment or definition,
// which nobody asks about.
func isAuthorization(s azure.Scope) bool {
	return strings.HasPrefix(s.Type(), "microsoft.authorization/")
}

// doubt says what is odd about a scope: that the input has nothing there, nor a
// resource that it is below.
func (p places) doubt(s azure.Scope) string {
	for _, known := range p {
		if s.Covers(known) || known.Kind() == azure.Resource && known.Covers(s) {
			return ""
		}
	}
	return fmt.Sprintf("nothing in the input is at %s%s", s, p.near(s))
}

// near suggests the scope that differs from the given one in a single segment, which
// is nearly the same.
func (p places) near(s azure.Scope) string {
	at := strings.Split(s.String(), "/")
	for _, known := range slices.Backward(p) { // what is deeper first
		for known := range known.Ancestors() {
			k := strings.Split(known.String(), "/")
			if i, ok := onlyDifference(k, at); ok && suggest.Nearest(at[i], []string{k[i]}) != nil {
				return fmt.Sprintf(" (did you mean %q for %q?)", k[i], at[i])
			}
		}
	}
	return ""
}

// onlyDifference returns where the beginning of a list differs from another, if that
// is in one place.
func onlyDifference(beginning, list []string) (at int, ok bool) {
	if len(beginning) > len(list) {
		return 0, false
	}
	for i := range beginning {
		if beginning[i] == list[i] {
			continue
		}
		if ok {
			return 0, false
		}
		at, ok = i, true
	}
	return at, ok
}

// short returns a scope for people: as the name of a resource that the input has once,
// with what is below it, which [places.parse] reads; else the id.
func (p places) short(s azure.Scope) string {
	for _, known := range p { // what is above first
		if known.Kind() != azure.Resource || isAuthorization(known) || !known.Covers(s) {
			continue
		}
		text := known.Name() + strings.TrimPrefix(s.String(), known.String())
		if again, err := p.parse(text); err == nil && again == s {
			return text
		}
		break
	}
	return s.String()
}

// ids matches the ids of resources in text.
var ids = regexp.MustCompile(`/subscriptions/[^\s,:;()"]+`)

// shorten puts short names for the ids in a text.
func (p places) shorten(text string) string {
	return ids.ReplaceAllStringFunc(text, func(id string) string {
		s, err := azure.ParseScope(id)
		if err != nil {
			return id
		}
		return p.short(s)
	})
}
