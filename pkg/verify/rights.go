package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

func (c *Context) needCan(a *Answer, st Statement) {
	p := st.Who.Principal
	f := Finding{Object: p.String(), Place: st.Place, Replay: append([]string{"can-i"}, st.Access.Args(p)...)}
	req, err := st.Access.Request(c.Authorizer().Resources())
	if err != nil {
		f.Text = err.Error()
		a.Open(f)
		return
	}
	v, err := c.check(p, req)
	switch {
	case err != nil:
		f.Text = err.Error()
		a.Open(f)
		return
	case v.Decision == rbacsim.Allowed && v.Effective == rbacsim.Allowed:
		a.Proved("the request as it stands")
		return
	}
	f.Text = fmt.Sprintf("%s: %s", v.Question(), v.Decision)
	f.Grounds = slices.Collect(v.Grounds(mostGrounds))
	if v.Decision == rbacsim.Undecided || len(slices.Collect(v.Incomplete())) > 0 {
		a.Open(f)
	} else {
		a.Refute(f)
	}
}

// check answers a request as the API server does, which also asks Azure.
func (c *Context) check(p identity.Principal, r rbacsim.Request) (azure.KubernetesVerdict, error) {
	s, err := c.Kubernetes().As(p)
	if err != nil {
		return azure.KubernetesVerdict{}, err
	}
	return c.Kubernetes().Check(s, r)
}

// NeedCannot finds out whether somebody is kept from a request: from every name and
// in every namespace where it has none. It speaks of the rights that the principal has
// itself and by the groups that the input puts it in.
func (c *Context) NeedCannot(a *Answer, p identity.Principal, access Access) {
	f := Finding{Object: p.String(), Place: access.Place}
	want, err := access.Request(c.Authorizer().Resources())
	if err != nil {
		f.Text = err.Error()
		a.Open(f)
		return
	}
	s, err := c.Kubernetes().As(p)
	if err != nil {
		f.Text = err.Error()
		a.Open(f)
		return
	}
	rights := c.Authorizer().Rights(s.RBAC)
	for why := range rights.Incomplete(want.Namespace) {
		f.Text = fmt.Sprintf("%s may have more rights: %s", p, why)
		a.Open(f)
	}
	candidates := c.everywhere(want)
	for right := range rights.All() {
		candidates = append(candidates, witnesses(want, right)...)
	}
	seen := map[string]bool{}
	for _, r := range candidates {
		v, err := c.check(p, r)
		if err != nil {
			f.Text = err.Error()
			a.Open(f)
			return
		}
		if v.Decision == rbacsim.Denied || seen[v.Question()] {
			continue
		}
		seen[v.Question()] = true
		f.Text = fmt.Sprintf("may %s", accessOf(r, access))
		if v.Decision != rbacsim.Allowed {
			f.Text = fmt.Sprintf("may perhaps %s", accessOf(r, access))
		}
		f.Grounds = slices.Collect(v.Grounds(mostGrounds))
		f.Replay = append([]string{"can-i"}, accessOf(r, access).Args(p)...)
		f.Place = access.Place
		for g := range v.RBAC.Grants() {
			f.Place = g.BindingPlace
			break
		}
		if v.Decision == rbacsim.Allowed {
			a.Refute(f)
		} else {
			a.Open(f)
		}
	}
}

// everywhere returns the request, and if it means all namespaces, that in each: role
// assignments may be for one of them.
func (c *Context) everywhere(want rbacsim.Request) []rbacsim.Request {
	all := []rbacsim.Request{want}
	if want.NonResource || want.Namespace != "" {
		return all
	}
	if res, ok := c.Authorizer().Resources().Get(want.Group, want.Resource); ok && !res.Namespaced {
		return all
	}
	for ns := range c.cluster.Namespaces() {
		r := want
		r.Namespace = ns.Name
		all = append(all, r)
	}
	return all
}

// witnesses returns the requests that a right might allow out of those that are
// wanted: with a name, a namespace, a verb or a resource of the right, where any is
// meant. Whether it does is for the engine to say.
func witnesses(want rbacsim.Request, right rbacsim.Access) (all []rbacsim.Request) {
	p := right.Policy
	if p == nil {
		return nil
	}
	if want.Namespace == "" {
		want.Namespace = right.Namespace
	}
	choices := func(have string, of []string) []string {
		if have != everything || len(of) == 0 {
			return []string{have}
		}
		return of
	}
	if want.NonResource {
		for _, verb := range choices(want.Verb, p.Verbs) {
			all = append(all, rbacsim.URL(verb, want.Path))
		}
		return all
	}
	names := append([]string{}, p.ResourceNames...)
	if want.Name != "" || len(names) == 0 {
		names = []string{want.Name}
	}
	for _, verb := range choices(want.Verb, p.Verbs) {
		for _, group := range choices(want.Group, p.APIGroups) {
			for _, resource := range choices(want.Resource, p.Resources) {
				for _, name := range names {
					r := want
					r.Verb, r.Group, r.Name = verb, group, name
					if r.Resource = resource; want.Resource == everything {
						r.Resource, r.Subresource, _ = strings.Cut(resource, "/")
					}
					all = append(all, r)
				}
			}
		}
	}
	return all
}

