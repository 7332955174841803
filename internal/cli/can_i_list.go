package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

type rightsJSON struct {
	Version     int         `json:"version"`
	Subject     subjectJSON `json:"subject"`
	Namespace   string      `json:"namespace"`
	Rules       []rightJSON `json:"rules"`
	Incomplete  []string    `json:"incomplete"`
	Assumptions []string    `json:"assumptions"`
}

// rightJSON is a rule as it is written, and where it comes from.
type rightJSON struct {
	Verbs           []string `json:"verbs"`
	APIGroups       []string `json:"apiGroups,omitempty"`
	Resources       []string `json:"resources,omitempty"`
	ResourceNames   []string `json:"resourceNames,omitempty"`
	NonResourceURLs []string `json:"nonResourceURLs,omitempty"`
	grantJSON
}

// runList lists what the subject may do in a namespace.
func (c *canI) runList(s *session, k *azure.Kubernetes, subject azure.KubernetesSubject) (int, error) {
	a := k.RBAC()
	rights := a.Rights(subject.RBAC)
	incomplete := list(rights.Incomplete(c.in()))
	if d, _ := k.AsksAzure(); d != rbacsim.Denied && subject.Entra { // as the API server says of webhooks
		incomplete = append(incomplete, "what Azure RBAC allows besides is not in the list: ask for single requests")
	}
	status := exitYes
	if len(incomplete) > 0 {
		status = exitUndecided
	}
	out := rightsJSON{
		Version: 1, Subject: subjectOf(subject.RBAC), Namespace: c.in(), Rules: []rightJSON{},
		Incomplete: incomplete, Assumptions: list(k.Assumptions()),
	}
	t := &rightsTable{explain: c.explain}
	for r := range rights.In(c.in()) {
		if r.Policy == nil {
			continue // of a role that is not there: incomplete
		}
		out.Rules = append(out.Rules, rightOf(r))
		t.add(r)
	}
	if c.output == "json" {
		return status, writeJSON(s.out, out, "  ")
	}
	for _, text := range incomplete {
		s.note("incomplete: %s", text)
	}
	if c.output == "jsonl" {
		s.noteAssumptions(k)
		for _, r := range out.Rules {
			if err := writeJSON(s.out, r, ""); err != nil {
				return 0, err
			}
		}
		return status, nil
	}
	t.print(s.out, !c.noHeaders)
	s.noteAssumptions(k) // the table is kubectl's, and nothing else
	return status, nil
}

func rightOf(r rbacsim.Access) rightJSON {
	p := r.Policy
	return rightJSON{append([]string{}, p.Verbs...), p.APIGroups, p.Resources, p.ResourceNames, p.NonResourceURLs, grantOf(r.Grant)}
}

// rightsTable is kubectl's table: rules taken apart, and put together again where
// only the verbs differ.
type rightsTable struct {
	explain bool
	rows    []*rightsRow
	at      map[string]*rightsRow
}

// rightsRow is a line of the table.
type rightsRow struct {
	resource, url, name string
	hasName             bool
	verbs               []string
	sources             []rightsSource
	perhaps             bool
}

type rightsSource struct {
	verbs []string
	grant rbacsim.Grant
}

// add adds what a rule says of each resource, name and URL.
func (t *rightsTable) add(r rbacsim.Access) {
	for _, row := range rowsOf(r.Policy) {
		row.perhaps = r.Open != ""
		key := fmt.Sprintf("%q %q %q %t %t", row.resource, row.url, row.name, row.hasName, row.perhaps)
		known, ok := t.at[key]
		if !ok {
			if t.at == nil {
				t.at = map[string]*rightsRow{}
			}
			known = &row
			t.at[key] = known
			t.rows = append(t.rows, known)
		}
		for _, v := range r.Policy.Verbs {
			if !slices.Contains(known.verbs, v) {
				known.verbs = append(known.verbs, v)
			}
		}
		known.sources = append(known.sources, rightsSource{r.Policy.Verbs, r.Grant})
	}
}

func rowsOf(p *rbacv1.PolicyRule) (rows []rightsRow) {
	for _, group := range p.APIGroups {
		for _, resource := range p.Resources {
			row := rightsRow{resource: resourceInGroup(resource, group)}
			if len(p.ResourceNames) == 0 {
				rows = append(rows, row)
			}
			for _, name := range p.ResourceNames {
				row.name, row.hasName = name, true
				rows = append(rows, row)
			}
		}
	}
	for _, url := range p.NonResourceURLs {
		rows = append(rows, rightsRow{url: url})
	}
	return rows
}

// resourceInGroup writes deployments/scale of group apps as kubectl does:
// deployments.apps/scale.
func resourceInGroup(resource, group string) string {
	base, sub, ok := strings.Cut(resource, "/")
	if group != "" {
		base += "." + group
	}
	if ok {
		base += "/" + sub
	}
	return base
}

// cells are what the row prints.
func (r *rightsRow) cells() [4]string {
	url, name := "[]", "[]"
	if r.url != "" {
		url = "[" + r.url + "]"
	}
	switch {
	case r.hasName && r.name == "":
		name = `[""]` // only requests that name nothing, which kubectl prints as any name
	case r.hasName:
		name = "[" + r.name + "]"
	}
	verbs := "[" + strings.Join(r.verbs, " ") + "]"
	if r.perhaps {
		verbs += " perhaps"
	}
	return [4]string{r.resource, url, name, verbs}
}

// print prints the rows by their verbs, then by resource, as kubectl does.
func (t *rightsTable) print(w io.Writer, header bool) {
	slices.SortStableFunc(t.rows, func(a, b *rightsRow) int {
		return slices.Compare([]string{a.cells()[3], a.resource, a.url, a.name}, []string{b.cells()[3], b.resource, b.url, b.name})
	})
	titles := [4]string{"Resources", "Non-Resource URLs", "Resource Names", "Verbs"}
	var widths [4]int
	for i, title := range titles {
		widths[i] = len(title)
		for _, r := range t.rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(r.cells()[i]))
		}
	}
	line := func(cells [4]string) {
		fmt.Fprintf(w, "%-*s   %-*s   %-*s   %s\n", widths[0], cells[0], widths[1], cells[1], widths[2], cells[2], cells[3])
	}
	if header {
		line(titles)
	}
	for _, r := range t.rows {
		line(r.cells())
		if !t.explain {
			continue
		}
		for _, source := range r.sources {
			text := "[" + strings.Join(source.verbs, " ") + "] by " + source.grant.String()
			fmt.Fprintln(w, "    "+strings.ReplaceAll(text, "\n", "\n    "))
		}
	}
}
