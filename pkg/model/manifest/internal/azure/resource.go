package azure

import (
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// name finds out what the resource is called, and with that its reference.
func (s *sheet) name() {
	s.ref.Kind, s.ref.Group = s.kind.name, model.AzureGroup
	s.id = s.header(s.res.ID, "id")
	if id, ok := s.id.Get(); ok && id != "" {
		s.ref = model.AzureRef(s.kind.name, strings.TrimRight(id, "/"))
		return
	}
	// A template may leave the id open: then its type and name stand for it.
	s.invented = true
	label := s.res.Label
	if label == "" {
		name := s.header(s.res.Name, "name")
		open, _ := name.Unresolved()
		label = s.typ() + "/" + name.Or(open)
	}
	s.ref = model.AzureRef(s.kind.name, label)
}

// header returns what a template says of the resource apart from its body, else the
// member of the resource itself: no property is meant.
func (s *sheet) header(given tree.Node, name string) model.Property[string] {
	if given.Kind == tree.Absent {
		m, _ := s.own.Member(name)
		s.record(name, m)
		given = m.Value
	}
	s.asked = append(s.asked, name)
	return valueOf(s, given, name, "a string", text)
}

// typ returns the type of the resource as it is written.
func (s *sheet) typ() string {
	if s.res.Type != "" {
		return s.res.Type
	}
	s.asked = append(s.asked, "type")
	if typ := typeIn(s.own); typ != "" {
		return typ
	}
	return typeOfID(s.id.Or(""))
}

// resource returns what all resources have.
func (s *sheet) resource() model.Resource {
	r := model.Resource{
		ID: s.id, Name: s.header(s.res.Name, "name"), Type: s.typ(), Location: s.header(s.res.Location, "location"),
		APIVersion: s.res.APIVersion, Template: s.res.Template,
	}
	if id, ok := r.ID.Get(); ok && (r.Name.IsAbsent() || r.Name.IsNull()) {
		r.Name = model.Known(lastOf(strings.TrimRight(id, "/")))
	}
	if tags := s.own.Get("tags"); tags.Kind == tree.Object {
		r.Tags = make(map[string]string, len(tags.Members))
		for _, m := range tags.Members {
			if m.Value.Kind == tree.String {
				r.Tags[m.Name] = m.Value.Text
			}
		}
	}
	if (r.ID.IsAbsent() || r.ID.IsNull()) && !r.Template {
		s.fail(tree.Node{}, "id", "missing: a resource of Azure has an id", "")
	}
	return r
}

// ofID returns what a function makes of the id, and leaves open what the id does.
func (s *sheet) ofID(of func(string) string) model.Property[string] { return mapped(s.id, of) }

// scope returns the resource that an extension resource belongs to.
func (s *sheet) scope() model.Property[string] {
	switch s.res.Scope.Kind {
	case tree.String:
		return model.Known(s.res.Scope.Text)
	case tree.Expression:
		return model.Unresolved[string](s.res.Scope.Text)
	case tree.Absent, tree.Null, tree.Bool, tree.Number, tree.List, tree.Object:
	}
	id, ok := s.id.Get()
	switch {
	case ok && targetOf(id) == "":
		return model.Property[string]{}
	case s.id.IsAbsent() && s.res.Template:
		return model.Unresolved[string]("the scope that the template is deployed to")
	}
	return s.ofID(targetOf)
}

// identities decodes which identities a resource has.
func (s *sheet) identities() model.ManagedIdentities {
	v := s.child("identity")
	if v == nil {
		return model.ManagedIdentities{}
	}
	m := model.ManagedIdentities{Type: v.str("type"), PrincipalID: v.str("principalId"), TenantID: v.str("tenantId")}
	attached, at := v.leaf("userAssignedIdentities")
	if attached.Kind == tree.Expression {
		v.gap(attached.Text, "userAssignedIdentities")
	}
	for _, a := range attached.Members {
		id := model.Known(a.Name)
		if s.res.Template && strings.HasPrefix(a.Name, "[") {
			id = model.Unresolved[string](a.Name)
		}
		inner := s.openView(a.Value, at+"["+a.Name+"]")
		s.place(inner.path, tree.Node{Line: a.Line, Col: a.Col})
		m.UserAssigned = append(m.UserAssigned, model.AttachedIdentity{ResourceID: id, ClientID: inner.str("clientId"), PrincipalID: inner.str("principalId")})
	}
	return m
}

// attached decodes an identity that names its object id like the cluster does.
func attached(v *view) model.AttachedIdentity {
	if v == nil {
		return model.AttachedIdentity{}
	}
	return model.AttachedIdentity{
		ResourceID: v.str("resourceId"), ClientID: v.str("clientId"), PrincipalID: firstOf(v.str("objectId"), v.str("principalId")),
	}
}
