package verify

// Baseline is what an earlier run found, by fingerprint.
type Baseline map[string]bool

// Baseline returns the fingerprints of what the report finds wrong: of the findings
// and, of results without one, of the result.
func (r *Report) Baseline() Baseline {
	b := Baseline{}
	for i := range r.Results {
		for _, print := range r.Results[i].fingerprints() {
			b[print] = true
		}
	}
	return b
}

func (r *Result) fingerprints() (prints []string) {
	if r.Outcome.Passes() {
		return nil
	}
	for _, f := range r.Findings {
		prints = append(prints, r.Fingerprint(f))
	}
	if len(prints) == 0 {
		prints = append(prints, r.Fingerprint(Finding{Outcome: r.Outcome}))
	}
	return prints
}

// New returns the report without what the baseline has already: results of which
// nothing is new count as excepted, and say so.
func (r *Report) New(old Baseline) Report {
	fresh := *r
	fresh.Results = nil
	for i := range r.Results {
		res := r.Results[i]
		if !res.Outcome.Passes() {
			res.keepNew(old)
		}
		fresh.Results = append(fresh.Results, res)
	}
	return fresh
}

func (r *Result) keepNew(old Baseline) {
	isNew := false
	for _, print := range r.fingerprints() {
		isNew = isNew || !old[print]
	}
	var left []Finding
	worst := Undecided
	for _, f := range r.Findings {
		if old[r.Fingerprint(f)] {
			r.Excepted = append(r.Excepted, f)
			continue
		}
		if f.Outcome == Refuted {
			worst = Refuted
		}
		left = append(left, f)
	}
	r.Findings, r.Outcome = left, worst
	if !isNew {
		r.Outcome, r.Fix = Excepted, ""
		r.Notes = append(append([]string(nil), r.Notes...), "nothing of it is new since the baseline")
	}
}
