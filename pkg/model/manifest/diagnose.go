package manifest

import (
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	sigsjson "sigs.k8s.io/json"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/model/manifest/internal/document"
)

// issue is one thing in a document that its Go type has no place for.
type issue struct {
	offset     int
	path       string
	text, hint string
	unknown    bool // an unknown field, which a server would drop
}

const mostIssues = 100 // of one object

// diagnose finds what is wrong with a document that the decoder refused. The
// decoder names the first thing only, and neither where it is nor what it might
// have been meant to be.
func diagnose(doc *document.Document, into any, secret bool) []issue {
	d := diagnosis{doc: doc, secret: secret}
	d.value(doc.Root(), reflect.TypeOf(into), "")
	return d.issues
}

type diagnosis struct {
	doc    *document.Document
	secret bool // print no value
	issues []issue
	above  []above // the objects around the one at hand
}

// above is an object around the one at hand.
type above struct {
	path   string
	fields map[string]reflect.Type
}

// report adds an issue. The last one there is room for says that there are more,
// and is an error even where the others might not be.
func (d *diagnosis) report(is issue) {
	switch {
	case len(d.issues) == mostIssues-1:
		is = issue{offset: is.offset, text: fmt.Sprintf("more than %d defects in one object", mostIssues-1)}
		fallthrough
	case !d.full():
		d.issues = append(d.issues, is)
	}
}

func (d *diagnosis) full() bool { return len(d.issues) >= mostIssues }

func (d *diagnosis) value(v document.Value, t reflect.Type, path string) {
	if d.full() {
		return
	}
	for t != nil && t.Kind() == reflect.Pointer && !decodesItself(t) {
		t = t.Elem()
	}
	switch {
	case v.Kind() == 'n':
	case t == nil || t.Kind() == reflect.Interface:
		d.untyped(v, path)
	case decodesItself(reflect.PointerTo(t)) || decodesItself(t):
		d.leaf(v, t, path)
	case t.Kind() == reflect.Struct && v.Kind() == '{':
		d.object(v, t, path)
	case t.Kind() == reflect.Map && v.Kind() == '{':
		d.members(v, path, func(m document.Member, at string) { d.value(m.Value, t.Elem(), at) })
	case t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8 && v.Kind() == '[':
		for i, e := range v.Elements() {
			d.value(e, t.Elem(), element(path, i))
		}
	default:
		d.leaf(v, t, path)
	}
}

// decodesItself reports whether values of the type have a JSON form of their own.
func decodesItself(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[json.Unmarshaler]()) || t.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// untyped looks for duplicate names where any value is allowed.
func (d *diagnosis) untyped(v document.Value, path string) {
	d.members(v, path, func(m document.Member, at string) { d.untyped(m.Value, at) })
	for i, e := range v.Elements() {
		d.untyped(e, element(path, i))
	}
}

// members visits the members of an object and reports names that occur twice.
func (d *diagnosis) members(v document.Value, path string, visit func(m document.Member, path string)) {
	seen := map[string]int{}
	for m := range v.Members() {
		at := child(path, m.Name)
		if first, ok := seen[m.Name]; ok {
			line, _ := d.doc.Position(first)
			d.report(issue{offset: m.Key, path: at, text: fmt.Sprintf("written twice, first in line %d", line)})
		}
		seen[m.Name] = m.Key
		visit(m, at)
	}
}

func (d *diagnosis) object(v document.Value, t reflect.Type, path string) {
	fields := jsonFields(t)
	d.above = append(d.above, above{path, fields})
	d.members(v, path, func(m document.Member, at string) {
		ft, ok := fields[m.Name]
		if !ok {
			d.report(issue{offset: m.Key, path: at, text: "unknown field", hint: d.hint(m.Name, t), unknown: true})
			return
		}
		d.value(m.Value, ft, at)
	})
	d.above = d.above[:len(d.above)-1]
}

// hint says what an unknown field was probably meant to be: one with a similar
// name, or one in the wrong place.
func (d *diagnosis) hint(name string, t reflect.Type) string {
	here := d.above[len(d.above)-1]
	if hint := slips[t.Name()+"."+name]; hint != "" {
		return hint
	}
	for _, inner := range sortedNames(here.fields) {
		if _, ok := jsonFields(elem(here.fields[inner]))[name]; ok {
			return "it belongs into " + child(here.path, inner)
		}
	}
	if near := suggest.Nearest(name, sortedNames(here.fields)); len(near) > 0 {
		return didYouMean(near...)
	}
	for i := len(d.above) - 2; i >= 0; i-- {
		if _, ok := d.above[i].fields[name]; ok {
			if d.above[i].path == "" {
				return "it belongs to the top of the object"
			}
			return "it belongs into " + d.above[i].path
		}
	}
	return ""
}

