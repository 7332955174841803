package azure

import (
	"github.com/aksim/aksim/pkg/model"
)

func diagnosticSetting(s *sheet) *model.DiagnosticSetting {
	return &model.DiagnosticSetting{
		Resource: s.resource(), TargetID: s.scope(), WorkspaceID: s.str("workspaceId"), StorageID: s.str("storageAccountId"),
		EventHub:        firstOf(s.str("eventHubName"), s.str("eventHubAuthorizationRuleId")),
		DestinationType: s.str("logAnalyticsDestinationType"), Logs: objects(s.view, logSetting, "logs"),
	}
}

func logSetting(v *view) model.LogSetting {
	return model.LogSetting{Category: v.plain("category"), CategoryGroup: v.plain("categoryGroup"), Enabled: v.boolean("enabled")}
}

func logAlert(s *sheet) *model.LogAlert {
	a := &model.LogAlert{Resource: s.resource(), DisplayName: s.str("displayName"), Enabled: s.boolean("enabled"), Severity: s.integer("severity")}
	if source := s.child("source"); source != nil {
		oldLogAlert(s, a, source)
		return a
	}
	a.Scopes, a.Frequency, a.Window = s.strs("scopes"), s.str("evaluationFrequency"), s.str("windowSize")
	if c := s.child("criteria"); c != nil {
		a.Criteria = objects(c, logCriterion, "allOf")
	}
	if actions := s.child("actions"); actions != nil {
		a.ActionGroupIDs = actions.strs("actionGroups")
	}
	return a
}

func logCriterion(v *view) model.LogCriterion {
	c := model.LogCriterion{
		Query: v.str("query"), Aggregation: v.str("timeAggregation"), Operator: v.str("operator"), Threshold: v.number("threshold"),
		Dimensions: len(v.node("dimensions").Items), Measure: v.str("metricMeasureColumn"), Place: placeOf(v, "query"),
	}
	if p := v.child("failingPeriods"); p != nil {
		c.MinFailing = p.integer("minFailingPeriodsToAlert")
	}
	return c
}

func placeOf(v *view, name string) model.Place {
	n := v.node(name)
	if n.Line == 0 {
		n = v.own
	}
	return model.Place{File: v.s.file, Line: n.Line, Col: n.Col}
}

// oldLogAlert reads a rule as API versions before 2021 have it.
func oldLogAlert(s *sheet, a *model.LogAlert, source *view) {
	scopes := mapped(source.str("dataSourceId"), func(id string) []string { return []string{id} })
	a.Scopes = concat(scopes, source.strs("authorizedResources"))
	c := model.LogCriterion{Query: source.str("query"), Place: placeOf(source, "query")}
	if schedule := s.child("schedule"); schedule != nil {
		a.Frequency, a.Window = schedule.written("frequencyInMinutes"), schedule.written("timeWindowInMinutes")
	}
	if action := s.child("action"); action != nil {
		a.Severity = action.integer("severity")
		if groups := action.child("aznsAction"); groups != nil {
			a.ActionGroupIDs = groups.strs("actionGroup")
		}
		if trigger := action.child("trigger"); trigger != nil {
			c.Operator, c.Threshold = trigger.str("thresholdOperator"), trigger.number("threshold")
			if metric := trigger.child("metricTrigger"); metric != nil {
				c.Measure = metric.str("metricColumn")
			} else {
				c.Aggregation = model.Known("Count") // such rules count rows
			}
		}
	}
	a.Criteria = model.Known([]model.LogCriterion{c})
}

func activityLogAlert(s *sheet) *model.ActivityLogAlert {
	a := &model.ActivityLogAlert{Resource: s.resource(), Enabled: s.boolean("enabled"), Scopes: s.strs("scopes")}
	if c := s.child("condition"); c != nil {
		a.Conditions = objects(c, activityCondition, "allOf")
	}
	if actions := s.child("actions"); actions != nil {
		a.ActionGroupIDs = gather(actions, "actionGroups", func(v *view) model.Property[string] { return v.str("actionGroupId") })
	}
	return a
}

func activityCondition(v *view) model.ActivityCondition {
	inner := objects(v, activityCondition, "anyOf")
	if open, ok := inner.Unresolved(); ok {
		v.s.leaveOpen(open)
	}
	return model.ActivityCondition{Field: v.plain("field"), Equals: v.str("equals"), Contains: v.plains("containsAny"), AnyOf: inner.Or(nil)}
}

func dataCollectionRule(s *sheet) *model.DataCollectionRule {
	r := &model.DataCollectionRule{Resource: s.resource()}
	streams := objects(s.view, func(v *view) []string { return v.plains("streams") }, "dataFlows")
	r.Streams = mapped(streams, func(all [][]string) (sum []string) {
		for _, some := range all {
			sum = append(sum, some...)
		}
		return sum
	})
	if d := s.child("destinations"); d != nil {
		r.Workspaces = gather(d, "logAnalytics", func(v *view) model.Property[string] { return v.str("workspaceResourceId") })
		r.MonitorAccs = gather(d, "monitoringAccounts", func(v *view) model.Property[string] { return v.str("accountResourceId") })
	}
	if d := s.child("dataSources"); d != nil {
		r.Extensions = gather(d, "extensions", func(v *view) model.Property[string] { return v.str("extensionName") })
		forwarders := objects(d, func(v *view) struct{} { return struct{}{} }, "prometheusForwarder")
		r.Prometheus = mapped(forwarders, func(all []struct{}) bool { return len(all) > 0 })
	}
	return r
}

func dataCollectionRuleAssociation(s *sheet) *model.DataCollectionRuleAssociation {
	return &model.DataCollectionRuleAssociation{Resource: s.resource(), TargetID: s.scope(), RuleID: s.str("dataCollectionRuleId")}
}
