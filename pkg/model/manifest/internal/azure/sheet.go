package azure

import (
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// sheet is a fact while it is decoded: where it stands and what is said of it.
type sheet struct {
	*view
	file     string
	kind     *kind
	ref      model.Ref
	res      Resource
	id       model.Property[string]
	fields   model.FieldsBuilder
	result   *Result
	failed   bool
	open     string // the first expression in the list at hand
	hinted   []string
	gaps     []model.Gap
	invented bool
	join     func(whole any)
}

func (s *sheet) leaveOpen(expression string) {
	if s.open == "" {
		s.open = expression
	}
}

// record records the place of a member: that of its name, if the value has more than
// one part or none, and that of the value otherwise.
func (s *sheet) record(path string, m tree.Member) {
	switch m.Value.Kind {
	case tree.Absent:
	case tree.Object, tree.List, tree.Null:
		if m.Line > 0 {
			s.fields.Add(path, m.Line, m.Col)
		}
	case tree.Bool, tree.Number, tree.String, tree.Expression:
		s.place(path, m.Value)
	}
}

func (s *sheet) place(path string, n tree.Node) {
	if n.Line > 0 {
		s.fields.Add(path, n.Line, n.Col)
	}
}

func (s *sheet) begin() (line, col int) {
	n := s.own
	switch {
	case s.res.Line > 0:
		return s.res.Line, s.res.Col
	case len(n.Members) > 0 && n.Members[0].Line > 0:
		return n.Members[0].Line, n.Members[0].Col
	}
	return n.Line, n.Col
}

func (s *sheet) at() model.Place {
	line, col := s.begin()
	return model.Place{File: s.file, Line: line, Col: col}
}

// fail records a problem. Without a place of its own it has the fact's.
func (s *sheet) fail(n tree.Node, path, text, hint string) {
	s.failed = true
	line, col := n.Line, n.Col
	if line == 0 {
		line, col = s.begin()
	}
	s.result.Problems = append(s.result.Problems, Problem{line, col, s.ref, path, text, hint})
}

func (s *sheet) wrong(n tree.Node, path, want string) {
	hint := ""
	if want == "a string" && (n.Kind == tree.Number || n.Kind == tree.Bool) {
		hint = "write " + jsonOf(tree.Node{Kind: tree.String, Text: n.Text})
	}
	s.fail(n, path, "want "+want+", got "+describe(n), hint)
}

func describe(n tree.Node) string {
	const longest = 60
	text := jsonOf(n)
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	switch n.Kind {
	case tree.Absent, tree.Null:
		return "null"
	case tree.Bool:
		return "the boolean " + text
	case tree.Number:
		return "the number " + text
	case tree.String:
		return "the string " + text
	case tree.List:
		return "a list"
	case tree.Expression:
		return "an expression"
	case tree.Object:
	}
	return "an object"
}

// require makes sure that something is there.
func require[T any](s *sheet, p model.Property[T], name string) bool {
	if !p.IsAbsent() && !p.IsNull() || s.failed && s.reported(name) {
		return true
	}
	text := "missing: " + needs[s.kind.name]
	if p.IsNull() {
		text = "null: " + needs[s.kind.name]
	}
	hint := ""
	if near := s.misspelt(name); near != "" {
		s.hinted = append(s.hinted, near)
		hint = `is "` + near + `" meant for it?`
	}
	s.fail(tree.Node{}, name, text, hint)
	return false
}

// reported reports whether there is a problem about the path already.
func (s *sheet) reported(path string) bool {
	for _, p := range s.result.Problems {
		if p.Path == path && p.Object == s.ref {
			return true
		}
	}
	return false
}

// needs says, by kind, what a fact of it cannot do without.
var needs = map[string]string{ //nolint:gochecknoglobals // a constant table
	"RoleAssignment":      "a role assignment has a principalId, a roleDefinitionId and a scope",
	"RoleDefinition":      "a role definition has a name and permissions",
	"DenyAssignment":      "a deny assignment has permissions, principals and a scope",
	"FederatedCredential": "a federated credential has an issuer, audiences, and a subject or an expression",
	"GroupMembers":        "a group has an id, and so has each of its members",
	"DirectoryObject":     "an object of the directory has an id",
	"ManagementGroup":     "a management group has an id",
}

func (s *sheet) finding(rule string, line, col int, path, text, hint string) {
	s.result.Findings = append(s.result.Findings, model.Finding{
		Rule: rule, Object: s.ref, Place: model.Place{File: s.file, Line: line, Col: col}, Path: path, Text: text, Hint: hint,
	})
}
