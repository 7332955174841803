package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/cli"
	"github.com/aksim/aksim/internal/randcluster"
)

// run runs aksim in this process.
func run(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, trouble bytes.Buffer
	status = cli.Main(cli.Env{Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &trouble}, args)
	return status, out.String(), trouble.String()
}

// edge is the form that --all promises.
type edge struct {
	From               string `json:"from"`
	To                 string `json:"to"`
	Ports              ports  `json:"ports"`
	Undecided          ports  `json:"undecided"`
	PortsSecondary     ports  `json:"portsSecondary"`
	UndecidedSecondary ports  `json:"undecidedSecondary"`
}

type ports map[string][][2]int

func (p ports) contains(protocol string, port int) bool {
	return slices.ContainsFunc(p[protocol], func(run [2]int) bool { return run[0] <= port && port <= run[1] })
}

func (p ports) isEmpty() bool {
	for _, runs := range p {
		if len(runs) > 0 {
			return false
		}
	}
	return true
}

// check wants the three protocols, and intervals that are sorted, disjoint and
// not adjacent.
func (p ports) check(t *testing.T, what string) {
	t.Helper()
	if p == nil {
		return
	}
	require.Len(t, p, 3, what)
	for _, protocol := range []string{"TCP", "UDP", "SCTP"} {
		require.Contains(t, p, protocol, what)
		before := -1
		for _, run := range p[protocol] {
			require.Less(t, before+1, run[0], what)
			require.LessOrEqual(t, run[0], run[1], what)
			before = run[1]
		}
		require.LessOrEqual(t, before, 65535, what)
	}
}

// parseEdges reads a list and refuses members that are not promised.
func parseEdges(t *testing.T, text string) (edges []edge) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&edges), text)
	require.False(t, d.More(), text)
	return edges
}

// --all -o json keeps its form on random clusters, and says of every pair what
// --flows says of it.
func TestAllPairsContract(t *testing.T) {
	secondaries, undecided := 0, 0
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 7))
		rc := randcluster.New(rng, randcluster.Everything())
		input := string(rc.YAML())
		args := []string{"reach", "-f", "-", "--all", "-o"}
		for _, block := range rc.PodCIDRs {
			args = append([]string{"reach", "--pod-cidr", block.String()}, args[1:]...)
		}
		status, list, stderr := run(t, input, append(args, "json")...)
		require.Zero(t, status, stderr)
		edges := parseEdges(t, list)
		byPair := map[[2]string]edge{}
		for _, e := range edges {
			what := fmt.Sprintf("seed %d: %+v", seed, e)
			byPair[[2]string{e.From, e.To}] = e
			require.NotEqual(t, e.From, e.To, what)
			for _, set := range []ports{e.Ports, e.Undecided, e.PortsSecondary, e.UndecidedSecondary} {
				set.check(t, what)
			}
			require.NotNil(t, e.Ports, what)
			require.False(t, e.Ports.isEmpty() && e.Undecided.isEmpty() && e.PortsSecondary.isEmpty() && e.UndecidedSecondary.isEmpty(), what)
			require.True(t, e.Undecided == nil || !e.Undecided.isEmpty(), what)
			require.True(t, e.UndecidedSecondary == nil || e.PortsSecondary != nil && !e.UndecidedSecondary.isEmpty(), what)
			if e.PortsSecondary != nil {
				secondaries++
				same := assert.ObjectsAreEqual(e.Ports, e.PortsSecondary) && assert.ObjectsAreEqual(e.Undecided, e.UndecidedSecondary)
				require.False(t, same, what)
			}
			if e.Undecided != nil {
				undecided++
			}
		}
		require.Len(t, byPair, len(edges), "seed %d: a pair is there twice", seed)

		_, lines, _ := run(t, input, append(args, "jsonl")...)
		joined := "[" + strings.Join(strings.Split(strings.TrimSpace(lines), "\n"), ",") + "]"
		assert.Equal(t, edges, parseEdges(t, joined), "seed %d", seed)

		compareWithFlows(t, rng, input, args, byPair)
	}
	assert.NotZero(t, secondaries)
	assert.NotZero(t, undecided)
}

