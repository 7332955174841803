package verify

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

// Form is what a statement says. The zero Form says nothing.
type Form uint8

// The forms of statements.
const (
	Allow       Form = iota + 1 // allow FROM -> TO[:PORT[/PROTOCOL]]
	Deny                        // deny FROM -> TO[:PORT[/PROTOCOL]]
	OnlyInto                    // only-into TARGET: FROM[:PORT[/PROTOCOL]], …
	DefaultDeny                 // default-deny NAMESPACE
	Can                         // can WHO VERB TYPE[/NAME] [-n NAMESPACE] [--subresource NAME]
	Cannot                      // cannot WHO VERB TYPE[/NAME] [-n NAMESPACE] [--subresource NAME]
	Within                      // within WHO: ROLE [in NAMESPACE], …
)

func forms() []Form { return []Form{Allow, Deny, OnlyInto, DefaultDeny, Can, Cannot, Within} }

// String returns the word that statements of the form begin with.
func (f Form) String() string {
	switch f {
	case Allow:
		return "allow"
	case Deny:
		return "deny"
	case OnlyInto:
		return "only-into"
	case DefaultDeny:
		return "default-deny"
	case Can:
		return "can"
	case Cannot:
		return "cannot"
	case Within:
		return "within"
	}
	return "Form(" + strconv.Itoa(int(f)) + ")"
}

// nothing is how an empty list is written.
const nothing = "nothing"

// Statement is a claim of one line, with the place where it is written.
type Statement struct {
	Form Form

	Flow      Flow     // of Allow and Deny
	Target    End      // of OnlyInto
	Sources   []Target // of OnlyInto; the ports are those of the target
	Namespace string   // of DefaultDeny
	Who       Who      // of Can, Cannot and Within
	Access    Access   // of Can and Cannot
	Bounds    []Bound  // of Within

	Place model.Place `json:"-"`

	written string // with the aliases that were resolved
}

// ParseStatement reads a statement:
//
//	allow app/api -> data/zep:8000
//	deny internet -> data/postgres
//	only-into data/postgres: app/api:5432, temporal/frontend:5432
//	default-deny data
//	can sa/app/api get configmaps/settings -n app
//	cannot team/app get secrets
//	within group/2d95e7c3-…: view, edit in app
//
// Ends are those of package netsim, or aliases of the claims file; an empty list is
// written nothing. WHO is a principal as identity.Parse reads it, or team/NAME.
func ParseStatement(s string) (Statement, error) {
	word, rest, _ := strings.Cut(strings.TrimSpace(s), " ")
	rest = strings.TrimSpace(rest)
	var words []string
	for _, f := range forms() {
		words = append(words, f.String())
		if f.String() != word {
			continue
		}
		st := Statement{Form: f}
		if err := st.parse(rest); err != nil {
			return Statement{}, fmt.Errorf("%q: %w", s, err)
		}
		return st, nil
	}
	return Statement{}, fmt.Errorf("%q is no statement%s; want one that begins with %s", s, suggest.Clause(word, words), strings.Join(words, ", "))
}

func (st *Statement) parse(rest string) (err error) {
	switch st.Form {
	case Allow, Deny:
		st.Flow, err = ParseFlow(rest)
	case OnlyInto:
		err = st.parseOnlyInto(rest)
	case DefaultDeny:
		var n Name
		err = n.UnmarshalText([]byte(rest))
		st.Namespace = n.Name
	case Can, Cannot:
		who, what, _ := strings.Cut(rest, " ")
		if st.Who, err = ParseWho(who); err == nil {
			st.Access, err = ParseAccess(what)
		}
	case Within:
		who, list, ok := cutList(rest)
		if !ok {
			return errors.New("want WHO: ROLE [in NAMESPACE], …")
		}
		if st.Who, err = ParseWho(who); err == nil {
			st.Bounds, err = parseList(list, ParseBound)
		}
	}
	return err
}

func (st *Statement) parseOnlyInto(rest string) (err error) {
	target, list, ok := cutList(rest)
	if !ok {
		return errors.New("want TARGET: FROM[:PORT[/PROTOCOL]], …")
	}
	if st.Target, err = ParseEnd(target); err != nil {
		return err
	}
	st.Sources, err = parseList(list, ParseTarget)
	return err
}

// cutList takes "HEAD: LIST" apart.
func cutList(s string) (head, list string, ok bool) {
	head, list, ok = strings.Cut(s, ": ")
	return strings.TrimSpace(head), strings.TrimSpace(list), ok
}

func parseList[T any](list string, parse func(string) (T, error)) ([]T, error) {
	if list == nothing {
		return nil, nil
	}
	if list == "" {
		return nil, fmt.Errorf("the list is empty: say %s", nothing)
	}
	var all []T
	for item := range strings.SplitSeq(list, ",") {
		v, err := parse(strings.TrimSpace(item))
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

func joinList[T fmt.Stringer](all []T) string {
	if len(all) == 0 {
		return nothing
	}
	var texts []string
	for _, v := range all {
		texts = append(texts, v.String())
	}
	return strings.Join(texts, ", ")
}

// String returns the statement in the grammar of ParseStatement.
func (st Statement) String() string {
	word := st.Form.String() + " "
	switch st.Form {
	case Allow, Deny:
		return word + st.Flow.String()
	case OnlyInto:
		return word + st.Target.String() + ": " + joinList(st.Sources)
	case DefaultDeny:
		return word + st.Namespace
	case Can, Cannot:
		return word + st.Who.String() + " " + st.Access.String()
	case Within:
		return word + st.Who.String() + ": " + joinList(st.Bounds)
	}
	return word
}

// MarshalText writes the statement as String does.
func (st Statement) MarshalText() ([]byte, error) { return []byte(st.String()), nil }

// UnmarshalText reads the statement as ParseStatement does.
func (st *Statement) UnmarshalText(text []byte) (err error) {
	*st, err = ParseStatement(string(text))
	return err
}

// Who is a principal, or a team of the claims file.
type Who struct {
	Team      string
	Principal identity.Principal // zero as long as Team stands for it
}

// ParseWho reads a principal as identity.Parse does, or team/NAME. There are no
// spaces in it.
func ParseWho(s string) (Who, error) {
	if s == "" || strings.ContainsAny(s, " \t\r\n") {
		return Who{}, fmt.Errorf("%q: want WHO, for example sa/app/api, group/NAME or team/NAME", s)
	}
	if team, ok := strings.CutPrefix(s, "team/"); ok {
		if team == "" {
			return Who{}, errors.New("team/ lacks the name of the team")
		}
		return Who{Team: team}, nil
	}
	p, err := identity.Parse(s)
	return Who{Principal: p}, err
}

// String returns the text in the grammar of ParseWho.
func (w Who) String() string {
	if w.Team != "" {
		return "team/" + w.Team
	}
	return w.Principal.String()
}
