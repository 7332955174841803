package identity

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/pkg/model"
)

// bound goes on from a client id by an identity binding (AZ98).
func (t tracer) bound(chain Chain, u use) Chain {
	s := Step{Kind: BindingStep, Title: "identity binding"}
	for _, o := range t.bindings {
		if !strings.EqualFold(t.bindingClient(o), u.client.value) {
			continue
		}
		need := useIdentity(NewServiceAccount(t.pod.Namespace, accountOf(t.pod)), u.client.value)
		chain.Identity, _ = t.attached(o.API.Identity)
		s.Outcome, s.Place = OK, o.Origin.Place
		s.Detail = identityLabel(&o.API.Resource, o.Ref) + " opens " + chain.Identity.Principal().String()
		if len(t.aks) == 1 && o.API.ClusterID.IsKnown() && !strings.EqualFold(o.API.ClusterID.Or(""), t.aks[0].API.ID.Or("")) {
			s.Outcome = Broken
			s.Differences = []Difference{{
				What: "cluster", Have: t.aks[0].API.ID.Or("not known"), HaveWhose: "the pod's", HavePlace: t.aks[0].Origin.Place,
				Want: o.API.ClusterID.Or(""), WantWhose: "the binding's", WantPlace: o.Origin.Place,
			}}
		}
		chain.Steps = append(chain.Steps, s, Step{
			Kind: AccessStep, Title: "Kubernetes RBAC", Detail: "it hangs on it whether " + need.String(), Needs: &need,
		})
		return chain
	}
	s.Detail = "no identity binding in the input is for client id " + u.client.value
	if len(t.bindings) > 0 {
		s.Outcome = Broken
		var clients []string
		for _, o := range t.bindings {
			clients = append(clients, t.bindingClient(o))
		}
		s.Hint = "there are such for " + strings.Join(clients, ", ")
	}
	chain.Steps = append(chain.Steps, s)
	return chain
}

// secretProvider follows a SecretProviderClass that the pod mounts.
func (t tracer) secretProvider(m classMount) Chain {
	chain := Chain{Way: BySecretProvider, Asked: true, Steps: []Step{t.podStep()}}
	s := Step{Kind: ClassStep, Title: "SecretProviderClass", Detail: m.name, Place: m.place, Outcome: OK}
	if m.class == nil {
		s.Outcome, s.Detail = Undecided, m.name+" is not in the input"
		chain.Steps = append(chain.Steps, s)
		return chain
	}
	s.Place = m.class.Origin.At("spec.parameters")
	var wrong error
	chain.Vault = m.class.API.Spec.Parameters["keyvaultName"]
	if chain.Objects, wrong = SecretObjects(m.class.API); wrong != nil {
		s.Outcome, s.Detail = Broken, m.name+" is refused by the provider: "+wrong.Error()
	}
	mode := m.mode()
	switch mode.kind {
	case wrongMode:
		s.Outcome, s.Detail = Broken, m.name+" is refused by the provider: "+mode.wrong
	case secretMode:
		s.Outcome, s.Detail = Broken, m.name+" names no identity, and the volume no Secret with a password"
		if m.secret != "" {
			s.Outcome = Undecided
			s.Detail = fmt.Sprintf("%s has a password from Secret %s/%s; whose it is, is not read", m.name, t.pod.Namespace, m.secret)
		}
	case workloadMode:
		chain.Steps = append(chain.Steps, s, t.accountStep())
		return t.driver(chain, m, mode)
	case machineMode:
		chain.Steps = append(chain.Steps, s)
		return t.machine(chain, m, mode)
	case legacyMode:
		s.Detail += " asks for pod identity"
		chain.Steps = append(chain.Steps, s)
		if _, ok := t.pod.Labels[legacyLabel]; !ok {
			chain.Steps = append(chain.Steps, Step{
				Kind: LabelStep, Title: "label", Outcome: Broken, Place: podPlace(t.pod, "metadata.labels"), Detail: "the pod has no label " + legacyLabel,
			})
			return chain
		}
		step, to := t.legacyStep()
		chain.Identity = to
		chain.Steps = append(chain.Steps, step)
		return chain
	}
	chain.Steps = append(chain.Steps, s)
	return chain
}

// driver goes on by the token that the driver asks for in the pod's name. The pod's
// label and its ServiceAccount's annotations play no part (AZ94).
func (t tracer) driver(chain Chain, m classMount, mode classMode) Chain {
	place := m.class.Origin.At("spec.parameters.clientID")
	if on, wrong := parseSwitch(m.class.API.Spec.Parameters, "useAzureTokenProxy"); on || wrong != "" {
		chain.Steps = append(chain.Steps, Step{
			Kind: TokenStep, Title: "token", Detail: "the class uses the proxy of identity bindings, which is not modelled for drivers", Place: m.class.Origin.At("spec.parameters"),
		})
		return chain
	}
	chain.Steps = append(chain.Steps,
		Step{Kind: TokenStep, Title: "token", Outcome: OK, Detail: "for " + t.audience + ", which the driver asks for in the pod's name", Place: m.place},
		Step{Kind: ClientIDStep, Title: "client id", Outcome: OK, Detail: mode.value, Place: place},
	)
	tenant := setting{set: true, fact: fact{value: classTenant(m.class), place: m.class.Origin.At("spec.parameters")}}
	return t.exchange(chain, setting{set: true, fact: fact{value: mode.value, place: place}}, tenant, t.audience)
}

