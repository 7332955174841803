package rbacsim_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/corpus"
	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/rbacsim"
)

const moduleRoot = "../.."

// runCorpus runs the harness of the file on all scenarios that have it.
func runCorpus(t *testing.T, file string, run func(t *testing.T, s *corpus.Scenario, a *rbacsim.Authorizer)) {
	t.Helper()
	corpus.Run(t, moduleRoot, file, func(t *testing.T, s *corpus.Scenario) {
		var loader manifest.Loader
		for _, line := range s.Lines("options") {
			version, ok := strings.CutPrefix(line, "--kube-version=")
			require.True(t, ok, "unknown option %s", line)
			var err error
			loader.KubeVersion, err = model.ParseKubeVersion(version)
			require.NoError(t, err)
		}
		c := new(model.Builder).Cluster()
		if len(s.Included) > 0 {
			included, err := loader.LoadFS(s.Included, "*")
			require.NoError(t, err)
			c = included
		}
		if len(s.Input) > 0 {
			own, err := loader.LoadFS(s.Input, "*")
			require.NoError(t, err)
			c = c.With(own)
		}
		run(t, s, rbacsim.New(c, rbacsim.WithKubeVersion(kubeVersion(loader))))
	})
}

func kubeVersion(l manifest.Loader) model.KubeVersion {
	if l.KubeVersion == (model.KubeVersion{}) {
		return model.NewestKubeVersion()
	}
	return l.KubeVersion
}

// The file can-i states answers, one a line:
//
//	WHO: VERB RESOURCE[.GROUP][/SUBRESOURCE] [NAME] [in NAMESPACE] = DECISION
//	WHO: VERB /PATH = DECISION
//	WHO: METHOD /PATH?QUERY = DECISION
//
// WHO is a principal, who has the groups that Kubernetes gives it and those that
// follow, or "review" and a user with exactly the groups that follow. A word in
// quotes is taken as it is. Where a real request ends otherwise, ", really DECISION"
// follows; "; error TEXT" is what the server says beside a no.
func TestCorpusCanI(t *testing.T) {
	runCorpus(t, "can-i", func(t *testing.T, s *corpus.Scenario, a *rbacsim.Authorizer) {
		naive := newNaive(t, a.Cluster())
		for _, line := range s.Lines("can-i") {
			v, want := ask(t, a, line)
			want, wantError, _ := strings.Cut(want, "; error ")
			wantDecision, wantReally, differs := strings.Cut(want, ", really ")
			if !differs {
				wantReally = wantDecision
			}
			assert.Equal(t, wantDecision, v.Decision.String(), "%s\n%s", line, v.Explain())
			assert.Equal(t, wantReally, v.Effective.String(), "really: %s\n%s", line, v.Explain())
			assert.Equal(t, wantError, v.EvaluationError(), line)
			if v.Decision != rbacsim.Undecided {
				assert.Equal(t, wantDecision == "allowed", naive.allows(v.Subject(), v.Request()), "naive: %s", line)
			}
		}
	})
}

// ask puts the question of a line, and returns the answer and what is wanted.
func ask(t *testing.T, a *rbacsim.Authorizer, line string) (v rbacsim.Verdict, want string) {
	t.Helper()
	question, want, _ := strings.Cut(line, " = ")
	who, what, ok := strings.Cut(question, ": ")
	require.True(t, ok, "%s: want WHO: WHAT", line)
	v, err := a.Check(parseSubject(t, who), parseRequest(t, what))
	require.NoError(t, err, line)
	return v, want
}

func parseSubject(t *testing.T, text string) rbacsim.Subject {
	t.Helper()
	words := splitWords(t, text)
	if words[0].text == "review" {
		return rbacsim.Review(words[1].text, plain(words[2:])...)
	}
	p, err := identity.Parse(words[0].text)
	require.NoError(t, err)
	return rbacsim.As(p, plain(words[1:])...)
}

