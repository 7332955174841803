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
	Kind      string      `json:"kind,omitempty"` // Group, ServiceAccount or User
	Namespace string      `json:"namespace,omitempty"`
	Name      string      `json:"name,omitempty"`
	Verbs     []verbJSON  `json:"verbs,omitempty"`
	Decision  string      `json:"decision,omitempty"`
	Effective string      `json:"effective,omitempty"` // of a real request
	Grants    []grantJSON `json:"grants,omitempty"`
}

type verbJSON struct {
	Verb      string      `json:"verb"`
	Decision  string      `json:"decision"`
	Effective string      `json:"effective"`
	Grants    []grantJSON `json:"grants"`
}

func (w *whoAnswer) print(s *session, format string) error {
	if format != "text" && format != "json" {
		for _, text := range w.incomplete {
			s.note("incomplete: %s", text)
		}
		s.noteAssumptions(w.authorizer)
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
		Warnings: []string{}, Incomplete: append([]string{}, w.incomplete...), Assumptions: list(w.authorizer.Assumptions()),
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
	out := holderJSON{Principal: h.String(), Namespace: h.Namespace(), Name: h.Name()}
	if !h.IsZero() {
		out.Kind = h.Kind().String()
	}
	if len(w.verbs) == 1 {
		v := h.byVerb[w.verbs[0]]
		out.Decision, out.Effective, out.Grants = accessWord(v.decision), accessWord(v.effective), grantsOf(slices.Values(v.grants))
		return out
	}
	for _, verb := range w.verbs {
		v := w.of(h, verb)
		out.Verbs = append(out.Verbs, verbJSON{verb, accessWord(v.decision), accessWord(v.effective), grantsOf(slices.Values(v.grants))})
	}
	return out
}

// of returns how the holder may do one thing, if at all.
func (w *whoAnswer) of(h holder, verb string) held {
	if v, ok := h.byVerb[verb]; ok {
		return v
	}
	v := w.check(h.Principal, verb)
	return held{decision: v.Decision, effective: v.Effective}
}

// csv has a row for each grant.
func (w *whoAnswer) csv(out io.Writer) error {
	c := csv.NewWriter(out)
	rows := [][]string{{"kind", "namespace", "name", "verb", "decision", "effective", "binding", "binding_place", "role", "through", "rule", "rule_place", "limited_to"}}
	for _, h := range w.holders {
		kind := ""
		if !h.IsZero() {
			kind = h.Kind().String()
		}
		for _, verb := range w.verbs {
			v, ok := h.byVerb[verb]
			for i := 0; ok && i < len(v.grants); i++ {
				g := grantOf(v.grants[i])
				rule := ""
				if g.Rule != nil {
					rule = strconv.Itoa(*g.Rule)
				}
				rows = append(rows, []string{
					kind, h.Namespace(), h.Name(), verb, accessWord(v.decision), accessWord(v.effective),
					g.Binding, g.BindingPlace, g.Role, strings.Join(g.Through, " > "), rule, g.RulePlace, g.Namespace,
				})
			}
		}
	}
	return c.WriteAll(rows)
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
	s.assumptions(w.authorizer)
}

func (w *whoAnswer) grants(out io.Writer) {
	for i, h := range w.holders {
		if i == 0 || w.holders[i-1].Kind() != h.Kind() {
			fmt.Fprintln(out, h.heading())
		}
		v := h.byVerb[w.verbs[0]]
		fmt.Fprintf(out, "    %s%s\n", h, remark(v))
		for _, g := range v.grants {
			fmt.Fprintln(out, "        by "+strings.ReplaceAll(g.String(), "\n", "\n        "))
		}
	}
}

func (h holder) heading() string {
	if h.IsZero() {
		return "subjects that are not understood"
	}
	return kindWord(h.Kind()) + "s"
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
