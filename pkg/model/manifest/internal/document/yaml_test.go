package document

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sigsyaml "sigs.k8s.io/yaml"
)

// asYAML converts one document, a list or array as a whole.
func asYAML(text string) (*Document, error) {
	p := partOf(text)
	for root, err := range p.nodes() {
		if err != nil {
			return nil, err
		}
		return p.convert(root)
	}
	return &Document{JSON: []byte("null")}, nil
}

func partOf(text string) *Part {
	return &Part{text: []byte(text), start: place{1, 1}, limits: Limits{}.WithDefaults()}
}

// The JSON of any YAML is that of sigs.k8s.io/yaml, which kubectl uses.
func TestYAMLIsReadAsKubectlReadsIt(t *testing.T) {
	scalars := []string{
		"on", "On", "ON", "oN", "off", "y", "Y", "n", "N", "yes", "YES", "yEs", "no", "true", "True", "tRUE", "false", "null", "Null", "NULL", "~", "nULL",
		"0", "-0", "+0", "00", "7", "-7", "+7", "0120", "0o120", "0x10", "0X10", "-0x10", "0b11", "-0b11", "0b12", "1_000", "1__0", "_1", "1_", "0_7",
		"9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "-9223372036854775809", "123456789012345678",
		"1.0", "1.10", ".5", "5.", "-.5", "+.5", "1e3", "1E3", "1e-3", "1.5e+3", "1e400", "1.", ".", "..", "1.2.3", "1.2.3.4", "0.1", "00.1", "1_0.5",
		".inf", "-.inf", "+.Inf", ".nan", ".NaN", "inf", "nan", "NaN", "Infinity", "-", "+", "--", "-a", "+1a", "1a", "0xg", "0x", "0b",
		"12:30", "12:30:45", "190:20:30", "1:", "2001-01-01", "2001-1-1", "2001-12-14t21:59:43.10-05:00", "2001-12-15 2:59:43.10", "2001-13-01", "2024",
		"10.0.0.1", "10.0.0.0/8", "100m", "128Mi", "1Gi", "fe80::1", "0abc", "0123abc", "08", "09", "0o8", "1e", "e1", "E1", "-e", "x", "<<", "=", "!", "a b",
		`"on"`, `'on'`, `"1"`, `'0x10'`, `"a\nb"`, `"\u00e9"`, `""`, `''`, `'it''s'`, `"\x41\t\0"`,
		"!!str on", "!!str 1", "!!int 5", "!!int \"5\"", "!!int '0x10'", "!!float 5", "!!float 1.5", "!!bool yes", "!!bool 'true'", "!!null ''", "!!null null",
		"!!binary aGVsbG8=", "!!binary '!'", "!!timestamp 2001-01-01", "!!int x", "!!bool 3", "! on", "! 5", "!foo on", "!foo 5", "!<tag:yaml.org,2002:str> on",
		"", "# comment", "é", "日本語", "a#b", "a #b", "a:b", "-1_0", "0777", "0888", "1,000", "٣", "T", "F", "t", "f", "O", "o", "N0", "y1", "nO", "Yes1",
	}
	var docs []string
	for _, s := range scalars {
		docs = append(docs, "- "+s+"\n", "a: "+s+"\n", "? "+s+"\n: x\n", "{k: [ "+s+" ]}\n", s+"\n")
	}
	docs = append(docs,
		"a: |\n  x\n  y\nb: >-\n  x\n  y\n", "a: |+\n  x\n\nb: >2\n    x\n", "a: 'x\n  y'\nb: \"x\\\n  y\"\n", "a: x\n  y\n",
		"a: &x {b: 1}\nc: *x\n", "a: &x on\nb: *x\n*x : c\n", "- &a [1, 2]\n- *a\n- *a\n",
		"b: &b {x: 1, y: 2}\nc:\n  <<: *b\n  y: 3\n", "b: &b {x: 1, y: 2}\nc:\n  y: 3\n  <<: *b\n", "b: &b {x: 1}\nc: &c {x: 2, z: 3}\nd:\n  <<: [*b, *c]\n",
		"b: &b {x: 1}\nd: &d\n  <<: *b\n  y: 2\ne:\n  <<: *d\n  x: 9\n", "c: {<<: {a: 1}, b: 2}\n", "c: {<<: [{a: 1}, {a: 2, b: 3}]}\n", `c: {"<<": {a: 1}}`+"\n", "c: {<<: 5}\n", "c: {<<: [5]}\n",
		"!!merge <<: {a: 1}\n", "{1: a, 2.5: b, on: c, x: d}\n", "1.10: a\n", "1e3: a\n", "0x10: a\n", ".5: a\n", "{[a]: b}\n", "{{a: b}: c}\n", "? a\n", "? - a\n: b\n",
		"!!set {a, b}\n", "!!omap [a: 1]\n", "!!map {a: 1}\n", "!!seq [1]\n", "{}\n", "[]\n", "[,]\n", "{,}\n", "{a}\n", "{a, b: c}\n", "[a: b]\n", "[a, [b, {c: d}]]\n",
		"a:\n- b\n- c:\n  - d\n", "a:\n  - b\n", "- - a\n  - b\n", "-\n  a: b\n", "a: b: c\n", "a:\n\tb: c\n", "a: \tb\n", "a : b\n", "\"a\": b\n", "'a' : b\n",
		"a: 1\r\nb: 2\r\n", "a: [1,\n 2]\n", "a: {b: 1,\nc: 2}\n", "a: \"\\ud83d\\ude00\"\n", "a: \"x\ty\"\n", "a: \u2028b\n", "a: b\u0085c\n", "%YAML 1.1\n---\na: on\n", "a: *x\n", "a: &x [*x]\n", "&x a: *x\n",
		"a: @b\n", "a: `b`\n", "a: %b\n", "a: ,b\n", "a: ]\n", "a: '\n", "a: \"\\q\"\n", "a: |\n x\n  y\n", "a: |\n  x\n y\n", "key: [a\n", "a: !<\n", "a: !e!x y\n", "a: b #c\n", "a: 'b' c\n", "::\n", ": a\n", "- : a\n",
	)
	for _, doc := range docs {
		want, wantErr := sigsyaml.YAMLToJSON([]byte(doc))
		got, gotErr := asYAML(doc)
		switch {
		case wantErr != nil && gotErr != nil:
		case wantErr != nil:
			t.Errorf("%q: kubectl says %v, got %s", doc, wantErr, got.JSON)
		case gotErr != nil:
			t.Errorf("%q: kubectl reads %s, got %v", doc, want, gotErr)
		case !assert.ObjectsAreEqual(decoded(t, want), decoded(t, got.JSON)):
			t.Errorf("%q: kubectl reads %s, got %s", doc, want, got.JSON)
		}
		plainIsRight(t, doc)
	}
}

