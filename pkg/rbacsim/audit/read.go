package audit

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
)

// Limits bound the memory that reading takes. Zero values are the defaults.
type Limits struct {
	// Line is the length in bytes of the longest line or indented object; longer
	// ones are reported and skipped. The default is 16 MiB.
	Line int
	// Requests is how many requests are remembered so that none counts twice.
	// The default is 1,000,000, at less than a hundred bytes each. Those whose
	// decision is still to come take no more bytes than a line may have.
	Requests int
}

// LineError is a line that could not be read, or something in it.
type LineError struct {
	Line int
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

func (e *LineError) Unwrap() error { return e.Err }

// Read yields the requests of a log, each once though the log has an event for
// several stages of it. They come in the order of the events that tell the
// decision; those of which no event tells it come last, in order of appearance.
//
// A *LineError is about one line, and the rest goes on; any other error is the
// reader's, and ends the sequence.
func Read(r io.Reader, limits Limits) iter.Seq2[Event, error] {
	if limits.Line <= 0 {
		limits.Line = 16 << 20
	}
	if limits.Requests <= 0 {
		limits.Requests = 1_000_000
	}
	return func(yield func(Event, error) bool) {
		s := splitter{r: bufio.NewReaderSize(r, 64<<10), max: limits.Line}
		once := counter{max: limits.Requests, maxBytes: limits.Line, done: map[digest]bool{}, open: map[digest]Event{}}
		for {
			value, line, err := s.next()
			switch {
			case errors.Is(err, io.EOF):
				once.rest(yield)
				return
			case err != nil && !isLine(err):
				if once.rest(yield) {
					yield(Event{}, err)
				}
				return
			case err != nil:
				if !yield(Event{}, err) {
					return
				}
				continue
			}
			events, err := decode(value)
			if err != nil && !yield(Event{}, &LineError{line, err}) {
				return
			}
			for i := range events {
				e, err := events[i].event(line)
				if err != nil {
					if !yield(Event{}, &LineError{line, err}) {
						return
					}
					continue
				}
				if !once.add(e, events[i].final(), yield) {
					return
				}
			}
		}
	}
}

func isLine(err error) bool {
	_, ok := errors.AsType[*LineError](err)
	return ok
}

// final reports whether no later event tells more.
func (e *apiEvent) final() bool { return e.Stage != "RequestReceived" && e.Stage != "ResponseStarted" }

// digest stands for an audit ID, which may be long.
type digest [16]byte

func digestOf(id string) digest {
	sum := sha256.Sum256([]byte(id))
	return digest(sum[:16])
}

// counter lets each request pass once.
type counter struct {
	max, maxBytes int
	done          map[digest]bool  // who has passed
	open          map[digest]Event // whose decision is to come
	bytes         int              // that open takes
	recent, held  []digest         // the keys of done and, with some passed ones, of open, oldest first
}

// add passes the event on, keeps it until the decision is known, or drops it.
func (c *counter) add(e Event, final bool, yield func(Event, error) bool) bool {
	if e.ID == "" {
		return yield(e, nil)
	}
	id := digestOf(e.ID)
	_, held := c.open[id]
	switch {
	case c.done[id]:
		return true
	case e.Decision != Unknown || final:
		c.take(id)
		return yield(e, nil)
	case held:
		return true
	}
	c.open[id] = e
	c.held = append(c.held, id)
	c.bytes += e.size()
	for len(c.held) > c.max || c.bytes > c.maxBytes {
		oldest := c.held[0]
		c.held = c.held[1:]
		if e, ok := c.take(oldest); ok && !yield(e, nil) {
			return false
		}
	}
	return true
}

// take notes that the request has passed, and returns what was kept of it.
func (c *counter) take(id digest) (Event, bool) {
	e, ok := c.open[id]
	if ok {
		delete(c.open, id)
		c.bytes -= e.size()
	} else if c.done[id] {
		return e, false
	}
	c.remember(id)
	return e, ok
}

// size is about how many bytes the event takes.
func (e Event) size() int {
	n := 400
	for _, s := range []string{
		e.ID, e.Subject.User, e.Reason, e.Request.Verb, e.Request.Group, e.Request.Resource, e.Request.Subresource,
		e.Request.Namespace, e.Request.Name, e.Request.Path,
	} {
		n += len(s)
	}
	subjects := []*Subject{&e.Subject, e.Impersonator}
	for _, s := range subjects {
		if s == nil {
			continue
		}
		for _, g := range s.Groups {
			n += 16 + len(g)
		}
	}
	return n
}

func (c *counter) remember(id digest) {
	c.done[id] = true
	c.recent = append(c.recent, id)
	if len(c.recent) > c.max {
		delete(c.done, c.recent[0])
		c.recent = c.recent[1:]
	}
}

// rest yields the requests whose decision no event told.
func (c *counter) rest(yield func(Event, error) bool) bool {
	for _, id := range c.held {
		if e, ok := c.open[id]; ok {
			delete(c.open, id)
			if !yield(e, nil) {
				return false
			}
		}
	}
	return true
}
