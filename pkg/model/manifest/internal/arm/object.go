package arm

import (
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// object is one that grows.
type object struct {
	members []tree.Member
	at      map[string]int // by name in lower case
}

func newObject(n tree.Node) *object {
	o := &object{members: slices.Clone(n.Members), at: make(map[string]int, len(n.Members))}
	for i, m := range o.members {
		o.at[strings.ToLower(m.Name)] = i
	}
	return o
}

func (o *object) get(name string) (tree.Node, bool) {
	i, ok := o.at[strings.ToLower(name)]
	if !ok {
		return tree.Node{}, false
	}
	return o.members[i].Value, true
}

// set puts a member in, or gives the one of that name another value.
func (o *object) set(name string, value tree.Node) {
	key := strings.ToLower(name)
	if i, ok := o.at[key]; ok {
		o.members[i].Value = value
		return
	}
	o.at[key] = len(o.members)
	o.members = append(o.members, tree.Member{Name: name, Value: value})
}

func (o *object) node() tree.Node { return tree.Node{Kind: tree.Object, Members: o.members} }
