package azure

import (
	"iter"
	"regexp"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

type Subject struct {
	ObjectID string
	Groups   []string
}
type Attributes map[string]string
type Request struct {
	Action     string
	Data       bool
	Scope      Scope
	Attributes Attributes
}
type Authorizer struct {
	c       *model.Cluster
	dir     *identity.Directory
	members members
}
type Verdict struct {
	Decision rbacsim.Decision
	grants   []Grant
}
type Grant struct {
	Assignment model.Ref
}

func New(c *model.Cluster) *Authorizer {
	d := identity.NewDirectory(c)
	return &Authorizer{c, d, members{d}}
}
func (a *Authorizer) Directory() *identity.Directory { return a.dir }
func (v Verdict) Grants() iter.Seq[Grant]            { return slices.Values(v.grants) }
func (v Verdict) Grounds(most int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, g := range v.grants {
			yield("by " + g.Assignment.Name)
		}
	}
}
func (a *Authorizer) Decide(s Subject, r Request) rbacsim.Decision {
	v, _ := a.Check(s, r)
	return v.Decision
}
func in(patterns []string, x string) bool {
	for _, p := range patterns {
		if regexp.MustCompile("(?i)^" + strings.ReplaceAll(regexp.QuoteMeta(p), `\*`, ".*") + "$").MatchString(x) {
			return true
		}
	}
	return false
}
func (a *Authorizer) Check(s Subject, r Request) (Verdict, error) {
	v := Verdict{Decision: rbacsim.Denied}
	for o := range model.All[model.RoleAssignment](a.c) {
		id := strings.ToLower(o.API.PrincipalID.Or(""))
		if id != s.ObjectID && !slices.Contains(s.Groups, id) {
			continue
		}
		scope, err := ParseScope(o.API.Scope.Or(""))
		if err != nil || !scope.Covers(r.Scope) {
			continue
		}
		role := o.API.RoleDefinitionID.Or("")
		role = strings.ToLower(role[strings.LastIndex(role, "/")+1:])
		for d := range model.All[model.RoleDefinition](a.c) {
			if strings.ToLower(d.API.GUID.Or("")) != role {
				continue
			}
			for _, p := range d.API.Permissions.Or(nil) {
				if in(p.DataActions, r.Action) && !in(p.NotDataActions, r.Action) {
					v.Decision = rbacsim.Allowed
					v.grants = append(v.grants, Grant{o.Ref})
				}
			}
		}
	}
	return v, nil
}

type Decision = rbacsim.Decision

func (m Mapping) attributes(a map[string]string) Attributes { return a }
func (a *Authorizer) Assumptions() iter.Seq[string]         { return slices.Values([]string(nil)) }

type members struct{ d *identity.Directory }

func (m members) gap(g string) string {
	if m.d.KnowsAnyMembers() && !m.d.KnowsMembers(g) {
		return g
	}
	return ""
}

func (v Verdict) Incomplete() iter.Seq[string] { return slices.Values([]string(nil)) }
