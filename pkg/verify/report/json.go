package report

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/verify"
)

// version is that of the JSON format. Fields may be added to it, and none changed.
const version = 1

type reportJSON struct {
	Version     int             `json:"version"`
	Outcome     verify.Outcome  `json:"outcome"`
	Counts      countsJSON      `json:"counts"`
	Results     []resultJSON    `json:"results"`
	Exceptions  []exceptionJSON `json:"exceptions"`
	Notes       []string        `json:"notes"`
	Assumptions []string        `json:"assumptions"`
}

type countsJSON struct {
	Proved        int `json:"proved"`
	Refuted       int `json:"refuted"`
	Undecided     int `json:"undecided"`
	Excepted      int `json:"excepted"`
	NotApplicable int `json:"notApplicable"`
}

type resultJSON struct {
	ID       string          `json:"id"`
	Area     verify.Area     `json:"area"`
	Title    string          `json:"title"`
	Severity verify.Severity `json:"severity"`
	Outcome  verify.Outcome  `json:"outcome"`
	Over     string          `json:"over,omitempty"`
	placeJSON
	Findings []findingJSON `json:"findings"`
	Excepted []findingJSON `json:"excepted"`
	Missing  []string      `json:"missing"`
	Notes    []string      `json:"notes"`
	Fix      string        `json:"fix,omitempty"`
}

type findingJSON struct {
	verify.Finding
	placeJSON
	Fingerprint string `json:"fingerprint"`
}

type placeJSON struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

type exceptionJSON struct {
	Control string      `json:"control"`
	Object  string      `json:"object"`
	Reason  string      `json:"reason"`
	Owner   string      `json:"owner"`
	Expires verify.Date `json:"expires"`
	Expired bool        `json:"expired"`
	Accepts int         `json:"accepts"` // findings
	placeJSON
}

func placeOf(p model.Place) placeJSON { return placeJSON{p.File, p.Line, p.Col} }

// JSON writes the report for programs, as one object that says its version.
func JSON(w io.Writer, r *verify.Report) error {
	out := reportJSON{
		Version: version, Outcome: r.Worst(),
		Counts: countsJSON{
			r.Count(verify.Proved), r.Count(verify.Refuted), r.Count(verify.Undecided),
			r.Count(verify.Excepted), r.Count(verify.NotApplicable),
		},
		Results: []resultJSON{}, Exceptions: []exceptionJSON{},
		Notes: orEmpty(r.Notes), Assumptions: orEmpty(r.Assumptions),
	}
	for i := range r.Results {
		res := &r.Results[i]
		out.Results = append(out.Results, resultJSON{
			ID: res.ID, Area: res.Area, Title: res.Title, Severity: res.Severity, Outcome: res.Outcome, Over: res.Over,
			placeJSON: placeOf(res.Place), Findings: findings(res, res.Findings), Excepted: findings(res, res.Excepted),
			Missing: orEmpty(res.Missing), Notes: orEmpty(res.Notes), Fix: res.Fix,
		})
	}
	for _, e := range r.Exceptions {
		out.Exceptions = append(out.Exceptions, exceptionJSON{e.Control, e.Object, e.Reason, e.Owner, e.Expires, e.Expired, accepted(e), placeOf(e.Place)})
	}
	return write(w, out)
}

func write(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func findings(r *verify.Result, all []verify.Finding) []findingJSON {
	out := []findingJSON{}
	for _, f := range all {
		out = append(out, findingJSON{f, placeOf(f.Place), r.Fingerprint(f)})
	}
	return out
}

// ReadBaseline reads what JSON wrote, as a baseline: what exceptions accepted is no part
// of it, since they may expire.
func ReadBaseline(in io.Reader) (verify.Baseline, error) {
	var old struct {
		Version *int `json:"version"`
		Results []struct {
			ID       string         `json:"id"`
			Outcome  verify.Outcome `json:"outcome"`
			Findings []struct {
				Fingerprint string `json:"fingerprint"`
			} `json:"findings"`
		} `json:"results"`
	}
	if err := json.NewDecoder(in).Decode(&old); err != nil {
		return nil, fmt.Errorf("no report of aksim verify -o json: %w", err)
	}
	if old.Version == nil || *old.Version != version {
		return nil, fmt.Errorf("no report of aksim verify -o json, version %d", version)
	}
	b := verify.Baseline{}
	for _, r := range old.Results {
		for _, f := range r.Findings {
			b[f.Fingerprint] = true
		}
		if !r.Outcome.Passes() && len(r.Findings) == 0 {
			res := verify.Result{ID: r.ID}
			b[res.Fingerprint(verify.Finding{Outcome: r.Outcome})] = true
		}
	}
	return b, nil
}
