package azure

import (
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

// members is who is in which group, as far as the input tells.
type members struct {
	directory *identity.Directory
	direct    map[string][]string // members of a group, by object id, ordered
	parents   map[string][]string // groups that somebody is directly in, ordered
	followed  map[string]bool     // groups whose list holds the members of their groups, too
}

func newMembers(cluster *model.Cluster, d *identity.Directory) *members {
	m := &members{directory: d, direct: map[string][]string{}, parents: map[string][]string{}, followed: map[string]bool{}}
	for o := range model.All[model.GroupMembers](cluster) {
		group := strings.ToLower(o.API.Group)
		m.followed[group] = m.followed[group] || o.API.Transitive
		for _, id := range o.API.Members {
			m.direct[group] = append(m.direct[group], strings.ToLower(id))
			m.parents[strings.ToLower(id)] = append(m.parents[strings.ToLower(id)], group)
		}
	}
	for _, table := range []map[string][]string{m.direct, m.parents} {
		for id := range table {
			slices.Sort(table[id])
			table[id] = slices.Compact(table[id])
		}
	}
	return m
}

// gap returns a group that is the given one or in it and whose members the input does
// not list although it lists others': whoever is in that one is in the given one
// (AZ10). Empty if all members are known, or if no export lists members at all.
func (m *members) gap(group string) string {
	if !m.directory.KnowsAnyMembers() {
		return ""
	}
	return m.gapBelow(group, map[string]bool{})
}

func (m *members) gapBelow(group string, seen map[string]bool) string {
	if seen[group] {
		return ""
	}
	seen[group] = true
	if !m.directory.KnowsMembers(group) {
		return group
	}
	if m.followed[group] {
		return ""
	}
	for _, id := range m.direct[group] {
		e, _ := m.directory.Lookup(id)
		switch {
		case e.Kind == identity.Group || m.directory.KnowsMembers(id):
			if gap := m.gapBelow(id, seen); gap != "" {
				return gap
			}
		case e.Kind == 0: // may be a group
			return id
		}
	}
	return ""
}

// path returns the groups by which somebody is in a group, the group itself last; nil
// if the input does not say that they are in it.
func (m *members) path(id, group string) []string {
	from := map[string]string{id: ""}
	for queue := []string{id}; len(queue) > 0; queue = queue[1:] {
		for _, parent := range m.parents[queue[0]] {
			if _, seen := from[parent]; seen {
				continue
			}
			from[parent] = queue[0]
			if parent == group {
				var path []string
				for at := group; at != id; at = from[at] {
					path = append(path, at)
				}
				slices.Reverse(path)
				return path
			}
			queue = append(queue, parent)
		}
	}
	return nil
}

// everyone returns all who are in a group, directly or through other groups, the group
// itself left out, in no stated order.
func (m *members) everyone(group string) []string {
	seen := map[string]bool{group: true}
	var list []string
	for queue := []string{group}; len(queue) > 0; queue = queue[1:] {
		for _, id := range m.direct[queue[0]] {
			if !seen[id] {
				seen[id] = true
				list = append(list, id)
				queue = append(queue, id)
			}
		}
	}
	return list
}
