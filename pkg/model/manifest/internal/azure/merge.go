package azure

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// Merge puts what another export says of the same object to what is known of it, and
// reports whether the two can be true of one object: whatever both say is the same.
// The known object is left alone where they cannot.
func Merge(known, more Object) bool {
	if reflect.TypeOf(known.API) != reflect.TypeOf(more.API) {
		return false
	}
	return known.merge(known.API, more.API)
}

func merged[T any](known, more *T) bool {
	sum := *known
	if !prepare(any(&sum), any(more)) || !mergeValue(reflect.ValueOf(&sum).Elem(), reflect.ValueOf(more).Elem()) {
		return false
	}
	*known = sum
	return true
}

// prepare settles what two exports may say differently of one object, and reports
// whether they may.
func prepare(known, more any) bool {
	switch k := known.(type) {
	case *model.RoleDefinition:
		// Built-in roles are listed once per subscription.
		m := more.(*model.RoleDefinition)
		if lastOf(k.ID.Or("")) == lastOf(m.ID.Or("")) && k.ID.IsKnown() && m.ID.IsKnown() {
			k.ID = m.ID
		}
	case *model.RoleAssignment:
		// Names are looked up by the tool that exports, as far as it may.
		m := more.(*model.RoleAssignment)
		if m.PrincipalName.Or("") == "" {
			m.PrincipalName = k.PrincipalName
		}
		if k.PrincipalName.Or("") == "" {
			k.PrincipalName = m.PrincipalName
		}
		if m.RoleDefinitionName.Or("") == "" {
			m.RoleDefinitionName = k.RoleDefinitionName
		}
		if k.RoleDefinitionName.Or("") == "" {
			k.RoleDefinitionName = m.RoleDefinitionName
		}
	case *model.GroupMembers: // nobody is in an empty group: that is not to say nothing
		return slices.Equal(k.Members, more.(*model.GroupMembers).Members)
	case *model.ManagementGroup:
		m := more.(*model.ManagementGroup)
		switch {
		case !m.Expanded:
			m.Expanded, m.Groups, m.Subscriptions = k.Expanded, k.Groups, k.Subscriptions
		case !k.Expanded:
			k.Expanded, k.Groups, k.Subscriptions = m.Expanded, m.Groups, m.Subscriptions
		}
		k.Name, m.Name = cmp.Or(k.Name, m.Name), cmp.Or(m.Name, k.Name)
	}
	return true
}

// mergeValue merges two values of one type into the first.
func mergeValue(known, more reflect.Value) bool {
	if a, ok := reflect.TypeAssert[mergeable](known); ok {
		b := more.Interface().(mergeable)
		_, openA := a.Unresolved()
		_, openB := b.Unresolved()
		switch {
		case b.IsAbsent() || openB && !a.IsAbsent():
			return true
		case a.IsAbsent() || openA:
			known.Set(more)
			return true
		}
		return same(known, more)
	}
	switch known.Kind() { //nolint:exhaustive // the rest is compared as it is
	case reflect.String:
		if known.String() == "" {
			known.Set(more)
		}
		return more.String() == "" || sameText(known.String(), more.String())
	case reflect.Struct:
		if _, ok := reflect.TypeAssert[model.Place](known); ok {
			return true
		}
		for i := range known.NumField() {
			if !mergeValue(known.Field(i), more.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice, reflect.Map:
		if known.Len() == 0 {
			known.Set(more)
		}
		return more.Len() == 0 || same(known, more)
	}
	return known.Equal(more)
}

// mergeable is any property.
type mergeable interface {
	IsAbsent() bool
	Unresolved() (string, bool)
}

// same compares what two exports say, places aside, and ids and types whatever their
// case: Azure Resource Graph writes all types in lower case.
func same(a, b reflect.Value) bool {
	switch p := a.Interface().(type) {
	case model.Property[string]:
		q := b.Interface().(model.Property[string])
		x, okX := p.Get()
		y, okY := q.Get()
		return p == q || okX && okY && sameText(x, y)
	case model.Property[[]model.AccessPolicy]:
		q := b.Interface().(model.Property[[]model.AccessPolicy])
		return reflect.DeepEqual(placeless(p), placeless(q))
	case model.Property[[]model.LogCriterion]:
		q := b.Interface().(model.Property[[]model.LogCriterion])
		return reflect.DeepEqual(placeless(p), placeless(q))
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}

func placeless[T any](p model.Property[[]T]) model.Property[[]T] {
	return mapped(p, func(all []T) []T {
		bare := make([]T, len(all))
		for i := range all {
			bare[i] = all[i]
			reflect.ValueOf(&bare[i]).Elem().FieldByName("Place").SetZero()
		}
		return bare
	})
}

func sameText(a, b string) bool {
	return a == b || strings.EqualFold(a, b) && (strings.HasPrefix(a, "/") || isType(a))
}
