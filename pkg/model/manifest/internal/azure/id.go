package azure

import (
	"slices"
	"strings"
)

// segments returns the names in a resource id.
func segments(id string) []string {
	return slices.DeleteFunc(strings.Split(id, "/"), func(s string) bool { return s == "" })
}

// isID reports whether a text is a resource id.
func isID(s string) bool {
	first := segments(s)
	return strings.HasPrefix(s, "/") && len(first) > 1 && (strings.EqualFold(first[0], "subscriptions") || strings.EqualFold(first[0], "providers"))
}

// typeOfID returns the type of the resource that an id names, as the id spells it, and
// nothing where it names none.
func typeOfID(id string) string {
	all := segments(id)
	for i, s := range slices.Backward(all) {
		if strings.EqualFold(s, "providers") {
			rest := all[i+1:]
			if len(rest) < 3 || len(rest)%2 == 0 {
				return ""
			}
			typ := rest[:1:1]
			for j := 1; j < len(rest); j += 2 {
				typ = append(typ, rest[j])
			}
			return strings.Join(typ, "/")
		}
	}
	switch {
	case len(all) == 2 && strings.EqualFold(all[0], "subscriptions"):
		return "Microsoft.Resources/subscriptions"
	case len(all) == 4 && strings.EqualFold(all[2], "resourceGroups"):
		return "Microsoft.Resources/resourceGroups"
	}
	return ""
}

// isType reports whether a text is a type of resource.
func isType(s string) bool {
	s = strings.TrimPrefix(strings.ToLower(s), "/providers/")
	provider, rest, ok := strings.Cut(s, "/")
	return ok && rest != "" && strings.HasPrefix(provider, "microsoft.")
}

// parentOf returns the id without its last type and name, and nothing of one that has
// no parent.
func parentOf(id string) string {
	for range 2 {
		id = id[:max(strings.LastIndexByte(id, '/'), 0)]
	}
	return id
}

// targetOf returns the id of the resource that an extension resource belongs to: / if
// it is the root, and nothing for an id of another form.
func targetOf(id string) string {
	i := strings.LastIndex(strings.ToLower(id), "/providers/")
	switch {
	case i < 0:
		return ""
	case i == 0:
		return "/"
	}
	return id[:i]
}

// lastOf returns the last segment of an id.
func lastOf(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }
