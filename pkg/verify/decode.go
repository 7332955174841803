package verify

import (
	"encoding"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/model"
)

// ClaimsError is one reason why claims cannot be taken as they are.
type ClaimsError struct {
	Place model.Place
	Path  string // field path within the document; empty for all of it
	Text  string
}

// Error returns place, path and text on one line.
func (e *ClaimsError) Error() string {
	var parts []string
	for _, s := range []string{e.Place.String(), e.Path, e.Text} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ": ")
}

// ErrNoClaims is the error about an input without a document of kind Claims.
var ErrNoClaims = errors.New("no document of kind Claims (" + ClaimsAPIVersion + ") in the input")

// ClaimsIn decodes the claims that the snapshot holds. It is strict: fields that are
// not known and values that make no sense are errors, all of them at once, each a
// *ClaimsError. Without claims the error is ErrNoClaims; more than one document is
// an error, too, since neither speaks for the cluster.
func ClaimsIn(c *model.Cluster) (*Claims, error) {
	var found []*model.Object[model.Unmodelled]
	var errs []error
	for o := range model.All[model.Unmodelled](c) {
		group, _, _ := strings.Cut(o.API.APIVersion, "/")
		switch {
		case group != "aksim.dev":
		case o.Ref.Kind != ClaimsKind:
			errs = append(errs, &ClaimsError{o.Origin.At("kind"), "kind", fmt.Sprintf("no kind %q%s", o.Ref.Kind, suggest.Clause(o.Ref.Kind, []string{ClaimsKind}))})
		case o.API.APIVersion != ClaimsAPIVersion:
			errs = append(errs, &ClaimsError{o.Origin.At("apiVersion"), "apiVersion", fmt.Sprintf("want %s, got %s", ClaimsAPIVersion, o.API.APIVersion)})
		default:
			found = append(found, o)
		}
	}
	for _, o := range found[min(1, len(found)):] {
		errs = append(errs, &ClaimsError{Place: o.Origin.Place, Text: "there are claims already at " + found[0].Origin.Place.Short() + "; want one document"})
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if len(found) == 0 {
		return nil, ErrNoClaims
	}
	d := decoder{origin: &found[0].Origin}
	claims := &Claims{}
	d.decode(found[0].API.Content, reflect.ValueOf(claims).Elem(), "")
	d.checkDocument(claims)
	claims.Place, claims.origin = found[0].Origin.Place, found[0].Origin
	return claims, d.err()
}

// decoder puts decoded JSON into the types of claims, strictly.
type decoder struct {
	origin *model.Origin
	errs   []*ClaimsError
}

func (d *decoder) fail(path, format string, args ...any) {
	d.errs = append(d.errs, &ClaimsError{d.origin.At(path), path, fmt.Sprintf(format, args...)})
}

// err joins the errors by place.
func (d *decoder) err() error {
	slices.SortStableFunc(d.errs, func(a, b *ClaimsError) int { return a.Place.Compare(b.Place) })
	var all []error
	for _, e := range d.errs {
		all = append(all, e)
	}
	return errors.Join(all...)
}

func (d *decoder) decode(v any, into reflect.Value, path string) {
	if t, ok := reflect.TypeAssert[encoding.TextUnmarshaler](into.Addr()); ok {
		d.decodeText(v, t, path)
		d.locate(into, path)
		return
	}
	switch into.Kind() {
	case reflect.Struct:
		d.decodeStruct(v, into, path)
		d.locate(into, path)
	case reflect.Slice:
		list, ok := v.([]any)
		if !ok {
			d.fail(path, "want a list, got %s", kindOf(v))
			return
		}
		into.Set(reflect.MakeSlice(into.Type(), len(list), len(list)))
		for i, e := range list {
			d.decode(e, into.Index(i), path+"["+strconv.Itoa(i)+"]")
		}
	case reflect.Map:
		d.decodeMap(v, into, path)
	case reflect.Bool:
		b, ok := v.(bool)
		if !ok {
			d.fail(path, "want true or false, got %s", kindOf(v))
		}
		into.SetBool(b)
	case reflect.String:
		s, ok := v.(string)
		if !ok {
			d.fail(path, "want a string, got %s", kindOf(v))
		}
		into.SetString(s)
	default:
		panic("claims have a field of type " + into.Type().String())
	}
}

// locate fills in the place of a part that wants to know it.
func (d *decoder) locate(into reflect.Value, path string) {
	if into.Kind() != reflect.Struct {
		return
	}
	if f := into.FieldByName("Place"); f.IsValid() {
		f.Set(reflect.ValueOf(d.origin.At(path)))
	}
}

func (d *decoder) decodeText(v any, into encoding.TextUnmarshaler, path string) {
	s, ok := v.(string)
	if !ok {
		d.fail(path, "want a string, got %s", kindOf(v))
		return
	}
	if err := into.UnmarshalText([]byte(s)); err != nil {
		d.fail(path, "%s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
}

func (d *decoder) decodeMap(v any, into reflect.Value, path string) {
	m, ok := v.(map[string]any)
	if !ok {
		d.fail(path, "want a mapping, got %s", kindOf(v))
		return
	}
	into.Set(reflect.MakeMap(into.Type()))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		e := reflect.New(into.Type().Elem()).Elem()
		d.decode(m[key], e, member(path, key))
		into.SetMapIndex(reflect.ValueOf(key), e)
	}
}

func (d *decoder) decodeStruct(v any, into reflect.Value, path string) {
	m, ok := v.(map[string]any)
	if !ok {
		d.fail(path, "want a mapping, got %s", kindOf(v))
		return
	}
	var names []string
	for f := range fieldsOf(into.Type()) {
		names = append(names, f.name)
		switch value, given := m[f.name]; {
		case given:
			d.decode(value, into.Field(f.index), member(path, f.name))
		case f.required:
			d.fail(path, "%s is required", f.name)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if !slices.Contains(names, key) {
			d.fail(member(path, key), "unknown field%s", suggest.Clause(key, names))
		}
	}
}

// claimsField is one field of a type of claims.
type claimsField struct {
	name     string
	index    int
	required bool
}

func fieldsOf(t reflect.Type) func(func(claimsField) bool) {
	return func(yield func(claimsField) bool) {
		for i := range t.NumField() {
			f := t.Field(i)
			name := f.Tag.Get("json")
			if name == "" || name == "-" {
				continue
			}
			if !yield(claimsField{name, i, f.Tag.Get("claims") == "required"}) {
				return
			}
		}
	}
}

// member extends a field path as package manifest does.
func member(path, name string) string {
	plain := strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-$") == "" && name != ""
	switch {
	case !plain:
		return path + "[" + name + "]"
	case path == "":
		return name
	}
	return path + "." + name
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "nothing"
	case string:
		return "a string"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	case map[string]any:
		return "a mapping"
	}
	return "a number"
}

// checkDocument refuses what can be seen to be wrong without a cluster.
func (d *decoder) checkDocument(c *Claims) {
	d.checkAliases(c)
	teams, who := map[string]bool{}, map[string]string{}
	for i, t := range c.Spec.Teams {
		path := fmt.Sprintf("spec.teams[%d]", i)
		switch {
		case t.Name != "" && teams[t.Name]:
			d.fail(path+".name", "there is a team %s already", t.Name)
		case t.Group != "" && who[t.Group] != "":
			d.fail(path+".group", "that is the group of team %s already", who[t.Group])
		case t.BreakGlass && (len(t.Within) > 0 || len(t.Namespaces) > 0 || t.ReadOnly):
			d.fail(path+".breakGlass", "a team that may do everything is not confined: leave out within, namespaces and readOnly")
		}
		teams[t.Name], who[t.Group] = true, t.Name
	}
	for i, id := range c.Spec.Identities {
		for j, a := range id.Actions {
			if len(a.Actions)+len(a.DataActions) == 0 && a.Role == "" {
				d.fail(fmt.Sprintf("spec.identities[%d].actions[%d]", i, j), "want actions, dataActions or role")
			}
		}
	}
	for i, e := range c.Spec.Exceptions {
		if e.Control != "" && !isControl(e.Control) {
			if _, err := ParseStatement(e.Control); err != nil {
				d.fail(fmt.Sprintf("spec.exceptions[%d].control", i), "no control %q%s", e.Control, suggest.Clause(e.Control, controlIDs()))
			}
		}
	}
}

func (d *decoder) checkAliases(c *Claims) {
	for name, e := range c.Spec.Workloads {
		path := member("spec.workloads", name)
		switch {
		case !aliasName.MatchString(name) || name == internetWord || name == nothing:
			d.fail(path, "%q can't be an alias: want lower case letters, digits and dashes, and neither %s nor %s", name, internetWord, nothing)
		case e.Alias != "":
			d.fail(path, "an alias can't stand for the alias %s: want an end such as shop/web or 10.0.0.0/8", e.Alias)
		}
	}
}
