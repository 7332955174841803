package document

import (
	"errors"
	"fmt"
)

// Limits bound what one stream may cost to read; package manifest documents
// them.
type Limits struct {
	Stream   int
	Document int
	Depth    int
}

// WithDefaults returns the limits with the zero fields filled in.
func (l Limits) WithDefaults() Limits {
	if l.Stream == 0 {
		l.Stream = 1 << 30
	}
	if l.Document == 0 {
		l.Document = 16 << 20
	}
	if l.Depth == 0 {
		l.Depth = 100
	}
	return l
}

var errDepth = errors.New("nested too deeply")

func (l Limits) depthText() string { return fmt.Sprintf("nested deeper than %d levels", l.Depth) }

func (l Limits) sizeText() string {
	if l.Document%(1<<20) == 0 {
		return fmt.Sprintf("a document larger than %d MiB", l.Document>>20)
	}
	return fmt.Sprintf("a document larger than %d bytes", l.Document)
}

// Error is why a part of a stream cannot be read.
type Error struct {
	Line, Col int // Col may be 0: not known
	Text      string
	Hint      string // the remedy, where one is known
}

// Error returns the text alone: the caller knows the file.
func (e *Error) Error() string { return e.Text }