func parseRequest(t *testing.T, text string) rbacsim.Request {
	t.Helper()
	words := splitWords(t, text)
	verb, what := words[0].text, words[1]
	if !words[0].quoted && strings.HasPrefix(what.text, "/") && strings.ToUpper(verb) == verb && verb != "*" {
		r, err := rbacsim.HTTP(verb, what.text)
		require.NoError(t, err, text)
		return r
	}
	if strings.HasPrefix(what.text, "/") || len(words) == 3 && words[2].text == "url" {
		return rbacsim.URL(verb, what.text)
	}
	r := rbacsim.Request{Verb: verb, Resource: what.text}
	if !what.quoted {
		r.Resource, r.Subresource, _ = strings.Cut(what.text, "/")
		r.Resource, r.Group, _ = strings.Cut(r.Resource, ".")
		if sub, group, ok := strings.Cut(r.Subresource, "."); ok {
			r.Subresource, r.Group = sub, group
		}
	}
	rest := plain(words[2:])
	if n := len(rest); n >= 2 && rest[n-2] == "in" {
		r.Namespace, rest = rest[n-1], rest[:n-2]
	}
	if len(rest) > 0 {
		r.Name, rest = rest[0], rest[1:]
	}
	require.Empty(t, rest, text)
	return r
}

type word struct {
	text   string
	quoted bool
}

func splitWords(t *testing.T, text string) []word {
	t.Helper()
	var words []word
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		if text[0] == '"' {
			prefix, err := strconv.QuotedPrefix(text)
			require.NoError(t, err, text)
			unquoted, err := strconv.Unquote(prefix)
			require.NoError(t, err, text)
			words, text = append(words, word{unquoted, true}), text[len(prefix):]
			continue
		}
		w, rest, _ := strings.Cut(text, " ")
		words, text = append(words, word{w, false}), rest
	}
	return words
}

func plain(words []word) []string {
	var list []string
	for _, w := range words {
		list = append(list, w.text)
	}
	return list
}

// The file can-i-explain holds the full grounds of answers, each after a line
// "? WHO: WHAT".
func TestCorpusCanIExplain(t *testing.T) {
	runCorpus(t, "can-i-explain", func(t *testing.T, s *corpus.Scenario, a *rbacsim.Authorizer) {
		var out strings.Builder
		for _, line := range s.Lines("can-i-explain") {
			if question, ok := strings.CutPrefix(line, "? "); ok {
				v, _ := ask(t, a, question)
				fmt.Fprintf(&out, "? %s\n%s\n\n", question, v.Explain())
			}
		}
		s.Golden(t, "can-i-explain", strings.TrimSuffix(out.String(), "\n"))
	})
}

// The file who-can states who may do something, one question a line:
//
//	VERB RESOURCE … = PRINCIPAL, PRINCIPAL
//	VERB RESOURCE … = none
func TestCorpusWhoCan(t *testing.T) {
	runCorpus(t, "who-can", func(t *testing.T, s *corpus.Scenario, a *rbacsim.Authorizer) {
		for _, line := range s.Lines("who-can") {
			question, want, ok := strings.Cut(line, " = ")
			require.True(t, ok, line)
			var got []string
			for h := range a.WhoCan(parseRequest(t, question)).All() {
				name := h.Principal.String()
				if h.Decision == rbacsim.Undecided {
					name = "perhaps " + name
				}
				got = append(got, name)
				assert.NotEmpty(t, slices.Collect(h.Grants()), line)
			}
			if len(got) == 0 {
				got = []string{"none"}
			}
			assert.Equal(t, want, strings.Join(got, ", "), line)
		}
	})
}

// The file roles holds the rules in force of roles, each after a line "? KIND NAME".
func TestCorpusRoles(t *testing.T) {
	runCorpus(t, "roles", func(t *testing.T, s *corpus.Scenario, a *rbacsim.Authorizer) {
		var out strings.Builder
		for _, line := range s.Lines("roles") {
			name, ok := strings.CutPrefix(line, "? ")
			if !ok {
				continue
			}
			kind, qualified, _ := strings.Cut(name, " ")
			ref := model.Ref{Kind: kind, Name: qualified}
			if kind == "Role" {
				ref.Namespace, ref.Name, _ = strings.Cut(qualified, "/")
			}
			fmt.Fprintf(&out, "? %s\n", name)
			rules, err := a.RoleRules(ref)
			if err != nil {
				fmt.Fprintf(&out, "error: %v\n\n", err)
				continue
			}
			for access := range rules {
				p := access.Policy
				fmt.Fprintf(&out, "%s %s", strings.Join(p.Verbs, ","), strings.Join(append(p.Resources, p.NonResourceURLs...), ","))
				fmt.Fprintf(&out, "    %s\n", access.Source())
			}
			out.WriteString("\n")
		}
		s.Golden(t, "roles", strings.TrimSuffix(out.String(), "\n"))
	})
}
