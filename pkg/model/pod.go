package model

import (
	"iter"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Pod is a pod of the snapshot: one that the input holds, or the one that a
// workload's template stands for however many replicas it has.
type Pod struct {
	Namespace string
	Name      string // of a template's pod: the name of its workload
	Labels    map[string]string
	// Annotations are the pod's own, or those of the template.
	Annotations map[string]string
	Spec        *corev1.PodSpec
	Status      *corev1.PodStatus // nil for a template's pod

	// Owners are the controllers that the input holds, from the pod's own to the
	// topmost: a ReplicaSet, then its Deployment. A pod on its own has none.
	Owners []Ref

	// Template is true of a workload's pod when the input holds no living pod
	// of that workload.
	Template bool

	Origin Origin
}

// Workload is the topmost of the pod's owners; zero for a pod on its own.
func (p *Pod) Workload() Ref {
	if len(p.Owners) == 0 {
		return Ref{}
	}
	return p.Owners[len(p.Owners)-1]
}

// Terminated reports whether the pod has ended and will not run again.
func (p *Pod) Terminated() bool {
	return p.Status != nil && (p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed)
}

// Pods yields the pods of the snapshot, ordered by namespace and name, those
// that the input holds before a template's pod of the same name.
//
// A template counts only while the input holds no living pod of its workload,
// and only at the top of an owner chain: a Deployment's ReplicaSets, old ones
// included, add nothing to it. The template of a Job that has finished makes
// no pod.
func (c *Cluster) Pods() iter.Seq[*Pod] {
	return func(yield func(*Pod) bool) {
		for i := range c.pods {
			if !yield(&c.pods[i]) {
				return
			}
		}
	}
}

// Workload is an object that makes pods from a template.
type Workload struct {
	Ref    Ref
	Origin Origin
	// Selector says which pods the workload counts as its own; nil where the
	// kind leaves that to the API server (Job, CronJob).
	Selector *metav1.LabelSelector
	Template *corev1.PodTemplateSpec

	uid      types.UID
	owners   []metav1.OwnerReference
	finished bool
}

// Workloads yields the objects that make pods, ordered by namespace, name and
// kind, those owned by others included.
func (c *Cluster) Workloads() iter.Seq[Workload] {
	var ws []Workload
	add := func(ref Ref, origin Origin, meta *metav1.ObjectMeta, selector *metav1.LabelSelector, template *corev1.PodTemplateSpec, finished bool) {
		ws = append(ws, Workload{ref, origin, selector, template, meta.UID, meta.OwnerReferences, finished})
	}
	for o := range All[appsv1.Deployment](c) {
		add(o.Ref, o.Origin, &o.API.ObjectMeta, o.API.Spec.Selector, &o.API.Spec.Template, false)
	}
	for o := range All[appsv1.StatefulSet](c) {
		add(o.Ref, o.Origin, &o.API.ObjectMeta, o.API.Spec.Selector, &o.API.Spec.Template, false)
	}
	for o := range All[appsv1.DaemonSet](c) {
		add(o.Ref, o.Origin, &o.API.ObjectMeta, o.API.Spec.Selector, &o.API.Spec.Template, false)
	}
	for o := range All[appsv1.ReplicaSet](c) {
		add(o.Ref, o.Origin, &o.API.ObjectMeta, o.API.Spec.Selector, &o.API.Spec.Template, false)
	}
	for o := range All[corev1.ReplicationController](c) {
		if o.API.Spec.Template != nil {
			selector := &metav1.LabelSelector{MatchLabels: o.API.Spec.Selector}
			add(o.Ref, o.Origin, &o.API.ObjectMeta, selector, o.API.Spec.Template, false)
		}
	}
	for o := range All[batchv1.Job](c) {
		add(o.Ref, o.Origin, &o.API.ObjectMeta, o.API.Spec.Selector, &o.API.Spec.Template, jobFinished(o.API))
	}
	for o := range All[batchv1.CronJob](c) {
		add(o.Ref, o.Origin, &o.API.ObjectMeta, nil, &o.API.Spec.JobTemplate.Spec.Template, false)
	}
	slices.SortFunc(ws, func(a, b Workload) int {
		if c := compareNames(a.Ref, b.Ref); c != 0 {
			return c
		}
		return strings.Compare(a.Ref.Kind, b.Ref.Kind)
	})
	return slices.Values(ws)
}

func jobFinished(j *batchv1.Job) bool {
	for _, c := range j.Status.Conditions {
		if c.Status == corev1.ConditionTrue && (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) {
			return true
		}
	}
	return false
}

func (c *Cluster) findPods() {
	workloads := map[Ref]*Workload{}
	for w := range c.Workloads() {
		workloads[w.Ref] = &w
	}
	alive := map[Ref]bool{} // workloads of which the input holds a living pod
	for o := range All[corev1.Pod](c) {
		p := Pod{
			Namespace:   o.Ref.Namespace,
			Name:        o.Ref.Name,
			Labels:      o.API.Labels,
			Annotations: o.API.Annotations,
			Spec:        &o.API.Spec,
			Status:      &o.API.Status,
			Owners:      ownersOf(workloads, o.Ref.Namespace, o.API.OwnerReferences),
			Origin:      o.Origin,
		}
		if !p.Terminated() {
			alive[p.Workload()] = true
		}
		c.pods = append(c.pods, p)
	}
	for w := range c.Workloads() {
		owned := len(ownersOf(workloads, w.Ref.Namespace, w.owners)) > 0
		if owned || w.finished || alive[w.Ref] {
			continue
		}
		c.pods = append(c.pods, Pod{
			Namespace:   w.Ref.Namespace,
			Name:        w.Ref.Name,
			Labels:      w.Template.Labels,
			Annotations: w.Template.Annotations,
			Spec:        &w.Template.Spec,
			Owners:      []Ref{w.Ref},
			Template:    true,
			Origin:      w.Origin,
		})
	}
	slices.SortStableFunc(c.pods, func(a, b Pod) int {
		if c := strings.Compare(a.Namespace, b.Namespace); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
}

// ownersOf follows controller references upwards as far as the input goes.
func ownersOf(workloads map[Ref]*Workload, namespace string, refs []metav1.OwnerReference) []Ref {
	var owners []Ref
	for {
		w := controller(workloads, namespace, refs)
		if w == nil || slices.Contains(owners, w.Ref) { // the top, or a cycle
			return owners
		}
		owners, refs = append(owners, w.Ref), w.owners
	}
}

func controller(workloads map[Ref]*Workload, namespace string, refs []metav1.OwnerReference) *Workload {
	for _, o := range refs {
		if o.Controller == nil || !*o.Controller {
			continue
		}
		w := workloads[Ref{Kind: o.Kind, Namespace: namespace, Name: o.Name}]
		if w != nil && (w.uid == "" || o.UID == "" || w.uid == o.UID) {
			return w
		}
	}
	return nil
}
