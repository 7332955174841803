package identity

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/pkg/model"
)

// WhoAmI follows a pod to the managed identities that it acts as: by workload identity,
// by the driver of its SecretProviderClasses, by pod identity, and by the nodes'
// identities. The pod is named as for the network: NAMESPACE/NAME of a pod or workload,
// or KIND/NAMESPACE/NAME. The error is about the name, with the nearest ones, or says
// that the pods of a workload differ.
func (g *Graph) WhoAmI(pod string) (Trace, error) {
	pods, err := g.findPods(pod)
	if err != nil {
		return Trace{}, err
	}
	first := g.estate.trace(pods[0])
	for _, p := range pods[1:] {
		if t := g.estate.trace(p); t.signature() != first.signature() {
			return Trace{}, fmt.Errorf("the pods of %s differ: name one of them, %s or %s, say", pod, first.Name, t.Name)
		}
	}
	return first, nil
}

// signature is the trace's text without names and places of pods.
func (t Trace) signature() string {
	var b strings.Builder
	for _, c := range t.Chains {
		fmt.Fprintln(&b, c.Way, c.Containers, c.Asked, c.Identity.ObjectID, c.signature())
	}
	return b.String()
}

func (c Chain) signature() string {
	var b strings.Builder
	for _, s := range c.Steps {
		if s.Kind != PodStep {
			fmt.Fprintln(&b, s.Kind, s.Outcome, s.Detail)
		}
	}
	return b.String()
}

// tracer follows one pod.
type tracer struct {
	*estate
	pod     *model.Pod
	account *model.Object[corev1.ServiceAccount] // nil if it is not in the input
	in      injection
	unsure  bool // which audience the token has is not known
}

func (e *estate) trace(p *model.Pod) Trace {
	t := tracer{estate: e, pod: p, account: e.account(p.Namespace, accountOf(p)), in: e.inject(p)}
	trace := Trace{Pod: p, Name: p.Namespace + "/" + p.Name, authority: authorityOf(e.audience)}
	mounts := e.classMounts(p)
	_, legacy := p.Labels[legacyLabel]
	trace.Chains = t.workload(len(mounts) == 0 && !legacy)
	for _, m := range mounts {
		trace.Chains = append(trace.Chains, t.secretProvider(m))
	}
	if legacy {
		trace.Chains = append(trace.Chains, t.podIdentity()...)
	}
	trace.Chains = append(trace.Chains, t.nodes(trace.Chains)...)
	slices.SortStableFunc(trace.Chains, func(a, b Chain) int { return int(a.Way) - int(b.Way) })
	return trace
}

// workload returns the chains of workload identity, those of containers that fare alike
// as one. If nothing else is asked for, there is one.
func (t tracer) workload(alone bool) (chains []Chain) {
	_, labelled := t.pod.Labels[useLabel]
	add := func(c Chain, name string) {
		for i := range chains {
			if chains[i].Way == c.Way && chains[i].signature() == c.signature() {
				chains[i].Containers = append(chains[i].Containers, name)
				return
			}
		}
		c.Containers, c.Asked = []string{name}, true
		chains = append(chains, c)
	}
	var idle []container // that ask for nothing themselves
	for _, c := range containersOf(t.pod) {
		switch u := t.use(c); {
		case u.token.source == byVolume:
			add(t.federated(c, u), c.Name)
		case t.in.outcome != Broken && !t.in.skips(c.Name) && !made(t.pod):
			add(t.federated(c, u), c.Name)
		case t.usesNodes(u):
		case u.client.set || u.file.set || labelled && !t.in.skips(c.Name) && !made(t.pod):
			add(t.federated(c, u), c.Name)
		default:
			idle = append(idle, c)
		}
	}
	if len(chains) > 0 || !alone && !labelled || len(idle) == 0 {
		return chains
	}
	for _, c := range idle {
		add(t.federated(c, t.use(c)), c.Name)
	}
	return chains
}

// use is what a container has for workload identity.
type use struct {
	client, tenant, file setting
	token                token // zero if there is none
	frozen               bool  // its file is not renewed
	open                 string
}

