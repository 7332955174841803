package azure

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// merger merges what two exports say of one object, by the fields of its type.
type merger struct {
	// Exact is true where upper and lower case of more than ids means something.
	exact bool
	// Strict is true inside of a property: what one export leaves out there, the other
	// must not say.
	strict     bool
	difference string // the first, with its path
}

func (m *merger) objects(known, more any) bool {
	return m.merge("", reflect.ValueOf(known).Elem(), reflect.ValueOf(more).Elem())
}

func (m *merger) differ(path string, a, b any) bool {
	if m.difference == "" {
		m.difference = differ(path, a, b)
	}
	return false
}

// merge merges two values of one type into the first.
func (m *merger) merge(path string, known, more reflect.Value) bool {
	if p, ok := reflect.TypeAssert[mergeable](known); ok {
		return m.properties(path, known, more, p, more.Interface().(mergeable))
	}
	switch known.Kind() { //nolint:exhaustive // the rest is compared as it is
	case reflect.String:
		if known.String() == "" && !m.strict {
			known.Set(more)
		}
		if more.String() == "" && !m.strict || m.sameText(known.String(), more.String()) {
			return true
		}
		return m.differ(path, shown(known.String()), shown(more.String()))
	case reflect.Struct:
		return m.fields(path, known, more)
	case reflect.Slice:
		return m.lists(path, known, more)
	case reflect.Map:
		return m.maps(path, known, more)
	}
	return known.Equal(more) || m.differ(path, known, more)
}

func (m *merger) fields(path string, known, more reflect.Value) bool {
	if _, ok := reflect.TypeAssert[model.Place](known); ok {
		return true
	}
	if r, ok := reflect.TypeAssert[model.Resource](known); ok {
		// What an export shows is there, whatever a template says beside it; tags come and go.
		s := more.Interface().(model.Resource)
		r.Template = r.Template && s.Template
		s.Template = r.Template
		if len(r.Tags) > 0 {
			s.Tags = r.Tags
		}
		if r.APIVersion = cmp.Or(r.APIVersion, s.APIVersion); !r.Template {
			r.APIVersion = ""
		}
		s.APIVersion = r.APIVersion
		known.Set(reflect.ValueOf(r))
		more = reflect.ValueOf(s)
	}
	for i := range known.NumField() {
		name := known.Type().Field(i).Name
		if path != "" && !known.Type().Field(i).Anonymous {
			name = path + "." + name
		}
		if !m.merge(name, known.Field(i), more.Field(i)) {
			return false
		}
	}
	return true
}

// lists merges two lists, whose order means nothing.
func (m *merger) lists(path string, known, more reflect.Value) bool {
	if pools, ok := reflect.TypeAssert[[]model.NodePool](known); ok {
		sum, ok := m.pools(path, pools, more.Interface().([]model.NodePool))
		known.Set(reflect.ValueOf(sum))
		return ok
	}
	switch {
	case known.Len() == 0 && more.Len() == 0, more.Len() == 0 && !m.strict:
		return true
	case known.Len() == 0 && !m.strict:
		known.Set(more)
		return true
	case known.Len() != more.Len():
		return m.differ(path, brief(known), brief(more))
	}
	sum := reflect.MakeSlice(known.Type(), known.Len(), known.Len())
	reflect.Copy(sum, known)
	var taken []int // of more, out of order
	for i := range sum.Len() {
		if !m.element(sum.Index(i), more, i, &taken) {
			return m.differ(path, brief(known), brief(more))
		}
	}
	known.Set(sum)
	return true
}

// element merges an element with that of the other list which can be the same: most
// often that in the same position.
func (m *merger) element(known, more reflect.Value, at int, taken *[]int) bool {
	try := func(j int) bool {
		sum := reflect.New(known.Type()).Elem()
		sum.Set(known)
		probe := merger{exact: m.exact, strict: m.strict}
		if slices.Contains(*taken, j) || !probe.merge("", sum, more.Index(j)) {
			return false
		}
		known.Set(sum)
		*taken = append(*taken, j)
		return true
	}
	if try(at) {
		return true
	}
	for j := range more.Len() {
		if j != at && try(j) {
			return true
		}
	}
	return false
}

func (m *merger) maps(path string, known, more reflect.Value) bool {
	switch {
	case more.Len() == 0:
		return true
	case known.Len() == 0:
		known.Set(more)
		return true
	}
	sum := reflect.MakeMap(known.Type())
	for _, key := range slices.SortedFunc(slices.Values(append(known.MapKeys(), more.MapKeys()...)), func(a, b reflect.Value) int {
		return strings.Compare(a.String(), b.String())
	}) {
		here := path + "[" + key.String() + "]"
		a, b := known.MapIndex(key), more.MapIndex(key)
		switch {
		case !a.IsValid() && isOff(b):
			sum.SetMapIndex(key, b)
			continue
		case !b.IsValid() && isOff(a):
			sum.SetMapIndex(key, a)
			continue
		case !a.IsValid():
			return m.differ(here, "missing", "given")
		case !b.IsValid():
			return m.differ(here, "given", "missing")
		}
		value := reflect.New(a.Type()).Elem()
		value.Set(a)
		if !m.merge(here, value, b) {
			return false
		}
		sum.SetMapIndex(key, value)
	}
	known.Set(sum)
	return true
}

