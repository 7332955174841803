package cli_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/rbacsim"
)

type comparison struct {
	Relation     string
	Gained, Lost struct {
		Is      string
		Example *example
	}
}

type example struct {
	Replay []string
	Review string
}

// Whatever compare says that one of two subjects may do and the other may not, can-i
// says, too.
func TestComparisonsReplay(t *testing.T) {
	dir := filepath.Join("..", "..", "examples", "prod")
	c, err := manifest.Load(dir)
	require.NoError(t, err)
	var subjects []identity.Principal
	for p := range rbacsim.New(c).Principals() {
		if p.Kind() != identity.Group || p.Name() != identity.Nodes {
			subjects = append(subjects, p)
		}
	}
	replayed, i := 0, 0
	for _, from := range subjects {
		for _, to := range subjects {
			if i++; from == to || i%17 != 0 { // some of the pairs
				continue
			}
			status, out, stderr := run(t, "", "compare", "-f", dir, from.String(), to.String(), "-o", "json")
			var answer comparison
			require.NoError(t, json.Unmarshal([]byte(out), &answer), stderr)
			statuses := map[string]int{"equal": 0, "narrower": 0, "wider": 1, "incomparable": 1}
			require.Contains(t, statuses, answer.Relation)
			require.Equal(t, statuses[answer.Relation], status)
			for _, d := range []struct {
				is  string
				ask []string
				not identity.Principal
			}{{answer.Gained.Is, replay(t, dir, answer.Gained.Example), from}, {answer.Lost.Is, replay(t, dir, answer.Lost.Example), to}} {
				if d.ask == nil {
					continue
				}
				replayed++
				status, _, stderr = run(t, "", slices.Concat([]string{"can-i", "-f", dir}, d.ask)...)
				require.Zero(t, status, "%v: %s", d.ask, stderr)
				d.ask[slices.Index(d.ask, "--as")+1] = d.not.String()
				status, _, stderr = run(t, "", slices.Concat([]string{"can-i", "-f", dir}, d.ask)...)
				require.Equal(t, 1, status, "%v: %s", d.ask, stderr)
			}
		}
	}
	assert.Greater(t, replayed, 100)
}

func replay(t *testing.T, dir string, example *example) []string {
	t.Helper()
	if example == nil {
		return nil
	}
	if example.Replay == nil { // kubectl has no words for it
		status, out, _ := run(t, example.Review, "can-i", "-f", dir, "--reviews", "-", "-o", "json")
		require.Zero(t, status)
		require.Contains(t, out, `"allowed":true`)
	}
	return example.Replay
}
