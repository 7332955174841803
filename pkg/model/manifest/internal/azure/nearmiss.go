package azure

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// nearMisses finds keys that nobody asked for and that differ by a letter or two from
// one that somebody did, and that is not there.
func (v *view) nearMisses() {
	for _, c := range v.children {
		if c.view != nil {
			c.view.nearMisses()
		}
	}
	for _, n := range []tree.Node{v.own, v.inner} {
		for _, m := range n.Members {
			if v.isAsked(m.Name) {
				v.once(n, m)
				continue
			}
			if slices.Contains(v.s.hinted, m.Name) {
				continue
			}
			if want := v.meant(m.Name); want != "" {
				v.s.finding("near-miss-key", m.Line, m.Col, join(v.path, m.Name), "unknown key, so nothing is known of "+want, `did you mean "`+want+`"?`)
			}
		}
	}
}

// once makes sure that a key is written once, upper and lower case being the same:
// which of two counts depends on who reads them.
func (v *view) once(n tree.Node, m tree.Member) {
	last, _ := n.Member(m.Name)
	if last.Line != m.Line || last.Col != m.Col {
		v.s.fail(tree.Node{Line: last.Line, Col: last.Col}, join(v.path, last.Name), fmt.Sprintf("written twice, first in line %d", m.Line), "")
	}
}

// misspelt returns the key that was probably meant to be the name, which is not there.
func (v *view) misspelt(name string) string {
	for _, n := range []tree.Node{v.own, v.inner} {
		for _, m := range n.Members {
			if !v.isAsked(m.Name) && near(m.Name, name) {
				return m.Name
			}
		}
	}
	return ""
}

// meant returns the absent name that a key was probably meant to be.
func (v *view) meant(key string) string {
	if slices.Contains(lookalikes, strings.ToLower(key)) {
		return ""
	}
	for _, name := range v.asked {
		if similarLength(key, name) && v.isMissing(name) && near(key, name) {
			return name
		}
	}
	return ""
}

// lookalikes are keys of Azure that look like others but are none.
var lookalikes = []string{"kind", "etag", "plan", "zones", "createdon", "updatedon"} //nolint:gochecknoglobals // a constant table

func (v *view) isAsked(key string) bool {
	return slices.ContainsFunc(v.asked, func(name string) bool { return strings.EqualFold(name, key) })
}

func (v *view) isMissing(name string) bool { return !v.own.Has(name) && !v.inner.Has(name) }

// edits is how many letters may be wrong in a name.
func edits(name string) int {
	switch {
	case len(name) < 5:
		return 0
	case len(name) < 9:
		return 1
	}
	return 2
}

func similarLength(key, name string) bool {
	d, most := len(key)-len(name), edits(name)
	return most > 0 && d <= most && -d <= most
}

func near(key, name string) bool {
	return similarLength(key, name) && levenshtein.ComputeDistance(strings.ToLower(key), strings.ToLower(name)) <= edits(name)
}
