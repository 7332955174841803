package abac_test

import (
	"testing"

	"github.com/aksim/aksim/internal/abac"
)

func BenchmarkCondition(b *testing.B) {
	const text = "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (@Request[" + roleID + "] ForAnyOfAnyValues:GuidEquals{" +
		reader + ", " + contributor + ", " + owner + "})) AND ((!(ActionMatches{'Microsoft.Authorization/roleAssignments/delete'})) OR (@Resource[" +
		roleID + "] ForAnyOfAnyValues:GuidEquals{" + reader + "}))"
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := abac.Parse(text); err != nil {
				b.Fatal(err)
			}
		}
	})
	c, err := abac.Parse(text)
	if err != nil {
		b.Fatal(err)
	}
	value := abac.Text(owner)
	in := abac.Input{Action: roleAssignments + "write", Attribute: func(string, string) (abac.Value, abac.Presence) { return value, abac.Present }}
	b.Run("eval", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c.Eval(in)
		}
	})
}
