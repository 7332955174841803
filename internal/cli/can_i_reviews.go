package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// review is one line of --reviews: a SubjectAccessReview.
type review struct {
	jsonObject
	subject rbacsim.Subject
	extra   json.RawMessage // as written; only Azure looks at it
	request rbacsim.Request
}

func (c *canI) checkReviews() error {
	switch {
	case c.as != "" || len(c.groups) > 0:
		return errors.New("--reviews says itself who asks: leave out --as and --as-group")
	case c.given("namespace") || c.everywhere || c.given("subresource"):
		return errors.New("--reviews says itself what is asked: leave out -n, -A and --subresource")
	case c.quiet || c.explain:
		return errors.New("--reviews goes with neither -q nor --explain")
	}
	return nil
}

// runReviews answers each line of a file by exactly one line, in order.
func (c *canI) runReviews(s *session, k *azure.Kubernetes) (int, error) {
	if d, why := k.AsksAzure(); d == rbacsim.Undecided {
		s.note("warning: %s", why)
	}
	var lacking []string
	status, err := s.answerLines("--reviews", c.reviews, func(text string, number int) (int, error) {
		v, status, err := c.answerReview(s, k, text, number)
		for text := range v.Incomplete() {
			if !slices.Contains(lacking, text) {
				lacking = append(lacking, text)
			}
		}
		return status, err
	})
	if err != nil {
		return 0, err
	}
	for _, text := range lacking { // beside the answer, which has exactly one line for each
		s.note("incomplete: %s", text)
	}
	s.noteAssumptions(k)
	return status, nil
}

// answerReview prints the answer to a line, and returns it with its exit status.
func (c *canI) answerReview(s *session, k *azure.Kubernetes, text string, number int) (v azure.KubernetesVerdict, status int, _ error) {
	line := &review{}
	err := line.parse(text)
	if err == nil {
		v, err = line.ask(k)
	}
	answer, status := statusJSON{}, exitCouldNot
	if err == nil {
		answer, status = statusOf(v)
	} else {
		answer.EvaluationError = err.Error()
	}
	if c.output == "text" {
		if err != nil {
			_, err = fmt.Fprintf(s.out, "line %d: could not ask: %s\n", number, err)
		} else {
			_, err = fmt.Fprintln(s.out, oneLine(v, k))
		}
		return v, status, err
	}
	line.add("status", answer)
	return v, status, line.write(s.out)
}

// ask puts the review to the API server.
func (l *review) ask(k *azure.Kubernetes) (azure.KubernetesVerdict, error) {
	var extra map[string][]string
	if d, _ := k.AsksAzure(); d != rbacsim.Denied && l.extra != nil {
		if err := json.Unmarshal(l.extra, &extra); err != nil {
			return azure.KubernetesVerdict{}, fmt.Errorf("spec: extra cannot be %s: want lists of strings by key", l.extra)
		}
	}
	return k.Check(k.Review(l.subject.User, l.subject.Groups, extra), l.request)
}

// parse reads a SubjectAccessReview of authorization.k8s.io/v1. What could be read
// comes back beside an error, too; the answer of an earlier run is left out.
func (l *review) parse(text string) error {
	if err := l.read(text, "status"); err != nil {
		return err
	}
	for _, m := range []struct{ key, want string }{{"apiVersion", "authorization.k8s.io/v1"}, {"kind", "SubjectAccessReview"}} {
		got := m.want
		if err := l.optional(m.key, &got); err != nil {
			return err
		}
		if got != m.want {
			return fmt.Errorf("%s is %q: want %s", m.key, got, m.want)
		}
	}
	if l.find("spec") == nil {
		return fmt.Errorf("%q is missing%s", "spec", suggest.Clause("spec", l.keys()))
	}
	spec, err := l.object("spec", "user", "groups", "resourceAttributes", "nonResourceAttributes")
	if err != nil {
		return err
	}
	if err := spec.optional("user", &l.subject.User); err != nil {
		return fmt.Errorf("spec: %w", err)
	}
	if err := spec.optional("groups", &l.subject.Groups); err != nil {
		return fmt.Errorf("spec: %w", err)
	}
	if spec.has("extra") {
		l.extra = spec.find("extra")
	}
	if err := l.parseAttributes(spec); err != nil {
		return fmt.Errorf("spec: %w", err)
	}
	return l.checkMetadata()
}

