package verify_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/verify"
)

// read reads manifests that are one text.
func read(t *testing.T, text string) *model.Cluster {
	t.Helper()
	c, err := manifest.Loader{}.Read("claims.yaml", strings.NewReader(text))
	require.NoError(t, err)
	return c
}

const head = "apiVersion: aksim.dev/v1alpha1\nkind: Claims\nmetadata: {name: x}\nspec:\n"

// Every defect comes out at once, with its place and what was probably meant.
func TestClaimsAreStrict(t *testing.T) {
	_, err := verify.ClaimsIn(read(t, head+`
  flow: {}
  workloads:
    Big: app/api
    a: b
  flows:
    required:
      - app/api - data/zep
      - {from: app/api}
    allowd: []
  defaultDeny: app
  entry:
    - through: wav
      to: app/api:99999
  teams:
    - name: a
    - {name: a, group: g, breakGlass: "yes"}
  claims:
    - alow app/api -> data/zep:8000
    - "within group/x view"
    - can group/x get
    - 7
  exceptions:
    - control: AKS-NET-01
      object: x
      reason: because
      owner: me
      expires: 2026-02-30
`))
	require.Error(t, err)
	assert.Equal(t, `claims.yaml:6:3: spec.flow: unknown field (did you mean "flows"?)
claims.yaml:8:10: spec.workloads.Big: "Big" can't be an alias: want lower case letters, digits and dashes, and neither internet nor nothing
claims.yaml:9:8: spec.workloads.a: an alias can't stand for the alias b: want an end such as shop/web or 10.0.0.0/8
claims.yaml:12:9: spec.flows.required[0]: "app/api - data/zep" is no flow: want FROM -> TO[:PORT[/PROTOCOL]]
claims.yaml:13:9: spec.flows.required[1]: want a string, got a mapping
claims.yaml:14:5: spec.flows.allowd: unknown field (did you mean "allowed"?)
claims.yaml:15:16: spec.defaultDeny: want a list, got a string
claims.yaml:17:16: spec.entry[0].through: "wav" is no door (did you mean "waf"?); want one of waf, apim, ingress, internal
claims.yaml:18:11: spec.entry[0].to: "app/api:99999": port "99999" is no number from 1 to 65535
claims.yaml:20:7: spec.teams[0]: group is required
claims.yaml:21:14: spec.teams[1].name: there is a team a already
claims.yaml:21:39: spec.teams[1].breakGlass: want true or false, got a string
claims.yaml:23:7: spec.claims[0]: "alow app/api -> data/zep:8000" is no statement (did you mean "allow"?); want one that begins with allow, deny, only-into, default-deny, can, cannot, within
claims.yaml:24:7: spec.claims[1]: "within group/x view": want WHO: ROLE [in NAMESPACE], …
claims.yaml:25:7: spec.claims[2]: "can group/x get": "get": want VERB TYPE[/NAME] [-n NAMESPACE]
claims.yaml:26:7: spec.claims[3]: want a string, got a number
claims.yaml:28:16: spec.exceptions[0].control: no control "AKS-NET-01" (did you mean "AKS-NET-001" or "AKS-NET-002" or "AKS-NET-003"?)
claims.yaml:32:16: spec.exceptions[0].expires: "2026-02-30" is no date: the calendar has no such day`, err.Error())
}

func TestClaimsDocument(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"none":        {"apiVersion: v1\nkind: Namespace\nmetadata: {name: a}", "no document of kind Claims (aksim.dev/v1alpha1) in the input"},
		"other kind":  {"apiVersion: aksim.dev/v1alpha1\nkind: Claim\nmetadata: {name: a}", `claims.yaml:2:7: kind: no kind "Claim" (did you mean "Claims"?)`},
		"other group": {"apiVersion: aksim.dev/v1\nkind: Claims\nmetadata: {name: a}", "claims.yaml:1:13: apiVersion: want aksim.dev/v1alpha1, got aksim.dev/v1"},
		"two":         {head + "  claims: []\n---\n" + strings.ReplaceAll(head, "name: x", "name: xx") + "  claims: []", "claims.yaml:7:1: there are claims already at claims.yaml:1; want one document"},
		"no spec":     {"apiVersion: aksim.dev/v1alpha1\nkind: Claims\nmetadata: {name: a}", "claims.yaml:1:1: spec is required"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := verify.ClaimsIn(read(t, tt.text))
			assert.EqualError(t, err, tt.want)
		})
	}
	_, err := manifest.Loader{}.Read("claims.yaml", strings.NewReader("apiVersion: aksim.dev/v1alpha1\nkind: Claims\nspec: {}"))
	assert.EqualError(t, err, "claims.yaml:1:1: metadata.name: required")
}

// Claims are read, and not a kind that is ignored.
func TestClaimsAreNoNote(t *testing.T) {
	assert.Empty(t, collect(read(t, head+"  claims: []").Findings()))
}

