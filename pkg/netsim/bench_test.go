package netsim_test

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/aksim/aksim/internal/benchcluster"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/netsim"
)

var (
	benchMu       sync.Mutex
	benchClusters = map[string]*model.Cluster{}
)

// benchCluster makes each cluster once; the larger ones take a while.
func benchCluster(b testing.TB, pods int, shape benchcluster.Shape) *model.Cluster {
	b.Helper()
	benchMu.Lock()
	defer benchMu.Unlock()
	key := fmt.Sprint(pods, shape)
	if benchClusters[key] == nil {
		clear(benchClusters) // one at a time: memory is measured, too
		c, err := manifest.FromObjects(benchcluster.Objects(pods, shape)...)
		require.NoError(b, err)
		benchClusters[key] = c
	}
	return benchClusters[key]
}

func eachSize(b *testing.B, run func(b *testing.B, c *model.Cluster)) {
	for _, shape := range benchcluster.Shapes() {
		for _, pods := range []int{100, 1_000, 10_000, 100_000} {
			b.Run(fmt.Sprintf("%s/%d", shape, pods), func(b *testing.B) {
				c := benchCluster(b, pods, shape)
				b.ReportAllocs()
				b.ResetTimer()
				run(b, c)
			})
		}
	}
}

// BenchmarkCompile compiles a snapshot.
func BenchmarkCompile(b *testing.B) {
	eachSize(b, func(b *testing.B, c *model.Cluster) {
		for b.Loop() {
			netsim.New(c)
		}
	})
}

// BenchmarkRelation compiles a snapshot and computes the exact relation between
// all its classes of pods, for all ports, protocols and families, and between each
// class and all addresses outside the cluster.
func BenchmarkRelation(b *testing.B) {
	eachSize(b, func(b *testing.B, c *model.Cluster) {
		var edges int
		for b.Loop() {
			edges = 0
			n := netsim.New(c)
			for range n.ClassEdges() {
				edges++
			}
			edges += netsim.OutsideRuns(n)
		}
		b.ReportMetric(float64(edges), "edges")
	})
}

// BenchmarkAll is BenchmarkRelation expanded to all pairs of pods.
func BenchmarkAll(b *testing.B) {
	eachSize(b, func(b *testing.B, c *model.Cluster) {
		var pairs int
		for b.Loop() {
			pairs = 0
			for range netsim.New(c).All() {
				pairs++
			}
		}
		b.ReportMetric(float64(pairs), "pairs")
	})
}

// BenchmarkCheck asks for a thousand flows, over and over.
func BenchmarkCheck(b *testing.B) { benchCheck(b, 1000) }

// BenchmarkCheckCold asks for a flow of every pod in turn: with many pods, what one
// question needs has left the processor's cache before it is asked again.
func BenchmarkCheckCold(b *testing.B) { benchCheck(b, 1<<30) }

func benchCheck(b *testing.B, most int) {
	eachSize(b, func(b *testing.B, c *model.Cluster) {
		n := netsim.New(c)
		var flows []netsim.Flow
		every := 1
		if pods := len(slices.Collect(c.Pods())); pods > most {
			every = pods / most
		}
		i := 0
		for p := range c.Pods() {
			if i++; i%every == 0 {
				flows = append(flows, netsim.Flow{From: netsim.Pod(p.Namespace, p.Name), Protocol: netsim.TCP, Port: 8080})
			}
		}
		for i := range flows {
			flows[i].To = flows[(i*7919+13)%len(flows)].From
		}
		i = 0
		for b.Loop() {
			if _, err := n.Check(flows[i%len(flows)]); err != nil {
				b.Fatal(err)
			}
			i++
		}
	})
}

// BenchmarkMemory reports what a compiled network and its relation hold beyond
// the objects.
func BenchmarkMemory(b *testing.B) {
	eachSize(b, func(b *testing.B, c *model.Cluster) {
		for b.Loop() {
			before := heap()
			n := netsim.New(c)
			for range n.ClassEdges() {
				break // the kernels are there now
			}
			b.ReportMetric(float64(heap()-before)/1e6, "MB")
			runtime.KeepAlive(n)
		}
	})
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkReach does what aksim reach does with the manifests of 10,000 pods:
// reads them, compiles, answers and explains. It reports how much of that is reading.
func BenchmarkReach(b *testing.B) {
	for _, shape := range benchcluster.Shapes() {
		b.Run(string(shape), func(b *testing.B) {
			var text bytes.Buffer
			for _, o := range benchcluster.Objects(10_000, shape) {
				doc, err := yaml.Marshal(o)
				require.NoError(b, err)
				fmt.Fprintf(&text, "---\n%s", doc)
			}
			flow := netsim.MustParseFlow("ns-0/pod-1 -> ns-0/pod-2:8080")
			var reading time.Duration
			b.SetBytes(int64(text.Len()))
			for b.Loop() {
				start := time.Now()
				c, err := manifest.Loader{}.Read("pods.yaml", bytes.NewReader(text.Bytes()))
				reading += time.Since(start)
				require.NoError(b, err)
				v, err := netsim.New(c).Check(flow)
				require.NoError(b, err)
				require.NotEmpty(b, v.Explain())
			}
			b.ReportMetric(100*reading.Seconds()/b.Elapsed().Seconds(), "%reading")
		})
	}
}
