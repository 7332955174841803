package arm

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// generator makes random expressions of given types over the parameters s0…, b0…, i0…
// and l0… .
type generator struct{ *rand.Rand }

func (g generator) one(of ...string) string { return of[g.IntN(len(of))] }

func (g generator) expr(kind byte, depth int) string {
	if depth == 0 || g.IntN(6) == 0 {
		return g.leaf(kind)
	}
	sub := func(kind byte) string { return g.expr(kind, depth-1) }
	switch kind {
	case 's':
		switch g.IntN(9) {
		case 0:
			return "concat(" + sub('s') + ", " + sub('s') + ")"
		case 1:
			return "format('{0}-{1}', " + sub('s') + ", " + sub('i') + ")"
		case 2:
			return "toLower(" + sub('s') + ")"
		case 3:
			return "if(" + sub('b') + ", " + sub('s') + ", " + sub('s') + ")"
		case 4:
			return "coalesce(" + g.one("null()", sub('s')) + ", " + sub('s') + ")"
		case 5:
			return "first(concat(" + sub('l') + ", createArray(" + sub('s') + ")))"
		case 6:
			return "last(split(" + sub('s') + ", '-'))"
		case 7:
			return "createObject('k', " + sub('s') + ", 'l', " + sub('i') + ").k"
		}
		return "join(map(" + sub('l') + ", lambda('x', concat(lambdaVariables('x'), " + sub('s') + "))), ',')"
	case 'b':
		switch g.IntN(7) {
		case 0:
			return "and(" + sub('b') + ", " + sub('b') + ")"
		case 1:
			return "or(" + sub('b') + ", " + sub('b') + ")"
		case 2:
			return "not(" + sub('b') + ")"
		case 3:
			return "equals(" + sub('s') + ", " + sub('s') + ")"
		case 4:
			return "empty(" + sub(g.one("s", "l")[0]) + ")"
		case 5:
			return "contains(" + sub('l') + ", " + sub('s') + ")"
		}
		return "less(" + sub('i') + ", " + sub('i') + ")"
	case 'i':
		return g.one("add("+sub('i')+", "+sub('i')+")", "length("+sub('l')+")", "if("+sub('b')+", "+sub('i')+", "+sub('i')+")", "max("+sub('i')+", "+sub('i')+")")
	}
	return g.one("createArray("+sub('s')+", "+sub('s')+")", "concat("+sub('l')+", "+sub('l')+")", "union("+sub('l')+", "+sub('l')+")",
		"take("+sub('l')+", "+sub('i')+")", "filter("+sub('l')+", lambda('y', equals(lambdaVariables('y'), "+sub('s')+")))", "array("+sub('s')+")",
		"if("+sub('b')+", "+sub('l')+", "+sub('l')+")")
}

func (g generator) leaf(kind byte) string {
	if g.IntN(2) == 0 {
		return fmt.Sprintf("parameters('%c%d')", kind, g.IntN(2))
	}
	switch kind {
	case 's':
		return g.one("'a'", "'B'", "''", "'a-b'", "'['", "'[parameters(''s0'')]'")
	case 'b':
		return g.one("true()", "false()")
	case 'i':
		return g.one("0", "1", "2")
	}
	return g.one("createArray()", "createArray('a')")
}

// valued returns an environment in which the parameters that open leaves out have the
// values.
func valued(values map[string]tree.Node, open map[string]bool) env {
	declared := tree.Node{Kind: tree.Object}
	s := newScope(newEvaluator(), tree.Node{}, newTarget(""))
	for name, value := range values {
		declared.Members = append(declared.Members, tree.Member{Name: name})
		if !open[name] {
			s.given[name] = given{node: fields("value", value)}
		}
	}
	s.template = fields("parameters", declared)
	return env{scope: s}
}

// refines reports whether a value may be what another, of which not all is known,
// turns out to be.
func refines(value, open tree.Node) bool {
	switch {
	case open.Kind == tree.Expression:
		return len(open.Items) == 0 || value.Kind == tree.String
	case value.Kind != open.Kind || value.Text != open.Text || len(value.Items) != len(open.Items) || len(value.Members) != len(open.Members):
		return false
	}
	for i := range open.Items {
		if !refines(value.Items[i], open.Items[i]) {
			return false
		}
	}
	for i := range open.Members {
		if !refines(value.Members[i].Value, open.Members[i].Value) {
			return false
		}
	}
	return true
}

