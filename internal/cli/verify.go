package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/verify"
	"github.com/aksim/aksim/pkg/verify/report"
)

// verification is the command's flags.
type verification struct {
	input
	claims   string
	only     []string
	baseline string
	failOn   string
	now      string
	verbose  bool
	output   string
}

func verifyCommand() command {
	return command{
		name:    "verify",
		args:    "-f FILE …",
		summary: "proves or refutes the operating procedure's controls and the team's claims",
		long: `
Answers every control of the operating procedure, and every claim of the claims
file, for the input: proved, and over what; refuted, with a counterexample that
the command after "replay:" repeats; or undecided, and which input would decide
it. aksim controls lists the controls, docs/claims.md describes claims.

The claims file is the document of kind Claims in the input, or that of --claims.
Without one, only what needs no claims is proved.

Examples:
  aksim verify -f deploy -f azure
  aksim verify -f deploy -f azure --claims claims.yaml -o sarif
  aksim verify -f deploy --only network,rbac --fail-on refuted
  aksim verify -f deploy -f azure --baseline last-week.json

Exit status: 0 all proved, excepted or not applicable; 1 something refuted; 2 the
question could not be asked; 3 something undecided. With --fail-on refuted, what
is undecided is printed, and the status is 0 if nothing is refuted. With
--baseline, only what is new counts.`,
		flags: func(flags *pflag.FlagSet) func(*session, []string) (int, error) {
			v := &verification{}
			v.loadFlags(flags)
			flags.StringVar(&v.claims, "claims", "", "the `file` with the claims, instead of those in the input")
			flags.StringSliceVar(&v.only, "only", nil, "only these `areas`: "+strings.Join(areaNames(), ", "))
			flags.StringVar(&v.baseline, "baseline", "", "a `file` that -o json wrote earlier: only what is new counts")
			flags.StringVar(&v.failOn, "fail-on", "undecided", "the `outcome` from which on the status is not 0: refuted or undecided")
			flags.StringVar(&v.now, "now", "", "the `date` of today, for exceptions that expire: YYYY-MM-DD (else the clock's)")
			flags.BoolVarP(&v.verbose, "verbose", "v", false, "as text: say over what things are proved")
			outputFlag(flags, &v.output, []string{"text", "json", "sarif", "junit", "md"})
			v.changeFlags(flags, "networkpolicy/shop/db")
			flags.StringSliceVar(&v.podCIDRs, "pod-cidr", nil, "the `blocks` that pods get their addresses from (else the cluster's configuration tells)")
			flags.StringVar(&v.apiResources, "api-resources", "", "what the API server serves: a `file` with the output of kubectl api-resources")
			return v.run
		},
	}
}

func areaNames() (names []string) {
	for _, a := range verify.Areas() {
		names = append(names, string(a))
	}
	return names
}

func (v *verification) run(s *session, args []string) (int, error) {
	opts, err := v.options(s, args)
	if err != nil {
		return 0, err
	}
	baseline, err := v.readBaseline(s)
	if err != nil {
		return 0, err
	}
	c, err := v.load(s)
	if err != nil {
		return 0, err
	}
	claims, err := v.readClaims(s, c)
	if err != nil {
		return 0, err
	}
	r, err := verify.Run(c, claims, opts)
	if err != nil {
		return 0, err
	}
	if baseline != nil {
		r = r.New(baseline)
	}
	if err := v.write(s, &r, claims); err != nil {
		return 0, err
	}
	return v.exit(s, &r), nil
}

// options checks the flags.
func (v *verification) options(s *session, args []string) (opts verify.Options, err error) {
	formats := []string{"text", "json", "sarif", "junit", "md"}
	switch {
	case !slices.Contains(formats, v.output):
		return opts, fmt.Errorf("-o %s: want one of %s", v.output, strings.Join(formats, ", "))
	case v.failOn != "refuted" && v.failOn != "undecided":
		return opts, fmt.Errorf("--fail-on %s: want refuted or undecided", v.failOn)
	}
	if err := v.check(args, reader{"--claims", v.claims}, reader{"--baseline", v.baseline}, reader{"--api-resources", v.apiResources}); err != nil {
		return opts, err
	}
	if len(args) > 0 {
		return opts, tooMany(args, args[0], "beside -f FILE")
	}
	for _, name := range v.only {
		a, err := verify.ParseArea(name)
		if err != nil {
			return opts, fmt.Errorf("--only: %w", err)
		}
		opts.Only = append(opts.Only, a)
	}
	today := v.now
	if today == "" {
		today = time.Now().UTC().Format(time.DateOnly)
	}
	if opts.Now, err = verify.ParseDate(today); err != nil {
		return opts, fmt.Errorf("--now: %w", err)
	}
	if opts.PodCIDRs, err = v.podBlocks(); err != nil {
		return opts, err
	}
	opts.Resources, err = v.served(s)
	return opts, err
}

// readClaims returns the claims of --claims, or else of the input; none if neither has
// any, which is said.
func (v *verification) readClaims(s *session, c *model.Cluster) (*verify.Claims, error) {
	if v.claims != "" {
		loader, err := v.loader(s)
		if err != nil {
			return nil, err
		}
		loader.Progress = nil
		if c, err = loader.Load(v.claims); err != nil {
			return nil, fmt.Errorf("--claims: %w", err)
		}
		claims, err := verify.ClaimsIn(c)
		if errors.Is(err, verify.ErrNoClaims) {
			return nil, fmt.Errorf("--claims %s: no document of kind Claims", v.claims)
		}
		return claims, err
	}
	claims, err := verify.ClaimsIn(c)
	if errors.Is(err, verify.ErrNoClaims) {
		s.note("no claims in the input: --claims says where they are")
		return nil, nil
	}
	return claims, err
}

func (v *verification) readBaseline(s *session) (verify.Baseline, error) {
	if v.baseline == "" {
		return nil, nil
	}
	file, err := openInput(s, v.baseline)
	if err != nil {
		return nil, fmt.Errorf("--baseline %s: %w", v.baseline, cause(err))
	}
	defer file.Close()
	b, err := report.ReadBaseline(io.Reader(file))
	if err != nil {
		return nil, fmt.Errorf("--baseline %s: %w", v.baseline, err)
	}
	return b, nil
}

func (v *verification) write(s *session, r *verify.Report, claims *verify.Claims) error {
	switch v.output {
	case "json":
		return report.JSON(s.out, r)
	case "sarif":
		otherwise := v.files[0] // a directory mostly, where GitHub wants a file
		if claims != nil {
			otherwise = claims.Place.File
		}
		return report.SARIF(s.out, r, otherwise)
	case "junit":
		return report.JUnit(s.out, r)
	case "md":
		return report.Markdown(s.out, r)
	default:
		return report.Text(s.out, r, report.Style{Colour: s.StdoutTerminal, Verbose: v.verbose})
	}
}

func (v *verification) exit(s *session, r *verify.Report) int {
	switch worst := r.Worst(); {
	case worst == verify.Refuted:
		return exitNo
	case worst == verify.Undecided && v.failOn == "refuted":
		s.note("%d undecided, which --fail-on refuted lets pass", r.Count(verify.Undecided))
		return exitYes
	case worst == verify.Undecided:
		return exitUndecided
	}
	return exitYes
}
