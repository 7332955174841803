package identity

import (
	"strings"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/aksim/aksim/pkg/model"
)

// legacyLabel is the label by which pods ask for an identity of pod identity, the
// forerunner of workload identity (AZ104).
// https://learn.microsoft.com/azure/aks/use-azure-ad-pod-identity
const legacyLabel = "aadpodidbinding"

const legacyGroup = "aadpodidentity.k8s.io"

// legacyBinding gives pods with a label a managed identity.
type legacyBinding struct {
	namespace string
	selector  string
	identity  model.AttachedIdentity
	via       model.Ref
	place     model.Place
	open      string
}

// legacyBindings returns the bindings of pod identity: those of the add-on, then those
// of the CustomResources, by name.
func (e *estate) legacyBindings() (bs []legacyBinding) {
	for _, o := range e.aks {
		if on, ok := o.API.PodIdentity.Get(); ok && !on {
			continue
		}
		open := ""
		if !o.API.PodIdentity.IsKnown() {
			open = "podIdentityProfile.enabled is " + howMissing(o.API.PodIdentity)
		}
		for _, p := range o.API.PodIdentities {
			selector := p.BindingSelector.Or(p.Name.Or(""))
			bs = append(bs, legacyBinding{p.Namespace.Or(""), selector, p.Identity, o.Ref, o.Origin.At("podIdentityProfile"), open})
		}
	}
	open := e.legacyDoubt()
	identities := map[model.Ref]model.AttachedIdentity{}
	for o := range model.All[model.Unmodelled](e.cluster) {
		if o.Ref.Group == legacyGroup && o.Ref.Kind == "AzureIdentity" {
			id := model.AttachedIdentity{}
			if v := specText(o, "resourceID"); v != "" {
				id.ResourceID = model.Known(v)
			}
			if v := specText(o, "clientID"); v != "" {
				id.ClientID = model.Known(v)
			}
			identities[model.Ref{Namespace: o.Ref.Namespace, Name: o.Ref.Name}] = id
		}
	}
	for o := range model.All[model.Unmodelled](e.cluster) {
		if o.Ref.Group != legacyGroup || o.Ref.Kind != "AzureIdentityBinding" {
			continue
		}
		name := specText(o, "azureIdentity")
		if id, ok := identities[model.Ref{Namespace: o.Ref.Namespace, Name: name}]; ok {
			bs = append(bs, legacyBinding{o.Ref.Namespace, specText(o, "selector"), id, o.Ref, o.Origin.Place, open})
		}
	}
	return bs
}

// legacyDoubt says why CustomResources of pod identity may do nothing: nobody reads
// them. It is empty if the add-on is on, or its DaemonSet in the input.
func (e *estate) legacyDoubt() string {
	for _, o := range e.aks {
		if on, ok := o.API.PodIdentity.Get(); ok && on {
			return ""
		}
	}
	for o := range model.All[appsv1.DaemonSet](e.cluster) {
		if o.Ref.Name == "nmi" || strings.HasSuffix(o.Ref.Name, "-nmi") {
			return ""
		}
	}
	return "no DaemonSet nmi is in the input, and the add-on is not known to be on"
}

// specText returns a text of an object's spec. Old versions spelt the keys otherwise.
func specText(o *model.Object[model.Unmodelled], key string) string {
	spec, _ := o.API.Content["spec"].(map[string]any)
	if s, ok := spec[key].(string); ok {
		return s
	}
	for _, spelling := range []string{strings.ToUpper(key[:1]) + key[1:], strings.ToLower(key)} {
		if s, ok := spec[spelling].(string); ok {
			return s
		}
	}
	return ""
}

// grants reports whether a binding is for a pod, and why that is open: in one namespace
// it is, and pod identity of one's own may be set up to look at all namespaces.
func (b legacyBinding) grants(p *model.Pod) (open string, ok bool) {
	if b.selector == "" || p.Labels[legacyLabel] != b.selector {
		return "", false
	}
	switch {
	case b.namespace == p.Namespace:
		return b.open, true
	case b.via.Group == legacyGroup && b.via.Kind == "AzureIdentityBinding":
		return "the binding is in another namespace, which counts unless forceNamespaced is set", true
	}
	return "", false
}
