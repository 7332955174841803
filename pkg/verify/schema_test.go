package verify

import (
	"encoding"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
)

const schemaFile = "../../docs/claims.schema.json"

// The published schema is that of the Go types: every field with its comment, and which
// are required. With AKSIM_UPDATE=1 it is written.
func TestSchema(t *testing.T) {
	want, err := json.MarshalIndent(schema(t), "", "  ")
	require.NoError(t, err)
	if os.Getenv("AKSIM_UPDATE") == "1" {
		require.NoError(t, os.WriteFile(schemaFile, append(want, '\n'), 0o644))
	}
	got, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	assert.Equal(t, string(want)+"\n", string(got))
}

type object = map[string]any

func schema(t *testing.T) object {
	g := generator{t: t, docs: docs(t), defs: object{}}
	root := g.object(reflect.TypeFor[Claims]())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = "https://raw.githubusercontent.com/aksim/aksim/main/docs/claims.schema.json"
	root["title"] = "Claims of aksim verify"
	root["properties"].(object)["apiVersion"] = object{"const": ClaimsAPIVersion}
	root["properties"].(object)["kind"] = object{"const": ClaimsKind}
	root["$defs"] = g.defs
	return root
}

type generator struct {
	t    *testing.T
	docs map[string]string
	defs object
}

func (g *generator) object(t reflect.Type) object {
	properties, required := object{}, []string{}
	for f := range fieldsOf(t) {
		p := g.of(t.Field(f.index).Type)
		if doc := g.docs[t.Name()+"."+t.Field(f.index).Name]; doc != "" {
			p["description"] = doc
		} else if t != reflect.TypeFor[Claims]() && t != reflect.TypeFor[Metadata]() {
			assert.Fail(g.t, "a field without a comment", "%s.%s", t.Name(), f.name)
		}
		properties[f.name] = p
		if f.required {
			required = append(required, f.name)
		}
	}
	return object{"type": "object", "additionalProperties": false, "properties": properties, "required": required}
}

// patterns are what texts have to look like, as far as a pattern can tell.
var patterns = map[reflect.Type]string{
	reflect.TypeFor[Date]():           `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`,
	reflect.TypeFor[Name]():           dnsLabel.String(),
	reflect.TypeFor[NamespacedName](): `^[^/]+/[^/]+$`,
	reflect.TypeFor[Flow]():           `^[^ ]+ *-> *[^ ]+$`,
	reflect.TypeFor[End]():            `^[^ ]+$`,
	reflect.TypeFor[Target]():         `^[^ ]+$`,
	reflect.TypeFor[Access]():         `^[^ ]+ +[^ ]+.*$`,
	reflect.TypeFor[Bound]():          `^[^ ,]+( +in +[^ ,]+)?$`,
	reflect.TypeFor[Statement]():      `^(allow|deny|only-into|default-deny|can|cannot|within) .+$`,
}

func (g *generator) of(t reflect.Type) object {
	if w, ok := reflect.TypeAssert[interface{ Words() []string }](reflect.Zero(t)); ok {
		return object{"type": "string", "enum": w.Words()}
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		require.Contains(g.t, patterns, t)
		return object{"type": "string", "pattern": patterns[t]}
	}
	switch t.Kind() {
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Slice:
		return object{"type": "array", "items": g.of(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": g.of(t.Elem())}
	case reflect.Struct:
		if g.defs[t.Name()] == nil {
			g.defs[t.Name()] = g.object(t)
		}
		return object{"$ref": "#/$defs/" + t.Name()}
	default:
		require.Fail(g.t, "claims have a field of a type without a schema", t.String())
		return nil
	}
}

// docs returns the comments of the fields in claims.go.
func docs(t *testing.T) map[string]string {
	file, err := parser.ParseFile(token.NewFileSet(), "claims.go", nil, parser.ParseComments)
	require.NoError(t, err)
	out := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if s, ok := spec.Type.(*ast.StructType); ok {
			for _, f := range s.Fields.List {
				for _, name := range f.Names {
					out[spec.Name.Name+"."+name.Name] = strings.Join(strings.Fields(f.Doc.Text()), " ")
				}
			}
		}
		return true
	})
	return out
}

// The schema accepts the claims of the example, and refuses what the decoder refuses
// for its shape.
func TestSchemaValidates(t *testing.T) {
	text, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	var s object
	require.NoError(t, json.Unmarshal(text, &s))
	content := exampleClaims(t)
	assert.Empty(t, validate(s, s, content, ""))

	for name, change := range map[string]func(spec object){
		"unknown field":  func(spec object) { spec["flow"] = object{} },
		"wrong type":     func(spec object) { spec["defaultDeny"] = "app" },
		"wrong element":  func(spec object) { spec["claims"] = []any{7.0} },
		"no statement":   func(spec object) { spec["claims"] = []any{"alow a -> b"} },
		"wrong door":     func(spec object) { spec["entry"] = []any{object{"to": "a/b", "through": "wav"}} },
		"required":       func(spec object) { spec["teams"] = []any{object{"name": "x"}} },
		"nested unknown": func(spec object) { spec["flows"] = object{"allowd": []any{}} },
		"date": func(spec object) {
			spec["exceptions"] = []any{object{"control": "a", "object": "b", "reason": "c", "owner": "d", "expires": "soon"}}
		},
	} {
		content := exampleClaims(t)
		change(content["spec"].(object))
		assert.NotEmpty(t, validate(s, s, content, ""), name)
	}
}

func exampleClaims(t *testing.T) object {
	c, err := manifest.Load("../../examples/prod/claims.yaml")
	require.NoError(t, err)
	for o := range model.All[model.Unmodelled](c) {
		return o.API.Content
	}
	require.Fail(t, "no claims")
	return nil
}

// validate is as much of JSON Schema as the schema uses.
func validate(root, s object, v any, path string) (errs []string) {
	fail := func(format string, args ...any) {
		errs = append(errs, path+": "+fmt.Sprintf(format, args...))
	}
	if ref, ok := s["$ref"].(string); ok {
		return validate(root, root["$defs"].(object)[strings.TrimPrefix(ref, "#/$defs/")].(object), v, path)
	}
	if want, ok := s["const"]; ok && v != want {
		fail("want %v", want)
	}
	if enum, ok := s["enum"].([]any); ok && !slices.Contains(enum, v) {
		fail("want one of %v", enum)
	}
	switch s["type"] {
	case "string":
		text, ok := v.(string)
		if pattern, has := s["pattern"].(string); !ok || has && !regexp.MustCompile(pattern).MatchString(text) {
			fail("want a string like %v", s["pattern"])
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			fail("want a boolean")
		}
	case "array":
		list, ok := v.([]any)
		if !ok {
			fail("want an array")
		}
		for i, e := range list {
			errs = append(errs, validate(root, s["items"].(object), e, fmt.Sprintf("%s[%d]", path, i))...)
		}
	case "object":
		m, ok := v.(object)
		if !ok {
			fail("want an object")
			return errs
		}
		properties, _ := s["properties"].(object)
		required, _ := s["required"].([]any)
		for _, name := range required {
			if _, ok := m[name.(string)]; !ok {
				fail("%v is required", name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(m)) {
			p, ok := properties[name].(object)
			if !ok {
				p, ok = s["additionalProperties"].(object)
			}
			if !ok {
				fail("no field %s", name)
				continue
			}
			errs = append(errs, validate(root, p, m[name], path+"."+name)...)
		}
	}
	return errs
}
