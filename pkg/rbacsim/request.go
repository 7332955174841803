package rbacsim

import (
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
)

// Request is what an authorizer is asked about: the fields of a
// SubjectAccessReview, taken literally, empty ones and unknown words too. It has no
// selectors, since RBAC does not look at them (RB15), and no version. The zero
// Request is one for no resource, which only wildcards cover. It is comparable.
type Request struct {
	Verb string

	// Resource is the plural, such as pods; Subresource what follows it in a path,
	// such as log. Group is empty for the core group. Namespace is empty for
	// cluster-scoped resources and for all namespaces at once.
	Group, Resource, Subresource string
	Namespace, Name              string

	// NonResource says that the request is for the URL Path, which may be empty;
	// the fields above, but for Verb, play no part then.
	NonResource bool
	Path        string
}

// URL returns the request for a path that is no resource, such as /healthz. The
// verb is the HTTP method in lower case (RB13).
func URL(verb, path string) Request { return Request{Verb: verb, NonResource: true, Path: path} }

// String returns the request for people: get pods/log web-0 in shop.
func (r Request) String() string {
	if r.NonResource {
		return literal(r.Verb) + " " + literal(r.Path)
	}
	var b strings.Builder
	b.WriteString(literal(r.Verb) + " " + r.what())
	if r.Name != "" {
		b.WriteString(" " + literal(r.Name))
	}
	if r.Namespace != "" {
		b.WriteString(" in " + literal(r.Namespace))
	}
	return b.String()
}

// what returns the resource with group and subresource: deployments.apps/scale.
func (r Request) what() string {
	s := literal(r.Resource)
	if r.Group != "" {
		s += "." + literal(r.Group)
	}
	if r.Subresource != "" {
		s += "/" + literal(r.Subresource)
	}
	return s
}

// literal makes a word visible that would otherwise not be.
func literal(word string) string {
	if word == "" || strings.ContainsFunc(word, func(r rune) bool { return r == ' ' || !strconv.IsPrint(r) }) {
		return strconv.Quote(word)
	}
	return word
}

// Subject is who asks: a user with the groups that come along. Nothing is added to
// it any more; [Review], [As] and [Impersonating] make one.
type Subject struct {
	User   string
	Groups []string
}

// Review returns the subject of a SubjectAccessReview: groups exactly as given,
// whatever the user is called (RB21).
func Review(user string, groups ...string) Subject { return Subject{user, groups} }

// As returns the subject of the principal's own requests: the groups given, and
// those that Kubernetes adds to them (RB20). A group stands for a member of it of
// whom nothing else is known.
func As(p identity.Principal, groups ...string) Subject {
	return subjectOf(p, identity.Authenticated(p, groups...))
}

// Impersonating returns the subject of kubectl --as and --as-group: groups that are
// given take the place of a ServiceAccount's own (RB37).
func Impersonating(p identity.Principal, groups ...string) Subject {
	return subjectOf(p, identity.Impersonated(p, groups...))
}

func subjectOf(p identity.Principal, memberships iter.Seq[identity.Membership]) Subject {
	s := Subject{User: p.Username()}
	for m := range memberships {
		s.Groups = append(s.Groups, m.Group)
	}
	if p.Kind() == identity.Group && !slices.Contains(s.Groups, p.Name()) {
		s.Groups = append([]string{p.Name()}, s.Groups...)
	}
	plant(planted.subject, &s)
	return s
}

// String returns the subject for people: sa/shop/web in groups a, b.
func (s Subject) String() string {
	who := "nobody in particular"
	if s.User != "" {
		who = literal(strings.TrimPrefix(identity.NewUser(s.User).String(), "user/"))
	}
	if len(s.Groups) > 0 {
		groups := make([]string, len(s.Groups))
		for i, g := range s.Groups {
			groups[i] = literal(g)
		}
		who += " in " + strings.Join(groups, ", ")
	}
	return who
}

// ErrNobody is the error about a subject with neither user nor groups, which a
// server refuses to be asked about.
var ErrNobody = errors.New("at least one of user or group must be specified")
