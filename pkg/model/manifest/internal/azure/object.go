package azure

import (
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// Object is one fact.
type Object struct {
	Ref    model.Ref
	API    any // pointer to a type of package model
	Origin model.Origin

	// Invented is true of a Ref that no id gives: another object may happen to have
	// the same.
	Invented bool

	// Join is set for a part of another object that was exported by itself, such as
	// a peering of a network. API is then that other object as far as this part
	// tells, and Join puts the part to what else is known of it.
	Join func(whole any)

	kind  string // of the type of package model
	bare  bool   // its properties are not in the listing
	add   func(*model.Builder, Object)
	merge func(known, more any) (difference string)
}

// Add puts the object into a cluster.
func (o Object) Add(b *model.Builder) { o.add(b, o) }

// Unmodelled returns the type of a resource of which nothing but its id is kept.
func (o Object) Unmodelled() (typ string, ok bool) {
	r, ok := o.API.(*model.OtherAzureResource)
	if !ok {
		return "", false
	}
	return r.Type, true
}

// Problem is a reason why a document cannot be taken as it is.
type Problem struct {
	Line, Col  int
	Object     model.Ref
	Path       string
	Text, Hint string
}

// Result is what a document gave.
type Result struct {
	Objects  []Object
	Problems []Problem
	Findings []model.Finding
}

// Append adds what another document gave.
func (r *Result) Append(more Result) {
	r.Objects = append(r.Objects, more.Objects...)
	r.Problems = append(r.Problems, more.Problems...)
	r.Findings = append(r.Findings, more.Findings...)
}

// Resource is one resource of an export or template.
type Resource struct {
	Type       string // empty: as the body says
	APIVersion string
	Body       tree.Node

	// Of a template's resource, of which the body has no id: a String or Expression
	// each. Scope is the id of the resource that an extension resource belongs to.
	ID, Name, Scope, Location tree.Node

	// Label is what the resource goes by while it has no id.
	Label string

	Template  bool
	Line, Col int // zero: where the body begins
}

// kind is how one type of fact is decoded.
type kind struct {
	name   string // of the type of package model
	decode func(*sheet) any
	add    func(*model.Builder, Object)
	merge  func(known, more any) (difference string)
}

// kindOf returns the kind of a type, whose decoder may return nil for no fact.
func kindOf[T any](name string, decode func(*sheet) *T) *kind {
	return &kind{
		name: name,
		decode: func(s *sheet) any {
			if api := decode(s); api != nil {
				return api
			}
			return nil
		},
		add: func(b *model.Builder, o Object) {
			model.Add(b, &model.Object[T]{Ref: o.Ref, API: o.API.(*T), Origin: o.Origin})
		},
		merge: func(known, more any) string { return merged(known.(*T), more.(*T)) },
	}
}

// object returns a fact that is no resource.
func object[T any](ref model.Ref, api *T, origin model.Origin) Object {
	k := kindOf[T](ref.Kind, nil)
	return Object{Ref: ref, API: api, Origin: origin, kind: k.name, add: k.add, merge: k.merge}
}
