package identity

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// Trace is how a pod comes to act in Azure.
type Trace struct {
	Pod    *model.Pod
	Name   string // NAMESPACE/NAME
	Chains []Chain

	authority string // the host of the token service
}

// Chain is one way by which a pod comes, or fails to come, to a managed identity.
type Chain struct {
	Way        Way
	Containers []string // that go this way; none if the pod as a whole does

	// Asked is true of a way that the pod's manifests ask for, and false of one that is
	// open to every pod: the identities of the nodes.
	Asked bool

	Steps []Step // in the order in which they happen

	// Vault and Objects are what a SecretProviderClass asks for: the name of a key vault
	// and what of it.
	Vault   string
	Objects []SecretObject

	// Identity is whom the chain leads to, or would; its ObjectID is what role
	// assignments name, and empty if the input does not tell it.
	Identity Entity
}

// Way is the kind of a [Chain].
type Way uint8

// The ways, in the order in which a [Trace] has them.
const (
	// ByWebhook is workload identity as the webhook sets it up.
	ByWebhook Way = iota + 1
	// ByProjection is workload identity with a projected volume of the pod's own.
	ByProjection
	// ByIdentityBinding is workload identity by an identity binding.
	ByIdentityBinding
	// BySecretProvider is a SecretProviderClass: the driver fetches secrets.
	BySecretProvider
	// ByPodIdentity is pod identity, the forerunner of workload identity.
	ByPodIdentity
	// ByMetadata is an identity of the nodes.
	ByMetadata
)

// String returns the way as a clause that starts with by.
func (w Way) String() string {
	switch w {
	case ByWebhook:
		return "by workload identity"
	case ByProjection:
		return "by workload identity with an own token volume"
	case ByIdentityBinding:
		return "by an identity binding"
	case BySecretProvider:
		return "by a SecretProviderClass"
	case ByPodIdentity:
		return "by pod identity (legacy)"
	case ByMetadata:
		return "by the nodes' metadata service"
	}
	return "Way(" + strconv.Itoa(int(w)) + ")"
}

// StepKind is what a step is about.
type StepKind uint8

// The kinds of steps.
const (
	PodStep StepKind = iota + 1
	AccountStep
	ClassStep // a SecretProviderClass
	WebhookStep
	LabelStep
	ContainerStep // what the webhook or a mount does for a container
	TokenStep
	ClientIDStep
	IdentityStep
	IssuerStep
	CredentialStep
	TenantStep
	BindingStep // an identity binding, or one of pod identity
	MetadataStep
	// AccessStep is for what an engine of access rights adds: which roles are assigned
	// to the identity, and what they allow.
	AccessStep
)

// Step is one step of a [Chain].
type Step struct {
	Kind    StepKind
	Title   string // one or two words
	Detail  string // a clause
	Place   model.Place
	Outcome Outcome

	// Of a broken step: what should be equal and is not, what Microsoft Entra ID answers
	// (AADSTS700211, say; several may be possible), and what might help.
	Differences []Difference
	Errors      []string
	Hint        string

	// Needs is what another engine has to settle before the step is decided; nil if no
	// engine can. See [Chain.Settle].
	Needs *Need
}

// Difference is two values that should be equal.
type Difference struct {
	What                 string // issuer, subject, audience, client id, tenant, label …
	Have, Want           string
	HaveWhose, WantWhose string // who has them: the token, the credential
	HavePlace, WantPlace model.Place
	How                  string // in what they differ; empty if there is no more to say
}

// Outcome is that of the steps together: broken if any is, and OK if all are.
func (c Chain) Outcome() Outcome {
	whole := OK
	for _, s := range c.Steps {
		whole = all(whole, s.Outcome)
	}
	return whole
}

// Breaks yields the steps that are broken, then those that are undecided, each in the
// order of the chain.
func (c Chain) Breaks() iter.Seq[Step] {
	return func(yield func(Step) bool) {
		for _, o := range []Outcome{Broken, Undecided} {
			for _, s := range c.Steps {
				if s.Outcome == o && !yield(s) {
					return
				}
			}
		}
	}
}

// With returns the chain with a step more at its end.
func (c Chain) With(s Step) Chain {
	c.Steps = append(slices.Clip(c.Steps), s)
	return c
}

// Settle returns the chain with its open questions put to the function, which returns
// how one turns out, and a clause and place for it. Questions that it leaves undecided
// stay as they are.
func (c Chain) Settle(ask func(Need) (Outcome, string, model.Place)) Chain {
	c.Steps = slices.Clone(c.Steps)
	for i, s := range c.Steps {
		if s.Needs == nil {
			continue
		}
		if o, detail, place := ask(*s.Needs); o != Undecided {
			c.Steps[i].Outcome, c.Steps[i].Detail, c.Steps[i].Place, c.Steps[i].Needs = o, detail, place, nil
		}
	}
	return c
}

