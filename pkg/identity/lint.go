package identity

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/pkg/model"
)

// Lint yields what the identities of the snapshot are other than they look like, or than
// is prudent, ordered by place: identities and ServiceAccounts that several
// share, credentials that anybody can claim or that take no token, and annotations and
// labels that do nothing. Findings that compare with the Azure side need it to be in the
// input, and likewise for the other.
func (g *Graph) Lint() iter.Seq[model.Finding] {
	l := linter{estate: g.estate}
	for range model.All[corev1.ServiceAccount](l.cluster) {
		l.kubernetes = true
	}
	for p := range l.cluster.Pods() {
		l.kubernetes = true
		if !p.Terminated() {
			l.pods = append(l.pods, p)
		}
	}
	for _, o := range l.credentials {
		l.credential(o)
	}
	for _, o := range l.identities {
		l.identity(o)
	}
	for o := range model.All[corev1.ServiceAccount](l.cluster) {
		l.serviceAccount(o)
	}
	l.sharedClients()
	for _, p := range l.pods {
		l.pod(p)
	}
	l.legacyIdentities()
	slices.SortStableFunc(l.found, model.Finding.Compare)
	return slices.Values(slices.CompactFunc(l.found, func(a, b model.Finding) bool { return a.Compare(b) == 0 }))
}

type linter struct {
	*estate
	kubernetes bool // the input has a Kubernetes side
	pods       []*model.Pod
	found      []model.Finding
}

func (l *linter) find(rule string, object model.Ref, place model.Place, hint, format string, args ...any) {
	l.found = append(l.found, model.Finding{Rule: rule, Object: object, Place: place, Text: fmt.Sprintf(format, args...), Hint: hint})
}

// credential finds credentials that take tokens of nobody, of anybody or of others.
func (l *linter) credential(o *model.Object[model.FederatedCredential]) {
	c, at := o.API, o.Origin.Place
	if isFlexible(c) {
		l.find("flexible-credential", o.Ref, at, "", "the subjects that the credential takes are those that an expression matches, which is not evaluated")
	}
	if audiences, ok := c.Audiences.Get(); ok && (len(audiences) != 1 || !isKnownAudience(audiences[0])) {
		l.find("credential-audience", o.Ref, at, "", "the credential takes tokens for %s, where workload identity asks for %s", cmp.Or(strings.Join(audiences, ", "), "no audience"), l.audience)
	}
	l.foreign(o)
	account, ok := ParseSubject(c.Subject.Or("")) // AZ106: whoever has it, has the identity
	if !ok || isFlexible(c) || l.match(o, account.Username(), "").Issuer == Broken {
		return
	}
	if account.Name() == "default" {
		l.find("default-federated", o.Ref, at, "give the workload a ServiceAccount of its own", "every pod of namespace %s that names no ServiceAccount can have the identity", account.Namespace())
	}
	if !l.kubernetes || l.account(account.Namespace(), account.Name()) != nil || account.Name() == "default" {
		return
	}
	if ns, known := l.cluster.Namespace(account.Namespace()); !known || !ns.Known && !l.holdsAccounts(account.Namespace()) {
		l.find("claimable-credential", o.Ref, at, "delete the credential", "nothing in the input lies in namespace %s: whoever may make it and a ServiceAccount %s has the identity", account.Namespace(), account.Name())
		return
	}
	l.find("claimable-credential", o.Ref, at, "delete the credential", "no ServiceAccount %s/%s is in the input: whoever may make it has the identity", account.Namespace(), account.Name())
}

func (l *linter) holdsAccounts(namespace string) bool {
	for o := range model.All[corev1.ServiceAccount](l.cluster) {
		if o.Ref.Namespace == namespace {
			return true
		}
	}
	return slices.ContainsFunc(l.pods, func(p *model.Pod) bool { return p.Namespace == namespace })
}

// foreign finds credentials for the tokens of others than the cluster.
func (l *linter) foreign(o *model.Object[model.FederatedCredential]) {
	issuer, ok := o.API.Issuer.Get()
	if !ok || strings.HasPrefix(issuer, bindingIssuer) || issuer == l.issuer.value {
		return
	}
	whose := foreignIssuer(issuer)
	switch {
	case whose != "" && l.forWorkload(o):
		l.find("foreign-issuer", o.Ref, o.Origin.Place, "give each an identity of its own", "%s can have the identity of a workload: %s", whose, issuer)
	case whose != "" || l.issuer.open != "" || l.noIssuer:
	default:
		l.find("foreign-issuer", o.Ref, o.Origin.Place, howTheyDiffer(l.issuer.value, issuer), "the issuer is %s, and the cluster's is %s", issuer, l.issuer.value)
	}
}

