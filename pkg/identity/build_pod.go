package identity

import (
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// addPod adds a pod that lives, or that a template stands for.
func (b *graphBuilder) addPod(p *model.Pod) {
	if p.Terminated() {
		return
	}
	node := b.node(Node{kind: PodNode, ref: podRef(p), pod: p, name: p.Namespace + "/" + p.Name, place: p.Origin.Place})
	b.pods[p] = node
	account := b.serviceAccount(NewServiceAccount(p.Namespace, accountOf(p)))
	b.edge(node, InNamespace, b.namespace(p.Namespace), Edge{Place: p.Origin.Place})
	b.edge(node, RunsAs, account, Edge{Place: podPlace(p, "spec.serviceAccountName")})
	for _, t := range b.tokens(p) {
		b.edge(node, HoldsToken, account, Edge{Place: t.place, Detail: t.audience, Open: t.open})
		if t.audience != "" && t.audience != bindingAudience && t.source != byDriver {
			b.exchange(node, p, t)
		}
		if t.audience == bindingAudience {
			b.useBinding(node, account)
		}
		if t.source == byDriver {
			b.fetch(node, t)
		}
	}
	if len(b.onNodes) > 0 {
		if s := b.metadataStep(p); s.Outcome != Broken {
			e := Edge{Place: s.Place, Needs: s.Needs}
			if s.Outcome == Undecided {
				e.Open = s.Detail
			}
			b.edge(node, ReachesMetadata, b.machines(), e)
		}
	}
	for _, l := range b.legacy {
		open, ok := l.grants(p)
		if !ok {
			continue
		}
		if to, ok := b.identityOf(l.identity); ok {
			b.edge(node, LegacyIdentity, to, Edge{Via: l.via, Place: l.place, Open: open})
		}
	}
}

// exchange adds the credentials that take a token of a pod.
func (b *graphBuilder) exchange(node *Node, p *model.Pod, t token) {
	subject := subjectOf(p)
	for _, o := range b.bySubject[subject] {
		b.federate(node, Exchanges, o, subject, t.audience, Edge{Via: o.Ref, Place: t.place, Detail: t.audience, Open: t.open})
	}
	for _, o := range b.flexible {
		b.federate(node, Exchanges, o, subject, t.audience, Edge{Via: o.Ref, Place: t.place, Detail: t.audience, Open: t.open})
	}
}

// useBinding adds the identity bindings that a pod's token may open, by the leave of
// Kubernetes RBAC: the API asks for one by the identity's client id.
func (b *graphBuilder) useBinding(node, account *Node) {
	for _, o := range b.bindings {
		need := useIdentity(account.principal, b.bindingClient(o))
		e := Edge{Via: o.Ref, Place: o.Origin.Place, Needs: &need, Open: "it hangs on Kubernetes RBAC whether " + need.String()}
		b.edge(node, UsesBinding, b.binding(o), e)
		b.edge(account, UsesBinding, b.binding(o), e)
	}
}

// fetch adds the managed identity under which a driver mounts secrets.
func (b *graphBuilder) fetch(node *Node, t token) {
	m := classMount{class: t.class}.mode()
	if os := b.byClient[strings.ToLower(m.value)]; len(os) == 1 {
		b.edge(node, FetchesAs, b.entity(b.entityOf(os[0])), Edge{Via: t.class.Ref, Place: t.class.Origin.Place})
	}
}
