package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/actionset"
	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// acrPull is the GUID of the role that pulls images.
// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
const acrPull = "7f951dda-4ed3-4680-a7ca-43fe172d538d"

func checkNodeIdentities(c *Context, a *Answer) {
	n := 0
	for unit, p := range c.appUnits() {
		n++
		trace, err := c.trace(p)
		if err != nil {
			a.Open(Finding{Object: unit.String(), Place: p.Origin.Place, Text: err.Error()})
			continue
		}
		for _, chain := range trace.Chains {
			asksNode := chain.Way == identity.ByMetadata || slices.ContainsFunc(chain.Steps, func(s identity.Step) bool { return s.Kind == identity.MetadataStep })
			if !chain.Asked || !asksNode && !c.onNodes(chain) {
				continue
			}
			f := Finding{Object: unit.String(), Place: p.Origin.Place, Grounds: slices.Collect(chain.Lines()), Replay: []string{"whoami", podName(unit)}}
			f.Text = fmt.Sprintf("asks for %s, an identity of the nodes, %s, and the way is %s", chain.Identity.Principal(), chain.Way, chain.Outcome())
			a.Refute(f)
		}
	}
	c.kubeletRights(a)
	a.Proved("%s of %s, and all that the kubelet's identity may do in Azure", count(n, "workload"), list(c.AppNamespaces()))
}

// onNodes reports whether a way leads to the kubelet's identity, however it does.
func (c *Context) onNodes(chain identity.Chain) bool {
	k := c.AKS().API.Kubelet
	return sameEntity(chain.Identity, identity.Entity{ObjectID: k.PrincipalID.Or(""), ResourceID: k.ResourceID.Or(""), ClientID: k.ClientID.Or("")})
}

// kubeletRights holds what the kubelet's identity may do to the role AcrPull.
func (c *Context) kubeletRights(a *Answer) {
	aks := c.AKS()
	place := aks.Origin.At("identityProfile.kubeletidentity")
	f := Finding{Object: "the kubelet's identity", Place: place}
	id, known := aks.API.Kubelet.PrincipalID.Get()
	if !known {
		f.Text = "who the kubelet is the input does not say: identityProfile.kubeletidentity.objectId"
		f.Missing = "az aks show -g GROUP -n NAME -o json"
		a.Open(f)
		return
	}
	subject := azure.Subject{ObjectID: strings.ToLower(id)}
	subject.Groups = slices.Collect(c.Azure().Directory().Groups(subject.ObjectID))
	allowed, err := c.Azure().Allowances(acrPull, azure.RootScope())
	if err != nil {
		f.Text = err.Error()
		a.Open(f)
		return
	}
	name := "sp/" + subject.ObjectID
	if entity, ok := c.Azure().Directory().Lookup(subject.ObjectID); ok && entity.Kind != 0 {
		name = entity.Principal().String()
	}
	c.differences(a, f, subject, name, allowed, func(d azure.Difference) bool { return d.Kind != azure.Missing })
}

// differences adds what an identity may do and should not, or the other way round, of
// those that a test is true of: of an assignment of which it is not known whether it
// counts, one.
func (c *Context) differences(a *Answer, f Finding, s azure.Subject, who string, allowed []azure.Allowance, of func(azure.Difference) bool) {
	told := map[model.Ref]bool{}
	for d := range c.Azure().Within(s, allowed).Differences() {
		if !of(d) || told[d.Right.Assignment] {
			continue
		}
		told[d.Right.Assignment] = d.Kind != azure.Missing && d.Right.Open != ""
		c.difference(a, f, d, who, allowed)
	}
}

// difference adds one of them.
func (c *Context) difference(a *Answer, f Finding, d azure.Difference, who string, allowed []azure.Allowance) {
	d.Witness.Action = c.realAction(d, who, allowed)
	f.Text = d.String()
	if d.Kind != azure.Missing {
		f.Place = d.Right.Place
		f.Grounds = strings.Split("by "+d.Right.Grant.String(), "\n")
	}
	if w := d.Witness; w.Action != "" && !w.Scope.IsZero() && d.Right.Open == "" {
		plane := "--control"
		if w.Data {
			plane = "--data"
		}
		f.Replay = []string{"can-i", plane, "--as", who, "--scope", w.Scope.String(), w.Action}
	}
	certain := d.Kind == azure.Missing && d.Decision == rbacsim.Denied ||
		d.Kind != azure.Missing && d.Kind != azure.Unproven && d.Decision == rbacsim.Allowed
	if certain {
		a.Refute(f)
	} else {
		a.Open(f)
	}
}

