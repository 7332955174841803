package netsim_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/corpus"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/netsim"
)

const moduleRoot = "../.."

func loadScenario(t *testing.T, s *corpus.Scenario) *model.Cluster {
	t.Helper()
	c, err := manifest.LoadFS(s.Input, "*")
	require.NoError(t, err)
	return c
}

// The file flows states single answers, one a line:
//
//	FROM -> TO:PORT[/PROTOCOL] = allowed|denied|undecided|mixed
//	FROM -> TO:PORT = error: part of the message
//
// A line "options: --pod-cidr=10.0.0.0/16" before them sets options.
func TestCorpusFlows(t *testing.T) {
	corpus.Run(t, moduleRoot, "flows", func(t *testing.T, s *corpus.Scenario) {
		n := netsim.New(loadScenario(t, s), optionsOf(t, s)...)
		for _, line := range s.Lines("flows") {
			text, want, ok := strings.Cut(line, " = ")
			if !ok {
				continue // options
			}
			f, err := netsim.ParseFlow(text)
			require.NoError(t, err)
			v, err := n.Check(f)
			if message, ok := strings.CutPrefix(want, "error: "); ok {
				assert.ErrorContains(t, err, message, line)
				continue
			}
			require.NoError(t, err, line)
			assert.Equal(t, want, v.Decision.String(), "%s\n%s", line, v.Explain())
		}
	})
}

// The file sets states exact sets of ports, one pair a line:
//
//	FROM -> TO = TCP 80, 443; UDP 53
func TestCorpusSets(t *testing.T) {
	corpus.Run(t, moduleRoot, "sets", func(t *testing.T, s *corpus.Scenario) {
		n := netsim.New(loadScenario(t, s), optionsOf(t, s)...)
		for _, line := range s.Lines("sets") {
			text, want, ok := strings.Cut(line, " = ")
			if !ok {
				continue
			}
			f, err := netsim.ParseFlow(text)
			require.NoError(t, err)
			edges, err := n.Between(f.From, f.To)
			require.NoError(t, err)
			var got []string
			for e := range edges {
				text := e.Reach.String()
				if e.Secondary != nil {
					text += " (secondary: " + e.Secondary.String() + ")"
				}
				got = append(got, text)
			}
			assert.Equal(t, want, strings.Join(got, " | "), line)
		}
	})
}

// The file explain holds the full grounds of flows, each after a line "? FLOW".
func TestCorpusExplain(t *testing.T) {
	corpus.Run(t, moduleRoot, "explain", func(t *testing.T, s *corpus.Scenario) {
		n := netsim.New(loadScenario(t, s), optionsOf(t, s)...)
		var out strings.Builder
		for _, line := range s.Lines("explain") {
			if strings.HasPrefix(line, "options:") {
				out.WriteString(line + "\n")
			}
			text, ok := strings.CutPrefix(line, "? ")
			if !ok {
				continue
			}
			v, err := n.Check(netsim.MustParseFlow(text))
			require.NoError(t, err)
			fmt.Fprintf(&out, "? %s\n%s\n\n", text, v.Explain())
		}
		s.Golden(t, "explain", strings.TrimSuffix(out.String(), "\n"))
	})
}

// The file lint holds what Lint and the loader find.
func TestCorpusLint(t *testing.T) {
	corpus.Run(t, moduleRoot, "lint", func(t *testing.T, s *corpus.Scenario) {
		c := loadScenario(t, s)
		found := slices.AppendSeq(slices.Collect(c.Findings()), netsim.New(c).Lint())
		slices.SortStableFunc(found, model.Finding.Compare)
		var out strings.Builder
		for _, f := range found {
			fmt.Fprintf(&out, "%s [%s]\n", f, f.Rule)
		}
		s.Golden(t, "lint", out.String())
	})
}

// The file proofs holds claims, each after a line "? CLAIM":
//
//	? default-deny NAMESPACE ingress|egress
//	? only-into TARGET: FLOW, FLOW
//	? isolated FROM -> TO
func TestCorpusProofs(t *testing.T) {
	corpus.Run(t, moduleRoot, "proofs", func(t *testing.T, s *corpus.Scenario) {
		c := loadScenario(t, s)
		n := netsim.New(c, optionsOf(t, s)...)
		var out strings.Builder
		for _, line := range s.Lines("proofs") {
			claim, ok := strings.CutPrefix(line, "? ")
			if !ok {
				continue
			}
			p := prove(t, n, claim)
			checkOutcome(t, c, nil, p)
			fmt.Fprintf(&out, "? %s\n%s\n\n", claim, p)
		}
		s.Golden(t, "proofs", strings.TrimSuffix(out.String(), "\n"))
	})
}

