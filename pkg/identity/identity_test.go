package identity_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/validation"

	"github.com/aksim/aksim/pkg/identity"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct{ in, out, username string }{
		{"sa/shop/web", "sa/shop/web", "system:serviceaccount:shop:web"},
		{"system:serviceaccount:shop:web", "sa/shop/web", "system:serviceaccount:shop:web"},
		{"user/system:serviceaccount:shop:web", "sa/shop/web", "system:serviceaccount:shop:web"},
		{"alice", "user/alice", "alice"},
		{"user/alice", "user/alice", "alice"},
		{"user/sa/shop/web", "user/sa/shop/web", "sa/shop/web"},
		{"oidc:team/x", "user/oidc:team/x", "oidc:team/x"},
		{"group/oidc:team/x", "group/oidc:team/x", ""},
		{"group/system:masters", "group/system:masters", ""},
		{"system:masters", "user/system:masters", "system:masters"},
		// Of a name with too many parts nobody can say which is the namespace.
		{"system:serviceaccount:a:b:c", "user/system:serviceaccount:a:b:c", "system:serviceaccount:a:b:c"},
		{"system:serviceaccount:A:b", "user/system:serviceaccount:A:b", "system:serviceaccount:A:b"},
		{"system:serviceaccount::", "user/system:serviceaccount::", "system:serviceaccount::"},
		{"user", "user/user", "user"},
		{"mi/api", "mi/api", ""},
		{"mi//subscriptions/s/resourceGroups/g", "mi//subscriptions/s/resourceGroups/g", ""},
		{"sp/ci", "sp/ci", ""},
		{"user/mi/api", "user/mi/api", "mi/api"},
	} {
		p, err := identity.Parse(tt.in)
		require.NoError(t, err, tt.in)
		assert.Equal(t, tt.out, p.String(), tt.in)
		assert.Equal(t, tt.username, p.Username(), tt.in)
	}
	for in, message := range map[string]string{
		"":         "an empty name is nobody: want sa/NAMESPACE/NAME, user/NAME, group/NAME, mi/NAME, sp/NAME or a user's name",
		"user/":    `"user/" lacks the name: want user/NAME`,
		"group/":   `"group/" lacks the name: want group/NAME`,
		"sa/":      `"sa/" names no ServiceAccount: want sa/NAMESPACE/NAME`,
		"sa/web":   `"sa/web" names no ServiceAccount: want sa/NAMESPACE/NAME`,
		"sa/a/b/c": `"sa/a/b/c" names no ServiceAccount: want sa/NAMESPACE/NAME`,
		"sa/A/b":   `"sa/A/b" names no ServiceAccount: want sa/NAMESPACE/NAME`,
	} {
		_, err := identity.Parse(in)
		assert.EqualError(t, err, message)
	}
}

// What Parse accepts, String writes in a form that means the same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"sa/shop/web", "alice", "user/a/b", "group/system:masters", "system:serviceaccount:a:b", "user/user/x", "mi/api", "sp/a/b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := identity.Parse(s)
		if err != nil {
			return
		}
		again, err := identity.Parse(p.String())
		require.NoError(t, err)
		require.Equal(t, p, again)
		require.False(t, p.IsZero())
		if p.Username() != "" {
			require.Equal(t, p, identity.NewUser(p.Username()))
		}
	})
}

// A name is that of a ServiceAccount if the API server admits both its parts.
func FuzzServiceAccountNames(f *testing.F) {
	long := strings.Repeat("a", 63)
	for _, s := range []string{"a:b", "a.b:c", "a:b.c-d", ":", "a:", "-a:b", "a-:b", "a:b:c", "a:.b", long + ":" + long + "." + long + "." + long + "." + long, long + "a:b", "a:" + long + "a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		namespace, name, ok := strings.Cut(s, ":")
		want := ok && len(validation.ValidateNamespaceName(namespace, false)) == 0 && len(validation.ValidateServiceAccountName(name, false)) == 0
		require.Equal(t, want, identity.NewUser("system:serviceaccount:"+s).Kind() == identity.ServiceAccount, s)
	})
}

func groups(seq func(func(identity.Membership) bool)) []string {
	var names []string
	for m := range seq {
		names = append(names, m.Group)
	}
	return names
}

func TestGroups(t *testing.T) {
	sa, alice, anonymous := identity.MustParse("sa/shop/web"), identity.MustParse("alice"), identity.MustParse("system:anonymous")
	for name, tt := range map[string]struct{ got, want []string }{
		"a ServiceAccount":                   {groups(identity.Authenticated(sa)), []string{"system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"}},
		"a ServiceAccount with more":         {groups(identity.Authenticated(sa, "x")), []string{"x", "system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"}},
		"an impersonated one":                {groups(identity.Impersonated(sa)), []string{"system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"}},
		"an impersonated one, groups given":  {groups(identity.Impersonated(sa, "x")), []string{"x", "system:authenticated"}},
		"a user":                             {groups(identity.Authenticated(alice, "a", "b", "a")), []string{"a", "b", "system:authenticated"}},
		"a user said to be unauthenticated":  {groups(identity.Authenticated(alice, "system:unauthenticated")), []string{"system:unauthenticated"}},
		"nobody in particular":               {groups(identity.Authenticated(anonymous)), []string{"system:unauthenticated"}},
		"an impersonated nobody":             {groups(identity.Impersonated(anonymous)), []string{"system:unauthenticated"}},
		"a member of a group":                {groups(identity.Authenticated(identity.NewGroup("a"))), []string{"system:authenticated"}},
		"a member of a namespace's group":    {groups(identity.Authenticated(identity.NewGroup("system:serviceaccounts:a"))), []string{"system:serviceaccounts", "system:authenticated"}},
		"nobody known":                       {groups(identity.Authenticated(identity.NewGroup("system:unauthenticated"))), nil},
		"the zero principal is in no group":  {groups(identity.Authenticated(identity.Principal{})), nil},
		"what was given keeps its own place": {groups(identity.Authenticated(alice, "system:authenticated", "z")), []string{"system:authenticated", "z"}},
	} {
		assert.Equal(t, tt.want, tt.got, name)
	}
	for m := range identity.Authenticated(sa, "x") {
		assert.Equal(t, m.Group == "x", m.Why == "", m.Group)
	}
}

func TestCompare(t *testing.T) {
	var all []identity.Principal
	for _, s := range []string{"b", "a", "sa/b/a", "sa/a/b", "group/z"} {
		all = append(all, identity.MustParse(s))
	}
	slices.SortFunc(all, identity.Principal.Compare)
	var names []string
	for _, p := range all {
		names = append(names, p.String())
	}
	assert.Equal(t, []string{"group/z", "sa/a/b", "sa/b/a", "user/a", "user/b"}, names)
	assert.Equal(t, "nobody", identity.Principal{}.String())
	assert.Equal(t, "Group ServiceAccount User Kind(0)", identity.Group.String()+" "+identity.ServiceAccount.String()+" "+identity.User.String()+" "+identity.Kind(0).String())
}
