package verify

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// withinAzure finds out whether role assignments allow somebody a request in the
// cluster that is not meant, if its API server asks Azure (AZ71).
func (c *Context) withinAzure(a *Answer, p identity.Principal, allowed rbacsim.RequestSet, of fmt.Stringer) {
	rights, ok := c.rightsByAzure(a, p)
	if !ok || len(rights) == 0 {
		return
	}
	f := Finding{Object: p.String(), Place: rights[0].Place}
	for r := range c.knownRequests() {
		if allowed.Contains(r) {
			continue
		}
		v, err := c.check(p, r)
		if err != nil {
			f.Text = err.Error()
			a.Open(f)
			return
		}
		if v.By != azure.AzureSide || v.Decision == rbacsim.Denied {
			continue
		}
		f.Text = fmt.Sprintf("%s may %s by role assignments, which is not %s", p, r, of)
		f.Grounds = slices.Collect(v.Grounds(mostGrounds))
		f.Replay = append([]string{"can-i"}, accessOf(r, Access{}).Args(p)...)
		f.Place = azurePlace(v)
		if v.Decision == rbacsim.Allowed {
			a.Refute(f)
		} else {
			a.Open(f)
		}
		return
	}
	for _, r := range rights {
		if i := slices.IndexFunc(r.Actions, func(s string) bool { return inCluster(s) && strings.Contains(s, everything) }); i >= 0 {
			f.Place = r.Place
			f.Text = fmt.Sprintf("has role %s at %s: what %s allows of resources to come is not compared", r.Role, r.Scope, r.Actions[i])
			a.Open(f)
		}
	}
}

// azurePlace returns the place of the first role assignment that allows a request.
func azurePlace(v azure.KubernetesVerdict) (at model.Place) {
	for asked := range v.Azure.Asked() {
		for _, answer := range asked.Verdicts {
			for g := range answer.Grants() {
				return g.Place
			}
		}
	}
	return at
}

// rightsByAzure returns what role assignments give somebody in the cluster: at it,
// above and in its namespaces. It is false where that is not known, and the answer then
// left open.
func (c *Context) rightsByAzure(a *Answer, p identity.Principal) (rights []azure.Right, ok bool) {
	asked, why := c.Kubernetes().AsksAzure()
	if asked == rbacsim.Denied || p.Kind() == identity.ServiceAccount {
		return nil, true
	}
	f := Finding{Object: p.String()}
	aks := c.AKS()
	if asked == rbacsim.Undecided || aks == nil {
		f.Text = "whether the API server asks Azure, too, is not known: " + why
		a.Open(f)
		return nil, false
	}
	if !c.has(a, []Evidence{evidenceRoleAssignments()}) {
		return nil, false
	}
	subject, err := c.Azure().SubjectOf(p)
	if err != nil {
		f.Text = err.Error()
		a.Open(f)
		return nil, false
	}
	id := aks.API.ID.Or("")
	ids := []string{id}
	for ns := range c.cluster.Namespaces() {
		ids = append(ids, id+"/namespaces/"+ns.Name)
	}
	type key struct {
		assignment model.Ref
		permission int
	}
	seen := map[key]bool{}
	for _, id := range ids {
		scope, err := azure.ParseScope(id)
		if err != nil {
			f.Text = err.Error()
			a.Open(f)
			return nil, false
		}
		for right := range c.Azure().Effective(subject, scope).Rights() {
			k := key{right.Assignment, right.Permission}
			if right.Data && !seen[k] && slices.ContainsFunc(right.Actions, inCluster) {
				seen[k] = true
				rights = append(rights, right)
			}
		}
	}
	return rights, true
}

// knownRequests yields a request for each resource and subresource that the server is
// known to serve, with each of its verbs, for all namespaces and for each of them.
func (c *Context) knownRequests() iter.Seq[rbacsim.Request] {
	namespaces := []string{""}
	for ns := range c.cluster.Namespaces() {
		namespaces = append(namespaces, ns.Name)
	}
	return func(yield func(rbacsim.Request) bool) {
		for res := range c.Authorizer().Resources().All() {
			in := namespaces
			if !res.Namespaced {
				in = namespaces[:1]
			}
			for _, sub := range append([]string{""}, res.Subresources...) {
				for _, verb := range verbsOf(res, sub) {
					for _, ns := range in {
						if !yield(rbacsim.Request{Verb: verb, Group: res.Group, Resource: res.Name, Subresource: sub, Namespace: ns}) {
							return
						}
					}
				}
			}
		}
	}
}

// verbsOf returns the verbs that are tried on a resource or subresource of it; none on
// what is no resource, but checked as if it was one.
func verbsOf(r rbacsim.Resource, sub string) []string {
	switch {
	case r.Check:
		return nil
	case sub != "":
		return []string{"get", "create", "update", "patch"}
	case r.Verbs != nil:
		return r.Verbs
	}
	return []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}
}

// inCluster reports whether an Azure action pattern may match one on objects in a
// cluster.
func inCluster(pattern string) bool {
	const prefix = "microsoft.containerservice/"
	p := strings.ToLower(pattern)
	fixed, _, isPattern := strings.Cut(p, "*")
	return strings.HasPrefix(p, prefix) || isPattern && strings.HasPrefix(prefix, fixed)
}
