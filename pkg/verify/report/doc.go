// Package report answers how a report of package verify reads: as text for a terminal,
// JSON for programs, SARIF for code scanning, JUnit XML for CI and Markdown for
// reviewers.
//
//	err := report.Text(os.Stdout, &r, report.Style{})
//
// The formats say the same: all results in the order of the report, all findings, all
// exceptions. Nothing in them depends on the day or the machine.
package report
