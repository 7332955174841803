package identity

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aksim/aksim/pkg/model"
)

// What the webhook of workload identity reads (AZ86).
// https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html
const (
	useLabel             = "azure.workload.identity/use"
	clientIDAnnotation   = "azure.workload.identity/client-id"
	tenantIDAnnotation   = "azure.workload.identity/tenant-id"
	expirationAnnotation = "azure.workload.identity/service-account-token-expiration"
	skipAnnotation       = "azure.workload.identity/skip-containers"
	proxyAnnotation      = "azure.workload.identity/inject-proxy-sidecar"
	proxyPortAnnotation  = "azure.workload.identity/proxy-sidecar-port"
	bindingAnnotation    = "azure.workload.identity/use-identity-binding"
)

// The shortest and longest life of the webhook's tokens, in seconds.
const (
	leastExpiration = 3600
	mostExpiration  = 86400
)

// injection is what the webhook does to a pod.
type injection struct {
	outcome  Outcome // OK: the pod has a token
	open     string  // what is undecided
	steps    []Step  // how that comes
	audience string
	place    model.Place // of the label
	skipped  map[string]bool
}

// skips reports whether the webhook leaves a container alone.
func (in injection) skips(name string) bool { return in.skipped[name] }

// inject applies the webhook's rules to a pod. The pods that a server hands out have
// what the webhook gave them when they were made: theirs are ordinary volumes.
func (e *estate) inject(p *model.Pod) injection {
	in := injection{audience: e.audience, place: podPlace(p, "metadata.labels"), skipped: map[string]bool{}}
	if usesBinding(p) {
		in.audience = bindingAudience
	}
	// A container's name is taken as written but for the white space around it.
	for name := range strings.SplitSeq(p.Annotations[skipAnnotation], ";") {
		in.skipped[strings.TrimSpace(name)] = true
	}
	in.steps = append(in.steps, e.webhookStep(p), e.labelStep(p))
	if s, ok := e.admissionStep(p); ok {
		in.steps = append(in.steps, s)
	}
	in.outcome = OK
	for _, s := range in.steps {
		in.outcome = all(in.outcome, s.Outcome)
		if s.Outcome == Undecided && in.open == "" {
			in.open = s.Detail
		}
	}
	return in
}

// usesBinding reports whether the webhook gives a pod the token of identity bindings
// (AZ97). Upper and lower case of the value mean nothing.
func usesBinding(p *model.Pod) bool {
	return strings.EqualFold(p.Annotations[bindingAnnotation], "true")
}

// made reports whether a pod exists as a server shows it: the webhook has had its say
// (AZ108).
func made(p *model.Pod) bool { return !p.Template && p.Origin.Server }

// webhookStep says whether there is a webhook to see the pod (AZ87).
func (e *estate) webhookStep(p *model.Pod) Step {
	s := Step{Kind: WebhookStep, Title: "webhook", Place: e.webhook.place}
	switch {
	case made(p) && hasInjected(p):
		s.Outcome, s.Detail, s.Place = OK, "it has seen the pod", p.Origin.Place
	case made(p):
		s.Outcome, s.Detail, s.Place = Broken, "the pod was made without the webhook's token, and the webhook looks only at pods when they are made", p.Origin.Place
		s.Hint = "make the pod again"
	case p.Namespace == "kube-system" && e.ownWebhook == nil: // AZ88
		s.Outcome, s.Detail = Broken, "AKS keeps its webhooks from pods in kube-system"
	case e.webhook.open != "":
		s.Detail = "whether workload identity is on is not known: " + e.webhook.open
	case e.webhook.value != "true":
		s.Outcome, s.Detail = Broken, "workload identity is off: securityProfile.workloadIdentity.enabled is false"
		s.Hint = "az aks update --enable-workload-identity"
	case e.ownWebhook != nil:
		s.Outcome, s.Detail = OK, "the cluster has "+e.ownWebhook.Ref.String()
	default:
		s.Outcome, s.Detail = OK, "workload identity is on"
	}
	return s
}

// hasInjected reports whether a server's pod has a volume that the webhook made.
func hasInjected(p *model.Pod) bool {
	return slices.ContainsFunc(projected(p), func(t token) bool { return isInjected(t.volume) })
}

