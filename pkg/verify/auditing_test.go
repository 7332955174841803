package verify_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/verify"
)

// changed returns the cluster with an object of a type in place of the one whose name
// ends so.
func changed[T any](t *testing.T, c *model.Cluster, suffix string, change func(*T)) *model.Cluster {
	t.Helper()
	for o := range model.All[T](c) {
		if len(o.Ref.Name) < len(suffix) || o.Ref.Name[len(o.Ref.Name)-len(suffix):] != suffix {
			continue
		}
		api := *o.API
		change(&api)
		var b model.Builder
		model.Add(&b, &model.Object[T]{Ref: o.Ref, API: &api, Origin: o.Origin})
		return c.With(b.Cluster())
	}
	require.Fail(t, "no such object", suffix)
	return nil
}

func ask(t *testing.T, c *model.Cluster, area verify.Area, id string) verify.Result {
	t.Helper()
	claims, err := verify.ClaimsIn(c)
	require.NoError(t, err)
	r, err := verify.Run(c, claims, verify.Options{Now: today(), Only: []verify.Area{area}})
	require.NoError(t, err)
	for _, res := range r.Results {
		if res.ID == id {
			return res
		}
	}
	require.Fail(t, "no control", id)
	return verify.Result{}
}

// What an alert needs besides a query that keeps the event.
func TestAlertState(t *testing.T) {
	c := exampleCluster(t)
	criterion := func(change func(*model.LogCriterion)) func(*model.LogAlert) {
		return func(a *model.LogAlert) {
			k := a.Criteria.Or(nil)[0]
			change(&k)
			a.Criteria = model.Known([]model.LogCriterion{k})
		}
	}
	count := "AKSAudit | where ResponseStatus.code == 403 | count"
	for name, test := range map[string]struct {
		change func(*model.LogAlert)
		want   verify.Outcome
		why    string
	}{
		"as it is":        {func(*model.LogAlert) {}, verify.Proved, ""},
		"disabled":        {func(a *model.LogAlert) { a.Enabled = model.Known(false) }, verify.Refuted, "is not enabled"},
		"enabled unknown": {func(a *model.LogAlert) { a.Enabled = model.Unresolved[bool]("[parameters('on')]") }, verify.Undecided, "enabled hangs on [parameters('on')]"},
		"no action group": {func(a *model.LogAlert) { a.ActionGroupIDs = model.Known([]string{}) }, verify.Refuted, "has no action group: nobody is told"},
		"gaps":            {func(a *model.LogAlert) { a.Frequency = model.Known("PT1H") }, verify.Refuted, "looks at 5 of 60 minutes"},
		"no frequency":    {func(a *model.LogAlert) { a.Frequency = model.Property[string]{} }, verify.Undecided, "evaluationFrequency is not set"},
		"minutes":         {func(a *model.LogAlert) { a.Frequency, a.Window = model.Known("5"), model.Known("5") }, verify.Proved, ""},
		"another place": {func(a *model.LogAlert) {
			a.Scopes = model.Known([]string{"/subscriptions/2af65101-27a1-40e7-a830-83f75c08b342/resourceGroups/rg-dev"})
		}, verify.Refuted, "its scopes do not hold the workspace log-prod"},
		"the subscription": {func(a *model.LogAlert) {
			a.Scopes = model.Known([]string{"/subscriptions/2af65101-27a1-40e7-a830-83f75c08b342"})
		}, verify.Proved, ""},
		"threshold": {criterion(func(k *model.LogCriterion) { k.Threshold = model.Known(10.0) }), verify.Refuted, "is not in alarm for one event: GreaterThan 10"},
		"at least one": {criterion(func(k *model.LogCriterion) {
			k.Threshold, k.Operator = model.Known(1.0), model.Known("GreaterThanOrEqual")
		}), verify.Proved, ""},
		"always":        {criterion(func(k *model.LogCriterion) { k.Operator = model.Known("GreaterThanOrEqual") }), verify.Refuted, "is in alarm without any event, too"},
		"waits":         {criterion(func(k *model.LogCriterion) { k.MinFailing = model.Known(2) }), verify.Refuted, "is not in alarm for one event: it waits for 2 periods"},
		"split":         {criterion(func(k *model.LogCriterion) { k.Dimensions = 1 }), verify.Undecided, "it is split by dimensions, which are not modelled"},
		"rows of count": {criterion(func(k *model.LogCriterion) { k.Query = model.Known(count) }), verify.Refuted, "is in alarm without any event, too"},
		"value of count": {criterion(func(k *model.LogCriterion) {
			k.Query, k.Aggregation, k.Measure = model.Known(count), model.Known("Total"), model.Known("Count")
		}), verify.Proved, ""},
		"no column":   {criterion(func(k *model.LogCriterion) { k.Query = model.Known("AKSAudit | where Code == 403") }), verify.Undecided, "its query, 1:18: the table is not known to have a column Code"},
		"other table": {criterion(func(k *model.LogCriterion) { k.Query = model.Known("KubePodInventory | summarize count()") }), verify.Refuted, "asks KubePodInventory"},
		"a function":  {criterion(func(k *model.LogCriterion) { k.Query = model.Known("Forbidden() | where true") }), verify.Undecided, "its query, 1:1: Forbidden ( is not understood"},
		"by decision": {criterion(func(k *model.LogCriterion) {
			k.Query = model.Known(`AKSAudit | where Annotations["authorization.k8s.io/decision"] == "forbid"`)
		}), verify.Proved, ""},
		"secrets only": {criterion(func(k *model.LogCriterion) {
			k.Query = model.Known(`AKSAudit | where ResponseStatus.code == 403 and ObjectRef.resource == "secrets"`)
		}), verify.Refuted, "its query does not keep the event"},
	} {
		t.Run(name, func(t *testing.T) {
			r := ask(t, changed(t, c, "/forbidden", test.change), verify.AreaAuditing, "AKS-AUD-003")
			assert.Equal(t, test.want, r.Outcome, r.Findings)
			if test.why != "" {
				require.Len(t, r.Findings, 1)
				assert.Contains(t, r.Findings[0].Grounds, "alert forbidden: "+test.why)
			}
		})
	}
}

