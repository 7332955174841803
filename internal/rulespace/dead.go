package rulespace

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// DeadPart is a rule or value that no request of a client of the API can match,
// though a review written by hand might.
type DeadPart struct {
	Part
	Why string
}

// Dead returns the dead parts of one grant's rules; their Grant is 0. The values
// of a rule that is dead as a whole are left out. They are ordered by rule,
// field and index.
func Dead(g Grant) []DeadPart {
	var out []DeadPart
	for i, rule := range g.Rules {
		if why := deadRule(rule, g.Namespace); why != "" {
			out = append(out, DeadPart{Part{Rule: i}, why})
			continue
		}
		for _, field := range fields {
			for at, value := range *field.list(&rule) {
				if why := deadValue(rule, field.name, value, g.Namespace); why != "" {
					out = append(out, DeadPart{Part{0, i, field.name, at, value}, why})
				}
			}
		}
	}
	return out
}

func deadRule(r rbacv1.PolicyRule, namespace string) string {
	switch urls := len(r.NonResourceURLs) > 0; {
	case len(r.Verbs) == 0:
		return "it has no verbs"
	case urls && namespace != "" && len(r.Resources) == 0:
		return "URLs are not in a namespace: only a ClusterRoleBinding grants them"
	case urls:
		return ""
	case len(r.Resources) == 0:
		return "it has no resources"
	case len(r.APIGroups) == 0:
		return `it has no apiGroups: the core group is ""`
	}
	for _, field := range fields {
		list := *field.list(&r)
		if len(list) > 0 && !slices.ContainsFunc(list, func(v string) bool { return deadValue(r, field.name, v, namespace) == "" }) {
			return "none of its " + field.name + " can match: " + deadValue(r, field.name, list[0], namespace)
		}
	}
	return ""
}

func deadValue(r rbacv1.PolicyRule, field, value, namespace string) string {
	switch field {
	case "verbs":
		return deadVerb(r, value)
	case "apiGroups":
		return deadGroup(value)
	case "resources":
		if slices.Contains(r.Verbs, "request-serviceaccounts-token-audience") {
			return "" // the resource is an audience, whatever that looks like
		}
		return deadResource(value)
	case "resourceNames":
		if value == "*" && !slices.ContainsFunc(r.Verbs, func(v string) bool { return v == "*" || strings.HasPrefix(v, "impersonate") }) {
			return "a star is literal in resourceNames: leave them out for any name"
		}
	case "nonResourceURLs":
		switch prefix := strings.TrimRight(value, "*"); {
		case namespace != "":
			return "URLs are not in a namespace: only a ClusterRoleBinding grants them"
		case strings.Contains(prefix, "*"):
			return "a star is literal unless at the end"
		case prefix != "" && prefix[0] != '/', value == "":
			return "paths of requests begin with /"
		}
	}
	return ""
}

func deadVerb(r rbacv1.PolicyRule, verb string) string {
	switch {
	case verb != "*" && strings.Contains(verb, "*"):
		return "a star is literal within a verb"
	case verb != strings.ToLower(verb):
		return "verbs of requests are lower case"
	case verb == "deletecollection" && len(r.ResourceNames) > 0 && !slices.Contains(r.ResourceNames, "") && len(r.NonResourceURLs) == 0:
		return "no request to delete a collection carries a name"
	}
	return ""
}

func deadGroup(group string) string {
	switch {
	case group == "*":
		return ""
	case strings.Contains(group, "*"):
		return "a star is literal within a group"
	case strings.Contains(group, "/"):
		return "groups are written without version"
	case group == "core" || group == "v1":
		return `the core group is written ""`
	case group != strings.ToLower(group):
		return "groups are lower case"
	}
	return ""
}

func deadResource(resource string) string {
	main, sub, slash := strings.Cut(resource, "/")
	switch {
	case resource == "*":
		return ""
	case resource == "*/*":
		return "it is the subresource that is called *, not all subresources: write *"
	case slash && sub == "*":
		return "it is the subresource that is called *, not all subresources: list them"
	case strings.Contains(sub, "/"):
		return "no subresource has a slash"
	case slash && (main == "" || sub == ""), resource == "":
		return "it names no resource"
	case main != "*" && strings.Contains(main, "*"), strings.Contains(sub, "*"):
		return "a star is literal within a resource"
	case resource != strings.ToLower(resource):
		return "resources are lower case"
	}
	return ""
}