// Outcome is OK if every way that the pod's manifests ask for is complete, broken if
// one of them is broken. A pod that asks for none is broken.
func (t Trace) Outcome() Outcome {
	whole, asked := OK, false
	for _, c := range t.Chains {
		if c.Asked {
			whole, asked = all(whole, c.Outcome()), true
		}
	}
	if !asked {
		return Broken
	}
	return whole
}

// Settle returns the trace with the open questions of all chains put to the function;
// see [Chain.Settle].
func (t Trace) Settle(ask func(Need) (Outcome, string, model.Place)) Trace {
	t.Chains = slices.Clone(t.Chains)
	for i := range t.Chains {
		t.Chains[i] = t.Chains[i].Settle(ask)
	}
	return t
}

// Assumptions yields what the trace takes for granted since no input tells it, in a fixed
// order; nothing if it makes no use of it.
func (t Trace) Assumptions() iter.Seq[string] {
	return func(yield func(string) bool) {
		federated := slices.ContainsFunc(t.Chains, func(c Chain) bool {
			return c.Way == ByWebhook || c.Way == ByProjection || c.Way == BySecretProvider
		})
		if federated {
			_ = yield("who exchanges tokens reaches Microsoft Entra ID ("+t.authority+":443)") &&
				yield("programs ask for the client id and tenant that their environment names, and images set no others")
		}
	}
}

// String returns the lines of [Trace.Lines], without a final newline.
func (t Trace) String() string { return strings.Join(slices.Collect(t.Lines()), "\n") }

// Lines yields the trace as text: the pod and the outcome, then the chains, indented.
func (t Trace) Lines() iter.Seq[string] {
	return func(yield func(string) bool) {
		if !yield(t.Name + ": " + verdict(t.Outcome())) {
			return
		}
		for _, c := range t.Chains {
			for line := range c.Lines() {
				if !yield("    " + line) {
					return
				}
			}
		}
	}
}

// verdict is what a chain as a whole is called.
func verdict(o Outcome) string {
	if o == OK {
		return "complete"
	}
	return o.String()
}

// Lines yields the chain as text: the way and the outcome, then a line a step, indented,
// and below a step that is broken or undecided what is wrong with it.
func (c Chain) Lines() iter.Seq[string] {
	return func(yield func(string) bool) {
		head := c.Way.String()
		switch len(c.Containers) {
		case 0:
		case 1:
			head += ", container " + c.Containers[0]
		default:
			head += ", containers " + strings.Join(c.Containers, ", ")
		}
		if !c.Asked {
			head = "also " + head
		}
		if !yield(head + ": " + verdict(c.Outcome())) {
			return
		}
		for _, s := range c.Steps {
			for line := range s.lines() {
				if !yield("    " + line) {
					return
				}
			}
		}
	}
}

func (s Step) lines() iter.Seq[string] {
	return func(yield func(string) bool) {
		line := s.Title + ": " + s.Detail
		if s.Outcome != OK {
			line = s.Outcome.String() + ": " + line
		}
		if !yield(withPlace(line, s.Place)) {
			return
		}
		for _, d := range s.Differences {
			for _, line := range d.lines() {
				if !yield("    " + line) {
					return
				}
			}
		}
		if len(s.Errors) > 0 && !yield("    Microsoft Entra ID answers "+strings.Join(s.Errors, " or ")) {
			return
		}
		if s.Hint != "" && !yield("    "+s.Hint) {
			return
		}
	}
}

func (d Difference) lines() []string {
	have, want := d.HaveWhose, d.WantWhose
	if have == "" {
		have = "have"
	}
	if want == "" {
		want = "want"
	}
	width := max(len(have), len(want)) + 1
	lines := []string{
		withPlace(fmt.Sprintf("%s: %-*s %s", d.What, width, have+":", quoteBlank(d.Have)), d.HavePlace),
		withPlace(fmt.Sprintf("%*s  %-*s %s", len(d.What), "", width, want+":", quoteBlank(d.Want)), d.WantPlace),
	}
	if d.How != "" {
		lines = append(lines, strings.Repeat(" ", len(d.What)+2)+d.How)
	}
	return lines
}

// quoteBlank puts values in quotes whose ends can't be seen.
func quoteBlank(s string) string {
	if s == "" || strings.TrimSpace(s) != s {
		return strconv.Quote(s)
	}
	return s
}

func withPlace(line string, p model.Place) string {
	if p.IsZero() {
		return line
	}
	return line + "  (" + p.Short() + ")"
}
