package verify_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/verify"
)

func results(t *testing.T, c *model.Cluster) map[string]verify.Result {
	t.Helper()
	all := map[string]verify.Result{}
	r := run(t, c)
	for _, res := range r.Results {
		all[res.ID] = res
	}
	return all
}

// Without one of its files of Azure the example proves no more than what that file is no
// evidence of, and refutes nothing: what is not there is not known.
func TestWithoutEvidence(t *testing.T) {
	files, err := filepath.Glob(example + "/azure/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "prod")
			require.NoError(t, os.CopyFS(dir, os.DirFS(example)))
			require.NoError(t, os.Remove(filepath.Join(dir, "azure", filepath.Base(file))))
			c, err := manifest.Load(dir)
			require.NoError(t, err)
			claims, err := verify.ClaimsIn(c)
			require.NoError(t, err)
			report, err := verify.Run(c, claims, verify.Options{Now: today()})
			if err != nil {
				assert.ErrorContains(t, err, "claims.yaml", "the error places the claim about what is gone")
				return
			}
			for _, r := range report.Results {
				assert.NotEqual(t, verify.Refuted, r.Outcome, "%s: %v", r.ID, r.Findings)
				if k, err := verify.ControlByID(r.ID); err == nil && needs(k, filepath.Base(file)) {
					assert.False(t, r.Outcome == verify.Proved, "%s is proved without %s", r.ID, file)
				}
				if r.Outcome == verify.Undecided {
					assert.NotEmpty(t, r.Findings, r.ID)
				}
			}
		})
	}
}

// needs reports whether a control lists as evidence what a file of the example holds.
func needs(k verify.Control, file string) bool {
	name := map[string]string{
		"cluster.json": "cluster", "role-assignments.json": "role assignments", "federated-credentials.json": "federated credentials",
		"identities.json": "managed identities", "key-vault.json": "key vaults", "diagnostic-settings.json": "diagnostic settings",
		"log-alerts.json": "log alerts", "activity-log-alerts.json": "activity log alerts", "policy-assignments.json": "policy assignments",
		"trusted-access-role-bindings.json": "trusted access",
	}[file]
	for _, e := range k.Needs {
		if name != "" && (e.Name == name || name == "cluster" && e.Name == "policy engine") {
			return true
		}
	}
	return false
}

// A control about packets is proved only where the cluster's engine keeps to the
// specification in what the proof rests on.
func TestEngines(t *testing.T) {
	c := exampleCluster(t)
	const proved, open, refuted = verify.Proved, verify.Undecided, verify.Refuted
	network := func(policy, dataplane model.Property[string]) func(*model.ManagedCluster) {
		return func(m *model.ManagedCluster) { m.Network.Policy, m.Network.Dataplane = policy, dataplane }
	}
	azure := model.Known("azure")
	for name, test := range map[string]struct {
		change func(*model.ManagedCluster)
		engine verify.Outcome    // AKS-CLU-003
		want   [5]verify.Outcome // AKS-NET-001 to 005
		says   string            // in a finding of AKS-NET-002 that is not proved
	}{
		"calico":          {network(model.Known("calico"), azure), proved, [5]verify.Outcome{proved, proved, proved, proved, proved}, ""},
		"cilium":          {network(model.Known("cilium"), model.Known("cilium")), proved, [5]verify.Outcome{proved, proved, proved, proved, proved}, ""},
		"dataplane alone": {network(model.Null[string](), model.Known("cilium")), proved, [5]verify.Outcome{proved, proved, proved, proved, proved}, ""},
		"NPM":             {network(azure, azure), proved, [5]verify.Outcome{proved, open, proved, proved, open}, "always lets pods reach their own node"},
		"none":            {network(model.Known("none"), azure), refuted, [5]verify.Outcome{open, open, open, open, open}, "no engine enforces NetworkPolicies"},
		"null":            {network(model.Null[string](), azure), refuted, [5]verify.Outcome{open, open, open, open, open}, "no engine enforces NetworkPolicies"},
		"unknown name":    {network(model.Known("weave"), azure), open, [5]verify.Outcome{open, open, open, open, open}, "not known"},
		"expression":      {network(model.Unresolved[string]("[parameters('engine')]"), azure), open, [5]verify.Outcome{open, open, open, open, open}, "[parameters('engine')]"},
		"no plugin": {func(m *model.ManagedCluster) {
			m.Network.Policy, m.Network.Plugin = model.Null[string](), model.Known("none")
		}, open, [5]verify.Outcome{open, open, open, open, open}, "the input does not say"},
	} {
		t.Run(name, func(t *testing.T) {
			all := results(t, changed(t, c, "managedclusters/aks-prod", test.change))
			assert.Equal(t, test.engine, all["AKS-CLU-003"].Outcome, all["AKS-CLU-003"].Findings)
			for i, want := range test.want {
				r := all[fmt.Sprintf("AKS-NET-%03d", i+1)]
				assert.Equal(t, want, r.Outcome, "%s: %v", r.ID, r.Findings)
			}
			if test.says != "" {
				assert.Contains(t, fmt.Sprint(all["AKS-NET-002"].Findings, all["AKS-NET-002"].Missing), test.says)
			}
		})
	}
}