// slips are mistakes that the names of the fields alone do not explain.
var slips = map[string]string{ //nolint:gochecknoglobals // a constant table
	"NetworkPolicyEgressRule.from": `an egress rule names its peers in "to"`,
	"NetworkPolicyIngressRule.to":  `an ingress rule names its peers in "from"`,
}

// leaf has the decoder decide about a value.
func (d *diagnosis) leaf(v document.Value, t reflect.Type, path string) {
	target := reflect.New(t)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if sigsjson.UnmarshalCaseSensitivePreserveInts(v.Raw(), target.Interface()) == nil {
		return
	}
	is := issue{offset: v.Offset(), path: path, text: "want " + wanted(t) + ", got " + describe(v, d.secret)}
	is.hint = d.spelling(v, t)
	d.report(is)
}

// spelling says how to write what was probably meant.
func (d *diagnosis) spelling(v document.Value, t reflect.Type) string {
	if d.secret {
		if t.Kind() == reflect.String && v.Kind() != '{' && v.Kind() != '[' {
			return "write it in quotes"
		}
		return ""
	}
	switch {
	case t.Kind() == reflect.String && v.Kind() != '{' && v.Kind() != '[':
		written := string(v.Raw())
		if s, ok := d.doc.Spelling(v.Offset()); ok && s != written {
			return fmt.Sprintf("YAML reads %s as %s: write %q", s, written, s)
		}
		return fmt.Sprintf("write %q", written)
	case isNumber(t) && v.Kind() == '"':
		if s, _ := v.Text(); t.Kind() == reflect.Bool && (s == "true" || s == "false") || t.Kind() != reflect.Bool && isDigits(s) {
			return "write " + s + " without quotes"
		}
	}
	return ""
}

func isNumber(t reflect.Type) bool { return t.Kind() >= reflect.Bool && t.Kind() <= reflect.Float64 }

func isDigits(s string) bool {
	_, err := strconv.ParseInt(s, 10, 64)
	return err == nil
}

// wanted names what values of the type look like.
func wanted(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[intstr.IntOrString]():
		return "an integer or a string"
	case reflect.TypeFor[resource.Quantity]():
		return "a quantity such as 500m or 1Gi"
	case reflect.TypeFor[metav1.Time](), reflect.TypeFor[metav1.MicroTime]():
		return "a time such as 2006-01-02T15:04:05Z"
	case reflect.TypeFor[metav1.Duration]():
		return "a duration such as 1h30m"
	case reflect.TypeFor[[]byte]():
		return "a string in base64"
	}
	switch k := t.Kind(); {
	case k == reflect.String:
		return "a string"
	case k == reflect.Bool:
		return "true or false"
	case k == reflect.Int32:
		return "an integer of 32 bits"
	case k >= reflect.Int && k <= reflect.Uint64:
		return "an integer"
	case k == reflect.Float32 || k == reflect.Float64:
		return "a number"
	case k == reflect.Slice || k == reflect.Array:
		return "a list"
	}
	return "an object"
}

// describe names a value and, unless it is secret, quotes it.
func describe(v document.Value, secret bool) string {
	raw := string(v.Raw())
	kind := "a number"
	switch v.Kind() {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 'n':
		return "null"
	case '"':
		kind = "a string"
	case 't', 'f':
		kind = "a boolean"
	}
	if secret {
		return kind
	}
	const longest = 60
	if len(raw) > longest {
		raw = strings.ToValidUTF8(raw[:longest], "") + "…"
	}
	return "the" + strings.TrimPrefix(kind, "a") + " " + raw
}

// jsonFields returns the names and types of the fields of a struct as
// encoding/json sees them; nil for other types.
func jsonFields(t reflect.Type) map[string]reflect.Type {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	fields := map[string]reflect.Type{}
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported() && !f.Anonymous:
		case name == "" && f.Anonymous:
			for n, ft := range jsonFields(elem(f.Type)) {
				if _, ok := fields[n]; !ok {
					fields[n] = ft
				}
			}
		case name == "":
			fields[f.Name] = f.Type
		default:
			fields[name] = f.Type
		}
	}
	return fields
}

func sortedNames(fields map[string]reflect.Type) []string {
	return slices.Sorted(maps.Keys(fields))
}

// elem strips pointers and slices from a type.
func elem(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t
}
