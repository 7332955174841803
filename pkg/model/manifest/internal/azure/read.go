package azure

import (
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// Recognise reports whether a document is about Azure.
func Recognise(n tree.Node) bool { return recognise(n) != nil }

// Read decodes a document that [Recognise] takes. The file stands in places.
func Read(file string, n tree.Node) Result {
	var out Result
	if s := recognise(n); s != nil {
		s.read(&out, file, n)
	}
	return out
}

// Decode decodes one resource. Without a type its body says what it is.
func Decode(file string, r Resource) Result {
	if r.Type == "" {
		return Read(file, r.Body)
	}
	var out Result
	decode(&out, file, kindOfType(r.Type), r)
	return out
}

// shape is one form of document.
type shape struct {
	read func(out *Result, file string, n tree.Node)
}

func resourceOf(k *kind) *shape {
	return &shape{func(out *Result, file string, n tree.Node) { decode(out, file, k, Resource{Body: n}) }}
}

// recognise finds out what a document is; nil if it is nothing of Azure.
func recognise(n tree.Node) *shape {
	if n.Kind != tree.Object {
		return nil
	}
	if list, goesOn := listIn(n); list.Kind == tree.List && (len(list.Items) == 0 || slices.ContainsFunc(list.Items, Recognise)) {
		return &shape{func(out *Result, file string, _ tree.Node) { readList(out, file, list, goesOn) }}
	}
	switch typ := typeIn(n); {
	case strings.EqualFold(typ, "Microsoft.Management/managementGroups"):
		return &shape{readManagementGroups}
	case typ != "":
		return resourceOf(kindOfType(typ))
	}
	if id := n.Get("id"); id.Kind == tree.String && isID(id.Text) {
		return resourceOf(kindOfType(typeOfID(id.Text)))
	}
	return recogniseByKeys(n)
}

// typeIn returns the type of resource that a document says, in the spelling of ids:
// management groups have an old one.
func typeIn(n tree.Node) string {
	typ := n.Get("type")
	if typ.Kind != tree.String || !isType(typ.Text) {
		return ""
	}
	if rest, ok := cutPrefixFold(typ.Text, "/providers/"); ok {
		return rest
	}
	return typ.Text
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

// recogniseByKeys knows what says no type: what Microsoft Graph and the directory's
// older API print, files for az role definition create, and exports cut down by a query.
func recogniseByKeys(n tree.Node) *shape {
	switch {
	case isGroupMembers(n):
		return &shape{readGroupMembers}
	case isDirectoryObject(n):
		return &shape{readDirectoryObject}
	case countOf(n, "principalId", "roleDefinitionId", "scope") >= 2:
		return resourceOf(roleAssignments)
	case n.Has("permissions") && (n.Has("denyAssignmentName") || n.Has("excludePrincipals")):
		return resourceOf(denyAssignments)
	case n.Has("assignableScopes") && (n.Has("permissions") || n.Has("actions") || n.Has("dataActions") || n.Has("roleName")),
		n.Has("isCustom") && (n.Has("actions") || n.Has("dataActions")):
		return resourceOf(roleDefinitions)
	case n.Has("issuer", "subject") && n.Has("audiences"):
		return resourceOf(appCredentials)
	case n.Has("tenantId", "state", "id") && (n.Has("homeTenantId") || n.Has("isDefault")):
		return resourceOf(others) // a subscription
	}
	return nil
}

func countOf(n tree.Node, names ...string) int {
	count := 0
	for _, name := range names {
		if n.Has(name) {
			count++
		}
	}
	return count
}

// listIn returns the list in what wraps one: {"value": [...]} of the REST API and
// Microsoft Graph, {"data": [...]} of Azure Resource Graph. Goes on is the member that
// says that there is more than this page.
func listIn(n tree.Node) (list tree.Node, goesOn tree.Member) {
	if n.Has("kind") || n.Has("type") || n.Has("id") {
		return tree.Node{}, tree.Member{}
	}
	name := "value"
	if n.Get(name).Kind != tree.List {
		name = "data"
		if countOf(n, "count", "total_records", "totalRecords", "skip_token", "skipToken") == 0 {
			return tree.Node{}, tree.Member{}
		}
	}
	for _, next := range []string{"nextLink", "@odata.nextLink", "skip_token", "skipToken", "$skipToken"} {
		if m, ok := n.Member(next); ok && m.Value.Text != "" {
			goesOn = m
		}
	}
	return n.Get(name), goesOn
}

func readList(out *Result, file string, list tree.Node, goesOn tree.Member) {
	if goesOn.Name != "" {
		out.Findings = append(out.Findings, incomplete(model.Place{File: file, Line: goesOn.Line, Col: goesOn.Col}, goesOn.Name))
	}
	if len(list.Items) == 0 && goesOn.Name == "" {
		out.Findings = append(out.Findings, Empty(model.Place{File: file, Line: list.Line, Col: list.Col}))
	}
	for _, item := range list.Items {
		if s := recognise(item); s != nil {
			s.read(out, file, item)
			continue
		}
		out.Problems = append(out.Problems, Problem{Line: item.Line, Col: item.Col, Text: "neither a resource of Azure nor an object of its directory: it says no type and no id of a kind that is known"})
	}
}

func incomplete(at model.Place, member string) model.Finding {
	return model.Finding{Rule: "incomplete-export", Place: at, Path: member, Text: "the list goes on elsewhere: this is not all of it", Hint: "export all pages"}
}

// Empty is the note about an export that lists nothing.
func Empty(at model.Place) model.Finding {
	return model.Finding{Rule: "empty-export", Place: at, Text: "an empty list: nothing to read", Note: true}
}

// decode decodes a resource of a kind.
func decode(out *Result, file string, k *kind, r Resource) {
	s := &sheet{file: file, kind: k, res: r, result: out}
	s.view = s.viewOf(r.Body)
	s.name()
	api := k.decode(s)
	s.nearMisses()
	if s.failed || api == nil {
		return
	}
	out.Objects = append(out.Objects, Object{
		Ref: s.ref, API: api, Origin: s.origin(), Invented: s.invented, Join: s.join, add: k.add, merge: k.merge,
	})
}

func (s *sheet) origin() model.Origin {
	return model.Origin{Place: s.at(), Server: !s.res.Template, Gaps: s.gaps, Fields: s.fields.Fields()}
}

// viewOf is the view of a whole resource. One that was listed without its properties
// has them elsewhere.
func (s *sheet) viewOf(n tree.Node) *view {
	v := s.openView(n, "")
	if !s.res.Template && n.Kind == tree.Object && needs[s.kind.name] == "" && isBare(n) {
		v.inner = tree.Node{Kind: tree.Expression, Text: "properties, which this listing leaves out", Line: n.Line, Col: n.Col}
	}
	return v
}

// isBare reports whether a resource shows no property of its own.
func isBare(n tree.Node) bool {
	if !n.Has("type") {
		return false
	}
	for _, m := range n.Members {
		switch strings.ToLower(m.Name) {
		case "id", "name", "type", "location", "tags", "resourcegroup", "sku", "kind", "identity", "managedby", "plan", "zones",
			"extendedlocation", "changedtime", "createdtime", "provisioningstate", "systemdata", "etag", "subscriptionid", "tenantid", "apiversion":
		case "properties":
			if m.Value.Kind != tree.Null {
				return false
			}
		default:
			return false
		}
	}
	return true
}
