package netsim_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/netsim"
)

// truthDir holds answers recorded from independent engines, where present.
const truthDir = "../../../shared/truth/netpol"

type truthFlow struct {
	From, To     string
	Port         uint16
	Protocol     string
	Allowed      bool
	RegularOnly  bool `json:"allowedRegularOnly"`
	WithSidecars bool `json:"allowedWithSidecars"`
	WithAllInit  bool `json:"allowedWithAllInit"`
}

func (f truthFlow) flow(t *testing.T) netsim.Flow {
	t.Helper()
	from, err := netsim.ParseEndpoint(f.From)
	require.NoError(t, err)
	to, err := netsim.ParseEndpoint(f.To)
	require.NoError(t, err)
	proto, err := netsim.ParseProtocol(f.Protocol)
	require.NoError(t, err)
	return netsim.Flow{From: from, To: to, Port: f.Port, Protocol: proto}
}

func readTruth(t *testing.T, path string, visit func(line string, f truthFlow)) {
	t.Helper()
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return
	}
	require.NoError(t, err)
	sc := bufio.NewScanner(bytes.NewReader(data))
	for sc.Scan() {
		var f truthFlow
		require.NoError(t, json.Unmarshal(sc.Bytes(), &f))
		visit(sc.Text(), f)
	}
}

// Every recorded flow gets the recorded answer, and every recorded set of ports
// is the set that the relation holds.
func TestTruth(t *testing.T) {
	clusters, err := filepath.Glob(filepath.Join(truthDir, "*", "cluster.yaml"))
	require.NoError(t, err)
	if len(clusters) == 0 {
		t.Skip("no recorded answers here")
	}
	for _, path := range clusters {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			c, err := manifest.Load(path)
			require.NoError(t, err)
			n := netsim.New(c)
			for _, file := range []string{"flows.jsonl", "flows-selector.jsonl"} {
				readTruth(t, filepath.Join(dir, file), func(line string, f truthFlow) {
					v, err := n.Check(f.flow(t))
					require.NoError(t, err, line)
					want := netsim.Denied
					if f.Allowed {
						want = netsim.Allowed
					}
					assert.Equal(t, want, v.Decision, line)
				})
			}
			readTruth(t, filepath.Join(dir, "flows-initports.jsonl"), func(line string, f truthFlow) {
				v, err := n.Check(f.flow(t))
				require.NoError(t, err, line)
				want := netsim.Undecided
				if f.WithSidecars == f.WithAllInit {
					want = netsim.Denied
					if f.WithSidecars {
						want = netsim.Allowed
					}
				}
				assert.Equal(t, want, v.Decision, line)
			})
			compareAllPairs(t, n, filepath.Join(dir, "allpairs.json"))
		})
	}
}

func compareAllPairs(t *testing.T, n *netsim.Network, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return
	}
	require.NoError(t, err)
	var truth struct {
		Pairs []struct {
			From, To       string
			TCP, UDP, SCTP [][2]int
		}
	}
	require.NoError(t, json.Unmarshal(data, &truth))
	got := map[string]string{}
	for e := range n.All() {
		require.True(t, e.Undecided.IsEmpty(), "%v", e)
		b, err := json.Marshal(e.Ports)
		require.NoError(t, err)
		got[e.From.String()+" "+e.To.String()] = string(b)
	}
	for _, p := range truth.Pairs {
		want := strings.ReplaceAll(fmt.Sprintf(`{"TCP":%s,"UDP":%s,"SCTP":%s}`, compact(p.TCP), compact(p.UDP), compact(p.SCTP)), " ", "")
		if len(p.TCP)+len(p.UDP)+len(p.SCTP) == 0 {
			want = ""
		}
		assert.Equal(t, want, got[p.From+" "+p.To], "%s -> %s", p.From, p.To)
	}
}

func compact(ranges [][2]int) string {
	if ranges == nil {
		return "[]"
	}
	b, _ := json.Marshal(ranges)
	return string(b)
}
