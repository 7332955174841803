package arm

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

func TestReadJSON(t *testing.T) {
	n, repeated, err := readJSON([]byte("\uFEFF// head\n{\n  \"é\": [1, -2.5e3, true, null,], /* one\n two */ \"b\": \"x\r\n\ty\",\n} // tail"))
	require.NoError(t, err)
	assert.Empty(t, repeated)
	require.Len(t, n.Members, 2)
	assert.Equal(t, [2]int{2, 1}, [2]int{n.Line, n.Col})
	list := n.Get("É")
	require.Len(t, list.Items, 4)
	assert.Equal(t, tree.Node{Kind: tree.Number, Text: "-2.5e3", Line: 3, Col: 12}, list.Items[1])
	assert.Equal(t, tree.Null, list.Items[3].Kind)
	b, _ := n.Member("b")
	assert.Equal(t, [2]int{4, 9}, [2]int{b.Line, b.Col})
	assert.Equal(t, "x\r\n\ty", b.Value.Text)
	assert.Equal(t, [2]int{4, 14}, [2]int{b.Value.Line, b.Value.Col})

	n, _, err = readJSON([]byte(`"\u00e9\ud83d\ude00\ud800x\/\n"`))
	require.NoError(t, err)
	assert.Equal(t, "é😀\uFFFDx/\n", n.Text)
}

func TestReadJSONErrors(t *testing.T) {
	for _, test := range []struct {
		text      string
		line, col int
		want      string
	}{
		{``, 1, 1, "want a value, found the end"},
		{`{"a": 1`, 1, 1, "does not end, want }"},
		{`{"a" 1}`, 1, 6, `want a colon after the name "a"`},
		{`{a: 1}`, 1, 2, "want a name in quotes or }"},
		{`{"a": 1 "b": 2}`, 1, 9, "want a comma or }"},
		{"[1,\n  2\n", 1, 1, "does not end, want ]"},
		{"[1, 2}", 1, 6, "want a comma or ]"},
		{"[,]", 1, 2, "want a value"},
		{"[\n 01]", 2, 2, "want a number such as"},
		{"[1.]", 1, 2, "want a number such as"},
		{"nul", 1, 1, "want a value"},
		{`"a`, 1, 1, "does not end, want a quote"},
		{`"a\x"`, 1, 3, "after a backslash"},
		{`"a\u12g4"`, 1, 3, "four hexadecimal digits"},
		{"\"a\x01\"", 1, 3, "control character"},
		{"1 /* x", 1, 3, "want */"},
		{"1 2", 1, 3, "want nothing after the value"},
		{strings.Repeat("[", 101), 1, 101, "nested deeper than 100 levels"},
	} {
		_, _, err := readJSON([]byte(test.text))
		p, ok := errors.AsType[*Problem](err)
		if assert.True(t, ok, test.text) {
			assert.Contains(t, p.Error(), test.want, test.text)
			assert.Equal(t, [2]int{test.line, test.col}, [2]int{p.Line, p.Col}, test.text)
		}
	}
	_, _, err := readJSON(make([]byte, maxSize+1))
	assert.ErrorContains(t, err, "larger than 16 MiB")
}

func TestRepeatedNames(t *testing.T) {
	_, repeated, err := readJSON([]byte("{\"a\": 1,\n \"b\": {\"a\": 1}, \"A\": 2}"))
	require.NoError(t, err)
	require.Len(t, repeated, 1)
	assert.Equal(t, Problem{Line: 2, Col: 17, Text: `"A" is written twice in one object`}, *repeated[0])
}

func TestRecognise(t *testing.T) {
	const template = `{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", `
	const parameters = `{"$schema": "https://schema.management.azure.com/schemas/2015-01-01/deploymentParameters.json#", `
	for _, test := range []struct {
		text                 string
		template, parameters bool
	}{
		{template + `"resources": []}`, true, false},
		{"// generated\n" + template + `"resources": [broken`, true, false},
		{strings.Replace(template, "deploymentTemplate", "subscriptionDeploymentTemplate", 1), true, false},
		{`{"contentVersion": "1.0.0.0", "resources": []}`, true, false},
		{parameters + `"parameters": {}}`, false, true},
		{`{"contentVersion": "1.0.0.0", "parameters": {}}`, false, true},
		{`{"resources": [], "kind": "x"}`, false, false},
		{`{"$schema": "https://json-schema.org/draft/2020-12/schema", "resources": [], "contentVersion": ""}`, false, false},
		{`[]`, false, false},
		{`contentVersion: 1`, false, false},
		{``, false, false},
	} {
		assert.Equal(t, test.template, IsTemplate([]byte(test.text)), test.text)
		assert.Equal(t, test.parameters, IsParameters([]byte(test.text)), test.text)
	}
}

// plain returns a node as encoding/json decodes it with UseNumber.
func plain(n tree.Node) any {
	switch n.Kind {
	case tree.Bool:
		return n.Text == "true"
	case tree.Number:
		return json.Number(n.Text)
	case tree.String:
		return n.Text
	case tree.List:
		out := []any{}
		for _, item := range n.Items {
			out = append(out, plain(item))
		}
		return out
	case tree.Object:
		out := map[string]any{}
		for _, m := range n.Members {
			out[m.Name] = plain(m.Value)
		}
		return out
	default:
		return nil
	}
}

// Plain JSON means the same as to encoding/json, and what is read is in the text where
// it is said to be.
func FuzzReadJSON(f *testing.F) {
	for _, seed := range []string{
		`{"a": [1, 2.5, "x\u00e9", null, true]}`, "// c\n{\"a\": /* d */ \"b\nc\",}", `"\ud800\udc00"`, "[1,]", "\uFEFF{}", "\"\xff\"", `{"":{"":0}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, _, err := readJSON(data)
		if p, ok := errors.AsType[*Problem](err); ok {
			require.Positive(t, p.Line)
			require.Positive(t, p.Col)
		}
		if !json.Valid(data) {
			return
		}
		if err != nil {
			require.ErrorContains(t, err, "nested deeper")
			return
		}
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		var want any
		require.NoError(t, d.Decode(&want))
		require.Equal(t, want, plain(n))
	})
}
