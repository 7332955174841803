package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/verify"
	"github.com/aksim/aksim/pkg/verify/report"
)

// example has a result of every outcome.
func example() *verify.Report {
	refuted := verify.Finding{
		Outcome: verify.Refuted, Object: "namespace/app", Place: model.Place{File: "deploy/app.yaml", Line: 7, Col: 3},
		Text: "192.0.2.1 -> app/new:80/TCP, <with> a new | pod", Grounds: []string{"ingress app/new: allowed"}, Replay: []string{"reach", "--assume-pod", "app/new{}", "192.0.2.1", "app/new:80/TCP"},
	}
	undecided := verify.Finding{Outcome: verify.Undecided, Object: "policy engine", Text: "the input has no AKS cluster", Missing: "policy engine: az aks show"}
	return &verify.Report{
		Results: []verify.Result{
			{ID: "AKS-NET-001", Area: verify.AreaNetwork, Title: "every application namespace denies ingress by default", Severity: verify.High, Outcome: verify.Refuted, Findings: []verify.Finding{refuted}, Fix: "add a policy"},
			{ID: "AKS-NET-002", Area: verify.AreaNetwork, Title: "every application namespace denies egress by default", Severity: verify.High, Outcome: verify.Undecided, Findings: []verify.Finding{undecided}, Missing: []string{undecided.Missing}},
			{ID: "AKS-NET-003", Area: verify.AreaNetwork, Title: "the flows that the claims require work", Severity: verify.Medium, Outcome: verify.Excepted, Excepted: []verify.Finding{refuted}},
			{ID: "AKS-NET-004", Area: verify.AreaNetwork, Title: "nothing gets in", Severity: verify.Low, Outcome: verify.NotApplicable, Over: "there is nothing"},
			{ID: "AKS-NET-005", Area: verify.AreaNetwork, Title: "forgotten", Severity: verify.Low},
			{ID: "deny a/b -> c/d", Area: verify.AreaClaims, Title: "deny a/b -> c/d", Severity: verify.High, Place: model.Place{File: "claims.yaml", Line: 9}, Outcome: verify.Proved, Over: "all ports"},
		},
		Exceptions:  []verify.ExceptionUse{{Exception: verify.Exception{Control: "AKS-NET-003", Object: "namespace/app", Reason: "soon", Owner: "app team", Expires: verify.Date{Year: 2026, Month: 12, Day: 31}}, Findings: 1}},
		Notes:       []string{"a note"},
		Assumptions: []string{"something"},
	}
}

func TestText(t *testing.T) {
	var plain, colour bytes.Buffer
	require.NoError(t, report.Text(&plain, example(), report.Style{Verbose: true}))
	require.NoError(t, report.Text(&colour, example(), report.Style{Verbose: true, Colour: true}))
	assert.NotContains(t, plain.String(), "\x1b")
	assert.Contains(t, colour.String(), "\x1b[31mrefuted\x1b[0m")
	assert.Equal(t, plain.String(), regexp.MustCompile("\x1b\\[[0-9]*m").ReplaceAllString(colour.String(), ""))
	for line := range strings.Lines(plain.String()) {
		if !strings.Contains(line, "replay: ") {
			assert.LessOrEqual(t, len([]rune(strings.TrimRight(line, "\n"))), 80, line)
		}
	}
	assert.Contains(t, plain.String(), "1 proved, 1 refuted, 2 undecided, 1 excepted, 1 not applicable\n")
	assert.Contains(t, plain.String(), "replay: aksim reach -f … --assume-pod 'app/new{}' 192.0.2.1 app/new:80/TCP\n")
}

