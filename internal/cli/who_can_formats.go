package cli

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

type whoJSON struct {
	Version     int          `json:"version"`
	Request     requestJSON  `json:"request"`
	Verbs       []string     `json:"verbs,omitempty"` // if there are several
	Holders     []holderJSON `json:"holders"`
	Always      []string     `json:"always"`     // who needs no role
	Unmodelled  []string     `json:"unmodelled"` // who may have it from elsewhere
	Warnings    []string     `json:"warnings"`
	Incomplete  []string     `json:"incomplete"`
	Assumptions []string     `json:"assumptions"`
}

// holderJSON is somebody with the answer or, where the question has several verbs,
// the answers.
type holderJSON struct {
	Principal string      `json:"principal"`
	Kind      string      `json:"kind,omitempty"` // Group, ServiceAccount, User, ManagedIdentity or ServicePrincipal
	ObjectID  string      `json:"objectId,omitempty"`
	Namespace string      `json:"namespace,omitempty"`
	Name      string      `json:"name,omitempty"`
	Verbs     []verbJSON  `json:"verbs,omitempty"`
	Decision  string      `json:"decision,omitempty"`
	Effective string      `json:"effective,omitempty"` // of a real request
	Grants    []grantJSON `json:"grants,omitempty"`
	heldJSON
}

// heldJSON is what is there only of AKS clusters.
type heldJSON struct {
	By          string           `json:"by,omitempty"`          // kubernetes or azure
	Assignments []assignmentJSON `json:"assignments,omitempty"` // of Azure
}

type verbJSON struct {
	Verb      string      `json:"verb"`
	Decision  string      `json:"decision"`
	Effective string      `json:"effective"`
	Grants    []grantJSON `json:"grants"`
	heldJSON
}

func (w *whoAnswer) print(s *session, format string) error {
	if format != "text" && format != "json" {
		for _, text := range w.incomplete {
			s.note("incomplete: %s", text)
		}
		s.noteAssumptions(w.kubernetes)
	}
	switch format {
	case "json":
		return writeJSON(s.out, w.json(), "  ")
	case "jsonl":
		for _, h := range w.holders {
			if err := writeJSON(s.out, w.holderJSON(h), ""); err != nil {
				return err
			}
		}
	case "csv":
		return w.csv(s.out)
	case "md":
		w.md(s.out)
	default:
		w.text(s)
	}
	return nil
}

func (w *whoAnswer) json() whoJSON {
	out := whoJSON{
		Version: 1, Request: requestOf(w.request), Holders: []holderJSON{},
		Always: []string{identity.NewGroup(identity.Masters).String()}, Unmodelled: []string{identity.NewGroup(identity.Nodes).String()},
		Warnings: []string{}, Incomplete: append([]string{}, w.incomplete...), Assumptions: list(w.kubernetes.Assumptions()),
	}
	if len(w.verbs) > 1 {
		out.Verbs = w.verbs
	}
	for _, verb := range w.verbs {
		r := w.request
		r.Verb = verb
		for _, text := range oddities(w.authorizer, r) {
			if !slices.Contains(out.Warnings, text) {
				out.Warnings = append(out.Warnings, text)
			}
		}
	}
	for _, h := range w.holders {
		out.Holders = append(out.Holders, w.holderJSON(h))
	}
	return out
}

func (w *whoAnswer) holderJSON(h holder) holderJSON {
	out := holderJSON{Principal: h.Principal.String(), ObjectID: h.entity.ObjectID, Namespace: h.Namespace(), Name: h.Name()}
	switch {
	case h.everyone:
		out.Principal = h.String()
	case !h.IsZero():
		out.Kind = h.Kind().String()
	}
	if len(w.verbs) == 1 {
		v := h.byVerb[w.verbs[0]]
		out.Decision, out.Effective, out.Grants = accessWord(v.decision), accessWord(v.effective), grantsOf(slices.Values(v.grants))
		out.heldJSON = w.held(v)
		return out
	}
	for _, verb := range w.verbs {
		v := w.of(h, verb)
		out.Verbs = append(out.Verbs, verbJSON{verb, accessWord(v.decision), accessWord(v.effective), grantsOf(slices.Values(v.grants)), w.held(v)})
	}
	return out
}

// held returns by which side something is held, if there are two.
func (w *whoAnswer) held(v held) (out heldJSON) {
	if !isAKS(w.kubernetes) {
		return out
	}
	out.By = sideWord(v.by)
	for _, g := range v.assignments {
		out.Assignments = append(out.Assignments, assignmentOf(g))
	}
	return out
}

// of returns how the holder may do one thing, if at all.
func (w *whoAnswer) of(h holder, verb string) held {
	if v, ok := h.byVerb[verb]; ok {
		return v
	}
	v := w.check(h, verb)
	return held{decision: v.Decision, effective: v.Effective}
}

// csv has a row for each grant.
func (w *whoAnswer) csv(out io.Writer) error {
	c := csv.NewWriter(out)
	rows := [][]string{{"kind", "namespace", "name", "verb", "decision", "effective", "binding", "binding_place", "role", "through", "rule", "rule_place", "limited_to"}}
	for _, h := range w.holders {
		for _, verb := range w.verbs {
			if v, ok := h.byVerb[verb]; ok {
				rows = append(rows, h.rows(verb, v)...)
			}
		}
	}
	if !isAKS(w.kubernetes) {
		return c.WriteAll(rows)
	}
	rows[0] = append(rows[0], "scope", "pattern", "object_id")
	for i, row := range rows {
		rows[i] = append(row, make([]string, len(rows[0])-len(row))...)
	}
	return c.WriteAll(rows)
}

