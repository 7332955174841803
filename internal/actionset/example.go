package actionset

import "strings"

// The words that witnesses are made of, the most telling first.
const (
	segment = "x"
	endings = "read write delete x/action x/read x/write x/delete x"
	// unlikely are what no pattern at hand may have; none has a star.
	unlikely = "x z q j w k 0 9 - _ ~ *"
)

// example returns a string that the pattern matches and that will do. One of
// the unlikely letters in place of every star has to.
func (p Pattern) example(willDo func(action string) bool) string {
	if p.Literal() {
		return p.written
	}
	chunks := p.spelling()
	for ending := range strings.FieldsSeq(endings) {
		if action := filled(chunks, ending); willDo(action) {
			return action
		}
	}
	for letter := range strings.FieldsSeq(unlikely) {
		if action := strings.Join(chunks, letter); willDo(action) {
			return action
		}
	}
	return strings.Join(chunks, "*")
}

// spelling returns what stands between the stars, as written.
func (p Pattern) spelling() []string {
	chunks := strings.Split(p.written, "*")
	kept := chunks[:1]
	for i, c := range chunks[1:] {
		if c != "" || i == len(chunks)-2 {
			kept = append(kept, c)
		}
	}
	return kept
}

// filled puts a segment for each star and the ending for one that stands last.
func filled(chunks []string, ending string) string {
	last := len(chunks) - 1
	before := strings.Join(chunks[:last], segment)
	switch {
	case chunks[last] != "":
		return before + segment + chunks[last]
	case before == "":
		return segment + "/" + ending
	case strings.HasSuffix(before, "/"):
		return before + ending
	default:
		return before + "/" + ending
	}
}

// respell writes the action as the pattern and the exceptions of the set that
// match it are written. Parts of two patterns are in lower case.
func respell(action string, p Pattern, s Set) string {
	spelled := []byte(action)
	p.respell(spelled, action)
	for i := range s {
		for _, e := range s[i].Except {
			e.respell(spelled, action)
		}
	}
	return string(spelled)
}

func (p Pattern) respell(spelled []byte, action string) {
	if p.Literal() || !matches(p.chunks, action, 0) {
		return
	}
	at := 0
	chunks := p.spelling()
	for i, c := range chunks {
		switch i {
		case 0:
		case len(chunks) - 1:
			at = len(action) - len(c)
		default:
			at += index(action[at:], p.chunks[i])
		}
		at += copy(spelled[at:], c)
	}
}
