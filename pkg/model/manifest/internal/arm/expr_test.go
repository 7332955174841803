package arm

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseExpr(t *testing.T) {
	for text, want := range map[string]string{
		"parameters('a')":                            "parameters('a')",
		" concat ( 'it''s' ,-1 ,\n a.b ( ) ) ":       "concat('it''s', -1, a.b())",
		"f().x.y[0]['z'][g()].w":                     "f().x.y[0]['z'][g()].w",
		"createArray(1,2)[add(0, 1)]":                "createArray(1, 2)[add(0, 1)]",
		"'literal'":                                  "'literal'",
		"split(parameters('id'), '/')[8].Length":     "split(parameters('id'), '/')[8].Length",
		"subscription ( ) . Id":                      "subscription().Id",
		"'[not] an \\expression with ''quotes''' ":   "'[not] an \\expression with ''quotes'''",
		"map(f(), lambda('i', lambdaVariables('i'))": "",
	} {
		x, err := parseExpr(text)
		if want == "" {
			assert.Error(t, err, text)
			continue
		}
		if assert.NoError(t, err, text) {
			assert.Equal(t, want, x.String())
		}
	}
}

func TestParseExprErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "at character 1 of the expression: want a function, a string",
		"parameters":                      "at character 1 of the expression: want a function: parameters has no (",
		"parameters('a'":                  "at character 15 of the expression: want a comma or )",
		"parameters('a)":                  "at character 12 of the expression: want a single quote at the end",
		"é":                               "at character 1",
		"concat('é', x)":                  "at character 13 of the expression: want a function: x has no (",
		"f(1,)":                           "at character 5",
		"f()x":                            "at character 4 of the expression: want the end",
		"f().":                            "at character 5 of the expression: want the name of a property",
		"f()[1":                           "at character 6 of the expression: want ]",
		"a.b.c()":                         "at character 1 of the expression: want a function: a name and (",
		"99999999999999999999":            "at character 1 of the expression: want an integer",
		"-":                               "at character 1 of the expression: want an integer",
		strings.Repeat("f(", 200):         "want less nesting: at most 100 levels",
		"f()" + strings.Repeat(".x", 200): "want fewer accesses: at most 100",
	} {
		_, err := parseExpr(text)
		assert.ErrorContains(t, err, want, text)
	}
}

func TestIsExpression(t *testing.T) {
	for s, want := range map[string]bool{
		"[x()]": true, "[]": true, "[[x()]": false, "x": false, "[x() ": false, "[": false, "": false, "[[x] and [y]": false,
	} {
		assert.Equal(t, want, isExpression(s), s)
	}
	assert.Equal(t, "[x()]", literal("[[x()]"))
	assert.Equal(t, "[[x", literal("[[x"))
	assert.Equal(t, "x", literal("x"))
}

// Printing and parsing are inverse.
func FuzzParseExpr(f *testing.F) {
	for _, seed := range []string{
		"concat('a''b', parameters('x').y[0])", "if(equals(1, -2), null(), ns.f())", "f ( 'x' , g( )[ 'k' ] ).z", "-0", "'é'",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x, err := parseExpr(text)
		if err != nil {
			return
		}
		printed := x.String()
		y, err := parseExpr(printed)
		require.NoError(t, err, printed)
		require.Equal(t, x, y)
		require.Equal(t, printed, y.String())
	})
}
