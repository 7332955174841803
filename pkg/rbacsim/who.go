package rbacsim

import (
	"iter"
	"math/bits"
	"slices"

	"github.com/aksim/aksim/pkg/identity"
)

// Holders is who may do something.
type Holders struct {
	request    Request
	authorizer *Authorizer
	sure, open []uint64 // sets of ranks
	anybody    bool
}

// Holder is one of them.
type Holder struct {
	// Principal is a user, ServiceAccount or group that bindings name; nobody if one
	// names somebody who is not understood, and so perhaps anybody.
	Principal identity.Principal
	// Decision is Allowed or Undecided.
	Decision Decision

	request    Request
	holder     *holder
	authorizer *Authorizer
}

// WhoCan answers to whom roles grant a request. Members of groups are not told
// apart, and group system:masters, which needs no role, is among them only if a
// binding names it.
func (a *Authorizer) WhoCan(r Request) Holders {
	w := a.whoIndex()
	h := Holders{request: r, authorizer: a, sure: make([]uint64, w.words()), open: make([]uint64, w.words())}
	var q query
	a.vocabulary.read(&q, &r)
	var ns uint32
	if !r.NonResource && r.Namespace != "" {
		ns = a.namespaces[r.Namespace]
	}
	w.rolesCovering(a.vocabulary, &q, func(role int32, open bool) {
		w.markBound(&h, role, open, ns)
	})
	for _, i := range w.openBindings {
		if w.counts(i, ns) {
			w.mark(h.open, i)
		}
	}
	h.anybody = a.ask(&a.anybody, ns, &r, &q) != Denied
	return h
}

// All yields them ordered by [identity.Principal.Compare]; whoever is not understood
// comes first.
func (h Holders) All() iter.Seq[Holder] {
	return func(yield func(Holder) bool) {
		a := h.authorizer
		if h.anybody && !yield(Holder{Decision: Undecided, request: h.request, holder: &a.anybody, authorizer: a}) {
			return
		}
		ranked := a.whoIndex().ranked
		for i, sure := range h.sure {
			for set := sure | h.open[i]; set != 0; set &= set - 1 {
				bit := bits.TrailingZeros64(set)
				who := ranked[64*i+bit]
				d := Undecided
				if sure&(1<<bit) != 0 {
					d = Allowed
				}
				if !yield(Holder{who.principal, d, h.request, who, a}) {
					return
				}
			}
		}
	}
}

// Incomplete yields why there may be others: roles that bindings name and the input
// lacks, and parts of roles that aggregate others, by binding.
func (h Holders) Incomplete() iter.Seq[string] {
	a := h.authorizer
	reaches := a.reaches(h.request)
	return a.incomplete(func(yield func(holding) bool) {
		for i, b := range a.bindings {
			inScope := b.ref.Namespace == "" || reaches(a.namespaces[b.ref.Namespace])
			doubtful := b.role == nil || b.role.absent != ""
			if inScope && doubtful && len(b.subjects) > 0 && !yield(holding{use: use{binding: int32(i)}}) {
				return
			}
		}
	})
}

// Grants yields the rules by which the holder may do it, in the order of
// [Verdict.Grants].
func (h Holder) Grants() iter.Seq[Grant] {
	return func(yield func(Grant) bool) {
		a := h.authorizer
		for held := range a.holdingsOf([]*holder{h.holder}, a.reaches(h.request)) {
			if a.covers(held, h.request) && !yield(a.grant(held)) {
				return
			}
		}
	}
}

// whoIndex leads from a request to the roles that cover it, and from those to who is
// bound to them, in flat tables: a scan of the objects themselves takes milliseconds.
type whoIndex struct {
	ranked []*holder // by principal

	// Of each cell, the roles with a rule in it.
	cells map[uint64][]posting
	urls  []posting // roles with a rule for URLs, to be asked each

	firstBinding []int32 // of each role, into bindings; one more at the end
	bindings     []int32
	namespace    []uint32 // of each binding; 0: none
	firstSubject []int32  // of each binding, into subjects; one more at the end
	subjects     []uint32 // ranks
	doubtful     []bool   // of each binding: what it grants may not be granted
	openBindings []int32  // may grant anything
}

