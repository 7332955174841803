package identity

import (
	"iter"
	"slices"
	"strings"
)

// The groups and users that the API server itself speaks of.
const (
	// Masters is the group that is allowed everything before any role is asked (RB32).
	Masters = "system:masters"
	// Nodes is the group of the kubelets.
	Nodes = "system:nodes"
	// AllAuthenticated is the group of everyone who proved who they are.
	AllAuthenticated = "system:authenticated"
	// AllUnauthenticated is the group of everyone who did not.
	AllUnauthenticated = "system:unauthenticated"
	// AllServiceAccounts is the group of the ServiceAccounts of all namespaces.
	AllServiceAccounts = "system:serviceaccounts"
	// Anonymous is the user of requests without credentials.
	Anonymous = "system:anonymous"
)

// ServiceAccountsOf returns the group of the ServiceAccounts of one namespace.
func ServiceAccountsOf(namespace string) string { return AllServiceAccounts + ":" + namespace }

// Membership is one group that a principal is in.
type Membership struct {
	Group string
	// Why says who put the principal there; empty if the question did.
	Why string
}

// Authenticated yields the groups that the principal's own requests carry, the
// given ones first, then those that Kubernetes adds (RB20): both groups of a
// ServiceAccount, and system:authenticated for everyone but the anonymous user
// and whoever was given it or its opposite. A group stands for a member of it of
// whom nothing else is known: who is in one has credentials, but for the group of
// those who have none.
//
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/
func Authenticated(p Principal, given ...string) iter.Seq[Membership] {
	return memberships(p, given, true)
}

// Impersonated yields the groups that requests carry which somebody makes in the
// principal's name (kubectl --as and --as-group): as [Authenticated], but where
// groups are given, a ServiceAccount's own are not added (RB37).
//
// https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
func Impersonated(p Principal, given ...string) iter.Seq[Membership] {
	return memberships(p, given, len(given) == 0)
}

func memberships(p Principal, given []string, own bool) iter.Seq[Membership] {
	var all []Membership
	has := func(group string) bool {
		return slices.ContainsFunc(all, func(m Membership) bool { return m.Group == group })
	}
	add := func(group, why string) {
		if !has(group) {
			all = append(all, Membership{group, why})
		}
	}
	for _, g := range given {
		add(g, "")
	}
	if p.kind == Group && strings.HasPrefix(p.name, AllServiceAccounts+":") {
		add(AllServiceAccounts, "every ServiceAccount is in it")
	}
	if p.kind == ServiceAccount && own {
		add(AllServiceAccounts, "every ServiceAccount is in it")
		add(ServiceAccountsOf(p.namespace), "every ServiceAccount of namespace "+p.namespace+" is in it")
	}
	switch {
	case p.IsZero() || p.kind == Group && p.name == AllUnauthenticated:
	case p.Username() == Anonymous:
		add(AllUnauthenticated, "every request without credentials is in it")
	case has(AllAuthenticated) || has(AllUnauthenticated):
	default:
		add(AllAuthenticated, "everyone with credentials is in it")
	}
	return slices.Values(all)
}