// forWorkload reports whether the identity of a credential has another for a
// ServiceAccount.
func (l *linter) forWorkload(o *model.Object[model.FederatedCredential]) bool {
	return slices.ContainsFunc(l.of[strings.ToLower(o.API.IdentityID.Or(""))], func(c *model.Object[model.FederatedCredential]) bool {
		_, ok := ParseSubject(c.API.Subject.Or(""))
		return ok
	})
}

// mostCredentials is how many credentials an identity may have.
const mostCredentials = 20

// identity finds what is wrong with all credentials of an identity together.
func (l *linter) identity(o *model.Object[model.UserAssignedIdentity]) {
	list := l.of[strings.ToLower(o.API.ID.Or(""))]
	if len(list) > mostCredentials { // AZ107
		l.find("too-many-credentials", o.Ref, o.Origin.Place, "", "the identity has %d federated credentials, and Azure takes %d", len(list), mostCredentials)
	}
	type pair struct{ issuer, subject string }
	seen := map[pair]bool{}
	var accounts []string
	for _, c := range list {
		subject, ok := c.API.Subject.Get()
		issuer, known := c.API.Issuer.Get()
		if !ok || !known || isFlexible(c.API) {
			continue
		}
		if seen[pair{issuer, subject}] {
			l.find("duplicate-credential", c.Ref, c.Origin.Place, "", "the identity has another credential for the same issuer and subject, which Azure refuses")
		}
		seen[pair{issuer, subject}] = true
		if p, ok := ParseSubject(subject); ok && !slices.Contains(accounts, p.String()) {
			accounts = append(accounts, p.String())
		}
	}
	if len(accounts) > 1 {
		slices.Sort(accounts)
		l.find("shared-identity", o.Ref, o.Origin.Place, "give each an identity of its own", "%s can have the identity: what one may do in Azure, all may", enumerate(accounts))
	}
	if len(accounts) == 0 {
		return
	}
	for _, a := range l.onNodes {
		if strings.EqualFold(a.entity.ResourceID, o.API.ID.Or("")) && a.entity.ResourceID != "" {
			l.find("identity-on-nodes", o.Ref, a.place, "", "%s has the identity of a workload, too: every pod that reaches the nodes' metadata service can have it", a.what)
		}
	}
}

// serviceAccount finds annotations and labels that do nothing, and federated
// ServiceAccounts that several workloads share.
func (l *linter) serviceAccount(o *model.Object[corev1.ServiceAccount]) {
	at := o.Origin.At("metadata.annotations")
	if o.API.Labels[useLabel] != "" { // AZ89
		l.find("label-on-account", o.Ref, o.Origin.At("metadata.labels"), "put it on the pods", "label %s counts for nothing on a ServiceAccount since version 1.0 of the webhook", useLabel)
	}
	var users, labelled []string
	class := false
	for _, p := range l.pods {
		if p.Namespace != o.Ref.Namespace || accountOf(p) != o.Ref.Name {
			continue
		}
		name := podRef(p).String()
		if w := p.Workload(); !w.IsZero() {
			name = w.String()
		}
		if !slices.Contains(users, name) {
			users = append(users, name)
		}
		if p.Labels[useLabel] == "true" {
			labelled = append(labelled, name)
		}
		class = class || len(l.classMounts(p)) > 0
	}
	subject := serviceAccountPrefix + o.Ref.Namespace + ":" + o.Ref.Name
	if len(users) > 1 && len(l.bySubject[subject]) > 0 {
		slices.Sort(users)
		l.find("shared-account", o.Ref, o.Origin.Place, "give each a ServiceAccount of its own", "%s run as the ServiceAccount, and can have its managed identity", enumerate(users))
	}
	client := o.API.Annotations[clientIDAnnotation]
	if client == "" {
		return
	}
	if len(users) > 0 && len(labelled) == 0 && !class {
		l.find("annotated-not-labelled", o.Ref, at, "label the pods "+useLabel+"=true", "the ServiceAccount names a client id, and none of its pods has the label by which the webhook knows them")
	}
	is := l.byClient[strings.ToLower(client)]
	if len(is) != 1 || len(l.credentials) == 0 {
		return
	}
	for _, c := range l.of[strings.ToLower(is[0].API.ID.Or(""))] {
		if l.match(c, subject, l.audience).Outcome() != Broken {
			return
		}
	}
	if len(l.bindings) > 0 && slices.ContainsFunc(l.bindings, func(b *model.Object[model.IdentityBinding]) bool {
		return strings.EqualFold(l.bindingClient(b), client)
	}) {
		return
	}
	l.find("missing-credential", o.Ref, at, "", "%s, whose client id the ServiceAccount names, has no credential that takes its tokens", identityName(is[0]))
}

