package model

import (
	"slices"
	"strings"
)

// Kind is one of the modelled kinds of object.
type Kind struct {
	Name       string   // as in manifests: NetworkPolicy
	APIVersion string   // the only one that is served: networking.k8s.io/v1
	Namespaced bool     // false: cluster-scoped
	Words      []string // what kubectl also calls it: plural, singular, short names
}

// The kinds in the order of the API reference. SecretProviderClass belongs to
// the secrets store CSI driver; the others are built in.
var kinds = [...]Kind{ //nolint:gochecknoglobals // a constant table
	{"Namespace", "v1", false, []string{"namespace", "namespaces", "ns"}},
	{"Node", "v1", false, []string{"node", "nodes", "no"}},
	{"Pod", "v1", true, []string{"pod", "pods", "po"}},
	{"ReplicationController", "v1", true, []string{"replicationcontroller", "replicationcontrollers", "rc"}},
	{"Deployment", "apps/v1", true, []string{"deployment", "deployments", "deploy"}},
	{"StatefulSet", "apps/v1", true, []string{"statefulset", "statefulsets", "sts"}},
	{"DaemonSet", "apps/v1", true, []string{"daemonset", "daemonsets", "ds"}},
	{"ReplicaSet", "apps/v1", true, []string{"replicaset", "replicasets", "rs"}},
	{"Job", "batch/v1", true, []string{"job", "jobs"}},
	{"CronJob", "batch/v1", true, []string{"cronjob", "cronjobs", "cj"}},
	{"Service", "v1", true, []string{"service", "services", "svc"}},
	{"EndpointSlice", "discovery.k8s.io/v1", true, []string{"endpointslice", "endpointslices"}},
	{"Ingress", "networking.k8s.io/v1", true, []string{"ingress", "ingresses", "ing"}},
	{"IngressClass", "networking.k8s.io/v1", false, []string{"ingressclass", "ingressclasses"}},
	{"NetworkPolicy", "networking.k8s.io/v1", true, []string{"networkpolicy", "networkpolicies", "netpol"}},
	{"ServiceAccount", "v1", true, []string{"serviceaccount", "serviceaccounts", "sa"}},
	{"Secret", "v1", true, []string{"secret", "secrets"}},
	{"ConfigMap", "v1", true, []string{"configmap", "configmaps", "cm"}},
	{"Role", "rbac.authorization.k8s.io/v1", true, []string{"role", "roles"}},
	{"ClusterRole", "rbac.authorization.k8s.io/v1", false, []string{"clusterrole", "clusterroles"}},
	{"RoleBinding", "rbac.authorization.k8s.io/v1", true, []string{"rolebinding", "rolebindings"}},
	{"ClusterRoleBinding", "rbac.authorization.k8s.io/v1", false, []string{"clusterrolebinding", "clusterrolebindings"}},
	{"SecretProviderClass", "secrets-store.csi.x-k8s.io/v1", true, []string{"secretproviderclass", "secretproviderclasses"}},
}

// Kinds returns the modelled kinds in a fixed order.
func Kinds() []Kind { return append([]Kind(nil), kinds[:]...) }

// KindByWord finds a modelled kind by any word that kubectl takes for it, the API
// group and version behind a dot included (deployments.apps, deployments.v1.apps);
// upper and lower case are the same.
func KindByWord(word string) (Kind, bool) {
	word, group, grouped := strings.Cut(strings.ToLower(word), ".")
	for _, k := range kinds {
		if slices.Contains(k.Words, word) && (!grouped || k.isIn(group)) {
			return k, true
		}
	}
	return Kind{}, false
}

// isIn reports whether the text is the kind's API group, or that behind its version.
func (k Kind) isIn(text string) bool {
	group, version, ok := strings.Cut(k.APIVersion, "/")
	return ok && (text == group || text == version+"."+group)
}

// KindByName finds a modelled kind by its exact name.
func KindByName(name string) (Kind, bool) {
	for _, k := range kinds {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}
