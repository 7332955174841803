package admission

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/aksim/aksim/pkg/model"
)

func setDefaults(object metav1.Object) {
	switch o := object.(type) {
	case *corev1.Namespace:
		if o.Name != "" {
			if o.Labels == nil {
				o.Labels = map[string]string{}
			}
			o.Labels[model.NameLabel] = o.Name // NP38
		}
	case *networkingv1.NetworkPolicy:
		defaultNetworkPolicy(&o.Spec)
	case *rbacv1.RoleBinding:
		defaultBinding(&o.RoleRef, o.Subjects)
	case *rbacv1.ClusterRoleBinding:
		defaultBinding(&o.RoleRef, o.Subjects)
	case *corev1.Pod:
		defaultPodSpec(&o.Spec)
		defaultPodIPs(&o.Status)
	case *appsv1.Deployment:
		defaultOne(&o.Spec.Replicas)
		defaultPodSpec(&o.Spec.Template.Spec)
	case *appsv1.StatefulSet:
		defaultOne(&o.Spec.Replicas)
		defaultPodSpec(&o.Spec.Template.Spec)
	case *appsv1.DaemonSet:
		defaultPodSpec(&o.Spec.Template.Spec)
	case *appsv1.ReplicaSet:
		defaultOne(&o.Spec.Replicas)
		defaultPodSpec(&o.Spec.Template.Spec)
	case *corev1.ReplicationController:
		defaultOne(&o.Spec.Replicas)
		if t := o.Spec.Template; t != nil {
			defaultPodSpec(&t.Spec)
			if len(o.Spec.Selector) == 0 {
				o.Spec.Selector = t.Labels
			}
		}
	case *batchv1.Job:
		defaultPodSpec(&o.Spec.Template.Spec)
	case *batchv1.CronJob:
		defaultPodSpec(&o.Spec.JobTemplate.Spec.Template.Spec)
	case *corev1.Service:
		defaultService(&o.Spec)
	case *corev1.Node:
		defaultNode(&o.Spec)
	case *discoveryv1.EndpointSlice:
		for i := range o.Ports {
			p := &o.Ports[i]
			defaultTo(&p.Name, "")
			defaultTo(&p.Protocol, corev1.ProtocolTCP)
		}
	case *corev1.Secret:
		if o.Type == "" {
			o.Type = corev1.SecretTypeOpaque
		}
	}
}

func defaultTo[T any](field **T, value T) {
	if *field == nil {
		*field = &value
	}
}

func defaultOne(replicas **int32) { defaultTo(replicas, 1) }

func defaultNetworkPolicy(spec *networkingv1.NetworkPolicySpec) {
	if len(spec.PolicyTypes) == 0 {
		// egress: [] asks for no egress isolation; only egress rules do (NP2).
		spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
		if len(spec.Egress) > 0 {
			spec.PolicyTypes = append(spec.PolicyTypes, networkingv1.PolicyTypeEgress)
		}
	}
	defaultPorts := func(ports []networkingv1.NetworkPolicyPort) { // NP17
		for i := range ports {
			defaultTo(&ports[i].Protocol, corev1.ProtocolTCP)
		}
	}
	for _, rule := range spec.Ingress {
		defaultPorts(rule.Ports)
	}
	for _, rule := range spec.Egress {
		defaultPorts(rule.Ports)
	}
}

func defaultBinding(ref *rbacv1.RoleRef, subjects []rbacv1.Subject) {
	if ref.APIGroup == "" {
		ref.APIGroup = rbacv1.GroupName
	}
	for i := range subjects {
		s := &subjects[i]
		if s.APIGroup == "" && (s.Kind == rbacv1.UserKind || s.Kind == rbacv1.GroupKind) {
			s.APIGroup = rbacv1.GroupName
		}
	}
}

func defaultPodSpec(spec *corev1.PodSpec) {
	if spec.RestartPolicy == "" {
		spec.RestartPolicy = corev1.RestartPolicyAlways
	}
	defaultPorts := func(ports []corev1.ContainerPort) {
		for i := range ports {
			if ports[i].Protocol == "" {
				ports[i].Protocol = corev1.ProtocolTCP
			}
		}
	}
	for i := range spec.InitContainers {
		defaultPorts(spec.InitContainers[i].Ports)
	}
	for i := range spec.Containers {
		defaultPorts(spec.Containers[i].Ports)
	}
	for i := range spec.EphemeralContainers {
		defaultPorts(spec.EphemeralContainers[i].Ports)
	}
}

// defaultPodIPs makes podIP and podIPs agree; podIP decides where they don't.
func defaultPodIPs(status *corev1.PodStatus) {
	switch {
	case status.PodIP != "":
		if len(status.PodIPs) == 0 || status.PodIPs[0].IP != status.PodIP {
			status.PodIPs = []corev1.PodIP{{IP: status.PodIP}}
		}
	case len(status.PodIPs) > 0:
		status.PodIP = status.PodIPs[0].IP
	}
}

// defaultNode makes podCIDR and podCIDRs agree; podCIDR decides where they don't.
func defaultNode(spec *corev1.NodeSpec) {
	switch {
	case spec.PodCIDR != "":
		if len(spec.PodCIDRs) == 0 || spec.PodCIDRs[0] != spec.PodCIDR {
			spec.PodCIDRs = []string{spec.PodCIDR}
		}
	case len(spec.PodCIDRs) > 0:
		spec.PodCIDR = spec.PodCIDRs[0]
	}
}

func defaultService(spec *corev1.ServiceSpec) {
	if spec.Type == "" {
		spec.Type = corev1.ServiceTypeClusterIP
	}
	if spec.ClusterIP != "" && len(spec.ClusterIPs) == 0 {
		spec.ClusterIPs = []string{spec.ClusterIP}
	}
	for i := range spec.Ports {
		p := &spec.Ports[i]
		if p.Protocol == "" {
			p.Protocol = corev1.ProtocolTCP
		}
		if p.TargetPort == intstr.FromInt32(0) || p.TargetPort == intstr.FromString("") {
			p.TargetPort = intstr.FromInt32(p.Port)
		}
	}
}
