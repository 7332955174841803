package netsim_test

import (
	"fmt"
	"iter"
	"net/netip"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/corpus"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/netsim"
)

const moduleRoot = "../.."

// scenario is a corpus scenario with its options read.
type scenario struct {
	*corpus.Scenario
	loader   manifest.Loader
	podCIDRs []netip.Prefix
}

// runCorpus runs the harness of the file on all scenarios that have it.
func runCorpus(t *testing.T, file string, run func(t *testing.T, s scenario)) {
	t.Helper()
	corpus.Run(t, moduleRoot, file, func(t *testing.T, cs *corpus.Scenario) {
		s := scenario{Scenario: cs}
		for _, line := range s.Lines("options") {
			flag, value, _ := strings.Cut(line, "=")
			var err error
			switch flag {
			case "--pod-cidr":
				s.podCIDRs = prefixes(t, value)
			case "--kube-version":
				s.loader.KubeVersion, err = model.ParseKubeVersion(value)
			default:
				require.Fail(t, "unknown option", line)
			}
			require.NoError(t, err, line)
		}
		run(t, s)
	})
}

func (s scenario) cluster(t *testing.T) *model.Cluster {
	t.Helper()
	load := func(files fstest.MapFS) *model.Cluster {
		if len(files) == 0 {
			return new(model.Builder).Cluster()
		}
		c, err := s.loader.LoadFS(files, "*")
		require.NoError(t, err)
		return c
	}
	return load(s.Included).With(load(s.Input))
}

func (s scenario) network(t *testing.T) *netsim.Network {
	t.Helper()
	return netsim.New(s.cluster(t), s.options()...)
}

func (s scenario) options() []netsim.Option {
	if len(s.podCIDRs) == 0 {
		return nil
	}
	return []netsim.Option{netsim.WithPodCIDRs(s.podCIDRs...)}
}

// The file flows states single answers, one a line:
//
//	FROM -> TO:PORT[/PROTOCOL] = allowed|denied|undecided|mixed
//	FROM -> TO:PORT = error: part of the message
func TestCorpusFlows(t *testing.T) {
	runCorpus(t, "flows", func(t *testing.T, s scenario) {
		n := s.network(t)
		for _, line := range s.Lines("flows") {
			text, want, ok := strings.Cut(line, " = ")
			require.True(t, ok, "%s: want FROM -> TO = DECISION", line)
			var v netsim.Verdict
			f, err := netsim.ParseFlow(text)
			if err == nil {
				v, err = n.Check(f)
			}
			if message, ok := strings.CutPrefix(want, "error: "); ok {
				assert.ErrorContains(t, err, message, line)
				continue
			}
			require.NoError(t, err, line)
			assert.Equal(t, want, v.Decision.String(), "%s\n%s", line, v.Explain())
		}
	})
}

// The file sets states exact sets of ports:
//
//	FROM -> TO = TCP 80, 443; UDP 53
//
// Where the ends stand for several, a line for each pair of them follows:
//
//	FROM -> TO
//	| 10.0.0.0/8 -> shop/web: TCP 80
//	| 192.0.2.0/24 -> shop/web: none
func TestCorpusSets(t *testing.T) {
	runCorpus(t, "sets", func(t *testing.T, s scenario) {
		n := s.network(t)
		lines := s.Lines("sets")
		for len(lines) > 0 {
			text, want, single := strings.Cut(lines[0], " = ")
			lines = lines[1:]
			var wants []string
			for len(lines) > 0 && strings.HasPrefix(lines[0], "| ") {
				wants = append(wants, strings.TrimPrefix(lines[0], "| "))
				lines = lines[1:]
			}
			require.NotEqual(t, single, len(wants) > 0, "%s: want the set, or lines that begin with |", text)
			f, err := netsim.ParseFlow(text)
			require.NoError(t, err)
			edges, err := n.Between(f.From, f.To)
			require.NoError(t, err)
			var got []string
			for e := range edges {
				got = append(got, e.String())
			}
			if single {
				require.Len(t, got, 1, text)
				_, set, _ := strings.Cut(got[0], ": ")
				assert.Equal(t, want, set, text)
				continue
			}
			assert.Equal(t, wants, got, text)
		}
	})
}

