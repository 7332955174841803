package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/netsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// lint is the command's flags.
type lint struct {
	input
	output string
}

func lintCommand() command {
	return command{
		name:    "lint",
		args:    "-f FILE …",
		summary: "finds what an API server would reject, and policies that mislead",
		long: `
Reads manifests as an API server would. What it would reject is an error; what
it would accept, although it hardly does what its author thinks, is a finding:
rules of a direction that the policy is not about, lists that isolate nothing,
an OR where an AND is meant, selectors and port names that meet nothing, rules
that add nothing, DNS forgotten, CIDRs that are not written as they are read.

Examples:
  aksim lint -f deploy
  helm template chart | aksim lint -f -

Exit status: 0 clean; 1 findings; 2 errors, with or without findings.`,
		flags: func(flags *pflag.FlagSet) func(*session, []string) (int, error) {
			l := &lint{}
			l.loadFlags(flags)
			outputFlag(flags, &l.output, []string{"text", "json"})
			return l.run
		},
	}
}

type lintJSON struct {
	Version  int           `json:"version"`
	Errors   []findingJSON `json:"errors"`
	Findings []findingJSON `json:"findings"`
	Notes    []findingJSON `json:"notes"`
}

type findingJSON struct {
	Rule   string `json:"rule,omitempty"`
	Object string `json:"object,omitempty"`
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Path   string `json:"path,omitempty"`
	Text   string `json:"text"`
	Hint   string `json:"hint,omitempty"`
}

func (l *lint) run(s *session, args []string) (int, error) {
	if l.output != "text" && l.output != "json" {
		return 0, fmt.Errorf("-o %s: want text or json", l.output)
	}
	if err := l.check(args); err != nil {
		return 0, err
	}
	if len(args) > 0 {
		return 0, tooMany(args, args[0], "beside -f FILE")
	}
	loader, err := l.loader(s)
	if err != nil {
		return 0, err
	}
	c, loadErr := loader.Inspect(l.files...)
	defects := slices.Collect(manifest.Errors(loadErr))
	switch {
	case loadErr != nil && len(defects) == 0:
		return 0, loadErr
	case loadErr == nil:
		if err := checkContent(c, l.files); err != nil {
			return 0, err
		}
	}
	var all []model.Finding
	if c != nil {
		all = slices.AppendSeq(slices.Collect(c.Findings()), netsim.New(c).Lint())
		if hasAzure(c) { // what is odd about identities shows only there
			all = slices.AppendSeq(all, identity.NewGraph(c).Lint())
			all = slices.AppendSeq(all, azure.New(c).Findings())
		}
		slices.SortStableFunc(all, model.Finding.Compare)
	}
	findings := slices.DeleteFunc(slices.Clone(all), func(f model.Finding) bool { return f.Note })
	notes := slices.DeleteFunc(all, func(f model.Finding) bool { return !f.Note })
	if l.output == "json" {
		err = writeJSON(s.out, lintJSON{1, errorsOf(defects), findingsOf(findings), findingsOf(notes)}, "  ")
	} else {
		printLint(s, defects, findings, notes)
	}
	switch {
	case err != nil:
		return 0, err
	case len(defects) > 0:
		return exitCouldNot, nil
	case len(findings) > 0:
		return exitNo, nil
	}
	return exitYes, nil
}

// hasAzure reports whether the input says anything of Azure.
func hasAzure(c *model.Cluster) bool {
	for r := range c.Refs() {
		if r.Group == model.AzureGroup {
			return true
		}
	}
	return false
}

func printLint(s *session, defects []*manifest.Error, findings, notes []model.Finding) {
	for _, e := range defects {
		s.note("%s", e)
	}
	if len(defects) > 0 && len(findings) > 0 {
		s.note("the findings are about what could be read: mend the errors first")
	}
	for _, f := range findings {
		fmt.Fprintf(s.out, "%s [%s]\n", f, f.Rule)
	}
	for _, f := range notes {
		fmt.Fprintf(s.out, "note: %s [%s]\n", f, f.Rule)
	}
}

func errorsOf(defects []*manifest.Error) []findingJSON {
	out := []findingJSON{}
	for _, e := range defects {
		out = append(out, findingJSON{Object: objectText(e.Object), File: e.Place.File, Line: e.Place.Line, Column: e.Place.Col, Path: e.Path, Text: e.Text, Hint: e.Hint})
	}
	return out
}

func findingsOf(findings []model.Finding) []findingJSON {
	out := []findingJSON{}
	for _, f := range findings {
		out = append(out, findingJSON{f.Rule, objectText(f.Object), f.Place.File, f.Place.Line, f.Place.Col, f.Path, f.Text, f.Hint})
	}
	return out
}

func objectText(r model.Ref) string {
	if r.IsZero() {
		return ""
	}
	return r.String()
}