// rows has a row for each grant, of Azure's with columns more.
func (h holder) rows(verb string, v held) (rows [][]string) {
	kind, name := "", h.Name()
	switch {
	case h.everyone:
		name = h.String()
	case !h.IsZero():
		kind = h.Kind().String()
	}
	head := []string{kind, h.Namespace(), name, verb, accessWord(v.decision), accessWord(v.effective)}
	for _, grant := range v.grants {
		g := grantOf(grant)
		rule := ""
		if g.Rule != nil {
			rule = strconv.Itoa(*g.Rule)
		}
		rows = append(rows, append(slices.Clone(head),
			g.Binding, g.BindingPlace, g.Role, strings.Join(g.Through, " > "), rule, g.RulePlace, g.Namespace))
	}
	for _, grant := range v.assignments {
		g := assignmentOf(grant)
		rows = append(rows, append(slices.Clone(head),
			g.Assignment, g.Place, g.Role, strings.Join(g.Through, " > "), "", g.RolePlace, "", g.Scope, g.Pattern, h.entity.ObjectID))
	}
	if h.everyone { // by no grant
		rows = append(rows, head)
	}
	return rows
}

// md is a table for people: of grants or, with several verbs, of answers.
func (w *whoAnswer) md(out io.Writer) {
	if len(w.verbs) > 1 {
		fmt.Fprintf(out, "| Who | %s |\n|---%s|\n", strings.Join(w.verbs, " | "), strings.Repeat("|---", len(w.verbs)))
		for _, h := range w.holders {
			fmt.Fprintf(out, "| %s | %s |\n", h, strings.Join(w.answers(h), " | "))
		}
		return
	}
	fmt.Fprint(out, "| Who | Binding | Role and rule |\n|---|---|---|\n")
	for _, h := range w.holders {
		for _, g := range h.byVerb[w.verbs[0]].grants {
			fmt.Fprintf(out, "| %s%s | %s | %s |\n", h, remark(h.byVerb[w.verbs[0]]), g.Binding, g.Source())
		}
		for _, g := range h.byVerb[w.verbs[0]].assignments {
			fmt.Fprintf(out, "| %s%s | role assignment %s | %s |\n", h, remark(h.byVerb[w.verbs[0]]), g.Name, roleOf(g))
		}
	}
}

// text groups the holders by kind.
func (w *whoAnswer) text(s *session) {
	fmt.Fprintf(s.out, "%s: %s\n", w.title(), w.count())
	switch {
	case len(w.holders) == 0:
	case len(w.verbs) > 1:
		w.matrix(s.out)
	default:
		w.grants(s.out)
	}
	for _, text := range w.incomplete {
		fmt.Fprintln(s.out, "incomplete: "+text)
	}
	for _, besides := range []struct{ group, why string }{
		{identity.Masters, "needs no role"},
		{identity.Nodes, "the Node authorizer may allow it, and is not modelled"},
	} {
		group := identity.NewGroup(besides.group)
		if !slices.ContainsFunc(w.holders, func(h holder) bool { return h.Principal == group }) {
			fmt.Fprintf(s.out, "besides: %s: %s\n", group, besides.why)
		}
	}
	s.assume(w.kubernetes, false)
}

func (w *whoAnswer) grants(out io.Writer) {
	for i, h := range w.holders {
		if i == 0 || w.holders[i-1].heading() != h.heading() {
			fmt.Fprintln(out, h.heading())
		}
		v := h.byVerb[w.verbs[0]]
		fmt.Fprintf(out, "    %s%s\n", h, remark(v))
		for _, g := range v.grants {
			fmt.Fprintln(out, "        by "+strings.ReplaceAll(g.String(), "\n", "\n        "))
		}
		for _, g := range v.assignments {
			for line := range strings.SplitSeq("by "+w.short(g.String()), "\n") {
				fmt.Fprintln(out, wrapLine("        "+line))
			}
		}
	}
}

// roleOf names the role of an assignment and what matches in it.
func roleOf(g azure.Grant) string {
	text := g.Role + ", " + g.Pattern
	if g.Open != "" {
		text += ": " + g.Open
	}
	return text
}

func (h holder) heading() string {
	switch {
	case h.everyone:
		return "without any role"
	case h.IsZero():
		return "subjects that are not understood"
	}
	return kindWords(h.Kind())
}

// remark says where an answer is no plain yes.
func remark(v held) string {
	text := ""
	if v.decision == rbacsim.Undecided {
		text = ", perhaps"
	}
	if v.decision == rbacsim.Allowed && v.effective == rbacsim.Denied {
		text += ", but no real request can"
	}
	return text
}

// answers are the cells of a holder's row.
func (w *whoAnswer) answers(h holder) (cells []string) {
	for _, verb := range w.verbs {
		v := w.of(h, verb)
		word := yesNo(v.decision)
		if v.decision == rbacsim.Allowed {
			word += remark(v)
		}
		cells = append(cells, word)
	}
	return cells
}

// matrix has a row for each holder and a column for each verb.
func (w *whoAnswer) matrix(out io.Writer) {
	rows := [][]string{append([]string{"who"}, w.verbs...)}
	for _, h := range w.holders {
		rows = append(rows, append([]string{h.String()}, w.answers(h)...))
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			fmt.Fprintf(&line, "%-*s   ", widths[i], cell)
		}
		fmt.Fprintln(out, "    "+strings.TrimRight(line.String(), " "))
	}
}
