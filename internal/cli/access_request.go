package cli

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// scope is what the flags say of where a request is made.
type scope struct {
	within      string // a namespace
	everywhere  bool
	subresource string
	given       func(flag string) bool
}

func (q *scope) flags(flags *pflag.FlagSet, otherwise string) {
	q.given = flags.Changed
	flags.StringVarP(&q.within, "namespace", "n", "", "the `namespace` that is asked about (else "+otherwise+")")
	flags.BoolVarP(&q.everywhere, "all-namespaces", "A", false, "ask about all namespaces at once, and outside of them")
	flags.StringVar(&q.subresource, "subresource", "", "the `subresource`, for example log or status")
}

func (q *scope) check() error {
	if q.everywhere && q.within != "" {
		return errors.New("-A is all namespaces, -n is one: say only one of them")
	}
	return nil
}

// in returns the namespace to ask about, if nothing else is known of the resource.
func (q *scope) in() string {
	switch {
	case q.everywhere:
		return ""
	case q.within == "":
		return "default"
	}
	return q.within
}

// parse reads VERB and TYPE[/NAME] or URL as kubectl auth can-i does, and tells the
// session what is odd about them.
func (q *scope) parse(s *session, a *rbacsim.Authorizer, verb, what string) (rbacsim.Request, error) {
	switch {
	case verb == "":
		return rbacsim.Request{}, errors.New("the verb is empty: say, for example, get; * is any verb")
	case strings.Contains(verb, ","):
		return rbacsim.Request{}, fmt.Errorf("%q is not one verb; who-can takes several: aksim who-can %s %s", verb, verb, what)
	case strings.HasPrefix(what, "/"):
		if q.subresource != "" {
			return rbacsim.Request{}, errors.New("--subresource is for resources: a URL has none")
		}
		return rbacsim.URL(verb, what), nil
	}
	word, name, named := strings.Cut(what, "/")
	if strings.Contains(word, ",") {
		return rbacsim.Request{}, fmt.Errorf("%q: one type at a time", what)
	}
	if word == "" || word[0] == '.' || named && (name == "" || strings.HasSuffix(name, "/")) {
		return rbacsim.Request{}, fmt.Errorf("%q: want TYPE, TYPE/NAME or a URL that begins with a slash", what)
	}
	r := rbacsim.Request{Verb: verb, Subresource: q.subresource, Name: name, Namespace: q.in()}
	res, known := lookup(a.Resources(), word)
	r.Group, r.Resource = res.Group, res.Name
	if known && !q.given("subresource") && slices.Contains(res.Subresources, name) {
		r.Name, r.Subresource = "", name
		s.note("%s is taken for the subresource %s of %s; kubectl wants %s --subresource %s", what, name, res, word, name)
	}
	if strings.Contains(r.Name, "/") {
		object, sub, _ := strings.Cut(r.Name, "/")
		if slices.Contains(res.Subresources, object) { // in the order of rules
			object, sub = sub, object
		}
		return r, fmt.Errorf("%q can't be a name; a subresource is asked for by %s/%s --subresource %s", r.Name, word, object, sub)
	}
	return r, nil
}

// version is the second part of TYPE.VERSION.GROUP, which RBAC does not look at.
var version = regexp.MustCompile(`^v[0-9]+((alpha|beta)[0-9]+)?$`)

// lookup finds a resource by any word that kubectl takes for it. One that is not
// known is taken as it stands: TYPE or TYPE.GROUP.
func lookup(resources *rbacsim.Resources, word string) (rbacsim.Resource, bool) {
	if word == "*" {
		return rbacsim.Resource{Name: word}, false
	}
	if res, ok := resources.Lookup(word); ok {
		return res, true
	}
	name, group, _ := strings.Cut(word, ".")
	if v, rest, ok := strings.Cut(group, "."); ok && version.MatchString(v) {
		group = rest
		if res, ok := resources.Lookup(strings.TrimSuffix(name+"."+group, ".")); ok && res.Group == group {
			return res, true
		}
	}
	return rbacsim.Resource{Name: name, Group: group}, false
}

// warn says on standard error what is odd about a question that is asked all the
// same, as kubectl does.
func (s *session) warn(a *rbacsim.Authorizer, r rbacsim.Request) {
	for _, w := range oddities(a, r) {
		s.note("warning: %s", w)
	}
}

func oddities(a *rbacsim.Authorizer, r rbacsim.Request) []string {
	list := slices.Collect(a.Warnings(r))
	if r.NonResource || r.Namespace == "" {
		return list
	}
	res, ok := a.Resources().Get(r.Group, r.Resource)
	itself := r.Group == "" && r.Resource == "namespaces" && r.Namespace == r.Name // as real requests ask (RB27)
	if ok && !res.Namespaced && !itself {
		return append(list, fmt.Sprintf("resource %s is not namespace scoped", res))
	}
	var known []string
	for ns := range a.Cluster().Namespaces() {
		if ns.Name == r.Namespace {
			return list
		}
		known = append(known, ns.Name)
	}
	if len(known) > 0 && r.Namespace != "default" {
		list = append(list, fmt.Sprintf("the input knows no namespace %q%s", r.Namespace, suggest.Clause(r.Namespace, known)))
	}
	return list
}
