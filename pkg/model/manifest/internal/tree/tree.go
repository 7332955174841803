// Package tree answers what a document about Azure says, and where: JSON values with
// their places, whose names are found whatever their upper and lower case, and of
// which some are expressions that nobody could resolve.
package tree

import (
	"slices"
	"strconv"
	"strings"
)

// Kind is the kind of a node.
type Kind uint8

// The kinds of nodes. Absent is that of the zero Node: what is not there.
const (
	Absent Kind = iota
	Null
	Bool
	Number
	String
	List
	Object
	Expression // not resolved
)

// Node is a value with its place. The zero Node is not there. Nodes are immutable.
type Node struct {
	Kind Kind
	// Text is what a String says, how a Number or Bool is written, and the source of
	// an Expression.
	Text      string
	Items     []Node   // of a List
	Members   []Member // of an Object, in the order written
	Line, Col int      // from 1; 0 where nothing is known
}

// Member is a name and value of an object. Line and Col are those of the name.
type Member struct {
	Name      string
	Line, Col int
	Value     Node
}

// Get returns what the path of names leads to, upper and lower case being the same,
// the last of members that are called so. An Expression on the way is what there is:
// it is returned itself. What is not there is Absent.
func (n Node) Get(path ...string) Node {
	for _, name := range path {
		if n.Kind == Expression {
			return n
		}
		m, ok := n.Member(name)
		if !ok {
			return Node{}
		}
		n = m.Value
	}
	return n
}

// Member returns the member of that name, upper and lower case being the same.
func (n Node) Member(name string) (Member, bool) {
	for _, m := range slices.Backward(n.Members) {
		if len(m.Name) == len(name) && strings.EqualFold(m.Name, name) {
			return m, true
		}
	}
	return Member{}, false
}

// Has reports whether an object has a member of each of the names.
func (n Node) Has(names ...string) bool {
	for _, name := range names {
		if _, ok := n.Member(name); !ok {
			return false
		}
	}
	return true
}

// Bool returns the value of a Bool, or of a String that says true or false, as some
// exports write it.
func (n Node) Bool() (value, ok bool) {
	if n.Kind != Bool && n.Kind != String {
		return false, false
	}
	switch strings.ToLower(n.Text) {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	return false, false
}

// Number returns the value of a Number, or of a String that spells one.
func (n Node) Number() (float64, bool) {
	if n.Kind != Number && n.Kind != String {
		return 0, false
	}
	f, err := strconv.ParseFloat(n.Text, 64)
	return f, err == nil
}