// The destination type AzureDiagnostics has whom somebody impersonates, and alerts have
// to look there.
func TestAlertsOnAzureDiagnostics(t *testing.T) {
	c := changed(t, exampleCluster(t), "aks-prod/providers/microsoft.insights/diagnosticsettings/to-log-analytics", func(d *model.DiagnosticSetting) {
		d.DestinationType = model.Null[string]()
	})
	query := func(text string) func(*model.LogAlert) {
		return func(a *model.LogAlert) {
			k := a.Criteria.Or(nil)[0]
			k.Query = model.Known("AzureDiagnostics | where Category == \"kube-audit\" | extend e = parse_json(log_s) | where " + text)
			a.Criteria = model.Known([]model.LogCriterion{k})
		}
	}
	const roles = `e.verb in ("create", "update", "patch") and e.objectRef.resource in ("roles", "rolebindings", "clusterroles", "clusterrolebindings")
		or e.objectRef.subresource == "exec" or e.objectRef.subresource == "token" and e.user.username == "` + "jane@example.com" + `"`
	c = changed(t, c, "/forbidden", query(`e.responseStatus.code == 403`))
	assert.Equal(t, verify.Proved, ask(t, c, verify.AreaAuditing, "AKS-AUD-003").Outcome)

	r := ask(t, changed(t, c, "/escalation", query(roles)), verify.AreaAuditing, "AKS-AUD-004")
	require.Equal(t, verify.Refuted, r.Outcome)
	assert.Equal(t, "no alert catches jane@example.com delete pods web-0 -n shop --as kubernetes-admin, answered 200", r.Findings[0].Text)

	r = ask(t, changed(t, c, "/escalation", query(roles+` or e.impersonatedUser has "username"`)), verify.AreaAuditing, "AKS-AUD-004")
	assert.Equal(t, verify.Proved, r.Outcome, r.Findings)
	assert.Empty(t, r.Notes)

	r = ask(t, changed(t, c, "/escalation", query(`e.verb != "none"`)), verify.AreaAuditing, "AKS-AUD-004")
	assert.Equal(t, verify.Proved, r.Outcome, r.Findings)
	assert.Equal(t, []string{"alert escalation fires on what is ordinary, too: jane@example.com get pods web-0 -n shop, answered 200"}, r.Notes)
}

func TestActivityAlertConditions(t *testing.T) {
	c := exampleCluster(t)
	for name, test := range map[string]struct {
		more model.ActivityCondition
		want verify.Outcome
	}{
		"success":          {model.ActivityCondition{Field: "status", Equals: model.Known("Succeeded")}, verify.Proved},
		"failure":          {model.ActivityCondition{Field: "status", Equals: model.Known("Failed")}, verify.Refuted},
		"any of":           {model.ActivityCondition{AnyOf: []model.ActivityCondition{{Field: "level", Equals: model.Known("Error")}, {Field: "level", Equals: model.Known("informational")}}}, verify.Proved},
		"one caller":       {model.ActivityCondition{Field: "caller", Equals: model.Known("jane@example.com")}, verify.Refuted},
		"another group":    {model.ActivityCondition{Field: "resourceGroup", Equals: model.Known("rg-dev")}, verify.Refuted},
		"contains":         {model.ActivityCondition{Field: "resourceId", Contains: []string{"managedClusters/aks-prod"}}, verify.Proved},
		"another field":    {model.ActivityCondition{Field: "properties.x", Equals: model.Known("y")}, verify.Undecided},
		"hangs on a value": {model.ActivityCondition{Field: "status", Equals: model.Unresolved[string]("[x]")}, verify.Undecided},
	} {
		t.Run(name, func(t *testing.T) {
			r := ask(t, changed(t, c, "/cluster-write", func(a *model.ActivityLogAlert) {
				a.Conditions = model.Known(append(a.Conditions.Or(nil)[:2:2], test.more))
			}), verify.AreaAuditing, "AKS-AUD-005")
			assert.Equal(t, test.want, r.Outcome, r.Findings)
		})
	}
	r := ask(t, changed(t, c, "/role-assignment", func(a *model.ActivityLogAlert) {
		a.Scopes = model.Known([]string{"/subscriptions/2af65101-27a1-40e7-a830-83f75c08b342/resourceGroups/rg-prod"})
	}), verify.AreaAuditing, "AKS-AUD-005")
	assert.Equal(t, verify.Refuted, r.Outcome)
}
