package azure

import (
	"maps"
	"slices"
	"strings"
)

// The categories of permissions in access policies.
const (
	secretsCategory = iota
	keysCategory
	certificatesCategory
	storageCategory
	categories
)

// policyRule is which permissions of access policies a data action of a vault takes:
// any of some, or all of others. Perhaps are those that give part of what the action
// stands for.
type policyRule struct {
	category        int
	any, all, parts []string
}

// policyRules are the data actions by what follows the type of vaults, in lower case.
// Access policies tell reading one from listing, where a data action is both (AZ43).
//
// https://learn.microsoft.com/azure/key-vault/general/rbac-migration
var policyRules = map[string]policyRule{ //nolint:gochecknoglobals // a constant table
	"secrets/getsecret/action":    {category: secretsCategory, any: []string{"get"}},
	"secrets/readmetadata/action": {category: secretsCategory, any: []string{"list"}, parts: []string{"get"}},
	"secrets/setsecret/action":    {category: secretsCategory, any: []string{"set"}},
	"secrets/update/action":       {category: secretsCategory, any: []string{"set"}},
	"secrets/delete":              {category: secretsCategory, any: []string{"delete"}},
	"secrets/backup/action":       {category: secretsCategory, any: []string{"backup"}},
	"secrets/restore/action":      {category: secretsCategory, any: []string{"restore"}},
	"secrets/recover/action":      {category: secretsCategory, any: []string{"recover"}},
	"secrets/purge/action":        {category: secretsCategory, any: []string{"purge"}},

	"keys/read":                 {category: keysCategory, all: []string{"get", "list"}},
	"keys/create/action":        {category: keysCategory, any: []string{"create"}},
	"keys/import/action":        {category: keysCategory, any: []string{"import"}},
	"keys/update/action":        {category: keysCategory, any: []string{"update"}},
	"keys/delete":               {category: keysCategory, any: []string{"delete"}},
	"keys/backup/action":        {category: keysCategory, any: []string{"backup"}},
	"keys/restore/action":       {category: keysCategory, any: []string{"restore"}},
	"keys/recover/action":       {category: keysCategory, any: []string{"recover"}},
	"keys/purge/action":         {category: keysCategory, any: []string{"purge"}},
	"keys/encrypt/action":       {category: keysCategory, any: []string{"encrypt"}},
	"keys/decrypt/action":       {category: keysCategory, any: []string{"decrypt"}},
	"keys/wrap/action":          {category: keysCategory, any: []string{"wrapkey"}},
	"keys/unwrap/action":        {category: keysCategory, any: []string{"unwrapkey"}},
	"keys/sign/action":          {category: keysCategory, any: []string{"sign"}},
	"keys/verify/action":        {category: keysCategory, any: []string{"verify"}},
	"keys/release/action":       {category: keysCategory, any: []string{"release"}},
	"keys/rotate/action":        {category: keysCategory, any: []string{"rotate"}},
	"keyrotationpolicies/read":  {category: keysCategory, any: []string{"getrotationpolicy"}},
	"keyrotationpolicies/write": {category: keysCategory, any: []string{"setrotationpolicy"}},

	"certificates/read":           {category: certificatesCategory, all: []string{"get", "list"}},
	"certificates/create/action":  {category: certificatesCategory, any: []string{"create"}},
	"certificates/import/action":  {category: certificatesCategory, any: []string{"import"}},
	"certificates/update/action":  {category: certificatesCategory, any: []string{"update"}},
	"certificates/delete":         {category: certificatesCategory, any: []string{"delete"}},
	"certificates/backup/action":  {category: certificatesCategory, any: []string{"backup"}},
	"certificates/restore/action": {category: certificatesCategory, any: []string{"restore"}},
	"certificates/recover/action": {category: certificatesCategory, any: []string{"recover"}},
	"certificates/purge/action":   {category: certificatesCategory, any: []string{"purge"}},
	"certificatecas/read":         {category: certificatesCategory, any: []string{"manageissuers"}, all: []string{"getissuers", "listissuers"}},
	"certificatecas/write":        {category: certificatesCategory, any: []string{"setissuers", "manageissuers"}},
	"certificatecas/delete":       {category: certificatesCategory, any: []string{"deleteissuers", "manageissuers"}},
	"certificatecontacts/write":   {category: certificatesCategory, any: []string{"managecontacts"}},

	"storageaccounts/read":                 {category: storageCategory, all: []string{"get", "list"}},
	"storageaccounts/set/action":           {category: storageCategory, any: []string{"set"}},
	"storageaccounts/delete":               {category: storageCategory, any: []string{"delete"}},
	"storageaccounts/backup/action":        {category: storageCategory, any: []string{"backup"}},
	"storageaccounts/restore/action":       {category: storageCategory, any: []string{"restore"}},
	"storageaccounts/recover/action":       {category: storageCategory, any: []string{"recover"}},
	"storageaccounts/purge/action":         {category: storageCategory, any: []string{"purge"}},
	"storageaccounts/regeneratekey/action": {category: storageCategory, any: []string{"regeneratekey"}},
	"storageaccounts/sas/set/action":       {category: storageCategory, any: []string{"setsas"}},
	"storageaccounts/sas/delete":           {category: storageCategory, any: []string{"deletesas"}},
}