func collect[T any](seq func(func(T) bool)) (all []T) {
	for v := range seq {
		all = append(all, v)
	}
	return all
}

// Names of nothing are errors, all of them at once.
func TestNamesOfNothing(t *testing.T) {
	c := read(t, head+`
  workloads: {api: app/apu}
  flows: {required: [app/ui -> app/api:80, wai -> app/api:80]}
  defaultDeny: [ap]
  claims:
    - deny app/api -> svc/app/apo:80
    - cannot sa/app/apj get secrets -n ap
    - cannot sa/app/default get secret
    - cannot sa/app/default get secretz
    - cannot sa/app/default gett secrets
    - cannot sa/app/default create pods/exce
    - cannot sa/app/default create pods --subresource exce
    - cannot sa/app/default create pods/exec
    - "within sa/app/default: viev, view in apq"
    - cannot team/dev get pods
---
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: app, labels: {app: api}}
spec: {containers: [{name: a, image: a}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: api, namespace: app}
`)
	claims, err := verify.ClaimsIn(c)
	require.NoError(t, err)
	_, err = verify.Run(c, claims, verify.Options{})
	assert.EqualError(t, err, `claims.yaml:6:20: no pod or workload app/apu in the input (did you mean "app/api"?)
claims.yaml:7:22: no pod or workload app/ui in the input (did you mean "app/api"?)
claims.yaml:7:44: no alias wai in spec.workloads
claims.yaml:8:17: no namespace ap in the input (did you mean "app"?)
claims.yaml:10:7: no Service app/apo in the input
claims.yaml:11:7: no ServiceAccount app/apj in the input (did you mean "sa/app/api"?)
claims.yaml:11:7: no namespace ap in the input (did you mean "app"?)
claims.yaml:13:7: get secretz: no resource secretz is known (did you mean "secrets"?)
claims.yaml:14:7: gett secrets: no request is known to have the verb gett (did you mean "get"?)
claims.yaml:15:7: create pods/exce: pods has no subresource exce (did you mean "exec"?), and what is made has no name yet
claims.yaml:16:7: create pods --subresource exce: pods has no subresource exce (did you mean "exec"?)
claims.yaml:18:7: viev: no ClusterRole viev in the input (did you mean "view"?)
claims.yaml:18:7: no namespace apq in the input (did you mean "app"?)
claims.yaml:19:7: no team dev in spec.teams`)
}

func TestStatements(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"allow app/api -> data/zep:8000", "allow app/api -> data/zep:8000/TCP"},
		{"deny  internet->data/postgres", "deny internet -> data/postgres"},
		{"deny api -> db:53/udp", "deny api -> db:53/UDP"},
		{"only-into data/postgres: app/api:5432, temporal:7233/TCP, 10.0.0.0/8", "only-into data/postgres: app/api:5432/TCP, temporal:7233/TCP, 10.0.0.0/8"},
		{"only-into db: nothing", "only-into db: nothing"},
		{"default-deny app", "default-deny app"},
		{"can sa/app/api get secrets/db -n app", "can sa/app/api get secrets/db -n app"},
		{"cannot system:serviceaccount:app:api create pods --subresource exec -A", "cannot sa/app/api create pods --subresource exec"},
		{"cannot team/dev get /metrics", "cannot team/dev get /metrics"},
		{"within group/X: view, edit in app, role/deploy in app, * in dev", "within group/X: view, edit in app, role/deploy in app, * in dev"},
	} {
		st, err := verify.ParseStatement(tt.text)
		require.NoError(t, err)
		assert.Equal(t, tt.want, st.String())
		again, err := verify.ParseStatement(st.String())
		require.NoError(t, err)
		assert.Equal(t, st, again)
	}
}

func FuzzParseStatement(f *testing.F) {
	for _, s := range []string{
		"allow app/api -> data/zep:8000", "deny a -> [fd00::1]:53/UDP", "only-into a: b:1, c", "only-into pod/a/b: nothing",
		"default-deny a", "can sa/a/b get pods/x -n c --subresource log", "cannot user/a:: get /healthz", "within group/x:: view in a, role/b in c, *",
		"within alice: nothing", "can a:b:: * *",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		st, err := verify.ParseStatement(s)
		if err != nil {
			return
		}
		again, err := verify.ParseStatement(st.String())
		require.NoError(t, err, "%q", st.String())
		require.Equal(t, st, again)
	})
}

func TestDates(t *testing.T) {
	for _, s := range []string{"2024-02-29", "2000-02-29", "2026-12-31", "0001-01-01"} {
		d, err := verify.ParseDate(s)
		require.NoError(t, err)
		assert.Equal(t, s, d.String())
	}
	for _, s := range []string{"", "2026-2-1", "2023-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-01", "2026-01-00", "0000-01-01", "2026-01-01T00:00:00Z"} {
		_, err := verify.ParseDate(s)
		assert.Error(t, err, s)
	}
}