// sharedClients finds client ids that several ServiceAccounts name.
func (l *linter) sharedClients() {
	accounts := map[string][]*model.Object[corev1.ServiceAccount]{}
	for o := range model.All[corev1.ServiceAccount](l.cluster) {
		if id := strings.ToLower(o.API.Annotations[clientIDAnnotation]); id != "" {
			accounts[id] = append(accounts[id], o)
		}
	}
	for o := range model.All[corev1.ServiceAccount](l.cluster) {
		if same := accounts[strings.ToLower(o.API.Annotations[clientIDAnnotation])]; len(same) > 1 && same[0] != o {
			l.find("shared-client-id", o.Ref, o.Origin.At("metadata.annotations"), "give each an identity of its own", "ServiceAccount %s names the same client id", same[0].Ref.QualifiedName())
		}
	}
}

// pod finds labels that don't do what they seem to, and identities by old ways.
func (l *linter) pod(p *model.Pod) {
	ref, at := podRef(p), podPlace(p, "metadata.labels")
	value, labelled := p.Labels[useLabel]
	if labelled && value != "true" {
		l.find("label-value", ref, at, "write "+`"true"`, "label %s is %q: only the text true counts", useLabel, value)
	}
	if o := l.account(p.Namespace, accountOf(p)); value == "true" && o != nil && o.API.Annotations[clientIDAnnotation] == "" && l.asksNobody(p) {
		l.find("labelled-not-annotated", ref, at, "annotate the ServiceAccount with "+clientIDAnnotation, "the pod has the label, and neither ServiceAccount %s nor a container names a client id", o.Ref.QualifiedName())
	}
	if s, refused := l.admissionStep(p); refused && value == "true" {
		l.find("webhook-refuses", ref, s.Place, "", "the webhook %s", strings.TrimPrefix(s.Detail, "it "))
	}
	if v, ok := p.Annotations[proxyAnnotation]; ok && v != "true" && value == "true" {
		l.find("proxy-by-presence", ref, podPlace(p, "metadata.annotations"), "leave the annotation out", "annotation %s is %q, and injects the proxy all the same: it counts by being there", proxyAnnotation, v)
	}
	if _, ok := p.Labels[legacyLabel]; ok {
		l.find("legacy-pod-identity", ref, at, "use workload identity", "label %s asks for pod identity, which is retired", legacyLabel)
	}
	for _, m := range l.classMounts(p) {
		if m.class == nil {
			continue
		}
		at := m.class.Origin.At("spec.parameters")
		switch mode := m.mode(); mode.kind {
		case wrongMode:
			l.find("wrong-identity-mode", m.class.Ref, at, "", "%s", mode.wrong)
		case machineMode:
			l.find("node-identity", m.class.Ref, at, "use workload identity", "secrets are fetched with an identity of the nodes, which every pod that reaches their metadata service has")
		case legacyMode:
			l.find("legacy-pod-identity", m.class.Ref, at, "use workload identity", "secrets are fetched by pod identity, which is retired")
		case secretMode:
			l.find("static-credential", m.class.Ref, at, "use workload identity", "secrets are fetched with a password from a Secret")
		case workloadMode:
		}
	}
}

// legacyIdentities finds what is set up for pod identity.
func (l *linter) legacyIdentities() {
	for _, o := range l.aks {
		if on, ok := o.API.PodIdentity.Get(); ok && on {
			l.find("legacy-pod-identity", o.Ref, o.Origin.At("podIdentityProfile"), "use workload identity", "the add-on of pod identity is on, which is retired")
		}
	}
	for o := range model.All[model.Unmodelled](l.cluster) {
		if o.Ref.Group == legacyGroup && o.Ref.Kind == "AzureIdentityBinding" {
			l.find("legacy-pod-identity", o.Ref, o.Origin.Place, "use workload identity", "the object is for pod identity, which is retired")
		}
	}
}

// asksNobody reports whether no container of a pod sets a client id of its own.
func (l *linter) asksNobody(p *model.Pod) bool {
	return !slices.ContainsFunc(containersOf(p), func(c container) bool { return l.variable(p, c, clientIDVariable).set })
}

// enumerate joins names by commas, the last by and.
func enumerate(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