// compareWithFlows asks about pairs of pods, listed or not, at random ports.
func compareWithFlows(t *testing.T, rng *rand.Rand, input string, allArgs []string, byPair map[[2]string]edge) {
	t.Helper()
	_, text, _ := run(t, input, append(slices.Clone(allArgs), "json", "--classes")...)
	var relation struct {
		Classes []struct{ Pods []string }
	}
	require.NoError(t, json.Unmarshal([]byte(text), &relation))
	var pods []string
	for _, c := range relation.Classes {
		pods = append(pods, c.Pods...)
	}
	type question struct {
		From     string `json:"from"`
		To       string `json:"to"`
		Port     int    `json:"port"`
		Protocol string `json:"protocol"`
	}
	var asked []question
	var file strings.Builder
	for range 200 {
		q := question{
			From: pods[rng.IntN(len(pods))], To: pods[rng.IntN(len(pods))],
			Port: []int{1, 52, 53, 54, 80, 81, 82, 443, 8080, 65535}[rng.IntN(10)], Protocol: []string{"TCP", "UDP", "SCTP"}[rng.IntN(3)],
		}
		if q.From == q.To {
			continue
		}
		asked = append(asked, q)
		line, err := json.Marshal(q)
		require.NoError(t, err)
		file.Write(append(line, '\n'))
	}
	args := slices.DeleteFunc(slices.Clone(allArgs), func(arg string) bool { return arg == "--all" })
	args[slices.Index(args, "-f")+1] = writeFile(t, input)
	_, answers, stderr := run(t, file.String(), append(args, "jsonl", "--flows", "-")...)
	lines := strings.Split(strings.TrimSpace(answers), "\n")
	require.Len(t, slices.DeleteFunc(lines, func(l string) bool { return l == "" }), len(asked), stderr)
	for i, q := range asked {
		var got struct{ Decision string }
		require.NoError(t, json.Unmarshal([]byte(lines[i]), &got))
		want := "deny"
		switch e := byPair[[2]string{q.From, q.To}]; {
		case e.Ports.contains(q.Protocol, q.Port):
			want = "allow"
		case e.Undecided.contains(q.Protocol, q.Port):
			want = "undecided"
		}
		require.Equal(t, want, got.Decision, "%+v\n%s\n%s", q, lines[i], input)
	}
}

func writeFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "input.yaml")
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

// Lines of --flows may be of any length, and each is answered once it is there:
// who asks may wait for the answer before asking on.
func TestFlowsConversation(t *testing.T) {
	manifests := writeFile(t, "{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {containers: [{name: c, image: i}]}}")
	questions, ask := io.Pipe()
	answers, answer := io.Pipe()
	status := make(chan int, 1)
	go func() {
		defer answer.Close()
		status <- cli.Main(cli.Env{Stdin: questions, Stdout: answer, Stderr: io.Discard}, []string{"reach", "-f", manifests, "--flows", "-", "-o", "jsonl"})
	}()
	lines := bufio.NewReader(answers)
	for _, size := range []int{0, 10, 1 << 16, 1 << 22} {
		line := fmt.Sprintf(`{"note":"%s","from":"shop/web","to":"192.0.2.1","port":80}`, strings.Repeat("x", size))
		_, err := io.WriteString(ask, line+"\n")
		require.NoError(t, err)
		got, err := lines.ReadString('\n')
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(got, strings.TrimSuffix(line, "}")+`,"decision":"allow"`))
	}
	require.NoError(t, ask.Close())
	_, err := lines.ReadString('\n')
	require.ErrorIs(t, err, io.EOF)
	require.Zero(t, <-status)
}

// pieces keeps the sizes of what is written.
type pieces []int

func (p *pieces) Write(b []byte) (int, error) {
	*p = append(*p, len(b))
	return len(b), nil
}

// A relation is written as it is found, and not kept until its end.
func TestAllStreams(t *testing.T) {
	var pods strings.Builder
	for i := range 150 {
		fmt.Fprintf(&pods, "---\n{apiVersion: v1, kind: Pod, metadata: {name: p%d, namespace: shop}, spec: {containers: [{name: c, image: i}]}}\n", i)
	}
	for _, format := range []string{"text", "json", "jsonl", "csv", "md", "mermaid"} {
		var written pieces
		status := cli.Main(cli.Env{Stdin: strings.NewReader(pods.String()), Stdout: &written, Stderr: io.Discard}, []string{"reach", "-f", "-", "--all", "-o", format})
		require.Zero(t, status)
		require.Greater(t, len(written), 8, format)
		require.LessOrEqual(t, slices.Max(written), 1<<17, format)
	}
}
