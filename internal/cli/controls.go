package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aksim/aksim/pkg/verify"
)

func controlsCommand() command {
	return command{
		name:    "controls",
		args:    "[ID]",
		summary: "lists the controls of aksim verify, with what each needs and how it is proved",
		long: `
Lists the controls that aksim verify asks about, by area. With an id, says all
about one: why it matters, which inputs it needs and how to get them, how it is
proved, what to do where it is refuted, and which lines of public benchmarks it
answers.

Examples:
  aksim controls
  aksim controls AKS-NET-004`,
		flags: func(flags *pflag.FlagSet) func(*session, []string) (int, error) {
			output := ""
			outputFlag(flags, &output, []string{"text", "json"})
			return func(s *session, args []string) (int, error) { return runControls(s, output, args) }
		},
	}
}

type controlJSON struct {
	ID        string          `json:"id"`
	Area      verify.Area     `json:"area"`
	Title     string          `json:"title"`
	Severity  verify.Severity `json:"severity"`
	Rationale string          `json:"rationale"`
	Needs     []evidenceJSON  `json:"needs"`
	Proof     string          `json:"proof"`
	Fix       string          `json:"fix"`
	Mappings  []string        `json:"mappings"`
}

type evidenceJSON struct {
	Name string `json:"name"`
	How  string `json:"how"`
}

func runControls(s *session, output string, args []string) (int, error) {
	if output != "text" && output != "json" {
		return 0, fmt.Errorf("-o %s: want text or json", output)
	}
	list := verify.Controls()
	switch len(args) {
	case 0:
	case 1:
		c, err := verify.ControlByID(args[0])
		if err != nil {
			return 0, fmt.Errorf("%w; aksim controls lists them", err)
		}
		list = []verify.Control{c}
	default:
		return 0, tooMany(args, args[1], "beside ID")
	}
	switch {
	case output == "json":
		all := []controlJSON{}
		for _, c := range list {
			all = append(all, controlOf(c))
		}
		return exitYes, writeJSON(s.out, map[string]any{"version": 1, "controls": all}, "  ")
	case len(args) == 1:
		s.control(list[0])
	default:
		s.controls(list)
	}
	return exitYes, nil
}

func controlOf(c verify.Control) controlJSON {
	out := controlJSON{c.ID, c.Area, c.Title, c.Severity, c.Rationale, []evidenceJSON{}, c.Proof, c.Fix, []string{}}
	for _, e := range c.Needs {
		out.Needs = append(out.Needs, evidenceJSON{e.Name, e.How})
	}
	for _, m := range c.Mappings {
		out.Mappings = append(out.Mappings, m.String())
	}
	return out
}

func (s *session) controls(list []verify.Control) {
	area := verify.Area("")
	for _, c := range list {
		if c.Area != area {
			if area != "" {
				fmt.Fprintln(s.out)
			}
			area = c.Area
			fmt.Fprintln(s.out, strings.ToUpper(string(area)))
		}
		s.paragraph(c.ID+"  ", c.Title)
	}
}

func (s *session) control(c verify.Control) {
	fmt.Fprintf(s.out, "%s (%s, %s)\n", c.ID, c.Area, c.Severity)
	s.paragraph("  ", c.Title)
	s.paragraph("why:   ", c.Rationale)
	s.paragraph("proof: ", c.Proof)
	for _, e := range c.Needs {
		s.paragraph("needs: ", e.Name+": "+e.How)
	}
	s.paragraph("fix:   ", c.Fix)
	var mappings []string
	for _, m := range c.Mappings {
		mappings = append(mappings, m.String())
	}
	if mappings != nil {
		s.paragraph("see:   ", strings.Join(mappings, ", "))
	}
}

// paragraph prints a text of lines of at most 80 characters, the first behind a
// prefix and the others below it.
func (s *session) paragraph(prefix, text string) {
	line := prefix
	empty := true
	for word := range strings.FieldsSeq(text) {
		if !empty && len([]rune(line))+1+len([]rune(word)) > 80 {
			fmt.Fprintln(s.out, line)
			line, empty = strings.Repeat(" ", len([]rune(prefix))), true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	fmt.Fprintln(s.out, line)
}
