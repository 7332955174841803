package azure_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/corpus"
	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

func runCorpus(t *testing.T, file string, run func(t *testing.T, s *corpus.Scenario, c *model.Cluster)) {
	t.Helper()
	corpus.Run(t, "../../..", file, func(t *testing.T, s *corpus.Scenario) {
		c, err := manifest.LoadFS(s.Input, "*")
		require.NoError(t, err)
		run(t, s, c)
	})
}

// The file azure states answers about actions, one a line:
//
//	WHO: [data] ACTION at SCOPE = DECISION
func TestCorpusAzure(t *testing.T) {
	runCorpus(t, "azure", func(t *testing.T, s *corpus.Scenario, c *model.Cluster) {
		a := azure.New(c)
		for _, line := range s.Lines("azure") {
			who, rest, ok := strings.Cut(line, ": ")
			require.True(t, ok, line)
			rest, want, ok := strings.Cut(rest, " = ")
			require.True(t, ok, line)
			action, at, ok := strings.Cut(rest, " at ")
			require.True(t, ok, line)
			subject, err := a.SubjectOf(identity.MustParse(who))
			require.NoError(t, err, line)
			r := azure.Request{Scope: azure.MustParseScope(at)}
			r.Action, r.Data = strings.CutPrefix(action, "data ")
			v, err := a.Check(subject, r)
			require.NoError(t, err, line)
			assert.Equal(t, want, v.Decision.String(), "%s\n%s", line, v.Explain())
		}
	})
}

// The file aks states answers of an AKS cluster, one a line:
//
//	WHO: VERB RESOURCE[.GROUP][/SUBRESOURCE] [in NAMESPACE] = DECISION [by SIDE]
//	WHO: VERB /PATH = DECISION [by SIDE]
func TestCorpusAKS(t *testing.T) {
	runCorpus(t, "aks", func(t *testing.T, s *corpus.Scenario, c *model.Cluster) {
		k := azure.NewKubernetes(rbacsim.New(c), azure.New(c))
		for _, line := range s.Lines("aks") {
			who, rest, ok := strings.Cut(line, ": ")
			require.True(t, ok, line)
			rest, want, ok := strings.Cut(rest, " = ")
			require.True(t, ok, line)
			subject, err := k.As(identity.MustParse(who))
			require.NoError(t, err, line)
			v, err := k.Check(subject, corpusRequest(rest))
			require.NoError(t, err, line)
			got := v.Decision.String()
			if v.Decision == rbacsim.Allowed {
				got += " by " + v.By.String()
			}
			assert.Equal(t, want, got, "%s\n%s", line, v.Explain())
		}
	})
}

func corpusRequest(text string) rbacsim.Request {
	verb, what, _ := strings.Cut(text, " ")
	if strings.HasPrefix(what, "/") {
		return rbacsim.URL(verb, what)
	}
	r := rbacsim.Request{Verb: verb}
	what, r.Namespace, _ = strings.Cut(what, " in ")
	what, r.Subresource, _ = strings.Cut(what, "/")
	r.Resource, r.Group, _ = strings.Cut(what, ".")
	return r
}

// The file whoami is what WhoAmI says of every pod, with what its identity may do.
func TestCorpusWhoAmI(t *testing.T) {
	runCorpus(t, "whoami", func(t *testing.T, s *corpus.Scenario, c *model.Cluster) {
		g, a := identity.NewGraph(c), azure.New(c)
		var b strings.Builder
		for p := range c.Pods() {
			trace, err := g.WhoAmI(p.Namespace + "/" + p.Name)
			require.NoError(t, err)
			for i, chain := range trace.Chains {
				trace.Chains[i] = a.Access(chain)
			}
			b.WriteString(trace.String() + "\n")
		}
		s.Golden(t, "whoami", b.String())
	})
}
