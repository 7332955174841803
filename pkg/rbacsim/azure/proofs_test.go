package azure_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

func matchesOne(patterns []string, action string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		return expression(strings.ReplaceAll(regexp.QuoteMeta(p), `\*`, `.*`)).MatchString(action)
	})
}

// Effective rights, read as patterns, say of each action what Decide says.
func TestEffectiveRightsAreTheDecisions(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	count := map[rbacsim.Decision]int{}
	for range 400 {
		w := randomWorld(r)
		a := w.compile()
		for _, q := range randomQuestions(r, a, 8) {
			e := a.Effective(q.subject, azure.MustParseScope(q.at))
			if len(slices.Collect(e.Denials())) > 0 {
				continue
			}
			granted, perhaps := false, false
			for right := range e.Rights() {
				if right.Data == q.data {
					m := min(matchesAny(right.Actions, q.action), 2-matchesAny(right.Except, q.action))
					granted = granted || right.Open == "" && m == 2
					perhaps = perhaps || m > 0
				}
			}
			d := a.Decide(q.subject, q.request())
			count[d]++
			switch d {
			case rbacsim.Allowed:
				inVault := strings.Contains(q.at, "/vaults/") // where rights tell nothing apart
				require.True(t, granted || inVault && perhaps, "%v", q)
			case rbacsim.Denied:
				require.False(t, granted || perhaps, "%v", q)
			case rbacsim.Undecided:
				require.False(t, granted, "%v", q)
			}
		}
	}
	require.Greater(t, count[rbacsim.Allowed], 100)
	require.Greater(t, count[rbacsim.Denied], 100)
}

// What Within finds replays; where it finds nothing, no question finds anything.
func TestLeastPrivilegeIsWhatQuestionsShow(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 6))
	count := map[string]int{}
	for range 500 {
		w := randomWorld(r)
		a := w.compile()
		id := pick(r, randomUsers)
		s, err := a.SubjectOf(identity.NewUser(id))
		require.NoError(t, err)
		var meant []azure.Allowance
		for range r.IntN(4) {
			meant = append(meant, azure.Allowance{Actions: some(r, randomPatterns, 3), Data: oneIn(r, 2), Scope: azure.MustParseScope(pick(r, randomScopes))})
		}
		p := a.Within(s, meant)
		count[p.Decision.String()]++
		for d := range p.Differences() {
			count[d.Kind.String()]++
			if d.Witness.Action == "" || d.Witness.Scope.IsZero() {
				continue
			}
			require.Equal(t, d.Decision, a.Decide(s, d.Witness), "%s", d)
			isMeant := slices.ContainsFunc(meant, func(m azure.Allowance) bool {
				return m.Data == d.Witness.Data && m.Scope.Covers(d.Witness.Scope) && matchesOne(m.Actions, d.Witness.Action)
			})
			if d.Kind == azure.Missing {
				require.NotEqual(t, rbacsim.Allowed, d.Decision, "%s", d)
				require.True(t, isMeant, "%s", d)
			} else {
				require.NotEqual(t, rbacsim.Denied, d.Decision, "%s", d)
				require.False(t, isMeant, "%s", d)
			}
		}
		if p.Decision != rbacsim.Allowed {
			continue
		}
		for range 20 {
			q := azure.Request{Action: pick(r, randomActions), Data: oneIn(r, 2), Scope: azure.MustParseScope(pick(r, randomScopes))}
			isMeant := slices.ContainsFunc(meant, func(m azure.Allowance) bool {
				return m.Data == q.Data && a.Covers(m.Scope, q.Scope) == rbacsim.Allowed && matchesOne(m.Actions, q.Action)
			})
			d := a.Decide(s, q)
			require.True(t, isMeant || d != rbacsim.Allowed, "%v is not meant", q)
			require.True(t, !isMeant || d == rbacsim.Allowed, "%v is meant", q)
		}
	}
	for _, kind := range []string{"allowed", "denied", "undecided", "scope too wide", "never needed", "missing"} {
		require.NotZero(t, count[kind], "%s: %v", kind, count)
	}
}

// Without the assignments that are spare, all of them, everybody may do the same.
func TestSpareAssignmentsCanGo(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 7))
	gone := map[azure.SpareKind]int{}
	for range 600 {
		w := randomWorld(r)
		for range 3 {
			w.randomAssignment(r, pick(r, []string{"role-a", "role-b"}))
		}
		c := w.Cluster()
		a := azure.New(c)
		var refs []model.Ref
		for s := range a.Spares() {
			if s.Kind == azure.Redundant || s.Kind == azure.Idle {
				refs = append(refs, s.Assignment.Assignment)
				gone[s.Kind]++
			}
			if s.Kind == azure.Redundant {
				require.NotEmpty(t, s.By)
			}
		}
		if len(refs) == 0 {
			continue
		}
		less, err := c.Without(refs...)
		require.NoError(t, err)
		b := azure.New(less)
		for _, q := range randomQuestions(r, a, 12) {
			require.Equal(t, a.Decide(q.subject, q.request()), b.Decide(q.subject, q.request()), "%v without %v\n%s", q, refs, dump(c))
		}
	}
	require.Greater(t, gone[azure.Redundant], 50)
	require.NotZero(t, gone[azure.Idle])
}
