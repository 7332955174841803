package verify

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// resolver puts what they stand for in place of aliases and teams, and refuses names
// of nothing: a misspelt workload must not count as one that is denied everything.
type resolver struct {
	claims *Claims
	net    *netsim.Network
	authz  *rbacsim.Authorizer
	errs   []error
}

// resolve returns the claims with every name resolved. The errors are *ClaimsErrors.
func resolve(claims *Claims, c *Context) (*Claims, error) {
	r := &resolver{claims: claims, net: c.Network(), authz: c.Authorizer()}
	out := *claims
	s := &out.Spec
	for _, name := range slices.Sorted(maps.Keys(s.Workloads)) {
		r.exists(s.Workloads[name], claims.origin.At(member("spec.workloads", name)))
	}
	s.Flows.Required = r.flows(s.Flows.Required)
	s.Flows.Allowed = r.flows(s.Flows.Allowed)
	s.Egress = r.flows(s.Egress)
	s.Entry = slices.Clone(s.Entry)
	for i := range s.Entry {
		e := &s.Entry[i]
		e.To.End = r.end(e.To.End, e.Place)
		e.From = slices.Clone(e.From)
		for j := range e.From {
			e.From[j] = r.end(e.From[j], e.Place)
		}
	}
	s.Claims = slices.Clone(s.Claims)
	for i := range s.Claims {
		s.Claims[i] = r.statement(s.Claims[i])
	}
	for _, list := range [][]Name{s.DefaultDeny, s.MutualTLS} {
		for _, n := range list {
			r.namespace(n.Name, n.Place)
		}
	}
	for _, t := range s.Teams {
		r.team(t)
	}
	for _, id := range s.Identities {
		r.serviceAccount(identity.NewServiceAccount(id.ServiceAccount.Namespace, id.ServiceAccount.Name), id.ServiceAccount.Place)
	}
	slices.SortStableFunc(r.errs, func(a, b error) int {
		x, _ := errors.AsType[*ClaimsError](a)
		y, _ := errors.AsType[*ClaimsError](b)
		return x.Place.Compare(y.Place)
	})
	return &out, errors.Join(r.errs...)
}

func (r *resolver) fail(at model.Place, format string, args ...any) {
	r.errs = append(r.errs, &ClaimsError{Place: at, Text: fmt.Sprintf(format, args...)})
}

func (r *resolver) flows(flows []Flow) []Flow {
	out := slices.Clone(flows)
	for i := range out {
		out[i] = r.flow(out[i], out[i].Place)
	}
	return out
}

// flow resolves both ends. What is wrong with the pair, such as a port that the
// Service does not have, is an error of the network.
func (r *resolver) flow(f Flow, at model.Place) Flow {
	before := len(r.errs)
	f.From, f.To.End = r.end(f.From, at), r.end(f.To.End, at)
	if len(r.errs) > before {
		return f
	}
	var err error
	if f.To.Port == 0 {
		_, err = r.net.Between(f.From.Endpoint, f.To.Endpoint)
	} else {
		_, err = r.net.Check(f.Netsim())
	}
	if err != nil {
		r.fail(at, "%s: %v", f, err)
	}
	return f
}

func (r *resolver) end(e End, at model.Place) End {
	if e.Alias == "" {
		r.exists(e, at)
		return e
	}
	known, ok := r.claims.Spec.Workloads[e.Alias]
	if !ok {
		names := slices.Sorted(maps.Keys(r.claims.Spec.Workloads))
		for w := range r.net.Cluster().Workloads() {
			if w.Ref.Name == e.Alias {
				r.fail(at, "no alias %s in spec.workloads (did you mean %q?)", e.Alias, w.Ref.QualifiedName())
				return e
			}
		}
		r.fail(at, "no alias %s in spec.workloads%s", e.Alias, suggest.Clause(e.Alias, names))
		return e
	}
	return End{Endpoint: known.Endpoint}
}

// exists refuses an end that names nothing of the input, whatever it is asked about.
func (r *resolver) exists(e End, at model.Place) {
	if e.Endpoint == (netsim.Endpoint{}) || isOutside(e.Endpoint) {
		return
	}
	for s := range model.All[corev1.Service](r.net.Cluster()) {
		if e.Endpoint == netsim.Service(s.Ref.Namespace, s.Ref.Name) {
			return
		}
	}
	if _, err := r.net.Between(netsim.Internet(), e.Endpoint); err != nil {
		r.fail(at, "%v", err)
	}
}

