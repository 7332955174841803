package identity

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// Assertion is what Microsoft Entra ID compares of a token with a credential.
type Assertion struct {
	Issuer, Subject string
	Audience        string
}

// Match is how a credential compares with an assertion, part by part.
type Match struct{ Issuer, Subject, Audience Outcome }

// Outcome returns whether the credential takes the token: it does if all parts match,
// and does not if any of them differs.
func (m Match) Outcome() Outcome { return all(m.Issuer, m.Subject, m.Audience) }

// MatchCredential compares a token with a federated credential as the token service
// does: issuer (AZ81), subject (AZ83) and audience (AZ82) byte by byte, a slash at the
// end and upper and lower case included, without wildcards. A flexible credential,
// whose expression is not evaluated, may match any subject (AZ84), and what is not
// known of the credential may be anything.
//
// https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
func MatchCredential(c *model.FederatedCredential, a Assertion) Match {
	m := Match{Issuer: same(c.Issuer, a.Issuer), Subject: same(c.Subject, a.Subject)}
	if isFlexible(c) {
		m.Subject = Undecided
	}
	if audiences, ok := c.Audiences.Get(); ok {
		m.Audience = outcome(slices.Contains(audiences, a.Audience))
	}
	return m
}

func same(p model.Property[string], value string) Outcome {
	v, ok := p.Get()
	if !ok {
		return Undecided
	}
	return outcome(v == value)
}

// isFlexible reports whether an expression takes the place of the subject, or may.
func isFlexible(c *model.FederatedCredential) bool {
	return c.ClaimsMatching.IsKnown() || isOpen(c.ClaimsMatching)
}

func isOpen[T any](p model.Property[T]) bool {
	_, open := p.Unresolved()
	return open
}

// match compares a credential with a token of the cluster for a subject and audience.
// The issuer may not be known; one that can't be that of an AKS cluster differs all
// the same. A credential that may not be there takes no token for certain.
func (e *estate) match(o *model.Object[model.FederatedCredential], subject, audience string) Match {
	c := o.API
	m := MatchCredential(c, Assertion{e.issuer.value, subject, audience})
	if m.Subject == OK && o.Origin.Doubt() != "" {
		m.Subject = Undecided
	}
	switch issuer, known := c.Issuer.Get(); {
	case e.noIssuer:
		m.Issuer = Broken
	case e.issuer.open != "" && known && foreignIssuer(issuer) != "":
		m.Issuer = Broken
	case e.issuer.open != "":
		m.Issuer = Undecided
	}
	return m
}

// foreignIssuer returns whose issuer it is if it can't be that of an AKS cluster, and
// nothing otherwise.
func foreignIssuer(issuer string) string {
	host, _, _ := strings.Cut(strings.TrimPrefix(issuer, "https://"), "/")
	switch host = strings.ToLower(host); {
	case host == "token.actions.githubusercontent.com" || strings.HasSuffix(host, ".actions.githubusercontent.com"):
		return "GitHub Actions"
	case host == "gitlab.com" || strings.HasPrefix(host, "gitlab."):
		return "GitLab"
	case host == "app.terraform.io":
		return "Terraform Cloud"
	case strings.HasSuffix(host, "vstoken.dev.azure.com") || host == "vstoken.dev.azure.com":
		return "Azure DevOps"
	case host == "accounts.google.com":
		return "Google"
	case strings.HasPrefix(host, "oidc.eks."):
		return "an EKS cluster"
	case host == "login.microsoftonline.com" || host == "sts.windows.net":
		return "Microsoft Entra ID"
	}
	return ""
}

// bindingIssuer is the host of the issuers that AKS makes for identity bindings.
const bindingIssuer = "https://ib.oic.prod-aks.azure."

// unreachableIssuer reports whether Microsoft Entra ID can't fetch an issuer's keys
// over the internet.
func unreachableIssuer(issuer string) bool {
	rest, https := strings.CutPrefix(issuer, "https://")
	host, _, _ := strings.Cut(rest, "/")
	if name, _, ok := strings.Cut(host, ":"); ok && !strings.HasPrefix(host, "[") {
		host = name
	}
	if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return !https || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast()
	}
	return !https || !strings.Contains(host, ".") || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".svc")
}

