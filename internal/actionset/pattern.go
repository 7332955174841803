package actionset

import "strings"

// Pattern is a compiled pattern. The zero Pattern matches the empty string
// alone, as Compile("") does.
type Pattern struct {
	written string
	// folded is the pattern in lower case, with one star where several stood in
	// a row.
	folded string
	// chunks are what lies between the stars; nil means no star.
	chunks []string
	// elastic: some star stands alone between two slashes.
	elastic bool
}

// Compile reads a pattern. Every string is one: the service refuses several
// stars, their meaning is clear all the same (AZ21).
func Compile(pattern string) Pattern {
	p := Pattern{written: pattern, folded: fold(pattern)}
	if strings.Contains(p.folded, "*") {
		p.chunks = strings.Split(p.folded, "*")
		p.elastic = strings.Contains(p.folded, "/*/")
	}
	return p
}

// CompileAll compiles patterns in their order.
func CompileAll(patterns ...string) []Pattern {
	if len(patterns) == 0 {
		return nil
	}
	compiled := make([]Pattern, len(patterns))
	for i, p := range patterns {
		compiled[i] = Compile(p)
	}
	return compiled
}

// String returns the pattern as it was written.
func (p Pattern) String() string { return p.written }

// Literal reports whether the pattern has no star: it is one action.
func (p Pattern) Literal() bool { return p.chunks == nil }

// Match reports whether the pattern matches all of the action. Case does not
// count for the letters of ASCII, which is what actions are made of (AZ20).
func (p Pattern) Match(action string) Match {
	if p.chunks == nil {
		if len(action) == len(p.folded) && hasPrefix(action, p.folded) {
			return Yes
		}
		return No
	}
	switch {
	case matches(p.chunks, action, 0):
		return Yes
	case p.elastic && matches(p.chunks, action, 1):
		return Maybe
	default:
		return No
	}
}

// matches looks for the chunks from left to right, each at the first place
// there is: that leaves the most room for those after it. With an overlap of 1
// the slashes around a star may be one and the same.
func matches(chunks []string, action string, overlap int) bool {
	last := len(chunks) - 1
	first, end := chunks[0], chunks[last]
	tail := len(action) - len(end)
	if tail < 0 || !hasPrefix(action, first) || !hasPrefix(action[tail:], end) {
		return false
	}
	at := len(first)
	for i := 1; i < last; i++ {
		from := at - min(overlap, shared(chunks[i-1], chunks[i]))
		found := index(action[from:], chunks[i])
		if found < 0 {
			return false
		}
		at = from + found + len(chunks[i])
	}
	return tail >= at || overlap > 0 && tail >= at-shared(chunks[last-1], end)
}

// shared is by how much the chunks before and after a star may overlap: not at
// all, unless what stands between them is /*/.
func shared(before, after string) int {
	if before == "" || after == "" || before[len(before)-1] != '/' || after[0] != '/' {
		return 0
	}
	return 1
}

// lower returns an ASCII letter in lower case, any other byte as it is.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

// fold returns the pattern's language in its shortest spelling.
func fold(pattern string) string {
	b := make([]byte, 0, len(pattern))
	for i := range len(pattern) {
		if pattern[i] == '*' && len(b) > 0 && b[len(b)-1] == '*' {
			continue
		}
		b = append(b, lower(pattern[i]))
	}
	return string(b)
}

// hasPrefix reports whether the text, in lower case, begins with the folded
// chunk. It looks from the chunk's end: actions begin alike.
func hasPrefix(text, chunk string) bool {
	if len(text) < len(chunk) {
		return false
	}
	text = text[:len(chunk)]
	for i := len(chunk) - 1; i >= 0; i-- {
		if c := text[i]; c != chunk[i] && lower(c) != chunk[i] {
			return false
		}
	}
	return true
}

// index returns where the text, in lower case, first holds the folded chunk,
// or -1.
func index(text, chunk string) int {
	for i := 0; i+len(chunk) <= len(text); i++ {
		if hasPrefix(text[i:], chunk) {
			return i
		}
	}
	return -1
}
