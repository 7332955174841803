package arm

import "fmt"

// Problem is what is wrong with a template. It is never what is merely not known.
type Problem struct { //nolint:errname // one of a list, and rarely an error
	Line, Col int // from 1, in characters; 0 where there is no place
	Text      string

	// In is the parameters file that Line and Col are of; nil means the template.
	In *Parameters
}

// Error returns the text alone: the caller knows the file.
func (p *Problem) Error() string { return p.Text }

func problemf(line, col int, format string, args ...any) *Problem {
	return &Problem{Line: line, Col: col, Text: fmt.Sprintf(format, args...)}
}