// accessOf words a request as the access that it is an instance of.
func accessOf(r rbacsim.Request, of Access) Access {
	if r.NonResource {
		return Access{Verb: r.Verb, What: r.Path}
	}
	of.Verb, of.Name, of.Namespace, of.Subresource = r.Verb, r.Name, r.Namespace, r.Subresource
	of.What = rbacsim.Resource{Group: r.Group, Name: r.Resource}.String()
	if r.Group == everything || r.Resource == everything {
		of.What = everything
	}
	return of
}

// NeedWithin finds out whether somebody may do nothing but what the bounds allow,
// beside what Kubernetes allows everybody by default. Findings are about the principal.
func (c *Context) NeedWithin(a *Answer, p identity.Principal, bounds []Bound, of fmt.Stringer) {
	f := Finding{Object: p.String()}
	allowed := c.defaults()
	for _, b := range bounds {
		set, err := b.Requests(c.Authorizer())
		if err != nil {
			f.Text = err.Error()
			a.Open(f)
			return
		}
		allowed = append(allowed, set...)
	}
	s, err := c.Kubernetes().As(p)
	if err != nil {
		f.Text = err.Error()
		a.Open(f)
		return
	}
	c.withinSet(a, p, s.RBAC, allowed, of)
	for with, why := range c.Kubernetes().Perhaps(s) {
		if c.Authorizer().Within(with, allowed, rbacsim.AllRequests).Outcome != rbacsim.Proved {
			f.Text, f.Missing = why, exportMembers
			a.Open(f)
		}
	}
	c.withinAzure(a, p, allowed, of)
}

const exportMembers = "members of groups: az ad group member list -g GROUP -o json, keyed by group id"

// withinSet is the part of it that is about the RBAC objects of the cluster, to which
// the principal is the subject.
func (c *Context) withinSet(a *Answer, p identity.Principal, s rbacsim.Subject, allowed rbacsim.RequestSet, of fmt.Stringer) {
	f := Finding{Object: p.String()}
	proof := c.Authorizer().Within(s, allowed, rbacsim.AllRequests)
	if x := proof.Counterexample; x != nil {
		f.Text = fmt.Sprintf("%s may %s, which is not %s", p, x.Request, of)
		for _, g := range x.Grants {
			f.Grounds = append(f.Grounds, strings.Split("by "+g.String(), "\n")...)
			f.Place = g.BindingPlace
		}
		if args := x.Args(); args != nil {
			f.Replay = append([]string{"can-i"}, args...)
		}
	}
	switch proof.Outcome {
	case rbacsim.Proved:
		a.Proved("%s", proof.Over)
	case rbacsim.Refuted:
		a.Refute(f)
	default:
		f.Text = strings.TrimPrefix(f.Text+"; "+strings.Join(proof.Reasons, "; "), "; ")
		a.Open(f)
	}
	for _, why := range proof.Apart {
		a.Note("not looked at: %s", why)
	}
}

// defaults returns what Kubernetes allows everybody by default: that of a cluster
// without objects of its own, whatever has become of the defaults in this one.
func (c *Context) defaults() rbacsim.RequestSet {
	return rightsIn(c.bareAuthorizer(), rbacsim.Review("", identity.AllAuthenticated, identity.AllUnauthenticated, identity.AllServiceAccounts))
}

// bareAuthorizer returns the engine of a cluster that has the default roles and
// bindings alone.
func (c *Context) bareAuthorizer() *rbacsim.Authorizer {
	return rbacsim.New(&model.Cluster{}, rbacsim.WithKubeVersion(c.Authorizer().KubeVersion()))
}

// rightsIn returns what somebody may do for certain, as a set of requests.
func rightsIn(a *rbacsim.Authorizer, s rbacsim.Subject) (set rbacsim.RequestSet) {
	for right := range a.Rights(s).All() {
		if right.Policy != nil && right.Open == "" {
			set = append(set, rbacsim.ScopedRule{Namespace: right.Namespace, Policy: *right.Policy})
		}
	}
	return set
}
