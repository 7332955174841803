package manifest

import (
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/model"
)

// builtin holds the kinds that Kubernetes 1.37 itself serves, by API group; the
// cluster-scoped ones are marked with a star.
var builtin = map[string][]string{ //nolint:gochecknoglobals // a constant table
	"": {
		"Binding", "*ComponentStatus", "ConfigMap", "Endpoints", "Event", "LimitRange", "List", "*Namespace", "*Node",
		"*PersistentVolume", "PersistentVolumeClaim", "Pod", "PodTemplate", "ReplicationController", "ResourceQuota",
		"Secret", "Service", "ServiceAccount",
	},
	"admissionregistration.k8s.io": {
		"*MutatingAdmissionPolicy", "*MutatingAdmissionPolicyBinding", "*MutatingWebhookConfiguration",
		"*ValidatingAdmissionPolicy", "*ValidatingAdmissionPolicyBinding", "*ValidatingWebhookConfiguration",
	},
	"apiextensions.k8s.io":         {"*CustomResourceDefinition"},
	"apiregistration.k8s.io":       {"*APIService"},
	"apps":                         {"ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"},
	"authentication.k8s.io":        {"*SelfSubjectReview", "*TokenReview"},
	"authorization.k8s.io":         {"LocalSubjectAccessReview", "*SelfSubjectAccessReview", "*SelfSubjectRulesReview", "*SubjectAccessReview"},
	"autoscaling":                  {"HorizontalPodAutoscaler"},
	"batch":                        {"CronJob", "Job"},
	"certificates.k8s.io":          {"*CertificateSigningRequest", "*ClusterTrustBundle", "PodCertificateRequest"},
	"coordination.k8s.io":          {"Lease", "LeaseCandidate"},
	"discovery.k8s.io":             {"EndpointSlice"},
	"events.k8s.io":                {"Event"},
	"extensions":                   {},
	"flowcontrol.apiserver.k8s.io": {"*FlowSchema", "*PriorityLevelConfiguration"},
	"internal.apiserver.k8s.io":    {"*StorageVersion"},
	"lifecycle.k8s.io":             {"EvictionRequest"},
	"networking.k8s.io":            {"*IPAddress", "Ingress", "*IngressClass", "NetworkPolicy", "*ServiceCIDR"},
	"node.k8s.io":                  {"*RuntimeClass"},
	"policy":                       {"PodDisruptionBudget"},
	"rbac.authorization.k8s.io":    {"*ClusterRole", "*ClusterRoleBinding", "Role", "RoleBinding"},
	"resource.k8s.io": {
		"*DeviceClass", "*DeviceTaintRule", "ResourceClaim", "ResourceClaimTemplate", "*ResourcePoolStatusRequest", "*ResourceSlice",
	},
	"scheduling.k8s.io": {"CompositePodGroup", "PodGroup", "*PriorityClass", "Workload"},
	"storage.k8s.io": {
		"*CSIDriver", "*CSINode", "CSIStorageCapacity", "*StorageClass", "*VolumeAttachment", "*VolumeAttributesClass",
	},
	"storagemigration.k8s.io": {"*StorageVersionMigration"},
}

// policyGroups are the API groups whose objects also decide about traffic. They
// are for an engine to recognise; here they only matter in that no note says
// they are ignored. The namespaced kinds among them default their namespace.
var policyGroups = map[string][]string{ //nolint:gochecknoglobals // a constant table
	"cilium.io":                {"CiliumNetworkPolicy"},
	"projectcalico.org":        {"NetworkPolicy", "StagedNetworkPolicy", "NetworkSet"},
	"crd.projectcalico.org":    {"NetworkPolicy", "StagedNetworkPolicy", "NetworkSet"},
	"policy.networking.k8s.io": {},
	"security.istio.io":        {"AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"},
	claimsGroup:                {},
}