// realAction returns the action of a difference. Where a pattern such as */read allows
// it, that is a made-up one: then it is one of Azure's, if that is allowed as well and
// no more meant.
func (c *Context) realAction(d azure.Difference, who string, allowed []azure.Allowance) string {
	made := d.Witness.Action
	ending, ok := strings.CutPrefix(made, "x/")
	if !ok || d.Kind != azure.NotNeeded || d.Witness.Data {
		return made
	}
	known := "Microsoft.Resources/subscriptions/resourceGroups/" + ending
	if ending == "action" {
		known = "Microsoft.Storage/storageAccounts/listKeys/action"
	}
	for _, w := range allowed {
		if !w.Data && slices.ContainsFunc(w.Actions, func(s string) bool { return actionset.Compile(s).Match(known) != actionset.No }) {
			return made
		}
	}
	p, err := identity.Parse(who)
	if err != nil {
		return made
	}
	subject, err := c.Azure().SubjectOf(p)
	request := d.Witness
	request.Action = known
	if err != nil || c.Azure().Decide(subject, request) != d.Decision {
		return made
	}
	return known
}

func checkLeastPrivilege(c *Context, a *Answer) {
	if len(c.claims.Spec.Identities) == 0 {
		a.NotApplicable("the claims give no ServiceAccount an identity")
		return
	}
	all := c.claimedIdentities(a)
	for _, id := range all {
		f := Finding{Object: id.entity.Principal().String(), Place: id.Place}
		subject, err := c.Azure().SubjectOf(id.entity.Principal())
		if err != nil {
			f.Text = err.Error()
			a.Open(f)
			continue
		}
		allowed, err := c.allowances(id.Actions)
		if err != nil {
			f.Text = err.Error()
			a.Open(f)
			continue
		}
		c.differences(a, f, subject, f.Object, allowed, func(azure.Difference) bool { return true })
	}
	a.Note("that is what the identities of the claims may do directly; those of the cluster and its add-ons are AKS's own")
	a.Proved("%s, all actions of both planes at every scope", plural(len(all), "managed identity", "managed identities"))
}

func plural(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// allowances translates what the claims say an identity may do.
func (c *Context) allowances(list []AzureActions) (allowed []azure.Allowance, err error) {
	for _, w := range list {
		scope, err := azure.ParseScope(w.Scope)
		if err != nil {
			return nil, err
		}
		if w.Role != "" {
			more, err := c.Azure().Allowances(w.Role, scope)
			if err != nil {
				return nil, err
			}
			allowed = append(allowed, more...)
		}
		if len(w.Actions) > 0 {
			allowed = append(allowed, azure.Allowance{Actions: w.Actions, Scope: scope})
		}
		if len(w.DataActions) > 0 {
			allowed = append(allowed, azure.Allowance{Actions: w.DataActions, Data: true, Scope: scope})
		}
	}
	return allowed, nil
}

func checkMetadataService(c *Context, a *Answer) {
	namespaces := c.AppNamespaces()
	for unit, p := range c.appUnits() {
		if p.Spec.HostNetwork {
			a.Refute(Finding{Object: unit.String(), Place: podPlace(p, "spec.hostNetwork"), Text: "is on its node's network, where nothing keeps it from 169.254.169.254",
				Replay: []string{"reach", podName(unit), metadataFlow(netsim.Endpoint{}).Target()}})
		}
	}
	aks := c.AKS()
	if aks == nil {
		return // the evidence is missing
	}
	access := aks.API.Network.PodLinkLocalAccess
	if v, _ := access.Get(); strings.EqualFold(v, "None") {
		a.Proved("%s and every pod to come off the host network: podLinkLocalAccess is None", c.countPods(namespaces))
		return
	}
	if !c.has(a, []Evidence{evidenceEngine()}) {
		return
	}
	for _, unit := range c.units(namespaces) {
		c.needDenied(a, metadataFlow(unit), c.placeOf(unit))
	}
	kinds := c.kindsToCome(a, namespaces, netsim.Egress) // one without any is what default deny is about (AKS-NET-002)
	for _, k := range kinds {
		c.metadataOfKind(a, k)
	}
	a.Proved("%s of %s and %s of pods to come, to 169.254.169.254:80", c.countPods(namespaces), list(namespaces), count(len(kinds), "kind"))
}

// metadataFlow is what a pod sends to ask for a token of its node.
func metadataFlow(from netsim.Endpoint) netsim.Flow {
	return netsim.Flow{From: from, To: netsim.Address(metadataService()), Port: 80, Protocol: netsim.TCP}
}

// metadataOfKind asks the same of a pod to come.
func (c *Context) metadataOfKind(a *Answer, k podKind) {
	f := Finding{Object: k.object(), Place: k.place}
	changed, err := netsim.Assume(c.cluster, k.pod)
	if err != nil {
		f.Text = err.Error()
		a.Open(f)
		return
	}
	flow := metadataFlow(netsim.Pod(k.pod.Namespace, k.pod.Name))
	v, err := c.recompile(changed).Check(flow)
	switch {
	case err != nil:
		f.Text = err.Error()
		a.Open(f)
	case v.Decision == netsim.Denied:
	default:
		f.Text = flow.String() + " is " + v.Decision.String() + ", and must be denied"
		f.Grounds = groundsOf(v, netsim.Denied)
		f.Replay = append([]string{"reach", "--assume-pod", k.pod.String()}, flow.From.String(), flow.Target())
		a.settle(v.Decision, netsim.Allowed, f)
	}
}
