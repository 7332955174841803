package verify

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
)

// Name is the name of a namespace, with the place where it is written.
type Name struct {
	Name  string
	Place model.Place `json:"-"`
}

var dnsLabel = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)

// String returns the name.
func (n Name) String() string { return n.Name }

// MarshalText writes the name.
func (n Name) MarshalText() ([]byte, error) { return []byte(n.Name), nil }

// UnmarshalText reads the name of a namespace.
func (n *Name) UnmarshalText(text []byte) error {
	if !dnsLabel.Match(text) {
		return fmt.Errorf("%q can't be the name of a namespace", text)
	}
	n.Name = string(text)
	return nil
}

// NamespacedName is NAMESPACE/NAME, with the place where it is written.
type NamespacedName struct {
	Namespace, Name string
	Place           model.Place `json:"-"`
}

// String returns NAMESPACE/NAME.
func (n NamespacedName) String() string { return n.Namespace + "/" + n.Name }

// MarshalText writes NAMESPACE/NAME.
func (n NamespacedName) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads NAMESPACE/NAME.
func (n *NamespacedName) UnmarshalText(text []byte) error {
	namespace, name, ok := strings.Cut(string(text), "/")
	if !ok || !dnsLabel.MatchString(namespace) || name == "" || strings.Contains(name, "/") {
		return fmt.Errorf("%q: want NAMESPACE/NAME", text)
	}
	n.Namespace, n.Name = namespace, name
	return nil
}

// Through is what a way from outside leads through.
type Through string

// The doors.
const (
	ThroughWAF      Through = "waf"
	ThroughAPIM     Through = "apim"
	ThroughIngress  Through = "ingress"
	ThroughInternal Through = "internal"
)

// Words returns the doors in order.
func (Through) Words() []string {
	return []string{string(ThroughWAF), string(ThroughAPIM), string(ThroughIngress), string(ThroughInternal)}
}

// MarshalText writes the word.
func (t Through) MarshalText() ([]byte, error) { return []byte(t), nil }

// UnmarshalText reads one of the words.
func (t *Through) UnmarshalText(text []byte) error {
	for _, w := range t.Words() {
		if w == string(text) {
			*t = Through(w)
			return nil
		}
	}
	return fmt.Errorf("%q is no door%s; want one of %s", text, suggest.Clause(string(text), t.Words()), strings.Join(t.Words(), ", "))
}

// End is one end of a flow: an endpoint of package netsim, or a name that the claims
// file gives to one. Ends are comparable; the zero End is none.
type End struct {
	Alias    string
	Endpoint netsim.Endpoint // zero as long as Alias stands for it
}

var aliasName = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)

// internetWord is no alias: netsim knows it.
const internetWord = "internet"

// ParseEnd reads an endpoint as netsim.ParseEndpoint does, or an alias: lower case
// letters, digits and dashes.
func ParseEnd(s string) (End, error) {
	if aliasName.MatchString(s) && s != internetWord {
		return End{Alias: s}, nil
	}
	e, err := netsim.ParseEndpoint(s)
	return End{Endpoint: e}, err
}

// String returns the end in the grammar of ParseEnd.
func (e End) String() string {
	if e.Alias != "" {
		return e.Alias
	}
	return e.Endpoint.String()
}

// MarshalText writes the end as String does.
func (e End) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads the end as ParseEnd does.
func (e *End) UnmarshalText(text []byte) (err error) {
	*e, err = ParseEnd(string(text))
	return err
}

// Target is an end with a port. Targets are comparable.
type Target struct {
	End
	Port     uint16 // 0: every port of every protocol
	Protocol netsim.Protocol
}

var aliasPort = regexp.MustCompile(`^([a-z][-a-z0-9]*)(:[^:]*)?$`)

// ParseTarget reads END[:PORT[/PROTOCOL]].
func ParseTarget(s string) (Target, error) {
	alias, read := "", s
	if m := aliasPort.FindStringSubmatch(s); m != nil && m[1] != internetWord && aliasName.MatchString(m[1]) {
		alias, read = m[1], "a/a"+m[2]
	}
	f, err := netsim.NewFlow(internetWord, read)
	if err != nil {
		return Target{}, err
	}
	t := Target{End{Endpoint: f.To}, f.Port, f.Protocol}
	if alias != "" {
		t.End = End{Alias: alias}
	}
	return t, nil
}

// String returns the target in the grammar of ParseTarget.
func (t Target) String() string {
	if t.Alias == "" {
		return netsim.Flow{To: t.Endpoint, Port: t.Port, Protocol: t.Protocol}.Target()
	}
	text := netsim.Flow{To: netsim.Named("a", "a"), Port: t.Port, Protocol: t.Protocol}.Target()
	return t.Alias + strings.TrimPrefix(text, "a/a")
}

// MarshalText writes the target as String does.
func (t Target) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads the target as ParseTarget does.
func (t *Target) UnmarshalText(text []byte) (err error) {
	*t, err = ParseTarget(string(text))
	return err
}

// Flow is a flow between ends, with the place where it is written.
type Flow struct {
	From  End
	To    Target
	Place model.Place `json:"-"`
}

// ParseFlow reads FROM -> TO[:PORT[/PROTOCOL]], aliases included. Without a port it
// is every port.
func ParseFlow(s string) (Flow, error) {
	from, to, ok := strings.Cut(s, "->")
	if !ok {
		return Flow{}, fmt.Errorf("%q is no flow: want FROM -> TO[:PORT[/PROTOCOL]]", s)
	}
	source, err1 := ParseEnd(strings.TrimSpace(from))
	target, err2 := ParseTarget(strings.TrimSpace(to))
	return Flow{From: source, To: target}, errors.Join(err1, err2)
}

// Netsim returns the flow as package netsim asks it, once its names are resolved.
func (f Flow) Netsim() netsim.Flow {
	return netsim.Flow{From: f.From.Endpoint, To: f.To.Endpoint, Port: f.To.Port, Protocol: f.To.Protocol}
}

// String returns the flow in the grammar of ParseFlow.
func (f Flow) String() string { return f.From.String() + " -> " + f.To.String() }

// MarshalText writes the flow as String does.
func (f Flow) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads the flow as ParseFlow does.
func (f *Flow) UnmarshalText(text []byte) (err error) {
	*f, err = ParseFlow(string(text))
	return err
}