// gives reports whether the policy gives what is asked. Whether all stands for purge,
// too, is not documented, nor is what a data action takes that is not in the table.
func (p *policy) gives(q *query) match {
	rule, ok := policyRules[strings.TrimPrefix(string(q.folded()), vaultType+"/")]
	if !ok {
		for _, has := range p.permissions {
			if len(has) > 0 {
				return maybe
			}
		}
		return no
	}
	has := p.permissions[rule.category]
	if has["all"] {
		for _, w := range rule.any {
			if w == "purge" && !has[w] {
				return maybe
			}
		}
		return yes
	}
	for _, w := range rule.any {
		if has[w] {
			return yes
		}
	}
	held := 0
	for _, w := range rule.all {
		if has[w] {
			held++
		}
	}
	switch {
	case held > 0 && held == len(rule.all):
		return yes
	case held > 0:
		return maybe
	}
	for _, w := range rule.parts {
		if has[w] {
			return maybe
		}
	}
	return no
}

// words returns the permissions of the policy that an action takes.
func (p *policy) words(q *query) string {
	rule, ok := policyRules[strings.TrimPrefix(string(q.folded()), vaultType+"/")]
	if !ok {
		return ""
	}
	var list []string
	for _, w := range slices.Concat(rule.any, rule.all, rule.parts) {
		if p.permissions[rule.category][w] {
			list = append(list, w)
		}
	}
	if p.permissions[rule.category]["all"] {
		list = append(list, "all")
	}
	return strings.Join(list, ", ")
}

// doubt says why the policy may not give the subject what is asked.
func (p *policy) doubt(s *Subject, q *query) string {
	var open []string
	if p.open != "" && p.principal != s.ObjectID {
		open = append(open, p.open)
	}
	if p.group && !slices.Contains(s.Groups, p.principal) && p.principal != s.ObjectID {
		open = append(open, "the input does not list who is in group/"+p.principal)
	}
	if p.application != "" {
		open = append(open, "it is only for application "+p.application+" on their behalf")
	}
	if p.gives(q) == maybe {
		open = append(open, "its permissions give part of the action, or may not give it")
	}
	return strings.Join(open, "; ")
}

// all returns the permissions of the policy for people.
func (p *policy) all() string {
	var parts []string
	for i, name := range [categories]string{"secrets", "keys", "certificates", "storage"} {
		if words := slices.Sorted(maps.Keys(p.permissions[i])); len(words) > 0 {
			parts = append(parts, "of "+name+" "+strings.Join(words, ", "))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, "; ")
}

// actions returns the data actions that the policy surely gives, or else those that it
// may give, ordered.
func (p *policy) actions(sure bool) (list []string) {
	for _, action := range slices.Sorted(maps.Keys(policyRules)) {
		action = pretty(vaultNamespace) + "/vaults/" + policySpelling(action)
		m := p.gives(&query{Request: Request{Action: action, Data: true}})
		if m == yes && sure || m == maybe && !sure {
			list = append(list, action)
		}
	}
	return list
}

const vaultNamespace = "microsoft.keyvault"

// policySpelling returns the usual spelling of those words of data actions that are
// not in lower case.
func policySpelling(action string) string {
	return strings.NewReplacer("getsecret", "getSecret", "setsecret", "setSecret", "readmetadata", "readMetadata").Replace(action)
}
