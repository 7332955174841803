package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aksim/aksim/pkg/rbacsim"
)

// whoCan is the command's flags.
type whoCan struct {
	input
	scope
	webhook
	azureQuestion
	output string
}

func whoCanCommand() command {
	return command{
		name:    "who-can",
		args:    "-f FILE … (VERB[,VERB…] (TYPE[/NAME] | URL) | ACTION --scope ID)",
		summary: "says who may do something by RBAC and Azure, and by which bindings",
		long: `
Says which groups, ServiceAccounts and users RBAC lets make a request of the API
server, and by which bindings, roles and rules. Members of groups are not told
apart. The request is put as for can-i, but without -n and -A one for something
that is in no namespace is asked outside of them. Where no real request can use
what a role grants, the answer says so. Group system:masters is allowed
everything without a role, and what the Node authorizer allows to group
system:nodes is not looked at.

Several verbs make a table of who may do which.

Where the input has an AKS cluster with Azure RBAC, whoever role assignments let do
it is told, too. ACTION is one of Azure itself, taken at --scope; whoever has it
through a group is told then, as far as exports list members.

Examples:
  aksim who-can -f deploy delete secrets -n data
  aksim who-can -f deploy get pods/log -A -o csv
  aksim who-can -f deploy create pods --subresource exec -n app
  aksim who-can -f deploy get,list,delete secrets -n data
  aksim who-can -f deploy get /metrics
  aksim who-can -f azure Microsoft.Authorization/roleAssignments/write --scope kv-prod

Exit status: 0 somebody; 1 nobody; 2 the question could not be asked; 3 there
may be others: a role or part of one is not in the input, or it is undecided.`,
		flags: func(flags *pflag.FlagSet) func(*session, []string) (int, error) {
			w := &whoCan{}
			w.fileFlag(flags)
			w.scope.flags(flags, "default, or none for what is in none")
			w.azureQuestion.flags(flags)
			outputFlag(flags, &w.output, tableFormats())
			w.serverFlags(flags)
			w.webhook.flags(flags)
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
	if w.isAction(args) {
		return w.runAction(s, args[0])
	}
	verbs := strings.Split(args[0], ",")
	k, err := w.server(s, &w.webhook)
	if err != nil {
		return 0, err
	}
	a := k.RBAC()
	r, err := w.parse(s, a, verbs[0], args[1])
	if err != nil {
		return 0, err
	}
	w.place(a, &r)
	answer := &whoAnswer{kubernetes: k, authorizer: a, request: r, verbs: verbs}
	for _, verb := range verbs {
		r.Verb = verb
		s.warn(a, r)
		if err := answer.ask(r); err != nil {
			return 0, err
		}
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
	case w.isAction(args):
		return w.checkAzure(args[0])
	case w.givenFlag() != "":
		return onlyWithAction(w.givenFlag())
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
	if err := w.webhook.check(); err != nil {
		return err
	}
	return w.input.check(args, w.readers(reader{"--api-resources", w.apiResources})...)
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
