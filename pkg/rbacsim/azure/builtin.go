package azure

import (
	_ "embed" // the table of built-in roles
	"maps"
	"slices"
	"strings"
	"sync"
)

// RolesDate returns the day on which the built-in roles were read, as YYYY-MM-DD.
// Azure changes them now and then; a role definition in the input takes precedence.
//
// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
func RolesDate() string { return "2026-08-22" }

//go:embed roles.txt
var rolesText string

// builtinEntry is a role of the table that is not read yet.
type builtinEntry struct {
	name string
	body []string // the lines below the first, trimmed
}

// builtinTable finds the roles in the table. Reading all of them takes longer than
// most compilations, so each is read when it is asked for.
var builtinTable = sync.OnceValue(func() map[string]builtinEntry { //nolint:gochecknoglobals // a constant table, read once
	table := map[string]builtinEntry{}
	guid := ""
	for line := range strings.Lines(rolesText) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || line[0] == '#':
		case line[0] != ' ':
			var name string
			guid, name, _ = strings.Cut(line, " ")
			table[guid] = builtinEntry{name: name}
		default:
			e := table[guid]
			e.body = append(e.body, line[2:])
			table[guid] = e
		}
	}
	return table
})

// builtinNames are the GUIDs of the built-in roles by name in lower case.
var builtinNames = sync.OnceValue(func() map[string]string { //nolint:gochecknoglobals // a constant table, read once
	names := map[string]string{}
	for guid, e := range builtinTable() {
		names[lower(e.name)] = guid
	}
	return names
})

// builtinRoles are all built-in roles, by name.
var builtinRoles = sync.OnceValue(func() []*role { //nolint:gochecknoglobals // a constant table, read once
	var list []*role
	r := newReader()
	for _, guid := range slices.Sorted(maps.Keys(builtinTable())) {
		list = append(list, r.builtin(guid))
	}
	slices.SortFunc(list, compareRoles)
	return list
})

// builtin reads a built-in role; nil if there is none of that GUID (AZ46).
func (r *reader) builtin(guid string) *role {
	e, ok := builtinTable()[guid]
	if !ok {
		return nil
	}
	made := &role{guid: guid, name: e.name, builtin: true}
	var p permissionText
	for _, line := range e.body {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "+":
			p.lists[control].allow = unfold(rest)
		case "-":
			p.lists[control].except = unfold(rest)
		case "d+":
			p.lists[data].allow = unfold(rest)
		case "d-":
			p.lists[data].except = unfold(rest)
		case "if":
			p.version, p.condition, _ = strings.Cut(rest, " ")
		case "or":
			made.permissions = append(made.permissions, r.permission(p))
			p = permissionText{}
		}
	}
	if len(e.body) > 0 {
		made.permissions = append(made.permissions, r.permission(p))
	}
	return made
}

// unfold returns the patterns of a list: a(b c/d) is a/b and a/c/d.
func unfold(text string) []string {
	var list, above []string // above: what stands before the open parentheses
	prefix := func() string {
		if len(above) == 0 {
			return ""
		}
		return above[len(above)-1]
	}
	start := 0
	word := func(end int) {
		if start < end {
			list = append(list, plain(prefix()+text[start:end]))
		}
		start = end + 1
	}
	for i := range len(text) {
		switch text[i] {
		case ' ':
			word(i)
		case '(':
			above = append(above, prefix()+text[start:i]+"/")
			start = i + 1
		case ')':
			word(i)
			above = above[:len(above)-1]
		}
	}
	word(len(text))
	return list
}

func plain(s string) string {
	if rest, ok := strings.CutPrefix(s, "~"); ok {
		s = "Microsoft." + rest
	}
	return strings.NewReplacer("%20", " ", "%2F", "/").Replace(s)
}
