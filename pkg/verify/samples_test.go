package verify_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/verify"
)

const samples = "../../../shared/samples/"

// Real templates and manifests, which nobody wrote for these controls: what is known to
// be wrong with them is refuted, what is right is not, and what hangs on a parameter
// names the expression.
func TestSamples(t *testing.T) {
	if _, err := os.Stat(samples); err != nil {
		t.Skip("no shared samples")
	}
	const proved, open, refuted = verify.Proved, verify.Undecided, verify.Refuted
	for _, test := range []struct {
		name  string
		files []string
		want  map[string]verify.Outcome
		says  map[string]string
	}{
		{"aks-baseline", []string{"aks-baseline"}, map[string]verify.Outcome{
			"AKS-CLU-001": refuted, "AKS-CLU-002": proved, "AKS-CLU-003": proved, "AKS-CLU-004": proved,
			"AKS-CLU-006": proved, "AKS-CLU-007": open, "AKS-CLU-008": proved, "AKS-CLU-009": open, "AKS-CLU-010": refuted,
			"AKS-CLU-012": proved, "AKS-CLU-013": refuted, "AKS-NET-001": refuted, "AKS-NET-002": refuted, "AKS-ID-006": refuted,
			"AKS-ING-003": proved, "AKS-SEC-001": refuted, "AKS-SEC-004": proved,
			"AKS-AUD-001": refuted, "AKS-AUD-002": proved, "AKS-AUD-003": refuted, "AKS-AUD-004": refuted, "AKS-AUD-006": proved,
		}, map[string]string{
			"AKS-CLU-001": "no authorized IP range restricts who gets to the API",
			"AKS-CLU-007": "[equals(subscription().tenantId, parameters('k8sControlPlaneAuthorizationTenantId'))]",
			"AKS-AUD-001": "with kube-audit-admin alone",
		}},
		{"quickstart", []string{"azure-quickstart"}, map[string]verify.Outcome{
			"AKS-CLU-001": refuted, "AKS-CLU-002": open, "AKS-CLU-003": refuted, "AKS-CLU-004": refuted, "AKS-CLU-005": open,
			"AKS-CLU-006": refuted, "AKS-CLU-007": refuted, "AKS-CLU-008": refuted, "AKS-CLU-010": refuted, "AKS-CLU-011": refuted,
			"AKS-CLU-013": refuted, "AKS-SEC-001": refuted, "AKS-AUD-001": open, "AKS-AUD-006": refuted, "AKS-NET-001": open,
		}, nil},
		{"aks-store-demo", []string{"aks-store-demo/aks-store-all-in-one.yaml"}, map[string]verify.Outcome{
			"AKS-ID-001": refuted, "AKS-NET-001": open, "AKS-NET-006": refuted, "AKS-SEC-004": refuted, "AKS-SEC-005": refuted, "AKS-CLU-001": open,
		}, nil},
		{"store on the baseline", []string{"aks-baseline/cluster-stamp.arm.json", "aks-store-demo/aks-store-all-in-one.yaml"}, map[string]verify.Outcome{
			"AKS-NET-001": refuted, "AKS-NET-002": refuted, "AKS-ID-006": refuted, "AKS-SEC-004": refuted, "AKS-RBAC-001": open,
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var c *model.Cluster
			for _, f := range test.files {
				more, err := manifest.Load(filepath.Join(samples, f))
				require.NoError(t, err)
				if c == nil {
					c = more
				} else {
					c = c.With(more)
				}
			}
			r, err := verify.Run(c, nil, verify.Options{Now: today()})
			require.NoError(t, err)
			found := 0
			for _, res := range r.Results {
				want, ok := test.want[res.ID]
				if !ok {
					continue
				}
				found++
				assert.Equal(t, want, res.Outcome, "%s: %v", res.ID, res.Findings)
				if says := test.says[res.ID]; says != "" {
					require.NotEmpty(t, res.Findings, res.ID)
					assert.Contains(t, res.Findings[0].Text, says)
				}
			}
			assert.Len(t, test.want, found)
		})
	}
}
