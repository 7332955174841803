package manifest

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// reduce drops from an object what nobody reads and what nobody may read: the
// values of Secrets and ConfigMaps.
func reduce(object metav1.Object) {
	object.SetManagedFields(nil)
	if a := object.GetAnnotations(); a != nil {
		delete(a, corev1.LastAppliedConfigAnnotation) // a copy of the object, secret values included
	}
	switch o := object.(type) {
	case *corev1.Secret:
		o.Data = keysOnly(o.Data, o.StringData)
		o.StringData = nil
	case *corev1.ConfigMap:
		for k := range o.Data {
			o.Data[k] = ""
		}
		for k := range o.BinaryData {
			o.BinaryData[k] = nil
		}
	case *corev1.Pod:
		reducePod(&o.Spec)
		o.Status = corev1.PodStatus{
			Phase: o.Status.Phase, PodIP: o.Status.PodIP, PodIPs: o.Status.PodIPs, HostIP: o.Status.HostIP, HostIPs: o.Status.HostIPs,
		}
	case *appsv1.Deployment:
		reducePod(&o.Spec.Template.Spec)
		o.Status = appsv1.DeploymentStatus{}
	case *appsv1.StatefulSet:
		reducePod(&o.Spec.Template.Spec)
		o.Status = appsv1.StatefulSetStatus{}
	case *appsv1.DaemonSet:
		reducePod(&o.Spec.Template.Spec)
		o.Status = appsv1.DaemonSetStatus{}
	case *appsv1.ReplicaSet:
		reducePod(&o.Spec.Template.Spec)
		o.Status = appsv1.ReplicaSetStatus{}
	case *corev1.ReplicationController:
		if o.Spec.Template != nil {
			reducePod(&o.Spec.Template.Spec)
		}
		o.Status = corev1.ReplicationControllerStatus{}
	case *batchv1.Job:
		reducePod(&o.Spec.Template.Spec)
	case *batchv1.CronJob:
		reducePod(&o.Spec.JobTemplate.Spec.Template.Spec)
	case *corev1.Node:
		o.Status = corev1.NodeStatus{
			Addresses: o.Status.Addresses,
			NodeInfo:  corev1.NodeSystemInfo{KubeletVersion: o.Status.NodeInfo.KubeletVersion, OperatingSystem: o.Status.NodeInfo.OperatingSystem},
		}
	}
}

// keysOnly returns the keys of a Secret's two maps.
func keysOnly(data map[string][]byte, stringData map[string]string) map[string][]byte {
	keys := make(map[string][]byte, len(data)+len(stringData))
	for k := range data {
		keys[k] = nil
	}
	for k := range stringData {
		keys[k] = nil
	}
	return keys
}

func reducePod(s *corev1.PodSpec) {
	s.Affinity, s.Tolerations, s.TopologySpreadConstraints, s.ReadinessGates = nil, nil, nil, nil
	s.DNSConfig, s.Overhead, s.SchedulingGates = nil, nil, nil
	for i := range s.InitContainers {
		reduceContainer(&s.InitContainers[i])
	}
	for i := range s.Containers {
		reduceContainer(&s.Containers[i])
	}
	for i := range s.EphemeralContainers {
		reduceContainer((*corev1.Container)(&s.EphemeralContainers[i].EphemeralContainerCommon))
	}
}

func reduceContainer(c *corev1.Container) {
	c.Resources = corev1.ResourceRequirements{}
	c.ResizePolicy, c.VolumeDevices, c.Lifecycle = nil, nil, nil
	c.LivenessProbe, c.ReadinessProbe, c.StartupProbe = nil, nil, nil
}
