package cli

import (
	"iter"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// The JSON forms of answers about Azure, beside those of access_json.go.

// aksJSON is what both sides of an AKS cluster say of a request.
type aksJSON struct {
	By         string      `json:"by,omitempty"` // kubernetes or azure: the side that grants it, or may
	Kubernetes string      `json:"kubernetes"`   // the decision of RBAC alone
	Azure      webhookJSON `json:"azure"`
}

// webhookJSON is what the authorization webhook makes of Azure's answers.
type webhookJSON struct {
	Decision string      `json:"decision"`
	Opinion  bool        `json:"opinion"`
	Error    string      `json:"error,omitempty"`
	Reasons  []string    `json:"reasons"`
	Asked    []askedJSON `json:"asked"`
}

// askedJSON is a question of the webhook, of which all actions have to be allowed.
type askedJSON struct {
	Scope      string            `json:"scope"`
	Attributes map[string]string `json:"attributes,omitempty"`
	Decision   string            `json:"decision"`
	Doubt      string            `json:"doubt,omitempty"`
	Actions    []answerJSON      `json:"actions"`
}

// answerJSON is the answer about one action.
type answerJSON struct {
	Action     string               `json:"action"`
	Data       bool                 `json:"data"`
	Decision   string               `json:"decision"`
	Grants     []assignmentJSON     `json:"grants"`
	Denials    []denialJSON         `json:"denials"`
	Misses     []assignmentMissJSON `json:"nearestMisses"`
	Reasons    []string             `json:"reasons"`
	Incomplete []string             `json:"incomplete"`
}

// assignmentJSON is a role assignment or, with a policy, an access policy of a vault.
type assignmentJSON struct {
	To         string   `json:"to,omitempty"`
	Assignment string   `json:"assignment"` // its id; of an access policy, that of the vault
	Place      string   `json:"assignmentPlace,omitempty"`
	Policy     *int     `json:"policy,omitempty"`
	Role       string   `json:"role,omitempty"`
	RoleGUID   string   `json:"roleId,omitempty"`
	RolePlace  string   `json:"rolePlace,omitempty"` // not of built-in roles
	Permission *int     `json:"permission,omitempty"`
	Pattern    string   `json:"pattern,omitempty"`
	Scope      string   `json:"scope,omitempty"`
	Through    []string `json:"through,omitempty"` // groups
	Eligible   bool     `json:"eligible,omitempty"`
	Classic    bool     `json:"classic,omitempty"`
	Condition  string   `json:"condition,omitempty"`
	Open       string   `json:"open,omitempty"`
}

type assignmentMissJSON struct {
	assignmentJSON
	But []string `json:"but"`
}

type denialJSON struct {
	Assignment string `json:"assignment"`
	Place      string `json:"assignmentPlace,omitempty"`
	Name       string `json:"name"`
	Scope      string `json:"scope"`
	Pattern    string `json:"pattern,omitempty"`
	Open       bool   `json:"open,omitempty"` // it may not deny it
}

// aksOf returns what the sides say; nothing if the input has no AKS cluster.
func aksOf(v azure.KubernetesVerdict, k *azure.Kubernetes) *aksJSON {
	if !isAKS(k) {
		return nil
	}
	out := &aksJSON{By: sideWord(v.By), Kubernetes: accessWord(v.RBAC.Decision), Azure: webhookJSON{
		Decision: accessWord(v.Azure.Decision), Opinion: v.Azure.Opinion, Reasons: list(v.Azure.Reasons()), Asked: []askedJSON{},
	}}
	if v.Azure.Error != nil {
		out.Azure.Error = v.Azure.Error.Error()
	}
	for q := range v.Azure.Asked() {
		asked := askedJSON{Scope: q.Scope.String(), Attributes: q.Attributes, Decision: accessWord(q.Decision), Doubt: q.Doubt, Actions: []answerJSON{}}
		for _, answer := range q.Verdicts {
			asked.Actions = append(asked.Actions, answerOf(answer))
		}
		out.Azure.Asked = append(out.Azure.Asked, asked)
	}
	return out
}

func sideWord(s azure.Side) string {
	switch s {
	case azure.RBACSide:
		return "kubernetes"
	case azure.AzureSide:
		return "azure"
	case azure.NoSide:
	}
	return ""
}

func answerOf(v azure.Verdict) answerJSON {
	out := answerJSON{
		Action: v.Request().Action, Data: v.Request().Data, Decision: accessWord(v.Decision),
		Grants: assignmentsOf(v.Grants()), Denials: []denialJSON{}, Misses: []assignmentMissJSON{},
		Reasons: list(v.Reasons()), Incomplete: list(v.Incomplete()),
	}
	for d := range v.Denials() {
		out.Denials = append(out.Denials, denialJSON{d.Assignment.Name, shortPlace(d.Place), d.Name, d.Scope.String(), d.Pattern, d.Open})
	}
	for m := range v.Misses() {
		out.Misses = append(out.Misses, assignmentMissJSON{assignmentOf(m.Grant), m.But})
	}
	return out
}

func assignmentsOf(grants iter.Seq[azure.Grant]) []assignmentJSON {
	all := []assignmentJSON{}
	for g := range grants {
		all = append(all, assignmentOf(g))
	}
	return all
}

func assignmentOf(g azure.Grant) assignmentJSON {
	out := assignmentJSON{
		To: nameOf(g.To), Assignment: g.Assignment.Name, Place: shortPlace(g.Place), Role: g.Role, RoleGUID: g.RoleGUID,
		RolePlace: shortPlace(g.RolePlace), Pattern: g.Pattern, Scope: g.Scope.String(), Through: g.Through,
		Eligible: g.Eligible, Classic: g.Classic, Condition: g.Condition, Open: g.Open,
	}
	if g.Policy >= 0 {
		out.Policy = &g.Policy
	}
	if g.Permission >= 0 {
		out.Permission = &g.Permission
	}
	return out
}

// nameOf returns whom an entity is; nothing of nobody in particular.
func nameOf(e identity.Entity) string {
	if e.ObjectID == "" {
		return ""
	}
	return e.Principal().String()
}

// The subject and request of a question to Azure.

type principalJSON struct {
	Principal string   `json:"principal"`
	ObjectID  string   `json:"objectId"`
	Groups    []string `json:"groups"` // object ids
}

type actionJSON struct {
	Action     string              `json:"action"`
	Data       bool                `json:"data"`
	Scope      string              `json:"scope"`
	Attributes map[string][]string `json:"attributes,omitempty"`
}

func actionOf(r azure.Request) actionJSON {
	return actionJSON{r.Action, r.Data, r.Scope.String(), r.Attributes.Values}
}

// actionAccessJSON is the answer about an action of Azure.
type actionAccessJSON struct {
	Version     int                  `json:"version"`
	Subject     principalJSON        `json:"subject"`
	Request     actionJSON           `json:"request"`
	Decision    string               `json:"decision"`
	Grants      []assignmentJSON     `json:"grants"`
	Denials     []denialJSON         `json:"denials"`
	Misses      []assignmentMissJSON `json:"nearestMisses"`
	Reasons     []string             `json:"reasons"`
	Warnings    []string             `json:"warnings"`
	Incomplete  []string             `json:"incomplete"`
	Assumptions []string             `json:"assumptions"`
}

func actionAccessOf(who identity.Entity, v azure.Verdict, warnings []string, a *azure.Authorizer) actionAccessJSON {
	answer := answerOf(v)
	return actionAccessJSON{
		Version: 1, Subject: principalJSON{who.Principal().String(), who.ObjectID, append([]string{}, v.Subject().Groups...)},
		Request: actionOf(v.Request()), Decision: answer.Decision, Grants: answer.Grants, Denials: answer.Denials,
		Misses: answer.Misses, Reasons: answer.Reasons, Warnings: append([]string{}, warnings...),
		Incomplete: answer.Incomplete, Assumptions: list(a.Assumptions()),
	}
}
