package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/verify"
)

// The parts of SARIF 2.1.0 that are used.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool    sarifTool     `json:"tool"`
	Results []sarifResult `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID               string          `json:"id"`
	ShortDescription sarifText       `json:"shortDescription"`
	FullDescription  sarifText       `json:"fullDescription"`
	Help             sarifText       `json:"help"`
	Default          sarifLevel      `json:"defaultConfiguration"`
	Properties       sarifProperties `json:"properties"`
}

type sarifLevel struct {
	Level string `json:"level"`
}

type sarifProperties struct {
	Tags     []string `json:"tags"`
	Severity string   `json:"security-severity"` // by which GitHub sorts
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID       string             `json:"ruleId"`
	RuleIndex    int                `json:"ruleIndex"`
	Kind         string             `json:"kind"`
	Level        string             `json:"level"`
	Message      sarifText          `json:"message"`
	Locations    []sarifLocation    `json:"locations"`
	Prints       map[string]string  `json:"partialFingerprints"`
	Suppressions []sarifSuppression `json:"suppressions,omitempty"`
}

type sarifSuppression struct {
	Kind          string `json:"kind"`
	Justification string `json:"justification,omitempty"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
}

// claimRule is the rule that all claims share: their texts are no ids.
const claimRule = "AKS-CLAIM"

// SARIF writes the findings for code scanning: those that exceptions accept as
// suppressed ones. A finding of no place is put at the first line of the file that is
// given, since GitHub wants one.
func SARIF(w io.Writer, r *verify.Report, otherwise string) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "aksim", InformationURI: "https://github.com/aksim/aksim", Rules: []sarifRule{}}}, Results: []sarifResult{}}
	for i := range r.Results {
		res := &r.Results[i]
		rule := run.rule(res)
		add := func(f verify.Finding, suppressed []sarifSuppression) {
			run.Results = append(run.Results, sarifOf(res, f, rule, suppressed, otherwise))
		}
		for _, f := range res.Findings {
			add(f, nil)
		}
		for _, f := range res.Excepted {
			add(f, []sarifSuppression{{"external", justification(r, res, f)}})
		}
		if !res.Outcome.Passes() && len(res.Findings) == 0 {
			add(verify.Finding{Outcome: res.Outcome, Object: res.ID, Text: "is " + res.Outcome.String(), Place: res.Place}, nil)
		}
	}
	return write(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

// rule returns the index of the rule of a result, which it adds if it is new.
func (run *sarifRun) rule(r *verify.Result) int {
	rules := &run.Tool.Driver.Rules
	id := r.ID
	if r.Area == verify.AreaClaims {
		id = claimRule
	}
	if i := slices.IndexFunc(*rules, func(known sarifRule) bool { return known.ID == id }); i >= 0 {
		return i
	}
	rule := sarifRule{
		ID: id, ShortDescription: sarifText{"a claim of the claims file"},
		FullDescription: sarifText{"What a team claims of its cluster holds."},
		Help:            sarifText{"Change the cluster, or the claim."},
		Default:         sarifLevel{levelOf(r.Severity)},
		Properties:      sarifProperties{[]string{"security", string(r.Area)}, scoreOf(r.Severity)},
	}
	if c, err := verify.ControlByID(id); err == nil && id != claimRule {
		rule.ShortDescription, rule.FullDescription = sarifText{c.Title}, sarifText{c.Rationale}
		rule.Help = sarifText{c.Proof + " Fix: " + c.Fix + "."}
		for _, m := range c.Mappings {
			rule.Properties.Tags = append(rule.Properties.Tags, m.String())
		}
	}
	*rules = append(*rules, rule)
	return len(*rules) - 1
}

func sarifOf(r *verify.Result, f verify.Finding, rule int, suppressed []sarifSuppression, otherwise string) sarifResult {
	place := f.Place
	if place.IsZero() {
		place = r.Place
	}
	id := r.ID
	if r.Area == verify.AreaClaims {
		id = claimRule
	}
	kind, level := "fail", levelOf(r.Severity)
	if f.Outcome == verify.Undecided {
		kind, level = "open", "none"
	}
	message := strings.Join(append([]string{r.Title + ": " + f.Object + ": " + f.Text}, f.Grounds...), "\n")
	if len(f.Replay) > 0 {
		message += "\nreplay: " + Command(f.Replay)
	}
	if f.Missing != "" {
		message += "\nto decide it: " + f.Missing
	}
	sum := sha256.Sum256([]byte(r.Fingerprint(f)))
	return sarifResult{
		RuleID: id, RuleIndex: rule, Kind: kind, Level: level, Message: sarifText{message},
		Locations:    []sarifLocation{{physicalOf(place, otherwise), []sarifLogical{{f.Object}}}},
		Prints:       map[string]string{"aksim/v1": hex.EncodeToString(sum[:])},
		Suppressions: suppressed,
	}
}

func physicalOf(p model.Place, otherwise string) sarifPhysical {
	file := url.URL{Path: strings.TrimPrefix(cmp.Or(p.File, otherwise, "-"), "./")}
	return sarifPhysical{sarifArtifact{file.String()}, sarifRegion{max(1, p.Line), p.Col}}
}

// justification returns why a finding is accepted, as its exception says; empty of one
// that a baseline accepts.
func justification(r *verify.Report, res *verify.Result, f verify.Finding) string {
	for _, e := range r.Exceptions {
		if e.Control == res.ID && e.Object == f.Object && !e.Expired {
			return e.Reason + " (" + e.Owner + ", until " + e.Expires.String() + ")"
		}
	}
	return ""
}

// levelOf returns SARIF's word for a severity.
func levelOf(s verify.Severity) string {
	switch s {
	case verify.Critical, verify.High:
		return "error"
	case verify.Low:
		return "note"
	default:
		return "warning"
	}
}

// scoreOf returns the severity as GitHub wants it: over 9.0 is critical, from 7.0 high,
// from 4.0 medium.
// https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
func scoreOf(s verify.Severity) string {
	switch s {
	case verify.Critical:
		return "9.5"
	case verify.High:
		return "8.0"
	case verify.Low:
		return "2.0"
	default:
		return "5.0"
	}
}
