package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/aksim/aksim/pkg/verify"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string     `xml:"classname,attr"`
	Name    string     `xml:"name,attr"`
	Failure *junitText `xml:"failure"`
	Error   *junitText `xml:"error"`
	Skipped *junitText `xml:"skipped"`
}

type junitText struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes the report as the results of tests: a suite for each area, a case for
// each result. What is refuted is a failure, what is undecided an error, and what is
// excepted or not applicable skipped.
func JUnit(w io.Writer, r *verify.Report) error {
	all := junitSuites{Name: "aksim verify"}
	for i := range r.Results {
		res := &r.Results[i]
		if n := len(all.Suites); n == 0 || all.Suites[n-1].Name != string(res.Area) {
			all.Suites = append(all.Suites, junitSuite{Name: string(res.Area)})
		}
		all.add(&all.Suites[len(all.Suites)-1], res)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (all *junitSuites) add(s *junitSuite, r *verify.Result) {
	c := junitCase{Class: "aksim." + string(r.Area), Name: r.Title}
	if r.ID != r.Title {
		c.Name = r.ID + " " + r.Title
	}
	details := func(word string) *junitText {
		return &junitText{fmt.Sprintf("%s: %d findings", word, len(r.Findings)), detailsOf(r)}
	}
	s.Tests, all.Tests = s.Tests+1, all.Tests+1
	switch r.Outcome {
	case verify.Refuted:
		c.Failure = details("refuted")
		s.Failures, all.Failures = s.Failures+1, all.Failures+1
	case verify.Excepted:
		c.Skipped = &junitText{fmt.Sprintf("excepted: %d findings are accepted", len(r.Excepted)), detailsOf(r)}
		s.Skipped, all.Skipped = s.Skipped+1, all.Skipped+1
	case verify.NotApplicable:
		c.Skipped = &junitText{"not applicable: " + r.Over, ""}
		s.Skipped, all.Skipped = s.Skipped+1, all.Skipped+1
	case verify.Proved:
	default:
		c.Error = details("undecided")
		s.Errors, all.Errors = s.Errors+1, all.Errors+1
	}
	s.Cases = append(s.Cases, c)
}

// detailsOf returns what a result finds, as lines of text.
func detailsOf(r *verify.Result) string {
	var b strings.Builder
	for _, f := range r.Findings {
		b.WriteString("\n" + f.Outcome.String() + ": " + f.Object + ": " + f.Text + "\n")
		if !f.Place.IsZero() {
			b.WriteString("  at " + f.Place.Short() + "\n")
		}
		for _, g := range f.Grounds {
			b.WriteString("  " + g + "\n")
		}
		if len(f.Replay) > 0 {
			b.WriteString("  replay: " + Command(f.Replay) + "\n")
		}
	}
	for _, f := range r.Excepted {
		b.WriteString("\naccepted: " + f.Object + ": " + f.Text + "\n")
	}
	for _, m := range r.Missing {
		b.WriteString("to decide it: " + m + "\n")
	}
	if r.Fix != "" {
		b.WriteString("fix: " + r.Fix + "\n")
	}
	return b.String()
}
