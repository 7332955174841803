package rulespace

import "slices"

// kindGroup is the known resources that are served alike.
type kindGroup struct {
	verbs      []string // nil: any
	namespaced bool
	// namespaces are cluster-scoped, but a request for the namespace NAME is
	// authorised in the namespace NAME.
	namespaces bool
	members    bitset
}

func kindGroups(known []Resource) []kindGroup {
	var groups []kindGroup
	for i, k := range known {
		namespaces := k.Group == "" && k.Resource == "namespaces"
		at := slices.IndexFunc(groups, func(g kindGroup) bool {
			return g.namespaced == k.Namespaced && g.namespaces == namespaces && (g.verbs == nil) == (k.Verbs == nil) && slices.Equal(g.verbs, k.Verbs)
		})
		if at < 0 {
			at = len(groups)
			groups = append(groups, kindGroup{k.Verbs, k.Namespaced && !namespaces, namespaces, make(bitset, words(len(known)))})
		}
		groups[at].members.add(i)
	}
	return groups
}

// forNamespaces reports whether the rule allows anything about namespaces.
func (s *Space) forNamespaces(r *rule) bool {
	return slices.ContainsFunc(s.kinds, func(g kindGroup) bool { return g.namespaces && g.members.meets(r.known) })
}

// world is a part of a closed universe, and the namespace whose grants count
// there beside those of its scope.
type world struct {
	box       box
	namespace string
}

// worlds splits the requests of a scope, which is a namespace, or all requests
// if it is empty. The names of namespaces that have grants of their own are in
// apart.
func (f *field) worlds(scope string, apart []string) []world {
	var out []world
	for _, g := range f.kinds {
		verbs := make(bitset, words(f.verbs.size()))
		if g.verbs == nil {
			verbs.fill(f.verbs.size())
		}
		for _, v := range g.verbs {
			verbs.add(f.verbs.index(f.epoch, v))
		}
		add := func(names bitset, namespace string) {
			out = append(out, world{box{verbs, g.members, names}, namespace})
		}
		names := make(bitset, words(f.names.size()))
		switch {
		case g.namespaces && scope != "":
			names.add(f.names.index(f.epoch, scope))
			add(names, "")
		case g.namespaces:
			names.fill(f.names.size())
			for _, namespace := range apart {
				if i := f.names.index(f.epoch, namespace); i != 0 && namespace != "" {
					names.remove(i)
					one := make(bitset, len(names))
					one.add(i)
					add(one, namespace)
				}
			}
			add(names, "")
		case scope == "" || g.namespaced:
			names.fill(f.names.size())
			add(names, "")
		}
	}
	return out
}
