package verify

import (
	"fmt"

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
