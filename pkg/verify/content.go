package verify

import "github.com/aksim/aksim/pkg/model"

// dig returns what a custom resource has at the path of names; nil if it has nothing
// there.
func dig(v any, names ...string) any {
	for _, name := range names {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

// digText returns the text at the path; empty if there is none.
func digText(v any, names ...string) string {
	s, _ := dig(v, names...).(string)
	return s
}

// digList returns the list at the path; nil if there is none.
func digList(v any, names ...string) []any {
	l, _ := dig(v, names...).([]any)
	return l
}

// digTexts returns the texts of the list at the path.
func digTexts(v any, names ...string) (all []string) {
	for _, e := range digList(v, names...) {
		if s, ok := e.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

// digMap returns the texts of the map at the path, by name.
func digMap(v any, names ...string) map[string]string {
	m, _ := dig(v, names...).(map[string]any)
	all := map[string]string{}
	for name, value := range m {
		if s, ok := value.(string); ok {
			all[name] = s
		}
	}
	return all
}

// customs returns the custom resources of a group, by kind, namespace and name.
func (c *Context) customs(group string) (all []*model.Object[model.Unmodelled]) {
	for o := range model.All[model.Unmodelled](c.cluster) {
		if o.Ref.Group == group && o.API.Content != nil {
			all = append(all, o)
		}
	}
	return all
}

// namespaceOfCustom returns the namespace of a custom resource, which a manifest may
// leave out.
func namespaceOfCustom(o *model.Object[model.Unmodelled]) string {
	if o.Ref.Namespace == "" {
		return "default"
	}
	return o.Ref.Namespace
}
