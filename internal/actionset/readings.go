package actionset

// maxElastic bounds the stars of one pattern that are spelt out; the service
// takes patterns with one star.
const maxElastic = 6

// Generous returns patterns that match strictly what this one matches in the
// generous reading: itself, and itself without each segment that may be missing
// (AZ23). For more than a few such stars they match more than that.
func (p Pattern) Generous() []Pattern {
	if !p.elastic {
		return []Pattern{p}
	}
	chunks := p.spelling()
	texts := []string{chunks[0]}
	elastic := 0
	for i, c := range chunks[1:] {
		missing := shared(chunks[i], c) == 1 // the segment between them may be
		if missing {
			elastic++
		}
		longer := make([]string, 0, 2*len(texts))
		for _, t := range texts {
			switch {
			case missing && elastic > maxElastic:
				longer = append(longer, t+"*"+c[1:]) // either of the two, and more
			case missing:
				longer = append(longer, t+"*"+c, t+c[1:])
			default:
				longer = append(longer, t+"*"+c)
			}
		}
		texts = longer
	}
	return Minimal(append([]Pattern{p}, CompileAll(texts...)...))
}

func generous(patterns []Pattern) []Pattern {
	var all []Pattern
	for _, p := range patterns {
		all = append(all, p.Generous()...)
	}
	return all
}

// Possible returns the set that holds, in the strict reading, what Match does
// not say No to. It is for proofs that nothing else is allowed.
func (s Set) Possible() Set {
	all := make(Set, len(s))
	for i, p := range s {
		all[i] = Permission{Allow: generous(p.Allow), Except: p.Except}
	}
	return all
}

// Certain returns the set that holds, in the strict reading, what one of the
// permissions says Yes to. It is for proofs that something is allowed.
func (s Set) Certain() Set {
	all := make(Set, len(s))
	for i, p := range s {
		all[i] = Permission{Allow: p.Allow, Except: generous(p.Except)}
	}
	return all
}
