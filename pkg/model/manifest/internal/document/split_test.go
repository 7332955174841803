package document

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// docs reads a stream and returns, per document, its first place and its JSON,
// or the error.
func docs(text string) (lines []string) {
	for _, p := range Split([]byte(text), Limits{}) {
		documents, err := p.Documents()
		for _, d := range documents {
			line, col := d.Position(d.Root().Offset())
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%d:%d %s %s", line, col, d.JSON, d.Kind)))
		}
		if err != nil {
			lines = append(lines, "error "+err.Error())
		}
	}
	return lines
}

func TestSplit(t *testing.T) {
	const item = "- a: 1\n  b: 2\n"
	const head, foot = "apiVersion: v1\nitems:\n", "kind: List\n"
	for _, tc := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"# nothing\n---\n# at all\n---", nil},
		{"a: 1", []string{`1:1 {"a":1}`}},
		{"---\na: 1\n--- # two\nb: 2\n---\n", []string{`2:1 {"a":1}`, `4:1 {"b":2}`}},
		{"--- {a: 1}\n--- |\n text\n---\tx\n", []string{`1:5 {"a":1}`, `2:5 "text\n"`, `4:5 "x"`}},
		{"%YAML 1.1\n# c\n---\na: 1\n...\n%TAG ! tag:x,2000:\n---\nb: !y on\n", []string{`4:1 {"a":1}`, `8:1 {"b":"on"}`}},
		{"a: |\n  ---\n  x\n", []string{`1:1 {"a":"---\nx\n"}`}},
		{"a: 1\n...\n---\nb: 1\n", []string{`1:1 {"a":1}`, `4:1 {"b":1}`}},

		{`{"a": 1} {"b": 2}` + "\n\n" + `  {"c": 3}`, []string{`1:1 {"a": 1}`, `1:10 {"b": 2}`, `3:3 {"c": 3}`}},
		{`[{"a": 1}, 2, [3]]`, []string{`1:2 {"a": 1}`, `1:12 2`, `1:15 [3]`}},
		{"[\n]\n{}", []string{`3:1 {}`}},
		{`{"kind": "PodList", "items": [{"a": 1}], "apiVersion": "v1"}`, []string{`1:2 {"kind":"PodList","apiVersion":"v1"}`, `1:31 {"a": 1} Pod`}},
		{`{"kind": "Pod", "items": [{"a": 1}]}`, []string{`1:1 {"kind": "Pod", "items": [{"a": 1}]}`}},
		{`{"kind": "PodList", "items": {"a": 1}}`, []string{`1:1 {"kind": "PodList", "items": {"a": 1}}`}},
		{"{\"a\": 1}\n---\nb: 2\n", []string{`1:1 {"a": 1}`, `3:1 {"b":2}`}},
		{"{a: 1, \"b\": 2}", []string{`1:1 {"a":1,"b":2}`}},

		{`{"a": [1, {"b": 2]}`, []string{"error x"}},
		{`{"a" 1}`, []string{"error invalid JSON: want a name in quotes and a colon"}},
		{`{"a": 1,}`, []string{"error invalid JSON: want a name in quotes and a colon"}},
		{`{"a": }`, []string{"error invalid JSON: want a value"}},
		{`{"a": "x`, []string{"error invalid JSON: the string that begins here does not end on its line"}},
		{`{"a": 1`, []string{"error invalid JSON: what begins here does not end"}},
		{`{"a": [1`, []string{"error invalid JSON: what begins here does not end"}},
		{`{"kind": "List", "items": [1`, []string{`1:2 {"kind":"List"}`, "1:28 1", "error invalid JSON: what begins here does not end"}},
		{"{\"a\": 1}}\n{\"b\": 2}", []string{`1:1 {"a": 1}`, "error invalid JSON: want a value", `2:1 {"b": 2}`}},
		{"{\"a\": tru\n{\"b\": 2}", []string{"error invalid JSON: want a comma or the end of what is open", `2:1 {"b": 2}`}},
		{`{"a": 1} x`, []string{`1:1 {"a": 1}`, "error invalid JSON: want a value"}},

		{head + item + item + foot, []string{`1:1 {"apiVersion":"v1","items":null,"kind":"List"}`, `3:3 {"a":1,"b":2}`, `5:3 {"a":1,"b":2}`}},
		{head + item + "# c\n\n" + item + foot + "metadata: {x: z}\n", []string{`1:1 {"apiVersion":"v1","items":null,"kind":"List","metadata":{"x":"z"}}`, `3:3 {"a":1,"b":2}`, `7:3 {"a":1,"b":2}`}},
		{head + item + "kind: PodList\n", []string{`1:1 {"apiVersion":"v1","items":[{"a":1,"b":2}],"kind":"PodList"}`}},
		{"x:\n  items:\n  - a\n", []string{`1:1 {"x":{"items":["a"]}}`}},
	} {
		got := docs(tc.text)
		for i, line := range tc.want {
			if line == "error x" && i < len(got) && strings.HasPrefix(got[i], "error ") {
				got[i] = line // whatever it says
			}
		}
		assert.Equal(t, tc.want, got, tc.text)
	}
}