// labelStep says whether the pod's label is there: a label of the pod, with the
// text true, as selectors compare.
func (e *estate) labelStep(p *model.Pod) Step {
	s := Step{Kind: LabelStep, Title: "label", Place: podPlace(p, "metadata.labels")}
	value, ok := p.Labels[useLabel]
	switch {
	case value == "true":
		s.Outcome, s.Detail = OK, useLabel+"=true"
	case ok:
		s.Outcome, s.Detail = Broken, "the webhook leaves the pod alone: the label has another value"
		s.Differences = []Difference{{What: "label " + useLabel, Have: value, HavePlace: s.Place, Want: "true", How: howTheyDiffer(value, "true")}}
	default:
		s.Outcome, s.Detail = Broken, "the webhook leaves the pod alone: it has no label "+useLabel+"=true"
		s.Hint = e.labelledElsewhere(p)
	}
	return s
}

// labelledElsewhere says where the label is that the pod lacks.
func (e *estate) labelledElsewhere(p *model.Pod) string {
	if p.Template && e.workloadLabels(p.Workload())[useLabel] != "" {
		return p.Workload().String() + " has the label, but its template has not"
	}
	if o := e.account(p.Namespace, accountOf(p)); o != nil && o.API.Labels[useLabel] != "" {
		return "the ServiceAccount has the label, which counts for nothing since version 1.0"
	}
	return ""
}

// admissionStep says why the webhook refuses the pod, and false if it does not (AZ92,
// AZ93).
func (e *estate) admissionStep(p *model.Pod) (Step, bool) {
	refuse := func(detail string, place model.Place) (Step, bool) {
		return Step{Kind: WebhookStep, Title: "webhook", Outcome: Broken, Detail: "it refuses the pod: " + detail, Place: place}, true
	}
	if made(p) {
		return Step{}, false
	}
	account := e.account(p.Namespace, accountOf(p))
	text, place := p.Annotations[expirationAnnotation], podPlace(p, "metadata.annotations")
	if text == "" && account != nil {
		text, place = account.API.Annotations[expirationAnnotation], account.Origin.At("metadata.annotations")
	}
	if text != "" {
		if n, err := strconv.ParseInt(text, 10, 64); err != nil || n < leastExpiration || n > mostExpiration {
			return refuse(fmt.Sprintf("%s is %q, and not a number from %d to %d", expirationAnnotation, text, leastExpiration, mostExpiration), place)
		}
	}
	if _, proxy := p.Annotations[proxyAnnotation]; !proxy {
		return Step{}, false
	}
	place = podPlace(p, "metadata.annotations")
	if p.Spec.HostNetwork {
		return refuse("it is on its node's network, and "+proxyAnnotation+" is there", place)
	}
	if port, ok := p.Annotations[proxyPortAnnotation]; ok {
		if _, err := strconv.ParseInt(port, 10, 32); err != nil {
			return refuse(fmt.Sprintf("%s is %q, and not a number", proxyPortAnnotation, port), place)
		}
	}
	return Step{}, false
}

// injectedVariable returns what the webhook sets a variable of a container to that the
// container does not set itself (AZ91): nothing where the value would be empty. The
// container's envFrom is not asked.
func (e *estate) injectedVariable(account *model.Object[corev1.ServiceAccount], name string) setting {
	var s setting
	if account == nil {
		return setting{set: true, fact: fact{open: "the ServiceAccount's annotations are not in the input"}}
	}
	place := account.Origin.At("metadata.annotations")
	switch name {
	case clientIDVariable:
		s.value, s.place = account.API.Annotations[clientIDAnnotation], place
	case tenantIDVariable:
		id, ok := account.API.Annotations[tenantIDAnnotation]
		s.value, s.place = id, place
		if !ok {
			s.fact = e.tenant
		}
	}
	s.set = s.value != "" || s.open != ""
	return s
}

// workloadLabels returns the labels of a workload itself, which its pods don't have.
func (e *estate) workloadLabels(ref model.Ref) map[string]string {
	switch ref.Kind {
	case "Deployment":
		return labelsOf[appsv1.Deployment](e.cluster, ref)
	case "StatefulSet":
		return labelsOf[appsv1.StatefulSet](e.cluster, ref)
	case "DaemonSet":
		return labelsOf[appsv1.DaemonSet](e.cluster, ref)
	case "ReplicaSet":
		return labelsOf[appsv1.ReplicaSet](e.cluster, ref)
	case "ReplicationController":
		return labelsOf[corev1.ReplicationController](e.cluster, ref)
	case "Job":
		return labelsOf[batchv1.Job](e.cluster, ref)
	case "CronJob":
		return labelsOf[batchv1.CronJob](e.cluster, ref)
	}
	return nil
}

func labelsOf[T any, P interface {
	*T
	metav1.Object
}](c *model.Cluster, ref model.Ref) map[string]string {
	if o, ok := model.Get[T](c, ref.Namespace, ref.Name); ok {
		return P(o.API).GetLabels()
	}
	return nil
}
