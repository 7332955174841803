package verify

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// initiatives are the built-in ones of the pod security standards, by GUID.
// https://learn.microsoft.com/azure/aks/policy-reference
var initiatives = map[string]string{ //nolint:gochecknoglobals // a constant table
	"a8640138-9b0a-4a28-b8cb-1666c838647d": "baseline",
	"42b8ef37-b724-4e24-bbc8-7a7708edfe00": "restricted",
}

// baseline are the policies of the baseline initiative, by GUID: an initiative that
// holds all of them is as good.
var baseline = []string{ //nolint:gochecknoglobals // a constant table
	"95edb821-ddaf-4404-9732-666045e056b4", // privileged containers
	"47a1ee2f-2a2a-4576-bf2a-e0e36709c2b8", // host process ID and IPC namespaces
	"098fc59e-46c7-4d99-9b16-64990e543d75", // host paths
	"c26596ff-4d70-4e6a-9a30-c2506bd2f80c", // capabilities
	"82985f06-dc18-4a48-bc1c-b9f4f0098cfe", // host network and ports
}

func evidencePolicies() Evidence {
	return Evidence{"policy assignments", "az policy assignment list --disable-scope-strict-match -o json", absentUnless[model.PolicyAssignment]("policy assignment")}
}

func checkInitiative(c *Context, a *Answer) {
	c.deployed(a)
	var failed Answer
	for o := range model.All[model.PolicyAssignment](c.cluster) {
		name, why := c.initiative(o.API)
		switch {
		case why != "":
			failed.Open(assigned(o, why, "policy set definitions: az policy set-definition list -o json"))
			continue
		case name == "":
			continue
		}
		if c.inForce(&failed, o) {
			if effect := parameter(o.API, "effect"); !strings.EqualFold(effect, "deny") {
				a.Note("%s denies nothing: its effect is %s", assignment(o), effectOrDefault(effect))
			}
			a.Proved("the %s initiative, %s", name, assignment(o))
			return
		}
	}
	if len(failed.findings) > 0 {
		a.findings = append(a.findings, failed.findings...)
		return
	}
	a.Refute(Finding{Object: c.clusterObject(), Place: c.AKS().Origin.Place, Text: "no assignment puts an initiative of the pod security standards in force at the cluster"})
}

func effectOrDefault(effect string) string {
	if effect == "" {
		return "the initiative's default"
	}
	return effect
}

func assignment(o *model.Object[model.PolicyAssignment]) string {
	return "policy assignment " + o.API.Name.Or(lastSegment(o.Ref.Name))
}

func assigned(o *model.Object[model.PolicyAssignment], text, missing string) Finding {
	return Finding{Object: assignment(o), Place: o.Origin.Place, Text: text, Missing: missing}
}

// initiative names the initiative that an assignment is of, if it is one of those
// wanted, or says why that is not known.
func (c *Context) initiative(p *model.PolicyAssignment) (name, why string) {
	id := idText(p.PolicyDefinitionID)
	if id == "" {
		return "", how("policyDefinitionId", p.PolicyDefinitionID)
	}
	if name, ok := initiatives[strings.ToLower(lastSegment(id))]; ok {
		return name, ""
	}
	if !strings.Contains(strings.ToLower(id), "/policysetdefinitions/") {
		return "", ""
	}
	for o := range model.All[model.PolicySetDefinition](c.cluster) {
		if !strings.EqualFold(o.API.ID.Or(""), id) {
			continue
		}
		definitions, ok := o.API.Definitions.Get()
		if !ok {
			return "", how("policyDefinitions", o.API.Definitions) + " in the initiative " + lastSegment(id)
		}
		for _, want := range baseline {
			if !slices.ContainsFunc(definitions, func(d string) bool { return strings.EqualFold(lastSegment(d), want) }) {
				return "", ""
			}
		}
		return o.API.DisplayName.Or(lastSegment(id)), ""
	}
	if strings.HasPrefix(strings.ToLower(id), "/providers/microsoft.authorization/") {
		return "", "" // another built-in initiative
	}
	return "", "what is in the initiative " + lastSegment(id) + " is not known"
}

// inForce reports whether an assignment counts at the cluster and in its application
// namespaces, and says so if not.
func (c *Context) inForce(a *Answer, o *model.Object[model.PolicyAssignment]) bool {
	p := o.API
	n := len(a.findings)
	refute := func(path, format string, args ...any) {
		f := assigned(o, fmt.Sprintf(format, args...), "")
		f.Place = o.Origin.At(path)
		a.Refute(f)
	}
	if why := doubt(o.Origin); why != "" {
		a.Open(assigned(o, why, "policy assignments: az policy assignment list --disable-scope-strict-match -o json"))
	}
	if mode, ok := p.EnforcementMode.Get(); ok && !strings.EqualFold(mode, "Default") {
		refute("enforcementMode", "enforcementMode is %s", mode)
	} else if _, isOpen := p.EnforcementMode.Unresolved(); isOpen {
		a.Open(assigned(o, how("enforcementMode", p.EnforcementMode), "policy assignments: az policy assignment list --disable-scope-strict-match -o json"))
	}
	switch c.reaches(idText(p.Scope)) {
	case rbacsim.Denied:
		refute("scope", "its scope %s does not hold the cluster", p.Scope.Or(""))
	case rbacsim.Undecided:
		a.Open(assigned(o, how("scope", p.Scope)+", which may or may not hold the cluster", "management groups: az account management-group show -n NAME -e -r -o json"))
	default:
	}
	for _, not := range p.NotScopes.Or(nil) {
		if c.reaches(not) != rbacsim.Denied {
			refute("notScopes", "notScopes leaves the cluster out, by %s", not)
		}
	}
	if effect := parameter(p, "effect"); strings.EqualFold(effect, "disabled") {
		refute("parameters", "its effect is %s", effect)
	}
	included := namesOf(parameter(p, "namespaces"))
	for _, ns := range c.AppNamespaces() {
		if slices.Contains(namesOf(parameter(p, "excludedNamespaces")), ns) || len(included) > 0 && !slices.Contains(included, ns) {
			refute("parameters", "it leaves the namespace %s out", ns)
		}
	}
	return len(a.findings) == n
}

// reaches reports whether what is assigned at a scope counts at the cluster.
func (c *Context) reaches(scope string) rbacsim.Decision {
	id := idText(c.AKS().API.ID)
	s, err := azure.ParseScope(scope)
	t, err2 := azure.ParseScope(id)
	if err != nil || err2 != nil || isWritten(scope) || isWritten(id) {
		return covers(scope, id)
	}
	return c.Azure().Covers(s, t)
}

// parameter returns a parameter of an assignment: a string, or JSON.
func parameter(p *model.PolicyAssignment, name string) string {
	for key, v := range p.Parameters {
		if strings.EqualFold(key, name) {
			text := v.Or("")
			var s string
			if json.Unmarshal([]byte(text), &s) == nil {
				return s
			}
			return text
		}
	}
	return ""
}

// namesOf reads a parameter that is a list of names.
func namesOf(parameter string) (names []string) {
	if json.Unmarshal([]byte(parameter), &names) != nil {
		return nil
	}
	return names
}
