package identity

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Kind is the kind of a principal.
type Kind uint8

// The kinds of principals, in the order in which [Principal.Compare] puts them.
const (
	Group Kind = iota + 1
	ServiceAccount
	User
	ManagedIdentity
	ServicePrincipal
)

// String returns User, Group or ServiceAccount, the kinds of RBAC subjects, or
// ManagedIdentity or ServicePrincipal, which only Azure knows by these names.
func (k Kind) String() string {
	switch k {
	case Group:
		return "Group"
	case ServiceAccount:
		return "ServiceAccount"
	case User:
		return "User"
	case ManagedIdentity:
		return "ManagedIdentity"
	case ServicePrincipal:
		return "ServicePrincipal"
	}
	return "Kind(" + strconv.Itoa(int(k)) + ")"
}

// Principal is somebody whom rights can be given to. It is comparable, and two
// that Kubernetes can't tell apart are equal; the zero Principal is nobody.
type Principal struct {
	kind            Kind
	namespace, name string
}

// NewServiceAccount returns the ServiceAccount of that name, or the user that
// has its username where no ServiceAccount can be called so.
func NewServiceAccount(namespace, name string) Principal {
	return NewUser(serviceAccountPrefix + namespace + ":" + name)
}

// NewUser returns the user of that name, which is a ServiceAccount if the name
// is that of one (RB19).
func NewUser(name string) Principal {
	if ns, sa, ok := splitUsername(name); ok {
		return Principal{ServiceAccount, ns, sa}
	}
	return Principal{kind: User, name: name}
}

// NewGroup returns the group of that name. Kubernetes knows a group of Microsoft
// Entra ID by its object id.
func NewGroup(name string) Principal { return Principal{kind: Group, name: name} }

// NewManagedIdentity returns the managed identity that the name stands for: that of
// the resource, its resource id, client id or object id. To Kubernetes it is the user
// called by its object id; see [Directory.Find].
func NewManagedIdentity(name string) Principal { return Principal{kind: ManagedIdentity, name: name} }

// NewServicePrincipal returns the service principal that the name stands for: its
// display name, client id or object id.
func NewServicePrincipal(name string) Principal { return Principal{kind: ServicePrincipal, name: name} }

const serviceAccountPrefix = "system:serviceaccount:"

// splitUsername takes a ServiceAccount's username apart. Both parts must be names
// that the API server admits: system:serviceaccount:a:b:c is only a user (RB19).
func splitUsername(name string) (namespace, sa string, ok bool) {
	rest, ok := strings.CutPrefix(name, serviceAccountPrefix)
	if !ok {
		return "", "", false
	}
	namespace, sa, ok = strings.Cut(rest, ":")
	return namespace, sa, ok && isLabel(namespace) && len(sa) <= mostSubdomain && isSubdomain(sa)
}

// The longest names of namespaces and of ServiceAccounts.
const (
	mostLabel     = 63
	mostSubdomain = 253
)

// isLabel reports whether a namespace can have the name: a DNS label (RFC 1123).
func isLabel(name string) bool {
	return len(name) <= mostLabel && isSubdomain(name) && !strings.Contains(name, ".")
}

// isSubdomain reports whether the name is DNS labels of any length with dots between
// them, as that of a ServiceAccount is.
func isSubdomain(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if c := label[i]; c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
				return false
			}
		}
	}
	return true
}

// Kind returns the kind; 0 of the zero Principal.
func (p Principal) Kind() Kind { return p.kind }

// Namespace returns a ServiceAccount's namespace, and nothing for others.
func (p Principal) Namespace() string { return p.namespace }

// Name returns the name: of a ServiceAccount, the one within its namespace.
func (p Principal) Name() string { return p.name }

// Username returns the name by which the API server knows a user or
// ServiceAccount, and nothing for a group or for a name that only Azure knows.
func (p Principal) Username() string {
	switch p.kind {
	case ServiceAccount:
		return serviceAccountPrefix + p.namespace + ":" + p.name
	case User:
		return p.name
	case Group, ManagedIdentity, ServicePrincipal:
	}
	return ""
}

// IsZero reports whether the principal is nobody.
func (p Principal) IsZero() bool { return p == Principal{} }

// Compare orders principals by kind (groups, ServiceAccounts, users, managed
// identities, service principals), namespace and name.
func (p Principal) Compare(q Principal) int {
	return cmp.Or(
		cmp.Compare(p.kind, q.kind),
		strings.Compare(p.namespace, q.namespace),
		strings.Compare(p.name, q.name),
	)
}

// The words before the first slash.
const (
	serviceAccountWord   = "sa"
	userWord             = "user"
	groupWord            = "group"
	managedIdentityWord  = "mi"
	servicePrincipalWord = "sp"
)

// String returns sa/NAMESPACE/NAME, user/NAME, group/NAME, mi/NAME or sp/NAME, which
// [Parse] reads.
func (p Principal) String() string {
	switch p.kind {
	case ServiceAccount:
		return serviceAccountWord + "/" + p.namespace + "/" + p.name
	case User:
		return userWord + "/" + p.name
	case Group:
		return groupWord + "/" + p.name
	case ManagedIdentity:
		return managedIdentityWord + "/" + p.name
	case ServicePrincipal:
		return servicePrincipalWord + "/" + p.name
	}
	return "nobody"
}

// Parse reads sa/NAMESPACE/NAME, user/NAME, group/NAME, mi/NAME, sp/NAME or
// Kubernetes' own system:serviceaccount:NAMESPACE:NAME. Anything else is a user's
// name, as kubectl's --as takes it, slashes included: an object id, too, by which
// Kubernetes knows guests, managed identities and service principals.
func Parse(s string) (Principal, error) {
	word, rest, ok := strings.Cut(s, "/")
	var named func(string) Principal
	switch word {
	case userWord:
		named = NewUser
	case groupWord:
		named = NewGroup
	case managedIdentityWord:
		named = NewManagedIdentity
	case servicePrincipalWord:
		named = NewServicePrincipal
	}
	switch {
	case s == "":
		return Principal{}, fmt.Errorf("an empty name is nobody: want %s", grammar)
	case ok && word == serviceAccountWord:
		namespace, name, _ := strings.Cut(rest, "/")
		p := NewServiceAccount(namespace, name)
		if p.kind != ServiceAccount {
			return Principal{}, fmt.Errorf("%q names no ServiceAccount: want sa/NAMESPACE/NAME", s)
		}
		return p, nil
	case ok && rest == "" && named != nil:
		return Principal{}, fmt.Errorf("%q lacks the name: want %s/NAME", s, word)
	case ok && named != nil:
		return named(rest), nil
	}
	return NewUser(s), nil
}

const grammar = "sa/NAMESPACE/NAME, user/NAME, group/NAME, mi/NAME, sp/NAME or a user's name"

// MustParse is [Parse] for tests and examples: it panics on an error.
func MustParse(s string) Principal {
	p, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return p
}
