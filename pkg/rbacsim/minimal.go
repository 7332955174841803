package rbacsim

import (
	"strconv"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aksim/aksim/internal/rulespace"
)

// Minimum is the least that roles can grant so that given requests are allowed.
type Minimum struct {
	// ClusterRole is for requests outside of namespaces or across them, and for URLs;
	// nil if there are none. Roles are for those of one namespace each, by namespace.
	// To be bound by a ClusterRoleBinding and by RoleBindings.
	ClusterRole *rbacv1.ClusterRole
	Roles       []*rbacv1.Role
	// Proof is of the claim that the roles allow the requests and nothing else that rules
	// can leave out, and that no rule and no value of one can go.
	Proof Proof
	// Needs say of each rule and value why it can't go, in the order of the roles.
	Needs []PartNeed
	// Notes are about requests that rules can't allow without others, and odd ones, in
	// the order of the requests.
	Notes []RequestNote
	// Left are the requests that the roles do not allow: no rule allows them without all
	// others of their kind.
	Left []Request
}

// RolePart is a rule of a role, or one value in it.
type RolePart struct {
	Namespace string // of the Role; empty for the ClusterRole
	Path      string // rules[0], or rules[0].verbs[1]
	Value     string // of the latter
}

// PartNeed is why a part can't go: without it the request is denied.
type PartNeed struct {
	RolePart
	Request Request
}

// RequestNote says something about a request.
type RequestNote struct {
	Request Request
	Text    string
}

// MinimalRole returns the roles of that name which allow the requests and, as far as
// rules can say so, no others. A request without a name is allowed for every name,
// and one without a namespace in every namespace.
func MinimalRole(name string, requests []Request) Minimum {
	var wanted []rulespace.Request
	seen := map[Request]bool{}
	for _, r := range requests {
		if !seen[r] {
			seen[r] = true
			wanted = append(wanted, r.algebraic())
		}
	}
	least := rulespace.Minimal(wanted)
	plant(planted.minimum, &least)
	m := Minimum{Proof: Proof{
		Claim: "the roles allow the requests and no others, but for every name or namespace where a request has none, and nothing of them can go", Over: AllRequests.String(),
	}}
	for _, n := range least.Notes {
		m.Notes = append(m.Notes, RequestNote{requestOf(n.Request), n.Text})
	}
	var expressed []rulespace.Request
	for _, r := range wanted {
		if least.Access.Allows(r) {
			expressed = append(expressed, r)
		} else {
			m.Left = append(m.Left, requestOf(r))
		}
	}
	for _, g := range least.Access {
		if g.Namespace == "" {
			m.ClusterRole = &rbacv1.ClusterRole{TypeMeta: typeMeta("ClusterRole"), ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: g.Rules}
		} else {
			meta := metav1.ObjectMeta{Namespace: g.Namespace, Name: name}
			m.Roles = append(m.Roles, &rbacv1.Role{TypeMeta: typeMeta("Role"), ObjectMeta: meta, Rules: g.Rules})
		}
	}
	needs, err := rulespace.Exact(least.Access, expressed)
	if err != nil {
		m.Proof.Reasons = []string{err.Error()}
		return m
	}
	m.Proof.Outcome = Proved
	for _, n := range needs {
		m.Needs = append(m.Needs, PartNeed{RolePart{least.Access[n.Grant].Namespace, pathOf(n.Part), n.Value}, requestOf(n.Request)})
	}
	return m
}

// pathOf returns where a part is within its role.
func pathOf(p rulespace.Part) string {
	if p.Field == "" {
		return rulePath(p.Rule)
	}
	return rulePath(p.Rule) + "." + p.Field + "[" + strconv.Itoa(p.Index) + "]"
}

func typeMeta(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: kind}
}