// plainIsRight compares the quick way of reading with kubectl's and with the
// long way, places included.
func plainIsRight(t *testing.T, text string) (isPlain bool) {
	t.Helper()
	quick, ok := partOf(text).plainDocument()
	if !ok {
		return false
	}
	slow, err := asYAML(text)
	require.NoError(t, err, "%q", text)
	require.Equal(t, string(slow.JSON), string(quick.JSON), "%q", text)
	for i, m := range quick.marks {
		if isNull := bytes.HasPrefix(quick.JSON[m.offset:], []byte("null")); !isNull { // nothing was written
			require.Equal(t, slow.marks[i], m, "%q at %s", text, quick.JSON[m.offset:])
		}
	}
	if want, err := sigsyaml.YAMLToJSON([]byte(text)); err != nil {
		t.Fatalf("%q: kubectl says %v, got %s", text, err, quick.JSON)
	} else if !duplicateNames(quick.Root()) {
		require.Equal(t, decoded(t, want), decoded(t, quick.JSON), "%q", text)
	}
	return true
}

func decoded(t testing.TB, text []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	require.NoError(t, d.Decode(&v), "%s", text)
	return v
}

// Random text of what YAML is made of, mostly of the plain kind.
func TestPlainYAMLIsReadRight(t *testing.T) {
	pieces := []string{
		"a", "b: ", "c:\n", "d: e\n", " ", "  ", "\n", "\n  ", "\n- ", "- ", "\n  - ", "\n    ", "k: {x: y}\n", "- [a, b]\n", `{a: b, c: [d, "e"]}`,
		"{", "}", "[", "]", ", ", ",", ": ", ":", "'", `"`, "'x'", `"y z"`, `"q": `, "#", "# c\n", " # c\n", "k: |\n  t\n", "|\n  ", "|-\n  a\n\n", "|+\n",
		"   x\n", "1", "on", "0x1", "-", "~", ".", "-1", "\r\n", "null", "1: ", "on: ", "a-b/c.d: ", "k:{\"x\":1}: ", "f:a:", "a b", "[p*, *]", "... ", "&x ", "*x", "!t ", "<<: ", "%", "@", "`", "\t", "é",
	}
	r := rand.New(rand.NewPCG(1, 2))
	plain := 0
	for range 200_000 {
		var text strings.Builder
		for range 1 + r.IntN(16) {
			text.WriteString(pieces[r.IntN(len(pieces))])
		}
		if plainIsRight(t, text.String()) {
			plain++
		}
	}
	assert.Greater(t, plain, 4_000)
}

func FuzzPlainYAML(f *testing.F) {
	f.Add("a:\n- b: c # d\n  e: {f: [g, \"h\"], i: 'j'}\n\nk: |-\n  l\n   m\n\n  n\no: -1\n")
	f.Fuzz(func(t *testing.T, text string) { plainIsRight(t, text) })
}

// duplicateNames reports whether any mapping has a name twice, of which kubectl
// keeps one or the other.
func duplicateNames(v Value) bool {
	seen := map[string]bool{}
	for m := range v.Members() {
		if seen[m.Name] || duplicateNames(m.Value) {
			return true
		}
		seen[m.Name] = true
	}
	for _, e := range v.Elements() {
		if duplicateNames(e) {
			return true
		}
	}
	return false
}
