package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim"
)

type excessJSON struct {
	Version     int                 `json:"version"`
	Subjects    []subjectExcessJSON `json:"subjects"`
	Assumptions []string            `json:"assumptions"`
}

type subjectExcessJSON struct {
	Subject    string         `json:"subject"`
	Excess     bool           `json:"excess"`
	Requests   int            `json:"requests"` // different ones of the log
	Rules      []ruleUseJSON  `json:"rules"`
	Beyond     []boxJSON      `json:"beyondUse"` // all that it may do and did not
	NotGranted []requestJSON  `json:"notGranted"`
	Minimal    []roleRuleJSON `json:"minimal"`
	Incomplete []string       `json:"incomplete"`
}

type ruleUseJSON struct {
	grantJSON
	Requests int         `json:"requests"`
	Unused   []valueJSON `json:"unused"` // values; of a rule without requests, all are
}

type valueJSON struct {
	Path  string `json:"path"`
	Value string `json:"value"`
}

type roleRuleJSON struct {
	Namespace string `json:"namespace"`
	Rules     any    `json:"rules"`
}

// runExcess prints what the log shows no use of.
func (m *minimalRole) runExcess(s *session, a *rbacsim.Authorizer) (int, error) {
	var who []identity.Principal
	if m.as != "" {
		p, err := s.principal(a, m.as)
		if err != nil {
			return 0, asFlag(err)
		}
		who = append(who, p)
	}
	log, err := m.readAudit(s)
	if err != nil {
		return 0, err
	}
	defer log.in.Close()
	answer := a.Excess(log.uses, who...)
	if log.err != nil {
		return 0, log.err
	}
	status := log.finish(s)
	out := excessJSON{Version: 1, Subjects: []subjectExcessJSON{}, Assumptions: list(a.Assumptions())}
	some := false
	for i := range answer {
		e := &answer[i]
		has := e.HasExcess()
		some = some || has
		if len(e.Incomplete) > 0 {
			status = exitUndecided
		}
		if m.output == "json" {
			out.Subjects = append(out.Subjects, excessOf(e, has))
		} else if has || len(who) > 0 || len(e.Incomplete) > 0 {
			printExcess(s, e, has)
		}
	}
	if some {
		status = exitNo
	}
	if m.output == "json" {
		return status, writeJSON(s.out, out, "  ")
	}
	if !some && len(who) == 0 {
		fmt.Fprintf(s.out, "nobody of %d may do more than the log shows\n", len(answer))
	}
	s.assumptions(a)
	return status, nil
}

// mostExcess is how many boxes of an excess are told to people.
const mostExcess = 10

func printExcess(s *session, e *rbacsim.Excess, has bool) {
	word := "may do no more than it did"
	if has {
		word = "may do more than it did"
	}
	requests := "different requests"
	if len(e.Used) == 1 {
		requests = "request"
	}
	fmt.Fprintf(s.out, "%s %s: %d %s\n", e.Principal, word, len(e.Used), requests)
	for _, r := range e.Rights {
		if !r.IsExcess() {
			continue
		}
		use := "never used"
		if r.Requests > 0 {
			var values []string
			for _, v := range r.Unused {
				_, field, _ := strings.Cut(v.Path, ".")
				values = append(values, fmt.Sprintf("%s %q", field, v.Value))
			}
			use = "used without " + strings.Join(values, ", ")
		}
		fmt.Fprintf(s.out, "    %s: %s\n        %s\n", use, ruleText(r.Policy), strings.ReplaceAll(r.Grant.String(), "\n", "\n        "))
	}
	if has {
		boxes := e.Boxes()
		if len(boxes) == 0 {
			fmt.Fprintln(s.out, "    beyond use: "+rbacsim.TooMuch)
		}
		for _, b := range boxes[:min(len(boxes), mostExcess)] {
			fmt.Fprintf(s.out, "    beyond use: %s\n", b)
		}
		if more := len(boxes) - mostExcess; more > 0 {
			fmt.Fprintf(s.out, "    beyond use: %d more\n", more)
		}
	}
	for _, r := range e.Beyond[:min(len(e.Beyond), mostExcess)] {
		fmt.Fprintf(s.out, "    in the log, but not granted by the input: %s\n", r)
	}
	if more := len(e.Beyond) - mostExcess; more > 0 {
		fmt.Fprintf(s.out, "    in the log, but not granted by the input: %d more\n", more)
	}
	for _, text := range e.Incomplete {
		fmt.Fprintf(s.out, "    incomplete: %s\n", text)
	}
}

func excessOf(e *rbacsim.Excess, has bool) subjectExcessJSON {
	out := subjectExcessJSON{
		Subject: e.Principal.String(), Excess: has, Requests: len(e.Used), Rules: []ruleUseJSON{}, Beyond: boxesOf(e.Boxes()),
		NotGranted: []requestJSON{}, Minimal: []roleRuleJSON{}, Incomplete: list(slices.Values(e.Incomplete)),
	}
	for _, r := range e.Rights {
		use := ruleUseJSON{grantJSON: grantOf(r.Grant), Requests: r.Requests, Unused: []valueJSON{}}
		for _, v := range r.Unused {
			use.Unused = append(use.Unused, valueJSON{v.Path, v.Value})
		}
		out.Rules = append(out.Rules, use)
	}
	for _, r := range e.Beyond {
		out.NotGranted = append(out.NotGranted, requestOf(r))
	}
	if r := e.Minimum.ClusterRole; r != nil {
		out.Minimal = append(out.Minimal, roleRuleJSON{"", r.Rules})
	}
	for _, r := range e.Minimum.Roles {
		out.Minimal = append(out.Minimal, roleRuleJSON{r.Namespace, r.Rules})
	}
	return out
}