// machine goes on by an identity of the nodes, which the provider asks for.
func (t tracer) machine(chain Chain, m classMount, mode classMode) Chain {
	s := Step{Kind: IdentityStep, Title: "identity", Place: m.class.Origin.At("spec.parameters")}
	for _, a := range t.onNodes {
		own := strings.HasPrefix(a.what, "the own identity")
		if mode.value == "" && own || mode.value != "" && (strings.EqualFold(a.entity.ClientID, mode.value) || strings.EqualFold(a.entity.ObjectID, mode.value)) {
			chain.Identity = a.entity
			s.Outcome, s.Detail, s.Place = OK, fmt.Sprintf("%s, %s; every pod that reaches the metadata service has it, too", a.entity.Principal(), a.what), a.place
			if a.open != "" {
				s.Outcome, s.Detail = Undecided, s.Detail+"; "+a.open
			}
			if t.metadataStep(&model.Pod{Spec: &corev1.PodSpec{}}).Outcome == Broken {
				s.Outcome, s.Detail = Undecided, s.Detail+"; whether podLinkLocalAccess keeps the driver's provider from it is not modelled"
			}
			break
		}
	}
	if s.Detail == "" {
		s.Detail = "the nodes have no identity in the input that is called " + mode.value
		if mode.value == "" {
			s.Detail = "whether the nodes have an identity of their own is not in the input (az vmss list)"
		}
		if t.knowsScaleSets() {
			s.Outcome, s.Errors = Broken, nil
		}
	}
	chain.Steps = append(chain.Steps, s)
	return chain
}

func (t tracer) knowsScaleSets() bool {
	for o := range model.All[model.ScaleSet](t.cluster) {
		if t.holdsNodes(o) {
			return true
		}
	}
	return false
}

// podIdentity follows the label of pod identity.
func (t tracer) podIdentity() []Chain {
	step, to := t.legacyStep()
	return []Chain{{Way: ByPodIdentity, Asked: true, Steps: []Step{
		t.podStep(),
		{Kind: LabelStep, Title: "label", Outcome: OK, Detail: legacyLabel + "=" + t.pod.Labels[legacyLabel], Place: podPlace(t.pod, "metadata.labels")},
		step,
	}, Identity: to}}
}

// legacyStep finds the binding of pod identity for the pod's label, the certain ones
// before the others.
func (t tracer) legacyStep() (Step, Entity) {
	value := t.pod.Labels[legacyLabel]
	s := Step{Kind: BindingStep, Title: "pod identity", Place: podPlace(t.pod, "metadata.labels")}
	var selectors []string
	var to Entity
	for _, b := range t.legacy {
		selectors = append(selectors, b.selector)
		open, ok := b.grants(t.pod)
		if !ok || s.Outcome == OK {
			continue
		}
		to, _ = t.attached(b.identity)
		s.Outcome, s.Place = OK, b.place
		s.Detail = fmt.Sprintf("%s gives %s; it is retired, and bound to be replaced by workload identity", b.via, to.Principal())
		if open != "" {
			s.Outcome, s.Detail = Undecided, s.Detail+": "+open
		}
	}
	if s.Detail != "" {
		return s, to
	}
	s.Detail = "nothing in the input binds an identity to " + legacyLabel + "=" + value
	if len(selectors) > 0 {
		slices.Sort(selectors)
		s.Outcome = Broken
		s.Differences = []Difference{{What: "label " + legacyLabel, Have: value, Want: strings.Join(slices.Compact(selectors), ", "), HaveWhose: "the pod", WantWhose: "bindings"}}
	}
	return s, to
}

// nodes returns the chains to the nodes' identities: those that a container asks for by
// client id, and those that any pod has. Of the latter none are told that the pod is
// kept from.
func (t tracer) nodes(others []Chain) (chains []Chain) {
	wanted := map[string][]string{} // containers by the client id they ask for
	for _, c := range containersOf(t.pod) {
		if u := t.use(c); t.usesNodes(u) && !slices.ContainsFunc(others, func(o Chain) bool { return slices.Contains(o.Containers, c.Name) }) {
			id := strings.ToLower(u.client.value)
			wanted[id] = append(wanted[id], c.Name)
		}
	}
	metadata := t.metadataStep(t.pod)
	told := map[string]bool{}
	for _, a := range t.onNodes {
		containers := wanted[strings.ToLower(a.entity.ClientID)]
		key := nodeKeyOf(a.entity)
		if told[key] || len(containers) == 0 && metadata.Outcome == Broken {
			continue
		}
		told[key] = true
		s := Step{Kind: IdentityStep, Title: "identity", Outcome: OK, Detail: a.entity.Principal().String() + ", " + a.what, Place: a.place}
		if a.entity.ObjectID != "" {
			s.Detail += ", object id " + a.entity.ObjectID
		}
		if a.open != "" {
			s.Outcome, s.Detail = Undecided, s.Detail+": "+a.open
		}
		chains = append(chains, Chain{Way: ByMetadata, Containers: containers, Asked: len(containers) > 0, Steps: []Step{metadata, s}, Identity: a.entity})
	}
	return chains
}

// nodeKeyOf tells entities apart by the first id they have.
func nodeKeyOf(e Entity) string {
	for _, id := range []string{e.ObjectID, e.ResourceID, e.ClientID} {
		if id != "" {
			return strings.ToLower(id)
		}
	}
	return ""
}
