package azure

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/aksim/aksim/internal/abac"
	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// Decision is the answer to one question; its zero value is Undecided.
type Decision = rbacsim.Decision

// Subject is who asks: somebody of Microsoft Entra ID with the groups that they are
// in, those that their groups are in included. All are object ids in lower case.
type Subject struct {
	ObjectID string
	Groups   []string
}

// Request is what is asked for: one action at one scope.
type Request struct {
	Action string // such as Microsoft.KeyVault/vaults/secrets/getSecret/action; case means nothing
	Data   bool   // a data action; see [Authorizer.Plane]
	Scope  Scope

	// Attributes are what conditions may ask besides.
	Attributes Attributes
}

// String returns the action and the scope for people.
func (r Request) String() string {
	if r.Data {
		return "data action " + r.Action + " at " + r.Scope.String()
	}
	return r.Action + " at " + r.Scope.String()
}

// Attributes are what is known of a request beyond its action, for conditions (AZ8).
// The zero Attributes know nothing, and leave conditions about attributes open.
type Attributes struct {
	// Values are by source and name, such as
	// Request:Microsoft.ContainerService/managedClusters/customResources:kind, spelt as
	// conditions spell them.
	Values map[string][]string
	// Complete are the sources, such as Request, of which Values hold everything: what
	// is not among them is not there.
	Complete []string
	// SubOperation is the sub-operation, such as Blob.List; empty means that it is not
	// known, unless NoSubOperation says that there is none.
	SubOperation   string
	NoSubOperation bool
}

// attribute returns the value of an attribute as conditions ask for it.
func (a *Attributes) attribute(source, name string) (abac.Value, abac.Presence) {
	similar := false
	for key, values := range a.Values { // a few at most
		s, n, _ := strings.Cut(key, ":")
		if n == name && s == source {
			return abac.Text(values...), abac.Present
		}
		similar = similar || strings.EqualFold(n, name) && s == source
	}
	if !similar && slices.Contains(a.Complete, source) { // whether case counts is not documented (AZ27)
		return abac.Value{}, abac.Absent
	}
	return abac.Value{}, abac.NotKnown
}

// Authorizer answers what the Azure objects of one snapshot allow. It is immutable and
// safe for concurrent use.
type Authorizer struct {
	directory   *identity.Directory
	members     *members
	hierarchy   *hierarchy
	roles       map[string]*role // that the input defines or names, by GUID
	assignments []*assignment    // in the order of the input
	denies      []*deny
	vaults      map[Scope]*keyVault
	anyVault    bool // the input holds one, if only one whose id is not known
	findings    []model.Finding
	assumed     []string

	nodes    map[string]*node // by scope id
	nowhere  *node            // what has no known scope
	vague    []*node          // whose ids hang on a template
	groups   []*node          // of management groups
	ways     map[string]*way  // management groups above, by id of subscription or management group
	unknown  *way             // above those of which the input says nothing
	anywhere *way             // all perhaps: above those whose id hangs on a template

	holders map[string]*holder // by object id
	anybody holder             // what anybody may have, or may not
	anonym  holder             // what those may have of whom no name is known

	who struct { // made when the first asks
		once  sync.Once
		index *whoIndex
	}
	planes struct { // likewise
		once  sync.Once
		table *planeTable
	}
}

// node is a scope at which something is assigned.
type node struct {
	scope  Scope
	number int32
	denies []*deny
}

// way is the management groups that are above a scope, and those that may be.
type way struct{ sure, perhaps []*node }

// holder is somebody whom role assignments name.
type holder struct {
	id     string
	mask   uint64   // which nodes may be among these
	placed []placed // by number of the node
}

type placed struct {
	node   int32
	grants []*assignment
}

func (h *holder) at(node int32) []*assignment {
	i, ok := slices.BinarySearchFunc(h.placed, node, func(p placed, n int32) int { return cmp.Compare(p.node, n) })
	if !ok {
		return nil
	}
	return h.placed[i].grants
}

// Option settles something that the snapshot does not tell.
type Option func(*Authorizer)

// compiler is an Authorizer in the making.
type compiler struct {
	*Authorizer
	*reader
	roleNames   map[string][]*role // of the input, by name in lower case
	scopes      map[string]Scope   // by text
	grants      map[*holder]map[int32][]*assignment
	anything    permission
	numbered    int32 // roles
	builtinUsed bool
}

// New compiles a snapshot. The cost is near-linear in its size; answers after that
// are cheap.
func New(cluster *model.Cluster, opts ...Option) *Authorizer {
	a := &Authorizer{
		directory: identity.NewDirectory(cluster), hierarchy: newHierarchy(cluster),
		roles: map[string]*role{}, vaults: map[Scope]*keyVault{},
		nodes: map[string]*node{}, ways: map[string]*way{}, holders: map[string]*holder{},
	}
	a.members = newMembers(cluster, a.directory)
	for _, o := range opts {
		o(a)
	}
	c := &compiler{
		Authorizer: a, reader: newReader(), roleNames: map[string][]*role{}, scopes: map[string]Scope{},
		grants: map[*holder]map[int32][]*assignment{},
	}
	var all permissionText
	all.lists[control].allow, all.lists[data].allow = []string{"*"}, []string{"*"}
	c.anything = c.permission(all)
	c.nowhere = c.node(Scope{})
	c.readRoles(cluster)
	c.readAssignments(cluster)
	c.readDenies(cluster)
	c.readVaults(cluster)
	plant(planted.read, c)
	c.index()
	c.assume()
	slices.SortFunc(a.findings, model.Finding.Compare)
	plant(planted.ready, a)
	return a
}

