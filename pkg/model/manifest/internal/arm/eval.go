package arm

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

const (
	maxChain = 200     // variables and parameters that refer to one another
	maxWork  = 1 << 24 // for one template: about 2 million nodes, or 128 MB of text
	maxRange = 10_000  // as Azure has it
	maxLoop  = 800     // as Azure has it
)

// errOpen is what a function returns that cannot know its result.
var errOpen = errors.New("not known")

var errWork = errors.New("the template takes too much work to resolve")

// evaluator is what one reading of a template shares between its scopes.
type evaluator struct {
	problems []*Problem
	reported map[Problem]bool
	muted    int // problems count for nothing: the branch may not be taken
	work     int
	depth    int
	parsed   map[string]*expr
	byID     map[string][]*declared // by id in lower case
	refs     map[string]opened      // what is known behind an atom, by its text
}

func newEvaluator() *evaluator {
	return &evaluator{reported: map[Problem]bool{}, parsed: map[string]*expr{}, byID: map[string][]*declared{}, refs: map[string]opened{}}
}

func (e *evaluator) report(p *Problem) {
	if e.muted == 0 && !e.reported[*p] {
		e.reported[*p] = true
		e.problems = append(e.problems, p)
	}
}

// spend counts work.
func (e *evaluator) spend(n int) error {
	if e.work += n; e.work > maxWork {
		return errWork
	}
	return nil
}

// exhausted counts work and reports that it is too much.
func (e *evaluator) exhausted(n int) bool {
	if e.spend(n) == nil {
		return false
	}
	muted := e.muted
	e.muted = 0
	e.report(problemf(0, 0, "%s", errWork))
	e.muted = muted
	return true
}

