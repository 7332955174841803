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
}

func (s *session) newProgress(what string) *progress {
	now := time.Now()
	return &progress{s: s, what: what, began: now, last: now}
}

// set shows that so many of the total are done; with all done, the line goes.
func (p *progress) set(done, total int) {
	if !p.s.Terminal {
		return
	}
	now := time.Now()
	switch {
	case done >= total:
		p.clear()
	case now.Sub(p.began) > 500*time.Millisecond && now.Sub(p.last) > 100*time.Millisecond:
		fmt.Fprintf(p.s.Stderr, "\r\x1b[Kaksim: %s, %d of %d", p.what, done, total)
		p.last, p.shown = now, true
	}
}

func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.s.Stderr, "\r\x1b[K")
		p.shown = false
	}
}
