package verify

import (
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/pkg/model"
)

// checkPodIdentity looks for Microsoft Entra pod-managed identity, the forerunner of
// workload identity, in each of its forms.
// https://learn.microsoft.com/azure/aks/use-azure-ad-pod-identity
func checkPodIdentity(c *Context, a *Answer) {
	if aks := c.AKS(); aks != nil {
		c.deployed(a)
		p := aks.API.PodIdentity
		_, isOpen := p.Unresolved()
		switch on := p.Or(false); {
		case on, isOpen, !p.IsKnown() && len(aks.API.PodIdentities) > 0:
			c.settle(a, "podIdentityProfile.enabled", how("podIdentityProfile.enabled", p), p, "", "pods get managed identities by a label")
		}
	}
	refute := func(r model.Ref, at model.Place, text string) {
		a.Refute(Finding{Object: r.String(), Place: at, Text: text})
	}
	for o := range model.All[model.Unmodelled](c.cluster) {
		switch {
		case o.Ref.Group == legacyGroup:
			refute(o.Ref, o.Origin.Place, "is a custom resource of pod identity")
		case o.Ref.Kind == "CustomResourceDefinition" && strings.HasSuffix(o.Ref.Name, "."+legacyGroup):
			refute(o.Ref, o.Origin.Place, "defines custom resources of pod identity")
		}
	}
	for o := range model.All[appsv1.DaemonSet](c.cluster) {
		if isLegacy(o.Ref.Name, "nmi", &o.API.Spec.Template.Spec) {
			refute(o.Ref, o.Origin.Place, "is the agent of pod identity")
		}
	}
	for o := range model.All[appsv1.Deployment](c.cluster) {
		if isLegacy(o.Ref.Name, "mic", &o.API.Spec.Template.Spec) {
			refute(o.Ref, o.Origin.Place, "is the controller of pod identity")
		}
	}
	pods := 0
	labelled := map[model.Ref]bool{}
	for p := range c.cluster.Pods() {
		pods++
		if name, ok := p.Labels[legacyLabel]; ok {
			ref := model.Ref{Kind: "Pod", Namespace: p.Namespace, Name: p.Name}
			if w := p.Workload(); !w.IsZero() {
				ref = w
			}
			if !labelled[ref] {
				labelled[ref] = true
				refute(ref, p.Origin.Place, "has the label "+legacyLabel+"="+name)
			}
		}
	}
	a.Proved("the profile of the cluster, custom resources, %s, and the workloads of pod identity itself", count(pods, "pod"))
}

const (
	legacyGroup = "aadpodidentity.k8s.io"
	legacyLabel = "aadpodidbinding"
)

// isLegacy reports whether a workload is a part of pod identity, by its name or image.
func isLegacy(name, part string, spec *corev1.PodSpec) bool {
	if name == part || strings.HasSuffix(name, "-"+part) {
		return true
	}
	for _, ct := range spec.Containers {
		image, _, _ := strings.Cut(lastSegment(ct.Image), "@")
		image, _, _ = strings.Cut(image, ":")
		if image == part && strings.Contains(ct.Image, "aad-pod-identity") {
			return true
		}
	}
	return false
}