// checkMetadata: a review is no object that is kept, so it has no metadata.
// https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/authorization/validation/validation.go
func (l *review) checkMetadata() error {
	if !l.has("metadata") {
		return nil
	}
	meta := &jsonObject{}
	if err := meta.read(string(l.find("metadata"))); err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	for _, m := range meta.members {
		if m.key != "managedFields" && !slices.Contains([]string{"null", `""`, "{}", "[]"}, string(m.value)) {
			return fmt.Errorf("metadata: has to be empty, but there is %q", m.key)
		}
	}
	return nil
}

// selector is a fieldSelector or labelSelector. RBAC does not look at it, but the
// API server refuses a review with one that is not sound.
type selector struct {
	RawSelector  string `json:"rawSelector"`
	Requirements []struct {
		Key      string   `json:"key"`
		Operator string   `json:"operator"`
		Values   []string `json:"values"`
	} `json:"requirements"`
}

func (s *selector) check() error {
	switch {
	case s.RawSelector != "" && len(s.Requirements) > 0:
		return errors.New("rawSelector and requirements exclude each other")
	case s.RawSelector == "" && len(s.Requirements) == 0:
		return errors.New("either rawSelector or requirements have to be there")
	}
	for _, r := range s.Requirements {
		switch needs := r.Operator == "In" || r.Operator == "NotIn"; {
		case r.Key == "":
			return errors.New("a requirement has no key")
		case !needs && r.Operator != "Exists" && r.Operator != "DoesNotExist":
			return fmt.Errorf("operator %q: want In, NotIn, Exists or DoesNotExist", r.Operator)
		case needs && len(r.Values) == 0:
			return fmt.Errorf("operator %s needs values", r.Operator)
		case !needs && len(r.Values) > 0:
			return fmt.Errorf("operator %s takes no values", r.Operator)
		}
	}
	return nil
}

func (l *review) parseAttributes(spec *jsonObject) error {
	hasResource, hasURL := spec.has("resourceAttributes"), spec.has("nonResourceAttributes")
	if hasResource == hasURL {
		return errors.New("exactly one of resourceAttributes and nonResourceAttributes has to be there")
	}
	r := &l.request
	fields := map[string]*string{
		"verb": &r.Verb, "group": &r.Group, "resource": &r.Resource, "subresource": &r.Subresource, "namespace": &r.Namespace, "name": &r.Name,
	}
	key := "resourceAttributes"
	if hasURL {
		key, r.NonResource = "nonResourceAttributes", true
		fields = map[string]*string{"verb": &r.Verb, "path": &r.Path}
	}
	var known []string
	for name := range fields {
		known = append(known, name)
	}
	slices.Sort(known)
	attributes, err := spec.object(key, known...)
	if err != nil {
		return err
	}
	for _, name := range known {
		if err := attributes.optional(name, fields[name]); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	for _, name := range []string{"fieldSelector", "labelSelector"} {
		if s := (selector{}); attributes.has(name) {
			if err := cmp.Or(attributes.get(name, &s), s.check()); err != nil {
				return fmt.Errorf("%s: %s: %w", key, name, err)
			}
		}
	}
	return nil
}

// has reports whether a member is there and not null, which is to the API server as
// if it was not.
func (o *jsonObject) has(key string) bool {
	value := o.find(key)
	return value != nil && string(value) != "null"
}

// optional reads a member that may be absent or null.
func (o *jsonObject) optional(key string, into any) error {
	if !o.has(key) {
		return nil
	}
	return o.get(key, into)
}

// object reads a member that is an object of which some members matter. One that is
// nearly called like those, in whose place it probably stands, would be nothing to
// the API server.
func (o *jsonObject) object(key string, matter ...string) (*jsonObject, error) {
	inner := &jsonObject{}
	if err := inner.read(string(o.find(key))); err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	for _, name := range matter {
		if inner.find(name) != nil {
			continue
		}
		others := slices.DeleteFunc(inner.keys(), func(k string) bool { return slices.Contains(matter, k) || slices.Contains(immaterial(), k) })
		if near := suggest.Nearest(name, others); near != nil {
			return nil, fmt.Errorf("%s: %q says nothing here (did you mean %q?)", key, near[0], name)
		}
	}
	return inner, nil
}

// immaterial are the members of a review that RBAC does not look at.
func immaterial() []string {
	return []string{"extra", "uid", "version", "fieldSelector", "labelSelector", "conditionalAuthorization"}
}