// isOff reports whether a value is an add-on that is not enabled, which some exports
// leave out.
func isOff(v reflect.Value) bool {
	a, ok := reflect.TypeAssert[model.AddOn](v)
	return ok && a.Enabled.IsKnown() && !a.Enabled.Or(true)
}

// pools merges lists of node pools by name: tools know of those that they made.
func (m *merger) pools(path string, known, more []model.NodePool) ([]model.NodePool, bool) {
	sum := slices.Clone(known)
	for _, p := range more {
		i := slices.IndexFunc(sum, func(q model.NodePool) bool { return sameName(p.Name, q.Name) })
		if i < 0 {
			sum = append(sum, p)
			continue
		}
		if !m.fields(path+"["+p.Name.Or("")+"]", reflect.ValueOf(&sum[i]).Elem(), reflect.ValueOf(p)) {
			return nil, false
		}
	}
	return sum, true
}

// mergeable is any property.
type mergeable interface {
	IsAbsent() bool
	IsNull() bool
	Unresolved() (string, bool)
}

// properties merges two properties. One that is null and one that is empty say the same:
// there is nothing.
func (m *merger) properties(path string, known, more reflect.Value, a, b mergeable) bool {
	openA, isOpenA := a.Unresolved()
	openB, isOpenB := b.Unresolved()
	noneA, noneB := a.IsAbsent() || a.IsNull(), b.IsAbsent() || b.IsNull()
	switch {
	case noneA && noneB:
		if a.IsAbsent() {
			known.Set(more)
		}
		return true
	case isOpenA && isOpenB && openA == openB:
		return true
	case m.strict && (isOpenA || isOpenB):
		return m.differ(path, "open", "open")
	case !m.strict && (b.IsAbsent() || isOpenB && !a.IsAbsent()):
		return true
	case !m.strict && (a.IsAbsent() || isOpenA):
		known.Set(more)
		return true
	case noneA && isEmpty(content(b)):
		known.Set(more)
		return true
	case noneB && isEmpty(content(a)):
		return true
	case noneA:
		return m.differ(path, "null", "given")
	case noneB:
		return m.differ(path, "given", "null")
	}
	x, y := content(a), content(b)
	inside := merger{exact: m.exact, strict: true}
	sum := reflect.New(x.Type()).Elem()
	sum.Set(x)
	if inside.merge(path, sum, y) {
		return true
	}
	m.difference = inside.difference
	return false
}

// content returns the value of a property that has one.
func content(p mergeable) reflect.Value {
	switch p := p.(type) {
	case model.Property[string]:
		return reflect.ValueOf(p.Or(""))
	case model.Property[bool]:
		return reflect.ValueOf(p.Or(false))
	case model.Property[int]:
		return reflect.ValueOf(p.Or(0))
	case model.Property[float64]:
		return reflect.ValueOf(p.Or(0))
	case model.Property[[]string]:
		return reflect.ValueOf(p.Or(nil))
	case model.Property[[]model.Permission]:
		return reflect.ValueOf(p.Or(nil))
	case model.Property[[]model.DeniedPrincipal]:
		return reflect.ValueOf(p.Or(nil))
	case model.Property[[]model.AccessPolicy]:
		return reflect.ValueOf(p.Or(nil))
	case model.Property[[]model.LogSetting]:
		return reflect.ValueOf(p.Or(nil))
	case model.Property[[]model.LogCriterion]:
		return reflect.ValueOf(p.Or(nil))
	case model.Property[[]model.ActivityCondition]:
		return reflect.ValueOf(p.Or(nil))
	}
	panic("azure: a property of a type that content does not list") // a test has all types
}

func isEmpty(v reflect.Value) bool {
	return (v.Kind() == reflect.Slice || v.Kind() == reflect.String) && v.Len() == 0
}

// sameText compares ids, types, and single words such as the values of enumerations
// whatever their case, and all else as it is written: Azure Resource Graph writes types
// in lower case, and providers disagree about the rest.
func (m *merger) sameText(a, b string) bool {
	if strings.HasPrefix(a, "/") {
		a, b = strings.TrimRight(a, "/"), strings.TrimRight(b, "/")
	}
	return a == b || !m.exact && sameVersion(a, b) || strings.EqualFold(a, b) && (strings.HasPrefix(a, "/") || isType(a) || model.IsGUID(a) || !m.exact && isWord(a))
}

// sameVersion reports whether one of two versions leaves open what the other says:
// 1.31 and 1.31.7.
func sameVersion(a, b string) bool {
	isVersion := func(s string) bool { return strings.Contains(s, ".") && strings.Trim(s, "0123456789.") == "" }
	return isVersion(a) && isVersion(b) && (strings.HasPrefix(a, b+".") || strings.HasPrefix(b, a+"."))
}

func isWord(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.@#", r)
	})
}

// brief shows a list of strings, and counts one of anything else.
func brief(v reflect.Value) any {
	if all, ok := reflect.TypeAssert[[]string](v); ok {
		return shown(strings.Join(all, ", "))
	}
	if v.Len() == 1 {
		return "one with other values"
	}
	return strconv.Itoa(v.Len()) + " elements"
}

// shown quotes a text for a message.
func shown(s string) string {
	const longest = 80
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "") + "…"
	}
	return quoted(s)
}