// claimsGroup is the API group of what aksim itself reads: claims, whose meaning is
// for package verify.
const claimsGroup = "aksim.dev"

// kind is what is known of the type of an object.
type kind struct {
	name, group string
	apiVersion  string
	modelled    bool
	builtin     bool
	scope       scope
}

type scope int

const (
	unknownScope scope = iota
	clusterScope
	namespaceScope
)

// ref names an object of the kind.
func (k kind) ref(namespace, name string) model.Ref {
	r := model.Ref{Group: k.group, Kind: k.name, Namespace: namespace, Name: name}
	if k.modelled {
		r.Group = ""
	}
	return r
}

// wrongKind is why an object cannot be of the kind that it says it is.
type wrongKind struct {
	text, hint string
	inVersion  bool // the apiVersion is what to change
}

// findKind returns the kind that an object says it is.
func findKind(apiVersion, name string) (kind, *wrongKind) {
	group, version := splitAPIVersion(apiVersion)
	k := kind{name: name, group: group, apiVersion: apiVersion}
	m, isModelled := model.KindByName(name)
	servedGroup, served := splitAPIVersion(m.APIVersion)
	none := "no kind " + name + " in " + apiVersion
	switch {
	case isModelled && group == servedGroup:
		if version != served && (name != "SecretProviderClass" || version != "v1alpha1") {
			return k, &wrongKind{apiVersion + " is not served any more", "use " + m.APIVersion, true}
		}
		k = modelledKind(m)
		k.apiVersion = apiVersion
		return k, nil
	case isBuiltinGroup(group):
		k.builtin, k.scope = true, builtinScope(group, name)
		switch {
		case k.scope != unknownScope:
			return k, nil
		case isModelled:
			return k, &wrongKind{none, "use " + m.APIVersion, true}
		}
		return k, &wrongKind{none, nearestKind(group, name), false}
	}
	// Community projects name their groups after Kubernetes' own.
	if isModelled && !strings.HasSuffix(group, ".x-k8s.io") && len(suggest.Nearest(group, []string{servedGroup})) > 0 {
		return k, &wrongKind{none, didYouMean(m.APIVersion), true}
	}
	if kinds, ok := policyGroups[group]; ok {
		k.scope = clusterScope
		if slices.Contains(kinds, name) {
			k.scope = namespaceScope
		}
	}
	return k, nil
}

func modelledKind(m model.Kind) kind {
	k := kind{name: m.Name, apiVersion: m.APIVersion, modelled: true, builtin: true, scope: clusterScope}
	k.group, _ = splitAPIVersion(m.APIVersion)
	if m.Namespaced {
		k.scope = namespaceScope
	}
	return k
}

func splitAPIVersion(apiVersion string) (group, version string) {
	if group, version, ok := strings.Cut(apiVersion, "/"); ok {
		return group, version
	}
	return "", apiVersion
}

func isBuiltinGroup(group string) bool {
	_, ok := builtin[group]
	return ok
}

func builtinScope(group, name string) scope {
	switch kinds := builtin[group]; {
	case slices.Contains(kinds, name):
		return namespaceScope
	case slices.Contains(kinds, "*"+name):
		return clusterScope
	}
	return unknownScope
}

// nearestKind suggests kinds of the group or, if none is near, of any group.
func nearestKind(group, name string) string {
	var all []string
	for _, kinds := range builtin {
		all = append(all, kinds...)
	}
	for _, kinds := range [][]string{builtin[group], all} {
		var names []string
		for _, k := range kinds {
			names = append(names, strings.TrimPrefix(k, "*"))
		}
		if hint := didYouMean(suggest.Nearest(name, names)...); hint != "" {
			return hint
		}
	}
	return ""
}

// didYouMean returns the hint that names the candidates, if there are any.
func didYouMean(candidates ...string) string {
	if len(candidates) == 0 {
		return ""
	}
	return `did you mean "` + strings.Join(candidates, `" or "`) + `"?`
}
