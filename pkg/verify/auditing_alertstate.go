package verify

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/aksim/aksim/internal/kql"
	"github.com/aksim/aksim/pkg/model"
)

// logAlerts returns the alerts on logs, in the order of the input.
func (c *Context) logAlerts() (all []logAlert) {
	for o := range model.All[model.LogAlert](c.cluster) {
		l := logAlert{Object: o, place: o.Origin.Place}
		criteria, ok := o.API.Criteria.Get()
		switch {
		case !ok:
			l.open = how("criteria", o.API.Criteria)
		case len(criteria) == 0:
			l.dead = "has no query"
		case len(criteria) > 1:
			l.open = "has several queries, all of which have to raise the alarm"
		default:
			l.read(criteria[0])
		}
		l.state()
		all = append(all, l)
	}
	return all
}

// state looks at what an alert needs besides its query.
func (l *logAlert) state() {
	on, ok := l.API.Enabled.Get()
	groups, known := l.API.ActionGroupIDs.Get()
	_, isOpen := l.API.ActionGroupIDs.Unresolved()
	switch {
	case l.dead != "":
	case ok && !on:
		l.dead = "is not enabled"
	case known && len(groups) == 0, !known && !isOpen:
		l.dead = "has no action group: nobody is told"
	case l.open != "":
	case !ok:
		l.open = how("enabled", l.API.Enabled)
	case isOpen:
		l.open = how("actionGroups", l.API.ActionGroupIDs)
	case doubt(l.Origin) != "":
		l.open = doubt(l.Origin)
	}
	frequency, isFrequency := minutes(l.API.Frequency.Or(""))
	window, isWindow := minutes(l.API.Window.Or(""))
	switch {
	case l.dead != "":
	case isFrequency && isWindow && frequency > window:
		l.dead = fmt.Sprintf("looks at %d of %d minutes", window, frequency)
	case l.open != "":
	case !isFrequency:
		l.open = how("evaluationFrequency", l.API.Frequency)
	case !isWindow:
		l.open = how("windowSize", l.API.Window)
	}
}

// minutes reads a duration of ISO 8601, or a number of minutes.
func minutes(s string) (n int, ok bool) {
	if _, err := fmt.Sscanf(s, "%d", &n); err == nil && fmt.Sprint(n) == s {
		return n, n > 0
	}
	rest, isDuration := strings.CutPrefix(s, "P")
	days, rest, hasTime := strings.Cut(rest, "T")
	for _, unit := range []struct {
		in      *string
		letter  byte
		minutes int
	}{{&days, 'D', 24 * 60}, {&rest, 'H', 60}, {&rest, 'M', 1}} {
		i := strings.IndexByte(*unit.in, unit.letter)
		if i < 0 {
			continue
		}
		var k int
		if _, err := fmt.Sscanf((*unit.in)[:i], "%d", &k); err != nil || fmt.Sprint(k) != (*unit.in)[:i] {
			return 0, false
		}
		n += k * unit.minutes
		*unit.in = (*unit.in)[i+1:]
	}
	return n, isDuration && days == "" && rest == "" && n > 0 && (hasTime || n >= 24*60)
}

// read reads the one query of an alert, and when it raises the alarm.
func (l *logAlert) read(q model.LogCriterion) {
	l.place = q.Place
	text, ok := q.Query.Get()
	if !ok {
		l.open = how("query", q.Query)
		return
	}
	query, err := kql.Parse(text)
	if table := elsewhere(text); table != "" {
		l.dead = "asks " + table
		return
	}
	if err != nil {
		l.open = "its query, " + err.Error()
		return
	}
	l.query = query
	if q.Dimensions > 0 {
		l.open = "it is split by dimensions, which are not modelled"
		return
	}
	aggregation, ok := q.Aggregation.Get()
	measure := q.Measure.Or("")
	_, isOpen := q.Measure.Unresolved()
	var value func(events float64) float64
	switch {
	case !ok || isOpen:
		l.open = how("timeAggregation", q.Aggregation)
		return
	case strings.EqualFold(aggregation, "Count") && query.Counts():
		value = func(float64) float64 { return 1 } // the one row of count
	case strings.EqualFold(aggregation, "Count"):
		value = func(events float64) float64 { return events }
	case query.Counts() && measure == "Count":
		value = func(events float64) float64 { return events }
	default:
		l.open = fmt.Sprintf("the %s of %q is not modelled", aggregation, measure)
		return
	}
	l.fires(q, value)
}

// elsewhere returns the table of a query that has nothing to do with the audit log,
// whether the rest is understood or not; empty if it may have.
func elsewhere(query string) string {
	table := strings.TrimLeftFunc(query, unicode.IsSpace)
	if i := strings.IndexFunc(table, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }); i >= 0 {
		table = table[:i]
	}
	for _, word := range []string{"AKSAudit", tableDiagnostics, "union", "join", "lookup", "search", "find", "workspace", "resource(", "table("} {
		if strings.Contains(query, word) {
			return ""
		}
	}
	if !slices.Contains(otherTables, table) {
		return "" // a function of one's own, perhaps
	}
	return table
}

// otherTables are tables that logs of AKS and around it go to, and not the audit log.
// https://learn.microsoft.com/azure/azure-monitor/reference/tables-index
var otherTables = []string{ //nolint:gochecknoglobals // a constant table
	"AKSControlPlane", "AzureActivity", "AzureMetrics", "ContainerInventory", "ContainerLog", "ContainerLogV2", "ContainerNodeInventory",
	"ContainerRegistryLoginEvents", "ContainerRegistryRepositoryEvents", "Heartbeat", "InsightsMetrics", "KubeEvents", "KubeMonAgentEvents",
	"KubeNodeInventory", "KubePVInventory", "KubePodInventory", "KubeServices", "Perf", "Syslog",
}

// fires says whether an alert raises the alarm at the first event, and not without.
func (l *logAlert) fires(q model.LogCriterion, value func(events float64) float64) {
	threshold, ok := q.Threshold.Get()
	if !ok {
		l.open = how("threshold", q.Threshold)
		return
	}
	operator := q.Operator.Or("")
	compare := func(v float64) (bool, bool) {
		switch strings.ToLower(strings.ReplaceAll(operator, " ", "")) {
		case "greaterthan":
			return v > threshold, true
		case "greaterthanorequal", "greaterorequal":
			return v >= threshold, true
		case "equal", "equals":
			return v == threshold, true
		case "lessthan":
			return v < threshold, true
		case "lessthanorequal", "lessorequal":
			return v <= threshold, true
		}
		return false, false
	}
	first, known := compare(value(1))
	without, _ := compare(value(0))
	periods, hasPeriods := q.MinFailing.Get()
	_, isOpen := q.MinFailing.Unresolved()
	switch {
	case !known:
		l.open = how("operator", q.Operator)
	case without:
		l.dead = "is in alarm without any event, too"
	case !first:
		l.dead = fmt.Sprintf("is not in alarm for one event: %s %v", operator, threshold)
	case isOpen:
		l.open = how("failingPeriods.minFailingPeriodsToAlert", q.MinFailing)
	case hasPeriods && periods > 1:
		l.dead = fmt.Sprintf("is not in alarm for one event: it waits for %d periods", periods)
	}
}
