package identity

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/pkg/model"
)

// estate is what the rules of federation read of a snapshot, found by what they look
// it up by.
type estate struct {
	cluster   *model.Cluster
	directory *Directory

	aks         []*model.Object[model.ManagedCluster]
	identities  []*model.Object[model.UserAssignedIdentity]
	byClient    map[string][]*model.Object[model.UserAssignedIdentity] // client id, lower case
	byResource  map[string]*model.Object[model.UserAssignedIdentity]   // resource id, lower case
	credentials []*model.Object[model.FederatedCredential]
	of          map[string][]*model.Object[model.FederatedCredential] // by resource id of the identity, lower case
	adrift      []*model.Object[model.FederatedCredential]            // whose identity is not known
	bySubject   map[string][]*model.Object[model.FederatedCredential]
	flexible    []*model.Object[model.FederatedCredential] // and those whose subject is not known
	bindings    []*model.Object[model.IdentityBinding]
	byUsername  map[string]Entity // whom Kubernetes knows by that name; the first by object id
	onNodes     []attachment
	legacy      []legacyBinding

	// ownWebhook is the configuration of a workload identity webhook that the cluster's
	// owner has installed; zero if there is none.
	ownWebhook *model.Object[model.Unmodelled]

	issuer   fact
	noIssuer bool // the cluster gives out no tokens that others can check
	audience string
	tenant   fact
	webhook  fact // "true" or "false"
}

// fact is a value of the snapshot, or why it is not known.
type fact struct {
	value string
	place model.Place
	open  string // why there is no value; empty if there is one
}

func newEstate(c *model.Cluster) *estate {
	e := &estate{
		cluster: c, directory: NewDirectory(c),
		byClient:   map[string][]*model.Object[model.UserAssignedIdentity]{},
		byResource: map[string]*model.Object[model.UserAssignedIdentity]{},
		of:         map[string][]*model.Object[model.FederatedCredential]{},
		bySubject:  map[string][]*model.Object[model.FederatedCredential]{},
		byUsername: map[string]Entity{},
	}
	for entity := range e.directory.Entities() {
		if _, taken := e.byUsername[entity.Username()]; !taken && entity.Username() != "" {
			e.byUsername[entity.Username()] = entity
		}
	}
	e.aks = slices.Collect(model.All[model.ManagedCluster](c))
	e.bindings = slices.Collect(model.All[model.IdentityBinding](c))
	for o := range model.All[model.UserAssignedIdentity](c) {
		e.identities = append(e.identities, o)
		if id, ok := o.API.ClientID.Get(); ok {
			e.byClient[strings.ToLower(id)] = append(e.byClient[strings.ToLower(id)], o)
		}
		if id, ok := o.API.ID.Get(); ok {
			e.byResource[strings.ToLower(id)] = o
		}
	}
	for o := range model.All[model.FederatedCredential](c) {
		e.credentials = append(e.credentials, o)
		if parent, ok := o.API.IdentityID.Get(); ok {
			e.of[strings.ToLower(parent)] = append(e.of[strings.ToLower(parent)], o)
		} else {
			e.adrift = append(e.adrift, o)
		}
		if subject, ok := o.API.Subject.Get(); ok && !isFlexible(o.API) {
			e.bySubject[subject] = append(e.bySubject[subject], o)
		} else {
			e.flexible = append(e.flexible, o)
		}
	}
	for o := range model.All[model.Unmodelled](c) {
		if o.Ref.Kind == "MutatingWebhookConfiguration" && o.Ref.Name == ownWebhookName {
			e.ownWebhook = o
		}
	}
	e.readCluster()
	e.onNodes, e.legacy = e.attachments(), e.legacyBindings()
	return e
}

// ownWebhookName is what the chart of azure-workload-identity calls its webhook.
const ownWebhookName = "azure-wi-webhook-mutating-webhook-configuration"

