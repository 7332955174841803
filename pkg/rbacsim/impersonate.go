package rbacsim

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/validation"

	"github.com/aksim/aksim/pkg/identity"
)

// Mask is whom somebody wants to pass for: kubectl --as, --as-group, --as-uid and
// --as-user-extra.
type Mask struct {
	User   identity.Principal // a user or ServiceAccount
	Groups []string
	UID    string
	Extra  map[string][]string
}

// Impersonation is the answer about a request in somebody else's name.
type Impersonation struct {
	// Decision is whether the request passes: impersonation is allowed in one mode, and
	// the request to whom that mode makes of the mask.
	Decision Decision
	// Modes are the ways to be allowed it that come into question, in the order in
	// which the API server tries them, up to the first that is allowed.
	Modes []Mode
}

// Mode is one way to be allowed to impersonate.
type Mode struct {
	// Name is legacy or, from 1.36 on, before that associated-node, arbitrary-node,
	// serviceaccount or user-info.
	Name     string
	Decision Decision
	Needs    []Need  // all of which must be allowed
	As       Subject // who the request is by then
	Request  Decision
	Reason   string // why it is undecided or refused whatever roles say; or empty
}

// authenticationGroup is the API group of what is checked to impersonate.
const authenticationGroup = "authentication.k8s.io"

// Impersonate answers whether a subject may make a request in somebody else's name
// (RB37), and from Kubernetes 1.36 on whether it may do so for this request alone
// (RB38).
func (a *Authorizer) Impersonate(s Subject, m Mask, r Request) Impersonation {
	var result Impersonation
	if a.version.AtLeast(1, 36) {
		result.Modes = a.constrainedModes(s, m, r)
	}
	result.Modes = append(result.Modes, a.legacyMode(m))
	// The first mode that is allowed is taken, and if the request is refused to whom it
	// makes, no other is tried.
	outcomes := map[Decision]bool{}
	for i := range result.Modes {
		mode := &result.Modes[i]
		if mode.Decision != Denied {
			for j := range mode.Needs {
				mode.Needs[j].Decision = a.Decide(s, mode.Needs[j].Request)
				mode.Decision = all(mode.Decision, mode.Needs[j].Decision)
			}
		}
		mode.Request = a.Decide(mode.As, r)
		if mode.Decision != Denied {
			outcomes[mode.Request] = true
		}
		if mode.Decision == Allowed {
			result.Decision, result.Modes = single(outcomes), result.Modes[:i+1]
			return result
		}
	}
	outcomes[Denied] = true
	result.Decision = single(outcomes)
	return result
}

// single returns the only outcome, and Undecided if there are several.
func single(outcomes map[Decision]bool) Decision {
	if len(outcomes) > 1 {
		return Undecided
	}
	for d := range outcomes {
		return d
	}
	return Denied
}

// legacyMode needs the verb impersonate on everything that the mask sets, each by
// itself: the user, or the ServiceAccount in its namespace, and the groups in the
// core group, the rest in authentication.k8s.io.
func (a *Authorizer) legacyMode(m Mask) Mode {
	mode := Mode{Name: "legacy", Decision: Allowed, As: Impersonating(m.User, m.Groups...)}
	who := Request{Verb: "impersonate", Resource: "users", Name: m.User.Username()}
	if m.User.Kind() == identity.ServiceAccount {
		who.Resource, who.Namespace, who.Name = "serviceaccounts", m.User.Namespace(), m.User.Name()
	}
	mode.need(who)
	mode.needRest("impersonate", "", m)
	return mode
}

func (m *Mode) need(r Request) { m.Needs = append(m.Needs, Need{Request: r}) }

// needRest adds what a mask sets besides the user.
func (m *Mode) needRest(verb, groupOfGroups string, mask Mask) {
	if mask.UID != "" {
		m.need(Request{Verb: verb, Group: authenticationGroup, Resource: "uids", Name: mask.UID})
	}
	for _, g := range mask.Groups {
		m.need(Request{Verb: verb, Group: groupOfGroups, Resource: "groups", Name: g})
	}
	for _, key := range slices.Sorted(maps.Keys(mask.Extra)) {
		for _, value := range mask.Extra[key] {
			m.need(Request{Verb: verb, Group: authenticationGroup, Resource: "userextras", Subresource: key, Name: value})
		}
	}
}

// constrainedModes are those that fit the mask. Each needs the verb
// impersonate:MODE on everything set, and impersonate-on:MODE:VERB on what the
// request is for.
func (a *Authorizer) constrainedModes(s Subject, m Mask, r Request) []Mode {
	onlyUser := len(m.Groups) == 0 && m.UID == "" && len(m.Extra) == 0
	node, isNodeName := nodeOf(m.User)
	mode := func(name string, needs ...Request) Mode {
		on := r
		on.Verb = "impersonate-on:" + name + ":" + r.Verb
		mode := Mode{Name: name, Decision: Allowed, As: Impersonating(m.User, m.Groups...)}
		for _, q := range append([]Request{on}, needs...) {
			mode.need(q)
		}
		return mode
	}
	switch {
	case isNodeName:
		if !onlyUser {
			return nil
		}
		as := Subject{User: m.User.Username(), Groups: []string{identity.Nodes, identity.AllAuthenticated}}
		var modes []Mode
		if identity.NewUser(s.User).Kind() == identity.ServiceAccount {
			own := mode("associated-node", Request{Verb: "impersonate:associated-node", Group: authenticationGroup, Resource: "nodes", Name: wildcard})
			own.As, own.Decision = as, Undecided
			own.Reason = "only a token of a pod on node " + node + " can do this"
			modes = append(modes, own)
		}
		arbitrary := mode("arbitrary-node", Request{Verb: "impersonate:arbitrary-node", Group: authenticationGroup, Resource: "nodes", Name: node})
		arbitrary.As = as
		return append(modes, arbitrary)
	case m.User.Kind() == identity.ServiceAccount:
		if !onlyUser {
			return nil
		}
		return []Mode{mode("serviceaccount", Request{
			Verb: "impersonate:serviceaccount", Group: authenticationGroup, Resource: "serviceaccounts", Namespace: m.User.Namespace(), Name: m.User.Name(),
		})}
	}
	info := mode("user-info", Request{Verb: "impersonate:user-info", Group: authenticationGroup, Resource: "users", Name: m.User.Username()})
	if slices.Contains(m.Groups, identity.Masters) || slices.Contains(m.Groups, "") {
		info.Decision, info.Reason = Denied, "group "+identity.Masters+" and a group without a name are refused in this mode"
	}
	rest := Request{Verb: "impersonate:user-info", Group: authenticationGroup, Resource: "groups", Name: wildcard}
	if len(m.Groups) >= manyChecks && a.Decide(s, rest) == Allowed {
		m.Groups = nil
	}
	rest.Resource, rest.Subresource = "userextras", wildcard
	if extras(m.Extra) >= manyChecks && a.Decide(s, rest) == Allowed {
		m.Extra = nil
	}
	info.needRest("impersonate:user-info", authenticationGroup, m)
	return []Mode{info}
}

// manyChecks is from how many groups or extras on the API server first asks for the
// one called *, which stands for all of them.
const manyChecks = 4

func extras(extra map[string][]string) int {
	n := 0
	for _, values := range extra {
		n += len(values)
	}
	return n
}

// nodeOf returns the node whose kubelet has the user's name.
func nodeOf(p identity.Principal) (node string, ok bool) {
	node, ok = strings.CutPrefix(p.Username(), "system:node:")
	return node, ok && len(validation.NameIsDNSSubdomain(node, false)) == 0
}
