package verify

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// Access is a Kubernetes API request, as kubectl auth can-i words it. It is comparable.
type Access struct {
	Verb        string
	What        string // TYPE[.GROUP] in any word of kubectl, or a URL that begins with a slash
	Name        string
	Namespace   string // empty: all namespaces
	Subresource string

	Place model.Place `json:"-"`
}

// ParseAccess reads VERB TYPE[/NAME] [-n NAMESPACE] [--subresource NAME], or VERB URL.
// Without a namespace it speaks of all of them.
func ParseAccess(s string) (Access, error) {
	var a Access
	words := strings.Fields(s)
	var plain []string
	for i := 0; i < len(words); i++ {
		into := &a.Namespace
		switch words[i] {
		case "-A":
			continue
		case "--subresource":
			into = &a.Subresource
		case "-n":
		default:
			if strings.HasPrefix(words[i], "-") {
				return Access{}, fmt.Errorf("%q: want -n NAMESPACE or --subresource NAME", words[i])
			}
			plain = append(plain, words[i])
			continue
		}
		if i++; i == len(words) || *into != "" {
			return Access{}, fmt.Errorf("%s wants one value", words[i-1])
		}
		*into = words[i]
	}
	if len(plain) != 2 {
		return Access{}, fmt.Errorf("%q: want VERB TYPE[/NAME] [-n NAMESPACE]", s)
	}
	a.Verb, a.What = plain[0], plain[1]
	return a, a.check()
}

func (a *Access) check() error {
	if strings.HasPrefix(a.What, "/") {
		if a.Namespace != "" || a.Subresource != "" {
			return fmt.Errorf("%s: a URL has neither namespace nor subresource", a.What)
		}
		return nil
	}
	what, name, named := strings.Cut(a.What, "/")
	if what == "" || named && (name == "" || strings.Contains(name, "/")) {
		return fmt.Errorf("%q: want TYPE or TYPE/NAME", a.What)
	}
	if a.Namespace != "" && !dnsLabel.MatchString(a.Namespace) {
		return fmt.Errorf("%q can't be the name of a namespace", a.Namespace)
	}
	a.What, a.Name = what, name
	return nil
}

// String returns the access in the grammar of ParseAccess.
func (a Access) String() string {
	s := a.Verb + " " + a.What
	if a.Name != "" {
		s += "/" + a.Name
	}
	if a.Namespace != "" {
		s += " -n " + a.Namespace
	}
	if a.Subresource != "" {
		s += " --subresource " + a.Subresource
	}
	return s
}

// MarshalText writes the access as String does.
func (a Access) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads the access as ParseAccess does.
func (a *Access) UnmarshalText(text []byte) (err error) {
	*a, err = ParseAccess(string(text))
	return err
}

// Request returns the request, as the resources of a server name it. The error is
// about a type that it does not serve.
func (a Access) Request(served *rbacsim.Resources) (rbacsim.Request, error) {
	if strings.HasPrefix(a.What, "/") {
		return rbacsim.URL(a.Verb, a.What), nil
	}
	r := rbacsim.Request{Verb: a.Verb, Resource: a.What, Name: a.Name, Namespace: a.Namespace, Subresource: a.Subresource}
	if a.What == "*" {
		r.Group = "*"
		return r, nil
	}
	res, ok := served.Lookup(a.What)
	if !ok {
		var names []string
		for res := range served.All() {
			names = append(names, res.String())
		}
		return r, fmt.Errorf("no resource %s is known%s", a.What, suggest.Clause(a.What, names))
	}
	r.Group, r.Resource = res.Group, res.Name
	if a.Subresource == "" && slices.Contains(res.Subresources, a.Name) { // as aksim can-i reads it
		r.Name, r.Subresource = "", a.Name
	}
	if !res.Namespaced && !res.Check && a.Namespace != "" {
		return r, fmt.Errorf("%s are in no namespace: leave out -n %s", res, a.Namespace)
	}
	return r, nil
}

// Args returns the arguments with which aksim can-i asks about the access.
func (a Access) Args(p identity.Principal) []string {
	args := []string{"--as", p.String()}
	switch {
	case strings.HasPrefix(a.What, "/"):
		return append(args, a.Verb, a.What)
	case a.Namespace != "":
		args = append(args, "-n", a.Namespace)
	default:
		args = append(args, "-A")
	}
	if a.Subresource != "" {
		args = append(args, "--subresource", a.Subresource)
	}
	what := a.What
	if a.Name != "" {
		what += "/" + a.Name
	}
	return append(args, a.Verb, what)
}

// Bound is a set of requests: all that a role allows, in one namespace or in the
// whole cluster. It is comparable.
type Bound struct {
	Role      string // a ClusterRole; everything if it is *
	Local     bool   // it is a Role of the namespace
	Namespace string // empty: the whole cluster

	Place model.Place `json:"-"`
}

// ParseBound reads ROLE [in NAMESPACE], where ROLE is the name of a ClusterRole, * for
// everything, or role/NAME for a Role of the namespace.
func ParseBound(s string) (Bound, error) {
	words := strings.Fields(s)
	var b Bound
	switch {
	case len(words) == 1:
	case len(words) == 3 && words[1] == "in":
		if b.Namespace = words[2]; !dnsLabel.MatchString(b.Namespace) {
			return Bound{}, fmt.Errorf("%q can't be the name of a namespace", b.Namespace)
		}
	default:
		return Bound{}, fmt.Errorf("%q: want ROLE [in NAMESPACE]", s)
	}
	b.Role, b.Local = strings.CutPrefix(words[0], "role/")
	if b.Role == "" || b.Local && b.Namespace == "" {
		return Bound{}, errors.New("want role/NAME in NAMESPACE")
	}
	if strings.ContainsAny(b.Role, "/,") {
		return Bound{}, fmt.Errorf("%q can't be the name of a role", b.Role)
	}
	return b, nil
}

// String returns the bound in the grammar of ParseBound.
func (b Bound) String() string {
	s := b.Role
	if b.Local {
		s = "role/" + s
	}
	if b.Namespace != "" {
		s += " in " + b.Namespace
	}
	return s
}

// MarshalText writes the bound as String does.
func (b Bound) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads the bound as ParseBound does.
func (b *Bound) UnmarshalText(text []byte) (err error) {
	*b, err = ParseBound(string(text))
	return err
}

// everything is the role name that stands for all requests.
const everything = "*"

// Requests returns the set of requests that the role allows. The error is about a
// role that does not exist.
func (b Bound) Requests(a *rbacsim.Authorizer) (rbacsim.RequestSet, error) {
	if b.Role == everything {
		all := rbacsim.RequestSet{{Namespace: b.Namespace, Policy: rbacv1.PolicyRule{
			Verbs: []string{everything}, APIGroups: []string{everything}, Resources: []string{everything},
		}}}
		if b.Namespace == "" {
			all = append(all, rbacsim.ScopedRule{Policy: rbacv1.PolicyRule{Verbs: []string{everything}, NonResourceURLs: []string{everything}}})
		}
		return all, nil
	}
	ref := model.Ref{Kind: "ClusterRole", Name: b.Role}
	if b.Local {
		ref = model.Ref{Kind: "Role", Namespace: b.Namespace, Name: b.Role}
	}
	rules, err := a.RoleRules(ref)
	if err != nil {
		return nil, err
	}
	var set rbacsim.RequestSet
	for r := range rules {
		if r.Policy != nil && r.Open == "" { // only what it allows for certain
			set = append(set, rbacsim.ScopedRule{Namespace: b.Namespace, Policy: *r.Policy})
		}
	}
	return set, nil
}
