package document

import (
	"bytes"
	"slices"
)

// Document is one JSON value, with the places its parts were written at.
type Document struct {
	JSON []byte

	// APIVersion and Kind are those that a typed list, such as a PodList, gives
	// to its items; empty elsewhere.
	APIVersion, Kind string

	// Either the JSON is the text itself, whose places are known at every so
	// many bytes, or marks tell where the parts of it came from.
	places []place
	marks  []mark
	yaml   *Part
}

// placesEvery is how many bytes of JSON there are between two known places.
const placesEvery = 4 << 10

// FromJSON returns the document that is this JSON.
func FromJSON(text []byte) *Document { return fromJSON(text, place{1, 1}) }

func fromJSON(text []byte, start place) *Document {
	return &Document{JSON: text, places: []place{start}}
}

type place struct{ line, col int }

// mark ties an offset in the JSON to a place in the YAML.
type mark struct{ offset, line, col int32 }

// Root returns the value of the whole document.
func (d *Document) Root() Value {
	start := skipSpace(d.JSON, 0)
	return Value{d.JSON, start, len(bytes.TrimRight(d.JSON, " \t\r\n"))}
}

// Extract returns a value within the document as a document of its own.
func (d *Document) Extract(v Value) *Document {
	if d.marks == nil {
		line, col := d.Position(v.start)
		return fromJSON(v.Raw(), place{line, col})
	}
	from, _ := d.markAt(v.start)
	to, _ := d.markAt(v.end)
	inner := &Document{JSON: v.Raw(), yaml: d.yaml}
	for _, m := range d.marks[from:to] {
		inner.marks = append(inner.marks, mark{m.offset - int32(v.start), m.line, m.col})
	}
	return inner
}

// markAt returns the index of the first mark at or behind an offset, and whether
// it is at it.
func (d *Document) markAt(offset int) (int, bool) {
	return slices.BinarySearchFunc(d.marks, int32(offset), func(m mark, o int32) int { return int(m.offset - o) })
}

// Position returns where the part of the document at an offset of its JSON was
// written. Lines and columns count from 1, columns in characters.
func (d *Document) Position(offset int) (line, col int) {
	if d.marks != nil {
		i, found := d.markAt(offset)
		if !found {
			i = max(i-1, 0)
		}
		return int(d.marks[i].line), int(d.marks[i].col)
	}
	offset = min(offset, len(d.JSON))
	for known := len(d.places); known*placesEvery <= offset; known++ {
		d.places = append(d.places, advance(d.places[known-1], d.JSON[(known-1)*placesEvery:known*placesEvery]))
	}
	near := offset / placesEvery
	p := advance(d.places[near], d.JSON[near*placesEvery:offset])
	return p.line, p.col
}

// Spelling returns how YAML spells the scalar at an offset of the JSON, and
// false if that is JSON's own spelling.
func (d *Document) Spelling(offset int) (string, bool) {
	if d.yaml == nil {
		return "", false
	}
	line, col := d.Position(offset)
	return d.yaml.scalarAt(place{line, col})
}

// advance returns the place behind text that begins at p.
func advance(p place, text []byte) place {
	if n := bytes.Count(text, []byte{'\n'}); n > 0 {
		p = place{p.line + n, 1}
		text = text[bytes.LastIndexByte(text, '\n')+1:]
	}
	for _, c := range text {
		if c&0xC0 != 0x80 { // the first byte of a character
			p.col++
		}
	}
	return p
}
