package arm

import (
	"fmt"
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// level is what a deployment deploys to.
type level uint8

const (
	groupLevel level = iota
	subscriptionLevel
	managementLevel
	tenantLevel
)

// target is where a deployment deploys to. The parts above its level are unused.
type target struct {
	level                           level
	subscription, group, management tree.Node
}

func newTarget(schema string) target {
	t := target{
		subscription: tree.Node{Kind: tree.Expression, Text: subscriptionText},
		group:        tree.Node{Kind: tree.Expression, Text: groupText},
		management:   tree.Node{Kind: tree.Expression, Text: managementText},
	}
	t.level, _ = levelOf(schema)
	return t
}

// levelOf returns the level of a template's $schema.
func levelOf(schema string) (level, bool) {
	schema = strings.ToLower(schema)
	switch {
	case strings.Contains(schema, "/subscriptiondeploymenttemplate.json"):
		return subscriptionLevel, true
	case strings.Contains(schema, "/managementgroupdeploymenttemplate.json"):
		return managementLevel, true
	case strings.Contains(schema, "/tenantdeploymenttemplate.json"):
		return tenantLevel, true
	}
	return groupLevel, false
}

// id returns the id of the target; the tenant's is empty.
func (t target) id() tree.Node {
	switch t.level {
	case groupLevel:
		return joined(text("/subscriptions/"), t.subscription, text("/resourceGroups/"), t.group)
	case subscriptionLevel:
		return joined(text("/subscriptions/"), t.subscription)
	case managementLevel:
		return joined(text("/providers/Microsoft.Management/managementGroups/"), t.management)
	case tenantLevel:
	}
	return text("")
}

// given is a value that somebody gives a parameter.
type given struct {
	node tree.Node // the object that holds value or reference
	in   *env      // where its expressions are evaluated; nil if it has none
	from *Parameters
}

// scope is what the expressions of a template see.
type scope struct {
	*evaluator
	template tree.Node
	name     tree.Node // of the deployment; Absent at the top
	label    tree.Node // its name, or its id if it deploys elsewhere
	target   target
	given    map[string]given     // by name in lower case
	bound    map[string]tree.Node // the arguments of a user's function; nil outside

	parameters, variables map[string]tree.Node // evaluated, by name in lower case
	busy                  map[string]bool      // being evaluated
	fresh                 bool                 // a default calls newGuid or utcNow
	inDefault             bool

	symbols map[string][]*declared // by symbolic name in lower case
	byName  map[string][]*declared // by name in lower case
}

func newScope(e *evaluator, template tree.Node, t target) *scope {
	return &scope{
		evaluator: e, template: template, target: t, given: map[string]given{},
		parameters: map[string]tree.Node{}, variables: map[string]tree.Node{}, busy: map[string]bool{},
		symbols: map[string][]*declared{}, byName: map[string][]*declared{},
	}
}

// open is what stands for a parameter whose value is not known.
func (s *scope) open(name string) tree.Node {
	return atom(s.prefix() + "parameters(" + quote(name) + ")")
}

// prefix tells what is called by name in a nested deployment from what is called so
// elsewhere.
func (s *scope) prefix() string {
	if s.name.Kind == tree.Absent {
		return ""
	}
	return "deployment(" + source(s.label) + ")."
}

func (s *scope) parameter(name string) (tree.Node, error) {
	key := strings.ToLower(name)
	if s.bound != nil {
		if v, ok := s.bound[key]; ok {
			return v, nil
		}
		return tree.Node{}, fmt.Errorf("the function has no parameter %s", quoted(name))
	}
	if v, ok := s.parameters[key]; ok {
		return v, nil
	}
	m, ok := s.template.Get("parameters").Member(name)
	if !ok {
		return tree.Node{}, fmt.Errorf("no parameter %s is declared", quoted(name))
	}
	if err := s.enter("p", key, "parameter", name); err != nil {
		return tree.Node{}, err
	}
	defer s.leave("p", key)
	v := s.aloud(func() tree.Node { return s.parameterValue(m) })
	s.parameters[key] = v
	return v, nil
}

func (s *scope) parameterValue(m tree.Member) tree.Node {
	kind := strings.ToLower(m.Value.Get("type").Text)
	if s.secure(m.Value, maxTypes) {
		return s.open(m.Name)
	}
	g, isGiven := s.given[strings.ToLower(m.Name)]
	if !isGiven {
		return s.defaultValue(m, kind)
	}
	v, ok := g.node.Member("value")
	if !ok {
		return s.open(m.Name) // a reference to a vault
	}
	value := v.Value
	if g.in != nil {
		value = g.in.node(value)
	}
	if text := mistyped(value, kind); text != "" {
		s.report(&Problem{Line: v.Value.Line, Col: v.Value.Col, In: g.from, Text: fmt.Sprintf("parameter %s: %s", quoted(m.Name), text)})
		return s.open(m.Name)
	}
	if allowed := m.Value.Get("allowedValues"); allowed.Kind == tree.List && value.Kind != tree.List {
		if eq, known := contains(allowed.Items, value); known && !eq {
			s.report(&Problem{Line: v.Value.Line, Col: v.Value.Col, In: g.from, Text: fmt.Sprintf("parameter %s has a value that is not among its allowedValues", quoted(m.Name))})
			return s.open(m.Name)
		}
	}
	return value
}

const maxTypes = 20

// secure reports whether a parameter, or anything that its type has in it, is a
// secret. A type without end counts as one.
// https://learn.microsoft.com/azure/azure-resource-manager/templates/definitions
func (s *scope) secure(declared tree.Node, depth int) bool {
	if depth == 0 || hasFoldedPrefix(declared.Get("type").Text, "secure") {
		return true
	}
	if ref := declared.Get("$ref"); ref.Kind == tree.String {
		name := ref.Text[strings.LastIndexByte(ref.Text, '/')+1:]
		if s.secure(s.template.Get("definitions", name), depth-1) {
			return true
		}
	}
	inner := []tree.Node{declared.Get("items"), declared.Get("additionalProperties")}
	for _, m := range declared.Get("properties").Members {
		inner = append(inner, m.Value)
	}
	for _, item := range append(inner, declared.Get("prefixItems").Items...) {
		if item.Kind == tree.Object && s.secure(item, depth-1) {
			return true
		}
	}
	return false
}

func (s *scope) defaultValue(m tree.Member, kind string) tree.Node {
	d, ok := m.Value.Member("defaultValue")
	if !ok {
		if nullable, _ := m.Value.Get("nullable").Bool(); nullable {
			return tree.Node{Kind: tree.Null}
		}
		return s.open(m.Name)
	}
	fresh, inDefault := s.fresh, s.inDefault
	s.fresh, s.inDefault = false, true
	v := env{scope: s}.node(d.Value)
	again := s.fresh
	s.fresh, s.inDefault = fresh, inDefault
	if again {
		return s.open(m.Name) // a different value each time
	}
	if text := mistyped(v, kind); text != "" {
		s.report(problemf(d.Value.Line, d.Value.Col, "the default of parameter %s: %s", quoted(m.Name), text))
		return s.open(m.Name)
	}
	return v
}

// mistyped says how a value is not of a parameter's type. It does not quote the value.
func mistyped(v tree.Node, kind string) string {
	want, known := map[string]tree.Kind{
		"string": tree.String, "int": tree.Number, "bool": tree.Bool, "array": tree.List, "object": tree.Object,
	}[kind]
	if !known || v.Kind == want || v.Kind == tree.Expression || v.Kind == tree.Null {
		return ""
	}
	return "want a value of the type " + kind
}

func (s *scope) variable(name string) (tree.Node, error) {
	key := strings.ToLower(name)
	if v, ok := s.variables[key]; ok {
		return v, nil
	}
	if s.bound != nil {
		return tree.Node{}, fmt.Errorf("variables('%s'): a function sees no variables", name)
	}
	all := s.template.Get("variables")
	m, ok := all.Member(name)
	copies, _ := all.Member("copy")
	if !ok || isCopy(m) {
		ok = false
		for _, item := range copies.Value.Items {
			ok = ok || strings.EqualFold(item.Get("name").Text, name)
		}
		if !ok {
			return tree.Node{}, fmt.Errorf("no variable %s is declared", quoted(name))
		}
		m = tree.Member{}
	}
	if err := s.enter("v", key, "variable", name); err != nil {
		return tree.Node{}, err
	}
	defer s.leave("v", key)
	v := s.aloud(func() tree.Node {
		for _, item := range copies.Value.Items {
			if m.Name == "" && strings.EqualFold(item.Get("name").Text, name) {
				return env{scope: s}.copies(item, name)
			}
		}
		return env{scope: s}.node(m.Value)
	})
	s.variables[key] = v
	return v, nil
}

// enter guards against what refers to itself and against chains without end.
func (s *scope) enter(prefix, key, what, name string) error {
	if s.busy[prefix+key] {
		return fmt.Errorf("%s %s refers to itself", what, quoted(name))
	}
	if s.depth > maxChain {
		return fmt.Errorf("%s %s: a chain of more than %d references", what, quoted(name), maxChain)
	}
	s.busy[prefix+key] = true
	s.depth++
	return nil
}

func (s *scope) leave(prefix, key string) {
	delete(s.busy, prefix+key)
	s.depth--
}

// aloud evaluates what is kept for all who ask, so that its problems count even if the
// first to ask is in a branch that may not be taken.
func (e *evaluator) aloud(evaluate func() tree.Node) tree.Node {
	muted := e.muted
	e.muted = 0
	defer func() { e.muted = muted }()
	return evaluate()
}
