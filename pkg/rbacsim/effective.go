package rbacsim

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/validate/content"
)

// Way is one way to do what was asked for: the questions that a real request puts
// to the authorizers, all of which must be answered with yes.
type Way struct {
	Decision Decision
	Needs    []Need
}

// Need is one of these questions, and its answer.
type Need struct {
	Request  Request
	Decision Decision
}

// Ways returns the ways to do what was asked for, the most direct one first. There
// are none if no real request does it.
func (v Verdict) Ways() []Way { return slices.Clone(v.ways) }

// effect finds the real requests behind the question, and what is said of those.
func (v *Verdict) effect() {
	var notes []string
	v.Effective, v.ways, notes = v.authorizer.EffectiveBy(v.request, func(r Request) Decision { return v.authorizer.Decide(v.subject, r) })
	if v.Decision != Denied || v.Effective != Denied {
		v.notes = notes
	}
}

// EffectiveBy returns whether a real request can do what was asked for, in which ways,
// and what is to be said about the difference, where decide answers each real request:
// RBAC alone in [Authorizer.Check], other authorizers besides in what builds on it.
func (a *Authorizer) EffectiveBy(r Request, decide func(Request) Decision) (d Decision, ways []Way, notes []string) {
	needed, notes, known := a.realRequests(r)
	if planted.real != nil {
		needed = planted.real(r, needed)
	}
	d = Denied
	for _, needs := range needed {
		w := Way{Decision: Allowed}
		for _, r := range needs {
			answer := decide(r)
			w.Decision = all(w.Decision, answer)
			w.Needs = append(w.Needs, Need{r, answer})
		}
		ways = append(ways, w)
		d = either(d, w.Decision)
	}
	if !known && d == Allowed {
		d = Undecided
	}
	return d, ways, notes
}

// realRequests returns the ways in which real requests do what was asked for, and
// what is to be said about the difference. It reports false if that is not known.
func (a *Authorizer) realRequests(r Request) (ways [][]Request, notes []string, known bool) {
	if r.NonResource {
		ways, notes = realURL(r)
		return ways, notes, true
	}
	asIs := [][]Request{{r}}
	if r.Verb == wildcard || r.Resource == wildcard { // RB35
		return asIs, []string{"* is taken literally: only a rule that has a * itself says yes"}, true
	}
	res, ok := a.resources.Get(r.Group, r.Resource)
	if !ok || !slices.Contains(objectVerbs(), r.Verb) && !isSpecialVerb(r.Verb) {
		return asIs, nil, false // the warnings say so
	}
	if slices.Contains(objectVerbs(), r.Verb) && r.Subresource == "" && len(res.Verbs) > 0 && !slices.Contains(res.Verbs, r.Verb) {
		return nil, []string{fmt.Sprintf("%s does not serve the verb %s", res, r.Verb)}, true
	}
	if res.Check && !res.Namespaced {
		notes = r.toCluster(res)
		return [][]Request{{r}}, notes, true
	}
	if res.Check || !slices.Contains(objectVerbs(), r.Verb) {
		return asIs, nil, true
	}
	if r.Name != "" && len(content.IsPathSegmentName(r.Name)) > 0 && r.Verb != "list" && r.Verb != "watch" {
		return nil, []string{fmt.Sprintf("%q can't be the name of an object", r.Name)}, true
	}
	if !res.Namespaced {
		notes = r.toCluster(res)
	}
	switch {
	case r.Subresource != "":
		ways, notes = a.realSubresource(r, notes)
	case r.Verb == "create":
		ways, notes = realCreate(r, notes)
	case r.Verb == "deletecollection":
		if r.Name != "" { // RB10
			notes = append(notes, "a deletecollection names no object, whatever it selects")
		}
		r.Name = ""
		ways = [][]Request{{r}}
	case r.Verb == "list" || r.Verb == "watch":
		ways, notes = realList(r, notes)
	default:
		ways = [][]Request{{a.named(r)}}
	}
	return ways, notes, true
}