// posting is a role with a rule in a cell.
type posting struct {
	index          *ruleIndex
	verbs, overall uint64 // on any name, and besides on some that the index knows
	role           int32
	open           bool
}

func (a *Authorizer) whoIndex() *whoIndex {
	a.who.once.Do(func() { a.who.index = a.newWhoIndex() })
	return a.who.index
}

func (a *Authorizer) newWhoIndex() *whoIndex {
	w := &whoIndex{ranked: slices.Clone(a.holders), cells: map[uint64][]posting{}}
	slices.SortFunc(w.ranked, func(x, y *holder) int { return x.principal.Compare(y.principal) })
	ranks := make([]uint32, len(a.holders)+1) // by id
	for rank, h := range w.ranked {
		ranks[h.id] = uint32(rank)
	}
	for i, r := range a.roles {
		w.firstBinding = append(w.firstBinding, int32(len(w.bindings)))
		w.bindings = append(w.bindings, r.bindings...)
		if len(r.bindings) > 0 {
			w.post(int32(i), r.sure, false)
			w.post(int32(i), r.open, true)
		}
	}
	w.firstBinding = append(w.firstBinding, int32(len(w.bindings)))
	for i, b := range a.bindings {
		w.firstSubject = append(w.firstSubject, int32(len(w.subjects)))
		w.namespace = append(w.namespace, a.namespaces[b.ref.Namespace])
		for j := range b.subjects {
			if p, ok := b.principalOf(&b.subjects[j]); ok {
				w.subjects = append(w.subjects, ranks[a.holderOf(p).id])
			}
		}
		w.doubtful = append(w.doubtful, b.open != "" || b.doubt != "")
		if b.open != "" {
			w.openBindings = append(w.openBindings, int32(i))
		}
	}
	w.firstSubject = append(w.firstSubject, int32(len(w.subjects)))
	plant(planted.who, w)
	return w
}

func (w *whoIndex) post(role int32, ix *ruleIndex, open bool) {
	if ix == nil {
		return
	}
	for i := range ix.cells {
		c := &ix.cells[i]
		w.cells[c.key] = append(w.cells[c.key], posting{ix, c.verbs, c.overall, role, open})
	}
	if len(ix.paths) > 0 || len(ix.starts) > 0 {
		w.urls = append(w.urls, posting{index: ix, role: role, open: open})
	}
}

// words returns the size of a set of ranks.
func (w *whoIndex) words() int { return (len(w.ranked) + 63) / 64 }

// rolesCovering calls the function with every role that has a rule that covers the
// request, some of them more than once.
func (w *whoIndex) rolesCovering(v *vocabulary, q *query, found func(role int32, open bool)) {
	if q.nonResource {
		for _, p := range w.urls {
			if p.index.covers(v, q) {
				found(p.role, p.open)
			}
		}
		return
	}
	look := func(page uint32, verbs uint64) {
		for _, g := range q.groups {
			for _, r := range q.resources {
				if g == noWord || r == noWord {
					continue
				}
				for _, p := range w.cells[cellKey(g, r, page)] {
					if p.verbs&verbs != 0 || p.overall&verbs != 0 && p.index.covers(v, q) {
						found(p.role, p.open)
					}
				}
			}
		}
	}
	look(0, starBit|q.bitOn(0))
	if page := q.page(); page != 0 {
		look(page, q.bitOn(page))
	}
}

// counts reports whether a binding counts in a namespace.
func (w *whoIndex) counts(binding int32, ns uint32) bool {
	return w.namespace[binding] == 0 || w.namespace[binding] == ns
}

// markBound marks everyone who is bound to a role by bindings that count.
func (w *whoIndex) markBound(h *Holders, role int32, open bool, ns uint32) {
	for _, b := range w.bindings[w.firstBinding[role]:w.firstBinding[role+1]] {
		switch {
		case !w.counts(b, ns):
		case open || w.doubtful[b]:
			w.mark(h.open, b)
		default:
			w.mark(h.sure, b)
		}
	}
}

// mark marks the subjects of a binding.
func (w *whoIndex) mark(set []uint64, binding int32) {
	for _, rank := range w.subjects[w.firstSubject[binding]:w.firstSubject[binding+1]] {
		set[rank/64] |= 1 << (rank % 64)
	}
}
