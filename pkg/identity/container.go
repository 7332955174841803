package identity

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/pkg/model"
)

// The variables by which Azure's libraries find workload identity.
const (
	clientIDVariable  = "AZURE_CLIENT_ID"
	tenantIDVariable  = "AZURE_TENANT_ID"
	tokenFileVariable = "AZURE_FEDERATED_TOKEN_FILE"
)

// container is a container or init container of a pod, with the path to it.
type container struct {
	*corev1.Container
	path string
}

// containersOf returns the init containers of a pod, then the others.
func containersOf(p *model.Pod) []container {
	var cs []container
	for i := range p.Spec.InitContainers {
		cs = append(cs, container{&p.Spec.InitContainers[i], fmt.Sprintf("spec.initContainers[%d]", i)})
	}
	for i := range p.Spec.Containers {
		cs = append(cs, container{&p.Spec.Containers[i], fmt.Sprintf("spec.containers[%d]", i)})
	}
	return cs
}

// setting is the value that a variable of a container has.
type setting struct {
	fact
	set bool // it has one, known or not
	own bool // it is in the container's env, which goes before all else
}

// variable finds what a container's env and envFrom set a variable to. The last of
// several entries counts, and env before envFrom, as the kubelet does it. The values of
// ConfigMaps and Secrets are not in the model, and neither are references to other
// variables followed: such a value is not known.
//
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#environment-variables
func (e *estate) variable(p *model.Pod, c container, name string) setting {
	for i, v := range slices.Backward(c.Env) {
		if v.Name != name {
			continue
		}
		s := setting{set: true, own: true, fact: fact{value: v.Value, place: podPlace(p, fmt.Sprintf("%s.env[%d]", c.path, i))}}
		switch {
		case v.ValueFrom != nil:
			s.value, s.open = "", name+" is taken from "+source(v.ValueFrom)+", whose values are not read"
		case strings.Contains(v.Value, "$("):
			s.value, s.open = "", fmt.Sprintf("%s is put together from other variables: %s", name, v.Value)
		}
		return s
	}
	for i := len(c.EnvFrom) - 1; i >= 0; i-- {
		if open := e.mayHold(p, &c.EnvFrom[i], name); open != "" {
			return setting{set: true, fact: fact{open: open, place: podPlace(p, fmt.Sprintf("%s.envFrom[%d]", c.path, i))}}
		}
	}
	return setting{}
}

func source(v *corev1.EnvVarSource) string {
	switch {
	case v.ConfigMapKeyRef != nil:
		return "ConfigMap " + v.ConfigMapKeyRef.Name + ", key " + v.ConfigMapKeyRef.Key
	case v.SecretKeyRef != nil:
		return "Secret " + v.SecretKeyRef.Name + ", key " + v.SecretKeyRef.Key
	case v.FieldRef != nil:
		return "the pod's " + v.FieldRef.FieldPath
	}
	return "elsewhere"
}

// mayHold says why an entry of envFrom sets a variable, or may, and nothing if it
// does not.
func (e *estate) mayHold(p *model.Pod, from *corev1.EnvFromSource, name string) string {
	key, ok := strings.CutPrefix(name, from.Prefix)
	if !ok || key == "" {
		return ""
	}
	var what string
	var has, known bool
	switch {
	case from.ConfigMapRef != nil:
		what = "ConfigMap " + p.Namespace + "/" + from.ConfigMapRef.Name
		var o *model.Object[corev1.ConfigMap]
		if o, known = model.Get[corev1.ConfigMap](e.cluster, p.Namespace, from.ConfigMapRef.Name); known {
			_, has = o.API.Data[key]
		}
	case from.SecretRef != nil:
		what = "Secret " + p.Namespace + "/" + from.SecretRef.Name
		var o *model.Object[corev1.Secret]
		if o, known = model.Get[corev1.Secret](e.cluster, p.Namespace, from.SecretRef.Name); known {
			_, inData := o.API.Data[key]
			_, inText := o.API.StringData[key]
			has = inData || inText
		}
	default:
		return ""
	}
	switch {
	case !known:
		return what + " may set " + name + " and is not in the input"
	case has:
		return name + " is taken from " + what + ", whose values are not read"
	}
	return ""
}

// mounts returns where in a container a volume is, and whether a subPath keeps its
// files from being renewed. Several mounts count by the first.
func (c container) mounts(volume string) (path string, frozen, ok bool) {
	for _, m := range c.VolumeMounts {
		if m.Name == volume {
			return m.MountPath, m.SubPath != "" || m.SubPathExpr != "", true
		}
	}
	return "", false, false
}

// holdsFile reports whether a file in a container lies in a volume mounted there.
func (c container) holdsFile(volume, file string) bool {
	for _, m := range c.VolumeMounts {
		if m.Name == volume && (file == m.MountPath || strings.HasPrefix(file, strings.TrimSuffix(m.MountPath, "/")+"/")) {
			return true
		}
	}
	return false
}
