package verify

import "fmt"

// ExceptionUse is an exception with what it did in a run.
type ExceptionUse struct {
	Exception
	Expired  bool
	Findings int // that it accepts or, if it has expired, that it would accept
}

// except moves the findings that exceptions in date accept out of the way, and marks
// those whose exception has expired.
func (r *Report) except(c *Context) {
	for _, e := range c.claims.Spec.Exceptions {
		u := ExceptionUse{Exception: e, Expired: e.Expires.Compare(c.now) < 0}
		asked := false
		for i := range r.Results {
			if res := &r.Results[i]; res.ID == e.id() {
				asked = true
				u.Findings += res.except(u)
			}
		}
		switch {
		case u.Expired && asked && u.Findings == 0:
			r.Notes = append(r.Notes, fmt.Sprintf("%s: the exception for %s of %s expired on %s and is of no use: delete it", e.Place.Short(), e.Control, e.Object, e.Expires))
		case asked && u.Findings == 0:
			r.Notes = append(r.Notes, fmt.Sprintf("%s: the exception for %s accepts nothing: %s has no finding about %s", e.Place.Short(), e.Control, e.Control, e.Object))
		}
		r.Exceptions = append(r.Exceptions, u)
	}
}

// id returns the ID of the result that the exception is about.
func (e *Exception) id() string {
	if st, err := ParseStatement(e.Control); err == nil {
		return st.String()
	}
	return e.Control
}

// except returns how many findings the exception is about.
func (r *Result) except(u ExceptionUse) (n int) {
	var left []Finding
	for _, f := range r.Findings {
		switch {
		case f.Object != u.Object:
		case u.Expired:
			n++
			f.Text += fmt.Sprintf("; the exception of %s expired on %s", u.Owner, u.Expires)
		default:
			n++
			r.Excepted = append(r.Excepted, f)
			continue
		}
		left = append(left, f)
	}
	if r.Findings = left; n == 0 || u.Expired {
		return n
	}
	switch {
	case len(left) == 0 && len(r.Excepted) > 0:
		r.Outcome, r.Fix, r.Missing = Excepted, "", nil
	case r.Outcome == Refuted && left[0].Outcome != Refuted:
		r.Outcome, r.Fix = Undecided, ""
	}
	return n
}
