package identity

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// attachment is an identity that the cluster's nodes have.
type attachment struct {
	entity Entity
	via    model.Ref // the scale set or cluster
	what   string    // how the nodes come to it
	place  model.Place
	open   string // why they may not have it
}

// attachments returns the identities that the cluster's nodes have, and that the
// instance metadata service hands out to whoever asks it (AZ100): the kubelet's, those
// of add-ons by their names, and those of the scale sets.
func (e *estate) attachments() (as []attachment) {
	for _, o := range e.aks {
		add := func(id model.AttachedIdentity, what, path, open string) {
			if entity, ok := e.attached(id); ok {
				as = append(as, attachment{entity, o.Ref, what, o.Origin.At(path), open})
			}
		}
		add(o.API.Kubelet, "the kubelet's identity", "identityProfile.kubeletidentity", "")
		for _, key := range slices.Sorted(maps.Keys(o.API.AddOns)) {
			a := o.API.AddOns[key]
			open := ""
			if on, ok := a.Enabled.Get(); ok && !on {
				continue
			} else if !ok {
				open = "whether add-on " + a.Name + " is on is " + howMissing(a.Enabled)
			}
			add(a.Identity, "the identity of add-on "+a.Name, "addonProfiles."+a.Name+".identity", open)
		}
	}
	for o := range model.All[model.ScaleSet](e.cluster) {
		if !e.holdsNodes(o) {
			continue
		}
		what, place := "scale set "+identityLabel(&o.API.Resource, o.Ref), o.Origin.At("identity")
		if id, ok := o.API.Identity.PrincipalID.Get(); ok && id != "" {
			entity, _ := e.directory.Lookup(id)
			if entity.Kind == 0 {
				entity.Kind, entity.Name = ManagedIdentity, cmp.Or(entity.Name, identityLabel(&o.API.Resource, o.Ref))
			}
			as = append(as, attachment{entity, o.Ref, "the own identity of " + what, place, ""})
		}
		for _, id := range o.API.Identity.UserAssigned {
			if entity, ok := e.attached(id); ok {
				as = append(as, attachment{entity, o.Ref, what, place, ""})
			}
		}
	}
	return as
}

// holdsNodes reports whether a scale set is, or may be, one of the cluster's: it lies
// in the node resource group.
func (e *estate) holdsNodes(o *model.Object[model.ScaleSet]) bool {
	if len(e.aks) != 1 {
		return true
	}
	cluster := e.aks[0].API
	group, ok := cluster.NodeResourceGroup.Get()
	if !ok {
		return true
	}
	id := strings.ToLower(o.API.ID.Or(o.Ref.Name))
	return strings.Contains(id, "/resourcegroups/"+strings.ToLower(group)+"/") &&
		(subscriptionOf(id) == subscriptionOf(cluster.ID.Or(id)))
}

// attached finds whose identity it is that a resource has, and false where the input
// does not say.
func (e *estate) attached(a model.AttachedIdentity) (Entity, bool) {
	resource, object, client := a.ResourceID.Or(""), a.PrincipalID.Or(""), a.ClientID.Or("")
	if o, ok := e.byResource[strings.ToLower(resource)]; ok && resource != "" {
		return e.entityOf(o), true
	}
	if os := e.byClient[strings.ToLower(client)]; client != "" && len(os) == 1 {
		return e.entityOf(os[0]), true
	}
	if resource == "" && object == "" && client == "" {
		return Entity{}, false
	}
	entity := Entity{}
	if object != "" {
		entity, _ = e.directory.Lookup(object)
	}
	if entity.Kind == 0 || entity.Kind == ServicePrincipal {
		entity.Kind = ManagedIdentity
	}
	entity.ResourceID, entity.ClientID = cmp.Or(entity.ResourceID, resource), cmp.Or(entity.ClientID, client)
	entity.Name = cmp.Or(resource[strings.LastIndexByte(resource, '/')+1:], entity.Name)
	return entity, true
}

// entityOf returns what is known of a managed identity.
func (e *estate) entityOf(o *model.Object[model.UserAssignedIdentity]) Entity {
	entity := Entity{
		Kind: ManagedIdentity, Name: identityLabel(&o.API.Resource, o.Ref), ClientID: o.API.ClientID.Or(""),
		ResourceID: o.API.ID.Or(""), TenantID: o.API.TenantID.Or(""), Place: o.Origin.Place,
	}
	if id, ok := o.API.PrincipalID.Get(); ok {
		entity.ObjectID = strings.ToLower(id)
	}
	return entity
}

// metadataStep says whether a pod reaches the instance metadata service (AZ101). What
// NetworkPolicies say, and whether anybody enforces them, is for another engine.
func (e *estate) metadataStep(p *model.Pod) Step {
	s := Step{Kind: MetadataStep, Title: "metadata service", Place: p.Origin.Place}
	if p.Spec.HostNetwork {
		s.Outcome, s.Detail = OK, "the pod is on its node's network, where nothing keeps it from 169.254.169.254"
		return s
	}
	if len(e.aks) == 1 {
		o := e.aks[0]
		place := o.Origin.At("networkProfile.podLinkLocalAccess")
		access := o.API.Network.PodLinkLocalAccess
		if v, ok := access.Get(); ok && strings.EqualFold(v, "None") {
			s.Outcome, s.Detail, s.Place = Broken, "networkProfile.podLinkLocalAccess is None", place
			return s
		}
		if isOpen(access) {
			s.Detail, s.Place = "networkProfile.podLinkLocalAccess is "+howMissing(access), place
			return s
		}
	}
	s.Detail = "it hangs on the network whether the pod may send to 169.254.169.254:80"
	s.Needs = &Need{Pod: p.Namespace + "/" + p.Name, Destination: "169.254.169.254:80"}
	return s
}

// useIdentity is the question of Kubernetes RBAC on which an identity binding hangs.
func useIdentity(account Principal, clientID string) Need {
	return Need{Principal: account, Verb: "use-managed-identity", APIGroup: "cid.wi.aks.azure.com", Resource: strings.ToLower(clientID)}
}

// bindingClient returns the client id of the identity that an identity binding opens,
// and nothing where the input does not say.
func (e *estate) bindingClient(o *model.Object[model.IdentityBinding]) string {
	entity, _ := e.attached(o.API.Identity)
	return entity.ClientID
}
