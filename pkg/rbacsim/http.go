package rbacsim

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
)

// HTTP returns what the authorizers are asked for an HTTP request: the method, and
// the path with its query, as in /api/v1/namespaces/shop/pods?watch=1. The error is
// about a target that can't be read.
func HTTP(method, target string) (Request, error) {
	u, err := url.Parse(target)
	if err != nil || !strings.HasPrefix(target, "/") {
		return Request{}, fmt.Errorf("%q is not the path of a request: want, for example, /api/v1/namespaces/shop/pods?watch=1", target)
	}
	if strings.HasPrefix(target, "//") { // which url.Parse takes for a host
		before, query, _ := strings.Cut(target, "?")
		u = &url.URL{Path: before, RawQuery: query}
	}
	return attributes(method, u.Path, u.Query())
}

// attributes reads a path as the API server does.
func attributes(method, p string, query url.Values) (Request, error) {
	parts := strings.Split(strings.Trim(p, "/"), "/")
	if !isResourcePath(p) { // RB28
		return URL(strings.ToLower(method), p), nil
	}
	r := Request{Verb: verbOf(method)}
	if parts[0] == "apis" {
		r.Group = parts[1]
		parts = parts[1:]
	}
	parts = parts[2:] // the version is never compared
	if parts[0] == "watch" || parts[0] == "proxy" {
		if len(parts) == 1 {
			return r, fmt.Errorf("%q names no resource", p)
		}
		r.Verb, parts = parts[0], parts[1:]
	}
	if parts[0] == "namespaces" && len(parts) > 1 {
		r.Namespace = parts[1] // that of a namespace itself, too (RB27)
		if len(parts) > 2 && !slices.Contains([]string{"finalize", "status"}, parts[2]) {
			parts = parts[2:]
		}
	}
	r.Resource = parts[0]
	if len(parts) > 1 {
		r.Name = parts[1]
	}
	if len(parts) > 2 && r.Verb != "proxy" { // one level; the rest is for whoever serves it (RB29)
		r.Subresource = parts[2]
	}
	r.ofCollection(query)
	plant(planted.http, &r)
	return r, nil
}

// ofCollection corrects the verb of a request that names no object.
func (r *Request) ofCollection(query url.Values) {
	switch {
	case r.Name != "":
		return
	case r.Verb == "delete": // whose selector names nothing (RB10)
		r.Verb = "deletecollection"
		return
	case r.Verb != "get":
		return
	}
	r.Verb = "list"
	if watch := strings.ToLower(query.Get("watch")); query.Has("watch") && watch != "false" && watch != "0" {
		r.Verb = "watch"
	}
	// Selecting by name is naming, whatever else is selected by (RB9).
	if name, ok := listOptions(query).RequiresExactMatch("metadata.name"); ok && len(content.IsPathSegmentName(name)) == 0 {
		r.Name = name
	}
}

// listOptions returns the field selector of a query. One with any option that can't
// be read selects nothing to the authorizers, whatever becomes of it later.
func listOptions(query url.Values) fields.Selector {
	selector, err := fields.ParseSelector(query.Get("fieldSelector"))
	if err != nil {
		return fields.Everything()
	}
	if _, err := labels.Parse(query.Get("labelSelector")); err != nil {
		return fields.Everything()
	}
	for _, option := range []string{"limit", "timeoutSeconds"} {
		if _, err := strconv.ParseInt(query.Get(option), 10, 64); err != nil && query.Get(option) != "" {
			return fields.Everything()
		}
	}
	return selector
}

// verbOf returns the verb of a method, for a request that names an object (RB26).
func verbOf(method string) string {
	switch method {
	case "GET", "HEAD":
		return "get"
	case "POST":
		return "create"
	case "PUT":
		return "update"
	case "PATCH":
		return "patch"
	case "DELETE":
		return "delete"
	}
	return ""
}
