package model

import (
	"iter"
	"slices"
)

// Object is one object of the snapshot. T is a type of k8s.io/api, such as
// networkingv1.NetworkPolicy, or a type of this package where k8s.io/api has
// none.
type Object[T any] struct {
	Ref    Ref
	API    *T // after API defaulting; shared, never to be modified
	Origin Origin
}

// Unmodelled is an object of a kind that this library does not model. Content
// is kept for kinds outside Kubernetes' own API groups, since some of them
// change what the modelled ones do, and for CustomResourceDefinitions, which
// define them; it is nil for the others.
type Unmodelled struct {
	APIVersion string
	Content    map[string]any // as encoding/json decodes it
}

// All yields the cluster's objects of one type, ordered by namespace and name.
func All[T any](c *Cluster) iter.Seq[*Object[T]] { return slices.Values(tableOf[T](c).objects) }

// Get returns the object of one type by its namespace (empty for
// cluster-scoped kinds) and name.
func Get[T any](c *Cluster, namespace, name string) (*Object[T], bool) {
	t := tableOf[T](c)
	i, ok := slices.BinarySearchFunc(t.objects, Ref{Namespace: namespace, Name: name}, func(o *Object[T], r Ref) int {
		return compareNames(o.Ref, r)
	})
	if !ok {
		return nil, false
	}
	return t.objects[i], true
}

// table holds the objects of one type, ordered by namespace, name and, of
// unmodelled objects, kind.
type table[T any] struct{ objects []*Object[T] }

// anyTable is what the cluster needs of a table without knowing its type.
type anyTable interface {
	refs() iter.Seq[*entry]
	sort()
	overlay(with anyTable) anyTable
	without(drop map[Ref]bool) anyTable
}

// entry is what an object is to those who don't care for its type.
type entry struct {
	ref    Ref
	origin *Origin
}

func tableOf[T any](c *Cluster) *table[T] {
	if t, ok := c.tables[tableKey[T]{}].(*table[T]); ok {
		return t
	}
	return &table[T]{}
}

// tableKey is the map key of a type's table.
type tableKey[T any] struct{}

func (t *table[T]) refs() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for _, o := range t.objects {
			if !yield(&entry{o.Ref, &o.Origin}) {
				return
			}
		}
	}
}

func (t *table[T]) sort() {
	slices.SortStableFunc(t.objects, func(a, b *Object[T]) int {
		if c := compareNames(a.Ref, b.Ref); c != 0 {
			return c
		}
		return a.Ref.Compare(b.Ref)
	})
}

func (t *table[T]) overlay(with anyTable) anyTable {
	over := with.(*table[T])
	replaced := make(map[Ref]bool, len(over.objects))
	for _, o := range over.objects {
		replaced[o.Ref] = true
	}
	merged := t.without(replaced).(*table[T])
	merged.objects = append(merged.objects, over.objects...)
	merged.sort()
	return merged
}

func (t *table[T]) without(drop map[Ref]bool) anyTable {
	kept := make([]*Object[T], 0, len(t.objects))
	for _, o := range t.objects {
		if !drop[o.Ref] {
			kept = append(kept, o)
		}
	}
	return &table[T]{objects: kept}
}