// use finds what a container has. What it sets itself, the webhook does not set.
func (t tracer) use(c container) use {
	return t.useIf(c, t.in.outcome != Broken && !t.in.skips(c.Name) && !made(t.pod))
}

// useIf finds what a container has if the webhook sees it, or does not.
func (t tracer) useIf(c container, injected bool) use {
	u := use{
		client: t.variable(t.pod, c, clientIDVariable),
		tenant: t.variable(t.pod, c, tenantIDVariable),
		file:   t.variable(t.pod, c, tokenFileVariable),
	}
	if injected {
		u.client = t.orInjected(u.client, clientIDVariable)
		u.tenant = t.orInjected(u.tenant, tenantIDVariable)
		if !u.file.own { // it sets the variable, and goes before envFrom
			u.file = setting{}
		}
	}
	t.findToken(c, &u, injected)
	return u
}

// orInjected returns what the webhook sets a variable to, unless the container's env has it
// or the webhook has nothing to set.
func (t tracer) orInjected(own setting, name string) setting {
	if s := t.injectedVariable(t.account, name); s.set && !own.own {
		return s
	}
	return own
}

// findToken finds the token that a container uses: the one in the file that it names,
// else the webhook's, else one of a volume of its own that is not for the API server.
func (t tracer) findToken(c container, u *use, injected bool) {
	own := projected(t.pod)
	file, named := u.file.value, u.file.set && u.file.open == ""
	switch {
	case u.file.open != "":
		u.open = u.file.open
	case named:
		for _, tok := range own {
			if path, frozen, ok := c.mounts(tok.volume); ok && (c.holdsFile(tok.volume, file) || frozen && path == file) {
				u.token, u.frozen = tok, frozen
				return
			}
		}
		if strings.HasPrefix(file, "/var/run/secrets/kubernetes.io/serviceaccount/") {
			u.token = token{source: byVolume, place: u.file.place}
			return
		}
		u.open = tokenFileVariable + " names " + file + ", which is in no token volume that the container mounts"
		if injected {
			u.open += "; where the webhook puts its own has changed from release to release"
		}
	}
	if injected && u.open == "" {
		u.token = token{audience: t.in.audience, source: byWebhook, place: t.in.place}
		return
	}
	if named || u.open != "" {
		return
	}
	for _, tok := range own {
		if _, frozen, ok := c.mounts(tok.volume); ok && tok.audience != "" {
			u.token, u.frozen = tok, frozen
			return
		}
	}
}

// usesNodes reports whether a container asks for an identity that the nodes have.
func (t tracer) usesNodes(u use) bool {
	return u.client.set && u.client.open == "" && !u.file.set && u.token.source == 0 && t.nodesHave(u.client.value)
}

func (t tracer) nodesHave(clientID string) bool {
	return slices.ContainsFunc(t.onNodes, func(a attachment) bool { return strings.EqualFold(a.entity.ClientID, clientID) && clientID != "" })
}

// podStep names the pod.
func (t tracer) podStep() Step {
	detail := t.pod.Namespace + "/" + t.pod.Name
	if w := t.pod.Workload(); !w.IsZero() {
		detail += " of " + w.String()
	}
	return Step{Kind: PodStep, Title: "pod", Detail: detail, Place: t.pod.Origin.Place, Outcome: OK}
}

// accountStep names the ServiceAccount. Every namespace has one called default.
func (t tracer) accountStep() Step {
	s := Step{Kind: AccountStep, Title: "ServiceAccount", Detail: t.pod.Namespace + "/" + accountOf(t.pod), Outcome: OK}
	switch {
	case t.account != nil:
		s.Place = t.account.Origin.Place
	case accountOf(t.pod) == "default":
		s.Detail += ", which is not in the input and is taken as Kubernetes makes it"
	default:
		s.Outcome, s.Detail, s.Place = Undecided, s.Detail+" is not in the input", podPlace(t.pod, "spec.serviceAccountName")
	}
	return s
}