func TestPosition(t *testing.T) {
	long := strings.Repeat("ä", 3*placesEvery)
	text := "\n {\"" + long + "\": 1,\n\"x\": [2, \"" + long + "\",\n3]}"
	parts := Split([]byte(text), Limits{})
	require.Len(t, parts, 1)
	d := documentOf(t, parts[0])
	at := func(offset int) string {
		line, col := d.Position(offset)
		return fmt.Sprintf("%d:%d", line, col)
	}
	x, _ := d.Root().Member("x")
	var items []string
	for _, e := range x.Value.Elements() {
		items = append(items, at(e.Offset()))
	}
	assert.Equal(t, []string{"3:7", "3:10", "4:1"}, items)
	assert.Equal(t, "3:1", at(x.Key), "places may be asked for in any order")
	assert.Equal(t, "2:2", at(0))
	assert.Equal(t, "4:4", at(1<<30))

	part := d.Extract(x.Value)
	for i, e := range part.Root().Elements() {
		line, col := part.Position(e.Offset())
		assert.Equal(t, items[i], fmt.Sprintf("%d:%d", line, col))
	}

	yaml := documentOf(t, Split([]byte("---\né: &a\n- {ü: [x, y]}\nb: *a\n"), Limits{})[0])
	b, _ := yaml.Root().Member("b")
	for _, item := range yaml.Extract(b.Value).Root().Elements() {
		for m := range item.Members() {
			line, col := yaml.Position(b.Value.Offset() + m.Key)
			assert.Equal(t, "ü 3:4", fmt.Sprintf("%s %d:%d", m.Name, line, col), "an alias is where its anchor is")
		}
	}
}

func documentOf(t *testing.T, p *Part) *Document {
	t.Helper()
	docs, err := p.Documents()
	require.NoError(t, err)
	require.Len(t, docs, 1)
	return docs[0]
}

func TestSpelling(t *testing.T) {
	text := "a: on\nb: 'x'\nc: 0x10\nd: {e: [~]}\n"
	d := documentOf(t, Split([]byte(text), Limits{})[0])
	var got []string
	for m := range d.Root().Members() {
		if s, ok := d.Spelling(m.Value.Offset()); ok {
			got = append(got, m.Name+" "+s)
		}
	}
	assert.Equal(t, []string{"a on", "c 0x10"}, got)
	_, ok := FromJSON([]byte(`{"a": true}`)).Spelling(6)
	assert.False(t, ok)
}

func TestValue(t *testing.T) {
	d := FromJSON([]byte(` {"a": "x\ny", "b": [1, -2.5, null, true, {}], "\u00e9": {"c": []}, "a": false} `))
	root := d.Root()
	var names []string
	for m := range root.Members() {
		names = append(names, fmt.Sprintf("%s %c", m.Name, m.Value.Kind()))
	}
	assert.Equal(t, []string{"a \"", "b [", "é {", "a f"}, names)
	a, ok := root.Member("a")
	assert.True(t, ok)
	assert.Equal(t, "false", string(a.Value.Raw()), "the last one counts")
	_, ok = a.Value.Text()
	assert.False(t, ok)
	for m := range root.Members() {
		text, _ := m.Value.Text()
		assert.Equal(t, "x\ny", text)
		break
	}
	_, ok = root.Member("z")
	assert.False(t, ok)
	var kinds []string
	b, _ := root.Member("b")
	for i, e := range b.Value.Elements() {
		kinds = append(kinds, fmt.Sprintf("%d %s", i, e.Raw()))
	}
	assert.Equal(t, []string{"0 1", "1 -2.5", "2 null", "3 true", "4 {}"}, kinds)
	assert.Zero(t, Value{}.Kind())
	for range b.Value.Members() {
		t.Error("an array has no members")
	}
	for range root.Elements() {
		t.Error("an object has no elements")
	}
	for _, broken := range []string{`{`, `{"a`, `{"a":`, `{"a":1`, `{"a":1 "b":2}`, `[1`, `[1 2]`, `[}`, `{"a":]}`} {
		v := FromJSON([]byte(broken)).Root()
		for range v.Members() { // must end
		}
		for range v.Elements() { // must end
		}
	}
}
