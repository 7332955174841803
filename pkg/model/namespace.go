package model

import (
	"iter"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
)

// NameLabel is the label that the API server sets on each namespace to the
// namespace's own name, whatever its author wrote (NP38).
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name
const NameLabel = corev1.LabelMetadataName

// Namespace is what the snapshot knows of one namespace.
type Namespace struct {
	Name string

	// Labels of the namespace, NameLabel included. Of a namespace that is not
	// Known they are NameLabel alone: it may carry others.
	Labels map[string]string

	// Known is true if the input holds the Namespace object. Otherwise some
	// object merely lies in it or refers to it.
	Known bool

	// Origin of the Namespace object; of an unknown one, of the first object
	// that refers to it.
	Origin Origin
}

// Namespaces yields every namespace that the input holds or refers to, by name.
func (c *Cluster) Namespaces() iter.Seq[Namespace] {
	return func(yield func(Namespace) bool) {
		for _, name := range slices.Sorted(maps.Keys(c.namespaces)) {
			if !yield(c.namespaces[name]) {
				return
			}
		}
	}
}

// Namespace returns a namespace by name, and false if nothing in the input
// refers to it.
func (c *Cluster) Namespace(name string) (Namespace, bool) {
	ns, ok := c.namespaces[name]
	return ns, ok
}

func (c *Cluster) findNamespaces() {
	c.namespaces = map[string]Namespace{}
	for o := range All[corev1.Namespace](c) {
		c.namespaces[o.Ref.Name] = Namespace{Name: o.Ref.Name, Labels: o.API.Labels, Known: true, Origin: o.Origin}
	}
	refer := func(name string, by Origin) {
		if name == "" {
			return
		}
		if _, ok := c.namespaces[name]; !ok {
			c.namespaces[name] = Namespace{Name: name, Labels: map[string]string{NameLabel: name}, Origin: by}
		}
	}
	for e := range c.entries() {
		refer(e.ref.Namespace, *e.origin)
	}
	for o := range All[rbacv1.RoleBinding](c) {
		for _, s := range o.API.Subjects {
			refer(s.Namespace, o.Origin)
		}
	}
	for o := range All[rbacv1.ClusterRoleBinding](c) {
		for _, s := range o.API.Subjects {
			refer(s.Namespace, o.Origin)
		}
	}
}
