package labelspace_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/aksim/aksim/internal/labelspace"
)

var (
	keys   = []string{"app", "env", "tier"}
	values = []string{"", "a", "b", "c"}
)

// universe is every label set over keys whose values are mentioned ones, one
// that nobody mentions, or absent: enough to tell any two boxes apart.
func universe() (all []labels.Set) {
	choices := append([]string{"unmentioned", "absent"}, values...)
	var rec func(i int, at labels.Set)
	rec = func(i int, at labels.Set) {
		if i == len(keys) {
			all = append(all, labels.Merge(at, nil))
			return
		}
		for _, v := range choices {
			if v == "absent" {
				delete(at, keys[i])
			} else {
				at[keys[i]] = v
			}
			rec(i+1, at)
		}
		delete(at, keys[i])
	}
	rec(0, labels.Set{})
	return all
}

func randomSelector(rng *rand.Rand) *metav1.LabelSelector {
	s := &metav1.LabelSelector{}
	for range rng.IntN(3) {
		if s.MatchLabels == nil {
			s.MatchLabels = map[string]string{}
		}
		s.MatchLabels[keys[rng.IntN(len(keys))]] = values[rng.IntN(len(values))]
	}
	ops := []metav1.LabelSelectorOperator{metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn, metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist}
	for range rng.IntN(3) {
		r := metav1.LabelSelectorRequirement{Key: keys[rng.IntN(len(keys))], Operator: ops[rng.IntN(len(ops))]}
		if r.Operator == metav1.LabelSelectorOpIn || r.Operator == metav1.LabelSelectorOpNotIn {
			for range 1 + rng.IntN(2) {
				r.Values = append(r.Values, values[rng.IntN(len(values))])
			}
		}
		s.MatchExpressions = append(s.MatchExpressions, r)
	}
	return s
}

// A box matches what apimachinery's selector matches, and the box algebra is
// set algebra on the matched label sets.
func TestAgainstApimachinery(t *testing.T) {
	all := universe()
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		s1, s2 := randomSelector(rng), randomSelector(rng)
		m1, err := metav1.LabelSelectorAsSelector(s1)
		require.NoError(t, err)
		m2, err := metav1.LabelSelectorAsSelector(s2)
		require.NoError(t, err)
		b1, b2 := labelspace.FromSelector(s1), labelspace.FromSelector(s2)
		minus := b1.Minus(b2)
		subset, nonempty := true, false
		for _, l := range all {
			in1, in2 := m1.Matches(l), m2.Matches(l)
			require.Equal(t, in1, b1.Matches(l), "%v against %v", s1, l)
			require.Equal(t, in1 && in2, b1.Intersect(b2).Matches(l))
			parts := 0
			for _, m := range minus {
				if m.Matches(l) {
					parts++
				}
			}
			require.Equal(t, in1 && !in2, parts == 1, "%v minus %v at %v: in %d parts", b1, b2, l, parts)
			subset = subset && (!in1 || in2)
			nonempty = nonempty || in1
		}
		require.Equal(t, subset, b1.SubsetOf(b2), "%v within %v", b1, b2)
		require.Equal(t, !nonempty, b1.IsEmpty(), "%v", b1)
		if nonempty {
			require.True(t, b1.Matches(b1.Witness()), "%v: %v", b1, b1.Witness())
		}
	}
}

// Gap finds what a list of boxes leaves out exactly when it leaves something.
func TestGap(t *testing.T) {
	all := universe()
	rng := rand.New(rand.NewPCG(5, 6))
	gaps := 0
	for range 300 {
		var boxes []labelspace.Box
		for range rng.IntN(5) {
			boxes = append(boxes, labelspace.FromSelector(randomSelector(rng)))
		}
		space := labelspace.FromSelector(randomSelector(rng))
		covered := func(l labels.Set) bool {
			for _, b := range boxes {
				if b.Matches(l) {
					return true
				}
			}
			return false
		}
		want := false
		for _, l := range all {
			want = want || space.Matches(l) && !covered(l)
		}
		gap, got := labelspace.Gap(space, boxes)
		require.Equal(t, want, got, "%v in %v", boxes, space)
		if got {
			gaps++
			require.True(t, space.Matches(gap.Witness()))
			require.False(t, covered(gap.Witness()))
		}
	}
	assert.Greater(t, gaps, 50)
}

// Cells yields one witness for each combination of selectors that some label
// set satisfies, and no other.
func TestCells(t *testing.T) {
	all := universe()
	rng := rand.New(rand.NewPCG(7, 8))
	for range 200 {
		var boxes []labelspace.Box
		for range rng.IntN(5) {
			boxes = append(boxes, labelspace.FromSelector(randomSelector(rng)))
		}
		signature := func(l map[string]string) string {
			s := ""
			for _, b := range boxes {
				s += fmt.Sprint(b.Matches(l))
			}
			return s
		}
		want := map[string]bool{}
		for _, l := range all {
			want[signature(l)] = true
		}
		got := map[string]bool{}
		for cell, matched := range labelspace.Cells(labelspace.Everything(), boxes, 1e6) {
			require.NotNil(t, matched)
			s := ""
			for _, m := range matched {
				s += fmt.Sprint(m)
			}
			require.False(t, got[s], "twice: %s", s)
			got[s] = true
			require.Equal(t, s, signature(cell.Witness()), "%v", cell)
		}
		require.Equal(t, want, got)
	}
}

func TestCellsLimit(t *testing.T) {
	var boxes []labelspace.Box
	for i := range 30 {
		boxes = append(boxes, labelspace.Everything().Where(fmt.Sprint("key-", i), labelspace.Present()))
	}
	last := []bool{true}
	for _, matched := range labelspace.Cells(labelspace.Everything(), boxes, 1000) {
		last = matched
	}
	assert.Nil(t, last, "an iteration that was cut short says so")
	for range labelspace.Cells(labelspace.Everything(), boxes, 1000) {
		break // stopping early is no error
	}
}

func TestExactly(t *testing.T) {
	b := labelspace.Exactly(map[string]string{"app": "a", "x": "y"}, func(yield func(string) bool) { _ = yield("app") && yield("env") })
	assert.True(t, b.Matches(map[string]string{"app": "a", "tier": "t"}))
	assert.False(t, b.Matches(map[string]string{"app": "a", "env": ""}))
	assert.Equal(t, "app=a,!env", b.String())
}

func TestString(t *testing.T) {
	b := labelspace.FromSelector(&metav1.LabelSelector{
		MatchLabels: map[string]string{"app": "web"},
		MatchExpressions: []metav1.LabelSelectorRequirement{
			{Key: "env", Operator: metav1.LabelSelectorOpNotIn, Values: []string{"dev", "test"}},
			{Key: "tier", Operator: metav1.LabelSelectorOpExists},
			{Key: "x", Operator: metav1.LabelSelectorOpDoesNotExist},
			{Key: "zone", Operator: metav1.LabelSelectorOpIn, Values: []string{"b", "a"}},
		},
	})
	assert.Equal(t, "app=web,env notin (dev,test),tier,!x,zone in (a,b)", b.String())
	assert.Equal(t, "<nothing>", b.Where("app", labelspace.In("db")).String())
	assert.Equal(t, "", labelspace.Everything().String())
}
