package azure

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/rbacsim"
)

// KubernetesVerdict is the answer of an AKS cluster about one request, with those of
// both sides.
type KubernetesVerdict struct {
	// Decision is what the API server says: Allowed if either side allows it, and
	// Undecided if otherwise either may.
	Decision Decision
	// Effective is whether a real request can do what was asked for; see
	// [rbacsim.Verdict].
	Effective Decision
	// By is the side that grants it, or may. The API server asks RBAC first, and Azure
	// only about what that does not allow; Azure's own verdict is there all the same.
	By Side
	// RBAC is the verdict of the cluster's RBAC objects.
	RBAC rbacsim.Verdict
	// Azure is the verdict of Azure.
	Azure WebhookVerdict

	subject   KubernetesSubject
	request   rbacsim.Request
	ways      []rbacsim.Way
	withAzure bool
	group     string // why it may be in a group that would be allowed
}

// Side is a side that allows a request to a cluster.
type Side uint8

// The sides, in the order in which the API server asks them.
const (
	NoSide Side = iota
	RBACSide
	AzureSide
)

// String returns Kubernetes RBAC, Azure RBAC or neither.
func (s Side) String() string {
	switch s {
	case RBACSide:
		return "Kubernetes RBAC"
	case AzureSide:
		return "Azure RBAC"
	case NoSide:
	}
	return "neither"
}

// WebhookVerdict is what the webhook makes of Azure's answers.
type WebhookVerdict struct {
	// Decision is Denied, too, if the webhook has no opinion or can't ask.
	Decision Decision
	// Opinion is false if Azure is not asked, or not about this subject.
	Opinion bool
	// Error is why the webhook can't ask, and so allows nothing; nil if it can.
	Error error

	reasons []string
	asked   []Asked
}

// Asked is one question of the webhook to Azure, and the answers.
type Asked struct {
	Checks
	// Decision is Allowed only if all actions are.
	Decision Decision
	// Doubt is why the question may not be asked: then its yes decides nothing.
	Doubt string
	// Verdicts are of the actions, in their order.
	Verdicts []Verdict
}

// Reasons yields what settles Azure's answer, or leaves it open, besides role
// assignments, each as a clause for people.
func (v WebhookVerdict) Reasons() iter.Seq[string] { return slices.Values(v.reasons) }

// Asked yields the questions in the order in which the webhook asks them, up to the
// first that is allowed; none where it does not have to ask (AZ68).
func (v WebhookVerdict) Asked() iter.Seq[Asked] { return slices.Values(v.asked) }

// Check answers a request, and why. The errors are those of [Kubernetes.Decide].
func (k *Kubernetes) Check(s KubernetesSubject, r rbacsim.Request) (KubernetesVerdict, error) {
	v := KubernetesVerdict{subject: s, request: r, withAzure: k.cluster != nil}
	if err := k.askable(s); err != nil {
		return v, err
	}
	var err error
	if v.RBAC, err = k.rbac.Check(s.RBAC, r); err != nil {
		return v, err
	}
	if v.Azure, err = k.checkAzure(s, r); err != nil {
		return v, err
	}
	v.Decision = either(v.RBAC.Decision, v.Azure.Decision)
	switch {
	case v.Decision == rbacsim.Denied:
		v.group = k.otherGroup(s, r)
		if v.group != "" {
			v.Decision, v.By = rbacsim.Undecided, RBACSide
		}
	case v.RBAC.Decision == v.Decision:
		v.By = RBACSide
	default:
		v.By = AzureSide
	}
	v.Effective, v.ways, _ = k.rbac.EffectiveBy(r, func(r rbacsim.Request) Decision { return k.decide(s, r) })
	return v, nil
}

// checkAzure does as decideAzure, and keeps what it finds.
func (k *Kubernetes) checkAzure(s KubernetesSubject, r rbacsim.Request) (v WebhookVerdict, err error) {
	v.Decision = rbacsim.Denied
	if why := k.silent(s); why != "" {
		v.reasons = []string{why}
		return v, nil
	}
	v.Opinion = true
	switch {
	case IsDiscovery(r) && !k.refuseDiscovery:
		v.Decision = rbacsim.Allowed
		v.reasons = append(v.reasons, "it is a discovery path: the webhook allows it to every principal of Microsoft Entra ID, without asking Azure")
	case s.problem != "":
		v.reasons = append(v.reasons, s.problem)
	case k.scope.IsZero():
		v.Decision = rbacsim.Undecided
	default:
		if err := k.ask(s, r, &v); err != nil {
			return v, err
		}
	}
	if k.asked == rbacsim.Undecided && v.Decision != rbacsim.Denied {
		v.reasons = append(v.reasons, k.because)
	}
	v.Decision = atMost(v.Decision, k.asked)
	return v, nil
}

