package admission

import (
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func validate(object metav1.Object) []Problem {
	switch o := object.(type) {
	case *corev1.Namespace:
		return rejections(append(
			validateMeta(o, false, validation.ValidateNamespaceName),
			validateNamespace(o)...))
	case *networkingv1.NetworkPolicy:
		return append(
			rejections(append(
				validateMeta(o, true, validation.NameIsDNSSubdomain),
				validatePolicy(&o.Spec)...)),
			checkCIDRs(&o.Spec)...)
	case *rbacv1.Role:
		return rejections(append(
			validateMeta(o, true, pathSegmentName),
			validateRules(o.Rules, true)...))
	case *rbacv1.ClusterRole:
		return rejections(slices.Concat(
			validateMeta(o, false, pathSegmentName),
			validateRules(o.Rules, false),
			validateAggregation(o.AggregationRule)))
	case *rbacv1.RoleBinding:
		return rejections(append(
			validateMeta(o, true, pathSegmentName),
			validateBinding(o.RoleRef, o.Subjects, "Role", "ClusterRole")...))
	case *rbacv1.ClusterRoleBinding:
		return rejections(append(
			validateMeta(o, false, pathSegmentName),
			validateBinding(o.RoleRef, o.Subjects, "ClusterRole")...))
	}
	return nil
}

// validateMeta checks the metadata as it stands when the server has generated a
// name and set what is the server's to set.
func validateMeta(object metav1.Object, namespaced bool, name validation.ValidateNameFunc) field.ErrorList {
	meta := metav1.ObjectMeta{
		Name:            object.GetName(),
		GenerateName:    object.GetGenerateName(),
		Namespace:       object.GetNamespace(),
		Labels:          object.GetLabels(),
		Annotations:     object.GetAnnotations(),
		OwnerReferences: object.GetOwnerReferences(),
		Finalizers:      object.GetFinalizers(),
	}
	if meta.Name == "" && meta.GenerateName != "" {
		const longest, suffix = utilvalidation.DNS1123LabelMaxLength, "xxxxx"
		meta.Name = meta.GenerateName[:min(len(meta.GenerateName), longest-len(suffix))] + suffix
	}
	return sorted(validation.ValidateObjectMeta(&meta, namespaced, name, field.NewPath("metadata")))
}

// sorted orders errors about one map by what is wrong, since the map has no
// order of its own.
func sorted(errs field.ErrorList) field.ErrorList {
	for i := 0; i < len(errs); {
		j := i + 1
		for j < len(errs) && errs[j].Field == errs[i].Field {
			j++
		}
		slices.SortStableFunc(errs[i:j], func(a, b *field.Error) int {
			x, _ := a.BadValue.(string)
			y, _ := b.BadValue.(string)
			return strings.Compare(x, y)
		})
		i = j
	}
	return errs
}

// validateNamespace checks what the PodSecurity admission plugin and the
// registry check of a Namespace.
func validateNamespace(ns *corev1.Namespace) field.ErrorList {
	var errs field.ErrorList
	for i, f := range ns.Spec.Finalizers {
		finalizer := string(f)
		at := field.NewPath("spec", "finalizers")
		for _, msg := range utilvalidation.IsQualifiedName(finalizer) {
			errs = append(errs, field.Invalid(at, finalizer, msg))
		}
		if !strings.Contains(finalizer, "/") && f != corev1.FinalizerKubernetes {
			errs = append(errs, field.Invalid(at.Index(i), finalizer, "name is neither a standard finalizer name nor is it fully qualified"))
		}
	}
	for _, mode := range []string{"enforce", "audit", "warn"} {
		const prefix = "pod-security.kubernetes.io/"
		levels := []string{"privileged", "baseline", "restricted"}
		check := func(label string, ok func(string) bool, msg string) {
			if value, set := ns.Labels[label]; set && !ok(value) {
				errs = append(errs, field.Invalid(field.NewPath("metadata", "labels").Key(label), value, msg))
			}
		}
		check(prefix+mode, func(v string) bool { return slices.Contains(levels, v) },
			"must be one of "+strings.Join(levels, ", "))
		check(prefix+mode+"-version", func(v string) bool { return v == "latest" || podSecurityVersion.MatchString(v) },
			`must be "latest" or "v1.x"`)
	}
	return errs
}

var podSecurityVersion = regexp.MustCompile(`^v1\.(0|[1-9][0-9]*)$`)

// pathSegmentName says why a name cannot be a segment of a URL's path, which is
// all that is asked of the names of RBAC objects.
func pathSegmentName(name string, prefix bool) []string {
	if prefix {
		return content.IsPathSegmentPrefix(name)
	}
	return content.IsPathSegmentName(name)
}