func prove(t *testing.T, n *netsim.Network, claim string) netsim.Proof {
	t.Helper()
	verb, rest, _ := strings.Cut(claim, " ")
	var p netsim.Proof
	var err error
	switch verb {
	case "default-deny":
		ns, dir, _ := strings.Cut(rest, " ")
		d := netsim.Ingress
		if dir == "egress" {
			d = netsim.Egress
		}
		p, err = n.DefaultDeny(ns, d)
	case "only-into":
		target, list, _ := strings.Cut(rest, ": ")
		e, parseErr := netsim.ParseEndpoint(target)
		require.NoError(t, parseErr)
		var flows []netsim.Flow
		for text := range strings.SplitSeq(list, ", ") {
			if text != "" {
				flows = append(flows, netsim.MustParseFlow(text))
			}
		}
		p, err = n.OnlyInto(e, flows...)
	case "isolated":
		f := netsim.MustParseFlow(rest)
		p, err = n.Isolated(f.From, f.To)
	default:
		t.Fatalf("unknown claim %q", claim)
	}
	require.NoError(t, err)
	return p
}

// optionsOf reads the line "options: --pod-cidr=…" of a scenario's files.
func optionsOf(t *testing.T, s *corpus.Scenario) []netsim.Option {
	t.Helper()
	var opts []netsim.Option
	for _, file := range []string{"flows", "sets", "explain"} {
		for _, line := range s.Lines(file) {
			if list, ok := strings.CutPrefix(line, "options: --pod-cidr="); ok {
				opts = append(opts, netsim.WithPodCIDRs(prefixes(t, list)...))
			}
		}
	}
	return opts
}

// The file expect states the relation between all pods in the manner of the
// upstream end-to-end tests: everything is allowed but for what the lines say,
// of which the last that matches counts.
//
//	FROM -> TO[:PORT][/PROTOCOL] allowed|denied
//
// FROM and TO are shell patterns over namespace/pod. Asked are the ports and
// protocols of the line "ports: 80/TCP 81/TCP". Traffic of a pod to itself is
// left out. The single answers of the engine, its relation of all pods and the
// naive evaluator are all held to it.
func TestCorpusExpect(t *testing.T) {
	corpus.Run(t, moduleRoot, "expect", func(t *testing.T, s *corpus.Scenario) {
		c := loadScenario(t, s)
		n := netsim.New(c)
		naive := newNaive(c, nil)
		relation := map[[2]string]netsim.Ports{}
		for e := range n.All() {
			relation[[2]string{e.From.String(), e.To.String()}] = e.Ports
		}
		rules, ports := expectations(t, s)
		for _, p := range naive.pods {
			for _, q := range naive.pods {
				if p == q {
					continue
				}
				for _, at := range ports {
					want := expected(t, rules, p.name, q.name, at)
					flow := netsim.MustParseFlow(p.name + " -> " + q.name + ":" + at)
					v, err := n.Check(flow)
					require.NoError(t, err)
					assert.Equal(t, want, v.Decision, "%s\n%s", flow, v.Explain())
					assert.Equal(t, want == netsim.Allowed, relation[[2]string{p.name, q.name}].Contains(flow.Protocol, flow.Port), "in All: %s", flow)
					v6, _ := flowFamily(naiveEnd{pod: p}, naiveEnd{pod: q})
					assert.Equal(t, want, naive.decide(naiveEnd{pod: p}, naiveEnd{pod: q}, v6, false, flow.Protocol.String(), int32(flow.Port)), "naive: %s", flow)
				}
			}
		}
	})
}

type expectation struct {
	from, to, port, protocol string
	want                     netsim.Decision
}

func expectations(t *testing.T, s *corpus.Scenario) (rules []expectation, ports []string) {
	t.Helper()
	for _, line := range s.Lines("expect") {
		if list, ok := strings.CutPrefix(line, "ports: "); ok {
			ports = strings.Fields(list)
			continue
		}
		words := strings.Fields(line)
		require.Len(t, words, 4, line)
		require.Equal(t, "->", words[1], line)
		e := expectation{from: words[0], want: netsim.Denied}
		to, port, hasPort := strings.Cut(words[2], ":")
		e.to = to
		if hasPort {
			e.port, e.protocol, _ = strings.Cut(port, "/")
		}
		if words[3] == "allowed" {
			e.want = netsim.Allowed
		} else {
			require.Equal(t, "denied", words[3], line)
		}
		rules = append(rules, e)
	}
	require.NotEmpty(t, ports)
	return rules, ports
}

func expected(t *testing.T, rules []expectation, from, to, at string) netsim.Decision {
	t.Helper()
	port, protocol, _ := strings.Cut(at, "/")
	want := netsim.Allowed
	for _, r := range rules {
		fits := (r.port == "" || r.port == "*" || r.port == port) && (r.protocol == "" || r.protocol == protocol)
		for pattern, name := range map[string]string{r.from: from, r.to: to} {
			if pattern == "*" {
				continue
			}
			ok, err := path.Match(pattern, name)
			require.NoError(t, err)
			fits = fits && ok
		}
		if fits {
			want = r.want
		}
	}
	return want
}
