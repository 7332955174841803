package manifest

import (
	"reflect"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aksim/aksim/pkg/model"
)

// goType is the Go type of a modelled kind.
type goType struct {
	typ reflect.Type
	new func() metav1.Object
	add func(*model.Builder, model.Ref, metav1.Object, model.Origin)
}

func typeOf[T any, P interface {
	*T
	metav1.Object
}]() goType {
	return goType{
		typ: reflect.TypeFor[T](),
		new: func() metav1.Object { return P(new(T)) },
		add: func(b *model.Builder, ref model.Ref, object metav1.Object, origin model.Origin) {
			model.Add(b, &model.Object[T]{Ref: ref, API: object.(P), Origin: origin})
		},
	}
}

// goTypes holds the Go type of every kind in model.Kinds.
var goTypes = map[string]goType{ //nolint:gochecknoglobals // a constant table
	"Namespace":             typeOf[corev1.Namespace](),
	"Node":                  typeOf[corev1.Node](),
	"Pod":                   typeOf[corev1.Pod](),
	"ReplicationController": typeOf[corev1.ReplicationController](),
	"Deployment":            typeOf[appsv1.Deployment](),
	"StatefulSet":           typeOf[appsv1.StatefulSet](),
	"DaemonSet":             typeOf[appsv1.DaemonSet](),
	"ReplicaSet":            typeOf[appsv1.ReplicaSet](),
	"Job":                   typeOf[batchv1.Job](),
	"CronJob":               typeOf[batchv1.CronJob](),
	"Service":               typeOf[corev1.Service](),
	"EndpointSlice":         typeOf[discoveryv1.EndpointSlice](),
	"Ingress":               typeOf[networkingv1.Ingress](),
	"IngressClass":          typeOf[networkingv1.IngressClass](),
	"NetworkPolicy":         typeOf[networkingv1.NetworkPolicy](),
	"ServiceAccount":        typeOf[corev1.ServiceAccount](),
	"Secret":                typeOf[corev1.Secret](),
	"ConfigMap":             typeOf[corev1.ConfigMap](),
	"Role":                  typeOf[rbacv1.Role](),
	"ClusterRole":           typeOf[rbacv1.ClusterRole](),
	"RoleBinding":           typeOf[rbacv1.RoleBinding](),
	"ClusterRoleBinding":    typeOf[rbacv1.ClusterRoleBinding](),
	"SecretProviderClass":   typeOf[model.SecretProviderClass](),
}

// holdsSecrets reports whether values of the kind must never be printed.
func holdsSecrets(kind string) bool { return kind == "Secret" || kind == "ConfigMap" }

// isRule reports whether the field path lies in the part of a policy, role or
// binding that grants or denies something.
func isRule(kind, path string) bool {
	top, _, _ := strings.Cut(path, ".")
	top, _, _ = strings.Cut(top, "[")
	switch kind {
	case "NetworkPolicy":
		return top == "spec"
	case "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding":
		return top == "rules" || top == "roleRef" || top == "subjects" || top == "aggregationRule"
	}
	return false
}
