package azure

import (
	"fmt"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aksim/aksim/internal/suggest"
)

// Scope is a place in Azure at which roles are assigned and actions are taken: the
// root, a management group, a subscription, a resource group or a resource, however
// deep. It is comparable: scopes that differ in upper and lower case of ASCII letters
// only are equal (AZ1). The zero Scope is nowhere: it covers nothing, and nothing
// covers it.
//
// https://learn.microsoft.com/azure/role-based-access-control/scope-overview
type Scope struct {
	id string // lower case, no slash at the end; / is the root
}

// ScopeKind is the level of a scope.
type ScopeKind uint8

// The levels of scopes, from the top. The zero Scope is Nowhere.
const (
	Nowhere ScopeKind = iota
	Root
	ManagementGroup
	Subscription
	ResourceGroup
	Resource
)

// String returns the level for people: management group, resource group, ….
func (k ScopeKind) String() string {
	switch k {
	case Root:
		return "root"
	case ManagementGroup:
		return "management group"
	case Subscription:
		return "subscription"
	case ResourceGroup:
		return "resource group"
	case Resource:
		return "resource"
	case Nowhere:
	}
	return "nowhere"
}

const (
	subscriptionsSegment  = "subscriptions"
	resourceGroupsSegment = "resourcegroups"
	providersSegment      = "providers"
	managementPrefix      = "/providers/microsoft.management/managementgroups/"
)

// RootScope is the scope above all others, written /.
func RootScope() Scope { return Scope{"/"} }

// ParseScope reads a resource id, or / for the root. Empty segments and slashes at the
// end mean nothing, nor do upper and lower case of ASCII letters (AZ1). What can't be
// an id is an error that says which segment is wrong: half an id, or a level whose
// name is misspelt, would silently be a scope at which nobody has a role.
func ParseScope(s string) (Scope, error) {
	if !strings.HasPrefix(s, "/") {
		return Scope{}, fmt.Errorf("%q is no scope: want /subscriptions/ID/resourceGroups/NAME/providers/NAMESPACE/TYPE/NAME, a part of that from the left, or /", s)
	}
	var segments []string
	for segment := range strings.SplitSeq(s, "/") {
		if segment == "" {
			continue
		}
		if what := badSegment(segment); what != "" {
			return Scope{}, fmt.Errorf("%q is no scope: segment %q %s", s, segment, what)
		}
		segments = append(segments, lower(segment))
	}
	if problem := badLevels(segments); problem != "" {
		return Scope{}, fmt.Errorf("%q is no scope: %s", s, problem)
	}
	return Scope{"/" + strings.Join(segments, "/")}, nil
}

// MustParseScope is [ParseScope] for tests and examples: it panics on an error.
func MustParseScope(s string) Scope {
	scope, err := ParseScope(s)
	if err != nil {
		panic(err)
	}
	return scope
}

