package verify

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// power is a set of rights by each of which their holder becomes somebody else.
type power struct {
	to     string // what its holder can do
	rights []right
}

// right is a kind of request: each of the verbs on each of the resources of a group,
// which are TYPE or TYPE/SUBRESOURCE.
type right struct {
	verbs     []string
	group     string
	resources []string
}

// powers are the rights that go beyond themselves.
// https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks
func powers() []power {
	const rbac = "rbac.authorization.k8s.io"
	write := []string{"create", "update", "patch"}
	return []power{
		{"read the tokens and passwords in Secrets", []right{{[]string{"get", "list", "watch"}, "", []string{"secrets"}}}},
		{"run pods as any ServiceAccount of the namespace", []right{
			{write[:1], "", []string{"pods"}},
			{write, "", []string{"replicationcontrollers"}},
			{write, "apps", []string{"deployments", "statefulsets", "daemonsets", "replicasets"}},
			{write, "batch", []string{"jobs", "cronjobs"}},
		}},
		{"get into pods, and act as their ServiceAccounts", []right{
			{[]string{"create", "get"}, "", []string{"pods/exec", "pods/attach"}},
			{[]string{"update", "patch"}, "", []string{"pods/ephemeralcontainers"}},
			{[]string{"create", "get"}, "", []string{"nodes/proxy"}},
		}},
		{"make tokens of ServiceAccounts", []right{{write[:1], "", []string{"serviceaccounts/token"}}}},
		{"act in the name of others", []right{
			{[]string{"impersonate"}, "", []string{"users", "groups", "serviceaccounts"}},
			{[]string{"impersonate"}, "authentication.k8s.io", []string{"uids", "userextras"}},
		}},
		{"give rights that it has not", []right{{[]string{"bind", "escalate"}, rbac, []string{"roles", "clusterroles"}}}},
		{"issue certificates to whoever it likes", []right{
			{[]string{"update", "patch"}, "certificates.k8s.io", []string{"certificatesigningrequests/approval"}},
			{[]string{"approve", "sign"}, "certificates.k8s.io", []string{"signers"}},
		}},
	}
}

func checkPowers(c *Context, a *Answer) {
	var who []identity.Principal
	for _, t := range c.claims.Spec.Teams {
		if !t.BreakGlass {
			who = append(who, identity.NewGroup(t.Group))
		}
	}
	teams := len(who)
	who = append(who, c.workloadAccounts()...)
	for _, p := range who {
		c.powersByBindings(a, p)
		c.powersByAzure(a, p)
	}
	a.Note("direct rights are what this speaks of: paths over several steps, by which one right leads to the next, are not followed")
	a.Proved("%s and %s: the direct rights of each, in every namespace", count(teams, "team"), count(len(who)-teams, "ServiceAccount"))
}

