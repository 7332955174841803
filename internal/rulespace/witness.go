package rulespace

import (
	"slices"
	"strconv"
	"strings"
)

// usualVerbs are tried first, in this order.
//
//nolint:gochecknoglobals // a constant
var usualVerbs = []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}

// usualPathVerbs are the same for URLs.
//
//nolint:gochecknoglobals // a constant
var usualPathVerbs = []string{"get", "post", "put", "patch", "delete", "head"}

// witnesses is how many candidates for a witness are looked at.
const witnesses = 8

// witness returns the most lifelike request in what is left of the box without
// the others; ok is false if nothing is left.
func (f *field) witness(b box, others []box, request func(box) Request) (best Request, ok bool) {
	left, least := witnesses, 0
	remainders(b, others, func(rest box) bool {
		r := request(rest)
		if n := f.invented(r); !ok || n < least {
			best, least, ok = r, n, true
		}
		left--
		return left > 0 && least > 0
	})
	return best, ok
}

// invented counts what of the request is made up, or odd.
func (f *field) invented(r Request) int {
	n := 0
	for _, value := range []string{r.Verb, r.Group, r.Resource, r.Subresource} {
		if strings.HasPrefix(value, "other") || strings.ContainsAny(value, "*/") {
			n++
		}
	}
	if len(f.universe.Known) > 0 && !r.NonResource && !slices.ContainsFunc(f.universe.Known, func(k Resource) bool {
		return k.Group == r.Group && k.Resource == r.Resource
	}) {
		n++
	}
	return n
}

// resourceRequest returns a request of the box, which is not empty: of those
// that the rules cannot tell apart the one that looks most like a real one. The
// namespaces in taken have grants of their own, so they do not stand for others.
func (f *field) resourceRequest(b box, scope string, taken []string) Request {
	r := Request{Namespace: scope, Verb: f.pickVerb(b[verbAxis], usualVerbs)}
	names := b[f.nameAxis()]
	fresh := func(value string) bool { return f.names.index(f.epoch, value) == 0 && !slices.Contains(taken, value) }
	name := func(i int) string {
		if i == 0 {
			return unused("some-name", fresh)
		}
		return f.names.value(i)
	}

	if !f.universe.Closed {
		r.Resource, r.Subresource, r.Group = f.pickResource(b[pointAxis], b[groupAxis])
		if !names.has(f.names.index(f.epoch, "")) {
			r.Name = name(last(names))
		}
		return r
	}

	k := f.universe.Known[first(b[knownAxis])]
	r.Group, r.Resource, r.Subresource = k.Group, k.Resource, k.Subresource
	nameless := names.has(f.names.index(f.epoch, ""))
	if needsName := slices.Contains([]string{"get", "update", "patch", "delete"}, r.Verb); !nameless || needsName && names.has(0) {
		r.Name = name(first(names))
	}
	switch namespaces := k.Group == "" && k.Resource == "namespaces"; {
	case namespaces:
		r.Namespace = r.Name
	case k.Namespaced && scope == "" && !slices.Contains([]string{"list", "watch", "deletecollection"}, r.Verb):
		r.Namespace = unused("some-namespace", func(v string) bool { return !slices.Contains(taken, v) })
	}
	return r
}

// pathRequest is the same for a box of URLs.
func (f *field) pathRequest(b box) Request {
	return Request{NonResource: true, Verb: f.pickVerb(b[verbAxis], usualPathVerbs), Path: f.paths[first(b[pathAxis])].path}
}

func first(s bitset) int {
	for i := range s.all() {
		return i
	}
	return 0
}

// last returns the first member that is not 0, or 0 if there is no other.
func last(s bitset) int {
	for i := range s.all() {
		if i != 0 {
			return i
		}
	}
	return 0
}

func (f *field) pickVerb(verbs bitset, usual []string) string {
	for _, v := range usual {
		if verbs.has(f.verbs.index(f.epoch, v)) {
			return v
		}
	}
	if i := last(verbs); i != 0 {
		return f.verbs.value(i)
	}
	return unused("other", func(v string) bool { return f.verbs.index(f.epoch, v) == 0 })
}

// pickResource prefers known resources that the rules name, then secrets, then
// other known ones, then others that the rules name, then an invented one.
func (f *field) pickResource(points, groups bitset) (resource, subresource, group string) {
	fits := func(k Resource) bool {
		return groups.has(f.groups.index(f.epoch, k.Group)) && points.has(f.place(point{k.Resource, k.Subresource}))
	}
	var odd []point
	var plain *point
	for i := range points.all() {
		p, named := f.pointAt(i)
		switch {
		case !named:
		case strings.ContainsAny(p.resource+p.subresource, "*/") || p.resource == "":
			odd = append(odd, p)
		default:
			for _, k := range f.universe.Known {
				if k.Resource == p.resource && k.Subresource == p.subresource && fits(k) {
					return k.Resource, k.Subresource, k.Group
				}
			}
			if plain == nil {
				plain = &p
			}
		}
	}
	groupNamed := last(groups) != 0 || f.groups.index(f.epoch, "") == 0
	if plain != nil && groupNamed && len(f.universe.Known) == 0 {
		return plain.resource, plain.subresource, f.pickGroup(groups, plain.resource)
	}
	for _, k := range append([]Resource{{Resource: "secrets"}}, f.universe.Known...) {
		if fits(k) {
			return k.Resource, k.Subresource, k.Group
		}
	}
	if plain != nil && groupNamed {
		return plain.resource, plain.subresource, f.pickGroup(groups, plain.resource)
	}
	for i := range points.all() {
		if p, named := f.pointAt(i); !named {
			resource = unused("other", func(v string) bool { return f.place(point{v, p.subresource}) == i })
			return resource, p.subresource, f.pickGroup(groups, resource)
		}
	}
	if plain != nil {
		odd = []point{*plain}
	}
	return odd[0].resource, odd[0].subresource, f.pickGroup(groups, odd[0].resource)
}

// place is the place of a point on the resource axis.
func (f *field) place(p point) int {
	if i := f.points.index(f.epoch, pointKey(p)); i != 0 {
		return len(f.suffixes) + i
	}
	if i, ok := f.suffix[p.subresource]; ok {
		return 1 + i
	}
	return 0
}

// pickGroup prefers the group that is known to have the resource, then those
// that the rules name, then the core group.
func (f *field) pickGroup(groups bitset, resource string) string {
	for _, k := range f.universe.Known {
		if k.Resource == resource && groups.has(f.groups.index(f.epoch, k.Group)) {
			return k.Group
		}
	}
	if i := last(groups); i != 0 {
		return f.groups.value(i)
	}
	if f.groups.index(f.epoch, "") == 0 {
		return ""
	}
	return unused("other.example.com", func(v string) bool { return f.groups.index(f.epoch, v) == 0 })
}

// unused returns the value, or a numbered one if that is not free.
func unused(value string, free func(string) bool) string {
	for v, i := value, 2; ; v, i = strconv.Itoa(i)+value, i+1 {
		if free(v) {
			return v
		}
	}
}
