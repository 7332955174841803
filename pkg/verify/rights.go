package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
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
// in every namespace where it has none. It speaks of the rights that the principal
// has itself and by the groups that it is in by itself.
func (c *Context) NeedCannot(a *Answer, p identity.Principal, access Access) {
	f := Finding{Object: p.String(), Place: access.Place}
	want, err := access.Request(c.Authorizer().Resources())
	if err != nil {
		f.Text = err.Error()
		a.Open(f)
		return
	}
	s := rbacsim.As(p)
	rights := c.Authorizer().Rights(s)
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
		f.Text = fmt.Sprintf("%s: %s", v.Question(), v.Decision)
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
	proof := c.Authorizer().Within(rbacsim.As(p), allowed, rbacsim.AllRequests)
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
	c.azureRights(a, p)
}

// azureRights leaves open what role assignments give somebody in the cluster, if its
// API server asks Azure: no bound that names roles of Kubernetes speaks of those.
func (c *Context) azureRights(a *Answer, p identity.Principal) {
	asked, why := c.Kubernetes().AsksAzure()
	if asked == rbacsim.Denied || p.Kind() == identity.ServiceAccount {
		return
	}
	f := Finding{Object: p.String()}
	aks := c.AKS()
	if asked == rbacsim.Undecided || aks == nil {
		f.Text = "whether the API server asks Azure, too, is not known: " + why
		a.Open(f)
		return
	}
	subject, err := c.Azure().SubjectOf(p)
	if err != nil {
		f.Text = err.Error()
		a.Open(f)
		return
	}
	id := aks.API.ID.Or("")
	ids := []string{id}
	for ns := range c.cluster.Namespaces() {
		ids = append(ids, id+"/namespaces/"+ns.Name)
	}
	for _, id := range ids {
		scope, err := azure.ParseScope(id)
		if err != nil {
			f.Text = err.Error()
			a.Open(f)
			return
		}
		for right := range c.Azure().Effective(subject, scope).Rights() {
			if right.Data && slices.ContainsFunc(right.Actions, inCluster) {
				f.Text = fmt.Sprintf("has role %s at %s, and the API server asks Azure: what of it is within the roles of Kubernetes is not compared", right.Role, right.Scope)
				f.Place = right.Place
				a.Open(f)
			}
		}
	}
}

// inCluster reports whether an Azure action pattern may match one on objects in a
// cluster.
func inCluster(pattern string) bool {
	const prefix = "microsoft.containerservice/"
	p := strings.ToLower(pattern)
	fixed, _, isPattern := strings.Cut(p, "*")
	return strings.HasPrefix(p, prefix) || isPattern && strings.HasPrefix(prefix, fixed)
}

// defaults returns what the default bindings of Kubernetes allow everybody.
func (c *Context) defaults() (set rbacsim.RequestSet) {
	everybody := rbacsim.Review("", identity.AllAuthenticated, "system:unauthenticated", "system:serviceaccounts")
	for right := range c.Authorizer().Rights(everybody).All() {
		if right.BindingAssumed && right.Policy != nil && right.Open == "" {
			set = append(set, rbacsim.ScopedRule{Namespace: right.Namespace, Policy: *right.Policy})
		}
	}
	return set
}
