package rulespace_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/rulespace"
)

// The difference is what is in one and not in the other, and no box of it can
// be spared.
func TestMinus(t *testing.T) {
	each(t, 2**lists, func(a, b rulespace.Access) string {
		for _, list := range []rulespace.Access{a, b} {
			for _, g := range list {
				for i, r := range g.Rules {
					g.Rules[i].Resources = slices.DeleteFunc(slices.Clone(r.Resources), func(v string) bool { return strings.Count(v, "/") > 1 })
				}
			}
		}
		excess := rulespace.New(rulespace.Universe{}).Minus(a, b)
		alone := make([]bool, len(excess))
		for _, r := range requests(false, a, b) {
			only := naiveAllows(a, r) && !naiveAllows(b, r)
			var in []int
			for i, e := range excess {
				if e.Contains(r) {
					in = append(in, i)
				}
			}
			if only != (len(in) > 0) {
				return fmt.Sprintf("%+v: %t, in %v of %v", r, only, in, excess)
			}
			if len(in) == 1 {
				alone[in[0]] = true
			}
		}
		if i := slices.Index(alone, false); i >= 0 {
			return fmt.Sprintf("%v can be spared of %v", excess[i], excess)
		}
		return ""
	})
}

func TestMinusReadsWell(t *testing.T) {
	rule := func(verbs, groups, resources string, names ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{Verbs: strings.Split(verbs, " "), APIGroups: strings.Split(groups, " "), Resources: strings.Split(resources, " "), ResourceNames: names}
	}
	url := func(verbs, urls string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{Verbs: strings.Split(verbs, " "), NonResourceURLs: strings.Split(urls, " ")}
	}
	in := func(namespace string, rules ...rbacv1.PolicyRule) rulespace.Grant {
		return rulespace.Grant{Namespace: namespace, Rules: rules}
	}
	for _, c := range []struct {
		name string
		a, b rulespace.Access
		want []string
	}{
		{"one right", rulespace.Access{in("data", rule("get list", "", "secrets pods"))}, rulespace.Access{in("data", rule("get list", "", "pods"))}, []string{"get, list secrets in namespace data"}},
		{"two parts", rulespace.Access{in("data", rule("get list", "", "secrets pods"))}, rulespace.Access{in("data", rule("list", "", "pods"))}, []string{"get pods, secrets in namespace data", "get, list secrets in namespace data"}},
		{"rules that join", rulespace.Access{in("", rule("get", "apps", "deployments"), rule("list", "apps", "deployments"))}, nil, []string{"get, list deployments.apps cluster-wide"}},
		{"all but", rulespace.Access{in("", rule("*", "*", "*"))}, rulespace.Access{in("", rule("get", "*", "*"), rule("*", "*", "pods"))}, []string{"any verb but get on any resource but pods of any group cluster-wide"}},
		{"subresources", rulespace.Access{in("", rule("get", "", "*"))}, rulespace.Access{in("", rule("get", "", "*/log nodes"))}, []string{"get any resource but */log, nodes cluster-wide"}},
		{"one of a star", rulespace.Access{in("", rule("get", "", "*/log"))}, rulespace.Access{in("", rule("get", "", "pods/log"))}, []string{"get */log but pods/log cluster-wide"}},
		{"named", rulespace.Access{in("app", rule("get", "", "secrets", "a", "b"))}, rulespace.Access{in("app", rule("get", "", "secrets", "b"))}, []string{"get secrets named a in namespace app"}},
		{"not named", rulespace.Access{in("app", rule("get", "", "secrets"))}, rulespace.Access{in("app", rule("get", "", "secrets", "b"))}, []string{"get secrets not named b in namespace app"}},
		{"everywhere but", rulespace.Access{in("", rule("get", "", "secrets"))}, rulespace.Access{in("app", rule("get", "", "secrets"))}, []string{"get secrets everywhere but in namespace app"}},
		{"namespaces", rulespace.Access{in("a", rule("get", "", "secrets")), in("b", rule("get", "", "secrets"))}, nil, []string{"get secrets in namespaces a, b"}},
		{"groups", rulespace.Access{in("", rule("get", " apps", "pods deployments"))}, nil, []string{`get deployments, pods of "", apps cluster-wide`}},
		{"subresource of a group", rulespace.Access{in("", rule("patch", "apps", "deployments/scale"))}, nil, []string{"patch deployments.apps/scale cluster-wide"}},
		{"URLs", rulespace.Access{in("", url("get", "/a* /b"))}, rulespace.Access{in("", url("get", "/a/b"))}, []string{"get /a* but /a/b", "get /b"}},
		{"URLs in URLs", rulespace.Access{in("", url("get", "/a* /a/b/c*"))}, rulespace.Access{in("", url("get", "/a/b /a/b/*"))}, []string{"get /a* but /a/b, /a/b/*"}},
		{"URLs out of order", rulespace.Access{in("", url("get", "/a/b/c* /a*"))}, rulespace.Access{in("", url("get", "/a/b/c /a/b/c/d*"))}, []string{"get /a* but /a/b/c, /a/b/c/d*"}},
		{"exceptions within exceptions", rulespace.Access{in("", url("get", "/a/b* /a*"))}, rulespace.Access{in("", url("get", "/a/b* /a/b/c*"))}, []string{"get /a* but /a/b*"}},
		{"exceptions of a group", rulespace.Access{in("", rule("get", "apps", "*/log"))}, rulespace.Access{in("", rule("get", "apps", "pods/log"))}, []string{"get */log but pods/log of apps cluster-wide"}},
		{"all URLs", rulespace.Access{in("", url("*", "*"))}, nil, []string{"any verb on any URL"}},
		{"all URLs but", rulespace.Access{in("", url("get", "*"))}, rulespace.Access{in("", url("get", "/a*"))}, []string{"get any URL but /a*"}},
		{"nothing", rulespace.Access{in("a", rule("get", "", "secrets"))}, rulespace.Everything(), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, e := range rulespace.New(rulespace.Universe{}).Minus(c.a, c.b) {
				got = append(got, e.String())
			}
			assert.Equal(t, c.want, got)
		})
	}
}