// distance scores how far a credential is from an assertion: the smaller, the more
// likely it is the one that was meant.
func (e *estate) distance(o *model.Object[model.FederatedCredential], subject, audience string) int {
	c, m := o.API, e.match(o, subject, audience)
	d := 0
	if m.Issuer == Broken {
		d += issuerDistance(c.Issuer.Or(""), e.issuer.value)
	}
	if m.Subject == Broken {
		d += subjectDistance(c.Subject.Or(""), subject)
	}
	if m.Audience == Broken {
		d += 2
	}
	return d
}

const farAway = 12

func issuerDistance(a, b string) int {
	switch {
	case strings.TrimRight(a, "/") == strings.TrimRight(b, "/"):
		return 1
	case strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)):
		return 2
	case foreignIssuer(a) != "":
		return farAway
	}
	return 6
}

func subjectDistance(a, b string) int {
	p, q := NewUser(a), NewUser(b)
	switch {
	case strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)):
		return 1
	case p.Kind() != ServiceAccount || q.Kind() != ServiceAccount:
		return farAway
	case p.Name() == q.Name():
		return 3
	case p.Namespace() == q.Namespace():
		return 4
	}
	return 8
}

// nearest returns the credential of a list that is nearest to an assertion, the first
// of several, and nil of an empty list.
func (e *estate) nearest(list []*model.Object[model.FederatedCredential], subject, audience string) (best *model.Object[model.FederatedCredential]) {
	least := 0
	for _, o := range list {
		if d := e.distance(o, subject, audience); best == nil || d < least {
			best, least = o, d
		}
	}
	return best
}

// howTheyDiffer says in what two values differ that should be equal, and nothing
// where there is no more to say than that they do.
func howTheyDiffer(a, b string) string {
	p, q := NewUser(a), NewUser(b)
	switch {
	case strings.TrimRight(a, "/") == strings.TrimRight(b, "/"):
		return "they differ in a slash at the end"
	case strings.TrimSpace(a) == strings.TrimSpace(b):
		return "they differ in white space"
	case strings.EqualFold(a, b):
		return "they differ in upper and lower case"
	case p.Kind() == ServiceAccount && q.Kind() == ServiceAccount && p.Name() == q.Name():
		return "they differ in the namespace"
	case p.Kind() == ServiceAccount && q.Kind() == ServiceAccount && p.Namespace() == q.Namespace():
		return "they differ in the ServiceAccount's name"
	case foreignIssuer(b) != "":
		return "the second is the issuer of " + foreignIssuer(b)
	}
	return ""
}

// ParseSubject returns the ServiceAccount that the subject of a token or credential
// names, and false where it names none. Username of the principal is the subject
// again.
func ParseSubject(subject string) (Principal, bool) {
	p := NewUser(subject)
	return p, p.Kind() == ServiceAccount
}

// openParts says what of a credential the input does not settle.
func openParts(o *model.Object[model.FederatedCredential]) string {
	c := o.API
	var parts []string
	if doubt := o.Origin.Doubt(); doubt != "" {
		parts = append(parts, doubt)
	}
	if isFlexible(c) {
		expression := c.ClaimsMatching.Or("")
		if expression == "" {
			expression, _ = c.ClaimsMatching.Unresolved()
		}
		parts = append(parts, "it is a flexible credential, and "+expression+" is not evaluated")
	} else if !c.Subject.IsKnown() {
		parts = append(parts, "its subject is "+howMissing(c.Subject))
	}
	if !c.Issuer.IsKnown() {
		parts = append(parts, "its issuer is "+howMissing(c.Issuer))
	}
	if !c.Audiences.IsKnown() {
		parts = append(parts, "its audiences are "+howMissing(c.Audiences))
	}
	return strings.Join(parts, ", ")
}