func (r *resolver) statement(st Statement) Statement {
	st.written = st.String()
	switch st.Form {
	case Allow, Deny:
		st.Flow = r.flow(st.Flow, st.Place)
	case OnlyInto:
		st.Target = r.end(st.Target, st.Place)
		st.Sources = slices.Clone(st.Sources)
		for i := range st.Sources {
			st.Sources[i].End = r.end(st.Sources[i].End, st.Place)
		}
	case DefaultDeny:
		r.namespace(st.Namespace, st.Place)
	case Can, Cannot:
		st.Who = r.who(st.Who, st.Place)
		r.access(st.Access, st.Place)
	case Within:
		st.Who = r.who(st.Who, st.Place)
		for _, b := range st.Bounds {
			r.bound(b, st.Place)
		}
	}
	return st
}

func (r *resolver) who(w Who, at model.Place) Who {
	if w.Team == "" {
		r.principal(w.Principal, at)
		return w
	}
	var names []string
	for _, t := range r.claims.Spec.Teams {
		if t.Name == w.Team {
			return Who{Principal: identity.NewGroup(t.Group)}
		}
		names = append(names, t.Name)
	}
	r.fail(at, "no team %s in spec.teams%s", w.Team, suggest.Clause(w.Team, names))
	return w
}

func (r *resolver) team(t Team) {
	r.principal(identity.NewGroup(t.Group), t.Place)
	for _, n := range t.Namespaces {
		r.namespace(n.Name, n.Place)
	}
	for _, b := range t.Within {
		r.bound(b, b.Place)
	}
	for _, a := range t.Never {
		r.access(a, a.Place)
	}
}

func (r *resolver) bound(b Bound, at model.Place) {
	if b.Namespace != "" {
		r.namespace(b.Namespace, at)
	}
	if _, err := b.Requests(r.authz); err != nil {
		r.fail(at, "%s: %v", b, err)
	}
}

func (r *resolver) access(a Access, at model.Place) {
	if a.Namespace != "" {
		r.namespace(a.Namespace, at)
	}
	req, err := a.Request(r.authz.Resources())
	if err != nil {
		r.fail(at, "%s: %v", a, err)
		return
	}
	// What no request asks for is denied to everybody: a misspelt verb would prove that.
	for odd := range r.authz.Warnings(req) {
		r.fail(at, "%s: %s", a, odd)
	}
	if res, ok := r.authz.Resources().Get(req.Group, req.Resource); ok && req.Verb == "create" && req.Name != "" && req.Subresource == "" {
		r.fail(at, "%s: %s has no subresource %s%s, and what is made has no name yet", a, res, req.Name, suggest.Clause(req.Name, res.Subresources))
	}
}

// principal refuses a ServiceAccount that does not exist, and a user or group that is
// called nearly as one whom the input names. Neither of these is an object, so that
// one whom nothing names need not be misspelt.
func (r *resolver) principal(p identity.Principal, at model.Place) {
	if p.Kind() == identity.ServiceAccount {
		r.serviceAccount(p, at)
		return
	}
	var names []string
	for q := range r.authz.Principals() {
		if q == p {
			return
		}
		if q.Kind() == p.Kind() && !strings.HasPrefix(q.Name(), "system:") {
			names = append(names, q.String())
		}
	}
	if clause := suggest.Clause(p.String(), names); clause != "" && len(p.Name()) > mostLikeAnother {
		r.fail(at, "nothing in the input names %s%s", p, clause)
	}
}

// mostLikeAnother is how long a name may be that is like another by chance.
const mostLikeAnother = 3

func (r *resolver) serviceAccount(p identity.Principal, at model.Place) {
	var names []string
	for s := range r.accounts() {
		if s == p {
			return
		}
		names = append(names, s.String())
	}
	r.fail(at, "no ServiceAccount %s/%s in the input%s", p.Namespace(), p.Name(), suggest.Clause(p.String(), names))
}

// accounts yields the ServiceAccounts of the input, those that only pods name among
// them.
func (r *resolver) accounts() iter.Seq[identity.Principal] {
	return func(yield func(identity.Principal) bool) {
		for o := range model.All[corev1.ServiceAccount](r.net.Cluster()) {
			if !yield(identity.NewServiceAccount(o.Ref.Namespace, o.Ref.Name)) {
				return
			}
		}
		for p := range r.net.Cluster().Pods() {
			if !yield(identity.NewServiceAccount(p.Namespace, cmp.Or(p.Spec.ServiceAccountName, "default"))) {
				return
			}
		}
	}
}

func (r *resolver) namespace(name string, at model.Place) {
	if _, ok := r.net.Cluster().Namespace(name); ok {
		return
	}
	var names []string
	for ns := range r.net.Cluster().Namespaces() {
		names = append(names, ns.Name)
	}
	r.fail(at, "no namespace %s in the input%s", name, suggest.Clause(name, names))
}
