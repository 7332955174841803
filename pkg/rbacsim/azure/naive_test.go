package azure_test

import (
	"regexp"
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// naive answers from the objects themselves, as the documentation tells it, one
// assignment after the other: slow, obvious, and written apart from the engine. Truth
// is 0, 1 for unknown, 2.
type naive struct{ c *model.Cluster }

func (n naive) decide(s azure.Subject, action string, isData bool, at string) rbacsim.Decision {
	if isData && strings.HasPrefix(strings.ToLower(action), "microsoft.keyvault/vaults/") {
		if inVault := regexp.MustCompile(`(?i)^(.*/providers/Microsoft\.KeyVault/vaults/[^/]+)(/.*)?$`).FindStringSubmatch(at); inVault != nil {
			others := false
			for o := range model.All[model.KeyVault](n.c) {
				others = true
				if strings.EqualFold(o.API.ID.Or(""), inVault[1]) {
					return n.vault(o.API, s, action, at)
				}
			}
			if others {
				return rbacsim.Undecided
			}
		}
	}
	return n.roles(s, action, isData, at)
}

func (n naive) vault(v *model.KeyVault, s azure.Subject, action, at string) rbacsim.Decision {
	policies := naiveDecision(n.policies(v, s, action))
	rbac, known := v.RBAC.Get()
	_, open := v.RBAC.Unresolved()
	roles := n.roles(s, action, true, at)
	switch {
	case known && rbac:
		return roles
	case open:
		if roles == policies {
			return roles
		}
		return rbacsim.Undecided
	}
	return policies
}

func (n naive) policies(v *model.KeyVault, s azure.Subject, action string) int {
	best := 0
	for _, p := range v.Policies.Or(nil) {
		who := n.isAny(s, p.ObjectID.Or(""))
		if p.ApplicationID.Or("") != "" {
			who = min(who, 1)
		}
		has := func(w string) bool {
			for _, have := range p.Secrets {
				if strings.EqualFold(have, w) || strings.EqualFold(have, "all") {
					return true
				}
			}
			return false
		}
		gives := 0
		switch strings.ToLower(action) {
		case "microsoft.keyvault/vaults/secrets/getsecret/action":
			if has("get") {
				gives = 2
			}
		case "microsoft.keyvault/vaults/keys/read": // no policy here is about keys
		case "microsoft.keyvault/vaults/secrets/readmetadata/action":
			if has("list") {
				gives = 2
			} else if has("get") {
				gives = 1
			}
		default:
			if len(p.Secrets)+len(p.Keys)+len(p.Certificates)+len(p.Storage) > 0 {
				gives = 1
			}
		}
		best = max(best, min(who, gives))
	}
	return best
}

func naiveDecision(truth int) rbacsim.Decision {
	return []rbacsim.Decision{rbacsim.Denied, rbacsim.Undecided, rbacsim.Allowed}[truth]
}

func (n naive) roles(s azure.Subject, action string, isData bool, at string) rbacsim.Decision {
	denied := 0
	for o := range model.All[model.DenyAssignment](n.c) {
		denied = max(denied, n.denies(o.API, s, action, isData, at))
	}
	if denied == 2 {
		return rbacsim.Denied
	}
	granted := 0
	for o := range model.All[model.RoleAssignment](n.c) {
		granted = max(granted, n.grants(o.API, s, action, isData, at))
	}
	if granted == 2 && denied == 1 {
		return rbacsim.Undecided
	}
	return naiveDecision(granted)
}

func (n naive) denies(d *model.DenyAssignment, s azure.Subject, action string, isData bool, at string) int {
	if d.Effect.Or("") == "audit" {
		return 0
	}
	scope := n.covers(d.Scope, at)
	if !strings.EqualFold(strings.TrimRight(d.Scope.Or(""), "/"), strings.TrimRight(at, "/")) {
		if _, open := d.NotForChildren.Unresolved(); open {
			scope = min(scope, 1)
		} else if d.NotForChildren.Or(false) {
			scope = 0
		}
	}
	named, excluded := 0, 0
	for _, p := range d.Principals.Or(nil) {
		if p.ID == model.Everyone {
			named = 2
		}
		named = max(named, n.isAny(s, p.ID))
	}
	for _, p := range d.ExcludedPrincipals.Or(nil) {
		excluded = max(excluded, n.isAny(s, p.ID))
	}
	permissions, ok := d.Permissions.Get()
	matches := 1
	if ok {
		matches = in(permissions, action, isData)
	}
	return min(scope, named, 2-excluded, matches)
}

func (n naive) grants(a *model.RoleAssignment, s azure.Subject, action string, isData bool, at string) int {
	who := 1
	if id, ok := a.PrincipalID.Get(); ok {
		who = n.isAny(s, id)
	}
	if a.Eligible {
		who = min(who, 1)
	}
	has := 1
	for o := range model.All[model.RoleDefinition](n.c) {
		id := a.RoleDefinitionID.Or("")
		if permissions, ok := o.API.Permissions.Get(); ok && strings.EqualFold(o.API.GUID.Or(""), id[strings.LastIndex(id, "/")+1:]) {
			has = in(permissions, action, isData)
		}
	}
	return min(who, n.covers(a.Scope, at), has)
}

func in(permissions []model.Permission, action string, isData bool) int {
	best := 0
	for _, p := range permissions {
		allow, except := p.Actions, p.NotActions
		if isData {
			allow, except = p.DataActions, p.NotDataActions
		}
		best = max(best, min(matchesAny(allow, action), 2-matchesAny(except, action)))
	}
	return best
}

func matchesAny(patterns []string, action string) int {
	best := 0
	for _, p := range patterns {
		switch quoted := regexp.QuoteMeta(p); {
		case expression(strings.ReplaceAll(quoted, `\*`, `.*`)).MatchString(action):
			return 2
		case expression(strings.ReplaceAll(strings.ReplaceAll(quoted, `/\*/`, `/(.*/)?`), `\*`, `.*`)).MatchString(action):
			best = 1
		}
	}
	return best
}

var expressions = map[string]*regexp.Regexp{}

func expression(text string) *regexp.Regexp {
	e, ok := expressions[text]
	if !ok {
		e = regexp.MustCompile(`(?is)^` + text + `$`)
		expressions[text] = e
	}
	return e
}

// isAny tells whether the subject is somebody or in that group.
func (n naive) isAny(s azure.Subject, id string) int {
	if strings.EqualFold(s.ObjectID, id) {
		return 2
	}
	for _, g := range s.Groups {
		if strings.EqualFold(g, id) {
			return 2
		}
	}
	lists := map[string][]string{}
	groups := map[string]bool{}
	for o := range model.All[model.GroupMembers](n.c) {
		lists[strings.ToLower(o.API.Group)] = o.API.Members
		groups[strings.ToLower(o.API.Group)] = true
	}
	for o := range model.All[model.DirectoryObject](n.c) {
		if o.API.Kind == "Group" {
			groups[o.API.ID] = true
		}
	}
	if len(lists) == 0 || !groups[strings.ToLower(id)] {
		return 0
	}
	var gap func(g string, seen map[string]bool) bool
	gap = func(g string, seen map[string]bool) bool {
		if seen[g] {
			return false
		}
		seen[g] = true
		members, ok := lists[g]
		if !ok {
			return true
		}
		for _, m := range members {
			if groups[m] && gap(m, seen) {
				return true
			}
		}
		return false
	}
	if gap(strings.ToLower(id), map[string]bool{}) {
		return 1
	}
	return 0
}

// covers tells whether a scope is the one asked about or above it.
func (n naive) covers(scope model.Property[string], at string) int {
	text, ok := scope.Get()
	if !ok {
		return 1
	}
	upper, below := split(text), split(at)
	if len(upper) == 4 && upper[2] == "managementgroups" && below[0] == "subscriptions" {
		return n.inGroup(upper[3], below[1])
	}
	if len(upper) > len(below) {
		return 0
	}
	for i := range upper {
		if upper[i] != below[i] {
			return 0
		}
	}
	return 2
}

func split(id string) (segments []string) {
	for s := range strings.SplitSeq(strings.ToLower(id), "/") {
		if s != "" {
			segments = append(segments, s)
		}
	}
	return segments
}

// inGroup tells whether a subscription is somewhere in a management group.
func (n naive) inGroup(group, subscription string) int {
	for o := range model.All[model.ManagementGroup](n.c) {
		if o.API.Name != group {
			continue
		}
		best := 0
		if !o.API.Expanded {
			best = 1
		}
		for _, s := range o.API.Subscriptions {
			if split(s)[1] == subscription {
				return 2
			}
		}
		for _, g := range o.API.Groups {
			best = max(best, n.inGroup(split(g)[3], subscription))
		}
		return best
	}
	return 1
}
