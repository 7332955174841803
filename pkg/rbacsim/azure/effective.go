package azure

import (
	"iter"
	"slices"

	"github.com/aksim/aksim/internal/actionset"
)

// Right is what one permission object on one plane, or one access policy, gives
// somebody at a scope and below: the actions that match any of Actions and none of
// Except, however they are spelt.
type Right struct {
	Grant
	Actions, Except []string
}

// Effective is what somebody may do at a scope.
type Effective struct {
	subject    Subject
	scope      Scope
	authorizer *Authorizer
}

// Effective returns the permissions of a subject that count at a scope, as patterns.
func (a *Authorizer) Effective(s Subject, scope Scope) Effective { return Effective{s, scope, a} }

// Rights yields what is granted, or may be, in the order of the input, then of
// permission objects and planes. Deny assignments take from that; see
// [Effective.Denials]. In a vault whose data access policies decide about, data actions
// of roles leave the vault's own out.
func (e Effective) Rights() iter.Seq[Right] {
	return func(yield func(Right) bool) {
		for _, r := range e.authorizer.rights(&e.subject, e.authorizer.reach(e.scope, nil), e.scope) {
			if !yield(r.api(e.authorizer, &e.subject)) {
				return
			}
		}
	}
}

// Denials yields the deny assignments that are about the subject and count at the
// scope, or may, with every pattern of theirs, in the order of the input.
func (e Effective) Denials() iter.Seq[Denial] {
	return func(yield func(Denial) bool) {
		a := e.authorizer
		for _, d := range a.denies {
			m := min(a.coversHere(d, e.scope), d.names(&e.subject))
			if m == no || d.audit {
				continue
			}
			made := Denial{Assignment: d.ref, Place: d.place, Name: d.name, Scope: d.scope, Open: m != yes || d.open != "" || d.condition != nil}
			if !yield(made) {
				return
			}
		}
	}
}

// coversHere reports whether a deny assignment counts at a scope.
func (a *Authorizer) coversHere(d *deny, s Scope) match {
	if d.scope.IsZero() {
		return maybe
	}
	return min(a.covers(d.scope, s), d.countsAt(s))
}

// right is what a permission object on a plane gives; with a policy, what that does.
type right struct {
	held
	permission int
	data       bool
	set        actionset.Permission
	sure       bool // without conditions and doubts

	vault  *keyVault // of a policy
	policy int
}

// rights returns what the subject has, or may have, at some nodes, as far as it counts
// at a scope; with the zero Scope, as far as it counts anywhere.
func (a *Authorizer) rights(s *Subject, reach []reached, scope Scope) (list []right) {
	for _, h := range a.heldBy(s, reach) {
		at := scope
		if at.IsZero() {
			at = h.scope
		}
		sure := h.open == "" && h.condition == nil && a.certain(h) && h.reach != maybe && h.role.open == ""
		if h.role.open != "" {
			for side := range planes {
				r := right{held: h, permission: -1, data: side == data, set: everything()}
				if r.data {
					a.limit(&r, at)
				}
				list = append(list, r)
			}
		}
		for i := range h.role.permissions {
			p := &h.role.permissions[i]
			for side := range planes {
				if len(p.planes[side].allow.list) == 0 {
					continue
				}
				r := right{held: h, permission: i, data: side == data, sure: sure && p.condition == nil}
				r.set = actionset.Permission{Allow: p.planes[side].allow.list, Except: p.planes[side].except.list}
				if r.data {
					a.limit(&r, at)
				}
				list = append(list, r)
			}
		}
	}
	return append(list, a.policyRights(s, scope)...)
}

func everything() actionset.Permission {
	return actionset.Permission{Allow: actionset.CompileAll("*")}
}

// limit takes the data actions of the vault that a scope is or is in out of a role's,
// as far as roles don't decide about them.
func (a *Authorizer) limit(r *right, s Scope) {
	where, ok := vaultOf(s)
	if !ok || !a.anyVault {
		return
	}
	switch v := a.vaults[where]; {
	case v == nil || v.rbac == maybe:
		r.sure = false
	case v.rbac == no:
		r.set.Except = append(slices.Clip(r.set.Except), actionset.Compile("Microsoft.KeyVault/vaults/*"))
	}
}

// policyRights returns what access policies give the subject: in the vault around a
// scope or, with the zero Scope, in all vaults.
func (a *Authorizer) policyRights(s *Subject, scope Scope) (list []right) {
	for _, v := range a.sortedVaults() {
		if v.rbac == yes || !scope.IsZero() && !v.scope.Covers(scope) {
			continue
		}
		for i := range v.policies {
			p := &v.policies[i]
			if p.isFor(s) == no {
				continue
			}
			for _, sure := range []bool{true, false} {
				actions := p.actions(sure)
				if len(actions) > 0 {
					list = append(list, right{
						data: true, set: actionset.Permission{Allow: actionset.CompileAll(actions...)},
						sure: sure && v.rbac == no && p.isFor(s) == yes, vault: v, policy: i,
					})
				}
			}
		}
	}
	return list
}

// scopeOf returns where the right counts.
func (r *right) where() Scope {
	if r.vault != nil {
		return r.vault.scope
	}
	return r.scope
}

// api describes the right.
func (r *right) api(a *Authorizer, s *Subject) Right {
	made := Right{Actions: texts(r.set.Allow), Except: texts(r.set.Except)}
	if r.vault != nil {
		q := &query{Request: Request{Action: made.Actions[0], Data: true, Scope: r.vault.scope}}
		made.Grant = a.policyGrant(s, r.vault, r.policy, q)
		made.Pattern = ""
		if made.Open == "" && !r.sure {
			made.Open = "roles may decide about the data of the vault"
		}
		return made
	}
	q := &query{Request: Request{Data: r.data, Scope: r.scope}}
	made.Grant = a.grant(s, r.held, q)
	made.Permission, made.Pattern = r.permission, ""
	if r.permission >= 0 {
		if c := r.role.permissions[r.permission].condition; c != nil {
			made.Condition = c.String()
		}
	}
	if made.Open == "" && !r.sure {
		made.Open = "it hangs on a condition"
		if made.Condition == "" {
			made.Open = "roles may not decide about the data of the vault"
		}
	}
	return made
}

func texts(patterns []actionset.Pattern) (list []string) {
	for _, p := range patterns {
		list = append(list, p.String())
	}
	return list
}
