package cli

import (
	"iter"
	"slices"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// The JSON forms of answers about RBAC. Decisions are the words allow, deny and
// undecided.

type accessJSON struct {
	Version     int         `json:"version"`
	Subject     subjectJSON `json:"subject"`
	Request     requestJSON `json:"request"`
	Decision    string      `json:"decision"`
	Effective   string      `json:"effective"` // of a real request
	AKS         *aksJSON    `json:"aks,omitempty"`
	Ways        []wayJSON   `json:"ways"`
	Grants      []grantJSON `json:"grants"`
	Misses      []missJSON  `json:"nearestMisses"`
	Reasons     []string    `json:"reasons"`
	Warnings    []string    `json:"warnings"`
	Incomplete  []string    `json:"incomplete"`
	Assumptions []string    `json:"assumptions"`
}

type subjectJSON struct {
	User   string   `json:"user,omitempty"`
	Groups []string `json:"groups"`
}

// requestJSON has the names of a SubjectAccessReview's attributes. A request for a
// URL has a path and no resource.
type requestJSON struct {
	Verb        string  `json:"verb"`
	Group       *string `json:"group,omitempty"`
	Resource    string  `json:"resource,omitempty"`
	Subresource string  `json:"subresource,omitempty"`
	Namespace   *string `json:"namespace,omitempty"`
	Name        string  `json:"name,omitempty"`
	Path        *string `json:"path,omitempty"`
}

type wayJSON struct {
	Decision string     `json:"decision"`
	Needs    []needJSON `json:"needs"`
}

type needJSON struct {
	Request  requestJSON `json:"request"`
	Decision string      `json:"decision"`
}

type grantJSON struct {
	To             string   `json:"to"`
	Binding        string   `json:"binding"`
	BindingPlace   string   `json:"bindingPlace,omitempty"` // file:line
	BindingDefault bool     `json:"bindingDefault,omitempty"`
	Role           string   `json:"role"`
	Through        []string `json:"through,omitempty"` // roles that are aggregated
	Rule           *int     `json:"rule,omitempty"`    // its position in the last of these
	RulePlace      string   `json:"rulePlace,omitempty"`
	RuleDefault    bool     `json:"ruleDefault,omitempty"`
	Namespace      string   `json:"namespace,omitempty"` // to which it is limited
	Open           string   `json:"open,omitempty"`      // why it may not be granted
}

type missJSON struct {
	grantJSON
	But []string `json:"but"` // the conditions that fail
}

func accessWord(d rbacsim.Decision) string {
	switch d {
	case rbacsim.Allowed:
		return "allow"
	case rbacsim.Denied:
		return "deny"
	default:
		return "undecided"
	}
}

func accessOf(v azure.KubernetesVerdict, k *azure.Kubernetes) accessJSON {
	out := accessJSON{
		Version: 1, Subject: subjectOf(v.RBAC.Subject()), Request: requestOf(v.Request()),
		Decision: accessWord(v.Decision), Effective: accessWord(v.Effective), AKS: aksOf(v, k), Ways: []wayJSON{},
		Grants: grantsOf(v.RBAC.Grants()), Misses: []missJSON{}, Reasons: []string{},
		Warnings:   append([]string{}, oddities(k.RBAC(), v.Request())...),
		Incomplete: list(v.Incomplete()), Assumptions: list(k.Assumptions()),
	}
	for _, w := range v.Ways() {
		way := wayJSON{Decision: accessWord(w.Decision), Needs: []needJSON{}}
		for _, n := range w.Needs {
			way.Needs = append(way.Needs, needJSON{requestOf(n.Request), accessWord(n.Decision)})
		}
		out.Ways = append(out.Ways, way)
	}
	for m := range v.RBAC.Misses() {
		out.Misses = append(out.Misses, missJSON{grantOf(m.Grant), m.But})
	}
	for r := range v.RBAC.Reasons() {
		if !slices.Contains(out.Warnings, r) {
			out.Reasons = append(out.Reasons, r)
		}
	}
	return out
}

// list collects a sequence, of which an empty one is no null in JSON.
func list(seq iter.Seq[string]) []string { return slices.AppendSeq([]string{}, seq) }

func subjectOf(s rbacsim.Subject) subjectJSON {
	return subjectJSON{s.User, append([]string{}, s.Groups...)}
}

func requestOf(r rbacsim.Request) requestJSON {
	if r.NonResource {
		return requestJSON{Verb: r.Verb, Path: &r.Path}
	}
	return requestJSON{Verb: r.Verb, Group: &r.Group, Resource: r.Resource, Subresource: r.Subresource, Namespace: &r.Namespace, Name: r.Name}
}

func grantsOf(grants iter.Seq[rbacsim.Grant]) []grantJSON {
	all := []grantJSON{}
	for g := range grants {
		all = append(all, grantOf(g))
	}
	return all
}

func grantOf(g rbacsim.Grant) grantJSON {
	out := grantJSON{
		To: g.To.String(), Binding: g.Binding.String(), BindingPlace: shortPlace(g.BindingPlace), BindingDefault: g.BindingAssumed,
		Role: g.Role.String(), RulePlace: shortPlace(g.RulePlace), RuleDefault: g.RuleAssumed, Namespace: g.Namespace, Open: g.Open,
	}
	for _, r := range g.Through {
		out.Through = append(out.Through, r.String())
	}
	if g.Rule >= 0 {
		out.Rule = &g.Rule
	}
	return out
}

func shortPlace(p model.Place) string {
	if p.IsZero() {
		return ""
	}
	return p.Short()
}
