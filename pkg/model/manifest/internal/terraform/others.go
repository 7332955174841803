package terraform

import (
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/azure"
	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// translations are the types of resource that are known.
var translations = map[string]func(*resource) azure.Resource{ //nolint:gochecknoglobals // a constant table
	"azurerm_kubernetes_cluster":                     cluster,
	"azurerm_kubernetes_cluster_node_pool":           nodePool,
	"azurerm_role_assignment":                        roleAssignment,
	"azurerm_pim_eligible_role_assignment":           eligibleRole,
	"azurerm_role_definition":                        roleDefinition,
	"azurerm_user_assigned_identity":                 userAssignedIdentity,
	"azurerm_federated_identity_credential":          federatedCredential,
	"azurerm_key_vault":                              keyVault,
	"azurerm_key_vault_access_policy":                keyVaultAccessPolicy,
	"azurerm_monitor_diagnostic_setting":             diagnosticSetting,
	"azurerm_monitor_scheduled_query_rules_alert":    oldLogAlert,
	"azurerm_monitor_scheduled_query_rules_alert_v2": logAlert,
	"azurerm_monitor_activity_log_alert":             activityLogAlert,
	"azapi_resource":                                 anyResource,
}

// objectIDs are the attributes that are the object id of a principal. Another one, such
// as the id of a group, may be spelt in another way than the object id.
var objectIDs = []string{".principal_id", ".object_id", ".identity[0].principal_id", ".kubelet_identity[0].object_id"} //nolint:gochecknoglobals // a constant table

func roleAssignment(r *resource) azure.Resource {
	return azure.Resource{Type: "Microsoft.Authorization/roleAssignments", Body: object(
		member("scope", r.get("scope")), member("roleDefinitionName", r.get("role_definition_name")),
		member("roleDefinitionId", or(r.get("role_definition_id"), r.knownAfterApply("role_definition_id"))),
		member("principalId", r.symbol("principal_id", objectIDs...)), member("principalType", r.get("principal_type")),
		member("condition", r.get("condition")), member("conditionVersion", r.get("condition_version")),
		member("delegatedManagedIdentityResourceId", r.get("delegated_managed_identity_resource_id")),
	)}
}

func eligibleRole(r *resource) azure.Resource {
	a := roleAssignment(r)
	a.Type = "Microsoft.Authorization/roleEligibilityScheduleInstances"
	a.ID = r.knownAfterApply("id") // the provider's own says something else
	return a
}

func roleDefinition(r *resource) azure.Resource {
	var permissions []tree.Node
	for _, p := range r.blocks("permissions") {
		if p.Kind != tree.Expression {
			p = object(
				member("actions", get(p, "actions")), member("notActions", get(p, "not_actions")),
				member("dataActions", get(p, "data_actions")), member("notDataActions", get(p, "not_data_actions")),
			)
		}
		permissions = append(permissions, p)
	}
	id := or(r.get("role_definition_resource_id"), r.id())
	if guid := r.get("role_definition_id"); guid.Kind == tree.String && id.Kind != tree.String {
		id = guid
		id.Text = "/providers/Microsoft.Authorization/roleDefinitions/" + guid.Text
	}
	return azure.Resource{Type: "Microsoft.Authorization/roleDefinitions", ID: id, Body: object(
		member("roleName", r.get("name")), member("roleType", str("CustomRole")),
		member("assignableScopes", r.get("assignable_scopes")), member("permissions", list(permissions...)),
	)}
}

func userAssignedIdentity(r *resource) azure.Resource {
	id := r.id()
	if r.plan.template {
		id = r.own(or(id, r.knownAfterApply("id")), ".id")
	}
	return azure.Resource{Type: "Microsoft.ManagedIdentity/userAssignedIdentities", ID: id, Name: r.get("name"), Body: object(
		member("clientId", r.get("client_id")), member("principalId", r.own(r.get("principal_id"), ".principal_id")), member("tenantId", r.get("tenant_id")),
	)}
}

func federatedCredential(r *resource) azure.Resource {
	parent := r.symbol("user_assigned_identity_id", ".id")
	if parent.Kind != tree.String {
		parent = or(r.symbol("parent_id", ".id"), parent)
	}
	id := r.id()
	if id.Kind != tree.String {
		id = under(parent, "/federatedIdentityCredentials/", r.get("name"))
	}
	return azure.Resource{Type: "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials", ID: id, Name: r.get("name"), Body: object(
		member("issuer", r.get("issuer")), member("subject", r.get("subject")), member("audiences", r.get("audience")),
	)}
}

func keyVault(r *resource) azure.Resource {
	policies := r.get("access_policy")
	if policies.Kind == tree.List {
		all := slices.Clone(policies.Items)
		for i, p := range all {
			all[i] = accessPolicy(p, get(p, "object_id"))
		}
		policies.Items = all
	}
	acls := block(r.get("network_acls"), func(of func(path ...string) tree.Node) []tree.Member {
		return []tree.Member{
			member("defaultAction", of("default_action")), member("bypass", of("bypass")),
			member("ipRules", wrapped("value", of("ip_rules"))), member("virtualNetworkRules", wrapped("id", of("virtual_network_subnet_ids"))),
		}
	})
	return azure.Resource{Type: "Microsoft.KeyVault/vaults", Body: object(
		member("tenantId", r.get("tenant_id")),
		member("enableRbacAuthorization", or(or(r.get("rbac_authorization_enabled"), r.get("enable_rbac_authorization")), boolean(false))),
		member("accessPolicies", policies), member("networkAcls", acls),
		member("publicNetworkAccess", switched(or(r.get("public_network_access_enabled"), boolean(true)))),
		member("enablePurgeProtection", or(r.get("purge_protection_enabled"), boolean(false))),
		member("enabledForDeployment", or(r.get("enabled_for_deployment"), boolean(false))),
		member("enabledForDiskEncryption", or(r.get("enabled_for_disk_encryption"), boolean(false))),
		member("enabledForTemplateDeployment", or(r.get("enabled_for_template_deployment"), boolean(false))),
	)}
}

// wrapped makes an object of each element of a list.
func wrapped(name string, n tree.Node) tree.Node {
	all := slices.Clone(n.Items)
	for i, e := range all {
		all[i] = object(member(name, e))
	}
	n.Items = all
	return n
}

func accessPolicy(p, objectID tree.Node) tree.Node {
	if p.Kind == tree.Expression {
		return p
	}
	return object(
		member("tenantId", get(p, "tenant_id")), member("objectId", objectID), member("applicationId", get(p, "application_id")),
		member("permissions", object(
			member("secrets", get(p, "secret_permissions")), member("keys", get(p, "key_permissions")),
			member("certificates", get(p, "certificate_permissions")), member("storage", get(p, "storage_permissions")),
		)),
	)
}

func keyVaultAccessPolicy(r *resource) azure.Resource {
	return azure.Resource{
		Type: "Microsoft.KeyVault/vaults/accessPolicies", ID: under(r.get("key_vault_id"), "/accessPolicies/", str("add")),
		Body: object(member("accessPolicies", list(accessPolicy(r.values, r.symbol("object_id", objectIDs...))))),
	}
}

func diagnosticSetting(r *resource) azure.Resource {
	var logs []tree.Node
	for _, l := range slices.Concat(r.blocks("enabled_log"), r.blocks("log")) {
		if l.Kind != tree.Expression {
			l = object(
				member("category", get(l, "category")), member("categoryGroup", get(l, "category_group")), member("enabled", or(get(l, "enabled"), boolean(true))),
			)
		}
		logs = append(logs, l)
	}
	target := r.get("target_resource_id")
	return azure.Resource{
		Type: "Microsoft.Insights/diagnosticSettings", Scope: target, ID: under(target, "/providers/Microsoft.Insights/diagnosticSettings/", r.get("name")),
		Body: object(
			member("workspaceId", r.get("log_analytics_workspace_id")), member("storageAccountId", r.get("storage_account_id")),
			member("eventHubName", r.get("eventhub_name")), member("eventHubAuthorizationRuleId", r.get("eventhub_authorization_rule_id")),
			member("logAnalyticsDestinationType", r.get("log_analytics_destination_type")), member("logs", list(logs...)),
		),
	}
}

func logAlert(r *resource) azure.Resource {
	var criteria []tree.Node
	for _, c := range r.blocks("criteria") {
		if c.Kind != tree.Expression {
			c = object(
				member("query", get(c, "query")), member("timeAggregation", get(c, "time_aggregation_method")), member("operator", get(c, "operator")),
				member("threshold", get(c, "threshold")), member("dimensions", get(c, "dimension")),
				member("metricMeasureColumn", get(c, "metric_measure_column")),
				member("failingPeriods", object(member("minFailingPeriodsToAlert", get(c, "failing_periods", "minimum_failing_periods_to_trigger_alert")))),
			)
		}
		criteria = append(criteria, c)
	}
	return azure.Resource{Type: "Microsoft.Insights/scheduledQueryRules", Body: object(
		member("displayName", r.get("display_name")), member("enabled", or(r.get("enabled"), boolean(true))), member("severity", r.get("severity")),
		member("scopes", r.get("scopes")), member("evaluationFrequency", r.get("evaluation_frequency")), member("windowSize", r.get("window_duration")),
		member("criteria", object(member("allOf", list(criteria...)))),
		member("actions", object(member("actionGroups", r.get("action", "action_groups")))),
	)}
}

func oldLogAlert(r *resource) azure.Resource {
	return azure.Resource{Type: "Microsoft.Insights/scheduledQueryRules", Body: object(
		member("enabled", or(r.get("enabled"), boolean(true))),
		member("source", object(
			member("query", r.get("query")), member("dataSourceId", r.get("data_source_id")), member("authorizedResources", r.get("authorized_resource_ids")),
		)),
		member("schedule", object(member("frequencyInMinutes", r.get("frequency")), member("timeWindowInMinutes", r.get("time_window")))),
		member("action", object(
			member("severity", r.get("severity")), member("aznsAction", object(member("actionGroup", r.get("action", "action_group")))),
			member("trigger", object(
				member("thresholdOperator", r.get("trigger", "operator")), member("threshold", r.get("trigger", "threshold")),
				member("metricTrigger", metricTrigger(r)),
			)),
		)),
	)}
}

// metricTrigger is the measure of a rule that compares one: absent for one that counts
// rows.
func metricTrigger(r *resource) tree.Node {
	column := r.get("trigger", "metric_trigger", "metric_column")
	if column.Kind == tree.Absent {
		return column
	}
	return object(member("metricColumn", column))
}

// activityFields are the criteria of an activity log alert that name one value each.
var activityFields = [][2]string{ //nolint:gochecknoglobals // a constant table
	{"category", "category"}, {"operation_name", "operationName"}, {"caller", "caller"}, {"level", "level"}, {"status", "status"},
	{"sub_status", "subStatus"}, {"resource_id", "resourceId"}, {"resource_group", "resourceGroup"}, {"resource_provider", "resourceProvider"},
	{"resource_type", "resourceType"}, {"recommendation_type", "recommendationType"},
}

func activityLogAlert(r *resource) azure.Resource {
	var all []tree.Node
	for _, f := range activityFields {
		if one := r.get("criteria", f[0]); one.Kind != tree.Absent {
			all = append(all, object(member("field", str(f[1])), member("equals", one)))
		}
		plural := f[0] + "s"
		if f[0] == "status" || f[0] == "sub_status" {
			plural = f[0] + "es"
		}
		many := r.get("criteria", plural)
		if many.Kind == tree.Expression {
			all = append(all, many)
		} else if len(many.Items) > 0 {
			var either []tree.Node
			for _, one := range many.Items {
				either = append(either, object(member("field", str(f[1])), member("equals", one)))
			}
			all = append(all, object(member("anyOf", list(either...))))
		}
	}
	var actions []tree.Node
	for _, a := range r.blocks("action") {
		if a.Kind != tree.Expression {
			a = object(member("actionGroupId", get(a, "action_group_id")))
		}
		actions = append(actions, a)
	}
	return azure.Resource{Type: "Microsoft.Insights/activityLogAlerts", Body: object(
		member("enabled", or(r.get("enabled"), boolean(true))), member("scopes", r.get("scopes")),
		member("condition", object(member("allOf", list(all...)))), member("actions", object(member("actionGroups", list(actions...)))),
	)}
}

// anyResource is a resource in the words of Azure's own API, which older versions of
// the provider keep as text.
func anyResource(r *resource) azure.Resource {
	typ, version, _ := strings.Cut(r.get("type").Text, "@")
	body := r.get("body")
	if body.Kind == tree.String {
		if parsed, ok := tree.Parse(body.Text, body); ok {
			body = parsed
		}
	}
	if body.Kind != tree.Object {
		body = object(member("properties", tree.Node{Kind: tree.Expression, Text: r.address + ".body"}))
	}
	if identity := r.get("identity"); identity.Kind == tree.List && len(identity.Items) > 0 {
		body.Members = append(slices.Clone(body.Members), member("identity", r.identity()))
	}
	parent, id := r.get("parent_id"), r.id()
	if id.Kind != tree.String {
		between := "/providers/" + typ + "/"
		if strings.Count(typ, "/") > 1 { // a child of its parent
			between = typ[strings.LastIndexByte(typ, '/'):] + "/"
		}
		id = under(parent, between, r.get("name"))
	}
	return azure.Resource{Type: typ, APIVersion: version, Scope: parent, ID: id, Body: body}
}
