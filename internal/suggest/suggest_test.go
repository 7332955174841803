package suggest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/aksim/aksim/internal/suggest"
)

func TestClause(t *testing.T) {
	known := []string{"from", "ports", "podSelector", "namespaceSelector", "api", "apo"}
	for _, tc := range []struct{ name, want string }{
		{"From", ` (did you mean "from"?)`},
		{"podSelectr", ` (did you mean "podSelector"?)`},
		{"port", ` (did you mean "ports"?)`},
		{"apa", ` (did you mean "api" or "apo"?)`},
		{"zzzz", ""},
		{"", ""},
	} {
		assert.Equal(t, tc.want, suggest.Clause(tc.name, known), tc.name)
	}
	assert.Empty(t, suggest.Clause("x", nil))
}
