package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/rbacsim"
)

func (c *compare) checkSnapshots(args []string) error {
	switch {
	case len(c.files) > 0:
		return errors.New("-f is the one input of OLD NEW; two snapshots are read with --from and --to")
	case len(c.to) == 0:
		return errors.New("compare with what? say --to FILE besides --from")
	case len(c.from) == 0:
		return errors.New("compare with what? say --from FILE besides --to")
	case len(args) > 0:
		if file, ok := existing(args); ok {
			return fmt.Errorf("%q is one argument too many: every file wants a --from or --to of its own", file)
		}
		return fmt.Errorf("%q is one argument too many beside --from and --to, which compare all subjects", args[0])
	case slices.Contains(c.from, "-") && slices.Contains(c.to, "-"):
		return errors.New("only one of --from and --to can read standard input")
	}
	return nil
}

// runSnapshots compares the access of everybody in two snapshots.
func (c *compare) runSnapshots(s *session) (int, error) {
	var sides [2]*rbacsim.Authorizer
	for i, side := range []struct {
		flag  string
		files []string
	}{{"--from", c.from}, {"--to", c.to}} {
		in := c.input
		in.files = side.files
		a, err := in.authorizer(s)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", side.flag, err)
		}
		sides[i] = a
	}
	answer := rbacsim.CompareSnapshots(sides[0], sides[1], c.universe())
	var err error
	switch c.output {
	case "json":
		err = writeJSON(s.out, snapshotsOf(answer, sides), "  ")
	case "md":
		fmt.Fprintf(s.out, "%s.\n\n", answer.Summary())
		var list []namedComparison
		for _, d := range answer.Subjects {
			list = append(list, namedComparison{d.To, d.Comparison})
		}
		if len(list) > 0 {
			printComparisonTable(s, list)
		}
		fmt.Fprintln(s.out, "not looked at: "+strings.Join(answer.Apart, "; "))
		printTaken(s, sides)
	default:
		fmt.Fprintln(s.out, answer)
		printTaken(s, sides)
	}
	return exitOfGain(answer.Gained), err
}

// printTaken prints what a comparison of snapshots takes for granted.
func printTaken(s *session, sides [2]*rbacsim.Authorizer) {
	from, to := list(sides[0].Assumptions()), list(sides[1].Assumptions())
	if slices.Equal(from, to) {
		fmt.Fprintln(s.out, "assuming: "+strings.Join(from, "; "))
		return
	}
	fmt.Fprintln(s.out, "assuming of --from: "+strings.Join(from, "; "))
	fmt.Fprintln(s.out, "assuming of --to: "+strings.Join(to, "; "))
}

// namedComparison is a row of a table.
type namedComparison struct {
	name string
	rbacsim.Comparison
}

// mostCellBoxes is how many boxes a cell of a table tells.
const mostCellBoxes = 5

func printComparisonTable(s *session, list []namedComparison) {
	fmt.Fprint(s.out, "| Subject | Access is | Gained | Lost | For example, by |\n|---|---|---|---|---|\n")
	for _, c := range list {
		fmt.Fprintf(s.out, "| %s | %s | %s | %s | %s |\n", cell(c.name), c.Summary(), differenceCell(c.Gained), differenceCell(c.Lost), exampleCell(c.Gained))
	}
	fmt.Fprintln(s.out)
}

func differenceCell(d rbacsim.Difference) string {
	switch d.Outcome {
	case rbacsim.Proved:
		return ""
	case rbacsim.Open:
		return cell("perhaps: " + strings.Join(d.Reasons, "; "))
	case rbacsim.Refuted:
	}
	var parts []string
	boxes := d.Boxes()
	if len(boxes) == 0 {
		return rbacsim.TooMuch
	}
	for _, b := range boxes[:min(len(boxes), mostCellBoxes)] {
		parts = append(parts, cell(b.String()))
	}
	if more := len(boxes) - mostCellBoxes; more > 0 {
		parts = append(parts, fmt.Sprintf("… and %d more", more))
	}
	return strings.Join(parts, "<br>")
}

func exampleCell(d rbacsim.Difference) string {
	if d.Example == nil {
		return ""
	}
	text := cell(d.Example.Request.String())
	if len(d.Example.Grants) > 0 {
		g := d.Example.Grants[0]
		by := g.Role.String()
		if !g.Binding.IsZero() {
			by = g.Binding.String() + ", " + by
		}
		text += cell(", by " + by)
		if place := shortPlace(g.RulePlace); place != "" {
			text += cell(" (" + place + ")")
		}
	}
	return text
}

// cell escapes what a cell of a Markdown table can't hold.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`, "<", "&lt;", "\n", " ").Replace(text)
}
