package rulespace

import (
	"slices"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Space compares sets of requests over one universe. It remembers the rules it
// has read by their slices, which therefore must not change. It is cheap to
// make, and not safe for concurrent use.
type Space struct {
	universe Universe
	kinds    []kindGroup // of a closed universe

	verbs, groups, names, paths table
	resources                   table // as rules write them
	points                      table // resource and subresource, apart
	spelling                    []spelling
	pointOf                     []point

	rules map[string]*rule
	roles map[string]*role
	read  map[sliceKey]*role

	epoch int32
}

// New returns the space of the universe's requests.
func New(u Universe) *Space {
	s := &Space{universe: u, rules: map[string]*rule{}, roles: map[string]*role{}, read: map[sliceKey]*role{}}
	if u.Closed {
		s.kinds = kindGroups(u.Known)
	}
	return s
}

// table numbers strings in order of appearance. A field marks in local what it
// uses: local[id] holds if epoch[id] is the field's.
type table struct {
	ids     map[string]int32
	strings []string
	local   []int32
	epoch   []int32
}

func (t *table) id(s string) int32 {
	if id, ok := t.ids[s]; ok {
		return id
	}
	if t.ids == nil {
		t.ids = map[string]int32{}
	}
	id := int32(len(t.strings))
	t.ids[s] = id
	t.strings = append(t.strings, s)
	t.local = append(t.local, 0)
	t.epoch = append(t.epoch, 0)
	return id
}

// list returns the numbers of the values, ascending.
func (t *table) list(values []string) []int32 {
	ids := make([]int32, len(values))
	for i, v := range values {
		ids[i] = t.id(v)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// idSet is what a rule says on an axis: all values, or those numbered, in
// ascending order.
type idSet struct {
	all bool
	ids []int32
}

func (t *table) set(values []string, all string) idSet {
	if slices.Contains(values, all) {
		return idSet{all: true}
	}
	return idSet{ids: t.list(values)}
}

func (s idSet) empty() bool { return !s.all && len(s.ids) == 0 }

// point is a resource and subresource as requests have them.
type point struct{ resource, subresource string }

// spelling is a resource as rules write it: the points that are written so,
// none of `pods/`, and, of `*/sub`, the subresource that it also stands for.
type spelling struct {
	points []int32
	suffix string
}

// spellNew spells the resources that have got a number since the last time.
func (s *Space) spellNew() {
	for _, spelled := range s.resources.strings[len(s.spelling):] {
		var sp spelling
		if rest, ok := strings.CutPrefix(spelled, "*/"); ok {
			sp.suffix = rest
		}
		for i := range spelled {
			if spelled[i] == '/' && i+1 < len(spelled) {
				sp.points = append(sp.points, s.point(point{spelled[:i], spelled[i+1:]}))
			}
		}
		if !strings.Contains(spelled, "/") || s.universe.Reviews {
			sp.points = append(sp.points, s.point(point{spelled, ""}))
		}
		s.spelling = append(s.spelling, sp)
	}
}

func (s *Space) point(p point) int32 {
	id := s.points.id(pointKey(p))
	if int(id) == len(s.pointOf) {
		s.pointOf = append(s.pointOf, p)
	}
	return id
}

func pointKey(p point) string {
	return strconv.Itoa(len(p.resource)) + " " + p.resource + p.subresource
}

// rule is a rule with its values numbered. Equal rules are one.
type rule struct {
	id                                     int
	verbs, groups, resources, names, paths idSet
	known                                  bitset // of a closed universe: the resources it is for
}

func (r *rule) forResources() bool {
	return !r.verbs.empty() && !r.groups.empty() && !r.resources.empty()
}

func (r *rule) forPaths() bool { return !r.verbs.empty() && !r.paths.empty() }

func (s *Space) rule(p rbacv1.PolicyRule) *rule {
	r := &rule{
		verbs:  s.verbs.set(p.Verbs, rbacv1.VerbAll),
		groups: s.groups.set(p.APIGroups, rbacv1.APIGroupAll),
		names:  idSet{all: len(p.ResourceNames) == 0, ids: s.names.list(p.ResourceNames)},
		paths:  idSet{ids: s.paths.list(p.NonResourceURLs)},
	}
	if slices.Contains(p.Resources, rbacv1.ResourceAll) {
		r.resources.all = true
	} else {
		ids := s.resources.list(p.Resources)
		s.spellNew()
		r.resources.ids = slices.DeleteFunc(ids, func(id int32) bool { return len(s.spelling[id].points) == 0 })
	}
	key := r.key()
	if same, ok := s.rules[key]; ok {
		return same
	}
	if s.universe.Closed {
		r.known = make(bitset, words(len(s.universe.Known)))
		for i, k := range s.universe.Known {
			if has(p.APIGroups, k.Group, rbacv1.APIGroupAll) && slices.ContainsFunc(p.Resources, func(pattern string) bool {
				return matchesResource(pattern, k.Resource, k.Subresource)
			}) {
				r.known.add(i)
			}
		}
	}
	r.id = len(s.rules)
	s.rules[key] = r
	return r
}

func (r *rule) key() string {
	var b []byte
	for _, set := range []idSet{r.verbs, r.groups, r.resources, r.names, r.paths} {
		if set.all {
			b = append(b, '*')
		}
		for _, id := range set.ids {
			b = strconv.AppendInt(b, int64(id), 36)
			b = append(b, ',')
		}
		b = append(b, ';')
	}
	return string(b)
}

// role is a list of rules without repetitions, in order of first appearance
// anywhere. Equal roles are one.
type role struct{ rules []*rule }

type sliceKey struct {
	first *rbacv1.PolicyRule
	n     int
}

func (s *Space) role(rules []rbacv1.PolicyRule) *role {
	if len(rules) == 0 {
		return &role{}
	}
	slice := sliceKey{&rules[0], len(rules)}
	if r, ok := s.read[slice]; ok {
		return r
	}
	r := &role{}
	for _, p := range rules {
		r.rules = append(r.rules, s.rule(p))
	}
	slices.SortFunc(r.rules, func(a, b *rule) int { return a.id - b.id })
	r.rules = slices.Compact(r.rules)
	var key []byte
	for _, rule := range r.rules {
		key = strconv.AppendInt(key, int64(rule.id), 36)
		key = append(key, ',')
	}
	if same, ok := s.roles[string(key)]; ok {
		r = same
	}
	s.roles[string(key)] = r
	s.read[slice] = r
	return r
}
