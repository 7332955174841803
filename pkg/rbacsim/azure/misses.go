package azure

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// Miss is an assignment that would grant the request but for what is told.
type Miss struct {
	Grant
	// But says what fails, in words for people; never empty.
	But []string
}

// mostMisses bounds how many near misses are told, mostFailures how far off they may
// be.
const (
	mostMisses   = 3
	mostFailures = 2
)

// Misses yields, where nothing grants the request, the assignments that come closest
// to it: the subject's own first, then such of groups that they are not in; in the
// order of the input.
func (v Verdict) Misses() iter.Seq[Miss] { return slices.Values(v.near()) }

func (v Verdict) near() []Miss {
	if v.authorizer == nil || v.Decision != rbacsim.Denied {
		return nil
	}
	for range v.Grants() {
		return nil // it is denied although they have it
	}
	a, q := v.authorizer, &query{Request: v.request}
	roles, policies, vault := v.judges(q)
	if !roles && policies {
		return v.nearPolicies(vault, q)
	}
	type near struct {
		held
		but []string
	}
	var nearest []near
	for _, h := range a.heldBy(&v.subject, a.everywhere(q.Scope)) {
		if but := a.failures(h, q); len(but) > 0 && len(but) <= mostFailures && a.certain(h) {
			nearest = append(nearest, near{h, but})
		}
	}
	slices.SortStableFunc(nearest, func(x, y near) int { return cmp.Compare(len(x.but), len(y.but)) })
	var list []Miss
	for _, n := range nearest[:min(len(nearest), mostMisses)] {
		if len(n.but) == len(nearest[0].but) {
			list = append(list, Miss{a.grant(&v.subject, n.held, q), n.but})
		}
	}
	if len(list) == 0 || len(list[0].But) > 1 {
		list = append(list, v.nearGroups(q, mostMisses-len(list))...)
	}
	return list
}

// everywhere returns all nodes, with how far they count for a scope.
func (a *Authorizer) everywhere(s Scope) []reached {
	counts := map[int32]match{}
	for _, r := range a.reach(s, nil) {
		counts[r.node.number] = max(counts[r.node.number], r.match)
	}
	list := make([]reached, 0, len(a.nodes))
	for _, n := range a.nodes {
		list = append(list, reached{n, counts[n.number]})
	}
	slices.SortFunc(list, func(x, y reached) int { return cmp.Compare(x.node.number, y.node.number) })
	return list
}

// failures says why an assignment does not grant the request; nothing of one that is
// about something else altogether.
func (a *Authorizer) failures(h held, q *query) (but []string) {
	if h.reach == no {
		but = append(but, "it counts at "+h.scope.String()+", not at "+q.Scope.String())
	}
	if h.role.match(q) == no {
		text := h.role.lacks(q)
		if text == "" {
			return nil
		}
		but = append(but, text)
	}
	if h.condition.eval(q) == no {
		but = append(but, h.condition.failure(q))
	}
	return but
}

// lacks says why a role does not have an action that it nearly has; empty if it has
// nothing to do with it.
func (r *role) lacks(q *query) string {
	other := query{Request: q.Request}
	other.Data = !q.Data
	for i := range r.permissions {
		p := &r.permissions[i]
		side := &p.planes[planeOf(q.Data)]
		if m, _ := side.allow.match(q); m != no {
			if excepted, at := side.except.match(q); excepted != no {
				return exceptions(q.Data) + " " + side.except.list[at].String() + " takes it out of the role"
			}
			if p.condition.eval(q) == no {
				return "of permissions[" + strconv.Itoa(i) + "], " + p.condition.failure(q)
			}
		}
	}
	for i := range r.permissions {
		if p := &r.permissions[i]; p.match(&other) != no {
			if q.Data {
				return "the role has it among its actions, but it is asked as a data action: actions grant no data actions"
			}
			return "the role has it among its dataActions, but it is asked as an action: dataActions grant no actions"
		}
	}
	return r.relatives(q)
}

func exceptions(isData bool) string {
	if isData {
		return "notDataActions"
	}
	return "notActions"
}

// relatives tells what the role has of the same type of resources.
func (r *role) relatives(q *query) string {
	folded := string(q.folded())
	kind := folded[:strings.LastIndexByte(strings.TrimSuffix(folded, "/action"), '/')+1]
	if kind == "" {
		return ""
	}
	var has []string
	for i := range r.permissions {
		for _, p := range r.permissions[i].planes[planeOf(q.Data)].allow.list {
			if strings.HasPrefix(lower(p.String()), kind) && !slices.Contains(has, p.String()) {
				has = append(has, p.String())
			}
		}
	}
	const most = 3
	switch {
	case len(has) == 0:
		return ""
	case len(has) > most:
		has = append(has[:most:most], "…")
	}
	return "the role has only " + strings.Join(has, ", ")
}

// nearGroups returns assignments to groups that would grant the request to a member.
func (v Verdict) nearGroups(q *query, most int) (list []Miss) {
	a := v.authorizer
	reach := a.reach(q.Scope, nil)
	for _, g := range a.assignments {
		e, _ := a.directory.Lookup(g.principal)
		if len(list) >= most || e.Kind != identity.Group || v.subject.isAny([]string{g.principal}) || g.match(q) != yes {
			continue
		}
		for _, at := range reach {
			if at.node.scope == g.scope && at.match == yes {
				h := held{g, a.holders[g.principal], yes}
				grant := a.grant(&Subject{ObjectID: g.principal}, h, q)
				list = append(list, Miss{grant, []string{v.asker() + " is not in " + label(e)}})
				break
			}
		}
	}
	return list
}

// nearPolicies returns the access policies of the subject, none of which gives what is
// asked.
func (v Verdict) nearPolicies(vault *keyVault, q *query) (list []Miss) {
	for i := range vault.policies {
		p := &vault.policies[i]
		if p.isFor(&v.subject) != no && len(list) < mostMisses {
			list = append(list, Miss{v.authorizer.policyGrant(&v.subject, vault, i, q), []string{"its permissions are " + p.all()}})
		}
	}
	return list
}
