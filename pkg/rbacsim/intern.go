package rbacsim

// words numbers the words that rules use, so that a request's words are looked up
// once and compared as numbers. A word that no rule uses is 0, and * is 1.
type words map[string]uint32

const (
	noWord   = 0
	starWord = 1
)

func newWords() words { return words{wildcard: starWord} }

func (w words) add(word string) uint32 {
	n, ok := w[word]
	if !ok {
		n = uint32(len(w)) + 1
		w[word] = n
	}
	return n
}

// vocabulary is all the words of one snapshot's rules.
type vocabulary struct {
	verbs, groups, resources, names words
	longest                         int // resource
}

func newVocabulary() *vocabulary {
	return &vocabulary{verbs: newWords(), groups: newWords(), resources: newWords(), names: newWords()}
}

func (v *vocabulary) addResource(word string) uint32 {
	v.longest = max(v.longest, len(word))
	return v.resources.add(word)
}

// verbPage and verbBit place a verb in sets of verbs, which come in pages of 64:
// few clusters need a second one. The first bit of the first page is the wildcard.
func verbPage(verb uint32) uint32 { return (verb - starWord) / 64 }
func verbBit(verb uint32) uint64  { return 1 << ((verb - starWord) % 64) }

// query is a request in numbers.
type query struct {
	ready bool // false: nothing is looked up yet

	verb uint32 // 0: only wildcards

	nonResource bool
	path        string

	groups    [2]uint32 // the wildcard and the group; 0 ends the list
	resources [3]uint32 // the wildcard, the resource, and its subresource of any
	name      string
	number    uint32 // of the name, looked up when first needed
	numbered  bool
}

// read translates a request. It allocates nothing: a pointer to the request, kept
// in the query, would put it on the heap.
func (v *vocabulary) read(q *query, r *Request) {
	q.ready, q.verb = true, v.verbs[r.Verb]
	if r.NonResource {
		q.nonResource, q.path = true, r.Path
		return
	}
	q.name = r.Name
	q.groups[0] = starWord
	if g := v.groups[r.Group]; g != starWord {
		q.groups[1] = g
	}
	q.resources[0] = starWord
	n := 1
	if res := v.resource(r.Resource, r.Subresource); res > starWord {
		q.resources[n] = res
		n++
	}
	if r.Subresource != "" && r.Resource != wildcard {
		if res := v.resource(wildcard, r.Subresource); res != noWord {
			q.resources[n] = res
		}
	}
}

// resource looks a resource up as rules name it.
func (v *vocabulary) resource(resource, sub string) uint32 {
	if sub == "" {
		return v.resources[resource]
	}
	length := len(resource) + 1 + len(sub)
	if length > v.longest {
		return noWord
	}
	var buffer [128]byte
	if length > len(buffer) {
		return v.resources[resource+"/"+sub]
	}
	text := append(append(append(buffer[:0], resource...), '/'), sub...)
	return v.resources[string(text)]
}

func (v *vocabulary) nameOf(q *query) uint32 {
	if !q.numbered {
		q.number, q.numbered = v.names[q.name], true
	}
	return q.number
}
