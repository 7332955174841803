package rbacsim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// WithCluster returns the resources with those that the snapshot's
// CustomResourceDefinitions define.
func (rs *Resources) WithCluster(c *model.Cluster) *Resources {
	var defined []Resource
	for o := range model.All[model.Unmodelled](c) {
		if o.Ref.Kind == "CustomResourceDefinition" && o.API.Content != nil {
			if r, ok := customResource(o.API.Content); ok {
				defined = append(defined, r)
			}
		}
	}
	return rs.With(defined...)
}

func customResource(definition map[string]any) (Resource, bool) {
	spec, _ := definition["spec"].(map[string]any)
	names, _ := spec["names"].(map[string]any)
	r := Resource{
		Group: text(spec["group"]), Name: text(names["plural"]), Singular: text(names["singular"]), Kind: text(names["kind"]),
		Namespaced: text(spec["scope"]) == "Namespaced",
	}
	if r.Singular == "" {
		r.Singular = strings.ToLower(r.Kind)
	}
	short, _ := names["shortNames"].([]any)
	for _, s := range short {
		r.ShortNames = append(r.ShortNames, text(s))
	}
	versions, _ := spec["versions"].([]any)
	for _, v := range versions {
		version, _ := v.(map[string]any)
		subresources, _ := version["subresources"].(map[string]any)
		for name := range subresources {
			if !slices.Contains(r.Subresources, name) {
				r.Subresources = append(r.Subresources, name)
			}
		}
	}
	slices.Sort(r.Subresources)
	return r, r.Group != "" && r.Name != ""
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// ParseResources reads what kubectl api-resources prints, with -o wide or without,
// and returns those resources with what is built in about their subresources, and
// with the checks that no server lists. The error names the line.
func ParseResources(output string) (*Resources, error) {
	lines := strings.Split(strings.TrimRight(output, "\n"), "\n")
	columns, err := columnsOf(lines[0])
	if err != nil {
		return nil, err
	}
	var list []Resource
	for r := range BuiltinResources().All() {
		if r.Check {
			list = append(list, r)
		}
	}
	for i, line := range lines[1:] {
		r, err := listedResource(columns, strings.TrimRight(line, "\r"))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
		list = append(list, r)
	}
	return newResources(list), nil
}

// column is where one column of the table is.
type column struct {
	title string
	start int
}

func columnsOf(header string) ([]column, error) {
	var columns []column
	at := 0
	for title := range strings.FieldsSeq(header) {
		at += strings.Index(header[at:], title)
		columns = append(columns, column{title, at})
		at += len(title)
	}
	for _, title := range []string{"NAME", "APIVERSION", "NAMESPACED", "KIND"} {
		if !slices.ContainsFunc(columns, func(c column) bool { return c.title == title }) {
			return nil, fmt.Errorf("no column %s: want the output of kubectl api-resources", title)
		}
	}
	return columns, nil
}

func listedResource(columns []column, line string) (Resource, error) {
	cells := map[string]string{}
	for i, c := range columns {
		end := len(line)
		if i+1 < len(columns) {
			end = min(end, columns[i+1].start)
		}
		if c.start < end {
			cells[c.title] = strings.TrimSpace(line[c.start:end])
		}
	}
	r := Resource{Name: cells["NAME"], Kind: cells["KIND"], Singular: strings.ToLower(cells["KIND"])}
	if group, _, ok := strings.Cut(cells["APIVERSION"], "/"); ok {
		r.Group = group
	}
	switch namespaced := cells["NAMESPACED"]; {
	case r.Name == "" || r.Kind == "" || cells["APIVERSION"] == "":
		return r, fmt.Errorf("no resource in %q", line)
	case namespaced == "true":
		r.Namespaced = true
	case namespaced != "false":
		return r, fmt.Errorf("%s: NAMESPACED is %q: want true or false", r.Name, namespaced)
	}
	if short := cells["SHORTNAMES"]; short != "" {
		r.ShortNames = strings.Split(short, ",")
	}
	if verbs := cells["VERBS"]; verbs != "" {
		r.Verbs = strings.Split(verbs, ",")
	}
	if known, ok := BuiltinResources().Get(r.Group, r.Name); ok {
		r.Subresources = known.Subresources
	}
	return r, nil
}
