package model

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
)

// Cluster is one snapshot of a cluster. The zero Cluster is empty. A Cluster is
// immutable and safe for concurrent use.
type Cluster struct {
	version  KubeVersion
	tables   map[any]anyTable // by tableKey
	findings []Finding

	// derived from the tables
	namespaces map[string]Namespace
	pods       []Pod
}

// Builder collects the objects of a cluster. The zero Builder is ready to use.
type Builder struct{ c Cluster }

// Add adds an object, which must not be modified afterwards. Its kind, namespace
// and name must be new to the Builder: which of two would be in force is not
// known, so whoever reads them has to reject the second.
func Add[T any](b *Builder, o *Object[T]) {
	if b.c.tables == nil {
		b.c.tables = map[any]anyTable{}
	}
	key := tableKey[T]{}
	t, ok := b.c.tables[key].(*table[T])
	if !ok {
		t = &table[T]{}
		b.c.tables[key] = t
	}
	t.objects = append(t.objects, o)
}

// SetKubeVersion says which version's admission rules the objects passed.
func (b *Builder) SetKubeVersion(v KubeVersion) { b.c.version = v }

// AddFinding records something about the input that its author should know.
func (b *Builder) AddFinding(f Finding) { b.c.findings = append(b.c.findings, f) }

// Cluster returns the snapshot. The Builder must not be used afterwards.
func (b *Builder) Cluster() *Cluster {
	c := &b.c
	for _, t := range c.tables {
		t.sort()
	}
	c.derive()
	return c
}

// derive computes what follows from the tables.
func (c *Cluster) derive() {
	slices.SortFunc(c.findings, Finding.Compare)
	c.findNamespaces()
	c.findPods()
}

// KubeVersion is the version whose admission rules the objects passed; zero for
// a cluster built without one.
func (c *Cluster) KubeVersion() KubeVersion { return c.version }

// Findings yields what loading noticed, ordered by place.
func (c *Cluster) Findings() iter.Seq[Finding] { return slices.Values(c.findings) }

// Refs yields the references of all objects, ordered by kind, group, namespace
// and name.
func (c *Cluster) Refs() iter.Seq[Ref] {
	var refs []Ref
	for e := range c.entries() {
		refs = append(refs, e.ref)
	}
	slices.SortFunc(refs, Ref.Compare)
	return slices.Values(refs)
}

// entries yields every object, in no stated order.
func (c *Cluster) entries() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for _, t := range c.tables {
			for e := range t.refs() {
				if !yield(e) {
					return
				}
			}
		}
	}
}

// With returns the cluster with the other's objects added. Where both hold an
// object of one kind, namespace and name, the other's takes its place.
func (c *Cluster) With(other *Cluster) *Cluster {
	tables := maps.Clone(c.tables)
	if tables == nil {
		tables = map[any]anyTable{}
	}
	for key, over := range other.tables {
		if t, ok := tables[key]; ok {
			over = t.overlay(over)
		}
		tables[key] = over
	}
	changed := &Cluster{version: c.version, tables: tables, findings: slices.Concat(c.findings, other.findings)}
	changed.derive()
	return changed
}

// Without returns the cluster without the objects named. A reference to
// nothing is an error, since a misspelt name would leave everything in force.
func (c *Cluster) Without(refs ...Ref) (*Cluster, error) {
	drop := make(map[Ref]bool, len(refs))
	for _, r := range refs {
		drop[r] = true
	}
	present := make(map[Ref]bool, len(refs))
	for e := range c.entries() {
		if drop[e.ref] {
			present[e.ref] = true
		}
	}
	for _, r := range refs {
		if !present[r] {
			return nil, c.notFound(r)
		}
	}
	tables := make(map[any]anyTable, len(c.tables))
	for key, t := range c.tables {
		tables[key] = t.without(drop)
	}
	changed := &Cluster{version: c.version, tables: tables}
	for _, f := range c.findings {
		if !drop[f.Object] {
			changed.findings = append(changed.findings, f)
		}
	}
	changed.derive()
	return changed, nil
}

func (c *Cluster) notFound(r Ref) error {
	var names []string
	for q := range c.Refs() {
		if q.Kind == r.Kind && q.Group == r.Group {
			names = append(names, q.QualifiedName())
		}
	}
	return fmt.Errorf("no %s in the input%s", r, suggest.Clause(r.QualifiedName(), names))
}

func compareNames(a, b Ref) int {
	if c := strings.Compare(a.Namespace, b.Namespace); c != 0 {
		return c
	}
	return strings.Compare(a.Name, b.Name)
}
