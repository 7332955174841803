package verify

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/aksim/aksim/internal/kql"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

func evidenceLogAlerts() Evidence {
	return Evidence{"log alerts", "az monitor scheduled-query list -o json", absentUnless[model.LogAlert]("log alert")}
}

// logAlert is an alert on a log, with what of it does not hang on events.
type logAlert struct {
	*model.Object[model.LogAlert]

	query *kql.Query
	place model.Place
	dead  string // why it never tells anybody anything
	open  string // why that is not known
}

func (l logAlert) String() string { return "alert " + l.API.Name.Or(lastSegment(l.Ref.Name)) }

// checkAlerts is the check of a control about events that alerts have to catch.
func checkAlerts(events func() []auditEvent) func(*Context, *Answer) {
	return func(c *Context, a *Answer) {
		alerts := c.logAlerts()
		var missed, open failures
		useful := map[int]bool{}
		asked := 0
		dedicated := c.isDedicated()
		for _, e := range events() {
			if e.isDiagnosticsOnly && dedicated {
				a.Note("AKSAudit has no column that tells whom somebody impersonates: no alert on it catches that")
				continue
			}
			asked++
			switch by, why, isOpen := c.catch(alerts, e); {
			case by >= 0:
				useful[by] = true
			case isOpen:
				open.add(e, why)
			default:
				missed.add(e, why)
			}
		}
		c.noteNoise(a, alerts, useful)
		f := Finding{Object: "log alerts", Place: c.nearest(alerts, useful)}
		switch {
		case missed.count > 0:
			f.Text, f.Grounds = "no alert catches "+missed.String(), missed.why
			a.Refute(f)
		case open.count > 0:
			f.Text, f.Grounds = "whether an alert catches "+open.String()+" is not known", open.why
			f.Missing = "log alerts: what the grounds name"
			a.Open(f)
		}
		a.Proved("%s, %s", count(asked, "sample event"), count(len(alerts), "alert"))
	}
}

// failures are events that no alert catches: the first, with why, and how many.
type failures struct {
	first auditEvent
	why   []string
	count int
}

func (f *failures) add(e auditEvent, why []string) {
	if f.count == 0 {
		f.first, f.why = e, why
	}
	f.count++
}

// String names the first, and how many others there are.
func (f *failures) String() string {
	if f.count == 1 {
		return f.first.String()
	}
	return fmt.Sprintf("%s (and %d more)", f.first, f.count-1)
}

// nearest returns the place of the alert that is to be mended: one that catches
// something, else one that would if it worked, else the first; or the cluster's.
func (c *Context) nearest(alerts []logAlert, useful map[int]bool) model.Place {
	for i, l := range alerts {
		if useful[i] {
			return l.place
		}
	}
	for _, l := range alerts {
		if l.open != "" || l.query != nil && l.dead != "" {
			return l.place
		}
	}
	for _, l := range alerts {
		if l.query != nil {
			return l.place
		}
	}
	return c.AKS().Origin.Place
}

// isDedicated reports whether all audit logs go to tables of their own.
func (c *Context) isDedicated() bool {
	all := c.streams(kubeAudit)
	for _, s := range all {
		if !s.dedicated {
			return false
		}
	}
	return len(all) > 0
}

// catch returns the first alert that catches an event; if none does, why not of each,
// and whether that is not known.
func (c *Context) catch(alerts []logAlert, e auditEvent) (by int, why []string, isOpen bool) {
	const most = 5
	say := func(l logAlert, text string) {
		switch {
		case len(why) < most:
			why = append(why, l.String()+": "+text)
		case len(why) == most:
			why = append(why, "and so on")
		}
	}
	for i, l := range alerts {
		if l.dead != "" {
			say(l, l.dead)
			continue
		}
		if l.open != "" {
			say(l, l.open)
			isOpen = true
			continue
		}
		kept, text := c.keeps(l, e)
		switch kept {
		case kql.Yes:
			return i, nil, false
		case kql.Unknown:
			isOpen = true
		default:
		}
		say(l, text)
	}
	if len(alerts) == 0 {
		why = append(why, "the input has no alert on the audit log")
	}
	return -1, why, isOpen
}

// keeps reports whether an alert's query keeps an event that gets to its workspace, and
// why not.
func (c *Context) keeps(l logAlert, e auditEvent) (kql.Truth, string) {
	text := "no audit log goes to the table " + l.query.Table + " where it looks"
	best := kql.No
	for _, category := range []string{kubeAudit, kubeAuditAdmin} {
		for _, s := range c.streams(category) {
			table, schema := tableDiagnostics, diagnosticsSchema()
			if s.dedicated {
				table, schema = tableOf(category), auditSchema()
			}
			if table != l.query.Table {
				continue
			}
			switch c.looksAt(l, s) {
			case rbacsim.Denied:
				text = "its scopes do not hold the workspace " + lastSegment(s.workspace)
				continue
			case rbacsim.Undecided:
				best, text = kql.Unknown, how("scopes", l.API.Scopes)
				continue
			default:
			}
			if e.isRead && category == kubeAuditAdmin {
				text = kubeAuditAdmin + " has no events of get and list"
				continue
			}
			for _, row := range e.rows(category, s.dedicated, idText(c.AKS().API.ID)) {
				kept, err := l.query.Keeps(schema, row)
				switch {
				case err != nil:
					return kql.Unknown, "its query, " + err.Error()
				case kept == kql.Yes && s.open == "":
					return kql.Yes, ""
				case kept == kql.Yes:
					best, text = kql.Unknown, s.open
				case kept == kql.Unknown:
					best, text = kql.Unknown, "what Kusto makes of its query for the event is not documented"
				case best == kql.No:
					text = "its query does not keep the event"
				}
			}
		}
	}
	return best, text
}

// looksAt reports whether an alert asks the workspace that a log goes to: it, what it
// is in, or the cluster, whose logs are found wherever they are.
func (c *Context) looksAt(l logAlert, s stream) rbacsim.Decision {
	scopes, ok := l.API.Scopes.Get()
	if !ok {
		return rbacsim.Undecided
	}
	looks := rbacsim.Denied
	for _, id := range scopes {
		for _, target := range []string{s.workspace, idText(c.AKS().API.ID)} {
			switch covers(id, target) {
			case rbacsim.Allowed:
				return rbacsim.Allowed
			case rbacsim.Undecided:
				looks = rbacsim.Undecided
			default:
			}
		}
	}
	return looks
}

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

// noteNoise notes what useful alerts keep of what every cluster logs all day.
func (c *Context) noteNoise(a *Answer, alerts []logAlert, useful map[int]bool) {
	for i, l := range alerts {
		if !useful[i] {
			continue
		}
		for _, e := range ordinaryEvents() {
			if kept, _ := c.keeps(l, e); kept == kql.Yes {
				a.Note("%s fires on what is ordinary, too: %s", l, e)
				break
			}
		}
	}
}
