package rulespace

import (
	"slices"
	"strings"
)

// field is the space as some rules see it: on each axis the values that they
// name, and 0 for all others. What they cannot tell apart is one value here.
//
// Boxes of resource requests have the axes verb, group, resource, name; in a
// closed universe verb, known resource, name. Those of URLs have verb, path.
type field struct {
	*Space
	verbs, groups, names axis

	suffixes []string       // of `*/sub`
	suffix   map[string]int // index in suffixes
	points   axis           // see resourceSet for how they are numbered

	paths []pathClass
}

// The axes of boxes.
const (
	verbAxis  = 0
	groupAxis = 1 // of resource requests in an open universe
	pointAxis = 2
	knownAxis = 1 // in a closed one
	pathAxis  = 1 // of URLs
)

func (f *field) nameAxis() int {
	if f.universe.Closed {
		return 2
	}
	return 3
}

// axis lists the numbers of the values that are named: number i+1 here stands
// for ids[i].
type axis struct {
	t   *table
	ids []int32
}

func (a *axis) use(epoch int32, ids ...int32) {
	for _, id := range ids {
		if a.t.epoch[id] != epoch {
			a.t.epoch[id] = epoch
			a.ids = append(a.ids, id)
			a.t.local[id] = int32(len(a.ids))
		}
	}
}

func (a *axis) size() int { return len(a.ids) + 1 }

// index returns the place of a named value on the axis, 0 for others.
func (a *axis) index(epoch int32, value string) int {
	if id, ok := a.t.ids[value]; ok && a.t.epoch[id] == epoch {
		return int(a.t.local[id])
	}
	return 0
}

func (a *axis) value(i int) string { return a.t.strings[a.ids[i-1]] }

func (a *axis) set(s idSet) bitset {
	out := make(bitset, words(a.size()))
	if s.all {
		out.fill(a.size())
		return out
	}
	for _, id := range s.ids {
		out.add(int(a.t.local[id]))
	}
	return out
}

// field returns the space as the rules see it. Named values are in order of
// first appearance. It is valid until the next call.
func (s *Space) field(names []string, lists ...[]*rule) *field {
	s.epoch++
	f := &field{
		Space: s,
		verbs: axis{t: &s.verbs}, groups: axis{t: &s.groups}, names: axis{t: &s.names}, points: axis{t: &s.points},
	}
	patterns := axis{t: &s.paths}
	for _, list := range lists {
		for _, r := range list {
			f.verbs.use(s.epoch, r.verbs.ids...)
			f.groups.use(s.epoch, r.groups.ids...)
			f.names.use(s.epoch, r.names.ids...)
			patterns.use(s.epoch, r.paths.ids...)
			for _, id := range r.resources.ids {
				sp := s.spelling[id]
				f.points.use(s.epoch, sp.points...)
				if _, known := f.suffix[sp.suffix]; sp.suffix != "" && !known {
					if f.suffix == nil {
						f.suffix = map[string]int{}
					}
					f.suffix[sp.suffix] = len(f.suffixes)
					f.suffixes = append(f.suffixes, sp.suffix)
				}
			}
		}
	}
	for _, g := range s.kinds {
		f.verbs.use(s.epoch, s.verbs.list(g.verbs)...)
	}
	for _, name := range append(names, "") {
		f.names.use(s.epoch, s.names.id(name))
	}
	f.paths = classesOfPaths(patterns)
	return f
}

// resourceBox returns the rule's resource requests; nil if there are none.
func (f *field) resourceBox(r *rule) box {
	switch {
	case !r.forResources():
		return nil
	case f.universe.Closed:
		return box{f.verbs.set(r.verbs), r.known, f.names.set(r.names)}
	}
	return box{f.verbs.set(r.verbs), f.groups.set(r.groups), f.resourceSet(r), f.names.set(r.names)}
}

// pathBox returns the rule's URL requests; nil if there are none.
func (f *field) pathBox(r *rule) box {
	if !r.forPaths() {
		return nil
	}
	paths := make(bitset, words(len(f.paths)))
	for i, p := range f.paths {
		if slices.ContainsFunc(r.paths.ids, func(id int32) bool { return matchesPath(f.Space.paths.strings[id], p.path) }) {
			paths.add(i)
		}
	}
	return box{f.verbs.set(r.verbs), paths}
}

// resourceSet is a rule's resources. On this axis 0 stands for the resources
// that are not named, without a subresource that `*/sub` names; 1 … the number
// of suffixes for the same with those subresources; then come the named points.
func (f *field) resourceSet(r *rule) bitset {
	out := make(bitset, words(f.resources()))
	if r.resources.all {
		out.fill(f.resources())
		return out
	}
	for _, id := range r.resources.ids {
		sp := f.spelling[id]
		for _, p := range sp.points {
			out.add(len(f.suffixes) + int(f.Space.points.local[p]))
		}
		if sp.suffix == "" {
			continue
		}
		out.add(1 + f.suffix[sp.suffix])
		for i, p := range f.points.ids {
			if f.pointOf[p].subresource == sp.suffix {
				out.add(1 + len(f.suffixes) + i)
			}
		}
	}
	return out
}

func (f *field) resources() int { return 1 + len(f.suffixes) + len(f.points.ids) }

// pointAt returns what a place on the resource axis stands for; named is false
// if it is any resource that is not named, with the subresource.
func (f *field) pointAt(i int) (p point, named bool) {
	switch {
	case i == 0:
		return point{}, false
	case i <= len(f.suffixes):
		return point{subresource: f.suffixes[i-1]}, false
	}
	return f.pointOf[f.points.ids[i-1-len(f.suffixes)]], true
}

// pathClass is the paths that match the same patterns: one of them, and of the
// patterns that which matches fewest.
type pathClass struct{ path, pattern string }

// classesOfPaths returns the classes that the patterns make, without the paths
// that match none: what is written without star, and what begins with a prefix
// and no longer one.
func classesOfPaths(patterns axis) []pathClass {
	exact := map[string]bool{}
	var prefixes []string
	var out []pathClass
	for _, id := range patterns.ids {
		pattern := patterns.t.strings[id]
		if prefix, ok := pathPrefix(pattern); !ok {
			exact[pattern] = true
			out = append(out, pathClass{pattern, pattern})
		} else if !slices.Contains(prefixes, prefix) {
			prefixes = append(prefixes, prefix)
		}
	}
	for _, p := range prefixes {
		out = append(out, pathClass{pathUnder(p, exact, prefixes), p + "*"})
	}
	return out
}

// pathUnder returns a path that begins with the prefix, with no longer one of
// the prefixes, and is none of the exact ones.
func pathUnder(prefix string, exact map[string]bool, prefixes []string) string {
	free := func(path string) bool {
		return !exact[path] && !slices.ContainsFunc(prefixes, func(p string) bool {
			return len(p) > len(prefix) && strings.HasPrefix(path, p)
		})
	}
	tails := []string{"other", "/other"}
	if prefix == "" {
		tails = []string{"/other", "other"}
	}
	for _, tail := range tails {
		if free(prefix + tail) {
			return prefix + tail
		}
	}
	for r := '0'; ; r++ { // the longer prefixes are finitely many, letters are not
		if path := prefix + string(r) + "other"; free(path) {
			return path
		}
	}
}