// badSegment says what no name in an id can have.
func badSegment(s string) string {
	if !utf8.ValidString(s) {
		return "is not UTF-8"
	}
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	if unicode.IsSpace(first) || unicode.IsSpace(last) {
		return "begins or ends with a blank"
	}
	for _, c := range s {
		if unicode.IsControl(c) || strings.ContainsRune(`?#\`, c) {
			return fmt.Sprintf("has the character %q, which no id has", c)
		}
	}
	return ""
}

// badLevels says what is wrong with the levels of an id; empty if nothing is.
func badLevels(rest []string) string {
	if len(rest) == 0 {
		return ""
	}
	switch rest[0] {
	case providersSegment:
		return badProvider(rest[1:])
	case subscriptionsSegment:
	default:
		return misspelt(rest[0], "an id begins with", subscriptionsSegment, providersSegment)
	}
	if len(rest) == 1 {
		return "the id of the subscription is missing"
	}
	rest = rest[2:]
	if len(rest) > 0 && rest[0] == resourceGroupsSegment {
		if len(rest) == 1 {
			return "the name of the resource group is missing"
		}
		rest = rest[2:]
		if len(rest) > 0 && rest[0] != providersSegment {
			return misspelt(rest[0], "after a resource group comes", providersSegment)
		}
	}
	switch {
	case len(rest) == 0:
		return ""
	case rest[0] != providersSegment:
		return misspelt(rest[0], "after a subscription comes", resourceGroupsSegment, providersSegment)
	}
	return badProvider(rest[1:])
}

// badProvider says what is wrong with what follows /providers: a namespace, and types
// and names in turn.
func badProvider(rest []string) string {
	if len(rest) == 0 {
		return "the namespace after providers is missing, such as Microsoft.KeyVault"
	}
	namespace := rest[0]
	if !strings.Contains(namespace, ".") {
		return fmt.Sprintf("%q is no namespace of a provider: want one such as Microsoft.KeyVault", namespace)
	}
	rest = rest[1:]
	if len(rest) == 0 || rest[0] == providersSegment {
		return "the type after " + pretty(namespace) + " is missing"
	}
	for len(rest) > 0 {
		if rest[0] == providersSegment {
			return badProvider(rest[1:])
		}
		if usual, ok := spelling[rest[0]+"s"]; ok && spelling[rest[0]] == "" {
			return fmt.Sprintf("unknown type %q (did you mean %q?)", rest[0], usual)
		}
		if len(rest) == 1 {
			return "the name after " + pretty(rest[0]) + " is missing"
		}
		rest = rest[2:]
	}
	return ""
}

func misspelt(segment, what string, known ...string) string {
	var names []string
	for _, k := range known {
		names = append(names, pretty(k))
	}
	return fmt.Sprintf("%s %s, not %q%s", what, strings.Join(names, " or "), segment, suggest.Clause(segment, names))
}

// lower returns the text with its ASCII letters in lower case. Others stay: folding
// them would make one name of two, and is not its own inverse.
func lower(s string) string {
	for i := range len(s) {
		if c := s[i]; 'A' <= c && c <= 'Z' {
			b := []byte(s)
			for j := i; j < len(b); j++ {
				if 'A' <= b[j] && b[j] <= 'Z' {
					b[j] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

// String returns the id, which [ParseScope] reads: levels and well-known types in
// their usual spelling, all other names in lower case; and nothing of the zero Scope.
func (s Scope) String() string {
	if s.id == "" || s.id == "/" {
		return s.id
	}
	var b strings.Builder
	for segment, fixed := range s.segments() {
		b.WriteByte('/')
		if fixed {
			segment = pretty(segment)
		}
		b.WriteString(segment)
	}
	return b.String()
}

// segments yields the segments, and of each whether it is a level, namespace or type
// rather than a name that somebody chose.
func (s Scope) segments() iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		fixed, namespace := true, false
		for segment := range strings.SplitSeq(strings.TrimPrefix(s.id, "/"), "/") {
			if !yield(segment, fixed) {
				return
			}
			switch {
			case namespace: // a type follows
				namespace = false
			case fixed && segment == providersSegment:
				namespace = true
			default:
				fixed = !fixed
			}
		}
	}
}

// IsZero reports whether the scope is nowhere.
func (s Scope) IsZero() bool { return s.id == "" }

// Compare orders scopes by their ids in lower case: those above come first.
func (s Scope) Compare(t Scope) int { return strings.Compare(s.id, t.id) }

// Covers reports whether what is assigned at the scope counts at t: t is the same or
// below, segment by segment (AZ2). Which subscriptions are below a management group no
// id tells; see [Authorizer.Covers].
func (s Scope) Covers(t Scope) bool {
	switch {
	case s.id == "" || t.id == "":
		return false
	case s.id == "/":
		return true
	}
	return strings.HasPrefix(t.id, s.id) && (len(t.id) == len(s.id) || t.id[len(s.id)] == '/')
}

// Kind returns the level of the scope.
func (s Scope) Kind() ScopeKind {
	switch {
	case s.id == "":
		return Nowhere
	case s.id == "/":
		return Root
	case strings.HasPrefix(s.id, managementPrefix) && strings.Count(s.id, "/") == 4:
		return ManagementGroup
	case !strings.HasPrefix(s.id, "/"+subscriptionsSegment+"/"):
		return Resource
	}
	switch strings.Count(s.id, "/") {
	case 2:
		return Subscription
	case 4: // a resource has at least six segments
		return ResourceGroup
	}
	return Resource
}

// cut returns the first n segments, and the scope itself if it has no more.
func (s Scope) cut(n int) Scope {
	for i := 1; i < len(s.id); i++ {
		if s.id[i] == '/' {
			if n--; n == 0 {
				return Scope{s.id[:i]}
			}
		}
	}
	return s
}

// Parent returns the scope above: of a nested resource the one that it is in. Above
// subscriptions and management groups is the root as far as their ids tell; above the
// root is nowhere.
func (s Scope) Parent() Scope {
	switch s.Kind() {
	case Nowhere, Root:
		return Scope{}
	case ManagementGroup, Subscription:
		return RootScope()
	case ResourceGroup:
		return s.cut(2)
	case Resource:
	}
	above := s.id[:strings.LastIndexByte(s.id, '/')]       // without the name
	above = above[:strings.LastIndexByte(above, '/')]      // and the type
	namespace := strings.LastIndexByte(above, '/')         // it may end in a namespace
	if p := above[:namespace]; endsInProviders(Scope{p}) { // of a resource right below
		above = strings.TrimSuffix(p, "/"+providersSegment)
	}
	if above == "" {
		return RootScope()
	}
	return Scope{above}
}

// endsInProviders reports whether the last segment is the word providers, and not a
// name.
func endsInProviders(s Scope) bool {
	if !strings.HasSuffix(s.id, "/"+providersSegment) {
		return false
	}
	last := false
	for _, fixed := range s.segments() {
		last = fixed
	}
	return last
}

// Ancestors yields the scope itself and all above it as far as its id tells, from the
// scope up to the root.
func (s Scope) Ancestors() iter.Seq[Scope] {
	return func(yield func(Scope) bool) {
		for t := s; !t.IsZero() && yield(t); t = t.Parent() {
		}
	}
}

// Subscription returns the subscription that the scope is or is in; nowhere for none.
func (s Scope) Subscription() Scope {
	if !strings.HasPrefix(s.id, "/"+subscriptionsSegment+"/") {
		return Scope{}
	}
	return s.cut(2)
}

// Name returns the last segment: the name of a resource or group, the id of a
// subscription, in lower case.
func (s Scope) Name() string { return s.id[strings.LastIndexByte(s.id, '/')+1:] }

// Type returns the type of a resource, of a nested one with those around it, such as
// microsoft.keyvault/vaults/secrets, in lower case; empty for what is no resource.
func (s Scope) Type() string {
	if s.Kind() != Resource {
		return ""
	}
	var words []string
	namespace := false
	for segment, fixed := range s.segments() {
		switch {
		case namespace:
			words, namespace = []string{segment}, false
		case fixed && segment == providersSegment:
			namespace = true
		case fixed && len(words) > 0:
			words = append(words, segment)
		}
	}
	return strings.Join(words, "/")
}

// Enclosing returns the resource of a type, in lower case, that the scope is or is in,
// such as the vault of a secret; nowhere for none.
func (s Scope) Enclosing(resourceType string) Scope {
	for t := range s.Ancestors() {
		if t.Type() == resourceType {
			return t
		}
	}
	return Scope{}
}
