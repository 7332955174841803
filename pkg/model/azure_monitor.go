package model

// DiagnosticSetting sends a resource's logs somewhere.
// https://learn.microsoft.com/azure/templates/microsoft.insights/diagnosticsettings
type DiagnosticSetting struct {
	Resource
	TargetID        Property[string] // the resource whose logs these are
	WorkspaceID     Property[string]
	StorageID       Property[string]
	EventHub        Property[string] // name, or the id of its authorization rule
	DestinationType Property[string] // Dedicated, AzureDiagnostics or null
	Logs            Property[[]LogSetting]
}

// LogSetting is one category, or group of categories, of a diagnostic setting.
type LogSetting struct {
	Category      string // kube-audit; empty if a group is named
	CategoryGroup string // allLogs or audit
	Enabled       Property[bool]
}

// LogAlert is a scheduled query rule: an alert on the result of a log query.
// https://learn.microsoft.com/azure/templates/microsoft.insights/scheduledqueryrules
type LogAlert struct {
	Resource
	DisplayName    Property[string]
	Enabled        Property[bool]
	Scopes         Property[[]string] // the workspaces or resources that it queries
	Severity       Property[int]
	Frequency      Property[string] // ISO 8601, or minutes in old API versions
	Window         Property[string]
	Criteria       Property[[]LogCriterion]
	ActionGroupIDs Property[[]string]
}

// LogCriterion is one query of a log alert and when its result raises the alarm.
type LogCriterion struct {
	Query       Property[string] // KQL
	Aggregation Property[string] // Count, …
	Operator    Property[string] // GreaterThan, …
	Threshold   Property[float64]
	Dimensions  int // number of dimensions that it is split by

	// Measure is the column that is aggregated; rows are counted without one.
	Measure Property[string]
	// MinFailing is in how many periods the threshold has to be passed; absent means
	// one.
	MinFailing Property[int]

	Place Place
}

// ActivityLogAlert is an alert on events of the control plane.
// https://learn.microsoft.com/azure/templates/microsoft.insights/activitylogalerts
type ActivityLogAlert struct {
	Resource
	Enabled        Property[bool]
	Scopes         Property[[]string]
	Conditions     Property[[]ActivityCondition] // all of them have to hold
	ActionGroupIDs Property[[]string]
}

// ActivityCondition is one condition of an activity log alert: a field that equals or
// contains something, or any of several such.
type ActivityCondition struct {
	Field    string
	Equals   Property[string]
	Contains []string // containsAny
	AnyOf    []ActivityCondition
}

// DataCollectionRule says which data agents gather and where it goes.
type DataCollectionRule struct {
	Resource
	Streams     Property[[]string] // of all data flows, such as Microsoft-ContainerInsights-Group-Default
	Workspaces  Property[[]string] // resource ids of the destinations
	Extensions  Property[[]string] // names of data source extensions
	Prometheus  Property[bool]     // has a prometheusForwarder
	MonitorAccs Property[[]string] // Azure Monitor workspaces
}

// DataCollectionRuleAssociation puts a data collection rule to work for a resource.
type DataCollectionRuleAssociation struct {
	Resource
	TargetID Property[string]
	RuleID   Property[string]
}
