package identity_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

// Any change of a single byte of issuer, subject or audience breaks a match.
func TestMatchIsByteByByte(t *testing.T) {
	c := credential("api", "f", "system:serviceaccount:app:api")
	whole := identity.Assertion{Issuer: issuer, Subject: "system:serviceaccount:app:api", Audience: audience}
	require.Equal(t, identity.OK, identity.MatchCredential(c, whole).Outcome())
	change := func(s string, at int, to byte) string { return s[:at] + string(to) + s[at+1:] }
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		a := whole
		part := []*string{&a.Issuer, &a.Subject, &a.Audience}[r.IntN(3)]
		at := r.IntN(len(*part))
		switch r.IntN(4) {
		case 0:
			*part = change(*part, at, (*part)[at]^0x20) // another case, mostly
		case 1:
			*part = change(*part, at, byte(r.IntN(128)))
		case 2:
			*part = (*part)[:at] + (*part)[at+1:]
		default:
			*part += string(rune('!' + r.IntN(90)))
		}
		want := identity.Broken
		if a == whole {
			want = identity.OK
		}
		require.Equal(t, want, identity.MatchCredential(c, a).Outcome(), "%+v", a)
	}
}

// What is not known of a credential may be anything; what is known and differs breaks
// the match all the same.
func TestMatchOfWhatIsNotKnown(t *testing.T) {
	a := identity.Assertion{Issuer: issuer, Subject: "system:serviceaccount:app:api", Audience: audience}
	for name, tt := range map[string]struct {
		change func(*model.FederatedCredential)
		want   identity.Match
	}{
		"nothing":                    {func(*model.FederatedCredential) {}, identity.Match{Issuer: identity.OK, Subject: identity.OK, Audience: identity.OK}},
		"issuer":                     {func(c *model.FederatedCredential) { c.Issuer = model.Unresolved[string]("x") }, identity.Match{Subject: identity.OK, Audience: identity.OK}},
		"subject":                    {func(c *model.FederatedCredential) { c.Subject = model.Null[string]() }, identity.Match{Issuer: identity.OK, Audience: identity.OK}},
		"audience":                   {func(c *model.FederatedCredential) { c.Audiences = model.Property[[]string]{} }, identity.Match{Issuer: identity.OK, Subject: identity.OK}},
		"flexible":                   {func(c *model.FederatedCredential) { c.ClaimsMatching = model.Known("x") }, identity.Match{Issuer: identity.OK, Audience: identity.OK}},
		"flexible, of an expression": {func(c *model.FederatedCredential) { c.ClaimsMatching = model.Unresolved[string]("x") }, identity.Match{Issuer: identity.OK, Audience: identity.OK}},
		"several audiences":          {func(c *model.FederatedCredential) { c.Audiences = model.Known([]string{"x", audience}) }, identity.Match{Issuer: identity.OK, Subject: identity.OK, Audience: identity.OK}},
		"no audience":                {func(c *model.FederatedCredential) { c.Audiences = model.Known([]string{}) }, identity.Match{Issuer: identity.OK, Subject: identity.OK, Audience: identity.Broken}},
	} {
		c := credential("api", "f", a.Subject)
		tt.change(c)
		got := identity.MatchCredential(c, a)
		assert.Equal(t, tt.want, got, name)
		a.Issuer += "x"
		if c.Issuer.IsKnown() {
			assert.Equal(t, identity.Broken, identity.MatchCredential(c, a).Outcome(), name)
		}
		a.Issuer = issuer
	}
}

