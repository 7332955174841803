package rulespace_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/rulespace"
)

// What stands for everything unnamed is unnamed, whatever the rules name.
func TestWitnessIsFresh(t *testing.T) {
	rule := func(verb, group, resource, name string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{Verbs: []string{verb}, APIGroups: []string{group}, Resources: []string{resource}, ResourceNames: []string{name, ""}}
	}
	url := func(urls ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{Verbs: []string{"get"}, NonResourceURLs: urls}
	}
	anyName := rule("*", "*", "*", "")
	anyName.ResourceNames = nil
	for _, c := range []struct{ a, b rbacv1.PolicyRule }{
		{rule("other", "", "pods", "a"), rule("*", "", "pods", "a")},
		{rule("get", "other.example.com", "pods", "a"), rule("get", "*", "pods", "a")},
		{rule("get", "", "other", "a"), rule("get", "", "*", "a")},
		{rule("get", "", "secrets", "a"), rule("get", "", "*", "a")},
		{rule("get", "", "other/log", "a"), rule("get", "", "*/log", "a")},
		{rule("*", "*", "*", "some-name"), anyName},
		{url("/aother"), url("/a*")},
		{url("/aother", "/a/other*"), url("/a*")},
		{url("/other", "other", ""), url("*")},
	} {
		a, b := rulespace.Access{{Rules: []rbacv1.PolicyRule{c.a}}}, rulespace.Access{{Rules: []rbacv1.PolicyRule{c.b}}}
		witness, ok := rulespace.New(rulespace.Universe{}).Covers(a, b)
		assert.False(t, ok, "%v", c)
		assert.True(t, naiveAllows(b, witness) && !naiveAllows(a, witness), "%v: %v", c, witness)
	}
}

// Covers, Intersects and Empty equal brute force over every request that the
// lists can tell apart, and their witnesses are genuine.
func TestBruteForce(t *testing.T) {
	for _, reviews := range []bool{false, true} {
		t.Run(fmt.Sprintf("reviews=%t", reviews), func(t *testing.T) {
			each(t, 3**lists, func(a, b rulespace.Access) string { return bruteForce(reviews, a, b) })
		})
	}
}

func bruteForce(reviews bool, a, b rulespace.Access) string {
	s := rulespace.New(rulespace.Universe{Reviews: reviews})
	covered, meets, empty := true, false, true
	for _, r := range requests(reviews, a, b) {
		inA, inB := naiveAllows(a, r), naiveAllows(b, r)
		if inA != a.Allows(r) {
			return fmt.Sprintf("Allows(%+v) = %t", r, !inA)
		}
		covered = covered && (!inB || inA)
		meets = meets || inA && inB
		empty = empty && !inA
	}
	if witness, ok := s.Covers(a, b); ok != covered {
		return fmt.Sprintf("Covers = %t, witness %+v", ok, witness)
	} else if !ok && (naiveAllows(a, witness) || !naiveAllows(b, witness)) {
		return fmt.Sprintf("Covers: %+v is no witness", witness)
	}
	if witness, ok := s.Intersects(a, b); ok != meets {
		return fmt.Sprintf("Intersects = %t, witness %+v", ok, witness)
	} else if ok && !(naiveAllows(a, witness) && naiveAllows(b, witness)) {
		return fmt.Sprintf("Intersects: %+v is no witness", witness)
	}
	if witness, ok := s.Empty(a); ok != empty {
		return fmt.Sprintf("Empty = %t, witness %+v", ok, witness)
	} else if !ok && !naiveAllows(a, witness) {
		return fmt.Sprintf("Empty: %+v is no witness", witness)
	}
	return ""
}