// node returns the node of a scope, made if there is none.
func (c *compiler) node(s Scope) *node {
	n, ok := c.nodes[s.id]
	if !ok {
		n = &node{scope: s, number: int32(len(c.nodes))}
		c.nodes[s.id] = n
	}
	return n
}

// place gives an assignment to those who have it, or may have it.
func (c *compiler) place(a *assignment) {
	n := c.node(a.scope)
	give := func(h *holder) {
		if c.grants[h] == nil {
			c.grants[h] = map[int32][]*assignment{}
		}
		c.grants[h][n.number] = append(c.grants[h][n.number], a)
	}
	if a.principal != "" {
		h, ok := c.holders[a.principal]
		if !ok {
			h = &holder{id: a.principal}
			c.holders[a.principal] = h
		}
		give(h)
	}
	_, expression := a.api.PrincipalID.Unresolved()
	switch {
	case a.principal == "" && a.api.Classic && a.api.PrincipalName.Or("") != "":
		give(&c.anonym)
	case a.principal == "" || expression:
		give(&c.anybody)
	case c.mayBeGroup(a.principal, a.api.PrincipalType.Or("")) && c.members.gap(a.principal) != "":
		give(&c.anybody) // AZ10
	}
}

// mayBeGroup reports whether an object id is that of a group, or may be, since nothing
// says of what kind it is.
func (c *compiler) mayBeGroup(id, kind string) bool {
	e, _ := c.directory.Lookup(id)
	return e.Kind == identity.Group || strings.Contains(lower(kind), "group") || e.Kind == 0 && kind == ""
}

// index orders what is assigned and finds the management groups above everything.
func (c *compiler) index() {
	for h, byNode := range c.grants {
		for n, grants := range byNode {
			h.placed = append(h.placed, placed{n, grants})
			h.mask |= bit(n)
		}
		slices.SortFunc(h.placed, func(x, y placed) int { return cmp.Compare(x.node, y.node) })
	}
	for _, n := range c.nodes {
		switch {
		case n.scope.Kind() == ManagementGroup:
			c.Authorizer.groups = append(c.Authorizer.groups, n)
		case vague(n.scope):
			c.vague = append(c.vague, n)
		}
	}
	byNumber := func(x, y *node) int { return cmp.Compare(x.number, y.number) }
	slices.SortFunc(c.vague, byNumber)
	slices.SortFunc(c.Authorizer.groups, byNumber)
	c.Authorizer.unknown = c.wayTo(Scope{})
	c.Authorizer.anywhere = &way{perhaps: c.Authorizer.groups}
	for s := range c.hierarchy.parent {
		c.ways[s.id] = c.wayTo(s)
	}
	for s := range c.hierarchy.whole {
		c.ways[s.id] = c.wayTo(s)
	}
}

// wayTo returns the management groups above a subscription or management group; of
// the zero Scope, above one of which the input says nothing.
func (c *compiler) wayTo(s Scope) *way {
	w := &way{}
	for _, n := range c.Authorizer.groups {
		switch {
		case n.scope == s: // asked for by its id
		case s.IsZero() && c.hierarchy.lists(n.scope, map[Scope]bool{}):
		case s.IsZero():
			w.perhaps = append(w.perhaps, n)
		default:
			switch c.hierarchy.covers(n.scope, s) {
			case yes:
				w.sure = append(w.sure, n)
			case maybe:
				w.perhaps = append(w.perhaps, n)
			case no:
			}
		}
	}
	return w
}

// Directory returns who is who, as far as the snapshot tells.
func (a *Authorizer) Directory() *identity.Directory { return a.directory }

// Findings yields what compiling noticed, ordered by place: role definitions that are
// not as Azure's or that Azure would refuse, conditions that do other than they look like,
// classic administrators.
func (a *Authorizer) Findings() iter.Seq[model.Finding] { return slices.Values(a.findings) }

// ErrNobody is the error of a question without somebody who asks.
var ErrNobody = errors.New("nobody asks: name a principal by its object id")

// SubjectOf returns a principal as they ask in Azure: with their groups, and those
// that the question adds, closed over groups of groups (AZ11). The error is that of
// [identity.Directory.Find].
func (a *Authorizer) SubjectOf(p identity.Principal, more ...string) (Subject, error) {
	e, err := a.directory.Find(p)
	if err != nil {
		return Subject{}, err
	}
	return a.subject(e.ObjectID, more...), nil
}

func (a *Authorizer) subject(id string, more ...string) Subject {
	groups := slices.Collect(a.directory.Groups(id))
	for _, g := range more {
		g = strings.ToLower(g)
		groups = append(groups, g)
		groups = slices.AppendSeq(groups, a.directory.Groups(g))
	}
	slices.Sort(groups)
	s := Subject{ObjectID: strings.ToLower(id), Groups: slices.Compact(groups)}
	plant(planted.subject, &s)
	return s
}

// Covers reports whether what is assigned at a scope counts at another: by their ids
// or, for management groups, by what the input says is in them. Undecided if the input
// does not say that.
func (a *Authorizer) Covers(s, t Scope) Decision { return verdictOf(a.covers(s, t)) }

// verdictOf turns a match into a decision.
func verdictOf(m match) Decision {
	switch m {
	case yes:
		return rbacsim.Allowed
	case no:
		return rbacsim.Denied
	case maybe:
	}
	return rbacsim.Undecided
}