// What is known without all parameters stays true whatever they are, and values with
// equal texts turn out to be equal.
func TestUnknownIsSound(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(4, 2026))}
	known, joined := 0, 0
	for range 600 {
		values := map[string]tree.Node{}
		open := map[string]bool{}
		for i := range 2 {
			values[fmt.Sprintf("s%d", i)] = text(g.one("a", "B", "", "x-y", "["))
			values[fmt.Sprintf("b%d", i)] = boolean(g.IntN(2) == 0)
			values[fmt.Sprintf("i%d", i)] = integer(int64(g.IntN(3)))
			values[fmt.Sprintf("l%d", i)] = list([]tree.Node{text(g.one("a", "B")), text("c")}[:g.IntN(3)])
		}
		for _, name := range []string{"s0", "s1", "b0", "b1", "i0", "i1", "l0", "l1"} {
			open[name] = g.IntN(2) == 0
		}
		texts := map[string]tree.Node{}
		for range 14 {
			expression := g.expr(g.one("s", "b", "i", "l")[0], 1+g.IntN(3))
			full, err := evaluate(valued(values, nil), expression)
			if err != nil {
				continue
			}
			part, err := evaluate(valued(values, open), expression)
			require.NoError(t, err, expression)
			require.True(t, refines(full, part), "%s\n%v\n%v", expression, full, part)
			again, err := evaluate(valued(values, open), expression)
			require.NoError(t, err)
			require.Equal(t, part, again)
			if part.Kind != tree.Expression {
				known++
				continue
			}
			if other, ok := texts[part.Text]; ok {
				eq, sure := equal(other, full)
				require.True(t, sure && eq, "%s: %s\n%v\n%v", expression, part.Text, other, full)
				joined++
			}
			texts[part.Text] = full
		}
	}
	assert.Greater(t, known, 1000)
	assert.Greater(t, joined, 50)
}

// A parameter given as its default changes nothing, and neither does asking twice.
func TestDefaultsGiven(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(5, 2026))}
	for range 200 {
		var properties, declared, values []string
		for _, name := range []string{"s0", "s1", "b0", "b1", "i0", "i1", "l0", "l1"} {
			kind := map[byte]string{'s': "string", 'b': "bool", 'i': "int", 'l': "array"}[name[0]]
			value := map[byte]string{'s': g.one(`"a"`, `"B-c"`, `""`), 'b': g.one("true", "false"), 'i': g.one("0", "1", "2"), 'l': g.one(`[]`, `["a"]`)}[name[0]]
			if g.IntN(3) == 0 {
				declared = append(declared, fmt.Sprintf(`"%s": {"type": "%s"}`, name, kind))
				continue
			}
			declared = append(declared, fmt.Sprintf(`"%s": {"type": "%s", "defaultValue": %s}`, name, kind, value))
			values = append(values, fmt.Sprintf(`"%s": {"value": %s}`, name, value))
		}
		for i := range 5 {
			properties = append(properties, fmt.Sprintf(`"p%d": "[%s]"`, i, g.expr(g.one("s", "b", "i", "l")[0], 3)))
		}
		source := template(`"parameters": {`+strings.Join(declared, ", ")+"}",
			`"resources": [{"type": "Microsoft.X/y", "name": "n", "condition": "[`+g.expr('b', 2)+`]", "properties": {`+strings.Join(properties, ", ")+"}}]")
		read, err := Read([]byte(source))
		require.NoError(t, err)
		want, problems := read.Resources()
		again, problemsAgain := read.Resources()
		require.Equal(t, want, again)
		require.Equal(t, problems, problemsAgain)
		got, gotProblems := resourcesOf(t, source, "{"+strings.Join(values, ", ")+"}")
		require.Equal(t, want, got, source)
		require.Equal(t, problems, gotProblems)
	}
}
