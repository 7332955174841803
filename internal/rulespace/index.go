package rulespace

import "slices"

// access is an Access with its rules numbered.
type access struct {
	scopes []string // in order of first appearance
	roles  map[string][]*role
	lists  map[string]*listing
	space  *Space
}

func (s *Space) access(a Access) *access {
	out := &access{roles: make(map[string][]*role, min(len(a), 8)), lists: map[string]*listing{}, space: s}
	type key struct {
		scope string
		role  *role
	}
	seen := make(map[key]bool, len(a))
	for _, g := range a {
		r := s.role(g.Rules)
		if k := (key{g.Namespace, r}); !seen[k] {
			seen[k] = true
			if out.roles[g.Namespace] == nil {
				out.scopes = append(out.scopes, g.Namespace)
			}
			out.roles[g.Namespace] = append(out.roles[g.Namespace], r)
		}
	}
	return out
}

// listing is the rules of one scope, each once.
type listing struct {
	rules []*rule
	has   map[*rule]bool
	paths []*rule
	wild  []*rule           // with resources that are not literal
	at    map[int32][]*rule // by literal resource
}

func (a *access) in(scope string) *listing {
	if l := a.lists[scope]; l != nil {
		return l
	}
	l := a.space.list(a.roles[scope])
	a.lists[scope] = l
	return l
}

func (s *Space) list(roles []*role) *listing {
	l := &listing{has: map[*rule]bool{}, at: map[int32][]*rule{}}
	for _, role := range roles {
		for _, r := range role.rules {
			if l.has[r] {
				continue
			}
			l.has[r] = true
			l.rules = append(l.rules, r)
			if r.forPaths() {
				l.paths = append(l.paths, r)
			}
			switch {
			case !r.forResources():
			case s.wild(r):
				l.wild = append(l.wild, r)
			default:
				for _, id := range r.resources.ids {
					l.at[id] = append(l.at[id], r)
				}
			}
		}
	}
	return l
}

func (s *Space) wild(r *rule) bool {
	return r.resources.all || slices.ContainsFunc(r.resources.ids, func(id int32) bool { return s.spelling[id].suffix != "" })
}

// near returns the rules of the scopes that may have a resource request in
// common with the rule.
func (a *access) near(r *rule, scopes ...string) []*rule {
	var out []*rule
	wild := a.space.wild(r)
	for _, scope := range scopes {
		l := a.in(scope)
		if wild {
			out = append(out, l.rules...)
			continue
		}
		out = append(out, l.wild...)
		for _, id := range r.resources.ids {
			out = append(out, l.at[id]...)
		}
	}
	out = slices.DeleteFunc(out, func(o *rule) bool { return !o.forResources() || !o.verbs.meets(r.verbs) || !o.groups.meets(r.groups) })
	slices.SortFunc(out, func(x, y *rule) int { return x.id - y.id })
	return slices.Compact(out)
}

// meets reports whether two sets, neither of them empty, have a value in common.
func (s idSet) meets(t idSet) bool {
	if s.all || t.all {
		return true
	}
	for i, j := 0, 0; i < len(s.ids) && j < len(t.ids); {
		switch {
		case s.ids[i] == t.ids[j]:
			return true
		case s.ids[i] < t.ids[j]:
			i++
		default:
			j++
		}
	}
	return false
}

// contains reports whether every listed value of t is in s.
func (s idSet) contains(t idSet) bool {
	if s.all || t.all {
		return s.all
	}
	i := 0
	for _, id := range t.ids {
		for i < len(s.ids) && s.ids[i] < id {
			i++
		}
		if i == len(s.ids) || s.ids[i] != id {
			return false
		}
	}
	return true
}

// includes reports whether the resource requests of t are r's, to be seen value
// by value.
func (r *rule) includes(t *rule) bool {
	return r.verbs.contains(t.verbs) && r.groups.contains(t.groups) && r.resources.contains(t.resources) && r.names.contains(t.names)
}
