package arm

import (
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// checker reports expressions that cannot be read and functions that do not exist,
// wherever they are, also where nothing evaluates them.
type checker struct {
	*evaluator
	functions tree.Node // the template whose own functions may be called
}

func (c checker) template(n tree.Node) {
	for _, m := range n.Members {
		if !strings.EqualFold(m.Name, "metadata") && !strings.EqualFold(m.Name, "$schema") {
			c.node(m.Value)
		}
	}
}

func (c checker) node(n tree.Node) {
	if n.Kind == tree.String {
		c.str(n.Text, n.Line, n.Col)
	}
	for _, item := range n.Items {
		c.node(item)
	}
	inner := strings.EqualFold(n.Get("expressionEvaluationOptions", "scope").Text, "inner")
	for _, m := range n.Members {
		c.str(m.Name, m.Line, m.Col)
		switch {
		case strings.EqualFold(m.Name, "metadata"), strings.EqualFold(m.Name, "allowedValues"):
		case inner && strings.EqualFold(m.Name, "template"):
			checker{c.evaluator, m.Value}.template(m.Value)
		default:
			c.node(m.Value)
		}
	}
}

func (c checker) str(s string, line, col int) {
	if !isExpression(s) {
		return
	}
	x, err := c.parse(s[1 : len(s)-1])
	if err == nil {
		err = c.expr(x)
	}
	if err != nil {
		c.report(problemf(line, col, "%s", err))
	}
}

func (c checker) expr(x *expr) error {
	for _, arg := range x.args {
		if err := c.expr(arg); err != nil {
			return err
		}
	}
	if x.kind != callExpr || strings.EqualFold(x.text, "lambda") {
		return nil
	}
	if namespace, name, ok := strings.Cut(x.text, "."); ok {
		if strings.EqualFold(namespace, "sys") {
			x = &expr{kind: callExpr, text: name, args: x.args}
		} else if _, ok := userDefined(c.functions, x.text); !ok {
			return unknownFunction(x.text)
		} else {
			return nil
		}
	}
	s, ok := known(x.text)
	if !ok {
		return unknownFunction(x.text)
	}
	return s.check(len(x.args))
}
