package verify

import (
	"github.com/aksim/aksim/pkg/netsim"
)

// areaOf returns the area that a statement speaks of.
func areaOf(st Statement) Area {
	switch st.Form {
	case Can, Cannot, Within:
		return AreaRBAC
	default:
		return AreaNetwork
	}
}

// claim answers a statement of the claims.
func (c *Context) claim(st Statement) Result {
	r := Result{ID: st.written, Area: AreaClaims, Title: st.written, Severity: High, Place: st.Place}
	var a Answer
	if areaOf(st) == AreaRBAC || c.has(&a, []Evidence{evidenceEngine()}) {
		c.state(&a, st)
	}
	r.conclude(&a)
	return r
}

func (c *Context) state(a *Answer, st Statement) {
	switch st.Form {
	case Allow:
		c.needAllowed(a, st.Flow.Netsim(), st.Place)
		a.Proved("every pair of ends that exists%s", portsOf(st.Flow))
	case Deny:
		c.needDenied(a, st.Flow.Netsim(), st.Place)
		a.Proved("%s%s", c.deniedOver(st.Flow), portsOf(st.Flow))
	case OnlyInto:
		var flows []netsim.Flow
		for _, s := range st.Sources {
			flows = append(flows, netsim.Flow{From: s.Endpoint, To: st.Target.Endpoint, Port: s.Port, Protocol: s.Protocol})
		}
		p, err := c.Network().OnlyInto(st.Target.Endpoint, flows...)
		c.proof(a, p, err, st.Target.String(), st.Place, c.deviationsInto(st.Target.Endpoint))
		a.Proved("%s, all ports", p.Over)
	case DefaultDeny:
		c.defaultDeny(a, st.Namespace, netsim.Ingress)
		c.defaultDeny(a, st.Namespace, netsim.Egress)
		a.Proved("the pods of namespace %s and every pod to come there, both directions, all ports", st.Namespace)
	case Can:
		c.needCan(a, st)
	case Cannot:
		c.NeedCannot(a, st.Who.Principal, st.Access)
		a.Proved("every request that it means: all names and namespaces where it names none")
	case Within:
		c.NeedWithin(a, st.Who.Principal, st.Bounds, st)
	}
}

func portsOf(f Flow) string {
	if f.To.Port == 0 {
		return ", all ports"
	}
	return ""
}

func (c *Context) deniedOver(f Flow) string {
	if f.To.Port == 0 && (isNamespace(f.From.Endpoint) || isNamespace(f.To.Endpoint)) {
		return "every pair of ends that exists and every pod to come in the namespaces"
	}
	return "every pair of ends that exists"
}
