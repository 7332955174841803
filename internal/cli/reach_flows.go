package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/netsim"
)

// flowLine is one line of --flows: the object with its members in order, so that
// the answer can be added to it as it stands.
type flowLine struct {
	members  []member
	from, to string
	port     uint16
	protocol netsim.Protocol
}

type member struct {
	key   string
	value json.RawMessage
}

// runFlows answers each line of a file by exactly one line, in order.
func (r *reach) runFlows(s *session, n *snapshot) (int, error) {
	in, err := openInput(s, r.flows)
	if err != nil {
		return 0, fmt.Errorf("--flows %s: %w", r.flows, cause(err))
	}
	defer in.Close()
	progress := s.newProgress("asking")
	defer progress.clear()
	lines := bufio.NewReaderSize(in, 1<<16)
	status := exitYes
	for number := 1; ; number++ {
		line, err := lines.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, fmt.Errorf("--flows %s: %w", r.flows, cause(err))
		}
		if line == "" {
			break
		}
		if number == 1 {
			line = strings.TrimPrefix(line, "\ufeff") // a byte order mark
		}
		outcome, err := r.answerLine(s, n, strings.TrimRight(line, "\r\n"), number)
		if err != nil {
			return 0, err
		}
		status = worse(status, outcome)
		progress.add()
		if lines.Buffered() == 0 { // whoever asks may wait for the answer before going on
			if err := s.out.Flush(); err != nil {
				return 0, fmt.Errorf("writing the answer: %w", err)
			}
		}
	}
	progress.clear()
	s.noteAssumptions(n) // beside the answer, which has exactly one line for each
	return status, nil
}

// worse ranks the outcomes of lines: could not ask, undecided, answered.
func worse(a, b int) int {
	if a == exitCouldNot || b == exitCouldNot {
		return exitCouldNot
	}
	return max(a, b)
}

func openInput(s *session, name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(s.Stdin), nil
	}
	return os.Open(name)
}

// cause is an error about a file without the file's name.
func cause(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
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
	if strings.TrimSpace(text) == "" {
		return line, errors.New("the line is empty")
	}
	if err := line.readMembers(text); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return line, errors.New("not a JSON object: it ends too early")
	} else if err != nil {
		return line, fmt.Errorf("not a JSON object: %w", err)
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

// readMembers reads an object's members in their order. Answers of an earlier
// run are left out.
func (l *flowLine) readMembers(text string) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if t, err := d.Token(); err != nil {
		return err
	} else if t != json.Delim('{') {
		return errors.New("it does not start with {")
	}
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		m := member{key: key.(string)} // only strings come here
		if err := d.Decode(&m.value); err != nil {
			return err
		}
		switch {
		case seen[m.key]:
			return fmt.Errorf("%q is there twice", m.key)
		case m.key != "decision" && m.key != "mixed" && m.key != "grounds" && m.key != "error":
			l.members = append(l.members, m)
		}
		seen[m.key] = true
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the object")
	}
	return nil
}

func (l *flowLine) find(key string) json.RawMessage {
	for _, m := range l.members {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

func (l *flowLine) get(key string, into any) error {
	value := l.find(key)
	if value == nil {
		return fmt.Errorf("%q is missing", key)
	}
	if err := json.Unmarshal(value, into); err != nil || string(value) == "null" {
		return fmt.Errorf("%q cannot be %s", key, value)
	}
	return nil
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

func (l *flowLine) add(key string, value any) {
	l.members = append(l.members, member{key, compactJSON(value)})
}

func compactJSON(value any) []byte {
	var b bytes.Buffer
	if err := writeJSON(&b, value, ""); err != nil {
		panic(err) // our own types
	}
	return bytes.TrimSpace(b.Bytes())
}

func (l *flowLine) write(w io.Writer) error {
	b := []byte("{")
	for i, m := range l.members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, compactJSON(m.key)...), ':'), m.value...)
	}
	_, err := w.Write(append(b, '}', '\n'))
	return err
}