// readCluster reads what federation needs of the one cluster in the input.
func (e *estate) readCluster() {
	e.audience = exchangeAudience
	open := ""
	switch len(e.aks) {
	case 0:
		open = "the cluster is not in the input (az aks show)"
		e.issuer.open = "the cluster's issuer is not in the input (az aks show)"
		e.webhook.open, e.tenant.open = open, open
	case 1:
		o := e.aks[0]
		e.readIssuer(o)
		e.audience = audienceOf(o.API)
		e.webhook = boolFact(o, o.API.WorkloadIdentity, "securityProfile.workloadIdentity.enabled")
		e.tenant = textFact(o, o.API.Entra.TenantID, "aadProfile.tenantID")
		if e.tenant.open != "" {
			e.tenant = textFact(o, o.API.Identity.TenantID, "identity.tenantId")
		}
	default:
		open = fmt.Sprintf("%d clusters are in the input, and which of them runs the pods is not known", len(e.aks))
		e.issuer.open, e.webhook.open, e.tenant.open = open, open, open
	}
	if e.ownWebhook != nil { // AZ87
		e.webhook = fact{value: "true", place: e.ownWebhook.Origin.Place}
	}
}

// readIssuer finds the issuer of the cluster's tokens (AZ80). What an export leaves
// out or has null was not set, but an issuer without its URL is not known.
func (e *estate) readIssuer(o *model.Object[model.ManagedCluster]) {
	e.issuer = textFact(o, o.API.IssuerURL, "oidcIssuerProfile.issuerURL")
	if on, ok := o.API.OIDCIssuer.Get(); ok && !on {
		e.noIssuer = true
		e.issuer = fact{value: internalIssuer, place: o.Origin.At("oidcIssuerProfile.enabled")}
		return
	}
	if expression, ok := o.API.OIDCIssuer.Unresolved(); ok {
		e.issuer = fact{place: e.issuer.place, open: "oidcIssuerProfile.enabled hangs on " + expression}
		return
	}
	if e.issuer.open != "" {
		if _, unresolved := o.API.IssuerURL.Unresolved(); !unresolved {
			e.issuer.open = "the cluster's issuer is not in the input (az aks show): oidcIssuerProfile.issuerURL is " + howMissing(o.API.IssuerURL)
		}
	}
}

// internalIssuer is the issuer of a cluster without OIDC issuer.
const internalIssuer = "https://kubernetes.default.svc.cluster.local"

// The audiences that Microsoft Entra ID asks tokens for, by cloud.
const (
	exchangeAudience = "api://AzureADTokenExchange"
	usGovAudience    = "api://AzureADTokenExchangeUSGov"
	chinaAudience    = "api://AzureADTokenExchangeChina"
	// bindingAudience is that of identity bindings.
	bindingAudience = "api://AKSIdentityBinding"
)

// audienceOf returns the audience for which the webhook of a cluster's cloud asks
// tokens. The cloud is known from the location, else from the issuer's host.
func audienceOf(c *model.ManagedCluster) string {
	location := strings.ToLower(strings.ReplaceAll(c.Location.Or(""), " ", ""))
	issuer := c.IssuerURL.Or("") + "/"
	switch {
	case strings.HasPrefix(location, "usgov"), strings.HasPrefix(location, "usdod"),
		location == "" && strings.Contains(issuer, ".azure.us/"):
		return usGovAudience
	case strings.HasPrefix(location, "china"), location == "" && strings.Contains(issuer, ".azure.cn/"):
		return chinaAudience
	}
	return exchangeAudience
}

// authorityOf returns the host of the token service in the cloud of an audience.
func authorityOf(audience string) string {
	switch audience {
	case usGovAudience:
		return "login.microsoftonline.us"
	case chinaAudience:
		return "login.partner.microsoftonline.cn"
	}
	return "login.microsoftonline.com"
}

// isKnownAudience reports whether an audience is one that a cloud or feature asks for.
func isKnownAudience(audience string) bool {
	return slices.Contains([]string{exchangeAudience, usGovAudience, chinaAudience, bindingAudience}, audience)
}

