package verify

// auditingControls lists the controls of the area.
func auditingControls() []Control {
	return []Control{
		{
			ID: "AKS-AUD-001", Area: AreaAuditing, Severity: High,
			Title:     "the audit log goes to Log Analytics, reads included",
			Rationale: "What nobody keeps, nobody finds. kube-audit-admin alone leaves get and list out, and with them every secret that somebody tried to read.",
			Needs:     []Evidence{evidenceCluster(), evidenceDiagnostics()},
			Proof:     "A diagnostic setting of the cluster sends the category kube-audit, or the group audit or allLogs, to a workspace.",
			Fix:       "az monitor diagnostic-settings create --resource CLUSTER_ID --workspace ID --logs '[{\"category\":\"kube-audit\",\"enabled\":true}]'",
			Mappings:  []Mapping{{CIS, "2.1.1"}, {MCSB, "LT-3"}},
			check:     checkCategory(kubeAudit),
		},
		{
			ID: "AKS-AUD-002", Area: AreaAuditing, Severity: Medium,
			Title:     "the log of guard goes to Log Analytics",
			Rationale: "guard asks Microsoft Entra ID and Azure RBAC: its log says who was let in, and by what.",
			Needs:     []Evidence{evidenceCluster(), evidenceDiagnostics()},
			Proof:     "A diagnostic setting of the cluster sends the category guard, or the group audit or allLogs, to a workspace.",
			Fix:       "az monitor diagnostic-settings create --resource CLUSTER_ID --workspace ID --logs '[{\"category\":\"guard\",\"enabled\":true}]'",
			Mappings:  []Mapping{{MCSB, "LT-3"}},
			check:     checkCategory("guard"),
		},
		{
			ID: "AKS-AUD-003", Area: AreaAuditing, Severity: High,
			Title:     "an alert catches requests that are forbidden",
			Rationale: "Somebody who asks for what they may not have, by a stolen token mostly, is looking around.",
			Needs:     []Evidence{evidenceCluster(), evidenceDiagnostics(), evidenceLogAlerts()},
			Proof:     "Each of the sample events (get and list of secrets, creation of a pod, by users and by a ServiceAccount, answered 403) is kept by the query of an alert that is enabled, asks a workspace which the audit log goes to, with the table of its destination type, fires at the first such event and has an action group. Queries outside of the subset of KQL that is understood are undecided.",
			Fix:       "alert on AKSAudit | where ResponseStatus.code == 403 or, where the log goes to AzureDiagnostics, on AzureDiagnostics | where Category == \"kube-audit\" | extend e = parse_json(log_s) | where e.responseStatus.code == 403",
			Mappings:  []Mapping{{MCSB, "LT-1"}},
			check:     checkAlerts(forbiddenEvents),
		},
		{
			ID: "AKS-AUD-004", Area: AreaAuditing, Severity: High,
			Title:     "an alert catches how somebody gains rights",
			Rationale: "New bindings, changed roles, shells in pods, tokens made and users impersonated are how one right becomes another.",
			Needs:     []Evidence{evidenceCluster(), evidenceDiagnostics(), evidenceLogAlerts()},
			Proof:     "As AKS-AUD-003, of events that change roles and bindings, run a command in a pod, ask for a token of a ServiceAccount or impersonate somebody. AKSAudit has no column that tells whom somebody impersonates: there, that is not asked for, and noted.",
			Fix:       "alert on objectRef.resource in (\"roles\", \"rolebindings\", \"clusterroles\", \"clusterrolebindings\") with the verbs create, update and patch; on objectRef.subresource exec and token; on impersonatedUser",
			Mappings:  []Mapping{{MCSB, "LT-1"}},
			check:     checkAlerts(escalationEvents),
		},
		{
			ID: "AKS-AUD-005", Area: AreaAuditing, Severity: Medium,
			Title:     "activity log alerts catch how somebody gets round the cluster from Azure",
			Rationale: "Admin credentials, run command, new role assignments and credentials, and the end of the audit log are events of Azure, not of the cluster.",
			Needs:     []Evidence{evidenceCluster(), evidenceActivityAlerts()},
			Proof:     "For each operation (admin credential, run command, writing the cluster, role assignments in its subscription, federated credentials of each managed identity, deleting diagnostic settings, access policies of each vault): an activity log alert that is enabled, whose scope holds the place, all of whose conditions such an event meets, with an action group.",
			Fix:       "az monitor activity-log alert create --scope /subscriptions/ID --condition category=Administrative and operationName=OPERATION --action-group ID",
			Mappings:  []Mapping{{MCSB, "LT-1"}},
			check:     checkActivityAlerts,
		},
		{
			ID: "AKS-AUD-006", Area: AreaAuditing, Severity: Medium,
			Title:     "Container insights or managed Prometheus watches the cluster",
			Rationale: "A cluster that nobody measures fails before anybody sees it.",
			Needs:     []Evidence{evidenceCluster()},
			Proof:     "The add-on of Container insights is on with a workspace, or managed Prometheus is, and an association puts a data collection rule with its stream to work for the cluster. Container insights with the workspace's key needs no rule.",
			Fix:       "az aks enable-addons --addons monitoring, or az aks update --enable-azure-monitor-metrics",
			Mappings:  []Mapping{{MCSB, "LT-3"}},
			check:     checkMonitoring,
		},
	}
}
