package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// whoCan is the command's flags.
type whoCan struct {
	input
	scope
	output string
}

func whoCanCommand() command {
	return command{
		name:    "who-can",
		args:    "-f FILE … VERB[,VERB…] (TYPE[/NAME] | URL)",
		summary: "says who may do something by RBAC, and by which bindings",
		long: `
Says which groups, ServiceAccounts and users RBAC lets make a request of the API
server, and by which bindings, roles and rules. Members of groups are not told
apart. The request is put as for can-i, but without -n and -A one for something
that is in no namespace is asked outside of them. Where no real request can use
what a role grants, the answer says so. Group system:masters is allowed
everything without a role, and what the Node authorizer allows to group
system:nodes is not looked at.

Several verbs make a table of who may do which.

Examples:
  aksim who-can -f deploy delete secrets -n data
  aksim who-can -f deploy get pods/log -A -o csv
  aksim who-can -f deploy create pods --subresource exec -n app
  aksim who-can -f deploy get,list,delete secrets -n data
  aksim who-can -f deploy get /metrics

Exit status: 0 somebody; 1 nobody; 2 the question could not be asked; 3 there
may be others: a role or part of one is not in the input, or it is undecided.`,
		flags: func(flags *pflag.FlagSet) func(*session, []string) (int, error) {
			w := &whoCan{}
			w.fileFlag(flags)
			w.scope.flags(flags, "default, or none for what is in none")
			outputFlag(flags, &w.output, tableFormats())
			w.serverFlags(flags)
			w.changeFlags(flags, "rolebinding/app/devops")
			return w.run
		},
	}
}

// tableFormats are the formats of answers about many.
func tableFormats() []string { return []string{"text", "json", "jsonl", "csv", "md"} }

func (w *whoCan) run(s *session, args []string) (int, error) {
	if err := w.check(args); err != nil {
		return 0, err
	}
	verbs := strings.Split(args[0], ",")
	a, err := w.authorizer(s)
	if err != nil {
		return 0, err
	}
	r, err := w.parse(s, a, verbs[0], args[1])
	if err != nil {
		return 0, err
	}
	w.place(a, &r)
	answer := &whoAnswer{authorizer: a, request: r, verbs: verbs}
	for _, verb := range verbs {
		r.Verb = verb
		s.warn(a, r)
		answer.ask(r)
	}
	if err := answer.print(s, w.output); err != nil {
		return 0, err
	}
	return answer.status(), nil
}

// check refuses arguments and flags that ask for nothing.
func (w *whoCan) check(args []string) error {
	if !slices.Contains(tableFormats(), w.output) {
		return fmt.Errorf("-o %s: want one of %s", w.output, strings.Join(tableFormats(), ", "))
	}
	switch {
	case len(w.files) == 0 && len(args) > 0:
		return w.input.check(args)
	case len(args) == 0:
		return errors.New("who can do what? say VERB TYPE[/NAME] or VERB URL; aksim who-can -h explains")
	case len(args) == 1:
		return fmt.Errorf("who can %s what? say VERB TYPE[/NAME] or VERB URL, for example %s pods", args[0], args[0])
	case len(args) > 2:
		return tooMany(args, args[2], "beside VERB TYPE[/NAME]; several verbs are one argument, as in get,list")
	}
	for i, verb := range strings.Split(args[0], ",") {
		switch {
		case verb == "":
			return fmt.Errorf("%q: a verb is empty", args[0])
		case slices.Contains(strings.Split(args[0], ",")[:i], verb):
			return fmt.Errorf("%q: the verb %s is there twice", args[0], verb)
		}
	}
	if err := w.scope.check(); err != nil {
		return err
	}
	return w.input.check(args, reader{"--api-resources", w.apiResources})
}

// place puts a question about something that is in no namespace, and for which none
// is given, where a real request asks it (RB27).
func (w *whoCan) place(a *rbacsim.Authorizer, r *rbacsim.Request) {
	res, known := a.Resources().Get(r.Group, r.Resource)
	if r.NonResource || w.everywhere || w.within != "" || !known || res.Namespaced {
		return
	}
	r.Namespace = ""
	if r.Group == "" && r.Resource == "namespaces" {
		r.Namespace = r.Name
	}
}

// whoAnswer is who may do something, or which of several things.
type whoAnswer struct {
	authorizer *rbacsim.Authorizer
	request    rbacsim.Request // with the first of the verbs
	verbs      []string
	holders    []holder // by principal
	incomplete []string
}

// holder is somebody who may do at least one of the things.
type holder struct {
	identity.Principal
	byVerb map[string]held
}

// held is how somebody may do one thing.
type held struct {
	decision, effective rbacsim.Decision
	grants              []rbacsim.Grant
}

// ask adds who may do one of the things.
func (w *whoAnswer) ask(r rbacsim.Request) {
	who := w.authorizer.WhoCan(r)
	for text := range who.Incomplete() {
		if !slices.Contains(w.incomplete, text) {
			w.incomplete = append(w.incomplete, text)
		}
	}
	for h := range who.All() {
		i, found := slices.BinarySearchFunc(w.holders, h.Principal, func(x holder, p identity.Principal) int { return x.Compare(p) })
		if !found {
			w.holders = slices.Insert(w.holders, i, holder{h.Principal, map[string]held{}})
		}
		w.holders[i].byVerb[r.Verb] = held{h.Decision, w.check(h.Principal, r.Verb).Effective, slices.Collect(h.Grants())}
	}
}

// check asks for the holder alone, without the groups that it is in.
func (w *whoAnswer) check(p identity.Principal, verb string) rbacsim.Verdict {
	subject := rbacsim.Review(p.Username())
	if p.Kind() == identity.Group {
		subject = rbacsim.Review("", p.Name())
	}
	r := w.request
	r.Verb = verb
	v, err := w.authorizer.Check(subject, r)
	if err != nil {
		return rbacsim.Verdict{} // nobody in particular: undecided
	}
	return v
}

// best is the decision about a holder: the one that is furthest from a no.
func (h holder) best() rbacsim.Decision {
	for _, held := range h.byVerb {
		if held.decision == rbacsim.Allowed {
			return rbacsim.Allowed
		}
	}
	return rbacsim.Undecided
}

// title is the question: delete secrets in data.
func (w *whoAnswer) title() string {
	text := w.request.String()
	if len(w.verbs) > 1 {
		text = strings.Join(w.verbs, ",") + strings.TrimPrefix(text, w.verbs[0])
	}
	return text
}

func (w *whoAnswer) status() int {
	status := exitNo
	for _, h := range w.holders {
		if h.best() == rbacsim.Allowed {
			status = exitYes
		} else {
			return exitUndecided
		}
	}
	if len(w.incomplete) > 0 {
		return exitUndecided
	}
	return status
}

// count says how many there are of each kind.
func (w *whoAnswer) count() string {
	byKind := map[identity.Kind]int{}
	for _, h := range w.holders {
		byKind[h.Kind()]++
	}
	var parts []string
	for _, k := range []identity.Kind{identity.Group, identity.ServiceAccount, identity.User} {
		switch n := byKind[k]; {
		case n == 1:
			parts = append(parts, "1 "+kindWord(k))
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", n, kindWord(k)))
		}
	}
	if byKind[0] > 0 {
		parts = append(parts, "perhaps anybody")
	}
	if parts == nil {
		return "nobody"
	}
	return strings.Join(parts, ", ")
}

func kindWord(k identity.Kind) string {
	switch k {
	case identity.Group:
		return "group"
	case identity.User:
		return "user"
	case identity.ServiceAccount:
		return "ServiceAccount"
	}
	return "a subject that is not understood"
}