// The file explain holds the full grounds of flows, each after a line "? FLOW".
func TestCorpusExplain(t *testing.T) {
	runCorpus(t, "explain", func(t *testing.T, s scenario) {
		n := s.network(t)
		var out strings.Builder
		for _, line := range s.Lines("explain") {
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

// The file rejected states the errors for which the input is refused, one a
// line and in order, each by a part of it.
func TestCorpusRejected(t *testing.T) {
	runCorpus(t, "rejected", func(t *testing.T, s scenario) {
		_, err := s.loader.LoadFS(s.Input, "*")
		var got []string
		for e := range manifest.Errors(err) {
			got = append(got, e.Error())
		}
		want := s.Lines("rejected")
		require.Len(t, got, len(want), strings.Join(got, "\n"))
		for i := range want {
			assert.Contains(t, got[i], want[i])
		}
	})
}

// The file lint holds what Lint and the loader find, each with its rule.
func TestCorpusLint(t *testing.T) {
	runCorpus(t, "lint", func(t *testing.T, s scenario) {
		c := s.cluster(t)
		found := slices.AppendSeq(slices.Collect(c.Findings()), netsim.New(c, s.options()...).Lint())
		slices.SortStableFunc(found, model.Finding.Compare)
		var out strings.Builder
		for _, f := range found {
			rule := f.Rule
			if f.Note {
				rule += ", a note"
			}
			fmt.Fprintf(&out, "%s [%s]\n", f, rule)
		}
		s.Golden(t, "lint", out.String())
	})
}

// The file assumptions states what the answers take for granted, one a line.
func TestCorpusAssumptions(t *testing.T) {
	runCorpus(t, "assumptions", func(t *testing.T, s scenario) {
		assert.Equal(t, s.Lines("assumptions"), slices.Collect(s.network(t).Assumptions()))
	})
}

// The file proofs holds claims, each after a line "? CLAIM":
//
//	? default-deny NAMESPACE ingress|egress
//	? only-into TARGET: FLOW, FLOW
//	? isolated FROM -> TO
func TestCorpusProofs(t *testing.T) {
	runCorpus(t, "proofs", func(t *testing.T, s scenario) {
		c := s.cluster(t)
		n := netsim.New(c, s.options()...)
		var out strings.Builder
		for _, line := range s.Lines("proofs") {
			claim, ok := strings.CutPrefix(line, "? ")
			if !ok {
				continue
			}
			p := prove(t, n, claim)
			checkOutcome(t, c, s.podCIDRs, p)
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
		require.Contains(t, []string{"ingress", "egress"}, dir, claim)
		d := netsim.Ingress
		if dir == "egress" {
			d = netsim.Egress
		}
		p, err = n.DefaultDeny(ns, d)
	case "only-into":
		target, list, _ := strings.Cut(rest, ":")
		e, parseErr := netsim.ParseEndpoint(target)
		require.NoError(t, parseErr)
		var flows []netsim.Flow
		for text := range strings.SplitSeq(list, ", ") {
			if text = strings.TrimSpace(text); text != "" {
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

// The file expect states the relation between all pods in the manner of the
// upstream end-to-end tests: everything is allowed but for what the lines say,
// of which the last that matches counts.
//
//	FROM -> TO[:PORT[/PROTOCOL]] allowed|denied
//
// FROM and TO are shell patterns over namespace/pod; the port may be a * as
// well. Asked are the ports of the line "ports: 80/TCP 81/TCP". Traffic of a pod
// to itself is left out. The single answers of the engine, its relation of all
// pods and the naive evaluator are all held to it.
func TestCorpusExpect(t *testing.T) {
	runCorpus(t, "expect", func(t *testing.T, s scenario) {
		c := s.cluster(t)
		n := netsim.New(c, s.options()...)
		naive := newNaive(c, s.podCIDRs)
		relation := map[[2]string]netsim.Ports{}
		for e := range n.All() {
			relation[[2]string{e.From.String(), e.To.String()}] = e.Ports
		}
		table := readExpectations(t, s)
		for _, p := range naive.pods {
			for _, q := range naive.pods {
				if p == q {
					continue
				}
				for _, at := range table.ports {
					want := table.expected(t, p.name, q.name, at)
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
		for _, r := range table.rules {
			assert.True(t, r.met, "%s is about no pods, or about ports that are not asked for", r.line)
		}
	})
}

// expectations are the lines of a file expect.
type expectations struct {
	ports []string
	rules []expectation
}

type expectation struct {
	line                     string
	from, to, port, protocol string // patterns
	want                     netsim.Decision
	met                      bool // it was about something
}

func readExpectations(t *testing.T, s scenario) expectations {
	t.Helper()
	var table expectations
	for _, line := range s.Lines("expect") {
		if list, ok := strings.CutPrefix(line, "ports: "); ok {
			table.ports = strings.Fields(list)
			continue
		}
		words := strings.Fields(line)
		require.Len(t, words, 4, line)
		require.Equal(t, "->", words[1], line)
		e := expectation{line: line, from: words[0], port: "*", protocol: "*", want: netsim.Denied}
		to, at, hasPort := strings.Cut(words[2], ":")
		if e.to = to; hasPort {
			port, protocol, hasProtocol := strings.Cut(at, "/")
			if e.port = port; hasProtocol {
				e.protocol = protocol
			}
		}
		if words[3] == "allowed" {
			e.want = netsim.Allowed
		} else {
			require.Equal(t, "denied", words[3], line)
		}
		table.rules = append(table.rules, e)
	}
	require.NotEmpty(t, table.ports)
	return table
}

func (x *expectations) expected(t *testing.T, from, to, at string) netsim.Decision {
	t.Helper()
	port, protocol, _ := strings.Cut(at, "/")
	want := netsim.Allowed
	for i := range x.rules {
		r := &x.rules[i]
		if matches(t, r.from, from) && matches(t, r.to, to) && matches(t, r.port, port) && matches(t, r.protocol, protocol) {
			want, r.met = r.want, true
		}
	}
	return want
}

// matches is path.Match, but that a bare * also stands for names with slashes.
func matches(t *testing.T, pattern, name string) bool {
	t.Helper()
	ok, err := path.Match(pattern, name)
	require.NoError(t, err, pattern)
	return ok || pattern == "*"
}

// The relation that is computed in bulk, and what is into and out of each pod, are
// what pairs of pods say one by one, in every scenario whose input is sound.
func TestCorpusRelation(t *testing.T) {
	for _, file := range []string{"flows", "sets", "explain", "proofs", "expect"} {
		runCorpus(t, file, func(t *testing.T, s scenario) { assertRelation(t, s.network(t)) })
	}
}

func assertRelation(t *testing.T, n *netsim.Network) {
	t.Helper()
	var pods []netsim.Endpoint
	for c := range n.Classes() {
		pods = append(pods, c.Pods...)
	}
	between := map[[2]netsim.Endpoint]string{}
	for _, p := range pods {
		for _, q := range pods {
			edges, err := n.Between(p, q)
			require.NoError(t, err)
			for e := range edges {
				if e.From != e.To && (!e.IsEmpty() || e.Secondary != nil && !e.Secondary.IsEmpty()) {
					between[[2]netsim.Endpoint{e.From, e.To}] = e.String()
				}
			}
		}
	}
	all, around := map[[2]netsim.Endpoint]string{}, map[[2]netsim.Endpoint]string{}
	for e := range n.All() {
		all[[2]netsim.Endpoint{e.From, e.To}] = e.String()
	}
	for _, p := range pods {
		for _, ask := range []func(netsim.Endpoint) (iter.Seq[netsim.Edge], error){n.Into, n.OutOf} {
			edges, err := ask(p)
			require.NoError(t, err)
			for e := range edges {
				if slices.Contains(pods, e.From) && slices.Contains(pods, e.To) && e.From != e.To {
					around[[2]netsim.Endpoint{e.From, e.To}] = e.String()
				}
			}
		}
	}
	assert.Equal(t, between, all, "All")
	assert.Equal(t, between, around, "Into and OutOf")
}
