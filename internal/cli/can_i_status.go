package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// statusJSON is what the API server fills in.
type statusJSON struct {
	Allowed         bool   `json:"allowed"`
	Reason          string `json:"reason,omitempty"`
	EvaluationError string `json:"evaluationError,omitempty"`
}

// oneLine is the answer for people.
func oneLine(v azure.KubernetesVerdict, k *azure.Kubernetes) string {
	text := fmt.Sprintf("%s: %s", v.Question(), v.Decision)
	if isAKS(k) && v.Decision == rbacsim.Allowed {
		text += " by " + v.By.String()
	}
	return text
}

// statusOf answers as the API server does, to which a no is an answer like any other
// and what does not exist grants nothing. What is undecided is no yes.
func statusOf(v azure.KubernetesVerdict) (statusJSON, int) {
	switch v.Decision {
	case rbacsim.Allowed:
		return statusJSON{Allowed: true, Reason: reasonOf(v)}, exitYes
	case rbacsim.Denied:
		return refusalOf(v), exitYes
	default:
		return statusJSON{EvaluationError: "undecided: " + strings.Join(doubts(v), "; ")}, exitUndecided
	}
}

// reasonOf says as the API server does why a request is allowed.
func reasonOf(v azure.KubernetesVerdict) string {
	if v.By == azure.AzureSide {
		return webhookReason(v)
	}
	if slices.Contains(v.RBAC.Subject().Groups, identity.Masters) { // allowed before RBAC is asked
		return ""
	}
	for g := range v.RBAC.Grants() {
		return fmt.Sprintf("RBAC: allowed by %s of %s to %s", g.Binding, g.Role, g.To)
	}
	return ""
}

// webhookReason says as AKS' webhook does why Azure allows a request; nothing for
// discovery paths, about which it does not ask.
func webhookReason(v azure.KubernetesVerdict) (reason string) {
	for asked := range v.Azure.Asked() {
		for _, answer := range asked.Verdicts {
			for g := range answer.Grants() {
				reason = fmt.Sprintf("Access allowed by Azure RBAC Role Assignment %s of Role %s to user %s", g.Name, g.Role, v.RBAC.Subject().User)
				break
			}
		}
	}
	return reason
}

// refusalOf is what the API server answers to a no.
func refusalOf(v azure.KubernetesVerdict) statusJSON {
	status := statusJSON{EvaluationError: v.RBAC.EvaluationError()}
	if v.Azure.Error != nil {
		status.EvaluationError = v.Azure.Error.Error()
	} else if v.Azure.Opinion {
		status.Reason = "User does not have access to the resource in Azure. Update role assignment to allow access."
	}
	return status
}

// doubts are why a verdict is undecided.
func doubts(v azure.KubernetesVerdict) (list []string) {
	add := func(text string) {
		if !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	if v.RBAC.Decision == rbacsim.Undecided {
		for text := range v.RBAC.Reasons() {
			add(text)
		}
		for g := range v.RBAC.Grants() {
			add(g.Binding.String() + " may grant it: " + g.Source())
		}
	}
	if v.Azure.Decision != rbacsim.Undecided {
		return list
	}
	for text := range v.Azure.Reasons() {
		add(text)
	}
	for asked := range v.Azure.Asked() {
		for _, answer := range asked.Verdicts {
			for g := range answer.Grants() {
				add("role assignment " + g.Name + " may grant it: " + g.Open)
			}
		}
	}
	return list
}
