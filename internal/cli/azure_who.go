package cli

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// checkAzure refuses what a question about an action of Azure has no use for.
func (w *whoCan) checkAzure(action string) error {
	switch {
	case w.within != "" || w.everywhere || w.given("subresource"):
		return errors.New("an Azure action has a --scope: -n, -A and --subresource are for requests to the API server")
	case w.apiResources != "":
		return errors.New("--api-resources is for requests to the API server")
	}
	if err := w.checkAction(action); err != nil {
		return err
	}
	return w.input.check([]string{action})
}

// runAction answers who may take an action in Azure.
func (w *whoCan) runAction(s *session, action string) (int, error) {
	cluster, err := w.load(s)
	if err != nil {
		return 0, err
	}
	answer := &azureWho{authorizer: azure.New(cluster), places: placesOf(cluster)}
	answer.request, answer.odd, err = w.request(answer.authorizer, answer.places, action)
	if err != nil {
		return 0, err
	}
	answer.holders = slices.Collect(answer.authorizer.Holders(answer.request).All())
	s.warnings(answer.odd)
	return answer.status(), answer.print(s, w.output)
}

// azureWho is who may take an action in Azure.
type azureWho struct {
	authorizer *azure.Authorizer
	places     places
	request    azure.Request
	holders    []azure.Holder
	odd        []string
}

func (w *azureWho) status() int {
	status := exitNo
	for _, h := range w.holders {
		if h.Decision != rbacsim.Allowed {
			return exitUndecided
		}
		status = exitYes
	}
	return status
}

type azureWhoJSON struct {
	Version     int               `json:"version"`
	Request     actionJSON        `json:"request"`
	Holders     []azureHolderJSON `json:"holders"`
	Warnings    []string          `json:"warnings"`
	Assumptions []string          `json:"assumptions"`
}

type azureHolderJSON struct {
	Principal string           `json:"principal"` // empty if it may be anybody
	Kind      string           `json:"kind,omitempty"`
	ObjectID  string           `json:"objectId,omitempty"`
	Name      string           `json:"name,omitempty"`
	Decision  string           `json:"decision"`
	Grants    []assignmentJSON `json:"grants"`
}

func azureHolderOf(h azure.Holder) azureHolderJSON {
	e := h.Principal
	return azureHolderJSON{nameOf(e), kindOfEntity(e), e.ObjectID, e.Name, accessWord(h.Decision), assignmentsOf(h.Grants())}
}

func kindOfEntity(e identity.Entity) string {
	if e.Kind == 0 {
		return ""
	}
	return e.Kind.String()
}

func (w *azureWho) print(s *session, format string) error {
	if format != "text" && format != "json" {
		s.noteAssumptions(w.authorizer)
	}
	switch format {
	case "json":
		out := azureWhoJSON{1, actionOf(w.request), []azureHolderJSON{}, append([]string{}, w.odd...), list(w.authorizer.Assumptions())}
		for _, h := range w.holders {
			out.Holders = append(out.Holders, azureHolderOf(h))
		}
		return writeJSON(s.out, out, "  ")
	case "jsonl":
		for _, h := range w.holders {
			if err := writeJSON(s.out, azureHolderOf(h), ""); err != nil {
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

// csv has a row for each assignment or access policy.
func (w *azureWho) csv(out io.Writer) error {
	rows := [][]string{{
		"kind", "name", "object_id", "decision", "assignment", "assignment_place", "policy", "role", "role_id", "pattern", "scope", "through", "condition", "open",
	}}
	for _, h := range w.holders {
		who := azureHolderOf(h)
		for _, g := range who.Grants {
			policy := ""
			if g.Policy != nil {
				policy = strconv.Itoa(*g.Policy)
			}
			rows = append(rows, []string{
				who.Kind, who.Name, who.ObjectID, who.Decision, g.Assignment, g.Place, policy, g.Role, g.RoleGUID, g.Pattern, g.Scope,
				strings.Join(g.Through, " > "), g.Condition, g.Open,
			})
		}
	}
	return csv.NewWriter(out).WriteAll(rows)
}

// md is a table for people.
func (w *azureWho) md(out io.Writer) {
	fmt.Fprint(out, "| Who | Where | Role |\n|---|---|---|\n")
	for _, h := range w.holders {
		for g := range h.Grants() {
			fmt.Fprintf(out, "| %s | %s | %s |\n", holderName(h), w.places.short(g.Scope), roleOf(g))
		}
	}
}

// text groups the holders by kind.
func (w *azureWho) text(s *session) {
	fmt.Fprintf(s.out, "%s: %s\n", w.places.shorten(w.request.String()), w.count())
	before := ""
	for _, h := range w.holders {
		if heading := holderHeading(h); heading != before {
			fmt.Fprintln(s.out, heading)
			before = heading
		}
		fmt.Fprintf(s.out, "    %s\n", holderName(h))
		for g := range h.Grants() {
			for line := range strings.SplitSeq("by "+w.places.shorten(g.String()), "\n") {
				fmt.Fprintln(s.out, wrapLine("        "+line))
			}
		}
	}
	s.listAssumptions(w.authorizer, false)
}

func holderHeading(h azure.Holder) string {
	switch {
	case h.Principal.ObjectID == "":
		return "anybody, for all that the input tells"
	case h.Principal.Kind == 0:
		return "somebody of whom the input does not say more"
	}
	return kindWords(h.Principal.Kind)
}

func holderName(h azure.Holder) string {
	e := h.Principal
	text := e.Principal().String()
	switch {
	case e.ObjectID == "":
		text = "somebody whom the input does not tell"
	case e.Kind == 0:
		text = e.ObjectID
	case e.Name != "" && !strings.Contains(text, e.Name):
		text += " (" + e.Name + ")"
	}
	if h.Decision != rbacsim.Allowed {
		text += ", perhaps"
	}
	return text
}

// count says how many there are of each kind.
func (w *azureWho) count() string {
	byKind := map[identity.Kind]int{}
	anybody := false
	for _, h := range w.holders {
		byKind[h.Principal.Kind]++
		anybody = anybody || h.Principal.ObjectID == ""
	}
	var parts []string
	for _, k := range []identity.Kind{identity.Group, identity.User, identity.ManagedIdentity, identity.ServicePrincipal} {
		switch n := byKind[k]; {
		case n == 1:
			parts = append(parts, "1 "+kindWord(k))
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", n, kindWords(k)))
		}
	}
	if n := byKind[0]; n > 0 && !anybody {
		parts = append(parts, fmt.Sprintf("%d unknown", n))
	}
	if anybody {
		parts = append(parts, "perhaps anybody")
	}
	if parts == nil {
		return "nobody"
	}
	return strings.Join(parts, ", ")
}
