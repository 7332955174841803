package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
)

// answerLines answers each line of a file by exactly one line, in order, and
// returns the worst outcome. The flag names the file in errors.
func (s *session) answerLines(flag, name string, answer func(text string, number int) (int, error)) (int, error) {
	in, err := openInput(s, name)
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", flag, name, cause(err))
	}
	defer in.Close()
	progress := s.newProgress("asking")
	defer progress.clear()
	lines := bufio.NewReaderSize(in, 1<<16)
	status := exitYes
	for number := 1; ; number++ {
		line, err := lines.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, fmt.Errorf("%s %s: %w", flag, name, cause(err))
		}
		if line == "" {
			return status, nil
		}
		if number == 1 {
			line = strings.TrimPrefix(line, "\ufeff") // a byte order mark
		}
		outcome, err := answer(strings.TrimRight(line, "\r\n"), number)
		if err != nil {
			return 0, err
		}
		status = worse(status, outcome)
		progress.add()
		if !lineWaits(lines) { // whoever asks may wait for the answer before going on
			if err := s.out.Flush(); err != nil {
				return 0, fmt.Errorf("writing the answer: %w", err)
			}
		}
	}
}

// lineWaits reports whether a whole line can be read without waiting for it.
func lineWaits(r *bufio.Reader) bool {
	waiting, err := r.Peek(r.Buffered())
	return err == nil && bytes.IndexByte(waiting, '\n') >= 0
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

// jsonObject is an object with its members in order and as they were written, so
// that an answer can be added to it.
type jsonObject struct {
	members []member
}

type member struct {
	key   string
	value json.RawMessage
}

// read reads one object, and leaves out the members to drop. What could be read is
// kept beside an error, too.
func (o *jsonObject) read(text string, drop ...string) error {
	if strings.TrimSpace(text) == "" {
		return errors.New("the line is empty")
	}
	err := o.readMembers(text, drop)
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("not a JSON object: it ends too early")
	case err != nil:
		return fmt.Errorf("not a JSON object: %w", err)
	}
	return nil
}

func (o *jsonObject) readMembers(text string, drop []string) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if t, err := d.Token(); err != nil {
		return err
	} else if t != json.Delim('{') {
		return errors.New("it does not start with {")
	}
	seen := map[string]bool{}
	for _, key := range drop {
		seen[key] = false
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		m := member{key: key.(string)} // only strings come here
		if err := d.Decode(&m.value); err != nil {
			return err
		}
		before, dropped := seen[m.key]
		switch {
		case before:
			return fmt.Errorf("%q is there twice", m.key)
		case !dropped:
			o.members = append(o.members, m)
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

func (o *jsonObject) find(key string) json.RawMessage {
	for _, m := range o.members {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

func (o *jsonObject) get(key string, into any) error {
	value := o.find(key)
	if value == nil {
		return fmt.Errorf("%q is missing%s", key, suggest.Clause(key, o.keys()))
	}
	if err := json.Unmarshal(value, into); err != nil || string(value) == "null" {
		return fmt.Errorf("%q cannot be %s", key, value)
	}
	return nil
}

func (o *jsonObject) keys() (keys []string) {
	for _, m := range o.members {
		keys = append(keys, m.key)
	}
	return keys
}

func (o *jsonObject) add(key string, value any) {
	o.members = append(o.members, member{key, compactJSON(value)})
}

func compactJSON(value any) []byte {
	var b bytes.Buffer
	if err := writeJSON(&b, value, ""); err != nil {
		panic(err) // our own types
	}
	return bytes.TrimSpace(b.Bytes())
}

func (o *jsonObject) write(w io.Writer) error {
	b := []byte("{")
	for i, m := range o.members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, compactJSON(m.key)...), ':'), m.value...)
	}
	_, err := w.Write(append(b, '}', '\n'))
	return err
}
