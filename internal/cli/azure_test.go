package cli

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

func examplePlaces(t *testing.T) places {
	t.Helper()
	c, err := manifest.Load("../../examples/prod")
	require.NoError(t, err)
	return placesOf(c)
}

// A short name is read as the scope that it is short for, whatever that is.
func TestShortNamesOfScopes(t *testing.T) {
	p := examplePlaces(t)
	shortened := 0
	for _, s := range p {
		text := p.short(s)
		again, err := p.parse(text)
		require.NoError(t, err, text)
		assert.Equal(t, s, again, text)
		assert.Empty(t, p.doubt(s), text)
		if !strings.HasPrefix(text, "/") {
			shortened++
		}
	}
	assert.Greater(t, shortened, len(p)/2)
}

func TestScopesAsTheyAreAsked(t *testing.T) {
	p := examplePlaces(t)
	const group = "/subscriptions/2af65101-27a1-40e7-a830-83f75c08b342/resourceGroups/rg-prod"
	for _, tt := range []struct{ text, want, doubt, err string }{
		{text: "kv-contoso-prod", want: group + "/providers/Microsoft.KeyVault/vaults/kv-contoso-prod"},
		{text: "KV-contoso-prod/secrets/x", want: group + "/providers/Microsoft.KeyVault/vaults/kv-contoso-prod/secrets/x"},
		{text: group, want: group},
		{text: "/", want: "/"},
		{text: strings.Replace(group, "rg-prod", "rg-pord", 1), want: strings.Replace(group, "rg-prod", "rg-pord", 1), doubt: `did you mean "rg-prod" for "rg-pord"?`},
		{text: group + "0", want: group + "0", doubt: "nothing in the input is at"},
		{text: "kv-contoso-prd", err: `did you mean "kv-contoso-prod"?`},
		{text: "to-log-analytics", err: "may be any of these"},
		{text: "nothing-like-it", err: "is neither an id"},
		{text: "kv-contoso-prod/secrets", err: "the name after secrets is missing"},
	} {
		s, err := p.parse(tt.text)
		if tt.err != "" {
			assert.ErrorContains(t, err, tt.err, tt.text)
			continue
		}
		require.NoError(t, err, tt.text)
		assert.Equal(t, tt.want, s.String(), tt.text)
		if tt.doubt == "" {
			assert.Empty(t, p.doubt(s), tt.text)
		} else {
			assert.Contains(t, p.doubt(s), tt.doubt, tt.text)
		}
	}
}

func TestShortenTextLeavesTheRest(t *testing.T) {
	p := examplePlaces(t)
	vault := azure.MustParseScope("/subscriptions/2af65101-27a1-40e7-a830-83f75c08b342/resourceGroups/rg-prod/providers/Microsoft.KeyVault/vaults/kv-contoso-prod")
	assert.Equal(t, "at kv-contoso-prod: allowed  (a.json:1)", p.shorten("at "+vault.String()+": allowed  (a.json:1)"))
	assert.Equal(t, "at /subscriptions/x/resourceGroups/y, and /", p.shorten("at /subscriptions/x/resourceGroups/y, and /"))
}

// Lines get no wider than they may, lose no word, and stay as they are if they fit.
func TestWrapLine(t *testing.T) {
	for _, line := range []string{
		"", "short", "    indented, and short", strings.Repeat("x", 300), "    " + strings.Repeat("word ", 60) + "end  (file.yaml:7)",
		"        title: " + strings.Repeat("y", 120) + "  (file.yaml:7)", strings.Repeat("ä ", 70),
	} {
		got := wrapLine(line)
		assert.Equal(t, strings.Fields(line), strings.Fields(got))
		if utf8.RuneCountInString(line) <= width {
			assert.Equal(t, line, got)
		}
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		for part := range strings.SplitSeq(got, "\n") {
			assert.True(t, strings.HasPrefix(part, indent), part)
			if len(strings.Fields(part)) > 2 {
				assert.LessOrEqual(t, utf8.RuneCountInString(part), width, part)
			}
		}
	}
}

// An action of Azure is told from a request for the API server by its form.
func TestIsAction(t *testing.T) {
	for _, tt := range []struct {
		args  []string
		scope string
		want  bool
	}{
		{args: []string{"Microsoft.KeyVault/vaults/read"}, want: true},
		{args: []string{"microsoft.keyvault/vaults/read"}, want: true},
		{args: []string{"Dynatrace.Observability/monitors/read"}, scope: "/", want: true},
		{args: []string{"Dynatrace.Observability/monitors/read"}},
		{args: []string{"deployments.apps/web"}},
		{args: []string{"get", "Microsoft.KeyVault/vaults/read"}},
		{args: []string{"get"}}, {args: []string{"/metrics"}}, {},
	} {
		q := azureQuestion{at: tt.scope}
		assert.Equal(t, tt.want, q.isAction(tt.args), tt.args)
	}
}
