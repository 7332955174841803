package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/aksim/aksim/pkg/verify"
)

// width is that of the text, in characters. Grounds, places and commands are not
// broken, so that they can be copied.
const width = 80

// Style says how text looks.
type Style struct {
	Colour  bool // ANSI escapes, for a terminal
	Verbose bool // of what is proved, what it is quantified over, and notes
}

func (s Style) paint(o verify.Outcome, text string) string {
	if !s.Colour {
		return text
	}
	code := "33" // yellow
	switch o {
	case verify.Proved:
		code = "32"
	case verify.Refuted:
		code = "31"
	case verify.NotApplicable, verify.Excepted:
		code = "2"
	case verify.Undecided:
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Text writes the report for people.
func Text(w io.Writer, r *verify.Report, style Style) error {
	t := &text{bufio.NewWriter(w), style}
	area := verify.Area("")
	for i := range r.Results {
		res := &r.Results[i]
		if res.Area != area {
			if area != "" {
				t.line("")
			}
			area = res.Area
			t.line(strings.ToUpper(string(area)))
		}
		t.result(res)
	}
	if len(r.Results) > 0 {
		t.line("")
	}
	t.missing(r)
	t.exceptions(r)
	for _, n := range r.Notes {
		t.wrapped("note: ", "      ", n)
	}
	for _, a := range r.Assumptions {
		t.wrapped("assumed: ", "         ", a)
	}
	t.line(r.Summary())
	return t.w.Flush()
}

type text struct {
	w     *bufio.Writer
	style Style
}

func (t *text) line(s string) { fmt.Fprintln(t.w, strings.TrimRight(s, " ")) }

func (t *text) wrapped(first, others, s string) {
	for i, line := range wrapFirst(s, width-len([]rune(first)), width-len([]rune(others))) {
		prefix := others
		if i == 0 {
			prefix = first
		}
		t.line(prefix + line)
	}
}

// result prints one result: the outcome and the id, and what there is to say.
func (t *text) result(r *verify.Result) {
	outcome := r.Outcome.String()
	head := t.style.paint(r.Outcome, outcome) + strings.Repeat(" ", max(1, 10-len(outcome)))
	if r.ID != r.Title {
		head += r.ID + "  "
	}
	indent := strings.Repeat(" ", 10)
	first := width - 10
	if r.ID != r.Title {
		first -= len(r.ID) + 2
	}
	first -= max(0, len(outcome)+1-10)
	lines := wrapFirst(r.Title, first, width-10)
	for i, l := range lines {
		if i == 0 {
			t.line(head + l)
		} else {
			t.line(indent + l)
		}
	}
	if r.Over != "" && (t.style.Verbose || r.Outcome == verify.NotApplicable) {
		word := "over "
		if r.Outcome == verify.NotApplicable {
			word = ""
		}
		t.wrapped(indent+word, indent, r.Over)
	}
	for _, f := range r.Findings {
		t.finding(indent, f)
	}
	for _, f := range r.Excepted {
		t.wrapped(indent+"accepted: ", indent+"  ", f.Object+" "+f.Text)
	}
	if t.style.Verbose {
		for _, n := range r.Notes {
			t.wrapped(indent+"note: ", indent+"  ", n)
		}
	}
	if r.Fix != "" {
		t.wrapped(indent+"fix: ", indent+"  ", r.Fix)
	}
}

func (t *text) finding(indent string, f verify.Finding) {
	word := ""
	if f.Outcome == verify.Undecided {
		word = "? "
	}
	t.wrapped(indent+word, indent+"  ", f.Object+": "+f.Text)
	if !f.Place.IsZero() {
		t.line(indent + "    at " + f.Place.Short())
	}
	for _, g := range f.Grounds {
		for line := range strings.Lines(g) {
			t.line(indent + "    " + strings.TrimRight(line, "\n"))
		}
	}
	if len(f.Replay) > 0 {
		t.line(indent + "    replay: " + Command(f.Replay))
	}
	if f.Fix != "" {
		t.wrapped(indent+"    fix: ", indent+"      ", f.Fix)
	}
}

// missing prints each input that would decide something, and how much, once.
func (t *text) missing(r *verify.Report) {
	var order []string
	times := map[string]int{}
	for i := range r.Results {
		for _, m := range r.Results[i].Missing {
			if times[m] == 0 {
				order = append(order, m)
			}
			times[m]++
		}
	}
	for _, m := range order {
		t.wrapped(fmt.Sprintf("missing for %d: ", times[m]), "  ", m)
	}
}

func (t *text) exceptions(r *verify.Report) {
	for _, e := range r.Exceptions {
		state := "until " + e.Expires.String()
		if e.Expired {
			state = "EXPIRED on " + e.Expires.String()
		}
		t.wrapped("exception: ", "  ", fmt.Sprintf("%s of %s, %s: %s (%s; %d accepted)", e.Control, e.Object, state, e.Reason, e.Owner, accepted(e)))
	}
}

// accepted counts the findings that the exception took out of the way.
func accepted(e verify.ExceptionUse) int {
	if e.Expired {
		return 0
	}
	return e.Findings
}

// Command returns a command line of aksim that a shell reads, with … for the input.
func Command(args []string) string {
	out := []string{"aksim"}
	for i, a := range args {
		if a == "" || strings.ContainsAny(a, " {}[]*?$&;<>|'\"\\()#~`!\n\t") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		out = append(out, a)
		if i == 0 {
			out = append(out, "-f …")
		}
	}
	return strings.Join(out, " ")
}

// wrapFirst breaks a text between words into lines, the first of its own width.
func wrapFirst(s string, first, others int) (lines []string) {
	line, room := "", first
	for word := range strings.FieldsSeq(s) {
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) <= room:
			line += " " + word
		default:
			lines, line, room = append(lines, line), word, others
		}
	}
	return append(lines, line)
}
