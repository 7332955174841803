package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
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
			return 0, s.severalClusters(k, err)
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

// whoAnswer is who may do something, or which of several things.
type whoAnswer struct {
	kubernetes *azure.Kubernetes
	authorizer *rbacsim.Authorizer // the side of RBAC
	request    rbacsim.Request     // with the first of the verbs
	verbs      []string
	holders    []holder // by principal
	places     places
	incomplete []string
}

// holder is somebody who may do at least one of the things.
type holder struct {
	identity.Principal
	entity   identity.Entity // without an object id: of whom Azure does not know
	everyone bool            // of Microsoft Entra ID
	label    string          // the display name of a group
	byVerb   map[string]held
}

// held is how somebody may do one thing.
type held struct {
	decision, effective rbacsim.Decision
	grants              []rbacsim.Grant
	assignments         []azure.Grant
	by                  azure.Side
}

// ask adds who may do one of the things.
func (w *whoAnswer) ask(r rbacsim.Request) error {
	who, err := w.kubernetes.WhoCan(r)
	if err != nil {
		return err
	}
	for text := range who.Incomplete() {
		if !slices.Contains(w.incomplete, text) {
			w.incomplete = append(w.incomplete, text)
		}
	}
	for found := range who.All() {
		h := holder{Principal: found.Principal, entity: found.Entity, everyone: found.Everyone, byVerb: map[string]held{}}
		if e, ok := w.kubernetes.Azure().Directory().Lookup(h.Name()); ok && h.Kind() == identity.Group && isAKS(w.kubernetes) && e.Name != h.Name() {
			h.label = e.Name
		}
		i, known := slices.BinarySearchFunc(w.holders, h, holder.compare)
		if !known {
			w.holders = slices.Insert(w.holders, i, h)
		}
		w.holders[i].byVerb[r.Verb] = held{
			found.Decision, w.check(h, r.Verb).Effective, slices.Collect(found.RBACGrants()), assignmentsBy(found), found.By(),
		}
	}
	return nil
}

// assignmentsBy returns the role assignments by which a holder may do something, each
// once.
func assignmentsBy(h azure.KubernetesHolder) (list []azure.Grant) {
	for g := range h.AzureGrants() {
		if !slices.ContainsFunc(list, func(x azure.Grant) bool { return x.Assignment == g.Assignment && x.Pattern == g.Pattern }) {
			list = append(list, g)
		}
	}
	return list
}

func (h holder) compare(other holder) int {
	return cmp.Or(
		h.Compare(other.Principal),
		strings.Compare(h.entity.ObjectID, other.entity.ObjectID),
		boolCompare(h.everyone, other.everyone),
	)
}

// String names the holder.
func (h holder) String() string {
	if h.everyone {
		return "everybody of Microsoft Entra ID"
	}
	if h.label != "" {
		return h.Principal.String() + " (" + h.label + ")"
	}
	return h.Principal.String()
}

// check asks for the holder alone, without the groups that it is in.
func (w *whoAnswer) check(h holder, verb string) azure.KubernetesVerdict {
	r := w.request
	r.Verb = verb
	v, err := w.kubernetes.Check(w.alone(h), r)
	if err != nil {
		return azure.KubernetesVerdict{} // nobody in particular: undecided
	}
	return v
}

// alone returns the holder without the groups that it is in.
func (w *whoAnswer) alone(h holder) azure.KubernetesSubject {
	id := h.entity.ObjectID
	switch {
	case id == "" && h.Kind() == identity.Group:
		return w.kubernetes.Review("", []string{h.Name()}, nil)
	case id == "":
		return w.kubernetes.Review(h.Username(), nil, nil)
	case h.entity.Kind == identity.Group:
		s := w.kubernetes.Review("", []string{id}, nil)
		s.Entra, s.Azure = true, azure.Subject{Groups: []string{id}}
		return s
	}
	s := w.kubernetes.Review(h.entity.Username(), nil, map[string][]string{"oid": {id}})
	s.Azure.Groups = nil
	return s
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
	for _, k := range []identity.Kind{identity.Group, identity.ServiceAccount, identity.User, identity.ManagedIdentity, identity.ServicePrincipal} {
		switch n := byKind[k]; {
		case n == 1:
			parts = append(parts, "1 "+kindWord(k))
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", n, kindWords(k)))
		}
	}
	everyone := slices.ContainsFunc(w.holders, func(h holder) bool { return h.everyone })
	if everyone {
		byKind[0]--
		parts = append(parts, "everybody of Microsoft Entra ID")
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
	case identity.ManagedIdentity:
		return "managed identity"
	case identity.ServicePrincipal:
		return "service principal"
	}
	return "a subject that is not understood"
}

func kindWords(k identity.Kind) string {
	if k == identity.ManagedIdentity {
		return "managed identities"
	}
	return kindWord(k) + "s"
}

// short puts short names for the ids of Azure's resources in a text.
func (w *whoAnswer) short(text string) string {
	if w.places == nil {
		w.places = placesOf(w.authorizer.Cluster())
	}
	return w.places.shorten(text)
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