// Of several credentials the nearest is the one that differences are told of.
func TestNearestCredential(t *testing.T) {
	near := func(credentials ...*model.FederatedCredential) string {
		trace := whoami(t, apiAccount+apiDeployment, with(func(a *azure) { a.credentials = credentials }), "app/api")
		require.Equal(t, identity.Broken, trace.Outcome(), "%s", trace)
		for s := range trace.Chains[0].Breaks() {
			return s.Detail
		}
		return ""
	}
	f := func(name, subject string, change ...func(*model.FederatedCredential)) *model.FederatedCredential {
		c := credential("api", name, subject)
		for _, ch := range change {
			ch(c)
		}
		return c
	}
	slashless := func(c *model.FederatedCredential) { c.Issuer = model.Known(strings.TrimSuffix(issuer, "/")) }
	github := func(c *model.FederatedCredential) {
		c.Issuer = model.Known("https://token.actions.githubusercontent.com")
	}
	for _, tt := range []struct {
		want        string
		credentials []*model.FederatedCredential
	}{
		{"b", []*model.FederatedCredential{f("a", "system:serviceaccount:x:y"), f("b", "system:serviceaccount:app:api", slashless)}},
		{"b", []*model.FederatedCredential{f("a", "system:serviceaccount:app:web"), f("b", "system:serviceaccount:prod:api")}},
		{"b", []*model.FederatedCredential{f("a", "repo:o/r:ref:refs/heads/main", github), f("b", "system:serviceaccount:x:y")}},
		{"b", []*model.FederatedCredential{f("a", "system:serviceaccount:prod:api"), f("b", "system:serviceaccount:App:api")}},
		{"a", []*model.FederatedCredential{f("b", "system:serviceaccount:x:y"), f("a", "system:serviceaccount:x:z")}},
	} {
		assert.Equal(t, "none of the 2 of mi/api takes the token; the nearest is mi/api/"+tt.want, near(tt.credentials...))
	}
}

func FuzzParseSubject(f *testing.F) {
	for _, s := range []string{"system:serviceaccount:app:api", "system:serviceaccount:app", "repo:o/r:ref:refs/heads/main", "system:serviceaccount:a:b:c", "system:serviceaccount:A:b", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, ok := identity.ParseSubject(s)
		require.Equal(t, ok, p.Kind() == identity.ServiceAccount)
		if ok {
			require.Equal(t, s, p.Username())
			require.Equal(t, p, identity.NewServiceAccount(p.Namespace(), p.Name()))
		}
	})
}

// A credential or an identity that a template deploys only under a condition that is not
// known makes no chain complete.
func TestWhatMayNotBeDeployed(t *testing.T) {
	const why = "whether it is deployed hangs on [parameters('deploy')]"
	doubt := func(o *model.Origin) {
		o.Gaps = []model.Gap{{Path: model.DeploymentCondition, What: why}}
	}
	for name, change := range map[string]func(*model.Cluster){
		"credential": func(c *model.Cluster) {
			for o := range model.All[model.FederatedCredential](c) {
				doubt(&o.Origin)
			}
		},
		"identity": func(c *model.Cluster) {
			for o := range model.All[model.UserAssignedIdentity](c) {
				doubt(&o.Origin)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := estate(t, apiAccount+apiDeployment, baseline())
			change(c)
			g := identity.NewGraph(c)
			trace, err := g.WhoAmI("app/api")
			require.NoError(t, err)
			assert.Equal(t, identity.Undecided, trace.Outcome(), trace.String())
			assert.Contains(t, trace.String(), why)
			for n := range g.All() {
				for e := range g.Out(n) {
					if name == "credential" && e.Kind() == identity.Federated || name == "identity" && e.Kind() == identity.CredentialOf {
						assert.Equal(t, why, e.Open)
					}
				}
			}
		})
	}
	c := estate(t, apiAccount, with(func(a *azure) {
		a.assignments = []*model.RoleAssignment{{PrincipalID: model.Known(apiObject), RoleDefinitionName: model.Known("Reader"), Scope: model.Known(subscription)}}
	}))
	for o := range model.All[model.RoleAssignment](c) {
		doubt(&o.Origin)
	}
	found := 0
	g := identity.NewGraph(c)
	for n := range g.All() {
		for e := range g.Out(n) {
			if e.Kind() == identity.AssignedRole {
				found++
				assert.Equal(t, why, e.Open)
			}
		}
	}
	assert.Equal(t, 1, found)
}
