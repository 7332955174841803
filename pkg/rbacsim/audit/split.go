package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

var errTooLong = errors.New("too long")

// splitter cuts a stream into JSON values. Those that stand on one line are cut
// by line, so that a broken line does no harm to the next. Only a line that
// cannot be anything but the beginning of indented JSON makes it read on until
// the brackets are closed; the elements of an indented array are cut apart.
type splitter struct {
	r    *bufio.Reader
	max  int
	line int
	// broken is set once the reader has failed.
	broken bool
}

// next returns a value and the line where it begins. A *LineError is about that
// line only; io.EOF is the end, and other errors are the reader's.
func (s *splitter) next() (value []byte, line int, err error) {
	for {
		text, err := s.readLine()
		line = s.line
		switch {
		case errors.Is(err, errTooLong):
			return nil, line, &LineError{line, fmt.Errorf("longer than %d bytes", s.max)}
		case err != nil && (len(text) == 0 || !errors.Is(err, io.EOF)):
			return nil, line, err
		}
		if line == 1 {
			text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
		}
		switch text = element(text); string(text) {
		case "":
			continue
		case "{":
			value, err = s.indented()
		default:
			value, err = text, fault(text)
		}
		if err != nil && !s.broken {
			err = &LineError{line, err}
		}
		return value, line, err
	}
}

// trimSpace cuts off what JSON takes for space, and nothing else: a brace with other
// blanks behind it opens no object.
func trimSpace(text []byte) []byte { return bytes.Trim(text, " \t\r\n") }

// element returns a line without what stands between the elements of an array
// whose brackets are on other lines.
func element(text []byte) []byte {
	text = trimSpace(text)
	if json.Valid(text) {
		return text
	}
	text = trimSpace(bytes.TrimPrefix(text, []byte("[")))
	text = trimSpace(bytes.TrimSuffix(text, []byte(",")))
	if string(text) == "]" {
		return nil
	}
	if last := trimSpace(bytes.TrimSuffix(text, []byte("]"))); len(last) > 0 && json.Valid(last) {
		return last
	}
	return text
}

// fault says why a text holds no events: it is not JSON, or neither an object
// nor an array.
func fault(text []byte) error {
	switch {
	case !json.Valid(text):
		var value json.RawMessage
		return json.Unmarshal(text, &value)
	case text[0] != '{' && text[0] != '[':
		return errNoEvent
	}
	return nil
}

// indented reads the rest of an object whose first line is its brace alone.
func (s *splitter) indented() ([]byte, error) {
	value := []byte("{")
	for depth := 1; depth > 0; {
		text, err := s.readLine()
		switch {
		case errors.Is(err, errTooLong), len(value)+len(text) > s.max:
			return nil, fmt.Errorf("longer than %d bytes", s.max)
		case errors.Is(err, io.EOF) && len(text) == 0:
			return nil, errors.New("the object is not closed")
		case err != nil && !errors.Is(err, io.EOF):
			s.broken = true
			return nil, err
		}
		value = append(value, text...)
		depth += nesting(text)
	}
	value = element(value)
	return value, fault(value)
}

// nesting counts the objects that a line opens, less those it closes. JSON
// strings end on their line.
func nesting(text []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && c == '{':
			depth++
		case !quoted && c == '}':
			depth--
		}
	}
	return depth
}

// readLine returns the next line, its end included. Of a line that is too long
// nothing is kept.
func (s *splitter) readLine() ([]byte, error) {
	s.line++
	var line []byte
	tooLong := false
	for {
		part, err := s.r.ReadSlice('\n')
		if len(line)+len(part) > s.max {
			tooLong, line = true, nil
		}
		if !tooLong {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if tooLong && (err == nil || errors.Is(err, io.EOF)) {
			return nil, errTooLong
		}
		return line, err
	}
}
