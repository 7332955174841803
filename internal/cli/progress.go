package cli

import (
	"fmt"
	"time"
)

// progress is a line on the terminal that says how far a long step has come.
// Where standard error is no terminal there is none.
type progress struct {
	s     *session
	what  string
	began time.Time
	last  time.Time
	shown bool
	count int
}

func (s *session) newProgress(what string) *progress {
	now := time.Now()
	return &progress{s: s, what: what, began: now, last: now}
}

// set shows that so many of the total are done; with all done, the line goes.
func (p *progress) set(done, total int) {
	if done >= total {
		p.clear()
	} else if p.due() {
		p.show("%d of %d", done, total)
	}
}

// add counts one more piece of an answer, of which no one knows the end. An
// answer that goes to a terminal is its own progress.
func (p *progress) add() {
	p.count++
	if p.count%1024 == 0 && !p.s.StdoutTerminal && p.due() {
		p.show("%d so far", p.count)
	}
}

// due reports whether the step has become long enough for a new line.
func (p *progress) due() bool {
	return p.s.StderrTerminal && time.Since(p.began) > 500*time.Millisecond && time.Since(p.last) > 100*time.Millisecond
}

func (p *progress) show(format string, args ...any) {
	fmt.Fprintf(p.s.Stderr, "\r\x1b[Kaksim: %s, "+format, append([]any{p.what}, args...)...)
	p.last, p.shown = time.Now(), true
}

func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.s.Stderr, "\r\x1b[K")
		p.shown = false
	}
}
