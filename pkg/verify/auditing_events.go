package verify

import (
	"encoding/json"
	"maps"
	"strings"

	"github.com/aksim/aksim/internal/kql"
)

// auditEvent is a sample of the audit log, for alerts to catch.
// https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/
type auditEvent struct {
	what  string         // for people
	event map[string]any // as the API server writes it
	// rows are its stages, as far as they get to the log.
	stages []string
	// isRead is true of what kube-audit-admin leaves out.
	isRead bool
	// isDiagnosticsOnly is true of what the tables of the destination type Dedicated
	// have no column for.
	isDiagnosticsOnly bool
}

// Samples are of people and workloads that nobody knows.
const (
	sampleUser    = "jane@example.com"
	sampleAccount = "system:serviceaccount:shop:web"
)

// sample makes an event of who did what, and how it ended: verb, resource with its
// subresource after a slash, namespace and name, which may be empty.
func sample(who, verb, resource, namespace, name string, code int) auditEvent {
	resource, subresource, _ := strings.Cut(resource, "/")
	ref := map[string]any{"resource": resource, "apiVersion": "v1"}
	uri := "/api/v1"
	if strings.Contains(resource, "role") {
		ref["apiGroup"] = "rbac.authorization.k8s.io"
		uri = "/apis/rbac.authorization.k8s.io/v1"
	}
	for key, v := range map[string]string{"namespace": namespace, "name": name, "subresource": subresource} {
		if v != "" {
			ref[key] = v
		}
	}
	if namespace != "" {
		uri += "/namespaces/" + namespace
	}
	for _, s := range []string{resource, name, subresource} {
		if s != "" {
			uri += "/" + s
		}
	}
	groups := []any{"2d95e7c3-0000-4000-8000-000000000001", "system:authenticated"}
	if strings.HasPrefix(who, "system:") {
		groups = []any{"system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"}
	}
	if strings.HasPrefix(who, "system:node:") {
		groups = []any{"system:nodes", "system:authenticated"}
	}
	status := map[string]any{"metadata": map[string]any{}, "code": float64(code)}
	annotations := map[string]any{"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "RBAC: allowed"}
	if code == forbidden {
		status["status"], status["reason"] = "Failure", "Forbidden"
		status["message"] = resource + " is forbidden: User " + who + " cannot " + verb + " resource " + resource
		annotations["authorization.k8s.io/decision"], annotations["authorization.k8s.io/reason"] = "forbid", ""
	}
	e := auditEvent{what: who + " " + verb + " " + resource, stages: []string{"ResponseComplete"}, isRead: verb == "get" || verb == "list" || verb == "watch"}
	if subresource != "" {
		e.what += "/" + subresource
	}
	if name != "" {
		e.what += " " + name
	}
	if namespace != "" {
		e.what += " -n " + namespace
	}
	e.event = map[string]any{
		"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": "6f0b1c55-0000-4000-8000-000000000002",
		"requestURI": uri, "verb": verb, "user": map[string]any{"username": who, "groups": groups},
		"sourceIPs": []any{"198.51.100.7"}, "userAgent": "kubectl/v1.35.0 (linux/amd64)", "objectRef": ref,
		"responseStatus": status, "annotations": annotations,
	}
	return e
}

const forbidden = 403

// as adds whom the user impersonates.
func (e auditEvent) as(who string) auditEvent {
	e.event["impersonatedUser"] = map[string]any{"username": who, "groups": []any{"system:masters", "system:authenticated"}}
	e.what += " --as " + who
	e.isDiagnosticsOnly = true
	return e
}

// streaming says that the connection stays open.
func (e auditEvent) streaming() auditEvent {
	e.stages = []string{"ResponseStarted", "ResponseComplete"}
	return e
}

func forbiddenEvents() []auditEvent {
	return []auditEvent{
		sample(sampleUser, "get", "secrets", "shop", "db", forbidden),
		sample(sampleUser, "list", "secrets", "", "", forbidden),
		sample(sampleUser, "create", "pods", "shop", "", forbidden),
		sample(sampleUser, "delete", "networkpolicies", "shop", "default-deny", forbidden),
		sample(sampleAccount, "list", "secrets", "shop", "", forbidden),
	}
}

func escalationEvents() (all []auditEvent) {
	for _, resource := range []string{"clusterrolebindings", "rolebindings", "clusterroles", "roles"} {
		namespace := ""
		if !strings.HasPrefix(resource, "cluster") {
			namespace = "shop"
		}
		all = append(all,
			sample(sampleUser, "create", resource, namespace, "new", 201),
			sample(sampleUser, "update", resource, namespace, "new", 200),
			sample(sampleUser, "patch", resource, namespace, "new", 200),
		)
	}
	return append(all,
		sample(sampleUser, "create", "pods/exec", "shop", "web-0", 101).streaming(),
		sample(sampleUser, "get", "pods/exec", "shop", "web-0", 101).streaming(), // by WebSocket, as kubectl has it from 1.31 on
		sample(sampleUser, "create", "serviceaccounts/token", "shop", "web", 201),
		sample(sampleUser, "delete", "pods", "shop", "web-0", 200).as("kubernetes-admin"),
	)
}

// ordinaryEvents are what every cluster logs all day: an alert that keeps one of them
// tells nobody anything.
func ordinaryEvents() []auditEvent {
	return []auditEvent{
		sample(sampleUser, "get", "pods", "shop", "web-0", 200),
		sample("system:node:aks-system-12345678-vmss000000", "create", "serviceaccounts/token", "shop", "web", 201),
		sample("system:serviceaccount:kube-system:deployment-controller", "update", "deployments/status", "shop", "web", 200),
		sample("system:node:aks-system-12345678-vmss000000", "patch", "nodes/status", "", "aks-system-12345678-vmss000000", 200),
	}
}

// auditSchema are the columns of AKSAudit and AKSAuditAdmin.
// https://learn.microsoft.com/azure/azure-monitor/reference/tables/aksaudit
func auditSchema() kql.Schema {
	return kql.Schema{
		"Annotations": kql.Dynamic, "AuditId": kql.String, "Level": kql.String, "ObjectRef": kql.Dynamic, "PodName": kql.String,
		"RequestObject": kql.Opaque, "RequestReceivedTime": kql.Opaque, "RequestUri": kql.String, "ResponseObject": kql.Opaque,
		"ResponseStatus": kql.Dynamic, "SourceIps": kql.Dynamic, "SourceSystem": kql.String, "Stage": kql.String,
		"StageReceivedTime": kql.Opaque, "TenantId": kql.Opaque, "TimeGenerated": kql.Opaque, "Type": kql.String, "User": kql.Dynamic,
		"UserAgent": kql.String, "Verb": kql.String, "_BilledSize": kql.Opaque, "_IsBillable": kql.Opaque, "_ResourceId": kql.String,
		"_SubscriptionId": kql.Opaque,
	}
}

// diagnosticsSchema are the columns of AzureDiagnostics that logs of AKS fill.
// https://learn.microsoft.com/azure/azure-monitor/reference/tables/azurediagnostics
func diagnosticsSchema() kql.Schema {
	return kql.Schema{
		"Category": kql.String, "OperationName": kql.String, "Resource": kql.String, "ResourceGroup": kql.String, "ResourceId": kql.String,
		"ResourceProvider": kql.String, "ResourceType": kql.String, "SourceSystem": kql.String, "SubscriptionId": kql.Opaque,
		"TenantId": kql.Opaque, "TimeGenerated": kql.Opaque, "Type": kql.String, "_ResourceId": kql.String, "_SubscriptionId": kql.Opaque,
		"_BilledSize": kql.Opaque, "_IsBillable": kql.Opaque, "log_s": kql.String, "pod_s": kql.String, "stream_s": kql.String,
		"containerID_s": kql.Opaque, "ccpNamespace_s": kql.Opaque,
	}
}

// rows returns the event as a table of the workspace has it, a row for each stage.
func (e auditEvent) rows(category string, dedicated bool, cluster string) (all []map[string]any) {
	for _, stage := range e.stages {
		event := map[string]any{"stage": stage}
		maps.Copy(event, e.event)
		if dedicated {
			all = append(all, map[string]any{
				"Annotations": event["annotations"], "AuditId": event["auditID"], "Level": event["level"], "ObjectRef": event["objectRef"],
				"PodName": "kube-apiserver-7d9c5f4b6d-x2x7q", "RequestUri": event["requestURI"], "ResponseStatus": event["responseStatus"],
				"SourceIps": event["sourceIPs"], "SourceSystem": "Azure", "Stage": stage, "Type": tableOf(category), "User": event["user"],
				"UserAgent": event["userAgent"], "Verb": event["verb"], "_ResourceId": strings.ToLower(cluster),
			})
			continue
		}
		encoded, _ := json.Marshal(event) //nolint:errchkjson // of strings and numbers
		upper := strings.ToUpper(cluster)
		_, group, _ := strings.Cut(upper, "/RESOURCEGROUPS/")
		group, _, _ = strings.Cut(group, "/")
		all = append(all, map[string]any{
			"Category": category, "OperationName": "Microsoft.ContainerService/managedClusters/diagnosticLogs/Read",
			"Resource": lastSegment(upper), "ResourceGroup": group, "ResourceId": upper, "ResourceProvider": "MICROSOFT.CONTAINERSERVICE",
			"ResourceType": "MANAGEDCLUSTERS", "SourceSystem": "Azure", "Type": tableDiagnostics, "_ResourceId": strings.ToLower(cluster),
			"log_s": string(encoded), "pod_s": "kube-apiserver-7d9c5f4b6d-x2x7q", "stream_s": "stdout",
		})
	}
	return all
}

const tableDiagnostics = "AzureDiagnostics"

// tableOf returns the table of a category with the destination type Dedicated.
func tableOf(category string) string {
	if category == kubeAuditAdmin {
		return "AKSAuditAdmin"
	}
	return "AKSAudit"
}

// String returns the event compactly.
func (e auditEvent) String() string {
	status, _ := e.event["responseStatus"].(map[string]any)
	code, _ := status["code"].(float64)
	encoded, _ := json.Marshal(code) //nolint:errchkjson // a number
	return e.what + ", answered " + string(encoded)
}