// ask asks Azure, question by question.
func (k *Kubernetes) ask(s KubernetesSubject, r rbacsim.Request, v *WebhookVerdict) error {
	for i, q := range k.questions(r) {
		if q.err != nil {
			if i == 0 {
				v.Error = q.err
				v.reasons = append(v.reasons, "the webhook can't ask Azure, which fails the request: "+q.err.Error())
			}
			continue
		}
		a := Asked{Checks: q.Checks, Doubt: q.doubt, Decision: rbacsim.Allowed}
		for _, action := range q.Actions {
			answer, err := k.azure.Check(s.Azure, k.request(&q, action))
			if err != nil {
				return err
			}
			a.Verdicts = append(a.Verdicts, answer)
			a.Decision = both(a.Decision, answer.Decision)
		}
		v.asked = append(v.asked, a)
		if v.Decision = either(v.Decision, q.limit(a.Decision)); v.Decision == rbacsim.Allowed {
			break
		}
	}
	return nil
}

// Subject returns who asked.
func (v KubernetesVerdict) Subject() KubernetesSubject { return v.subject }

// Request returns what was asked for.
func (v KubernetesVerdict) Request() rbacsim.Request { return v.request }

// Ways returns the ways to do what was asked for; see [rbacsim.Verdict.Ways].
func (v KubernetesVerdict) Ways() []rbacsim.Way { return slices.Clone(v.ways) }

// Incomplete yields what the input refers to and does not hold, and what could make a
// yes of a no, on either side.
func (v KubernetesVerdict) Incomplete() iter.Seq[string] {
	if v.Decision == rbacsim.Allowed {
		return slices.Values([]string(nil))
	}
	list := slices.Collect(v.RBAC.Incomplete())
	for _, a := range v.Azure.asked {
		for _, answer := range a.Verdicts {
			for text := range answer.Incomplete() {
				if !slices.Contains(list, text) {
					list = append(list, text)
				}
			}
		}
	}
	return slices.Values(list)
}

// Question returns who asks for what, for people.
func (v KubernetesVerdict) Question() string { return v.subject.String() + ": " + v.request.String() }

// Explain returns the verdict and its grounds as text of several lines, without a
// final newline: the first line is the question and the decision, and indented lines
// give the reasons.
func (v KubernetesVerdict) Explain() string {
	var b strings.Builder
	b.WriteString(v.Question() + ": " + v.Decision.String())
	if v.withAzure && v.Decision == rbacsim.Allowed {
		b.WriteString(" by " + v.By.String())
	}
	for line := range v.Grounds(mostGrants) {
		b.WriteString("\n    " + line)
	}
	return b.String()
}

// Grounds yields the grounds as lines of text, some of them indented: of either side
// its decision and, below, its grounds with so many grants of each kind. Where the
// input has no AKS cluster, they are those of RBAC alone.
func (v KubernetesVerdict) Grounds(grants int) iter.Seq[string] {
	if !v.withAzure {
		return v.RBAC.Grounds(grants)
	}
	return slices.Values(v.grounds(grants))
}

func (v KubernetesVerdict) grounds(grants int) []string {
	lines := []string{RBACSide.String() + ": " + v.RBAC.Decision.String()}
	add := func(indent int, text string) {
		for line := range strings.SplitSeq(text, "\n") {
			lines = append(lines, strings.Repeat("    ", indent)+line)
		}
	}
	for line := range v.RBAC.Grounds(grants) {
		add(1, line)
	}
	if v.group != "" {
		add(1, "it may be allowed: "+v.group)
	}
	head := AzureSide.String() + ": " + v.Azure.Decision.String()
	if !v.Azure.Opinion {
		head = AzureSide.String() + ": no opinion"
	}
	lines = append(lines, head)
	for r := range v.Azure.Reasons() {
		add(1, r)
	}
	for _, a := range v.Azure.asked {
		for _, line := range a.grounds(grants) {
			add(1, line)
		}
	}
	return lines
}

// mostActions bounds how many actions of one question an explanation tells.
const mostActions = 5

// grounds are the grounds of a question: of a yes the grants of its actions, of
// anything else first the actions that are not allowed.
func (a Asked) grounds(grants int) (lines []string) {
	told, more := 0, 0
	for i, answer := range a.Verdicts {
		if a.Decision != rbacsim.Allowed && answer.Decision == rbacsim.Allowed {
			continue
		}
		if told++; told > mostActions {
			more++
			continue
		}
		lines = append(lines, a.Actions[i]+" at "+a.Scope.String()+": "+answer.Decision.String())
		for line := range answer.Grounds(grants) {
			lines = append(lines, "    "+line)
		}
	}
	if more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more actions", more))
	}
	for _, name := range []string{attributeGroup, attributeKind, attributeSubresource} {
		if value, ok := a.Attributes[name]; ok {
			lines = append(lines, "with the attribute "+name+" = "+value)
		}
	}
	if a.Doubt != "" && a.Decision != rbacsim.Denied {
		lines = append(lines, "but "+a.Doubt)
	}
	return lines
}
