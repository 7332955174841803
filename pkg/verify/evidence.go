package verify

import (
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/pkg/model"
)

// Evidence is an input that a control rests on.
type Evidence struct {
	// Name is one word or two, for lists.
	Name string
	// How says how to get it, as a command where there is one.
	How string

	// missing says why it is not there; empty if it is.
	missing func(*Context) string
}

// absentUnless is the usual test: something of the type is in the input.
func absentUnless[T any](what string) func(*Context) string {
	return func(c *Context) string {
		for range model.All[T](c.cluster) {
			return ""
		}
		return "the input has no " + what
	}
}

// Evidence of Kubernetes and of the claims.
func evidencePods() Evidence {
	return Evidence{"workloads", "kubectl get deploy,sts,ds,job,cronjob,pod -A -o yaml, or the manifests", func(c *Context) string {
		for range c.cluster.Pods() {
			return ""
		}
		return "the input has no workload"
	}}
}

func evidenceClaims() Evidence {
	return Evidence{"claims", "a document of kind Claims (" + ClaimsAPIVersion + "), in the input or by --claims", func(c *Context) string {
		if c.claims.Kind == "" {
			return "there are no claims"
		}
		return ""
	}}
}

// evidenceCluster is the configuration of the one AKS cluster that is meant.
func evidenceCluster() Evidence {
	return Evidence{"cluster", "az aks show -g GROUP -n NAME -o json", func(c *Context) string {
		_, why := c.aks()
		return why
	}}
}

// evidenceEngine is the engine that enforces NetworkPolicies. Without one, nothing
// about packets is proved.
func evidenceEngine() Evidence {
	return Evidence{"policy engine", "az aks show -g GROUP -n NAME -o json: networkProfile.networkPolicy and networkDataplane", func(c *Context) string {
		return c.Engine().Why
	}}
}

// evidenceBindings are the RBAC objects of the cluster: whoever an input without any
// binding gives no right may have them all.
func evidenceBindings() Evidence {
	return Evidence{"bindings", "kubectl get clusterroles,clusterrolebindings,roles,rolebindings -A -o yaml, or the manifests", func(c *Context) string {
		for range model.All[rbacv1.ClusterRoleBinding](c.cluster) {
			return ""
		}
		for range model.All[rbacv1.RoleBinding](c.cluster) {
			return ""
		}
		return "the input has no RoleBinding and no ClusterRoleBinding"
	}}
}

// Evidence of Azure. Controls that need an export which no function here names add
// their own: one function each, so that the words stay the same.
func evidenceRoleAssignments() Evidence {
	return Evidence{"role assignments", "az role assignment list --all --include-inherited -o json", absentUnless[model.RoleAssignment]("role assignment")}
}

func evidenceDiagnostics() Evidence {
	return Evidence{"diagnostic settings", "az monitor diagnostic-settings list --resource CLUSTER_ID -o json", absentUnless[model.DiagnosticSetting]("diagnostic setting")}
}

func evidenceManagedIdentities() Evidence {
	return Evidence{"managed identities", "az identity list -o json", absentUnless[model.UserAssignedIdentity]("managed identity")}
}

func evidenceFederation() Evidence {
	return Evidence{"federated credentials", "az identity federated-credential list -g GROUP --identity-name NAME -o json", absentUnless[model.FederatedCredential]("federated credential")}
}

func evidenceVaults() Evidence {
	return Evidence{"key vaults", "az keyvault show -n NAME -o json", absentUnless[model.KeyVault]("key vault")}
}