// workloadAccounts returns the ServiceAccounts of application pods and of bindings that
// are not AKS's own, in order.
func (c *Context) workloadAccounts() (all []identity.Principal) {
	for p := range c.appPods() {
		all = append(all, identity.NewServiceAccount(p.Namespace, accountOf(p)))
	}
	for p := range c.Authorizer().Principals() {
		if p.Kind() == identity.ServiceAccount && !isOwn(p) {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, identity.Principal.Compare)
	return slices.Compact(all)
}

// powersByBindings looks for powers among the rules that bindings give somebody: one
// finding for each power, binding and namespace.
func (c *Context) powersByBindings(a *Answer, p identity.Principal) {
	type key struct{ to, binding, namespace string }
	seen := map[key]bool{}
	s, err := c.Kubernetes().As(p)
	if err != nil {
		a.Open(Finding{Object: p.String(), Text: err.Error()})
		return
	}
	rights := c.Authorizer().Rights(s.RBAC)
	for why := range rights.Incomplete("") {
		a.Open(Finding{Object: p.String(), Text: "may have more rights: " + why})
	}
	for r := range rights.All() {
		if r.BindingAssumed && r.Binding.Name != aadAdminBinding || r.Policy == nil {
			continue
		}
		for _, w := range powers() {
			k := key{w.to, r.Binding.String(), r.Namespace}
			for q := range w.allowedBy(r) {
				if v, err := c.check(p, q); seen[k] || err == nil && v.Effective == rbacsim.Denied || c.stated(a, p, w, q) {
					continue // no request can make use of it, or it is meant
				}
				seen[k] = true
				f := held{r, p}.finding(c)
				f.Text = fmt.Sprintf("may %s: it can %s", accessOf(q, Access{}), w.to)
				f.Replay = append([]string{"can-i"}, accessOf(q, Access{}).Args(p)...)
				if r.Open != "" {
					f.Text += ", unless " + r.Open
					a.Open(f)
				} else {
					a.Refute(f)
				}
			}
		}
	}
}

// allowedBy yields requests of the power that a rule allows: one for each right and
// resource of it, or for each name where the rule has names.
func (w power) allowedBy(r rbacsim.Access) iter.Seq[rbacsim.Request] {
	return func(yield func(rbacsim.Request) bool) {
		for _, x := range w.rights {
			i := slices.IndexFunc(x.verbs, func(verb string) bool { return hasOrAll(r.Policy.Verbs, verb) })
			if i < 0 || !hasOrAll(r.Policy.APIGroups, x.group) {
				continue
			}
			for _, resource := range x.resources {
				q := rbacsim.Request{Verb: x.verbs[i], Group: x.group, Namespace: r.Namespace}
				var isSub bool
				q.Resource, q.Subresource, isSub = strings.Cut(resource, "/")
				if !hasOrAll(r.Policy.Resources, resource) && !(isSub && slices.Contains(r.Policy.Resources, "*/"+q.Subresource)) {
					continue
				}
				names := r.Policy.ResourceNames
				if len(names) == 0 {
					names = []string{""}
				}
				for _, q.Name = range names {
					if !yield(q) {
						return
					}
				}
			}
		}
	}
}

func hasOrAll(list []string, want string) bool {
	return slices.Contains(list, want) || slices.Contains(list, everything)
}

// has reports whether a request is one of the power.
func (w power) has(r rbacsim.Request) bool {
	resource := r.Resource
	if r.Subresource != "" {
		resource += "/" + r.Subresource
	}
	return slices.ContainsFunc(w.rights, func(x right) bool {
		return x.group == r.Group && slices.Contains(x.resources, resource) && slices.Contains(x.verbs, r.Verb)
	})
}

// stated reports whether the claims say that somebody can do what gives a power, where
// the request is: by any of its rights, since one is as good as another. It notes that
// they do.
func (c *Context) stated(a *Answer, p identity.Principal, w power, r rbacsim.Request) bool {
	for _, st := range c.claims.Spec.Claims {
		if st.Form != Can || st.Who.Principal != p {
			continue
		}
		q, err := st.Access.Request(c.Authorizer().Resources())
		if err != nil || !w.has(q) || q.Namespace != "" && q.Namespace != r.Namespace || q.Name != "" && q.Name != r.Name {
			continue
		}
		a.Note("%s can %s, as the claims say: it can %s", p, st.Access, w.to)
		return true
	}
	return false
}

// powersByAzure looks for powers that role assignments give somebody.
func (c *Context) powersByAzure(a *Answer, p identity.Principal) {
	rights, ok := c.rightsByAzure(a, p)
	if !ok || len(rights) == 0 {
		return
	}
	for _, w := range powers() {
		for _, x := range w.rights {
			for _, resource := range x.resources {
				c.powerByAzure(a, p, w, x, resource)
			}
		}
	}
}

// powerByAzure asks for one right on one resource: the first namespace and verb that is
// allowed makes a finding.
func (c *Context) powerByAzure(a *Answer, p identity.Principal, w power, x right, resource string) {
	want := rbacsim.Request{Group: x.group}
	want.Resource, want.Subresource, _ = strings.Cut(resource, "/")
	for _, want.Verb = range x.verbs {
		for _, r := range c.everywhere(want) {
			f := Finding{Object: p.String(), Replay: append([]string{"can-i"}, accessOf(r, Access{}).Args(p)...)}
			v, err := c.check(p, r)
			if err != nil {
				f.Text = err.Error()
				a.Open(f)
				return
			}
			if v.Azure.Decision == rbacsim.Denied || v.Effective == rbacsim.Denied || c.stated(a, p, w, r) {
				continue
			}
			f.Text = fmt.Sprintf("may %s by role assignments: it can %s", accessOf(r, Access{}), w.to)
			f.Grounds, f.Place = slices.Collect(v.Grounds(mostGrounds)), azurePlace(v)
			if v.Azure.Decision == rbacsim.Allowed {
				a.Refute(f)
			} else {
				a.Open(f)
			}
			return
		}
	}
}