// toCluster puts a question about a cluster-scoped resource where a real request
// asks it: outside of namespaces or, for one namespace, in that (RB27).
func (r *Request) toCluster(res Resource) (notes []string) {
	collection := r.Subresource == "" && slices.Contains([]string{"create", "list", "watch", "deletecollection"}, r.Verb)
	if r.Group == "" && r.Resource == "namespaces" && !collection {
		if r.Name == "" {
			r.Name = r.Namespace
		}
		if r.Namespace != r.Name {
			notes = append(notes, fmt.Sprintf("a request for namespace %s is authorized in namespace %s", r.Name, r.Name))
		}
		r.Namespace = r.Name
		return notes
	}
	if r.Namespace != "" {
		notes = append(notes, res.String()+" are cluster-scoped: no request for them is in a namespace")
		r.Namespace = ""
	}
	return notes
}

// named returns the question with a name that no rule has, if it has none: a real
// request names an object, and any will do.
func (a *Authorizer) named(r Request) Request {
	if r.Name != "" {
		return r
	}
	r.Name = "any"
	for a.vocabulary.names[r.Name] != noWord {
		r.Name += "-"
	}
	if r.Group == "" && r.Resource == "namespaces" {
		r.Namespace = r.Name
	}
	return r
}

// realList: a list or watch names an object if it selects it by metadata.name, and
// the name can stand in a path (RB9).
func realList(r Request, notes []string) ([][]Request, []string) {
	if r.Name == "" {
		return [][]Request{{r}}, notes
	}
	if len(content.IsPathSegmentName(r.Name)) > 0 {
		notes = append(notes, fmt.Sprintf("%q can't be the name of an object, so selecting it names none", r.Name))
		r.Name = ""
		return [][]Request{{r}}, notes
	}
	return [][]Request{{r}}, append(notes, fmt.Sprintf("that is with the field selector metadata.name=%s", r.Name))
}

// realCreate: a POST names no object (RB10). A PUT or an apply that creates one is
// checked for create as well, with the name (RB11).
func realCreate(r Request, notes []string) ([][]Request, []string) {
	nameless := r
	nameless.Name = ""
	if r.Name == "" {
		return [][]Request{{nameless}}, notes
	}
	ways := [][]Request{{nameless}}
	for _, verb := range []string{"patch", "update"} {
		write := r
		write.Verb = verb
		ways = append(ways, []Request{write, r})
	}
	return ways, append(notes, "a POST names no object; only a patch or an update that creates it does")
}

// realSubresource: a request for a subresource names the object, be it one for a
// token of a ServiceAccount (RB39) or what a kubelet asks about its node (RB31). From
// 1.35 on a websocket that is opened by GET needs create as well (RB30).
func (a *Authorizer) realSubresource(r Request, notes []string) ([][]Request, []string) {
	r = a.named(r)
	opens := r.Group == "" && r.Resource == "pods" && slices.Contains([]string{"attach", "exec", "portforward"}, r.Subresource)
	if !opens || r.Verb != "get" || !a.version.AtLeast(1, 35) {
		return [][]Request{{r}}, notes
	}
	create := r
	create.Verb = "create"
	return [][]Request{{r, create}}, append(notes, fmt.Sprintf("from Kubernetes 1.35 on GET %s/%s needs create as well", r.Resource, r.Subresource))
}

// realURL: a request for a path that is no resource (RB28).
func realURL(r Request) ([][]Request, []string) {
	switch {
	case r.Verb == wildcard:
		return [][]Request{{r}}, []string{"* is taken literally: only a rule that has a * itself says yes"}
	case !slices.Contains(methods(), r.Verb):
		return nil, nil // the warnings say so
	case !strings.HasPrefix(r.Path, "/"):
		return nil, []string{"the path of a request begins with a slash"}
	case isResourcePath(r.Path):
		return nil, []string{literal(r.Path) + " is the path of a resource: requests for it are not judged by URL"}
	}
	return [][]Request{{r}}, nil
}

// isResourcePath reports whether the API server takes a path for that of a
// resource: below /api/VERSION or /apis/GROUP/VERSION.
func isResourcePath(p string) bool {
	parts := strings.Split(strings.Trim(p, "/"), "/")
	return len(parts) > 2 && parts[0] == "api" || len(parts) > 3 && parts[0] == "apis"
}
