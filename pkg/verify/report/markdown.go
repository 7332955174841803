package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/aksim/aksim/pkg/verify"
)

// Markdown writes the report for reviewers: a table of all results, and below it what
// each finds.
func Markdown(w io.Writer, r *verify.Report) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "# aksim verify: %s\n\n%s\n\n| Outcome | Id | What | Severity | Over |\n|---|---|---|---|---|\n", r.Worst(), r.Summary())
	for i := range r.Results {
		res := &r.Results[i]
		id, title := res.ID, cell(res.Title)
		if res.Area == verify.AreaClaims {
			id, title = "claim", "`"+strings.ReplaceAll(res.Title, "|", "\\|")+"`"
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s |\n", res.Outcome, id, title, res.Severity, cell(res.Over))
	}
	for i := range r.Results {
		if res := &r.Results[i]; len(res.Findings)+len(res.Missing) > 0 {
			fmt.Fprintf(out, "\n## %s: %s\n\n", res.Outcome, cell(res.Title))
			fmt.Fprintf(out, "```\n%s\n```\n", strings.ReplaceAll(strings.TrimSpace(detailsOf(res)), "```", "'''"))
		}
	}
	if len(r.Exceptions) > 0 {
		fmt.Fprint(out, "\n## Exceptions\n\n| Control | Object | Reason | Owner | Expires | Accepts |\n|---|---|---|---|---|---|\n")
		for _, e := range r.Exceptions {
			expires := e.Expires.String()
			if e.Expired {
				expires += ", **expired**"
			}
			fmt.Fprintf(out, "| %s | %s | %s | %s | %s | %d |\n", cell(e.Control), cell(e.Object), cell(e.Reason), cell(e.Owner), expires, accepted(e))
		}
	}
	for i, a := range append(append([]string{}, r.Notes...), r.Assumptions...) {
		if i == 0 {
			fmt.Fprint(out, "\n## Taken for granted, and notes\n\n")
		}
		fmt.Fprintf(out, "- %s\n", cell(a))
	}
	return out.Flush()
}

// cell escapes a text for a table.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;").Replace(s)
}