// What the schema of SARIF 2.1.0 requires, and GitHub besides.
func TestSARIF(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, report.SARIF(&out, example(), "./my deploy#1/50%.yaml"))
	var log struct {
		Schema  string `json:"$schema"`
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct{ ID string }
				}
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Kind      string
				Level     string
				Message   struct{ Text string }
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine, StartColumn int }
					}
				}
				PartialFingerprints map[string]string
				Suppressions        []struct{ Kind, Justification string }
			}
		}
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &log))
	assert.Equal(t, "2.1.0", log.Version)
	require.Len(t, log.Runs, 1)
	run := log.Runs[0]
	assert.Equal(t, "aksim", run.Tool.Driver.Name)
	require.Len(t, run.Results, 4, "refuted, undecided, excepted, forgotten")
	prints := map[string]bool{}
	for _, r := range run.Results {
		require.Less(t, r.RuleIndex, len(run.Tool.Driver.Rules))
		assert.Equal(t, r.RuleID, run.Tool.Driver.Rules[r.RuleIndex].ID)
		assert.NotEmpty(t, r.Message.Text)
		require.Len(t, r.Locations, 1)
		assert.NotEmpty(t, r.Locations[0].PhysicalLocation.ArtifactLocation.URI)
		assert.Positive(t, r.Locations[0].PhysicalLocation.Region.StartLine)
		if r.Kind != "fail" {
			assert.Equal(t, "none", r.Level, "a level is for failures")
		}
		prints[r.PartialFingerprints["aksim/v1"]] = true
	}
	assert.Len(t, prints, 4)
	assert.Equal(t, 7, run.Results[0].Locations[0].PhysicalLocation.Region.StartLine)
	assert.Equal(t, "error", run.Results[0].Level)
	assert.Equal(t, "open", run.Results[1].Kind)
	require.Len(t, run.Results[2].Suppressions, 1)
	assert.Equal(t, "soon (app team, until 2026-12-31)", run.Results[2].Suppressions[0].Justification)
	assert.Equal(t, "my%20deploy%231/50%25.yaml", run.Results[1].Locations[0].PhysicalLocation.ArtifactLocation.URI, "a URI, of a finding without a place")
}

func TestJUnit(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, report.JUnit(&out, example()))
	var suites struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
		Suites   []struct {
			Name  string `xml:"name,attr"`
			Cases []struct {
				Name    string `xml:"name,attr"`
				Failure string `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	require.NoError(t, xml.Unmarshal(out.Bytes(), &suites))
	assert.Equal(t, []int{6, 1, 2, 2}, []int{suites.Tests, suites.Failures, suites.Errors, suites.Skipped})
	require.Len(t, suites.Suites, 2)
	assert.Contains(t, suites.Suites[0].Cases[0].Failure, "192.0.2.1 -> app/new:80/TCP, <with> a new | pod\n  at deploy/app.yaml:7\n")
}

func TestMarkdown(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, report.Markdown(&out, example()))
	assert.Contains(t, out.String(), "| refuted | AKS-NET-001 | every application namespace denies ingress by default | high |  |\n")
	assert.Contains(t, out.String(), "| AKS-NET-003 | namespace/app | soon | app team | 2026-12-31 | 1 |\n")
}

// A report is its own baseline: nothing of it is new.
func TestBaseline(t *testing.T) {
	r := example()
	var out bytes.Buffer
	require.NoError(t, report.JSON(&out, r))
	old, err := report.ReadBaseline(&out)
	require.NoError(t, err)
	fresh := r.New(old)
	assert.Equal(t, verify.Proved, fresh.Worst())
	assert.Equal(t, verify.Refuted, r.Worst(), "the report itself is left alone")

	more := example()
	more.Results[0].Findings = append(more.Results[0].Findings, verify.Finding{Outcome: verify.Refuted, Object: "namespace/data", Text: "new"})
	fresh = more.New(old)
	assert.Equal(t, verify.Refuted, fresh.Worst())
	require.Len(t, fresh.Results[0].Findings, 1)
	assert.Equal(t, "namespace/data", fresh.Results[0].Findings[0].Object)

	for _, text := range []string{"", "{}", `{"version": 2}`, "[]"} {
		_, err := report.ReadBaseline(strings.NewReader(text))
		assert.Error(t, err, text)
	}
}