// An exception accepts its finding up to and on its last day, for its object alone.
func TestExceptions(t *testing.T) {
	c := changed(t, exampleCluster(t), "managedclusters/aks-prod", func(m *model.ManagedCluster) { m.APIServer.DisableRunCommand = model.Known(false) })
	object := ask(t, c, verify.AreaCluster, "AKS-CLU-010").Findings[0].Object
	day := func(d int) verify.Date { return verify.Date{Year: 2026, Month: 11, Day: d} }
	for name, test := range map[string]struct {
		control, object string
		expires         verify.Date
		want            verify.Outcome
		findings        int
		note            string
	}{
		"used":           {"AKS-CLU-010", object, day(30), verify.Excepted, 1, ""},
		"last day":       {"AKS-CLU-010", object, day(28), verify.Excepted, 1, ""},
		"expired":        {"AKS-CLU-010", object, day(27), verify.Refuted, 1, ""},
		"unknown object": {"AKS-CLU-010", "cluster other", day(30), verify.Refuted, 0, "accepts nothing"},
		"other control":  {"AKS-CLU-008", object, day(30), verify.Refuted, 0, "accepts nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			claims, err := verify.ClaimsIn(c)
			require.NoError(t, err)
			with := *claims
			with.Spec.Exceptions = []verify.Exception{{Control: test.control, Object: test.object, Reason: "migration", Owner: "platform", Expires: test.expires}}
			report, err := verify.Run(c, &with, verify.Options{Now: today()})
			require.NoError(t, err)
			for _, r := range report.Results {
				if r.ID == "AKS-CLU-010" {
					assert.Equal(t, test.want, r.Outcome)
				}
			}
			require.Len(t, report.Exceptions, 1, "every report lists them")
			assert.Equal(t, test.findings, report.Exceptions[0].Findings)
			assert.Equal(t, name == "expired", report.Exceptions[0].Expired)
			if test.note != "" {
				assert.Contains(t, strings.Join(report.Notes, "\n"), test.note)
			}
			_, err = verify.Run(c, &with, verify.Options{})
			assert.ErrorContains(t, err, "which day", "exceptions need a day")
		})
	}
}

// A baseline takes from a report what it has already, and nothing else.
func TestBaseline(t *testing.T) {
	runCommand := func(m *model.ManagedCluster) { m.APIServer.DisableRunCommand = model.Known(false) }
	old := run(t, changed(t, exampleCluster(t), "managedclusters/aks-prod", runCommand))
	require.Equal(t, verify.Refuted, old.Worst())
	same := old.New(old.Baseline())
	assert.Equal(t, verify.Proved, same.Worst())
	more := run(t, changed(t, exampleCluster(t), "managedclusters/aks-prod", func(m *model.ManagedCluster) {
		runCommand(m)
		m.DisableLocal = model.Known(false)
	}))
	fresh := more.New(old.Baseline())
	assert.Equal(t, verify.Refuted, fresh.Worst())
	for _, r := range fresh.Results {
		if r.ID == "AKS-CLU-010" {
			assert.Equal(t, verify.Excepted, r.Outcome)
		}
		if r.ID == "AKS-CLU-008" {
			assert.Equal(t, verify.Refuted, r.Outcome)
		}
	}
	assert.Equal(t, verify.Refuted, more.Worst(), "the report itself stays as it is")
}