// weigh counts the work of looking at all that is in values.
func (e *evaluator) weigh(values ...tree.Node) error {
	for _, n := range values {
		if err := e.spend(1 + len(n.Text)/64); err != nil {
			return err
		}
		if err := e.weigh(n.Items...); err != nil {
			return err
		}
		for _, m := range n.Members {
			if err := e.weigh(m.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *evaluator) parse(expression string) (*expr, error) {
	if x, ok := e.parsed[expression]; ok {
		return x, nil
	}
	x, err := parseExpr(expression)
	if err == nil {
		e.parsed[expression] = x
	}
	return x, err
}

// loop is a copy loop and the index of its round, which may be an Expression.
type loop struct {
	name  string
	index tree.Node
	props bool // of a property or variable, not of a resource
}

// env is where an expression is evaluated: a scope, within loops and lambdas.
type env struct {
	*scope
	loops []loop               // the innermost is last
	local map[string]tree.Node // the variables of lambdas, by name in lower case
}

func (v env) within(l loop) env {
	v.loops = append(slices.Clip(v.loops), l)
	return v
}

// node evaluates all that is in a node of a template.
func (v env) node(n tree.Node) tree.Node {
	switch n.Kind {
	case tree.String:
		return v.str(n)
	case tree.List:
		items := make([]tree.Node, len(n.Items))
		for i, item := range n.Items {
			items[i] = v.node(item)
		}
		n.Items = items
	case tree.Object:
		members := make([]tree.Member, 0, len(n.Members))
		for _, m := range n.Members {
			if isCopy(m) {
				for _, item := range m.Value.Items {
					name := item.Get("name").Text
					members = append(members, tree.Member{Name: name, Line: m.Line, Col: m.Col, Value: v.copies(item, name)})
				}
				continue
			}
			if isExpression(m.Name) {
				key := v.str(tree.Node{Kind: tree.String, Text: m.Name, Line: m.Line, Col: m.Col})
				m.Name = key.Text
			}
			m.Value = v.node(m.Value)
			members = append(members, m)
		}
		n.Members = members
	case tree.Absent, tree.Null, tree.Bool, tree.Number, tree.Expression:
	}
	return n
}

// str evaluates a string of a template.
func (v env) str(n tree.Node) tree.Node {
	if !isExpression(n.Text) {
		n.Text = literal(n.Text)
		return n
	}
	x, err := v.parse(n.Text[1 : len(n.Text)-1])
	var value tree.Node
	if err == nil {
		value, err = v.eval(x)
	}
	if err == nil {
		value, err = v.placed(value, n.Line, n.Col)
	}
	if err != nil {
		if !errors.Is(err, errWork) || !v.exhausted(0) {
			v.report(problemf(n.Line, n.Col, "%s", err))
		}
		return tree.Node{Kind: tree.Expression, Text: n.Text, Line: n.Line, Col: n.Col}
	}
	return value
}

// placed returns a value with the place of the expression that makes it.
func (e *evaluator) placed(n tree.Node, line, col int) (tree.Node, error) {
	if err := e.spend(8 + len(n.Text)/8); err != nil {
		return n, err
	}
	n.Line, n.Col = line, col
	var err error
	if n.Kind == tree.List {
		items := make([]tree.Node, len(n.Items))
		for i, item := range n.Items {
			if items[i], err = e.placed(item, line, col); err != nil {
				return n, err
			}
		}
		n.Items = items
	}
	if n.Kind == tree.Object {
		members := make([]tree.Member, len(n.Members))
		for i, m := range n.Members {
			m.Line, m.Col = line, col
			if m.Value, err = e.placed(m.Value, line, col); err != nil {
				return n, err
			}
			members[i] = m
		}
		n.Members = members
	}
	return n, nil
}

func (v env) eval(x *expr) (tree.Node, error) {
	if err := v.spend(1); err != nil {
		return tree.Node{}, err
	}
	switch x.kind {
	case literalExpr:
		return text(x.text), nil
	case numberExpr:
		return tree.Node{Kind: tree.Number, Text: x.text}, nil
	case callExpr:
		return v.call(x)
	case memberExpr, indexExpr:
	}
	base, err := v.eval(x.args[0])
	if err != nil {
		return base, err
	}
	at := text(x.text)
	if x.kind == indexExpr {
		if at, err = v.eval(x.args[1]); err != nil {
			return at, err
		}
	}
	return v.access(base, at)
}

// access returns base.at or base[at].
func (v env) access(base, at tree.Node) (tree.Node, error) {
	switch {
	case base.Kind == tree.Expression:
		if base.Items != nil {
			return base, fmt.Errorf("a string has no %s", describe(at))
		}
		return v.behind(base, at), nil
	case at.Kind == tree.Expression && (base.Kind == tree.List || base.Kind == tree.Object):
		return atom(source(base) + "[" + source(at) + "]"), nil
	case base.Kind == tree.Object && at.Kind == tree.String:
		m, ok := base.Member(at.Text)
		if !ok {
			return base, fmt.Errorf("the object has no property %s", quoted(at.Text))
		}
		return m.Value, nil
	case base.Kind == tree.List && at.Kind == tree.Number:
		i, err := strconv.Atoi(at.Text)
		if err != nil || i < 0 || i >= len(base.Items) {
			return base, fmt.Errorf("index %s of a list with %d elements", at.Text, len(base.Items))
		}
		return base.Items[i], nil
	}
	return base, fmt.Errorf("%s has no %s", kindName(base), describe(at))
}

func describe(at tree.Node) string {
	if at.Kind == tree.String {
		return "property " + quoted(at.Text)
	}
	return "element " + at.Text
}

func kindName(n tree.Node) string {
	switch n.Kind {
	case tree.Null, tree.Absent:
		return "null"
	case tree.Bool:
		return "a boolean"
	case tree.Number:
		return "a number"
	case tree.String:
		return "a string"
	case tree.List:
		return "a list"
	case tree.Object:
		return "an object"
	case tree.Expression:
	}
	return "a value"
}

// behind returns what an atom has at a name or index.
func (v env) behind(base, at tree.Node) tree.Node {
	if at.Kind == tree.String {
		if o, ok := v.refs[base.Text]; ok {
			if n, ok := v.follow(o, base, at.Text); ok {
				return n
			}
		}
	}
	return atom(source(base) + accessor(at))
}

func accessor(at tree.Node) string {
	if at.Kind == tree.String {
		p := parser{text: at.Text}
		if p.name() == at.Text && at.Text != "" {
			return "." + at.Text
		}
	}
	return "[" + source(at) + "]"
}
