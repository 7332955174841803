package verify

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// Options settle what neither the snapshot nor the claims tell.
type Options struct {
	// Now is the day on which the question is asked, for exceptions that expire.
	Now Date
	// Only limits the run to areas; empty means all.
	Only []Area
	// PodCIDRs are the blocks that pods get their addresses from, where the cluster's
	// configuration is not in the input.
	PodCIDRs []netip.Prefix
	// Specification says that an engine which keeps to the specification enforces
	// NetworkPolicies, where the input has no cluster that tells which one does: for the
	// tests of a repository that has none. Reports list it as an assumption.
	Specification bool
	// Resources are what the API server serves besides its own and those of the
	// snapshot's CustomResourceDefinitions; nil for none.
	Resources *rbacsim.Resources
}

// Report is the answer to all controls and claims.
type Report struct {
	Results []Result // the controls in the order of the catalogue, then the claims as written
	// Exceptions are those of the claims, in the order written, with what they did.
	Exceptions []ExceptionUse
	// Assumptions are what the answers take for granted, each as a clause.
	Assumptions []string
	// Notes are about the report itself: exceptions of no use, say.
	Notes []string
}

// Result is the answer to one control or claim.
type Result struct {
	ID       string // of the control; of a claim, its text
	Area     Area
	Title    string // of the control; of a claim, its text
	Severity Severity
	Place    model.Place // of the claim; zero for a control
	Outcome  Outcome

	// Over is, of what is proved, what it is quantified over.
	Over string
	// Findings are why it is not proved, in the order of Finding.Compare.
	Findings []Finding
	// Excepted are the findings that exceptions accept, in the same order.
	Excepted []Finding
	// Missing are the inputs that would decide it, each with how to get it.
	Missing []string
	// Notes are what a reader should know besides.
	Notes []string
	// Fix is the control's advice, where it is refuted.
	Fix string
}

// Prepare compiles a snapshot with its claims, which may be nil. The error is about
// claims that speak of what does not exist, each a *ClaimsError.
func Prepare(cluster *model.Cluster, claims *Claims, opts Options) (*Context, error) {
	c := newContext(cluster, claims, opts)
	if claims == nil {
		return c, nil
	}
	resolved, err := resolve(claims, c)
	if err != nil {
		return nil, err
	}
	if opts.Now.IsZero() && len(claims.Spec.Exceptions) > 0 {
		return nil, errors.New("there are exceptions that expire: say which day it is")
	}
	c.claims = resolved
	return c, nil
}

// Run answers all controls and claims for a snapshot: Prepare and Context.Run.
func Run(cluster *model.Cluster, claims *Claims, opts Options) (Report, error) {
	c, err := Prepare(cluster, claims, opts)
	if err != nil {
		return Report{}, err
	}
	return c.Run(opts.Only...), nil
}

// Run answers the controls and claims of the areas, or all if none is named. The area
// of claims has every statement.
func (c *Context) Run(only ...Area) Report {
	var report Report
	for _, k := range Controls() {
		if wanted(k.Area, only) {
			report.Results = append(report.Results, c.ask(k))
		}
	}
	for _, st := range c.claims.Spec.Claims {
		if wanted(AreaClaims, only) || wanted(areaOf(st), only) {
			report.Results = append(report.Results, c.claim(st))
		}
	}
	report.except(c)
	report.Assumptions = c.assumptions(only)
	return report
}

// Ask answers one statement, in which the aliases and teams of the claims count. The
// error is about names of nothing.
func (c *Context) Ask(st Statement) (Result, error) {
	r := &resolver{claims: c.claims, net: c.Network(), authz: c.Authorizer()}
	st = r.statement(st)
	if err := errors.Join(r.errs...); err != nil {
		return Result{}, err
	}
	return c.claim(st), nil
}

func wanted(a Area, only []Area) bool { return len(only) == 0 || slices.Contains(only, a) }

// ask puts one control to the context.
func (c *Context) ask(k Control) Result {
	r := Result{ID: k.ID, Area: k.Area, Title: k.Title, Severity: k.Severity}
	var a Answer
	if isThere := c.has(&a, k.Needs); isThere || k.Partial {
		k.check(c, &a)
	}
	r.conclude(&a)
	if r.Outcome == Refuted {
		r.Fix = k.Fix
	}
	return r
}

// has reports whether the input has all of the evidence, and leaves the answer open
// where it has not.
func (c *Context) has(a *Answer, needs []Evidence) bool {
	all := true
	for _, e := range needs {
		if why := e.missing(c); why != "" {
			a.Open(Finding{Object: e.Name, Text: why, Missing: e.Name + ": " + e.How})
			all = false
		}
	}
	return all
}

// conclude makes the result of what a check found out.
func (r *Result) conclude(a *Answer) {
	r.Outcome = a.outcome()
	r.Notes = a.notes
	switch r.Outcome {
	case Proved:
		r.Over = a.over
	case NotApplicable:
		r.Over = a.notApplicable
	default:
	}
	r.Findings = a.findings
	slices.SortStableFunc(r.Findings, Finding.Compare)
	r.Findings = slices.CompactFunc(r.Findings, func(f, g Finding) bool { return f.Compare(g) == 0 })
	for _, f := range r.Findings {
		if f.Missing != "" && !slices.Contains(r.Missing, f.Missing) {
			r.Missing = append(r.Missing, f.Missing)
		}
	}
}

// assumptions lists what the engines that were asked take for granted.
func (c *Context) assumptions(only []Area) (all []string) {
	add := func(seq func(func(string) bool)) {
		for s := range seq {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	if wanted(AreaNetwork, only) || wanted(AreaClaims, only) || wanted(AreaIngress, only) {
		add(c.Network().Assumptions())
		if c.Engine().Name == specification {
			all = append(all, "an engine that keeps to the specification enforces NetworkPolicies")
		}
	}
	if wanted(AreaRBAC, only) || wanted(AreaClaims, only) || wanted(AreaIdentity, only) {
		add(c.Kubernetes().Assumptions())
	}
	return all
}

// Worst returns the outcome that decides about the whole: Refuted if anything is, else
// Undecided if anything is, else Proved.
func (r *Report) Worst() Outcome {
	worst := Proved
	for i := range r.Results {
		switch r.Results[i].Outcome {
		case Refuted:
			return Refuted
		case Undecided:
			worst = Undecided
		default:
		}
	}
	return worst
}

// Count returns how many results have the outcome.
func (r *Report) Count(o Outcome) (n int) {
	for i := range r.Results {
		if r.Results[i].Outcome == o {
			n++
		}
	}
	return n
}

// Fingerprint names a finding of a result in a way that stays the same when lines
// move: what baselines compare and SARIF calls a partial fingerprint.
func (r *Result) Fingerprint(f Finding) string {
	return strings.Join([]string{r.ID, f.Outcome.String(), f.Object, f.Text}, "|")
}

// Summary returns how many results have each outcome, on one line.
func (r *Report) Summary() string {
	var parts []string
	for _, o := range []Outcome{Proved, Refuted, Undecided, Excepted, NotApplicable} {
		if n := r.Count(o); n > 0 || o == Proved || o == Refuted || o == Undecided {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	return strings.Join(parts, ", ")
}
