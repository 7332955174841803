package azure

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// KubernetesHolders is who may do something in an AKS cluster.
type KubernetesHolders struct {
	kubernetes *Kubernetes
	request    rbacsim.Request
	rbac       rbacsim.Holders
	list       []KubernetesHolder
}

// KubernetesHolder is one of them.
type KubernetesHolder struct {
	// Principal is as of [rbacsim.Holder] or, of somebody whom Azure knows, that of the
	// entity.
	Principal identity.Principal
	// Entity is who that is in Microsoft Entra ID, if Azure allows it; else it has no
	// object id.
	Entity identity.Entity
	// Everyone is true of an entry that stands for everybody of Microsoft Entra ID:
	// those that Azure is asked about whatever roles they have.
	Everyone bool
	// Decision is Allowed or Undecided.
	Decision Decision

	kubernetes *Kubernetes
	request    rbacsim.Request
	rbac       *rbacsim.Holder
	subject    Subject
	byAzure    Decision
}

// WhoCan answers to whom roles of the cluster or of Azure grant a request (AZ71).
// Members of groups to which Azure grants it are among them as far as the input lists
// them, those of groups that only bindings name are not. The error says that it is not
// known which AKS cluster of the input is meant.
func (k *Kubernetes) WhoCan(r rbacsim.Request) (KubernetesHolders, error) {
	if k.err != nil {
		return KubernetesHolders{}, k.err
	}
	h := KubernetesHolders{kubernetes: k, request: r, rbac: k.rbac.WhoCan(r)}
	at := map[identity.Principal]int{}
	for holder := range h.rbac.All() {
		at[holder.Principal] = len(h.list)
		h.list = append(h.list, KubernetesHolder{Principal: holder.Principal, Decision: holder.Decision, kubernetes: k, request: r, rbac: &holder, byAzure: rbacsim.Denied})
	}
	for _, found := range k.azureHolders(r) {
		i, ok := at[found.inCluster()]
		if !ok || found.Everyone {
			h.list = append(h.list, found)
			continue
		}
		found.rbac, found.Decision = h.list[i].rbac, either(h.list[i].Decision, found.Decision)
		h.list[i] = found
	}
	slices.SortStableFunc(h.list, func(x, y KubernetesHolder) int {
		return cmp.Or(x.Principal.Compare(y.Principal), cmp.Compare(x.Entity.ObjectID, y.Entity.ObjectID))
	})
	return h, nil
}

// azureHolders returns whom Azure allows a request, or may allow it.
func (k *Kubernetes) azureHolders(r rbacsim.Request) []KubernetesHolder {
	if k.asked == rbacsim.Denied || k.scope.IsZero() {
		return nil
	}
	var questions []question
	everyone := IsDiscovery(r) && !k.refuseDiscovery
	if !everyone {
		questions = k.questions(r)
	}
	var list []KubernetesHolder
	for _, h := range k.azure.whoever(func(s Subject) Decision {
		if everyone {
			return k.asked
		}
		return atMost(k.answer(s, questions), k.asked)
	}) {
		list = append(list, KubernetesHolder{
			Principal: h.entity.Principal(), Entity: h.entity, Everyone: h.everyone, Decision: h.decision,
			kubernetes: k, request: r, subject: h.subject, byAzure: h.decision,
		})
	}
	for i := range list {
		if list[i].Everyone {
			list[i].Principal = identity.Principal{}
		}
	}
	return list
}

// inCluster returns the principal that the cluster knows the holder as.
func (h KubernetesHolder) inCluster() identity.Principal {
	if h.Entity.Kind == identity.Group {
		return identity.NewGroup(h.Entity.ObjectID)
	}
	return identity.NewUser(username(h.Entity))
}

// All yields them ordered by [identity.Principal.Compare]; who is nobody in particular
// comes first.
func (h KubernetesHolders) All() iter.Seq[KubernetesHolder] { return slices.Values(h.list) }

// Incomplete yields why there may be others; see [rbacsim.Holders].
func (h KubernetesHolders) Incomplete() iter.Seq[string] {
	if h.kubernetes == nil {
		return slices.Values([]string(nil))
	}
	list := slices.Collect(h.rbac.Incomplete())
	if k := h.kubernetes; k.asked == rbacsim.Undecided {
		list = append(list, k.because)
	}
	return slices.Values(list)
}

// RBACGrants yields the rules of the cluster by which the holder may do it.
func (h KubernetesHolder) RBACGrants() iter.Seq[rbacsim.Grant] {
	if h.rbac == nil {
		return slices.Values([]rbacsim.Grant(nil))
	}
	return h.rbac.Grants()
}

// AzureGrants yields the role assignments by which the holder may do it, in the order
// of the actions that Azure is asked about; one that grants several is among them once
// for each.
func (h KubernetesHolder) AzureGrants() iter.Seq[Grant] {
	return func(yield func(Grant) bool) {
		if h.byAzure == rbacsim.Denied || h.kubernetes == nil || h.Everyone {
			return
		}
		v, err := h.kubernetes.checkAzure(KubernetesSubject{Entra: true, Azure: h.subject}, h.request)
		if err != nil {
			return // of questions without anybody who asks
		}
		for _, a := range v.asked {
			for _, answer := range a.Verdicts {
				for g := range answer.Grants() {
					if !yield(g) {
						return
					}
				}
			}
		}
	}
}

// By returns the side that allows it, or may.
func (h KubernetesHolder) By() Side {
	switch {
	case h.rbac != nil && (h.rbac.Decision == rbacsim.Allowed || h.byAzure != rbacsim.Allowed):
		return RBACSide
	case h.byAzure != rbacsim.Denied:
		return AzureSide
	}
	return NoSide
}

// whoever is somebody who may do something.
type whoever struct {
	entity   identity.Entity
	subject  Subject
	everyone bool // stands for everybody
	decision Decision
}

// whoever returns those whom a question allows something, or may allow it, by object
// id, members of groups included. Who has it like anybody of whom the input says
// nothing is not among them; then the first entry stands for everyone.
func (a *Authorizer) whoever(may func(Subject) Decision) []whoever {
	var list []whoever
	stranger := may(Subject{ObjectID: strangerID})
	if stranger != rbacsim.Denied {
		list = append(list, whoever{everyone: true, decision: stranger})
	}
	index := a.whoIndex()
	ids := slices.Collect(maps.Keys(index.subjects))
	for e := range a.directory.Entities() {
		ids = append(ids, e.ObjectID)
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		w := whoever{}
		if s, ok := index.subjects[id]; ok {
			w.subject = *s
		} else {
			w.subject = a.subject(id)
		}
		w.decision = may(w.subject)
		if w.decision == rbacsim.Denied || w.decision == stranger || stranger == rbacsim.Allowed {
			continue
		}
		w.entity, _ = a.directory.Lookup(id)
		list = append(list, w)
	}
	return list
}

// strangerID is an object id that nobody has: what its owner may do, anybody may.
const strangerID = "ffffffff-ffff-4fff-bfff-ffffffffffff"
