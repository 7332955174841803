package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/netsim"
)

// flowLine is one line of --flows.
type flowLine struct {
	jsonObject
	from, to string
	port     uint16
	protocol netsim.Protocol
}

// runFlows answers each line of a file by exactly one line, in order.
func (r *reach) runFlows(s *session, n *snapshot) (int, error) {
	status, err := s.answerLines("--flows", r.flows, func(text string, number int) (int, error) {
		return r.answerLine(s, n, text, number)
	})
	if err == nil {
		s.noteAssumptions(n) // beside the answer, which has exactly one line for each
	}
	return status, err
}

// answerLine prints the answer to a line and returns its exit status.
func (r *reach) answerLine(s *session, n *snapshot, text string, number int) (int, error) {
	var v netsim.Verdict
	line, err := parseFlowLine(text)
	if err == nil {
		v, err = r.ask(n, line)
	}
	status := exitCouldNot
	if err == nil {
		if status = exitOf(v.Decision); status == exitNo {
			status = exitYes // an answer like any other
		}
	}
	if r.output == "text" {
		if err != nil {
			_, err = fmt.Fprintf(s.out, "line %d: could not ask: %s\n", number, err)
		} else {
			_, err = fmt.Fprintf(s.out, "%s: %s\n", v.Flow(), v.Decision)
		}
		return status, err
	}
	if err != nil {
		line.add("error", err.Error())
	} else {
		line.add("decision", decisionWord(v.Decision))
		if v.Decision == netsim.Mixed {
			line.add("mixed", true)
		}
		line.add("grounds", groundsOf(v))
	}
	return status, line.write(s.out)
}

func (r *reach) ask(n *snapshot, line *flowLine) (netsim.Verdict, error) {
	from, err := r.parseEnd(n, line.from)
	if err != nil {
		return netsim.Verdict{}, err
	}
	to, err := r.parseEnd(n, line.to)
	if err != nil {
		return netsim.Verdict{}, err
	}
	v, err := n.Check(netsim.Flow{From: from, To: to, Port: line.port, Protocol: line.protocol})
	return v, r.advise(n, err, line.from, line.to)
}

// parseFlowLine reads {"from":…,"to":…,"port":…,"protocol":…}. Members that mean
// nothing here are kept as they are. What could be read comes back beside an
// error, too.
func parseFlowLine(text string) (*flowLine, error) {
	line := &flowLine{}
	if err := line.read(text, "decision", "mixed", "grounds", "error"); err != nil { // answers of an earlier run
		return line, err
	}
	if err := line.misspelt(); err != nil {
		return line, err
	}
	var port json.RawMessage
	if err := cmp.Or(line.get("from", &line.from), line.get("to", &line.to), line.get("port", &port)); err != nil {
		return line, err
	}
	number, err := strconv.ParseUint(string(port), 10, 16)
	if err != nil || number == 0 {
		return line, fmt.Errorf("port %s is no number from 1 to 65535", port)
	}
	line.port = uint16(number)
	if line.find("protocol") == nil {
		return line, nil
	}
	var protocol string
	if err := line.get("protocol", &protocol); err != nil {
		return line, err
	}
	line.protocol, err = netsim.ParseProtocol(protocol)
	return line, err
}

// misspelt finds a member that looks like one that is missing: else another question
// than the one that was meant would be answered, such as for TCP.
func (l *flowLine) misspelt() error {
	missing := slices.DeleteFunc([]string{"from", "to", "port", "protocol"}, func(key string) bool { return l.find(key) != nil })
	for _, m := range l.members {
		near := suggest.Nearest(m.key, missing)
		if len(m.key) > 2 && near == nil {
			near = slices.DeleteFunc(slices.Clone(missing), func(key string) bool { return !strings.HasPrefix(key, strings.ToLower(m.key)) })
		}
		if len(near) > 0 && l.find(near[0]) == nil && !slices.Contains([]string{"from", "to", "port", "protocol"}, m.key) {
			return fmt.Errorf("%q says nothing here (did you mean %q?)", m.key, near[0])
		}
	}
	return nil
}