func textFact(o *model.Object[model.ManagedCluster], p model.Property[string], path string) fact {
	f := fact{place: o.Origin.At(path)}
	if v, ok := p.Get(); ok && v != "" {
		f.value = v
		return f
	}
	f.open = path + " is " + howMissing(p)
	return f
}

func boolFact(o *model.Object[model.ManagedCluster], p model.Property[bool], path string) fact {
	f := fact{place: o.Origin.At(path)}
	if v, ok := p.Get(); ok {
		f.value = fmt.Sprint(v)
		return f
	}
	f.open = path + " is " + howMissing(p)
	return f
}

// howMissing says in which way a property has no value.
func howMissing[T any](p model.Property[T]) string {
	if expression, ok := p.Unresolved(); ok {
		return "not known: it hangs on " + expression
	}
	switch {
	case p.IsNull():
		return "null"
	case p.IsAbsent():
		return "not there"
	}
	return "empty"
}

// account returns a ServiceAccount that the input holds, or nil.
func (e *estate) account(namespace, name string) *model.Object[corev1.ServiceAccount] {
	o, ok := model.Get[corev1.ServiceAccount](e.cluster, namespace, name)
	if !ok {
		return nil
	}
	return o
}

// accountOf returns the name of a pod's ServiceAccount (AZ102).
func accountOf(p *model.Pod) string {
	if p.Spec.ServiceAccountName != "" {
		return p.Spec.ServiceAccountName
	}
	if p.Spec.DeprecatedServiceAccount != "" {
		return p.Spec.DeprecatedServiceAccount
	}
	return "default"
}

// subjectOf returns the subject of the tokens of a pod's ServiceAccount.
func subjectOf(p *model.Pod) string { return serviceAccountPrefix + p.Namespace + ":" + accountOf(p) }

// podRef returns the object that a pod is written in: itself, or its workload.
func podRef(p *model.Pod) model.Ref {
	if p.Template {
		return p.Workload()
	}
	return model.Ref{Kind: "Pod", Namespace: p.Namespace, Name: p.Name}
}

// podPlace returns the place of a field of a pod, wherever its template lies.
func podPlace(p *model.Pod, path string) model.Place {
	if p.Template {
		prefix := "spec.template."
		if p.Workload().Kind == "CronJob" {
			prefix = "spec.jobTemplate.spec.template."
		}
		path = prefix + path
	}
	return p.Origin.At(path)
}

// identityName names a managed identity in the grammar of principals.
func identityName(o *model.Object[model.UserAssignedIdentity]) string {
	if name := identityLabel(&o.API.Resource, o.Ref); name != "" {
		return managedIdentityWord + "/" + name
	}
	return o.Ref.String()
}

// identityLabel returns the name of a resource: as told, else from its id.
func identityLabel(r *model.Resource, ref model.Ref) string {
	if name, ok := r.Name.Get(); ok {
		return name
	}
	id := r.ID.Or(ref.Name)
	return id[strings.LastIndexByte(id, '/')+1:]
}

// credentialName names a credential after its identity.
func (e *estate) credentialName(o *model.Object[model.FederatedCredential]) string {
	name := identityLabel(&o.API.Resource, o.Ref)
	parent := o.API.IdentityID.Or("")
	if i, ok := e.byResource[strings.ToLower(parent)]; ok {
		return identityName(i) + "/" + name
	}
	if parent != "" {
		return managedIdentityWord + "/" + parent[strings.LastIndexByte(parent, '/')+1:] + "/" + name
	}
	return name
}

// subscriptionOf returns the subscription of a resource id, in lower case.
func subscriptionOf(id string) string {
	rest, ok := strings.CutPrefix(strings.ToLower(id), "/subscriptions/")
	if !ok {
		return ""
	}
	subscription, _, _ := strings.Cut(rest, "/")
	return subscription
}
